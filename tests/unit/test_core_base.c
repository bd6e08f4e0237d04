/* SPDX-License-Identifier: MIT */
#include "core/clock.h"
#include "core/md_event.h"
#include "core/verdict.h"

#include <criterion/criterion.h>

Test(core_clock, both_clocks_run_forward)
{
    int64_t real_ns = clock_real_ns(), boot_ns = clock_boot_ns();

    cr_assert_gt(real_ns, INT64_C(1700000000) * 1000000000);
    cr_assert_gt(boot_ns, 0);
    cr_assert_geq(clock_boot_ns(), boot_ns);
}

Test(core_verdict, every_number_has_its_word)
{
    cr_assert_str_eq(verdict_state_word(STATE_LIVE), "live");
    cr_assert_str_eq(verdict_state_word(STATE_FAILED), "failed");
    cr_assert_str_eq(verdict_reason_word(REASON_NONE), "");
    cr_assert_str_eq(verdict_reason_word(REASON_NUMBER_RANGE), "number-range");
    cr_assert_str_eq(verdict_state_word(250), "?");
    cr_assert_str_eq(verdict_reason_word(250), "?");
    for (unsigned i = 0; i < STATE_COUNT; i++)
        cr_assert_str_neq(verdict_state_word(i), "?");
    for (unsigned i = 0; i < REASON_COUNT; i++)
        cr_assert_str_neq(verdict_reason_word(i), "?");
}

Test(core_md_frame, a_frame_holds_the_named_number_of_levels)
{
    struct md_frame *frame;

    cr_assert_eq(md_frame_new(&frame), 0);
    frame->bids[0].price = 1;
    frame->bids[MD_LEVELS_MAX - 1].size = 2;
    frame->asks[MD_LEVELS_MAX - 1].size = 3;
    frame->n_events = frame->n_bids = frame->n_asks = 5;
    cr_assert_eq(frame->asks[0].price, 0);
    md_frame_reset(frame);

    cr_assert(frame->n_events == 0 && frame->n_bids == 0 && frame->n_asks == 0);
    cr_assert_null(md_frame_free(frame));
    cr_assert_null(md_frame_free(NULL));
}
