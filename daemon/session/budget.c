/* SPDX-License-Identifier: MIT
 * budget.c - see budget.h. */
#include "session/budget.h"

int64_t budget_take(struct budget *b, int64_t now_boot_ns)
{
    uint32_t most = b->per_second < BUDGET_PER_SECOND_MAX ? b->per_second : BUDGET_PER_SECOND_MAX;
    int64_t free_ns;

    if (now_boot_ns < b->closed_until_ns)
        return b->closed_until_ns - now_boot_ns;
    if (most == 0)
        return 0;
    if (b->n >= most) {
        free_ns = b->at_ns[b->next % most] + (int64_t)BUDGET_WINDOW_MS * 1000000;
        if (now_boot_ns < free_ns)
            return free_ns - now_boot_ns;
    }
    b->at_ns[b->next % most] = now_boot_ns;
    b->next = (b->next + 1) % most;
    if (b->n < most)
        b->n++;
    return 0;
}

void budget_close_until(struct budget *b, int64_t until_boot_ns)
{
    if (until_boot_ns > b->closed_until_ns)
        b->closed_until_ns = until_boot_ns;
}
