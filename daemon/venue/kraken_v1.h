/* SPDX-License-Identifier: MIT
 * kraken_v1.h - the array frames of Kraken's older socket, which recordings hold: pairs are spelled XBT/USD, numbers
 * are strings, the checksum is the same. For kraken.c; pure. */
#ifndef HOGA_KRAKEN_V1_H
#define HOGA_KRAKEN_V1_H

#include "core/md_event.h"
#include "venue/scan.h"

/* One message, from its bracket to its bracket. Returns: 0, -EBADMSG, -E2BIG. */
int kraken_v1_read(struct scan *s, struct md_frame *frame);

#endif
