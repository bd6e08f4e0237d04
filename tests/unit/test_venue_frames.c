/* SPDX-License-Identifier: MIT
 * What each adapter makes of its venue's messages. Frames are those of the fact sheets, ../shared/protocols/<venue>.md,
 * cut where they are long; hostile ones are their like. Kraken, Coinbase and Upbit have files of their own. */
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

TestSuite(venue_frames, .init = setup, .fini = teardown);

/* --- Binance ------------------------------------------------------------------------------------------------------ */

#define DIFF "\"s\":\"BNBBTC\",\"U\":157,\"u\":160,\"b\":[[\"0.0024\",\"10\"]],\"a\":[[\"0.0026\",\"0\"]]"

Test(venue_frames, binance)
{
    static const struct decode_case cases[] = {
        { "{\"e\":\"depthUpdate\",\"E\":1672515782136," DIFF "}", { "BOOK BNBBTC 0.0024*10 | 0.0026*0" } },
        { "{\"stream\":\"bnbbtc@depth@100ms\",\"data\":{\"e\":\"depthUpdate\",\"E\":1672515782136," DIFF "}}",
          { "BOOK BNBBTC 0.0024*10 | 0.0026*0" } },
        { "{\"stream\":\"bnbbtc@depth20@100ms\",\"data\":{\"lastUpdateId\":160,\"bids\":[[\"0.0024\",\"10\"]],"
          "\"asks\":[[\"0.0026\",\"100\"]]},\"x\":1}",
          { "SNAP BNBBTC 0.0024*10 | 0.0026*100 depth 20" } },
        { "{\"u\":400900217,\"s\":\"BNBUSDT\",\"b\":\"25.35190000\",\"B\":\"31.21000000\",\"a\":\"25.36520000\","
          "\"A\":\"40.66000000\"}",
          { "SNAP BNBUSDT@bbo 25.3519*31.21 | 25.3652*40.66" } },
        { "{\"e\":\"trade\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"t\":12345,\"p\":\"0.001\",\"q\":\"100\","
          "\"T\":1672515782136,\"m\":true,\"M\":true}",
          { "TRADES BNBBTC sell 0.001*100 #12345" } },
        { "{\"e\":\"aggTrade\",\"s\":\"BNBBTC\",\"p\":\"0.001\",\"q\":\"100\",\"m\":false}",
          { "TRADES BNBBTC buy 0.001*100 #0" } },
        { "{\"result\":null,\"id\":1}", { "OTHER" } },
        { "{\"code\":2,\"msg\":\"Invalid request\"}", { "ERROR [venue-error] Invalid request" } },
        { "{\"error\":{\"code\":2,\"msg\":\"no\"},\"id\":1}", { "ERROR [venue-error] no" } },
        { "{\"e\":\"serverShutdown\",\"E\":1770123456789}", { "CLOSING" } },
        { "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":1770123456789}}", { "CLOSING" } },
        /* Refused whole. */
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"b\":[],\"a\":[]}", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":18446744073709551616,\"b\":[],\"a\":[]}", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":2,\"b\":[]}", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":2,\"b\":[[\"1\"]],\"a\":[]}", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A\",\"U\":1,\"u\":2,\"b\":[[\"1\",\"-2\"]],\"a\":[]}", { NULL } },
        { "{\"e\":\"depthUpdate\",\"s\":\"A B\",\"U\":1,\"u\":2,\"b\":[],\"a\":[]}", { NULL } },
        { "{\"e\":\"trade\",\"s\":\"A\",\"p\":\"1\",\"q\":\"1\"}", { "TRADES A ? 1*1 #0" } },
        { "{\"e\":\"trade\",\"s\":\"A\",\"p\":\"-1\",\"q\":\"1\",\"m\":true}", { "TRADES A 1 left out" } },
        { "{\"s\":\"A\",\"b\":\"x\",\"B\":\"1\",\"a\":\"2\",\"A\":\"1\"}", { NULL } },
        { "[{]", { NULL } },
    };
    static const char url[] = "https://api.binance.com/api/v3/depth?symbol=BNBBTC&limit=1000";

    check(frame, "binance", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("binance-usdm")->decode,
                              "{\"pu\":149,\"u\":18446744073709551615,\"U\":\"157\",\"s\":\"A\",\"a\":[],\"b\":[],"
                              "\"E\":1626992741037,\"e\":\"depthUpdate\"}",
                              frame),
                 0);
    cr_expect_eq(frame->event[0].follows, MD_FOLLOWS_PREVIOUS);
    cr_expect_eq(frame->event[0].sequence_previous, 149);
    cr_expect_eq(frame->event[0].sequence_first, 157);
    cr_expect_eq(frame->event[0].sequence_last, UINT64_MAX);
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1626992741037000000));

    check_http(frame, "binance", url,
               "{\"lastUpdateId\":1027024,\"bids\":[[\"4.0\",\"431.0\"]],\"asks\":[[\"4.2\",\"12.0\"]]}",
               "SNAP BNBBTC 4*431 | 4.2*12 depth 1000");
    cr_expect_eq(frame->event[0].sequence_last, 1027024);
    check_http(frame, "binance", url, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}",
               "ERROR BNBBTC [symbol-unknown] Invalid symbol.");
    check_http(frame, "binance", url, "<html>", NULL);
    check_http(frame, "binance", url, "{\"lastUpdateId\":1,\"bids\":[]}", NULL);
    check_http(frame, "binance", "https://api.binance.com/api/v3/time", "{}", NULL);
    check_http(frame, "binance", "https://api.binance.com/api/v3/depth?limit=5", "{}", NULL);
    check_request(
        "binance", "BTCUSDT", "ETHUSDT@bbo", 0, 0,
        "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@depth@100ms\",\"ethusdt@bookTicker\"],\"id\":7000000}");
    check_request("binance", "BTCUSDT", NULL, 0, 1,
                  "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"btcusdt@depth@100ms\"],\"id\":7000000}");
    check_symbols("binance-coinm", "BTCUSD_PERP", "btcusd_perp", "BTC-USD");
    check_symbols("binance", "BTCUSDT@bbo", "btcusdt@bbo", "BTCUSDT@x");
}

