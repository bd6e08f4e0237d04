/* SPDX-License-Identifier: MIT
 * Timers of the loop: they go on until they are freed, also where one frees itself or makes another while it fires. */
#include "loop/loop.h"

#include "core/clock.h"
#include "no_leaks.h"

#include <criterion/criterion.h>
#include <event2/event.h>

#define MS_NS 1000000ll

struct bell {
    struct loop *loop;
    struct loop_timer *timer;
    struct bell *other; /* is rung from inside: made, or freed */
    unsigned n, n_most; /* the loop is stopped at the last; 0: never */
    int64_t at_boot_ns[8];
};

static void ring(void *context)
{
    struct bell *b = context;

    if (b->n < 8)
        b->at_boot_ns[b->n] = clock_boot_ns();
    b->n++;
    if (b->n == b->n_most)
        loop_stop(b->loop);
}

static void free_itself(void *context)
{
    struct bell *b = context;

    b->n++;
    b->timer = loop_timer_free(b->timer);
    b->other->timer = loop_timer_free(b->other->timer);
    cr_assert_eq(loop_timer_new(b->loop, 1, ring, b->other, &b->other->timer), 0);
}

Test(loop_timer, goes_on_and_shares_turns)
{
    struct bell fast = { .n_most = 6 }, slow = { 0 };
    int64_t begin_boot_ns;
    struct loop *l;

    cr_assert_eq(loop_new(&l), 0);
    begin_boot_ns = clock_boot_ns();
    fast.loop = slow.loop = l;
    cr_assert_eq(loop_timer_new(l, 20, ring, &fast, &fast.timer), 0);
    cr_assert_eq(loop_timer_new(l, 40, ring, &slow, &slow.timer), 0);

    cr_assert_eq(loop_run(l), 0);

    for (unsigned i = 0; i < fast.n; i++) /* the first is within a period, and none is more than a millisecond early */
        cr_assert_geq(fast.at_boot_ns[i] - begin_boot_ns, (20ll * i - 1) * MS_NS);
    cr_assert(slow.n >= 1 && slow.n <= fast.n, "slow %u, fast %u", slow.n, fast.n);
    fast.timer = loop_timer_free(fast.timer);
    slow.timer = loop_timer_free(slow.timer);
    cr_assert_null(loop_timer_free(NULL));
    l = loop_free(l);
    NO_LEAKS();
}

Test(loop_timer, may_be_freed_and_made_while_it_fires)
{
    struct bell last = { .n_most = 3 }, first = { .other = &last };
    struct loop *l;

    cr_assert_eq(loop_new(&l), 0);
    first.loop = last.loop = l;
    cr_assert_eq(loop_timer_new(l, 100000, ring, &last, &last.timer), 0);
    cr_assert_eq(loop_timer_new(l, 1, free_itself, &first, &first.timer), 0);

    cr_assert_eq(loop_run(l), 0);

    cr_assert_eq(first.n, 1);
    cr_assert_eq(last.n, 3);
    last.timer = loop_timer_free(last.timer);
    l = loop_free(l);
    NO_LEAKS();
}
