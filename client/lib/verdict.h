/* SPDX-License-Identifier: MIT
 * verdict.h - the effective verdict: may anybody act on these numbers? Pure but for lib_is_alive; knows no clock.
 *
 * Order of reading (read.c keeps it): the book's copy, its connection's row, its connection's live words, the daemon's
 * heartbeat, the daemon's epoch. Each later load is of something that could have made the earlier ones stale, so what
 * is answered `live` was live when the last load was made:
 *   - a connection that died before the row was read is seen in the row; one that died and came back since then has
 *     raised valid_from before, and that is read after the row;
 *   - a daemon that died leaves an old heartbeat. A new one raises the epoch *before* its first heartbeat, and the
 * epoch is read *after* the heartbeat: a fresh heartbeat of the new daemon can not go with the epoch of the old. */
#ifndef LIB_VERDICT_H
#define LIB_VERDICT_H

#include "shm/reader.h"
#include "shm/seqlock.h"

#define LIB_FUTURE_NS_MAX 10000000 /* a heartbeat further ahead of now is not believed */

struct lib_verdict {
    uint8_t state;  /* enum hoga_state, or a newer daemon's number */
    uint8_t reason; /* enum hoga_reason_number, likewise */
    int64_t since_ns;
};

/* What a read needs of a connection's row, kept under the number of the row's copy: rows seldom move, and copying one
 * anew would cost each read as much again. */
struct lib_row {
    uint64_t number; /* 0: nothing kept */
    int64_t since_ns;
    uint8_t used, state, reason;
};

/* What a book is judged by. `connection` NULL: it has none. */
struct lib_evidence {
    const struct hoga_abi_book_head *book;
    const struct lib_row *connection;
    uint64_t valid_from;
    const struct reader_live *live;
    int64_t now_boot_ns;
};

/* 0 in the future or for ever: a clock that jumped, or a hostile writer, must not keep a dead daemon alive. The small
 * allowance is for a caller who read the clock before the daemon did (read.c reads it again beyond that). */
static inline int lib_is_silent(uint64_t heartbeat_boot_ns, int64_t now_boot_ns)
{
    if (heartbeat_boot_ns == 0 || heartbeat_boot_ns > INT64_MAX || now_boot_ns <= 0)
        return 1;
    int64_t age_ns = now_boot_ns - (int64_t)heartbeat_boot_ns;
    return age_ns > (int64_t)HOGA_SILENT_NS || age_ns < -LIB_FUTURE_NS_MAX;
}

/* --- what lets a book's own words stand: lib_verdict_book would return them unchanged (tests compare the two) --- */

/* The daemon lives: lib_verdict_daemon would say HOGA_RE_NONE. The loads are those of reader_live, in its order. */
static inline int lib_is_alive(const struct segment_map *map, int64_t now_boot_ns, uint64_t *ret_epoch)
{
    const struct hoga_abi_header *header = (const void *)map->base;
    uint64_t heartbeat_boot_ns = seqlock_load(&header->heartbeat_boot_ns);
    *ret_epoch = seqlock_load(&header->epoch);
    uint64_t differs = seqlock_load(&header->state) ^ HOGA_SEGMENT_READY;
    differs |= seqlock_load(&header->daemon_state) ^ HOGA_DAEMON_RUNNING;
    return differs == 0 && !lib_is_silent(heartbeat_boot_ns, now_boot_ns);
}

/* No state is milder than live (severity 0): such a connection worsens no book. */
static inline int lib_row_is_well(const struct lib_row *row)
{
    return row->used && row->state == HOGA_ST_LIVE;
}

/* HOGA_RE_NONE: it lives. Else why everything it ever wrote is down. */
uint8_t lib_verdict_daemon(const struct reader_live *live, int64_t now_boot_ns);
/* Worse of two states; an unknown number is worse than every known one. */
unsigned lib_verdict_severity(unsigned state);
void lib_verdict_connection(const struct hoga_abi_connection_entry *connection, const struct reader_live *live,
                            int64_t now_boot_ns, struct lib_verdict *ret);
void lib_verdict_book(const struct lib_evidence *evidence, struct lib_verdict *ret);

#endif
