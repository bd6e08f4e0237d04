/* SPDX-License-Identifier: MIT
 * Upbit's grouped books: how they are asked for, and how a frame says which book it is of. Source:
 * ../shared/protocols/upbit.md, "Subscribe" and "orderbook frame". */
#include "venue_decode.h"

static const struct venue *upbit;
static struct md_frame *frame;

static void setup(void)
{
    upbit = venue_find("upbit");
    cr_assert_not_null(upbit);
    cr_assert_eq(md_frame_new(&frame), 0);
}

static void teardown(void)
{
    frame = md_frame_free(frame);
}

TestSuite(venue_upbit_level, .init = setup, .fini = teardown);

Test(venue_upbit_level, each_level_is_asked_for_in_one_type_object)
{
    const char *symbols[] = { "KRW-BTC@10000", "KRW-BTC", "KRW-DOGE@0.1", "KRW-ETH@10000", "BTC-ETH" };
    char memory[512];
    struct text t;

    text_init(&t, memory, sizeof memory);
    cr_assert_eq(upbit->request(&t, &(struct venue_request){ .symbols = symbols, .n = 5, .id = 7 }), 0);

    cr_assert_str_eq(memory,
                     "[{\"ticket\":\"hoga-7\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"KRW-ETH\"],"
                     "\"level\":10000},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\",\"BTC-ETH\"]},"
                     "{\"type\":\"orderbook\",\"codes\":[\"KRW-DOGE\"],\"level\":0.1},{\"format\":\"SIMPLE\"}]");
}

/* Frames as the sheet's, "orderbook frame", with another level at their end or elsewhere. */
#define GROUPED(level)                                                                                                 \
    "{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":1790134773006,\"tas\":0.4,\"tbs\":2.2,\"obu\":[{\"ap\":"         \
    "116610000,"                                                                                                       \
    "\"bp\":116530000,\"as\":0.06,\"bs\":7.9}],\"st\":\"SNAPSHOT\",\"lv\":" level "}"

Test(venue_upbit_level, a_grouped_book_is_never_taken_for_the_raw_one)
{
    static const struct {
        const char *text, *symbol; /* NULL: refused */
    } frames[] = {
        { GROUPED("0"), "KRW-BTC" },
        { GROUPED("0.0"), "KRW-BTC" },
        { GROUPED("10000"), "KRW-BTC@10000" },
        { GROUPED("10000.0"), "KRW-BTC@10000" },
        { GROUPED("1.0E7"), "KRW-BTC@10000000" },
        { GROUPED("\"10000\""), "KRW-BTC@10000" },
        { GROUPED("0.10"), "KRW-BTC@0.1" },
        { GROUPED("0,\"lv\":10000"), "KRW-BTC@10000" }, /* the last of a key counts */
        { GROUPED("-1"), NULL },
        { GROUPED("null"), NULL },
        { GROUPED("{}"), NULL },
        { GROUPED("\"\""), NULL },
        { GROUPED("1e40"), NULL },
        { "{\"lv\":10000,\"ty\":\"orderbook\",\"obu\":[{\"ap\":2,\"bp\":1,\"as\":3,\"bs\":4}],\"cd\":\"KRW-BTC\"}",
          "KRW-BTC@10000" },
        { "{\"level\":10000,\"ty\":\"orderbook\",\"obu\":[{\"ap\":2,\"bp\":1,\"as\":3,\"bs\":4}],\"cd\":\"KRW-BTC\"}",
          "KRW-BTC" }, /* the other form's key */
        { "{\"ty\":\"orderbook\",\"obu\":[{\"ap\":2,\"bp\":1,\"as\":3,\"bs\":4}],\"cd\":\"KRW-BTC@10000\"}", NULL },
        { "{\"ty\":\"orderbook\",\"obu\":[{\"ap\":2,\"bp\":1,\"as\":3,\"bs\":4}],\"lv\":10000,"
          "\"cd\":\"KRW-ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMN\"}",
          NULL }, /* a name that would be cut */
    };

    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        int r = decode_exact(upbit->decode, frames[i].text, frame);

        cr_assert_eq(r < 0, frames[i].symbol == NULL, "%s: %d", frames[i].text, r);
        if (r == 0)
            cr_assert_str_eq(frame->event[0].symbol, frames[i].symbol, "%s", frames[i].text);
    }
    cr_assert_eq(decode_exact(upbit->decode, "[" GROUPED("0") "," GROUPED("10000") "]", frame), 0);
    cr_assert_str_eq(frame->event[0].symbol, "KRW-BTC");
    cr_assert_str_eq(frame->event[1].symbol, "KRW-BTC@10000");
}
