/* SPDX-License-Identifier: MIT */
#include "list_sheets.h"

#include "spell.h"

#include <string.h>

/* A list: its path, what stands before its rows, one row, what stands behind. In a row "<symbol>" is the market's own,
 * "<first>" and "<second>" its parts, "<v1>" the first part by Kraken's old names, "<tick>" and "<decimals>" those of
 * its prices. Source: ../shared/protocols/<venue>.md, "Symbols, precision": the address, and the keys of a row. */
struct sheet {
    const char *path, *head, *row, *tail;
};

static const struct sheet bithumb = {
    "/v1/market/all",
    "[",
    "{\"market\":\"<symbol>\",\"korean_name\":\"코인 <second>\",\"english_name\":\"<second>\","
    "\"market_warning\":\"NONE\"}",
    "]",
};

static const struct sheet coinone = {
    "/public/v2/markets/KRW",
    "{\"result\":\"success\",\"error_code\":\"0\",\"server_time\":1790134217263,\"markets\":[",
    "{\"quote_currency\":\"<first>\",\"target_currency\":\"<second>\",\"price_unit\":\"<tick>\","
    "\"qty_unit\":\"0.00000001\",\"min_qty\":\"0.0001\",\"min_order_amount\":\"5000\","
    "\"order_book_units\":[\"0.0\",\"10000.0\"],\"trade_status\":1,\"maintenance_status\":0}",
    "]}",
};

static const struct sheet korbit = {
    "/v2/currencyPairs",
    "{\"success\":true,\"data\":[",
    "{\"symbol\":\"<symbol>\",\"status\":\"launched\",\"baseCurrency\":\"<first>\",\"quoteCurrency\":\"<second>\","
    "\"minOrderValue\":\"5000\",\"maxOrderValue\":\"1000000000\"}",
    "]}",
};

/* By v1's names; the keys are of no meaning. */
static const struct sheet kraken = {
    "/0/public/AssetPairs",
    "{\"error\":[],\"result\":{",
    "\"X<first><second>\":{\"wsname\":\"<v1>/<second>\",\"pair_decimals\":<decimals>,\"lot_decimals\":8,"
    "\"tick_size\":\"<tick>\",\"status\":\"online\"}",
    "}}",
};

/* The two lists differ in their keys. */
#define COINBASE_ROW(id, end)                                                                                          \
    "{\"" id "\":\"<symbol>\",\"base_increment\":\"0.00000001\",\"quote_increment\":\"<tick>\",\"status\":\"online\"," \
    "\"trading_disabled\":false,\"base_currency" end "\":\"<first>\",\"quote_currency" end "\":\"<second>\"}"

static const struct sheet coinbase = { "/products", "[", COINBASE_ROW("id", ""), "]" };
static const struct sheet coinbase_adv = { "/api/v3/brokerage/market/products", "{\"products\":[",
                                           COINBASE_ROW("product_id", "_id"), "]}" };

static bool is_name(const char *at, size_t n, const char *name)
{
    return strlen(name) == n && memcmp(at, name, n) == 0;
}

/* The symbol is of the form "KRW-BTC", "btc_krw" or "BTC/USD". */
static void fact_write(struct pen *p, const struct market *m, const char *name, size_t n)
{
    size_t n_first = strcspn(m->symbol, "-_/");

    if (is_name(name, n, "symbol"))
        pen_string(p, m->symbol);
    else if (is_name(name, n, "v1") && n_first == 3 && memcmp(m->symbol, "BTC", 3) == 0)
        pen_string(p, "XBT");
    else if (is_name(name, n, "first") || is_name(name, n, "v1"))
        pen_bytes(p, m->symbol, n_first);
    else if (is_name(name, n, "second"))
        pen_string(p, m->symbol + n_first + (m->symbol[n_first] != '\0'));
    else if (is_name(name, n, "tick"))
        pen_plain(p, (struct number){ m->profile.tick, m->profile.price_decimals });
    else
        spell_u64(p, "", m->profile.price_decimals);
}

static void row_write(struct pen *p, const struct market *m, const char *row)
{
    while (*row != '\0') {
        size_t n = strcspn(row, "<");

        pen_bytes(p, row, n);
        row += n;
        if (*row == '<') {
            n = strcspn(++row, ">");
            fact_write(p, m, row, n);
            row += n + 1;
        }
    }
}

/* Commas between rows. A hidden market (fault "unknown") is gone. */
static void list_write(const struct sheet *sheet, const struct market_set *markets, const char *target,
                       struct rest *io_rest)
{
    struct pen *p = &io_rest->body;
    const char *comma = "";

    if (!is_name(target, strcspn(target, "?"), sheet->path)) {
        io_rest->kind = REST_UNKNOWN;
        return;
    }
    io_rest->kind = REST_TEXT;
    pen_string(p, sheet->head);
    for (size_t i = 0; i < markets->n; i++) {
        if (markets->at[i].is_hidden)
            continue;
        pen_string(p, comma);
        row_write(p, &markets->at[i], sheet->row);
        comma = ",";
    }
    pen_string(p, sheet->tail);
}

void list_bithumb(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&bithumb, markets, target, io_rest);
}

void list_coinone(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&coinone, markets, target, io_rest);
}

void list_korbit(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&korbit, markets, target, io_rest);
}

void list_kraken(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&kraken, markets, target, io_rest);
}

void list_coinbase(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&coinbase, markets, target, io_rest);
}

void list_coinbase_adv(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    list_write(&coinbase_adv, markets, target, io_rest);
}
