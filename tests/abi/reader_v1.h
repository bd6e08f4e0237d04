/* SPDX-License-Identifier: MIT
 * reader_v1.h - a reader of ABI 1.0 as it was when 1.0 was fixed, frozen: it includes nothing of the product and is
 * never changed. What today's daemon writes must be readable by it for as long as the major is 1. Any thread. */
#ifndef HOGA_TESTS_READER_V1_H
#define HOGA_TESTS_READER_V1_H

#include <stddef.h>
#include <stdint.h>

struct v1_book {
    uint64_t update;
    int64_t bid_price, bid_size, ask_price, ask_size;
    unsigned state, reason, n_bids, n_asks;
    uint32_t generation, epoch;
    uint64_t n_applied;
    int64_t bids[1000][2], asks[1000][2]; /* price, size */
};

/* Returns: 0, -1 not found or not readable. */
int v1_find(const uint8_t *base, size_t size, const char *venue, const char *symbol, uint32_t *ret_slot,
            uint32_t *ret_generation);
int v1_book(const uint8_t *base, size_t size, uint32_t slot, struct v1_book *ret);

#endif
