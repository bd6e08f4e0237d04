/* SPDX-License-Identifier: MIT
 * Two ways to a right book: every message is a whole one, or updates follow a snapshot and prove it. Which proof, and
 * how the first update joins a snapshot that came by REST, is said by the venue and by each event; the way is the same.
 */
#include "book/sync.h"

#include "book/book_private.h"
#include "book/sync_buffer.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define SYNC_JOIN_NS_MAX 10000000000ll /* behind a join its updates of before have all been read */

enum follow { FOLLOWS, IS_OLD, LEAVES_GAP };

/* A book that is known to lack a level is never called live, right as the others may be. */
static enum book_step judge(struct book *bk, enum book_step applied, int64_t now_ns)
{
    if (bk->sync.lacks_level) {
        (void)book_verdict_set(bk, STATE_FAILED, REASON_NUMBER_RANGE, now_ns);
        return applied;
    }
    if (book_is_short(bk)) { /* the best of it is right and there is less than readers count on: fetched anew */
        (void)book_verdict_set(bk, STATE_SYNCING, REASON_AWAITING_SNAPSHOT, now_ns);
        return applied;
    }
    if (book_is_crossed(bk)) {
        (void)book_verdict_set(bk, STATE_CROSSED, REASON_CROSSED_BOOK, now_ns);
        return BOOK_CROSSED;
    }
    if (bk->is_lagging)
        (void)book_verdict_set(bk, STATE_LAGGING, REASON_VENUE_DELAY, now_ns);
    else
        (void)book_verdict_set(bk, STATE_LIVE, REASON_NONE, now_ns);
    return applied;
}

/* The last verified levels stay for those who look; nothing follows them until the next snapshot. A replay goes on with
 * the book as it was (../shared/captures/README.md, variants.fit). */
static enum book_step refuse(struct book *bk, int64_t now_ns)
{
    if (!bk->options.goes_on)
        bk->sync.is_synced = 0;
    (void)book_verdict_set(bk, STATE_FAILED, REASON_NUMBER_RANGE, now_ns);
    return BOOK_REFUSED;
}

static struct venue_book_side checksum_side(const struct book *bk, const struct side *side)
{
    return (struct venue_book_side){ .levels = side_levels(side),
                                     .digits = side_digits(side),
                                     .n = side_n_first(side),
                                     .price_decimals = bk->price_decimals,
                                     .size_decimals = bk->size_decimals };
}

/* After the message was applied: is the book what the venue has? */
static enum book_step verify(const struct venue *venue, struct book *bk, const struct waiting *w,
                             enum book_step applied, int64_t now_ns)
{
    if (w->has_checksum && venue->checksum) {
        struct venue_book_side bids = checksum_side(bk, &bk->bids), asks = checksum_side(bk, &bk->asks);

        if (venue->checksum(&bids, &asks) != w->checksum) {
            bk->sync.is_synced = bk->options.goes_on;
            (void)book_verdict_set(bk, STATE_GAP, REASON_CHECKSUM, now_ns);
            return BOOK_CHECKSUM;
        }
        bk->proof = PROOF_CHECKSUM;
    }
    return judge(bk, applied, now_ns);
}

/* Once a book follows its stream nothing older comes, but for a repeat now and then. Where all that comes is old, the
 * venue numbers anew, or one number was wrong: such a book would stand still for ever and be called live. Longer while
 * it is still to join what was fetched, or another connection's stream: those may be ahead. */
#define OLD_NS_MAX         INT64_C(1000000000)
#define OLD_JOINING_NS_MAX INT64_C(10000000000)

static int is_old_for_good(struct book *bk, int64_t recv_ns)
{
    struct sync_state *sync = &bk->sync;
    int is_to_join = sync->is_joining || (sync->is_rest && !sync->is_joined);

    if (sync->old_ns == 0 || recv_ns < sync->old_ns) /* the wall clock may be set back */
        sync->old_ns = recv_ns;
    return !bk->options.goes_on && recv_ns - sync->old_ns > (is_to_join ? OLD_JOINING_NS_MAX : OLD_NS_MAX);
}

