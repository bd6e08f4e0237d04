/* SPDX-License-Identifier: MIT
 * What a venue's errors mean for its books where they carry no symbol: a request's number, a whole request, the
 * connection, too much asked; and budgets that all connections share. */
#include "feed_chain_rig.h"

static void error(struct scene *s, enum reason reason, uint64_t request_id)
{
    struct md_event event = { .kind = MD_ERROR, .reason = (uint8_t)reason, .request_id = request_id };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = CONN, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };

    feed_input(s->feed, &in);
    feed_venue_error(s->feed, &event, &in);
}

static void subscribed(struct scene *s, const char *symbol)
{
    struct md_event event = { .kind = MD_SUBSCRIBED };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = CONN };

    (void)text_copy(event.symbol, sizeof(event.symbol), symbol);
    feed_subscribed(s->feed, &event, &in);
}

static const struct venue numbered = {
    .name = "numbered",
    .builder = VENUE_BUILD_CHAIN,
    .limits = { .symbols_per_request = 3, .request_id_each = 1 },
    .symbol_check = check,
    .request = request,
};

/* The scene begins at 1,000 s: the first id is 1000001. */
Test(feed_errors, a_request_s_number_says_whose_error_it_is)
{
    struct scene s;

    scene_begin(&s, &numbered);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    error(&s, REASON_REQUEST_REFUSED, 1000002);
    cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
    cr_expect_str_eq(word(&s, "B"), "failed/request-refused");
    cr_expect_eq(feed_connection(s.feed, CONN)->reason, REASON_NONE, "it was not about the connection");
    error(&s, REASON_REQUEST_REFUSED, 77);
    cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot", "none of ours");
    scene_end(&s);

    scene_begin(&s, &chain);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, SECOND);
    happen(&s, FEED_INPUT_TX);
    error(&s, REASON_REQUEST_REFUSED, 1000001);
    cr_expect_str_eq(word(&s, "A"), "failed/request-refused");
    cr_expect_str_eq(word(&s, "B"), "failed/request-refused", "one number for the request");
    cr_expect_str_eq(word(&s, "C"), "syncing/awaiting-snapshot");
    scene_end(&s);
}

static void leave(struct scene *s)
{
    pass(s, SECOND);
    happen(s, FEED_INPUT_TX);
}

static const struct venue spoilt = {
    .name = "spoilt",
    .builder = VENUE_BUILD_CHAIN,
    .limits = { .request_per_second = 5, .request_fails_whole = 1 },
    .symbol_check = check,
    .request = request,
};

Test(feed_errors, a_request_that_fails_without_a_name_is_halved_until_the_bad_symbol_is_alone)
{
    struct scene s;

    scene_begin(&s, &spoilt);
    WANT(&s, "A", "B", "C", "D");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    cr_assert_str_eq(said(&s), "+A,B,C,D;");
    error(&s, REASON_VENUE_ERROR, 0);
    leave(&s);
    leave(&s);
    cr_assert_str_eq(said(&s), "+A,B;+C,D;");
    subscribed(&s, "A");
    subscribed(&s, "B");
    error(&s, REASON_VENUE_ERROR, 0);
    leave(&s);
    leave(&s);
    cr_assert_str_eq(said(&s), "+C;+D;", "the first two were taken");
    error(&s, REASON_VENUE_ERROR, 0);
    cr_assert_str_eq(word(&s, "C"), "failed/request-refused");
    cr_assert_str_eq(word(&s, "D"), "syncing/awaiting-snapshot");
    cr_assert_eq(message(&s, "D", FEED_INPUT_RX, 1, 1, 1), BOOK_SNAPSHOT);
    scene_end(&s);
}

Test(feed_errors, who_is_asked_too_often_is_asked_less)
{
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    cr_assert_str_eq(said(&s), "+A,B;");
    cr_assert_eq(message(&s, "A", FEED_INPUT_RX, 1, 1, 1), BOOK_SNAPSHOT);
    error(&s, REASON_TOO_MANY_REQUESTS, 0);
    cr_assert_str_eq(word(&s, "A"), "live/");
    cr_assert_str_eq(word(&s, "B"), "syncing/too-many-requests");
    cr_expect_eq(feed_connection(s.feed, CONN)->reason, REASON_TOO_MANY_REQUESTS);
    for (int i = 0; i < 9; i++)
        pass(&s, SECOND);
    cr_assert_str_eq(said(&s), "");
    leave(&s);
    cr_assert_str_eq(said(&s), "+B,C;");
    cr_assert_str_eq(word(&s, "B"), "syncing/awaiting-snapshot");
    scene_end(&s);
}

