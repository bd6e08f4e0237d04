/* SPDX-License-Identifier: MIT
 * upbit_request.h - what hoga says to Upbit: symbols and the subscription message. Pure; used by upbit.c only. */
#ifndef HOGA_UPBIT_REQUEST_H
#define HOGA_UPBIT_REQUEST_H

#include "core/text.h"
#include "core/verdict.h"

#include <stddef.h>
#include <stdint.h>

/* venue.h, struct venue: symbol_check and subscribe. */
enum reason upbit_symbol_check(const char *symbol);
int upbit_subscribe(struct text *text, const char *const *symbols, size_t n, uint32_t depth, uint64_t request_id);

#endif
