/* SPDX-License-Identifier: MIT
 * What the venue said, and what follows from it for the books it concerns. */
#include "feed/feed_private.h"

#include "core/log.h"

/* Books of the connection are invalid by one store; it is dialed anew, and until then nothing of it is taken. */
static void line_break(struct feed *f, uint32_t i, enum reason reason, const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];

    if (f->options.is_replay || line->is_broken)
        return;
    if (line->predecessor) {
        handover_cancel(f, i, reason, 1);
        return;
    }
    line->is_broken = 1;
    line->public.valid_from = line->public.update + 1;
    feed_line_state_set(f, i, STATE_GAP, reason, in);
    if (f->options.port.redial)
        f->options.port.redial(f->options.port.context, feed_conn(f, i), reason);
}

/* Has the venue answered the request for this book with what was asked for? Refused or not, a message of a whole book
 * is one; an update that waits for a snapshot is one where the snapshot is fetched, and none where it is to be pushed.
 */
static int step_answers(const struct feed *f, const struct feed_item *item, enum book_step step)
{
    if (f->options.venue->builder == VENUE_BUILD_REPLACE || step <= BOOK_CHECKSUM || step == BOOK_REFUSED)
        return 1;
    return step == BOOK_BUFFERED && (f->options.venue->builder == VENUE_BUILD_REST || item->needs_rest != REST_NONE);
}

/* What a step of a book that follows its venue asks for. */
static void step_recover(struct feed *f, struct feed_item *item, enum book_step step, const struct feed_input *in)
{
    int is_rest = in->kind == FEED_INPUT_HTTP;

    if (f->options.venue->builder == VENUE_BUILD_REPLACE || f->options.is_replay)
        return;
    switch (step) {
    case BOOK_SNAPSHOT:
    case BOOK_UPDATE:
    case BOOK_CROSSED:
        if (is_rest || step == BOOK_SNAPSHOT)
            rest_forget(f, item);
        if (f->options.depth_published > 0 && !item->needs_resync && item->needs_rest == REST_NONE &&
            book_is_shallow(item->public.book, f->options.depth_published))
            recovery_resync(f, item, in->recv_ns);
        return;
    case BOOK_CHECKSUM:
    case BOOK_GAP:
    case BOOK_REFUSED:
        recovery_resync(f, item, in->recv_ns);
        return;
    case BOOK_BUFFERED:
        if (item->needs_rest == REST_NONE)
            rest_want(f, item, f->options.venue->builder == VENUE_BUILD_REST ? 0 : FEED_PUSH_GRACE_MS);
        else if (f->options.venue->builder == VENUE_BUILD_REST && item->n_rest_failures == 0)
            rest_want(f, item, 0);
        return;
    case BOOK_IGNORED:
        return;
    }
}

void feed_book_stepped(struct feed *f, struct feed_book *fb, enum book_step step, const struct feed_input *in)
{
    struct feed_item *item = (struct feed_item *)fb;
    uint32_t i = feed_index(f, in->conn);

    if (step == BOOK_GAP || step == BOOK_CHECKSUM)
        f->counts.gaps++;
    if (f->options.is_replay)
        fb->conn = in->conn;
    if (f->lines[i]->error_reason) {
        f->lines[i]->error_reason = REASON_NONE;
        feed_line_state_set(f, i, STATE_LIVE, REASON_NONE, in);
    }
    if (step_answers(f, item, step)) {
        item->is_confirmed = 1;
        item->asked_with_max = 0;
        if (f->options.is_replay && item->phase == PHASE_QUEUED)
            item->phase = PHASE_AWAITING; /* a capture need not have its request; a later one is of something else */
        recovery_step(f, item, HAPPENED_MESSAGE, in->recv_ns);
    }
    extras_ask(f, item); /* its book is there */
    step_recover(f, item, step, in);
    if (unheard_stepped(f, item, step, in))
        recovery_unheard(f, item, in->recv_ns);
    if (!f->options.is_replay)
        handover_stepped(f, item, step);
    feed_book_log(f, item);
}

/* The other books of a request that failed as a whole are asked for again, without the one that spoiled it. */
static void siblings_ask_again(struct feed *f, const struct feed_item *refused, int64_t now_ns)
{
    struct feed_line *line = feed_line_of(f, refused);

    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item == refused || item->public.conn != refused->public.conn || item->request_id != refused->request_id ||
            (item->phase != PHASE_AWAITING && item->phase != PHASE_SENT))
            continue;
        item->is_at_venue = 0;
        recovery_step(f, item, HAPPENED_RESYNC, now_ns);
        line->needs_request = 1;
    }
}

static int is_unanswered(const struct feed_item *item, uint32_t conn)
{
    return item->public.conn == conn && !item->is_confirmed &&
           (item->phase == PHASE_SENT || item->phase == PHASE_AWAITING);
}

static void item_refuse(struct feed *f, struct feed_item *item, enum reason reason, int64_t now_ns)
{
    item->refused_reason = (uint8_t)reason;
    item->is_at_venue = 0;
    recovery_step(f, item, HAPPENED_REFUSED, now_ns);
}

