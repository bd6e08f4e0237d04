/* SPDX-License-Identifier: MIT
 * Make before break: a connection with a known end is replaced by another that is in sync before it goes. The old one
 * stays in charge of every book until the new one covers them all (succession.c); then all go over at once, so that a
 * new connection that dies costs nothing. It has an index of its own: one that carries no book. */
#include "feed/feed_private.h"

#include "book/sync.h"
#include "core/log.h"

#include <errno.h>

static uint32_t n_requests(const struct feed *f, uint32_t i)
{
    uint32_t per_request = f->options.venue->limits.symbols_per_request;

    return per_request > 0 ? f->lines[i]->public.n_books / per_request : 0;
}

static int64_t deadline_ns(const struct feed *f, uint32_t i)
{
    const struct venue_limits *limits = &f->options.venue->limits;
    int64_t each_ms = limits->request_per_second > 0 ? 1000 / limits->request_per_second : 0;

    each_ms += limits->request_per_minute > 0 ? 60000 / limits->request_per_minute : 0;
    return (FEED_HANDOVER_MS + each_ms * n_requests(f, i)) * FEED_NS_PER_MS;
}

/* Ever longer, and not the same for every connection. */
static int64_t pause_ns(const struct feed *f, uint32_t i)
{
    uint64_t chance = ((uint64_t)f->now_boot_ns + i) * 0x9e3779b97f4a7c15u >> 40;
    int64_t ms = FEED_HANDOVER_FIRST_MS;

    for (uint32_t n = 1; n < f->lines[i]->n_handover_failures && ms < FEED_HANDOVER_MAX_MS; n++)
        ms *= 2;
    ms = ms < FEED_HANDOVER_MAX_MS ? ms : FEED_HANDOVER_MAX_MS;
    return (ms + (int64_t)(chance % (uint64_t)(ms / 4))) * FEED_NS_PER_MS;
}

/* --- going over --------------------------------------------------------------------------------------------------- */

/* The one that is left is closed in order, a while later: trades come on it until they come on the other, and its row
 * stays good because a reader may just be looking at a copy that names it. */
static void line_leave(struct feed *f, uint32_t i)
{
    struct feed_line *line = f->lines[i];

    line->is_open = 0;
    line->is_broken = 1;
    line->needs_request = 0;
    line->successor = line->predecessor = 0;
    line->handover_reason = REASON_NONE;
    line->retire_boot_ns = 0;
    line->release_boot_ns = f->now_boot_ns + FEED_HANDOVER_LINGER_MS * FEED_NS_PER_MS;
    request_line_reset(f, i);
    feed_line_mark(f, i);
}

static void line_end(struct feed *f, uint32_t i)
{
    f->lines[i]->is_lingering = 0;
    f->lines[i]->release_boot_ns = f->now_boot_ns;
    f->options.port.end(f->options.port.context, feed_conn(f, i));
}

int handover_left(struct feed *f, uint32_t i)
{
    if (!f->lines[i]->is_lingering)
        return 0;
    line_end(f, i);
    return 1;
}

/* Something is still to be asked for on this connection that the one before it brings. */
static int has_extras_due(const struct feed *f, uint32_t i)
{
    if (feed_extras_connection(f) != FEED_CONN_NONE)
        return 0; /* neither of the two brings it */
    for (uint32_t at = 0; at < f->n_items; at++)
        if (f->items[at]->public.conn == feed_conn(f, i) && f->items[at]->phase == PHASE_FED &&
            f->items[at]->extras_due)
            return 1;
    return 0;
}

static void go_over(struct feed *f, uint32_t i)
{
    uint32_t j = f->lines[i]->successor - 1, conn = feed_conn(f, i);
    struct feed_line *old = f->lines[i], *new = f->lines[j];

    for (uint32_t at = 0; at < f->n_items; at++)
        if (f->items[at]->public.conn == conn)
            (void)succession_go_over(f, f->items[at], feed_conn(f, j), 0);
    new->predecessor = 0;
    new->public.n_books = old->public.n_books;
    new->is_handed_over = 1;
    new->handed_from = conn;
    new->handed_reason = old->handover_reason;
    new->handover_begun_boot_ns = f->now_boot_ns;
    new->handover_ready_boot_ns = old->handover_begun_boot_ns;
    old->public.n_books = 0;
    feed_line_mark(f, j);
    line_leave(f, i);
    old->is_lingering = 1;
    old->is_bringing = (uint8_t)has_extras_due(f, j);
    old->handed_to = j;
    f->counts.handovers++;
}

