/* SPDX-License-Identifier: MIT
 * ledger.h - what has been spent of the venues' budgets, in a private file beside the segment (PATH.spent), so that a
 * daemon that was killed and is started again does not begin with whole budgets. Times are CLOCK_BOOTTIME; the file
 * lies on a tmpfs, which no boot outlives. The loop's thread. */
#ifndef HOGA_LEDGER_H
#define HOGA_LEDGER_H

#include "feed/feed.h"
#include "session/budget.h"

#include <stdint.h>

#define LEDGER_ROWS 16

struct ledger;

/* Needs the segment's lock: nobody else writes it then. What is there already and makes sense at now_boot_ns is kept.
 * Returns: 0; -ENOMEM; other errors of the file with *ret set all the same, to memory that the next start does not see.
 */
int ledger_open(const char *segment_path, int64_t now_boot_ns, struct ledger **ret);
/* Takes NULL, returns NULL. */
struct ledger *ledger_free(struct ledger *l);

/* The row of this key (which address, which venue), that of an earlier life if there is one; rules and n_sessions are
 * the caller's to set. Valid until ledger_free. NULL: more keys than rows. */
struct budget *ledger_dials(struct ledger *l, const char *key);
struct feed_spent *ledger_rest(struct ledger *l, const char *key);

#endif