Test(feed_errors, a_connection_that_ends_after_an_error_says_which)
{
    struct scene s;

    scene_begin(&s, &chain);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    error(&s, REASON_MAINTENANCE, 0);
    cr_expect_eq(feed_connection(s.feed, CONN)->reason, REASON_MAINTENANCE);
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "failed/maintenance");
    happen(&s, FEED_INPUT_CLOSE);
    cr_expect_eq(feed_connection(s.feed, CONN)->reason, REASON_MAINTENANCE);
    scene_end(&s);
}

/* Pings are answered by the venue's edge; the feed behind it has stopped. */
Test(feed_errors, a_venue_with_heartbeats_that_sends_nothing_is_dead)
{
    static const struct venue beating = {
        .name = "beating",
        .builder = VENUE_BUILD_CHAIN,
        .limits = { .silence_ms_max = 8000 },
        .symbol_check = check,
        .request = request,
    };
    struct scene s;

    scene_begin(&s, &beating);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 9 * SECOND);
    cr_assert_eq(s.n_redials, 0, "nothing is subscribed yet, so nothing beats");
    cr_assert_eq(message(&s, "A", FEED_INPUT_RX, 1, 1, 1), BOOK_SNAPSHOT);
    pass(&s, 7 * SECOND);
    happen(&s, FEED_INPUT_RX);
    happen(&s, FEED_INPUT_ALIVE);
    pass(&s, 7 * SECOND);
    cr_assert_eq(s.n_redials, 0);
    happen(&s, FEED_INPUT_ALIVE);
    pass(&s, 2 * SECOND);
    cr_assert_eq(s.n_redials, 1);
    cr_assert_eq(s.redial_reason, REASON_NO_SIGN_OF_LIFE);
    scene_end(&s);
}

/* Requests of three connections, noted with their time. */
struct shared {
    int64_t now_ns, at_ns[64];
    uint32_t n, conns;
};

static int shared_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct shared *s = context;

    (void)text;
    (void)size;
    cr_assert_lt(s->n, 64);
    s->at_ns[s->n++] = s->now_ns;
    s->conns |= 1u << conn;
    return 0;
}

Test(feed_errors, a_budget_of_the_address_is_shared_by_its_connections)
{
    static const struct venue venue = {
        .name = "shared",
        .builder = VENUE_BUILD_CHAIN,
        .limits = { .request_per_second = 4,
                    .symbols_per_request = 1,
                    .books_per_connection = 2,
                    .connections_max = 4,
                    .request_by_address = 1 },
        .symbol_check = check,
        .request = request,
    };
    static const char *const symbols[] = { "A", "B", "C", "D", "E", "F", "G" };
    struct shared s = { .now_ns = 1000 * SECOND };
    struct feed_options options = { .venue = &venue, .books_max = 64, .levels_max = 4, .port = { .context = &s } };
    struct feed *feed;

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    options.port.send = shared_send;
    cr_assert_eq(feed_new(&options, &feed), 0);
    cr_assert_eq(feed_symbols_set(feed, symbols, 7, s.now_ns), -ENOSPC,
                 "three connections of two, and one to take over");
    cr_assert_eq(feed_symbols_set(feed, symbols, 6, s.now_ns), 0);
    for (int i = 0; i < 200; i++) {
        for (uint32_t conn = 0; conn < 3; conn++) {
            struct feed_input in = { .kind = i == 0 ? FEED_INPUT_OPEN : FEED_INPUT_TX,
                                     .conn = conn,
                                     .recv_ns = s.now_ns,
                                     .now_boot_ns = s.now_ns };
            struct feed_input tick = { .kind = FEED_INPUT_TICK, .recv_ns = s.now_ns, .now_boot_ns = s.now_ns };

            feed_input(feed, &in);
            feed_input(feed, &tick);
        }
        s.now_ns += SECOND / 50;
    }
    cr_assert_eq(s.n, 6);
    cr_assert_eq(s.conns, 7);
    for (uint32_t i = 1; i < s.n; i++)
        cr_expect_geq(s.at_ns[i] - s.at_ns[i - 1], SECOND / 4);
    feed = feed_free(feed);
}
