/* SPDX-License-Identifier: MIT
 * What the venue said, and what follows from it for the books it concerns. */
#include "feed/feed_private.h"

#include "core/log.h"

/* Books of the connection are invalid by one store; it is dialed anew, and until then nothing of it is taken. */
static void line_break(struct feed *f, uint32_t i, enum reason reason, const struct feed_input *in)
{
    struct feed_line *line = &f->lines[i];

    if (f->options.is_replay || line->is_broken)
        return;
    line->is_broken = 1;
    line->public.valid_from = line->public.update + 1;
    feed_line_state_set(f, i, STATE_GAP, reason, in);
    if (f->options.port.redial)
        f->options.port.redial(f->options.port.context, f->options.first_conn + i, reason);
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
            f->now_boot_ns >= item->resync_after_boot_ns &&
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
    uint32_t i = in->conn - f->options.first_conn;

    if (step == BOOK_GAP || step == BOOK_CHECKSUM)
        f->counts.gaps++;
    if (f->options.is_replay)
        fb->conn = in->conn;
    if (f->lines[i].has_error) {
        f->lines[i].has_error = 0;
        feed_line_state_set(f, i, STATE_LIVE, REASON_NONE, in);
    }
    if (step_answers(f, item, step))
        recovery_step(f, item, HAPPENED_MESSAGE, in->recv_ns);
    step_recover(f, item, step, in);
    feed_book_log(f, item);
}

/* The other books of a request that failed as a whole are asked for again, without the one that spoiled it. */
static void siblings_ask_again(struct feed *f, const struct feed_item *refused, int64_t now_ns)
{
    struct feed_line *line = feed_line_of(f, refused);

    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item == refused || item->public.conn != refused->public.conn || item->request_n != refused->request_n ||
            (item->phase != PHASE_AWAITING && item->phase != PHASE_SENT))
            continue;
        item->is_at_venue = 0;
        recovery_step(f, item, HAPPENED_RESYNC, now_ns);
        line->needs_request = 1;
    }
}

void feed_venue_error(struct feed *f, const struct md_event *event, const struct feed_input *in)
{
    struct feed_item *item = f->options.is_replay ? NULL : (struct feed_item *)feed_book_of(f, event);
    uint32_t i = in->conn - f->options.first_conn;

    log_warn("venue.error", F_STR("venue", f->options.venue->name), F_U64("conn", in->conn),
             F_STR("symbol", event->symbol), F_STR("text", event->text));
    if (item) {
        item->refused_reason = event->reason != REASON_NONE ? event->reason : REASON_VENUE_ERROR;
        item->is_at_venue = 0;
        recovery_step(f, item, HAPPENED_REFUSED, in->recv_ns);
        if (f->options.venue->limits.request_fails_whole)
            siblings_ask_again(f, item, in->recv_ns);
        return;
    }
    if (event->symbol[0] == '\0' && event->reason == REASON_SYMBOL_UNKNOWN && f->lines[i].n_unnamed < f->n_items)
        f->lines[i].n_unnamed++;
    f->lines[i].has_error = 1;
    feed_line_state_set(f, i, (enum state)f->lines[i].public.state, REASON_VENUE_ERROR, in);
}

void feed_subscribed(struct feed *f, const struct md_event *event, const struct feed_input *in)
{
    struct feed_book *fb = feed_book_find(f, event->symbol);

    (void)in;
    if (fb && event->depth > 0 && f->options.venue->truncates)
        book_depth_set(fb->book, event->depth);
}

void feed_frame_refused(struct feed *f, enum reason reason, const struct feed_input *in)
{
    const struct venue *venue = f->options.venue;

    if (in->kind == FEED_INPUT_RX && venue->builder != VENUE_BUILD_REPLACE && venue->proof != PROOF_SEQUENCE)
        line_break(f, in->conn - f->options.first_conn, reason, in);
}

void feed_closing(struct feed *f, const struct feed_input *in)
{
    if (f->options.port.redial)
        f->options.port.redial(f->options.port.context, in->conn, REASON_VENUE_CLOSING);
}

int feed_sequence(struct feed *f, const struct feed_input *in, uint64_t sequence)
{
    uint32_t i = in->conn - f->options.first_conn;
    struct feed_line *line = &f->lines[i];
    int follows = !line->has_sequence || sequence == line->sequence + 1;

    line->has_sequence = 1;
    line->sequence = sequence;
    if (!follows) {
        f->counts.gaps++;
        line_break(f, i, REASON_SEQUENCE_GAP, in);
    }
    return f->options.is_replay || !line->is_broken;
}
