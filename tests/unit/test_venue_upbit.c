/* SPDX-License-Identifier: MIT */
#include "core/decimal.h"
#include "venue/venue.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct md_frame *frame;
static const struct venue *upbit;

static void setup(void)
{
    upbit = venue_find("upbit");
    cr_assert_eq(md_frame_new(&frame), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
}

TestSuite(venue_upbit, .init = setup, .fini = teardown);

/* In a block of its exact size, so that a sanitizer or valgrind sees a read beyond it. */
static int decode(const char *text)
{
    size_t size = strlen(text);
    char *copy = malloc(size > 0 ? size : 1);
    int r;

    cr_assert_not_null(copy);
    memcpy(copy, text, size);
    r = upbit->decode(copy, size, frame);
    free(copy);
    if (r < 0)
        cr_assert(frame->n_events == 0 && frame->n_bids == 0 && frame->n_asks == 0, "a refused message left something");
    return r;
}

/* The levels of an event as "PRICE*SIZE ..." bids, then asks behind a bar. */
static const char *levels(uint32_t i)
{
    static char memory[8192];
    const struct md_event *e = &frame->event[i];
    struct text t;
    char number[DECIMAL_TEXT_SIZE];

    text_init(&t, memory, sizeof memory);
    for (int side = 0; side < 2; side++) {
        const struct md_level *at = side == 0 ? frame->bids + e->bids : frame->asks + e->asks;

        for (uint32_t k = 0; k < (side == 0 ? e->n_bids : e->n_asks); k++) {
            (void)decimal_format(at[k].price, e->price_decimals, number);
            text_addf(&t, "%s*", number);
            (void)decimal_format(at[k].size, e->size_decimals, number);
            text_addf(&t, "%s ", number);
        }
        text_add_string(&t, side == 0 ? "| " : "");
    }
    return memory;
}

#define UNIT(ap, bp, as, bs) "{\"ask_price\":" ap ",\"bid_price\":" bp ",\"ask_size\":" as ",\"bid_size\":" bs "}"
#define BOOK(units)                                                                                                    \
    "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"timestamp\":1790134742106,\"total_ask_size\":2.5,"                 \
    "\"total_bid_size\":1.6,\"orderbook_units\":" units ",\"stream_type\":\"SNAPSHOT\",\"level\":0}"
/* The shortest that is a book; the general road takes it. */
#define SHORT(units) "{\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":" units "}"

/* Fixtures: captures upbit/samples-202609, frames of 2026-09-23 cut to two units. */
Test(venue_upbit, todays_default_frame_is_read)
{
    cr_assert_eq(decode(BOOK("[" UNIT("1.16539E8", "1.16538E8", "0.02054761", "0.08120946") "," UNIT(
                     "1.16542E8", "1.16537E8", "0.00077720", "0.01129382") "]")),
                 0);

    cr_assert_eq(frame->n_events, 1);
    cr_assert_eq(frame->event[0].kind, MD_BOOK);
    cr_assert(frame->event[0].is_snapshot && !frame->event[0].number_range);
    cr_assert_str_eq(frame->event[0].symbol, "KRW-BTC");
    cr_assert_eq(frame->event[0].venue_ns, INT64_C(1790134742106000000));
    cr_assert(frame->event[0].price_decimals == 0 && frame->event[0].size_decimals == 8);
    cr_assert_str_eq(levels(0),
                     "116538000*0.08120946 116537000*0.01129382 | 116539000*0.02054761 116542000*0.0007772 ");
}

Test(venue_upbit, todays_simple_frame_is_read)
{
    cr_assert_eq(decode("{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":1790134773006,\"tas\":0.48514983,"
                        "\"tbs\":2.2403413,\"obu\":[{\"ap\":116606000,\"bp\":116534000,\"as\":0.06288509,"
                        "\"bs\":7.9276E-4},{\"ap\":116609000,\"bp\":116521000,\"as\":5.0E-4,\"bs\":0.01624318}],"
                        "\"st\":\"SNAPSHOT\",\"lv\":0}"),
                 0);

    cr_assert_eq(frame->event[0].venue_ns, INT64_C(1790134773006000000));
    cr_assert_str_eq(levels(0), "116534000*0.00079276 116521000*0.01624318 | 116606000*0.06288509 116609000*0.0005 ");
}

static const struct {
    const char *text, *levels;
} taken[] = {
    /* keys in another order, unknown and nested ones */
    { "{\"orderbook_units\":[{\"bid_size\":4,\"x\":{\"ask_price\":9},\"ask_size\":3,\"ask_price\":2,\"bid_price\":1}],"
      "\"n\":{\"type\":\"trade\",\"orderbook_units\":1},\"code\":\"A-B\",\"type\":\"orderbook\"}",
      "1*4 | 2*3 " },
    /* escapes in keys and values */
    { "{\"\\u0074ype\":\"order\\u0062ook\",\"c\\u006fde\":\"\\u0041-B\",\"orderbook\\u005funits\":"
      "[{\"ask\\u005fprice\":2,\"bid_price\":1,\"ask_size\":3,\"bid_size\":4}]}",
      "1*4 | 2*3 " },
    /* white space everywhere */
    { " {\t\"type\" : \"orderbook\" ,\r\n\"code\":\"A-B\" , \"orderbook_units\" : [ { \"ask_price\" : 2 ,"
      "\"bid_price\":1,\"ask_size\":3,\"bid_size\" : 4 } ] } \n",
      "1*4 | 2*3 " },
    /* the other form's keys are unknown ones */
    { "{\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":[" UNIT(
          "2", "1", "3", "4") "],\"ty\":\"trade\","
                              "\"cd\":5,\"obu\":[{\"ap\":9,\"bp\":9,\"as\":9,\"bs\":9}]}",
      "1*4 | 2*3 " },
    { "{\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":[" UNIT("2", "1", "3", "4") "],\"obu\":7}",
      "1*4 | 2*3 " },
    /* of a key that comes twice the last counts, whatever the first was */
    { SHORT("[{\"ask_price\":9,\"ask_price\":2,\"bid_price\":[],\"bid_price\":1,\"ask_size\":-1,\"ask_size\":3,"
            "\"bid_size\":4}]"),
      "1*4 | 2*3 " },
    { "{\"type\":5,\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":null,\"orderbook_units\":[" UNIT(
          "2", "1", "3", "4") "]}",
      "1*4 | 2*3 " },
    /* numbers as strings, and after the usual form breaks off in the middle */
    { BOOK("[" UNIT("2", "1", "3", "4") "," UNIT("\"5\"", "\"0.5\"", "\"1e1\"", "6") "," UNIT("7", "1", "1", "1") "]"),
      "1*4 0.5*6 1*1 | 2*3 5*10 7*1 " },
    /* padding, and a side's zero that must not cost the others their exponent */
    { BOOK("[" UNIT("2", "1", "3", "4") "," UNIT("0", "0.5", "0", "6") "," UNIT("0E0", "0.0", "5", "5") "]"),
      "1*4 0.5*6 | 2*3 " },
    { SHORT("[" UNIT("2", "1", "9223372036854775807", "0.000000000000000000") "]"), "| 2*9223372036854775807 " },
    { SHORT("[" UNIT("99999999999999999999", "1", "0", "4") "]"), "1*4 | " },
    { SHORT("[]"), "| " },
    { SHORT("[" UNIT("2", "1", "-0", "4") "]"), "1*4 | " },
    /* more decimals come later: what is gathered is raised */
    { SHORT("[" UNIT("2", "1", "3", "4") "," UNIT("2.5", "0.25", "0.125", "1e-8") "]"),
      "1*4 0.25*0.00000001 | 2*3 2.5*0.125 " },
    /* decimals as written do not fit together, the fewest do */
    { SHORT("[" UNIT("9000000000000000000", "1.0000", "3", "0.50000000000000000000") "]"),
      "1*0.5 | 9000000000000000000*3 " },
    { SHORT("[" UNIT("1.000", "9000000000000000000", "3", "4") "]"), "9000000000000000000*4 | 1*3 " },
    /* a level that nothing can hold is left out, the others stand (captures, variants.fit) */
    { SHORT("[" UNIT("2", "1", "1e30", "4") "," UNIT("3", "1e-19", "5", "6") "]"), "1*4 | 3*5 " },
};

Test(venue_upbit, every_shape_of_a_book_is_read)
{
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        cr_assert_eq(decode(taken[i].text), 0, "%s", taken[i].text);
        cr_assert(frame->n_events == 1 && frame->event[0].kind == MD_BOOK, "%s", taken[i].text);
        cr_assert_not(frame->event[0].number_range, "%s", taken[i].text);
        cr_assert_str_eq(levels(0), taken[i].levels, "%s: %s", taken[i].text, levels(0));
    }
}

