/* SPDX-License-Identifier: MIT
 * upbit_extra.h - what Upbit sends beside books: trades, tickers, errors. Pure; used by upbit.c, and by bithumb.c for
 * tickers, which have Upbit's names. */
#ifndef HOGA_UPBIT_EXTRA_H
#define HOGA_UPBIT_EXTRA_H

#include "core/md_event.h"
#include "venue/scan.h"

/* A whole object of type `type`, which has been checked to be JSON: its events into the frame, behind those that count.
 * A type that is neither a trade nor a ticker, and one whose market cannot be read, is an MD_OTHER.
 * Returns: 0, -E2BIG the frame is full. */
int upbit_extra_add(struct scan object, int is_simple, const struct scan_string *type, struct md_frame *frame);
/* The value of "error" as MD_ERROR. */
void upbit_error_take(struct scan error, struct md_event *event);

#endif
