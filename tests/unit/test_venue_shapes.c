/* SPDX-License-Identifier: MIT
 * One message in every shape its fact sheet allows: keys in another order, blanks, keys nobody knows, null, what is
 * optional absent. Frames of ../shared/protocols: binance, okx, bybit, bitget, gateio; each must say the same. */
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

TestSuite(venue_shapes, .init = setup, .fini = teardown);

#define DIFF(more)                                                                                                     \
    "{\"e\":\"depthUpdate\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"U\":157,\"u\":160," more                            \
    "\"b\":[[\"0.0024\",\"10\"]],\"a\":[[\"0.0026\",\"0\"]]}"
#define DIFF_SAYS                                                                                                      \
    {                                                                                                                  \
        "BOOK BNBBTC 0.0024*10 | 0.0026*0"                                                                             \
    }

Test(venue_shapes, binance)
{
    static const struct decode_case cases[] = {
        { "{\"data\":" DIFF("") ",\"stream\":\"bnbbtc@depth@100ms\"}", DIFF_SAYS },
        { "{\"x\":null,\"stream\":\"bnbbtc@depth\",\"y\":[{}],\"data\":" DIFF("\"z\":{\"b\":[]},") "}", DIFF_SAYS },
        { " {\t\"stream\" : \"bnbbtc@depth@500ms\" ,\n\"data\" : " DIFF("\"pu\":149,") " }", DIFF_SAYS },
        { "{\"stream\":\"bnbbtc@depth@100ms\",\"data\":" DIFF("\"T\":1672515782130,\"ps\":\"BNBBTC\",\"st\":1,") "}",
          DIFF_SAYS },
        { "{\"stream\":null,\"data\":" DIFF("") "}", DIFF_SAYS },
        { "{\"u\":160,\"a\":[[\"0.0026\",\"0\"]],\"U\":157,\"b\":[[\"0.0024\",\"10\",[]]],\"s\":\"BNBBTC\",\"E\":1,"
          "\"e\":\"depthUpdate\"}",
          DIFF_SAYS },
        /* Futures tell a whole book from a diff by the stream's name alone; @rpiDepth is another book. */
        { "{\"stream\":\"bnbbtc@depth20@100ms\",\"data\":" DIFF("\"pu\":149,") "}",
          { "SNAP BNBBTC 0.0024*10 | 0.0026*0 depth 20" } },
        { "{\"stream\":\"bnbbtc@depth5\",\"data\":" DIFF("\"pu\":149,") "}",
          { "SNAP BNBBTC 0.0024*10 | 0.0026*0 depth 5" } },
        { "{\"stream\":\"bnbbtc@rpiDepth@500ms\",\"data\":" DIFF("") "}", { "OTHER" } },
        { "{\"data\":{\"bids\":[[\"0.0024\",\"10\"]],\"asks\":[],\"lastUpdateId\":160},\"stream\":\"bnbbtc@depth5\"}",
          { "SNAP BNBBTC 0.0024*10 | depth 5" } },
        /* An index of an asset has the keys of a best bid and ask and is none; null is no error. */
        { "{\"e\":\"assetIndexUpdate\",\"E\":1,\"s\":\"ABUSD\",\"i\":\"1\",\"b\":\"0.1\",\"a\":\"0.1\",\"B\":\"0.9\","
          "\"A\":\"1.1\"}",
          { "OTHER" } },
        { "{\"e\":\"executionReport\",\"s\":\"AB\",\"t\":-1,\"b\":\"NONE\",\"a\":7,\"A\":\"3\",\"B\":\"3\"}",
          { "OTHER" } },
        { "{\"error\":null,\"result\":null,\"id\":7}", { "OTHER" } },
        { "{\"u\":7,\"s\":\"AB\",\"b\":\"1\",\"B\":\"2\",\"a\":\"3\",\"A\":\"4.{0\"}", { NULL } },
        { "{\"e\":\"bookTicker\",\"u\":7,\"s\":\"AB\",\"b\":\"1\",\"B\":\"2\",\"a\":\"3\"}", { NULL } },
        { "{\"stream\":\"!ticker@arr\",\"data\":[]}", { NULL } },
        { "[{\"e\":\"24hrMiniTicker\",\"s\":\"AB\",\"c\":\"1\"},{}]", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":2,\"b\":null,\"a\":[]}", { NULL } },
    };
    static const int64_t us_ns = INT64_C(1672515782136123000);

    check(frame, "binance", cases, N_OF(cases) - 3);
    for (size_t i = N_OF(cases) - 3; i < N_OF(cases); i++) { /* nothing of it is a book */
        (void)decode_exact(venue_find("binance")->decode, cases[i].bytes, frame);
        cr_expect_eq(frame->n_events, 0, "%s", cases[i].bytes);
    }
    cr_assert_eq(decode_exact(venue_find("binance-usdm")->decode, cases[6].bytes, frame), 0);
    cr_expect_eq(frame->event[0].sequence_last, 160);
    /* timeUnit=MICROSECOND in the URL makes all times longer. */
    cr_assert_eq(decode_exact(venue_find("binance")->decode,
                              "{\"e\":\"depthUpdate\",\"E\":1672515782136123,\"s\":\"A\",\"U\":1,\"u\":2,\"b\":[],"
                              "\"a\":[]}",
                              frame),
                 0);
    cr_expect_eq(frame->event[0].venue_ns, us_ns, "%lld", (long long)frame->event[0].venue_ns);
}

