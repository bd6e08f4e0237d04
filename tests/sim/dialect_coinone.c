/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"
#include "spell.h"
#include "tape_day.h"
#include "tape_sheets.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/coinone.md; tickers: tape_day.c. A market KRW-BTC is two fields on
 * the wire; asks arrive worst first; the id is the book's time and a counter of three digits. */

#define DEPTH 16

enum coinone_form { COINONE_DEFAULT, COINONE_SHORT };

static const struct spell_market coinone_markets[] = {
    { "KRW-BTC", { 116450000, 10000, 5000000, 0, false, DEPTH, 0 } },
    { "KRW-PEPE", { 1652, 1, 25000000000000, 5, false, DEPTH, 0 } },
    { "KRW-TNSR", { 871, 1, 4000000000000, 1, true, DEPTH, 0 } },
};

static int coinone_profile(const char *symbol, struct market_profile *ret)
{
    int r = spell_profile(coinone_markets, sizeof(coinone_markets) / sizeof(coinone_markets[0]),
                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", symbol, ret);

    ret->levels = DEPTH;
    return strchr(symbol, '-') == NULL ? -1 : r;
}

static void coinone_refuse(unsigned code, const char *message, const char *field, struct pen *p)
{
    spell_u64(p, "{\"response_type\":\"ERROR\",\"error_code\":", code);
    pen_string(p, ",\"message\":\"");
    pen_string(p, message);
    if (*field != '\0') {
        pen_string(p, "\",\"field\":\"");
        pen_string(p, field);
    }
    pen_string(p, "\"}");
}

static void coinone_error(const char *name, struct pen *io_text)
{
    coinone_refuse(160010, name, "", io_text);
}

static void coinone_greeting(struct session *io_session, struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text, "{\"response_type\":\"CONNECTED\",\"data\":{\"session_id\":\"6f3e1d0f-0001\"}}");
}

static void coinone_upper(char *ret, size_t size, const char *text)
{
    size_t i = 0;

    for (; text[i] != '\0' && i + 1 < size; i++)
        ret[i] = (char)toupper((unsigned char)text[i]);
    ret[i] = '\0';
}

/* The topic as a market's name, upper case as the data comes back. */
static void coinone_topic(const cJSON *request, char ret[MARKET_SYMBOL_SIZE * 2])
{
    const cJSON *topic = cJSON_GetObjectItemCaseSensitive(request, "topic");
    char *at = ret;

    coinone_upper(at, MARKET_SYMBOL_SIZE, spell_text(topic, "quote_currency"));
    at += strlen(at);
    *at++ = '-';
    coinone_upper(at, MARKET_SYMBOL_SIZE, spell_text(topic, "target_currency"));
}

static void coinone_pair(struct pen *p, const char *symbol, bool is_short)
{
    const char *dash = strchr(symbol, '-');

    pen_string(p, is_short ? "{\"qc\":\"" : "{\"quote_currency\":\"");
    pen_bytes(p, symbol, (size_t)(dash - symbol));
    pen_string(p, is_short ? "\",\"tc\":\"" : "\",\"target_currency\":\"");
    pen_string(p, dash + 1);
    pen_string(p, "\"");
}

/* The channels of a topic; -1: none of ours. */
static int coinone_channel(const char *name)
{
    return strcmp(name, "ORDERBOOK") == 0 ? CHANNEL_BOOK
           : strcmp(name, "TRADE") == 0   ? CHANNEL_TRADES
           : strcmp(name, "TICKER") == 0  ? CHANNEL_DAY
                                          : -1;
}

/* Acknowledged first, also where the pair does not exist; the error after it names no topic. */
static void coinone_topic_want(struct session *io, const struct market_set *markets, const cJSON *request,
                               bool is_wanted, struct reply *io_reply)
{
    const char *channel = spell_text(request, "channel");
    char symbol[MARKET_SYMBOL_SIZE * 2];
    struct subscription *subscription;
    struct market *m;

    coinone_topic(request, symbol);
    m = market_by_symbol(markets, symbol, strlen(symbol));
    pen_string(&io_reply->text, is_wanted ? "{\"response_type\":\"SUBSCRIBED\",\"channel\":\""
                                          : "{\"response_type\":\"UNSUBSCRIBED\",\"channel\":\"");
    pen_string(&io_reply->text, channel);
    pen_string(&io_reply->text, "\",\"data\":");
    coinone_pair(&io_reply->text, symbol, false);
    pen_string(&io_reply->text, "}}");
    if (m == NULL) {
        reply_next(io_reply);
        coinone_refuse(160012, "Invalid Topic", "", &io_reply->text);
        return;
    }
    io->form = strcmp(spell_text(request, "format"), "SHORT") == 0 ? COINONE_SHORT : COINONE_DEFAULT;
    subscription = session_at(io, markets, m, (enum dialect_channel)coinone_channel(channel));
    session_want(subscription, is_wanted, DEPTH, 0, true);
    /* A ticker comes when one of its values changes; that one comes at once is not said. */
    if (coinone_channel(channel) == CHANNEL_DAY)
        subscription->wants_snapshot = false;
    io_reply->kind = REPLY_SUBSCRIBED;
}

