/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"
#include "spell.h"
#include "tape_sheets.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Source for every rule here: ../shared/protocols/coinbase.md. Exchange's messages carry no number at all; Advanced
 * Trade numbers everything that a connection gets, acknowledgements and heartbeats too. */

static const struct spell_market coinbase_markets[] = {
    { "BTC-USD", { 6890012, 1, 5000000, 2, false, 64, 0 } },
    { "SHIB-USD", { 1652, 1, 900000000000000, 8, false, 64, 0 } },
    { "SKL-BTC", { 1301, 1, 700000000000, 8, true, 64, 0 } },
};

static int coinbase_profile(const char *symbol, struct market_profile *ret)
{
    if (strchr(symbol, '-') == NULL)
        return -1;
    return spell_profile(coinbase_markets, sizeof(coinbase_markets) / sizeof(coinbase_markets[0]),
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", symbol, ret);
}

static void coinbase_refuse(const char *message, const char *symbol, const char *reason, struct pen *p)
{
    pen_string(p, "{\"type\":\"error\",\"message\":\"");
    pen_string(p, message);
    if (*reason != '\0') {
        pen_string(p, "\",\"reason\":\"");
        pen_string(p, symbol);
        pen_string(p, reason);
    }
    pen_string(p, "\"}");
}

static void coinbase_error(const char *name, struct pen *io_text)
{
    coinbase_refuse(name, "", "", io_text);
}

/* The first product that does not exist, or NULL. */
static const char *coinbase_unknown(const struct market_set *markets, const cJSON *products)
{
    const cJSON *product;

    cJSON_ArrayForEach(product, products)
    {
        const char *name = cJSON_IsString(product) ? product->valuestring : "";
        if (market_by_symbol(markets, name, strlen(name)) == NULL)
            return name;
    }
    return NULL;
}

/* Products that are there are subscribed; one that is subscribed already gets its snapshot again. */
static void coinbase_products(struct session *io, const struct market_set *markets, const cJSON *products,
                              enum dialect_channel channel, bool is_wanted)
{
    const cJSON *product;

    cJSON_ArrayForEach(product, products)
    {
        struct market *m = market_by_symbol(markets, product->valuestring, strlen(product->valuestring));
        session_want(session_at(io, markets, m, channel), is_wanted, MARKET_LEVELS_MAX, 0, channel != CHANNEL_BOOK);
    }
}

static void coinbase_list(const struct session *s, const struct market_set *markets, enum dialect_channel channel,
                          struct pen *p)
{
    const char *comma = "";

    pen_string(p, "[");
    for (size_t i = 0; i < markets->n; i++) {
        if (!session_at(s, markets, &markets->at[i], channel)->is_wanted)
            continue;
        pen_string(p, comma);
        pen_string(p, "\"");
        pen_string(p, markets->at[i].symbol);
        pen_string(p, "\"");
        comma = ",";
    }
    pen_string(p, "]");
}

static bool coinbase_has(const cJSON *list, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
            return true;
    }
    return false;
}

static void exchange_ack(struct session *io, const struct market_set *markets, struct pen *p)
{
    pen_string(p, "{\"type\":\"subscriptions\",\"channels\":[{\"name\":\"level2_50\",\"product_ids\":");
    coinbase_list(io, markets, CHANNEL_BOOK, p);
    pen_string(p, ",\"account_ids\":null},{\"name\":\"matches\",\"product_ids\":");
    coinbase_list(io, markets, CHANNEL_TRADES, p);
    pen_string(p, ",\"account_ids\":null}]}");
}

