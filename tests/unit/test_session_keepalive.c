/* SPDX-License-Identifier: MIT
 * When a connection counts as dead: nothing whole and not a byte more within the deadline of a ping. */
#include "session/keepalive.h"

#include <criterion/criterion.h>

#define SECOND 1000000000ll

static struct keepalive begun(void)
{
    struct keepalive k;

    keepalive_begin(&k, 15000, 10000, 100 * SECOND);
    return k;
}

Test(keepalive, pings_at_once_and_then_at_its_interval_while_it_is_answered)
{
    struct keepalive k = begun();

    cr_expect_eq(keepalive_due(&k), 100 * SECOND);
    cr_expect_eq(keepalive_step(&k, 100 * SECOND, 0, 1), KEEPALIVE_PING);
    cr_expect_eq(keepalive_due(&k), 110 * SECOND, "the deadline");
    k.heard_boot_ns = 101 * SECOND;
    cr_expect_eq(keepalive_step(&k, 110 * SECOND, 500, 1), 0);
    cr_expect_eq(keepalive_due(&k), 115 * SECOND);
    cr_expect_eq(keepalive_step(&k, 115 * SECOND, 500, 1), KEEPALIVE_PING);
}

Test(keepalive, without_pings_nothing_is_ever_due)
{
    struct keepalive k;

    keepalive_begin(&k, 0, 10000, 100 * SECOND);

    cr_expect_eq(keepalive_due(&k), INT64_MAX);
}

Test(keepalive, silence_is_death_at_the_deadline)
{
    struct keepalive k = begun();

    (void)keepalive_step(&k, 100 * SECOND, 7, 1);
    cr_expect_eq(keepalive_step(&k, 110 * SECOND - 1, 7, 1), 0);
    cr_expect_eq(keepalive_step(&k, 110 * SECOND, 7, 1), KEEPALIVE_DEAD);
}

Test(keepalive, a_message_that_drips_in_is_life_while_it_moves)
{
    struct keepalive k = begun();

    (void)keepalive_step(&k, 100 * SECOND, 7, 1);
    cr_expect_eq(keepalive_step(&k, 110 * SECOND, 8, 1), KEEPALIVE_MOVING);
    cr_expect_eq(keepalive_due(&k), 115 * SECOND, "pings go on");
    cr_expect_eq(keepalive_step(&k, 115 * SECOND, 9, 1), KEEPALIVE_PING);
    cr_expect_eq(keepalive_due(&k), 120 * SECOND);
    cr_expect_eq(keepalive_step(&k, 120 * SECOND, 9, 1), KEEPALIVE_MOVING);
    cr_expect_eq(keepalive_step(&k, 130 * SECOND, 9, 1), KEEPALIVE_DEAD, "not a byte more");
}

Test(keepalive, what_is_left_lying_is_nobodys_silence)
{
    struct keepalive k = begun();

    (void)keepalive_step(&k, 100 * SECOND, 7, 1);
    cr_expect_eq(keepalive_step(&k, 110 * SECOND, 7, 0), 0);
    cr_expect_eq(keepalive_due(&k), 115 * SECOND, "pings go on");
    cr_expect_eq(keepalive_step(&k, 115 * SECOND, 7, 0), KEEPALIVE_PING);
    cr_expect_eq(keepalive_step(&k, 125 * SECOND - 1, 7, 1), 0, "read again: a whole deadline from then on");
    cr_expect_eq(keepalive_step(&k, 125 * SECOND, 7, 1), KEEPALIVE_DEAD);
}

Test(keepalive, what_never_ends_is_no_life)
{
    struct keepalive k = begun();
    unsigned what = 0;
    int64_t now = 100 * SECOND;

    for (uint64_t n = 0; !(what & KEEPALIVE_DEAD); n++) {
        cr_assert_lt(now, 200 * SECOND);
        what = keepalive_step(&k, now, n, 1);
        now = keepalive_due(&k);
    }

    cr_expect_geq(now, 160 * SECOND, "six deadlines");
    cr_expect_lt(now, 175 * SECOND);
}