static const char *const refused[] = {
    "",
    "\n",
    "PONG",
    "<html><body>502 Bad Gateway</body></html>",
    "null",
    "0",
    "\"orderbook\"",
    "[[]]",
    "[null]",
    "[{}",
    "{}{}",
    "[{},{\"a\":01}]",
    "{\"status\":\"UP\"",
    SHORT("null"),
    SHORT("{}"),
    SHORT("\"[]\""),
    "{\"type\":\"orderbook\",\"code\":\"A-B\"}",
    SHORT("[1]"),
    SHORT("[null," UNIT("2", "1", "3", "4") "]"),
    SHORT("[{}]"),
    SHORT("[{\"bid_price\":1,\"ask_size\":3,\"bid_size\":4}]"),
    SHORT("[" UNIT("2", "1", "3", "-4") "]"),
    SHORT("[" UNIT("-2", "1", "3", "4") "]"),
    SHORT("[" UNIT("2", "-99999999999999999999", "3", "4") "]"),
    SHORT("[" UNIT("2", "1", "true", "4") "]"),
    SHORT("[" UNIT("2", "1", "[]", "4") "]"),
    SHORT("[" UNIT("2", "1", "null", "4") "]"),
    SHORT("[" UNIT("2", "1", "\"abc\"", "4") "]"),
    SHORT("[" UNIT("2", "1", "\"\"", "4") "]"),
    SHORT("[" UNIT("2", "1", "\"1,5\"", "4") "]"),
    SHORT("[" UNIT("2", "1", "\"0.5 \"", "4") "]"),
    SHORT("[" UNIT("2", "1", "NaN", "4") "]"),
    SHORT("[" UNIT("2", "1", ".5", "4") "]"),
    SHORT("[" UNIT("2", "1", "5.", "4") "]"),
    SHORT("[" UNIT("2", "1", "05", "4") "]"),
    SHORT("[{\"ask_price\":1,\"ask_price\":[],\"bid_price\":1,\"ask_size\":3,\"bid_size\":4}]"),
    "{\"type\":\"orderbook\",\"code\":\"\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"KRW BTC\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"KRW-\\u001b\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"KRW-\\u0000\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"012345678901234567890123456789012345678901234567\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"A-B\",\"x\":\"\\x41\",\"orderbook_units\":[]}",
    "{\"type\":\"orderbook\",\"code\":\"A-B\",\"orderbook_units\":[],}",
    /* one bad book refuses the whole list */
    "[" SHORT("[" UNIT("2", "1", "3", "4") "]") "," SHORT("[1]") "]",
    /* the usual form up to the last byte, and then not */
    BOOK("[" UNIT("2", "1", "3", "4") "," UNIT("2", "1", "3", "-4") "]"),
    BOOK("[" UNIT("2", "1", "3", "4") "," UNIT("2", "1", "3", "4x") "]"),
    BOOK("[" UNIT("2", "1", "3", "4") ",]"),
    BOOK("[" UNIT("2", "1", "3", "4") " " UNIT("2", "1", "3", "4") "]"),
};