Test(venue_frames, binance_snapshot_paths)
{
    static const char *const want[][2] = { { "binance", "/api/v3/depth?symbol=A&limit=1000" },
                                           { "binance-usdm", "/fapi/v1/depth?symbol=A&limit=1000" },
                                           { "binance-coinm", "/dapi/v1/depth?symbol=A&limit=1000" },
                                           { "okx", "/api/v5/market/books?instId=A&sz=400&source=0" } };
    static const struct {
        const char *venue;
        uint32_t depth, weight;
        const char *limit;
    } limits[] = { { "binance", 100, 5, "&limit=100" },        { "binance", 101, 25, "&limit=500" },
                   { "binance", 1000, 50, "&limit=1000" },     { "binance", 5000, 250, "&limit=5000" },
                   { "binance", 9999, 250, "&limit=5000" },    { "binance", 0, 50, "&limit=1000" },
                   { "binance-usdm", 30, 2, "&limit=50" },     { "binance-usdm", 51, 5, "&limit=100" },
                   { "binance-coinm", 500, 10, "&limit=500" }, { "binance-coinm", 5000, 20, "&limit=1000" } };

    for (size_t i = 0; i < N_OF(want); i++) {
        char memory[64], small[8];
        struct text text;

        text_init(&text, memory, sizeof(memory));
        cr_expect_eq(venue_find(want[i][0])->snapshot_path(&text, "A", 0), 0);
        cr_expect_str_eq(memory, want[i][1]);
        text_init(&text, small, sizeof(small));
        cr_expect_eq(venue_find(want[i][0])->snapshot_path(&text, "A", 0), -ENOBUFS);
        cr_expect_eq(venue_find(want[i][0])->snapshot_path(&text, "A@bbo", 0), -ENOENT, "best bid and ask are no book");
    }
    for (size_t i = 0; i < N_OF(limits); i++) {
        const struct venue *venue = venue_find(limits[i].venue);
        char memory[64];
        struct text text;

        text_init(&text, memory, sizeof(memory));
        cr_expect_eq(venue->snapshot_path(&text, "A", limits[i].depth), 0);
        cr_expect_not_null(strstr(memory, limits[i].limit), "%s", memory);
        cr_expect_eq(venue->snapshot_weight(limits[i].depth), limits[i].weight, "%s", memory);
    }
}

/* --- OKX, Bitget -------------------------------------------------------------------------------------------------- */

