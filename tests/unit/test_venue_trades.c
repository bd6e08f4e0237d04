/* SPDX-License-Identifier: MIT
 * Trades of Binance, OKX, Bybit, Bitget and Gate: what is asked for, what they say, in which order, what is left out.
 * Frames of ../shared/protocols, "Trades". Upbit has a file of its own. */
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

TestSuite(venue_trades, .init = setup, .fini = teardown);

static void check_trades_request(const char *name, int is_unsubscribe, const char *want)
{
    const struct venue *venue = venue_find(name);
    const char *symbols[] = { "A_USDT", "B_USDT" };
    struct venue_request request = { .symbols = symbols,
                                     .n = 2,
                                     .channels = MD_CHANNEL_TRADES,
                                     .is_unsubscribe = (uint8_t)is_unsubscribe,
                                     .id = 7000000,
                                     .now_ns = INT64_C(1748572393000000001) };
    char memory[512];
    struct text text;

    cr_assert(venue->channels & MD_CHANNEL_TRADES, "%s", name);
    text_init(&text, memory, sizeof(memory));
    cr_expect_eq(venue->request(&text, &request), 0);
    cr_expect_str_eq(memory, want, "%s", memory);
}

Test(venue_trades, are_asked_for_in_messages_of_their_own)
{
    check_trades_request("binance", 0,
                         "{\"method\":\"SUBSCRIBE\",\"params\":[\"a_usdt@trade\",\"b_usdt@trade\"],\"id\":7000000}");
    check_trades_request(
        "binance-coinm", 1,
        "{\"method\":\"UNSUBSCRIBE\",\"params\":[\"a_usdt@aggTrade\",\"b_usdt@aggTrade\"],\"id\":7000000}");
    check_trades_request(
        "binance-usdm", 0,
        "{\"method\":\"SUBSCRIBE\",\"params\":[\"a_usdt@aggTrade\",\"b_usdt@aggTrade\"],\"id\":7000000}");
    cr_expect_str_eq(venue_find("binance-usdm")->extras_path, "/market/stream", "/public has none");
    check_trades_request(
        "okx", 0,
        "{\"id\":\"h7000000\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"trades\",\"instId\":\"A_USDT\"},"
        "{\"channel\":\"trades\",\"instId\":\"B_USDT\"}]}");
    check_trades_request(
        "bybit-linear", 0,
        "{\"req_id\":\"7000000\",\"op\":\"subscribe\",\"args\":[\"publicTrade.A_USDT\",\"publicTrade.B_USDT\"]}");
    check_trades_request("bitget", 1,
                         "{\"op\":\"unsubscribe\",\"args\":[{\"instType\":\"SPOT\",\"channel\":\"trade\",\"instId\":"
                         "\"A_USDT\"},{\"instType\":\"SPOT\",\"channel\":\"trade\",\"instId\":\"B_USDT\"}]}");
    check_trades_request("gateio", 0,
                         "{\"time\":1748572393,\"channel\":\"spot.trades\",\"event\":\"subscribe\",\"payload\":"
                         "[\"A_USDT\",\"B_USDT\"]}");
}

Test(venue_trades, binance)
{
    static const struct decode_case cases[] = {
        { "{\"stream\":\"a@trade\",\"data\":{\"e\":\"trade\",\"E\":1672515782136,\"s\":\"A\",\"t\":9007199254740993,"
          "\"p\":\"0.00100000\",\"q\":\"1e2\",\"T\":1672515782136,\"m\":true,\"M\":true}}",
          { "TRADES A sell 0.001*100 #9007199254740993" } },
        { "{\"M\":true,\"T\":1,\"b\":88,\"a\":50,\"m\":false,\"q\":\"1\",\"p\":\"2\",\"t\":5,\"s\":\"A\",\"e\":"
          "\"trade\"}",
          { "TRADES A buy 2*1 #5" } },
        { "{\"e\":\"aggTrade\",\"E\":1,\"s\":\"A\",\"a\":26129,\"p\":\"0.01633102\",\"q\":\"4.70443515\",\"f\":27781,"
          "\"l\":27781,\"T\":1498793709153,\"m\":true}",
          { "TRADES A sell 0.01633102*4.70443515 #26129" } },
        { "{\"e\":\"trade\",\"s\":\"A\",\"t\":null,\"p\":\"1\",\"q\":\"1\",\"m\":null}", { "TRADES A ? 1*1 #0" } },
        { "{\"e\":\"trade\",\"p\":\"1\",\"q\":\"1\",\"m\":true}", { "OTHER" } },
        { "{\"e\":\"trade\",\"s\":\"A\",\"p\":\"1\",\"q\":\"99999999999999999999\",\"m\":true}",
          { "TRADES A 1 left out" } },
        { "{\"error\":{\"code\":2,\"msg\":\"no\"},\"id\":7000000}", { "ERROR [venue-error] no" } },
    };

    check(frame, "binance", cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("binance")->decode, cases[6].bytes, frame), 0);
    cr_expect_eq(frame->event[0].request_id, 7000000, "it may be of trades alone");
    cr_assert_eq(decode_exact(venue_find("binance")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->trades[0].venue_ns, INT64_C(1672515782136000000));
}

