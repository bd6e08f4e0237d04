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

/* So is the head. What differs is where a copy has words that only we need: read_complete. */
#define READ_SAME(of_book, of_copy)                                                                                    \
    _Static_assert(offsetof(struct hoga_book, of_book) == offsetof(struct hoga_abi_book_head, of_copy), #of_book)
READ_SAME(id, seq);
READ_SAME(state, state);
READ_SAME(reason, reason);
READ_SAME(source, source);
READ_SAME(proof, proof);
READ_SAME(price_decimals, price_decimals);
READ_SAME(size_decimals, size_decimals);
READ_SAME(connection, connection);
READ_SAME(n_bids, n_bids);
READ_SAME(n_asks, n_asks);
READ_SAME(bid.price, bid_price);
READ_SAME(bid.size, bid_size);
READ_SAME(ask.price, ask_price);
READ_SAME(ask.size, ask_size);
READ_SAME(update, generation);
READ_SAME(applied, n_applied);
READ_SAME(epoch, reserved);
READ_SAME(since_ns, since_ns);
READ_SAME(venue_ns, venue_ns);
READ_SAME(recv_ns, recv_ns);
READ_SAME(publish_ns, publish_ns);
READ_SAME(changed_age_ns, changed_boot_ns);
READ_SAME(heard_age_ns, connection_update);
_Static_assert(sizeof(struct hoga_book) == sizeof(struct hoga_abi_book_head), "nothing behind it");

#define READ_SELDOM(x) __builtin_expect(!!(x), 0)

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
    if (connection >= h->n_links)
        return -ERANGE; /* a row that is not there vouches for nothing */
    struct lib_row *kept = &h->links[connection].row;
    uint64_t number = seqlock_newest(h->links[connection].ring);
    if (number == 0)
        return -ERANGE;
    if (kept->number != number) {
        struct hoga_abi_connection_entry entry;
        int r = reader_connection(&h->map, connection, &entry);
        if (r < 0)
            return r;
        *kept = (struct lib_row){ entry.seq / 2, entry.since_ns, entry.used, entry.state, entry.reason };
        h->links[connection].well_number = lib_row_is_well(kept) ? kept->number : LIB_NOT_WELL;
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
    int64_t age_ns = now_boot_ns - (int64_t)then_boot_ns;
    return age_ns > 0 ? age_ns : 0;
}

/* `ret` holds a copy's head as it lies in the segment: put what a program sees where a copy has words of ours. */
static inline __attribute__((always_inline)) void read_complete(hoga_id id, uint64_t seq, uint64_t epoch,
                                                                uint64_t changed_boot_ns, uint64_t heard_boot_ns,
                                                                int64_t now_boot_ns, struct hoga_book *ret)
{
    ret->id = id;
    ret->update = seq / 2;
    ret->epoch = epoch;
    ret->changed_age_ns = read_age_ns(changed_boot_ns, now_boot_ns);
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

static inline int read_is_decimal(uint8_t price_decimals, uint8_t size_decimals)
{
    return price_decimals <= HOGA_DECIMALS_MAX && size_decimals <= HOGA_DECIMALS_MAX;
}

/* Judge a copy that was read and fill `ret`. */
static int read_finish(struct hoga *h, hoga_id id, const struct hoga_abi_book_head *book, int64_t now_boot_ns,
                       struct hoga_book *ret)
{
    if (book->generation != lib_id_generation(id))
        return -ESTALE;
    if (!read_is_decimal(book->price_decimals, book->size_decimals))
        return -EBADMSG;
    struct read_words words;
    int r = read_connection(h, book->connection, &words);
    if (r < 0)
        return r;
    reader_live(&h->map, &words.live);
    if (now_boot_ns == 0)
        now_boot_ns = lib_boot_ns();
    uint8_t reason = lib_verdict_daemon(&words.live, now_boot_ns);
    if (__builtin_expect(reason != HOGA_RE_NONE, 0) && read_not_alive(h, &now_boot_ns, &words))
        return -ESTALE;

    struct lib_evidence evidence = {
        .book = book,
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
    memcpy(ret, book, sizeof(*ret));
    read_complete(id, book->seq, (words.live.epoch & ~(uint64_t)UINT32_MAX) | book->epoch,
                  (uint64_t)book->changed_boot_ns, words.link.heard_boot_ns, now_boot_ns, ret);
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
    if (lib_id_tag(id) != h->tag)
        return -ESTALE;
    struct hoga_abi_book_head book;
    int r = reader_book(&h->map, lib_id_slot(id), &book, ret_bids, ret_asks, n_max);
    if (r < 0)
        return read_refuse(r);
    return read_finish(h, id, &book, now_boot_ns, ret);
}

/* Is the connection as it was when its row was last looked at, and well, and the book not older than its last loss?
 * The loads are those of read_connection in the same order. */
static inline __attribute__((always_inline)) int read_is_connected(const struct hoga *h, uint64_t bounds,
                                                                   uint32_t connection, uint64_t live_offset,
                                                                   const uint8_t *copy, uint64_t *ret_heard_boot_ns)
{
    if (READ_SELDOM(connection >= (uint16_t)(bounds >> 32))) {
        *ret_heard_boot_ns = 0;
        return connection == HOGA_CONNECTION_NONE;
    }
    const struct lib_link *link = &h->links[connection];
    const struct hoga_abi_ring *ring = link->ring;
    if (READ_SELDOM(link->well_number != seqlock_newest(ring)))
        return 0;
    const struct hoga_abi_connection_live *live = (const void *)((const uint8_t *)ring + live_offset);
    uint64_t valid_from = seqlock_load(&live->valid_from);
    *ret_heard_boot_ns = seqlock_load(&live->heard_boot_ns);
    return seqlock_load(copy + READER_AT(connection_update)) >= valid_from;
}

/* The usual case with nothing but loads, in the order of verdict.h: the first try meets a whole copy, and nothing
 * speaks against what the copy says of itself. The words that are judged are loaded by themselves and stay in
 * registers; levels and head go from the segment to the caller, the head last and only if the copy is still whole. That
 * it is loaded after the verdict's words does no harm: what an update says was settled when `newest` named it.
 * is_whole: all levels of two full sides, one side behind the other, as they lie; else n_max of each.
 * Returns: 1 *ret is filled; 0 something is unusual: ask the general road, from the start. */
static inline __attribute__((always_inline)) int read_usual(const struct hoga *h, hoga_id id, int64_t now_boot_ns,
                                                            struct hoga_book *ret, struct hoga_abi_level *ret_bids,
                                                            struct hoga_abi_level *ret_asks, uint32_t n_max,
                                                            int is_whole, enum seqlock_form form,
                                                            const struct reader_books *books, uint64_t live_offset)
{
    uint64_t bounds = h->bounds;
    struct reader_copy copy;
    if (READ_SELDOM((bounds ^ id) >> 48 != 0) || READ_SELDOM(lib_id_slot(id) >= (uint32_t)bounds) ||
        READ_SELDOM(reader_copy_find(books, lib_id_slot(id), &copy) < 0))
        return 0;
    if (is_whole) {
        if (READ_SELDOM(copy.counts != reader_counts(books->depth, books->depth)))
            return 0;
        reader_copy_levels_whole(form, books->depth, &copy, ret_bids);
    } else {
        if (READ_SELDOM(reader_n_bids(&copy) > books->depth) || READ_SELDOM(reader_n_asks(&copy) > books->depth))
            return 0;
        reader_copy_levels(form, books->depth, &copy, ret_bids, ret_asks, n_max);
    }
    uint64_t marks = seqlock_load(copy.at + READER_AT(state)), heard_boot_ns, epoch;
    if (READ_SELDOM(!read_is_decimal((uint8_t)(marks >> 32), (uint8_t)(marks >> 40))) ||
        READ_SELDOM(!read_is_connected(h, bounds, (uint32_t)(marks >> 48), live_offset, copy.at, &heard_boot_ns)) ||
        READ_SELDOM(!lib_is_alive(&h->map, now_boot_ns, &epoch)))
        return 0;
    if (READ_SELDOM(seqlock_load(copy.at + READER_AT(generation)) != (epoch << 32 | lib_id_generation(id))))
        return 0;
    uint64_t changed_boot_ns = seqlock_load(copy.at + READER_AT(changed_boot_ns));
    if (READ_SELDOM(!seqlock_get_last(form, ret, copy.at, copy.seq)))
        return 0;
    read_complete(id, copy.seq, epoch, changed_boot_ns, heard_boot_ns, now_boot_ns, ret);
    return 1;
}

/* A road of each kind, for one form of copying and one layout: whatever is not usual goes to the road behind it. */
#define READ_ROADS(kind, form, books, live_offset)                                                                     \
    static __attribute__((noinline)) int read_some_##kind(struct hoga *h, hoga_id id, int64_t now_boot_ns,             \
                                                          struct hoga_book *ret, struct hoga_abi_level *ret_bids,      \
                                                          struct hoga_abi_level *ret_asks, uint32_t n_max)             \
    {                                                                                                                  \
        if (READ_SELDOM(!read_usual(h, id, now_boot_ns, ret, ret_bids, ret_asks, n_max, 0, form, books, live_offset))) \
            return read_judged(h, id, now_boot_ns, ret, ret_bids, ret_asks, n_max);                                    \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static __attribute__((noinline)) int read_whole_##kind(struct hoga *h, hoga_id id, int64_t now_boot_ns,            \
                                                           struct hoga_book *ret, struct hoga_abi_level *ret_levels)   \
    {                                                                                                                  \
        if (READ_SELDOM(!read_usual(h, id, now_boot_ns, ret, ret_levels, NULL, 0, 1, form, books, live_offset)))       \
            return read_some_##kind(h, id, now_boot_ns, ret, ret_levels, ret_levels + (books)->depth, (books)->depth); \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static __attribute__((noinline)) int read_top_##kind(struct hoga *h, hoga_id id, int64_t now_boot_ns,              \
                                                         struct hoga_book *ret)                                        \
    {                                                                                                                  \
        if (READ_SELDOM(!read_usual(h, id, now_boot_ns, ret, NULL, NULL, 0, 0, form, books, live_offset)))             \
            return read_judged(h, id, now_boot_ns, ret, NULL, NULL, 0);                                                \
        return 0;                                                                                                      \
    }                                                                                                                  \
    static const struct lib_roads roads_##kind = { read_whole_##kind, read_some_##kind, read_top_##kind };

/* With the layout as hoga.conf(5) leaves it, offsets are constants and not loaded: what a read costs is loads. */
#define READ_DEFAULT(h) &READER_DEFAULT((h)->books.newest, (h)->books.rings)
READ_ROADS(512, SEQLOCK_512, &h->books, h->live_offset)
READ_ROADS(256, SEQLOCK_256, &h->books, h->live_offset)
READ_ROADS(words, SEQLOCK_WORDS, &h->books, h->live_offset)
READ_ROADS(512_default, SEQLOCK_512, READ_DEFAULT(h), LIB_LIVE_OFFSET)
READ_ROADS(256_default, SEQLOCK_256, READ_DEFAULT(h), LIB_LIVE_OFFSET)

struct lib_roads lib_roads_of(enum seqlock_form form, int is_default)
{
    switch (form) {
    case SEQLOCK_512:
        return is_default ? roads_512_default : roads_512;
    case SEQLOCK_256:
        return is_default ? roads_256_default : roads_256;
    case SEQLOCK_WORDS:
        break;
    }
    return roads_words;
}

int hoga_read(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret, struct hoga_level *ret_bids,
              struct hoga_level *ret_asks, uint32_t n_max)
{
    if (n_max == h->books.depth && ret_asks == ret_bids + n_max)
        return h->roads.whole(h, id, now_boot_ns, ret, (void *)ret_bids);
    return h->roads.some(h, id, now_boot_ns, ret, (void *)ret_bids, (void *)ret_asks, n_max);
}

int hoga_read_top(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret)
{
    return h->roads.top(h, id, now_boot_ns, ret);
}

uint64_t hoga_update(struct hoga *h, hoga_id id)
{
    return lib_id_tag(id) == h->tag && lib_id_slot(id) < h->books.n ? reader_newest(&h->books, lib_id_slot(id)) : 0;
}
