/* SPDX-License-Identifier: MIT
 * Feeds whose books follow their venue: requests that add up, resync of one book, the venue's words. */
#include "feed_chain_rig.h"

Test(feed_chain, requests_add_up_in_chunks_one_at_a_time)
{
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A", "B", "C", "D", "E");
    happen(&s, FEED_INPUT_OPEN);
    cr_expect_str_eq(said(&s), "+A,B;");
    pass(&s, SECOND);
    cr_expect_str_eq(said(&s), "", "the first has not left");
    happen(&s, FEED_INPUT_TX);
    cr_expect_str_eq(said(&s), "", "five a second, from its leaving on");
    pass(&s, SECOND / 4);
    cr_expect_str_eq(said(&s), "+C,D;");
    cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
    cr_expect_str_eq(word(&s, "C"), "syncing/queued");
    happen(&s, FEED_INPUT_TX);
    cr_expect_str_eq(said(&s), "", "five a second");
    pass(&s, SECOND / 4);
    cr_expect_str_eq(said(&s), "+E;");
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND);
    WANT(&s, "A", "C", "F");
    cr_expect_str_eq(said(&s), "-B,D;");
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND / 4);
    cr_expect_str_eq(said(&s), "-E;");
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND / 4);
    cr_expect_str_eq(said(&s), "+F;");
    scene_end(&s);
}

Test(feed_chain, a_gap_asks_for_that_book_alone_and_ever_later)
{
    int64_t last_ns = 0, pause_ns = 0;
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A", "B");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 5, 5), BOOK_IGNORED);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 1, 0, 10), BOOK_SNAPSHOT);
    cr_expect_eq(message(&s, "B", FEED_INPUT_RX, 1, 0, 10), BOOK_SNAPSHOT);
    (void)said(&s);
    for (int round = 0; round < 5; round++) {
        cr_assert_eq(message(&s, "A", FEED_INPUT_RX, 0, 99, 99), BOOK_GAP);
        cr_expect_str_eq(word(&s, "A"), "gap/sequence-gap");
        cr_expect_str_eq(word(&s, "B"), "live/");
        for (int i = 0; i < 4000 && !strstr(s.said, "+A;"); i++) {
            happen(&s, FEED_INPUT_TX);
            pass(&s, SECOND / 20);
        }
        cr_expect_str_eq(said(&s), "-A;+A;", "round %d", round);
        if (round == 0)
            cr_expect_leq(s.now_ns, 1003 * SECOND, "the first is at once");
        if (round > 1)
            cr_expect_gt(s.now_ns - last_ns, pause_ns, "round %d", round);
        pause_ns = round > 0 ? s.now_ns - last_ns : 0;
        last_ns = s.now_ns;
        happen(&s, FEED_INPUT_TX);
        cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
        cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 1, 0, 10), BOOK_SNAPSHOT);
    }
    scene_end(&s);
}

/* A gap every ten seconds is no storm: each is mended at once. */
Test(feed_chain, a_book_that_followed_for_longer_than_it_waited_is_asked_for_at_once)
{
    struct scene s;

    scene_begin(&s, &whole);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    for (int round = 0; round < 12; round++) {
        cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 1, 0, 10), BOOK_SNAPSHOT);
        (void)said(&s);
        pass(&s, 10 * SECOND);
        cr_assert_eq(message(&s, "A", FEED_INPUT_RX, 0, 99, 99), BOOK_GAP);
        for (int i = 0; i < 20 && !strstr(s.said, "+A;"); i++) {
            happen(&s, FEED_INPUT_TX);
            pass(&s, SECOND / 20);
        }
        cr_expect_str_eq(said(&s), "-A;+A;", "round %d", round);
        happen(&s, FEED_INPUT_TX);
        cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
    }
    scene_end(&s);
}

Test(feed_chain, an_hour_s_budget_is_never_passed)
{
    int64_t at_ns[512];
    uint32_t n = 0;
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    for (int i = 0; i < 3000; i++) {
        uint32_t before = s.n_sent;

        if (i % 2 == 0)
            WANT(&s, "A", "B");
        else
            WANT(&s, "A");
        pass(&s, SECOND);
        happen(&s, FEED_INPUT_TX);
        for (; before < s.n_sent && n < 512; before++)
            at_ns[n++] = s.now_ns;
    }
    cr_expect_geq(n, 19);
    for (uint32_t i = 20; i < n; i++)
        cr_expect_gt(at_ns[i] - at_ns[i - 20], 3600 * SECOND, "request %u", i);
    cr_expect_eq(s.n_redials, 1, "a connection with a whole budget is better than waiting");
    cr_expect_eq(s.redial_reason, REASON_BUDGET);
    happen(&s, FEED_INPUT_CLOSE);
    (void)said(&s);
    happen(&s, FEED_INPUT_OPEN);
    cr_expect_eq(strncmp(said(&s), "+A", 2), 0);
    scene_end(&s);
}

