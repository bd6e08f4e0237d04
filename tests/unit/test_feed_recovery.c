/* SPDX-License-Identifier: MIT
 * What a feed does about its books: requests, deadlines, retries, lost connections, other symbols. Real feed and books;
 * the world is a port that notes what it was told. */
#include "feed/feed.h"

#include "core/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll

static enum reason check(const char *symbol)
{
    if (strchr(symbol, ' '))
        return REASON_SYMBOL_FORM;
    return symbol[0] >= 'a' ? REASON_SYMBOL_CASE : REASON_NONE;
}

static int request(struct text *text, const struct venue_request *request)
{
    for (size_t i = 0; i < request->n; i++)
        text_addf(text, "%s%s", i ? "," : "", request->symbols[i]);
    return text->cut ? -ENOBUFS : 0;
}

static const struct venue toy = {
    .name = "toy",
    .builder = VENUE_BUILD_REPLACE,
    .limits = { .ping_interval_ms = 15000,
                .pong_deadline_ms = 10000,
                .request_per_second = 5,
                .request_per_minute = 100,
                .snapshot_deadline_ms = 10000,
                .books_per_connection = 3,
                .request_replaces_all = 1 },
    .symbol_check = check,
    .request = request,
};

struct scene {
    struct feed *feed;
    int64_t now_ns;
    char sent[4096]; /* "conn:A,B;" for each request since the last look */
    int send_fails;
    uint32_t n_redials;
};

static int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct scene *s = context;
    size_t used = strlen(s->sent);

    if (s->send_fails)
        return -ENOTCONN;
    (void)snprintf(s->sent + used, sizeof(s->sent) - used, "%u:%.*s;", conn, (int)size, text);
    return 0;
}

static void on_redial(void *context, uint32_t conn, enum reason reason)
{
    struct scene *s = context;

    (void)conn;
    cr_expect_eq(reason, REASON_DROPPED);
    s->n_redials++;
}

static void scene_begin(struct scene *s)
{
    struct feed_options options = {
        .venue = &toy, .first_conn = 2, .books_max = 8, .levels_max = 4, .port = { s, on_send, on_redial, NULL }
    };

    log_set_level(LOG_LEVEL_ERR);
    *s = (struct scene){ .now_ns = 1000 * SECOND };
    cr_assert_eq(feed_new(&options, &s->feed), 0);
}

