/* SPDX-License-Identifier: MIT
 * budget.c - see budget.h. */
#include "session/budget.h"

/* When one more attempt is allowed by a rule of n_max in window_ms; long past if it is now. */
static int64_t free_ns(const struct budget *b, uint32_t n_max, int64_t window_ms)
{
    n_max = n_max < BUDGET_RING ? n_max : BUDGET_RING;
    if (n_max == 0 || b->n < n_max)
        return 0;
    return b->at_ns[(b->n - n_max) % BUDGET_RING] + window_ms * 1000000;
}

int64_t budget_take(struct budget *b, int64_t now_boot_ns)
{
    int64_t by_second_ns = free_ns(b, b->per_second, BUDGET_SECOND_MS);
    int64_t by_window_ns = free_ns(b, b->per_window, (int64_t)b->window_s * 1000 + BUDGET_SLACK_MS);
    int64_t at_ns = by_second_ns > by_window_ns ? by_second_ns : by_window_ns;

    at_ns = at_ns > b->closed_until_ns ? at_ns : b->closed_until_ns;
    if (now_boot_ns < at_ns)
        return at_ns - now_boot_ns;
    b->at_ns[b->n++ % BUDGET_RING] = now_boot_ns;
    return 0;
}

void budget_close_until(struct budget *b, int64_t until_boot_ns)
{
    if (until_boot_ns > b->closed_until_ns)
        b->closed_until_ns = until_boot_ns;
}
