/* SPDX-License-Identifier: MIT
 * pipeline.h - the road from frame to segment. pipeline.c is the file to read first. One thread: the loop's. */
#ifndef HOGA_PIPELINE_H
#define HOGA_PIPELINE_H

#include "book/book.h"
#include "core/feed_input.h"
#include "core/md_event.h"
#include "feed/feed.h"
#include "shm/writer.h"

/* Told of every book message, also of those not applied, after the book and before publication; for --trace.
 * `symbol` and `book` are NULL when the frame could not be read that far. */
typedef void (*pipeline_watch_fn)(void *context, const struct feed_input *in, const struct venue *venue,
                                  const char *symbol, enum book_step step, enum reason reason, const struct book *book);

struct pipeline_options {
    struct writer *writer; /* NULL: nothing is published (replay without --segment) */
    pipeline_watch_fn watch;
    void *watch_context;
};

#define PIPELINE_FEEDS_MAX           16
#define PIPELINE_HISTOGRAMS_PER_FEED 3 /* recv_to_publish, venue_to_recv, lag; rows are taken in the order of feeds */

struct pipeline;
/* Owns:    *ret, freed by pipeline_free (takes NULL, returns NULL). The writer stays the caller's.
 * Returns: 0, -ENOMEM. */
int pipeline_new(const struct pipeline_options *options, struct pipeline **ret);
struct pipeline *pipeline_free(struct pipeline *p);
/* Several venues: each brings its feed; inputs are routed by connection index. The pipeline does not own them.
 * Returns: 0, -ENOSPC more than PIPELINE_FEEDS_MAX. */
int pipeline_feed_add(struct pipeline *p, struct feed *f, const struct venue *venue, uint8_t source,
                      uint32_t first_conn, uint32_t n_conns);
/* One more connection of a feed that was added. */
void pipeline_connection_add(struct pipeline *p, const struct feed *f, uint32_t conn);
/* Take one input down the road: decode, sync, book, publish. */
void pipeline_feed(struct pipeline *p, const struct feed_input *in);
/* The two halves of the same for a message that is too long for a turn of the loop. The first is pure: any thread, a
 * frame of its own. The second is the rest of the road; `result` is what the first returned. */
int pipeline_decode(const struct venue *venue, uint8_t source, const struct feed_input *in, struct md_frame *frame);
void pipeline_feed_decoded(struct pipeline *p, const struct feed_input *in, struct md_frame *frame, int result);
/* Publish what feeds changed outside of inputs (after feed_symbols_set). */
void pipeline_settle(struct pipeline *p, int64_t now_ns);

#endif
