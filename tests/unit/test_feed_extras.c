/* SPDX-License-Identifier: MIT
 * Trades and days beside books: what is asked, in which order and how many at a time, what is taken back, and that a
 * refusal of theirs is no book's. Real feed and books; the world is a port that notes what it was told. */
#include "feed/feed.h"

#include "core/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll

static enum reason check(const char *symbol)
{
    (void)symbol;
    return REASON_NONE;
}

static uint64_t last_trades_id; /* of the requests written */

/* "-" of an unsubscription, the channels as letters, the symbols. */
static int request(struct text *text, const struct venue_request *request)
{
    text_add_string(text, request->is_unsubscribe ? "-" : "");
    text_add_string(text, request->channels & MD_CHANNEL_BOOK ? "b" : "");
    text_add_string(text, request->channels & MD_CHANNEL_TRADES ? "t" : "");
    last_trades_id = request->channels & MD_CHANNEL_TRADES ? request->id : last_trades_id;
    text_add_string(text, request->channels & MD_CHANNEL_DAY ? "d" : "");
    for (size_t i = 0; i < request->n; i++)
        text_addf(text, ",%s", request->symbols[i]);
    return text->cut ? -ENOBUFS : 0;
}

static struct venue toy = {
    .name = "toy",
    .builder = VENUE_BUILD_CHAIN,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .symbol_check = check,
    .request = request,
};

struct scene {
    struct feed *feed;
    int64_t now_ns;
    uint32_t n_redials;
    char sent[4096]; /* "conn:text;" for each request since the last look */
};

static int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct scene *s = context;
    size_t used = strlen(s->sent);

    (void)snprintf(s->sent + used, sizeof(s->sent) - used, "%u:%.*s;", conn, (int)size, text);
    return 0;
}

static void on_redial(void *context, uint32_t conn, enum reason reason)
{
    struct scene *s = context;

    (void)conn;
    (void)reason;
    s->n_redials++;
}

static void scene_begin(struct scene *s, const struct venue_limits *limits, uint8_t channels)
{
    struct feed_options options = { .venue = &toy,
                                    .books_max = 8,
                                    .levels_max = 4,
                                    .n_conns = 4,
                                    .channels = channels,
                                    .port = { s, on_send, on_redial, NULL } };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    toy.limits = *limits;
    *s = (struct scene){ .now_ns = 1000 * SECOND };
    cr_assert_eq(feed_new(&options, &s->feed), 0);
}