/* The books of the request that the venue answers so, which has no name and a number. Returns how many. */
static uint32_t request_refuse(struct feed *f, uint64_t id, enum reason reason, const struct feed_input *in)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_items; i++) {
        if (f->items[i]->request_id != id || !is_unanswered(f->items[i], in->conn))
            continue;
        item_refuse(f, f->items[i], reason, in->recv_ns);
        n++;
    }
    return n;
}

/* One bad symbol spoils a whole request here and the venue did not say which: the books of the oldest request without
 * an answer are asked for again by halves, until the bad one is alone and is the one refused. */
static void request_halve(struct feed *f, enum reason reason, const struct feed_input *in)
{
    uint64_t id = UINT64_MAX;
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_items; i++)
        if (is_unanswered(f->items[i], in->conn) && f->items[i]->request_id < id)
            id = f->items[i]->request_id;
    for (uint32_t i = 0; i < f->n_items; i++)
        n += f->items[i]->request_id == id && is_unanswered(f->items[i], in->conn);
    if (n == 1) /* it is what was refused, whatever the venue's words for it */
        (void)request_refuse(f, id, reason == REASON_VENUE_ERROR ? REASON_REQUEST_REFUSED : reason, in);
    for (uint32_t i = 0; n > 1 && i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item->request_id != id || !is_unanswered(item, in->conn))
            continue;
        item->asked_with_max = n / 2;
        item->is_at_venue = 0;
        recovery_step(f, item, HAPPENED_RESYNC, in->recv_ns);
        feed_line_of(f, item)->needs_request = 1;
    }
}

/* An error that names no book of ours: the connection shows it, and what it can only be about does, too. */
static void error_unnamed(struct feed *f, uint32_t i, const struct md_event *event, enum reason reason,
                          const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];

    if (event->request_id != 0 && request_refuse(f, event->request_id, reason, in) > 0)
        return;
    if (event->symbol[0] == '\0' && reason == REASON_SYMBOL_UNKNOWN && line->n_unnamed < f->n_items)
        line->n_unnamed++;
    line->error_reason = (uint8_t)reason;
    feed_line_state_set(f, i, (enum state)line->public.state, reason, in);
    if (reason == REASON_TOO_MANY_REQUESTS)
        request_pause(f, i, in->recv_ns);
    else if (f->options.venue->limits.request_fails_whole && event->symbol[0] == '\0')
        request_halve(f, reason, in);
}

void feed_venue_error(struct feed *f, const struct md_event *event, const struct feed_input *in)
{
    struct feed_item *item = f->options.is_replay ? NULL : (struct feed_item *)feed_book_of(f, event, 0);
    enum reason reason = event->reason != REASON_NONE ? (enum reason)event->reason : REASON_VENUE_ERROR;
    uint32_t i = feed_index(f, in->conn);

    if (extras_refused(f, item, event, in))
        return;
    log_warn("venue.error", F_STR("venue", f->options.venue->name), F_U64("conn", in->conn),
             F_STR("symbol", event->symbol), F_STR("text", event->text));
    if (f->lines[i]->predecessor) { /* of books that another connection carries */
        handover_cancel(f, i, reason, 1);
        return;
    }
    if (!item) {
        error_unnamed(f, i, event, reason, in);
        return;
    }
    item_refuse(f, item, reason, in->recv_ns);
    if (f->options.venue->limits.request_fails_whole)
        siblings_ask_again(f, item, in->recv_ns);
}

void feed_subscribed(struct feed *f, const struct md_event *event, const struct feed_input *in)
{
    struct feed_book *fb;

    (void)in;
    if (event->channel != 0 && event->channel != MD_CHANNEL_BOOK)
        return;
    /* In a replay the messages alone show what NAME@bbo is. */
    fb = f->options.is_replay && strchr(event->symbol, VENUE_VARIANT_MARK) ? NULL : feed_book_find(f, event->symbol);
    if (fb) {
        ((struct feed_item *)fb)->is_confirmed = 1;
        extras_ask(f, (struct feed_item *)fb);
    }
    if (fb && event->depth > 0 && f->options.venue->truncates)
        book_depth_set(fb->book, event->depth);
}

void feed_frame_refused(struct feed *f, enum reason reason, const struct feed_input *in)
{
    const struct venue *venue = f->options.venue;

    if (in->kind == FEED_INPUT_RX && venue->builder != VENUE_BUILD_REPLACE && venue->proof != PROOF_SEQUENCE)
        line_break(f, feed_index(f, in->conn), reason, in);
}

void feed_closing(struct feed *f, const struct feed_input *in)
{
    uint32_t i = feed_index(f, in->conn);

    if (f->lines[i]->predecessor)
        handover_cancel(f, i, REASON_VENUE_CLOSING, 1);
    else
        (void)feed_replace(f, in->conn, REASON_VENUE_CLOSING);
}

int feed_sequence(struct feed *f, const struct feed_input *in, uint64_t sequence)
{
    uint32_t i = feed_index(f, in->conn);
    struct feed_line *line = f->lines[i];
    int follows = !line->has_sequence || sequence == line->sequence + 1;

    line->has_sequence = 1;
    line->sequence = sequence;
    if (!follows) {
        f->counts.gaps++;
        line_break(f, i, REASON_SEQUENCE_GAP, in);
    }
    return f->options.is_replay || !line->is_broken || line->is_lingering;
}
