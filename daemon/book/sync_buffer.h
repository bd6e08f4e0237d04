/* SPDX-License-Identifier: MIT
 * sync_buffer.h - updates of one book that wait for its snapshot, one behind the other in memory taken with the book.
 * Used by sync.c only; pure. When it is full the oldest go: a snapshot that needed them would be an old one. */
#ifndef HOGA_SYNC_BUFFER_H
#define HOGA_SYNC_BUFFER_H

#include "book/book_private.h"

/* What sync wants to know of an update beside its levels. */
struct waiting {
    uint64_t sequence_first, sequence_last, sequence_previous;
    int64_t venue_ns, recv_ns;
    uint32_t checksum, n_left_out;
    uint8_t follows; /* enum md_follows */
    uint8_t has_checksum, number_range;
};

struct waiting waiting_of(const struct md_event *event, int64_t recv_ns);
/* Returns 1 if it waits now, 0 if this book has no buffer or no room for it. */
int sync_buffer_add(struct book *bk, const struct waiting *w, const struct message *m);
/* The oldest; its levels lie in the buffer until the next call that changes it. Returns 1, 0 none. */
int sync_buffer_first(const struct book *bk, struct waiting *ret, struct message *ret_message);
/* The oldest has been judged. */
void sync_buffer_take(struct book *bk);
void sync_buffer_clear(struct book *bk);

#endif
