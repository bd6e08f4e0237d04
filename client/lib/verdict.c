/* SPDX-License-Identifier: MIT */
#include "verdict.h"

unsigned lib_verdict_severity(unsigned state)
{
    static const uint8_t severities[] = {
#define HOGA_STATE_ROW(number, name, word, severity, sentence) [number] = severity,
#include "shm/verdict.def"
#undef HOGA_STATE_ROW
    };
    return state < sizeof(severities) ? severities[state] : UINT8_MAX;
}

uint8_t lib_verdict_daemon(const struct reader_live *live, int64_t now_boot_ns)
{
    if (live->daemon_state == HOGA_DAEMON_STOPPED)
        return HOGA_RE_DAEMON_STOPPED;
    if (lib_is_silent(live->heartbeat_boot_ns, now_boot_ns))
        return HOGA_RE_DAEMON_SILENT;
    if (live->state != HOGA_SEGMENT_READY || live->daemon_state == HOGA_DAEMON_STARTING)
        return HOGA_RE_DAEMON_RESTARTED; /* replaced by another file, or a new daemon is not ready yet */
    if (live->daemon_state != HOGA_DAEMON_RUNNING)
        return HOGA_RE_DAEMON_SILENT; /* a newer daemon's word for something we do not know: not trusted */
    return HOGA_RE_NONE;
}

void lib_verdict_connection(const struct hoga_abi_connection_entry *connection, const struct reader_live *live,
                            int64_t now_boot_ns, struct lib_verdict *ret)
{
    uint8_t reason = lib_verdict_daemon(live, now_boot_ns);
    if (reason != HOGA_RE_NONE)
        *ret = (struct lib_verdict){ HOGA_ST_DOWN, reason, 0 };
    else
        *ret = (struct lib_verdict){ connection->state, connection->reason, connection->since_ns };
}

void lib_verdict_book(const struct lib_evidence *evidence, struct lib_verdict *ret)
{
    const struct hoga_abi_book_head *book = evidence->book;
    const struct lib_row *connection = evidence->connection;
    uint8_t reason = lib_verdict_daemon(evidence->live, evidence->now_boot_ns);
    if (reason == HOGA_RE_NONE && book->epoch != (uint32_t)evidence->live->epoch)
        reason = HOGA_RE_DAEMON_RESTARTED;
    if (reason != HOGA_RE_NONE) {
        *ret = (struct lib_verdict){ HOGA_ST_DOWN, reason, 0 };
        return;
    }

    *ret = (struct lib_verdict){ book->state, book->reason, book->since_ns };
    if (connection == NULL)
        return;
    struct lib_verdict link = { connection->state, connection->reason, connection->since_ns };
    if (!connection->used)
        link = (struct lib_verdict){ HOGA_ST_DOWN, HOGA_RE_NOT_CONNECTED, 0 };
    if (book->connection_update >= evidence->valid_from) {
        if (lib_verdict_severity(link.state) > lib_verdict_severity(ret->state))
            *ret = link;
        return;
    }
    /* Published before the connection was lost: whatever it said then is no longer known. A connection that is well
     * again (live, or anything milder than syncing) has yet to bring the book anew. */
    *ret = link;
    if (lib_verdict_severity(link.state) < lib_verdict_severity(HOGA_ST_SYNCING))
        *ret = (struct lib_verdict){ HOGA_ST_SYNCING, HOGA_RE_AWAITING_SNAPSHOT, link.since_ns };
}