Test(venue_upbit, what_cannot_be_read_is_refused_whole)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        cr_assert_eq(decode(refused[i]), -EBADMSG, "%s", refused[i]);
}

Test(venue_upbit, a_frame_cut_or_changed_anywhere_is_refused_or_still_json)
{
    static const char text[] = BOOK("[" UNIT("1.16539E8", "1.16538E8", "0.02054761", "0.08120946") "]");
    char copy[sizeof text];

    for (size_t n = 0; n < sizeof text - 1; n++) {
        memcpy(copy, text, n);
        copy[n] = '\0';
        cr_assert_eq(decode(copy), -EBADMSG, "%zu bytes", n);
        /* A quote in place of any byte: taken or not, never more than one event. */
        memcpy(copy, text, sizeof text);
        copy[n] = '"';
        cr_assert(decode(copy) < 0 || frame->n_events == 1);
    }
}

Test(venue_upbit, levels_that_do_not_fit_together_are_said_and_absent)
{
    cr_assert_eq(decode("[" SHORT("[" UNIT("2", "1", "9223372036854775807", "0.25") "]") "," SHORT(
                     "[" UNIT("2", "1", "3", "4") "]") "]"),
                 0);

    cr_assert_eq(frame->n_events, 2);
    cr_assert(frame->event[0].kind == MD_BOOK && frame->event[0].number_range);
    cr_assert(frame->event[0].n_bids == 0 && frame->event[0].n_asks == 0);
    cr_assert_str_eq(levels(1), "1*4 | 2*3 ");
}

