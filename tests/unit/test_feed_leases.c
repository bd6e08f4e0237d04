/* SPDX-License-Identifier: MIT
 * Leases: who holds what, what goes when, and the limits. Time is a number here. */
#include "feed/leases.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

static const struct venue one = { .name = "one" }, two = { .name = "two" };

Test(leases, a_book_goes_after_its_last_holder_has_and_not_before)
{
    struct leases *l;
    struct lease gone;

    cr_assert_eq(leases_new(4, &l), 0);
    cr_assert_eq(leases_take(l, &one, "A", 7), 1);
    cr_assert_eq(leases_take(l, &one, "A", 7), 0, "held twice is held once");
    cr_assert_eq(leases_take(l, &one, "A", 8), 0);
    cr_assert_eq(leases_take(l, &two, "A", 8), 1, "another venue's is another book");
    cr_assert_eq(leases_end(l, 7, 100), 1);
    cr_assert_eq(leases_next_due(l, INT64_MAX, &gone), 0);
    cr_assert_eq(leases_end(l, 8, 200), 2);
    cr_assert_eq(leases_next_due(l, 199, &gone), 0);
    cr_assert_eq(leases_take(l, &two, "A", 9), 0, "what lingers is there");
    cr_assert_eq(leases_next_due(l, 200, &gone), 1);
    cr_assert_eq(gone.venue, &one);
    cr_assert_str_eq(gone.symbol, "A");
    cr_assert_eq(leases_next_due(l, INT64_MAX, &gone), 0);
    cr_assert_eq(leases_n(l), 1);
    l = leases_free(l);
}

Test(leases, what_waits_longest_makes_room)
{
    struct leases *l;
    struct lease gone;

    cr_assert_eq(leases_new(3, &l), 0);
    cr_assert_eq(leases_take(l, &one, "A", 1), 1);
    cr_assert_eq(leases_take(l, &one, "B", 2), 1);
    cr_assert_eq(leases_take(l, &one, "C", LEASES_OPERATOR), 1);
    cr_assert_eq(leases_take(l, &one, "D", 1), -ENOSPC);
    cr_assert_eq(leases_give(l, &one, "B", 2, 300), 0);
    cr_assert_eq(leases_give(l, &one, "B", 2, 300), -ENOENT);
    cr_assert_eq(leases_give(l, &one, "A", 1, 200), 0);
    cr_assert_eq(leases_next_due(l, INT64_MAX, &gone), 1);
    cr_assert_str_eq(gone.symbol, "A");
    cr_assert_eq(leases_take(l, &one, "D", 1), 1);
    cr_assert(leases_find(l, &one, "C") && lease_has_holder(leases_find(l, &one, "C"), LEASES_OPERATOR));
    cr_assert_null(leases_find(l, &one, "A"));
    l = leases_free(l);
}

Test(leases, a_holder_has_so_many_and_no_more)
{
    struct leases *l;
    char symbol[16];

    cr_assert_eq(leases_new(2 * LEASES_PER_HOLDER_MAX, &l), 0);
    for (int i = 0; i < LEASES_PER_HOLDER_MAX; i++) {
        (void)snprintf(symbol, sizeof symbol, "S%d", i);
        cr_assert_eq(leases_take(l, &one, symbol, 5), 1);
    }
    cr_assert_eq(leases_take(l, &one, "X", 5), -EDQUOT);
    cr_assert_eq(leases_take(l, &one, "S3", 5), 0, "what it has it may ask for again");
    cr_assert_eq(leases_take(l, &one, "X", 6), 1);
    cr_assert_eq(leases_n_of_holder(l, 5), LEASES_PER_HOLDER_MAX);
    cr_assert_eq(leases_end(l, 5, 0), LEASES_PER_HOLDER_MAX);
    cr_assert_eq(leases_n_of_holder(l, 5), 0);
    l = leases_free(l);
}
