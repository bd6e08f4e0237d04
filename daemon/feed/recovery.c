/* SPDX-License-Identifier: MIT
 * What becomes of a book when something happens to its request. The whole machine is the table. */
#include "feed/feed_private.h"

#include "book/sync.h"

/* The verdict that goes with a step. A message's own verdict comes from book/sync, so those steps keep it. AGAIN keeps
 * it too and has it published anew, because what was published before an opening no longer counts. */
enum outcome { KEEP, AGAIN, AS_QUEUED, AS_AWAITING, AS_FAILED, AS_REFUSED };

struct step {
    uint8_t next;    /* enum feed_phase */
    uint8_t outcome; /* enum outcome */
};

/* A book that was failed keeps that word until a message comes (n_failures below): a retry is no news.
 * QUEUED + LEFT only happens in a replay, where requests leave that this feed never handed over.
 * A message for a QUEUED or SENT book is one of the connection's earlier list: shown, but not the answer awaited. */
static const struct step recovery_table[PHASE_COUNT][HAPPENED_COUNT] = {
    /* clang-format off */
    [PHASE_UNSENDABLE] = {
        [HAPPENED_SENT] = { PHASE_UNSENDABLE, KEEP },   [HAPPENED_LEFT] = { PHASE_UNSENDABLE, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_UNSENDABLE, KEEP }, [HAPPENED_DEADLINE] = { PHASE_UNSENDABLE, KEEP },
        [HAPPENED_RETRY] = { PHASE_UNSENDABLE, KEEP },  [HAPPENED_CLOSED] = { PHASE_UNSENDABLE, KEEP },
        [HAPPENED_OPENED] = { PHASE_UNSENDABLE, AGAIN },
        [HAPPENED_RESYNC] = { PHASE_UNSENDABLE, KEEP },    [HAPPENED_REFUSED] = { PHASE_UNSENDABLE, KEEP },
    },
    [PHASE_QUEUED] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_AWAITING, AS_AWAITING },
        [HAPPENED_MESSAGE] = { PHASE_QUEUED, KEEP },    [HAPPENED_DEADLINE] = { PHASE_QUEUED, KEEP },
        [HAPPENED_RETRY] = { PHASE_QUEUED, KEEP },      [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
        [HAPPENED_RESYNC] = { PHASE_QUEUED, KEEP },    [HAPPENED_REFUSED] = { PHASE_RESTING, AS_REFUSED },
    },
    [PHASE_SENT] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_AWAITING, AS_AWAITING },
        [HAPPENED_MESSAGE] = { PHASE_SENT, KEEP },      [HAPPENED_DEADLINE] = { PHASE_SENT, KEEP },
        [HAPPENED_RETRY] = { PHASE_SENT, KEEP },        [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
        [HAPPENED_RESYNC] = { PHASE_QUEUED, KEEP },    [HAPPENED_REFUSED] = { PHASE_RESTING, AS_REFUSED },
    },
    [PHASE_AWAITING] = {
        [HAPPENED_SENT] = { PHASE_AWAITING, KEEP },     [HAPPENED_LEFT] = { PHASE_AWAITING, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_RESTING, AS_FAILED },
        [HAPPENED_RETRY] = { PHASE_AWAITING, KEEP },    [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
        [HAPPENED_RESYNC] = { PHASE_QUEUED, KEEP },    [HAPPENED_REFUSED] = { PHASE_RESTING, AS_REFUSED },
    },
    [PHASE_FED] = {
        [HAPPENED_SENT] = { PHASE_FED, KEEP },          [HAPPENED_LEFT] = { PHASE_FED, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_FED, KEEP },
        [HAPPENED_RETRY] = { PHASE_FED, KEEP },         [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
        [HAPPENED_RESYNC] = { PHASE_QUEUED, KEEP },    [HAPPENED_REFUSED] = { PHASE_RESTING, AS_REFUSED },
    },
    [PHASE_RESTING] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_RESTING, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_RESTING, KEEP },
        [HAPPENED_RETRY] = { PHASE_QUEUED, KEEP },      [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
        [HAPPENED_RESYNC] = { PHASE_RESTING, KEEP },    [HAPPENED_REFUSED] = { PHASE_RESTING, KEEP },
    },
    /* clang-format on */
};

static int64_t retry_delay_ns(uint32_t n_failures)
{
    int64_t delay_ns = FEED_RETRY_FIRST_NS;

    for (uint32_t i = 1; i < n_failures && delay_ns < FEED_RETRY_MAX_NS; i++)
        delay_ns *= 2;
    return delay_ns < FEED_RETRY_MAX_NS ? delay_ns : FEED_RETRY_MAX_NS;
}

static int64_t deadline_ns(const struct venue *venue)
{
    uint32_t ms = venue->limits.snapshot_deadline_ms;

    return (int64_t)(ms > 0 ? ms : FEED_SNAPSHOT_DEADLINE_MS) * FEED_NS_PER_MS;
}

