/* SPDX-License-Identifier: MIT */
#include "feed.h"

#include "replay.h"

#include <stdlib.h>
#include <string.h>

#define TICK_US_LEAST    1000
#define STEPS_A_TICK_MAX 2000 /* what a late loop catches up */
#define US_PER_S         1000000

static bool same_request(const struct subscription *a, const struct subscription *b)
{
    return a->depth == b->depth && a->group == b->group;
}

/* One book as the connection asked for it; `*ret` stays until the next call. */
static size_t feed_encode(struct conn *c, const struct market *m, const struct book *book,
                          const struct subscription *asked, bool is_snapshot, const char **ret)
{
    struct sim *s = c->sim;
    struct pen text;

    *ret = s->memo.text;
    if (s->memo.market == m && s->memo.timestamp_ms == book->timestamp_ms && s->memo.form == c->session.form &&
        s->memo.is_snapshot == is_snapshot && same_request(&s->memo.asked, asked))
        return s->memo.size;
    pen_init(&text, s->memo.text, sizeof(s->memo.text));
    s->dialect->encode(m, book, asked, c->session.form, is_snapshot, 0, &text);
    s->memo.market = m;
    s->memo.asked = *asked;
    s->memo.timestamp_ms = book->timestamp_ms;
    s->memo.form = c->session.form;
    s->memo.is_snapshot = is_snapshot;
    s->memo.size = text.used;
    return text.used;
}

static void feed_send(struct conn *c, const struct market *m, const struct book *book, bool is_snapshot)
{
    const struct subscription *asked = &c->session.subscriptions[m - c->sim->markets.at];
    const char *text = NULL;
    size_t n = feed_encode(c, m, book, asked, is_snapshot, &text);

    (void)conn_send_data(c, text, n);
}

/* Does this connection get realtime books of the market? A frame or two of a replaced subscription may follow it. */
static bool feed_is_due(struct conn *c, struct subscription *sub)
{
    if (c->state != CONN_OPEN || sub->is_muted)
        return false;
    if (sub->is_wanted)
        return sub->wants_realtime;
    if (sub->old_frames == 0 || !c->sim->faults.sends_old_set)
        return false;
    sub->old_frames--;
    return true;
}

void feed_publish(struct sim *s, struct market *m, const struct book *book)
{
    unsigned n_times = 1;

    if (s->faults.n_repeat > 0) {
        s->faults.n_repeat--;
        n_times = 2;
    }
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        struct subscription *sub = &c->session.subscriptions[m - s->markets.at];
        if (m->is_hidden || !feed_is_due(c, sub))
            continue;
        if (conn_is_full(c) && !s->is_exact) {
            sub->is_pending = true;
            c->has_pending = true;
            s->stats.frames_skipped++;
            continue;
        }
        sub->is_pending = false;
        for (unsigned i = 0; i < n_times; i++)
            feed_send(c, m, book, false);
    }
}

void feed_step(struct sim *s, struct market *m)
{
    const struct book *older = market_step(m, sim_wall_ms() + s->faults.skew_ms);

    if (s->faults.n_reorder > 0 && m->n_history > 1) {
        const struct book *newer = market_step(m, sim_wall_ms() + s->faults.skew_ms);
        s->faults.n_reorder--;
        feed_publish(s, m, newer);
    }
    feed_publish(s, m, older);
}

void feed_send_padded(struct sim *s, struct market *m, size_t padding)
{
    size_t size = padding + DIALECT_FRAME_SIZE_MAX;
    char *memory = malloc(size);
    const struct book *book = market_step(m, sim_wall_ms() + s->faults.skew_ms);
    struct pen text;

    if (memory == NULL)
        return;
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        struct subscription *sub = &c->session.subscriptions[m - s->markets.at];
        if (!feed_is_due(c, sub))
            continue;
        pen_init(&text, memory, size);
        s->dialect->encode(m, book, sub, c->session.form, false, padding, &text);
        (void)conn_send_data(c, memory, text.used);
    }
    free(memory);
}