static void coinone_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                            struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const char *type = spell_text(request, "request_type");
    bool is_wanted = strcmp(type, "SUBSCRIBE") == 0;

    io_reply->kind = REPLY_TEXT;
    io_reply->is_request = true;
    if (request == NULL) {
        coinone_refuse(160010, "Invalid Request", "", &io_reply->text);
    } else if (strcmp(type, "PING") == 0) {
        pen_string(&io_reply->text, "{\"response_type\":\"PONG\"}");
    } else if (!is_wanted && strcmp(type, "UNSUBSCRIBE") != 0) {
        coinone_refuse(160011, "Invalid Type", "request_type", &io_reply->text);
    } else if (coinone_channel(spell_text(request, "channel")) < 0) {
        coinone_refuse(160011, "Invalid Type", "channel", &io_reply->text);
    } else {
        coinone_topic_want(io_session, markets, request, is_wanted, io_reply);
    }
    cJSON_Delete(request);
}

static void coinone_level(struct pen *p, const struct book *b, const struct level *level, bool is_short)
{
    pen_string(p, is_short ? "{\"p\":\"" : "{\"price\":\"");
    pen_plain(p, (struct number){ level->price, b->price_decimals });
    pen_string(p, is_short ? "\",\"q\":\"" : "\",\"qty\":\"");
    pen_plain(p, (struct number){ level->size, b->size_decimals });
    pen_string(p, "\"}");
}

static void coinone_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                           const struct frame *f, struct pen *io_text)
{
    const struct book *b = f->book;
    bool is_short = io_session->form == COINONE_SHORT;
    unsigned depth = io_subscription->depth;
    unsigned n_bids = b->n_bids < depth ? b->n_bids : depth, n_asks = b->n_asks < depth ? b->n_asks : depth;
    struct pen *p = io_text;

    pen_string(p, is_short ? "{\"r\":\"DATA\",\"c\":\"ORDERBOOK\",\"d\":"
                           : "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":");
    coinone_pair(p, m->symbol, is_short);
    spell_u64(p, is_short ? ",\"t\":" : ",\"timestamp\":", (uint64_t)b->timestamp_ms);
    spell_u64(p, is_short ? ",\"i\":\"" : ",\"id\":\"", (uint64_t)b->timestamp_ms * 1000 + 1);
    pen_string(p, is_short ? "\",\"a\":[" : "\",\"asks\":[");
    for (unsigned i = n_asks; i-- > 0;) {
        coinone_level(p, b, &b->asks[i], is_short);
        pen_string(p, i > 0 ? "," : "");
    }
    pen_string(p, is_short ? "],\"b\":[" : "],\"bids\":[");
    for (unsigned i = 0; i < n_bids; i++) {
        pen_string(p, i > 0 ? "," : "");
        coinone_level(p, b, &b->bids[i], is_short);
    }
    pen_string(p, "]");
    pen_padding(p, f->padding);
    pen_string(p, "}}");
}

const struct dialect dialect_coinone = {
    .name = "coinone",
    .path = "/",
    .symbols_default = "KRW-BTC,KRW-PEPE,KRW-TNSR",
    .upgrade_headers = "",
    .opcode = 1,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 20,
                .connections_max = 20,
                .close_too_many = 4290,
                .rest_per_minute = 1200,
                .idle_ms = 1800000,
                .subscribe_ms = 60000,
                .error_close_ms = 150 },
    .market_profile = coinone_profile,
    .greeting = coinone_greeting,
    .request = coinone_request,
    .error = coinone_error,
    .encode = coinone_encode,
    .trades = tape_coinone,
    .n_trades_most = 1,
    .day = tape_coinone_day,
    .rest = list_coinone,
};