/* --- replace ------------------------------------------------------------------------------------------------------ */

/* Every message is a whole book: there is nothing to follow, so what can be held is right. A refused message leaves the
 * last verified levels; the next good one heals everything. Where books are numbered an older one is of no use. */
static enum book_step replace(const struct venue *venue, struct book *bk, const struct md_event *event,
                              const struct md_frame *frame, const struct feed_input *in)
{
    (void)venue;
    if (event->sequence_last != 0 && bk->sync.is_synced && event->sequence_last <= bk->sync.last &&
        !is_old_for_good(bk, in->recv_ns))
        return BOOK_IGNORED;
    if (book_replace(bk, event, frame, in) < 0) {
        (void)book_verdict_set(bk, STATE_FAILED, REASON_NUMBER_RANGE, in->recv_ns);
        return BOOK_REFUSED;
    }
    bk->sync.is_synced = 1;
    bk->sync.lacks_level = event->n_left_out > 0;
    bk->sync.last = event->sequence_last;
    bk->sync.old_ns = 0;
    bk->proof = PROOF_SNAPSHOT_ONLY;
    return judge(bk, BOOK_SNAPSHOT, in->recv_ns);
}

/* --- snapshot and updates ----------------------------------------------------------------------------------------- */

/* Does the update join the REST snapshot of sequence `last`? venue.h has the three rules. */
static enum follow join(const struct venue *venue, uint64_t last, const struct waiting *w)
{
    switch (venue->join) {
    case VENUE_JOIN_NONE:
        break;
    case VENUE_JOIN_NEXT:
        return w->sequence_last <= last ? IS_OLD : w->sequence_first - 1 <= last ? FOLLOWS : LEAVES_GAP;
    case VENUE_JOIN_COVER:
        return w->sequence_last < last ? IS_OLD : w->sequence_previous <= last ? FOLLOWS : LEAVES_GAP;
    case VENUE_JOIN_PREVIOUS:
        return w->sequence_last <= last ? IS_OLD : w->sequence_previous <= last ? FOLLOWS : LEAVES_GAP;
    }
    return FOLLOWS;
}

/* The number that the update says it comes after. */
static uint64_t number_before(const struct waiting *w)
{
    switch ((enum md_follows)w->follows) {
    case MD_FOLLOWS_UNPROVEN:
    case MD_FOLLOWS_NOTHING:
    case MD_FOLLOWS_LAST:
        break;
    case MD_FOLLOWS_PREVIOUS:
        return w->sequence_previous;
    case MD_FOLLOWS_FIRST:
        return w->sequence_first - 1;
    }
    return w->sequence_last - 1;
}

/* Another connection took over and stands at or behind the book: what it says of the time before is old, and the first
 * update beyond the book is the join, even if its borders lie elsewhere than those of the connection before. */
static enum follow follow_join(struct sync_state *sync, const struct waiting *w)
{
    uint64_t before = number_before(w);

    if (before > sync->stream) {
        sync->n_lost += before > sync->last ? before - sync->last : 0;
        return LEAVES_GAP;
    }
    if (w->sequence_last <= sync->last) {
        sync->stream = w->sequence_last > sync->stream ? w->sequence_last : sync->stream;
        return IS_OLD;
    }
    sync->is_joining = 0;
    return FOLLOWS;
}

static enum follow follow(const struct venue *venue, struct book *bk, const struct waiting *w)
{
    struct sync_state *sync = &bk->sync;

