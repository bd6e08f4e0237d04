/* SPDX-License-Identifier: MIT */
#include "feed_tape.h"

#include "feed.h"

#include <errno.h>

#define TRADES_A_STEP_MAX 3

static void send_text(struct conn *c, struct subscription *sub, const struct pen *text)
{
    unsigned n_times = c->sim->faults.n_repeat > 0 ? 2 : 1;

    if (conn_is_full(c) && !c->sim->is_exact) {
        c->sim->stats.frames_skipped++;
        return;
    }
    sub->n_sent++;
    c->session.sequence++;
    for (unsigned i = 0; i < n_times; i++)
        (void)conn_send_data(c, text->at, text->used);
}

static void send_trades(struct conn *c, const struct market *m, struct subscription *sub, uint64_t first, uint64_t n,
                        bool is_past)
{
    static char memory[DIALECT_FRAME_SIZE_MAX];
    struct pen text;

    pen_init(&text, memory, sizeof(memory));
    c->sim->dialect->trades(&c->session, m, first, n, is_past, &text);
    send_text(c, sub, &text);
}

static void send_day(struct conn *c, const struct market *m, struct subscription *sub, bool is_first)
{
    static char memory[DIALECT_FRAME_SIZE_MAX];
    struct pen text;

    pen_init(&text, memory, sizeof(memory));
    c->sim->dialect->day(&c->session, m, is_first, sim_wall_ms() + c->sim->faults.skew_ms, &text);
    send_text(c, sub, &text);
}

static struct subscription *channel_of(const struct conn *c, const struct market *m, enum dialect_channel channel)
{
    return session_at(&c->session, &c->sim->markets, m, channel);
}

/* The trade first, then the day that it makes, as it happens. */
int tape_publish(struct sim *s, struct market *m, const struct trade *trade)
{
    if (tape_add(&m->tape, trade) == NULL)
        return -EINVAL;
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        struct subscription *trades = channel_of(c, m, CHANNEL_TRADES), *day = channel_of(c, m, CHANNEL_DAY);

        if (s->dialect->trades != NULL && feed_is_due(c, m, trades))
            send_trades(c, m, trades, 0, 1, false);
        if (s->dialect->day != NULL && feed_is_due(c, m, day))
            send_day(c, m, day, false);
    }
    return 0;
}

void tape_step(struct sim *s, struct market *m)
{
    struct trade trade;

    if (s->dialect->trades == NULL && s->dialect->day == NULL)
        return;
    for (unsigned i = 0; i < TRADES_A_STEP_MAX && market_trade(m, sim_wall_ms() + s->faults.skew_ms, &trade); i++)
        (void)tape_publish(s, m, &trade);
}

static void begin_trades(struct conn *c, const struct market *m, struct subscription *sub)
{
    const struct dialect *d = c->sim->dialect;
    uint64_t n = m->tape.n < TAPE_KEPT ? m->tape.n : TAPE_KEPT;

    n = n < d->n_trades_past ? n : d->n_trades_past;
    while (n > 0 && sub->wants_snapshot) {
        uint64_t at_once = n < d->n_trades_most ? n : d->n_trades_most;

        send_trades(c, m, sub, n - 1, at_once, true);
        n -= at_once;
    }
}

void tape_subscribed(struct conn *c)
{
    const struct sim *s = c->sim;

    for (size_t i = 0; i < s->markets.n; i++) {
        const struct market *m = &s->markets.at[i];
        struct subscription *trades = channel_of(c, m, CHANNEL_TRADES), *day = channel_of(c, m, CHANNEL_DAY);

        if (s->dialect->trades != NULL && trades->is_wanted && trades->is_new)
            begin_trades(c, m, trades);
        if (s->dialect->day != NULL && day->is_wanted && day->is_new && day->wants_snapshot)
            send_day(c, m, day, true);
        trades->is_new = day->is_new = false;
    }
}