/* Open or not, it is the connection now: what it has proven goes on, what it has asked for is awaited, the rest is
 * asked for on it. */
void handover_promote(struct feed *f, uint32_t i, enum reason reason)
{
    uint32_t j = f->lines[i]->successor - 1, conn = feed_conn(f, i), n_kept = 0;
    struct feed_line *old = f->lines[i], *new = f->lines[j];

    new->predecessor = 0;
    new->public.n_books = old->public.n_books;
    new->handover_begun_boot_ns = f->now_boot_ns;
    if (!new->is_open) /* nothing published before it opens becomes good by that */
        new->public.valid_from = new->public.update + 1;
    for (uint32_t at = 0; at < f->n_items; at++)
        if (f->items[at]->public.conn == conn)
            n_kept += (uint32_t)succession_go_over(f, f->items[at], feed_conn(f, j), 1);
    old->public.n_books = 0;
    feed_line_mark(f, j);
    line_leave(f, i);
    line_end(f, i);
    f->n_handovers--;
    f->n_promoted_lines += !new->is_promoted;
    new->is_promoted = 1;
    f->counts.promotions++;
    log_notice("connection.promoted", F_STR("venue", f->options.venue->name), F_U64("from", conn),
               F_U64("conn", feed_conn(f, j)), F_STR("reason", verdict_reason_word(reason)),
               F_U64("books", new->public.n_books), F_U64("unbroken", n_kept));
    request_try(f, j, f->now_ns);
}

/* The hand-over point: of the first book that goes on behind it. */
static void handed_over_say(struct feed *f, uint32_t i, const struct feed_item *item)
{
    struct feed_line *line = f->lines[i];

    line->is_handed_over = 0;
    f->n_handovers--;
    log_notice("connection.handed_over", F_STR("venue", f->options.venue->name), F_U64("from", line->handed_from),
               F_U64("conn", feed_conn(f, i)), F_STR("reason", verdict_reason_word(line->handed_reason)),
               F_U64("books", line->public.n_books), F_STR("symbol", item ? item->public.symbol : ""),
               F_U64("last", item ? item->asked_last : 0),
               F_U64("first", item ? succession_position(f, item->public.book) : 0),
               F_U64("lost", f->counts.handover_sequences_lost),
               F_I64("took_ms", (line->handover_begun_boot_ns - line->handover_ready_boot_ns) / FEED_NS_PER_MS));
}

void handover_stepped(struct feed *f, struct feed_item *item, enum book_step step)
{
    uint32_t i = feed_index(f, item->public.conn);
    uint64_t n_lost = sync_lost(item->public.book);

    if (n_lost > item->n_lost_counted)
        f->counts.handover_sequences_lost += n_lost - item->n_lost_counted;
    item->n_lost_counted = n_lost;
    if (f->lines[i]->is_handed_over && step <= BOOK_CROSSED)
        handed_over_say(f, i, item);
}

/* Are all books that are at stake covered? */
static enum feed_cover line_cover(struct feed *f, uint32_t i)
{
    enum feed_cover cover = COVER_EXACT;

    for (uint32_t at = 0; at < f->n_items && cover != COVER_NOT; at++) {
        struct feed_item *item = f->items[at];
        enum feed_cover one;

        if (feed_index(f, item->public.conn) != i || !succession_is_at_stake(item))
            continue;
        one = succession_cover(f, item);
        cover = one < cover ? one : cover;
    }
    return cover;
}

static int promoted_next(struct feed *f, uint32_t *ret_conn)
{
    for (uint32_t i = 0; f->n_promoted_lines > 0 && i < f->n_lines; i++) {
        if (!f->lines[i]->is_promoted)
            continue;
        f->lines[i]->is_promoted = 0;
        f->n_promoted_lines--;
        *ret_conn = feed_conn(f, i);
        return 1;
    }
    return 0;
}