Test(venue_trades, okx_and_bitget)
{
    static const struct decode_case okx[] = {
        { "{\"arg\":{\"channel\":\"trades\",\"instId\":\"A\"},\"data\":[{\"instId\":\"A\",\"tradeId\":\"130639474\","
          "\"px\":"
          "\"42219.9\",\"sz\":\"0.12060306\",\"side\":\"buy\",\"ts\":\"1630048897897\",\"count\":\"3\",\"source\":"
          "\"0\","
          "\"seqId\":1234},{\"tradeId\":\"130639475\",\"px\":\"42220\",\"sz\":\"1\",\"side\":\"sell\"}]}",
          { "TRADES A buy 42219.9*0.12060306 #130639474 sell 42220*1 #130639475" } },
        { "{\"data\":[{\"px\":\"1\",\"sz\":\"x\"},{\"px\":\"1\",\"sz\":\"2\",\"side\":null}],\"arg\":{\"channel\":"
          "\"trades\","
          "\"instId\":\"A\"}}",
          { "TRADES A ? 1*2 #0 1 left out" } },
        { "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:trades,instId:A doesn't exist.\"}",
          { "ERROR A of trades [symbol-unknown] Wrong URL or channel:trades,instId:A doesn't exist." } },
    };
    static const struct decode_case bitget[] = {
        { "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"trade\",\"instId\":\"A\"},\"data\":[{"
          "\"ts\":"
          "\"1701910980366\",\"price\":\"43854.01\",\"size\":\"0.0535\",\"side\":\"buy\",\"tradeId\":"
          "\"1116461060594286593\"},"
          "{\"ts\":\"1701910980365\",\"price\":\"43854\",\"size\":\"1\",\"side\":\"sell\",\"tradeId\":"
          "\"1116461060594286592\"}],"
          "\"ts\":1701910980730}",
          { "TRADES A sell 43854*1 #1116461060594286592 buy 43854.01*0.0535 #1116461060594286593 past" } },
        { "{\"action\":\"update\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"trade\",\"instId\":\"A\"},\"data\":[{"
          "\"price\":"
          "\"1\",\"size\":\"-1\"},{\"price\":\"3\",\"size\":\"1\",\"side\":\"buy\",\"tradeId\":\"2\"},{\"price\":\"2\","
          "\"size\":\"1\",\"side\":\"buy\",\"tradeId\":\"1\"}]}",
          { "TRADES A buy 2*1 #1 buy 3*1 #2 1 left out" } },
        { "{\"event\":\"error\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"trade\",\"instId\":\"A\"},\"code\":30001,"
          "\"msg\":"
          "\"?\"}",
          { "ERROR A of trades [symbol-unknown] ?" } },
    };

    check(frame, "okx", okx, N_OF(okx));
    check(frame, "bitget", bitget, N_OF(bitget));
    cr_assert_eq(decode_exact(venue_find("bitget")->decode, bitget[0].bytes, frame), 0);
    cr_expect_eq(frame->trades[0].venue_ns, INT64_C(1701910980365000000));
}