static void want(struct scene *s, const char *const *symbols, size_t n)
{
    cr_assert_eq(feed_symbols_set(s->feed, symbols, n, s->now_ns), 0);
}
#define WANT(s, ...)                                                                                                   \
    want((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static struct feed_input happen(struct scene *s, enum feed_input_kind kind, uint32_t conn)
{
    struct feed_input in = { .kind = kind, .conn = conn, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };

    feed_input(s->feed, &in);
    return in;
}

/* Each request leaves, and the next may follow. */
static void all_leave(struct scene *s, uint32_t conn)
{
    for (int i = 0; i < 12; i++) {
        (void)happen(s, FEED_INPUT_TX, conn);
        s->now_ns += SECOND;
        (void)happen(s, FEED_INPUT_TICK, conn);
    }
}

/* A book message for each that was asked for, and what that lets follow. */
static void all_fed(struct scene *s, uint32_t conn)
{
    struct feed_input in = happen(s, FEED_INPUT_RX, conn);

    for (uint32_t i = 0; i < feed_n_books(s->feed); i++)
        if (feed_book_at(s->feed, i)->conn == conn)
            feed_book_stepped(s->feed, feed_book_at(s->feed, i), BOOK_SNAPSHOT, &in);
    (void)happen(s, FEED_INPUT_TICK, conn);
    all_leave(s, conn);
}

static void sent(struct scene *s, const char *expected)
{
    cr_expect_str_eq(s->sent, expected);
    s->sent[0] = '\0';
}

Test(feed_extras, one_request_that_replaces_all_says_all_channels)
{
    struct scene s;

    scene_begin(&s, &(struct venue_limits){ .request_replaces_all = 1 }, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    WANT(&s, "A", "B@10");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    sent(&s, "0:btd,A,B@10;");
    s.feed = feed_free(s.feed);
    scene_begin(&s, &(struct venue_limits){ .request_replaces_all = 1 }, MD_CHANNEL_DAY);
    WANT(&s, "A");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    sent(&s, "0:bd,A;");
    s.feed = feed_free(s.feed);
}

Test(feed_extras, books_come_first_then_each_channel_in_messages_of_the_venues_size)
{
    struct scene s;

    scene_begin(&s, &(struct venue_limits){ .symbols_per_request = 2 }, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    WANT(&s, "A", "B", "C", "A@bbo");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    sent(&s, "0:b,A,B;0:b,C,A@bbo;"); /* no book waits for a trade */
    all_fed(&s, 0);
    sent(&s, "0:t,A,B;0:t,C;0:d,A,B;0:d,C;");
    /* One goes, one comes: only that is said. */
    WANT(&s, "A", "C", "A@bbo", "D");
    all_leave(&s, 0);
    all_fed(&s, 0);
    sent(&s, "0:-b,B;0:-t,B;0:-d,B;0:b,D;0:t,D;0:d,D;");
    /* A new connection knows nothing. */
    (void)happen(&s, FEED_INPUT_CLOSE, 0);
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    all_fed(&s, 0);
    sent(&s, "0:b,A,C;0:b,A@bbo,D;0:t,A,C;0:t,D;0:d,A,C;0:d,D;");
    s.feed = feed_free(s.feed);
}

Test(feed_extras, what_is_switched_off_or_not_had_is_not_asked_for)
{
    struct scene s;

    scene_begin(&s, &(struct venue_limits){ 0 }, 0);
    WANT(&s, "A");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    all_fed(&s, 0);
    sent(&s, "0:b,A;");
    cr_expect_eq(feed_channels(s.feed, feed_book_find(s.feed, "A")), MD_CHANNEL_BOOK);
    s.feed = feed_free(s.feed);
}

Test(feed_extras, topics_of_a_connection_count_all_channels)
{
    struct scene s;

    scene_begin(&s, &(struct venue_limits){ .topics_per_connection = 7, .books_per_connection = 5 },
                MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    WANT(&s, "A", "B", "C");
    cr_expect_eq(feed_n_connections(s.feed), 2, "two books and their channels are six topics");
    cr_expect_eq(feed_books_limit(s.feed), 6);
    s.feed = feed_free(s.feed);
    scene_begin(&s, &(struct venue_limits){ .topics_per_connection = 7, .books_per_connection = 5 }, 0);
    WANT(&s, "A", "B", "C", "D", "E");
    cr_expect_eq(feed_n_connections(s.feed), 1);
    cr_expect_eq(feed_books_limit(s.feed), 15);
    s.feed = feed_free(s.feed);
    scene_begin(&s, &(struct venue_limits){ .books_per_connection = 5, .connections_max = 2 }, 0);
    cr_expect_eq(feed_books_limit(s.feed), 5, "one is to take over from the other");
    s.feed = feed_free(s.feed);
    scene_begin(&s, &(struct venue_limits){ 0 }, 0);
    cr_expect_eq(feed_books_limit(s.feed), UINT32_MAX);
    s.feed = feed_free(s.feed);
}

Test(feed_extras, a_refused_channel_leaves_its_book_alone)
{
    struct scene s;
    struct md_event error = {
        .kind = MD_ERROR, .channel = MD_CHANNEL_TRADES, .reason = REASON_SYMBOL_UNKNOWN, .symbol = "A"
    };
    struct md_event taken = { .kind = MD_SUBSCRIBED, .channel = MD_CHANNEL_DAY, .depth = 3, .symbol = "A" };
    struct feed_input in;
    struct book_view before, after;

    scene_begin(&s, &(struct venue_limits){ .request_fails_whole = 1 }, MD_CHANNEL_TRADES);
    WANT(&s, "A", "B");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    all_fed(&s, 0);
    sent(&s, "0:b,A,B;0:t,A,B;");
    book_view(feed_book_find(s.feed, "A")->book, &before);
    in = happen(&s, FEED_INPUT_RX, 0);
    feed_venue_error(s.feed, &error, &in);
    error.symbol[0] = '\0';
    feed_venue_error(s.feed, &error, &in);
    error.channel = 0;
    error.request_id = last_trades_id; /* it names nothing but the request, which was for trades */
    feed_venue_error(s.feed, &error, &in);
    feed_subscribed(s.feed, &taken, &in);
    book_view(feed_book_find(s.feed, "A")->book, &after);
    cr_expect_eq(after.verdict.state, before.verdict.state);
    cr_expect_eq(after.verdict.reason, before.verdict.reason);
    cr_expect_eq(feed_connection(s.feed, 0)->reason, REASON_NONE);
    all_leave(&s, 0);
    sent(&s, "");
    cr_expect_eq(s.n_redials, 0);
    s.feed = feed_free(s.feed);
}

Test(feed_extras, on_a_path_of_their_own_they_have_a_connection_of_their_own)
{
    struct scene s;
    struct feed_input in;

    toy.extras_path = "/extras";
    scene_begin(&s, &(struct venue_limits){ .topics_per_connection = 3, .books_per_connection = 2 }, MD_CHANNEL_TRADES);
    cr_expect_eq(feed_extras_connection(s.feed), 3);
    cr_expect(!feed_connection_is_wanted(s.feed, 3));
    WANT(&s, "A", "B", "C");
    cr_expect_eq(feed_n_connections(s.feed), 2, "their topics count on neither of the books'");
    cr_expect(feed_connection_is_wanted(s.feed, 3));
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    (void)happen(&s, FEED_INPUT_OPEN, 1);
    (void)happen(&s, FEED_INPUT_OPEN, 3); /* 2 is to take over from 0 or 1 */
    all_leave(&s, 0);
    sent(&s, "0:b,A,B;1:b,C;");
    all_fed(&s, 0);
    sent(&s, "3:t,A,B;");
    all_leave(&s, 1);
    all_fed(&s, 1);
    all_leave(&s, 3);
    sent(&s, "3:t,C;");

    /* Either ends without the other. */
    (void)happen(&s, FEED_INPUT_CLOSE, 0);
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    all_leave(&s, 0);
    all_fed(&s, 0);
    sent(&s, "0:b,A,B;");
    (void)happen(&s, FEED_INPUT_CLOSE, 3);
    (void)happen(&s, FEED_INPUT_OPEN, 3);
    all_leave(&s, 3);
    sent(&s, "3:t,A,B,C;");

    /* What goes is taken back on both; without a book there is nothing to connect for. */
    WANT(&s, "A", "C");
    all_leave(&s, 0);
    all_leave(&s, 3);
    sent(&s, "0:-b,B;3:-t,B;");
    in = happen(&s, FEED_INPUT_RX, 3);
    feed_closing(s.feed, &in);
    cr_expect_eq(s.n_redials, 1, "the venue ends it: another is dialed");
    feed_venue_error(s.feed, &(struct md_event){ .kind = MD_ERROR, .reason = REASON_SYMBOL_UNKNOWN, .symbol = "A" },
                     &in);
    all_leave(&s, 0);
    sent(&s, ""); /* an error there is about no book */
    want(&s, NULL, 0);
    cr_expect(!feed_connection_is_wanted(s.feed, 3));
    s.feed = feed_free(s.feed);
    toy.extras_path = NULL;
}

Test(feed_extras, on_a_path_of_their_own_they_stay_within_the_topics_of_one_connection)
{
    struct scene s;

    toy.extras_path = "/extras";
    scene_begin(&s, &(struct venue_limits){ .topics_per_connection = 5, .books_per_connection = 4 },
                MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    WANT(&s, "A", "B", "C");
    (void)happen(&s, FEED_INPUT_OPEN, 0);
    (void)happen(&s, FEED_INPUT_OPEN, 3);
    all_leave(&s, 0);
    all_fed(&s, 0);
    all_leave(&s, 3);
    sent(&s, "0:b,A,B,C;3:t,A,B,C;3:d,A,B;");
    happen(&s, FEED_INPUT_TICK, 3);
    all_leave(&s, 3);
    sent(&s, ""); /* there is room for no more */

    WANT(&s, "B", "C");
    all_leave(&s, 0);
    all_leave(&s, 3);
    sent(&s, "0:-b,A;3:-t,A;3:-d,A;3:d,C;");
    s.feed = feed_free(s.feed);
    toy.extras_path = NULL;
}
