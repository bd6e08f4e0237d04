/* SPDX-License-Identifier: MIT
 * worker.h - one thread for what is too long for a turn of the loop. Jobs run one after the other, in the order they
 * were given: the next begins when `done` of the one before has returned, so what a job fills in is its own until then.
 * Everything but `run` is called in the loop's thread. */
#ifndef HOGA_WORKER_H
#define HOGA_WORKER_H

struct event_base;
struct worker;

/* The caller's, from worker_give until `done` or `drop` is called. */
struct worker_job {
    void (*run)(struct worker_job *job);  /* in the worker's thread */
    void (*done)(struct worker_job *job); /* it has run */
    void (*drop)(struct worker_job *job); /* the worker ends and it has not been told as done */
    struct worker_job *next;
};

/* Owns:    *ret; worker_free waits for the job that runs, takes NULL, returns NULL.
 * Returns: 0, -ENOMEM. */
int worker_new(struct event_base *base, struct worker **ret);
struct worker *worker_free(struct worker *w);
void worker_give(struct worker *w, struct worker_job *job);
/* Returns: 1 it had not begun, and is the caller's again; 0 it runs or has run, and will be told. */
int worker_take_back(struct worker *w, struct worker_job *job);

#endif
