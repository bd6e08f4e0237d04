/* SPDX-License-Identifier: MIT
 * The effective verdict as a table: one row a case, all else well. */
#include "client/lib/verdict.h"

#include <criterion/criterion.h>

#define NOW   1000000000000
#define MS    1000000
#define NONE  255 /* the book has no connection */
#define EPOCH (5ull << 32 | 7)

struct row {
    const char *what;
    uint64_t segment_state, daemon_state, heartbeat_ns;
    uint32_t book_epoch;
    uint8_t book_state, book_reason;
    uint8_t link_used, link_state, link_reason; /* link_used NONE: no connection */
    uint64_t valid_from;                        /* the book's connection_update is 10 */
    uint8_t state, reason;
    int64_t since_ns; /* 11 the book's, 22 the connection's */
};

#define READY   HOGA_SEGMENT_READY
#define RUN     HOGA_DAEMON_RUNNING
#define FRESH   (NOW - 100 * MS)
#define LIVE    HOGA_ST_LIVE, HOGA_RE_NONE
#define OWN(x)  HOGA_ST_##x, HOGA_RE_VENUE_DELAY
#define LINK_OK 1, LIVE
#define DOWN(x) HOGA_ST_DOWN, HOGA_RE_##x, 0
#define LOST(x) 1, HOGA_ST_DOWN, HOGA_RE_##x

static const struct row rows[] = {
    { "all well", READY, RUN, FRESH, 7, LIVE, LINK_OK, 10, LIVE, 11 },
    { "no connection", READY, RUN, FRESH, 7, LIVE, NONE, LIVE, 99, LIVE, 11 },
    { "heartbeat just in time", READY, RUN, NOW - 500 * MS, 7, LIVE, LINK_OK, 0, LIVE, 11 },
    { "heartbeat too old", READY, RUN, NOW - 500 * MS - 1, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "no heartbeat", READY, RUN, 0, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "heartbeat a little ahead", READY, RUN, NOW + 10 * MS, 7, LIVE, LINK_OK, 0, LIVE, 11 },
    { "heartbeat from the future", READY, RUN, NOW + 10 * MS + 1, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "heartbeat at the end of time", READY, RUN, INT64_MAX, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "heartbeat beyond it", READY, RUN, UINT64_MAX, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "stopped", READY, HOGA_DAEMON_STOPPED, FRESH, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_STOPPED) },
    { "stopped long ago", READY, HOGA_DAEMON_STOPPED, 1, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_STOPPED) },
    { "starting", READY, HOGA_DAEMON_STARTING, FRESH, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_RESTARTED) },
    { "a daemon state of tomorrow", READY, 77, FRESH, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "retired", HOGA_SEGMENT_RETIRED, RUN, FRESH, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_RESTARTED) },
    { "a segment state of tomorrow", 77, RUN, FRESH, 7, LIVE, LINK_OK, 0, DOWN(DAEMON_RESTARTED) },
    { "copy of the epoch before", READY, RUN, FRESH, 6, LIVE, LINK_OK, 0, DOWN(DAEMON_RESTARTED) },
    { "copy of an epoch to come", READY, RUN, FRESH, 8, LIVE, LINK_OK, 0, DOWN(DAEMON_RESTARTED) },
    { "silent before restarted", READY, RUN, 0, 6, OWN(FAILED), LINK_OK, 0, DOWN(DAEMON_SILENT) },
    { "book worse than a good connection", READY, RUN, FRESH, 7, OWN(LAGGING), LINK_OK, 0, OWN(LAGGING), 11 },
    { "connection worse than the book", READY, RUN, FRESH, 7, LIVE, LOST(CONNECTION_LOST), 0, HOGA_ST_DOWN,
      HOGA_RE_CONNECTION_LOST, 22 },
    { "book worse than a bad connection", READY, RUN, FRESH, 7, OWN(FAILED), LOST(BACK_OFF), 0, OWN(FAILED), 11 },
    { "of equals the book's own", READY, RUN, FRESH, 7, OWN(DOWN), LOST(BACK_OFF), 0, OWN(DOWN), 11 },
    { "unused connection", READY, RUN, FRESH, 7, LIVE, 0, LIVE, 0, DOWN(NOT_CONNECTED) },
    { "invalid, connection back", READY, RUN, FRESH, 7, LIVE, LINK_OK, 11, HOGA_ST_SYNCING, HOGA_RE_AWAITING_SNAPSHOT,
      22 },
    { "invalid, connection lagging", READY, RUN, FRESH, 7, LIVE, 1, OWN(LAGGING), 11, HOGA_ST_SYNCING,
      HOGA_RE_AWAITING_SNAPSHOT, 22 },
    { "invalid, connection dialing", READY, RUN, FRESH, 7, LIVE, 1, HOGA_ST_SYNCING, HOGA_RE_CONNECTING, 11,
      HOGA_ST_SYNCING, HOGA_RE_CONNECTING, 22 },
    { "invalid, connection down", READY, RUN, FRESH, 7, OWN(FAILED), LOST(BACK_OFF), 11, HOGA_ST_DOWN, HOGA_RE_BACK_OFF,
      22 },
    { "a book state of tomorrow", READY, RUN, FRESH, 7, 99, 98, LINK_OK, 0, 99, 98, 11 },
    { "is worse than down", READY, RUN, FRESH, 7, 99, 98, LOST(BACK_OFF), 0, 99, 98, 11 },
    { "a connection state of tomorrow", READY, RUN, FRESH, 7, OWN(FAILED), 1, 99, 98, 0, 99, 98, 22 },
    { "and for an invalid book", READY, RUN, FRESH, 7, LIVE, 1, 99, 98, 11, 99, 98, 22 },
};

