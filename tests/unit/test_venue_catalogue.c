/* SPDX-License-Identifier: MIT
 * Instrument lists as the venues answer them, row by row, and what must be refused. Answers are those of the fact
 * sheets, ../shared/protocols/<venue>.md, "Symbols", filled up with keys that are to be passed over. */
#include "venue/catalogue.h"

#include "core/decimal.h"
#include "venue/venue.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void number_describe(struct text *t, const char *what, const struct md_decimal *d)
{
    char number[DECIMAL_TEXT_SIZE];

    if (!d->is_known)
        return;
    (void)decimal_format(d->mantissa, d->decimals, number);
    text_addf(t, " %s=%s", what, number);
}

static void word_describe(struct text *t, const char *what, const char *word)
{
    if (word[0])
        text_addf(t, " %s=%s", what, word);
}

/* Everything that is known of it, on one line. */
static void describe(struct text *t, const struct md_instrument *in)
{
    static const char *const listings[] = { "?", "trading", "halted", "delisted" };

    text_addf(t, "%s %s", in->symbol, listings[in->listing]);
    word_describe(t, "base", in->base);
    word_describe(t, "quote", in->quote);
    word_describe(t, "status", in->status);
    word_describe(t, "ko", in->name_korean);
    word_describe(t, "en", in->name_english);
    if (in->has_warnings)
        text_addf(t, " warnings=%u", in->warnings);
    word_describe(t, "cautions", in->cautions);
    number_describe(t, "lot", &in->lot);
    number_describe(t, "size_min", &in->size_min);
    number_describe(t, "value_min", &in->value_min);
    for (uint32_t i = 0; i < in->n_ticks; i++) {
        number_describe(t, "from", &in->ticks[i].from);
        number_describe(t, in->is_tick_now ? "tick_now" : "tick", &in->ticks[i].tick);
    }
    for (uint32_t i = 0; i < in->n_groups; i++)
        number_describe(t, "group", &in->groups[i]);
    text_add_string(t, "\n");
}

/* The whole answer as lines, or "error". In a block of its exact size, for sanitizers. */
static const char *read_all(const struct catalogue_part *part, const char *answer, struct catalogue_scan *ret)
{
    static char memory[16384];
    struct md_instrument instrument;
    struct text t;
    size_t size = strlen(answer);
    char *copy = malloc(size + 1);
    int r;

    cr_assert_not_null(copy);
    memcpy(copy, answer, size);
    text_init(&t, memory, sizeof memory);
    r = catalogue_begin(ret, part, copy, size);
    while (r >= 0 && (r = catalogue_next(ret, &instrument)) > 0)
        describe(&t, &instrument);
    free(copy);
    return r < 0 ? "error" : memory;
}

struct answer_case {
    const char *venue;
    uint32_t part;
    const char *answer, *expected;
};

