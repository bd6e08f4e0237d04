/* SPDX-License-Identifier: MIT
 * feed_tape.h - makes trades on the newest books and hands them, and the day they make, to those who subscribed. One
 * thread. */
#ifndef SIM_FEED_TAPE_H
#define SIM_FEED_TAPE_H

#include "conn.h"

/* Perhaps some trades on the newest book of the market. */
void tape_step(struct sim *s, struct market *m);
/* Exactly this one. Returns: 0, -EINVAL its id is not above the last one's. */
int tape_publish(struct sim *s, struct market *m, const struct trade *trade);
/* A connection subscribed: the trades of before and the day so far. */
void tape_subscribed(struct conn *c);

#endif