static void want(struct scene *s, const char *const *symbols, size_t n)
{
    cr_assert_eq(feed_symbols_set(s->feed, symbols, n, s->now_ns), 0);
}
#define WANT(s, ...)                                                                                                   \
    want((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void happen(struct scene *s, enum feed_input_kind kind, uint32_t conn)
{
    struct feed_input in = { .kind = kind, .conn = conn, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(s->feed, &in);
}

static void pass(struct scene *s, int64_t ns)
{
    s->now_ns += ns;
    happen(s, FEED_INPUT_TICK, 0);
}

static void message(struct scene *s, const char *symbol)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };
    struct feed_book *fb = feed_book_find(s->feed, symbol);

    cr_assert_not_null(fb);
    in.conn = fb->conn;
    feed_input(s->feed, &in);
    (void)book_verdict_set(fb->book, STATE_LIVE, REASON_NONE, s->now_ns); /* as book/sync would */
    feed_book_stepped(s->feed, fb, BOOK_SNAPSHOT, &in);
}

/* "state/reason" of a book. */
static const char *word(struct scene *s, const char *symbol)
{
    static char text[64];
    struct feed_book *fb = feed_book_find(s->feed, symbol);
    struct book_view view;

    cr_assert_not_null(fb, "%s", symbol);
    book_view(fb->book, &view);
    (void)snprintf(text, sizeof(text), "%s/%s", verdict_state_word(view.verdict.state),
                   verdict_reason_word(view.verdict.reason));
    return text;
}

static const char *sent(struct scene *s)
{
    static char text[sizeof(s->sent)];

    memcpy(text, s->sent, sizeof(text));
    s->sent[0] = '\0';
    return text;
}

Test(feed, a_book_goes_from_queued_to_awaiting_to_fed)
{
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A", "B");
    cr_expect_str_eq(word(&s, "A"), "syncing/queued");
    cr_expect_str_eq(sent(&s), "", "not before the connection is open");
    happen(&s, FEED_INPUT_OPEN, 2);
    cr_expect_str_eq(sent(&s), "2:A,B;");
    cr_expect_str_eq(word(&s, "A"), "syncing/queued", "handed over is not gone");
    happen(&s, FEED_INPUT_TX, 2);
    cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
    message(&s, "A");
    pass(&s, 60 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "live/");
    cr_expect_str_eq(word(&s, "B"), "failed/no-snapshot");
    s.feed = feed_free(s.feed);
}

Test(feed, the_deadline_runs_from_the_books_own_request)
{
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN, 2);
    pass(&s, 30 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "syncing/queued", "the request has not left, so nothing is late");
    happen(&s, FEED_INPUT_TX, 2);
    pass(&s, 9 * SECOND);
    WANT(&s, "A", "B");
    happen(&s, FEED_INPUT_TX, 2);
    pass(&s, 2 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "failed/no-snapshot");
    cr_expect_str_eq(word(&s, "B"), "syncing/awaiting-snapshot");
    pass(&s, 9 * SECOND);
    cr_expect_str_eq(word(&s, "B"), "failed/no-snapshot");
    cr_expect_eq(feed_counts(s.feed)->no_snapshot, 2);
    s.feed = feed_free(s.feed);
}

Test(feed, a_failed_book_is_asked_for_again_ever_more_slowly_and_never_storms)
{
    struct scene s;
    uint64_t n_requests;

    scene_begin(&s);
    WANT(&s, "A", "BAD", "BAD2");
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    message(&s, "A");
    pass(&s, 10 * SECOND);
    (void)sent(&s);
    pass(&s, 59 * SECOND);
    cr_expect_str_eq(sent(&s), "");
    pass(&s, 1 * SECOND);
    cr_expect_str_eq(sent(&s), "2:A,BAD,BAD2;", "one request, the whole list, since it replaces all");
    happen(&s, FEED_INPUT_TX, 2);
    cr_expect_str_eq(word(&s, "BAD"), "failed/no-snapshot", "a retry is no news");
    cr_expect_str_eq(word(&s, "A"), "live/");
    pass(&s, 10 * SECOND);
    pass(&s, 119 * SECOND);
    cr_expect_str_eq(sent(&s), "");
    pass(&s, 1 * SECOND);
    cr_expect_str_eq(sent(&s), "2:A,BAD,BAD2;");
    happen(&s, FEED_INPUT_TX, 2);
    message(&s, "BAD");
    cr_expect_str_eq(word(&s, "BAD"), "live/");
    n_requests = feed_counts(s.feed)->requests_sent;
    for (int i = 0; i < 24 * 3600; i += 10) {
        pass(&s, 10 * SECOND);
        happen(&s, FEED_INPUT_TX, 2);
    }
    n_requests = feed_counts(s.feed)->requests_sent - n_requests;
    cr_expect_leq(n_requests, 30, "%u requests in a day", (unsigned)n_requests);
    cr_expect_geq(n_requests, 20);
    s.feed = feed_free(s.feed);
}