#define OKX_ARG(channel) "\"arg\":{\"channel\":\"" channel "\",\"instId\":\"BTC-USDT\"}"
#define OKX_BOOK                                                                                                       \
    "\"data\":[{\"asks\":[[\"8476.98\",\"415\",\"0\",\"13\"]],\"bids\":[[\"8476.97\",\"256\",\"0\",\"12\"]],"          \
    "\"ts\":\"1597026383085\",\"checksum\":0,\"prevSeqId\":-1,\"seqId\":123456}]"

Test(venue_frames, okx)
{
    static const struct decode_case cases[] = {
        { "{" OKX_ARG("books") ",\"action\":\"snapshot\"," OKX_BOOK "}",
          { "SNAP BTC-USDT 8476.97*256 | 8476.98*415 depth 400" } },
        { "{" OKX_ARG("books-l2-tbt") ",\"action\":\"update\"," OKX_BOOK "}",
          { "BOOK BTC-USDT 8476.97*256 | 8476.98*415 depth 400" } },
        { "{" OKX_BOOK ",\"action\":\"update\"," OKX_ARG("books") "}",
          { "BOOK BTC-USDT 8476.97*256 | 8476.98*415 depth 400" } },
        { "{" OKX_ARG("books5") "," OKX_BOOK "}", { "SNAP BTC-USDT 8476.97*256 | 8476.98*415" } },
        { "{" OKX_ARG("bbo-tbt") "," OKX_BOOK "}", { "SNAP BTC-USDT 8476.97*256 | 8476.98*415" } },
        { "{" OKX_ARG("candle1m") ",\"data\":[[\"1\"]]}", { "OTHER" } },
        { "{" OKX_ARG("trades") ",\"data\":[{\"instId\":\"BTC-USDT\",\"tradeId\":\"130639474\",\"px\":\"42219.9\","
                                "\"sz\":\"0.12060306\",\"side\":\"buy\",\"ts\":\"1630048897897\",\"count\":\"3\"}]}",
          { "TRADES BTC-USDT buy 42219.9*0.12060306 #130639474" } },
        { "{\"id\":\"b1\",\"event\":\"subscribe\"," OKX_ARG("books") ",\"connId\":\"a4d3ae55\"}",
          { "SUBSCRIBED BTC-USDT" } },
        { "{\"event\":\"subscribe\"," OKX_ARG("trades") "}", { "SUBSCRIBED BTC-USDT of trades" } },
        { "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:books,instId:BTC-USDTX doesn't "
          "exist.\"}",
          { "ERROR BTC-USDTX [symbol-unknown] Wrong URL or channel:books,instId:BTC-USDTX doesn't exist." } },
        { "{\"id\":\"b1\",\"event\":\"error\",\"code\":\"60012\",\"msg\":\"Invalid request\",\"connId\":\"a4d3ae55\"}",
          { "ERROR [request-refused] Invalid request" } },
        { "{\"event\":\"error\",\"code\":\"99999\"}", { "ERROR [venue-error] " } },
        { "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed\"}", { "CLOSING" } },
        { "{\"event\":\"notice\",\"code\":\"1\",\"msg\":\"x\"}", { "STATUS" } },
        { "{\"event\":\"channel-conn-count\",\"channel\":\"orders\",\"connCount\":\"2\"}", { "STATUS" } },
        { "pong", { "STATUS" } },
        { "{\"a\":1}", { "OTHER" } },
        { "{" OKX_ARG("books") ",\"action\":\"later\"," OKX_BOOK "}", { NULL } },
        { "{" OKX_ARG("books") ",\"action\":\"update\",\"data\":[{\"asks\":[],\"ts\":\"1\"}]}", { NULL } },
        { "{" OKX_ARG("trades") ",\"data\":[{\"px\":\"1\"}]}", { "TRADES BTC-USDT 1 left out" } },
        { "{" OKX_ARG("trades") ",\"data\":[{\"px\":\"-1\",\"sz\":\"1\"}]}", { "TRADES BTC-USDT 1 left out" } },
        { "pong ", { NULL } },
    };
    static const char url[] = "https://www.okx.com/api/v5/market/books?instId=BTC-USDT&sz=400&source=0";

    check(frame, "okx", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("okx")->decode, cases[1].bytes, frame), 0);
    cr_expect_eq(frame->event[0].follows, MD_FOLLOWS_PREVIOUS);
    cr_expect_eq(frame->event[0].sequence_previous, UINT64_MAX);
    cr_expect_eq(frame->event[0].sequence_last, 123456);
    cr_expect_eq(frame->event[0].has_checksum, 0, "0 in a numbered message is none");
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1597026383085000000));
    cr_assert_eq(decode_exact(venue_find("okx")->decode,
                              "{" OKX_ARG("books") ",\"action\":\"update\",\"data\":[{\"asks\":[],\"bids\":[],"
                                                   "\"checksum\":-1881014294}]}",
                              frame),
                 0);
    cr_expect_eq(frame->event[0].follows, MD_FOLLOWS_UNPROVEN);
    cr_expect(frame->event[0].has_checksum && (int32_t)frame->event[0].checksum == -1881014294);

    check_http(frame, "okx", url,
               "{\"code\":\"0\",\"msg\":\"\",\"data\":[{\"asks\":[[\"41006.8\",\"0.60038921\",\"0\",\"1\"]],\"bids\":"
               "[[\"41006.3\",\"0.30178218\",\"0\",\"2\"]],\"ts\":\"1629966436396\",\"seqId\":3235851742}]}",
               "SNAP BTC-USDT 41006.3*0.30178218 | 41006.8*0.60038921 depth 400");
    check_http(frame, "okx", url, "{\"code\":\"51001\",\"msg\":\"Instrument ID does not exist\",\"data\":[]}",
               "ERROR BTC-USDT [symbol-unknown] ");
    check_http(frame, "okx", url, "{\"data\":[{}]}", NULL);
    check_http(frame, "okx", "https://www.okx.com/api/v5/public/time", "{}", NULL);
    check_request("okx", "BTC-USDT", "ETH-USDT@bbo", 0, 0,
                  "{\"id\":\"h7000000\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"books\",\"instId\":\"BTC-USDT\"},"
                  "{\"channel\":\"bbo-tbt\",\"instId\":\"ETH-USDT\"}]}");
    check_request(
        "okx", "BTC-USDT", NULL, 5, 1,
        "{\"id\":\"h7000000\",\"op\":\"unsubscribe\",\"args\":[{\"channel\":\"books5\",\"instId\":\"BTC-USDT\"}]}");
    check_symbols("okx", "BTC-USDT-SWAP", "btc-usdt", "BTC USDT");
    cr_expect_str_eq(ping_of("okx"), "ping");
}

