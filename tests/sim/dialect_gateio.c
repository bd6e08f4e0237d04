/* SPDX-License-Identifier: MIT */
#include "list_delta.h"
#include "spell.h"
#include "tape_delta.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/gateio.md, spot.obu. Ids of a book number k end at BASE + 3k. */

#define ID_BASE 28606981u
#define ID_STEP 3u

static const struct spell_market gateio_markets[] = {
    { "BTC_USDT", { 1059589, 1, 5000000, 1, false, 64, 0 } },
    { "PEPE_USDT", { 8897, 1, 900000000000000, 9, false, 64, 0 } },
    { "QTUM3S_USDT", { 226779, 1, 90000000000, 6, true, 64, 0 } },
};

static int gateio_profile(const char *symbol, struct market_profile *ret)
{
    return spell_profile(gateio_markets, sizeof(gateio_markets) / sizeof(gateio_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", symbol, ret);
}

/* "ob.BTC_USDT.50"; anything else is acknowledged and stays silent. */
static struct market *gateio_stream(const struct market_set *markets, const char *name, uint16_t *ret_depth)
{
    const char *dot = strrchr(name, '.');

    if (strncmp(name, "ob.", 3) != 0 || dot <= name + 3)
        return NULL;
    *ret_depth = strcmp(dot, ".50") == 0 ? 50 : strcmp(dot, ".400") == 0 ? 400 : 0;
    return *ret_depth == 0 ? NULL : market_by_symbol(markets, name + 3, (size_t)(dot - name) - 3);
}

static void gateio_head(const cJSON *request, const char *channel, const char *event, struct pen *p)
{
    pen_string(p, "{\"time\":");
    spell_echo(p, request, "time", "0");
    pen_string(p, ",\"time_ms\":1748572393840,\"conn_id\":\"5e74253e9c793974\",\"channel\":\"");
    pen_string(p, channel);
    pen_string(p, "\",\"event\":\"");
    pen_string(p, event);
    pen_string(p, "\"");
}

static void gateio_error(const char *name, struct pen *io_text)
{
    gateio_head(NULL, "spot.obu", "subscribe", io_text);
    pen_string(io_text, ",\"error\":{\"code\":2,\"message\":\"");
    pen_string(io_text, name);
    pen_string(io_text, "\"},\"result\":{\"status\":\"fail\"}}");
}

/* Trades take plain names, and of one that there is not the request fails. Returns it, or NULL. */
static const char *gateio_trades(struct session *io, const struct market_set *markets, const cJSON *payload,
                                 bool is_wanted)
{
    const cJSON *name;

    cJSON_ArrayForEach(name, payload)
    {
        const char *symbol = cJSON_IsString(name) ? name->valuestring : "";
        struct market *m = market_by_symbol(markets, symbol, strlen(symbol));
        if (m == NULL)
            return symbol;
        session_want(session_at(io, markets, m, CHANNEL_TRADES), is_wanted, 0, 0, true);
    }
    return NULL;
}

static void gateio_subscribe(struct session *io, const struct market_set *markets, const cJSON *payload, bool is_wanted)
{
    const cJSON *name;

    cJSON_ArrayForEach(name, payload)
    {
        uint16_t depth = 0;
        struct market *m = cJSON_IsString(name) ? gateio_stream(markets, name->valuestring, &depth) : NULL;
        if (m != NULL)
            session_want(session_at(io, markets, m, CHANNEL_BOOK), is_wanted, depth, 0, false);
    }
}

static void gateio_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                           struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const char *channel = spell_text(request, "channel"), *event = spell_text(request, "event");
    const cJSON *payload = cJSON_GetObjectItemCaseSensitive(request, "payload");
    bool is_wanted = strcmp(event, "subscribe") == 0;

    io_reply->kind = REPLY_TEXT;
    if (strcmp(channel, "spot.ping") == 0) {
        gateio_head(request, "spot.pong", "", &io_reply->text);
        pen_string(&io_reply->text, ",\"result\":null}");
        cJSON_Delete(request);
        return;
    }
    io_reply->is_request = true;
    if (request == NULL) {
        pen_string(&io_reply->text, "{\"error\":{\"code\":1,\"message\":\"invalid argument struct\"}}");
    } else if (strcmp(channel, "spot.trades") == 0 && cJSON_IsArray(payload)) {
        const char *unknown = gateio_trades(io_session, markets, payload, is_wanted);
        gateio_head(request, channel, event, &io_reply->text);
        pen_string(&io_reply->text, ",\"payload\":");
        spell_echo(&io_reply->text, request, "payload", "[]");
        if (unknown != NULL) {
            pen_string(&io_reply->text, ",\"error\":{\"code\":2,\"message\":\"unknown currency pair: ");
            pen_string(&io_reply->text, unknown);
            pen_string(&io_reply->text, "\"},\"result\":{\"status\":\"fail\"}}");
        } else {
            pen_string(&io_reply->text, ",\"result\":{\"status\":\"success\"}}");
            io_reply->kind = REPLY_SUBSCRIBED;
        }
    } else if (strcmp(channel, "spot.obu") != 0 || (!is_wanted && strcmp(event, "unsubscribe") != 0) ||
               !cJSON_IsArray(payload)) {
        gateio_error("unknown channel", &io_reply->text);
    } else {
        gateio_subscribe(io_session, markets, payload, is_wanted);
        gateio_head(request, channel, event, &io_reply->text);
        pen_string(&io_reply->text, ",\"payload\":");
        spell_echo(&io_reply->text, request, "payload", "[]");
        pen_string(&io_reply->text, ",\"result\":{\"status\":\"success\"}}");
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static uint64_t gateio_id(const struct book *book)
{
    return ID_BASE + ID_STEP * book->number;
}

/* A side without changes is absent. */
static void gateio_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                          const struct frame *f, struct pen *io_text)
{
    static struct delta d;
    struct pen *p = io_text;

    (void)io_session;
    delta_make(f->from, f->book, io_subscription->depth, false, &d);
    spell_u64(p, "{\"channel\":\"spot.obu\",\"result\":{\"t\":", (uint64_t)f->book->timestamp_ms);
    pen_string(p, f->from == NULL ? ",\"full\":true,\"s\":\"ob." : ",\"s\":\"ob.");
    pen_string(p, m->symbol);
    spell_u64(p, ".", io_subscription->depth);
    pen_string(p, "\"");
    if (f->from != NULL)
        spell_u64(p, ",\"U\":", gateio_id(f->from) + 1);
    spell_u64(p, ",\"u\":", gateio_id(f->book));
    if (d.n_bids > 0)
        spell_rows(p, ",\"b\":", d.bids, d.n_bids, 0, "");
    if (d.n_asks > 0)
        spell_rows(p, ",\"a\":", d.asks, d.n_asks, 0, "");
    pen_padding(p, f->padding);
    spell_u64(p, "},\"time_ms\":", (uint64_t)f->book->timestamp_ms + 5);
    pen_string(p, ",\"event\":\"update\"}");
}

static void gateio_closing(struct session *io_session, int64_t now_ms, struct pen *io_text)
{
    (void)io_session;
    spell_u64(io_text, "{\"time_ms\":", (uint64_t)now_ms);
    pen_string(io_text, ",\"channel\":\"spot.system\",\"event\":\"update\",\"result\":{\"type\":\"upgrade\"}}");
}

const struct dialect dialect_gateio = {
    .name = "gateio",
    .path = "/ws/v4/",
    .symbols_default = "BTC_USDT,PEPE_USDT,QTUM3S_USDT",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 10, .request_per_second = 50, .idle_ms = 30000, .error_close_ms = 150 },
    .market_profile = gateio_profile,
    .request = gateio_request,
    .error = gateio_error,
    .encode = gateio_encode,
    .trades = tape_gateio_trades,
    .rest = list_gateio,
    .n_trades_most = 1,
    .closing = gateio_closing,
};
