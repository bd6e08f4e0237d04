/* SPDX-License-Identifier: MIT
 * reader_book.h - one try at reading a book: steps 1 to 5 of shm/README.md "Reading". Inline, so that the head goes
 * from the segment into the registers of who judges it (reader.c, client/lib/read.c). Any thread; no policy, no second
 * try.
 *
 * Why the head is not copied like the levels: a field that is read back after a wider store that does not hold all of
 * it waits until the store has left the core (store forwarding). That cost a read three times its levels. */
#ifndef HOGA_READER_BOOK_H
#define HOGA_READER_BOOK_H

#include "reader.h"
#include "seqlock.h"

#include <errno.h>

/* A book's head as it is loaded: by the word, or in pairs where nobody looks inside. */
struct reader_head {
    seqlock_pair bid, ask; /* price and size */
    seqlock_pair since_venue_ns, recv_publish_ns;
    uint64_t number; /* of the update */
    uint64_t connection_update, n_applied;
    int64_t changed_boot_ns;
    uint64_t marks; /* the eight bytes from `state` to `connection`, one word of the segment: READER_MARK */
    uint32_t generation, epoch;
    uint32_t n_bids, n_asks; /* clamped to the map's depth */
};

#define READER_AT(member)          offsetof(struct hoga_abi_book_head, member)
#define READER_MARK(marks, member) ((uint8_t)((marks) >> 8 * (READER_AT(member) - READER_AT(state))))
_Static_assert(READER_AT(state) % 8 == 0 && READER_AT(connection) == READER_AT(state) + 6, "the marks are one word");
_Static_assert(READER_AT(generation) % 8 == 0 && READER_AT(epoch) == READER_AT(generation) + 4, "one word");
_Static_assert(READER_AT(n_bids) % 8 == 0 && READER_AT(n_asks) == READER_AT(n_bids) + 2, "one word");
_Static_assert(READER_AT(bid_size) == READER_AT(bid_price) + 8 && READER_AT(ask_size) == READER_AT(ask_price) + 8,
               "pairs");
_Static_assert(READER_AT(venue_ns) == READER_AT(since_ns) + 8 && READER_AT(publish_ns) == READER_AT(recv_ns) + 8,
               "pairs");

static inline uint32_t reader_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint16_t reader_mark_connection(uint64_t marks)
{
    return (uint16_t)(marks >> 48);
}

static inline __attribute__((always_inline)) void reader_head_load(const uint8_t *copy, struct reader_head *ret)
{
    uint64_t owner = seqlock_load(copy + READER_AT(generation));

    ret->marks = seqlock_load(copy + READER_AT(state));
    ret->generation = (uint32_t)owner;
    ret->epoch = (uint32_t)(owner >> 32);
    ret->connection_update = seqlock_load(copy + READER_AT(connection_update));
    ret->n_applied = seqlock_load(copy + READER_AT(n_applied));
    ret->changed_boot_ns = (int64_t)seqlock_load(copy + READER_AT(changed_boot_ns));
    ret->bid = seqlock_load_pair(copy + READER_AT(bid_price));
    ret->ask = seqlock_load_pair(copy + READER_AT(ask_price));
    ret->since_venue_ns = seqlock_load_pair(copy + READER_AT(since_ns));
    ret->recv_publish_ns = seqlock_load_pair(copy + READER_AT(recv_ns));
}

/* As reader_book, but for: Returns 1 a whole copy; 0 it was overtaken: try again. *ret means something only after 1. */
static inline __attribute__((always_inline)) int reader_book_try(const struct segment_map *map, uint32_t slot,
                                                                 struct reader_head *ret,
                                                                 struct hoga_abi_level *ret_bids,
                                                                 struct hoga_abi_level *ret_asks, uint32_t n_max)
{
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_BOOK];
    const uint32_t depth = map->depth;
    const struct hoga_abi_ring *ring;
    const uint8_t *copy, *levels;
    uint64_t number, counts;
    uint32_t n_bids, n_asks;

    if (slot >= map->books_max)
        return -ERANGE;
    ring = (const struct hoga_abi_ring *)(const void *)(map->base + region->offset + slot * region->stride);
    number = seqlock_newest(ring);
    if (number == 0)
        return -ENODATA;
    copy = (const uint8_t *)ring + seqlock_copy_offset(number, map->copies, region->item_size);
    if (!seqlock_is_copy(copy, number))
        return 0;
    counts = seqlock_load(copy + READER_AT(n_bids));
    n_bids = reader_least(counts & 0xffff, depth); /* perhaps of a copy on the move: safe in any case */
    n_asks = reader_least(counts >> 16 & 0xffff, depth);
    levels = copy + sizeof(struct hoga_abi_book_head);
    if (n_max > 0) {
        seqlock_get(ret_bids, levels, reader_least(n_bids, n_max) * sizeof *ret_bids);
        seqlock_get(ret_asks, levels + depth * sizeof *ret_asks, reader_least(n_asks, n_max) * sizeof *ret_asks);
    }
    reader_head_load(copy, ret);
    ret->number = number; /* as seq says, which two looks saw */
    ret->n_bids = n_bids;
    ret->n_asks = n_asks;
    return seqlock_is_copy(copy, number);
}

/* The same until a copy is whole. Returns: 0 and as reader_book; on failure *ret means nothing. */
int reader_book_tries(const struct segment_map *map, uint32_t slot, struct reader_head *ret,
                      struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks, uint32_t n_max);
void reader_head_unpack(const struct reader_head *head, struct hoga_abi_book_head *ret);

#endif
