/* SPDX-License-Identifier: MIT
 * keepalive.h - when an open connection is pinged, and when it counts as dead. Pure; knows no clock, no socket and no
 * ping. Times are CLOCK_BOOTTIME in ns. */
#ifndef HOGA_KEEPALIVE_H
#define HOGA_KEEPALIVE_H

#include <stdint.h>

/* A message that comes in slowly holds up the pong behind it. Its bytes are a sign of life, for so many deadlines after
 * the last thing that came in whole: what never ends is no life. */
#define KEEPALIVE_DRIP_DEADLINES 6

struct keepalive {
    int64_t interval_ns; /* 0: no pings */
    int64_t deadline_ns;
    int64_t heard_boot_ns;  /* the last message or pong, whole */
    int64_t pinged_boot_ns; /* the ping whose answer is awaited, 0 none; moves on while a message drips in */
    int64_t next_ping_boot_ns;
    uint64_t n_bytes; /* as read when that ping left */
};

enum keepalive_what {                       /* bits */
                      KEEPALIVE_PING = 1,   /* send one now */
                      KEEPALIVE_MOVING = 2, /* a message is coming in: a sign of life */
                      KEEPALIVE_DEAD = 4,   /* nothing else then */
};

/* The first ping is due at once: it tells the round trip, and that pings are answered here. */
void keepalive_begin(struct keepalive *k, int64_t interval_ms, int64_t deadline_ms, int64_t now_boot_ns);
/* `n_bytes`: read from the connection so far. is_reading: what comes is read; while it is left lying, because a message
 * is still being worked on, an answer cannot be seen, and the deadline begins anew. Returns: bits. */
unsigned keepalive_step(struct keepalive *k, int64_t now_boot_ns, uint64_t n_bytes, int is_reading);
/* When the next step is due. */
int64_t keepalive_due(const struct keepalive *k);

#endif
