/* SPDX-License-Identifier: MIT
 * Single levels into a kept book. The usual message fits the book's exponents and goes straight in. One that needs more
 * decimals has the book rescaled first. Only where that overflows is the book that would result looked at level by
 * level, because a level that goes may be the one that would not fit. */
#include "book/book_private.h"
#include "core/decimal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define SCAN_NEAR      8    /* levels from the best that are counted at once; most changes are there */
#define HOLES_NEAR     16   /* a new level looks so far in either direction for a hole to take */
#define HOLES_MAX      512  /* of a side; then they are closed */
#define AWKWARD_LEVELS 4096 /* a message hard to hold may have so many levels a side: it costs their product */

/* The first index whose price is not better than `price`; n if all are. No branch depends on a price: each would be
 * guessed wrong half of the time. */
static inline __attribute__((always_inline)) uint32_t levels_find(const struct md_level *levels, uint32_t n, int is_bid,
                                                                  int64_t price)
{
    uint32_t at = 0, left;

    if (n >= SCAN_NEAR) {
        for (uint32_t i = 0; i < SCAN_NEAR; i++)
            at += (uint32_t)price_is_better(is_bid, levels[i].price, price);
        if (at < SCAN_NEAR)
            return at;
    }
    for (left = n - at; left > 0;) {
        uint32_t half = (left + 1) / 2;

        at += half & -(uint32_t)price_is_better(is_bid, levels[at + half - 1].price, price);
        left -= half;
    }
    return at;
}

static uint32_t side_find(const struct md_level *levels, uint32_t n, int is_bid, int64_t price)
{
    return is_bid ? levels_find(levels, n, 1, price) : levels_find(levels, n, 0, price);
}

/* Both arrays move alike: `n` elements from index `from` to index `to` of the side's memory. */
static void side_move(struct side *side, uint32_t to, uint32_t from, uint32_t n)
{
    memmove(side->memory + to, side->memory + from, n * sizeof(side->memory[0]));
    if (side->digits)
        memmove(side->digits + to, side->digits + from, n * sizeof(side->digits[0]));
}

static void side_delete(const struct book *bk, struct side *side, uint32_t at)
{
    uint32_t first = bk->levels_max - side->n;

    side_move(side, first + 1, first, at);
    side->n--;
}

/* All holes at once, from the worst level up. */
static void side_close_holes(const struct book *bk, struct side *side)
{
    struct md_level *levels = side_levels(bk, side);
    uint32_t to = side->n;

    if (side->n_holes == 0)
        return;
    for (uint32_t from = side->n; from-- > 0;) {
        if (levels[from].size == 0)
            continue;
        levels[--to] = levels[from];
        if (side->digits)
            side_digits(bk, side)[to] = side_digits(bk, side)[from];
    }
    side->n -= to;
    side->n_holes = 0;
}

/* A level goes. In front of the first possible hole the others close up, and what is there now may be one. */
static void side_remove(const struct book *bk, struct side *side, uint32_t at)
{
    if (at >= bk->n_solid) {
        side_levels(bk, side)[at].size = 0;
        if (++side->n_holes > HOLES_MAX)
            side_close_holes(bk, side);
        return;
    }
    side_delete(bk, side, at);
    while (side->n_holes > 0 && side_levels(bk, side)[bk->n_solid - 1].size == 0) {
        side_delete(bk, side, bk->n_solid - 1);
        side->n_holes--;
    }
}

/* The nearest hole to a new level at `at` becomes its place; only what lies between moves. Returns 0 if there is none.
 */
static int side_insert_in_hole(const struct book *bk, struct side *side, uint32_t at, struct md_level level)
{
    struct md_level *levels = side_levels(bk, side);

    if (side->n_holes == 0 || at < bk->n_solid || side->digits)
        return 0;
    for (uint32_t away = 0; away < HOLES_NEAR; away++) {
        if (at + away < side->n && levels[at + away].size == 0) {
            memmove(levels + at + 1, levels + at, away * sizeof(*levels));
            levels[at] = level;
        } else if (at >= bk->n_solid + away + 1 && levels[at - away - 1].size == 0) {
            memmove(levels + at - away - 1, levels + at - away, away * sizeof(*levels));
            levels[at - 1] = level;
        } else {
            continue;
        }
        side->n_holes--;
        return 1;
    }
    return 0;
}

/* The side is full and the new level is better than its worst, which goes; from now on nothing as bad is taken in. */
static void side_drop_worst(const struct book *bk, struct side *side)
{
    uint32_t first = bk->levels_max - side->n;

    side_move(side, first + 1, first, side->n - 1);
    side->n--;
    side_edge_here(bk, side);
}

