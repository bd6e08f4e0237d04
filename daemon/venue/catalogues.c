/* SPDX-License-Identifier: MIT
 * catalogues.c - where each venue lists its instruments, and what a row says: one table a venue. Facts are those of
 * ../shared/protocols/VENUE.md, "Symbols"; a key beyond the sheet names its page. What has no key here is unknown:
 * Bithumb's and Coinone's ticks, Korbit's lots, everybody's Korean names but Upbit's and Bithumb's. */
#include "venue/catalogue.h"
#include "venue/field.h"

#include <errno.h>
#include <string.h>

#define MEMBER(key, take, member)                                                                                      \
    {                                                                                                                  \
        (key), catalogue_take_##take, offsetof(struct md_instrument, member),                                          \
            sizeof(((struct md_instrument *)0)->member), NULL                                                          \
    }
#define VALUE(key, take)                                                                                               \
    {                                                                                                                  \
        (key), catalogue_take_##take, 0, 0, NULL                                                                       \
    }
#define MORE(key, take, more)                                                                                          \
    {                                                                                                                  \
        (key), catalogue_take_##take, 0, 0, (more)                                                                     \
    }
#define TABLE(fields)                                                                                                  \
    {                                                                                                                  \
        (fields), sizeof(fields) / sizeof((fields)[0])                                                                 \
    }
#define ALL_OF(parts)                                                                                                  \
    {                                                                                                                  \
        (parts), sizeof(parts) / sizeof((parts)[0]), 1                                                                 \
    }
/* The socket carries products that are not in the list. */
#define SOME_OF(parts)                                                                                                 \
    {                                                                                                                  \
        (parts), sizeof(parts) / sizeof((parts)[0]), 0                                                                 \
    }

static void part_copy(char *to, size_t to_size, const char *from, size_t size)
{
    if (size >= to_size)
        return;
    memcpy(to, from, size);
    to[size] = '\0';
}

/* Listed is what is in the list: these venues have no word for it (Upbit's sheet: "No status field; a delisted pair
 * just disappears"). QUOTE-BASE. */
static void quote_base_finish(struct md_instrument *io)
{
    const char *dash = strchr(io->symbol, '-');

    io->listing = MD_LISTING_TRADING;
    if (!dash)
        return;
    part_copy(io->quote, sizeof(io->quote), io->symbol, (size_t)(dash - io->symbol));
    part_copy(io->base, sizeof(io->base), dash + 1, strlen(dash + 1));
}

/* --- Upbit: the list, then ticks and grouping levels of the markets named ------------------------------------------
 */

static const struct catalogue_field upbit_event_fields[] = { VALUE("warning", warning), VALUE("caution", cautions) };
static const struct catalogue_table upbit_event = TABLE(upbit_event_fields);
static const struct catalogue_field upbit_fields[] = {
    VALUE("market", symbol),
    MEMBER("korean_name", text, name_korean),
    MEMBER("english_name", text, name_english),
    MORE("market_event", object, &upbit_event),
};
static const struct catalogue_field upbit_tick_fields[] = {
    VALUE("market", symbol),
    VALUE("tick_size", tick_now), /* the sheet: "tick changes with price" */
    VALUE("supported_levels", groups),
};
static const struct catalogue_part upbit_parts[] = {
    { .path = "/v1/market/all?is_details=true", .weight = 1, .row = TABLE(upbit_fields), .finish = quote_base_finish },
    { .path = "/v1/orderbook/instruments?markets=",
      .names_symbols = 1,
      .symbols_max = 100,
      .weight = 1,
      .row = TABLE(upbit_tick_fields) },
};
const struct venue_catalogue catalogue_upbit = ALL_OF(upbit_parts);

/* --- Bithumb ------------------------------------------------------------------------------------------------------ */

static const struct catalogue_field bithumb_fields[] = {
    VALUE("market", symbol),
    MEMBER("korean_name", text, name_korean),
    MEMBER("english_name", text, name_english),
    VALUE("market_warning", warning_word),
};
static const struct catalogue_part bithumb_parts[] = {
    { .path = "/v1/market/all?isDetails=true", .weight = 1, .row = TABLE(bithumb_fields), .finish = quote_base_finish },
};
const struct venue_catalogue catalogue_bithumb = ALL_OF(bithumb_parts);

/* --- Coinone ------------------------------------------------------------------------------------------------------ */

