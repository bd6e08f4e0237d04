/* SPDX-License-Identifier: MIT
 * Lateness by table: each row is the story of two books of a venue, A and B, whose limit is one second: "+300" lets so
 * many milliseconds pass, "A20" is a message of A that is 20 ms old by the venue's clock, "?" asks for A's state. */
#include "feed_chain_rig.h"

#define MS 1000000ll

static const struct venue replaced = {
    .name = "replaced",
    .builder = VENUE_BUILD_REPLACE,
    .symbol_check = check,
    .request = request,
};

static const struct {
    const char *what;
    int64_t skew_ms; /* the venue's clock is so much behind ours */
    const char *story, *said;
    uint64_t n_late;
} rows[] = {
    { "a constant skew is no lag", 500000, "A20 A20 +100 A25 ?", "live", 0 },
    { "nor one ahead of us", -500000, "A20 A20 +100 A25 ?", "live", 0 },
    { "the first after the request may be old", 0, "A90000 A20 A20 ?", "live", 0 },
    { "late beyond the limit", 0, "A20 A20 +1100 A1100 ?", "lagging", 1 },
    { "not yet", 0, "A20 A20 +1100 A1000 ?", "live", 0 },
    { "growing", -7000, "A20 A20 A400 A800 A1200 ? A1600 A2000 ?", "lagging lagging", 1 },
    { "half of the limit is well again", 0, "A20 A20 A1100 ? A900 ? A600 ? A500 ?", "lagging lagging lagging live", 1 },
    { "the least is the venue's, not the book's", 0, "A1500 B20 B20 A1500 ?", "lagging", 1 },
    { "quiet since: others in time", 0, "A20 A20 B20 A3000 ? +1000 B20 ? +2500 B20 +50 ?", "lagging lagging live", 1 },
    { "quiet since: others late, too", 0, "A20 A20 B20 A3000 ? +3500 B3000 +50 ?", "lagging lagging", 2 },
    { "quiet since: others quiet, too", 0, "A20 A20 B20 A3000 ? +60000 ?", "lagging lagging", 1 },
    { "the least is forgotten in time", 0, "A20 A20 +301000 A3000 ? +301000 A3000 ? +301000 A3000 ?",
      "lagging live live", 1 },
    { "no time, no verdict", 0, "A20 A20 A0 ?", "live", 0 },
};

static void late_message(struct scene *s, const char *symbol, int64_t age_ms, int64_t skew_ms)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = CONN, .recv_ns = 7, .now_boot_ns = s->now_ns };
    struct md_event event = { .kind = MD_BOOK, .is_snapshot = 1, .n_bids = 1 };
    struct feed_book *fb = feed_book_find(s->feed, symbol);

    event.venue_ns = age_ms > 0 ? s->now_ns - (age_ms + skew_ms) * MS : 0;
    s->frame->bids[0] = (struct md_level){ 100, 1 };
    feed_input(s->feed, &in);
    (void)feed_delay_take(s->feed, fb, &event, &in);
    feed_book_stepped(s->feed, fb, sync_apply(s->venue, fb->book, &event, s->frame, &in), &in);
}

static void play(struct scene *s, size_t i, char *ret_said, size_t size)
{
    char story[256], *left = NULL;

    (void)snprintf(story, sizeof(story), "%s", rows[i].story);
    for (char *word = strtok_r(story, " ", &left); word; word = strtok_r(NULL, " ", &left)) {
        char symbol[2] = { word[0], '\0' };
        struct book_view view;

        if (word[0] == '+') {
            pass(s, atoll(word + 1) * MS);
        } else if (word[0] != '?') {
            late_message(s, symbol, atoll(word + 1), rows[i].skew_ms);
        } else {
            book_view(feed_book_find(s->feed, "A")->book, &view);
            (void)snprintf(ret_said + strlen(ret_said), size - strlen(ret_said), "%s%s", ret_said[0] ? " " : "",
                           verdict_state_word(view.verdict.state));
        }
    }
}

Test(feed_lag, stories)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene s;
        struct feed_options options = { .venue = &replaced,
                                        .first_conn = CONN,
                                        .books_max = 8,
                                        .levels_max = 4,
                                        .lag_ms_max = 1000,
                                        .port = { &s, on_send, on_redial } };
        char said_words[256] = "";

        scene_begin(&s, &replaced);
        s.feed = feed_free(s.feed);
        s.now_ns = 1000000 * SECOND;
        cr_assert_eq(feed_new(&options, &s.feed), 0);
        WANT(&s, "A", "B");
        happen(&s, FEED_INPUT_OPEN);
        happen(&s, FEED_INPUT_TX);
        late_message(&s, "A", 60000, rows[i].skew_ms); /* answers the request */
        late_message(&s, "B", 60000, rows[i].skew_ms);
        play(&s, i, said_words, sizeof(said_words));
        cr_expect_str_eq(said_words, rows[i].said, "%s: %s", rows[i].what, said_words);
        cr_expect_eq(feed_counts(s.feed)->lagging, rows[i].n_late, "%s: %lu", rows[i].what,
                     (unsigned long)feed_counts(s.feed)->lagging);
        scene_end(&s);
    }
}