static void side_insert(const struct book *bk, struct side *side, uint32_t at, struct md_level level, uint16_t digits)
{
    uint32_t first;

    if (side_insert_in_hole(bk, side, at, level))
        return;
    if (side->n == bk->levels_max && side->n_holes > 0) {
        side_close_holes(bk, side);
        at = side_find(side_levels(bk, side), side->n, side->is_bid, level.price);
    }
    if (side->n == bk->levels_max) {
        if (at == side->n) {
            side_edge_here(bk, side);
            return;
        }
        side_drop_worst(bk, side);
    }
    first = bk->levels_max - side->n;
    side_move(side, first - 1, first, at);
    side->n++;
    first--;
    side->memory[first + at] = level;
    if (side->digits)
        side->digits[first + at] = digits;
}

int side_put(const struct book *bk, struct side *side, struct md_level level, uint16_t digits)
{
    struct md_level *levels = side_levels(bk, side);
    uint32_t at = side_find(levels, side->n, side->is_bid, level.price);

    if (at < side->n && levels[at].price == level.price) {
        int changed = levels[at].size != level.size;

        if (level.size == 0) {
            if (changed)
                side_remove(bk, side, at);
            return changed;
        }
        side->n_holes -= levels[at].size == 0;
        levels[at].size = level.size;
        if (side->digits)
            side_digits(bk, side)[at] = digits;
        return changed;
    }
    if (level.size == 0 || (side->is_cut && price_is_better(side->is_bid, side->edge, level.price)))
        return 0;
    side_insert(bk, side, at, level, digits);
    return 1;
}

static int side_cut(const struct book *bk, struct side *side, uint32_t depth)
{
    uint32_t n_cut, first;

    if (side->n - side->n_holes <= depth)
        return 0;
    side_close_holes(bk, side); /* what is cut is counted exactly */
    n_cut = side->n - depth;
    first = bk->levels_max - side->n;
    side_move(side, first + n_cut, first, depth);
    side->n = depth;
    return 1;
}

int book_cut(struct book *bk)
{
    int changed;

    if (bk->depth == 0)
        return 0;
    changed = side_cut(bk, &bk->bids, bk->depth);
    return side_cut(bk, &bk->asks, bk->depth) | changed;
}

void book_depth_set(struct book *bk, uint32_t depth)
{
    bk->depth = depth;
}

/* --- exponents ---------------------------------------------------------------------------------------------------- */

/* All mantissas of a side times `price` and `size`. With `try_only` nothing is written.
 * Returns: 1, 0 one overflows. */
static int side_scale(const struct book *bk, struct side *side, int64_t price, int64_t size, int try_only)
{
    struct md_level *levels = side_levels(bk, side), scaled;

    for (uint32_t i = 0; i < side->n; i++) {
        if (__builtin_mul_overflow(levels[i].price, price, &scaled.price) ||
            __builtin_mul_overflow(levels[i].size, size, &scaled.size))
            return 0;
        if (!try_only)
            levels[i] = scaled;
    }
    /* The edge is a price the side once held; one that no longer fits is worse than, or better than, all that do. */
    if (!try_only && side->has_edge && __builtin_mul_overflow(side->edge, price, &side->edge))
        side->edge = INT64_MAX;
    return 1;
}

static int book_raise(struct book *bk, unsigned price_decimals, unsigned size_decimals)
{
    int64_t price = decimal_pow10[price_decimals - bk->price_decimals];
    int64_t size = decimal_pow10[size_decimals - bk->size_decimals];

    side_close_holes(bk, &bk->bids);
    side_close_holes(bk, &bk->asks);
    if (!side_scale(bk, &bk->bids, price, size, 1) || !side_scale(bk, &bk->asks, price, size, 1))
        return 0;
    (void)side_scale(bk, &bk->bids, price, size, 0);
    (void)side_scale(bk, &bk->asks, price, size, 0);
    bk->price_decimals = (uint8_t)price_decimals;
    bk->size_decimals = (uint8_t)size_decimals;
    return 1;
}

static int levels_fit(const struct md_level *levels, uint32_t n, int64_t price, int64_t size)
{
    int64_t scaled;

    for (uint32_t i = 0; i < n; i++)
        if (__builtin_mul_overflow(levels[i].price, price, &scaled) ||
            __builtin_mul_overflow(levels[i].size, size, &scaled))
            return 0;
    return 1;
}

