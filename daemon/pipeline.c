/* SPDX-License-Identifier: MIT
 * The road from an exchange's bytes to the segment. Read this file first; each step names the folder that takes it.
 *
 *   struct feed_input        what happened: network, replay and tests make the same ones
 *     | feed_input           daemon/feed     connections, requests, deadlines
 *     v venue->decode        daemon/venue    bytes -> events
 *     v sync_apply           daemon/book     does it follow? then the levels, and the verdict on them
 *     v publish_book         daemon/publish  the top of it into the segment (shm/writer)
 *   readers
 *
 * pipeline_extras.c takes trades and facts of the day: beside the books, and never any of their business.
 *
 * Nothing here allocates, locks or waits after pipeline_feed_add. */
#include "pipeline_private.h"

#include "book/sync.h"
#include "core/clock.h"
#include "core/log.h"
#include "pipeline_catalogue.h"
#include "publish/publish.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NO_ROUTE UINT8_MAX

int pipeline_new(const struct pipeline_options *options, struct pipeline **ret)
{
    struct pipeline *p = calloc(1, sizeof(*p));

    if (!p || md_frame_new(&p->frame) < 0) {
        free(p);
        return -ENOMEM;
    }
    p->options = *options;
    memset(p->route_of_conn, NO_ROUTE, sizeof(p->route_of_conn));
    *ret = p;
    return 0;
}

struct pipeline *pipeline_free(struct pipeline *p)
{
    if (p)
        p->frame = md_frame_free(p->frame);
    free(p);
    return NULL;
}

static void watch(struct pipeline *p, const struct feed_input *in, const struct route *route,
                  const struct feed_book *fb, enum book_step step, enum reason reason)
{
    if (p->options.watch)
        p->options.watch(p->options.watch_context, in, route->venue, fb ? fb->symbol : NULL, step, reason,
                         fb ? fb->book : NULL);
}

int pipeline_slot_get(struct pipeline *p, const struct route *route, struct feed_book *fb, int64_t now_ns)
{
    if (!p->options.writer || fb->slot == FEED_SLOT_FULL)
        return 0;
    if (fb->slot != FEED_SLOT_NONE)
        return 1;
    if (writer_slot_get(p->options.writer, route->venue->name, fb->symbol, now_ns, &fb->slot) == 0)
        return 1;
    fb->slot = FEED_SLOT_FULL;
    pipeline_count(p, COUNTER_DIRECTORY_FULL, 1);
    log_err("directory.full", F_STR("venue", route->venue->name), F_STR("symbol", fb->symbol));
    return 0;
}

static struct publish_meta meta_make(const struct route *route, const struct feed_book *fb,
                                     const struct book_view *view, int64_t now_ns)
{
    return (struct publish_meta){
        .source = route->source,
        .proof = view->proof,
        .conn = fb->conn,
        .connection_update = feed_connection(route->feed, fb->conn)->update,
        .now_ns = now_ns,
    };
}

static void delays_record(struct pipeline *p, const struct route *route, const struct book_view *view, int64_t now_ns)
{
    /* Differences of two machines' clocks, or of a clock that was set, may be negative: no delay, not recorded. */
    if (route->source != SOURCE_REPLAY && now_ns >= view->recv_ns)
        writer_histogram_record(p->options.writer, route->first_histogram, (uint64_t)(now_ns - view->recv_ns));
    if (view->venue_ns > 0 && view->recv_ns >= view->venue_ns)
        writer_histogram_record(p->options.writer, route->first_histogram + 1,
                                (uint64_t)(view->recv_ns - view->venue_ns));
}

/* Levels and verdict, or the verdict alone over the levels last published. */
void pipeline_book_publish(struct pipeline *p, const struct route *route, struct feed_book *fb, int with_levels,
                           int64_t now_ns)
{
    struct publish_meta meta;
    struct book_view view;

    if (!pipeline_slot_get(p, route, fb, now_ns))
        return;
    book_view(fb->book, &view);
    meta = meta_make(route, fb, &view, now_ns);
    if (with_levels)
        publish_book(p->options.writer, fb->slot, &view, &meta);
    else
        publish_verdict(p->options.writer, fb->slot, &view, &meta);
    writer_counter_add(p->options.writer, COUNTER_BOOKS_PUBLISHED, 1);
}

