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
    uint8_t is_noted;           /* it is recorded, with what is done to its books */
};

struct pipeline {
    struct pipeline_options options;
    struct md_frame *frame;
    int is_decoded, decoded_result; /* `frame` holds what the input says already */
    struct route routes[PIPELINE_FEEDS_MAX];
    uint32_t n_routes;
    uint8_t route_of_conn[FEED_CONNECTIONS_MAX];
    int is_among_messages; /* of a frame: no book may go */
    const char *told;      /* the rest of what a recording says was done, "" no more; NULL: nothing is said */
};

static inline void pipeline_count(struct pipeline *p, enum counter counter, uint64_t n)
{
    if (p->options.writer && n > 0)
        writer_counter_add(p->options.writer, counter, n);
}

/* The book's slot in the segment, taken when it is first needed. Returns 1, or 0 if there is none to publish into. */
int pipeline_slot_get(struct pipeline *p, const struct route *route, struct feed_book *fb, int64_t now_ns);

/* pipeline.c, for pipeline_told.c: what became of a message, and the levels as they are now into the segment. */
void pipeline_step_take(struct pipeline *p, struct route *route, struct feed_book *fb, enum book_step step,
                        const struct feed_input *in);
/* The book that followed another connection is this one now, and further: as a whole one that has come. */
void pipeline_jump_take(struct pipeline *p, const struct route *route, struct feed_book *fb,
                        const struct feed_input *in);
/* Is what the book holds behind it what its readers shall see? */
int pipeline_step_shows(const struct route *route, enum book_step step);
void pipeline_book_publish(struct pipeline *p, const struct route *route, struct feed_book *fb, int with_levels,
                           int64_t now_ns);

/* pipeline_told.c: while p->told is not NULL, what a recording says was done is done, in its order.
 * Up to the next message's turn. Returns: 0 nothing of this frame's messages was taken, else 1. */
int pipeline_told_until_message(struct pipeline *p, struct route *route, const struct feed_input *in);
/* A message's turn. */
enum feed_take pipeline_told_take(struct pipeline *p, struct route *route, struct feed_book *fb,
                                  const struct md_event *event, const struct feed_input *in);
/* What had waited behind it. Returns: as pipeline_step_shows of the last, or `shows`. */
int pipeline_told_next(struct pipeline *p, struct route *route, struct feed_book *fb, int shows,
                       const struct feed_input *in);

/* pipeline_connection.c */
void pipeline_connection_publish(struct pipeline *p, const struct route *route, uint32_t conn);

/* pipeline_extras.c: MD_TRADES, MD_DAY, and the totals of a book that has just been published. */
void pipeline_trades(struct pipeline *p, const struct route *route, const struct md_event *event,
                     const struct feed_input *in);
void pipeline_day(struct pipeline *p, const struct route *route, const struct md_event *event,
                  const struct feed_input *in);
void pipeline_totals(struct pipeline *p, struct feed_book *fb, const struct md_event *event);

#endif
