/* SPDX-License-Identifier: MIT */
#include "list_delta.h"
#include "spell.h"
#include "tape_delta.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/bitget.md (v2, spot). seq lies above 2^53, as coin-margined ones do.
 */

#define ID_BASE          1483653649000000000u
#define ID_STEP          13u
#define DEPTH            500
#define ARGS_MAX         10
#define REQUEST_SIZE_MAX 4096

static const struct spell_market bitget_markets[] = {
    { "BTCUSDT", { 8384121, 1, 5000000, 2, false, 64, 0 } },
    { "VVSUSDT", { 2314, 1, 900000000000000, 8, false, 64, 0 } },
    { "MAVUSDT", { 1039, 1, 400000000000, 5, true, 64, 0 } },
};

static int bitget_profile(const char *symbol, struct market_profile *ret)
{
    return spell_profile(bitget_markets, sizeof(bitget_markets) / sizeof(bitget_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", symbol, ret);
}

static void bitget_arg(struct pen *p, const char *channel, const char *symbol)
{
    pen_string(p, "\"arg\":{\"instType\":\"SPOT\",\"channel\":\"");
    pen_string(p, channel);
    pen_string(p, "\",\"instId\":\"");
    pen_string(p, symbol);
    pen_string(p, "\"}");
}

static void bitget_error(const char *name, struct pen *io_text)
{
    pen_string(io_text, "{\"event\":\"error\",\"code\":30016,\"msg\":\"Param error: ");
    pen_string(io_text, name);
    pen_string(io_text, "\"}");
}

static void bitget_unknown(const char *channel, const char *symbol, struct pen *p)
{
    pen_string(p, "{\"event\":\"error\",");
    bitget_arg(p, channel, symbol);
    pen_string(p, ",\"code\":30001,\"msg\":\"instType:SPOT,channel:");
    pen_string(p, channel);
    pen_string(p, ",instId:");
    pen_string(p, symbol);
    pen_string(p, " doesn't exist\"}");
}

/* One acknowledgement or error an arg; a wrong product type is acknowledged and stays silent. */
static bool bitget_one(struct session *io, const struct market_set *markets, const cJSON *arg, bool is_wanted,
                       struct reply *io_reply)
{
    const char *channel = spell_text(arg, "channel"), *symbol = spell_text(arg, "instId");
    struct market *m = market_by_symbol(markets, symbol, strlen(symbol));
    bool is_best = strcmp(channel, "books1") == 0, is_book = strcmp(channel, "books") == 0;

    if (m == NULL || (!is_best && !is_book && strcmp(channel, "trade") != 0)) {
        bitget_unknown(channel, symbol, &io_reply->text);
        reply_next(io_reply);
        return false;
    }
    pen_string(&io_reply->text, is_wanted ? "{\"event\":\"subscribe\"," : "{\"event\":\"unsubscribe\",");
    bitget_arg(&io_reply->text, channel, symbol);
    pen_string(&io_reply->text, "}");
    reply_next(io_reply);
    if (strcmp(spell_text(arg, "instType"), "SPOT") != 0)
        return true;
    if (!is_best && !is_book)
        session_want(session_at(io, markets, m, CHANNEL_TRADES), is_wanted, 0, 0, true);
    else
        session_want(session_at(io, markets, m, is_best ? CHANNEL_TOP : CHANNEL_BOOK), is_wanted, is_best ? 1 : DEPTH,
                     0, is_best);
    return true;
}

static void bitget_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                           struct reply *io_reply)
{
    const cJSON *arg, *args;
    const char *verb;
    bool is_wanted;
    cJSON *request;

    io_reply->kind = REPLY_TEXT;
    if (n == 4 && memcmp(bytes, "ping", 4) == 0) {
        pen_string(&io_reply->text, "pong");
        return;
    }
    io_reply->is_request = true;
    request = dialect_parse(bytes, n);
    args = cJSON_GetObjectItemCaseSensitive(request, "args");
    verb = spell_text(request, "op");
    is_wanted = strcmp(verb, "subscribe") == 0;
    if ((!is_wanted && strcmp(verb, "unsubscribe") != 0) || !cJSON_IsArray(args) || n > REQUEST_SIZE_MAX ||
        cJSON_GetArraySize(args) > ARGS_MAX) {
        bitget_error("op", &io_reply->text);
    } else {
        cJSON_ArrayForEach(arg, args)
        {
            if (bitget_one(io_session, markets, arg, is_wanted, io_reply))
                io_reply->kind = REPLY_SUBSCRIBED;
        }
    }
    cJSON_Delete(request);
}

static uint64_t bitget_sequence(const struct book *book)
{
    return ID_BASE + ID_STEP * book->number;
}

static void bitget_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                          const struct frame *f, struct pen *io_text)
{
    static struct delta d;
    struct pen *p = io_text;

    (void)io_session;
    delta_make(f->from, f->book, io_subscription->depth, false, &d);
    pen_string(p, f->from == NULL ? "{\"action\":\"snapshot\"," : "{\"action\":\"update\",");
    bitget_arg(p, io_subscription->is_whole ? "books1" : "books", m->symbol);
    spell_rows(p, ",\"data\":[{\"asks\":", d.asks, d.n_asks, 4, "");
    spell_rows(p, ",\"bids\":", d.bids, d.n_bids, 4, "");
    spell_u64(p, ",\"ts\":\"", (uint64_t)f->book->timestamp_ms);
    spell_u64(p, "\",\"seq\":", bitget_sequence(f->book));
    spell_u64(p, ",\"pseq\":", f->from == NULL ? 0 : bitget_sequence(f->from));
    pen_padding(p, f->padding);
    spell_u64(p, "}],\"ts\":", (uint64_t)f->book->timestamp_ms + 1);
    pen_string(p, "}");
}

const struct dialect dialect_bitget = {
    .name = "bitget",
    .path = "/v2/ws/public",
    .symbols_default = "BTCUSDT,VVSUSDT,MAVUSDT",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 10,
                .request_per_second = 10,
                .request_per_hour = 240,
                .idle_ms = 120000,
                .client_idle_ms = 120000,
                .error_close_ms = 150 },
    .market_profile = bitget_profile,
    .request = bitget_request,
    .error = bitget_error,
    .encode = bitget_encode,
    .trades = tape_bitget_trades,
    .rest = list_bitget,
    .n_trades_past = 30,
    .n_trades_most = 50,
};