Test(venue_upbit, levels_left_out_are_counted)
{
    cr_assert_eq(decode(SHORT("[" UNIT("2", "1e99", "1e30", "4") "," UNIT("3", "1.0000", "5", "1e18") "]")), 0);

    cr_assert_eq(frame->event[0].n_left_out, 2);
    cr_assert_str_eq(levels(0), "1*1000000000000000000 | 3*5 ");
}

static const struct {
    const char *time;
    int64_t ns;
} times[] = {
    { "1", 1000000 },
    { "1.790134742106E12", INT64_C(1790134742106000000) },
    { "9223372036854", INT64_C(9223372036854000000) },
    { "9223372036855", 0 },
    { "99999999999999999999999999999999999999", 0 },
    { "-5", 0 },
    { "0.5", 0 },
    { "null", 0 },
    { "\"1790134742106\"", 0 },
    { "[1]", 0 },
};

Test(venue_upbit, an_odd_time_is_unknown_and_the_book_good)
{
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[256];
        struct text t;

        text_init(&t, text, sizeof text);
        text_addf(&t, "{\"type\":\"orderbook\",\"code\":\"A-B\",\"timestamp\":%s,\"orderbook_units\":[]}",
                  times[i].time);
        cr_assert_eq(decode(text), 0, "%s", text);
        cr_assert_eq(frame->event[0].venue_ns, times[i].ns, "%s", text);
    }
}

static const struct {
    const char *text;
    enum md_kind kind;
    const char *says;
} others[] = {
    { "{\"status\":\"UP\"}", MD_STATUS, "" },
    { "{\"status\":\"DOWN\"}", MD_OTHER, "" },
    { "{\"status\":1}", MD_OTHER, "" },
    { "{}", MD_OTHER, "" },
    { "{\"type\":\"candle.1s\",\"code\":\"KRW-BTC\",\"trade_price\":1}", MD_OTHER, "" },
    { "{\"type\":\"ticker\",\"code\":\"KRW-BTC@10\",\"trade_price\":1}", MD_OTHER, "" },
    { "{\"ty\":\"trade\",\"cd\":\"KRW-BTC\",\"obu\":null}", MD_TRADES, "" },
    { "{\"type\":\"ticker\",\"orderbook_units\":null}", MD_OTHER, "" },
    { "{\"type\":null,\"orderbook_units\":[]}", MD_OTHER, "" },
    { "{\"type\":\"orderbook\",\"code\":5,\"orderbook_units\":[]}", MD_OTHER, "" },
    { "{\"type\":\"orderbook\",\"code\":null,\"orderbook_units\":[]}", MD_OTHER, "" },
    { "{\"type\":\"orderbook\",\"orderbook_units\":[]}", MD_OTHER, "" },
    { "{\"method\":\"LIST_SUBSCRIPTIONS\",\"result\":[],\"ticket\":\"x\"}", MD_OTHER, "" },
    { "{\"error\":{\"name\":\"NO_TICKET\",\"message\":\"no \\ud55c\"}}", MD_ERROR, "NO_TICKET: no 한" },
    { "{\"error\":{\"message\":\"m\",\"x\":[],\"name\":\"N\"}}", MD_ERROR, "N: m" },
    { "{\"error\":{\"name\":404,\"message\":\"Code not found\"}}", MD_ERROR, "404: Code not found" },
    { "{\"error\":{\"name\":\"N\"}}", MD_ERROR, "N" },
    { "{\"error\":{\"message\":\"m\",\"name\":{}}}", MD_ERROR, "m" },
    { "{\"error\":\"busy\"}", MD_ERROR, "busy" },
    { "{\"error\":[1]}", MD_ERROR, "" },
};

