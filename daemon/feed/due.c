/* SPDX-License-Identifier: MIT
 * Which books a tick has something to do about. A thousand that are well are a thousand times nothing: what is kept of
 * each is one time in a dense array, and of all of them the first, so that a tick before it loads no book at all. A
 * time may be early, for then the book is looked at and its time set anew; it must never be late. Whatever changes a
 * book in another way than message after message has it looked at in the next tick (due_touch). */
#include "feed/feed_private.h"

#include <assert.h>

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A cross is timed from the look that first saw it, and what was one is forgotten in the next (recovery_look). */
static int64_t cross_due(const struct feed *f, const struct feed_item *item)
{
    const struct book_verdict *verdict = book_verdict(item->public.book);
    int64_t lasting_boot_ns = item->crossed_boot_ns + FEED_CROSS_MS_MAX * FEED_NS_PER_MS + 1;

    if (f->options.venue->builder == VENUE_BUILD_REPLACE ||
        (verdict->state != STATE_CROSSED && item->crossed_since_ns == 0))
        return INT64_MAX;
    if (verdict->state != STATE_CROSSED || verdict->since_ns != item->crossed_since_ns)
        return 0;
    return lasting_boot_ns > item->resync_after_boot_ns ? lasting_boot_ns : item->resync_after_boot_ns;
}

static int64_t fed_due(const struct feed *f, const struct feed_item *item)
{
    int64_t due_boot_ns = item->unheard_boot_ns > 0 ? item->unheard_boot_ns : INT64_MAX;

    return earlier(due_boot_ns, item->needs_resync ? item->resync_after_boot_ns : cross_due(f, item));
}

/* When recovery_look or lag_look has something to do, if nothing happens to the book until then. */
static int64_t due_of(const struct feed *f, const struct feed_item *item)
{
    int64_t due_boot_ns =
        book_is_lagging(item->public.book) ? item->late_boot_ns + FEED_LAG_QUIET_MS * FEED_NS_PER_MS : INT64_MAX;

    if (item->phase == PHASE_AWAITING || item->phase == PHASE_RESTING)
        return earlier(due_boot_ns, item->due_boot_ns);
    return item->phase == PHASE_FED ? earlier(due_boot_ns, fed_due(f, item)) : due_boot_ns;
}

void due_touch(struct feed *f, struct feed_item *item)
{
    item->seen_state = UINT8_MAX;
    f->due_boot_ns[item->at] = 0;
    f->due_first_boot_ns = 0;
    f->is_count_known = 0;
}

void due_see(struct feed *f, struct feed_item *item, const struct book_verdict *verdict)
{
    if (verdict->state == item->seen_state && verdict->reason == item->seen_reason)
        return;
    due_touch(f, item);
    item->seen_state = verdict->state;
    item->seen_reason = verdict->reason;
}

void due_begin(struct feed *f)
{
    for (uint32_t i = 0; i < f->n_items; i++) {
        f->items[i]->at = i;
        f->due_boot_ns[i] = 0;
    }
    f->due_first_boot_ns = 0;
    f->is_count_known = 0;
}

int due_is_right(const struct feed *f)
{
    int64_t first_boot_ns = INT64_MAX;

    for (uint32_t i = 0; i < f->n_items; i++) {
        if (f->items[i]->at != i || f->due_boot_ns[i] > due_of(f, f->items[i]))
            return 0;
        first_boot_ns = earlier(first_boot_ns, f->due_boot_ns[i]);
    }
    return f->due_first_boot_ns <= first_boot_ns;
}

void due_tick(struct feed *f, int64_t now_ns)
{
    int64_t first_boot_ns = INT64_MAX;

#ifdef HOGA_CHECKED
    assert(due_is_right(f));
#endif
    if (f->now_boot_ns < f->due_first_boot_ns)
        return;
    f->due_first_boot_ns = INT64_MAX; /* a look at one book may touch others, before it and behind it */
    for (uint32_t i = 0; i < f->n_items; i++) {
        if (f->due_boot_ns[i] <= f->now_boot_ns) {
            recovery_look(f, f->items[i], now_ns);
            lag_look(f, f->items[i], now_ns);
            f->due_boot_ns[i] = due_of(f, f->items[i]);
        }
        first_boot_ns = earlier(first_boot_ns, f->due_boot_ns[i]);
    }
    f->due_first_boot_ns = earlier(f->due_first_boot_ns, first_boot_ns);
}

/* --- how many are live ---------------------------------------------------------------------------------------------
 */

static uint32_t live_count(const struct feed *f)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_items; i++)
        n += book_verdict_is(f->items[i]->public.book, STATE_LIVE) &&
             feed_connection(f, f->items[i]->public.conn)->state == STATE_LIVE;
    return n;
}

/* Counted anew only when a verdict may have changed since: STATUS asks ten times a second. */
void feed_count(struct feed *f, uint32_t *ret_live, uint32_t *ret_wanted)
{
#ifdef HOGA_CHECKED
    assert(!f->is_count_known || f->n_live == live_count(f));
#endif
    if (!f->is_count_known)
        f->n_live = live_count(f);
    f->is_count_known = 1;
    *ret_live = f->n_live;
    *ret_wanted = f->n_items;
}
