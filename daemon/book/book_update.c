/* SPDX-License-Identifier: MIT
 * Single levels into a kept book. The usual message fits the book's exponents and goes straight in. One that needs more
 * decimals has the book rescaled first. Only where that overflows is the book that would result looked at level by
 * level, because a level that goes may be the one that would not fit. */
#include "book/book_private.h"
#include "core/decimal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define AWKWARD_LEVELS 4096 /* a message hard to hold may have so many levels a side: it costs their product */

int book_cut(struct book *bk)
{
    int changed;

    if (bk->depth == 0)
        return 0;
    changed = side_cut(&bk->bids, bk->depth);
    return side_cut(&bk->asks, bk->depth) | changed;
}

uint32_t book_depth(const struct book *bk)
{
    return bk->depth;
}

void book_depth_set(struct book *bk, uint32_t depth)
{
    bk->depth = depth;
}

/* --- exponents ---------------------------------------------------------------------------------------------------- */

/* All mantissas of a side times `price` and `size`. With `try_only` nothing is written.
 * Returns: 1, 0 one overflows. */
static int side_scale(struct side *side, int64_t price, int64_t size, int try_only)
{
    struct md_level *levels = side_levels(side), scaled;

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

    side_pack(bk, &bk->bids);
    side_pack(bk, &bk->asks);
    if (!side_scale(&bk->bids, price, size, 1) || !side_scale(&bk->asks, price, size, 1))
        return 0;
    (void)side_scale(&bk->bids, price, size, 0);
    (void)side_scale(&bk->asks, price, size, 0);
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
    const struct md_level *levels = side_levels(side), *from = side->is_bid ? m->bids : m->asks;
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
    const struct md_level *levels = side_levels(side), *from = side->is_bid ? m->bids : m->asks;
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
        struct md_level *levels = side_levels(side), gone = { 0 };

        for (uint32_t at = 0; at < side->n; at++)
            if (price_compare(from[i].price, m->price_decimals, levels[at].price, bk->price_decimals) == 0)
                gone.price = levels[at].price;
        (void)side_put(bk, side, &gone, digits, 1);
        side_pack(bk, side);
    }
    for (uint32_t i = 0; i < side->n; i++) {
        struct md_level *level = &side_levels(side)[i];

        (void)decimal_rescale(level->price, bk->price_decimals, price, &level->price);
        (void)decimal_rescale(level->size, bk->size_decimals, size, &level->size);
    }
    if (side->has_edge && decimal_rescale(side->edge, bk->price_decimals, price, &side->edge) < 0)
        side->edge = side->n > 0 ? side_worst(side) : 0;
    for (uint32_t i = 0; i < n_from; i++) {
        struct md_level level;

        if (from[i].price == 0 || from[i].size == 0 || !level_is_last(from, n_from, i))
            continue;
        (void)decimal_rescale(from[i].price, m->price_decimals, price, &level.price);
        (void)decimal_rescale(from[i].size, m->size_decimals, size, &level.size);
        (void)side_put(bk, side, &level, digits ? digits + i : NULL, 1);
    }
}

static int book_update_awkward(struct book *bk, const struct message *m)
{
    unsigned price = 0, size = 0;

    if (m->n_bids > AWKWARD_LEVELS || m->n_asks > AWKWARD_LEVELS)
        return -ERANGE;
    side_pack(bk, &bk->bids);
    side_pack(bk, &bk->asks);
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

/* Levels at decimals of their own. */
static int side_put_scaled(const struct book *bk, struct side *side, const struct md_level *from,
                           const uint16_t *digits, uint32_t n, int64_t price, int64_t size)
{
    int changed = 0;

    for (uint32_t i = 0; i < n; i += RUN_MAX) {
        uint32_t n_scaled = n - i < RUN_MAX ? n - i : RUN_MAX;
        struct md_level scaled[RUN_MAX];

        for (uint32_t j = 0; j < n_scaled; j++)
            scaled[j] = (struct md_level){ from[i + j].price * price, from[i + j].size * size };
        changed |= side_put(bk, side, scaled, digits ? digits + i : NULL, n_scaled);
    }
    return changed;
}

static int message_put(struct book *bk, const struct message *m)
{
    int64_t price, size;
    int changed;

    if (m->price_decimals == bk->price_decimals && m->size_decimals == bk->size_decimals) {
        changed = side_put(bk, &bk->bids, m->bids, m->bid_digits, m->n_bids);
        return changed | side_put(bk, &bk->asks, m->asks, m->ask_digits, m->n_asks);
    }
    price = decimal_pow10[bk->price_decimals - m->price_decimals];
    size = decimal_pow10[bk->size_decimals - m->size_decimals];
    changed = side_put_scaled(bk, &bk->bids, m->bids, m->bid_digits, m->n_bids, price, size);
    return changed | side_put_scaled(bk, &bk->asks, m->asks, m->ask_digits, m->n_asks, price, size);
}

int book_message_update(struct book *bk, const struct message *m, const struct feed_input *in)
{
    int changed;

    assert(m->price_decimals <= MD_DECIMALS_MAX);
    assert(m->size_decimals <= MD_DECIMALS_MAX);
    if ((m->price_decimals == bk->price_decimals && m->size_decimals == bk->size_decimals) || exponents_meet(bk, m)) {
        changed = message_put(bk, m);
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
