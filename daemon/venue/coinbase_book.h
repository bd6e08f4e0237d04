/* SPDX-License-Identifier: MIT
 * coinbase_book.h - lists of changes as Coinbase's two products write them, and the book events made of them. For
 * coinbase.c; pure. */
#ifndef HOGA_COINBASE_BOOK_H
#define HOGA_COINBASE_BOOK_H

#include "venue/field.h"

/* The changes at `at`, of either side and product, into `rows`; read again where their numbers ask for it.
 * Returns: 0, -EBADMSG, -E2BIG. */
int coinbase_changes(const struct scan *at, struct rows *rows);
/* The event of what `rows` gathered. Returns: 0, -EBADMSG, -E2BIG. */
int coinbase_book_add(const char *symbol, int is_snapshot, int64_t venue_ns, struct rows *rows, struct md_frame *frame);

#endif
