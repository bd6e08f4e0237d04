/* SPDX-License-Identifier: MIT
 * A feed that replaces one of its connections: when it begins, whom it asks, when all go over, and what becomes of it
 * when the new connection comes to nothing. The world is a port that notes what it was told. */
#include "feed_pair_rig.h"

Test(feed_handover, all_go_over_when_the_last_is_covered)
{
    struct pair p;

    begin(&p, &chain, 3);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    book(&p, 3, "B", 1, 12);
    cr_expect_str_eq(heard(&p), "", "B has not got so far");
    book(&p, 2, "B", 0, 11);
    cr_expect_eq(feed_book_find(p.feed, "A")->conn, 2);
    book(&p, 2, "B", 0, 12);
    cr_expect_str_eq(heard(&p), "over3:;");
    cr_expect_eq(feed_book_find(p.feed, "A")->conn, 3);
    cr_expect_eq(feed_book_find(p.feed, "B")->conn, 3);
    cr_expect_eq(feed_connection(p.feed, 2)->n_books, 0);
    cr_expect_not(feed_connection_is_wanted(p.feed, 2));
    cr_expect_eq(feed_connection(p.feed, 3)->n_books, 2);
    cr_expect_eq(feed_counts(p.feed)->handovers, 1);
    book(&p, 2, "A", 0, 11); /* the old one's last words */
    book(&p, 3, "A", 0, 11);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_not(feed_connection(p.feed, 2)->is_released, "a reader may hold a copy that names it");
    cr_expect_str_eq(heard(&p), "", "nor is it closed: trades come on it");
    wait(&p, 2 * SECOND);
    cr_expect_str_eq(heard(&p), "end2:;");
    cr_expect(feed_connection(p.feed, 2)->is_released);
    end(&p);
}

/* They are asked for behind the hand-over, and the request takes its time to the venue. */
Test(feed_handover, the_old_one_brings_trades_until_a_while_after_the_new_one_was_asked)
{
    struct venue trading = chain;
    struct pair p;

    trading.channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES;
    begin(&p, &trading, 3);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    book(&p, 3, "B", 1, 10);
    cr_expect_str_eq(heard(&p), "over3:;");
    wait(&p, SECOND * 9 / 10);
    cr_expect_str_eq(heard(&p), "3:+A,B;", "asked");
    wait(&p, SECOND / 5);
    cr_expect_str_eq(heard(&p), "", "a moment ago");
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "end2:;");
    end(&p);
}

Test(feed_handover, a_new_connection_that_is_ahead_is_taken_after_a_second)
{
    struct pair p;

    begin(&p, &chain, 3);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    book(&p, 3, "A", 0, 11);
    book(&p, 3, "B", 1, 10);
    wait(&p, SECOND - SECOND / 20);
    cr_expect_str_eq(heard(&p), "", "the old one may come up");
    wait(&p, SECOND / 10);
    cr_expect_str_eq(heard(&p), "over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    end(&p);
}

Test(feed_handover, updates_alone_wait_until_they_reach_back)
{
    struct pair p;

    begin(&p, &rest, 3);
    replace_begin(&p);
    book(&p, 3, "A", 0, 12);
    book(&p, 2, "A", 0, 11);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "", "B is quiet");
    book(&p, 3, "A", 0, 13);
    wait(&p, 3 * SECOND);
    cr_expect_str_eq(heard(&p), "over3:;", "on both, for so long");
    cr_expect_eq(feed_counts(p.feed)->handover_sequences_lost, 0);
    end(&p);
}

Test(feed_handover, what_comes_to_nothing_costs_nothing_and_is_tried_again)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = 3 };
    struct md_event error = { .kind = MD_ERROR, .symbol = "A", .reason = REASON_SYMBOL_UNKNOWN };
    struct pair p;

    begin(&p, &chain, 3);
    replace_begin(&p);
    event(&p, 3, FEED_INPUT_CLOSE);
    cr_expect_str_eq(heard(&p), "end3:;");
    cr_expect_eq(feed_counts(p.feed)->handover_failures, 1);
    wait(&p, SECOND / 2);
    cr_expect_str_eq(heard(&p), "", "not at once");
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "open3:;");
    event(&p, 3, FEED_INPUT_OPEN);
    in.recv_ns = in.now_boot_ns = p.now_ns;
    feed_venue_error(p.feed, &error, &in);
    cr_expect_eq(feed_counts(p.feed)->handover_failures, 2, "the venue refuses it there");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    (void)heard(&p);
    wait(&p, 3 * SECOND);
    cr_expect_str_eq(heard(&p), "open3:;");
    event(&p, 3, FEED_INPUT_OPEN);
    event(&p, 3, FEED_INPUT_TX);
    wait(&p, 31 * SECOND);
    cr_expect_eq(feed_counts(p.feed)->handover_failures, 3, "not in sync in time");
    (void)heard(&p);
    wait(&p, 6 * SECOND);
    cr_expect_str_eq(heard(&p), "open3:;");
    end(&p);
}

