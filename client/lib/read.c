/* SPDX-License-Identifier: MIT
 * Reading a book: one copy, then what could have made it stale, in the order that verdict.h argues. */
#include "handle.h"
#include "verdict.h"

#include "shm/reader_book.h"
#include "shm/seqlock.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct hoga_level) == sizeof(struct hoga_abi_level), "levels are copied as they lie");
_Static_assert(offsetof(struct hoga_level, size) == offsetof(struct hoga_abi_level, size), "same members");

struct read_words { /* what goes with a copy */
    struct reader_live live;
    struct lib_row row;
    struct hoga_abi_connection_live link;
    int has_connection;
};

/* The row behind `connection`, from the handle while its ring has not moved. The number is loaded now, so a kept row is
 * as new as one copied now: numbers are never used twice. */
static int read_row(struct hoga *h, uint16_t connection, struct lib_row *ret)
{
    const struct hoga_abi_region *region = &h->map.region[HOGA_REGION_CONNECTION];
    if (connection >= h->map.connections_max || connection >= HOGA_CONNECTIONS_MAX)
        return -ERANGE; /* a row that is not there vouches for nothing */
    const void *ring = h->map.base + region->offset + connection * region->stride;
    struct lib_row *kept = &h->rows[connection];
    uint64_t number = seqlock_newest(ring);
    if (number == 0)
        return -ERANGE;
    if (kept->number != number) {
        struct hoga_abi_connection_entry entry;
        int r = reader_connection(&h->map, connection, &entry);
        if (r < 0)
            return r;
        *kept = (struct lib_row){ entry.seq / 2, entry.since_ns, entry.used, entry.state, entry.reason };
    }
    *ret = *kept;
    return 0;
}

static int read_connection(struct hoga *h, uint16_t connection, struct read_words *ret)
{
    ret->has_connection = connection != HOGA_CONNECTION_NONE;
    ret->link.valid_from = 0;
    ret->link.heard_boot_ns = 0;
    if (!ret->has_connection)
        return 0;
    int r = read_row(h, connection, &ret->row);
    if (r >= 0)
        r = reader_connection_live(&h->map, connection, &ret->link);
    if (r < 0 && r != -EAGAIN) { /* judged as unused, so `down` */
        ret->row = (struct lib_row){ 0 };
        return 0;
    }
    return r;
}

static inline int64_t read_age_ns(uint64_t then_boot_ns, int64_t now_boot_ns)
{
    if (then_boot_ns == 0 || then_boot_ns > INT64_MAX)
        return -1;
    return now_boot_ns > (int64_t)then_boot_ns ? now_boot_ns - (int64_t)then_boot_ns : 0;
}

/* From `state` to `connection` in one store: the two differ in the order of proof and source only. */
static inline void read_marks(uint64_t marks, struct hoga_book *ret)
{
    _Static_assert(offsetof(struct hoga_book, connection) == offsetof(struct hoga_book, state) + 6 &&
                       offsetof(struct hoga_book, source) == offsetof(struct hoga_book, state) + 2 &&
                       offsetof(struct hoga_book, price_decimals) == offsetof(struct hoga_book, state) + 4,
                   "as in hoga_abi_book_head, but for proof and source");
    marks = (marks & ~(uint64_t)0xffff0000u) | (marks & 0xff0000u) << 8 | (marks >> 8 & 0xff0000u);
    memcpy((uint8_t *)ret + offsetof(struct hoga_book, state), &marks, sizeof(marks));
}

