/* SPDX-License-Identifier: MIT
 * What the adapters of Bithumb, Coinone and Korbit make of their venues' messages. Frames are those of the fact sheets,
 * ../shared/protocols/<venue>.md, cut where they are long; hostile ones are their like. */
#include "venue_checks.h"

static struct md_frame *frame;

static void setup(void)
{
    cr_assert_eq(md_frame_new(&frame), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
}

TestSuite(venue_korean, .init = setup, .fini = teardown);

/* --- Bithumb, Coinone, Korbit ------------------------------------------------------------------------------------- */

#define UNITS                                                                                                          \
    "\"orderbook_units\":[{\"ask_price\":116208000,\"bid_price\":116204000,\"ask_size\":0.3313,\"bid_size\":0.0037},"  \
    "{\"ask_price\":116215000,\"bid_price\":116201000,\"ask_size\":0,\"bid_size\":0.0004}]"

static void check_time(const char *bytes, int64_t want_ns)
{
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, bytes, frame), 0, "%s", bytes);
    cr_assert_eq(frame->event[0].venue_ns, want_ns, "%s", bytes);
}

#define BITHUMB_ROW(symbol, side, price, size)                                                                         \
    "{\"symbol\":\"" symbol "\",\"orderType\":\"" side "\",\"price\":\"" price "\",\"quantity\":\"" size               \
    "\",\"total\":\"3\"}"

Test(venue_korean, bithumb)
{
    static const struct decode_case cases[] = {
        { "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"total_ask_size\":0.7111," UNITS ",\"level\":1,"
          "\"timestamp\":1790133505564033,\"stream_type\":\"SNAPSHOT\"}",
          { "SNAP KRW-BTC 116204000*0.0037 116201000*0.0004 | 116208000*0.3313" } },
        { "[{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"obu\":[{\"ap\":1.16279E8,\"bp\":9.9E-7,\"as\":0.0892,\"bs\":0."
          "0084}]}]",
          { "SNAP KRW-BTC 0.00000099*0.0084 | 116279000*0.0892" } },
        { "{\"type\":\"trade\",\"code\":\"KRW-BTC\",\"trade_price\":116208000,\"trade_volume\":0.0009,\"ask_bid\":"
          "\"BID\","
          "\"trade_timestamp\":1790133513739,\"sequential_id\":1079953210371761700,\"timestamp\":1790133514039}",
          { "TRADES KRW-BTC buy 116208000*0.0009 #1079953210371761700" } },
        { "{\"error\":{\"name\":\"NO_TICKET\",\"message\":\"...\"}}", { "ERROR [request-refused] NO_TICKET: ..." } },
        { "{\"error\":{\"message\":null,\"name\":\"NEW_NAME\"}}", { "ERROR [venue-error] NEW_NAME" } },
        { "{\"error\":5}", { "ERROR [venue-error] " } },
        { "{\"status\":\"UP\"}", { "STATUS" } },
        { "{\"status\":\"0000\",\"resmsg\":\"Connected Successfully\"}", { "OTHER" } },
        { "{\"type\":\"orderbooksnapshot\",\"content\":{\"symbol\":\"BTC_KRW\",\"datetime\":\"1790133914965948\","
          "\"asks\":"
          "[[\"116501000\",\"0.0163\"]],\"bids\":[[\"116500000\",\"0.7074\"]]}}",
          { "SNAP BTC_KRW 116500000*0.7074 | 116501000*0.0163" } },
        { "{\"type\":\"orderbookdepth\",\"content\":{\"list\":[" BITHUMB_ROW("A", "ask", "2", "0") "," BITHUMB_ROW(
              "B", "bid", "3", "4.50") "," BITHUMB_ROW("A", "bid", "1", "7") "],\"datetime\":1580268255864325}}",
          { "BOOK A 1*7 | 2*0", "BOOK B 3*4.5 |" } },
        { "{\"type\":\"orderbookdepth\",\"content\":{\"list\":[]}}", { "OTHER" } },
        { "{\"type\":\"orderbookdepth\",\"content\":{\"list\":[" BITHUMB_ROW("A", "both", "2", "1") "]}}", { NULL } },
        { "{\"type\":\"orderbookdepth\",\"content\":{\"list\":[" BITHUMB_ROW("A", "ask", "-2", "1") "]}}", { NULL } },
        { "{\"type\":\"orderbookdepth\",\"content\":{}}", { NULL } },
        { "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\"}", { NULL } },
        { "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"orderbook_units\":[{\"ask_price\":1}]}", { NULL } },
        { "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"orderbook_units\":5}", { NULL } },
        { "{\"type\":\"orderbooksnapshot\",\"content\":{\"symbol\":\"A\"}}", { NULL } },
        { "{\"type\":\"orderbooksnapshot\",\"content\":[]}", { NULL } },
    };

    check(frame, "bithumb", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode,
                              "{\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":[],\"level\":100}", frame),
                 0);
    cr_expect_eq(frame->event[0].view, MD_VIEW_WHOLE | 100);
    cr_assert_eq(
        decode_exact(venue_find("bithumb")->decode, "{\"ty\":\"orderbook\",\"cd\":\"A-B\",\"obu\":[],\"lv\":1}", frame),
        0);
    cr_expect_eq(frame->event[0].view, 0);
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1790133505564033000));
    check_time("{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":\"1783657882348968\",\"obu\":[]}",
               INT64_C(1783657882348968000)); /* a string, in a sample of July 2026 */
    check_time("{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":17836578823489680000,\"obu\":[]}",
               0); /* no time that 64 bits hold: unknown, and nothing else */
    check_time("{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"timestamp\":1783657882348,\"orderbook_units\":[]}",
               INT64_C(1783657882348000000)); /* milliseconds, as older pages say */
    check_request("bithumb", "KRW-BTC", "KRW-ETH", 0, 0,
                  "[{\"ticket\":\"hoga-7000000\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},"
                  "{\"format\":\"DEFAULT\"}]");
    check_request(
        "bithumb", "KRW-BTC", NULL, 5, 0,
        "[{\"ticket\":\"hoga-7000000\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC.5\"]},{\"format\":\"DEFAULT\"}]");
    check_symbols("bithumb", "KRW-BTC", "krw-btc", "BTC_KRW");
}