static bool feed_has_subscription(const struct conn *c)
{
    for (size_t i = 0; c->state == CONN_OPEN && i < c->sim->markets.n; i++) {
        const struct subscription *sub = &c->session.subscriptions[i];
        if (sub->is_wanted && sub->wants_realtime && !sub->is_muted && !c->sim->markets.at[i].is_hidden)
            return true;
    }
    return false;
}

/* Lossless: nobody who listens may be full. */
static bool feed_may_step(const struct sim *s)
{
    for (const struct conn *c = s->conns; c != NULL && s->options->is_lossless; c = c->next) {
        if (c->out_used >= CONN_OUT_SIZE_BATCH && c->state == CONN_OPEN)
            return false;
    }
    return !s->is_paused;
}

static void feed_tick(lws_sorted_usec_list_t *tick)
{
    struct sim *s = lws_container_of(tick, struct sim, tick);
    int64_t period_us = US_PER_S / s->options->rate_hz, now_us = sim_now_us();
    unsigned n = 0;

    while (s->tick_us + period_us <= now_us && n < STEPS_A_TICK_MAX && feed_may_step(s)) {
        for (size_t i = 0; i < s->markets.n; i++)
            feed_step(s, &s->markets.at[i]);
        s->tick_us += period_us;
        n++;
    }
    if (s->is_paused || now_us - s->tick_us > US_PER_S)
        s->tick_us = now_us; /* what was not sent in time is not made up for */
    feed_start(s);
}

void feed_start(struct sim *s)
{
    int64_t period_us = s->options->rate_hz > 0 ? US_PER_S / s->options->rate_hz : 0;

    if (s->options->is_flat_out || s->options->rate_hz == 0 || s->replay != NULL)
        return;
    if (s->tick_us == 0)
        s->tick_us = sim_now_us();
    period_us = s->tick_us + period_us - sim_now_us();
    lws_sul_schedule(s->lws, 0, &s->tick, feed_tick, period_us > TICK_US_LEAST ? period_us : TICK_US_LEAST);
}

void feed_subscribed(struct conn *c)
{
    struct sim *s = c->sim;

    if (s->replay != NULL) {
        replay_go(s);
        return;
    }
    for (size_t i = 0; i < s->markets.n; i++) {
        const struct subscription *sub = &c->session.subscriptions[i];
        if (sub->is_wanted && sub->wants_snapshot && !sub->is_muted)
            feed_send(c, &s->markets.at[i], market_newest(&s->markets.at[i]), true);
    }
}

static void feed_flat_out(struct conn *c)
{
    struct sim *s = c->sim;

    while (c->state == CONN_OPEN && c->out_used < CONN_OUT_SIZE_BATCH && feed_may_step(s)) {
        for (size_t i = 0; i < s->markets.n; i++)
            feed_step(s, &s->markets.at[i]);
    }
}

bool feed_is_waiting(const struct conn *c)
{
    if (c->sim->replay != NULL)
        return replay_is_blocked(c->sim);
    if (c->has_pending)
        return true;
    /* Lossless and somebody is full: whoever drains next steps the markets, and that wakes the others. */
    return c->sim->options->is_flat_out && feed_may_step(c->sim) && feed_has_subscription(c);
}

void feed_drained(struct conn *c)
{
    struct sim *s = c->sim;

    if (s->replay != NULL) {
        if (c->has_requested)
            replay_go(s);
        return;
    }
    for (size_t i = 0; c->has_pending && i < s->markets.n; i++) {
        struct subscription *sub = &c->session.subscriptions[i];
        if (!sub->is_pending)
            continue;
        sub->is_pending = false;
        feed_send(c, &s->markets.at[i], market_newest(&s->markets.at[i]), false);
    }
    c->has_pending = false;
    if (s->options->is_flat_out && feed_has_subscription(c))
        feed_flat_out(c);
}
