/* SPDX-License-Identifier: MIT */
#include "list_upbit.h"

#include "spell.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *symbol;
    struct market_profile profile;
} upbit_markets[] = {
    { "KRW-BTC", { 116500000, 1000, 5000000, 0, false, 0, 0 } },
    { "KRW-ETH", { 4210000, 1000, 80000000, 0, false, 0, 0 } },
    { "KRW-XRP", { 3105, 1, 300000000000, 0, false, 0, 0 } },
    { "KRW-SOL", { 212400, 100, 1500000000, 0, false, 0, 0 } },
    { "KRW-DOGE", { 2354, 1, 2000000000000, 1, false, 0, 0 } },
    { "KRW-SHIB", { 1652, 1, 2500000000000000, 5, false, 0, 0 } },
    { "BTC-ETH", { 3614200, 100, 200000000, 8, true, 0, 0 } },
    { "BTC-XRP", { 2661, 1, 90000000000, 8, true, 0, 0 } },
    { "BTC-ITAM", { 99, 1, 5000000000000, 8, true, 0, 0 } }, /* 9.9E-7 */
    { "USDT-BTC", { 8353700, 10, 1000000, 2, true, 0, 0 } },
};

/* Prices of a market that has no row above: one of these by its name. */
static const struct market_profile upbit_krw_others[] = {
    { 152300, 100, 2000000000, 0, false, 0, 0 },
    { 2517, 1, 500000000000, 0, false, 0, 0 },
    { 871, 1, 4000000000000, 1, false, 0, 0 },
    { 5134, 1, 60000000000000, 4, true, 0, 0 },
};

int profile_upbit(const char *symbol, struct market_profile *ret)
{
    static const char *const quotes[] = { "KRW-", "BTC-", "USDT-" };
    uint64_t name = 0;
    size_t quote = 0;

    if (strlen(symbol) >= MARKET_SYMBOL_SIZE)
        return -EINVAL;
    while (quote < 3 && strncmp(symbol, quotes[quote], strlen(quotes[quote])) != 0)
        quote++;
    if (quote == 3 || strlen(symbol) == strlen(quotes[quote]))
        return -EINVAL;
    for (const char *at = symbol + strlen(quotes[quote]); *at != '\0'; at++) {
        if (!((*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9')))
            return -EINVAL;
        name = splitmix64(name ^ (uint64_t)(unsigned char)*at);
    }
    for (size_t i = 0; i < sizeof(upbit_markets) / sizeof(upbit_markets[0]); i++) {
        if (strcmp(upbit_markets[i].symbol, symbol) == 0) {
            *ret = upbit_markets[i].profile;
            return 0;
        }
    }
    if (quote == 0)
        *ret = upbit_krw_others[name % 4];
    else
        *ret = (struct market_profile){ 200 + (int64_t)(name % 90000), 1, 80000000000, quote == 1 ? 8 : 4, true, 0, 0 };
    return 0;
}

/* Source: ../shared/protocols/upbit.md, "Symbols, precision": both addresses, and the keys of their rows. */
#define PATH_ALL         "/v1/market/all"
#define PATH_INSTRUMENTS "/v1/orderbook/instruments"
#define QUERY_SIZE       1024

static const struct {
    const char *base, *korean, *english;
} names[] = {
    { "BTC", "비트코인", "Bitcoin" }, { "ETH", "이더리움", "Ethereum" },  { "XRP", "엑스알피(리플)", "XRP" },
    { "SOL", "솔라나", "Solana" },    { "DOGE", "도지코인", "Dogecoin" }, { "SHIB", "시바이누", "Shiba Inu" },
};

/* One without a name is called by its symbol. */
static void pen_names(struct pen *p, const char *base)
{
    const char *korean = base, *english = base;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].base, base) == 0) {
            korean = names[i].korean;
            english = names[i].english;
        }
    }
    pen_string(p, "\",\"korean_name\":\"");
    pen_string(p, korean);
    pen_string(p, "\",\"english_name\":\"");
    pen_string(p, english);
}

/* A hidden one (fault "unknown") is delisted: "a delisted pair just disappears". */
static void list_all(const struct market_set *markets, struct pen *p)
{
    const char *comma = "[";

    for (size_t i = 0; i < markets->n; i++) {
        const struct market *m = &markets->at[i];
        const char *dash = strchr(m->symbol, '-');

        if (m->is_hidden)
            continue;
        pen_string(p, comma);
        pen_string(p, "{\"market\":\"");
        pen_string(p, m->symbol);
        pen_names(p, dash != NULL ? dash + 1 : m->symbol);
        pen_string(p, "\",\"market_event\":{\"warning\":false,\"caution\":{\"PRICE_FLUCTUATIONS\":false}}}");
        comma = ",";
    }
    pen_string(p, comma[0] == '[' ? "[]" : "]");
}

/* The markets named, as far as there are such. */
static void list_ticks(const struct market_set *markets, char *query, struct pen *p)
{
    const char *comma = "[";
    char *rest = query;

    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        const struct market *m = market_by_symbol(markets, name, strlen(name));

        if (m == NULL)
            continue;
        pen_string(p, comma);
        pen_string(p, "{\"market\":\"");
        pen_string(p, m->symbol);
        pen_string(p, "\",\"tick_size\":\"");
        pen_plain(p, (struct number){ m->profile.tick, m->profile.price_decimals });
        pen_string(p, strcmp(m->symbol, "KRW-BTC") == 0 ? "\",\"supported_levels\":[\"0\",\"10000\",\"100000\"]}"
                                                        : "\",\"supported_levels\":[\"0\"]}");
        comma = ",";
    }
    pen_string(p, comma[0] == '[' ? "[]" : "]");
}

void list_upbit(const struct market_set *markets, const char *target, struct rest *io_rest)
{
    char query[QUERY_SIZE];
    size_t n = strcspn(target, "?");

    io_rest->kind = REST_TEXT;
    if (n == strlen(PATH_ALL) && memcmp(target, PATH_ALL, n) == 0) {
        list_all(markets, &io_rest->body);
    } else if (n == strlen(PATH_INSTRUMENTS) && memcmp(target, PATH_INSTRUMENTS, n) == 0) {
        spell_query(target, "markets", query, sizeof(query));
        list_ticks(markets, query, &io_rest->body);
    } else {
        io_rest->kind = REST_UNKNOWN;
    }
}
