/* SPDX-License-Identifier: MIT
 * Whole books: what a message leaves in the book, and that a refused one leaves nothing. */
#include "book/book.h"

#include "core/decimal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LEVELS_MAX 16

struct scene {
    struct book *book;
    struct md_frame *frame;
    struct md_event event;
    struct feed_input in;
};

static struct scene scene_make(uint32_t levels_max)
{
    struct scene s = { .in = { .kind = FEED_INPUT_RX, .recv_ns = 1000, .now_boot_ns = 10 } };

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = levels_max }, &s.book), 0);
    cr_assert_eq(md_frame_new(&s.frame), 0);
    md_frame_reset(s.frame);
    s.event = (struct md_event){ .kind = MD_BOOK, .is_snapshot = 1, .venue_ns = 77 };
    return s;
}

static void scene_done(struct scene *s)
{
    s->book = book_free(s->book);
    s->frame = md_frame_free(s->frame);
}

/* "price size, price size": into the frame as this event's bids or asks. */
static uint32_t levels_put(struct md_level *to, const char *text)
{
    uint32_t n = 0;
    int used;
    long long price, size;

    for (; sscanf(text, "%lld %lld%n", &price, &size, &used) == 2; n++) {
        to[n] = (struct md_level){ price, size };
        text += used;
        text += *text == ',';
    }
    return n;
}

static int scene_replace(struct scene *s, const char *bids, const char *asks, uint8_t price_decimals,
                         uint8_t size_decimals)
{
    s->event.n_bids = levels_put(s->frame->bids, bids);
    s->event.n_asks = levels_put(s->frame->asks, asks);
    s->event.price_decimals = price_decimals;
    s->event.size_decimals = size_decimals;
    s->in.now_boot_ns++;
    s->in.recv_ns++;
    return book_replace(s->book, &s->event, s->frame, &s->in);
}

static void side_text(const struct md_level *levels, uint32_t n, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld %lld", i ? "," : "", (long long)levels[i].price,
                                 (long long)levels[i].size);
}

static void expect(const struct scene *s, const char *name, const char *bids, const char *asks)
{
    struct book_view view;
    char text[1024];

    book_view(s->book, &view);
    side_text(view.bids, view.n_bids, text, sizeof(text));
    cr_expect_str_eq(text, bids, "%s: bids are %s", name, text);
    side_text(view.asks, view.n_asks, text, sizeof(text));
    cr_expect_str_eq(text, asks, "%s: asks are %s", name, text);
}

Test(book, replace_sorts_drops_zeros_and_keeps_the_last_of_a_price)
{
    static const struct {
        const char *name, *bids, *asks, *want_bids, *want_asks;
    } rows[] = {
        { "sorted", "9 1,8 2,7 3", "10 1,11 2", "9 1,8 2,7 3", "10 1,11 2" },
        { "empty", "", "", "", "" },
        { "one side", "9 1", "", "9 1", "" },
        { "reversed", "7 3,8 2,9 1", "11 2,10 1", "9 1,8 2,7 3", "10 1,11 2" },
        { "padding", "9 1,0 0,0 0", "10 1,0 0", "9 1", "10 1" },
        { "zero price or size", "9 1,8 0,0 5,7 3", "10 0,11 2", "9 1,7 3", "11 2" },
        { "the last of a price wins", "9 1,8 2,9 5", "10 1,10 2,10 3", "9 5,8 2", "10 3" },
        { "a zero does not delete in a snapshot", "9 1,9 0", "10 1,10 0", "9 1", "10 1" },
        { "more than is kept, sorted", "9 1,8 1,7 1,6 1,5 1", "1 1,2 1,3 1,4 1,5 1", "9 1,8 1,7 1,6 1",
          "1 1,2 1,3 1,4 1" },
        { "more than is kept, in any order", "5 1,9 1,3 1,8 1,7 1,1 1,2 1,6 1,9 2,4 1",
          "5 1,9 1,3 1,8 1,7 1,1 1,2 1,6 1,1 2,4 1", "9 2,8 1,7 1,6 1", "1 2,2 1,3 1,4 1" },
    };
    struct scene s = scene_make(4);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert_eq(scene_replace(&s, rows[i].bids, rows[i].asks, 0, 0), 0, "%s", rows[i].name);
        expect(&s, rows[i].name, rows[i].want_bids, rows[i].want_asks);
    }
    scene_done(&s);
}

