/* SPDX-License-Identifier: MIT
 * Facts of the day, or of 24 hours, of Bithumb, Coinone, Korbit, Binance, OKX and Bybit, and what asks for them. The
 * first frame of each is literal: Bithumb's from https://apidocs.bithumb.com/v2.1.5/reference/테스트-및-요청-예제,
 * Coinone's and Korbit's received on 2026-09-23, https://github.com/nemanull/arbitrage-observatory,
 * docs/profiles/{coinone,digital-x}/websocket.md, Binance's and Bybit's the examples of the pages that binance_day.h
 * and bybit.c name; all read 2026-11-28. OKX's and those of futures are made up in the shape of recorded ones. The
 * others leave out, spoil and shuffle. */
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

TestSuite(venue_day, .init = setup, .fini = teardown);

/* What is of 24 hours (acc_trade_volume_24h, acc_trade_price_24h) stays away from what is of the day. */
Test(venue_day, bithumb)
{
    static const struct decode_case cases[] = {
        { "{\"type\":\"ticker\",\"code\":\"KRW-BTC\",\"opening_price\":484500,\"high_price\":493100,\"low_price\":"
          "472500,"
          "\"trade_price\":493100,\"prev_closing_price\":484500,\"change\":\"RISE\",\"change_price\":8600,"
          "\"signed_change_price\":8600,\"change_rate\":0.01775026,\"signed_change_rate\":0.01775026,"
          "\"trade_volume\":3.2529,\"acc_trade_volume\":220.0447,\"acc_trade_volume_24h\":13380.57687512,"
          "\"acc_trade_price\":105917424.208256,\"acc_trade_price_24h\":8227950466.316009,\"trade_date\":\"20240910\","
          "\"trade_time\":\"091617\",\"trade_timestamp\":1725927377174,\"ask_bid\":\"BID\","
          "\"acc_ask_volume\":106.7561,\"acc_bid_volume\":113.2886,\"highest_52_week_price\":999999000,"
          "\"highest_52_week_date\":\"2024-06-18\",\"lowest_52_week_price\":1000,\"lowest_52_week_date\":\"2024-06-"
          "18\","
          "\"market_state\":\"ACTIVE\",\"is_trading_suspended\":false,\"delisting_date\":null,"
          "\"market_warning\":\"NONE\",\"timestamp\":1725927377287,\"stream_type\":\"SNAPSHOT\"}",
          { "DAY KRW-BTC day last=493100 close=484500 change=8600 open=484500 high=493100 low=472500 volume=220.0447 "
            "value=105917424.208256" } },
        { "{\"stream_type\":\"REALTIME\",\"signed_change_price\":-1.5E-7,\"trade_price\":9.9E-7,\"low_price\":-1,"
          "\"high_price\":null,\"acc_trade_price\":1e40,\"acc_trade_volume_24h\":5,\"code\":\"BTC-A\",\"type\":"
          "\"ticker\"}",
          { "DAY BTC-A day last=0.00000099 change=-0.00000015" } },
        { "{\"ty\":\"ticker\",\"cd\":\"KRW-BTC\",\"op\":2,\"hp\":4,\"lp\":1,\"tp\":3,\"pcp\":2,\"scp\":1,\"atv\":7,"
          "\"atp\":8,\"atv24h\":9}",
          { "DAY KRW-BTC day last=3 close=2 change=1 open=2 high=4 low=1 volume=7 value=8" } },
        { "{\"type\":\"ticker\",\"trade_price\":1}", { "OTHER" } },
        { "{\"type\":\"ticker\",\"code\":\"KRW BTC\",\"trade_price\":1}", { "OTHER" } },
        { "{\"type\":\"ticker\",\"code\":\"A-B\"}", { "DAY A-B day" } },
        { "{\"type\":\"ticker\",\"code\":\"A-B\",\"trade_price\":1", { NULL } },
        { "[{\"type\":\"ticker\",\"code\":\"A-B\",\"trade_price\":1},{\"type\":\"ticker\",\"code\":\"C-D\"}]",
          { "DAY A-B day last=1", "DAY C-D day" } },
    };

    decode_check(venue_find("bithumb")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bithumb")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].last_ns, INT64_C(1725927377174000000));
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1725927377287000000));
    cr_expect_str_eq(
        request_of("bithumb", "KRW-BTC", "KRW-ETH", MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY, 0),
        "[{\"ticket\":\"hoga-7\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},"
        "{\"type\":\"trade\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},"
        "{\"type\":\"ticker\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},{\"format\":\"DEFAULT\"}]");
    cr_expect_str_eq(request_of("bithumb", "KRW-BTC", NULL, MD_CHANNEL_BOOK | MD_CHANNEL_DAY, 0),
                     "[{\"ticket\":\"hoga-7\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\"]},"
                     "{\"type\":\"ticker\",\"codes\":[\"KRW-BTC\"]},{\"format\":\"DEFAULT\"}]");
}

