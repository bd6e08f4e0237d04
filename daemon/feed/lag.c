/* SPDX-License-Identifier: MIT
 * How late a venue's messages are. Its clock and ours differ by seconds and nobody knows by how much, so a delay is
 * judged by its excess over the least one seen lately, of all books of the venue; the arrival is taken by the clock
 * that nobody sets. A venue whose clock runs differently by a constant is not late; one whose messages come later and
 * later is. */
#include "feed/feed_private.h"

/* The least of the present window and of the one before. */
static void window_turn(struct feed_window *w, int64_t now_boot_ns, int64_t length_ns, int64_t none)
{
    int64_t n = now_boot_ns - w->begun_boot_ns;

    if (w->begun_boot_ns != 0 && n < length_ns)
        return;
    w->before = w->begun_boot_ns != 0 && n < 2 * length_ns ? w->now : none;
    w->now = none;
    w->begun_boot_ns = now_boot_ns;
}

/* A whole book that answers a request may be as old as the market is quiet, and so may a fetched one. */
static int tells_delay(const struct feed *f, const struct feed_item *item, const struct md_event *event,
                       const struct feed_input *in)
{
    return !f->options.is_replay && in->kind == FEED_INPUT_RX && event->venue_ns > 0 && item->phase == PHASE_FED &&
           (!event->is_snapshot || f->options.venue->builder == VENUE_BUILD_REPLACE);
}

static int64_t excess_take(struct feed_lag *lag, int64_t delay_ns, int64_t now_boot_ns)
{
    struct feed_window *least = &lag->least, *worst = &lag->worst;
    int64_t excess_ns;

    window_turn(least, now_boot_ns, FEED_LAG_LEAST_MS * FEED_NS_PER_MS, INT64_MAX);
    window_turn(worst, now_boot_ns, FEED_LAG_WORST_MS * FEED_NS_PER_MS, -1);
    least->now = delay_ns < least->now ? delay_ns : least->now;
    excess_ns = delay_ns - (least->now < least->before ? least->now : least->before);
    worst->now = excess_ns > worst->now ? excess_ns : worst->now;
    lag->last_ns = excess_ns;
    lag->last_boot_ns = now_boot_ns;
    return excess_ns;
}

int64_t feed_delay_take(struct feed *f, struct feed_book *fb, const struct md_event *event, const struct feed_input *in)
{
    struct feed_item *item = (struct feed_item *)fb;
    int64_t limit_ns = (int64_t)f->options.lag_ms_max * FEED_NS_PER_MS, excess_ns;

    if (!tells_delay(f, item, event, in))
        return -1;
    excess_ns = excess_take(&f->lag, in->now_boot_ns - event->venue_ns, in->now_boot_ns);
    if (limit_ns == 0)
        return excess_ns;
    if (excess_ns > limit_ns) {
        f->counts.lagging += !book_is_lagging(fb->book);
        item->late_boot_ns = in->now_boot_ns;
        if (!book_is_lagging(fb->book))
            due_touch(f, item);
        deed_lag(f, item, 1);
    } else if (excess_ns <= limit_ns / 2) {
        deed_lag(f, item, 0);
    }
    return excess_ns;
}

/* A late book that is quiet now is well again when others of its venue have been in time for a while. */
void lag_look(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    int64_t limit_ns = (int64_t)f->options.lag_ms_max * FEED_NS_PER_MS;

    if (!book_is_lagging(item->public.book) || f->lag.last_ns > limit_ns / 2 ||
        f->lag.last_boot_ns <= item->late_boot_ns ||
        f->now_boot_ns - item->late_boot_ns < FEED_LAG_QUIET_MS * FEED_NS_PER_MS)
        return;
    deed_lag(f, item, 0);
    if (!book_verdict_is(item->public.book, STATE_LAGGING) ||
        !book_verdict_set(item->public.book, STATE_LIVE, REASON_NONE, now_ns))
        return;
    feed_book_mark(f, item);
    feed_book_log(f, item);
}

int64_t feed_lag_worst_ns(const struct feed *f)
{
    const struct feed_window *w = &f->lag.worst;
    int64_t before = w->before > w->now ? w->before : w->now;

    return w->begun_boot_ns == 0 || f->now_boot_ns - w->begun_boot_ns > 2 * FEED_LAG_WORST_MS * FEED_NS_PER_MS ? -1
                                                                                                               : before;
}
