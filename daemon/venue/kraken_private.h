/* SPDX-License-Identifier: MIT
 * kraken_private.h - what the files of the Kraken adapter know of each other. Pure. */
#ifndef HOGA_KRAKEN_PRIVATE_H
#define HOGA_KRAKEN_PRIVATE_H

#include "venue/field.h"

#define KRAKEN_DEPTH_DEFAULT 10 /* of a request that names none */
#define N_OF(array)          (sizeof(array) / sizeof((array)[0]))

struct kraken_trade {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_string side;
    struct scan_number price, size;
    uint64_t id;
    int64_t time_ns;
};

/* `side` is the taker's (sheet, "trade"). Neighbours of one symbol share an event. */
int kraken_trade_add(const struct kraken_trade *from, struct md_frame *frame);
/* An event that says nothing but its kind. */
int kraken_plain_add(enum md_kind kind, struct md_frame *frame);
/* An acknowledgement, an error or a sign of life, of v2 or v1. */
int kraken_control_read(struct scan *s, struct md_frame *frame);
/* Our own request: what it subscribes, and how deep. */
int kraken_request_read(struct scan *s, struct md_frame *frame);
/* v1's data: [channel number, object or list, (object), channel, pair]. */
int kraken_v1_read(struct scan *s, struct md_frame *frame);

#endif
