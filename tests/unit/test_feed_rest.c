/* SPDX-License-Identifier: MIT
 * Feeds whose snapshots come by REST: when they are fetched, the budget of an address, refusals. */
#include "feed_chain_rig.h"

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
    cr_expect_eq(message(&s, "B", FEED_INPUT_RX, 0, 51, 51), BOOK_UPDATE);
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

/* S0, S1... */
static void want_many(struct scene *s, size_t n)
{
    static char names[40][24];
    const char *symbols[40];

    cr_assert_leq(n, 40);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "S%zu", i);
        symbols[i] = names[i];
    }
    want(s, symbols, n);
}

/* What is asked for is left, and answered; the moments of the requests go to the end of at_ns. */
static void turn(struct scene *s, int64_t *at_ns, uint32_t *io_n)
{
    uint32_t before = s->n_got;

    happen(s, FEED_INPUT_TX);
    pass(s, SECOND / 20);
    cr_assert_leq(s->n_got - before, 4, "so many are on their way at once");
    for (; before < s->n_got; before++)
        at_ns[(*io_n)++] = s->now_ns;
    for (char *at = strstr(s->said, "symbol="); at; at = strstr(at + 1, "symbol=")) {
        char symbol[8] = "";

        (void)sscanf(at, "symbol=%7[^;]", symbol);
        answer(s, symbol, 200, 9);
    }
    s->said[0] = '\0';
}

Test(feed_rest, the_budget_of_an_address_holds)
{
    int64_t at_ns[128];
    uint32_t n = 0;
    struct scene s;

    scene_begin(&s, &rest);
    want_many(&s, 40);
    happen(&s, FEED_INPUT_OPEN);
    for (int i = 0; i < 8000 && n < 120; i++) {
        turn(&s, at_ns, &n);
        if (i == 100)
            cr_expect_str_eq(word(&s, "S39"), "syncing/budget");
    }
    cr_expect_eq(n, 40);
    for (uint32_t i = 6; i < n; i++)
        cr_expect_gt(at_ns[i] - at_ns[i - 6], 60 * SECOND, "60 a minute, each weighs 10");
    for (uint32_t i = 0; i < feed_n_books(s.feed); i++)
        cr_expect_str_eq(word(&s, feed_book_at(s.feed, i)->symbol), "live/");
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

/* A book is live within 2 s of REST being well again, while half of the budget is left; and nobody is asked without
 * end. */
Test(feed_rest, what_fails_is_fetched_again_soon)
{
    static struct venue roomy;
    int64_t failed_ns, begun_ns;
    uint32_t n;
    struct scene s;

    roomy = rest;
    roomy.limits.rest_per_minute = 6000;
    scene_begin(&s, &roomy);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    for (int i = 0; i < 40; i++) {
        n = s.n_got;
        failed_ns = s.now_ns;
        answer(&s, "A", i % 2 ? 503 : 0, 0);
        while (s.n_got == n)
            pass(&s, SECOND / 20);
        cr_assert_leq(s.now_ns - failed_ns, 1600 * SECOND / 1000, "failure %d", i);
        s.said[0] = '\0';
    }
    begun_ns = s.now_ns;
    for (n = s.n_got; s.now_ns - begun_ns < 600 * SECOND; pass(&s, SECOND / 20)) {
        if (s.said[0])
            answer(&s, "A", 503, 0);
        s.said[0] = '\0';
    }
    cr_expect_lt(s.n_got - n, 60, "%u in ten minutes", s.n_got - n);
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
    pass(&s, SECOND + SECOND / 20);
    cr_expect_str_eq(word(&s, "A"), "crossed/lasting-cross");
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    scene_end(&s);
}

static int no_path(struct text *text, const char *symbol, uint32_t depth)
{
    return strchr(symbol, '@') ? -ENOENT : snapshot_path(text, symbol, depth);
}

Test(feed_rest, what_has_no_snapshot_is_not_fetched)
{
    static struct venue pushed;
    struct scene s;

    pushed = rest;
    pushed.snapshot_path = no_path;
    scene_begin(&s, &pushed);
    WANT(&s, "A@bbo");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    (void)said(&s);
    pass(&s, 2 * SECOND);
    cr_expect_str_eq(said(&s), "");
    cr_expect_eq(message(&s, "A@bbo", FEED_INPUT_RX, 1, 0, 0), BOOK_SNAPSHOT);
    cr_expect_str_eq(word(&s, "A@bbo"), "live/");
    scene_end(&s);
}

/* Source: ../shared/protocols/okx.md, "B.": 40 requests in 2 s. */
Test(feed_rest, a_window_of_requests_holds)
{
    static struct venue windowed;
    int64_t at_ns[64];
    uint32_t n = 0;
    struct scene s;

    windowed = rest;
    windowed.limits.rest_per_minute = 0;
    windowed.limits.rest_per_window = 5;
    windowed.limits.rest_window_ms = 2000;
    scene_begin(&s, &windowed);
    want_many(&s, 32);
    happen(&s, FEED_INPUT_OPEN);
    for (int i = 0; i < 600 && n < 60; i++)
        turn(&s, at_ns, &n);
    cr_expect_geq(n, 32);
    for (uint32_t i = 5; i < n; i++)
        cr_expect_gt(at_ns[i] - at_ns[i - 5], 2 * SECOND, "request %u", i);
    scene_end(&s);
}

/* Source: ../shared/protocols/binance.md: a stream of the wrong class stays silent without an error. */
Test(feed_rest, a_book_that_changes_and_is_never_sent_fails)
{
    static struct venue roomy;
    struct scene s;

    roomy = rest;
    roomy.limits.rest_per_minute = 6000;
    scene_begin(&s, &roomy);
    WANT(&s, "A", "B", "C");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    answer(&s, "A", 200, 4);
    answer(&s, "B", 200, 4);
    answer(&s, "C", 200, 4);
    cr_expect_eq(message(&s, "C", FEED_INPUT_RX, 0, 5, 5), BOOK_UPDATE);
    (void)said(&s);
    pass(&s, 11 * SECOND);
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;", "one at a time; C was heard");
    s.bid = 101;
    answer(&s, "A", 200, 9);
    cr_expect_str_eq(word(&s, "A"), "live/", "its update may be under way");
    pass(&s, SECOND / 20);
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=B;");
    s.bid = 100;
    answer(&s, "B", 200, 4); /* a quiet market */
    pass(&s, 4 * SECOND);
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    s.bid = 102;
    answer(&s, "A", 200, 12);
    cr_expect_str_eq(word(&s, "A"), "failed/no-snapshot");
    cr_expect_str_eq(word(&s, "B"), "live/");
    pass(&s, 20 * SECOND);
    cr_expect_str_eq(said(&s), "", "ever later");
    for (int at = 0; at < 50; at++)
        pass(&s, SECOND);
    cr_expect_not_null(strstr(said(&s), "+A;"), "asked for again when its minute is over");
    happen(&s, FEED_INPUT_TX);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 13, 13), BOOK_UPDATE);
    cr_expect_str_eq(word(&s, "A"), "live/");
    scene_end(&s);
}