Test(venue_trades, bybit_and_gate)
{
    static const struct decode_case bybit[] = {
        { "{\"topic\":\"publicTrade.A\",\"type\":\"snapshot\",\"ts\":1672304486868,\"data\":[{\"T\":1672304486865,"
          "\"s\":\"A\","
          "\"S\":\"Buy\",\"v\":\"0.001\",\"p\":\"16578.50\",\"L\":\"PlusTick\",\"i\":\"1100\",\"BT\":false,\"seq\":1},{"
          "\"T\":"
          "1672304486866,\"s\":\"A\",\"S\":\"Sell\",\"v\":\"2\",\"p\":\"3\",\"i\":\"1101\",\"RPI\":true}]}",
          { "TRADES A buy 16578.5*0.001 #1100 sell 3*2 #1101" } },
        { "{\"data\":[{\"p\":\"3\",\"s\":\"A\",\"v\":\"2\"},{\"s\":\"A\",\"p\":\"x\",\"v\":\"1\"}],\"topic\":"
          "\"publicTrade.A\"}",
          { "TRADES A ? 3*2 #0 1 left out" } },
        { "{\"success\":false,\"ret_msg\":\"Invalid topic:publicTrade.AX\",\"op\":\"subscribe\"}",
          { "ERROR AX of trades [symbol-unknown] Invalid topic:publicTrade.AX" } },
    };
    static const struct decode_case gate[] = {
        { "{\"time\":1619093543,\"channel\":\"spot.trades\",\"event\":\"update\",\"result\":{\"id\":9007199254740993,"
          "\"create_time\":1619093543,\"create_time_ms\":\"1619093543708.2642\",\"side\":\"sell\",\"currency_pair\":"
          "\"A_B\","
          "\"amount\":\"0.2010000000\",\"price\":\"121.5800000000\"}}",
          { "TRADES A_B sell 121.58*0.201 #9007199254740993" } },
        { "{\"result\":[{\"id\":1,\"currency_pair\":\"A_B\",\"amount\":\"1\",\"price\":\"2\"},{\"currency_pair\":\"A_"
          "B\"}],"
          "\"channel\":\"spot.trades\"}",
          { "TRADES A_B ? 2*1 #1", "TRADES A_B 1 left out" } },
        { "{\"channel\":\"spot.trades\",\"event\":\"subscribe\",\"payload\":[\"A_B\"],\"error\":{\"code\":2,"
          "\"message\":"
          "\"unknown currency pair A_B\"}}",
          { "ERROR A_B of trades [symbol-unknown] unknown currency pair A_B" } },
    };

    check(frame, "bybit", bybit, N_OF(bybit));
    check(frame, "gateio", gate, N_OF(gate));
    cr_assert_eq(decode_exact(venue_find("gateio")->decode, gate[0].bytes, frame), 0);
    cr_expect_eq(frame->trades[0].venue_ns, INT64_C(1619093543708264200));
    /* A UUID is told from others by its hash. */
    cr_assert_eq(decode_exact(venue_find("bybit-linear")->decode,
                              "{\"topic\":\"publicTrade.A\",\"data\":[{\"s\":\"A\",\"p\":\"1\",\"v\":\"1\",\"i\":"
                              "\"20f43950-d8dd-5b31-9112-a178eb6023af\"}]}",
                              frame),
                 0);
    cr_expect_neq(frame->trades[0].id, 0);
}

/* Ids are strings there (sheets, "Trades"); as bare numbers they are the same trades. */
Test(venue_trades, a_trade_s_id_may_be_a_number)
{
    static const char *const texts[][2] = {
        { "okx", "{\"arg\":{\"channel\":\"trades\",\"instId\":\"A-B\"},\"data\":[{\"tradeId\":7849,\"px\":\"30218.8\","
                 "\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"1652459199958\"}]}" },
        { "bybit",
          "{\"topic\":\"publicTrade.A\",\"type\":\"snapshot\",\"ts\":1,\"data\":[{\"T\":1672304486865,\"s\":\"A\","
          "\"S\":\"Buy\",\"v\":\"0.001\",\"p\":\"16578.50\",\"i\":7849}]}" },
    };

    for (size_t i = 0; i < N_OF(texts); i++) {
        cr_assert_eq(decode_exact(venue_find(texts[i][0])->decode, texts[i][1], frame), 0);
        cr_assert_eq(frame->n_trades, 1);
        cr_expect_eq(frame->trades[0].id, 7849, "%s", texts[i][1]);
    }
}
