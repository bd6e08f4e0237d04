/* SPDX-License-Identifier: MIT
 * What a tick does not look at has nothing to be done about it. Feeds of each way to build a book are put through
 * whatever can happen to one, in an order that chance decides; before each tick every book that is passed over is
 * looked at all the same, and must not change by it. */
#include "book/sync.h"
#include "core/log.h"
#include "feed/feed_private.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000000ll
#define FIRST  2 /* connections from here on */
#define CONNS  3
#define BOOKS  12
#define GETS   4
#define OPS    30000

static int request_any(struct text *text, const struct venue_request *request)
{
    for (size_t i = 0; i < request->n; i++)
        text_addf(text, "%s,", request->symbols[i]);
    return text->cut ? -ENOBUFS : 0;
}

static int path_any(struct text *text, const char *symbol, uint32_t depth)
{
    text_addf(text, "/%s?%u", symbol, depth);
    return 0;
}

/* The last one's symbol cannot be sent. */
static enum reason check_any(const char *symbol)
{
    return symbol[1] == 'X' ? REASON_SYMBOL_FORM : REASON_NONE;
}

static const struct venue venues[] = {
    { .name = "replace",
      .builder = VENUE_BUILD_REPLACE,
      .limits = { .request_per_second = 5, .request_replaces_all = 1, .books_per_connection = 8 },
      .symbol_check = check_any,
      .request = request_any },
    { .name = "chain",
      .builder = VENUE_BUILD_CHAIN,
      .proof = PROOF_SEQUENCE,
      .limits = { .request_per_second = 5,
                  .symbols_per_request = 3,
                  .request_fails_whole = 1,
                  .books_per_connection = 8,
                  .silence_ms_max = 8000 },
      .symbol_check = check_any,
      .request = request_any },
    { .name = "rest",
      .rest_url = "http://rest",
      .builder = VENUE_BUILD_REST,
      .join = VENUE_JOIN_NEXT,
      .proof = PROOF_SEQUENCE,
      .limits = { .request_per_second = 5,
                  .symbols_per_request = 10,
                  .books_per_connection = 8,
                  .rest_per_minute = 600,
                  .rest_weight = 10 },
      .symbol_check = check_any,
      .request = request_any,
      .snapshot_path = path_any },
};

struct world {
    const struct venue *venue;
    struct feed *feed;
    struct md_frame *frame;
    uint64_t chance;
    int64_t now_ns;
    int is_calm; /* nothing goes wrong for a while, so that books come to rest */
    uint8_t has_session[FIRST + CONNS], is_open[FIRST + CONNS], redial[FIRST + CONNS];
    char url[GETS][FEED_REST_URL_SIZE]; /* on their way; "": free */
    char said[64];                      /* to the port, since the last look */
    uint64_t number[BOOKS];             /* the venue's own, of each book */
    uint64_t n_looks;                   /* at books that the tick passes over */
    uint64_t n_states[STATE_FAILED + 1];
    uint64_t n_unheard;
};

static uint32_t dice(struct world *w, uint32_t n)
{
    w->chance ^= w->chance << 13;
    w->chance ^= w->chance >> 7;
    w->chance ^= w->chance << 17;
    return (uint32_t)((w->chance >> 20) % n);
}

/* One of so many, in a time that is not calm. */
static int mishap(struct world *w, uint32_t n)
{
    return dice(w, n) == 0 && !w->is_calm;
}

/* --- the port ----------------------------------------------------------------------------------------------------- */

static void say(struct world *w, const char *what)
{
    (void)snprintf(w->said, sizeof(w->said), "%s", what);
}

static int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct world *w = context;

    (void)conn;
    (void)text;
    (void)size;
    say(w, "send");
    return mishap(w, 20) ? -ENOTCONN : 0;
}

static void on_redial(void *context, uint32_t conn, enum reason reason)
{
    (void)reason;
    say(context, "redial");
    ((struct world *)context)->redial[conn] = 1;
}

static int on_get(void *context, uint32_t conn, const char *url)
{
    struct world *w = context;

    (void)conn;
    say(w, "get");
    for (int i = 0; i < GETS && !mishap(w, 10); i++) {
        if (w->url[i][0] != '\0')
            continue;
        (void)snprintf(w->url[i], sizeof(w->url[i]), "%s", url);
        return 0;
    }
    return -EBUSY;
}

static int on_open(void *context, uint32_t conn)
{
    struct world *w = context;

    if (w->has_session[conn])
        return -EBUSY;
    w->has_session[conn] = 1;
    return 0;
}

static void on_end(void *context, uint32_t conn)
{
    struct world *w = context;

    w->has_session[conn] = w->is_open[conn] = w->redial[conn] = 0;
}

/* --- the truth ---------------------------------------------------------------------------------------------------- */