/* quote_volume and target_volume are of 24 hours beside prices of the day: not taken. */
Test(venue_day, coinone)
{
    static const struct decode_case cases[] = {
        { "{\"response_type\":\"DATA\",\"channel\":\"TICKER\",\"data\":{\"quote_currency\":\"KRW\","
          "\"target_currency\":\"BTC\",\"timestamp\":1790133796484,\"quote_volume\":\"30947007404.5912\","
          "\"target_volume\":\"267.27610034\",\"high\":\"116470000\",\"low\":\"115570000\",\"first\":\"115650000\","
          "\"last\":\"116380000\",\"volume_power\":\"0\",\"ask_best_price\":\"116400000\","
          "\"ask_best_qty\":\"0.00562817\",\"bid_best_price\":\"116370000\",\"bid_best_qty\":\"8.60554308\","
          "\"id\":\"1790133796484001\",\"yesterday_high\":\"117140000\",\"yesterday_low\":\"114430000\","
          "\"yesterday_first\":\"117130000\",\"yesterday_last\":\"115640000\","
          "\"yesterday_quote_volume\":\"57912858642.8004\",\"yesterday_target_volume\":\"504.17975762\"}}",
          { "DAY KRW-BTC day last=116380000 close=115640000 open=115650000 high=116470000 low=115570000" } },
        { "{\"data\":{\"yesterday_last\":null,\"last\":\"x\",\"first\":\"-1\",\"low\":\"0.00000001\",\"high\":\"1e40\","
          "\"target_currency\":\"A\",\"quote_currency\":\"KRW\"},\"channel\":\"TICKER\",\"response_type\":\"DATA\"}",
          { "DAY KRW-A day low=0.00000001" } },
        { "{\"r\":\"DATA\",\"c\":\"TICKER\",\"d\":{\"qc\":\"KRW\",\"tc\":\"BTC\",\"t\":1,\"qv\":\"9\",\"tv\":\"9\","
          "\"hi\":\"4\",\"lo\":\"1\",\"fi\":\"2\",\"la\":\"3\",\"yla\":\"2.5\"}}",
          { "DAY KRW-BTC day last=3 close=2.5 open=2 high=4 low=1" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TICKER\",\"data\":{\"quote_currency\":\"KRW\",\"last\":\"1\"}}",
          { "OTHER" } },
        { "{\"response_type\":\"DATA\",\"channel\":\"TICKER\",\"data\":[]}", { NULL } },
        { "{\"response_type\":\"SUBSCRIBED\",\"channel\":\"TICKER\",\"data\":{\"quote_currency\":\"KRW\","
          "\"target_currency\":\"BTC\"}}",
          { "STATUS" } },
    };

    decode_check(venue_find("coinone")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("coinone")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1790133796484000000));
    cr_expect_eq(frame->days[0].last_ns, 0, "that it is the trade's time is not said");
    cr_expect_str_eq(request_of("coinone", "KRW-BTC", NULL, MD_CHANNEL_DAY, 0),
                     "{\"request_type\":\"SUBSCRIBE\",\"channel\":\"TICKER\",\"topic\":{\"quote_currency\":\"KRW\","
                     "\"target_currency\":\"BTC\"}}");
    cr_expect_str_eq(request_of("coinone", "KRW-BTC", NULL, MD_CHANNEL_DAY, 1),
                     "{\"request_type\":\"UNSUBSCRIBE\",\"channel\":\"TICKER\",\"topic\":{\"quote_currency\":\"KRW\","
                     "\"target_currency\":\"BTC\"}}");
}

