/* SPDX-License-Identifier: MIT */
#include "loop/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WORKER_NICE     10
#define WORKER_YIELD_NS 200000
#define WORKER_SIGNAL   SIGRTMIN

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid /* Debian 12 names the field only */
#endif

struct worker {
    pthread_t thread;
    pthread_mutex_t mutex; /* of everything below up to is_over */
    pthread_cond_t cond;
    struct worker_job *first, **last; /* that wait */
    struct worker_job *current;       /* runs, or has run and was not told yet */
    int has_run, is_over;
    int has_timer; /* this and the timer are the thread's own */
    timer_t timer;
    int fd; /* of events: the current job has run */
    struct event *event;
};

static void on_timer(int number)
{
    int error = errno;

    (void)number;
    (void)sched_yield();
    errno = error;
}

/* A thread that computes is not always interrupted when the loop wakes up on its processor, whatever their priorities:
 * Linux was seen to wait for its tick, 4 ms (decisions.md). So it is interrupted here, and lets others go first. */
static void timer_begin(struct worker *w)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = WORKER_SIGNAL };
    struct sigaction action = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
    sigset_t set;

    event.sigev_notify_thread_id = gettid();
    if (sigaction(WORKER_SIGNAL, &action, NULL) < 0 || timer_create(CLOCK_MONOTONIC, &event, &w->timer) < 0)
        return; /* it goes on without */
    w->has_timer = 1;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, WORKER_SIGNAL);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* 0 stops it. */
static void timer_set(struct worker *w, long interval_ns)
{
    struct itimerspec spec = { { 0, interval_ns }, { 0, interval_ns } };

    if (w->has_timer)
        (void)timer_settime(w->timer, 0, &spec, NULL);
}

static void job_run(struct worker *w)
{
    struct worker_job *job = w->first;
    uint64_t one = 1;

    w->first = job->next;
    if (!w->first)
        w->last = &w->first;
    w->current = job;
    w->has_run = 0;
    (void)pthread_mutex_unlock(&w->mutex);
    timer_set(w, WORKER_YIELD_NS);
    job->run(job);
    timer_set(w, 0);
    (void)pthread_mutex_lock(&w->mutex);
    w->has_run = 1;
    (void)!write(w->fd, &one, sizeof one);
}

static void *worker_main(void *context)
{
    struct worker *w = context;

    /* Where processors are short the loop goes first. It is a wish: hogad.service is not let, as this is one of the
     * calls that its sandbox refuses. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
    timer_begin(w);
    (void)pthread_mutex_lock(&w->mutex);
    while (!w->is_over) {
        if (w->current || !w->first)
            (void)pthread_cond_wait(&w->cond, &w->mutex);
        else
            job_run(w);
    }
    (void)pthread_mutex_unlock(&w->mutex);
    if (w->has_timer)
        (void)timer_delete(w->timer);
    return NULL;
}

static void on_run(evutil_socket_t fd, short what, void *context)
{
    struct worker *w = context;
    struct worker_job *job;
    uint64_t n;

    (void)what;
    (void)!read(fd, &n, sizeof n);
    (void)pthread_mutex_lock(&w->mutex);
    job = w->has_run ? w->current : NULL;
    (void)pthread_mutex_unlock(&w->mutex);
    if (!job)
        return;
    job->done(job);
    (void)pthread_mutex_lock(&w->mutex);
    w->current = NULL;
    (void)pthread_cond_signal(&w->cond);
    (void)pthread_mutex_unlock(&w->mutex);
}

void worker_give(struct worker *w, struct worker_job *job)
{
    job->next = NULL;
    (void)pthread_mutex_lock(&w->mutex);
    *w->last = job;
    w->last = &job->next;
    (void)pthread_cond_signal(&w->cond);
    (void)pthread_mutex_unlock(&w->mutex);
}

int worker_take_back(struct worker *w, struct worker_job *job)
{
    struct worker_job **at;
    int is_waiting;

    (void)pthread_mutex_lock(&w->mutex);
    for (at = &w->first; *at && *at != job;)
        at = &(*at)->next;
    is_waiting = *at != NULL;
    if (is_waiting) {
        *at = job->next;
        if (!job->next)
            w->last = at;
    }
    (void)pthread_mutex_unlock(&w->mutex);
    return is_waiting;
}

/* Signals are the loop's. */
static int thread_start(struct worker *w)
{
    sigset_t all, before;
    int r;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&w->thread, NULL, worker_main, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int worker_new(struct event_base *base, struct worker **ret)
{
    struct worker *w = calloc(1, sizeof *w);

    if (!w)
        return -ENOMEM;
    w->last = &w->first;
    (void)pthread_mutex_init(&w->mutex, NULL);
    (void)pthread_cond_init(&w->cond, NULL);
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->event = w->fd < 0 ? NULL : event_new(base, w->fd, EV_READ | EV_PERSIST, on_run, w);
    if (!w->event || event_add(w->event, NULL) < 0 || thread_start(w) < 0) {
        if (w->event)
            event_free(w->event);
        if (w->fd >= 0)
            (void)close(w->fd);
        free(w);
        return -ENOMEM;
    }
    *ret = w;
    return 0;
}

struct worker *worker_free(struct worker *w)
{
    if (!w)
        return NULL;
    (void)pthread_mutex_lock(&w->mutex);
    w->is_over = 1;
    (void)pthread_cond_signal(&w->cond);
    (void)pthread_mutex_unlock(&w->mutex);
    (void)pthread_join(w->thread, NULL);
    if (w->current)
        w->current->drop(w->current);
    while (w->first) {
        struct worker_job *job = w->first;

        w->first = job->next;
        job->drop(job);
    }
    event_free(w->event);
    (void)close(w->fd);
    (void)pthread_cond_destroy(&w->cond);
    (void)pthread_mutex_destroy(&w->mutex);
    free(w);
    return NULL;
}