static struct feed_item without_look_time(struct feed_item item)
{
    if (item.crossed_since_ns == 0)
        item.crossed_boot_ns = 0; /* no cross: the time of the last look, of no meaning */
    item.seen_state = 0;          /* due.c's own */
    return item;
}

/* A full look at each book that a tick at this moment passes over. */
static void look_at_all(struct world *w)
{
    struct feed *f = w->feed;

    cr_assert(due_is_right(f));
    f->now_boot_ns = w->now_ns;
    w->said[0] = '\0';
    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item before = without_look_time(*f->items[i]), after;
        int64_t due_boot_ns = f->due_boot_ns[i], first_boot_ns = f->due_first_boot_ns;
        struct feed_counts counts = f->counts;
        struct book_view then, now;

        book_view(f->items[i]->public.book, &then);
        w->n_states[then.verdict.state]++;
        w->n_unheard += f->items[i]->n_unheard > 1;
        if (f->due_boot_ns[i] <= w->now_ns)
            continue;
        recovery_look(f, f->items[i], w->now_ns);
        lag_look(f, f->items[i], w->now_ns);
        after = without_look_time(*f->items[i]);
        book_view(f->items[i]->public.book, &now);
        cr_assert_eq(memcmp(&before, &after, sizeof(before)), 0, "%s: %s changed", w->venue->name,
                     before.public.symbol);
        cr_assert_eq(memcmp(&then.verdict, &now.verdict, sizeof(then.verdict)), 0);
        cr_assert_eq(memcmp(&counts, &f->counts, sizeof(counts)), 0);
        f->due_boot_ns[i] = due_boot_ns;
        f->due_first_boot_ns = first_boot_ns;
        w->n_looks++;
    }
    cr_assert_str_eq(w->said, "");
}

static void count_all(struct world *w)
{
    struct feed *f = w->feed;
    uint32_t n_rest = 0, n_live = 0, live, wanted;
    int64_t first_boot_ns = INT64_MAX;

    for (uint32_t i = 0; i < f->n_items; i++) {
        const struct feed_item *item = f->items[i];

        n_rest += item->needs_rest != REST_NONE;
        if (item->needs_rest == REST_WANTED && item->rest_after_boot_ns < first_boot_ns)
            first_boot_ns = item->rest_after_boot_ns;
        n_live += book_verdict_is(item->public.book, STATE_LIVE) &&
                  feed_connection(f, item->public.conn)->state == STATE_LIVE;
    }
    cr_assert_eq(f->n_rest, n_rest);
    cr_assert_leq(f->rest_first_boot_ns, first_boot_ns);
    feed_count(f, &live, &wanted);
    cr_assert_eq(live, n_live);
    cr_assert_eq(wanted, f->n_items);
}

/* --- what happens ------------------------------------------------------------------------------------------------- */

/* As pipeline.c does it. */
static void stepped(struct world *w, struct feed_book *fb, const struct md_event *event, struct feed_input *in)
{
    enum book_step step;

    if (feed_message_take(w->feed, fb, event, w->frame, in) != FEED_TAKE_BOOK)
        return;
    (void)feed_delay_take(w->feed, fb, event, in);
    step = sync_apply(w->venue, fb->book, event, w->frame, in);
    feed_book_stepped(w->feed, fb, step, in);
    while (sync_next(w->venue, fb->book, in, &step))
        feed_book_stepped(w->feed, fb, step, in);
}

static void handovers_settle(struct world *w)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = w->now_ns, .now_boot_ns = w->now_ns };
    enum book_step step;

    while (feed_handover_settle(w->feed, &in.conn))
        for (uint32_t i = 0; i < feed_n_books(w->feed); i++)
            while (feed_book_at(w->feed, i)->conn == in.conn &&
                   sync_next(w->venue, feed_book_at(w->feed, i)->book, &in, &step))
                feed_book_stepped(w->feed, feed_book_at(w->feed, i), step, &in);
}

static void happen(struct world *w, enum feed_input_kind kind, uint32_t conn)
{
    struct feed_input in = { .kind = kind, .conn = conn, .recv_ns = w->now_ns, .now_boot_ns = w->now_ns };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    feed_input(w->feed, &in);
    handovers_settle(w);
}

