/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"
#include "spell.h"
#include "tape_day.h"
#include "tape_sheets.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/korbit.md. One request object with a symbol that does not exist fails
 * as a whole; a success is answered only where a requestId was given. */

#define DEPTH 30

static const struct spell_market korbit_markets[] = {
    { "btc_krw", { 116455000, 1000, 5000000, 0, false, DEPTH, 0 } },
    { "shib_krw", { 1652, 1, 2500000000000000, 5, false, DEPTH, 0 } },
    { "eth_krw", { 4210000, 1000, 80000000, 0, true, DEPTH, 0 } },
};

static int korbit_profile(const char *symbol, struct market_profile *ret)
{
    int r = spell_profile(korbit_markets, sizeof(korbit_markets) / sizeof(korbit_markets[0]),
                          "abcdefghijklmnopqrstuvwxyz0123456789_", symbol, ret);

    ret->levels = DEPTH;
    return strchr(symbol, '_') == NULL ? -1 : r;
}

static void korbit_refuse(const cJSON *request, const char *code, const char *message, const char *symbol,
                          struct pen *p)
{
    pen_string(p, "{\"status\":\"fail\"");
    if (*code != '\0') {
        pen_string(p, ",\"code\":\"");
        pen_string(p, code);
        pen_string(p, "\"");
    }
    pen_string(p, ",\"message\":\"");
    pen_string(p, message);
    if (*symbol != '\0') {
        pen_string(p, " (");
        pen_string(p, symbol);
        pen_string(p, ")");
    }
    pen_string(p, "\"");
    if (cJSON_HasObjectItem(request, "requestId")) {
        pen_string(p, ",\"requestId\":");
        spell_echo(p, request, "requestId", "0");
    }
    pen_string(p, "}");
}

static void korbit_error(const char *name, struct pen *io_text)
{
    korbit_refuse(NULL, "INVALID_REQUEST", name, "", io_text);
}

/* The channel of a type; -1: none of ours. */
static int korbit_channel(const char *type)
{
    return strcmp(type, "orderbook") == 0 ? CHANNEL_BOOK
           : strcmp(type, "trade") == 0   ? CHANNEL_TRADES
           : strcmp(type, "ticker") == 0  ? CHANNEL_DAY
                                          : -1;
}

/* One request object. */
static void korbit_one(struct session *io, const struct market_set *markets, const cJSON *request,
                       struct reply *io_reply)
{
    const cJSON *symbols = cJSON_GetObjectItemCaseSensitive(request, "symbols"), *symbol;
    const char *method = spell_text(request, "method"), *type = spell_text(request, "type");
    bool is_wanted = strcmp(method, "subscribe") == 0;
    int channel = korbit_channel(type);

    if ((!is_wanted && strcmp(method, "unsubscribe") != 0) || channel < 0 || !cJSON_IsArray(symbols)) {
        korbit_refuse(request, "INVALID_REQUEST", "invalid_method", "", &io_reply->text);
        return;
    }
    cJSON_ArrayForEach(symbol, symbols)
    {
        const char *name = cJSON_IsString(symbol) ? symbol->valuestring : "";
        if (market_by_symbol(markets, name, strlen(name)) == NULL) {
            korbit_refuse(request, "INVALID_SYMBOL", "The symbol does not exist", name, &io_reply->text);
            return;
        }
    }
    cJSON_ArrayForEach(symbol, symbols)
    {
        struct market *m = market_by_symbol(markets, symbol->valuestring, strlen(symbol->valuestring));
        session_want(session_at(io, markets, m, (enum dialect_channel)channel), is_wanted, DEPTH, 0, true);
    }
    io_reply->kind = REPLY_SUBSCRIBED;
    if (cJSON_HasObjectItem(request, "requestId")) {
        pen_string(&io_reply->text, "{\"status\":\"success\",\"requestId\":");
        spell_echo(&io_reply->text, request, "requestId", "0");
        pen_string(&io_reply->text, "}");
    }
}

static void korbit_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                           struct reply *io_reply)
{
    cJSON *requests = dialect_parse(bytes, n);
    const cJSON *request;

    io_reply->kind = REPLY_TEXT;
    io_reply->is_request = true;
    if (!cJSON_IsArray(requests)) {
        korbit_refuse(NULL, "", "invalid_format", "", &io_reply->text);
    } else {
        cJSON_ArrayForEach(request, requests)
        {
            korbit_one(io_session, markets, request, io_reply);
            reply_next(io_reply);
        }
    }
    cJSON_Delete(requests);
}

static void korbit_side(struct pen *p, const char *key, const struct book *b, const struct level *side, unsigned n)
{
    pen_string(p, key);
    for (unsigned i = 0; i < n; i++) {
        pen_string(p, i > 0 ? ",{\"price\":\"" : "{\"price\":\"");
        pen_plain(p, (struct number){ side[i].price, b->price_decimals });
        pen_string(p, "\",\"qty\":\"");
        pen_plain(p, (struct number){ side[i].size, b->size_decimals });
        pen_string(p, "\"}");
    }
    pen_string(p, "]");
}

static void korbit_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                          const struct frame *f, struct pen *io_text)
{
    const struct book *b = f->book;
    unsigned depth = io_subscription->depth;
    struct pen *p = io_text;

    (void)io_session;
    pen_string(p, "{\"symbol\":\"");
    pen_string(p, m->symbol);
    spell_u64(p, "\",\"timestamp\":", (uint64_t)b->timestamp_ms + 290);
    pen_string(p, f->is_first ? ",\"type\":\"orderbook\",\"snapshot\":true" : ",\"type\":\"orderbook\"");
    spell_u64(p, ",\"data\":{\"timestamp\":", (uint64_t)b->timestamp_ms);
    korbit_side(p, ",\"asks\":[", b, b->asks, b->n_asks < depth ? b->n_asks : depth);
    korbit_side(p, ",\"bids\":[", b, b->bids, b->n_bids < depth ? b->n_bids : depth);
    pen_padding(p, f->padding);
    pen_string(p, "}}");
}

const struct dialect dialect_korbit = {
    .name = "korbit",
    .path = "/v2/public",
    .symbols_default = "btc_krw,shib_krw,eth_krw",
    .upgrade_headers = "",
    .opcode = 1,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 20,
                .idle_ms = 120000,
                .client_idle_ms = 120000,
                .ping_ms = 30000,
                .rest_per_second = 50,
                .error_close_ms = 150 },
    .market_profile = korbit_profile,
    .request = korbit_request,
    .error = korbit_error,
    .encode = korbit_encode,
    .trades = tape_korbit,
    .n_trades_past = 5,
    .n_trades_most = 5,
    .day = tape_korbit_day,
    .rest = list_korbit,
};