#define COINONE_BOOK                                                                                                   \
    "{\"quote_currency\":\"KRW\",\"target_currency\":\"BTC\",\"timestamp\":1790134177753,\"id\":\"1790134177753001\"," \
    "\"asks\":[{\"price\":\"116470000\",\"qty\":\"0.00171821\"},{\"price\":\"116460000\",\"qty\":\"0.0232\"}],"        \
    "\"bids\":[{\"price\":\"116450000\",\"qty\":\"0.0118\"}]}"

Test(venue_korean, coinone)
{
    static const struct decode_case cases[] = {
        { "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":" COINONE_BOOK "}",
          { "SNAP KRW-BTC 116450000*0.0118 | 116470000*0.00171821 116460000*0.0232" } },
        { "{\"r\":\"DATA\",\"c\":\"ORDERBOOK\",\"d\":{\"qc\":\"KRW\",\"tc\":\"BTC\",\"t\":1790134177753,\"i\":"
          "\"1790134177753001\","
          "\"a\":[{\"p\":\"116650000\",\"q\":\"0.01198956\"}],\"b\":[{\"p\":\"116450000\",\"q\":\"0.0118\"}]}}",
          { "SNAP KRW-BTC 116450000*0.0118 | 116650000*0.01198956" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TRADE\",\"data\":{\"quote_currency\":\"KRW\",\"target_currency\":"
          "\"BTC\","
          "\"id\":\"1790134177835001\",\"timestamp\":1790134177835,\"price\":\"116460000\",\"qty\":\"0.00483595\","
          "\"is_seller_maker\":true}}",
          { "TRADES KRW-BTC buy 116460000*0.00483595 #1790134177835001" } },
        { "{\"response_type\":\"CONNECTED\",\"data\":{\"session_id\":\"6f3e1d0f\"}}", { "STATUS" } },
        { "{\"response_type\":\"PONG\"}", { "STATUS" } },
        { "{\"response_type\":\"ERROR\",\"error_code\":160012,\"message\":\"Invalid Topic\"}",
          { "ERROR [symbol-unknown] Invalid Topic" } },
        { "{\"response_type\":\"ERROR\",\"error_code\":160010,\"message\":\"Invalid Request\"}",
          { "ERROR [request-refused] Invalid Request" } },
        { "{\"response_type\":\"ERROR\",\"error_code\":160099,\"message\":\"?\"}", { "ERROR [venue-error] ?" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TICKER\",\"data\":{}}", { "OTHER" } },
        { "{\"x\":1}", { "OTHER" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":{\"id\":\"1\",\"asks\":[],\"bids\":[]}}",
          { NULL } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TRADE\",\"data\":{\"id\":\"1\"}}", { "OTHER" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":[]}", { NULL } },
    };

    check(frame, "coinone", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("coinone")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->event[0].sequence_last, UINT64_C(1790134177753001));
    check_request("coinone", "KRW-BTC", NULL, 0, 0,
                  "{\"request_type\":\"SUBSCRIBE\",\"channel\":\"ORDERBOOK\",\"topic\":{\"quote_currency\":\"KRW\","
                  "\"target_currency\":\"BTC\"}}");
    check_request("coinone", "KRW-BTC", NULL, 0, 1,
                  "{\"request_type\":\"UNSUBSCRIBE\",\"channel\":\"ORDERBOOK\",\"topic\":{\"quote_currency\":\"KRW\","
                  "\"target_currency\":\"BTC\"}}");
    check_symbols("coinone", "KRW-BTC", "krw-btc", "BTC");
    cr_expect_str_eq(ping_of("coinone"), "{\"request_type\":\"PING\"}");
}

Test(venue_korean, korbit)
{
    static const struct decode_case cases[] = {
        { "{\"symbol\":\"btc_krw\",\"timestamp\":1790134242857,\"type\":\"orderbook\",\"snapshot\":true,\"data\":{"
          "\"timestamp\":"
          "1790134242563,\"asks\":[{\"price\":\"116506000\",\"qty\":\"0.27522\"}],\"bids\":[{\"price\":\"116455000\","
          "\"qty\":"
          "\"0.00499\"}]}}",
          { "SNAP btc_krw 116455000*0.00499 | 116506000*0.27522" } },
        { "{\"symbol\":\"btc_krw\",\"timestamp\":1790134328085,\"type\":\"trade\",\"data\":[{\"timestamp\":"
          "1790134317520,"
          "\"price\":\"116439000\",\"qty\":\"0.0067\",\"isBuyerTaker\":false,\"tradeId\":25441720}]}",
          { "TRADES btc_krw sell 116439000*0.0067 #25441720" } },
        { "{\"status\":\"success\",\"requestId\":1}", { "STATUS" } },
        { "{\"status\":\"fail\",\"code\":\"INVALID_SYMBOL\",\"message\":\"The symbol does not exist "
          "(nope_krw)\",\"requestId\":2}",
          { "ERROR nope_krw [symbol-unknown] INVALID_SYMBOL: The symbol does not exist (nope_krw)" } },
        { "{\"status\":\"fail\",\"message\":\"invalid_format\"}", { "ERROR [request-refused] invalid_format" } },
        { "{\"type\":\"candle\",\"symbol\":\"btc_krw\",\"data\":{}}", { "OTHER" } },
        { "{\"symbol\":\"btc_krw\",\"type\":\"orderbook\",\"data\":{\"asks\":[]}}", { NULL } },
        { "{\"symbol\":\"btc_krw\",\"type\":\"trade\",\"data\":[1,]}", { NULL } },
    };

    check(frame, "korbit", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("korbit")->decode, cases[3].bytes, frame), 0);
    cr_expect_eq(frame->event[0].request_id, 2);
    cr_assert_eq(decode_exact(venue_find("korbit")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1790134242563000000));
    check_request("korbit", "btc_krw", "eth_krw", 0, 0,
                  "[{\"requestId\":7000000,\"method\":\"subscribe\",\"type\":\"orderbook\",\"symbols\":[\"btc_krw\"]},"
                  "{\"requestId\":7000001,\"method\":\"subscribe\",\"type\":\"orderbook\",\"symbols\":[\"eth_krw\"]}]");
    check_request(
        "korbit", "btc_krw", NULL, 0, 1,
        "[{\"requestId\":7000000,\"method\":\"unsubscribe\",\"type\":\"orderbook\",\"symbols\":[\"btc_krw\"]}]");
    check_symbols("korbit", "btc_krw", "BTC_KRW", "btckrw");
}

/* The straight road takes the first of each pair, the general one the second, which differs by blanks. */
static void check_roads(const char *name, const char *straight, const char *general, const char *event)
{
    struct md_event first;
    const struct venue *venue = venue_find(name);

    cr_assert_eq(decode_exact(venue->decode, straight, frame), 0, "%s", straight);
    cr_assert_str_eq(event_describe(frame, 0), event);
    first = frame->event[0];
    cr_assert_eq(decode_exact(venue->decode, general, frame), 0, "%s", general);
    cr_assert_str_eq(event_describe(frame, 0), event);
    cr_assert_eq(frame->event[0].venue_ns, first.venue_ns);
    cr_assert_eq(frame->event[0].sequence_last, first.sequence_last);
    cr_assert_eq(frame->event[0].totals_known, first.totals_known);
    cr_assert_eq(frame->event[0].bid_total, first.bid_total);
    cr_assert_eq(frame->event[0].ask_total_decimals, first.ask_total_decimals);
}

#define BITHUMB(blank, level, time)                                                                                    \
    "{\"type\":\"orderbook\"," blank "\"code\":\"KRW-BTC\",\"total_ask_size\":0.7111,\"total_bid_size\":7.1052,"       \
    "\"orderbook_units\":[{\"ask_price\":116208000,\"bid_price\":116204000,\"ask_size\":0.3313,\"bid_size\":0.0037},"  \
    "{\"ask_price\":1.16215E8,\"bid_price\":0,\"ask_size\":0,\"bid_size\":0}],\"level\":" level ",\"timestamp\":" time \
    ",\"stream_type\":\"SNAPSHOT\"}"
#define COINONE(blank, rows)                                                                                           \
    "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":{" blank "\"quote_currency\":\"KRW\","             \
    "\"target_currency\":\"BTC\",\"timestamp\":1790134177753,\"id\":\"1790134177753001\",\"asks\":[" rows              \
    "],\"bids\":[{\"price\":\"116450000\",\"qty\":\"0.0118\"}]}}"
#define KORBIT(snapshot, rows)                                                                                         \
    "{\"symbol\":\"btc_krw\",\"timestamp\":1790134242857,\"type\":\"orderbook\"," snapshot                             \
    "\"data\":{\"timestamp\":1790134242563,\"asks\":[],\"bids\":[" rows "]}}"

Test(venue_korean, two_roads_say_the_same)
{
    static const struct decode_case refused[] = {
        { COINONE("", "{\"price\":\"1\",\"qty\":\"1\"},"), { NULL } },
        { COINONE("", "{\"price\":\" 1\",\"qty\":\"1\"}"), { NULL } },
        { KORBIT("", "{\"price\":\"01\",\"qty\":\"1\"}"), { NULL } },
        { KORBIT("", "{\"price\":\"1\",\"qty\":\"-1\"}"), { NULL } },
    };
    static const struct decode_case bithumb_refused[] = { { BITHUMB("", "1", "01"), { NULL } } };

    check_roads("bithumb", BITHUMB("", "1", "1790133505564033"), BITHUMB(" ", "1", "1790133505564033"),
                "SNAP KRW-BTC 116204000*0.0037 | 116208000*0.3313");
    check_roads("bithumb", BITHUMB("", "1", "1790133505564"), BITHUMB(" ", "1", "1790133505564000"),
                "SNAP KRW-BTC 116204000*0.0037 | 116208000*0.3313");
    check_roads("coinone", COINONE("", ""), COINONE(" ", ""), "SNAP KRW-BTC 116450000*0.0118 |");
    check_roads("coinone", COINONE("", "{\"price\":\"116470000\",\"qty\":\"25864297.60746318\"}"),
                COINONE("", "{\"price\":\"116470000\" ,\"qty\":\"25864297.60746318\"}"),
                "SNAP KRW-BTC 116450000*0.0118 | 116470000*25864297.60746318");
    check_roads(
        "korbit", KORBIT("\"snapshot\":true,", "{\"price\":\"1\",\"qty\":\"2\"},{\"price\":\"0.5\",\"qty\":\"1\"}"),
        KORBIT("", "{\"price\":\"1\",\"qty\":\"2\"}, {\"price\":\"0.5\",\"qty\":\"1\"}"), "SNAP btc_krw 1*2 0.5*1 |");
    decode_check(venue_find("coinone")->decode, frame, refused, 2);
    decode_check(venue_find("korbit")->decode, frame, refused + 2, 2);
    decode_check(venue_find("bithumb")->decode, frame, bithumb_refused, 1);
}