Test(feed_rest, a_venue_that_numbers_anew_does_not_stand_still)
{
    struct scene s;

    scene_begin(&s, &rest);
    WANT(&s, "A");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    answer(&s, "A", 200, 1000);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 1001, 1001), BOOK_UPDATE);
    (void)said(&s);

    /* A repeat now and then is nothing. */
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 1001, 1001), BOOK_IGNORED);
    pass(&s, SECOND * 3 / 2);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 1002, 1002), BOOK_UPDATE);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 1002, 1002), BOOK_IGNORED);
    pass(&s, SECOND / 2);

    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 1, 1), BOOK_IGNORED);
    cr_expect_str_eq(word(&s, "A"), "live/");
    pass(&s, SECOND * 6 / 10);
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 2, 2), BOOK_GAP);
    cr_expect_str_eq(word(&s, "A"), "gap/sequence-gap");
    pass(&s, SECOND / 20);
    cr_expect_str_eq(said(&s), "GET http://rest/depth?symbol=A;");
    answer(&s, "A", 200, 2);
    cr_expect_str_eq(word(&s, "A"), "live/");
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 3, 3), BOOK_UPDATE);
    scene_end(&s);
}

Test(feed_rest, a_number_beyond_all_others_is_found_out)
{
    struct scene s;

    scene_begin(&s, &rest);
    WANT(&s, "A", "B");
    happen(&s, FEED_INPUT_OPEN);
    happen(&s, FEED_INPUT_TX);
    pass(&s, 2 * SECOND);
    answer(&s, "A", 200, 10);
    answer(&s, "B", 200, UINT64_MAX - 1); /* what was fetched may be ahead of the stream, but not for ever */
    cr_expect_eq(message(&s, "A", FEED_INPUT_RX, 0, 11, UINT64_MAX), BOOK_UPDATE);
    for (uint64_t n = 12; n < 32; n++) {
        (void)message(&s, "A", FEED_INPUT_RX, 0, n, n);
        cr_expect_eq(message(&s, "B", FEED_INPUT_RX, 0, n, n), BOOK_IGNORED);
        pass(&s, SECOND / 10);
    }
    cr_expect_str_eq(word(&s, "A"), "gap/sequence-gap");
    cr_expect_str_eq(word(&s, "B"), "live/");
    for (uint64_t n = 32; n < 132; n++) {
        (void)message(&s, "B", FEED_INPUT_RX, 0, n, n);
        pass(&s, SECOND / 10);
    }
    cr_expect_str_eq(word(&s, "B"), "gap/sequence-gap");
    scene_end(&s);
}