/* Returns 1 if all of the message fits the book's exponents, with the book raised to the message's where they are more.
 * Nothing has changed otherwise. */
static int exponents_meet(struct book *bk, const struct message *m)
{
    unsigned price = m->price_decimals > bk->price_decimals ? m->price_decimals : bk->price_decimals;
    unsigned size = m->size_decimals > bk->size_decimals ? m->size_decimals : bk->size_decimals;
    int64_t price_scale = decimal_pow10[price - m->price_decimals];
    int64_t size_scale = decimal_pow10[size - m->size_decimals];

    if (price == bk->price_decimals && size == bk->size_decimals && (price_scale & size_scale) == 1)
        return 1; /* the usual message */
    if (!levels_fit(m->bids, m->n_bids, price_scale, size_scale) ||
        !levels_fit(m->asks, m->n_asks, price_scale, size_scale))
        return 0;
    return (price == bk->price_decimals && size == bk->size_decimals) || book_raise(bk, price, size);
}

/* --- the rare message whose numbers and the book's do not meet ------------------------------------------------------
 */

/* A level of the book that would result, with decimals of its own. */
struct awkward {
    struct md_level level;
    uint8_t price_decimals, size_decimals;
    uint16_t digits;
};

/* Compares a / 10^a_decimals with b / 10^b_decimals. */
static int price_compare(int64_t a, unsigned a_decimals, int64_t b, unsigned b_decimals)
{
    __int128 left = (__int128)a * decimal_pow10[b_decimals], right = (__int128)b * decimal_pow10[a_decimals];

    return (left > right) - (left < right);
}

static int level_is_replaced(const struct message *m, int is_bid, const struct md_level *level, unsigned decimals)
{
    const struct md_level *from = is_bid ? m->bids : m->asks;
    uint32_t n = is_bid ? m->n_bids : m->n_asks;

    for (uint32_t i = 0; i < n; i++)
        if (price_compare(from[i].price, m->price_decimals, level->price, decimals) == 0)
            return 1;
    return 0;
}

/* The last word of the message on a price: is it at index i? */
static int level_is_last(const struct md_level *from, uint32_t n, uint32_t i)
{
    for (uint32_t at = i + 1; at < n; at++)
        if (from[at].price == from[i].price)
            return 0;
    return 1;
}

/* The fewest decimals of the side that would result. */
static void side_survey(const struct book *bk, const struct side *side, const struct message *m, unsigned *io_price,
                        unsigned *io_size)
{
    const struct md_level *levels = side_levels(bk, side), *from = side->is_bid ? m->bids : m->asks;
    uint32_t n = side->is_bid ? m->n_bids : m->n_asks;

    for (uint32_t i = 0; i < side->n; i++) {
        unsigned p, s;

        if (level_is_replaced(m, side->is_bid, &levels[i], bk->price_decimals))
            continue;
        p = decimal_minimal(levels[i].price, bk->price_decimals);
        s = decimal_minimal(levels[i].size, bk->size_decimals);
        *io_price = p > *io_price ? p : *io_price;
        *io_size = s > *io_size ? s : *io_size;
    }
    for (uint32_t i = 0; i < n; i++) {
        unsigned p, s;

        if (from[i].size == 0 || !level_is_last(from, n, i))
            continue;
        p = decimal_minimal(from[i].price, m->price_decimals);
        s = decimal_minimal(from[i].size, m->size_decimals);
        *io_price = p > *io_price ? p : *io_price;
        *io_size = s > *io_size ? s : *io_size;
    }
}

/* Returns: 1 if every level of the side that would result can be held at these decimals, else 0. */
static int side_result_fits(const struct book *bk, const struct side *side, const struct message *m, unsigned price,
                            unsigned size)
{
    const struct md_level *levels = side_levels(bk, side), *from = side->is_bid ? m->bids : m->asks;
    uint32_t n_from = side->is_bid ? m->n_bids : m->n_asks;
    int64_t scaled;

    for (uint32_t i = 0; i < side->n; i++)
        if (!level_is_replaced(m, side->is_bid, &levels[i], bk->price_decimals) &&
            (decimal_rescale(levels[i].price, bk->price_decimals, price, &scaled) < 0 ||
             decimal_rescale(levels[i].size, bk->size_decimals, size, &scaled) < 0))
            return 0;
    for (uint32_t i = 0; i < n_from; i++)
        if (from[i].price > 0 && from[i].size > 0 && level_is_last(from, n_from, i) &&
            (decimal_rescale(from[i].price, m->price_decimals, price, &scaled) < 0 ||
             decimal_rescale(from[i].size, m->size_decimals, size, &scaled) < 0))
            return 0;
    return 1;
}

