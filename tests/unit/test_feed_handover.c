/* SPDX-License-Identifier: MIT
 * A feed that replaces one of its connections: when it begins, whom it asks, when all go over, and what becomes of it
 * when the new connection comes to nothing. The world is a port that notes what it was told. */
#include "feed_chain_rig.h"

struct pair {
    struct feed *feed;
    const struct venue *venue;
    struct md_frame *frame;
    int64_t now_ns;
    char said[4096];
    int open_fails;
};

static void tell(struct pair *p, const char *what, uint32_t conn, const char *text, size_t size)
{
    size_t used = strlen(p->said);

    (void)snprintf(p->said + used, sizeof(p->said) - used, "%s%u:%.*s;", what, conn, (int)size, text);
}

static int pair_send(void *context, uint32_t conn, const char *text, size_t size)
{
    tell(context, "", conn, text, size);
    return 0;
}

static void pair_redial(void *context, uint32_t conn, enum reason reason)
{
    tell(context, "redial", conn, verdict_reason_word(reason), strlen(verdict_reason_word(reason)));
}

static int pair_open(void *context, uint32_t conn)
{
    struct pair *p = context;

    if (p->open_fails)
        return -EBUSY;
    tell(p, "open", conn, "", 0);
    return 0;
}

static void pair_end(void *context, uint32_t conn)
{
    tell(context, "end", conn, "", 0);
}

static int pair_get(void *context, uint32_t conn, const char *url)
{
    tell(context, "get", conn, url, strlen(url));
    return 0;
}

static void event(struct pair *p, uint32_t conn, enum feed_input_kind kind)
{
    struct feed_input in = { .kind = kind, .conn = conn, .recv_ns = p->now_ns, .now_boot_ns = p->now_ns };
    uint32_t over;

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(p->feed, &in);
    while (feed_handover_settle(p->feed, &over))
        tell(p, "over", over, "", 0);
}

static void wait(struct pair *p, int64_t ns)
{
    p->now_ns += ns;
    event(p, 0, FEED_INPUT_TICK);
}

/* As pipeline.c does it. */
static void book(struct pair *p, uint32_t conn, const char *symbol, int is_snapshot, uint64_t number)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = conn, .recv_ns = p->now_ns, .now_boot_ns = p->now_ns };
    struct md_event e = { .kind = MD_BOOK,
                          .is_snapshot = (uint8_t)is_snapshot,
                          .follows = MD_FOLLOWS_FIRST,
                          .sequence_first = number,
                          .sequence_last = number,
                          .venue_ns = (int64_t)number,
                          .n_bids = 1 };
    struct feed_book *fb = feed_book_find(p->feed, symbol);
    uint32_t over;

    feed_input(p->feed, &in);
    p->frame->bids[0] = (struct md_level){ 100, (int64_t)number };
    if (feed_message_take(p->feed, fb, &e, p->frame, &in) == FEED_TAKE_BOOK)
        feed_book_stepped(p->feed, fb, sync_apply(p->venue, fb->book, &e, p->frame, &in), &in);
    while (feed_handover_settle(p->feed, &over))
        tell(p, "over", over, "", 0);
}

static const char *heard(struct pair *p)
{
    static char text[4096];

    (void)snprintf(text, sizeof(text), "%s", p->said);
    p->said[0] = '\0';
    return text;
}

static enum state state_of(struct pair *p, const char *symbol)
{
    struct book_view view;

    book_view(feed_book_find(p->feed, symbol)->book, &view);
    return (enum state)view.verdict.state;
}

/* Two live books, A and B, on connection 2 of `n_conns` from there on. */
static void begin(struct pair *p, const struct venue *venue, uint32_t n_conns)
{
    struct feed_options options = { .venue = venue,
                                    .first_conn = 2,
                                    .n_conns = n_conns,
                                    .books_max = 8,
                                    .levels_max = 4,
                                    .port = { p, pair_send, pair_redial, venue->rest_url ? pair_get : NULL, pair_open,
                                              pair_end } };
    const char *const symbols[] = { "A", "B" };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    *p = (struct pair){ .venue = venue, .now_ns = 1000 * SECOND };
    cr_assert_eq(feed_new(&options, &p->feed), 0);
    cr_assert_eq(md_frame_new(&p->frame), 0);
    cr_assert_eq(feed_symbols_set(p->feed, symbols, 2, p->now_ns), 0);
    event(p, 2, FEED_INPUT_OPEN);
    event(p, 2, FEED_INPUT_TX);
    for (size_t i = 0; i < 2; i++)
        book(p, 2, symbols[i], 1, 10);
    wait(p, 20 * SECOND);
    cr_assert_eq(state_of(p, "B"), STATE_LIVE);
    (void)heard(p);
}

static void end(struct pair *p)
{
    p->feed = feed_free(p->feed);
    p->frame = md_frame_free(p->frame);
}

static void replace_begin(struct pair *p)
{
    cr_assert_eq(feed_replace(p->feed, 2, REASON_REQUESTED), 0);
    wait(p, SECOND / 20);
    cr_assert_str_eq(heard(p), "open3:;");
    event(p, 3, FEED_INPUT_OPEN);
    cr_assert_str_eq(heard(p), "3:+A,B;", "the new one is asked for the same books");
    event(p, 3, FEED_INPUT_TX);
}

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