static void exchange_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                             struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const cJSON *products = cJSON_GetObjectItemCaseSensitive(request, "product_ids");
    const cJSON *channels = cJSON_GetObjectItemCaseSensitive(request, "channels");
    const char *type = spell_text(request, "type"), *unknown = coinbase_unknown(markets, products);
    bool is_wanted = strcmp(type, "subscribe") == 0;

    io_reply->kind = REPLY_TEXT;
    io_reply->is_request = true;
    if ((!is_wanted && strcmp(type, "unsubscribe") != 0) || !cJSON_IsArray(products)) {
        coinbase_refuse("Failed to subscribe", "", "Malformed JSON", &io_reply->text);
    } else if (coinbase_has(channels, "level2")) {
        coinbase_refuse("Failed to subscribe", "level2", " requires authentication", &io_reply->text);
    } else if (unknown != NULL) {
        coinbase_refuse("Failed to subscribe", unknown, " is not a valid product", &io_reply->text);
    } else {
        if (coinbase_has(channels, "level2_batch"))
            coinbase_products(io_session, markets, products, CHANNEL_BOOK, is_wanted);
        if (coinbase_has(channels, "matches"))
            coinbase_products(io_session, markets, products, CHANNEL_TRADES, is_wanted);
        if (coinbase_has(channels, "heartbeat"))
            io_session->is_status_wanted = true;
        exchange_ack(io_session, markets, &io_reply->text);
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static void exchange_side(struct pen *p, const char *word, const struct delta_level *levels, unsigned n,
                          const char **io_comma)
{
    for (unsigned i = 0; i < n; i++) {
        pen_string(p, *io_comma);
        pen_string(p, word);
        spell_quoted(p, levels[i].price, 0);
        pen_string(p, ",");
        spell_quoted(p, levels[i].size, 8);
        pen_string(p, "]");
        *io_comma = ",";
    }
}

static void exchange_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                            const struct frame *f, struct pen *io_text)
{
    static struct delta d;
    struct pen *p = io_text;
    const char *comma = "";

    (void)io_session;
    delta_make(f->from, f->book, io_subscription->depth, false, &d);
    pen_string(p, f->from == NULL ? "{\"type\":\"snapshot\",\"product_id\":\""
                                  : "{\"type\":\"l2update\",\"product_id\":\"");
    pen_string(p, m->symbol);
    if (f->from == NULL) {
        spell_rows(p, "\",\"asks\":", d.asks, d.n_asks, 0, "");
        spell_rows(p, ",\"bids\":", d.bids, d.n_bids, 0, "");
    } else {
        pen_string(p, "\",\"changes\":[");
        exchange_side(p, "[\"buy\",", d.bids, d.n_bids, &comma);
        exchange_side(p, "[\"sell\",", d.asks, d.n_asks, &comma);
        pen_string(p, "]");
    }
    pen_string(p, ",\"time\":\"");
    spell_time(p, f->book->timestamp_ms);
    pen_string(p, "\"");
    pen_padding(p, f->padding);
    pen_string(p, "}");
}

/* One a product. Its number is the engine's and compares with nothing. */
static void exchange_status(struct session *io_session, const struct market_set *markets, int64_t now_ms,
                            struct pen *io_text)
{
    for (size_t i = 0; i < markets->n; i++) {
        if (!io_session->subscriptions[i].is_wanted)
            continue;
        spell_u64(io_text, "{\"type\":\"heartbeat\",\"sequence\":", markets->at[i].n_books + 13051505638u);
        pen_string(io_text, ",\"last_trade_id\":20,\"product_id\":\"");
        pen_string(io_text, markets->at[i].symbol);
        pen_string(io_text, "\",\"time\":\"");
        spell_time(io_text, now_ms);
        pen_string(io_text, "\"}" REPLY_PARTING);
    }
}

/* Every message of a connection begins so; `sequence` is its number. */
static void advanced_head(struct pen *p, const char *channel, int64_t timestamp_ms, uint64_t sequence)
{
    pen_string(p, "{\"channel\":\"");
    pen_string(p, channel);
    pen_string(p, "\",\"client_id\":\"\",\"timestamp\":\"");
    spell_time(p, timestamp_ms);
    spell_u64(p, "\",\"sequence_num\":", sequence);
    pen_string(p, ",\"events\":[");
}

static void advanced_request(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                             struct reply *io_reply)
{
    cJSON *request = dialect_parse(bytes, n);
    const cJSON *products = cJSON_GetObjectItemCaseSensitive(request, "product_ids");
    const char *type = spell_text(request, "type"), *channel = spell_text(request, "channel");
    bool is_wanted = strcmp(type, "subscribe") == 0, is_book = strcmp(channel, "level2") == 0;
    bool is_trades = strcmp(channel, "market_trades") == 0, has_products = is_book || is_trades;

    io_reply->kind = REPLY_TEXT;
    io_reply->is_request = true;
    if ((!is_wanted && strcmp(type, "unsubscribe") != 0) || (!has_products && strcmp(channel, "heartbeats") != 0) ||
        (has_products && !cJSON_IsArray(products))) {
        coinbase_refuse("invalid message", "", "", &io_reply->text);
    } else if (has_products && coinbase_unknown(markets, products) != NULL) {
        coinbase_refuse("unknown product", "", "", &io_reply->text); /* its errors have a message alone */
    } else {
        if (has_products)
            coinbase_products(io_session, markets, products, is_book ? CHANNEL_BOOK : CHANNEL_TRADES, is_wanted);
        else
            io_session->is_status_wanted = is_wanted;
        advanced_head(&io_reply->text, "subscriptions", 1790000000000, io_session->sequence++);
        pen_string(&io_reply->text, "{\"subscriptions\":{\"level2\":");
        coinbase_list(io_session, markets, CHANNEL_BOOK, &io_reply->text);
        pen_string(&io_reply->text, ",\"market_trades\":");
        coinbase_list(io_session, markets, CHANNEL_TRADES, &io_reply->text);
        pen_string(&io_reply->text, "}}]}");
        io_reply->kind = REPLY_SUBSCRIBED;
    }
    cJSON_Delete(request);
}

