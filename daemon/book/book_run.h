/* SPDX-License-Identifier: MIT
 * book_run.h - levels of a message that go into a side together, and where they are in it. For book_side.c alone. */
#ifndef HOGA_BOOK_RUN_H
#define HOGA_BOOK_RUN_H

#include "book/book_private.h"

#define NEAR     8 /* levels from the best */
#define SEARCHES 8 /* at a time */

/* A level that comes in before index `at`, or goes from there. */
struct change {
    int64_t price;
    uint32_t at;
    uint32_t from; /* index in the run; one that goes has size 0 */
};

/* Levels of a message. */
struct run {
    const struct md_level *levels;
    const uint16_t *digits;             /* NULL where nobody asks for them */
    uint32_t n;                         /* 1 .. RUN_MAX */
    int is_rising;                      /* the worst comes first; of no meaning where they are in no order */
    uint32_t place[RUN_MAX + SEARCHES]; /* of the first level that is not better, counted from the best with all room */
};

/* One step of a search. Nothing says which it will be: to be chosen without a branch. */
static inline __attribute__((always_inline)) const struct md_level *step(const struct md_level *at, size_t n,
                                                                         int64_t price, int is_bid)
{
    const struct md_level *further = at + n;

    return __builtin_expect_with_probability(price_is_better(is_bid, further[-1].price, price), 1, 0.5) ? further : at;
}

static inline __attribute__((always_inline)) uint32_t n_better_of_4(const struct md_level *levels, int64_t price,
                                                                    int is_bid)
{
    return (uint32_t)price_is_better(is_bid, levels[0].price, price) +
           (uint32_t)price_is_better(is_bid, levels[1].price, price) +
           (uint32_t)price_is_better(is_bid, levels[2].price, price) +
           (uint32_t)price_is_better(is_bid, levels[3].price, price);
}

/* The index of the first level that is not better. The nearest are counted at once: most changes are there. */
static inline __attribute__((always_inline)) uint32_t level_find(const struct md_level *levels, size_t n, int64_t price,
                                                                 int is_bid)
{
    const struct md_level *at = levels;

    if (n >= NEAR) {
        uint32_t n_better = n_better_of_4(levels, price, is_bid) + n_better_of_4(levels + 4, price, is_bid);

        if (n_better < NEAR)
            return n_better;
    }
    for (size_t left = n, half; left > 0; left -= half) {
        half = (left + 1) / 2;
        at = step(at, half, price, is_bid);
    }
    return (uint32_t)(at - levels);
}

/* One step of several searches. */
static inline __attribute__((always_inline)) void steps(const struct md_level **at, const int64_t *price,
                                                        uint32_t n_searches, size_t n, int is_bid)
{
#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++)
        at[j] = step(at[j], n, price[j], is_bid);
}

/* The loads of one search wait for each other, those of several do not. How many steps there are depends on the power
 * of two in n alone, which seldom changes. Behind the last level it is looked up again: how many levels there are
 * cannot be guessed. */
static inline __attribute__((always_inline)) void run_find_some(struct run *run, uint32_t first, uint32_t n_searches,
                                                                const struct md_level *levels, size_t n, int is_bid)
{
    const struct md_level *at[SEARCHES];
    int64_t price[SEARCHES];

#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++) {
        at[j] = levels;
        price[j] = run->levels[first + j < run->n ? first + j : run->n - 1].price;
    }
    if (n > 0) {
        size_t width = (size_t)1 << (8 * sizeof(long) - 1 - (size_t)__builtin_clzl(n));

        if (n > width)
            steps(at, price, n_searches, n - width, is_bid);
        for (; width > 1; width /= 2)
            steps(at, price, n_searches, width / 2, is_bid);
        steps(at, price, n_searches, 1, is_bid);
    }
#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++)
        run->place[first + j] = (uint32_t)(at[j] - levels);
}

/* Some at the end are looked up twice: that costs less than to count them. */
static inline __attribute__((always_inline)) void run_find(struct run *run, const struct md_level *levels, size_t n,
                                                           int is_bid)
{
    uint32_t i = 0;

    for (; run->n - i > SEARCHES / 2 && i < run->n; i += SEARCHES)
        run_find_some(run, i, SEARCHES, levels, n, is_bid);
    if (i < run->n)
        run_find_some(run, i, SEARCHES / 2, levels, n, is_bid);
}

/* Is no price, or lies beyond the edge of our own cut. */
static inline __attribute__((always_inline)) int level_is_nothing(const struct side *side, int64_t price, int is_bid)
{
    return price == 0 || (side->is_cut && price_is_better(is_bid, side->edge, price));
}

#endif