Test(feed, a_close_invalidates_by_one_number_and_an_opening_asks_for_all_again)
{
    struct scene s;
    uint32_t n_live, n_wanted;

    scene_begin(&s);
    WANT(&s, "A", "B", "a");
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    message(&s, "A");
    feed_count(s.feed, &n_live, &n_wanted);
    cr_expect_eq(n_live, 1);
    cr_expect_eq(n_wanted, 3);
    while (feed_next_changed_book(s.feed))
        ;
    while (feed_next_changed_connection(s.feed) != FEED_CONN_NONE)
        ;
    (void)sent(&s);

    happen(&s, FEED_INPUT_CLOSE, 2);
    cr_expect_eq(feed_next_changed_connection(s.feed), 2);
    cr_expect_eq(feed_next_changed_connection(s.feed), FEED_CONN_NONE);
    cr_expect_null(feed_next_changed_book(s.feed), "no book is published again");
    cr_expect_eq(feed_connection(s.feed, 2)->valid_from, feed_connection(s.feed, 2)->update + 1);
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_CLOSED_BY_VENUE);
    feed_count(s.feed, &n_live, &n_wanted);
    cr_expect_eq(n_live, 0);
    pass(&s, 600 * SECOND);
    cr_expect_str_eq(word(&s, "B"), "syncing/awaiting-snapshot", "no deadline runs without a connection");

    happen(&s, FEED_INPUT_OPEN, 2);
    cr_expect_geq(feed_connection(s.feed, 2)->update, feed_connection(s.feed, 2)->valid_from);
    cr_expect_str_eq(word(&s, "A"), "syncing/queued");
    cr_expect_str_eq(sent(&s), "2:A,B;");
    cr_expect_eq(feed_connection(s.feed, 2)->n_connects, 2);
    cr_expect_eq(feed_counts(s.feed)->disconnects, 1);
    s.feed = feed_free(s.feed);
}

Test(feed, symbols_that_cannot_be_are_said_and_never_sent)
{
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A", "krw", "X Y");
    happen(&s, FEED_INPUT_OPEN, 2);

    cr_expect_str_eq(sent(&s), "2:A;");
    cr_expect_str_eq(word(&s, "krw"), "failed/symbol-case");
    cr_expect_str_eq(word(&s, "X Y"), "failed/symbol-form");
    while (feed_next_changed_book(s.feed))
        ;
    happen(&s, FEED_INPUT_CLOSE, 2);
    happen(&s, FEED_INPUT_OPEN, 2);
    cr_expect_str_eq(word(&s, "krw"), "failed/symbol-case");
    for (int i = 0; i < 3; i++)
        cr_expect_not_null(feed_next_changed_book(s.feed), "all are published anew, or they would not count");
    s.feed = feed_free(s.feed);
}

Test(feed, a_new_set_touches_only_what_differs)
{
    struct scene s;
    uint32_t slot;

    scene_begin(&s);
    WANT(&s, "A", "B", "C", "D", "A");
    cr_expect_eq(feed_n_connections(s.feed), 2);
    cr_expect_eq(feed_n_books(s.feed), 4);
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_OPEN, 3);
    happen(&s, FEED_INPUT_TX, 2);
    happen(&s, FEED_INPUT_TX, 3);
    message(&s, "A");
    message(&s, "B");
    message(&s, "C");
    message(&s, "D");
    feed_book_find(s.feed, "B")->slot = 7;
    cr_expect_str_eq(sent(&s), "2:A,B,C;3:D;");

    pass(&s, 1 * SECOND);
    WANT(&s, "E", "C", "A", "D");
    cr_expect_str_eq(sent(&s), "2:A,C,E;");
    cr_expect_eq(feed_book_find(s.feed, "D")->conn, 3);
    cr_expect_str_eq(word(&s, "A"), "live/");
    cr_expect_null(feed_book_find(s.feed, "B"));
    cr_expect_eq(feed_dropped(s.feed, &slot), 1);
    cr_expect_eq(slot, 7);
    cr_expect_eq(feed_dropped(s.feed, &slot), 0);

    WANT(&s, "A", "C", "E");
    cr_expect_eq(s.n_redials, 1, "an emptied connection cannot be told so");
    cr_expect_eq(feed_n_connections(s.feed), 1);
    s.feed = feed_free(s.feed);
}