static inline __attribute__((always_inline)) void read_fill(hoga_id id, const struct reader_head *head, uint64_t epoch,
                                                            uint64_t heard_boot_ns, int64_t now_boot_ns,
                                                            struct hoga_book *ret)
{
    /* Member by member: a compound literal is made elsewhere first and then copied. */
    ret->id = id;
    read_marks(head->marks, ret);
    ret->n_bids = head->n_bids;
    ret->n_asks = head->n_asks;
    ret->bid = (struct hoga_level){ (int64_t)head->bid[0], (int64_t)head->bid[1] };
    ret->ask = (struct hoga_level){ (int64_t)head->ask[0], (int64_t)head->ask[1] };
    ret->update = head->number;
    ret->applied = head->n_applied;
    ret->epoch = (epoch & ~(uint64_t)UINT32_MAX) | head->epoch;
    ret->since_ns = (int64_t)head->since_venue_ns[0];
    ret->venue_ns = (int64_t)head->since_venue_ns[1];
    ret->recv_ns = (int64_t)head->recv_publish_ns[0];
    ret->publish_ns = (int64_t)head->recv_publish_ns[1];
    ret->changed_age_ns = read_age_ns((uint64_t)head->changed_boot_ns, now_boot_ns);
    ret->heard_age_ns = read_age_ns(heard_boot_ns, now_boot_ns);
}

/* The seldom-used half: a clock to be read again, a daemon that is gone. Returns 1 if the map was changed. */
static int read_not_alive(struct hoga *h, int64_t *io_now_boot_ns, struct read_words *io_words)
{
    /* A caller's clock reading can be older than the heartbeat; only a heartbeat ahead of the clock itself is not
     * believed. */
    int64_t clock_ns = lib_boot_ns();
    if (io_words->live.heartbeat_boot_ns <= INT64_MAX && *io_now_boot_ns < (int64_t)io_words->live.heartbeat_boot_ns)
        *io_now_boot_ns = clock_ns;
    struct reader_live live;
    return lib_handle_refresh(h, clock_ns, &live);
}

/* Since when there has been no heartbeat, on the wall clock. */
static int64_t read_silent_since_ns(const struct reader_live *live)
{
    int64_t age_ns = read_age_ns(live->heartbeat_boot_ns, lib_boot_ns());
    return age_ns < 0 ? 0 : lib_real_ns() - age_ns;
}

static inline int read_is_decimal(uint64_t marks)
{
    return READER_MARK(marks, price_decimals) <= HOGA_DECIMALS_MAX &&
           READER_MARK(marks, size_decimals) <= HOGA_DECIMALS_MAX;
}

/* Judge a copy that was read and fill `ret`. */
static int read_finish(struct hoga *h, hoga_id id, const struct reader_head *head, int64_t now_boot_ns,
                       struct hoga_book *ret)
{
    if (head->generation != lib_id_generation(id))
        return -ESTALE;
    if (!read_is_decimal(head->marks))
        return -EBADMSG;
    struct read_words words;
    int r = read_connection(h, reader_mark_connection(head->marks), &words);
    if (r < 0)
        return r;
    reader_live(&h->map, &words.live);
    if (now_boot_ns == 0)
        now_boot_ns = lib_boot_ns();
    uint8_t reason = lib_verdict_daemon(&words.live, now_boot_ns);
    if (__builtin_expect(reason != HOGA_RE_NONE, 0) && read_not_alive(h, &now_boot_ns, &words))
        return -ESTALE;

    struct hoga_abi_book_head book;
    reader_head_unpack(head, &book);
    struct lib_evidence evidence = {
        .book = &book,
        .connection = words.has_connection ? &words.row : NULL,
        .valid_from = words.link.valid_from,
        .live = &words.live,
        .now_boot_ns = now_boot_ns,
    };
    struct lib_verdict verdict;
    lib_verdict_book(&evidence, &verdict);
    reason = lib_verdict_daemon(&words.live, now_boot_ns); /* by the clock as it is now; not what a book says of it */
    if (reason == HOGA_RE_DAEMON_SILENT || reason == HOGA_RE_DAEMON_STOPPED)
        verdict.since_ns = read_silent_since_ns(&words.live);
    read_fill(id, head, words.live.epoch, words.link.heard_boot_ns, now_boot_ns, ret);
    ret->state = verdict.state;
    ret->reason = verdict.reason;
    ret->since_ns = verdict.since_ns;
    return 0;
}

