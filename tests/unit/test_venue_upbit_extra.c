/* SPDX-License-Identifier: MIT
 * Upbit's trades and tickers: frames of ../shared/protocols/upbit.md, "Trades", both spellings, numbers that cannot be
 * held, totals beside the levels; and the request that asks for them. */
#include "venue_decode.h"

static const struct decode_case cases[] = {
    /* The sheet's own frame: a snapshot says nothing of today's close. */
    { "{\"type\":\"trade\",\"code\":\"KRW-BTC\",\"timestamp\":1730336862082,\"trade_date\":\"2024-10-31\",\"trade_"
      "time\":"
      "\"01:07:42\",\"trade_timestamp\":1730336862047,\"trade_price\":100473000.00000000,\"trade_volume\":0.00014208,"
      "\"ask_bid\":\"BID\",\"prev_closing_price\":100571000.00000000,\"change\":\"FALL\",\"change_price\":98000."
      "00000000,"
      "\"sequential_id\":17303368620470000,\"best_ask_price\":100473000,\"best_ask_size\":0.43139478,\"best_bid_"
      "price\":"
      "100465000,\"best_bid_size\":0.01990656,\"stream_type\":\"SNAPSHOT\"}",
      { "TRADES KRW-BTC buy 100473000*0.00014208 #17303368620470000 past" } },
    /* Recorded in 2021. */
    { "{\"type\":\"trade\",\"code\":\"KRW-LAMB\",\"timestamp\":1618678262712,\"trade_date\":\"2021-04-17\",\"trade_"
      "time\":"
      "\"16:51:02\",\"trade_timestamp\":1618678262000,\"trade_price\":1.27E8,\"trade_volume\":46.48838371,\"ask_bid\":"
      "\"BID\",\"prev_closing_price\":1.23E8,\"change\":\"RISE\",\"change_price\":4000000.0,\"sequential_id\":"
      "1618678262000003,\"stream_type\":\"REALTIME\"}",
      { "TRADES KRW-LAMB buy 127000000*46.48838371 #1618678262000003", "DAY KRW-LAMB day close=123000000" } },
    { "{\"ty\":\"trade\",\"cd\":\"BTC-ITAM\",\"tms\":2,\"ttms\":1,\"tp\":9.9E-7,\"tv\":1E-8,\"ab\":\"ASK\",\"sid\":"
      "18446744073709551615,\"st\":\"REALTIME\"}",
      { "TRADES BTC-ITAM sell 0.00000099*0.00000001 #18446744073709551615" } },
    /* An id beyond 64 bits is unknown; a price that nothing holds is left out, and the message stands. */
    { "{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":1,\"tv\":2,\"sid\":18446744073709551616}", { "TRADES A-B ? 1*2 #0" } },
    { "{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":1e40,\"tv\":2,\"sid\":3}", { "TRADES A-B 1 left out" } },
    { "{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":-1,\"tv\":2,\"sid\":3}", { "TRADES A-B 1 left out" } },
    { "{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":null,\"tv\":2,\"sid\":3}", { "TRADES A-B 1 left out" } },
    { "{\"ty\":\"trade\",\"cd\":\"A B\",\"tp\":1,\"tv\":2}", { "OTHER" } },
    { "{\"ty\":\"trade\",\"tp\":1,\"tv\":2}", { "OTHER" } },
    { "{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":1", { NULL } },
    /* A ticker in both spellings; change with its sign; what is not there is not known. */
    { "{\"type\":\"ticker\",\"code\":\"KRW-BTC\",\"opening_price\":1.16E8,\"high_price\":1.17E8,\"low_price\":1.15E8,"
      "\"trade_price\":1.165E8,\"prev_closing_price\":1.17E8,\"acc_trade_price\":2.0453273801291763E11,\"change\":"
      "\"FALL\","
      "\"change_price\":500000.0,\"signed_change_price\":-500000.0,\"acc_trade_volume\":1763.52391,\"trade_timestamp\":"
      "7,"
      "\"timestamp\":8,\"stream_type\":\"SNAPSHOT\"}",
      { "DAY KRW-BTC day last=116500000 close=117000000 change=-500000 open=116000000 high=117000000 low=115000000 "
        "volume=1763.52391 value=204532738012.91763" } },
    { "{\"ty\":\"ticker\",\"cd\":\"KRW-BTC\",\"op\":1,\"hp\":null,\"lp\":-1,\"tp\":3,\"atp\":1e30,\"scp\":-0.5,\"st\":"
      "\"REALTIME\"}",
      { "DAY KRW-BTC day last=3 change=-0.5 open=1" } },
    { "[{\"ty\":\"trade\",\"cd\":\"A-B\",\"tp\":1,\"tv\":2,\"sid\":3,\"ab\":\"ASK\"},{\"ty\":\"ticker\",\"cd\":\"A-B\","
      "\"tp\":1}]",
      { "TRADES A-B sell 1*2 #3", "DAY A-B day last=1" } },
};

Test(venue_upbit_extra, frames_are_read)
{
    struct md_frame *frame = NULL;

    cr_assert_eq(md_frame_new(&frame), 0);
    decode_check(venue_find("upbit")->decode, frame, cases, sizeof cases / sizeof cases[0]);
    frame = md_frame_free(frame);
}

Test(venue_upbit_extra, times_are_the_trades_own)
{
    struct md_frame *frame = NULL;

    cr_assert_eq(md_frame_new(&frame), 0);
    cr_assert_eq(decode_exact(venue_find("upbit")->decode, cases[0].bytes, frame), 0);
    cr_expect_eq(frame->trades[0].venue_ns, 1730336862047000000);
    cr_assert_eq(decode_exact(venue_find("upbit")->decode,
                              "{\"ty\":\"ticker\",\"cd\":\"A-B\",\"tp\":1,\"ttms\":7,\"tms\":8}", frame),
                 0);
    cr_expect_eq(frame->days[0].last_ns, 7000000);
    cr_expect_eq(frame->days[0].venue_ns, 8000000);
    frame = md_frame_free(frame);
}

/* The usual spelling by the quick road, any other by the general one. */
Test(venue_upbit_extra, a_book_says_its_totals)
{
    static const char *const books[] = {
        "{\"ty\":\"orderbook\",\"cd\":\"A-B\",\"tms\":1,\"tas\":0.48514983,\"tbs\":2.2403413,\"obu\":[{\"ap\":2,\"bp\":"
        "1,\"as\":1,"
        "\"bs\":1}],\"st\":\"SNAPSHOT\",\"lv\":0}",
        "{ "
        "\"obu\":[{\"ap\":2,\"bp\":1,\"as\":1,\"bs\":1}],\"tbs\":2.2403413,\"tas\":0.48514983,\"cd\":\"A-B\",\"ty\":"
        "\"orderbook\"}",
        "{\"type\":\"orderbook\",\"code\":\"A-B\",\"timestamp\":1,\"total_ask_size\":4.8514983E-1,\"total_bid_size\":2."
        "2403413,"
        "\"orderbook_units\":[{\"ask_price\":2,\"bid_price\":1,\"ask_size\":1,\"bid_size\":1}],\"stream_type\":"
        "\"REALTIME\","
        "\"level\":0}",
    };
    struct md_frame *frame = NULL;
    int64_t mantissa;

    cr_assert_eq(md_frame_new(&frame), 0);
    for (size_t i = 0; i < sizeof books / sizeof books[0]; i++) {
        const struct md_event *e = &frame->event[0];

        cr_assert_eq(decode_exact(venue_find("upbit")->decode, books[i], frame), 0);
        cr_expect_eq(e->totals_known, 3, "%s", books[i]);
        cr_expect_eq(decimal_rescale(e->ask_total, e->ask_total_decimals, 8, &mantissa), 0);
        cr_expect_eq(mantissa, 48514983);
        cr_expect_eq(decimal_rescale(e->bid_total, e->bid_total_decimals, 8, &mantissa), 0);
        cr_expect_eq(mantissa, 224034130);
    }
    cr_assert_eq(decode_exact(venue_find("upbit")->decode,
                              "{\"ty\":\"orderbook\",\"cd\":\"A-B\",\"tas\":\"x\",\"tbs\":-1,\"obu\":[]}", frame),
                 0);
    cr_expect_eq(frame->event[0].totals_known, 0);
    frame = md_frame_free(frame);
}

Test(venue_upbit_extra, the_request_asks_for_raw_markets_once_a_type)
{
    static const char *const symbols[] = { "KRW-BTC@10000", "KRW-BTC", "KRW-ETH" };
    struct venue_request request = { .symbols = symbols, .n = 3, .channels = 7, .id = 1, .depth = 5 };
    char memory[1024];
    struct text t;

    text_init(&t, memory, sizeof memory);
    cr_assert_eq(venue_find("upbit")->request(&t, &request), 0);
    cr_expect_str_eq(memory,
                     "[{\"ticket\":\"hoga-1\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC.5\"],\"level\":10000},"
                     "{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC.5\",\"KRW-ETH.5\"]},{\"type\":\"trade\",\"codes\":"
                     "[\"KRW-BTC\",\"KRW-ETH\"]},{\"type\":\"ticker\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"]},{\"format\":"
                     "\"SIMPLE\"}]");
    request.n = 1; /* nothing but a grouped book: no empty list of codes */
    request.channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES;
    text_init(&t, memory, sizeof memory);
    cr_assert_eq(venue_find("upbit")->request(&t, &request), 0);
    cr_expect_null(strstr(memory, "trade"));
}