#define OKX_DATA "\"data\":[{\"bids\":[[\"1\",\"2\",\"0\",\"1\"]],\"seqId\":8,\"asks\":[],\"prevSeqId\":7"

Test(venue_shapes, okx)
{
    static const struct decode_case cases[] = {
        { "{" OKX_DATA
          "}],\"action\":\"update\",\"x\":null,\"arg\":{\"instId\":\"A-B\",\"channel\":\"books\",\"y\":1}}",
          { "BOOK A-B 1*2 | depth 400" } },
        { " { \"arg\" : { \"channel\" : \"books50-l2-tbt\" , \"instId\" : \"A-B\" } , \"action\" : \"update\" "
          ", " OKX_DATA " } ] }",
          { "BOOK A-B 1*2 | depth 50" } },
        { "{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B\"},\"action\":\"update\"," OKX_DATA
          ",\"ts\":null,\"checksum\":null}]}",
          { "BOOK A-B 1*2 | depth 400" } },
        { "{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B\"},\"action\":\"update\",\"data\":[{\"bids\":[[\"1\",\"2\"]"
          "],"
          "\"asks\":[],\"seqId\":\"8\",\"prevSeqId\":\"7\"}]}",
          { "BOOK A-B 1*2 | depth 400" } },
        /* Errors name their book, in arg or in words, and that of bbo-tbt is another than that of books. */
        { "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:bbo-tbt,instId:A-BX doesn't "
          "exist.\"}",
          { "ERROR A-BX@bbo [symbol-unknown] Wrong URL or channel:bbo-tbt,instId:A-BX doesn't exist." } },
        { "{\"event\":\"error\",\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"A-B\"},\"code\":60018,\"msg\":\"no\"}",
          { "ERROR A-B@bbo [symbol-unknown] no" } },
        { "{\"event\":\"error\",\"arg\":{\"channel\":\"trades\",\"instId\":\"A-B\"},\"code\":\"64004\",\"msg\":\"no\"}",
          { "ERROR A-B of trades [request-refused] no" } },
        { "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"bbo-tbt\",\"instId\":\"A-B\"}}", { "SUBSCRIBED A-B@bbo" } },
        /* An update that neither a number nor a checksum ties to the one before it: a replay takes it
           (test_book_chain). */
        { "{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B\"},\"action\":\"update\",\"data\":[{\"bids\":[],\"asks\":[]"
          ","
          "\"seqId\":8}]}",
          { "BOOK A-B | depth 400" } },
        { "{\"arg\":{\"channel\":\"books\",\"instId\":\"A-B\"},\"action\":\"update\",\"data\":[{\"asks\":[],\"bids\":[]"
          ","
          "\"ts\":\"1597026383085\",\"checksum\":0,\"seqId\":8}]}",
          { "BOOK A-B | depth 400" } },
    };

    check(frame, "okx", cases, N_OF(cases));
}

#define BITGET_BOOK "\"data\":[{\"seq\":8,\"bids\":[[\"1\",\"2\"]],\"pseq\":7,\"asks\":[]}]"