Test(feed, a_set_that_does_not_fit_changes_nothing)
{
    static const char *const many[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I" };
    char lengthy[MD_SYMBOL_SIZE + 1];
    const char *one[] = { lengthy };
    struct scene s;

    memset(lengthy, 'A', sizeof(lengthy) - 1);
    lengthy[sizeof(lengthy) - 1] = '\0';
    scene_begin(&s);
    WANT(&s, "Z");

    cr_expect_eq(feed_symbols_set(s.feed, many, 9, 1), -ENOSPC);
    cr_expect_eq(feed_symbols_set(s.feed, one, 1, 1), -ENAMETOOLONG);

    cr_expect_eq(feed_n_books(s.feed), 1);
    cr_expect_not_null(feed_book_find(s.feed, "Z"));
    cr_expect_null(feed_book_find(s.feed, "A"));
    s.feed = feed_free(s.feed);
}

Test(feed, requests_keep_the_venues_budget_at_every_moment)
{
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    WANT(&s, "A", "B");
    cr_expect_str_eq(sent(&s), "2:A;", "100 a minute: one in 600 ms, and a little for the venue's clock");
    pass(&s, SECOND / 2);
    cr_expect_str_eq(sent(&s), "");
    pass(&s, SECOND / 9);
    cr_expect_str_eq(sent(&s), "2:A,B;");
    s.send_fails = 1;
    pass(&s, SECOND);
    happen(&s, FEED_INPUT_TX, 2);
    WANT(&s, "A", "B", "C");
    cr_expect_str_eq(sent(&s), "");
    s.send_fails = 0;
    pass(&s, SECOND);
    cr_expect_str_eq(sent(&s), "2:A,B,C;", "what could not be handed over is tried again");
    cr_expect_eq(feed_counts(s.feed)->requests_sent, 3);
    s.feed = feed_free(s.feed);
}

Test(feed, a_venues_error_stays_visible_until_a_book_comes)
{
    struct md_event error = { .kind = MD_ERROR, .text = "INVALID_PARAM" };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = 2 }, state = { .kind = FEED_INPUT_STATE, .conn = 2 };
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    feed_venue_error(s.feed, &error, &in);
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_VENUE_ERROR);
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "failed/venue-error", "the venue said no and nothing followed");
    happen(&s, FEED_INPUT_CLOSE, 2);
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_VENUE_ERROR);
    state.state = STATE_DOWN;
    state.reason = REASON_BACK_OFF;
    state.aux_ns = 99;
    feed_input(s.feed, &state);
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_VENUE_ERROR);
    cr_expect_eq(feed_connection(s.feed, 2)->next_dial_ns, 99);
    happen(&s, FEED_INPUT_OPEN, 2);
    feed_venue_error(s.feed, &error, &in);
    message(&s, "A");
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_NONE);
    s.feed = feed_free(s.feed);
}

Test(feed, an_unknown_symbol_that_is_not_named_is_the_silent_one)
{
    struct md_event error = { .kind = MD_ERROR, .reason = REASON_SYMBOL_UNKNOWN, .text = "Invalid Topic" };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = 2 };
    struct scene s;

    scene_begin(&s);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    feed_venue_error(s.feed, &error, &in);
    message(&s, "A");
    message(&s, "C");
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_NONE);
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "live/");
    cr_expect_str_eq(word(&s, "B"), "failed/symbol-unknown");
    cr_expect_str_eq(word(&s, "C"), "live/");
    pass(&s, 60 * SECOND);
    happen(&s, FEED_INPUT_TX, 2);
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "B"), "failed/no-snapshot", "each word is one book's, and this time none was said");

    feed_venue_error(s.feed, &error, &in);
    happen(&s, FEED_INPUT_CLOSE, 2);
    happen(&s, FEED_INPUT_OPEN, 2);
    happen(&s, FEED_INPUT_TX, 2);
    pass(&s, 11 * SECOND);
    cr_expect_str_eq(word(&s, "A"), "failed/no-snapshot", "what was said on the connection before is over");
    s.feed = feed_free(s.feed);
}

