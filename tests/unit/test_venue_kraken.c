/* SPDX-License-Identifier: MIT */
#include "venue_decode.h"

#include <errno.h>
#include <stdio.h>

/* Frames: ../shared/protocols/kraken.md and captures/kraken. */

static struct md_frame *frame;
static const struct venue *kraken;

static void setup(void)
{
    kraken = venue_find("kraken");
    cr_assert_not_null(kraken);
    cr_assert_eq(md_frame_new(&frame), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
}

TestSuite(venue_kraken, .init = setup, .fini = teardown);

#define N_OF(array)      (sizeof(array) / sizeof((array)[0]))
#define BOOK(type, data) "{\"channel\":\"book\",\"type\":\"" type "\",\"data\":[" data "]}"
#define UPDATE                                                                                                         \
    "{\"symbol\":\"BTC/USD\",\"bids\":[],\"asks\":[{\"price\":62807.0,\"qty\":0.00000000},{\"price\":62818.8,"         \
    "\"qty\":0.65540712}],\"checksum\":4249465476,\"timestamp\":\"2026-08-16T23:37:03.745044Z\"}"
#define UPDATE_EVENT "BOOK BTC/USD | 62807*0 62818.8*0.65540712"

Test(venue_kraken, v2_frames_are_read)
{
    static const struct decode_case cases[] = {
        { BOOK("update", UPDATE), { UPDATE_EVENT } },
        { BOOK("snapshot", UPDATE), { "SNAP BTC/USD | 62818.8*0.65540712" } },
        { BOOK("update", UPDATE "," UPDATE), { UPDATE_EVENT, UPDATE_EVENT } },
        { "{\"data\":[" UPDATE "],\"x\":[{}],\"type\":\"update\",\"channel\":\"book\"}", { UPDATE_EVENT } },
        { " { \"channel\" : \"book\" ,\"type\":\"update\",\"y\":1,\"data\":[ " UPDATE " ]}\n", { UPDATE_EVENT } },
        { "{\"channel\":\"heartbeat\"}", { "STATUS" } },
        { "{\"method\":\"pong\",\"req_id\":101,\"time_in\":\"\",\"time_out\":\"\"}", { "STATUS" } },
        { "{\"channel\":\"ticker\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\"BTC/USD\",\"bid\":1}]}", { "OTHER" } },
        { "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[{\"symbol\":\"MATIC/USD\",\"side\":\"sell\","
          "\"price\":0.5117,\"qty\":40.0,\"ord_type\":\"market\",\"trade_id\":4665906,"
          "\"timestamp\":\"2023-09-25T07:49:37.708706Z\"}]}",
          { "TRADES MATIC/USD sell 0.5117*40 #4665906" } },
        /* Refused whole: no checksum, one of 33 bits, one side, a number that is none, a negative one, no type. */
        { BOOK("update", "{\"symbol\":\"A/B\",\"bids\":[],\"asks\":[]}"), { NULL } },
        { BOOK("update", "{\"symbol\":\"A/B\",\"bids\":[],\"asks\":[],\"checksum\":4294967296}"), { NULL } },
        { BOOK("update", "{\"symbol\":\"A/B\",\"bids\":[],\"checksum\":1}"), { NULL } },
        { BOOK("update", UPDATE ",{\"symbol\":\"A/B\",\"bids\":[{\"price\":x,\"qty\":1}],\"asks\":[],\"checksum\":1}"),
          { NULL } },
        { BOOK("update", "{\"symbol\":\"A/B\",\"bids\":[{\"price\":-1,\"qty\":1}],\"asks\":[],\"checksum\":1}"),
          { NULL } },
        { BOOK("later", UPDATE), { NULL } },
        { BOOK("update", UPDATE) "]", { NULL } },
        { "{\"channel\":\"book\",\"type\":\"update\",\"data\":[", { NULL } },
        { "", { NULL } },
    };

    decode_check(kraken->decode, frame, cases, N_OF(cases));

    cr_assert_eq(decode_exact(kraken->decode, BOOK("update", UPDATE), frame), 0);
    cr_assert(frame->event[0].has_checksum && frame->event[0].checksum == 4249465476u);
    cr_assert_eq(frame->event[0].venue_ns, INT64_C(1786923423745044000));
    cr_assert_eq(frame->ask_digits[1], MD_DIGITS(1, 8), "trailing zeros count in a checksum");
}

#define ACK(what, rest) "{\"method\":\"" what "\",\"result\":{\"channel\":\"book\"" rest "},\"success\":true}"

Test(venue_kraken, answers_become_words_about_a_book)
{
    static const struct decode_case cases[] = {
        { ACK("subscribe", ",\"depth\":25,\"snapshot\":true,\"symbol\":\"BTC/USD\""),
          { "SUBSCRIBED BTC/USD depth 25" } },
        { ACK("unsubscribe", ",\"depth\":25,\"symbol\":\"BTC/USD\""), { "OTHER" } },
        { "{\"error\":\"Subscription depth not supported\",\"method\":\"subscribe\",\"success\":false,"
          "\"time_in\":\"2026-08-16T23:54:19.629313Z\"}",
          { "ERROR [request-refused] Subscription depth not supported" } },
        { "{\"error\":\"Currency pair not supported AAA/BBB\",\"method\":\"subscribe\",\"success\":false,"
          "\"symbol\":\"AAA/BBB\"}",
          { "ERROR AAA/BBB [symbol-unknown] Currency pair not supported AAA/BBB" } },
        { "{\"error\":\"Currency pair not supported AAA/BBB\",\"method\":\"subscribe\",\"success\":false}",
          { "ERROR AAA/BBB [symbol-unknown] Currency pair not supported AAA/BBB" } },
        { "{\"error\":\"Subscription Not Found\",\"method\":\"unsubscribe\",\"success\":false}", { "OTHER" } },
        { "{\"Error\":\"Exceeded msg rate\"}", { "ERROR [too-many-requests] Exceeded msg rate" } },
        { "{\"error\":\"Already subscribed\",\"method\":\"subscribe\",\"success\":false}", { "OTHER" } },
        { "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"version\":\"2.0.10\",\"system\":\"online\","
          "\"api_version\":\"v2\",\"connection_id\":15113583034416118705}]}",
          { "STATUS" } },
        { "{\"channel\":\"status\",\"type\":\"update\",\"data\":[{\"system\":\"maintenance\"}]}",
          { "ERROR [maintenance] maintenance" } },
    };
    static const struct decode_case requests[] = {
        { "{\"method\":\"subscribe\",\"params\":{\"channel\":\"book\",\"symbol\":[\"A/B\",\"C/D\"],\"depth\":100}}",
          { "SUBSCRIBED A/B depth 100", "SUBSCRIBED C/D depth 100" } },
        { "{ \"method\": \"subscribe\", \"params\": { \"channel\": \"book\", \"symbol\": [\"ETH/USDT\"] } }",
          { "SUBSCRIBED ETH/USDT depth 10" } },
    };

    decode_check(kraken->decode, frame, cases, N_OF(cases));
    cr_assert_eq(
        decode_exact(kraken->decode,
                     "{\"error\":\"Subscription depth not supported\",\"method\":\"subscribe\",\"success\":false,"
                     "\"req_id\":42}",
                     frame),
        0);
    cr_assert_eq(frame->event[0].request_id, 42);
    decode_check(kraken->decode_tx, frame, requests, N_OF(requests));
}

Test(venue_kraken, v1_frames_are_read)
{
    static const struct decode_case cases[] = {
        { "[320,{\"as\":[[\"39090.60000\",\"0.00007039\",\"1622714245.847093\"]],"
          "\"bs\":[[\"39071.40000\",\"7.93106570\",\"1622714255.963942\"]]},\"book-25\",\"XBT/USD\"]",
          { "SNAP XBT/USD 39071.4*7.9310657 | 39090.6*0.00007039 depth 25" } },
        { "[992,{\"a\":[[\"2.5\",\"1.0\",\"1.0\",\"r\"]]},{\"b\":[[\"354.15000000\",\"5.00000000\","
          "\"1618678133.365913\"]],\"c\":\"2583817756\"},\"book-1000\",\"XMR/USD\"]",
          { "BOOK XMR/USD 354.15*5 | 2.5*1 depth 1000" } },
        { "{\"event\":\"heartbeat\"}", { "OTHER" } },
        { "[7,{\"a\":[\"1\",\"2\",\"3\"],\"b\":[\"1\",\"2\",\"3\"]},\"ticker\",\"XBT/USD\"]", { "OTHER" } },
        { "[992,{\"b\":[[\"x\",\"5\",\"1\"]],\"c\":\"1\"},\"book-10\",\"XMR/USD\"]", { NULL } },
        { "[992,{\"b\":[[\"2\",\"5\",\"1\"]],\"c\":\"25838 57\"},\"book-10\",\"XMR/USD\"]", { NULL } },
        { "[993,[[\"354.11000000\",\"0.89594024\",\"1618678142.557535\",\"s\",\"l\",\"\"],[\"354.55\",\"1e40\",\"1\","
          "\"b\"],"
          "[\"354.55\",\"1.5\",\"1\",\"b\"],[\"1\"],7],\"trade\",\"XMR/USD\"]",
          { "TRADES XMR/USD sell 354.11*0.89594024 #0 buy 354.55*1.5 #0 2 left out" } },
        { "[993,[],\"trade\",\"XMR/USD\"]", { "TRADES XMR/USD" } },
        { "[993,7,\"trade\",\"XMR/USD\"]", { "OTHER" } },
    };

    decode_check(kraken->decode, frame, cases, N_OF(cases));
    cr_assert_eq(decode_exact(kraken->decode, cases[1].bytes, frame), 0);
    cr_assert(frame->event[0].has_checksum && frame->event[0].checksum == 2583817756u);
}

static uint32_t checksum_of_frame(void)
{
    const struct md_event *e = &frame->event[0];
    struct venue_book_side bids = { frame->bids, frame->bid_digits, e->n_bids, e->price_decimals, e->size_decimals };
    struct venue_book_side asks = { frame->asks, frame->ask_digits, e->n_asks, e->price_decimals, e->size_decimals };

    return kraken->checksum(&bids, &asks);
}

/* The worked examples of the sheet, "Checksum, step by step" and "v1 differences". */
Test(venue_kraken, published_checksums_are_ours)
{
    static const char *const asks[10] = { "45285.2,0.00100000", "45286.4,1.54571953", "45286.6,1.54571109",
                                          "45289.6,1.54560911", "45290.2,0.15890660", "45291.8,1.54553491",
                                          "45294.7,0.04454749", "45296.1,0.35380000", "45297.5,0.09945542",
                                          "45299.5,0.18772827" };
    static const char *const bids[10] = { "45283.5,0.10000000", "45283.4,1.54582015", "45282.1,0.10000000",
                                          "45281.0,0.10000000", "45280.3,1.54592586", "45279.0,0.07990000",
                                          "45277.6,0.03310103", "45277.5,0.30000000", "45277.3,1.54602737",
                                          "45276.6,0.15445238" };
    static const char *const sides[2][10] = { { "0.05005", "0.05010", "0.05015", "0.05020", "0.05025", "0.05030",
                                                "0.05035", "0.05040", "0.05045", "0.05050" },
                                              { "0.05000", "0.04995", "0.04990", "0.04980", "0.04975", "0.04970",
                                                "0.04965", "0.04960", "0.04955", "0.04950" } };
    char memory[4096];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\"BTC/USD\"");
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        text_add_string(&t, is_bid ? ",\"bids\":[" : ",\"asks\":[");
        for (int i = 0; i < 10; i++) {
            const char *row = is_bid ? bids[i] : asks[i];

            text_addf(&t, "%s{\"price\":%.7s,\"qty\":%s}", i ? "," : "", row, row + 8);
        }
        text_add_string(&t, "]");
    }
    text_add_string(&t, ",\"checksum\":3310070434}]}");
    cr_assert_eq(decode_exact(kraken->decode, memory, frame), 0);
    cr_assert_eq(checksum_of_frame(), 3310070434u);

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, "[1");
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        text_add_string(&t, is_bid ? ",{\"b\":[" : ",{\"a\":[");
        for (int i = 0; i < 10; i++)
            text_addf(&t, "%s[\"%s\",\"0.00000500\",\"1582905487.684110\"]", i ? "," : "", sides[is_bid][i]);
        text_add_string(&t, is_bid ? "],\"c\":\"974947235\"}" : "]}");
    }
    text_add_string(&t, ",\"book-10\",\"XBT/USD\"]");
    cr_assert_eq(decode_exact(kraken->decode, memory, frame), 0);
    cr_assert_eq(checksum_of_frame(), 974947235u);
}