/* On a connection of chance that is open; seldom crossed, late or with a number missing. */
static void message(struct world *w, uint32_t at, uint32_t conn)
{
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = conn, .recv_ns = w->now_ns, .now_boot_ns = w->now_ns };
    struct feed_book *fb = feed_book_at(w->feed, at);
    uint64_t *number = &w->number[(fb->symbol[1] - 'A') % BOOKS];
    int is_whole = w->venue->builder == VENUE_BUILD_REPLACE || (w->venue->builder == VENUE_BUILD_CHAIN && !dice(w, 4));
    struct md_event event = { .kind = MD_BOOK,
                              .is_snapshot = (uint8_t)is_whole,
                              .follows = MD_FOLLOWS_FIRST,
                              .venue_ns = w->now_ns - (mishap(w, 8) ? 3 * SECOND : 0),
                              .n_bids = 1,
                              .n_asks = 1 };

    if (w->venue->builder == VENUE_BUILD_REST && fb->symbol[1] >= 'I')
        return; /* the venue took the request and sends nothing */
    *number += mishap(w, 12) ? 2 : 1;
    event.sequence_first = event.sequence_last = *number;
    w->frame->bids[0] = (struct md_level){ mishap(w, 6) ? 300 : 100, 1 + dice(w, 9) };
    w->frame->asks[0] = (struct md_level){ 200, 1 + dice(w, 9) };
    feed_input(w->feed, &in);
    stepped(w, fb, &event, &in);
    handovers_settle(w);
}

static void answer(struct world *w)
{
    static const uint32_t status[] = { 200, 200, 200, 200, 200, 404, 500, 429, 0 };
    struct feed_input in = { .kind = FEED_INPUT_HTTP,
                             .conn = FIRST,
                             .recv_ns = w->now_ns,
                             .now_boot_ns = w->now_ns,
                             .http_status = w->is_calm ? 200 : status[dice(w, 9)],
                             .aux_ns = 2 * SECOND };
    struct md_event event = { .kind = MD_BOOK, .is_snapshot = 1, .n_bids = 1, .n_asks = 1 };
    char url[FEED_REST_URL_SIZE], symbol[MD_SYMBOL_SIZE] = "";
    struct feed_book *fb;
    uint32_t i = dice(w, GETS);

    if (w->url[i][0] == '\0')
        return;
    memcpy(url, w->url[i], sizeof(url));
    w->url[i][0] = '\0';
    in.url = url;
    feed_input(w->feed, &in);
    (void)sscanf(url, "http://rest/%15[^?]", symbol);
    fb = feed_book_find(w->feed, symbol);
    if (in.http_status != 200 || !fb)
        return;
    in.conn = fb->conn;
    event.sequence_last = w->number[(symbol[1] - 'A') % BOOKS] + (uint32_t)mishap(w, 2);
    w->number[(symbol[1] - 'A') % BOOKS] = event.sequence_last;
    w->frame->bids[0] = (struct md_level){ mishap(w, 6) ? 300 : 100, 1 + dice(w, 9) };
    w->frame->asks[0] = (struct md_level){ 200, 1 };
    stepped(w, fb, &event, &in);
    handovers_settle(w);
}

static void refuse(struct world *w, uint32_t conn)
{
    static const uint8_t reasons[] = { REASON_SYMBOL_UNKNOWN, REASON_TOO_MANY_REQUESTS, REASON_VENUE_ERROR };
    struct feed_input in = { .kind = FEED_INPUT_RX, .conn = conn, .recv_ns = w->now_ns, .now_boot_ns = w->now_ns };
    struct md_event event = { .kind = MD_ERROR, .reason = reasons[dice(w, 3)] };

    if (dice(w, 2) == 0)
        (void)snprintf(event.symbol, sizeof(event.symbol), "%s",
                       feed_book_at(w->feed, dice(w, feed_n_books(w->feed)))->symbol);
    feed_venue_error(w->feed, &event, &in);
    handovers_settle(w);
}

