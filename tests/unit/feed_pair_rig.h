/* SPDX-License-Identifier: MIT
 * feed_pair_rig.h - a feed with two live books that replaces its connection: what pipeline.c does with each input, and
 * a port that notes what it was told. For test_feed_handover.c and test_feed_promotion.c. */
#ifndef HOGA_TEST_FEED_PAIR_RIG_H
#define HOGA_TEST_FEED_PAIR_RIG_H

#include "feed_chain_rig.h"

struct pair {
    struct feed *feed;
    const struct venue *venue;
    struct md_frame *frame;
    int64_t now_ns;
    char said[4096];
    int open_fails;
};

static inline void tell(struct pair *p, const char *what, uint32_t conn, const char *text, size_t size)
{
    size_t used = strlen(p->said);

    (void)snprintf(p->said + used, sizeof(p->said) - used, "%s%u:%.*s;", what, conn, (int)size, text);
}

static inline int pair_send(void *context, uint32_t conn, const char *text, size_t size)
{
    tell(context, "", conn, text, size);
    return 0;
}

static inline void pair_redial(void *context, uint32_t conn, enum reason reason)
{
    tell(context, "redial", conn, verdict_reason_word(reason), strlen(verdict_reason_word(reason)));
}

static inline int pair_open(void *context, uint32_t conn)
{
    struct pair *p = context;

    if (p->open_fails)
        return -EBUSY;
    tell(p, "open", conn, "", 0);
    return 0;
}

static inline void pair_end(void *context, uint32_t conn)
{
    tell(context, "end", conn, "", 0);
}

static inline int pair_get(void *context, uint32_t conn, const char *url)
{
    tell(context, "get", conn, url, strlen(url));
    return 0;
}

/* As pipeline.c does it: what waited for a take-over is taken. */
static inline void settle(struct pair *p)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = p->now_ns, .now_boot_ns = p->now_ns };
    uint32_t over;

    while (feed_handover_settle(p->feed, &over)) {
        tell(p, "over", over, "", 0);
        in.conn = over;
        for (uint32_t i = 0; i < feed_n_books(p->feed); i++) {
            struct feed_book *fb = feed_book_at(p->feed, i);
            enum book_step step;

            while (fb->conn == over && sync_next(p->venue, fb->book, &in, &step))
                feed_book_stepped(p->feed, fb, step, &in);
        }
    }
}

static inline void event(struct pair *p, uint32_t conn, enum feed_input_kind kind)
{
    struct feed_input in = { .kind = kind, .conn = conn, .recv_ns = p->now_ns, .now_boot_ns = p->now_ns };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(p->feed, &in);
    settle(p);
}

static inline void wait(struct pair *p, int64_t ns)
{
    p->now_ns += ns;
    event(p, 0, FEED_INPUT_TICK);
}

/* As pipeline.c does it. */
static inline void book(struct pair *p, uint32_t conn, const char *symbol, int is_snapshot, uint64_t number)
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

    feed_input(p->feed, &in);
    p->frame->bids[0] = (struct md_level){ 100, (int64_t)number };
    if (feed_message_take(p->feed, fb, &e, p->frame, &in) == FEED_TAKE_BOOK)
        feed_book_stepped(p->feed, fb, sync_apply(p->venue, fb->book, &e, p->frame, &in), &in);
    settle(p);
}

static inline const char *heard(struct pair *p)
{
    static char text[4096];

    (void)snprintf(text, sizeof(text), "%s", p->said);
    p->said[0] = '\0';
    return text;
}

static inline enum state state_of(struct pair *p, const char *symbol)
{
    struct book_view view;

    book_view(feed_book_find(p->feed, symbol)->book, &view);
    return (enum state)view.verdict.state;
}

/* Two live books, A and B, on connection 2 of `n_conns` from there on. */
static inline void begin(struct pair *p, const struct venue *venue, uint32_t n_conns)
{
    struct feed_options options = { .venue = venue,
                                    .first_conn = 2,
                                    .n_conns = n_conns,
                                    .books_max = 8,
                                    .levels_max = 4,
                                    .channels = venue->channels,
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

static inline void end(struct pair *p)
{
    p->feed = feed_free(p->feed);
    p->frame = md_frame_free(p->frame);
}

static inline void replace_begin(struct pair *p)
{
    cr_assert_eq(feed_replace(p->feed, 2, REASON_REQUESTED), 0);
    wait(p, SECOND / 20);
    cr_assert_str_eq(heard(p), "open3:;");
    event(p, 3, FEED_INPUT_OPEN);
    cr_assert_str_eq(heard(p), "3:+A,B;", "the new one is asked for the same books");
    event(p, 3, FEED_INPUT_TX);
}

static inline void answer_rest(struct pair *p, uint32_t conn, const char *symbol, uint64_t number)
{
    char url[64];
    struct feed_input in = { .kind = FEED_INPUT_HTTP,
                             .conn = conn,
                             .recv_ns = p->now_ns,
                             .now_boot_ns = p->now_ns,
                             .http_status = 200,
                             .url = url };
    struct md_event e = { .kind = MD_BOOK, .is_snapshot = 1, .sequence_last = number, .n_bids = 1 };
    struct feed_book *fb = feed_book_find(p->feed, symbol);
    enum book_step step;

    (void)snprintf(url, sizeof(url), "http://rest/depth?symbol=%s", symbol);
    feed_input(p->feed, &in);
    p->frame->bids[0] = (struct md_level){ 100, (int64_t)number };
    feed_book_stepped(p->feed, fb, sync_apply(p->venue, fb->book, &e, p->frame, &in), &in);
    while (sync_next(p->venue, fb->book, &in, &step))
        feed_book_stepped(p->feed, fb, step, &in);
}

#endif
