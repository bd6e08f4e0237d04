/* SPDX-License-Identifier: MIT */
#include "list_delta.h"
#include "spell.h"
#include "tape_day.h"
#include "tape_delta.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/bybit.md (v5). u counts the frames of a subscription; seq is made of
 * the book's number. */

#define U_BASE        18521288u
#define SEQUENCE_BASE 9007199254740993u
#define ARGS_SPOT_MAX 10
#define TOPICS_SIZE   21000
#define TOPIC_SIZE    64

static const uint16_t bybit_depths[] = { 1, 50, 200, 1000 };

static const struct spell_market bybit_markets[] = {
    { "BTCUSDT", { 8384121, 1, 5000000, 2, false, 64, 0 } },
    { "1000PEPEUSDT", { 88974, 1, 40000000000, 7, false, 64, 0 } },
    { "SHIBUSDC", { 1652, 1, 90000000000000, 8, true, 64, 0 } },
};

static int bybit_profile(const char *symbol, struct market_profile *ret)
{
    return spell_profile(bybit_markets, sizeof(bybit_markets) / sizeof(bybit_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", symbol, ret);
}

static void bybit_answer(const cJSON *request, bool is_well, const char *message, const char *op, struct pen *p)
{
    pen_string(p, is_well ? "{\"success\":true,\"ret_msg\":\"" : "{\"success\":false,\"ret_msg\":\"");
    pen_string(p, message);
    pen_string(p, "\",\"conn_id\":\"cejreaspqfm9se7usbrg-2xh\",\"req_id\":");
    spell_echo(p, request, "req_id", "\"\"");
    pen_string(p, ",\"op\":\"");
    pen_string(p, op);
    pen_string(p, "\"}");
}

static void bybit_error(const char *name, struct pen *io_text)
{
    bybit_answer(NULL, false, name, "subscribe", io_text);
}

#define TICKERS "tickers."

/* "orderbook.50.BTCUSDT", or with a depth of 0 "publicTrade.BTCUSDT" and "tickers.BTCUSDT". NULL: no such topic. */
static struct market *bybit_topic(const struct market_set *markets, const char *topic, uint16_t *ret_depth)
{
    char *end = NULL;
    unsigned long depth;

    *ret_depth = 0;
    if (strncmp(topic, "publicTrade.", 12) == 0)
        return market_by_symbol(markets, topic + 12, strlen(topic + 12));
    if (strncmp(topic, TICKERS, strlen(TICKERS)) == 0)
        return market_by_symbol(markets, topic + strlen(TICKERS), strlen(topic + strlen(TICKERS)));
    if (strncmp(topic, "orderbook.", 10) != 0)
        return NULL;
    depth = strtoul(topic + 10, &end, 10);
    if (*end != '.')
        return NULL;
    *ret_depth = 0;
    for (size_t i = 0; i < sizeof(bybit_depths) / sizeof(bybit_depths[0]); i++)
        *ret_depth = bybit_depths[i] == depth ? bybit_depths[i] : *ret_depth;
    return *ret_depth == 0 ? NULL : market_by_symbol(markets, end + 1, strlen(end + 1));
}

/* One topic that does not exist fails the whole request. Returns its name or NULL. */
static const char *bybit_check(const struct market_set *markets, const cJSON *args)
{
    const cJSON *topic;
    uint16_t depth;

    cJSON_ArrayForEach(topic, args)
    {
        if (!cJSON_IsString(topic))
            return "";
        if (bybit_topic(markets, topic->valuestring, &depth) == NULL)
            return topic->valuestring;
    }
    return NULL;
}

static void bybit_subscribe(struct session *io, const struct market_set *markets, const cJSON *args, bool is_wanted,
                            bool is_spot)
{
    const cJSON *topic;

    cJSON_ArrayForEach(topic, args)
    {
        uint16_t depth = 0;
        struct market *m = bybit_topic(markets, topic->valuestring, &depth);
        if (strncmp(topic->valuestring, TICKERS, strlen(TICKERS)) == 0) {
            session_want(session_at(io, markets, m, CHANNEL_DAY), is_wanted, 0, 0, true);
            if (is_spot) /* of linear one comes at once, of spot that is not said */
                session_at(io, markets, m, CHANNEL_DAY)->wants_snapshot = false;
        } else if (depth == 0)
            session_want(session_at(io, markets, m, CHANNEL_TRADES), is_wanted, 0, 0, true);
        else
            session_want(session_at(io, markets, m, depth == 1 ? CHANNEL_TOP : CHANNEL_BOOK), is_wanted, depth, 0,
                         depth == 1);
    }
}

static void bybit_request(struct session *io, const struct market_set *markets, const char *bytes, size_t n,
                          int args_max, struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const cJSON *args = cJSON_GetObjectItemCaseSensitive(request, "args");
    const char *verb = spell_text(request, "op"), *unknown = bybit_check(markets, args);
    bool is_wanted = strcmp(verb, "subscribe") == 0;
    char message[TOPIC_SIZE * 2] = "error:request";

    io_reply->kind = REPLY_TEXT;
    if (strcmp(verb, "ping") == 0) {
        bybit_answer(request, true, "pong", "ping", &io_reply->text);
        cJSON_Delete(request);
        return;
    }
    io_reply->is_request = true;
    if ((!is_wanted && strcmp(verb, "unsubscribe") != 0) || !cJSON_IsArray(args) || n > TOPICS_SIZE) {
        bybit_answer(request, false, message, "subscribe", &io_reply->text);
    } else if (args_max > 0 && cJSON_GetArraySize(args) > args_max) {
        bybit_answer(request, false, "args size >10", verb, &io_reply->text);
    } else if (unknown != NULL) {
        struct pen text;
        pen_init(&text, message, sizeof(message) - 1);
        pen_string(&text, "Invalid topic:");
        pen_string(&text, unknown);
        message[text.used] = '\0';
        bybit_answer(request, false, message, verb, &io_reply->text);
    } else {
        bybit_subscribe(io, markets, args, is_wanted, args_max > 0);
        bybit_answer(request, true, "", verb, &io_reply->text);
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static void spot_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                         struct reply *io_reply)
{
    bybit_request(io_session, markets, bytes, n, ARGS_SPOT_MAX, io_reply);
}

static void linear_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                           struct reply *io_reply)
{
    bybit_request(io_session, markets, bytes, n, 0, io_reply);
}

/* The order of the keys differs between the products, as it does there. */
static void bybit_encode(const struct market *m, const struct subscription *s, const struct frame *f, bool is_spot,
                         struct pen *p)
{
    const char *type = f->from == NULL ? ",\"type\":\"snapshot\"" : ",\"type\":\"delta\"";
    static struct delta d;

    delta_make(f->from, f->book, s->depth, false, &d);
    spell_u64(p, "{\"topic\":\"orderbook.", s->depth);
    pen_string(p, ".");
    pen_string(p, m->symbol);
    pen_string(p, "\"");
    pen_string(p, is_spot ? "" : type);
    spell_u64(p, ",\"ts\":", (uint64_t)f->book->timestamp_ms);
    pen_string(p, is_spot ? type : "");
    pen_string(p, ",\"data\":{\"s\":\"");
    pen_string(p, m->symbol);
    spell_rows(p, "\",\"b\":", d.bids, d.n_bids, m->profile.price_decimals, "");
    spell_rows(p, ",\"a\":", d.asks, d.n_asks, m->profile.price_decimals, "");
    spell_u64(p, ",\"u\":", U_BASE + s->n_sent);
    spell_u64(p, ",\"seq\":", SEQUENCE_BASE + f->book->number);
    pen_padding(p, f->padding);
    spell_u64(p, "},\"cts\":", (uint64_t)f->book->timestamp_ms);
    pen_string(p, "}");
}

static void spot_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                        const struct frame *f, struct pen *io_text)
{
    (void)io_session;
    bybit_encode(m, io_subscription, f, true, io_text);
}

static void linear_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                          const struct frame *f, struct pen *io_text)
{
    (void)io_session;
    bybit_encode(m, io_subscription, f, false, io_text);
}