int feed_handover_settle(struct feed *f, uint32_t *ret_conn)
{
    if (f->n_promoted_lines > 0 && promoted_next(f, ret_conn))
        return 1;
    if (f->n_handovers == 0)
        return 0;
    for (uint32_t i = 0; i < f->n_lines; i++) {
        struct feed_line *line = f->lines[i];
        uint32_t j = line->successor - 1;
        enum feed_cover cover;

        if (!line->successor || !f->lines[j]->is_open)
            continue;
        cover = line_cover(f, i);
        if (cover == COVER_NOT)
            continue;
        if (line->handover_ready_boot_ns == 0)
            line->handover_ready_boot_ns = f->now_boot_ns;
        if (cover != COVER_EXACT &&
            f->now_boot_ns - line->handover_ready_boot_ns < FEED_HANDOVER_EXACT_MS * FEED_NS_PER_MS)
            continue;
        go_over(f, i);
        *ret_conn = feed_conn(f, j);
        return 1;
    }
    return 0;
}

/* --- beginning and ending ----------------------------------------------------------------------------------------- */

/* Connections that are there, or are to be. */
static uint32_t n_connections(const struct feed *f)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_lines; i++)
        n += f->lines[i]->public.n_books > 0 || f->lines[i]->predecessor > 0 || f->lines[i]->is_lingering;
    return n;
}

static int is_free(const struct feed_line *line)
{
    return line->public.n_books == 0 && !line->predecessor && !line->successor && line->release_boot_ns == 0;
}

static uint32_t n_carrying(const struct feed *f)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_lines; i++)
        n += f->lines[i]->public.n_books > 0;
    return n;
}

/* Can this venue have one connection more than its books need? Only one that may have no second has none. */
static int has_room(const struct feed *f)
{
    return f->options.port.open && f->options.port.end && n_carrying(f) < feed_lines_most(f);
}

static void begin(struct feed *f, uint32_t i, uint32_t j)
{
    struct feed_line *old = f->lines[i], *new = f->lines[j];

    old->successor = j + 1;
    old->handover_begun_boot_ns = f->now_boot_ns;
    old->handover_ready_boot_ns = 0;
    new->predecessor = i + 1;
    new->public.is_released = 0;
    f->n_handovers++;
    for (uint32_t at = 0; at < f->n_items; at++) {
        struct feed_item *item = f->items[at];

        if (item->public.conn != feed_conn(f, i))
            continue;
        succession_reset(f, item);
        /* One that the venue refuses would spoil the request for the others; where a request names all it goes along.
         */
        if (item->phase != PHASE_UNSENDABLE &&
            (item->phase != PHASE_RESTING || f->options.venue->limits.request_replaces_all))
            item->succession = SUCCESSION_QUEUED;
    }
    log_info("connection.replacing", F_STR("venue", f->options.venue->name), F_U64("from", feed_conn(f, i)),
             F_U64("conn", feed_conn(f, j)), F_STR("reason", verdict_reason_word(old->handover_reason)));
}

/* One is there for the first; for others at the same time some more are made, while the daemon has any. */
static int is_to_be_had(struct feed *f, uint32_t j)
{
    return j < f->n_lines ||
           (j < feed_lines_most(f) && j - n_carrying(f) < FEED_HANDOVERS_MAX && feed_line_take(f, j) == 0);
}

static void try(struct feed *f, uint32_t i)
{
    if (f->n_handovers >= FEED_HANDOVERS_MAX || n_connections(f) >= feed_lines_most(f))
        return;
    for (uint32_t j = 0; is_to_be_had(f, j); j++) {
        if (j == i || !is_free(f->lines[j]) || f->options.port.open(f->options.port.context, feed_conn(f, j)) < 0)
            continue;
        begin(f, i, j);
        return;
    }
}

int handover_want(struct feed *f, uint32_t i, enum reason reason)
{
    struct feed_line *line = f->lines[i];

    if (!line->is_open || line->is_broken || line->public.n_books == 0)
        return -ENOENT;
    if (!has_room(f))
        return -ENOSPC;
    if (line->handover_reason != REASON_NONE)
        return 0;
    line->handover_reason = (uint8_t)reason;
    line->handover_after_boot_ns = f->now_boot_ns;
    if (reason == REASON_VENUE_CLOSING) /* a venue that says so at once would be dialed without end */
        line->handover_after_boot_ns = line->opened_boot_ns + FEED_HANDOVER_YOUNG_MS * FEED_NS_PER_MS;
    return 0;
}

