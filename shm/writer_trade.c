/* SPDX-License-Identifier: MIT
 * writer_trade.c - see trade.h. A ring of trades is a ring of copies in which every copy is wanted, not only the
 * newest: the same stores in the same orders (seqlock.h). */
#include "trade.h"
#include "writer_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct hoga_abi_trade) == 64, "one line, no hole that a compiler fills");
_Static_assert(sizeof(struct hoga_abi_day) == 256, "whole lines, and no hole that a compiler fills");

/* Ids of the last trades, for knowing one again: private, so that asking walks eight of them a line. */
struct writer_recall {
    uint64_t id[TRADE_RECALL];
    uint64_t n;       /* ever remembered */
    int64_t venue_ns; /* the latest of them */
};

uint32_t writer_trades(const struct writer *w)
{
    const struct hoga_abi_region *region = &w->region[HOGA_REGION_TRADE];

    return region->count > 0 ? segment_copies(region) : 0;
}

int writer_trade_init(struct writer *w)
{
    if (writer_trades(w) == 0)
        return 0;
    w->recall = calloc(w->books_max, sizeof *w->recall); /* touched where there are trades */
    return w->recall != NULL ? 0 : -ENOMEM;
}

static void recall_add(struct writer_recall *recall, const struct hoga_abi_trade *trade)
{
    recall->id[recall->n++ % TRADE_RECALL] = trade->id;
    if (trade->venue_ns > recall->venue_ns)
        recall->venue_ns = trade->venue_ns;
}

/* A daemon killed while it gave the slot up has left it to nobody, and its name stands: it is the name's still. */
static void owner_settle(struct writer *w, uint32_t slot)
{
    const uint32_t generation = w->slots[slot].generation;
    const struct hoga_abi_day nothing = { .generation = generation };
    struct hoga_abi_ring *ring = writer_ring(w, HOGA_REGION_TRADE, slot);

    if (writer_trades(w) > 0 && ring->reserved[HOGA_TRADE_OWNER] != generation)
        seqlock_store(&ring->reserved[HOGA_TRADE_OWNER], generation);
    if (writer_has_day(w)) {
        const struct hoga_abi_day *day = writer_newest(w, HOGA_REGION_DAY, slot);

        if (day == NULL || day->generation != generation)
            writer_row_publish(w, HOGA_REGION_DAY, slot, &nothing, sizeof nothing);
    }
}

/* What the daemon before has shown is not shown again. */
void writer_trade_adopt(struct writer *w, uint32_t slot)
{
    uint32_t n_trades = writer_trades(w);
    uint64_t newest, first;

    if (!w->slots[slot].used)
        return;
    owner_settle(w, slot);
    if (n_trades == 0)
        return;
    newest = seqlock_peek(&writer_ring(w, HOGA_REGION_TRADE, slot)->newest);
    first = newest > n_trades ? newest - n_trades + 1 : 1;
    for (uint64_t number = first; number <= newest; number++) {
        const struct hoga_abi_trade *trade =
            writer_copy(w, HOGA_REGION_TRADE, writer_ring(w, HOGA_REGION_TRADE, slot), number);

        if (trade->seq == 2 * number && trade->generation == w->slots[slot].generation)
            recall_add(&w->recall[slot], trade);
    }
}

void writer_trade_give(struct writer *w, uint32_t slot, uint32_t generation)
{
    const struct hoga_abi_day nothing = { .generation = generation };

    if (writer_trades(w) > 0) {
        struct hoga_abi_ring *ring = writer_ring(w, HOGA_REGION_TRADE, slot);

        seqlock_store(&ring->reserved[HOGA_TRADE_OWNER], generation); /* pairs: reader_trades */
        w->recall[slot].n = 0;
        w->recall[slot].venue_ns = 0;
    }
    if (writer_has_day(w))
        writer_row_publish(w, HOGA_REGION_DAY, slot, &nothing, sizeof nothing);
}

void writer_trade_publish(struct writer *w, uint32_t slot, const struct hoga_abi_trade *trade)
{
    struct hoga_abi_ring *ring = writer_ring(w, HOGA_REGION_TRADE, slot);
    uint64_t number = seqlock_peek(&ring->newest) + 1; /* also across restarts and instruments: never a number twice */
    void *copy = writer_copy(w, HOGA_REGION_TRADE, ring, number);
    struct hoga_abi_trade to = *trade;

    assert(slot < w->region[HOGA_REGION_TRADE].count);
    to.update = writer_book_update(w, slot);
    to.generation = w->slots[slot].generation;
    to.seq = seqlock_write_begin(copy); /* the first word is stored again, still odd */
    seqlock_put(seqlock_form(), copy, &to, sizeof to);
    seqlock_write_end(ring, copy, number);
    w->wake.changed_bits |= writer_slot_bit(slot);
    recall_add(&w->recall[slot], trade);
}

int writer_trade_has(const struct writer *w, uint32_t slot, uint64_t id)
{
    const struct writer_recall *recall = &w->recall[slot];
    uint64_t n = recall->n < TRADE_RECALL ? recall->n : TRADE_RECALL;
    int has = 0;

    for (uint64_t i = 0; i < n; i++) /* no early end: as vectors it is quicker than a branch each */
        has |= recall->id[i] == id;
    return has;
}

int writer_trade_last(const struct writer *w, uint32_t slot, uint64_t *ret_id, int64_t *ret_venue_ns)
{
    const struct writer_recall *recall = &w->recall[slot];

    if (recall->n == 0)
        return 0;
    *ret_id = recall->id[(recall->n - 1) % TRADE_RECALL];
    *ret_venue_ns = recall->venue_ns;
    return 1;
}

int writer_has_day(const struct writer *w)
{
    return w->region[HOGA_REGION_DAY].count > 0;
}

void writer_day_publish(struct writer *w, uint32_t slot, const struct hoga_abi_day *day)
{
    struct hoga_abi_day to = *day;

    assert(slot < w->region[HOGA_REGION_DAY].count);
    to.generation = w->slots[slot].generation;
    writer_row_publish(w, HOGA_REGION_DAY, slot, &to, sizeof to);
    w->wake.changed_bits |= writer_slot_bit(slot);
}
