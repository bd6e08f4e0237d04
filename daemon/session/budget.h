/* SPDX-License-Identifier: MIT
 * budget.h - how often one address may be dialed, over all connections to it. Pure: times are given. */
#ifndef HOGA_BUDGET_H
#define HOGA_BUDGET_H

#include <stdint.h>

#define BUDGET_RING      512  /* attempts that are remembered; no venue allows more in its window */
#define BUDGET_SECOND_MS 1050 /* a second, and a little for the venue's own clock */
#define BUDGET_SLACK_MS  1000 /* the same of a window of minutes */
#define BUDGET_ROAD_MS   1000 /* an attempt is with the venue within so long; after that none waits for its answer */

/* The last attempts in a ring. Zeroed is ready to use. */
struct budget {
    uint32_t per_second;           /* 0: no rule */
    uint32_t per_window, window_s; /* so many in any window of so many seconds; 0: no rule */
    uint32_t n_sessions;           /* that share it */
    uint64_t n;                    /* attempts ever */
    int64_t at_ns[BUDGET_RING];    /* when the venue saw it, at the latest */
    int64_t closed_until_ns;       /* Retry-After: nobody dials before */
};

/* Returns: 0 and the attempt is counted, `n` is its number; else the ns to wait. */
int64_t budget_take(struct budget *b, int64_t now_boot_ns);
/* The venue has answered that attempt, or it has failed. What counts is when the venue sees attempts: two that leave a
 * second apart may come to it closer, as the first took longer on its way; so the second waits for an answer to the
 * first, and a second more. */
void budget_answered(struct budget *b, uint64_t number, int64_t now_boot_ns);
/* A refusal with Retry-After holds for the address, so for everybody who dials it. */
void budget_close_until(struct budget *b, int64_t until_boot_ns);

#endif