/* Its books had lost their place, so they went over before the request had left: it is awaited, not said again. */
Test(feed_handover, a_request_on_its_way_is_not_said_again)
{
    struct pair p;

    begin(&p, &rest, 3);
    book(&p, 2, "A", 0, 13);
    book(&p, 2, "B", 0, 13);
    (void)heard(&p);
    cr_assert_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0);
    wait(&p, SECOND / 20);
    event(&p, 3, FEED_INPUT_OPEN);
    (void)heard(&p);
    cr_assert_eq(feed_book_find(p.feed, "A")->conn, 3);
    event(&p, 3, FEED_INPUT_TX);
    book(&p, 3, "A", 0, 14);
    wait(&p, SECOND / 2);
    answer_rest(&p, 2, "A", 14);
    answer_rest(&p, 2, "B", 14);
    cr_expect_null(strstr(heard(&p), ";3:"), "no second request");
    cr_assert_eq(state_of(&p, "A"), STATE_LIVE);

    cr_assert_eq(feed_replace(p.feed, 3, REASON_REQUESTED), 0);
    wait(&p, SECOND);
    cr_assert_str_eq(heard(&p), "end2:;open2:;");
    event(&p, 2, FEED_INPUT_OPEN);
    event(&p, 2, FEED_INPUT_TX);
    cr_expect_eq(feed_book_find(p.feed, "A")->conn, 3, "live: not before it is covered");
    book(&p, 2, "A", 0, 15);
    book(&p, 2, "B", 0, 15);
    cr_expect_eq(feed_book_find(p.feed, "A")->conn, 2);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    end(&p);
}

/* A successor beside a connection that is dialed anew would be asked, and forgotten when that one opens. */
Test(feed_handover, a_connection_that_ended_is_not_replaced)
{
    struct pair p;

    begin(&p, &chain, 3);
    p.open_fails = 1;
    cr_assert_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0);
    wait(&p, SECOND / 20);
    event(&p, 2, FEED_INPUT_CLOSE);
    p.open_fails = 0;
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "");
    event(&p, 2, FEED_INPUT_OPEN);
    cr_expect_str_eq(heard(&p), "2:+A,B;");
    cr_expect_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0, "and may be later");
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "open3:;");
    end(&p);
}

Test(feed_handover, books_come_and_go_meanwhile)
{
    const char *const more[] = { "A", "B", "C", "D" }, *const fewer[] = { "A", "C", "D" };
    struct pair p;

    begin(&p, &chain, 3);
    replace_begin(&p);
    cr_assert_eq(feed_symbols_set(p.feed, more, 4, p.now_ns), 0);
    cr_expect_str_eq(heard(&p), "2:+C,D;");
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "3:+C,D;", "the new one is asked for them, too");
    event(&p, 3, FEED_INPUT_TX);
    cr_assert_eq(feed_symbols_set(p.feed, fewer, 3, p.now_ns), 0);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "3:-B;", "and told to leave one; the old one's last request has not left");
    event(&p, 3, FEED_INPUT_TX);
    book(&p, 3, "A", 1, 10);
    cr_expect_str_eq(heard(&p), "over3:;", "C and D have nothing to lose");
    book(&p, 3, "C", 1, 10);
    cr_expect_eq(state_of(&p, "C"), STATE_LIVE);
    cr_expect_eq(feed_connection(p.feed, 3)->n_books, 3);
    end(&p);
}

Test(feed_handover, without_room_for_another_it_is_dialed_anew)
{
    struct venue one = chain;
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = 2 };
    struct pair p;

    begin(&p, &chain, 1);
    cr_expect_eq(feed_replace(p.feed, 2, REASON_REQUESTED), -ENOSPC);
    cr_expect_str_eq(heard(&p), "redial2:requested;");
    end(&p);
    one.limits.connections_max = 1;
    begin(&p, &one, 3);
    cr_expect_eq(feed_replace(p.feed, 2, REASON_REQUESTED), -ENOSPC);
    cr_expect_eq(feed_replace(p.feed, 3, REASON_REQUESTED), -ENOENT);
    end(&p);

    /* A venue that says so on every new connection is not dialed without end. */
    begin(&p, &chain, 3);
    event(&p, 2, FEED_INPUT_CLOSE);
    event(&p, 2, FEED_INPUT_OPEN);
    in.now_boot_ns = p.now_ns;
    feed_closing(p.feed, &in);
    (void)heard(&p);
    wait(&p, 4 * SECOND);
    cr_expect_str_eq(heard(&p), "");
    wait(&p, 2 * SECOND);
    cr_expect_str_eq(heard(&p), "open3:;");
    end(&p);
}
