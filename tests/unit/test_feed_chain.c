/* SPDX-License-Identifier: MIT
 * Feeds whose books follow their venue: requests that add up, resync of one book, snapshots by REST. Real feed, books
 * and rules; the world is a port that notes what it was told. */
#include "book/sync.h"
#include "core/log.h"
#include "feed/feed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll
#define CONN   2

static enum reason check(const char *symbol)
{
    (void)symbol;
    return REASON_NONE;
}

static int request(struct text *text, const struct venue_request *request)
{
    text_add_string(text, request->is_unsubscribe ? "-" : "+");
    for (size_t i = 0; i < request->n; i++)
        text_addf(text, "%s%s", i ? "," : "", request->symbols[i]);
    return text->cut ? -ENOBUFS : 0;
}

static int snapshot_path(struct text *text, const char *symbol, uint32_t depth)
{
    (void)depth;
    text_addf(text, "/depth?symbol=%s", symbol);
    return text->cut ? -ENOBUFS : 0;
}

static const struct venue chain = {
    .name = "chain",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .limits = { .request_per_second = 5, .request_per_hour = 20, .symbols_per_request = 2, .age_ms_max = 3600000 },
    .symbol_check = check,
    .request = request,
};

static const struct venue whole = {
    .name = "whole",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .limits = { .request_per_second = 5, .symbols_per_request = 3, .request_fails_whole = 1 },
    .symbol_check = check,
    .request = request,
};

static const struct venue rest = {
    .name = "rest",
    .rest_url = "http://rest",
    .builder = VENUE_BUILD_REST,
    .join = VENUE_JOIN_NEXT,
    .proof = PROOF_SEQUENCE,
    .limits = { .request_per_second = 5, .symbols_per_request = 10, .rest_per_minute = 60, .rest_weight = 10 },
    .symbol_check = check,
    .request = request,
    .snapshot_path = snapshot_path,
};

struct scene {
    const struct venue *venue;
    struct feed *feed;
    struct md_frame *frame;
    int64_t now_ns;
    char said[8192]; /* "+A,B;" for each request, "GET url;" for each fetch, since the last look */
    uint32_t n_sent, n_got, n_redials;
    enum reason redial_reason;
};

static void note(struct scene *s, const char *before, const char *text, size_t size)
{
    size_t used = strlen(s->said);

    (void)snprintf(s->said + used, sizeof(s->said) - used, "%s%.*s;", before, (int)size, text);
}

static int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    note(s, "", text, size);
    s->n_sent++;
    return 0;
}

static void on_redial(void *context, uint32_t conn, enum reason reason)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    s->n_redials++;
    s->redial_reason = reason;
}

static int on_get(void *context, uint32_t conn, const char *url)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    note(s, "GET ", url, strlen(url));
    s->n_got++;
    return 0;
}

static void scene_begin(struct scene *s, const struct venue *venue)
{
    struct feed_options options = { .venue = venue,
                                    .first_conn = CONN,
                                    .books_max = 64,
                                    .levels_max = 4,
                                    .port = { s, on_send, on_redial, venue->rest_url ? on_get : NULL } };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    *s = (struct scene){ .venue = venue, .now_ns = 1000 * SECOND };
    cr_assert_eq(feed_new(&options, &s->feed), 0);
    cr_assert_eq(md_frame_new(&s->frame), 0);
}

static void scene_end(struct scene *s)
{
    s->feed = feed_free(s->feed);
    s->frame = md_frame_free(s->frame);
}

static void want(struct scene *s, const char *const *symbols, size_t n)
{
    cr_assert_eq(feed_symbols_set(s->feed, symbols, n, s->now_ns), 0);
}
#define WANT(s, ...)                                                                                                   \
    want((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void happen(struct scene *s, enum feed_input_kind kind)
{
    struct feed_input in = { .kind = kind, .conn = CONN, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(s->feed, &in);
}

static void pass(struct scene *s, int64_t ns)
{
    s->now_ns += ns;
    happen(s, FEED_INPUT_TICK);
}

static const char *said(struct scene *s)
{
    static char text[8192];

    (void)snprintf(text, sizeof(text), "%s", s->said);
    s->said[0] = '\0';
    return text;
}

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

/* As pipeline.c does it: one event through sync and back to the feed. */
static enum book_step message(struct scene *s, const char *symbol, enum feed_input_kind kind, int is_snapshot,
                              uint64_t first, uint64_t last)
{
    struct feed_input in = { .kind = kind, .conn = CONN, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };
    struct md_event event = { .kind = MD_BOOK,
                              .is_snapshot = (uint8_t)is_snapshot,
                              .follows = MD_FOLLOWS_FIRST,
                              .sequence_first = first,
                              .sequence_last = last,
                              .n_bids = 1 };
    struct feed_book *fb = feed_book_find(s->feed, symbol);
    enum book_step step, next;

    cr_assert_not_null(fb);
    if (kind == FEED_INPUT_RX)
        feed_input(s->feed, &in);
    s->frame->bids[0] = (struct md_level){ 100, 1 };
    step = sync_apply(s->venue, fb->book, &event, s->frame, &in);
    feed_book_stepped(s->feed, fb, step, &in);
    while (sync_next(s->venue, fb->book, &in, &next))
        feed_book_stepped(s->feed, fb, next, &in);
    return step;
}

static void answer(struct scene *s, const char *symbol, uint32_t status, uint64_t last)
{
    char url[64];
    struct feed_input in = { .kind = FEED_INPUT_HTTP,
                             .conn = CONN,
                             .recv_ns = s->now_ns,
                             .now_boot_ns = s->now_ns,
                             .http_status = status,
                             .aux_ns = status == 429 ? 30 * SECOND : 0,
                             .url = url };

    (void)snprintf(url, sizeof(url), "http://rest/depth?symbol=%s", symbol);
    feed_input(s->feed, &in);
    if (status == 200)
        (void)message(s, symbol, FEED_INPUT_HTTP, 1, 0, last);
}

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
    pass(&s, SECOND);
    happen(&s, FEED_INPUT_TX);
    cr_expect_str_eq(said(&s), "-E;");
    pass(&s, SECOND);
    happen(&s, FEED_INPUT_TX);
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

Test(feed_rest, a_snapshot_is_fetched_when_updates_are_heard)
{
    struct scene s;

    scene_begin(&s, &rest);
    WANT(&s, "A", "B");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    (void)said(&s);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 5, 6), BOOK_BUFFERED);
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    pass(&s, SECOND);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=B;", "a quiet book is fetched as well");
    answer(&s, "A", 200, 3);
    cr_expect_str_eq(word(&s, "A"), "syncing/snapshot-too-old");
    pass(&s, SECOND);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    answer(&s, "A", 200, 5);
    answer(&s, "B", 200, 50);
    cr_expect_str_eq(word(&s, "A"), "live/");
    cr_expect_str_eq(word(&s, "B"), "live/");
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 7, 7), BOOK_UPDATE);
    pass(&s, 20 * SECOND);
    cr_expect_str_eq(said(&s), "");

    /* A gap: fetched at once, without a word on the socket. */
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 9, 9), BOOK_GAP);
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    answer(&s, "A", 500, 0);
    cr_expect_str_eq(word(&s, "A"), "gap/sequence-gap");
    pass(&s, SECOND);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    answer(&s, "A", 200, 8);
    cr_expect_str_eq(word(&s, "A"), "live/");
    scene_end(&s);
}

