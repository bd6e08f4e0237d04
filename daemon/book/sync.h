/* SPDX-License-Identifier: MIT
 * sync.h - the continuity rules: does this message follow the last one, and what becomes of the book? Verifies first,
 * then changes the book and its verdict. Pure. */
#ifndef HOGA_SYNC_H
#define HOGA_SYNC_H

#include "book/book.h"
#include "core/feed_input.h"
#include "venue/venue.h"

/* Take one MD_BOOK event through the venue's builder. After a refusal the levels stay and the verdict is failed with
 * its reason; after an applied message it is live or crossed. The step says what happened. */
enum book_step sync_apply(const struct venue *venue, struct book *bk, const struct md_event *event,
                          const struct md_frame *frame, const struct feed_input *in);
/* After sync_apply, until it returns 0: what became of updates that had waited and could now be judged. Such a book was
 * received when the later of both was, the update or what it waited for.
 * Returns: 1 and the step, the book being as it was after that update; 0 there is none. */
int sync_next(const struct venue *venue, struct book *bk, const struct feed_input *in, enum book_step *ret);

/* A snapshot of a book that is well is being fetched, or no longer. It may be older than the book when it comes: the
 * updates from now on are kept and follow it. Returns: 1, or 0 as it was. */
int sync_keep(struct book *bk, int keeps);
/* Another connection is to take over this book: its updates are kept, not applied, while the one in charge goes on
 * (updates only; a stream that begins with a snapshot is followed by a book of its own, feed/handover.c). */
void sync_successor_take(struct book *bk, const struct md_event *event, const struct md_frame *frame, int64_t recv_ns);
/* Returns: 1 if its updates reach back to where the book stands and have got as far as the book was when they began. */
int sync_successor_is_ready(const struct book *bk);
/* What it brought is of no use. Returns: 1, or 0 it had brought nothing. */
int sync_successor_forget(struct book *bk);
/* It takes over: sync_next gives what waits; from now on its stream is the book's. Where it has said nothing yet
 * (a quiet book), its first update has to join the book as it would a fetched snapshot. */
void sync_succeed(struct book *bk, int64_t now_boot_ns);
/* It takes over, and what it brought does not reach back: that waits for a snapshot now. Returns 1 if anything does. */
int sync_succeed_unproven(struct book *bk);
/* Numbers lost at all take-overs so far: 0 unless one was made that was not ready, or its stream broke at the join. */
uint64_t sync_lost(const struct book *bk);
/* Sequence of the last applied message, 0 where the venue has none. */
uint64_t sync_last(const struct book *bk);

/* The connection opened or ended, or the book is asked for anew: nothing that comes can follow what was. Levels and
 * verdict stay for those who look at them. */
void sync_forget(struct book *bk);

#endif
