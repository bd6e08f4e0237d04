/* SPDX-License-Identifier: MIT
 * What a ladder shows beside the book: the day's facts and the last trades. A venue that does not send them, or a
 * daemon that does not keep them, leaves them absent. */
#include "ladder_private.h"

#include <errno.h>
#include <string.h>

static int is_anything_known(const struct hoga_day *d)
{
    return d->last.is_known || d->previous_close.is_known || d->change.is_known || d->open.is_known ||
           d->high.is_known || d->low.is_known || d->volume.is_known || d->value.is_known || d->bid_total.is_known ||
           d->ask_total.is_known;
}

static int day_take(struct hoga_ladder *l)
{
    struct hoga_day day;
    int r = hoga_day(l->h, l->base.id, &day);

    if (r == -EAGAIN)
        return 0;
    if (r < 0)
        day = (struct hoga_day){ 0 };
    if (!l->base.is_day_new && day.update == l->view.day.update)
        return 0;
    l->view.day = day;
    l->view.has_day = r == 0 && is_anything_known(&day);
    return 1;
}

/* Against the previous close where there is one; else what the venue itself calls the change of its period. */
static void change_take(struct hoga_ladder *l)
{
    const struct hoga_day *d = &l->view.day;
    int64_t before;

    l->view.has_last_change = 0;
    if (!l->view.has_day || !d->last.is_known)
        return;
    if (d->previous_close.is_known) {
        l->view.has_last_change = ladder_ppm(d->last.mantissa, d->last.decimals, d->previous_close.mantissa,
                                             d->previous_close.decimals, &l->view.last_change_ppm) == 0;
        return;
    }
    if (d->change.is_known && d->change.decimals == d->last.decimals &&
        !__builtin_sub_overflow(d->last.mantissa, d->change.mantissa, &before))
        l->view.has_last_change =
            ladder_ppm(d->last.mantissa, d->last.decimals, before, d->last.decimals, &l->view.last_change_ppm) == 0;
}

/* Newest first: what is new goes before what is there. */
static void trades_add(struct hoga_ladder_view *v, const struct hoga_trade *fresh, uint32_t n)
{
    uint32_t n_kept = v->n_trades < HOGA_LADDER_TRADES_MAX - n ? v->n_trades : HOGA_LADDER_TRADES_MAX - n;

    memmove(v->trades + n, v->trades, n_kept * sizeof v->trades[0]);
    for (uint32_t i = 0; i < n; i++)
        v->trades[i] = fresh[n - 1 - i];
    v->n_trades = n_kept + n;
}

static int trades_take(struct hoga_ladder *l)
{
    struct hoga_trade fresh[HOGA_LADDER_TRADES_MAX];
    uint64_t n_missed = 0;
    int n;

    if (l->base.is_day_new)
        l->trades_next = HOGA_TRADES_LAST;
    else if (l->trades_next != HOGA_TRADES_LAST && hoga_trades_newest(l->h, l->base.id) < l->trades_next)
        return 0;
    n = hoga_trades(l->h, l->base.id, &l->trades_next, fresh, HOGA_LADDER_TRADES_MAX, &n_missed);
    if (n <= 0)
        return 0;
    if (n_missed > 0) /* a burst lapped the ring: what is shown has no hole */
        l->view.n_trades = 0;
    trades_add(&l->view, fresh, (uint32_t)n);
    return 1;
}

int ladder_day_read(struct hoga_ladder *l)
{
    int is_changed = 0;

    if (l->base.id == HOGA_NO_ID || l->base.is_day_new) {
        is_changed = l->view.has_day || l->view.n_trades > 0;
        l->view.day = (struct hoga_day){ 0 };
        l->view.has_day = l->view.has_last_change = 0;
        l->view.n_trades = 0;
    }
    if (l->base.id == HOGA_NO_ID)
        return is_changed;
    is_changed |= day_take(l);
    is_changed |= trades_take(l);
    l->base.is_day_new = 0;
    if (is_changed)
        change_take(l);
    return is_changed;
}