static const struct answer_case answers[] = {
    { "upbit", 0,
      "[{\"market\":\"KRW-BTC\",\"korean_name\":\"비트코인\",\"english_name\":\"Bitcoin\",\"market_event\":{"
      "\"warning\":"
      "false,\"caution\":{\"PRICE_FLUCTUATIONS\":false}}},\n {\"market_event\":{\"caution\":{\"A\":true,\"B\":false,"
      "\"C\":true},\"warning\":true},\"market\":\"BTC-ETH\",\"english_name\":\"Ether\\u0065um\",\"korean_name\":null}]",
      "KRW-BTC trading base=BTC quote=KRW ko=비트코인 en=Bitcoin warnings=0\n"
      "BTC-ETH trading base=ETH quote=BTC en=Ethereum warnings=3 cautions=A C\n" },
    { "upbit", 1,
      "[{\"market\":\"KRW-BTC\",\"quote_currency\":\"KRW\",\"tick_size\":\"1000\",\"supported_levels\":[\"0\","
      "\"10000\","
      "\"100000\"]},{\"market\":\"BTC-ETH\",\"tick_size\":\"0.00000001\",\"supported_levels\":[\"0\"]}]",
      "KRW-BTC ? from=0 tick_now=1000 group=10000 group=100000\nBTC-ETH ? from=0 tick_now=0.00000001\n" },
    { "bithumb", 0,
      "[{\"market\":\"KRW-BTC\",\"korean_name\":\"비트코인\",\"english_name\":\"Bitcoin\",\"market_warning\":\"NONE\"},"
      "{\"market\":\"KRW-XYZ\",\"market_warning\":\"CAUTION\"}]",
      "KRW-BTC trading base=BTC quote=KRW ko=비트코인 en=Bitcoin warnings=0\n"
      "KRW-XYZ trading base=XYZ quote=KRW warnings=1 cautions=CAUTION\n" },
    { "coinone", 0,
      "{\"result\":\"success\",\"error_code\":\"0\",\"markets\":[{\"quote_currency\":\"KRW\",\"target_currency\":"
      "\"BTC\","
      "\"price_unit\":\"1000.0\",\"qty_unit\":\"0.00000001\",\"min_qty\":\"0.0001\",\"min_order_amount\":\"5000.0\","
      "\"order_book_units\":[\"0.0\",\"10000.0\"],\"trade_status\":1}]}",
      "KRW-BTC trading base=BTC quote=KRW status=1 lot=0.00000001 size_min=0.0001 value_min=5000 group=10000\n" },
    { "korbit", 0,
      "{\"success\":true,\"data\":[{\"symbol\":\"btc_krw\",\"status\":\"launched\",\"baseCurrency\":\"btc\","
      "\"quoteCurrency\":\"krw\",\"minOrderValue\":\"5000\",\"maxOrderValue\":\"1000000000\"},{\"symbol\":\"old_krw\","
      "\"status\":\"stopped\"}]}",
      "btc_krw trading base=btc quote=krw status=launched value_min=5000\nold_krw halted status=stopped\n" },
    { "binance", 0,
      "{\"timezone\":\"UTC\",\"rateLimits\":[{\"limit\":6000}],\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":"
      "\"TRADING\",\"baseAsset\":\"BTC\",\"quoteAsset\":\"USDT\",\"orderTypes\":[\"LIMIT\"],\"filters\":[{\"minPrice\":"
      "\"0.01\",\"tickSize\":\"0.01000000\",\"filterType\":\"PRICE_FILTER\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":"
      "\"0.00001000\",\"stepSize\":\"0.00001000\"},{\"filterType\":\"MARKET_LOT_SIZE\",\"minQty\":\"0.5\",\"stepSize\":"
      "\"0.00000000\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\"}]},{\"symbol\":\"币安USDT\","
      "\"status\":\"TRADING\"},{\"symbol\":\"OLDUSDT\",\"status\":\"BREAK\",\"filters\":[{\"filterType\":\"PRICE_"
      "FILTER\","
      "\"tickSize\":\"0.00000000\"}]},{\"symbol\":\"NEWUSDT\",\"status\":\"SOMETHING\"}],\"sors\":[{\"a\":[]}]}",
      "BTCUSDT trading base=BTC quote=USDT status=TRADING lot=0.00001 size_min=0.00001 value_min=5 from=0 tick=0.01\n"
      "OLDUSDT halted status=BREAK\nNEWUSDT ? status=SOMETHING\n" },
    { "binance-usdm", 0,
      "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\",\"filters\":[{\"filterType\":\"MIN_NOTIONAL\","
      "\"notional\":\"100\"}]}]}",
      "BTCUSDT trading status=TRADING value_min=100\n" },
    { "okx", 0,
      "{\"code\":\"0\",\"msg\":\"\",\"data\":[{\"instId\":\"BTC-USDT\",\"baseCcy\":\"BTC\",\"quoteCcy\":\"USDT\","
      "\"tickSz\":\"0.1\",\"lotSz\":\"0.00000001\",\"minSz\":\"0.00001\",\"state\":\"live\"},{\"instId\":\"X-Y\","
      "\"state\":\"preopen\",\"tickSz\":\"\",\"lotSz\":1e-8}]}",
      "BTC-USDT trading base=BTC quote=USDT status=live lot=0.00000001 size_min=0.00001 from=0 tick=0.1\n"
      "X-Y halted status=preopen lot=0.00000001\n" },
    { "bybit", 0,
      "{\"retCode\":0,\"result\":{\"category\":\"spot\",\"nextPageCursor\":\"first%3DA\",\"list\":[{\"symbol\":"
      "\"BTCUSDT\",\"baseCoin\":\"BTC\",\"quoteCoin\":\"USDT\",\"status\":\"Trading\",\"lotSizeFilter\":{"
      "\"basePrecision\":\"0.000001\",\"minOrderQty\":\"0.000048\",\"minOrderAmt\":\"1\"},\"priceFilter\":{"
      "\"tickSize\":"
      "\"0.01\"}}]},\"time\":5}",
      "BTCUSDT trading base=BTC quote=USDT status=Trading lot=0.000001 size_min=0.000048 value_min=1 from=0 "
      "tick=0.01\n" },
    { "bybit-linear", 0,
      "{\"retCode\":0,\"result\":{\"list\":[{\"symbol\":\"10AUSDT\",\"status\":\"Trading\",\"lotSizeFilter\":{"
      "\"minNotionalValue\":\"5\",\"qtyStep\":\"100\",\"minOrderQty\":\"100\"}}]}}",
      "10AUSDT trading status=Trading lot=100 size_min=100 value_min=5\n" },
    { "bitget", 0,
      "{\"code\":\"00000\",\"data\":[{\"symbol\":\"BTCUSDT\",\"status\":\"online\",\"pricePrecision\":\"2\","
      "\"quantityPrecision\":\"6\"},{\"symbol\":\"A\",\"pricePrecision\":\"19\"}]}",
      "BTCUSDT trading status=online lot=0.000001 from=0 tick=0.01\nA ?\n" },
    { "gateio", 0,
      "[{\"id\":\"BTC_USDT\",\"base\":\"BTC\",\"quote\":\"USDT\",\"precision\":1,\"amount_precision\":6,"
      "\"trade_status\":\"tradable\",\"min_quote_amount\":\"3\"}]",
      "BTC_USDT trading base=BTC quote=USDT status=tradable lot=0.000001 value_min=3 from=0 tick=0.1\n" },
    { "kraken", 0,
      "{\"error\":[],\"result\":{\"XXBTZUSD\":{\"altname\":\"XBTUSD\",\"wsname\":\"XBT/USD\",\"pair_decimals\":1,"
      "\"lot_decimals\":8,\"tick_size\":\"0.1\",\"status\":\"online\",\"ordermin\":\"0.00005\",\"costmin\":\"0.5\"},"
      "\"XETHXXBT\":{\"wsname\":\"ETH/XBT\",\"status\":\"post_only\"},\"XXDGXXBT\":{\"wsname\":\"XDG/XBT\"},"
      "\"SOLUSD.d\":{\"altname\":\"SOLUSD.d\"}}}",
      "BTC/USD trading base=BTC quote=USD status=online lot=0.00000001 size_min=0.00005 value_min=0.5 from=0 tick=0.1\n"
      "ETH/BTC ? base=ETH quote=BTC status=post_only\nDOGE/BTC ? base=DOGE quote=BTC\n" },
    { "coinbase", 0,
      "[{\"id\":\"BTC-USD\",\"base_currency\":\"BTC\",\"quote_currency\":\"USD\",\"base_increment\":\"0.00000001\","
      "\"quote_increment\":\"0.01\",\"status\":\"online\",\"trading_disabled\":false}]",
      "BTC-USD trading base=BTC quote=USD status=online lot=0.00000001 from=0 tick=0.01\n" },
    { "coinbase-adv", 0,
      "{\"products\":[{\"product_id\":\"BTC-USD\",\"price\":\"140.21\",\"base_increment\":\"0.00000001\","
      "\"quote_increment\":\"0.01\",\"quote_min_size\":\"1\",\"base_min_size\":\"0.00000001\",\"base_name\":"
      "\"Bitcoin\","
      "\"status\":\"online\",\"trading_disabled\":false,\"quote_currency_id\":\"USD\",\"base_currency_id\":\"BTC\"}],"
      "\"num_products\":1}",
      "BTC-USD trading base=BTC quote=USD status=online en=Bitcoin lot=0.00000001 size_min=0.00000001 value_min=1 "
      "from=0 tick=0.01\n" },
};

