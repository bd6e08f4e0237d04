/* SPDX-License-Identifier: MIT
 * Trades of bithumb, coinone, korbit, kraken and coinbase, and what asks for them. Frames are those of the fact sheets,
 * ../shared/protocols/<venue>.md, "trade", in shuffled order, with what may be missing missing. */
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

Test(venue_trades, bithumb)
{
    static const struct decode_case cases[] = {
        { "{\"type\":\"trade\",\"code\":\"KRW-BTC\",\"trade_price\":116208000,\"trade_volume\":0.0009,\"ask_bid\":"
          "\"BID\",\"trade_timestamp\":1790133513739,\"sequential_id\":1079953210371761700,\"timestamp\":1790133514039,"
          "\"prev_closing_price\":115000000,\"change\":\"RISE\",\"stream_type\":\"REALTIME\"}",
          { "TRADES KRW-BTC buy 116208000*0.0009 #1079953210371761700", "DAY KRW-BTC day close=115000000" } },
        /* One of the past says nothing of today's close. */
        { "{\"stream_type\":\"SNAPSHOT\",\"prev_closing_price\":1.15E8,\"sequential_id\":null,\"ask_bid\":\"ASK\","
          "\"trade_volume\":1E-4,\"trade_price\":1.16208E8,\"code\":\"KRW-BTC\",\"type\":\"trade\"}",
          { "TRADES KRW-BTC sell 116208000*0.0001 #0 past" } },
        { "{\"type\":\"trade\",\"code\":\"A-B\",\"trade_price\":-1,\"trade_volume\":1,\"ask_bid\":\"ASK\"}",
          { "TRADES A-B 1 left out" } },
        { "{\"type\":\"trade\",\"code\":\"A-B\",\"trade_volume\":1}", { "TRADES A-B 1 left out" } },
        { "{\"type\":\"trade\",\"trade_price\":1,\"trade_volume\":1}", { "OTHER" } },
        { "{\"type\":\"trade\",\"code\":\"A-B\",\"trade_price\":1,", { NULL } },
    };

    decode_check(venue_find("bithumb")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->trades[0].venue_ns, INT64_C(1790133513739000000));
    cr_expect_str_eq(request_of("bithumb", "KRW-BTC", "KRW-ETH", MD_CHANNEL_BOOK | MD_CHANNEL_TRADES, 0),
                     "[{\"ticket\":\"hoga-7\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},"
                     "{\"type\":\"trade\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},{\"format\":\"DEFAULT\"}]");
}

/* The venue's own sums of both sides, beside levels of which one is shown as 0. */
Test(venue_trades, bithumb_s_side_totals)
{
    static const char book[] = "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"total_ask_size\":0.7111,"
                               "\"total_bid_size\":1E+2,\"orderbook_units\":[]}";
    static const char none[] = "{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tas\":-1,\"tbs\":null,\"obu\":[]}";

    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, book, frame), 0);
    cr_expect_eq(frame->event[0].totals_known, 3);
    cr_expect(frame->event[0].ask_total == 7111 && frame->event[0].ask_total_decimals == 4);
    cr_expect(frame->event[0].bid_total == 100 && frame->event[0].bid_total_decimals == 0);
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, none, frame), 0);
    cr_expect_eq(frame->event[0].totals_known, 0);
}

