/* SPDX-License-Identifier: MIT
 * Updates of a kept book against a naive reference: a list of exact numbers that is searched from end to end. */
#include "book/book_private.h"

#include "core/decimal.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define REFERENCE_MAX 2048

/* A level at 18 decimals, so that all numbers of a test compare as integers. */
struct exact {
    __int128 price, size;
    uint16_t digits;
};

struct reference {
    struct exact side[2][REFERENCE_MAX]; /* asks, bids; in no order */
    uint32_t n[2];
};

struct scene {
    struct book *book;
    struct md_frame *frame;
    struct md_event event;
    struct feed_input in;
    struct reference reference;
    uint64_t chance;
};

static uint32_t dice(struct scene *s, uint32_t n)
{
    s->chance = s->chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->chance >> 33) % n;
}

static __int128 at_18(int64_t mantissa, unsigned decimals)
{
    return (__int128)mantissa * decimal_pow10[18 - decimals];
}

static void scene_begin(struct scene *s, const struct book_options *options)
{
    memset(s, 0, sizeof(*s));
    s->chance = 20261123;
    cr_assert_eq(book_new(options, &s->book), 0);
    cr_assert_eq(md_frame_new(&s->frame), 0);
}

static void scene_end(struct scene *s)
{
    s->book = book_free(s->book);
    s->frame = md_frame_free(s->frame);
}

static void reference_put(struct reference *r, int is_bid, struct exact level)
{
    struct exact *side = r->side[is_bid];

    for (uint32_t i = 0; i < r->n[is_bid]; i++) {
        if (side[i].price != level.price)
            continue;
        if (level.size == 0)
            side[i] = side[--r->n[is_bid]];
        else
            side[i] = level;
        return;
    }
    if (level.size > 0)
        side[r->n[is_bid]++] = level;
}

/* The reference's best levels in order, cut to `depth` for good where that is not 0. */
static void reference_sort(struct reference *r, int is_bid, uint32_t depth)
{
    struct exact *side = r->side[is_bid];

    for (uint32_t i = 1; i < r->n[is_bid]; i++)
        for (uint32_t j = i; j > 0 && (is_bid ? side[j].price > side[j - 1].price : side[j].price < side[j - 1].price);
             j--) {
            struct exact swap = side[j];

            side[j] = side[j - 1];
            side[j - 1] = swap;
        }
    if (depth > 0 && r->n[is_bid] > depth)
        r->n[is_bid] = depth;
}

static void side_compare(struct scene *s, int is_bid, uint32_t n_kept, unsigned step)
{
    struct reference *r = &s->reference;
    struct side *side = is_bid ? &s->book->bids : &s->book->asks;
    const struct md_level *levels = side_levels(side);
    uint32_t n = r->n[is_bid] < n_kept ? r->n[is_bid] : n_kept;

    cr_assert_eq(side->n, n, "step %u: %u levels, %u wanted", step, side->n, n);
    cr_assert_eq(side_n_first(side), n, "step %u: one section", step);
    for (uint32_t i = 0; i < side->n; i++) {
        const struct exact *want = &r->side[is_bid][i];

        cr_assert(i == 0 || price_is_better(is_bid, levels[i - 1].price, levels[i].price), "step %u: order", step);
        cr_assert(at_18(levels[i].price, s->book->price_decimals) == want->price, "step %u: price %u", step, i);
        cr_assert(at_18(levels[i].size, s->book->size_decimals) == want->size, "step %u: size %u", step, i);
        if (side->digits)
            cr_assert_eq(side_digits(side)[i], want->digits, "step %u: spelling %u", step, i);
    }
}

/* Up to 12 levels a side around 100, at decimals of the message's own. */
static void message_make(struct scene *s, int is_snapshot, int has_digits)
{
    struct md_event *e = &s->event;

    *e = (struct md_event){ .kind = MD_BOOK, .is_snapshot = (uint8_t)is_snapshot };
    e->price_decimals = (uint8_t)dice(s, 4);
    e->size_decimals = (uint8_t)dice(s, 5);
    md_frame_reset(s->frame);
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        struct md_level *to = is_bid ? s->frame->bids : s->frame->asks;
        uint32_t n = dice(s, 12);

        for (uint32_t i = 0; i < n; i++) {
            int64_t step = 1 + dice(s, dice(s, 2) == 0 ? 99 : 20);
            uint16_t digits = has_digits ? MD_DIGITS(e->price_decimals, e->size_decimals) : 0;

            to[i].price = (is_bid ? 100 - step : 100 + step) * decimal_pow10[e->price_decimals];
            if (e->price_decimals > 0)
                to[i].price += dice(s, 3);
            to[i].size = dice(s, 4) == 0 ? 0 : 1 + dice(s, 5000);
            if (has_digits)
                (is_bid ? s->frame->bid_digits : s->frame->ask_digits)[i] = digits;
            if (is_snapshot && to[i].size == 0)
                continue;
            reference_put(
                &s->reference, is_bid,
                (struct exact){ at_18(to[i].price, e->price_decimals), at_18(to[i].size, e->size_decimals), digits });
        }
        if (is_bid)
            e->n_bids = n;
        else
            e->n_asks = n;
    }
}