static void step_count(struct pipeline *p, enum book_step step)
{
    if (step <= BOOK_CHECKSUM)
        pipeline_count(p, COUNTER_BOOKS_APPLIED, 1);
    if (step == BOOK_CROSSED)
        pipeline_count(p, COUNTER_CROSSED, 1);
    if (step == BOOK_REFUSED)
        pipeline_count(p, COUNTER_NUMBER_RANGE, 1);
}

/* The rest of the book is right and is shown; that something is missing from it must be seen somewhere. The log counts
 * repeats, so the number of levels is no field of its line. */
static void levels_left_out(struct pipeline *p, const struct route *route, const struct md_event *event)
{
    if (event->n_left_out == 0)
        return;
    pipeline_count(p, COUNTER_LEVELS_LEFT_OUT, event->n_left_out);
    log_warn("book.levels_left_out", F_STR("venue", route->venue->name), F_STR("symbol", event->symbol));
}

/* Is what the book holds now what its readers shall see? A replay shows a book whose checksum is wrong and says so; a
 * live one keeps the last verified levels. */
int pipeline_step_shows(const struct route *route, enum book_step step)
{
    return step < BOOK_CHECKSUM ||
           (step == BOOK_CHECKSUM && route->source == SOURCE_REPLAY && !feed_is_told(route->feed));
}

void pipeline_step_take(struct pipeline *p, struct route *route, struct feed_book *fb, enum book_step step,
                        const struct feed_input *in)
{
    struct book_view view;

    book_view(fb->book, &view);
    feed_book_stepped(route->feed, fb, step, in);
    step_count(p, step);
    watch(p, in, route, fb, step, (enum reason)view.verdict.reason);
}

void pipeline_jump_take(struct pipeline *p, const struct route *route, struct feed_book *fb,
                        const struct feed_input *in)
{
    struct book_view view;

    if (!fb->has_jumped)
        return;
    fb->has_jumped = 0;
    book_view(fb->book, &view);
    step_count(p, BOOK_SNAPSHOT);
    watch(p, in, route, fb, BOOK_SNAPSHOT, (enum reason)view.verdict.reason);
}

/* A message that is not taken may have a say all the same: a fetched snapshot was too old. */
static int verdict_differs(const struct feed_book *fb, const struct book_verdict *before)
{
    struct book_view view;

    book_view(fb->book, &view);
    return view.verdict.state != before->state || view.verdict.reason != before->reason;
}

/* Levels a side that the venue keeps. A capture may not say: then its whole books do, at least the venue's default. */
static void depth_take(const struct route *route, struct feed_book *fb, const struct md_event *event)
{
    uint32_t n = event->n_bids > event->n_asks ? event->n_bids : event->n_asks, least = route->venue->depth_default;

    if (event->depth > 0)
        book_depth_set(fb->book, event->depth);
    else if (route->source == SOURCE_REPLAY && !feed_is_told(route->feed) && event->is_snapshot &&
             n > book_depth(fb->book))
        book_depth_set(fb->book, n > least ? n : least);
}

/* What had waited and can be judged now. Returns: does the book show it? */
static int waited_take(struct pipeline *p, struct route *route, struct feed_book *fb, int shows,
                       const struct feed_input *in)
{
    enum book_step next;

    while (sync_next(route->venue, fb->book, in, &next)) {
        feed_deed(route->feed, 'x', NULL);
        if (next != BOOK_IGNORED) /* one of before the snapshot: what that showed stands */
            shows = pipeline_step_shows(route, next);
        pipeline_step_take(p, route, fb, next, in);
    }
    return shows;
}

