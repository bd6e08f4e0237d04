/* SPDX-License-Identifier: MIT
 * A message's levels into order. Some venues send them in none (Gate.io: protocols/gateio.md, "Arrays in deltas aren't
 * sorted"; Kraken: protocols/kraken.md). No branch depends on a price: each would be guessed wrong half of the time. */
#include "book/book_private.h"

#include <assert.h>

#define BLOCK 8 /* levels that are ordered by counting */

struct key {
    int64_t price;
    uint32_t from; /* index in the message */
};

/* Eight keys, each to where as many are before it. Of equal prices the earlier one comes first. */
static inline __attribute__((always_inline)) void block_order(const struct md_level *from, uint32_t n, uint32_t first,
                                                              int is_bid, struct key *ret)
{
    int64_t price[BLOCK], none = is_bid ? INT64_MIN : INT64_MAX;
    uint32_t place[BLOCK] = { 0 };

    for (uint32_t i = 0; i < BLOCK; i++)
        price[i] = first + i < n ? from[first + i].price : none;
#pragma GCC unroll 8
    for (uint32_t i = 0; i < BLOCK; i++)
#pragma GCC unroll 8
        for (uint32_t j = i + 1; j < BLOCK; j++) {
            uint32_t is_behind = (uint32_t)price_is_better(is_bid, price[j], price[i]);

            place[i] += is_behind;
            place[j] += 1 - is_behind;
        }
    for (uint32_t i = 0; i < BLOCK; i++)
        ret[place[i]] = (struct key){ price[i], first + i };
}

/* Two ordered halves of `n` keys each. */
static inline __attribute__((always_inline)) void halves_merge(const struct key *from, uint32_t n, int is_bid,
                                                               struct key *ret)
{
    const struct key *a = from, *b = from + n, *const a_end = b, *const b_end = b + n;

    while (a < a_end && b < b_end) {
        int is_b = price_is_better(is_bid, b->price, a->price);
        const struct key *const next[2] = { a, b };

        *ret++ = *next[is_b];
        a += !is_b;
        b += is_b;
    }
    memcpy(ret, a, (size_t)(a_end - a) * sizeof(*a));
    memcpy(ret + (a_end - a), b, (size_t)(b_end - b) * sizeof(*b));
}

static inline __attribute__((always_inline)) uint32_t order(const struct md_level *from, const uint16_t *digits,
                                                            uint32_t n, int is_bid, struct md_level *ret,
                                                            uint16_t *ret_digits)
{
    struct key keys[2][RUN_MAX + 1], *a = keys[0], *b = keys[1];
    uint32_t n_keys = BLOCK, n_ret = 0;

    while (n_keys < n)
        n_keys *= 2;
    for (uint32_t i = 0; i < n_keys; i += BLOCK)
        block_order(from, n, i, is_bid, a + i);
    for (uint32_t width = BLOCK; width < n_keys; width *= 2) {
        struct key *swap = a;

        for (uint32_t i = 0; i < n_keys; i += 2 * width)
            halves_merge(a + i, width, is_bid, b + i);
        a = b;
        b = swap;
    }
    for (uint32_t i = 0; i < n; i++) {
        ret[n_ret] = from[a[i].from];
        if (digits)
            ret_digits[n_ret] = digits[a[i].from];
        n_ret += i + 1 == n || a[i + 1].price != a[i].price;
    }
    return n_ret;
}

uint32_t levels_order(const struct md_level *from, const uint16_t *digits, uint32_t n, int is_bid, struct md_level *ret,
                      uint16_t *ret_digits)
{
    assert(n <= RUN_MAX);
    return is_bid ? order(from, digits, n, 1, ret, ret_digits) : order(from, digits, n, 0, ret, ret_digits);
}
