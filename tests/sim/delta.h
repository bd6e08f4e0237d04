/* SPDX-License-Identifier: MIT
 * delta.h - what changed between two books, as the exchanges that send changes would say it. Pure, any thread. The
 * simulator's own: the daemon puts books together, this takes them apart. */
#ifndef SIM_DELTA_H
#define SIM_DELTA_H

#include "market.h"
#include "pen.h"

#define DELTA_LEVELS_MAX (2 * MARKET_LEVELS_MAX)

struct delta_level {
    struct number price;
    struct number size; /* 0: the level is gone */
};

struct delta {
    unsigned n_bids, n_asks; /* best first */
    struct delta_level bids[DELTA_LEVELS_MAX];
    struct delta_level asks[DELTA_LEVELS_MAX];
};

/* From `from` to `to`, both seen `depth` levels deep; from NULL: all of `to`. With `truncates` a level that only sank
 * below the depth is not said to be gone: who follows must cut its book. */
void delta_make(const struct book *from, const struct book *to, unsigned depth, bool truncates, struct delta *ret);

#endif