static void event_book(struct pipeline *p, struct route *route, const struct md_event *event,
                       const struct feed_input *in)
{
    struct feed_book *fb = feed_book_of(route->feed, event, in->kind == FEED_INPUT_HTTP);
    struct book_verdict before;
    struct book_view view;
    enum book_step step;
    int64_t now_ns, lag_ns;
    int shows;

    if (!fb) {
        pipeline_count(p, COUNTER_SYMBOLS_UNKNOWN, 1);
        return;
    }
    switch (p->told ? pipeline_told_take(p, route, fb, event, in)
                    : feed_message_take(route->feed, fb, event, p->frame, in)) {
    case FEED_TAKE_BOOK:
        break;
    case FEED_TAKE_SWAPPED:
        pipeline_jump_take(p, route, fb, in);
        pipeline_book_publish(p, route, fb, 1, in->recv_ns);
        return;
    case FEED_TAKE_NOTHING:
        pipeline_jump_take(p, route, fb, in);
        return;
    }
    book_view(fb->book, &view);
    before = view.verdict;
    lag_ns = feed_delay_take(route->feed, fb, event, in);
    if (lag_ns >= 0 && p->options.writer)
        writer_histogram_record(p->options.writer, route->first_histogram + 2, (uint64_t)lag_ns);
    if (route->venue->truncates)
        depth_take(route, fb, event);
    if (route->is_noted)
        feed_deed(route->feed, 'a', NULL);
    step = sync_apply(route->venue, fb->book, event, p->frame, in);
    shows = pipeline_step_shows(route, step);
    pipeline_step_take(p, route, fb, step, in);
    shows = p->told ? pipeline_told_next(p, route, fb, shows, in) : waited_take(p, route, fb, shows, in);
    levels_left_out(p, route, event);
    if (!p->options.writer || ((step == BOOK_IGNORED || step == BOOK_BUFFERED) && !verdict_differs(fb, &before)))
        return;
    now_ns = clock_real_ns();
    pipeline_book_publish(p, route, fb, shows, now_ns);
    if (!shows)
        return;
    pipeline_totals(p, fb, event);
    book_view(fb->book, &view);
    delays_record(p, route, &view, now_ns);
}

static void event_take(struct pipeline *p, struct route *route, const struct md_event *event,
                       const struct feed_input *in)
{
    switch (event->kind) {
    case MD_BOOK:
        event_book(p, route, event, in);
        return;
    case MD_ERROR:
        pipeline_count(p, COUNTER_VENUE_ERRORS, 1);
        feed_venue_error(route->feed, event, in);
        return;
    case MD_SUBSCRIBED:
        feed_subscribed(route->feed, event, in);
        return;
    case MD_CLOSING:
        feed_closing(route->feed, in);
        return;
    case MD_TRADES:
        pipeline_trades(p, route, event, in);
        return;
    case MD_DAY:
        pipeline_day(p, route, event, in);
        return;
    case MD_STATUS:
    case MD_OTHER:
        pipeline_count(p, COUNTER_FRAMES_IGNORED, 1);
        return;
    }
}

/* Whose book it was is not known. Where every message is a whole book the next one replaces everything, and where
 * messages are numbered the next one shows that this is missing; feed/ knows what else to do. */
static void frame_refused(struct pipeline *p, const struct route *route, const struct feed_input *in, int error)
{
    enum reason reason = error == -E2BIG ? REASON_TOO_MANY_LEVELS : REASON_MALFORMED;

    pipeline_count(p, COUNTER_FRAMES_REFUSED, 1);
    log_warn("frame.refused", F_STR("venue", route->venue->name), F_U64("conn", in->conn),
             F_STR("reason", verdict_reason_word(reason)));
    feed_frame_refused(route->feed, reason, in);
    watch(p, in, route, NULL, BOOK_REFUSED, reason);
}

/* An answer of 4xx or 5xx but these says nothing of a book (feed/rest.c); a capture knows no status. */
static int answer_says_nothing(const struct feed_input *in)
{
    return in->kind == FEED_INPUT_HTTP && in->http_status != 0 && in->http_status != 200 && in->http_status != 400 &&
           in->http_status != 404;
}

