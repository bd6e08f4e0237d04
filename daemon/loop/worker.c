/* SPDX-License-Identifier: MIT */
#include "loop/worker.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define WORKER_NICE 10

struct worker {
    pthread_t thread;
    pthread_mutex_t mutex; /* of everything below up to is_over */
    pthread_cond_t cond;
    struct worker_job *first, **last; /* that wait */
    struct worker_job *current;       /* runs, or has run and was not told yet */
    int has_run, is_over;
    int fd; /* of events: the current job has run */
    struct event *event;
};

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
    job->run(job);
    (void)pthread_mutex_lock(&w->mutex);
    w->has_run = 1;
    (void)!write(w->fd, &one, sizeof one);
}

static void *worker_main(void *context)
{
    struct worker *w = context;

    /* Where processors are short the loop goes first. A service may not be let: it is a wish. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), WORKER_NICE);
    (void)pthread_mutex_lock(&w->mutex);
    while (!w->is_over) {
        if (w->current || !w->first)
            (void)pthread_cond_wait(&w->cond, &w->mutex);
        else
            job_run(w);
    }
    (void)pthread_mutex_unlock(&w->mutex);
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
