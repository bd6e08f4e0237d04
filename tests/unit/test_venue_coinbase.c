/* SPDX-License-Identifier: MIT */
#include "venue_decode.h"

#include <errno.h>

/* Frames: ../shared/protocols/coinbase.md and captures/coinbase. */

static struct md_frame *frame;
static const struct venue *exchange, *advanced;

static void setup(void)
{
    exchange = venue_find("coinbase");
    advanced = venue_find("coinbase-adv");
    cr_assert(exchange && advanced);
    cr_assert_eq(md_frame_new(&frame), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
}

TestSuite(venue_coinbase, .init = setup, .fini = teardown);

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CHANGES(changes)                                                                                               \
    "{\"type\":\"l2update\",\"product_id\":\"SKL-BTC\",\"changes\":" changes                                           \
    ",\"time\":\"2021-04-17T16:43:37.075687Z\"}"

Test(venue_coinbase, exchange_frames_are_read)
{
    static const struct decode_case cases[] = {
        { "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[[\"10101.10\",\"0.45054140\"]],"
          "\"asks\":[[\"10102.55\",\"0.57753524\"]]}",
          { "SNAP BTC-USD 10101.1*0.4505414 | 10102.55*0.57753524" } },
        { CHANGES("[[\"sell\",\"0.00001306\",\"660.5\"],[\"buy\",\"0.00001\",\"0.00\"]]"),
          { "BOOK SKL-BTC 0.00001*0 | 0.00001306*660.5" } },
        { CHANGES("[]"), { "BOOK SKL-BTC |" } },
        /* Only with fewer decimals than written does this fit. */
        { CHANGES("[[\"buy\",\"900000000000.000000000000000000\",\"1\"],[\"sell\",\"0.5\",\"1\"]]"),
          { "BOOK SKL-BTC 900000000000*1 | 0.5*1" } },
        { "{\"type\":\"match\",\"trade_id\":280232,\"maker_order_id\":\"2a0d\",\"side\":\"sell\",\"size\":\"985\","
          "\"price\":\"0.00001305\",\"product_id\":\"SKL-BTC\",\"sequence\":177100030,"
          "\"time\":\"2021-04-17T16:43:37.089723Z\"}",
          { "TRADES SKL-BTC buy 0.00001305*985 #280232" } },
        { "{\"type\":\"heartbeat\",\"sequence\":90,\"last_trade_id\":20,\"product_id\":\"BTC-USD\","
          "\"time\":\"2014-11-07T08:19:28.464459Z\"}",
          { "STATUS" } },
        { "{\"type\":\"subscriptions\",\"channels\":[{\"name\":\"level2_50\",\"product_ids\":[\"BAND-GBP\","
          "\"BAND-BTC\"],\"account_ids\":null},{\"name\":\"matches\",\"product_ids\":[\"BTC-USD\"]}]}",
          { "SUBSCRIBED BAND-GBP", "SUBSCRIBED BAND-BTC" } },
        { "{\"type\":\"error\",\"message\":\"Failed to subscribe\",\"reason\":\"BTC-USX is not a valid product\"}",
          { "ERROR BTC-USX [symbol-unknown] Failed to subscribe: BTC-USX is not a valid product" } },
        { "{\"type\":\"error\",\"message\":\"slow down\"}", { "ERROR [venue-error] slow down" } },
        { "{\"type\":\"error\",\"message\":\"Failed to subscribe\",\"reason\":\"level2 requires authentication\"}",
          { "ERROR [request-refused] Failed to subscribe: level2 requires authentication" } },
        { "{\"type\":\"status\"}", { "OTHER" } },
        { CHANGES("[[\"sell\",\"0.00001306\"]]"), { NULL } },
        { CHANGES("[[\"both\",\"1\",\"1\"]]"), { NULL } },
        { CHANGES("[[\"buy\",\"1\",\"-1\"]]"), { NULL } },
        { CHANGES("[[\"buy\",\"1\",\"1\"]"), { NULL } },
        { "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[]}", { NULL } },
        { "{\"type\":\"l2update\",\"changes\":[]}", { NULL } },
    };

    decode_check(exchange->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(exchange->decode, cases[1].bytes, frame), 0);
    cr_assert_eq(frame->event[0].venue_ns, INT64_C(1618677817075687000));
    cr_assert_eq(frame->event[0].follows, MD_FOLLOWS_UNPROVEN);
    cr_assert_not(frame->has_connection_sequence);
}

#define ADVANCED(channel, sequence, events)                                                                            \
    "{\"channel\":\"" channel                                                                                          \
    "\",\"client_id\":\"\",\"timestamp\":\"2026-04-07T14:30:00.123456Z\",\"sequence_num\":" sequence                   \
    ",\"events\":" events "}"
#define CHANGE(side, price, size)                                                                                      \
    "{\"side\":\"" side "\",\"event_time\":\"1970-01-01T00:00:00Z\",\"price_level\":\"" price                          \
    "\",\"new_quantity\":\"" size "\"}"
#define EVENT(type, changes) "{\"type\":\"" type "\",\"product_id\":\"BTC-USD\",\"updates\":[" changes "]}"

Test(venue_coinbase, advanced_frames_are_read)
{
    static const struct decode_case cases[] = {
        { ADVANCED("l2_data", "0",
                   "[" EVENT("snapshot",
                             CHANGE("bid", "68900.00", "1.50000000") "," CHANGE(
                                 "offer", "68901.00", "0.5")) "," EVENT("update",
                                                                        CHANGE("offer", "68901.00", "0.00000000")) "]"),
          { "SNAP BTC-USD 68900*1.5 | 68901*0.5", "BOOK BTC-USD | 68901*0" } },
        { ADVANCED("heartbeats", "5", "[{\"current_time\":\"2026-04-07 14:30:10\",\"heartbeat_counter\":42}]"),
          { "STATUS" } },
        { ADVANCED("subscriptions", "5",
                   "[{\"subscriptions\":{\"level2\":[\"BTC-USD\"],\"market_trades\":[\"X-Y\"]}}]"),
          { "SUBSCRIBED BTC-USD" } },
        { ADVANCED("subscriptions", "5", "[{\"subscriptions\":{\"heartbeats\":[\"heartbeats\"]}}]"), { "STATUS" } },
        { ADVANCED(
              "market_trades", "5",
              "[{\"type\":\"update\",\"trades\":[{\"product_id\":\"ETH-USDT\",\"trade_id\":\"22381691\","
              "\"price\":\"2375.56\",\"size\":\"0.5\",\"time\":\"2024-10-04T07:13:31.088388Z\",\"side\":\"BUY\"}]}]"),
          { "TRADES ETH-USDT sell 2375.56*0.5 #22381691" } },
        { ADVANCED("candles", "5", "[]"), { "OTHER" } },
        { ADVANCED("l2_data", "5", "[" EVENT("later", CHANGE("bid", "1", "1")) "]"), { NULL } },
        { ADVANCED("l2_data", "5", "[" EVENT("update", CHANGE("bid", "x", "1")) "]"), { NULL } },
        { ADVANCED("l2_data", "5", "{}"), { NULL } },
    };

    decode_check(advanced->decode, frame, cases, N_OF(cases));
    for (size_t i = 1; i < 6; i++) {
        cr_assert_eq(decode_exact(advanced->decode, cases[i].bytes, frame), 0);
        cr_assert(frame->has_connection_sequence && frame->connection_sequence == 5, "every channel is numbered");
    }
    cr_assert_eq(decode_exact(advanced->decode, cases[0].bytes, frame), 0);
    cr_assert_eq(frame->event[0].venue_ns, INT64_C(1775572200123456000), "event_time is 1970 in snapshots");
}

/* 70,000 levels a side, some 4 MB. */
Test(venue_coinbase, a_snapshot_of_several_megabytes_is_read)
{
    size_t size = (size_t)5 << 20;
    char *memory = malloc(size);
    struct text t;

    cr_assert_not_null(memory);
    text_init(&t, memory, size);
    text_add_string(&t, "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[[\"1\",\"1\"]");
    for (unsigned i = 0; i < 70000; i++)
        text_addf(&t, ",[\"%u.%02u\",\"0.%08u\"]", 60000 - i / 100, 99 - i % 100, i + 1);
    text_add_string(&t, "],\"asks\":[[\"99999\",\"1\"]");
    for (unsigned i = 0; i < 70000; i++)
        text_addf(&t, ",[\"%u.%02u\",\"0.%08u\"]", 60001 + i / 100, i % 100, i + 1);
    text_add_string(&t, "]}");
    cr_assert_not(t.cut);

    cr_assert_eq(exchange->decode(memory, t.used, frame), 0);
    cr_assert_eq(frame->event[0].n_bids, 70001);
    cr_assert_eq(frame->event[0].n_asks, 70001);
    cr_assert_eq(frame->asks[70000].price, 6070099);
    cr_assert_eq(frame->asks[70000].size, 70000);
    free(memory);
}

Test(venue_coinbase, requests_and_symbols_are_as_the_sheet_says)
{
    const char *symbols[] = { "BTC-USD", "ETH-EUR" };
    struct venue_request request = { .symbols = symbols, .n = 2 };
    char memory[512];
    struct text t;

    text_init(&t, memory, sizeof memory);
    cr_assert_eq(exchange->request(&t, &request), 0);
    cr_assert_str_eq(memory, "{\"type\":\"subscribe\",\"product_ids\":[\"BTC-USD\",\"ETH-EUR\"],"
                             "\"channels\":[\"level2_batch\",\"heartbeat\"]}");
    text_init(&t, memory, sizeof memory);
    request.is_unsubscribe = 1;
    cr_assert_eq(advanced->request(&t, &request), 0);
    cr_assert_str_eq(memory, "{\"type\":\"unsubscribe\",\"product_ids\":[\"BTC-USD\",\"ETH-EUR\"],"
                             "\"channel\":\"level2\"}");
    text_init(&t, memory, 16);
    cr_assert_eq(advanced->request(&t, &request), -ENOBUFS);

    cr_assert_eq(exchange->symbol_check("BTC-USDC"), REASON_NONE);
    cr_assert_eq(exchange->symbol_check("btc-usd"), REASON_SYMBOL_CASE);
    cr_assert_eq(exchange->symbol_check("BTC/USD"), REASON_SYMBOL_FORM);
    cr_assert_eq(advanced->symbol_check("BTC-USDC"), REASON_SYMBOL_ALIAS, "its data comes as BTC-USD");
    cr_assert_eq(advanced->symbol_check("USDT-USDC"), REASON_NONE);
}

/* The straight road takes the first of each pair, the general one the second, which differs by a blank. */
Test(venue_coinbase, two_roads_say_the_same)
{
    static const struct decode_case cases[] = {
        { CHANGES("[[\"sell\",\"0.5\",\"660.5\"],[\"buy\",\"1165440\",\"0\"]]"),
          { "BOOK SKL-BTC 1165440*0 | 0.5*660.5" } },
        { CHANGES("[[\"sell\",\"0.5\",\"660.5\"], [\"buy\",\"1165440\",\"0\"]]"),
          { "BOOK SKL-BTC 1165440*0 | 0.5*660.5" } },
        { CHANGES("[[\"sell\",\" 0.5\",\"660.5\"]]"), { NULL } },
        { CHANGES("[[\"sell\",\"0.5\",\"660.5 \"]]"), { NULL } },
        { CHANGES("[[\"sell\",\"00.5\",\"660.5\"]]"), { NULL } },
        { CHANGES("[[\"sell\",\"0.5\",\"660.5\"],]"), { NULL } },
        { ADVANCED("l2_data", "7", "[" EVENT("update", CHANGE("bid", "2", "1")) "]"), { "BOOK BTC-USD 2*1 |" } },
        { ADVANCED("l2_data", "7", "[ " EVENT("update", CHANGE("bid", "2", "1")) "]"), { "BOOK BTC-USD 2*1 |" } },
        /* Without client_id, as the production of 2026. */
        { "{\"channel\":\"l2_data\",\"timestamp\":\"2026-04-07T14:30:00.123456Z\",\"sequence_num\":7,\"events\":"
          "[" EVENT("update", CHANGE("bid", "2", "1")) "]}",
          { "BOOK BTC-USD 2*1 |" } },
        { "{\"channel\":\"l2_data\",\"timestamp\":\"2026-04-07T14:30:00.123456Z\",\"sequence_num\":7,\"events\":["
          " " EVENT("update", CHANGE("bid", "2", "1")) "]}",
          { "BOOK BTC-USD 2*1 |" } },
        { ADVANCED("l2_data", "7", "[" EVENT("snapshot", CHANGE("bid", "2", "1") "," CHANGE("offer", "3", "0")) "]"),
          { "SNAP BTC-USD 2*1 |" } },
        { ADVANCED("l2_data", "7", "[" EVENT("snapshot", CHANGE("bid", "2", "1") ", " CHANGE("offer", "3", "0")) "]"),
          { "SNAP BTC-USD 2*1 |" } },
        { ADVANCED("l2_data", "7", "[" EVENT("update", CHANGE("bid", "2\x01", "1")) "]"), { NULL } },
    };
    static const size_t pairs[] = { 0, 6, 8, 10 };

    decode_check(advanced->decode, frame, cases, N_OF(cases));
    for (size_t i = 0; i < N_OF(pairs); i++) {
        int64_t time_ns;
        uint64_t sequence;

        cr_assert_eq(decode_exact(advanced->decode, cases[pairs[i]].bytes, frame), 0);
        time_ns = frame->event[0].venue_ns;
        sequence = frame->connection_sequence;
        cr_assert_eq(decode_exact(advanced->decode, cases[pairs[i] + 1].bytes, frame), 0);
        cr_assert(time_ns > 0 && frame->event[0].venue_ns == time_ns && frame->connection_sequence == sequence);
    }
}