/* What the venue's adapter makes of the bytes of this kind of input. */
int pipeline_decode(const struct venue *v, uint8_t source, const struct feed_input *in, struct md_frame *frame)
{
    md_frame_reset(frame);
    if (in->kind == FEED_INPUT_RX && source == SOURCE_REPLAY && in->url && v->decode_of)
        return v->decode_of(in->url, in->bytes, in->bytes_size, frame);
    if (in->kind == FEED_INPUT_RX)
        return v->decode(in->bytes, in->bytes_size, frame);
    if (in->kind == FEED_INPUT_HTTP) {
        if (answer_says_nothing(in))
            return 0;
        return v->decode_http && in->url ? v->decode_http(in->url, in->bytes, in->bytes_size, frame) : 0;
    }
    return v->decode_tx && source == SOURCE_REPLAY ? v->decode_tx(in->bytes, in->bytes_size, frame) : 0;
}

static void frame_take(struct pipeline *p, struct route *route, const struct feed_input *in)
{
    int r;

    if (p->told && !pipeline_told_until_message(p, route, in))
        return;
    if (in->kind == FEED_INPUT_TX && feed_is_told(route->feed))
        return; /* a live feed does not read its own words */
    if (answer_says_nothing(in))
        feed_deed(route->feed, '!', NULL);
    r = p->is_decoded ? p->decoded_result : pipeline_decode(route->venue, route->source, in, p->frame);
    if (in->kind == FEED_INPUT_TX && r < 0)
        return; /* our own words, or a capture's */
    if (r < 0) {
        frame_refused(p, route, in, r);
        return;
    }
    if (p->frame->has_connection_sequence && !feed_sequence(route->feed, in, p->frame->connection_sequence)) {
        feed_deed(route->feed, '!', NULL);
        return;
    }
    for (uint32_t i = 0; i < p->frame->n_events; i++)
        event_take(p, route, &p->frame->event[i], in);
}

static void message_take(struct pipeline *p, struct route *route, const struct feed_input *in)
{
    pipeline_count(p, COUNTER_FRAMES, 1);
    pipeline_count(p, COUNTER_FRAME_BYTES, in->bytes_size);
    if (p->options.writer)
        writer_connection_heard(p->options.writer, in->conn, in->now_boot_ns);
    frame_take(p, route, in);
}

static void feed_counts_add(struct pipeline *p, struct route *route)
{
    const struct feed_counts *now = feed_counts(route->feed), *then = &route->counted;

    pipeline_count(p, COUNTER_CONNECTS, now->connects - then->connects);
    pipeline_count(p, COUNTER_CONNECT_FAILURES, now->connect_failures - then->connect_failures);
    pipeline_count(p, COUNTER_DISCONNECTS, now->disconnects - then->disconnects);
    pipeline_count(p, COUNTER_RESOLVE_FAILURES, now->resolve_failures - then->resolve_failures);
    pipeline_count(p, COUNTER_REQUESTS_SENT, now->requests_sent - then->requests_sent);
    pipeline_count(p, COUNTER_NO_SNAPSHOT, now->no_snapshot - then->no_snapshot);
    pipeline_count(p, COUNTER_GAPS, now->gaps - then->gaps);
    pipeline_count(p, COUNTER_LAGGING, now->lagging - then->lagging);
    pipeline_count(p, COUNTER_RESYNCS, now->resyncs - then->resyncs);
    pipeline_count(p, COUNTER_RESYNCS_PUT_OFF, now->resyncs_put_off - then->resyncs_put_off);
    pipeline_count(p, COUNTER_HANDOVERS, now->handovers - then->handovers);
    pipeline_count(p, COUNTER_HANDOVER_FAILURES, now->handover_failures - then->handover_failures);
    pipeline_count(p, COUNTER_HANDOVER_SEQUENCES_LOST, now->handover_sequences_lost - then->handover_sequences_lost);
    pipeline_count(p, COUNTER_PROMOTIONS, now->promotions - then->promotions);
    route->counted = *now;
}

/* What changed in the feed beside the books that messages brought. */
static void feed_settle(struct pipeline *p, struct route *route, int64_t now_ns)
{
    struct feed_book *fb;
    uint32_t conn;

    while ((conn = feed_next_changed_connection(route->feed)) != FEED_CONN_NONE)
        if (p->options.writer)
            pipeline_connection_publish(p, route, conn);
    while ((fb = feed_next_changed_book(route->feed)))
        pipeline_book_publish(p, route, fb, 0, now_ns);
    feed_counts_add(p, route);
}