#define BITGET_ARG "\"arg\":{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"BTCUSDT\"}"

Test(venue_frames, bitget)
{
    static const struct decode_case cases[] = {
        { "{\"action\":\"update\"," BITGET_ARG ",\"data\":[{\"asks\":[[\"0.01039\",\"0\"]],\"bids\":[],"
          "\"ts\":\"1789456510840\",\"seq\":427583461201,\"pseq\":427583461144}],\"ts\":1789456511969}",
          { "BOOK BTCUSDT | 0.01039*0 depth 500" } },
        { "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"spot\",\"topic\":\"books50\",\"symbol\":\"BTCUSDT\"},"
          "\"data\":[{\"a\":[[\"2\",\"1\"]],\"b\":[[\"1\",\"3\"]],\"seq\":\"1483653649791156272\",\"pseq\":\"0\"}]}",
          { "SNAP BTCUSDT 1*3 | 2*1 depth 50" } },
        { "{\"event\":\"error\"," BITGET_ARG ",\"code\":30001,\"msg\":\"doesn't exist\"}",
          { "ERROR BTCUSDT [symbol-unknown] doesn't exist" } },
        { "{\"event\":\"error\",\"code\":30016,\"msg\":\"Param error\"}", { "ERROR [request-refused] Param error" } },
        { "{\"event\":\"error\",\"code\":1,\"msg\":\"?\"}", { "ERROR [venue-error] ?" } },
        { "{\"event\":\"subscribe\"," BITGET_ARG "}", { "SUBSCRIBED BTCUSDT" } },
        { "{\"action\":\"update\",\"arg\":{\"instType\":\"sp\",\"channel\":\"trade\",\"instId\":\"BTCUSDT\"},"
          "\"data\":[[\"1653873778747\",\"29443.24\",\"0.4134\",\"buy\",1],[\"1653873778748\",\"29443\",\"1\",\"sell\"]"
          "]}",
          { "TRADES BTCUSDT sell 29443*1 #0 buy 29443.24*0.4134 #0" } },
        { "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"spot\",\"topic\":\"publicTrade\",\"symbol\":\"BTCUSDT\"},"
          "\"data\":[{\"T\":\"1756287827920\",\"P\":\"110878.5\",\"v\":\"0.07\",\"S\":\"buy\",\"i\":"
          "\"1344534089797185549\"}]}",
          { "TRADES BTCUSDT buy 110878.5*0.07 #1344534089797185549 past" } },
        { "pong", { "STATUS" } },
        { "{\"action\":\"update\",\"arg\":{\"channel\":\"trade\",\"instId\":\"B\"},\"data\":[[1,2]]}", { NULL } },
    };

    check(frame, "bitget", cases, N_OF(cases));
    check_request(
        "bitget", "BTCUSDT", "ETHUSDT@bbo", 0, 0,
        "{\"op\":\"subscribe\",\"args\":[{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"BTCUSDT\"},"
        "{\"instType\":\"SPOT\",\"channel\":\"books1\",\"instId\":\"ETHUSDT\"}]}");
    check_request(
        "bitget", "BTCUSDT", NULL, 0, 1,
        "{\"op\":\"unsubscribe\",\"args\":[{\"instType\":\"SPOT\",\"channel\":\"books\",\"instId\":\"BTCUSDT\"}]}");
    check_symbols("bitget", "BTCUSDT", "btcusdt", "BTC/USDT");
    cr_expect_str_eq(ping_of("bitget"), "ping");
}