Test(venue_shapes, bitget)
{
    static const struct decode_case cases[] = {
        { "{\"ts\":1," BITGET_BOOK ",\"arg\":{\"instId\":\"A\",\"instType\":\"SPOT\",\"channel\":\"books\"},\"action\":"
          "\"update\",\"x\":{}}",
          { "BOOK A 1*2 | depth 500" } },
        { "{ \"action\":\"snapshot\", "
          "\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books1\",\"instId\":\"A\"}, " BITGET_BOOK "}",
          { "SNAP A 1*2 |" } },
        { "{\"event\":\"error\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books1\",\"instId\":\"A\"},\"code\":30001,"
          "\"msg\":\"?\"}",
          { "ERROR A@bbo [symbol-unknown] ?" } },
        { "{\"event\":\"error\",\"code\":\"30001\",\"msg\":\"instType:SPOT,channel:books,instId:A doesn't exist\"}",
          { "ERROR A [symbol-unknown] instType:SPOT,channel:books,instId:A doesn't exist" } },
        { "{\"action\":\"update\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"A\"},\"data\":["
          "{\"bids\":[],\"asks\":[],\"seq\":8}]}",
          { "BOOK A | depth 500" } },
    };

    check(frame, "bitget", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bitget")->decode, cases[N_OF(cases) - 1].bytes, frame), 0);
    cr_expect_eq(frame->event[0].follows, MD_FOLLOWS_NOTHING);
}

#define BYBIT(topic) "\"topic\":\"orderbook." topic ".A\""
#define BYBIT_DATA   "\"data\":{\"u\":8,\"a\":[],\"x\":null,\"b\":[[\"1\",\"2\"]],\"s\":\"A\"}"

#define BYBIT_ROW(price, side, rest) "{\"price\":\"" price "\",\"symbol\":\"A\",\"id\":1,\"side\":\"" side "\"" rest "}"

Test(venue_shapes, bybit)
{
    static const struct decode_case cases[] = {
        { "{\"cts\":1," BYBIT_DATA ",\"ts\":5,\"type\":\"delta\"," BYBIT("200") "}", { "BOOK A 1*2 | depth 200" } },
        { "{ " BYBIT("1000") " , \"type\" : \"snapshot\" , \"ts\" : null , " BYBIT_DATA " }",
          { "SNAP A 1*2 | depth 1000" } },
        { "{" BYBIT("1") ",\"type\":\"snapshot\",\"ts\":5," BYBIT_DATA "}", { "SNAP A 1*2 |" } },
        /* The retired version, whose lists apply in one order however they come. */
        { "{\"topic\":\"orderBookL2_25.A\",\"type\":\"snapshot\",\"data\":[" BYBIT_ROW(
              "1.50", "Buy", ",\"size\":7") "," BYBIT_ROW("2", "Sell",
                                                          ",\"size\":\"8\"") "],\"cross_seq\":1,\"timestamp_e6\":5}",
          { "SNAP A 1.5*7 | 2*8" } },
        { "{\"topic\":\"orderBook_200.100ms.A\",\"type\":\"snapshot\",\"data\":{\"order_book\":[]}}", { "SNAP A |" } },
        { "{\"topic\":\"orderBookL2_25.A\",\"type\":\"delta\",\"data\":{\"insert\":[" BYBIT_ROW(
              "1", "Buy", ",\"size\":7") "],\"delete\":[" BYBIT_ROW("1", "Buy",
                                                                    "") "],\"update\":[],\"transactTimeE6\":0}}",
          { "BOOK A 1*0 1*7 |" } },
        { "{\"topic\":\"orderBookL2_25.A\",\"type\":\"delta\",\"data\":[]}", { NULL } },
        { "{\"topic\":\"orderBookL2_25.A\",\"type\":\"delta\",\"data\":{\"update\":[" BYBIT_ROW("1", "Buy", "") "]}}",
          { NULL } },
        { "{\"topic\":\"orderBookL2_25.A\",\"type\":\"delta\",\"data\":{\"delete\":[" BYBIT_ROW("1", "", "") "]}}",
          { NULL } },
        { "{\"success\":false,\"ret_msg\":\"error:handler not found,topic:orderbook.500.A\",\"op\":\"subscribe\"}",
          { "ERROR A [symbol-unknown] error:handler not found,topic:orderbook.500.A" } },
        { "{\"op\":\"subscribe\",\"ret_msg\":\"Invalid symbol :[orderbook.50.A-B]\",\"success\":false,\"req_id\":null}",
          { "ERROR A-B [request-refused] Invalid symbol :[orderbook.50.A-B]" } },
        { "{\"success\":true,\"ret_msg\":null,\"op\":\"subscribe\"}", { "STATUS" } },
        /* Of other books than this one, whose rows may have a third number. */
        { "{" BYBIT("rpi") ",\"type\":\"delta\",\"ts\":5,\"data\":{\"s\":\"A\",\"b\":[[\"1\",\"2\",\"3\"]],\"a\":[],"
                           "\"u\":8}}",
          { "OTHER" } },
        { "{" BYBIT("50") ",\"type\":\"delta\",\"ts\":5}", { NULL } },
        { "{" BYBIT("50") ",\"type\":\"delta\",\"ts\":5,\"data\":[]}", { NULL } },
        { "{" BYBIT("full") ",\"type\":\"delta\",\"ts\":5," BYBIT_DATA "}", { "OTHER" } },
        { "{\"success\":true,\"ret_msg\":\"pong\",\"req_id\":\"\",\"op\":\"ping\"}", { "STATUS" } },
    };

    check(frame, "bybit", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bybit")->decode, cases[2].bytes, frame), 0);
    cr_expect(frame->event[0].is_best);
    cr_assert_eq(decode_exact(venue_find("bybit")->decode,
                              "{\"topic\":\"orderbook.1.A\",\"ts\":1687940967466,\"type\":\"snapshot\",\"data\":{\"s\":"
                              "\"A\",\"b\":[[\"1\",\"2\"]],\"a\":[],\"u\":5,\"seq\":6}}",
                              frame),
                 0);
    cr_expect(frame->event[0].is_best && frame->event[0].depth == 0, "by the straight road, too");
    check_request("bybit", "BTCUSDT", "ETHUSDT@bbo", 1000, 0,
                  "{\"req_id\":\"7000000\",\"op\":\"subscribe\",\"args\":[\"orderbook.1000.BTCUSDT\","
                  "\"orderbook.1.ETHUSDT\"]}");
    check_symbols("bybit-linear", "BTCUSDT@bbo", "btcusdt@bbo", "@bbo");
}

Test(venue_shapes, gateio)
{
    static const struct decode_case cases[] = {
        { "{\"event\":\"update\",\"result\":{\"u\":9,\"b\":null,\"a\":[[\"1\",\"2\"]],\"U\":8,\"s\":\"ob.A_B.400\","
          "\"t\":1},"
          "\"channel\":\"spot.obu\",\"x\":{}}",
          { "BOOK A_B | 1*2" } },
        { "{ \"channel\" : \"spot.obu\" , \"result\" : { \"s\" : \"ob.A_B.50\" , \"full\" : true , \"u\" : 9 } }",
          { "SNAP A_B |" } },
        { "{\"channel\":\"spot.obu\",\"result\":{\"s\":\"ob.A_B.50\",\"full\":false,\"U\":9,\"u\":9}}",
          { "BOOK A_B |" } },
        /* What is said of a stream is said of its book; a second subscription for it is no word against the first. */
        { "{\"channel\":\"spot.obu\",\"event\":\"subscribe\",\"error\":{\"code\":2,\"message\":\"Alert sub "
          "ob.A_B.50\"},"
          "\"result\":{\"status\":\"fail\"}}",
          { "OTHER" } },
        { "{\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{}}", { NULL } },
        { "{\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{\"s\":\"A_B\",\"U\":8,\"u\":9,"
          "\"3\":[[\"2\",\"1\"]],\"a\":[]}}",
          { NULL } },
        { "{\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{\"s\":\"A_B\",\"U\":8,\"u\":9,"
          "\"b\":null,\"a\":[[\"2\",\"1\"]]}}",
          { "BOOK A_B | 2*1" } },
        { "{\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"resul\":{\"u\":8}}", { NULL } },
        { "{\"channel\":\"spot.obu\",\"error\":{\"code\":2,\"message\":\"no stream ob.A_B.50\"}}",
          { "ERROR A_B [request-refused] no stream ob.A_B.50" } },
        { "{\"channel\":\"spot.order_book_update\",\"error\":{\"message\":\"unknown currency pair\",\"code\":2},"
          "\"payload\":[\"A_B\",\"100ms\"],\"result\":null}",
          { "ERROR A_B [symbol-unknown] unknown currency pair" } },
    };

    check(frame, "gateio", cases, N_OF(cases));
}
