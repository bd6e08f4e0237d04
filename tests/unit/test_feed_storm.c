/* SPDX-License-Identifier: MIT
 * Books that lose their place again and again, all at once: what is asked for anew stays inside a bucket of tokens. */
#include "feed_chain_rig.h"

#define BOOKS 40

static const struct venue busy = {
    .name = "busy",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .limits = { .symbols_per_request = 10 },
    .symbol_check = check,
    .request = request,
};

static void lose_and_mend(struct scene *s, const char (*names)[8])
{
    for (int i = 0; i < BOOKS; i++) {
        const char *state = word(s, names[i]);

        if (strncmp(state, "live", 4) == 0)
            (void)message(s, names[i], FEED_INPUT_RX, 0, 99, 99);
        else if (strcmp(state, "syncing/awaiting-snapshot") == 0)
            (void)message(s, names[i], FEED_INPUT_RX, 1, 0, 10);
    }
    for (int i = 0; i < 20; i++) {
        happen(s, FEED_INPUT_TX);
        pass(s, SECOND / 20);
    }
    s->said[0] = '\0';
}

Test(feed_storm, resyncs_stay_inside_the_bucket_of_a_connection)
{
    static char names[BOOKS][8];
    const char *symbols[BOOKS];
    uint64_t at_minute[12] = { 0 };
    struct scene s;

    for (int i = 0; i < BOOKS; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "B%d", i);
        symbols[i] = names[i];
    }
    scene_begin(&s, &busy);
    want(&s, symbols, BOOKS);
    happen(&s, FEED_INPUT_OPEN);
    lose_and_mend(&s, names);
    lose_and_mend(&s, names);
    cr_assert_str_eq(word(&s, "B39"), "live/");
    cr_assert_eq(feed_counts(s.feed)->resyncs, 0);
    lose_and_mend(&s, names);
    cr_expect_eq(feed_counts(s.feed)->resyncs, BOOKS, "all at once, once");
    cr_expect_eq(feed_counts(s.feed)->resyncs_put_off, 0);
    for (int second = 0; second < 660; second++) {
        at_minute[second / 60] = feed_counts(s.feed)->resyncs;
        lose_and_mend(&s, names);
    }
    cr_expect_leq(feed_counts(s.feed)->resyncs, 2 * BOOKS + 12 * BOOKS);
    cr_expect_gt(feed_counts(s.feed)->resyncs_put_off, 0);
    for (int i = 3; i < 11; i++)
        cr_expect_leq(at_minute[i] - at_minute[i - 1], 2 * BOOKS, "minute %d: %lu", i,
                      (unsigned long)(at_minute[i] - at_minute[i - 1]));
    cr_expect_gt(at_minute[10], at_minute[9], "and none is given up");
    scene_end(&s);
}
