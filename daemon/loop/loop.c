/* SPDX-License-Identifier: MIT
 * loop.c - see loop.h. */
#include "loop/loop.h"

#include "core/clock.h"
#include "core/log.h"
#include "loop/lws_loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOOP_SIGNALS  3
#define LOOP_SLACK_NS 1000000 /* timers due within it share a turn */
#define MS_NS         1000000ll
#define S_NS          1000000000ll

static const int numbers[LOOP_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };

/* Periodic timers are not libevent's: while it has one, each wait for a message is given a timeout, and the kernel sets
 * a timer up and takes it down again with each message. Theirs is one timer of the kernel's, set when it has fired. */
struct loop {
    struct event_base *base;
    struct lws_loop *lws;
    struct loop_timer *timers, *lws_tick;
    struct event *clock;
    int clock_fd;
    int64_t begin_boot_ns;
    struct event *signal[LOOP_SIGNALS];
    loop_signal_fn signal_fn;
    void *signal_context;
};

struct loop_timer {
    struct loop *loop;
    struct loop_timer *next;
    int64_t period_ns, due_boot_ns;
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

static void clock_arm(struct loop *l)
{
    struct itimerspec at = { 0 };
    int64_t due = INT64_MAX;

    for (const struct loop_timer *t = l->timers; t; t = t->next)
        due = t->due_boot_ns < due ? t->due_boot_ns : due;
    if (due < INT64_MAX) {
        int64_t wait = due - clock_boot_ns();

        wait = wait > 0 ? wait : 1; /* zero would take the timer back */
        at.it_value.tv_sec = wait / S_NS;
        at.it_value.tv_nsec = wait % S_NS;
    }
    /* What has fired and was not read is forgotten by this, too. */
    (void)timerfd_settime(l->clock_fd, 0, &at, NULL);
}

static struct loop_timer *timer_due(const struct loop *l, int64_t now_boot_ns)
{
    struct loop_timer *t = l->timers;

    while (t && t->due_boot_ns >= now_boot_ns + LOOP_SLACK_NS)
        t = t->next;
    return t;
}

/* The next multiple of the period since the loop began: timers whose periods divide each other share their turns. */
static void timer_forward(struct loop_timer *t, int64_t now_boot_ns)
{
    int64_t since = now_boot_ns + LOOP_SLACK_NS - t->loop->begin_boot_ns;

    t->due_boot_ns = t->loop->begin_boot_ns + (since / t->period_ns + 1) * t->period_ns;
}

/* What a timer calls may free it and make others. */
static void on_clock(evutil_socket_t fd, short what, void *context)
{
    struct loop *l = context;
    int64_t now_boot_ns = clock_boot_ns();
    struct loop_timer *t;

    (void)fd;
    (void)what;
    while ((t = timer_due(l, now_boot_ns)) != NULL) {
        timer_forward(t, now_boot_ns);
        t->fn(t->context);
    }
    clock_arm(l);
}

static void on_lws_tick(void *context)
{
    struct loop *l = context;

    lws_loop_tick(l->lws);
}

static int clock_new(struct loop *l)
{
    l->begin_boot_ns = clock_boot_ns();
    l->clock_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->clock_fd < 0)
        return -errno;
    l->clock = event_new(l->base, l->clock_fd, EV_READ | EV_PERSIST, on_clock, l);
    return l->clock && event_add(l->clock, NULL) == 0 ? 0 : -ENOMEM;
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
    l->clock_fd = -1;
    l->base = event_base_new();
    r = l->base ? clock_new(l) : -ENOMEM;
    if (r == 0)
        r = lws_loop_new(l->base, &l->lws);
    if (r == 0)
        r = loop_timer_new(l, LWS_LOOP_TICK_MS, on_lws_tick, l, &l->lws_tick);
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
    l->lws_tick = loop_timer_free(l->lws_tick);
    l->lws = lws_loop_free(l->lws);
    if (l->clock)
        event_free(l->clock);
    if (l->clock_fd >= 0)
        (void)close(l->clock_fd);
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

int loop_timer_new(struct loop *l, int64_t period_ms, loop_timer_fn fn, void *context, struct loop_timer **ret)
{
    struct loop_timer *t;

    assert(period_ms > 0);
    t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    *t = (struct loop_timer){
        .loop = l, .next = l->timers, .period_ns = period_ms * MS_NS, .fn = fn, .context = context
    };
    l->timers = t;
    timer_forward(t, clock_boot_ns());
    clock_arm(l);
    *ret = t;
    return 0;
}

struct loop_timer *loop_timer_free(struct loop_timer *t)
{
    struct loop_timer **at;

    if (!t)
        return NULL;
    for (at = &t->loop->timers; *at != t; at = &(*at)->next)
        ;
    *at = t->next;
    clock_arm(t->loop);
    free(t);
    return NULL;
}
