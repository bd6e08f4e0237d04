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

#endif
