/* SPDX-License-Identifier: MIT */
#include "feed.h"
#include "feed_tape.h"

#include "replay.h"
#include "struck.h"

#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#define TICK_US_LEAST    1000
#define STEPS_A_TICK_MAX 2000 /* what a late loop catches up */
#define LATE_US          (200 * 1000ll)
#define US_PER_S         1000000

static bool same_request(const struct subscription *a, const struct subscription *b)
{
    return a->depth == b->depth && a->group == b->group && a->kind == b->kind;
}

static struct subscription *feed_at(const struct conn *c, const struct market *m, unsigned channel)
{
    return session_at(&c->session, &c->sim->markets, m, (enum dialect_channel)channel);
}

/* The book that the client is thought to have; NULL: what is sent must be whole. */
static const struct book *feed_from(const struct conn *c, const struct market *m, const struct subscription *sub,
                                    const struct book *book)
{
    const struct book *from;

    if (!c->sim->dialect->has_deltas || sub->is_whole)
        return NULL;
    from = market_numbered(m, sub->held);
    if (from == NULL && !c->sim->dialect->pushes_snapshot)
        return market_numbered(m, book->number - 1); /* lost in between: the numbers will say so */
    return from;
}

/* Is the frame encoded last one of the same market, asked for in the same way? */
static bool memo_fits(const struct memo *memo, const struct conn *c, const struct market *m,
                      const struct subscription *sub)
{
    return !c->sim->dialect->has_deltas && memo->market == m && memo->form == c->session.form &&
           same_request(&memo->asked, sub);
}

/* One book as the connection asked for it; `*ret` stays until the next call but one. Where whole books are sent, many
 * connections mostly want the same one, and the next is mostly like the last. */
static size_t feed_encode(struct conn *c, const struct market *m, struct subscription *sub, struct frame *f,
                          const char **ret)
{
    struct sim *s = c->sim;
    const struct memo *last = &s->memo[s->memo_last];
    struct memo *memo = &s->memo[1 - s->memo_last];
    struct pen text;

    if (memo_fits(last, c, m, sub)) {
        *ret = last->text;
        if (last->number == f->book->number && last->is_first == f->is_first)
            return last->size;
        if (market_numbered(m, last->number) == last->written.book)
            f->last = &last->written;
    }
    f->rows = memo->written.row;
    pen_init(&text, memo->text, sizeof(memo->text));
    s->dialect->encode(&c->session, m, sub, f, &text);
    memo->market = m;
    memo->asked = *sub;
    memo->number = f->book->number;
    memo->form = c->session.form;
    memo->is_first = f->is_first;
    memo->written.book = f->book;
    memo->written.text = memo->text;
    memo->size = text.used;
    s->memo_last = 1 - s->memo_last;
    *ret = memo->text;
    return text.used;
}

/* The subscription moves on to this book, whether or not the frame arrives. */
static void feed_moved(struct conn *c, struct subscription *sub, const struct book *book)
{
    sub->held = book->number;
    sub->n_sent++;
    sub->is_pending = false;
    c->session.sequence++;
}

static void feed_send(struct conn *c, const struct market *m, struct subscription *sub, const struct book *book,
                      bool is_first, bool is_wrong, unsigned n_times)
{
    struct frame f = { .book = book, .is_first = is_first, .is_wrong = is_wrong };
    const char *text = NULL;
    size_t n;

    f.from = is_first ? NULL : feed_from(c, m, sub, book);
    n = feed_encode(c, m, sub, &f, &text);
    feed_moved(c, sub, book);
    for (unsigned i = 0; i < n_times; i++)
        (void)conn_send_data(c, text, n);
}

/* A frame or two of a replaced subscription may follow it. */
bool feed_is_due(struct conn *c, const struct market *m, struct subscription *sub)
{
    if (c->state != CONN_OPEN || m->is_hidden || m->is_mute)
        return false;
    if (sub->is_wanted)
        return sub->wants_realtime;
    if (sub->old_frames == 0 || !c->sim->faults.sends_old_set)
        return false;
    sub->old_frames--;
    return true;
}