/* Every book but some, and sometimes one that cannot be asked for. */
static void choose(struct world *w)
{
    static const char names[BOOKS][4] = { "BA", "BB", "BC", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BX", "BK" };
    const char *symbols[BOOKS];
    uint32_t n = 0, slot;

    for (uint32_t i = 0; i < BOOKS; i++)
        if (dice(w, 5) > 0)
            symbols[n++] = names[i];
    if (n == 0)
        symbols[n++] = names[0];
    cr_assert_eq(feed_symbols_set(w->feed, symbols, n, w->now_ns), 0);
    while (feed_dropped(w->feed, &slot))
        ;
}

static void sessions_settle(struct world *w)
{
    for (uint32_t conn = FIRST; conn < FIRST + CONNS; conn++) {
        if (feed_connection_is_wanted(w->feed, conn))
            w->has_session[conn] = 1;
        if (w->redial[conn] && w->is_open[conn]) {
            w->is_open[conn] = 0;
            happen(w, FEED_INPUT_CLOSE, conn);
        }
        w->redial[conn] = 0;
    }
}

/* Something of a connection that is there. */
static void connection_happens(struct world *w, uint32_t what)
{
    uint32_t conn = FIRST + dice(w, CONNS);

    if (!w->has_session[conn])
        return;
    if (!w->is_open[conn]) {
        w->is_open[conn] = 1;
        happen(w, FEED_INPUT_OPEN, conn);
    } else if (what < 55) {
        message(w, dice(w, feed_n_books(w->feed)), conn);
    } else if (what < 75) {
        happen(w, FEED_INPUT_TX, conn);
    } else if (w->is_calm) {
        return;
    } else if (what == 75) {
        w->is_open[conn] = 0;
        happen(w, FEED_INPUT_CLOSE, conn);
    } else if (what == 76) {
        refuse(w, conn);
    } else if (what == 77) {
        (void)feed_replace(w->feed, conn, REASON_REQUESTED);
    }
}

static void tick(struct world *w)
{
    static const int64_t waits_ns[] = { SECOND / 20, SECOND / 20, SECOND / 20, SECOND, 3 * SECOND, 20 * SECOND };

    w->now_ns += waits_ns[dice(w, dice(w, 40) == 0 ? 6 : 4)];
    look_at_all(w);
    happen(w, FEED_INPUT_TICK, FIRST);
}

static void live(struct world *w, const struct venue *venue)
{
    struct feed_options options = { .venue = venue,
                                    .first_conn = FIRST,
                                    .n_conns = CONNS,
                                    .books_max = BOOKS,
                                    .levels_max = 4,
                                    .lag_ms_max = 1000,
                                    .port = { w, on_send, on_redial, venue->rest_url ? on_get : NULL, on_open,
                                              on_end } };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    *w = (struct world){ .venue = venue, .now_ns = 1000 * SECOND, .chance = 0x9e3779b97f4a7c15u };
    cr_assert_eq(feed_new(&options, &w->feed), 0);
    cr_assert_eq(md_frame_new(&w->frame), 0);
    choose(w);
    for (uint32_t i = 0; i < OPS; i++) {
        uint32_t what = dice(w, 100);

        w->is_calm = i / 500 % 2;
        sessions_settle(w);
        if (what < 78)
            connection_happens(w, what);
        else if (what < 82)
            answer(w);
        else if (what == 82 && mishap(w, 5))
            choose(w);
        else
            tick(w);
        cr_assert(due_is_right(w->feed), "%s: operation %u, %u", venue->name, i, what);
        count_all(w);
    }
    w->feed = feed_free(w->feed);
    w->frame = md_frame_free(w->frame);
}

Test(feed_due, what_a_tick_passes_over_has_nothing_to_be_done)
{
    static const enum state states[] = { STATE_SYNCING, STATE_LIVE, STATE_CROSSED, STATE_LAGGING, STATE_FAILED };
    static struct world w;

    for (size_t i = 0; i < sizeof(venues) / sizeof(venues[0]); i++) {
        live(&w, &venues[i]);
        cr_expect_gt(w.n_looks, OPS / 4, "%s: %lu", venues[i].name, (unsigned long)w.n_looks);
        for (size_t k = 0; k < sizeof(states) / sizeof(states[0]); k++)
            cr_expect_gt(w.n_states[states[k]], 0, "%s: never %s", venues[i].name, verdict_state_word(states[k]));
    }
    cr_expect_gt(w.n_unheard, 0, "no book waited for its first update");
}

/* A daemon whose books are all well: one look at each, and none in the hour after it. */
Test(feed_due, a_book_that_is_well_is_not_looked_at)
{
    static struct world w;
    struct feed_options options = { .venue = &venues[0],
                                    .first_conn = FIRST,
                                    .n_conns = CONNS,
                                    .books_max = BOOKS,
                                    .levels_max = 4,
                                    .port = { &w, on_send, on_redial, NULL, on_open, on_end } };
    static const char *const symbols[] = { "BA", "BB" };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    w = (struct world){ .venue = &venues[0], .now_ns = 1000 * SECOND, .chance = 1 };
    cr_assert_eq(feed_new(&options, &w.feed), 0);
    cr_assert_eq(md_frame_new(&w.frame), 0);
    cr_assert_eq(feed_symbols_set(w.feed, symbols, 2, w.now_ns), 0);
    happen(&w, FEED_INPUT_OPEN, FIRST);
    happen(&w, FEED_INPUT_TX, FIRST);
    for (uint32_t i = 0; i < 2; i++)
        while (!book_verdict_is(feed_book_at(w.feed, i)->book, STATE_LIVE))
            message(&w, i, FIRST);

    happen(&w, FEED_INPUT_TICK, FIRST);

    cr_expect_eq(w.feed->due_first_boot_ns, INT64_MAX);
    for (int i = 0; i < 1000; i++)
        message(&w, (uint32_t)i % 2, FIRST);
    w.feed = feed_free(w.feed);
    w.frame = md_frame_free(w.frame);
}
