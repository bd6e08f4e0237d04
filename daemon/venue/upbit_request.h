/* SPDX-License-Identifier: MIT
 * upbit_request.h - what hoga says to Upbit: symbols and the subscription message. Pure; used by upbit.c only. */
#ifndef HOGA_UPBIT_REQUEST_H
#define HOGA_UPBIT_REQUEST_H

#include "venue/venue.h"

/* venue.h, struct venue: symbol_check and request. */
enum reason upbit_symbol_check(const char *symbol);
int upbit_request(struct text *text, const struct venue_request *request);

#endif