/* A slot without any copy, or one of an older file, has no book for this id. */
static int read_refuse(int r)
{
    return r == -ENODATA || r == -ERANGE ? -ESTALE : r;
}

/* The general road: any verdict, any number of tries. */
static __attribute__((noinline)) int read_judged(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret,
                                                 struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks,
                                                 uint32_t n_max)
{
    struct reader_head head;
    int r = reader_book_tries(&h->map, lib_id_slot(id), &head, ret_bids, ret_asks, n_max);
    if (r < 0)
        return read_refuse(r);
    return read_finish(h, id, &head, now_boot_ns, ret);
}

/* Is the connection as it was when its row was last looked at, and well, and the book not older than its last loss?
 * The loads are those of read_connection in the same order. */
static inline __attribute__((always_inline)) int
read_is_connected(const struct hoga *h, uint32_t connection, uint64_t connection_update, uint64_t *ret_heard_boot_ns)
{
    const struct hoga_abi_region *region = &h->map.region[HOGA_REGION_CONNECTION];
    if (connection >= h->n_rows)
        return 0;
    const struct lib_row *kept = &h->rows[connection];
    const uint8_t *ring = h->map.base + region->offset + connection * region->stride;
    const struct hoga_abi_connection_live *live = (const void *)(ring + h->row_live_offset);
    if (kept->number != seqlock_newest((const void *)ring) || !lib_row_is_well(kept))
        return 0;
    uint64_t valid_from = seqlock_load(&live->valid_from);
    *ret_heard_boot_ns = seqlock_load(&live->heard_boot_ns);
    return connection_update >= valid_from;
}

/* The usual case with nothing but loads, in the order of verdict.h: the first try meets a whole copy, and nothing
 * speaks against what the copy says of itself. The head stays in registers, which the general road cannot have.
 * Returns: 1 *ret is filled; 0 something is unusual: ask the general road, from the start. */
static inline __attribute__((always_inline)) int read_usual(const struct hoga *h, hoga_id id, int64_t now_boot_ns,
                                                            struct hoga_book *ret, struct hoga_abi_level *ret_bids,
                                                            struct hoga_abi_level *ret_asks, uint32_t n_max)
{
    struct reader_head head;
    uint64_t heard_boot_ns = 0, epoch;
    if (reader_book_try(&h->map, lib_id_slot(id), &head, ret_bids, ret_asks, n_max) != 1)
        return 0;
    if (head.generation != lib_id_generation(id) || !read_is_decimal(head.marks))
        return 0;
    uint16_t connection = reader_mark_connection(head.marks);
    if (connection != HOGA_CONNECTION_NONE && !read_is_connected(h, connection, head.connection_update, &heard_boot_ns))
        return 0;
    if (!lib_is_alive(&h->map, now_boot_ns, &epoch) || head.epoch != (uint32_t)epoch)
        return 0;
    read_fill(id, &head, epoch, heard_boot_ns, now_boot_ns, ret);
    return 1;
}

int hoga_read_top(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret)
{
    if (lib_id_tag(id) != h->tag)
        return -ESTALE;
    if (now_boot_ns != 0 && read_usual(h, id, now_boot_ns, ret, NULL, NULL, 0))
        return 0;
    return read_judged(h, id, now_boot_ns, ret, NULL, NULL, 0);
}

int hoga_read(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret, struct hoga_level *ret_bids,
              struct hoga_level *ret_asks, uint32_t n_max)
{
    struct hoga_abi_level *bids = (void *)ret_bids, *asks = (void *)ret_asks;
    if (lib_id_tag(id) != h->tag)
        return -ESTALE;
    if (now_boot_ns != 0 && read_usual(h, id, now_boot_ns, ret, bids, asks, n_max))
        return 0;
    return read_judged(h, id, now_boot_ns, ret, bids, asks, n_max);
}

uint64_t hoga_update(struct hoga *h, hoga_id id)
{
    return lib_id_tag(id) == h->tag ? reader_book_newest(&h->map, lib_id_slot(id)) : 0;
}