/* All has been checked: what stays is rescaled, and the message's last word on each price is put in. */
static void side_rebuild(const struct book *bk, struct side *side, const struct message *m, unsigned price,
                         unsigned size)
{
    const struct md_level *from = side->is_bid ? m->bids : m->asks;
    const uint16_t *digits = side->is_bid ? m->bid_digits : m->ask_digits;
    uint32_t n_from = side->is_bid ? m->n_bids : m->n_asks;

    for (uint32_t i = 0; i < n_from; i++) { /* what the message says of a price, the book forgets */
        struct md_level *levels = side_levels(bk, side);

        for (uint32_t at = 0; at < side->n; at++)
            if (price_compare(from[i].price, m->price_decimals, levels[at].price, bk->price_decimals) == 0) {
                side_delete(bk, side, at);
                break;
            }
    }
    for (uint32_t i = 0; i < side->n; i++) {
        struct md_level *level = &side_levels(bk, side)[i];

        (void)decimal_rescale(level->price, bk->price_decimals, price, &level->price);
        (void)decimal_rescale(level->size, bk->size_decimals, size, &level->size);
    }
    if (side->has_edge && decimal_rescale(side->edge, bk->price_decimals, price, &side->edge) < 0)
        side->edge = side->n > 0 ? side->memory[bk->levels_max - 1].price : 0;
    for (uint32_t i = 0; i < n_from; i++) {
        struct md_level level;

        if (from[i].price == 0 || from[i].size == 0 || !level_is_last(from, n_from, i))
            continue;
        (void)decimal_rescale(from[i].price, m->price_decimals, price, &level.price);
        (void)decimal_rescale(from[i].size, m->size_decimals, size, &level.size);
        (void)side_put(bk, side, level, digits ? digits[i] : 0);
    }
}

static int book_update_awkward(struct book *bk, const struct message *m)
{
    unsigned price = 0, size = 0;

    if (m->n_bids > AWKWARD_LEVELS || m->n_asks > AWKWARD_LEVELS)
        return -ERANGE;
    side_close_holes(bk, &bk->bids);
    side_close_holes(bk, &bk->asks);
    side_survey(bk, &bk->bids, m, &price, &size);
    side_survey(bk, &bk->asks, m, &price, &size);
    if (!side_result_fits(bk, &bk->bids, m, price, size) || !side_result_fits(bk, &bk->asks, m, price, size))
        return -ERANGE;
    side_rebuild(bk, &bk->bids, m, price, size);
    side_rebuild(bk, &bk->asks, m, price, size);
    bk->price_decimals = (uint8_t)price;
    bk->size_decimals = (uint8_t)size;
    return 1;
}

/* --- the message -------------------------------------------------------------------------------------------------- */

static int side_update(struct book *bk, struct side *side, const struct message *m, int64_t price, int64_t size)
{
    const struct md_level *from = side->is_bid ? m->bids : m->asks;
    const uint16_t *digits = side->is_bid ? m->bid_digits : m->ask_digits;
    uint32_t n = side->is_bid ? m->n_bids : m->n_asks;
    int changed = 0;

    for (uint32_t i = 0; i < n; i++)
        if (from[i].price > 0)
            changed |= side_put(bk, side, (struct md_level){ from[i].price * price, from[i].size * size },
                                digits ? digits[i] : 0);
    return changed;
}

int book_message_update(struct book *bk, const struct message *m, const struct feed_input *in)
{
    int changed;

    assert(m->price_decimals <= MD_DECIMALS_MAX);
    assert(m->size_decimals <= MD_DECIMALS_MAX);
    if (exponents_meet(bk, m)) {
        int64_t price = decimal_pow10[bk->price_decimals - m->price_decimals];
        int64_t size = decimal_pow10[bk->size_decimals - m->size_decimals];

        changed = side_update(bk, &bk->bids, m, price, size);
        changed |= side_update(bk, &bk->asks, m, price, size);
    } else {
        changed = book_update_awkward(bk, m);
        if (changed < 0)
            return changed;
    }
    (void)book_cut(bk);
    bk->n_applied++;
    bk->venue_ns = m->venue_ns;
    bk->recv_ns = in->recv_ns;
    if (changed)
        bk->changed_boot_ns = in->now_boot_ns;
    return 0;
}

int book_update(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                const struct feed_input *in)
{
    struct message m;

    if (event->number_range)
        return -ERANGE;
    m = message_of(bk, event, frame);
    return book_message_update(bk, &m, in);
}
