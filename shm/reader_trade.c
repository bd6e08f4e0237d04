/* SPDX-License-Identifier: MIT
 * reader_trade.c - see trade.h. Each trade is read as a copy of a ring is (README.md, "Reading"), only that its number
 * is the reader's choice: whoever has seen `newest` sees that trade whole or something later. */
#include "trade.h"
#include "seqlock.h"

#include <errno.h>
#include <string.h>

/* The ring of a slot, or NULL. */
static const struct hoga_abi_ring *ring_find(const struct segment_map *map, enum hoga_region_kind kind, uint32_t slot)
{
    const struct hoga_abi_region *region = &map->region[kind];

    if (slot >= region->count)
        return NULL;
    return (const struct hoga_abi_ring *)(const void *)(map->base + region->offset + slot * region->stride);
}

uint64_t reader_trade_newest(const struct segment_map *map, uint32_t slot)
{
    const struct hoga_abi_ring *ring = ring_find(map, HOGA_REGION_TRADE, slot);

    return ring != NULL ? seqlock_newest(ring) : 0;
}

/* Where a reader stands in a ring of `n` trades. */
struct walk {
    const struct hoga_abi_ring *ring;
    uint64_t n;
    uint32_t item_size;
    uint64_t newest; /* as seen */
    uint64_t next, missed;
    int begins; /* the reader has no number of its own yet: what was before it has not missed */
};

/* Look at the index again and go on with the oldest that can be there, from `least` on. */
static void walk_advance(struct walk *w, uint64_t least)
{
    uint64_t oldest;

    w->newest = seqlock_newest(w->ring);
    oldest = w->newest > w->n ? w->newest - w->n + 1 : 1;
    oldest = oldest > least ? oldest : least;
    if (w->next >= oldest)
        return;
    if (!w->begins)
        w->missed += oldest - w->next;
    w->next = oldest;
}

static void walk_begin(struct walk *w, uint64_t next, uint32_t n_max)
{
    w->newest = seqlock_newest(w->ring);
    w->begins = next == TRADE_FROM_OLDEST || next == TRADE_FROM_LAST;
    if (next == TRADE_FROM_LAST)
        next = w->newest > n_max ? w->newest - n_max + 1 : 1;
    /* A number that is still to come can only be of hostile bytes, or of another file. */
    w->next = next <= w->newest ? next : w->newest + 1;
    walk_advance(w, 1);
}

/* Returns: 1 *ret is trade number w->next, whole; 0 it was overwritten. */
static inline int walk_read(const struct walk *w, struct hoga_abi_trade *ret)
{
    const void *copy = (const uint8_t *)w->ring + seqlock_copy_offset(w->next, (uint32_t)w->n, w->item_size);

    if (!seqlock_is_copy(copy, w->next))
        return 0;
    seqlock_get(seqlock_form(), ret, copy, sizeof *ret);
    return seqlock_is_copy(copy, w->next);
}

/* Up to n_max trades. A gap ends what is given in one go, so that what was missed was always before the first.
 * Returns: how many, -EAGAIN. */
static int walk_take(struct walk *w, uint32_t generation, struct hoga_abi_trade *ret, uint32_t n_max)
{
    uint32_t n = 0;
    int tries = 0;

    while (n < n_max && w->next <= w->newest) {
        if (walk_read(w, &ret[n])) {
            n += ret[n].generation == generation; /* else of an instrument that had the slot before */
            w->next++;
            continue;
        }
        if (n > 0)
            break;
        if (tries++ == READER_TRIES_MAX)
            return -EAGAIN;
        walk_advance(w, w->next + 1);
    }
    return (int)n;
}

int reader_trades(const struct segment_map *map, uint32_t slot, uint32_t generation, uint64_t *io_next,
                  struct hoga_abi_trade *ret, uint32_t n_max, uint64_t *ret_missed)
{
    struct walk w = { .ring = ring_find(map, HOGA_REGION_TRADE, slot),
                      .n = map->trades,
                      .item_size = map->region[HOGA_REGION_TRADE].item_size };
    int r;

    if (w.ring == NULL)
        return -ERANGE;
    walk_begin(&w, *io_next, n_max);
    r = walk_take(&w, generation, ret, n_max < INT32_MAX ? n_max : INT32_MAX);
    /* Behind the trades: it moved before anything of the next instrument was written. */
    if (seqlock_load(&w.ring->reserved[HOGA_TRADE_OWNER]) != generation)
        return -ESTALE;
    *io_next = w.next;
    if (ret_missed != NULL)
        *ret_missed = w.missed;
    return r;
}

uint64_t reader_day_newest(const struct segment_map *map, uint32_t slot)
{
    const struct hoga_abi_ring *ring = ring_find(map, HOGA_REGION_DAY, slot);

    return ring != NULL ? seqlock_newest(ring) : 0;
}

int reader_day(const struct segment_map *map, uint32_t slot, struct hoga_abi_day *ret)
{
    const struct hoga_abi_ring *ring = ring_find(map, HOGA_REGION_DAY, slot);
    struct hoga_abi_day day;
    int r;

    if (ring == NULL)
        return -ERANGE;
    r = reader_ring(ring, HOGA_DAY_COPIES, map->region[HOGA_REGION_DAY].item_size, &day, sizeof day);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < HOGA_FACTS_MAX; i++) {
        if (day.decimals[i] > HOGA_DECIMALS_MAX)
            day.known &= ~(1u << i);
    }
    *ret = day;
    return 0;
}