static void run_against_reference(const struct book_options *options, uint32_t depth)
{
    struct scene s;

    scene_begin(&s, options);
    book_depth_set(s.book, depth);
    for (unsigned step = 0; step < 4000; step++) {
        int is_snapshot = step == 0 || dice(&s, 300) == 0;

        if (is_snapshot)
            s.reference.n[0] = s.reference.n[1] = 0;
        message_make(&s, is_snapshot, options->has_digits);
        s.in.now_boot_ns = step + 1;
        cr_assert_eq((is_snapshot ? book_replace : book_update)(s.book, &s.event, s.frame, &s.in), 0, "step %u", step);
        for (int is_bid = 0; is_bid < 2; is_bid++) {
            reference_sort(&s.reference, is_bid, depth);
            side_compare(&s, is_bid, options->levels_max, step);
        }
        cr_assert_eq(book_is_shallow(s.book, 5), 0, "nothing was ever dropped");
    }
    scene_end(&s);
}

Test(book_update, levels_are_those_of_a_naive_book)
{
    run_against_reference(&(struct book_options){ .levels_max = 1024 }, 0);
}

Test(book_update, each_level_keeps_its_spelling)
{
    run_against_reference(&(struct book_options){ .levels_max = 1024, .has_digits = 1 }, 0);
}

Test(book_update, a_venue_s_depth_is_cut_after_every_message)
{
    run_against_reference(&(struct book_options){ .levels_max = 1024 }, 7);
    run_against_reference(&(struct book_options){ .levels_max = 1024, .has_digits = 1 }, 10);
}

static int put(struct scene *s, const char *bids, const char *asks, uint8_t price_decimals, uint8_t size_decimals)
{
    s->event = (struct md_event){ .kind = MD_BOOK, .price_decimals = price_decimals, .size_decimals = size_decimals };
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        const char *text = is_bid ? bids : asks;
        struct md_level *to = is_bid ? s->frame->bids : s->frame->asks;
        uint32_t n = 0;
        long long price, size;
        int used;

        for (; sscanf(text, "%lld %lld%n", &price, &size, &used) == 2; n++) {
            to[n] = (struct md_level){ price, size };
            text += used;
            text += *text == ',';
        }
        if (is_bid)
            s->event.n_bids = n;
        else
            s->event.n_asks = n;
    }
    return book_update(s->book, &s->event, s->frame, &s->in);
}

/* "price size, ..." of a side, at the book's decimals. */
static const char *show(struct scene *s, int is_bid)
{
    static char text[512];
    struct side *side = is_bid ? &s->book->bids : &s->book->asks;
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < side->n; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%lld %lld", i ? "," : "",
                                 (long long)side_levels(side)[i].price, (long long)side_levels(side)[i].size);
    return text;
}

Test(book_update, what_cannot_be_held_is_refused_whole)
{
    struct scene s;

    scene_begin(&s, &(struct book_options){ .levels_max = 8 });
    cr_assert_eq(put(&s, "5 9000000000000000000,4 1", "6 3", 0, 0), 0);
    /* One decimal more, and the first level no longer fits: neither as it is nor with fewer decimals. */
    cr_expect_eq(put(&s, "4 15", "", 0, 1), -ERANGE);
    cr_expect_str_eq(show(&s, 1), "5 9000000000000000000,4 1");
    /* The same change, and the large level goes with it: the book that results can be held. */
    cr_expect_eq(put(&s, "4 15,5 0", "", 0, 1), 0);
    cr_expect_str_eq(show(&s, 1), "4 15");
    cr_expect_str_eq(show(&s, 0), "6 30");
    /* Trailing zeros of the book make room for a large number. */
    cr_expect_eq(put(&s, "3 9000000000000000000,4 20", "", 0, 0), 0);
    cr_expect_str_eq(show(&s, 1), "4 20,3 9000000000000000000");
    cr_expect_str_eq(show(&s, 0), "6 3");
    s.event.number_range = 1;
    cr_expect_eq(book_update(s.book, &s.event, s.frame, &s.in), -ERANGE);
    scene_end(&s);
}