/* Another connection has taken over: what waited for that is taken, and the books are published as its own. */
static void handover_publish(struct pipeline *p, struct route *route, uint32_t conn, const struct feed_input *in)
{
    struct feed_input now = {
        .kind = FEED_INPUT_RX, .conn = conn, .recv_ns = in->recv_ns, .now_boot_ns = in->now_boot_ns
    };

    for (uint32_t at = 0; at < feed_n_books(route->feed); at++) {
        struct feed_book *fb = feed_book_at(route->feed, at);
        struct book_view view;
        enum book_step step;

        if (fb->conn != conn)
            continue;
        pipeline_jump_take(p, route, fb, &now);
        while (sync_next(route->venue, fb->book, &now, &step)) {
            feed_deed(route->feed, 'x', fb->symbol);
            pipeline_step_take(p, route, fb, step, &now);
        }
        book_view(fb->book, &view);
        if (view.verdict.state == STATE_LIVE || view.verdict.state == STATE_LAGGING)
            pipeline_book_publish(p, route, fb, 1, in->recv_ns);
    }
}

static void feed_settle_all(struct pipeline *p, struct route *route, const struct feed_input *in)
{
    uint32_t conn;

    while (feed_handover_settle(route->feed, &conn))
        handover_publish(p, route, conn, in);
    feed_settle(p, route, in->recv_ns);
}

void pipeline_feed(struct pipeline *p, const struct feed_input *in)
{
    struct route *route;

    if (in->kind == FEED_INPUT_TICK) {
        for (uint32_t i = 0; i < p->n_routes; i++) {
            feed_input(p->routes[i].feed, in);
            feed_settle_all(p, &p->routes[i], in);
            if (p->options.writer)
                pipeline_catalogue_publish(p->options.writer, p->routes[i].feed, p->routes[i].venue->name);
        }
        return;
    }
    assert(in->conn < FEED_CONNECTIONS_MAX);
    assert(p->route_of_conn[in->conn] != NO_ROUTE);
    route = &p->routes[p->route_of_conn[in->conn]];
    p->told = in->deeds;
    p->is_among_messages = 0;
    feed_input(route->feed, in);
    if (in->kind == FEED_INPUT_RX)
        message_take(p, route, in);
    else if (in->kind == FEED_INPUT_TX || (in->kind == FEED_INPUT_HTTP && in->bytes_size > 0))
        frame_take(p, route, in);
    p->is_among_messages = 0;
    if (p->told)
        (void)pipeline_told_until_message(p, route, in);
    p->told = NULL;
    feed_settle_all(p, route, in);
}

void pipeline_feed_decoded(struct pipeline *p, const struct feed_input *in, struct md_frame *frame, int result)
{
    struct md_frame *own = p->frame;

    p->frame = frame;
    p->is_decoded = 1;
    p->decoded_result = result;
    pipeline_feed(p, in);
    p->is_decoded = 0;
    p->frame = own;
}

void pipeline_settle(struct pipeline *p, int64_t now_ns)
{
    uint32_t slot;

    for (uint32_t i = 0; p->options.writer && i < p->n_routes; i++)
        while (feed_dropped(p->routes[i].feed, &slot))
            writer_slot_free(p->options.writer, slot, now_ns);
    /* Slots may have become free: books that found none ask again, with all else that changed. */
    for (uint32_t i = 0; i < p->n_routes; i++) {
        struct route *route = &p->routes[i];

        for (uint32_t at = 0; at < feed_n_books(route->feed); at++) {
            struct feed_book *fb = feed_book_at(route->feed, at);

            if (fb->slot != FEED_SLOT_FULL)
                continue;
            fb->slot = FEED_SLOT_NONE;
            pipeline_book_publish(p, route, fb, 1, now_ns);
        }
        feed_settle(p, route, now_ns);
    }
}
