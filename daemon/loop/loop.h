/* SPDX-License-Identifier: MIT
 * loop.h - the one event loop: libevent's base with libwebsockets joined to it, timers and signals. One thread. Holds
 * no policy: what a timer or a signal means is decided by who asked for it. */
#ifndef HOGA_LOOP_H
#define HOGA_LOOP_H

#include <stdint.h>

struct event_base;
struct lws_loop;
struct loop;

/* Owns: *ret; free with loop_free after everything that uses it. One at a time in a process (lws_loop.h).
 * Returns: 0, -ENOMEM, -ENOTSUP the libwebsockets found at run time is not the one compiled for, -errno no timer. */
int loop_new(struct loop **ret);
struct loop *loop_free(struct loop *l);
struct event_base *loop_base(const struct loop *l);
struct lws_loop *loop_lws(const struct loop *l);

/* Turn until loop_stop. Returns: 0, -EIO the kernel's event call failed. */
int loop_run(struct loop *l);
/* One turn that waits for at most `wait_ms`. */
void loop_turn(struct loop *l, int64_t wait_ms);
void loop_stop(struct loop *l);

/* From here to loop_signals they wait instead of ending a program that is half started. */
void loop_signals_hold(void);
/* SIGTERM, SIGINT, SIGHUP as calls from the loop, also where whoever started us had them blocked; SIGPIPE is ignored.
 */
typedef void (*loop_signal_fn)(void *context, int signal_number);
int loop_signals(struct loop *l, loop_signal_fn fn, void *context);

/* A timer that fires every `period_ms` until freed, the first time within that: all count from the loop's beginning, so
 * that those whose periods divide each other wake the process together. It may be up to a millisecond early. Free it
 * before the loop. */
struct loop_timer;
typedef void (*loop_timer_fn)(void *context);
int loop_timer_new(struct loop *l, int64_t period_ms, loop_timer_fn fn, void *context, struct loop_timer **ret);
struct loop_timer *loop_timer_free(struct loop_timer *t);

#endif
