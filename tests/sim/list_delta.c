/* SPDX-License-Identifier: MIT */
#include "list_delta.h"

#include "spell.h"

#include <string.h>

#define WORD_SIZE 32

typedef void (*list_row_fn)(struct pen *p, const struct market *m);
typedef bool (*list_wants_fn)(const char *symbol, const char *kind);

/* Does the target's path, without its query, read so? */
static bool is_path(const char *target, const char *path)
{
    size_t n = strcspn(target, "?");

    return n == strlen(path) && memcmp(target, path, n) == 0;
}

/* Rows of the markets from `first` to before `end` that are of this kind, with commas between them. */
static void rows_write(const struct market_set *markets, size_t first, size_t end, list_wants_fn wants,
                       const char *kind, list_row_fn row, struct pen *p)
{
    const char *comma = "";

    for (size_t i = first; i < end; i++) {
        if (wants != NULL && !wants(markets->at[i].symbol, kind))
            continue;
        pen_string(p, comma);
        row(p, &markets->at[i]);
        comma = ",";
    }
}

static void put_tick(struct pen *p, const char *key, const struct market *m)
{
    pen_string(p, key);
    spell_quoted(p, (struct number){ m->profile.tick, m->profile.price_decimals }, 0);
}

/* "BTC-USDT" is SPOT, "ETH-USDT-SWAP" SWAP, the others have an answer that is empty of ours. */
static bool okx_wants(const char *symbol, const char *kind)
{
    bool is_swap = strstr(symbol, "-SWAP") != NULL;

    return strcmp(kind, is_swap ? "SWAP" : "SPOT") == 0;
}

static void okx_row(struct pen *p, const struct market *m)
{
    pen_string(p, "{\"instType\":\"SPOT\",\"instId\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"baseCcy\":\"");
    pen_bytes(p, m->symbol, strcspn(m->symbol, "-"));
    put_tick(p, "\",\"tickSz\":", m);
    pen_string(p, ",\"lotSz\":\"0.00000001\",\"minSz\":\"0.00001\",\"ctVal\":\"\",\"instIdCode\":10459,\"state\":\"");
    pen_string(p, m->is_hidden ? "suspend\"}" : "live\"}");
}

void list_okx(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    char kind[WORD_SIZE];

    if (!is_path(target, "/api/v5/public/instruments"))
        return;
    spell_query(target, "instType", kind, sizeof(kind));
    io_rest->kind = REST_TEXT;
    pen_string(&io_rest->body, "{\"code\":\"0\",\"msg\":\"\",\"data\":[");
    rows_write(markets, 0, markets->n, okx_wants, kind, okx_row, &io_rest->body);
    pen_string(&io_rest->body, "]}");
}

static void bybit_row(struct pen *p, const struct market *m)
{
    pen_string(p, "{\"symbol\":\"");
    pen_string(p, m->symbol);
    pen_string(p, m->is_hidden ? "\",\"status\":\"PreLaunch\"" : "\",\"status\":\"Trading\"");
    pen_string(p,
               ",\"lotSizeFilter\":{\"basePrecision\":\"0.000001\",\"qtyStep\":\"0.001\",\"minOrderQty\":\"0.001\"}");
    put_tick(p, ",\"priceFilter\":{\"tickSize\":", m);
    pen_string(p, "}}");
}

void list_bybit(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    char category[WORD_SIZE], cursor[WORD_SIZE];
    size_t half = (markets->n + 1) / 2;
    bool is_first;

    if (!is_path(target, "/v5/market/instruments-info"))
        return;
    spell_query(target, "category", category, sizeof(category));
    spell_query(target, "cursor", cursor, sizeof(cursor));
    is_first = cursor[0] == '\0';
    io_rest->kind = REST_TEXT;
    pen_string(&io_rest->body, "{\"retCode\":0,\"retMsg\":\"OK\",\"result\":{\"category\":\"");
    pen_string(&io_rest->body, category);
    pen_string(&io_rest->body, "\",\"list\":[");
    rows_write(markets, is_first ? 0 : half, is_first ? half : markets->n, NULL, "", bybit_row, &io_rest->body);
    pen_string(&io_rest->body, "],\"nextPageCursor\":\"");
    pen_string(&io_rest->body, is_first && half < markets->n ? "page%3D2" : "");
    pen_string(&io_rest->body, "\"},\"retExtInfo\":{},\"time\":1672712495660}");
}

static void bitget_row(struct pen *p, const struct market *m)
{
    pen_string(p, "{\"symbol\":\"");
    pen_string(p, m->symbol);
    spell_u64(p, "\",\"pricePrecision\":\"", m->profile.price_decimals);
    pen_string(p, "\",\"quantityPrecision\":\"6\",\"status\":\"");
    pen_string(p, m->is_hidden ? "offline\"}" : "online\"}");
}

void list_bitget(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    if (!is_path(target, "/api/v2/spot/public/symbols"))
        return;
    io_rest->kind = REST_TEXT;
    pen_string(&io_rest->body, "{\"code\":\"00000\",\"msg\":\"success\",\"requestTime\":1744276707885,\"data\":[");
    rows_write(markets, 0, markets->n, NULL, "", bitget_row, &io_rest->body);
    pen_string(&io_rest->body, "]}");
}

static void gateio_row(struct pen *p, const struct market *m)
{
    pen_string(p, "{\"id\":\"");
    pen_string(p, m->symbol);
    pen_string(p, "\",\"base\":\"");
    pen_bytes(p, m->symbol, strcspn(m->symbol, "_"));
    spell_u64(p, "\",\"precision\":", m->profile.price_decimals);
    pen_string(p, ",\"amount_precision\":6,\"trade_status\":\"");
    pen_string(p, m->is_hidden ? "untradable\"}" : "tradable\"}");
}

void list_gateio(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    if (!is_path(target, "/api/v4/spot/currency_pairs"))
        return;
    io_rest->kind = REST_TEXT;
    pen_string(&io_rest->body, "[");
    rows_write(markets, 0, markets->n, NULL, "", gateio_row, &io_rest->body);
    pen_string(&io_rest->body, "]");
}