Test(book, replace_keeps_the_larger_decimals_while_everything_fits)
{
    struct scene s = scene_make(LEVELS_MAX);
    struct book_view view;

    cr_assert_eq(scene_replace(&s, "95 1234", "105 1", 1, 3), 0);
    cr_assert_eq(scene_replace(&s, "9 2", "11 1", 0, 0), 0);
    expect(&s, "rescaled to the decimals before", "90 2000", "110 1000");
    cr_assert_eq(scene_replace(&s, "9 2", "11 9223372036854775807", 0, 0), 0);
    book_view(s.book, &view);
    expect(&s, "falls back to the message's own", "90 2", "110 9223372036854775807");
    cr_assert_eq(view.price_decimals, 1);
    cr_assert_eq(view.size_decimals, 0);
    cr_assert_eq(scene_replace(&s, "7 3,900000000000000001 5", "950000000000000000 1,11 1", 18, 18), 0);
    book_view(s.book, &view);
    expect(&s, "unsorted at 18 decimals", "900000000000000001 5,7 3", "11 1,950000000000000000 1");
    cr_assert_eq(view.price_decimals, 18);
    scene_done(&s);
}

Test(book, replace_that_is_refused_changes_nothing)
{
    struct scene s = scene_make(LEVELS_MAX);
    struct book_view before, after;

    cr_assert_eq(scene_replace(&s, "9 1", "10 1", 0, 0), 0);
    book_view(s.book, &before);
    s.event.number_range = 1;
    cr_assert_eq(scene_replace(&s, "8 1", "11 1", 0, 0), -ERANGE);
    book_view(s.book, &after);

    expect(&s, "after the refusal", "9 1", "10 1");
    cr_expect_eq(after.n_applied, before.n_applied);
    cr_expect_eq(after.recv_ns, before.recv_ns);
    cr_expect_eq(after.changed_boot_ns, before.changed_boot_ns);
    scene_done(&s);
}

Test(book, replace_counts_and_dates_what_it_takes)
{
    struct scene s = scene_make(LEVELS_MAX);
    struct book_view first, same, size, price, less, scaled;

    cr_assert_eq(scene_replace(&s, "9 1,8 1", "10 1", 0, 0), 0);
    book_view(s.book, &first);
    cr_assert_eq(scene_replace(&s, "8 1,9 1", "10 1", 0, 0), 0);
    book_view(s.book, &same);
    cr_assert_eq(scene_replace(&s, "9 1,8 2", "10 1", 0, 0), 0);
    book_view(s.book, &size);
    cr_assert_eq(scene_replace(&s, "9 1,7 2", "10 1", 0, 0), 0);
    book_view(s.book, &price);
    cr_assert_eq(scene_replace(&s, "9 1", "10 1", 0, 0), 0);
    book_view(s.book, &less);
    cr_assert_eq(scene_replace(&s, "90 1", "100 1", 1, 0), 0);
    book_view(s.book, &scaled);

    cr_expect_eq(first.n_applied, 1);
    cr_expect_eq(first.venue_ns, 77);
    cr_expect_eq(first.recv_ns, 1001);
    cr_expect_eq(first.changed_boot_ns, 11);
    cr_expect_eq(same.n_applied, 2);
    cr_expect_eq(same.recv_ns, 1002);
    cr_expect_eq(same.changed_boot_ns, 11, "the same levels in another order are no change");
    cr_expect_eq(size.changed_boot_ns, 13);
    cr_expect_eq(price.changed_boot_ns, 14);
    cr_expect_eq(less.changed_boot_ns, 15);
    cr_expect_eq(scaled.changed_boot_ns, 16, "other decimals are other bytes");
    scene_done(&s);
}

/* Against the plain way: a table of prices. */
static void model_check(const int64_t *last, int is_bid, const struct md_level *levels, uint32_t n)
{
    uint32_t at = 0;

    for (int i = 0; i < 100; i++) {
        int price = is_bid ? 99 - i : i;

        if (last[price] == 0 || at == LEVELS_MAX)
            continue;
        cr_assert_lt(at, n);
        cr_assert_eq(levels[at].price, price);
        cr_assert_eq(levels[at].size, last[price]);
        at++;
    }
    cr_assert_eq(at, n);
}

