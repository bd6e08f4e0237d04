/* SPDX-License-Identifier: MIT
 * budget.c - see budget.h. */
#include "session/budget.h"

#define MS_NS 1000000ll

/* When one more attempt is allowed by a rule of n_max in window_ms; long past if it is now. */
static int64_t free_ns(const struct budget *b, uint32_t n_max, int64_t window_ms)
{
    uint64_t first = b->n > BUDGET_RING ? b->n - BUDGET_RING : 0;
    int64_t latest_ns = 0;

    n_max = n_max < BUDGET_RING ? n_max : BUDGET_RING;
    if (n_max == 0 || b->n < n_max)
        return 0;
    for (uint64_t i = first; i <= b->n - n_max; i++) /* an earlier one may have been answered later */
        if (b->at_ns[i % BUDGET_RING] > latest_ns)
            latest_ns = b->at_ns[i % BUDGET_RING];
    return latest_ns + window_ms * MS_NS;
}

int64_t budget_take(struct budget *b, int64_t now_boot_ns)
{
    int64_t by_second_ns = free_ns(b, b->per_second, BUDGET_SECOND_MS);
    int64_t by_window_ns = free_ns(b, b->per_window, (int64_t)b->window_s * 1000 + BUDGET_SLACK_MS);
    int64_t at_ns = by_second_ns > by_window_ns ? by_second_ns : by_window_ns;

    at_ns = at_ns > b->closed_until_ns ? at_ns : b->closed_until_ns;
    if (now_boot_ns < at_ns)
        return at_ns - now_boot_ns;
    b->at_ns[b->n++ % BUDGET_RING] = now_boot_ns + BUDGET_ROAD_MS * MS_NS;
    return 0;
}

void budget_answered(struct budget *b, uint64_t number, int64_t now_boot_ns)
{
    if (number > 0 && number <= b->n && b->n - number < BUDGET_RING)
        b->at_ns[(number - 1) % BUDGET_RING] = now_boot_ns;
}

void budget_close_until(struct budget *b, int64_t until_boot_ns)
{
    if (until_boot_ns > b->closed_until_ns)
        b->closed_until_ns = until_boot_ns;
}
