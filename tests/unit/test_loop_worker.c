/* SPDX-License-Identifier: MIT
 * The worker: jobs run beside the loop, one after the other, and one that computes lets others go first. */
#include "loop/worker.h"

#include "no_leaks.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>

#define LONG_MS 20000 /* in which a test has failed */

struct task {
    struct worker_job job; /* first */
    struct event_base *base;
    pthread_t thread;
    int error, is_done, is_dropped, was_in_turn;
    struct task *before;
};

/* What a job does is interrupted again and again; waiting, for nothing, says so. */
static void run_waiting(struct worker_job *job)
{
    struct task *t = (struct task *)job;

    t->thread = pthread_self();
    t->error = poll(NULL, 0, LONG_MS) < 0 ? errno : 0;
}

static void run_in_turn(struct worker_job *job)
{
    struct task *t = (struct task *)job;

    t->was_in_turn = !t->before || t->before->is_done;
}

static void task_done(struct worker_job *job)
{
    struct task *t = (struct task *)job;

    t->is_done = 1;
    if (t->base)
        (void)event_base_loopbreak(t->base);
}

static void task_drop(struct worker_job *job)
{
    ((struct task *)job)->is_dropped = 1;
}

Test(loop_worker, a_job_is_interrupted_so_that_others_go_first)
{
    struct event_base *base = event_base_new();
    struct task t = { .job = { .run = run_waiting, .done = task_done, .drop = task_drop }, .base = base };
    struct worker *w;

    cr_assert_eq(worker_new(base, &w), 0);
    worker_give(w, &t.job);
    (void)event_base_dispatch(base);

    cr_expect_eq(t.is_done, 1);
    cr_expect_eq(t.error, EINTR);
    cr_expect(!pthread_equal(t.thread, pthread_self()));
    w = worker_free(w);
    event_base_free(base);
    NO_LEAKS();
}

Test(loop_worker, a_job_begins_when_the_one_before_has_been_told_as_done)
{
    struct event_base *base = event_base_new();
    struct task tasks[20];
    struct worker *w;

    cr_assert_eq(worker_new(base, &w), 0);
    for (unsigned i = 0; i < 20; i++) {
        tasks[i] = (struct task){ .job = { .run = run_in_turn, .done = task_done, .drop = task_drop },
                                  .base = i == 19 ? base : NULL,
                                  .before = i > 0 ? &tasks[i - 1] : NULL };
        worker_give(w, &tasks[i].job);
    }
    (void)event_base_dispatch(base);

    for (unsigned i = 0; i < 20; i++)
        cr_expect(tasks[i].is_done && tasks[i].was_in_turn, "job %u", i);
    w = worker_free(w);
    event_base_free(base);
    NO_LEAKS();
}

Test(loop_worker, jobs_that_were_not_told_as_done_are_dropped)
{
    struct event_base *base = event_base_new();
    struct task tasks[3];
    struct worker *w;

    cr_assert_eq(worker_new(base, &w), 0);
    for (unsigned i = 0; i < 3; i++) {
        tasks[i] = (struct task){ .job = { .run = run_in_turn, .done = task_done, .drop = task_drop } };
        worker_give(w, &tasks[i].job);
    }
    w = worker_free(w);

    for (unsigned i = 0; i < 3; i++)
        cr_expect(tasks[i].is_dropped && !tasks[i].is_done, "job %u", i);
    event_base_free(base);
    NO_LEAKS();
}

Test(loop_worker, a_job_that_has_not_begun_can_be_taken_back)
{
    struct event_base *base = event_base_new();
    struct task tasks[3];
    struct worker *w;

    cr_assert_eq(worker_new(base, &w), 0);
    for (unsigned i = 0; i < 3; i++) {
        tasks[i] = (struct task){ .job = { .run = run_in_turn, .done = task_done, .drop = task_drop },
                                  .base = i == 1 ? base : NULL };
        worker_give(w, &tasks[i].job);
    }
    /* The loop has not told of the first, so no other has begun. */
    cr_expect_eq(worker_take_back(w, &tasks[2].job), 1);
    cr_expect_eq(worker_take_back(w, &tasks[1].job), 1);
    cr_expect_eq(worker_take_back(w, &tasks[1].job), 0, "it is the caller's");
    worker_give(w, &tasks[1].job);
    (void)event_base_dispatch(base);
    w = worker_free(w);

    cr_expect(tasks[0].is_done && tasks[1].is_done);
    cr_expect(!tasks[2].is_done && !tasks[2].is_dropped);
    event_base_free(base);
    NO_LEAKS();
}