/* All of 24 hours, and so no previous close. */
Test(venue_day, korbit)
{
    static const struct decode_case cases[] = {
        { "{\"symbol\":\"btc_krw\",\"timestamp\":1790134313071,\"type\":\"ticker\",\"snapshot\":true,\"data\":{"
          "\"open\":\"115370000\",\"high\":\"116765000\",\"low\":\"114412000\",\"close\":\"116463000\","
          "\"prevClose\":\"115304000\",\"priceChange\":\"1159000\",\"priceChangePercent\":\"1.01\","
          "\"volume\":\"39.25266763\",\"quoteVolume\":\"4549864965.49708\",\"bestAskPrice\":\"116477000\","
          "\"bestBidPrice\":\"116426000\",\"lastTradedAt\":1790134282264}}",
          { "DAY btc_krw 24h last=116463000 change=1159000 open=115370000 high=116765000 low=114412000 "
            "volume=39.25266763 value=4549864965.49708" } },
        { "{\"data\":{\"lastTradedAt\":null,\"quoteVolume\":\"1e40\",\"volume\":\"-1\",\"priceChange\":\"-0.5\","
          "\"close\":\"x\",\"low\":null,\"open\":2.5},\"type\":\"ticker\",\"symbol\":\"a_b\"}",
          { "DAY a_b 24h change=-0.5 open=2.5" } },
        { "{\"symbol\":\"a_b\",\"type\":\"ticker\",\"data\":{}}", { "DAY a_b 24h" } },
        { "{\"symbol\":\"a_b\",\"type\":\"ticker\",\"data\":[{\"close\":\"1\"}]}", { "OTHER" } },
        { "{\"symbol\":\"a_b\",\"type\":\"ticker\",\"data\":{\"close\":\"1\"}", { NULL } },
    };

    decode_check(venue_find("korbit")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("korbit")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].last_ns, INT64_C(1790134282264000000));
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1790134313071000000));
    cr_expect_str_eq(request_of("korbit", "btc_krw", "eth_krw", MD_CHANNEL_DAY, 0),
                     "[{\"requestId\":7,\"method\":\"subscribe\",\"type\":\"ticker\",\"symbols\":[\"btc_krw\"]},"
                     "{\"requestId\":8,\"method\":\"subscribe\",\"type\":\"ticker\",\"symbols\":[\"eth_krw\"]}]");
}