Test(venue_catalogue, answers_of_the_sheets)
{
    struct catalogue_scan cs;

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct answer_case *c = &answers[i];
        const struct venue *v = venue_find(c->venue);

        cr_assert_not_null(v->catalogue, "%s", c->venue);
        cr_assert_lt(c->part, v->catalogue->n_parts);
        cr_assert_not_null(v->rest_url, "%s", c->venue);
        cr_assert_str_eq(read_all(&v->catalogue->parts[c->part], c->answer, &cs), c->expected, "%s", c->venue);
        cr_assert_eq(cs.n_skipped, strcmp(c->venue, "binance") == 0 || strcmp(c->venue, "kraken") == 0);
        cr_assert_str_eq(cs.cursor, strcmp(c->venue, "bybit") == 0 ? "first%3DA" : "");
    }
}

/* Cut anywhere, an answer is refused: a list that is not whole would drop books. */
Test(venue_catalogue, an_answer_cut_anywhere_is_refused)
{
    struct catalogue_scan cs;

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct catalogue_part *part = &venue_find(answers[i].venue)->catalogue->parts[answers[i].part];
        char *cut = strdup(answers[i].answer);

        for (size_t size = strlen(cut); size-- > 0;) {
            cut[size] = '\0';
            cr_assert_str_eq(read_all(part, cut, &cs), "error", "%s at %zu", answers[i].venue, size);
        }
        free(cut);
    }
}