Test(venue_upbit, what_is_no_book_is_told_apart)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cr_assert_eq(decode(others[i].text), 0, "%s", others[i].text);
        cr_assert_eq(frame->n_events, 1);
        cr_assert_eq(frame->event[0].kind, others[i].kind, "%s", others[i].text);
        cr_assert_str_eq(frame->event[0].text, others[i].says, "%s", others[i].text);
    }
    cr_assert(decode("[]") == 0 && frame->n_events == 0);
}

Test(venue_upbit, a_long_error_text_is_cut_at_a_character)
{
    static char text[2048] = "{\"error\":{\"name\":\"N\",\"message\":\"";

    for (int i = 0; i < 200; i++)
        strcat(text, "한");
    strcat(text, "\"}}");

    cr_assert_eq(decode(text), 0);
    cr_assert_geq(strlen(frame->event[0].text), MD_TEXT_SIZE - 4);
    cr_assert_eq((strlen(frame->event[0].text) - 3) % 3, 0);
}

Test(venue_upbit, more_events_than_the_named_limit_are_refused)
{
    static char memory[3 * MD_EVENTS_MAX + 8];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, "[{}");
    for (unsigned i = 1; i < MD_EVENTS_MAX; i++)
        text_add_string(&t, ",{}");
    text_add_string(&t, "]");
    cr_assert_eq(upbit->decode(memory, t.used, frame), 0);
    cr_assert_eq(frame->n_events, MD_EVENTS_MAX);

    t.used--;
    text_add_string(&t, ",{}]");
    cr_assert_eq(upbit->decode(memory, t.used, frame), -E2BIG);
    cr_assert_eq(frame->n_events, 0);
}

Test(venue_upbit, more_levels_or_bytes_than_the_named_limits_are_refused)
{
    static char memory[14 << 20];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, "{\"ty\":\"orderbook\",\"cd\":\"A-B\",\"obu\":[{\"ap\":1,\"bp\":1,\"as\":1,\"bs\":1}");
    for (unsigned i = 1; i < MD_LEVELS_MAX; i++)
        text_addf(&t, ",{\"ap\":%u,\"bp\":1,\"as\":1,\"bs\":1}", i + 1);
    text_add_string(&t, "]}");
    cr_assert_eq(upbit->decode(memory, t.used, frame), 0);
    cr_assert_eq(frame->event[0].n_asks, MD_LEVELS_MAX);

    t.used -= 2;
    text_add_string(&t, ",{\"ap\":1,\"bp\":1,\"as\":1,\"bs\":1}]}");
    cr_assert_eq(upbit->decode(memory, t.used, frame), -E2BIG);
    cr_assert_eq(frame->n_events, 0);
    cr_assert_eq(upbit->decode(memory, (size_t)17 << 20, frame), -E2BIG);
}

Test(venue_upbit, a_list_gives_each_book_its_own_levels)
{
    cr_assert_eq(decode("[" SHORT("[" UNIT("2", "1", "3", "4") "]") ",{\"status\":\"UP\"}," BOOK(
                     "[" UNIT("0.2", "0.1", "30", "0") "]") "]"),
                 0);

    cr_assert_eq(frame->n_events, 3);
    cr_assert_str_eq(levels(0), "1*4 | 2*3 ");
    cr_assert_eq(frame->event[1].kind, MD_STATUS);
    cr_assert_str_eq(levels(2), "| 0.2*30 ");
}