/* Room for one more, or the newest book is owed. */
static bool feed_has_room(struct conn *c, struct subscription *sub)
{
    if (!conn_is_full(c) || c->sim->is_exact)
        return true;
    sub->is_pending = true;
    c->has_pending = true;
    c->sim->stats.frames_skipped++;
    return false;
}

#define FOR_EACH_DUE(c, sub, s, m)                                                                                     \
    for (struct conn *c = (s)->conns; c != NULL; c = c->next)                                                          \
        for (unsigned channel = 0; channel < DIALECT_BOOKS; channel++)                                                 \
            for (struct subscription *sub = feed_at(c, m, channel); sub != NULL && feed_is_due(c, m, sub); sub = NULL)

/* A loss, or a wrong checksum, befalls all connections alike, so that it is found out on whichever feeds the client's
 * book; one that befalls nobody is put off until somebody is there. */
void feed_publish(struct sim *s, struct market *m, const struct book *book)
{
    unsigned n_times = s->faults.n_repeat > 0 ? 2 : 1, n_conns = 0;
    bool is_lost = s->faults.n_gap > 0, is_wrong = !is_lost && s->faults.n_wrong > 0;
    int64_t at_ns = is_lost || is_wrong ? struck_now_ns() : 0;

    s->faults.n_repeat -= s->faults.n_repeat > 0;
    FOR_EACH_DUE(c, sub, s, m)
    {
        if (!is_lost && !feed_has_room(c, sub))
            continue;
        if (is_lost)
            feed_moved(c, sub, book);
        else
            feed_send(c, m, sub, book, false, is_wrong, n_times);
        n_conns++;
    }
    if (!is_lost && n_conns > 0)
        struck_follow(s, m);
    if (n_conns == 0 || !(is_lost || is_wrong))
        return;
    struck_note(s, m, book, is_lost ? "gap" : "checksum", at_ns, n_conns);
    s->faults.n_gap -= is_lost;
    s->faults.n_wrong -= is_wrong;
}

/* Two books in the wrong order: the second leaves first. */
static void feed_swap(struct sim *s, struct market *m, const struct book *older, const struct book *newer)
{
    static char memory[DIALECT_FRAME_SIZE_MAX];

    FOR_EACH_DUE(c, sub, s, m)
    {
        struct frame f = { .book = older };
        const char *text = NULL;
        size_t n;
        f.from = feed_from(c, m, sub, older);
        n = feed_encode(c, m, sub, &f, &text);
        memcpy(memory, text, n);
        feed_moved(c, sub, older);
        feed_send(c, m, sub, newer, false, false, 1);
        (void)conn_send_data(c, memory, n);
    }
}

void feed_step(struct sim *s, struct market *m)
{
    const struct book *book = market_step(m, sim_wall_ms() + s->faults.skew_ms);

    if (s->faults.n_reorder > 0 && m->n_history > 1) {
        s->faults.n_reorder--;
        feed_swap(s, m, book, market_step(m, sim_wall_ms() + s->faults.skew_ms));
    } else {
        feed_publish(s, m, book);
    }
    tape_step(s, m);
}

void feed_send_padded(struct sim *s, struct market *m, size_t padding)
{
    size_t size = padding + DIALECT_FRAME_SIZE_MAX;
    char *memory = malloc(size);
    const struct book *book = market_step(m, sim_wall_ms() + s->faults.skew_ms);
    struct pen text;

    if (memory == NULL)
        return;
    FOR_EACH_DUE(c, sub, s, m)
    {
        struct frame f = { .book = book, .padding = padding };
        f.from = feed_from(c, m, sub, book);
        pen_init(&text, memory, size);
        s->dialect->encode(&c->session, m, sub, &f, &text);
        feed_moved(c, sub, book);
        (void)conn_send_data(c, memory, text.used);
    }
    free(memory);
}

