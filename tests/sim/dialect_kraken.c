/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"
#include "spell.h"
#include "tape_sheets.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/kraken.md, v2. The checksum is the simulator's own: the text of the
 * best ten of each side without points and leading zeros, in a CRC-32 made bit by bit. */

#define SIZE_DECIMALS   8
#define CHECKSUM_LEVELS 10
#define NUMBER_SIZE     48

static const uint16_t kraken_depths[] = { 10, 25, 100, 500, 1000 };

static const struct spell_market kraken_markets[] = {
    { "BTC/USD", { 628070, 1, 5000000, 1, false, 64, 0 } },
    { "SC/EUR", { 4313, 1, 3000000000000, 5, false, 64, 0 } },
    { "PEPE/USD", { 88974, 1, 40000000000000, 10, true, 64, 0 } },
};

static int kraken_profile(const char *symbol, struct market_profile *ret)
{
    if (strchr(symbol, '/') == NULL)
        return -1;
    return spell_profile(kraken_markets, sizeof(kraken_markets) / sizeof(kraken_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.", symbol, ret);
}

static uint32_t crc_bits(uint32_t crc, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
    }
    return crc;
}

/* As it is printed, so without its point: the digits from the first that is not zero. */
static uint32_t crc_number(uint32_t crc, struct number n, uint8_t decimals)
{
    char text[NUMBER_SIZE], digits[NUMBER_SIZE];
    struct pen pen;
    size_t used = 0;

    pen_init(&pen, text, sizeof(text));
    pen_padded(&pen, n, decimals);
    for (size_t i = 0; i < pen.used; i++) {
        if (text[i] != '.' && (used > 0 || text[i] != '0'))
            digits[used++] = text[i];
    }
    return crc_bits(crc, digits, used);
}

static uint32_t crc_side(uint32_t crc, const struct delta_level *side, unsigned n, uint8_t price_decimals)
{
    for (unsigned i = 0; i < n && i < CHECKSUM_LEVELS; i++) {
        crc = crc_number(crc, side[i].price, price_decimals);
        crc = crc_number(crc, side[i].size, SIZE_DECIMALS);
    }
    return crc;
}

static uint32_t kraken_checksum(const struct book *book, uint8_t price_decimals)
{
    static struct delta whole;
    uint32_t crc = 0xffffffffu;

    delta_make(NULL, book, CHECKSUM_LEVELS, false, &whole);
    crc = crc_side(crc, whole.asks, whole.n_asks, price_decimals);
    crc = crc_side(crc, whole.bids, whole.n_bids, price_decimals);
    return ~crc;
}

static void kraken_greeting(struct session *io_session, struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text,
               "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.10\",\"system\":\"online\","
               "\"api_version\":\"v2\",\"connection_id\":15113583034416118705}]}");
}

static void kraken_times(const cJSON *request, struct pen *p)
{
    pen_string(p, ",\"time_in\":\"2026-08-16T23:54:19.629313Z\",\"time_out\":\"2026-08-16T23:54:19.629343Z\"");
    if (cJSON_HasObjectItem(request, "req_id")) {
        pen_string(p, ",\"req_id\":");
        spell_echo(p, request, "req_id", "0");
    }
    pen_string(p, "}");
}

static void kraken_refuse(const cJSON *request, const char *method, const char *error, const char *symbol,
                          struct pen *p)
{
    pen_string(p, "{\"error\":\"");
    pen_string(p, error);
    pen_string(p, symbol);
    pen_string(p, "\",\"method\":\"");
    pen_string(p, method);
    pen_string(p, "\",\"success\":false");
    if (*symbol != '\0') {
        pen_string(p, ",\"symbol\":\"");
        pen_string(p, symbol);
        pen_string(p, "\"");
    }
    kraken_times(request, p);
}

static void kraken_error(const char *name, struct pen *io_text)
{
    kraken_refuse(NULL, "subscribe", name, "", io_text);
}

