/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"

#include "spell.h"

#include <string.h>

/* Source: ../shared/protocols/<venue>.md, "Symbols, precision": the address, and the keys of a row. */

/* The parts of "KRW-BTC", "btc_krw" or "BTC/USD". */
struct parts {
    const char *first, *second;
    size_t n_first;
};

static struct parts parts_of(const char *symbol)
{
    size_t n = strcspn(symbol, "-_/");

    return (struct parts){ symbol, symbol[n] != '\0' ? symbol + n + 1 : symbol + n, n };
}

static void pen_tick(struct pen *p, const struct market *m)
{
    pen_plain(p, (struct number){ m->profile.tick, m->profile.price_decimals });
}

typedef void (*list_row_fn)(struct pen *p, const struct market *m, struct parts s);

/* head, the rows of those that are listed with commas between them, tail. A hidden one (fault "unknown") is gone. */
static void list_write(const struct market_set *markets, const char *target, const char *path, const char *head,
                       list_row_fn row, const char *tail, struct rest *io_rest)
{
    size_t n = strcspn(target, "?");
    struct pen *p = &io_rest->body;
    const char *comma = "";

    if (n != strlen(path) || memcmp(target, path, n) != 0) {
        io_rest->kind = REST_UNKNOWN;
        return;
    }
    io_rest->kind = REST_TEXT;
    pen_string(p, head);
    for (size_t i = 0; i < markets->n; i++) {
        if (markets->at[i].is_hidden)
            continue;
        pen_string(p, comma);
        row(p, &markets->at[i], parts_of(markets->at[i].symbol));
        comma = ",";
    }
    pen_string(p, tail);
}

static void bithumb_row(struct pen *p, const struct market *m, struct parts s)
{
    pen_string(p, "{\"market\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"korean_name\":\"코인 ");
    pen_string(p, s.second);
    pen_string(p, "\",\"english_name\":\"");
    pen_string(p, s.second);
    pen_string(p, "\",\"market_warning\":\"NONE\"}");
}

void list_bithumb(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/v1/market/all", "[", bithumb_row, "]", io_rest);
}

static void coinone_row(struct pen *p, const struct market *m, struct parts s)
{
    pen_string(p, "{\"quote_currency\":\"");
    pen_bytes(p, s.first, s.n_first);
    pen_string(p, "\",\"target_currency\":\"");
    pen_string(p, s.second);
    pen_string(p, "\",\"price_unit\":\"");
    pen_tick(p, m);
    pen_string(p, "\",\"qty_unit\":\"0.00000001\",\"min_qty\":\"0.0001\",\"min_order_amount\":\"5000\","
                  "\"order_book_units\":[\"0.0\",\"10000.0\"],\"trade_status\":1,\"maintenance_status\":0}");
}

void list_coinone(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/public/v2/markets/KRW",
               "{\"result\":\"success\",\"error_code\":\"0\",\"server_time\":1790134217263,\"markets\":[", coinone_row,
               "]}", io_rest);
}

static void korbit_row(struct pen *p, const struct market *m, struct parts s)
{
    pen_string(p, "{\"symbol\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"status\":\"launched\",\"baseCurrency\":\"");
    pen_bytes(p, s.first, s.n_first);
    pen_string(p, "\",\"quoteCurrency\":\"");
    pen_string(p, s.second);
    pen_string(p, "\",\"minOrderValue\":\"5000\",\"maxOrderValue\":\"1000000000\"}");
}

void list_korbit(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/v2/currencyPairs", "{\"success\":true,\"data\":[", korbit_row, "]}", io_rest);
}

/* By v1's names; the keys are of no meaning. */
static void kraken_row(struct pen *p, const struct market *m, struct parts s)
{
    bool is_btc = s.n_first == 3 && memcmp(s.first, "BTC", 3) == 0;

    pen_string(p, "\"X");
    pen_bytes(p, s.first, s.n_first);
    pen_string(p, s.second);
    pen_string(p, "\":{\"wsname\":\"");
    pen_bytes(p, is_btc ? "XBT" : s.first, s.n_first);
    pen_string(p, "/");
    pen_string(p, s.second);
    spell_u64(p, "\",\"pair_decimals\":", m->profile.price_decimals);
    pen_string(p, ",\"lot_decimals\":8,\"tick_size\":\"");
    pen_tick(p, m);
    pen_string(p, "\",\"status\":\"online\"}");
}

void list_kraken(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/0/public/AssetPairs", "{\"error\":[],\"result\":{", kraken_row, "}}", io_rest);
}

/* The two lists differ in their keys. */
static void product_row(struct pen *p, const struct market *m, struct parts s, const char *id, const char *end)
{
    pen_string(p, id);
    pen_string(p, m->symbol);
    pen_string(p, "\",\"base_increment\":\"0.00000001\",\"quote_increment\":\"");
    pen_tick(p, m);
    pen_string(p, "\",\"status\":\"online\",\"trading_disabled\":false,\"base_currency");
    pen_string(p, end);
    pen_string(p, "\":\"");
    pen_bytes(p, s.first, s.n_first);
    pen_string(p, "\",\"quote_currency");
    pen_string(p, end);
    pen_string(p, "\":\"");
    pen_string(p, s.second);
    pen_string(p, "\"}");
}

static void coinbase_row(struct pen *p, const struct market *m, struct parts s)
{
    product_row(p, m, s, "{\"id\":\"", "");
}

static void advanced_row(struct pen *p, const struct market *m, struct parts s)
{
    product_row(p, m, s, "{\"product_id\":\"", "_id");
}

void list_coinbase(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/products", "[", coinbase_row, "]", io_rest);
}

void list_coinbase_adv(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(markets, target, "/api/v3/brokerage/market/products", "{\"products\":[", advanced_row, "]}", io_rest);
}
