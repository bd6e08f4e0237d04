/* SPDX-License-Identifier: MIT */
#include "spell.h"
#include "tape_day.h"
#include "tape_delta.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/binance.md. Update ids are made of a book's number k: spot's event
 * from book j to k has U = 3j + 1 and u = 3k, so that U follows the u before; futures' has U = 5j + 3, u = 5k and pu =
 * 5j, so that only pu does. All lie above 2^53. */

#define ID_BASE       9100000000000000u
#define SPOT_STEP     3u
#define FUTURES_STEP  5u
#define SPOT_DECIMALS 8
#define STREAMS_MAX   1024

static const struct spell_market binance_markets[] = {
    { "BTCUSDT", { 8353700, 1, 5000000, 2, false, 64, 0 } },
    { "ETHUSDT", { 301250, 1, 90000000, 2, false, 64, 0 } },
    { "XRPUSDT", { 22431, 1, 40000000000, 4, false, 64, 0 } },
    { "SHIBBTC", { 97, 1, 900000000000000, 10, true, 64, 0 } },
    { "BTCUSD_PERP", { 835370, 1, 5000000, 1, false, 64, 0 } },
};

static int binance_profile(const char *symbol, struct market_profile *ret)
{
    return spell_profile(binance_markets, sizeof(binance_markets) / sizeof(binance_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", symbol, ret);
}

/* "btcusdt@depth@100ms" into its market and channel. NULL: acknowledged like a good one, then silence. */
static struct market *binance_stream(const struct market_set *markets, const char *name,
                                     enum dialect_channel *ret_channel)
{
    const char *at = strchr(name, '@');
    char symbol[MARKET_SYMBOL_SIZE] = "";

    if (at == NULL || (size_t)(at - name) >= sizeof(symbol))
        return NULL;
    for (size_t i = 0; name + i < at; i++) {
        if (isupper((unsigned char)name[i]))
            return NULL;
        symbol[i] = (char)toupper((unsigned char)name[i]);
    }
    if (strcmp(at, "@bookTicker") == 0)
        *ret_channel = CHANNEL_TOP;
    else if (strcmp(at, "@depth") == 0 || strcmp(at, "@depth@100ms") == 0)
        *ret_channel = CHANNEL_BOOK;
    else if (strcmp(at, "@trade") == 0 || strcmp(at, "@aggTrade") == 0)
        *ret_channel = CHANNEL_TRADES; /* each product speaks one of the two */
    else if (strcmp(at, "@ticker") == 0)
        *ret_channel = CHANNEL_DAY;
    else
        return NULL;
    return market_by_symbol(markets, symbol, strlen(symbol));
}

static void binance_subscribe(struct session *io, const struct market_set *markets, const cJSON *params, bool is_wanted)
{
    const cJSON *name;

    cJSON_ArrayForEach(name, params)
    {
        enum dialect_channel channel = CHANNEL_BOOK;
        struct market *m = cJSON_IsString(name) ? binance_stream(markets, name->valuestring, &channel) : NULL;
        bool is_silent = io->carries != SESSION_ALL && (io->carries == SESSION_EXTRAS) != (channel >= DIALECT_BOOKS);
        struct subscription *s = m == NULL || is_silent ? NULL : session_at(io, markets, m, channel);
        if (s != NULL && s->is_wanted != is_wanted)
            session_want(s, is_wanted, MARKET_LEVELS_MAX, 0, channel == CHANNEL_TOP);
        if (s != NULL && channel == CHANNEL_DAY)
            s->wants_snapshot = false; /* it comes when something has changed */
    }
}

static size_t binance_n_streams(const struct session *s, const struct market_set *markets)
{
    size_t n = 0;

    for (size_t i = 0; i < markets->n * DIALECT_CHANNELS; i++)
        n += s->subscriptions[i].is_wanted;
    return n;
}

static void binance_error(const char *name, struct pen *io_text)
{
    pen_string(io_text, "{\"code\":2,\"msg\":\"Invalid request: ");
    pen_string(io_text, name);
    pen_string(io_text, "\"}");
}

static void binance_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                            struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(request, "method");
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(request, "params");
    const char *verb = cJSON_IsString(method) ? method->valuestring : "";
    bool is_wanted = strcmp(verb, "SUBSCRIBE") == 0;

    io_reply->is_request = true;
    io_reply->kind = REPLY_TEXT;
    if (request == NULL) {
        pen_string(&io_reply->text, "{\"code\":3,\"msg\":\"Invalid JSON: expected value at line 1 column 1\"}");
    } else if ((!is_wanted && strcmp(verb, "UNSUBSCRIBE") != 0) || !cJSON_IsArray(params)) {
        binance_error("unknown variant", &io_reply->text);
    } else if (is_wanted && binance_n_streams(io_session, markets) + (size_t)cJSON_GetArraySize(params) > STREAMS_MAX) {
        binance_error("too many streams", &io_reply->text);
    } else {
        binance_subscribe(io_session, markets, params, is_wanted);
        pen_string(&io_reply->text, "{\"result\":null,\"id\":");
        spell_echo(&io_reply->text, request, "id", "null");
        pen_string(&io_reply->text, "}");
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static uint64_t binance_id(uint64_t step, const struct book *book)
{
    return ID_BASE + step * book->number;
}

/* Spot writes all 8 decimals, futures as many as there are. */
static uint8_t binance_decimals(bool is_spot)
{
    return is_spot ? SPOT_DECIMALS : 0;
}

static void binance_top(const struct market *m, const struct book *book, bool is_spot, struct pen *p)
{
    struct delta top;

    delta_make(NULL, book, 1, false, &top);
    spell_u64(p, "{\"u\":", binance_id(is_spot ? SPOT_STEP : FUTURES_STEP, book));
    pen_string(p, ",\"s\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"b\":");
    spell_quoted(p, top.n_bids > 0 ? top.bids[0].price : (struct number){ 0, 0 }, binance_decimals(is_spot));
    pen_string(p, ",\"B\":");
    spell_quoted(p, top.n_bids > 0 ? top.bids[0].size : (struct number){ 0, 0 }, binance_decimals(is_spot));
    pen_string(p, ",\"a\":");
    spell_quoted(p, top.n_asks > 0 ? top.asks[0].price : (struct number){ 0, 0 }, binance_decimals(is_spot));
    pen_string(p, ",\"A\":");
    spell_quoted(p, top.n_asks > 0 ? top.asks[0].size : (struct number){ 0, 0 }, binance_decimals(is_spot));
    if (!is_spot) {
        spell_u64(p, ",\"T\":", (uint64_t)book->timestamp_ms);
        spell_u64(p, ",\"E\":", (uint64_t)book->timestamp_ms);
    }
}

static void binance_diff(const struct market *m, const struct frame *f, bool is_spot, struct pen *p)
{
    static struct delta d;

    delta_make(f->from, f->book, MARKET_LEVELS_MAX, false, &d);
    spell_u64(p, "{\"e\":\"depthUpdate\",\"E\":", (uint64_t)f->book->timestamp_ms);
    if (!is_spot)
        spell_u64(p, ",\"T\":", (uint64_t)f->book->timestamp_ms);
    pen_string(p, ",\"s\":\"");
    pen_string(p, m->symbol);
    if (is_spot) {
        spell_u64(p, "\",\"U\":", binance_id(SPOT_STEP, f->from) + 1);
        spell_u64(p, ",\"u\":", binance_id(SPOT_STEP, f->book));
    } else {
        spell_u64(p, "\",\"U\":", binance_id(FUTURES_STEP, f->from) + 3);
        spell_u64(p, ",\"u\":", binance_id(FUTURES_STEP, f->book));
        spell_u64(p, ",\"pu\":", binance_id(FUTURES_STEP, f->from));
    }
    spell_rows(p, ",\"b\":", d.bids, d.n_bids, binance_decimals(is_spot), "");
    spell_rows(p, ",\"a\":", d.asks, d.n_asks, binance_decimals(is_spot), "");
}

/* Always combined: {"stream":...,"data":{...}}. */
static void binance_encode(const struct market *m, const struct subscription *s, const struct frame *f, bool is_spot,
                           struct pen *p)
{
    pen_string(p, "{\"stream\":\"");
    for (const char *at = m->symbol; *at != '\0'; at++)
        pen_bytes(p, &(char){ (char)tolower((unsigned char)*at) }, 1);
    pen_string(p, s->is_whole ? "@bookTicker\",\"data\":" : "@depth@100ms\",\"data\":");
    if (s->is_whole)
        binance_top(m, f->book, is_spot, p);
    else
        binance_diff(m, f, is_spot, p);
    pen_padding(p, f->padding);
    pen_string(p, "}}");
}

static void spot_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                        const struct frame *f, struct pen *io_text)
{
    (void)io_session;
    binance_encode(m, io_subscription, f, true, io_text);
}

static void futures_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                           const struct frame *f, struct pen *io_text)
{
    (void)io_session;
    binance_encode(m, io_subscription, f, false, io_text);
}

static void binance_closing(struct session *io_session, int64_t now_ms, struct pen *io_text)
{
    (void)io_session;
    spell_u64(io_text, "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":", (uint64_t)now_ms);
    pen_string(io_text, "}}");
}

/* Weight by limit: sheet, "REST snapshots". */
static uint32_t binance_weight(uint32_t limit, bool is_spot)
{
    if (is_spot)
        return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
    return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
}

static void binance_rest(const struct market_set *markets, const char *target, const char *path, struct rest *io_rest)
{
    char symbol[MARKET_SYMBOL_SIZE], limit[12];

    if (strncmp(target, path, strlen(path)) != 0 || target[strlen(path)] != '?')
        return;
    spell_query(target, "symbol", symbol, sizeof(symbol));
    spell_query(target, "limit", limit, sizeof(limit));
    io_rest->depth = limit[0] != '\0' ? (uint32_t)strtoul(limit, NULL, 10) : 100;
    io_rest->weight = binance_weight(io_rest->depth, strstr(path, "/api/") != NULL);
    io_rest->market = market_by_symbol(markets, symbol, strlen(symbol));
    io_rest->kind = io_rest->market != NULL ? REST_BOOK : REST_REFUSED;
    io_rest->status = 400;
    if (io_rest->market == NULL)
        pen_string(&io_rest->body, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
}

/* exchangeInfo: the keys of the sheet's "Symbols, precision, tick size", and one that is no part of a row's business.
 */
static void binance_list(const struct market_set *markets, struct pen *p)
{
    const char *comma = "";

    pen_string(p, "{\"timezone\":\"UTC\",\"rateLimits\":[],\"symbols\":[");
    for (size_t i = 0; i < markets->n; i++) {
        const struct market *m = &markets->at[i];

        pen_string(p, comma);
        pen_string(p, "{\"symbol\":\"");
        pen_string(p, m->symbol);
        pen_string(p, m->is_hidden ? "\",\"status\":\"BREAK\"" : "\",\"status\":\"TRADING\"");
        pen_string(p, ",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":");
        spell_quoted(p, (struct number){ m->profile.tick, m->profile.price_decimals }, SPOT_DECIMALS);
        pen_string(p, "},{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.00000001\"}]}");
        comma = ",";
    }
    pen_string(p, "]}");
}

static bool binance_is_list(const struct market_set *markets, const char *target, const char *path, uint32_t weight,
                            struct rest *io_rest)
{
    if (strcmp(target, path) != 0)
        return false;
    io_rest->kind = REST_TEXT;
    io_rest->weight = weight;
    binance_list(markets, &io_rest->body);
    return true;
}

static void spot_rest(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    if (!binance_is_list(markets, target, "/api/v3/exchangeInfo", 20, io_rest))
        binance_rest(markets, target, "/api/v3/depth", io_rest);
}

static void usdm_rest(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    if (!binance_is_list(markets, target, "/fapi/v1/exchangeInfo", 1, io_rest))
        binance_rest(markets, target, "/fapi/v1/depth", io_rest);
}

static void coinm_rest(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    if (!binance_is_list(markets, target, "/dapi/v1/exchangeInfo", 1, io_rest))
        binance_rest(markets, target, "/dapi/v1/depth", io_rest);
}

static void binance_snapshot(const struct book *book, uint32_t depth, bool is_spot, struct pen *p)
{
    static struct delta d;

    delta_make(NULL, book, depth, false, &d);
    spell_u64(p, "{\"lastUpdateId\":", binance_id(is_spot ? SPOT_STEP : FUTURES_STEP, book));
    if (!is_spot) {
        spell_u64(p, ",\"E\":", (uint64_t)book->timestamp_ms);
        spell_u64(p, ",\"T\":", (uint64_t)book->timestamp_ms);
    }
    spell_rows(p, ",\"bids\":", d.bids, d.n_bids, binance_decimals(is_spot), "");
    spell_rows(p, ",\"asks\":", d.asks, d.n_asks, binance_decimals(is_spot), "");
    pen_string(p, "}");
}

static void spot_rest_book(const struct market *m, const struct book *book, uint32_t depth, struct pen *io_body)
{
    (void)m;
    binance_snapshot(book, depth, true, io_body);
}

static void futures_rest_book(const struct market *m, const struct book *book, uint32_t depth, struct pen *io_body)
{
    (void)m;
    binance_snapshot(book, depth, false, io_body);
}

/* Spot pings every 20 s and wants its pong within 60 s; futures every 3 minutes and within 10. */
#define BINANCE_LIMITS(requests, weight, ping, pong)                                                                   \
    {                                                                                                                  \
        .connect_per_second = 60, .request_per_second = (requests), .origin_window_ms = 0, .idle_ms = 600000,          \
        .client_idle_ms = (pong), .ping_ms = (ping), .error_close_ms = 150, .rest_per_minute = (weight)                \
    }

const struct dialect dialect_binance = {
    .name = "binance",
    .path = "/stream",
    .symbols_default = "BTCUSDT,ETHUSDT,XRPUSDT,SHIBBTC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .limits = BINANCE_LIMITS(5, 6000, 20000, 80000),
    .market_profile = binance_profile,
    .request = binance_request,
    .error = binance_error,
    .encode = spot_encode,
    .closing = binance_closing,
    .trades = tape_binance_trades,
    .day = tape_binance_day,
    .n_trades_most = 1,
    .rest = spot_rest,
    .rest_book = spot_rest_book,
};

const struct dialect dialect_binance_usdm = {
    .name = "binance-usdm",
    .path = "/public/stream",
    .extras_path = "/market/stream",
    .symbols_default = "BTCUSDT,ETHUSDT,XRPUSDT",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .limits = BINANCE_LIMITS(10, 2400, 180000, 780000),
    .market_profile = binance_profile,
    .request = binance_request,
    .error = binance_error,
    .encode = futures_encode,
    .trades = tape_binance_aggregates,
    .day = tape_binance_usdm_day,
    .n_trades_most = 1,
    .rest = usdm_rest,
    .rest_book = futures_rest_book,
};

const struct dialect dialect_binance_coinm = {
    .name = "binance-coinm",
    .path = "/stream",
    .symbols_default = "BTCUSD_PERP,ETHUSD_PERP",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .limits = BINANCE_LIMITS(10, 2400, 180000, 780000),
    .market_profile = binance_profile,
    .request = binance_request,
    .error = binance_error,
    .encode = futures_encode,
    .trades = tape_binance_aggregates,
    .day = tape_binance_coinm_day,
    .n_trades_most = 1,
    .rest = coinm_rest,
    .rest_book = futures_rest_book,
};