static void verdict_set(struct feed *f, struct feed_item *item, enum state state, enum reason reason, int64_t now_ns)
{
    if (!book_verdict_set(item->public.book, state, reason, now_ns))
        return;
    feed_book_mark(f, item);
    feed_book_log(f, item);
}

/* Nothing came for it. Where the venue said of some symbol, without naming it, that it has none such, it said so of the
 * books that stay silent. Source: ../shared/protocols/coinone.md, "Messages", error 160012. */
static void outcome_failed(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    struct feed_line *line = feed_line_of(f, item);
    enum reason reason = line->error_reason ? (enum reason)line->error_reason : REASON_NO_SNAPSHOT;

    if (line->n_unnamed > 0) {
        line->n_unnamed--;
        reason = REASON_SYMBOL_UNKNOWN;
    } else if (line->error_reason == REASON_NONE && feed_is_unlisted(f, item)) {
        reason = REASON_SYMBOL_UNKNOWN;
    }
    item->n_failures++;
    item->due_boot_ns = f->now_boot_ns + retry_delay_ns(item->n_failures);
    f->counts.no_snapshot++;
    verdict_set(f, item, STATE_FAILED, reason, now_ns);
}

void recovery_unheard(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    item->phase = PHASE_RESTING;
    outcome_failed(f, item, now_ns);
    due_touch(f, item);
}

/* The venue's own word on this book. */
static void outcome_refused(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    item->n_failures++;
    item->due_boot_ns = f->now_boot_ns + retry_delay_ns(item->n_failures);
    rest_forget(f, item);
    verdict_set(f, item, STATE_FAILED, (enum reason)item->refused_reason, now_ns);
}

void recovery_step(struct feed *f, struct feed_item *item, enum feed_happening happening, int64_t now_ns)
{
    const struct step *step = &recovery_table[item->phase][happening];

    if (item->phase == PHASE_RESTING && item->refused_reason != REASON_NONE &&
        (happening == HAPPENED_OPENED || happening == HAPPENED_CLOSED)) {
        /* The venue would refuse it on a new connection, too, and some end the connection over it. */
        feed_book_mark(f, item);
        return;
    }
    if (item->phase != step->next || step->outcome != KEEP)
        due_touch(f, item);
    item->phase = step->next;
    if (happening == HAPPENED_MESSAGE) {
        item->n_failures = 0;
        item->refused_reason = REASON_NONE;
    }
    switch ((enum outcome)step->outcome) {
    case KEEP:
        return;
    case AGAIN:
        feed_book_mark(f, item);
        return;
    case AS_QUEUED:
        if (item->n_failures == 0)
            verdict_set(f, item, STATE_SYNCING, REASON_QUEUED, now_ns);
        feed_book_mark(f, item);
        return;
    case AS_AWAITING:
        item->due_boot_ns = f->now_boot_ns + deadline_ns(f->options.venue);
        if (item->n_failures == 0)
            verdict_set(f, item, STATE_SYNCING, REASON_AWAITING_SNAPSHOT, now_ns);
        return;
    case AS_FAILED:
        outcome_failed(f, item, now_ns);
        return;
    case AS_REFUSED:
        outcome_refused(f, item, now_ns);
        return;
    }
}

int64_t feed_spread_ms(const struct feed_item *item, uint32_t n, int64_t first_ms, int64_t max_ms)
{
    uint64_t chance = (uint64_t)(uintptr_t)item * 0x9e3779b97f4a7c15u >> 40;
    int64_t ms = first_ms;

    for (uint32_t i = 0; i < n && ms < max_ms; i++)
        ms *= 2;
    ms = ms < max_ms ? ms : max_ms;
    return ms + (int64_t)(chance % (uint64_t)(ms / 4 + 1));
}

void recovery_mark(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    struct book_view view;

    book_view(item->public.book, &view);
    if (view.verdict.state == STATE_LIVE || view.verdict.state == STATE_LAGGING)
        verdict_set(f, item, STATE_SYNCING, REASON_QUEUED, now_ns);
}

/* A bucket of tokens, one a resync: twice as many at once as there are books, so that all can be asked for anew when
 * all have lost their place, and as many a minute as there are books. */
static int64_t bucket_spent(const struct feed_bucket *b, uint32_t n_books, int64_t now_boot_ns)
{
    int64_t rate = n_books > FEED_RESYNCS_LEAST ? n_books : FEED_RESYNCS_LEAST;
    int64_t back = (now_boot_ns - b->at_boot_ns) / 60000 * rate / 1000;

    return b->spent_milli > back ? b->spent_milli - back : 0;
}

static int bucket_has(const struct feed_bucket *b, uint32_t n_books, int64_t now_boot_ns)
{
    uint32_t most = 2 * n_books > FEED_RESYNCS_LEAST ? 2 * n_books : FEED_RESYNCS_LEAST;

    return bucket_spent(b, n_books, now_boot_ns) + 1000 <= (int64_t)most * 1000;
}

