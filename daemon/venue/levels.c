/* SPDX-License-Identifier: MIT */
#include "venue/levels.h"

static void levels_restart(struct levels *l, enum levels_pass pass)
{
    l->pass = pass;
    l->n_bids = 0;
    l->n_asks = 0;
    l->n_left_out = 0;
    l->unfit = 0;
}

int levels_again(struct levels *l)
{
    switch (l->pass) {
    case LEVELS_WRITTEN:
        if (!l->unfit)
            return 0;
        l->price_decimals = 0;
        l->size_decimals = 0;
        levels_restart(l, LEVELS_SURVEY);
        return 1;
    case LEVELS_SURVEY:
        levels_restart(l, LEVELS_FIXED);
        return 1;
    case LEVELS_FIXED:
        return 0;
    }
    return 0;
}

/* One mantissa of every level gathered so far, taken to more decimals. Returns 0 if one no longer fits. */
static int side_raise(struct md_level *levels, uint32_t n, int is_size, unsigned from, unsigned to)
{
    int64_t scale = decimal_pow10[to - from];
    int overflows = 0;

    for (uint32_t i = 0; i < n; i++) {
        int64_t *mantissa = is_size ? &levels[i].size : &levels[i].price;

        overflows |= __builtin_mul_overflow(*mantissa, scale, mantissa);
    }
    return !overflows;
}

/* Returns 0 if what is gathered does not fit at so many decimals. This happens at most 18 times a message and
 * exponent, in practice in its first level only. */
static int levels_raise(struct levels *l, int is_size, uint8_t *io_decimals, uint8_t decimals)
{
    uint8_t from = *io_decimals;

    if (decimals <= from)
        return 1;
    *io_decimals = decimals;
    return side_raise(l->bids, l->n_bids, is_size, from, decimals) &&
           side_raise(l->asks, l->n_asks, is_size, from, decimals);
}

static void survey(struct levels *l, const struct scan_number *price, const struct scan_number *size)
{
    unsigned p = decimal_minimal(price->mantissa, price->decimals);
    unsigned s = decimal_minimal(size->mantissa, size->decimals);

    l->price_decimals = p > l->price_decimals ? (uint8_t)p : l->price_decimals;
    l->size_decimals = s > l->size_decimals ? (uint8_t)s : l->size_decimals;
}

static void store(struct levels *l, int is_bid, const struct scan_number *price, const struct scan_number *size)
{
    uint32_t *n = is_bid ? &l->n_bids : &l->n_asks;
    struct md_level *to = (is_bid ? l->bids : l->asks) + *n;

    if (*n == l->n_max) {
        l->too_many = 1;
        return;
    }
    if (decimal_rescale(price->mantissa, price->decimals, l->price_decimals, &to->price) < 0 ||
        decimal_rescale(size->mantissa, size->decimals, l->size_decimals, &to->size) < 0) {
        l->unfit = 1;
        return;
    }
    if (l->bid_digits)
        (is_bid ? l->bid_digits : l->ask_digits)[*n] = MD_DIGITS(price->written, size->written);
    ++*n;
}

void levels_add_slow(struct levels *l, int is_bid, const struct scan_number *price, const struct scan_number *size)
{
    if ((price->fits && price->mantissa == 0) || (size->fits && size->mantissa == 0 && !l->is_update))
        return;
    if (!price->fits || !size->fits) {
        l->n_left_out++;
        /* What the book held at this price is no longer true. */
        if (l->is_update && price->fits)
            levels_add(l, is_bid, price, &(const struct scan_number){ .fits = 1 });
        return;
    }
    switch (l->pass) {
    case LEVELS_WRITTEN:
        if (!l->unfit && (!levels_raise(l, 0, &l->price_decimals, price->decimals) ||
                          !levels_raise(l, 1, &l->size_decimals, size->decimals)))
            l->unfit = 1;
        if (!l->unfit)
            store(l, is_bid, price, size);
        return;
    case LEVELS_SURVEY:
        survey(l, price, size);
        return;
    case LEVELS_FIXED:
        store(l, is_bid, price, size);
        return;
    }
}