#define BYBIT_LIMITS                                                                                                   \
    {                                                                                                                  \
        .connect_per_second = 10, .request_per_second = 100, .idle_ms = 600000, .client_idle_ms = 600000,              \
        .error_close_ms = 150                                                                                          \
    }

const struct dialect dialect_bybit = {
    .name = "bybit",
    .path = "/v5/public/spot",
    .symbols_default = "BTCUSDT,1000PEPEUSDT,SHIBUSDC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = BYBIT_LIMITS,
    .market_profile = bybit_profile,
    .request = spot_request,
    .error = bybit_error,
    .encode = spot_encode,
    .trades = tape_bybit_spot_trades,
    .day = tape_bybit_day,
    .rest = list_bybit,
    .n_trades_most = 10,
};

const struct dialect dialect_bybit_linear = {
    .name = "bybit-linear",
    .path = "/v5/public/linear",
    .symbols_default = "BTCUSDT,1000PEPEUSDT,SHIBUSDC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = BYBIT_LIMITS,
    .market_profile = bybit_profile,
    .request = linear_request,
    .error = bybit_error,
    .encode = linear_encode,
    .trades = tape_bybit_linear_trades,
    .day = tape_bybit_linear_day,
    .rest = list_bybit,
    .n_trades_most = 10,
};