static void kraken_ack(const cJSON *request, const char *method, uint16_t depth, const char *symbol, struct pen *p)
{
    pen_string(p, "{\"method\":\"");
    pen_string(p, method);
    spell_u64(p, "\",\"result\":{\"channel\":\"book\",\"depth\":", depth);
    pen_string(p, ",\"snapshot\":true,\"symbol\":\"");
    pen_string(p, symbol);
    pen_string(p, "\"},\"success\":true");
    kraken_times(request, p);
}

/* {"channel":"trade","snapshot":true,"symbol":"BTC/USD"} */
static void kraken_trades(struct session *io, const struct market_set *markets, const cJSON *request, bool is_wanted,
                          struct reply *io_reply)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(request, "params"), *symbol;
    const char *method = is_wanted ? "subscribe" : "unsubscribe";
    bool is_past = !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(params, "snapshot"));

    cJSON_ArrayForEach(symbol, cJSON_GetObjectItemCaseSensitive(params, "symbol"))
    {
        const char *name = cJSON_IsString(symbol) ? symbol->valuestring : "";
        struct market *m = market_by_symbol(markets, name, strlen(name));
        struct subscription *s = m == NULL ? NULL : session_at(io, markets, m, CHANNEL_TRADES);
        if (s == NULL || s->is_wanted == is_wanted) {
            kraken_refuse(request, method, s == NULL ? "Currency pair not supported " : "Already subscribed",
                          s == NULL ? name : "", &io_reply->text);
        } else {
            session_want(s, is_wanted, 0, 0, true);
            s->wants_snapshot = is_past;
            pen_string(&io_reply->text, "{\"method\":\"");
            pen_string(&io_reply->text, method);
            pen_string(&io_reply->text, "\",\"result\":{\"channel\":\"trade\",\"snapshot\":true,\"symbol\":\"");
            pen_string(&io_reply->text, name);
            pen_string(&io_reply->text, "\"},\"success\":true");
            kraken_times(request, &io_reply->text);
            io_reply->kind = REPLY_SUBSCRIBED;
        }
        reply_next(io_reply);
    }
}

/* One answer a symbol. */
static void kraken_book(struct session *io, const struct market_set *markets, const cJSON *request, bool is_wanted,
                        struct reply *io_reply)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(request, "params"), *symbol;
    const cJSON *asked = cJSON_GetObjectItemCaseSensitive(params, "depth");
    const char *method = is_wanted ? "subscribe" : "unsubscribe";
    uint16_t depth = 0;

    for (size_t i = 0; i < sizeof(kraken_depths) / sizeof(kraken_depths[0]); i++) {
        if ((asked == NULL && i == 0) || (cJSON_IsNumber(asked) && asked->valueint == kraken_depths[i]))
            depth = kraken_depths[i];
    }
    if (depth == 0) {
        kraken_refuse(request, method, "Subscription depth not supported", "", &io_reply->text);
        return;
    }
    cJSON_ArrayForEach(symbol, cJSON_GetObjectItemCaseSensitive(params, "symbol"))
    {
        const char *name = cJSON_IsString(symbol) ? symbol->valuestring : "";
        struct market *m = market_by_symbol(markets, name, strlen(name));
        struct subscription *s = m == NULL ? NULL : session_at(io, markets, m, CHANNEL_BOOK);
        if (s == NULL) {
            kraken_refuse(request, method, "Currency pair not supported ", name, &io_reply->text);
        } else if (is_wanted == s->is_wanted || (!is_wanted && s->depth != depth)) {
            kraken_refuse(request, method, is_wanted ? "Already subscribed" : "Subscription Not Found", "",
                          &io_reply->text);
        } else {
            session_want(s, is_wanted, depth, 0, false);
            kraken_ack(request, method, depth, name, &io_reply->text);
            io->is_status_wanted = true;
            io_reply->kind = REPLY_SUBSCRIBED;
        }
        reply_next(io_reply);
    }
}