Test(book, replace_agrees_with_a_table_of_prices_on_random_messages)
{
    struct scene s = scene_make(LEVELS_MAX);
    unsigned seed = 1;

    for (int round = 0; round < 3000; round++) {
        int64_t bid[100] = { 0 }, ask[100] = { 0 };
        struct book_view view;

        s.event.n_bids = (uint32_t)rand_r(&seed) % 80;
        s.event.n_asks = (uint32_t)rand_r(&seed) % 80;
        for (uint32_t i = 0; i < s.event.n_bids + s.event.n_asks; i++) {
            int is_bid = i < s.event.n_bids;
            struct md_level level = { rand_r(&seed) % 100, rand_r(&seed) % 4 };

            if (level.price > 0 && level.size > 0)
                (is_bid ? bid : ask)[level.price] = level.size;
            *(is_bid ? &s.frame->bids[i] : &s.frame->asks[i - s.event.n_bids]) = level;
        }
        cr_assert_eq(book_replace(s.book, &s.event, s.frame, &s.in), 0);
        book_view(s.book, &view);
        model_check(bid, 1, view.bids, view.n_bids);
        model_check(ask, 0, view.asks, view.n_asks);
    }
    scene_done(&s);
}

Test(book, a_new_book_is_empty_and_free_takes_null)
{
    struct scene s = scene_make(1);
    struct book_view view;

    book_view(s.book, &view);

    cr_expect_eq(view.n_bids + view.n_asks, 0);
    cr_expect_eq(view.verdict.state, STATE_EMPTY);
    cr_expect_eq(view.n_applied, 0);
    cr_expect_null(book_free(NULL));
    scene_done(&s);
}

/* What a large snapshot says is the same before and after it was sorted for the book. */
Test(book_replace, a_frame_that_was_sorted_makes_the_same_book)
{
    const uint32_t n = 9000;
    struct book_options options = { .levels_max = 500 };
    struct feed_input in = { .recv_ns = 1, .now_boot_ns = 1 };
    struct md_frame *frame;
    struct book *as_it_came, *sorted;
    struct book_view a, b;
    uint64_t random = 88172645463325252u;

    cr_assert_eq(md_frame_new(&frame), 0);
    cr_assert_eq(book_new(&options, &as_it_came), 0);
    cr_assert_eq(book_new(&options, &sorted), 0);
    for (uint32_t i = 0; i < n; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        /* Prices come twice, sizes of zero among them. */
        frame->bids[i] = (struct md_level){ (int64_t)(random % 5000), (int64_t)(random >> 20 & 7) };
        frame->asks[i] = (struct md_level){ 10000 + (int64_t)(random >> 32) % 100000, 1 + (int64_t)i };
    }
    frame->n_events = 1;
    frame->n_bids = frame->n_asks = n;
    frame->event[0] = (struct md_event){ .kind = MD_BOOK, .is_snapshot = 1, .n_bids = n, .n_asks = n };
    cr_assert_eq(book_replace(as_it_came, &frame->event[0], frame, &in), 0);
    book_frame_sort(frame);
    cr_expect_lt(frame->event[0].n_bids, 5000);
    cr_assert_eq(book_replace(sorted, &frame->event[0], frame, &in), 0);
    book_view(as_it_came, &a);
    book_view(sorted, &b);
    cr_assert(a.n_bids == 500 && b.n_bids == 500 && a.n_asks == 500 && b.n_asks == 500);
    cr_expect_eq(memcmp(a.bids, b.bids, 500 * sizeof(a.bids[0])), 0);
    cr_expect_eq(memcmp(a.asks, b.asks, 500 * sizeof(a.asks[0])), 0);
    as_it_came = book_free(as_it_came);
    sorted = book_free(sorted);
    frame = md_frame_free(frame);
}

Test(book_replace, what_takes_over_from_a_late_book_is_late_until_it_is_judged)
{
    struct scene s = scene_make(LEVELS_MAX);
    struct book *next;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = LEVELS_MAX }, &next), 0);
    book_lag_set(s.book, 1);
    (void)book_verdict_set(s.book, STATE_LAGGING, REASON_VENUE_DELAY, 300);
    (void)book_verdict_set(next, STATE_LIVE, REASON_NONE, 200);
    book_inherit(next, s.book);
    cr_expect_eq(book_verdict(next)->state, STATE_LAGGING);
    cr_expect_eq(book_verdict(next)->reason, REASON_VENUE_DELAY);
    cr_expect_eq(book_verdict(next)->since_ns, 300);
    cr_expect(book_is_lagging(next));
    next = book_free(next);
    scene_done(&s);
}
