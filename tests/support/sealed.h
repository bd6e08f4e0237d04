/* SPDX-License-Identifier: MIT
 * sealed.h - tells a whole book of `hoga-sim --sealed` from a torn or mixed one, by arithmetic alone (hoga-sim(1),
 * "SEALED BOOKS"). Plain C11, includes nothing of ours, so that any test may use it. Any thread. */
#ifndef HOGA_TEST_SEALED_H
#define HOGA_TEST_SEALED_H

#include <stddef.h>
#include <stdint.h>

#define SEALED_DECIMALS 8
#define SEALED_SIZE_MAX UINT64_C(10000000000)

static inline uint64_t sealed_splitmix64(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* The size at level `index` of a side (0 bids, 1 asks), as a mantissa at 8 decimals. */
static inline int64_t sealed_size(uint64_t seq, unsigned side, unsigned index)
{
    if (side == 0 && index == 0)
        return (int64_t)seq;
    return 1 + (int64_t)(sealed_splitmix64(seq * 1000003u + side * 1009u + index) % SEALED_SIZE_MAX);
}

/* A mantissa at `decimals` as one at 8 decimals; -1 where that cannot be. */
static inline int64_t sealed_at_8(int64_t mantissa, unsigned decimals)
{
    for (; decimals > SEALED_DECIMALS; decimals--) {
        if (mantissa % 10 != 0)
            return -1;
        mantissa /= 10;
    }
    for (; decimals < SEALED_DECIMALS; decimals++) {
        if (__builtin_mul_overflow(mantissa, 10, &mantissa))
            return -1;
    }
    return mantissa;
}

/* Check one book, best levels first; `stride` is the distance in int64_t from one level's price to the next one's, so
 * that arrays of {price, size} (stride 2) and separate arrays (stride 1) both fit. Prices share any one exponent.
 * Returns: the sequence number (1, 2, 3...) of a whole book, 0 when any of it belongs to another. */
static inline uint64_t sealed_check(const int64_t *bid_price, const int64_t *bid_size, size_t n_bids,
                                    const int64_t *ask_price, const int64_t *ask_size, size_t n_asks, size_t stride,
                                    unsigned size_decimals)
{
    int64_t seq, tick;

    if (n_bids < 1 || n_asks < 1)
        return 0;
    seq = sealed_at_8(bid_size[0], size_decimals);
    tick = ask_price[0] - bid_price[0];
    if (seq < 1 || tick < 1)
        return 0;
    for (size_t i = 0; i < n_bids; i++) {
        if (bid_price[i * stride] != bid_price[0] - (int64_t)i * tick ||
            sealed_at_8(bid_size[i * stride], size_decimals) != sealed_size((uint64_t)seq, 0, (unsigned)i))
            return 0;
    }
    for (size_t i = 0; i < n_asks; i++) {
        if (ask_price[i * stride] != bid_price[0] + (int64_t)(i + 1) * tick ||
            sealed_at_8(ask_size[i * stride], size_decimals) != sealed_size((uint64_t)seq, 1, (unsigned)i))
            return 0;
    }
    return (uint64_t)seq;
}

#endif
