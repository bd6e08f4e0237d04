/* SPDX-License-Identifier: MIT
 * One book while another connection is about to take it over (handover.c). What shows that the new one covers it
 * depends on what the venue sends first on a subscription:
 *
 *   whole books       the newest is shown, whoever brings it; one that came is enough
 *   updates alone     their numbers are the venue's own (REST snapshots carry them, too), so they wait until they reach
 *                     back to where the book stands: book/sync.h, sync_successor
 *   a snapshot first  numbers may count a connection's own messages, so a second book follows the new connection; it
 *                     takes the place of the first when both stand at the same message, or it is the further one */
#include "feed/feed_private.h"

#include "book/sync.h"

#include <errno.h>

static uint32_t line_of(const struct feed *f, const struct feed_item *item)
{
    return feed_index(f, item->public.conn);
}

static enum state state_of(const struct feed_item *item)
{
    struct book_view view;

    book_view(item->public.book, &view);
    return (enum state)view.verdict.state;
}

/* Would its readers notice if it went over now? Others have nothing to lose, or are not asked for. */
int succession_is_at_stake(const struct feed_item *item)
{
    enum state state = state_of(item);

    return item->phase != PHASE_UNSENDABLE && item->phase != PHASE_RESTING &&
           (state == STATE_LIVE || state == STATE_CROSSED || state == STATE_LAGGING);
}

/* Where a book stands, comparable between two connections: the venue's number if it is one, else the venue's time. */
uint64_t succession_position(const struct feed *f, const struct book *bk)
{
    struct book_view view;

    if (f->options.venue->join != VENUE_JOIN_NONE && sync_last(bk) > 0)
        return sync_last(bk);
    book_view(bk, &view);
    return (uint64_t)view.venue_ns;
}

/* --- one book ----------------------------------------------------------------------------------------------------- */

void succession_reset(struct feed *f, struct feed_item *item)
{
    deed_reset(f, item);
    item->shadow_from = 0;
    item->catching_boot_ns = 0;
    item->succession = SUCCESSION_NONE;
    item->is_ready = 0;
    item->asked_boot_ns = 0;
}

void succession_add(struct feed *f, struct feed_item *item)
{
    uint32_t successor = f->lines[line_of(f, item)]->successor;

    if (!successor)
        return;
    item->succession = SUCCESSION_QUEUED;
    f->lines[successor - 1]->needs_request = 1;
}

void succession_drop(struct feed *f, struct feed_item *item)
{
    uint32_t successor = f->lines[line_of(f, item)]->successor, conn = item->public.conn;

    if (!successor || item->succession == SUCCESSION_NONE)
        return;
    f->lines[successor - 1]->needs_request = 1;
    if (item->succession == SUCCESSION_QUEUED || f->options.venue->limits.request_replaces_all)
        return;
    item->public.conn = feed_conn(f, successor - 1);
    request_farewell(f, item, MD_CHANNEL_BOOK);
    item->public.conn = conn;
}

void succession_asked(struct feed *f, struct feed_item *item)
{
    item->succession = SUCCESSION_ASKED;
    item->asked_last = sync_last(item->public.book);
    if (item->asked_boot_ns == 0)
        item->asked_boot_ns = f->now_boot_ns;
}

static enum feed_cover shadow_cover(const struct feed *f, const struct feed_item *item)
{
    uint64_t new = succession_position(f, item->shadow), old = succession_position(f, item->public.book);
    struct book_view view;

    book_view(item->shadow, &view);
    if (view.verdict.state != STATE_LIVE && view.verdict.state != STATE_CROSSED)
        return COVER_NOT;
    if ((new >= old || new == 0) && book_is_same(item->shadow, item->public.book))
        return COVER_EXACT;
    return new > old && item->shadow_from > 0 && item->shadow_from <= old ? COVER_AHEAD : COVER_NOT;
}

/* A venue that sends updates alone says nothing of a quiet book: when both connections were silent on it for a while
 * after the new one was asked, and that one is otherwise alive, they agree. */
static int is_quiet(const struct feed *f, const struct feed_item *item)
{
    const struct feed_line *line = f->lines[line_of(f, item)];
    const struct feed_line *next = f->lines[line->successor - 1];

    return f->options.venue->builder == VENUE_BUILD_REST && item->succession == SUCCESSION_ASKED &&
           item->asked_boot_ns > 0 && sync_last(item->public.book) == item->asked_last &&
           f->now_boot_ns - item->asked_boot_ns >= FEED_HANDOVER_QUIET_MS * FEED_NS_PER_MS &&
           next->public.heard_boot_ns > item->asked_boot_ns;
}

