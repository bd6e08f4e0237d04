/* SPDX-License-Identifier: MIT
 * bybit_legacy.h - books of Bybit's retired second version, for recordings of it: {"topic":"orderBookL2_25.BTCUSD",
 * "type":"snapshot"|"delta","data":...}. Nothing numbers them without holes. For bybit.c only; pure.
 * Source: ../shared/captures/bybit, recordings of 2021-04-17; ../shared/captures/README.md, "bybit v5". */
#ifndef HOGA_BYBIT_LEGACY_H
#define HOGA_BYBIT_LEGACY_H

#include "venue/field.h"

int bybit_legacy_is_book(const struct scan_string *topic);
/* The value of `data`. Returns: 0, -EBADMSG, -E2BIG. */
int bybit_legacy_read(struct scan *s, const struct scan_string *topic, int is_snapshot, struct md_frame *frame);

#endif