/* The sheet has trade_status 0 to 3 without their meaning: the number is shown, and means nothing here. */
static const struct catalogue_word no_words[] = { { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field coinone_fields[] = {
    MEMBER("quote_currency", text, quote),
    MEMBER("target_currency", text, base),
    MEMBER("qty_unit", number, lot),
    MEMBER("min_qty", number, size_min),
    MEMBER("min_order_amount", number, value_min),
    VALUE("order_book_units", groups),
    MORE("trade_status", status, no_words),
};

/* QUOTE-TARGET is how hoga spells it (daemon/venue/coinone.c). */
static void coinone_finish(struct md_instrument *io)
{
    struct text text;

    text_init(&text, io->symbol, sizeof(io->symbol));
    text_add_string(&text, io->quote);
    text_add_string(&text, "-");
    text_add_string(&text, io->base);
    if (io->quote[0] == '\0' || io->base[0] == '\0' || text.cut)
        io->symbol[0] = '\0';
    io->listing = MD_LISTING_TRADING;
}
static const struct catalogue_part coinone_parts[] = {
    { .path = "/public/v2/markets/KRW",
      .weight = 1,
      .list = { "markets" }, /* https://docs.coinone.co.kr/reference/markets */
      .row = TABLE(coinone_fields),
      .finish = coinone_finish },
};
const struct venue_catalogue catalogue_coinone = ALL_OF(coinone_parts);

/* --- Korbit ------------------------------------------------------------------------------------------------------- */

static const struct catalogue_word korbit_words[] = { { "launched", MD_LISTING_TRADING },
                                                      { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field korbit_fields[] = {
    VALUE("symbol", symbol),
    MORE("status", status, korbit_words),
    MEMBER("baseCurrency", text, base),
    MEMBER("quoteCurrency", text, quote),
    MEMBER("minOrderValue", number, value_min),
};
/* "use status==launched (193 of 227)": any other is there no more, or not yet. */
static void korbit_finish(struct md_instrument *io)
{
    if (io->status[0] != '\0' && io->listing == MD_LISTING_UNKNOWN)
        io->listing = MD_LISTING_HALTED;
}
static const struct catalogue_part korbit_parts[] = {
    { .path = "/v2/currencyPairs",
      .weight = 1,
      .list = { "data" }, /* as every answer of this API (sheet, "REST check") */
      .row = TABLE(korbit_fields),
      .finish = korbit_finish },
};
const struct venue_catalogue catalogue_korbit = ALL_OF(korbit_parts);

/* --- Binance ------------------------------------------------------------------------------------------------------ */

/* "status (TRADING, BREAK, HALT, new 2026-07 CANCEL_ONLY)". */
static const struct catalogue_word binance_words[] = {
    { "TRADING", MD_LISTING_TRADING },    { "BREAK", MD_LISTING_HALTED }, { "HALT", MD_LISTING_HALTED },
    { "CANCEL_ONLY", MD_LISTING_HALTED }, { NULL, MD_LISTING_UNKNOWN },
};

/* A filter says what it is in one of its keys, wherever that stands: MARKET_LOT_SIZE has the keys of LOT_SIZE. */
struct binance_filter {
    struct scan_string type;
    struct scan_number tick, step, size_min, value_min, notional;
};
static const struct field binance_filter_keys[] = {
    FIELD("filterType", FIELD_STRING, struct binance_filter, type),
    FIELD("tickSize", FIELD_NUMBER, struct binance_filter, tick),
    FIELD("stepSize", FIELD_NUMBER, struct binance_filter, step),
    FIELD("minQty", FIELD_NUMBER, struct binance_filter, size_min),
    FIELD("minNotional", FIELD_NUMBER, struct binance_filter, value_min),
    FIELD("notional", FIELD_NUMBER, struct binance_filter, notional), /* futures */
};
enum { SAW_TYPE = 1, SAW_TICK = 2, SAW_STEP = 4, SAW_SIZE = 8, SAW_VALUE = 16, SAW_NOTIONAL = 32 };

static void number_set(struct md_decimal *to, const struct scan_number *from, int is_seen)
{
    if (is_seen && from->fits && !from->is_negative)
        *to = (struct md_decimal){ from->mantissa, from->decimals, 1 };
}

/* 0 is how this venue says that there is no such rule. */
static void step_set(struct md_decimal *to, const struct scan_number *from, int is_seen)
{
    number_set(to, from, is_seen && from->mantissa > 0);
}

static void binance_filter_take(const struct binance_filter *filter, uint32_t seen, struct md_instrument *to)
{
    if (field_is(&filter->type, "PRICE_FILTER")) {
        step_set(&to->ticks[0].tick, &filter->tick, (seen & SAW_TICK) != 0);
        to->ticks[0].from.is_known = 1;
        to->n_ticks = to->ticks[0].tick.is_known;
    } else if (field_is(&filter->type, "LOT_SIZE")) {
        step_set(&to->lot, &filter->step, (seen & SAW_STEP) != 0);
        number_set(&to->size_min, &filter->size_min, (seen & SAW_SIZE) != 0);
    } else if (field_is(&filter->type, "NOTIONAL") || field_is(&filter->type, "MIN_NOTIONAL")) {
        number_set(&to->value_min, &filter->value_min, (seen & SAW_VALUE) != 0);
        number_set(&to->value_min, &filter->notional, (seen & SAW_NOTIONAL) != 0);
    }
}

static int binance_take_filters(struct scan *s, const struct catalogue_field *field, struct md_instrument *to)
{
    int r;

    (void)field;
    if (scan_peek(s) != SCAN_ARRAY)
        return scan_skip(s);
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0) {
        struct binance_filter filter = { 0 };
        uint32_t seen = 0;

        r = fields_read(s, binance_filter_keys, sizeof(binance_filter_keys) / sizeof(binance_filter_keys[0]), &filter,
                        NULL, &seen);
        if (r == 0 && (seen & SAW_TYPE))
            binance_filter_take(&filter, seen, to);
    }
    return r;
}

/* baseAsset, quoteAsset, minQty and the notional filters: https://developers.binance.com/docs/binance-spot-api-docs/
 * rest-api/general-endpoints and filters; weight 20 of an address's 6000 a minute, 1 of 2400 on futures. */
static const struct catalogue_field binance_fields[] = {
    VALUE("symbol", symbol),
    MORE("status", status, binance_words),
    MORE("contractStatus", status, binance_words), /* COIN-M */
    MEMBER("baseAsset", text, base),
    MEMBER("quoteAsset", text, quote),
    { "filters", binance_take_filters, 0, 0, NULL },
};
#define BINANCE_PART(address, cost)                                                                                    \
    {                                                                                                                  \
        .path = (address), .weight = (cost), .list = { "symbols" }, .row = TABLE(binance_fields)                       \
    }
static const struct catalogue_part binance_parts[] = { BINANCE_PART("/api/v3/exchangeInfo", 20) };
const struct venue_catalogue catalogue_binance = ALL_OF(binance_parts);
static const struct catalogue_part binance_usdm_parts[] = { BINANCE_PART("/fapi/v1/exchangeInfo", 1) };
const struct venue_catalogue catalogue_binance_usdm = ALL_OF(binance_usdm_parts);
static const struct catalogue_part binance_coinm_parts[] = { BINANCE_PART("/dapi/v1/exchangeInfo", 1) };
const struct venue_catalogue catalogue_binance_coinm = ALL_OF(binance_coinm_parts);

/* --- OKX: sizes of derivatives are contracts, in the list as in the books ------------------------------------------
 */

/* https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments: state, baseCcy and quoteCcy (of SPOT). */
static const struct catalogue_word okx_words[] = {
    { "live", MD_LISTING_TRADING },     { "suspend", MD_LISTING_HALTED }, { "preopen", MD_LISTING_HALTED },
    { "expired", MD_LISTING_DELISTED }, { NULL, MD_LISTING_UNKNOWN },
};
static const struct catalogue_field okx_fields[] = {
    VALUE("instId", symbol),
    MORE("state", status, okx_words),
    MEMBER("baseCcy", text, base),
    MEMBER("quoteCcy", text, quote),
    VALUE("tickSz", tick),
    MEMBER("lotSz", number, lot),
    MEMBER("minSz", number, size_min),
};
#define OKX_PART(type)                                                                                                 \
    {                                                                                                                  \
        .path = "/api/v5/public/instruments?instType=" type, .weight = 1, .list = { "data" }, .row = TABLE(okx_fields) \
    }
static const struct catalogue_part okx_parts[] = { OKX_PART("SPOT"), OKX_PART("SWAP"), OKX_PART("FUTURES") };
const struct venue_catalogue catalogue_okx = SOME_OF(okx_parts);

/* --- Bybit -------------------------------------------------------------------------------------------------------- */

/* https://bybit-exchange.github.io/docs/v5/market/instrument: baseCoin, quoteCoin, minOrderQty, minOrderAmt,
 * minNotionalValue. */
static const struct catalogue_word bybit_words[] = { { "Trading", MD_LISTING_TRADING },
                                                     { "PreLaunch", MD_LISTING_HALTED },
                                                     { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field bybit_price_fields[] = { VALUE("tickSize", tick) };
static const struct catalogue_table bybit_price = TABLE(bybit_price_fields);
static const struct catalogue_field bybit_lot_fields[] = {
    MEMBER("basePrecision", number, lot), /* spot */
    MEMBER("qtyStep", number, lot),       /* derivatives */
    MEMBER("minOrderQty", number, size_min),
    MEMBER("minOrderAmt", number, value_min),      /* spot */
    MEMBER("minNotionalValue", number, value_min), /* derivatives */
};
static const struct catalogue_table bybit_lot = TABLE(bybit_lot_fields);
static const struct catalogue_field bybit_fields[] = {
    VALUE("symbol", symbol),
    MORE("status", status, bybit_words),
    MEMBER("baseCoin", text, base),
    MEMBER("quoteCoin", text, quote),
    MORE("priceFilter", object, &bybit_price),
    MORE("lotSizeFilter", object, &bybit_lot),
};
#define BYBIT_PART(category)                                                                                           \
    {                                                                                                                  \
        .path = "/v5/market/instruments-info?category=" category "&limit=1000", .cursor = "nextPageCursor",            \
        .cursor_query = "&cursor=", .weight = 1, .list = { "result", "list" }, .row = TABLE(bybit_fields)              \
    }
static const struct catalogue_part bybit_parts[] = { BYBIT_PART("spot") };
const struct venue_catalogue catalogue_bybit = ALL_OF(bybit_parts);
static const struct catalogue_part bybit_linear_parts[] = { BYBIT_PART("linear") };
const struct venue_catalogue catalogue_bybit_linear = SOME_OF(bybit_linear_parts);

/* --- Bitget, Gate: counts of decimals ------------------------------------------------------------------------------
 */

/* baseCoin, quoteCoin and the word online: https://www.bitget.com/api-doc/spot/market/Get-Symbols. */
static const struct catalogue_word bitget_words[] = { { "online", MD_LISTING_TRADING }, { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field bitget_fields[] = {
    VALUE("symbol", symbol),          MORE("status", status, bitget_words), MEMBER("baseCoin", text, base),
    MEMBER("quoteCoin", text, quote), VALUE("pricePrecision", tick_digits), MEMBER("quantityPrecision", digits, lot),
};
static const struct catalogue_part bitget_parts[] = {
    { .path = "/api/v2/spot/public/symbols", .weight = 1, .list = { "data" }, .row = TABLE(bitget_fields) },
};
const struct venue_catalogue catalogue_bitget = SOME_OF(bitget_parts);

/* id, base, quote, the minima and the words: https://www.gate.com/docs/developers/apiv4/#list-all-currency-pairs. */
static const struct catalogue_word gateio_words[] = { { "tradable", MD_LISTING_TRADING },
                                                      { "untradable", MD_LISTING_HALTED },
                                                      { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field gateio_fields[] = {
    VALUE("id", symbol),
    MORE("trade_status", status, gateio_words),
    MEMBER("base", text, base),
    MEMBER("quote", text, quote),
    VALUE("precision", tick_digits),
    MEMBER("amount_precision", digits, lot),
    MEMBER("min_base_amount", number, size_min),
    MEMBER("min_quote_amount", number, value_min),
};
static const struct catalogue_part gateio_parts[] = {
    { .path = "/api/v4/spot/currency_pairs", .weight = 1, .row = TABLE(gateio_fields) },
};
const struct venue_catalogue catalogue_gateio = ALL_OF(gateio_parts);

/* --- Kraken: the members of `result` --------------------------------------------------------------------------------
 */

/* Of the instrument channel, the same word here (sheet, "Instrument / tick size"); the others limit orders or trading.
 * ordermin and costmin are its qty_min and cost_min: https://github.com/JKorf/Kraken.Net/blob/main/Kraken.Net/Objects/
 * Models/KrakenSymbol.cs, read 2026-11-28. */
static const struct catalogue_word kraken_words[] = { { "online", MD_LISTING_TRADING }, { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field kraken_fields[] = {
    MEMBER("wsname", text, symbol),      MORE("status", status, kraken_words), VALUE("tick_size", tick),
    MEMBER("lot_decimals", digits, lot), MEMBER("ordermin", number, size_min), MEMBER("costmin", number, value_min),
};

/* The list has the names of the v1 socket; v2 "uses BTC, not XBT" (sheet, "book frames"), and knows XDG as DOGE alone:
 * it answers "Currency pair not supported XDG/USD" (https://github.com/nautechsystems/nautilus_trader/issues/3960,
 * tried there on 2026-04-30, read 2026-11-28). */
static void kraken_part(char *to, size_t to_size, const char *from, size_t size)
{
    static const char *const renamed[][2] = { { "XBT", "BTC" }, { "XDG", "DOGE" } };

    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (size == strlen(renamed[i][0]) && memcmp(from, renamed[i][0], size) == 0) {
            part_copy(to, to_size, renamed[i][1], strlen(renamed[i][1]));
            return;
        }
    }
    part_copy(to, to_size, from, size);
}

static void kraken_finish(struct md_instrument *io)
{
    const char *slash = strchr(io->symbol, '/');
    struct text text;

    if (!slash) {
        io->symbol[0] = '\0'; /* no pair of the socket */
        return;
    }
    kraken_part(io->base, sizeof(io->base), io->symbol, (size_t)(slash - io->symbol));
    kraken_part(io->quote, sizeof(io->quote), slash + 1, strlen(slash + 1));
    text_init(&text, io->symbol, sizeof(io->symbol));
    text_add_string(&text, io->base);
    text_add_string(&text, "/");
    text_add_string(&text, io->quote);
}
static const struct catalogue_part kraken_parts[] = {
    { .path = "/0/public/AssetPairs",
      .weight = 1,
      .list = { "result" },
      .is_keyed = 1,
      .row = TABLE(kraken_fields),
      .finish = kraken_finish },
};
const struct venue_catalogue catalogue_kraken = SOME_OF(kraken_parts);

/* --- Coinbase Exchange -------------------------------------------------------------------------------------------- */

/* The sheet: base_increment, quote_increment (tick), status; the currencies and the word online:
 * https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products/get-all-known-trading-pairs. */
static const struct catalogue_word coinbase_words[] = { { "online", MD_LISTING_TRADING },
                                                        { "offline", MD_LISTING_HALTED },
                                                        { "delisted", MD_LISTING_DELISTED },
                                                        { NULL, MD_LISTING_UNKNOWN } };
static const struct catalogue_field coinbase_fields[] = {
    VALUE("id", symbol),
    MORE("status", status, coinbase_words),
    MEMBER("base_currency", text, base),
    MEMBER("quote_currency", text, quote),
    VALUE("quote_increment", tick),
    MEMBER("base_increment", number, lot),
    MEMBER("min_market_funds", number, value_min),
};
static const struct catalogue_part coinbase_parts[] = {
    { .path = "/products", .weight = 1, .row = TABLE(coinbase_fields) },
};
const struct venue_catalogue catalogue_coinbase = ALL_OF(coinbase_parts);

/* The sheet has the path; the keys: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public/
 * list-public-products, read 2026-11-28. Its status is taken to speak the words of Exchange, the same engine. */
static const struct catalogue_field advanced_fields[] = {
    VALUE("product_id", symbol),
    MORE("status", status, coinbase_words),
    MEMBER("base_currency_id", text, base),
    MEMBER("quote_currency_id", text, quote),
    MEMBER("base_name", text, name_english),
    VALUE("quote_increment", tick),
    MEMBER("base_increment", number, lot),
    MEMBER("base_min_size", number, size_min),
    MEMBER("quote_min_size", number, value_min),
};
static const struct catalogue_part advanced_parts[] = {
    { .path = "/api/v3/brokerage/market/products", .weight = 1, .list = { "products" }, .row = TABLE(advanced_fields) },
};
const struct venue_catalogue catalogue_coinbase_adv = ALL_OF(advanced_parts);