static void bucket_take(struct feed_bucket *b, uint32_t n_books, int64_t now_boot_ns)
{
    b->spent_milli = bucket_spent(b, n_books, now_boot_ns) + 1000;
    b->at_boot_ns = now_boot_ns;
}

/* One resync more, of this connection and of this venue. */
static int resync_is_allowed(struct feed *f, struct feed_item *item)
{
    struct feed_line *line = feed_line_of(f, item);

    if (!bucket_has(&line->resyncs, line->public.n_books, f->now_boot_ns) ||
        !bucket_has(&f->resyncs, f->n_items, f->now_boot_ns)) {
        f->counts.resyncs_put_off++;
        return 0;
    }
    bucket_take(&line->resyncs, line->public.n_books, f->now_boot_ns);
    bucket_take(&f->resyncs, f->n_items, f->now_boot_ns);
    f->counts.resyncs++;
    return 1;
}

/* The first is at once; one that follows soon waits, and ever longer, so that a venue that keeps losing messages is not
 * asked without end. A book that followed well for longer than it was made to wait is as good as new: what goes wrong
 * then went wrong for the first time, and it is to be live again at once. */
void recovery_resync(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    int64_t followed_ns = f->now_boot_ns - item->resync_boot_ns;
    int64_t waited_ns = item->resync_after_boot_ns - item->resync_boot_ns;

    if (f->options.is_replay || item->phase == PHASE_UNSENDABLE || item->phase == PHASE_RESTING)
        return;
    due_touch(f, item);
    if (f->now_boot_ns < item->resync_after_boot_ns) {
        item->needs_resync = 1;
        return;
    }
    if (!resync_is_allowed(f, item)) {
        item->needs_resync = 1;
        item->resync_after_boot_ns =
            f->now_boot_ns + feed_spread_ms(item, 0, FEED_RESYNC_FIRST_MS, FEED_RESYNC_MAX_MS) * FEED_NS_PER_MS;
        return;
    }
    item->needs_resync = 0;
    if (item->catching_boot_ns > 0)
        succession_reset(f, item);
    if (followed_ns > FEED_HEALTHY_MS * FEED_NS_PER_MS ||
        followed_ns > 3 * waited_ns + FEED_FOLLOWS_MS * FEED_NS_PER_MS)
        item->n_resyncs = 0;
    item->resync_boot_ns = f->now_boot_ns;
    item->resync_after_boot_ns =
        f->now_boot_ns +
        feed_spread_ms(item, item->n_resyncs++, FEED_RESYNC_FIRST_MS, FEED_RESYNC_MAX_MS) * FEED_NS_PER_MS;
    if (f->options.venue->builder == VENUE_BUILD_REST) {
        rest_want(f, item, 0);
        return;
    }
    deed_forget(f, item);
    rest_forget(f, item);
    recovery_mark(f, item, now_ns);
    if (!f->options.venue->limits.request_replaces_all && item->is_at_venue)
        request_farewell(f, item, MD_CHANNEL_BOOK);
    recovery_step(f, item, HAPPENED_RESYNC, now_ns);
    feed_line_of(f, item)->needs_request = 1;
    request_try(f, feed_index(f, item->public.conn), now_ns);
}

/* By the clock that nobody sets: when this cross was first looked at. */
static int is_lasting_cross(const struct feed *f, struct feed_item *item)
{
    const struct book_verdict *verdict = book_verdict(item->public.book);

    if (f->options.venue->builder == VENUE_BUILD_REPLACE)
        return 0;
    if (verdict->state != STATE_CROSSED || verdict->since_ns != item->crossed_since_ns) {
        item->crossed_since_ns = verdict->state == STATE_CROSSED ? verdict->since_ns : 0;
        item->crossed_boot_ns = f->now_boot_ns;
        return 0;
    }
    return f->now_boot_ns - item->crossed_boot_ns > FEED_CROSS_MS_MAX * FEED_NS_PER_MS;
}

/* Deadlines and retries. On a venue whose requests replace all a retry marks the whole connection: its next request
 * carries every book of it, so any number of books that failed together cost one message. What is looked at here, and
 * when, due.c must know. */
void recovery_look(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    if (item->phase == PHASE_AWAITING && f->now_boot_ns >= item->due_boot_ns) {
        recovery_step(f, item, HAPPENED_DEADLINE, now_ns);
        return;
    }
    if (item->phase == PHASE_RESTING && f->now_boot_ns >= item->due_boot_ns) {
        recovery_step(f, item, HAPPENED_RETRY, now_ns);
        feed_line_of(f, item)->needs_request = 1;
        return;
    }
    if (item->phase != PHASE_FED)
        return;
    unheard_tick(f, item);
    if (item->needs_resync) {
        recovery_resync(f, item, now_ns);
    } else if (is_lasting_cross(f, item) && f->now_boot_ns >= item->resync_after_boot_ns) {
        verdict_set(f, item, STATE_CROSSED, REASON_LASTING_CROSS, now_ns);
        recovery_resync(f, item, now_ns);
    }
}