enum feed_cover succession_cover(const struct feed *f, struct feed_item *item)
{
    enum feed_cover cover;

    if (f->options.venue->builder == VENUE_BUILD_REPLACE)
        return item->is_ready ? COVER_EXACT : COVER_NOT;
    if (!item->shadow)
        return sync_successor_is_ready(item->public.book) || is_quiet(f, item) ? COVER_EXACT : COVER_NOT;
    cover = shadow_cover(f, item);
    item->is_ready |= cover != COVER_NOT;
    return cover == COVER_NOT && item->is_ready ? COVER_AHEAD : cover; /* behind for a moment: it will catch up */
}

static void shadow_swap(struct feed *f, struct feed_item *item)
{
    due_touch(f, item);
    deed_swap(f, item);
    item->catching_boot_ns = 0;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static enum feed_take nothing(struct feed *f)
{
    feed_deed(f, '-', NULL);
    return FEED_TAKE_NOTHING;
}

/* A whole book is right whoever brings it, unless it is older than the one that is shown. */
static enum feed_take whole_take(struct feed *f, struct feed_item *item, const struct md_event *event,
                                 const struct feed_input *in)
{
    const struct feed_line *line = f->lines[line_of(f, item)];
    int is_settled = in->conn == item->public.conn && !line->successor &&
                     f->now_boot_ns - line->handover_begun_boot_ns > FEED_HANDOVER_CATCH_MS * FEED_NS_PER_MS;
    struct book_view view;

    book_view(item->public.book, &view);
    if (item->is_own_known && item->brought_conn != in->conn && !is_settled && event->venue_ns > 0 &&
        event->venue_ns <= view.venue_ns)
        return nothing(f);
    item->is_own_known = 1;
    item->brought_conn = in->conn;
    return FEED_TAKE_BOOK;
}

int succession_shadow_take(struct feed *f, struct feed_item *item, const struct md_event *event,
                           const struct md_frame *frame, const struct feed_input *in)
{
    const struct venue *venue = f->options.venue;
    enum book_step step, next;
    int r = item->shadow ? 0 : book_new(book_options_of(item->public.book), &item->shadow);

    feed_deed(f, r < 0 ? '-' : 's', NULL);
    if (r < 0)
        return r;

    if (event->depth > 0 && venue->truncates)
        book_depth_set(item->shadow, event->depth);
    step = sync_apply(venue, item->shadow, event, frame, in);
    if (step == BOOK_SNAPSHOT)
        item->shadow_from = succession_position(f, item->shadow);
    while (sync_next(venue, item->shadow, in, &next))
        step = next;
    if (step == BOOK_UPDATE && item->shadow_from == 0)
        item->shadow_from = succession_position(f, item->shadow);
    return step == BOOK_GAP || step == BOOK_CHECKSUM || step == BOOK_REFUSED ? -EBADMSG : 0;
}

static enum feed_take successor_take(struct feed *f, struct feed_item *item, const struct md_event *event,
                                     const struct md_frame *frame, const struct feed_input *in)
{
    const struct venue *venue = f->options.venue;
    int r;

    item->asked_boot_ns = -1; /* it has spoken: no quiet book */
    if (venue->builder == VENUE_BUILD_REPLACE) {
        item->is_ready = 1;
        return whole_take(f, item, event, in);
    }
    if (!item->shadow && !event->is_snapshot) {
        if (venue->builder != VENUE_BUILD_REST)
            return nothing(f);
        feed_deed(f, 'n', NULL);
        sync_successor_take(item->public.book, event, frame, in->recv_ns);
        return FEED_TAKE_NOTHING;
    }
    r = succession_shadow_take(f, item, event, frame, in);
    if (r < 0)
        handover_cancel(f, feed_index(f, in->conn), r == -EBADMSG ? REASON_SEQUENCE_GAP : REASON_NONE, 1);
    return FEED_TAKE_NOTHING;
}

/* It has gone over, and its new connection is still behind what the old one had brought. */
static enum feed_take catching_take(struct feed *f, struct feed_item *item, const struct md_event *event,
                                    const struct md_frame *frame, const struct feed_input *in)
{
    int is_late = f->now_boot_ns - item->catching_boot_ns > FEED_HANDOVER_CATCH_MS * FEED_NS_PER_MS;

    if (succession_shadow_take(f, item, event, frame, in) < 0) {
        shadow_swap(f, item);
        f->counts.handover_sequences_lost++;
        feed_book_mark(f, item);
        recovery_resync(f, item, in->recv_ns);
        return FEED_TAKE_NOTHING;
    }
    if (shadow_cover(f, item) == COVER_NOT && !is_late)
        return FEED_TAKE_NOTHING;
    shadow_swap(f, item);
    return FEED_TAKE_SWAPPED;
}

enum feed_take feed_message_take(struct feed *f, struct feed_book *fb, const struct md_event *event,
                                 const struct md_frame *frame, const struct feed_input *in)
{
    struct feed_item *item = (struct feed_item *)fb;

    if (in->kind != FEED_INPUT_RX || f->options.is_replay)
        return FEED_TAKE_BOOK;
    if (in->conn == fb->conn) {
        if (item->catching_boot_ns > 0)
            return catching_take(f, item, event, frame, in);
        return f->options.venue->builder == VENUE_BUILD_REPLACE ? whole_take(f, item, event, in) : FEED_TAKE_BOOK;
    }
    if (f->lines[feed_index(f, in->conn)]->predecessor != line_of(f, item) + 1)
        return nothing(f);
    return successor_take(f, item, event, frame, in);
}

/* --- going over --------------------------------------------------------------------------------------------------- */

/* The one before has ended: does what the new one brought prove that nothing is missing? Silence does not. */
static int is_proven(const struct feed *f, const struct feed_item *item)
{
    uint64_t new;

    if (f->options.venue->builder == VENUE_BUILD_REPLACE)
        return item->is_ready;
    if (!item->shadow)
        return sync_successor_is_ready(item->public.book);
    new = succession_position(f, item->shadow);
    if (shadow_cover(f, item) != COVER_NOT)
        return 1;
    /* Behind, and without a gap since before: it will come by. */
    return book_verdict_is(item->shadow, STATE_LIVE) && new > 0 && new <= succession_position(f, item->public.book);
}

/* Its own book is there: it is shown, at once or when it has come up with what the one before had brought. */
static void shadow_go_over(struct feed *f, struct feed_item *item, int is_continuous)
{
    item->phase = PHASE_FED;
    if (is_continuous && shadow_cover(f, item) == COVER_NOT) {
        item->catching_boot_ns = f->now_boot_ns;
        return;
    }
    if (!is_continuous)
        recovery_mark(f, item, f->now_ns); /* so that it is live from its own snapshot on */
    shadow_swap(f, item);
}

/* Nothing is shown of it until the new connection brings it; how far its request has come there is known. */
static void begin_anew(struct feed *f, struct feed_item *item, enum feed_succession how_far)
{
    int is_waiting = 0;

    recovery_mark(f, item, f->now_ns);
    if (how_far >= SUCCESSION_SENT && f->options.venue->builder == VENUE_BUILD_REST)
        is_waiting = deed_succeed_unproven(f, item);
    else
        deed_forget(f, item);
    item->needs_resync = 0;
    item->is_own_known = 0;
    item->is_confirmed = 0;
    item->request_id = item->asked_id;
    item->phase = how_far >= SUCCESSION_SENT ? PHASE_SENT : PHASE_QUEUED;
    if (how_far < SUCCESSION_SENT)
        feed_line_of(f, item)->needs_request = 1;
    if (how_far == SUCCESSION_ASKED)
        feed_item_left(f, item, f->now_ns);
    if (is_waiting)
        rest_want(f, item, 0);
}

int succession_go_over(struct feed *f, struct feed_item *item, uint32_t conn, int is_dead)
{
    int is_at_stake_now = succession_is_at_stake(item);
    int is_continuous = is_at_stake_now && (!is_dead || is_proven(f, item));
    enum feed_succession how_far = item->succession;

    item->asked_last = succession_position(f, item->public.book);
    item->public.conn = conn;
    item->is_at_venue = how_far >= SUCCESSION_SENT;
    item->succession = SUCCESSION_NONE;
    item->is_ready = 0;
    extras_forget(f, item);
    extras_ask(f, item);
    feed_book_mark(f, item);
    if (item->phase == PHASE_UNSENDABLE || item->phase == PHASE_RESTING)
        return 0;
    if (item->shadow) {
        shadow_go_over(f, item, is_continuous);
    } else if (is_continuous) {
        item->phase = PHASE_FED;
        if (f->options.venue->builder == VENUE_BUILD_REST)
            deed_succeed(f, item);
    } else {
        begin_anew(f, item, how_far);
    }
    return is_continuous;
}