static void advanced_side(struct pen *p, const char *side, const struct delta_level *levels, unsigned n,
                          const struct book *book, const char **io_comma)
{
    for (unsigned i = 0; i < n; i++) {
        pen_string(p, *io_comma);
        pen_string(p, "{\"side\":\"");
        pen_string(p, side);
        pen_string(p, "\",\"event_time\":\"");
        spell_time(p, book->timestamp_ms);
        pen_string(p, "\",\"price_level\":");
        spell_quoted(p, levels[i].price, 0);
        pen_string(p, ",\"new_quantity\":");
        spell_quoted(p, levels[i].size, 0);
        pen_string(p, "}");
        *io_comma = ",";
    }
}

static void advanced_encode(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                            const struct frame *f, struct pen *io_text)
{
    static struct delta d;
    const char *comma = "";
    struct pen *p = io_text;

    delta_make(f->from, f->book, io_subscription->depth, false, &d);
    advanced_head(p, "l2_data", f->book->timestamp_ms, io_session->sequence);
    pen_string(p,
               f->from == NULL ? "{\"type\":\"snapshot\",\"product_id\":\"" : "{\"type\":\"update\",\"product_id\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"updates\":[");
    advanced_side(p, "bid", d.bids, d.n_bids, f->book, &comma);
    advanced_side(p, "offer", d.asks, d.n_asks, f->book, &comma);
    pen_string(p, "]");
    pen_padding(p, f->padding);
    pen_string(p, "}]}");
}

static void advanced_status(struct session *io_session, const struct market_set *markets, int64_t now_ms,
                            struct pen *io_text)
{
    (void)markets;
    advanced_head(io_text, "heartbeats", now_ms, io_session->sequence++);
    pen_string(io_text, "{\"current_time\":\"2026-04-07 14:30:10.000000000+00:00\",\"heartbeat_counter\":42}]}");
}

const struct dialect dialect_coinbase = {
    .name = "coinbase",
    .path = "/",
    .symbols_default = "BTC-USD,SHIB-USD,SKL-BTC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 8,
                .request_per_second = 100,
                .rest_per_second = 10,
                .request_by_address = true,
                .idle_ms = 90000,
                .subscribe_ms = 5000,
                .error_close_ms = 150,
                .status_ms = 1000 },
    .market_profile = coinbase_profile,
    .request = exchange_request,
    .error = coinbase_error,
    .encode = exchange_encode,
    .trades = tape_coinbase,
    .n_trades_past = 1,
    .n_trades_most = 1,
    .status = exchange_status,
    .rest = list_coinbase,
};

const struct dialect dialect_coinbase_adv = {
    .name = "coinbase-adv",
    .path = "/",
    .symbols_default = "BTC-USD,SHIB-USD,SKL-BTC",
    .upgrade_headers = "",
    .opcode = 1,
    .has_sequence = true,
    .has_deltas = true,
    .pushes_snapshot = true,
    .limits = { .connect_per_second = 8,
                .request_per_second = 8,
                .request_by_address = true,
                .idle_ms = 90000,
                .subscribe_ms = 5000,
                .error_close_ms = 150,
                .status_ms = 1000 },
    .market_profile = coinbase_profile,
    .request = advanced_request,
    .error = coinbase_error,
    .encode = advanced_encode,
    .trades = tape_coinbase_adv,
    .n_trades_past = 20,
    .n_trades_most = 20,
    .status = advanced_status,
    .rest = list_coinbase_adv,
};