/* --- Bybit, Gate -------------------------------------------------------------------------------------------------- */

#define BYBIT_BOOK(u)                                                                                                  \
    "{\"s\":\"BTCUSDT\",\"b\":[[\"30247.20\",\"30.028\"]],\"a\":[[\"30248.70\",\"0\"]],\"u\":" u ",\"seq\":"           \
    "66544703342}"

Test(venue_frames, bybit)
{
    static const struct decode_case cases[] = {
        { "{\"topic\":\"orderbook.50.BTCUSDT\",\"type\":\"delta\",\"ts\":1687940967466,\"data\":" BYBIT_BOOK(
              "177400507") ","
                           "\"cts\":1687940967464}",
          { "BOOK BTCUSDT 30247.2*30.028 | 30248.7*0 depth 50" } },
        { "{\"topic\":\"orderbook.50.BTCUSDT\",\"ts\":1687940967466,\"type\":\"delta\",\"data\":" BYBIT_BOOK("1") "}",
          { "SNAP BTCUSDT 30247.2*30.028 | 30248.7*0 depth 50" } },
        { "{\"data\":" BYBIT_BOOK("5") ",\"type\":\"snapshot\",\"topic\":\"orderbook.50.BTCUSDT\"}",
          { "SNAP BTCUSDT 30247.2*30.028 | 30248.7*0 depth 50" } },
        { "{\"topic\":\"publicTrade.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1672304486868,\"data\":[{\"T\":"
          "1672304486865,"
          "\"s\":\"BTCUSDT\",\"S\":\"Buy\",\"v\":\"0.001\",\"p\":\"16578.50\",\"L\":\"PlusTick\",\"i\":\"2100000000\","
          "\"BT\":false}]}",
          { "TRADES BTCUSDT buy 16578.5*0.001 #2100000000" } },
        { "{\"success\":true,\"ret_msg\":\"\",\"conn_id\":\"c\",\"req_id\":\"test\",\"op\":\"subscribe\"}",
          { "STATUS" } },
        { "{\"success\":true,\"ret_msg\":\"pong\",\"conn_id\":\"c\",\"op\":\"ping\"}", { "STATUS" } },
        { "{\"args\":[\"1672916271846\"],\"op\":\"pong\"}", { "STATUS" } },
        { "{\"success\":false,\"ret_msg\":\"Invalid topic:orderbook.50.BTCUSDX\",\"op\":\"subscribe\"}",
          { "ERROR BTCUSDX [symbol-unknown] Invalid topic:orderbook.50.BTCUSDX" } },
        { "{\"success\":false,\"ret_msg\":\"error:handler not "
          "found,topic:orderbook.500.BTCUSDT\",\"op\":\"subscribe\"}",
          { "ERROR BTCUSDT [symbol-unknown] error:handler not found,topic:orderbook.500.BTCUSDT" } },
        { "{\"success\":false,\"ret_msg\":\"too many\"}", { "ERROR [request-refused] too many" } },
        { "{\"success\":false}", { "ERROR [request-refused] " } },
        { "{\"topic\":\"tickers.BTCUSDT\",\"type\":\"snapshot\",\"data\":{\"a\":1}}", { "OTHER" } },
        { "{\"topic\":\"orderbook.50.B\",\"type\":\"other\",\"data\":" BYBIT_BOOK("5") "}", { NULL } },
        { "{\"topic\":\"orderbook.50.B\",\"type\":\"delta\",\"data\":{\"s\":\"B\",\"b\":[],\"a\":[]}}", { NULL } },
        { "{\"topic\":\"publicTrade.B\",\"type\":\"snapshot\",\"data\":[{\"s\":\"B\"}]}", { "TRADES B 1 left out" } },
        { "{\"topic\":\"publicTrade.B\",\"type\":\"snapshot\",\"data\":[1]}", { NULL } },
    };

    check(frame, "bybit", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bybit-linear")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->event[0].follows, MD_FOLLOWS_LAST);
    cr_expect_eq(frame->event[0].sequence_last, 177400507);
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1687940967466000000));
    check_request(
        "bybit", "BTCUSDT", "ETHUSDT", 0, 0,
        "{\"req_id\":\"7000000\",\"op\":\"subscribe\",\"args\":[\"orderbook.50.BTCUSDT\",\"orderbook.50.ETHUSDT\"]}");
    check_request("bybit", "BTCUSDT", NULL, 1, 1,
                  "{\"req_id\":\"7000000\",\"op\":\"unsubscribe\",\"args\":[\"orderbook.1.BTCUSDT\"]}");
    check_request("bybit", "BTCUSDT", NULL, 60, 0,
                  "{\"req_id\":\"7000000\",\"op\":\"subscribe\",\"args\":[\"orderbook.200.BTCUSDT\"]}");
    check_request("bybit", "BTCUSDT", NULL, 201, 0,
                  "{\"req_id\":\"7000000\",\"op\":\"subscribe\",\"args\":[\"orderbook.1000.BTCUSDT\"]}");
    check_symbols("bybit", "1000PEPEUSDT", "btcusdt", "/BTC");
    cr_expect_str_eq(ping_of("bybit"), "{\"op\":\"ping\"}");
}