void feed_send_snapshots(struct sim *s)
{
    for (size_t i = 0; s->dialect->pushes_snapshot && i < s->markets.n; i++) {
        const struct market *m = &s->markets.at[i];
        FOR_EACH_DUE(c, sub, s, m)
        feed_send(c, m, sub, market_newest(m), true, false, 1);
    }
}

static bool feed_has_subscription(const struct conn *c)
{
    for (size_t i = 0; c->state == CONN_OPEN && i < c->sim->markets.n * DIALECT_BOOKS; i++) {
        const struct subscription *sub = &c->session.subscriptions[i];
        if (sub->is_wanted && sub->wants_realtime && !c->sim->markets.at[i % c->sim->markets.n].is_hidden)
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

static void feed_tick(struct sim *s)
{
    int64_t period_us = US_PER_S / s->options->rate_hz, now_us = sim_now_us();
    unsigned n = 0;

    /* Held up: what clients have said meanwhile is heard before the market goes on. */
    if (now_us - s->tick_us > period_us + LATE_US)
        s->tick_us = now_us;
    while (s->tick_us + period_us <= now_us && n < STEPS_A_TICK_MAX && feed_may_step(s)) {
        for (size_t i = 0; i < s->markets.n; i++)
            feed_step(s, &s->markets.at[i]);
        s->tick_us += period_us;
        n++;
    }
    if (s->is_paused || now_us - s->tick_us > US_PER_S)
        s->tick_us = now_us; /* what was not sent in time is not made up for */
}

/* A timer of the kernel's: the waits of libwebsockets are whole milliseconds, and it spends what is left over turning.
 */
static void feed_arm(struct sim *s)
{
    int64_t now_us = sim_now_us(), at_us = s->tick_us + US_PER_S / s->options->rate_hz;
    struct itimerspec at = { 0 };

    at_us = at_us > now_us + TICK_US_LEAST ? at_us : now_us + TICK_US_LEAST;
    at.it_value.tv_sec = at_us / US_PER_S;
    at.it_value.tv_nsec = at_us % US_PER_S * 1000;
    (void)timerfd_settime(s->tick_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

int feed_tick_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    struct sim *s = lws_context_user(lws_get_context(wsi));

    (void)user, (void)in, (void)n;
    if (reason == LWS_CALLBACK_RAW_RX_FILE) {
        feed_tick(s);
        feed_arm(s); /* which also takes back that the timer is due */
    }
    return 0;
}

int feed_start(struct sim *s)
{
    if (s->options->is_flat_out || s->options->rate_hz == 0 || s->replay != NULL)
        return 0;
    s->tick_us = sim_now_us();
    s->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (s->tick_fd < 0 || sim_adopt_file(s, s->tick_fd, "tick") < 0)
        return -1;
    feed_arm(s);
    return 0;
}

void feed_subscribed(struct conn *c)
{
    struct sim *s = c->sim;

    if (s->replay != NULL) {
        replay_go(s);
        return;
    }
    for (size_t i = 0; i < s->markets.n * DIALECT_BOOKS; i++) {
        struct subscription *sub = &c->session.subscriptions[i];
        const struct market *m = &s->markets.at[i % s->markets.n];
        bool has_first = sub->wants_snapshot && (s->dialect->pushes_snapshot || sub->is_whole);
        if (!sub->is_wanted || !sub->is_new || (has_first && m->is_mute))
            continue;
        sub->is_new = false;
        if (has_first)
            feed_send(c, m, sub, market_newest(m), true, false, 1);
        else
            sub->held = market_newest(m)->number;
    }
    tape_subscribed(c);
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
    for (size_t i = 0; c->has_pending && i < s->markets.n * DIALECT_BOOKS; i++) {
        struct subscription *sub = &c->session.subscriptions[i];
        const struct market *m = &s->markets.at[i % s->markets.n];
        if (sub->is_pending && sub->is_wanted)
            feed_send(c, m, sub, market_newest(m), false, false, 1);
        sub->is_pending = false;
    }
    c->has_pending = false;
    if (s->options->is_flat_out && feed_has_subscription(c))
        feed_flat_out(c);
}
