/* SPDX-License-Identifier: MIT
 * feed.h - moves the markets and hands each book to those who subscribed to it, at a rate or as fast as they read.
 * One thread. */
#ifndef SIM_FEED_H
#define SIM_FEED_H

#include "conn.h"

/* Start the clock of the markets. Returns: 0, -1. */
int feed_start(struct sim *s);
/* It is time. */
int feed_tick_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);
/* The next book of one market, to everybody. */
void feed_step(struct sim *s, struct market *m);
void feed_publish(struct sim *s, struct market *m, const struct book *book);
/* The newest book of one market with `padding` bytes of unknown field. */
void feed_send_padded(struct sim *s, struct market *m, size_t padding);
/* The newest books whole, to everybody, as an exchange sends them unasked. */
void feed_send_snapshots(struct sim *s);
/* A connection subscribed: first frames. */
void feed_subscribed(struct conn *c);
/* Does this connection get realtime messages of this channel of the market? Asked once a message. */
bool feed_is_due(struct conn *c, const struct market *m, struct subscription *sub);
/* A connection's queue is empty: what it missed, or flat out the next batch. */
void feed_drained(struct conn *c);
/* Flat out: is there always more for this connection? */
bool feed_is_waiting(const struct conn *c);

#endif