/* Held with fewer decimals than written, because not all would fit: the zeros count all the same. The frame that shows
 * it read beyond the table of powers. */
Test(venue_kraken, zeros_that_a_book_cannot_hold_are_in_the_checksum)
{
    static const char book[] = BOOK("snapshot", "{\"symbol\":\"A/B\",\"bids\":[{\"price\":5.000000000000000000,"
                                                "\"qty\":1}],\"asks\":[{\"price\":900000000000.5,\"qty\":2.0}],"
                                                "\"checksum\":0}");

    cr_assert_eq(decode_exact(kraken->decode, book, frame), 0);
    cr_assert_eq(frame->event[0].price_decimals, 1);
    cr_assert_eq(MD_DIGITS_PRICE(frame->bid_digits[0]), 18);
    cr_assert_eq(checksum_of_frame(), 1406247014u, "zlib of 9000000000005 20 5000000000000000000 1");
}

Test(venue_kraken, requests_name_a_depth_that_exists)
{
    static const struct {
        uint32_t wanted, asked;
    } depths[] = { { 0, 10 }, { 10, 10 }, { 11, 25 }, { 30, 100 }, { 500, 500 }, { 501, 1000 }, { 5000, 1000 } };
    const char *symbols[] = { "BTC/USD", "ETH/USD" };
    char memory[512], want[64];
    struct text t;

    for (size_t i = 0; i < N_OF(depths); i++) {
        struct venue_request request = { .symbols = symbols, .n = 2, .depth = depths[i].wanted, .id = 5 };

        text_init(&t, memory, sizeof memory);
        cr_assert_eq(kraken->request(&t, &request), 0);
        (void)snprintf(want, sizeof want, "\"depth\":%u", depths[i].asked);
        cr_assert_not_null(strstr(memory, want));
        cr_assert_not_null(strstr(memory, "[\"BTC/USD\",\"ETH/USD\"]"));
        cr_assert_eq(decode_exact(kraken->decode_tx, memory, frame), 0);
        cr_assert(frame->n_events == 2 && frame->event[1].depth == depths[i].asked);
        request.n = 0;
        cr_assert_eq(kraken->request(&t, &request), -EINVAL);
    }
    cr_assert_eq(kraken->symbol_check("BTC/USD"), REASON_NONE);
    cr_assert_eq(kraken->symbol_check("btc/usd"), REASON_SYMBOL_CASE);
    cr_assert_eq(kraken->symbol_check("BTC-USD"), REASON_SYMBOL_FORM);
    cr_assert_eq(kraken->symbol_check("BTC/\"USD"), REASON_SYMBOL_FORM);
}
