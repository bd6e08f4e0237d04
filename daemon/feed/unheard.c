/* SPDX-License-Identifier: MIT
 * A book whose snapshot is fetched is live with it alone until its first update. Where the venue has taken the
 * subscription and stays silent, because the stream is of another path or is none (../shared/protocols/binance.md,
 * "Subscribe", "Endpoints"), it would be so for ever. So it is fetched again, ever later: a quiet market's book is
 * still the same. One that differs twice in a row while no update was heard is not being sent. */
#include "feed/feed_private.h"

#define UNHEARD_FIRST_MS 10000
#define UNHEARD_MAX_MS   3600000
#define UNHEARD_AGAIN_MS 3000 /* it differed: its update may have been under way */
#define UNHEARD_MOST     2

void unheard_forget(struct feed_item *item)
{
    item->unheard_boot_ns = 0;
    item->n_unheard = 0;
    item->n_differs = 0;
}

void unheard_tick(struct feed *f, struct feed_item *item)
{
    if (item->unheard_boot_ns > 0 && f->now_boot_ns >= item->unheard_boot_ns && rest_is_idle(f))
        rest_want(f, item, 0);
}

int unheard_stepped(struct feed *f, struct feed_item *item, enum book_step step, const struct feed_input *in)
{
    int64_t wait_ms = UNHEARD_FIRST_MS;
    struct book_view view;

    if (f->options.venue->builder != VENUE_BUILD_REST || f->options.is_replay)
        return 0;
    book_view(item->public.book, &view);
    if (in->kind != FEED_INPUT_HTTP || view.proof != PROOF_SNAPSHOT_ONLY) {
        unheard_forget(item);
        return 0;
    }
    if (step != BOOK_SNAPSHOT)
        return 0;
    if (item->unheard_boot_ns > 0)
        item->n_differs = view.changed_boot_ns == in->now_boot_ns ? item->n_differs + 1 : 0;
    if (item->n_differs >= UNHEARD_MOST) {
        unheard_forget(item);
        return 1;
    }
    for (uint32_t i = 0; i < item->n_unheard && wait_ms < UNHEARD_MAX_MS; i++)
        wait_ms *= 4;
    wait_ms = item->n_differs > 0 ? UNHEARD_AGAIN_MS : wait_ms < UNHEARD_MAX_MS ? wait_ms : UNHEARD_MAX_MS;
    item->n_unheard++;
    item->unheard_boot_ns = f->now_boot_ns + wait_ms * FEED_NS_PER_MS;
    due_touch(f, item);
    return 0;
}
