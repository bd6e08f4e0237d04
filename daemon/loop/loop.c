/* SPDX-License-Identifier: MIT
 * loop.c - see loop.h. */
#include "loop/loop.h"

#include "core/log.h"
#include "loop/lws_loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>

#define LOOP_SIGNALS 3

static const int numbers[LOOP_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

struct loop {
    struct event_base *base;
    struct lws_loop *lws;
    struct event *signal[LOOP_SIGNALS];
    loop_signal_fn signal_fn;
    void *signal_context;
};

struct loop_timer {
    struct event *event;
    loop_timer_fn fn;
    void *context;
};

/* libevent writes to standard error by itself: name servers that do not answer, mostly. After an error it ends the
 * process, and that is the last chance to say why. */
static void on_libevent_log(int severity, const char *text)
{
    if (severity == EVENT_LOG_ERR)
        log_err("libevent.failed", F_STR("text", text));
    else
        log_debug("libevent.says", F_STR("text", text));
}

int loop_new(struct loop **ret)
{
    struct loop *l;
    int r;

    /* libwebsockets takes a proxy from there without a word; ours comes from the configuration or not at all. */
    (void)unsetenv("http_proxy");
    event_set_log_callback(on_libevent_log);
    l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->base = event_base_new();
    if (!l->base) {
        (void)loop_free(l);
        return -ENOMEM;
    }
    r = lws_loop_new(l->base, &l->lws);
    if (r < 0) {
        (void)loop_free(l);
        return r;
    }
    *ret = l;
    return 0;
}

struct loop *loop_free(struct loop *l)
{
    if (!l)
        return NULL;
    for (int i = 0; i < LOOP_SIGNALS; i++) {
        if (l->signal[i])
            event_free(l->signal[i]);
    }
    l->lws = lws_loop_free(l->lws);
    if (l->base)
        event_base_free(l->base);
    free(l);
    return NULL;
}

struct event_base *loop_base(const struct loop *l)
{
    return l->base;
}

struct lws_loop *loop_lws(const struct loop *l)
{
    return l->lws;
}

int loop_run(struct loop *l)
{
    return event_base_dispatch(l->base) < 0 ? -EIO : 0;
}

static void on_turn_over(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

void loop_turn(struct loop *l, int64_t wait_ms)
{
    struct timeval wait = { .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000 };

    /* A timer of our own bounds the wait: event_base_loopexit would leave its timer behind when something else came. */
    struct event *over = evtimer_new(l->base, on_turn_over, NULL);
    if (!over)
        return;
    (void)evtimer_add(over, &wait);
    (void)event_base_loop(l->base, EVLOOP_ONCE);
    event_free(over);
}

void loop_stop(struct loop *l)
{
    (void)event_base_loopbreak(l->base);
}

static void on_signal(evutil_socket_t fd, short what, void *context)
{
    struct loop *l = context;

    (void)what;
    l->signal_fn(l->signal_context, (int)fd);
}

int loop_signals(struct loop *l, loop_signal_fn fn, void *context)
{
    sigset_t set;

    (void)sigemptyset(&set);
    assert(!l->signal_fn);
    l->signal_fn = fn;
    l->signal_context = context;
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    for (int i = 0; i < LOOP_SIGNALS; i++) {
        l->signal[i] = evsignal_new(l->base, numbers[i], on_signal, l);
        if (!l->signal[i] || event_add(l->signal[i], NULL) < 0)
            return -ENOMEM;
        (void)sigaddset(&set, numbers[i]);
    }
    return sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ? -errno : 0;
}

void loop_signals_hold(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    for (int i = 0; i < LOOP_SIGNALS; i++)
        (void)sigaddset(&set, numbers[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    /* A limit on the size of files is then an error of write(2): it costs the recording, never the feed. */
    (void)signal(SIGXFSZ, SIG_IGN);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct loop_timer *t = context;

    (void)fd;
    (void)what;
    t->fn(t->context);
}

int loop_timer_new(struct loop *l, int64_t period_ms, loop_timer_fn fn, void *context, struct loop_timer **ret)
{
    struct timeval period = { .tv_sec = period_ms / 1000, .tv_usec = period_ms % 1000 * 1000 };
    struct loop_timer *t;

    assert(period_ms > 0);
    t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->fn = fn;
    t->context = context;
    t->event = event_new(l->base, -1, EV_PERSIST, on_timer, t);
    if (!t->event || event_add(t->event, &period) < 0) {
        (void)loop_timer_free(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *t)
{
    if (!t)
        return NULL;
    if (t->event)
        event_free(t->event);
    free(t);
    return NULL;
}