Test(venue_upbit, the_subscription_is_one_message_for_all)
{
    const char *symbols[] = { "KRW-BTC", "BTC-ETH" };
    char memory[256], small[40];
    struct venue_request two = { .symbols = symbols, .n = 2, .depth = 30, .id = 7 };
    struct text t;

    text_init(&t, memory, sizeof memory);
    cr_assert_eq(upbit->request(&t, &two), 0);
    cr_assert_str_eq(memory, "[{\"ticket\":\"hoga-7\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"BTC-ETH\"]},"
                             "{\"format\":\"SIMPLE\"}]");
    text_init(&t, memory, sizeof memory);
    cr_assert_eq(upbit->request(&t, &(struct venue_request){ .symbols = symbols, .n = 1, .depth = 5 }), 0);
    cr_assert_not_null(strstr(memory, "[\"KRW-BTC.5\"]"));
    text_init(&t, memory, sizeof memory);
    cr_assert_eq(upbit->request(&t, &(struct venue_request){ .symbols = symbols, .n = 1, .depth = 15 }), 0);
    cr_assert_not_null(strstr(memory, "[\"KRW-BTC.15\"]"));
    text_init(&t, memory, sizeof memory);
    cr_assert_eq(upbit->request(&t, &(struct venue_request){ .symbols = symbols, .n = 1, .depth = 1 }), 0);
    cr_assert_not_null(strstr(memory, "[\"KRW-BTC.1\"]"));
    cr_assert_eq(upbit->request(&t, &(struct venue_request){ .symbols = symbols }), -EINVAL);
    text_init(&t, small, sizeof small);
    cr_assert_eq(upbit->request(&t, &two), -ENOBUFS);
}

static const struct {
    const char *symbol;
    enum reason reason;
} symbols[] = {
    { "KRW-BTC", REASON_NONE },
    { "BTC-1INCH", REASON_NONE },
    { "krw-btc", REASON_SYMBOL_CASE },
    { "KRW-btc", REASON_SYMBOL_CASE },
    { "KRWBTC", REASON_SYMBOL_FORM },
    { "KRW/BTC", REASON_SYMBOL_FORM },
    { "-BTC", REASON_SYMBOL_FORM },
    { "KRW-", REASON_SYMBOL_FORM },
    { "KRW-BTC-X", REASON_SYMBOL_FORM },
    { "KRW-BTC.5", REASON_SYMBOL_FORM },
    { "KRW-BTC@10000", REASON_NONE },
    { "KRW-DOGE@0.1", REASON_NONE },
    { "krw-btc@10000", REASON_SYMBOL_CASE },
    { "BTC-ETH@1", REASON_SYMBOL_FORM }, /* KRW markets alone are grouped */
    { "KRW-@1", REASON_SYMBOL_FORM },
    { "KRW-BTC@", REASON_SYMBOL_FORM },
    { "KRW-BTC@0", REASON_SYMBOL_FORM },
    { "KRW-BTC@-1", REASON_SYMBOL_FORM },
    { "KRW-BTC@1e4", REASON_SYMBOL_FORM }, /* one spelling each */
    { "KRW-BTC@10000.0", REASON_SYMBOL_FORM },
    { "KRW-BTC@010000", REASON_SYMBOL_FORM },
    { "KRW-BTC@10000@1", REASON_SYMBOL_FORM },
    { "KRW-BTC@10 000", REASON_SYMBOL_FORM },
    { "KRW-BTC@99999999999999999999", REASON_SYMBOL_FORM },
    { "KRW-비트", REASON_SYMBOL_FORM },
    { "", REASON_SYMBOL_FORM },
    { "KRW-ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVW", REASON_SYMBOL_FORM },
};

Test(venue_upbit, symbols_are_judged_with_a_reason)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        cr_assert_eq(upbit->symbol_check(symbols[i].symbol), symbols[i].reason, "%s", symbols[i].symbol);
}

Test(venue_upbit, the_venue_is_found_by_name_and_says_its_rules)
{
    cr_assert_null(venue_find("nowhere"));
    cr_assert_null(venue_at(1000));
    cr_assert_eq(venue_at(0), upbit);
    cr_assert(upbit->limits.ping_interval_ms > 0 && upbit->limits.ping_interval_ms < 60000);
    cr_assert(upbit->limits.request_replaces_all && !upbit->limits.sends_origin);
    cr_assert_eq(upbit->builder, VENUE_BUILD_REPLACE);
}