/* b, B, a and A are no best bid and ask of a book; x is no day's close. */
Test(venue_day, binance)
{
    static const struct decode_case cases[] = {
        { "{\"stream\":\"bnbbtc@ticker\",\"data\":{\"e\":\"24hrTicker\",\"E\":1672515782136,\"s\":\"BNBBTC\","
          "\"p\":\"0.0015\",\"P\":\"250.00\",\"w\":\"0.0018\",\"x\":\"0.0009\",\"c\":\"0.0025\",\"Q\":\"10\","
          "\"b\":\"0.0024\",\"B\":\"10\",\"a\":\"0.0026\",\"A\":\"100\",\"o\":\"0.0010\",\"h\":\"0.0025\","
          "\"l\":\"0.0010\",\"v\":\"10000\",\"q\":\"18\",\"O\":0,\"C\":86400000,\"F\":0,\"L\":18150,\"n\":18151}}",
          { "DAY BNBBTC 24h last=0.0025 change=0.0015 open=0.001 high=0.0025 low=0.001 volume=10000 value=18" } },
        { "{\"data\":{\"q\":\"1e40\",\"p\":\"-3\",\"l\":\"-1\",\"h\":null,\"c\":\"x\",\"s\":\"A\",\"e\":"
          "\"24hrTicker\"},\"stream\":\"a@ticker\"}",
          { "DAY A 24h change=-3" } },
        /* COIN-M counts contracts, its other amount is in base; a dated contract of USD-M is no COIN-M's. */
        { "{\"stream\":\"abcusd_perp@ticker\",\"data\":{\"e\":\"24hrTicker\",\"E\":7,\"s\":\"ABCUSD_PERP\",\"ps\":"
          "\"ABCUSD\","
          "\"p\":\"-4.5\",\"P\":\"-0.5\",\"w\":\"907\",\"c\":\"905.5\",\"Q\":\"2\",\"o\":\"910\",\"h\":\"920\",\"l\":"
          "\"900\","
          "\"v\":\"907000\",\"q\":\"100000.25\",\"O\":1,\"C\":2,\"F\":3,\"L\":4,\"n\":2}}",
          { "DAY ABCUSD_PERP 24h last=905.5 change=-4.5 open=910 high=920 low=900 volume=100000.25" } },
        { "{\"e\":\"24hrTicker\",\"s\":\"ABCUSD_260925\",\"c\":\"2\",\"v\":\"9\"}",
          { "DAY ABCUSD_260925 24h last=2" } },
        { "{\"e\":\"24hrTicker\",\"s\":\"ABCUSDT_260925\",\"c\":\"2\",\"v\":\"9\",\"q\":\"8\",\"st\":1}",
          { "DAY ABCUSDT_260925 24h last=2 volume=9 value=8" } },
        { "{\"e\":\"24hrTicker\",\"c\":\"2\",\"b\":\"1\",\"B\":\"1\",\"a\":\"1\",\"A\":\"1\"}", { "OTHER" } },
        { "{\"e\":\"24hrTicker\",\"s\":\"A\",\"c\":\"2\"", { NULL } },
    };
    /* A list is of all symbols and was not asked for. */
    static const char list[] = "{\"stream\":\"!ticker@arr\",\"data\":[{\"e\":\"24hrTicker\",\"s\":\"A\",\"c\":\"2\"}]}";

    decode_check(venue_find("binance")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("binance")->decode, list, frame), 0);
    cr_expect_eq(frame->n_events, 0);
    cr_assert_eq(decode_exact(venue_find("binance")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1672515782136000000));
    cr_expect_eq(frame->days[0].last_ns, 0);
    cr_expect_str_eq(request_of("binance", "BTCUSDT", "ETHUSDT", MD_CHANNEL_DAY, 0),
                     "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@ticker\",\"ethusdt@ticker\"],\"id\":7}");
    cr_expect_str_eq(request_of("binance-coinm", "BTCUSD_PERP", NULL, MD_CHANNEL_DAY, 0),
                     "{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusd_perp@ticker\"],\"id\":7}");
    cr_expect(venue_find("binance-usdm")->channels & MD_CHANNEL_DAY);
}

/* What counts in contracts is no volume in base, and without its product nobody knows which is which. */
Test(venue_day, okx)
{
    static const struct decode_case cases[] = {
        { "{\"arg\":{\"channel\":\"tickers\",\"instId\":\"A-B\"},\"data\":[{\"instType\":\"SPOT\",\"instId\":\"A-B\","
          "\"last\":\"91.2\",\"lastSz\":\"0.5\",\"askPx\":\"91.3\",\"askSz\":\"1.5\",\"bidPx\":\"\",\"bidSz\":\"\","
          "\"open24h\":\"88.9\",\"high24h\":\"92.7\",\"low24h\":\"87.1\",\"sodUtc0\":\"90\",\"sodUtc8\":\"89\","
          "\"volCcy24h\":\"30744.587593360288\",\"vol24h\":\"338.86622649\",\"ts\":\"1765201256914\"}]}",
          { "DAY A-B 24h last=91.2 open=88.9 high=92.7 low=87.1 volume=338.86622649 value=30744.587593360288" } },
        { "{\"data\":[{\"volCcy24h\":\"77.65\",\"vol24h\":\"776509\",\"instType\":\"SWAP\",\"last\":\"2\"}],"
          "\"arg\":{\"instId\":\"A-USDC-SWAP\",\"channel\":\"tickers\"}}",
          { "DAY A-USDC-SWAP 24h last=2 volume=77.65" } },
        { "{\"arg\":{\"channel\":\"tickers\",\"instId\":\"A-B\"},\"data\":[{\"vol24h\":\"1\",\"volCcy24h\":\"2\","
          "\"low24h\":\"-1\",\"high24h\":\"1e40\",\"open24h\":\"\",\"last\":null}]}",
          { "DAY A-B 24h" } },
        { "{\"arg\":{\"channel\":\"index-tickers\",\"instId\":\"A-B\"},\"data\":[{\"idxPx\":\"1\"}]}", { "OTHER" } },
        { "{\"event\":\"error\",\"code\":\"60018\",\"msg\":\"Wrong URL or channel:tickers,instId:A-BX doesn't "
          "exist.\"}",
          { "ERROR A-BX of day [symbol-unknown] Wrong URL or channel:tickers,instId:A-BX doesn't exist." } },
        { "{\"arg\":{\"channel\":\"tickers\",\"instId\":\"A-B\"},\"data\":[{\"last\":\"1\"]}", { NULL } },
    };

    decode_check(venue_find("okx")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("okx")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1765201256914000000));
    cr_assert_eq(decode_exact(venue_find("okx")->decode,
                              "{\"event\":\"subscribe\",\"arg\":{\"channel\":\"tickers\",\"instId\":\"A-B\"}}", frame),
                 0);
    cr_expect_eq(frame->event[0].channel, MD_CHANNEL_DAY, "that of the book is another word");
    cr_expect_str_eq(request_of("okx", "A-B", NULL, MD_CHANNEL_DAY, 0),
                     "{\"id\":\"h7\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"tickers\",\"instId\":\"A-B\"}]}");
}