Test(feed_chain, the_venue_s_words_and_ages)
{
    struct md_event event = { .kind = MD_ERROR, .symbol = "A", .reason = REASON_SYMBOL_UNKNOWN, .text = "no such" };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = CONN };
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A", "B");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    in.recv_ns = in.now_boot_ns = s.now_ns;
    feed_venue_error(s.feed, &event, &in);
    cr_expect_str_eq(word(&s, "A"), "failed/symbol-unknown");
    cr_expect_str_eq(word(&s, "B"), "syncing/awaiting-snapshot");
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "B"), "failed/no-snapshot");
    (void)said(&s);
    for (int i = 0; i < 60; i++) {
        pass(&s, SECOND);
        happen(&s, FEED_INPUT_TX);
    }
    cr_expect_str_eq(said(&s), "+A;+B;", "retried slowly, each when its own minute is over");

    /* Numbered over the connection: one store makes all its books invalid, and nothing more is taken. */
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 1, 0, 10), BOOK_SNAPSHOT);
    cr_expect_eq(feed_sequence(s.feed, &in, 7), 1);
    cr_expect_eq(feed_sequence(s.feed, &in, 8), 1);
    cr_expect_eq(feed_sequence(s.feed, &in, 10), 0);
    cr_expect_eq(s.n_redials, 1);
    cr_expect_eq(s.redial_reason, REASON_SEQUENCE_GAP);
    cr_expect_gt(feed_connection(s.feed, CONN)->valid_from, feed_connection(s.feed, CONN)->update);
    cr_expect_eq(feed_sequence(s.feed, &in, 11), 0);
    happen(&s, FEED_INPUT_CLOSE);
    happen(&s, FEED_INPUT_OPEN);
    cr_expect_eq(feed_sequence(s.feed, &in, 3), 1);
    cr_expect_leq(feed_connection(s.feed, CONN)->valid_from, feed_connection(s.feed, CONN)->update);

    feed_closing(s.feed, &in);
    cr_expect_eq(s.redial_reason, REASON_VENUE_CLOSING);
    feed_frame_refused(s.feed, REASON_MALFORMED, &in);
    cr_expect_eq(s.n_redials, 2, "what is numbered shows by itself what is missing");
    pass(&s, 3200 * SECOND);
    cr_expect_eq(s.n_redials, 2);
    pass(&s, 400 * SECOND);
    cr_expect_eq(s.n_redials, 3);
    cr_expect_eq(s.redial_reason, REASON_CONNECTION_AGE);
    scene_end(&s);
}

Test(feed_chain, one_bad_symbol_costs_the_others_one_request)
{
    static struct scene s;
    struct md_event error = { .kind = MD_ERROR, .reason = REASON_SYMBOL_UNKNOWN, .symbol = "B" };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = CONN };

    scene_begin(&s, &whole);
    WANT(&s, "A", "B", "C", "D");
    happen(&s, FEED_INPUT_OPEN);
    pass(&s, SECOND);
    cr_assert_str_eq(said(&s), "+A,B,C;");
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND);
    cr_assert_str_eq(said(&s), "+D;");
    happen(&s, FEED_INPUT_TX);
    in.recv_ns = in.now_boot_ns = s.now_ns;
    feed_venue_error(s.feed, &error, &in);
    cr_assert_str_eq(word(&s, "B"), "failed/symbol-unknown");
    pass(&s, SECOND);
    cr_assert_str_eq(said(&s), "+A,C;", "D's request is another, B is refused");
    happen(&s, FEED_INPUT_TX);
    cr_assert_eq(message(&s, "A", FEED_INPUT_RX, 1, 1, 1), BOOK_SNAPSHOT);
    /* A new connection is not asked for it before its time. */
    happen(&s, FEED_INPUT_CLOSE);
    happen(&s, FEED_INPUT_OPEN);
    pass(&s, SECOND);
    cr_assert_str_eq(said(&s), "+A,C,D;");
    happen(&s, FEED_INPUT_TX);
    cr_assert_eq(message(&s, "C", FEED_INPUT_RX, 1, 1, 1), BOOK_SNAPSHOT);
    cr_assert_str_eq(word(&s, "B"), "failed/symbol-unknown");
    /* When its time has come it is asked for alone. */
    for (int i = 0; i < 70; i++) {
        pass(&s, SECOND);
        happen(&s, FEED_INPUT_TX);
    }
    cr_assert_not_null(strstr(said(&s), "+B;"));
    scene_end(&s);
}

/* Bybit's level 1 (../shared/protocols/bybit.md): one channel, and which book it is depends on what was asked for. */
Test(feed_chain, best_bid_and_ask_are_an_instrument_of_their_own)
{
    struct md_event best = { .kind = MD_BOOK, .symbol = "A", .is_best = 1 }, book = { .kind = MD_BOOK, .symbol = "A" };
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A");
    cr_expect_null(feed_book_of(s.feed, &best, 0), "the whole book is never made of the best two levels");
    cr_expect_eq(feed_book_of(s.feed, &book, 0), feed_book_find(s.feed, "A"));
    WANT(&s, "A", "A@bbo");
    cr_expect_eq(feed_book_of(s.feed, &best, 0), feed_book_find(s.feed, "A@bbo"));
    cr_expect_eq(feed_book_of(s.feed, &book, 0), feed_book_find(s.feed, "A"));
    best.view = MD_VIEW_WHOLE | 1;
    WANT(&s, "A");
    cr_expect_null(feed_book_of(s.feed, &best, 0));
    memset(best.symbol, 'A', sizeof(best.symbol) - 1);
    cr_expect_null(feed_book_of(s.feed, &best, 0));
    best.symbol[0] = book.symbol[0] = '\0';
    cr_expect_null(feed_book_of(s.feed, &book, 0));
    scene_end(&s);
}
