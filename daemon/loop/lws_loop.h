/* SPDX-License-Identifier: MIT
 * lws_loop.h - libwebsockets driven by our libevent base. lws_loop.c is the one file that knows which lws it runs on.
 * The loop's thread only. Makes no connections: net/ws does. */
#ifndef HOGA_LWS_LOOP_H
#define HOGA_LWS_LOOP_H

struct event_base;
struct lws_context;
struct lws_loop;

/* Owns: *ret; free with lws_loop_free before the base. lws's event library hooks carry no pointer of ours while its
 * context is being made, so there is one lws_loop in a process at a time.
 * Returns: 0, -EBUSY there is one already, -ENOTSUP lws at run time is not the one compiled for, -ENOMEM. */
int lws_loop_new(struct event_base *base, struct lws_loop **ret);
struct lws_loop *lws_loop_free(struct lws_loop *ll);

struct lws_context *lws_loop_context(const struct lws_loop *ll);
struct event_base *lws_loop_base(const struct lws_loop *ll);
/* 1 while lws is on the stack: then a connection must not be closed synchronously. */
int lws_loop_in_service(const struct lws_loop *ll);
/* Around calls into lws from outside its service that may call back. */
void lws_loop_enter(struct lws_loop *ll);
void lws_loop_leave(struct lws_loop *ll);
/* 1 if lws holds bytes that it has read from some connection and not handed over. */
int lws_loop_holds_bytes(const struct lws_loop *ll);
/* 1 if lws has been refused memory since this was asked last. */
int lws_loop_take_refused(void);
/* Let lws look at its timers at the end of this turn. */
void lws_loop_poke(struct lws_loop *ll);
/* Its timers, every LWS_LOOP_TICK_MS: they only back up our own, so they need not be exact. */
#define LWS_LOOP_TICK_MS 250
void lws_loop_tick(struct lws_loop *ll);

#endif