static void judge(const struct row *row, struct lib_verdict *ret)
{
    struct hoga_abi_book_head book = { .state = row->book_state,
                                       .reason = row->book_reason,
                                       .epoch = row->book_epoch,
                                       .connection_update = 10,
                                       .since_ns = 11 };
    struct lib_row link = { 1, 22, row->link_used, row->link_state, row->link_reason };
    struct reader_live live = { .state = row->segment_state,
                                .epoch = EPOCH,
                                .heartbeat_boot_ns = row->heartbeat_ns,
                                .daemon_state = row->daemon_state };
    struct lib_evidence evidence = { &book, row->link_used == NONE ? NULL : &link, row->valid_from, &live, NOW };
    lib_verdict_book(&evidence, ret);
}

Test(libhoga_verdict, is_the_worst_of_book_connection_and_daemon)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lib_verdict verdict;

        judge(&rows[i], &verdict);

        cr_assert_eq(verdict.state, rows[i].state, "%s: state %u", rows[i].what, verdict.state);
        cr_assert_eq(verdict.reason, rows[i].reason, "%s: reason %u", rows[i].what, verdict.reason);
        cr_assert_eq(verdict.since_ns, rows[i].since_ns, "%s: since %lld", rows[i].what, (long long)verdict.since_ns);
    }
}

Test(libhoga_verdict, is_live_only_if_everything_is)
{
    for (unsigned book_state = 0; book_state < 256; book_state++) {
        for (unsigned link_state = 0; link_state < 256; link_state++) {
            struct row row = {
                "", READY, RUN, FRESH, 7, (uint8_t)book_state, 0, 1, (uint8_t)link_state, 0, 10, 0, 0, 0
            };
            struct lib_verdict verdict;

            judge(&row, &verdict);

            int should = book_state == HOGA_ST_LIVE && link_state == HOGA_ST_LIVE;
            cr_assert_eq(verdict.state == HOGA_ST_LIVE, should, "%u and %u", book_state, link_state);
            row.valid_from = 11;
            judge(&row, &verdict);
            cr_assert_neq(verdict.state, HOGA_ST_LIVE, "invalid: %u and %u", book_state, link_state);
        }
    }
}