Test(feed, states_and_signs_of_life_show_in_the_connection)
{
    static const struct {
        enum state state;
        enum reason reason;
        uint64_t connect_failures, resolve_failures;
    } rows[] = {
        { STATE_SYNCING, REASON_RESOLVING, 0, 0 },   { STATE_DOWN, REASON_RESOLVE_FAILED, 0, 1 },
        { STATE_SYNCING, REASON_CONNECTING, 0, 1 },  { STATE_DOWN, REASON_CONNECT_FAILED, 1, 1 },
        { STATE_DOWN, REASON_CONNECT_FAILED, 2, 1 }, { STATE_DOWN, REASON_HTTP_REFUSED, 3, 1 },
        { STATE_DOWN, REASON_BACK_OFF, 3, 1 }, /* the cause stays */
    };
    struct feed_input alive = { .kind = FEED_INPUT_ALIVE, .conn = 2, .now_boot_ns = 55, .aux_ns = 7 };
    struct scene s;

    scene_begin(&s);
    cr_expect_eq(feed_connection(s.feed, 2)->state, STATE_DOWN);
    cr_expect_eq(feed_connection(s.feed, 2)->reason, REASON_NOT_CONNECTED);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct feed_input in = { .kind = FEED_INPUT_STATE,
                                 .conn = 2,
                                 .recv_ns = (int64_t)i,
                                 .state = (uint8_t)rows[i].state,
                                 .reason = (uint8_t)rows[i].reason,
                                 .http_status = 429 };

        feed_input(s.feed, &in);
        cr_expect_eq(feed_connection(s.feed, 2)->state, rows[i].state);
        cr_expect_eq(feed_connection(s.feed, 2)->reason,
                     rows[i].reason == REASON_BACK_OFF ? REASON_HTTP_REFUSED : rows[i].reason);
        cr_expect_eq(feed_connection(s.feed, 2)->http_status, 429);
        cr_expect_eq(feed_counts(s.feed)->connect_failures, rows[i].connect_failures, "row %zu", i);
        cr_expect_eq(feed_counts(s.feed)->resolve_failures, rows[i].resolve_failures, "row %zu", i);
    }
    cr_expect_eq(feed_connection(s.feed, 2)->since_ns, 5, "the same verdict, the same date");
    feed_input(s.feed, &alive);
    cr_expect_eq(feed_connection(s.feed, 2)->heard_boot_ns, 55);
    cr_expect_eq(feed_connection(s.feed, 2)->round_trip_ns, 7);
    cr_expect_eq(feed_blind_ms_max(s.feed), 25000);
    s.feed = feed_free(s.feed);
    cr_expect_null(feed_free(NULL));
}

Test(feed, a_replay_takes_instruments_as_they_come)
{
    struct feed_options options = { .venue = &toy, .books_max = 2, .levels_max = 4, .is_replay = 1 };
    struct feed_input in = { .kind = FEED_INPUT_OPEN, .conn = 1, .recv_ns = 5, .now_boot_ns = 5 };
    struct scene s = { 0 };
    struct feed_book *fb;

    log_set_level(LOG_LEVEL_ERR);
    cr_assert_eq(feed_new(&options, &s.feed), 0);
    fb = feed_book_find(s.feed, "A");
    cr_assert_not_null(fb);
    feed_book_stepped(s.feed, fb, BOOK_SNAPSHOT, &in);
    cr_expect_eq(fb->conn, 1);
    cr_expect_eq(feed_book_find(s.feed, "A"), fb);
    cr_expect_not_null(feed_book_find(s.feed, "B"));
    cr_expect_null(feed_book_find(s.feed, "C"), "no room");
    feed_input(s.feed, &in);
    cr_expect_eq(feed_n_connections(s.feed), 2);
    cr_expect_str_eq(word(&s, "A"), "syncing/queued");
    in.kind = FEED_INPUT_TX;
    feed_input(s.feed, &in);
    cr_expect_str_eq(word(&s, "A"), "syncing/awaiting-snapshot");
    s.feed = feed_free(s.feed);
}
