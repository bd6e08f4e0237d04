/* SPDX-License-Identifier: MIT
 * tape.h - the trades of a pretend market and what an exchange says of its day, and the last of them kept as the truth.
 * One thread. It knows no wire format and reads no clock. */
#ifndef SIM_TAPE_H
#define SIM_TAPE_H

#include "pen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAPE_KEPT 512 /* trades that are remembered of each market */

struct trade {
    uint64_t id; /* rising, not by one */
    int64_t price, size;
    uint8_t price_decimals, size_decimals;
    bool is_sell; /* the taker's side */
    int64_t timestamp_ms;
};

/* Sums wider than 64 bits at the decimals of the largest numbers seen; what an exchange prints of them is cut. */
struct tape {
    struct trade *trades; /* ring; trade k (from 0) is at k % TAPE_KEPT */
    uint64_t n;           /* ever made */
    uint64_t random, last_id;
    struct number previous_close, open, high, low; /* open, high, low: of the trades so far; see n_day */
    struct number volume, value;
    uint64_t n_day; /* trades of the day; 0: none of open, high and low */
};

/* Returns: 0, -ENOMEM. */
int tape_init(struct tape *t, struct number previous_close, uint64_t seed);
void tape_done(struct tape *t);
/* Put one more; id 0: the next. NULL: its id is not above the last one's. */
const struct trade *tape_add(struct tape *t, const struct trade *trade);
/* The k-th last, 0 the newest; NULL: none, or too long ago. */
const struct trade *tape_last(const struct tape *t, uint64_t k);
/* Last less previous close. False: no trade, or no 64 bits hold it. */
bool tape_change(const struct tape *t, struct number *ret);
/* a + b, a - b, a * b at as many decimals as fit; digits that do not fit are cut. */
struct number number_add(struct number a, struct number b);
struct number number_times(struct number a, struct number b);
int number_order(struct number a, struct number b);

#endif
