/* SPDX-License-Identifier: MIT */
#include "list_delta.h"
#include "spell.h"
#include "tape_day.h"
#include "tape_delta.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/okx.md. A book's seqId is made of its number: rising, not by one. */

#define ID_BASE   9300000000000000u
#define ID_STEP   7u
#define DEPTH     400
#define ARGS_SIZE 65536

enum okx_kind { OKX_BOOKS, OKX_BOOKS5, OKX_BEST };

static const struct {
    const char *channel;
    enum okx_kind kind;
    uint16_t depth;
} okx_channels[] = {
    { "books", OKX_BOOKS, DEPTH },
    { "books5", OKX_BOOKS5, 5 },
    { "bbo-tbt", OKX_BEST, 1 },
};

static const struct spell_market okx_markets[] = {
    { "BTC-USDT", { 838412, 1, 5000000, 1, false, 64, 0 } },
    { "ETH-USDT-SWAP", { 301250, 1, 90000000, 2, false, 64, 0 } },
    { "PEPE-USDT", { 8897, 1, 900000000000000, 9, false, 64, 0 } },
    { "SATS-BTC", { 97, 1, 90000000000, 14, true, 64, 0 } },
};

static int okx_profile(const char *symbol, struct market_profile *ret)
{
    return spell_profile(okx_markets, sizeof(okx_markets) / sizeof(okx_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", symbol, ret);
}

static void okx_arg(struct pen *p, const char *channel, const char *symbol)
{
    pen_string(p, "{\"channel\":\"");
    pen_string(p, channel);
    pen_string(p, "\",\"instId\":\"");
    pen_string(p, symbol);
    pen_string(p, "\"}");
}

static void okx_id(struct pen *p, const cJSON *request)
{
    if (cJSON_HasObjectItem(request, "id")) {
        pen_string(p, "\"id\":");
        spell_echo(p, request, "id", "\"\"");
        pen_string(p, ",");
    }
}

static void okx_refuse(const cJSON *request, const char *code, const char *message, struct pen *p)
{
    pen_string(p, "{");
    okx_id(p, request);
    pen_string(p, "\"event\":\"error\",\"code\":\"");
    pen_string(p, code);
    pen_string(p, "\",\"msg\":\"");
    pen_string(p, message);
    pen_string(p, "\",\"connId\":\"a4d3ae55\"}");
}

static void okx_error(const char *name, struct pen *io_text)
{
    okx_refuse(NULL, "60012", name, io_text);
}

static void okx_unknown(const cJSON *request, const char *channel, const char *symbol, struct reply *io_reply)
{
    char message[256];
    struct pen text;

    pen_init(&text, message, sizeof(message) - 1);
    pen_string(&text, "Wrong URL or channel:");
    pen_string(&text, channel);
    pen_string(&text, ",instId:");
    pen_string(&text, symbol);
    pen_string(&text, " doesn't exist. Please use the correct URL, channel and parameters.");
    message[text.used] = '\0';
    okx_refuse(request, "60018", message, &io_reply->text);
}

/* One acknowledgement or error an arg. Returns whether it changed a subscription. */
static bool okx_one(struct session *io, const struct market_set *markets, const cJSON *request, const cJSON *arg,
                    bool is_wanted, struct reply *io_reply)
{
    const char *channel = spell_text(arg, "channel"), *symbol = spell_text(arg, "instId");
    struct market *m = market_by_symbol(markets, symbol, strlen(symbol));
    bool is_day = strcmp(channel, "tickers") == 0;
    size_t i = 0;

    while (i < sizeof(okx_channels) / sizeof(okx_channels[0]) && strcmp(okx_channels[i].channel, channel) != 0)
        i++;
    if (m == NULL ||
        (i == sizeof(okx_channels) / sizeof(okx_channels[0]) && !is_day && strcmp(channel, "trades") != 0)) {
        okx_unknown(request, channel, symbol, io_reply);
        reply_next(io_reply);
        return false;
    }
    pen_string(&io_reply->text, "{");
    okx_id(&io_reply->text, request);
    pen_string(&io_reply->text, is_wanted ? "\"event\":\"subscribe\",\"arg\":" : "\"event\":\"unsubscribe\",\"arg\":");
    okx_arg(&io_reply->text, channel, symbol);
    pen_string(&io_reply->text, ",\"connId\":\"a4d3ae55\"}");
    reply_next(io_reply);
    if (i < sizeof(okx_channels) / sizeof(okx_channels[0]))
        session_want(session_at(io, markets, m, okx_channels[i].kind == OKX_BEST ? CHANNEL_TOP : CHANNEL_BOOK),
                     is_wanted, okx_channels[i].depth, okx_channels[i].kind, okx_channels[i].kind != OKX_BOOKS);
    else
        session_want(session_at(io, markets, m, is_day ? CHANNEL_DAY : CHANNEL_TRADES), is_wanted, 0, 0, true);
    return true;
}

static void okx_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                        struct reply *io_reply)
{
    const cJSON *arg, *args;
    const char *verb;
    bool is_wanted;
    cJSON *request;

    if (n == 4 && memcmp(bytes, "ping", 4) == 0) {
        io_reply->kind = REPLY_TEXT;
        pen_string(&io_reply->text, "pong");
        return;
    }
    io_reply->is_request = true;
    io_reply->kind = REPLY_TEXT;
    request = dialect_parse(bytes, n);
    args = cJSON_GetObjectItemCaseSensitive(request, "args");
    verb = spell_text(request, "op");
    is_wanted = strcmp(verb, "subscribe") == 0;
    if ((!is_wanted && strcmp(verb, "unsubscribe") != 0) || !cJSON_IsArray(args) || n > ARGS_SIZE) {
        okx_refuse(request, "60012", "Invalid request", &io_reply->text);
    } else {
        cJSON_ArrayForEach(arg, args)
        {
            if (okx_one(io_session, markets, request, arg, is_wanted, io_reply))
                io_reply->kind = REPLY_SUBSCRIBED;
        }
    }
    cJSON_Delete(request);
}

static uint64_t okx_sequence(const struct book *book)
{
    return ID_BASE + ID_STEP * book->number;
}

/* {"asks":...,"bids":...,"ts":"..."; the brace is the caller's. */
static void okx_levels(struct pen *p, const struct book *from, const struct book *book, unsigned depth)
{
    static struct delta d;

    delta_make(from, book, depth, false, &d);
    spell_rows(p, "{\"asks\":", d.asks, d.n_asks, 0, ",\"0\",\"1\"");
    spell_rows(p, ",\"bids\":", d.bids, d.n_bids, 0, ",\"0\",\"13\"");
    spell_u64(p, ",\"ts\":\"", (uint64_t)book->timestamp_ms);
    pen_string(p, "\"");
}

static void okx_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                       const struct frame *f, struct pen *io_text)
{
    enum okx_kind kind = (enum okx_kind)io_subscription->kind;
    struct pen *p = io_text;

    (void)io_session;
    pen_string(p, "{\"arg\":");
    okx_arg(p, okx_channels[kind].channel, m->symbol);
    if (kind == OKX_BOOKS)
        pen_string(p, f->from == NULL ? ",\"action\":\"snapshot\"" : ",\"action\":\"update\"");
    pen_string(p, ",\"data\":[");
    okx_levels(p, f->from, f->book, io_subscription->depth);
    if (kind == OKX_BOOKS) {
        pen_string(p, ",\"checksum\":0,\"prevSeqId\":");
        if (f->from == NULL)
            pen_string(p, "-1");
        else
            pen_u64(p, okx_sequence(f->from));
    }
    spell_u64(p, ",\"seqId\":", okx_sequence(f->book));
    pen_padding(p, f->padding);
    pen_string(p, "}]}");
}