    if (sync->is_joining)
        return follow_join(sync, w);
    if (sync->is_rest && !sync->is_joined)
        return join(venue, sync->last, w);
    switch ((enum md_follows)w->follows) {
    case MD_FOLLOWS_UNPROVEN:
        return FOLLOWS;
    case MD_FOLLOWS_NOTHING:
        return bk->options.goes_on ? FOLLOWS : LEAVES_GAP;
    case MD_FOLLOWS_PREVIOUS:
        return w->sequence_previous == sync->last ? FOLLOWS : LEAVES_GAP;
    case MD_FOLLOWS_FIRST:
        if (w->sequence_last <= sync->last)
            return IS_OLD;
        return w->sequence_first - 1 == sync->last ? FOLLOWS : LEAVES_GAP;
    case MD_FOLLOWS_LAST:
        if (bk->options.goes_on)
            return FOLLOWS;
        if (w->sequence_last <= sync->last)
            return IS_OLD;
        return w->sequence_last - 1 == sync->last ? FOLLOWS : LEAVES_GAP;
    }
    return FOLLOWS;
}

/* The book stands here by more than one road: a fetched answer, or another connection. */
static void joined(struct book *bk, int64_t now_boot_ns)
{
    bk->sync.joined_ns = bk->recv_ns;
    bk->sync.joined_boot_ns = now_boot_ns;
}

/* When the book with this update in it had arrived: the later of both, because an update that waited, here or in the
 * kernel, came before the answer that made the book known. Only for a while: the wall clock may be set back. */
static int64_t received_ns(struct book *bk, int64_t recv_ns, int64_t now_boot_ns)
{
    struct sync_state *sync = &bk->sync;

    if (recv_ns < sync->joined_ns && now_boot_ns - sync->joined_boot_ns < SYNC_JOIN_NS_MAX)
        return sync->joined_ns;
    sync->joined_ns = 0;
    return recv_ns;
}

/* An update that follows. */
static enum book_step update_take(const struct venue *venue, struct book *bk, const struct waiting *w,
                                  const struct message *m, const struct feed_input *in)
{
    struct feed_input at = *in;

    at.recv_ns = received_ns(bk, w->recv_ns, in->now_boot_ns);
    if (w->number_range || book_message_update(bk, m, &at) < 0)
        return refuse(bk, at.recv_ns);
    bk->sync.last = w->sequence_last;
    bk->sync.old_ns = 0;
    bk->sync.lacks_level |= w->n_left_out > 0;
    bk->sync.is_joined = 1;
    bk->proof = w->follows == MD_FOLLOWS_NOTHING ? PROOF_NONE : venue->proof;
    return verify(venue, bk, w, BOOK_UPDATE, at.recv_ns);
}

static enum book_step gap(struct book *bk, int64_t now_ns)
{
    bk->sync.is_synced = 0;
    bk->sync.keeps = 0;
    bk->sync.is_joining = 0;
    bk->sync.old_ns = 0;
    (void)book_verdict_set(bk, STATE_GAP, REASON_SEQUENCE_GAP, now_ns);
    return BOOK_GAP;
}

static enum book_step sync_update(const struct venue *venue, struct book *bk, const struct md_event *event,
                                  const struct md_frame *frame, const struct feed_input *in)
{
    struct waiting w = waiting_of(event, in->recv_ns);
    struct message m = message_of(bk, event, frame);

    if (!bk->sync.is_synced) {
        (void)sync_successor_forget(bk);
        return sync_buffer_add(bk, &w, &m) ? BOOK_BUFFERED : BOOK_IGNORED;
    }
    switch (follow(venue, bk, &w)) {
    case IS_OLD:
        if (!is_old_for_good(bk, in->recv_ns))
            return BOOK_IGNORED;
        __attribute__((fallthrough));
    case LEAVES_GAP:
        (void)sync_keep(bk, 0);
        /* The first update that a later snapshot may have to be joined with. */
        (void)sync_successor_forget(bk);
        (void)sync_buffer_add(bk, &w, &m);
        return gap(bk, in->recv_ns);
    case FOLLOWS:
        break;
    }
    if (bk->sync.keeps)
        (void)sync_buffer_add(bk, &w, &m);
    return update_take(venue, bk, &w, &m, in);
}

