/* SPDX-License-Identifier: MIT
 * pipeline_private.h - what pipeline.c and pipeline_extras.c share. Nobody else includes it. */
#ifndef HOGA_PIPELINE_PRIVATE_H
#define HOGA_PIPELINE_PRIVATE_H

#include "pipeline.h"
#include "publish/counter.h"

struct route { /* a venue's feed and what its books are published with */
    struct feed *feed;
    const struct venue *venue;
    uint8_t source;
    uint32_t first_histogram;
    struct feed_counts counted; /* as last added to the segment's counters */
};

struct pipeline {
    struct pipeline_options options;
    struct md_frame *frame;
    int is_decoded, decoded_result; /* `frame` holds what the input says already */
    struct route routes[PIPELINE_FEEDS_MAX];
    uint32_t n_routes;
    uint8_t route_of_conn[FEED_CONNECTIONS_MAX];
};

static inline void pipeline_count(struct pipeline *p, enum counter counter, uint64_t n)
{
    if (p->options.writer && n > 0)
        writer_counter_add(p->options.writer, counter, n);
}

/* The book's slot in the segment, taken when it is first needed. Returns 1, or 0 if there is none to publish into. */
int pipeline_slot_get(struct pipeline *p, const struct route *route, struct feed_book *fb, int64_t now_ns);

/* pipeline_extras.c: MD_TRADES, MD_DAY, and the totals of a book that has just been published. */
void pipeline_trades(struct pipeline *p, const struct route *route, const struct md_event *event,
                     const struct feed_input *in);
void pipeline_day(struct pipeline *p, const struct route *route, const struct md_event *event,
                  const struct feed_input *in);
void pipeline_totals(struct pipeline *p, struct feed_book *fb, const struct md_event *event);

#endif