static void okx_closing(struct session *io_session, int64_t now_ms, struct pen *io_text)
{
    (void)io_session, (void)now_ms;
    pen_string(io_text,
               "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed for a service "
               "upgrade. Please reconnect.\",\"connId\":\"a4d3ae55\"}");
}

static void okx_rest(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    char symbol[MARKET_SYMBOL_SIZE];

    if (strncmp(target, "/api/v5/market/books?", 21) != 0) {
        list_okx(markets, target, io_rest);
        return;
    }
    spell_query(target, "instId", symbol, sizeof(symbol));
    io_rest->depth = DEPTH;
    io_rest->market = market_by_symbol(markets, symbol, strlen(symbol));
    io_rest->kind = io_rest->market != NULL ? REST_BOOK : REST_TEXT;
    if (io_rest->market == NULL)
        pen_string(&io_rest->body, "{\"code\":\"51001\",\"msg\":\"Instrument ID does not exist\",\"data\":[]}");
}

static void okx_rest_book(const struct market *m, const struct book *book, uint32_t depth, struct pen *io_body)
{
    (void)m;
    pen_string(io_body, "{\"code\":\"0\",\"msg\":\"\",\"data\":[");
    okx_levels(io_body, NULL, book, depth);
    spell_u64(io_body, ",\"seqId\":", okx_sequence(book));
    pen_string(io_body, "}]}");
}

const struct dialect dialect_okx = {
    .name = "okx",
    .path = "/ws/v5/public",
    .symbols_default = "BTC-USDT,ETH-USDT-SWAP,PEPE-USDT,SATS-BTC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 3,
                .request_per_hour = 480,
                .idle_ms = 30000,
                .client_idle_ms = 30000,
                .subscribe_ms = 30000,
                .error_close_ms = 150,
                .rest_per_minute = 1200 },
    .market_profile = okx_profile,
    .request = okx_request,
    .error = okx_error,
    .encode = okx_encode,
    .closing = okx_closing,
    .trades = tape_okx_trades,
    .day = tape_okx_day,
    .n_trades_most = 2,
    .rest = okx_rest,
    .rest_book = okx_rest_book,
};