Test(feed_rest, the_budget_of_an_address_holds)
{
    static char names[40][8];
    const char *symbols[40];
    int64_t at_ns[128];
    uint32_t n = 0;
    struct scene s;

    scene_begin(&s, &rest);
    for (int i = 0; i < 40; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "S%d", i);
        symbols[i] = names[i];
    }
    want(&s, symbols, 40);
    happen(&s, FEED_INPUT_OPEN);
    for (int turn = 0; turn < 8000; turn++) {
        uint32_t before = s.n_got;

        happen(&s, FEED_INPUT_TX);
        pass(&s, SECOND / 20);
        cr_assert_leq(s.n_got - before, 4, "so many are on their way at once");
        for (; before < s.n_got; before++)
            at_ns[n++] = s.now_ns;
        for (char *at = strstr(s.said, "symbol="); at; at = strstr(at + 1, "symbol=")) {
            char symbol[8] = "";

            (void)sscanf(at, "symbol=%7[^;]", symbol);
            answer(&s, symbol, 200, 9);
        }
        s.said[0] = '\0';
        if (turn == 100)
            cr_expect_str_eq(word(&s, "S39"), "syncing/budget");
    }
    cr_expect_eq(n, 40);
    for (uint32_t i = 6; i < n; i++)
        cr_expect_gt(at_ns[i] - at_ns[i - 6], 60 * SECOND, "60 a minute, each weighs 10");
    for (int i = 0; i < 40; i++)
        cr_expect_str_eq(word(&s, symbols[i]), "live/");
    scene_end(&s);
}

Test(feed_rest, refusals_close_the_address_and_answers_for_nobody_are_let_go)
{
    struct md_event event = { .kind = MD_ERROR, .symbol = "B", .reason = REASON_SYMBOL_UNKNOWN };
    struct feed_input in = { .kind = FEED_INPUT_HTTP, .conn = CONN };
    struct scene s;

    scene_begin(&s, &rest);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    cr_expect_eq(s.n_got, 3);
    answer(&s, "A", 429, 0);
    in.recv_ns = in.now_boot_ns = s.now_ns;
    feed_venue_error(s.feed, &event, &in);
    cr_expect_str_eq(word(&s, "B"), "failed/symbol-unknown");
    for (int i = 0; i < 29; i++)
        pass(&s, SECOND);
    cr_expect_eq(s.n_got, 3, "Retry-After is 30 s");
    WANT(&s, "A", "B");
    answer(&s, "C", 404, 0);
    pass(&s, 2 * SECOND);
    cr_expect_eq(s.n_got, 4);
    answer(&s, "A", 200, 4);
    cr_expect_str_eq(word(&s, "A"), "live/");
    happen(&s, FEED_INPUT_CLOSE);
    pass(&s, 30 * SECOND);
    cr_expect_eq(s.n_got, 4, "nothing is fetched for a connection that is not there");
    scene_end(&s);
}

Test(feed_rest, a_cross_that_lasts_is_fetched_anew)
{
    struct feed_book *fb;
    struct scene s;

    scene_begin(&s, &rest);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    answer(&s, "A", 200, 4);
    fb = feed_book_find(s.feed, "A");
    (void)said(&s);
    (void)book_verdict_set(fb->book, STATE_CROSSED, REASON_CROSSED_BOOK, s.now_ns);
    pass(&s, SECOND / 2);
    cr_expect_str_eq(said(&s), "");
    pass(&s, SECOND);
    cr_expect_str_eq(word(&s, "A"), "crossed/lasting-cross");
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    scene_end(&s);
}
