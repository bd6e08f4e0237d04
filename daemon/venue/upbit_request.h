/* SPDX-License-Identifier: MIT
 * upbit_request.h - what hoga says to Upbit: symbols and the subscription message. Pure; used by upbit.c only. */
#ifndef HOGA_UPBIT_REQUEST_H
#define HOGA_UPBIT_REQUEST_H

#include "venue/scan.h"
#include "venue/venue.h"

/* KRW-BTC@10000: the book of KRW-BTC grouped by the venue in steps of 10000 (its `level`), an instrument of its own. */
#define UPBIT_LEVEL_MARK '@'

/* venue.h, struct venue: symbol_check and request. */
enum reason upbit_symbol_check(const char *symbol);
int upbit_request(struct text *text, const struct venue_request *request);
/* Append what a frame's level makes of its code's name: nothing for 0. Returns: 0, -EBADMSG no level, or too long. */
int upbit_level_add(struct text *symbol, const struct scan_number *level);
/* What an error means, by its name; `name` at a value, or at nothing (at == NULL). */
enum reason upbit_error_reason(struct scan name);

#endif
