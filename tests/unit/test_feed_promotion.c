/* SPDX-License-Identifier: MIT
 * A connection ends while another is to take over: that one is the connection then, dialing, asked or collecting; what
 * it has proven goes on, the rest is resynced on it. */
#include "feed_pair_rig.h"

static void die(struct pair *p, const char *said)
{
    event(p, 2, FEED_INPUT_CLOSE);
    cr_expect_str_eq(heard(p), said);
    cr_expect_not(feed_connection_is_wanted(p->feed, 2));
    cr_expect(feed_connection_is_wanted(p->feed, 3));
    cr_expect_eq(feed_connection(p->feed, 3)->n_books, 2);
    cr_expect_eq(feed_counts(p->feed)->handover_failures, 0);
    cr_expect_eq(feed_counts(p->feed)->promotions, 1);
}

static enum reason reason_of(struct pair *p, const char *symbol)
{
    struct book_view view;

    book_view(feed_book_find(p->feed, symbol)->book, &view);
    return (enum reason)view.verdict.reason;
}

Test(feed_promotion, updates_that_reach_back_go_on_and_others_are_fetched)
{
    struct pair p;

    begin(&p, &rest, 3);
    replace_begin(&p);
    book(&p, 3, "A", 0, 11);
    book(&p, 3, "B", 0, 12); /* 11 may be lost */
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_eq(state_of(&p, "B"), STATE_SYNCING);
    wait(&p, SECOND / 20);
    cr_expect_str_eq(heard(&p), "get3:http://rest/depth?symbol=B;");
    answer_rest(&p, 3, "B", 11);
    cr_expect_eq(state_of(&p, "B"), STATE_LIVE);
    cr_expect_eq(sync_last(feed_book_find(p.feed, "B")->book), 12, "what waited has followed");
    book(&p, 3, "A", 0, 12);
    book(&p, 3, "B", 0, 13);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_eq(state_of(&p, "B"), STATE_LIVE);
    cr_expect_eq(feed_counts(p.feed)->gaps, 0);
    end(&p);
}

Test(feed_promotion, one_that_ends_before_another_was_begun_is_dialed_alone)
{
    struct pair p;

    begin(&p, &rest, 3);
    cr_assert_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0);
    event(&p, 2, FEED_INPUT_CLOSE);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "");
    event(&p, 2, FEED_INPUT_OPEN);
    wait(&p, SECOND);
    cr_expect_null(strstr(heard(&p), "open3"));
    cr_expect_eq(feed_counts(p.feed)->handovers + feed_counts(p.feed)->promotions, 0);
    end(&p);
}

Test(feed_promotion, silence_proves_nothing)
{
    struct pair p;

    begin(&p, &rest, 3);
    replace_begin(&p);
    wait(&p, 2 * SECOND);
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_SYNCING);
    wait(&p, 2 * SECOND);
    cr_expect_str_eq(heard(&p), "get3:http://rest/depth?symbol=A;get3:http://rest/depth?symbol=B;");
    end(&p);
}

Test(feed_promotion, a_snapshot_that_came_is_shown_and_one_that_did_not_is_awaited)
{
    struct pair p;

    begin(&p, &chain, 3);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_eq(state_of(&p, "B"), STATE_SYNCING);
    cr_expect_eq(reason_of(&p, "B"), REASON_AWAITING_SNAPSHOT);
    book(&p, 3, "A", 0, 11);
    book(&p, 3, "B", 1, 15);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_eq(state_of(&p, "B"), STATE_LIVE);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "", "and asked for once");
    end(&p);
}

/* The new one began behind what the old one had brought last: nobody has what lies between. */
Test(feed_promotion, a_later_snapshot_is_live_since_it_came)
{
    struct book_view view;
    struct pair p;
    int64_t came_ns;

    begin(&p, &chain, 3);
    replace_begin(&p);
    came_ns = p.now_ns;
    book(&p, 3, "A", 1, 12);
    wait(&p, SECOND / 2);
    die(&p, "end2:;over3:;");
    book_view(feed_book_find(p.feed, "A")->book, &view);
    cr_expect_eq(view.verdict.state, STATE_LIVE);
    cr_expect_eq(view.verdict.since_ns, came_ns);
    end(&p);
}

Test(feed_promotion, an_earlier_snapshot_comes_up_first)
{
    struct book_view view;
    struct pair p;

    begin(&p, &chain, 3);
    book(&p, 2, "A", 0, 11);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    book(&p, 3, "A", 0, 11);
    book(&p, 3, "A", 0, 12);
    book_view(feed_book_find(p.feed, "A")->book, &view);
    cr_expect_eq(view.verdict.state, STATE_LIVE);
    cr_expect_eq(view.venue_ns, 12);
    cr_expect_lt(view.verdict.since_ns, 1001 * SECOND, "as if nothing had been");
    end(&p);
}

static const struct venue wholes = {
    .name = "wholes",
    .builder = VENUE_BUILD_REPLACE,
    .limits = { .request_per_second = 5, .symbols_per_request = 10 },
    .symbol_check = check,
    .request = request,
};

Test(feed_promotion, a_whole_book_that_came_is_enough)
{
    struct pair p;

    begin(&p, &wholes, 3);
    replace_begin(&p);
    book(&p, 3, "A", 1, 10);
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    cr_expect_eq(state_of(&p, "B"), STATE_SYNCING);
    book(&p, 3, "B", 1, 10);
    cr_expect_eq(state_of(&p, "B"), STATE_LIVE, "the same as before: a quiet market");
    end(&p);
}

Test(feed_promotion, one_that_is_being_dialed_is_asked_when_it_opens)
{
    struct pair p;

    begin(&p, &chain, 3);
    cr_assert_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0);
    wait(&p, SECOND / 20);
    cr_assert_str_eq(heard(&p), "open3:;");
    die(&p, "end2:;over3:;");
    cr_expect_eq(state_of(&p, "A"), STATE_SYNCING);
    cr_expect_gt(feed_connection(p.feed, 3)->valid_from, feed_connection(p.feed, 3)->update);
    event(&p, 3, FEED_INPUT_OPEN);
    cr_expect_str_eq(heard(&p), "3:+A,B;");
    event(&p, 3, FEED_INPUT_TX);
    book(&p, 3, "A", 1, 15);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    event(&p, 3, FEED_INPUT_CLOSE); /* an ordinary connection by now */
    event(&p, 3, FEED_INPUT_OPEN);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "3:+A,B;");
    end(&p);
}

Test(feed_promotion, a_request_that_is_leaving_is_awaited)
{
    struct pair p;

    begin(&p, &chain, 3);
    cr_assert_eq(feed_replace(p.feed, 2, REASON_REQUESTED), 0);
    wait(&p, SECOND / 20);
    event(&p, 3, FEED_INPUT_OPEN);
    cr_assert_str_eq(heard(&p), "open3:;3:+A,B;");
    die(&p, "end2:;over3:;");
    event(&p, 3, FEED_INPUT_TX);
    cr_expect_eq(reason_of(&p, "A"), REASON_AWAITING_SNAPSHOT);
    book(&p, 3, "A", 1, 15);
    cr_expect_eq(state_of(&p, "A"), STATE_LIVE);
    wait(&p, SECOND);
    cr_expect_str_eq(heard(&p), "", "it is not said again");
    end(&p);
}
