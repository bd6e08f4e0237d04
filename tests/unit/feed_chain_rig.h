/* SPDX-License-Identifier: MIT
 * feed_chain_rig.h - feeds whose books follow their venue: a real feed, real books and rules; the world is a port that
 * notes what it was told. For test_feed_chain.c and test_feed_rest.c. */
#ifndef HOGA_TEST_FEED_CHAIN_RIG_H
#define HOGA_TEST_FEED_CHAIN_RIG_H

#include "book/sync.h"
#include "core/log.h"
#include "feed/feed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll
#define CONN   2

static inline enum reason check(const char *symbol)
{
    (void)symbol;
    return REASON_NONE;
}

static inline int request(struct text *text, const struct venue_request *request)
{
    text_add_string(text, request->is_unsubscribe ? "-" : "+");
    for (size_t i = 0; i < request->n; i++)
        text_addf(text, "%s%s", i ? "," : "", request->symbols[i]);
    return text->cut ? -ENOBUFS : 0;
}

static inline int snapshot_path(struct text *text, const char *symbol, uint32_t depth)
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
    int64_t bid; /* of the messages to come, 0: 100 */
};

static inline void note(struct scene *s, const char *before, const char *text, size_t size)
{
    size_t used = strlen(s->said);

    (void)snprintf(s->said + used, sizeof(s->said) - used, "%s%.*s;", before, (int)size, text);
}

static inline int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    note(s, "", text, size);
    s->n_sent++;
    return 0;
}

static inline void on_redial(void *context, uint32_t conn, enum reason reason)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    s->n_redials++;
    s->redial_reason = reason;
}

static inline int on_get(void *context, uint32_t conn, const char *url)
{
    struct scene *s = context;

    cr_expect_eq(conn, CONN);
    note(s, "GET ", url, strlen(url));
    s->n_got++;
    return 0;
}

static inline void scene_begin(struct scene *s, const struct venue *venue)
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

static inline void scene_end(struct scene *s)
{
    s->feed = feed_free(s->feed);
    s->frame = md_frame_free(s->frame);
}

static inline void want(struct scene *s, const char *const *symbols, size_t n)
{
    cr_assert_eq(feed_symbols_set(s->feed, symbols, n, s->now_ns), 0);
}
#define WANT(s, ...)                                                                                                   \
    want((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static inline void happen(struct scene *s, enum feed_input_kind kind)
{
    struct feed_input in = { .kind = kind, .conn = CONN, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(s->feed, &in);
}

static inline void pass(struct scene *s, int64_t ns)
{
    s->now_ns += ns;
    happen(s, FEED_INPUT_TICK);
}

static inline const char *said(struct scene *s)
{
    static char text[8192];

    (void)snprintf(text, sizeof(text), "%s", s->said);
    s->said[0] = '\0';
    return text;
}

static inline const char *word(struct scene *s, const char *symbol)
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
static inline enum book_step message(struct scene *s, const char *symbol, enum feed_input_kind kind, int is_snapshot,
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
    s->frame->bids[0] = (struct md_level){ s->bid > 0 ? s->bid : 100, 1 };
    step = sync_apply(s->venue, fb->book, &event, s->frame, &in);
    feed_book_stepped(s->feed, fb, step, &in);
    while (sync_next(s->venue, fb->book, &in, &next))
        feed_book_stepped(s->feed, fb, next, &in);
    return step;
}

static inline void answer(struct scene *s, const char *symbol, uint32_t status, uint64_t last)
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

#endif