Test(venue_frames, gateio)
{
    static const struct decode_case cases[] = {
        { "{\"channel\":\"spot.obu\",\"result\":{\"t\":1748572394325,\"full\":true,\"s\":\"ob.BTC_USDT.50\",\"u\":"
          "28606981,"
          "\"b\":[[\"105958.9\",\"0.00908\"]],\"a\":[[\"105959\",\"1.2\"]]},\"time_ms\":1748572394330,\"event\":"
          "\"update\"}",
          { "SNAP BTC_USDT 105958.9*0.00908 | 105959*1.2" } },
        { "{\"channel\":\"spot.obu\",\"result\":{\"t\":1748572394345,\"s\":\"ob.BTC_USDT.50\",\"U\":28606982,\"u\":"
          "28606984,"
          "\"b\":[[\"105958.9\",\"0\"]]},\"time_ms\":1748572394348,\"event\":\"update\"}",
          { "BOOK BTC_USDT 105958.9*0 |" } },
        { "{\"result\":{\"s\":\"RDNT_USDT\",\"U\":203083177,\"u\":203083177,\"a\":[{\"p\":\"0.2983\",\"s\":0}],\"b\":[]"
          "},"
          "\"channel\":\"futures.order_book_update\",\"event\":\"update\"}",
          { "BOOK RDNT_USDT | 0.2983*0" } },
        { "{\"time\":1619093543,\"channel\":\"spot.trades\",\"event\":\"update\",\"result\":{\"id\":816995772,\"create_"
          "time\":"
          "1619093543,\"create_time_ms\":\"1619093543708.2642\",\"side\":\"sell\",\"currency_pair\":\"DIS_USDT\","
          "\"amount\":"
          "\"0.2010000000\",\"price\":\"121.5800000000\"}}",
          { "TRADES DIS_USDT sell 121.58*0.201 #816995772" } },
        { "{\"channel\":\"futures.trades\",\"event\":\"update\",\"result\":[{\"size\":-19,\"id\":48081,\"price\":"
          "\"53560.5\","
          "\"contract\":\"BTC_USD\"},{\"size\":7,\"price\":1,\"contract\":\"BTC_USD\"}]}",
          { "TRADES BTC_USD sell 53560.5*19 #48081", "TRADES BTC_USD buy 1*7 #0" } },
        { "{\"time\":1748572393,\"channel\":\"spot.obu\",\"event\":\"subscribe\",\"payload\":[\"ob.BTC_USDT.50\"],"
          "\"result\":{\"status\":\"success\"},\"requestId\":\"1\"}",
          { "STATUS" } },
        { "{\"time\":1748572394,\"channel\":\"spot.obu\",\"event\":\"subscribe\",\"payload\":[\"ob.BTC_USDT.50\"],"
          "\"error\":"
          "{\"code\":2,\"message\":\"unknown currency pair\"},\"result\":{\"status\":\"fail\"}}",
          { "ERROR BTC_USDT [symbol-unknown] unknown currency pair" } },
        { "{\"channel\":\"spot.obu\",\"error\":{\"code\":1}}", { "ERROR [request-refused] " } },
        { "{\"time\":1650189272,\"channel\":\"spot.pong\",\"event\":\"\",\"result\":null}", { "STATUS" } },
        { "{\"channel\":\"futures.system\",\"event\":\"update\",\"result\":{\"type\":\"upgrade\",\"msg\":\"x\"}}",
          { "CLOSING" } },
        { "{\"a\":1}", { "OTHER" } },
        { "{\"channel\":\"spot.obu\",\"result\":{\"u\":1,\"b\":[],\"a\":[]}}", { NULL } },
        { "{\"channel\":\"spot.obu\",\"result\":{\"s\":\"A_B\",\"u\":1}}", { NULL } },
        { "{\"channel\":\"spot.trades\",\"result\":{\"price\":\"1\"}}", { "STATUS" } },
        { "{\"channel\":\"spot.obu\",\"result\":{\"s\":\"\",\"u\":1,\"U\":1}}", { NULL } },
    };

    check(frame, "gateio", cases, N_OF(cases));
}

