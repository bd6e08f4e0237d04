/* SPDX-License-Identifier: MIT
 * venue.h - what an exchange looks like to hoga: one const struct of pure functions a venue, listed in venues.def. An
 * adapter knows bytes and rules; no clock, no socket, no log, no allocation. Facts cite ../shared/protocols sheets. */
#ifndef HOGA_VENUE_H
#define HOGA_VENUE_H

#include "core/md_event.h"
#include "core/text.h"
#include "core/verdict.h"

enum venue_builder {
    VENUE_BUILD_REPLACE, /* every book message is a whole book */
    VENUE_BUILD_CHAIN,   /* snapshot, then deltas that must follow each other */
    VENUE_BUILD_REST,    /* deltas buffered until a REST snapshot joins them */
};

/* What a venue allows and wants; times in ms, 0 where it has no such rule. */
struct venue_limits {
    uint32_t ping_interval_ms;   /* we send a protocol ping when this long quiet */
    uint32_t pong_deadline_ms;   /* dead when nothing arrived for this long after the ping */
    uint32_t connect_per_second; /* connection attempts an address */
    uint32_t request_per_second; /* messages a connection */
    uint32_t request_per_minute;
    uint32_t snapshot_deadline_ms; /* first book after its request left, else failed */
    uint32_t books_per_connection; /* how many we put on one */
    uint8_t sends_origin;          /* 1: the upgrade carries an Origin header */
    uint8_t request_replaces_all;  /* 1: each subscription message replaces the whole set */
};

struct venue {
    const char *name;        /* "upbit" */
    const char *default_url; /* of the WebSocket */
    enum venue_builder builder;
    enum proof proof;       /* what `live` rests on */
    uint32_t depth_default; /* levels a side it sends by default */
    struct venue_limits limits;

    /* Can this be a symbol here? Returns REASON_NONE, REASON_SYMBOL_CASE or REASON_SYMBOL_FORM. */
    enum reason (*symbol_check)(const char *symbol);
    /* Write one subscription message for the n symbols. `request_id` makes it unique.
     * Returns: 0, -EINVAL no symbols, -ENOBUFS it does not fit in `text`. */
    int (*subscribe)(struct text *text, const char *const *symbols, size_t n, uint32_t depth, uint64_t request_id);
    /* One whole message into events. A message is taken whole or not at all: on failure the frame holds no event.
     * Returns: 0, -EBADMSG it cannot be read, -E2BIG more events or levels than the named limits. */
    int (*decode)(const char *bytes, size_t size, struct md_frame *io_frame);
};

/* By name, or NULL. */
const struct venue *venue_find(const char *name);
/* The i-th, or NULL beyond the last. */
const struct venue *venue_at(unsigned i);

#endif
