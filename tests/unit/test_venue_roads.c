/* SPDX-License-Identifier: MIT
 * The straight road through a message, spelled as its venue spells it, against the general one: every kind of number,
 * of id and of time in its places, and both must say the same or refuse the same. A blank behind the first brace is
 * enough for the general road. Messages of ../shared/protocols, one a venue and product. */
#include "tests/support/frame_same.h"
#include "venue_decode.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct md_frame *frame, *general;

static void setup(void)
{
    cr_assert_eq(md_frame_new(&frame), 0);
    cr_assert_eq(md_frame_new(&general), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
    general = md_frame_free(general);
}

TestSuite(venue_roads, .init = setup, .fini = teardown);

/* P and Q: numbers; I: an id; M: milliseconds; T: a time as text; S: a symbol. */
enum place { PRICE, SIZE, ID, MS, TIME, SYMBOL, PLACES };
static const char places[PLACES] = { 'P', 'Q', 'I', 'M', 'T', 'S' };
static const char *const usual[PLACES] = {
    "116208000.5", "0.06288509", "26", "1790134773006", "2026-04-07T14:30:00.123456Z", "KRW-BTC"
};

/* A place is written ~P~ in these. */
static const struct {
    const char *venue, *text;
} messages[] = {
    { "upbit",
      "{\"type\":\"orderbook\",\"code\":\"~S~\",\"timestamp\":~M~,\"total_ask_size\":~Q~,\"total_bid_size\":~P~,"
      "\"orderbook_units\":[{\"ask_price\":~P~,\"bid_price\":7,\"ask_size\":2.5,\"bid_size\":~Q~},"
      "{\"ask_price\":8,\"bid_price\":~P~,\"ask_size\":~Q~,\"bid_size\":1}],\"stream_type\":\"REALTIME\","
      "\"level\":0}" },
    { "upbit", "{\"ty\":\"orderbook\",\"cd\":\"~S~\",\"tms\":~M~,\"tas\":1.5,\"tbs\":2.5,\"obu\":[{\"ap\":~P~,"
               "\"bp\":5,\"as\":~Q~,\"bs\":5},{\"ap\":9,\"bp\":~P~,\"as\":5,\"bs\":~Q~}],\"st\":\"SNAPSHOT\"}" },
    { "upbit", "{\"ty\":\"orderbook\",\"cd\":\"~S~\",\"tms\":~M~,\"tas\":~P~,\"tbs\":~Q~,\"obu\":[{\"ap\":8,"
               "\"bp\":5,\"as\":1,\"bs\":~Q~}],\"st\":\"SNAPSHOT\",\"lv\":~P~}" },
    { "bithumb",
      "{\"type\":\"orderbook\",\"code\":\"~S~\",\"total_ask_size\":~P~,\"total_bid_size\":~Q~,"
      "\"orderbook_units\":[{\"ask_price\":~P~,\"bid_price\":7,\"ask_size\":~Q~,\"bid_size\":1}],\"level\":1,"
      "\"timestamp\":~I~,\"stream_type\":\"REALTIME\"}" },
    { "coinone", "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":{\"quote_currency\":\"KRW\","
                 "\"target_currency\":\"~S~\",\"timestamp\":~M~,\"id\":\"~I~\",\"asks\":[{\"price\":\"~P~\","
                 "\"qty\":\"1\"}],\"bids\":[{\"price\":\"1\",\"qty\":\"~Q~\"}]}}" },
    { "korbit",
      "{\"symbol\":\"~S~\",\"timestamp\":~M~,\"type\":\"orderbook\",\"snapshot\":true,\"data\":{\"timestamp\":"
      "~M~,\"asks\":[{\"price\":\"~P~\",\"qty\":\"1\"}],\"bids\":[{\"price\":\"1\",\"qty\":\"~Q~\"}]}}" },
    { "binance", "{\"stream\":\"bnbbtc@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":~M~,\"s\":\"~S~\","
                 "\"U\":~I~,\"u\":~I~,\"b\":[[\"~P~\",\"~Q~\"]],\"a\":[[\"2\",\"~P~\"],[\"3\",\"~Q~\"]]}}" },
    { "binance-usdm", "{\"e\":\"depthUpdate\",\"E\":~M~,\"T\":~M~,\"s\":\"~S~\",\"U\":1,\"u\":~I~,\"pu\":~I~,\"b\":[["
                      "\"~P~\",\"1\"]],\"a\":[[\"1\",\"~Q~\"]]}" },
    { "okx", "{\"arg\":{\"channel\":\"books\",\"instId\":\"~S~\"},\"action\":\"update\",\"data\":[{\"asks\":[[\"~P~\","
             "\"~Q~\",\"0\",\"1\"]],\"bids\":[[\"1\",\"~P~\",\"0\",\"~Q~\"]],\"ts\":\"~M~\",\"checksum\":~I~,"
             "\"prevSeqId\":~I~,\"seqId\":~I~}]}" },
    { "bitget", "{\"action\":\"update\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"~S~\"},"
                "\"data\":[{\"asks\":[[\"~P~\",\"1\"]],\"bids\":[[\"1\",\"~Q~\"]],\"checksum\":~I~,\"ts\":\"~M~\"}],"
                "\"ts\":~M~}" },
    { "bybit", "{\"topic\":\"orderbook.50.~S~\",\"type\":\"delta\",\"ts\":~M~,\"data\":{\"s\":\"~S~\",\"b\":[[\"~P~\","
               "\"1\"]],\"a\":[[\"1\",\"~Q~\"]],\"u\":~I~,\"seq\":~I~},\"cts\":~M~}" },
    { "gateio", "{\"time\":~I~,\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{\"t\":~M~,"
                "\"e\":\"depthUpdate\",\"E\":1,\"s\":\"~S~\",\"U\":~I~,\"u\":~I~,\"b\":[[\"~P~\",\"1\"]],"
                "\"a\":[[\"1\",\"~Q~\"]]}}" },
    { "gateio",
      "{\"channel\":\"spot.obu\",\"result\":{\"t\":~M~,\"s\":\"ob.~S~.50\",\"U\":~I~,\"u\":~I~,\"b\":[[\"~P~\","
      "\"1\"]],\"a\":[[\"1\",\"~Q~\"]]},\"time_ms\":1,\"event\":\"update\"}" },
    { "kraken", "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"~S~\",\"bids\":[{\"price\":~P~,"
                "\"qty\":1.0}],\"asks\":[{\"price\":1.0,\"qty\":~Q~}],\"checksum\":~I~,\"timestamp\":\"~T~\"}]}" },
    { "coinbase", "{\"type\":\"l2update\",\"product_id\":\"~S~\",\"changes\":[[\"buy\",\"~P~\",\"1\"],[\"sell\",\"1\","
                  "\"~Q~\"]],\"time\":\"~T~\"}" },
    { "coinbase", "{\"type\":\"snapshot\",\"product_id\":\"~S~\",\"asks\":[[\"~P~\",\"1\"]],\"bids\":[[\"1\",\"~Q~\"]],"
                  "\"time\":\"~T~\"}" },
    { "coinbase-adv",
      "{\"channel\":\"l2_data\",\"client_id\":\"\",\"timestamp\":\"~T~\",\"sequence_num\":~I~,\"events\":"
      "[{\"type\":\"update\",\"product_id\":\"~S~\",\"updates\":[{\"side\":\"bid\",\"event_time\":\"~T~\","
      "\"price_level\":\"~P~\",\"new_quantity\":\"1\"},{\"side\":\"offer\",\"event_time\":"
      "\"1970-01-01T00:00:00Z\",\"price_level\":\"2\",\"new_quantity\":\"~Q~\"}]}]}" },
};

static const char *const numbers[] = {
    "0",
    "1",
    "9",
    "10",
    "12",
    "127",
    "1234567",
    "12345678",
    "123456789",
    "123456789012345",
    "1234567890123456",
    "12345678901234567",
    "123456789012345678",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "0.0",
    "0.1",
    "0.10",
    "0.00000000",
    "0.00001306",
    "0.12345678",
    "0.123456789",
    "0.1234567890123456",
    "0.000000000000000001",
    "0.0000000000000000001",
    "127.0",
    "12.50",
    "999999.9",
    "9999999.99999999",
    "280460.3788566",
    "280460.37885666",
    "1234567.1234567",
    "1234567.12345678",
    "1234567.123456789",
    "12345678.1",
    "12345678.12345678",
    "9007199254740993.1",
    "1E8",
    "1e8",
    "1.16539E8",
    "1.0E-8",
    "7.9276E-4",
    "1e+2",
    "1e-18",
    "1e18",
    "1e19",
    "1e100",
    "9e18",
    "9.3e18",
    "0e5",
    "0.0e-3",
    "1.25e1",
    "00",
    "01",
    "00.5",
    "-0",
    "-1",
    "+1",
    "1.",
    ".5",
    "1.e5",
    "1e",
    "1e+",
    "1.2.3",
    "1/2",
    "1:2",
    "1,5",
    "1 ",
    " 1",
    "1x",
    "0x1",
    "NaN",
    "1_0",
    "1\\u0030",
    "",
    "127.0.",
    "1234567.1234567.",
    "1234567.12345678/",
    "\"1\"",
    "null",
};
static const char *const ids[] = {
    "0",
    "1",
    "7",
    "395",
    "1234567",
    "12345678",
    "12345678901234567",
    "4294967295",
    "4294967296",
    "17901335055640",
    "1790134773006123",
    "9223372036854775807",
    "9223372036854775808",
    "9999999999999999999",
    "10000000000000000000",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999",
    "01",
    "-1",
    "-0",
    "1.0",
    "1.5",
    "1e3",
    "1E3",
    "",
    "\"26\"",
    "null",
    " 26",
    "26 ",
};
static const char *const times[] = {
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00.000000001Z",
    "1972-02-29T23:59:59.9Z",
    "1999-12-31T23:59:59Z",
    "2000-02-29T12:00:00.12Z",
    "2000-03-01T00:00:00.123Z",
    "2021-04-17T16:43:37.478159000Z",
    "2023-02-28T00:00:00.1234Z",
    "2024-02-29T01:02:03.12345Z",
    "2024-02-30T01:02:03.12345Z",
    "2024-03-01T01:02:03.123456Z",
    "2024-12-31T01:02:03.1234567Z",
    "2026-04-07T14:30:00.12345678Z",
    "2026-04-07T14:30:00.123456789Z",
    "2026-04-07T14:30:00.1234567891Z",
    "2099-12-31T23:59:59Z",
    "2100-02-28T00:00:00Z",
    "2100-03-01T00:00:00Z",
    "2200-12-31T00:00:00Z",
    "2201-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "2026-00-07T14:30:00Z",
    "2026-13-07T14:30:00Z",
    "2026-04-00T14:30:00Z",
    "2026-04-32T14:30:00Z",
    "2026-04-31T14:30:00Z",
    "2026-04-07T24:00:00Z",
    "2026-04-07T14:60:00Z",
    "2026-04-07T14:30:60Z",
    "2026-04-07T14:30:00.Z",
    "2026-04-07T14:30:00",
    "2026-04-07 14:30:00.5Z",
    "2026-04-07T14:30:00.5+00:00",
    "2026-4-7T14:30:00Z",
    "",
    "x",
};
static const char *const symbols[] = {
    "A",
    "KRW-BTC",
    "BTC_USDT",
    "BTC/USD",
    "1INCHUSDT",
    "KRW-ABCDEFGHIJKLMNO",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMN",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUV",
    "",
    "A B",
    "A@1",
    "A@bbo",
    "a~b",
    "A\\u0042",
    "A\\/B",
    "A\\\"B",
    "\\u0000",
    "A\tB",
    "\xeb\xb9\x84\xed\x8a\xb8",
    "A.B",
    ".",
};

static const struct {
    enum place place;
    const char *const *values;
    size_t n;
} all[] = {
    { PRICE, numbers, N_OF(numbers) },
    { SIZE, numbers, N_OF(numbers) },
    { ID, ids, N_OF(ids) },
    { MS, ids, N_OF(ids) },
    { TIME, times, N_OF(times) },
    { SYMBOL, symbols, N_OF(symbols) },
};

/* The message with each place filled in, its first byte repeated with a blank if `is_general`. */
static void message_make(struct text *t, const char *text, const char *const value[PLACES], int is_general)
{
    text_add_string(t, is_general ? "{ " : "{");
    for (text++; *text; text++) {
        const char *place = *text == '~' ? memchr(places, text[1], PLACES) : NULL;

        if (place) {
            text_add_string(t, value[place - places]);
            text += 2;
        } else {
            text_add(t, text, 1);
        }
    }
    cr_assert_not(t->cut);
}

/* Returns whether the message was taken. */
static int roads_check(size_t i, const char *const value[PLACES])
{
    const struct venue *venue = venue_find(messages[i].venue);
    char straight[1024], other[1024];
    struct text t;
    int r;

    text_init(&t, straight, sizeof(straight));
    message_make(&t, messages[i].text, value, 0);
    text_init(&t, other, sizeof(other));
    message_make(&t, messages[i].text, value, 1);
    r = decode_exact(venue->decode, straight, frame);
    if (decode_exact(venue->decode, other, general) != r || !frame_same(frame, general, venue->has_digits))
        cr_expect(0, "the general road says another thing of %s", straight);
    return r == 0 && frame->n_events == 1 && frame->event[0].kind == MD_BOOK;
}

Test(venue_roads, say_the_same_of_every_value)
{
    for (size_t i = 0; i < N_OF(messages); i++) {
        const char *value[PLACES];

        memcpy(value, usual, sizeof(value));
        cr_assert(roads_check(i, value), "%s", messages[i].text);
        for (size_t k = 0; k < N_OF(all); k++) {
            for (size_t v = 0; v < all[k].n; v++) {
                value[all[k].place] = all[k].values[v];
                (void)roads_check(i, value);
            }
            value[all[k].place] = usual[all[k].place];
        }
    }
}

/* What one number needs decides how the others of its message are held. */
Test(venue_roads, say_the_same_of_every_pair_of_numbers)
{
    const char *value[PLACES];

    memcpy(value, usual, sizeof(value));
    for (size_t i = 0; i < N_OF(messages); i++)
        for (size_t p = 0; p < N_OF(numbers); p++)
            for (size_t q = 0; q < N_OF(numbers); q++) {
                value[PRICE] = numbers[p];
                value[SIZE] = numbers[q];
                (void)roads_check(i, value);
            }
}

/* Messages whose names are looked into, beside those above. */
static const struct {
    const char *venue, *text;
} named[] = {
    { "binance", "{\"stream\":\"bnbbtc@depth20@100ms\",\"data\":{\"lastUpdateId\":160,\"bids\":[[\"1\",\"2\"]],"
                 "\"asks\":[]}}" },
    { "bybit", "{\"topic\":\"publicTrade.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1672304486868,\"data\":[{\"T\":"
               "1672304486865,\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"v\":\"0.001\",\"p\":\"16578.50\",\"i\":"
               "\"20f43950-d8dd-5b31-9112-a178eb6023af\"}]}" },
    { "bybit", "{\"success\":false,\"ret_msg\":\"error:handler not found,topic:orderbook.50.BTCUSDX\",\"op\":"
               "\"subscribe\"}" },
    { "okx", "{\"arg\":{\"channel\":\"trades\",\"instId\":\"A-B\"},\"data\":[{\"instId\":\"A-B\",\"tradeId\":\"7849\","
             "\"px\":\"30218.8\",\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"1652459199958\"}]}" },
    { "okx", "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:bbo-tbt,instId:A-BX doesn't "
             "exist.\"}" },
    { "gateio", "{\"time\":1,\"channel\":\"spot.obu\",\"event\":\"subscribe\",\"error\":{\"code\":2,\"message\":"
                "\"unknown currency pair ob.A_B.50\"},\"payload\":[\"ob.A_B.50\"]}" },
    { "kraken", "[1,{\"b\":[[\"0.042870\",\"2332.63400000\",\"1618678133.370507\"]],\"c\":\"4181031425\"},"
                "\"book-1000\",\"SC/EUR\"]" },
    { "kraken", "{\"error\":\"Currency pair not supported AAA/BBB\",\"method\":\"subscribe\",\"success\":false}" },
    { "coinbase", "{\"type\":\"subscriptions\",\"channels\":[{\"name\":\"level2_50\",\"product_ids\":[\"A-B\"]}]}" },
    { "coinbase", "{\"type\":\"match\",\"trade_id\":7,\"side\":\"buy\",\"size\":\"1\",\"price\":\"2\",\"product_id\":"
                  "\"A-B\",\"time\":\"2021-04-17T16:43:29.571587Z\"}" },
    { "coinbase",
      "{\"type\":\"error\",\"message\":\"Failed to subscribe\",\"reason\":\"BTC-USX is not a valid product\"}" },
    { "korbit", "{\"status\":\"fail\",\"code\":\"INVALID_SYMBOL\",\"message\":\"The symbol does not exist (a_krw)\","
                "\"requestId\":2}" },
};

/* Every letter of every string as its \u escape. */
static void escaped_make(struct text *t, const char *text)
{
    int is_inside = 0;

    for (; *text; text++) {
        is_inside ^= *text == '"';
        if (is_inside && *text != '"')
            text_addf(t, "\\u%04x", (unsigned char)*text);
        else
            text_add(t, text, 1);
    }
    cr_assert_not(t->cut);
}

static void escapes_check(const char *name, const char *text)
{
    const struct venue *venue = venue_find(name);
    char escaped[8192];
    struct text t;

    text_init(&t, escaped, sizeof(escaped));
    escaped_make(&t, text);
    cr_expect_eq(decode_exact(venue->decode, text, frame), 0, "%s", text);
    cr_expect_eq(decode_exact(venue->decode, escaped, general), 0, "%s", escaped);
    cr_expect(frame->n_events > 0 && frame->event[0].kind != MD_OTHER, "%s", text);
    cr_expect(frame_same(frame, general, venue->has_digits), "%s", escaped);
    for (uint32_t i = 0; i < frame->n_trades; i++)
        cr_expect(frame->trades[i].id == general->trades[i].id &&
                      frame->trades[i].venue_ns == general->trades[i].venue_ns,
                  "%s", escaped);
}

Test(venue_roads, strings_may_be_spelled_in_escapes)
{
    for (size_t i = 0; i < N_OF(messages); i++) {
        char plain[1024];
        struct text t;

        text_init(&t, plain, sizeof(plain));
        message_make(&t, messages[i].text, usual, 0);
        escapes_check(messages[i].venue, plain);
    }
    for (size_t i = 0; i < N_OF(named); i++)
        escapes_check(named[i].venue, named[i].text);
}

/* 26 in all the ways JSON has; 2.65E1 is none, and what has no id is refused or says less. */
Test(venue_roads, an_id_is_a_whole_number_however_spelled)
{
    static const char *const spellings[] = { "26.0", "2.6E1", "260e-1", "0.026e+3" };

    for (size_t i = 0; i < N_OF(messages); i++) {
        const struct venue *venue = venue_find(messages[i].venue);

        for (size_t k = 0; k < N_OF(spellings) && strcmp(venue->name, "bithumb") != 0; k++) {
            char plain[1024], other[1024];
            const char *value[PLACES];
            struct text t;

            memcpy(value, usual, sizeof(value));
            text_init(&t, plain, sizeof(plain));
            message_make(&t, messages[i].text, value, 0);
            value[ID] = spellings[k];
            text_init(&t, other, sizeof(other));
            message_make(&t, messages[i].text, value, 0);
            cr_expect_eq(decode_exact(venue->decode, plain, frame), 0, "%s", plain);
            cr_expect_eq(decode_exact(venue->decode, other, general), 0, "%s", other);
            cr_expect(frame_same(frame, general, venue->has_digits), "%s", other);
        }
    }
}

/* Of a key that comes twice the last value counts: the book is given once. */
Test(venue_roads, a_key_that_comes_twice_gives_one_book)
{
    static const struct decode_case cases[] = {
        { "{\"topic\":\"orderbook.50.A\",\"type\":\"delta\",\"ts\":1,\"data\":{\"s\":\"A\",\"b\":[[\"1\",\"1\"]],"
          "\"a\":[],\"u\":7},\"data\":{\"s\":\"A\",\"b\":[[\"2\",\"2\"]],\"a\":[],\"u\":8}}",
          { "BOOK A 2*2 | depth 50" } },
        { "{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B\"},\"action\":\"snapshot\",\"data\":null,\"data\":[{"
          "\"asks\":[],\"bids\":[[\"1\",\"2\",\"0\",\"1\"]],\"seqId\":8}]}",
          { "SNAP A-B 1*2 | depth 400" } },
        { "{\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{\"s\":\"A_B\",\"U\":1,\"u\":2,"
          "\"b\":[[\"1\",\"1\"]],\"a\":[]},\"result\":{\"s\":\"A_B\",\"U\":3,\"u\":4,\"b\":[[\"2\",\"2\"]],\"a\":[]}}",
          { "BOOK A_B 2*2 |" } },
        { "{\"symbol\":\"a_krw\",\"timestamp\":1,\"type\":\"orderbook\",\"data\":{\"timestamp\":1,\"asks\":[],\"bids\":"
          "[{\"price\":null,\"price\":\"1\",\"qty\":{},\"qty\":\"2\"}]}}",
          { "SNAP a_krw 1*2 |" } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":2,\"b\":{},\"b\":[[\"1\",\"2\"]],\"a\":[[1]],\"a\":[]}",
          { "BOOK A 1*2 |" } },
    };
    static const char *const venues[] = { "bybit", "okx", "gateio", "korbit", "binance" };

    for (size_t i = 0; i < N_OF(cases); i++)
        decode_check(venue_find(venues[i])->decode, frame, &cases[i], 1);
}

/* Neither microseconds nor milliseconds of these years: it is what it says, and no product overflows. */
Test(venue_roads, a_time_between_the_units_is_held)
{
    const char *value[PLACES];
    char message[1024];
    struct text t;

    memcpy(value, usual, sizeof(value));
    value[ID] = "17901335055640";
    text_init(&t, message, sizeof(message));
    message_make(&t, messages[3].text, value, 0);
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, message, frame), 0);
    cr_assert_eq(frame->event[0].venue_ns, INT64_C(17901335055640000));
}