static void kraken_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                           struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const char *method = spell_text(request, "method");
    const char *channel = spell_text(cJSON_GetObjectItemCaseSensitive(request, "params"), "channel");
    bool is_wanted = strcmp(method, "subscribe") == 0;

    io_reply->kind = REPLY_TEXT;
    io_reply->is_request = true;
    if (strcmp(method, "ping") == 0) {
        pen_string(&io_reply->text, "{\"method\":\"pong\"");
        kraken_times(request, &io_reply->text);
    } else if (is_wanted || strcmp(method, "unsubscribe") == 0) {
        if (strcmp(channel, "book") == 0)
            kraken_book(io_session, markets, request, is_wanted, io_reply);
        else if (strcmp(channel, "trade") == 0)
            kraken_trades(io_session, markets, request, is_wanted, io_reply);
        else
            kraken_refuse(request, method, "Channel not supported", "", &io_reply->text);
    } else {
        kraken_refuse(request, "subscribe", "Event(s) not found", "", &io_reply->text);
    }
    cJSON_Delete(request);
}

/* Numbers, with exactly the decimals of the pair. */
static void kraken_side(struct pen *p, const char *key, const struct delta_level *levels, unsigned n,
                        uint8_t price_decimals)
{
    pen_string(p, key);
    pen_string(p, "[");
    for (unsigned i = 0; i < n; i++) {
        pen_string(p, i > 0 ? ",{\"price\":" : "{\"price\":");
        pen_padded(p, levels[i].price, price_decimals);
        pen_string(p, ",\"qty\":");
        pen_padded(p, levels[i].size, SIZE_DECIMALS);
        pen_string(p, "}");
    }
    pen_string(p, "]");
}

static void kraken_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                          const struct frame *f, struct pen *io_text)
{
    static struct delta d;
    struct pen *p = io_text;
    uint8_t decimals = m->profile.price_decimals;

    (void)io_session;
    delta_make(f->from, f->book, io_subscription->depth, true, &d);
    pen_string(p, f->from == NULL ? "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\""
                                  : "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"");
    pen_string(p, m->symbol);
    kraken_side(p, "\",\"bids\":", d.bids, d.n_bids, decimals);
    kraken_side(p, ",\"asks\":", d.asks, d.n_asks, decimals);
    spell_u64(p, ",\"checksum\":", kraken_checksum(f->book, decimals) ^ (f->is_wrong ? 1u : 0));
    pen_string(p, ",\"timestamp\":\"");
    spell_time(p, f->book->timestamp_ms);
    pen_string(p, "\"");
    pen_padding(p, f->padding);
    pen_string(p, "}]}");
}

static void kraken_status(struct session *io_session, const struct market_set *markets, int64_t now_ms,
                          struct pen *io_text)
{
    (void)io_session, (void)markets, (void)now_ms;
    pen_string(io_text, "{\"channel\":\"heartbeat\"}");
}

/* "status channel update, then close" (sheet, "Keepalive, disconnects, maintenance"). */
static void kraken_maintenance(struct session *io_session, struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text, "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.10\",\"system\":"
                        "\"maintenance\",\"api_version\":\"v2\",\"connection_id\":15113583034416118705}]}");
}

const struct dialect dialect_kraken = {
    .name = "kraken",
    .path = "/v2",
    .symbols_default = "BTC/USD,SC/EUR,PEPE/USD",
    .upgrade_headers = "",
    .opcode = 1,
    .has_checksum = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 10,
                .connect_per_window = 150,
                .connect_window_s = 600,
                .request_per_second = 20,
                .idle_ms = 60000,
                .subscribe_ms = 60000,
                .error_close_ms = 150,
                .status_ms = 1000 },
    .market_profile = kraken_profile,
    .greeting = kraken_greeting,
    .request = kraken_request,
    .error = kraken_error,
    .encode = kraken_encode,
    .trades = tape_kraken,
    .n_trades_past = 50,
    .n_trades_most = 50,
    .status = kraken_status,
    .maintenance = kraken_maintenance,
    .rest = list_kraken,
};