void handover_cancel(struct feed *f, uint32_t line_index, enum reason reason, int is_failure)
{
    uint32_t j = f->lines[line_index]->predecessor ? line_index : f->lines[line_index]->successor - 1;
    uint32_t i = f->lines[j]->predecessor - 1;
    struct feed_line *old = f->lines[i];

    for (uint32_t at = 0; at < f->n_items; at++)
        if (f->items[at]->public.conn == feed_conn(f, i))
            succession_reset(f, f->items[at]);
    old->successor = 0;
    f->n_handovers--;
    line_leave(f, j);
    line_end(f, j); /* no book was ever published with it */
    if (is_failure) {
        old->n_handover_failures++;
        f->counts.handover_failures++;
    }
    old->handover_after_boot_ns = f->now_boot_ns + pause_ns(f, i);
    if (is_failure)
        log_warn("connection.handover_failed", F_STR("venue", f->options.venue->name), F_U64("from", feed_conn(f, i)),
                 F_U64("conn", feed_conn(f, j)), F_STR("reason", verdict_reason_word(reason)),
                 F_U64("failures", old->n_handover_failures),
                 F_I64("wait_ms", (old->handover_after_boot_ns - f->now_boot_ns) / FEED_NS_PER_MS));
}

/* Still needed for what the one that took over was not asked for long enough ago: a request takes its time to the
 * venue, and nothing tells when it is there. */
static int is_still_bringing(struct feed *f, struct feed_line *line)
{
    const struct feed_line *next = f->lines[line->handed_to];

    if (next->is_lingering) { /* it was replaced in its turn */
        line->handed_to = next->handed_to;
        line->is_bringing = 1;
        next = f->lines[line->handed_to];
    }
    if (!line->is_bringing ||
        f->now_boot_ns - next->handover_begun_boot_ns > FEED_HANDOVER_LINGER_MAX_MS * FEED_NS_PER_MS)
        return 0;
    line->is_bringing = (uint8_t)has_extras_due(f, line->handed_to);
    return 1;
}

static void line_release(struct feed *f, uint32_t i)
{
    struct feed_line *line = f->lines[i];

    if (line->release_boot_ns == 0 || f->now_boot_ns < line->release_boot_ns)
        return;
    if (line->is_lingering) {
        line->release_boot_ns = f->now_boot_ns + FEED_HANDOVER_LINGER_MS * FEED_NS_PER_MS;
        if (!is_still_bringing(f, line))
            line_end(f, i);
    }
    if (f->now_boot_ns < line->release_boot_ns)
        return;
    line->release_boot_ns = 0;
    line->public.is_released = line->public.n_books == 0 && !line->predecessor;
    feed_line_mark(f, i);
}

static void line_tick(struct feed *f, uint32_t i)
{
    struct feed_line *line = f->lines[i];

    if (line->is_handed_over && f->now_boot_ns - line->handover_begun_boot_ns > FEED_HANDOVER_CATCH_MS * FEED_NS_PER_MS)
        handed_over_say(f, i, NULL);
    if (line->successor) {
        if (f->now_boot_ns - line->handover_begun_boot_ns > deadline_ns(f, i))
            handover_cancel(f, i, REASON_NO_SNAPSHOT, 1);
    } else if (line->handover_reason != REASON_NONE && f->now_boot_ns >= line->handover_after_boot_ns) {
        try(f, i);
    }
}

void handover_tick(struct feed *f)
{
    for (uint32_t i = 0; i < f->n_lines; i++)
        line_release(f, i);
    for (uint32_t i = 0; i < f->n_lines; i++)
        line_tick(f, i);
}

int feed_replace(struct feed *f, uint32_t conn, enum reason reason)
{
    int is_ours = conn < FEED_CONNECTIONS_MAX && f->line_of_conn[conn] != FEED_LINE_NONE;
    int r = !is_ours                            ? -ENOENT
            : conn == feed_extras_connection(f) ? -ENOSPC
                                                : handover_want(f, feed_index(f, conn), reason);

    if (r == -ENOSPC && f->options.port.redial)
        f->options.port.redial(f->options.port.context, conn, reason);
    return r;
}

int feed_connection_is_wanted(const struct feed *f, uint32_t conn)
{
    const struct feed_line *line = f->lines[feed_index(f, conn)];

    return line->public.n_books > 0 || line->predecessor > 0 ||
           (conn == feed_extras_connection(f) && extras_are_wanted(f));
}