Test(book_update, levels_beyond_the_kept_ones_leave_an_edge)
{
    struct scene s;

    scene_begin(&s, &(struct book_options){ .levels_max = 8 });
    cr_assert_eq(put(&s, "20 1,19 1,18 1,17 1,16 1,15 1,14 1,13 1", "21 1,22 1", 0, 0), 0);
    cr_expect_eq(book_is_shallow(s.book, 4), 0, "nothing was ever dropped");
    cr_expect_eq(put(&s, "6 1", "", 0, 0), 0); /* worse than all: not taken in */
    cr_expect_eq(book_is_shallow(s.book, 4), 0);
    cr_expect_eq(put(&s, "19 0,18 0", "", 0, 0), 0);
    cr_expect_eq(book_is_shallow(s.book, 4), 0);
    cr_expect_eq(put(&s, "17 0", "", 0, 0), 0);
    cr_expect_eq(book_is_shallow(s.book, 4), 1, "6 was dropped; the four that count are the next to go");
    cr_expect_eq(put(&s, "5 1", "", 0, 0), 0); /* below the edge: what lies between is not known */
    cr_expect_str_eq(show(&s, 1), "20 1,16 1,15 1,14 1,13 1");
    cr_expect_eq(put(&s, "30 1,29 1,28 1,27 1", "", 0, 0), 0); /* the worst goes for a better one */
    cr_expect_str_eq(show(&s, 1), "30 1,29 1,28 1,27 1,20 1,16 1,15 1,14 1");
    cr_expect_eq(book_is_shallow(s.book, 4), 0);

    /* A snapshot that was cut by the venue is certain as far as it goes. */
    s.event.is_snapshot = 1;
    s.event.depth = 4;
    s.event.n_bids = 4;
    s.event.n_asks = 0;
    cr_assert_eq(book_replace(s.book, &s.event, s.frame, &s.in), 0);
    cr_expect_eq(book_is_shallow(s.book, 2), 0);
    cr_expect_eq(put(&s, "1 5,28 0", "", 0, 0), 0);
    cr_expect_str_eq(show(&s, 1), "30 1,29 1,27 1,1 5", "kept, and not counted on");
    cr_expect_eq(book_is_shallow(s.book, 4), 0, "three of four is as good as it gets");
    cr_expect_eq(put(&s, "29 0", "", 0, 0), 0);
    cr_expect_eq(book_is_shallow(s.book, 4), 1);
    scene_end(&s);
}

/* What a view shows is certain: a level beyond the edge may have others in front of it that nobody told of. */
Test(book_update, a_view_ends_where_certainty_does)
{
    struct book_view view;
    struct scene s;

    scene_begin(&s, &(struct book_options){ .levels_max = 16, .levels_shown = 4 });
    s.event = (struct md_event){ .is_snapshot = 1, .depth = 6, .n_bids = 6, .n_asks = 1 };
    for (int i = 0; i < 6; i++)
        s.frame->bids[i] = (struct md_level){ 100 - i, 1 };
    s.frame->asks[0] = (struct md_level){ 101, 1 };
    cr_assert_eq(book_replace(s.book, &s.event, s.frame, &s.in), 0);
    cr_expect_eq(put(&s, "50 1,60 1", "102 1", 0, 0), 0);
    book_view(s.book, &view);
    cr_expect_geq(view.n_bids, 4);
    cr_expect_eq(view.n_asks, 2, "that side came whole");
    cr_expect_not(book_is_short(s.book));
    cr_expect_eq(put(&s, "100 0,99 0,98 0", "", 0, 0), 0);
    book_view(s.book, &view);
    cr_expect_eq(view.n_bids, 3, "97, 96 and 95");
    cr_expect_eq(view.bids[2].price, 95);
    cr_expect(book_is_short(s.book));
    cr_expect_eq(put(&s, "97 0,96 0,95 0", "", 0, 0), 0);
    book_view(s.book, &view);
    cr_expect_eq(view.n_bids, 0);
    scene_end(&s);
}

Test(book_update, only_a_change_moves_the_time_of_change)
{
    struct book_view view;
    struct scene s;

    scene_begin(&s, &(struct book_options){ .levels_max = 4 });
    s.in.now_boot_ns = 1;
    cr_assert_eq(put(&s, "10 1", "", 0, 0), 0);
    s.in.now_boot_ns = 2;
    cr_assert_eq(put(&s, "10 1,7 0,0 5", "", 0, 0), 0); /* the same again, a missing delete, a price of zero */
    book_view(s.book, &view);
    cr_expect_eq(view.changed_boot_ns, 1);
    cr_expect_eq(view.n_applied, 2);
    cr_assert_eq(put(&s, "10 1", "7 0", 0, 0), 0); /* a level alone goes another way */
    book_view(s.book, &view);
    cr_expect_eq(view.changed_boot_ns, 1);
    s.in.now_boot_ns = 3;
    cr_assert_eq(put(&s, "10 2", "", 0, 0), 0);
    book_view(s.book, &view);
    cr_expect_eq(view.changed_boot_ns, 3);
    scene_end(&s);
}
