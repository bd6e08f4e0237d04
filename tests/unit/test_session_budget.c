/* SPDX-License-Identifier: MIT
 * How often one address may be dialed. */
#include "session/budget.h"

#include <criterion/criterion.h>

#define MS 1000000ll

/* An attempt that is answered at once. Returns as budget_take. */
static int64_t take(struct budget *b, int64_t now)
{
    int64_t wait = budget_take(b, now);

    if (wait == 0)
        budget_answered(b, b->n, now);
    return wait;
}

Test(budget, never_more_than_the_venue_allows_in_any_second)
{
    struct budget b = { .per_second = 5 };
    int64_t taken[200];
    unsigned n = 0;

    for (int64_t now = 1; n < 200; now += MS) {
        int64_t wait = take(&b, now);

        if (wait == 0)
            taken[n++] = now;
        else
            cr_assert_eq(budget_take(&b, now), wait); /* asking costs nothing */
    }

    for (unsigned i = 5; i < n; i++)
        cr_assert_gt(taken[i] - taken[i - 5], 1000 * MS);
    cr_assert_lt(taken[199] - taken[0], 41000 * MS); /* and not much less either */
}

/* Kraken: 150 in 10 minutes. Source: ../shared/protocols/kraken.md, "Limits". */
Test(budget, a_window_of_minutes_is_kept_as_well)
{
    struct budget b = { .per_second = 2, .per_window = 150, .window_s = 600 };
    int64_t taken[400], now = 1;

    for (unsigned n = 0; n < 400; n++) {
        for (int64_t wait; (wait = take(&b, now)) > 0;)
            now += wait;
        taken[n] = now;
        cr_assert(n < 2 || taken[n] - taken[n - 2] > 1000 * MS);
        cr_assert(n < 150 || taken[n] - taken[n - 150] > 600000 * MS);
    }
    cr_assert_lt(now, 1400000 * MS);
}

Test(budget, retry_after_holds_for_everybody)
{
    struct budget b = { .per_second = 0 };

    cr_assert_eq(budget_take(&b, 5 * MS), 0);
    budget_close_until(&b, 100 * MS);
    budget_close_until(&b, 50 * MS);
    cr_assert_eq(budget_take(&b, 60 * MS), 40 * MS);
    cr_assert_eq(budget_take(&b, 100 * MS), 0);
}

/* Source: ../shared/protocols/binance.md, "Limits": 300 attempts in 5 minutes. */
Test(budget, never_more_than_the_venue_allows_in_any_window)
{
    struct budget b = { .per_second = 5, .per_window = 30, .window_s = 300 };
    int64_t taken[100];
    unsigned n = 0;

    for (int64_t now = 1; n < 100; now += 10 * MS)
        if (take(&b, now) == 0)
            taken[n++] = now;

    cr_assert_lt(taken[29] - taken[0], 6500 * MS, "a burst is what it is for");
    for (unsigned i = 30; i < n; i++)
        cr_assert_gt(taken[i] - taken[i - 30], 300000 * MS);
    cr_assert_lt(taken[99] - taken[0], 3 * 302000 * MS);
}

/* What the venue sees: three that are still on their way may come to it together with the fourth. */
Test(budget, one_that_is_on_its_way_is_waited_for)
{
    struct budget b = { .per_second = 3 };

    for (int i = 0; i < 3; i++)
        cr_assert_eq(budget_take(&b, 100 * MS), 0);
    cr_expect_eq(budget_take(&b, 300 * MS), (800 + BUDGET_SECOND_MS) * MS, "none has been answered");
    budget_answered(&b, 2, 400 * MS);
    budget_answered(&b, 3, 400 * MS);
    cr_expect_eq(budget_take(&b, 500 * MS), (600 + BUDGET_SECOND_MS) * MS, "the first has not");
    budget_answered(&b, 1, 700 * MS);
    cr_expect_eq(budget_take(&b, 700 * MS), BUDGET_SECOND_MS * MS);
    cr_expect_eq(budget_take(&b, (700 + BUDGET_SECOND_MS) * MS), 0);
    cr_expect_eq(budget_take(&b, (700 + BUDGET_SECOND_MS) * MS), 0, "two of the three were answered earlier");
    budget_answered(&b, 900, 0); /* of another life: no harm */
}

Test(budget, what_is_never_answered_is_not_waited_for_for_ever)
{
    struct budget b = { .per_second = 1 };

    cr_assert_eq(budget_take(&b, 100 * MS), 0);
    cr_expect_eq(budget_take(&b, 100 * MS), (BUDGET_ROAD_MS + BUDGET_SECOND_MS) * MS);
}