/* Would the oldest update that waits leave a gap behind this snapshot? */
static int snapshot_is_too_old(const struct venue *venue, struct book *bk, uint64_t last)
{
    struct waiting w;
    struct message m;

    if (!sync_buffer_first(bk, &w, &m))
        return 0;
    switch (venue->join) {
    case VENUE_JOIN_NONE:
        return 0;
    case VENUE_JOIN_NEXT:
        return w.sequence_first - 1 > last;
    case VENUE_JOIN_COVER:
        return last < w.sequence_first;
    case VENUE_JOIN_PREVIOUS:
        return last < w.sequence_previous;
    }
    return 0;
}

static enum book_step sync_snapshot(const struct venue *venue, struct book *bk, const struct md_event *event,
                                    const struct md_frame *frame, const struct feed_input *in)
{
    struct sync_state *sync = &bk->sync;
    struct waiting w = waiting_of(event, in->recv_ns);
    int is_rest = in->kind == FEED_INPUT_HTTP;

    if (is_rest && sync->is_synced && !bk->options.goes_on && event->sequence_last < sync->last &&
        (sync->has_next || sync->used == sync->taken || snapshot_is_too_old(venue, bk, event->sequence_last)))
        return BOOK_IGNORED; /* the book is further than what was fetched to refresh it, and not all since was kept */
    if (is_rest && !sync->is_synced && snapshot_is_too_old(venue, bk, event->sequence_last)) {
        (void)book_verdict_set(bk, STATE_SYNCING, REASON_SNAPSHOT_TOO_OLD, in->recv_ns);
        return BOOK_IGNORED;
    }
    if (book_replace(bk, event, frame, in) < 0)
        return refuse(bk, in->recv_ns);
    (void)sync_successor_forget(bk);
    if (!is_rest)
        sync_buffer_clear(bk); /* a pushed snapshot stands in the stream: what came before it is in it */
    sync->keeps = 0;
    sync->is_synced = 1;
    sync->is_joined = 0;
    sync->is_joining = 0;
    sync->lacks_level = event->n_left_out > 0;
    sync->is_rest = (uint8_t)is_rest;
    sync->last = event->sequence_last;
    sync->old_ns = 0;
    bk->proof = PROOF_SNAPSHOT_ONLY;
    sync->joined_ns = 0;
    if (is_rest)
        joined(bk, in->now_boot_ns);
    return verify(venue, bk, &w, BOOK_SNAPSHOT, in->recv_ns);
}