/* A change is given in percent alone, and so in no price. */
Test(venue_day, bybit)
{
    static const struct decode_case cases[] = {
        { "{\"topic\":\"tickers.BTCUSDT\",\"ts\":1672305380595,\"type\":\"snapshot\",\"cs\":496622841,\"data\":{"
          "\"symbol\":\"BTCUSDT\",\"lastPrice\":\"16363.78\",\"highPrice24h\":\"16566.64\","
          "\"lowPrice24h\":\"16009.19\",\"prevPrice24h\":\"16443.66\",\"volume24h\":\"5865.470182\","
          "\"turnover24h\":\"95949815.680875\",\"price24hPcnt\":\"-0.0049\"}}",
          { "DAY BTCUSDT 24h last=16363.78 open=16443.66 high=16566.64 low=16009.19 volume=5865.470182 "
            "value=95949815.680875" } },
        /* An update of linear, its time behind it. */
        { "{\"data\":{\"volume24h\":\"-1\",\"turnover24h\":\"1e40\",\"lastPrice\":\"17216.00\",\"symbol\":\"A\"},"
          "\"type\":\"delta\",\"topic\":\"tickers.A\",\"ts\":7}",
          { "DAY A 24h last=17216" } },
        { "{\"topic\":\"tickers.A\",\"type\":\"snapshot\",\"data\":{\"lastPrice\":\"1\"}}", { "OTHER" } },
        { "{\"topic\":\"tickers.A\",\"type\":\"snapshot\",\"data\":[1]}", { "OTHER" } },
        { "{\"topic\":\"tickers.A\",\"type\":\"snapshot\",\"data\":{\"symbol\":\"A\"", { NULL } },
        { "{\"success\":false,\"ret_msg\":\"Invalid topic:tickers.AX\",\"op\":\"subscribe\"}",
          { "ERROR AX of day [symbol-unknown] Invalid topic:tickers.AX" } },
    };

    decode_check(venue_find("bybit")->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(venue_find("bybit")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->days[0].venue_ns, INT64_C(1672305380595000000));
    cr_assert_eq(decode_exact(venue_find("bybit-linear")->decode, cases[1].bytes, frame), 0);
    cr_expect_eq(frame->days[0].venue_ns, 7000000);
    cr_expect(venue_find("bybit-linear")->channels & MD_CHANNEL_DAY);
    cr_expect_str_eq(request_of("bybit", "BTCUSDT", NULL, MD_CHANNEL_DAY, 1),
                     "{\"req_id\":\"7\",\"op\":\"unsubscribe\",\"args\":[\"tickers.BTCUSDT\"]}");
}
