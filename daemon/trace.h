/* SPDX-License-Identifier: MIT
 * trace.h - one JSON line a book message to a file descriptor, as `hogad --replay --trace` prints it. Buffered; gives
 * up quietly when the reader of a pipe has gone. One thread. */
#ifndef HOGA_TRACE_H
#define HOGA_TRACE_H

#include "pipeline.h"

struct trace;

/* `stop_fd` readable ends a write that waits for a slow reader; -1: none.
 * Owns:    *ret; trace_close flushes. The descriptor stays the caller's.
 * Returns: 0, -ENOMEM. */
int trace_open(int fd, int stop_fd, uint32_t depth, struct trace **ret);
struct trace *trace_close(struct trace *t); /* takes NULL, returns NULL */
/* The capture line that what follows comes from. */
void trace_line_set(struct trace *t, uint64_t line);
/* pipeline_watch_fn; the context is the struct trace. */
void trace_watch(void *context, const struct feed_input *in, const struct venue *venue, const char *symbol,
                 enum book_step step, enum reason reason, const struct book *book);
int trace_flush(struct trace *t); /* 0, or the error that ended it: -EPIPE, -ECANCELED by stop_fd */
int trace_error(const struct trace *t);

#endif