static enum book_step delta(const struct venue *venue, struct book *bk, const struct md_event *event,
                            const struct md_frame *frame, const struct feed_input *in)
{
    return event->is_snapshot ? sync_snapshot(venue, bk, event, frame, in) : sync_update(venue, bk, event, frame, in);
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

enum book_step sync_apply(const struct venue *venue, struct book *bk, const struct md_event *event,
                          const struct md_frame *frame, const struct feed_input *in)
{
    assert(event->kind == MD_BOOK);
    switch (venue->builder) {
    case VENUE_BUILD_REPLACE:
        if (event->follows != MD_FOLLOWS_NOTHING)
            return replace(venue, bk, event, frame, in);
        break; /* an update of a retired dialect */
    case VENUE_BUILD_CHAIN:
    case VENUE_BUILD_REST:
        break;
    }
    return delta(venue, bk, event, frame, in);
}

int sync_next(const struct venue *venue, struct book *bk, const struct feed_input *in, enum book_step *ret)
{
    struct waiting w;
    struct message m;

    if (!bk->sync.is_synced || bk->sync.keeps || bk->sync.has_next || !sync_buffer_first(bk, &w, &m))
        return 0;
    switch (follow(venue, bk, &w)) {
    case IS_OLD:
        *ret = BOOK_IGNORED;
        break;
    case LEAVES_GAP:
        *ret = gap(bk, in->recv_ns); /* it stays the first that waits */
        return 1;
    case FOLLOWS:
        *ret = update_take(venue, bk, &w, &m, in);
        break;
    }
    sync_buffer_take(bk);
    return 1;
}

/* --- another connection takes over -------------------------------------------------------------------------------- */

/* What waits reaches back to the number before the oldest; with nothing waiting, to what was said last. */
static uint64_t successor_reach(const struct book *bk)
{
    struct waiting w;
    struct message m;

    return sync_buffer_first(bk, &w, &m) ? number_before(&w) : bk->sync.next_last;
}

/* What the book has by now needs no keeping. */
static void successor_prune(struct book *bk)
{
    struct waiting w;
    struct message m;

    while (sync_buffer_first(bk, &w, &m) && w.sequence_last <= bk->sync.last)
        sync_buffer_take(bk);
}

void sync_successor_take(struct book *bk, const struct md_event *event, const struct md_frame *frame, int64_t recv_ns)
{
    struct sync_state *sync = &bk->sync;
    struct waiting w = waiting_of(event, recv_ns);
    struct message m = message_of(bk, event, frame);

    if (!sync->is_synced || sync->keeps || w.follows == MD_FOLLOWS_UNPROVEN) {
        sync->has_next = 0; /* the buffer is the book's own now */
        return;
    }
    if (sync->has_next && w.sequence_last <= sync->next_last)
        return;
    if (!sync->has_next || number_before(&w) != sync->next_last) {
        sync_buffer_clear(bk); /* begun, or begun again behind a gap of that connection */
        sync->next_floor = sync->has_next ? sync->next_floor : sync->last;
        sync->has_next = 1;
    }
    sync->next_last = w.sequence_last;
    successor_prune(bk);
    if (w.sequence_last > sync->last && !sync_buffer_add(bk, &w, &m))
        sync->has_next = 0;
}

int sync_successor_is_ready(const struct book *bk)
{
    const struct sync_state *sync = &bk->sync;

    return sync->is_synced && sync->has_next && successor_reach(bk) <= sync->last &&
           sync->next_last >= sync->next_floor;
}

int sync_successor_forget(struct book *bk)
{
    int had = bk->sync.has_next;

    if (had)
        sync_buffer_clear(bk);
    bk->sync.has_next = 0;
    return had;
}

void sync_succeed(struct book *bk, int64_t now_boot_ns)
{
    struct sync_state *sync = &bk->sync;
    uint64_t reach;

    joined(bk, now_boot_ns);
    successor_prune(bk);
    reach = successor_reach(bk);
    if (!sync->has_next) {
        sync->is_rest = 1;
        sync->is_joined = 0;
        return;
    }
    sync->has_next = 0;
    sync->stream = reach < sync->last ? reach : sync->last; /* one that was not ready is found out as a gap */
    sync->is_joining = 1;
}

int sync_succeed_unproven(struct book *bk)
{
    struct sync_state *sync = &bk->sync;

    if (!sync->has_next)
        sync_buffer_clear(bk);
    sync->is_synced = 0;
    sync->is_joining = 0;
    sync->has_next = 0;
    sync->keeps = 0;
    return sync->used > sync->taken;
}

uint64_t sync_lost(const struct book *bk)
{
    return bk->sync.n_lost;
}

uint64_t sync_last(const struct book *bk)
{
    return bk->sync.last;
}

/* --- forgetting --------------------------------------------------------------------------------------------------- */

void sync_forget(struct book *bk)
{
    bk->sync.is_synced = 0;
    bk->sync.is_joining = 0;
    bk->sync.has_next = 0;
    bk->sync.keeps = 0;
    sync_buffer_clear(bk);
}

int sync_keep(struct book *bk, int keeps)
{
    if (!bk->sync.is_synced || bk->sync.keeps == (keeps != 0))
        return 0;
    bk->sync.has_next = 0;
    bk->sync.keeps = keeps != 0;
    sync_buffer_clear(bk);
    return 1;
}