Test(venue_frames, gateio_rest_and_requests)
{
    static const char spot[] =
        "https://api.gateio.ws/api/v4/spot/order_book?currency_pair=BTC_USDT&limit=100&with_id=true";
    static const char futures[] =
        "https://api.gateio.ws/api/v4/futures/usdt/order_book?contract=RDNT_USDT&with_id=true";

    check_http(
        frame, "gateio", spot,
        "{\"id\":6358826658,\"current\":1649769789574,\"update\":1649769789566,\"asks\":[[\"40486.86\",\"0.1661\"]],"
        "\"bids\":[[\"40486.85\",\"0.0578\"]]}",
        "SNAP BTC_USDT 40486.85*0.0578 | 40486.86*0.1661");
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1649769789566000000));
    check_http(frame, "gateio", futures,
               "{\"id\":5,\"update\":1684930166.35,\"asks\":[{\"s\":803,\"p\":\"0.2974\"}],\"bids\":[]}",
               "SNAP RDNT_USDT | 0.2974*803");
    cr_expect_eq(frame->event[0].venue_ns, INT64_C(1684930166350000000));
    check_http(frame, "gateio", futures, "{\"update\":1}", NULL);
    check_http(frame, "gateio", spot, "x", NULL);
    check_http(frame, "gateio", "https://api.gateio.ws/api/v4/spot/time", "{}", NULL);
    check_http(frame, "gateio", "https://api.gateio.ws/api/v4/spot/order_book?limit=1",
               "{\"id\":5,\"asks\":[],\"bids\":[]}", NULL);
    check_request(
        "gateio", "BTC_USDT", "ETH_USDT", 0, 0,
        "{\"time\":1748572393,\"channel\":\"spot.obu\",\"event\":\"subscribe\",\"payload\":[\"ob.BTC_USDT.50\","
        "\"ob.ETH_USDT.50\"]}");
    check_request(
        "gateio", "BTC_USDT", NULL, 400, 1,
        "{\"time\":1748572393,\"channel\":\"spot.obu\",\"event\":\"unsubscribe\",\"payload\":[\"ob.BTC_USDT.400\"]}");
    check_symbols("gateio", "BTC_USDT", "btc_usdt", "BTCUSDT");
    cr_expect_str_eq(ping_of("gateio"), "{\"time\":1650189272,\"channel\":\"spot.ping\"}");
}
