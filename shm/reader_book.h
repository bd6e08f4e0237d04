/* SPDX-License-Identifier: MIT
 * reader_book.h - the parts of one try at reading a book: shm/README.md "Reading". Inline, so that what is judged on
 * the way stays in registers (reader.c, client/lib/read.c). Any thread; no policy, no second try. */
#ifndef HOGA_READER_BOOK_H
#define HOGA_READER_BOOK_H

#include "reader.h"
#include "seqlock.h"

#include <errno.h>

/* What it takes to find a copy, worked out once for a map. */
struct reader_books {
    const uint8_t *newest; /* the first slot's word: in the region of that name, or in its ring where there is none */
    const uint8_t *rings;
    uint64_t newest_stride, stride, copy_size;
    uint64_t copy_mask; /* number & copy_mask: which copy */
    uint32_t n, depth;
};

/* The newest copy of a book as found, and those of its words that decide how it is read. They may be of a later update
 * until the second look (seqlock_get_last) has said that they are not. */
struct reader_copy {
    const uint8_t *at;
    uint64_t seq;    /* twice the number of the update */
    uint64_t counts; /* reader_n_bids, reader_n_asks, as the copy says: to be clamped to the depth */
};

#define READER_AT(member) offsetof(struct hoga_abi_book_head, member)
_Static_assert(READER_AT(n_bids) % 8 == 0 && READER_AT(n_asks) == READER_AT(n_bids) + 4, "one word");
_Static_assert(sizeof(struct hoga_abi_book_head) == 128, "seqlock_get_last takes it whole");

static inline uint64_t reader_counts(uint32_t n_bids, uint32_t n_asks)
{
    return (uint64_t)n_asks << 32 | n_bids;
}

static inline uint32_t reader_n_bids(const struct reader_copy *copy)
{
    return (uint32_t)copy->counts;
}

static inline uint32_t reader_n_asks(const struct reader_copy *copy)
{
    return (uint32_t)(copy->counts >> 32);
}

static inline uint32_t reader_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline void reader_books_init(const struct segment_map *map, struct reader_books *ret)
{
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_BOOK];

    const struct hoga_abi_region *newest = &map->region[HOGA_REGION_NEWEST];

    if (newest->count < map->books_max)
        newest = region; /* a daemon of an older minor: the ring's own word */
    ret->newest = map->base + newest->offset;
    ret->newest_stride = newest->stride;
    ret->rings = map->base + region->offset;
    ret->stride = region->stride;
    ret->copy_size = region->item_size;
    ret->copy_mask = map->copies - 1;
    ret->n = map->books_max;
    ret->depth = map->depth;
}

/* The same where depth and copies are the default ones and nothing lies between them: two addresses and constants. */
#define READER_DEFAULT_SIZE (sizeof(struct hoga_abi_book_head) + 2 * HOGA_DEPTH_DEFAULT * sizeof(struct hoga_abi_level))
#define READER_DEFAULT(first_newest, first_ring)                                                                       \
    ((const struct reader_books){ .newest = (first_newest),                                                            \
                                  .rings = (first_ring),                                                               \
                                  .newest_stride = sizeof(struct hoga_abi_newest),                                     \
                                  .stride = sizeof(struct hoga_abi_ring) + HOGA_COPIES * READER_DEFAULT_SIZE,          \
                                  .copy_size = READER_DEFAULT_SIZE,                                                    \
                                  .copy_mask = HOGA_COPIES - 1,                                                        \
                                  .n = UINT32_MAX,                                                                     \
                                  .depth = HOGA_DEPTH_DEFAULT })

static inline int reader_books_is_default(const struct reader_books *books)
{
    const struct reader_books same = READER_DEFAULT(books->newest, books->rings);

    return books->newest_stride == same.newest_stride && books->stride == same.stride &&
           books->copy_size == same.copy_size && books->copy_mask == same.copy_mask && books->depth == same.depth;
}

/* The number of a slot below `n`, from where it lies closest to its neighbours'. */
static inline uint64_t reader_newest(const struct reader_books *books, uint32_t slot)
{
    return seqlock_load(books->newest + slot * books->newest_stride); /* pairs: seqlock_write_end, _write_listed */
}

/* Steps 1 to 3. That the copy has this number is looked at once, behind everything else: a number that was the newest
 * is never used again, so nothing but that copy lies there until its seq is odd. Returns: 1, -ERANGE, -ENODATA. */
static inline __attribute__((always_inline)) int reader_copy_find(const struct reader_books *books, uint32_t slot,
                                                                  struct reader_copy *ret)
{
    uint64_t number;

    if (__builtin_expect(slot >= books->n, 0))
        return -ERANGE;
    number = reader_newest(books, slot);
    if (__builtin_expect(number == 0, 0))
        return -ENODATA;
    ret->at = books->rings + slot * books->stride + sizeof(struct hoga_abi_ring) +
              (number & books->copy_mask) * books->copy_size;
    ret->seq = 2 * number;
    ret->counts = seqlock_load(ret->at + READER_AT(n_bids));
    return 1;
}

/* Step 4, but for the head. The counts are clamped. */
static inline __attribute__((always_inline)) void reader_copy_levels(enum seqlock_form form, uint32_t depth,
                                                                     const struct reader_copy *copy,
                                                                     struct hoga_abi_level *ret_bids,
                                                                     struct hoga_abi_level *ret_asks, uint32_t n_max)
{
    const uint8_t *levels = copy->at + sizeof(struct hoga_abi_book_head);
    const size_t size = sizeof(struct hoga_abi_level);

    if (n_max == 0)
        return;
    seqlock_get(form, ret_bids, levels, reader_least(reader_n_bids(copy), n_max) * size);
    seqlock_get(form, ret_asks, levels + depth * size, reader_least(reader_n_asks(copy), n_max) * size);
}

/* The same at once, of a copy whose sides are both full, into arrays that lie one behind the other as in the copy. */
static inline __attribute__((always_inline)) void reader_copy_levels_whole(enum seqlock_form form, uint32_t depth,
                                                                           const struct reader_copy *copy,
                                                                           struct hoga_abi_level *ret_bids)
{
    seqlock_get_whole(form, ret_bids, copy->at + sizeof(struct hoga_abi_book_head), 2 * depth * sizeof(*ret_bids));
}

#endif
