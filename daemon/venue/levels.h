/* SPDX-License-Identifier: MIT
 * levels.h - gathers the levels of one book message under one price and one size exponent, exactly. Used by adapters;
 * pure. Decimals follow the message: as many as it writes, and where that does not fit the fewest that hold every
 * value, found in further passes over the same bytes (levels_again), because nothing may be allocated to remember them.
 * Levels of price zero, and of a snapshot those of size zero, are dropped here already: a whole book has no use for
 * them (sheets: "padded with 0/0"), and they must not cost the others their exponent.
 * A level whose own price or size is beyond int64 or 18 decimals is left out and counted; the others stand. In an
 * update it deletes what the book held at its price. Levels that can each be held but not together make the message
 * unfit as a whole (../shared/captures/README.md, variants.fit). */
#ifndef HOGA_LEVELS_H
#define HOGA_LEVELS_H

#include "core/decimal.h"
#include "core/md_event.h"
#include "venue/scan.h"

#include <assert.h>

enum levels_pass {
    LEVELS_WRITTEN, /* store; decimals grow to the most that were written */
    LEVELS_SURVEY,  /* store nothing; find the fewest decimals that hold every value */
    LEVELS_FIXED,   /* store at what the survey found */
};

struct levels {
    struct md_level *bids, *asks;
    uint16_t *bid_digits, *ask_digits; /* NULL: nobody wants to know how the numbers were spelled */
    uint32_t n_bids, n_asks, n_max;    /* n_max: room for either side */
    uint32_t n_left_out;               /* levels with a number that nothing can hold */
    enum levels_pass pass;
    uint8_t is_update; /* size zero means something */
    uint8_t price_decimals, size_decimals;
    uint8_t unfit;    /* the levels cannot be held together in this pass; the arrays mean nothing */
    uint8_t too_many; /* more than n_max */
};

/* Behind what the frame already holds: a whole book, its spelling not kept. */
static inline void levels_begin(struct levels *l, struct md_frame *frame)
{
    uint32_t used = frame->n_bids > frame->n_asks ? frame->n_bids : frame->n_asks;

    assert(used <= MD_LEVELS_MAX);
    *l = (struct levels){ .bids = frame->bids + frame->n_bids,
                          .asks = frame->asks + frame->n_asks,
                          .n_max = MD_LEVELS_MAX - used,
                          .pass = LEVELS_WRITTEN };
}

/* The same for a venue with a checksum, or for an update. */
static inline void levels_begin_as(struct levels *l, struct md_frame *frame, int is_update, int has_digits)
{
    levels_begin(l, frame);
    l->is_update = (uint8_t)is_update;
    if (!has_digits)
        return;
    l->bid_digits = frame->bid_digits + frame->n_bids;
    l->ask_digits = frame->ask_digits + frame->n_asks;
}

/* After each pass. Returns 1 if the same levels must be given once more, 0 when it is settled: `unfit` now says that
 * no pair of exponents holds them. */
int levels_again(struct levels *l);

/* The general road of levels_add. */
void levels_add_slow(struct levels *l, int is_bid, const struct scan_number *price, const struct scan_number *size);

static inline __attribute__((always_inline)) void
levels_add(struct levels *l, int is_bid, const struct scan_number *price, const struct scan_number *size)
{
    uint32_t n = is_bid ? l->n_bids : l->n_asks;
    struct md_level *to = (is_bid ? l->bids : l->asks) + n;
    int p, s;

    if (l->pass != LEVELS_WRITTEN || !price->fits || !size->fits || n == l->n_max || price->mantissa == 0 ||
        (size->mantissa == 0 && !l->is_update)) {
        levels_add_slow(l, is_bid, price, size);
        return;
    }
    if ((l->n_bids | l->n_asks) == 0) { /* the first level says how the others will mostly be written */
        l->price_decimals = price->decimals > l->price_decimals ? price->decimals : l->price_decimals;
        l->size_decimals = size->decimals > l->size_decimals ? size->decimals : l->size_decimals;
    }
    p = l->price_decimals - price->decimals;
    s = l->size_decimals - size->decimals;
    /* Not a branch of its own for levels that need no more zeros: which do is chance, and a product is cheaper. */
    if ((p | s) < 0 || __builtin_mul_overflow(price->mantissa, decimal_pow10[p], &to->price) ||
        __builtin_mul_overflow(size->mantissa, decimal_pow10[s], &to->size)) {
        levels_add_slow(l, is_bid, price, size);
        return;
    }
    if (l->bid_digits)
        (is_bid ? l->bid_digits : l->ask_digits)[n] = MD_DIGITS(price->written, size->written);
    if (is_bid)
        l->n_bids = n + 1;
    else
        l->n_asks = n + 1;
}

#endif