Test(venue_catalogue, what_is_no_list_is_refused)
{
    static const struct answer_case wrong[] = {
        { "upbit", 0, "{\"error\":{\"name\":404}}", "" },
        { "bithumb", 0, "{\"error\":{\"name\":404,\"message\":\"Code not found\"}}", "" },
        { "upbit", 0, "[1]", "" },
        { "upbit", 0, "[{\"market\":\"KRW-BTC\"}]]", "" },
        { "okx", 0, "{\"code\":\"50011\",\"msg\":\"Too Many Requests\"}", "" },
        { "okx", 0, "{\"data\":{\"instId\":\"BTC-USDT\"}}", "" },
        { "okx", 0, "[]", "" },
        { "bybit", 0, "{\"result\":{\"list\":[{\"symbol\":\"A\"}],\"nextPageCursor\":\"a&b=c\"}}", "" },
        { "bybit", 0, "{\"result\":[]}", "" },
    };
    struct catalogue_scan cs;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_assert_str_eq(read_all(&venue_find(wrong[i].venue)->catalogue->parts[0], wrong[i].answer, &cs), "error",
                         "%s", wrong[i].answer);
}

/* Values of other kinds than expected leave a row that says less, never more. */
Test(venue_catalogue, values_of_another_kind_are_unknown)
{
    struct catalogue_scan cs;
    char answer[4096];
    struct text t;

    text_init(&t, answer, sizeof answer);
    text_add_string(&t, "[{\"market\":\"KRW-BTC\",\"tick_size\":{\"a\":1},\"supported_levels\":[[],\"x\",-5,1e30");
    for (int i = 1; i <= 40; i++)
        text_addf(&t, ",%d", i);
    text_add_string(&t, "]},{\"market\":[1]},{\"market\":\"A B\"},{},{\"market\":\"KRW-B\",\"tick_size\":-1}]");

    cr_assert_str_eq(read_all(&catalogue_upbit.parts[1], answer, &cs),
                     "KRW-BTC ? group=1 group=2 group=3 group=4 group=5 group=6 group=7 group=8 group=9 group=10 "
                     "group=11 group=12\nKRW-B ?\n");
    cr_assert_eq(cs.n_skipped, 3);
    cr_assert_str_eq(
        read_all(&catalogue_upbit.parts[0],
                 "[{\"market\":\"KRW-A\",\"market_event\":7,\"korean_name\":[],\"english_name\":\""
                 "0123456789012345678901234567890123456789012345678901234567890비\"}]",
                 &cs),
        "KRW-A trading base=A quote=KRW en=0123456789012345678901234567890123456789012345678901234567890\n",
        "a name is cut at a whole character");
}

Test(venue_catalogue, paths)
{
    static const char *const symbols[] = { "KRW-BTC", "KRW-ETH", "KRW-XRP" };
    char memory[80];
    struct text t;
    uint32_t n = 9;

    text_init(&t, memory, sizeof memory);
    cr_assert_eq(catalogue_path(&t, &catalogue_upbit.parts[0], NULL, 0, "", &n), 0);
    cr_assert_str_eq(memory, "/v1/market/all?is_details=true");
    text_init(&t, memory, 60);
    cr_assert_eq(catalogue_path(&t, &catalogue_upbit.parts[1], symbols, 3, "", &n), 0);
    cr_assert_str_eq(memory, "/v1/orderbook/instruments?markets=KRW-BTC,KRW-ETH,KRW-XRP");
    cr_assert_eq(n, 3);
    text_init(&t, memory, 52);
    cr_assert_eq(catalogue_path(&t, &catalogue_upbit.parts[1], symbols, 3, "", &n), 0);
    cr_assert_eq(n, 2, "as many as fit");
    text_init(&t, memory, 40);
    cr_assert_eq(catalogue_path(&t, &catalogue_upbit.parts[1], symbols, 3, "", &n), -ENOBUFS);
    text_init(&t, memory, sizeof memory);
    cr_assert_eq(catalogue_path(&t, &catalogue_bybit.parts[0], NULL, 0, "first%3DA", &n), 0);
    cr_assert_str_eq(memory, "/v5/market/instruments-info?category=spot&limit=1000&cursor=first%3DA");
}
