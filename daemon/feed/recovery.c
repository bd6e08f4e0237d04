/* SPDX-License-Identifier: MIT
 * What becomes of a book when something happens to its request. The whole machine is the table. */
#include "feed/feed_private.h"

/* The verdict that goes with a step. A message's own verdict comes from book/sync, so those steps keep it. AGAIN keeps
 * it too and has it published anew, because what was published before an opening no longer counts. */
enum outcome { KEEP, AGAIN, AS_QUEUED, AS_AWAITING, AS_FAILED };

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
    },
    [PHASE_QUEUED] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_AWAITING, AS_AWAITING },
        [HAPPENED_MESSAGE] = { PHASE_QUEUED, KEEP },    [HAPPENED_DEADLINE] = { PHASE_QUEUED, KEEP },
        [HAPPENED_RETRY] = { PHASE_QUEUED, KEEP },      [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
    },
    [PHASE_SENT] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_AWAITING, AS_AWAITING },
        [HAPPENED_MESSAGE] = { PHASE_SENT, KEEP },      [HAPPENED_DEADLINE] = { PHASE_SENT, KEEP },
        [HAPPENED_RETRY] = { PHASE_SENT, KEEP },        [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
    },
    [PHASE_AWAITING] = {
        [HAPPENED_SENT] = { PHASE_AWAITING, KEEP },     [HAPPENED_LEFT] = { PHASE_AWAITING, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_RESTING, AS_FAILED },
        [HAPPENED_RETRY] = { PHASE_AWAITING, KEEP },    [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
    },
    [PHASE_FED] = {
        [HAPPENED_SENT] = { PHASE_FED, KEEP },          [HAPPENED_LEFT] = { PHASE_FED, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_FED, KEEP },
        [HAPPENED_RETRY] = { PHASE_FED, KEEP },         [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
    },
    [PHASE_RESTING] = {
        [HAPPENED_SENT] = { PHASE_SENT, KEEP },         [HAPPENED_LEFT] = { PHASE_RESTING, KEEP },
        [HAPPENED_MESSAGE] = { PHASE_FED, KEEP },       [HAPPENED_DEADLINE] = { PHASE_RESTING, KEEP },
        [HAPPENED_RETRY] = { PHASE_QUEUED, KEEP },      [HAPPENED_CLOSED] = { PHASE_QUEUED, KEEP },
        [HAPPENED_OPENED] = { PHASE_QUEUED, AS_QUEUED },
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

static void outcome_failed(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    const struct feed_line *line = feed_line_of(f, item);

    item->n_failures++;
    item->due_boot_ns = f->now_boot_ns + retry_delay_ns(item->n_failures);
    f->counts.no_snapshot++;
    verdict_set(f, item, STATE_FAILED, line->has_error ? REASON_VENUE_ERROR : REASON_NO_SNAPSHOT, now_ns);
}

void recovery_step(struct feed *f, struct feed_item *item, enum feed_happening happening, int64_t now_ns)
{
    const struct step *step = &recovery_table[item->phase][happening];

    item->phase = step->next;
    if (happening == HAPPENED_MESSAGE)
        item->n_failures = 0;
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
    }
}

/* Deadlines and retries. A retry marks the whole connection: its next request carries every book of it, so any number
 * of books that failed together cost one message. */
void recovery_tick(struct feed *f, int64_t now_ns)
{
    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item->phase != PHASE_AWAITING && item->phase != PHASE_RESTING)
            continue;
        if (f->now_boot_ns < item->due_boot_ns)
            continue;
        if (item->phase == PHASE_AWAITING) {
            recovery_step(f, item, HAPPENED_DEADLINE, now_ns);
        } else {
            recovery_step(f, item, HAPPENED_RETRY, now_ns);
            feed_line_of(f, item)->needs_request = 1;
        }
    }
}