Test(venue_trades, coinone)
{
    static const struct decode_case cases[] = {
        { "{\"data\":{\"is_seller_maker\":false,\"qty\":\"0.00483595\",\"price\":\"116460000\",\"timestamp\":"
          "1790134177835,\"id\":\"1790134177835001\",\"target_currency\":\"BTC\",\"quote_currency\":\"KRW\"},"
          "\"channel\":\"TRADE\",\"response_type\":\"DATA\"}",
          { "TRADES KRW-BTC sell 116460000*0.00483595 #1790134177835001" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TRADE\",\"data\":{\"quote_currency\":\"KRW\",\"target_currency\":"
          "\"BTC\",\"id\":\"x\",\"price\":\"1\",\"qty\":\"2\",\"is_seller_maker\":null}}",
          { "TRADES KRW-BTC ? 1*2 #0" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TRADE\",\"data\":{\"quote_currency\":\"KRW\",\"target_currency\":"
          "\"BTC\",\"price\":\"1\"}}",
          { "TRADES KRW-BTC 1 left out" } },
        { "{\"response_type\":\"SUBSCRIBED\",\"channel\":\"TRADE\",\"data\":{\"quote_currency\":\"KRW\"}}",
          { "STATUS" } },
    };

    decode_check(venue_find("coinone")->decode, frame, cases, N_OF(cases));
    cr_expect_str_eq(request_of("coinone", "KRW-BTC", NULL, MD_CHANNEL_TRADES, 0),
                     "{\"request_type\":\"SUBSCRIBE\",\"channel\":\"TRADE\",\"topic\":{\"quote_currency\":\"KRW\","
                     "\"target_currency\":\"BTC\"}}");
}

Test(venue_trades, korbit)
{
    static const struct decode_case cases[] = {
        { "{\"symbol\":\"btc_krw\",\"timestamp\":1790134328085,\"type\":\"trade\",\"snapshot\":true,\"data\":[{"
          "\"timestamp\":1790134317520,\"price\":\"116439000\",\"qty\":\"0.0067\",\"isBuyerTaker\":false,\"tradeId\":"
          "25441720},{\"tradeId\":25441719,\"isBuyerTaker\":true,\"qty\":\"1\",\"price\":\"2\"}]}",
          { "TRADES btc_krw buy 2*1 #25441719 sell 116439000*0.0067 #25441720 past" } },
        { "{\"symbol\":\"btc_krw\",\"type\":\"trade\",\"data\":[{\"price\":\"1\"},null,{\"price\":\"1\",\"qty\":\"2\"}]"
          "}",
          { "TRADES btc_krw ? 1*2 #0 1 left out" } },
        { "{\"symbol\":\"btc_krw\",\"type\":\"trade\",\"data\":[]}", { "TRADES btc_krw" } },
    };

    decode_check(venue_find("korbit")->decode, frame, cases, N_OF(cases));
    cr_expect_str_eq(request_of("korbit", "btc_krw", "eth_krw", MD_CHANNEL_TRADES, 1),
                     "[{\"requestId\":7,\"method\":\"unsubscribe\",\"type\":\"trade\",\"symbols\":[\"btc_krw\"]},"
                     "{\"requestId\":8,\"method\":\"unsubscribe\",\"type\":\"trade\",\"symbols\":[\"eth_krw\"]}]");
}

#define TRADE(symbol, side, id)                                                                                        \
    "{\"symbol\":\"" symbol "\",\"side\":\"" side "\",\"price\":0.5117,\"qty\":40.0,\"trade_id\":" id                  \
    ",\"timestamp\":\"2023-09-25T07:49:37.708706Z\"}"

Test(venue_trades, kraken)
{
    static const struct decode_case cases[] = {
        { "{\"channel\":\"trade\",\"type\":\"snapshot\",\"data\":[" TRADE("A/B", "sell", "9") "," TRADE(
              "A/B", "buy", "8") "," TRADE("C/D", "buy", "1") "]}",
          { "TRADES A/B buy 0.5117*40 #8 sell 0.5117*40 #9 past", "TRADES C/D buy 0.5117*40 #1 past" } },
        { "{\"data\":[{\"symbol\":\"A/B\",\"qty\":1e-08,\"price\":1.16539E8}],\"type\":\"update\",\"channel\":"
          "\"trade\"}",
          { "TRADES A/B ? 116539000*0.00000001 #0" } },
        { "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"A/B\",\"qty\":1}]}",
          { "TRADES A/B 1 left out" } },
        { "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"qty\":1,\"price\":1}]}", { "OTHER" } },
        { "{\"method\":\"subscribe\",\"result\":{\"channel\":\"trade\",\"snapshot\":true,\"symbol\":\"BTC/USD\"},"
          "\"success\":true}",
          { "STATUS" } },
    };

    decode_check(venue_find("kraken")->decode, frame, cases, N_OF(cases));
    cr_expect_str_eq(
        request_of("kraken", "BTC/USD", NULL, MD_CHANNEL_TRADES, 0),
        "{\"method\":\"subscribe\",\"params\":{\"channel\":\"trade\",\"symbol\":[\"BTC/USD\"],\"snapshot\":"
        "true},\"req_id\":7}");
    cr_expect_str_eq(request_of("kraken", "BTC/USD", NULL, MD_CHANNEL_TRADES, 1),
                     "{\"method\":\"unsubscribe\",\"params\":{\"channel\":\"trade\",\"symbol\":[\"BTC/USD\"]},"
                     "\"req_id\":7}");
}

Test(venue_trades, coinbase)
{
    static const struct decode_case cases[] = {
        { "{\"type\":\"last_match\",\"trade_id\":280232,\"side\":\"sell\",\"size\":\"985\",\"price\":\"0.00001305\","
          "\"product_id\":\"SKL-BTC\",\"sequence\":177100030,\"time\":\"2021-04-17T16:43:37.089723Z\"}",
          { "TRADES SKL-BTC buy 0.00001305*985 #280232 past" } },
        { "{\"type\":\"match\",\"side\":\"buy\",\"size\":\"1\",\"price\":\"2\",\"product_id\":\"A-B\"}",
          { "TRADES A-B sell 2*1 #0" } },
        { "{\"type\":\"match\",\"size\":\"1\",\"product_id\":\"A-B\"}", { "TRADES A-B 1 left out" } },
        { "{\"type\":\"match\",\"size\":\"1\",\"price\":\"1\"}", { "OTHER" } },
        /* Newest first, in a list of several products. */
        { "{\"channel\":\"market_trades\",\"sequence_num\":3,\"events\":[{\"type\":\"snapshot\",\"trades\":["
          "{\"product_id\":\"A-B\",\"trade_id\":\"12\",\"price\":\"3\",\"size\":\"1\",\"side\":\"BUY\"},"
          "{\"product_id\":\"A-B\",\"trade_id\":\"11\",\"price\":\"2\",\"size\":\"1\",\"side\":\"SELL\"},"
          "{\"product_id\":\"C-D\",\"trade_id\":\"5\",\"price\":\"2\",\"size\":\"1\",\"side\":\"?\"}]}]}",
          { "TRADES A-B buy 2*1 #11 sell 3*1 #12 past", "TRADES C-D ? 2*1 #5 past" } },
    };

    decode_check(venue_find("coinbase")->decode, frame, cases, N_OF(cases));
    cr_expect_str_eq(request_of("coinbase", "A-B", NULL, MD_CHANNEL_TRADES, 0),
                     "{\"type\":\"subscribe\",\"product_ids\":[\"A-B\"],\"channels\":[\"matches\"]}");
    cr_expect_str_eq(request_of("coinbase-adv", "A-B", NULL, MD_CHANNEL_TRADES, 1),
                     "{\"type\":\"unsubscribe\",\"product_ids\":[\"A-B\"],\"channel\":\"market_trades\"}");
}
