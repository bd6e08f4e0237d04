/* SPDX-License-Identifier: MIT */
#include "book/sync_buffer.h"

#include <string.h>

/* One update as it lies in the buffer: this, then bids, asks, and the spelling of both where the book keeps it. */
struct record {
    struct waiting waiting;
    uint32_t n_bids, n_asks;
    uint8_t price_decimals, size_decimals, has_digits;
    size_t size; /* with this head; a multiple of 8 */
};

struct waiting waiting_of(const struct md_event *event, int64_t recv_ns)
{
    return (struct waiting){ .sequence_first = event->sequence_first,
                             .sequence_last = event->sequence_last,
                             .sequence_previous = event->sequence_previous,
                             .venue_ns = event->venue_ns,
                             .recv_ns = recv_ns,
                             .checksum = event->checksum,
                             .n_left_out = event->n_left_out,
                             .follows = event->follows,
                             .has_checksum = event->has_checksum,
                             .number_range = event->number_range };
}

static size_t record_size(const struct message *m)
{
    size_t n = (size_t)m->n_bids + m->n_asks;
    size_t size = sizeof(struct record) + n * sizeof(struct md_level);

    if (m->bid_digits)
        size += n * sizeof(uint16_t);
    return (size + 7) & ~(size_t)7;
}

static void record_get(const struct book *bk, size_t at, struct record *ret)
{
    memcpy(ret, bk->sync.buffer + at, sizeof(*ret));
}

/* What was taken goes, then the oldest, whole updates only, until half is free: so the rest is seldom moved. */
static void buffer_make_room(struct book *bk, size_t size)
{
    struct sync_state *sync = &bk->sync;
    size_t half = sync->buffer_size / 2, keep = size <= half ? half : sync->buffer_size - size;
    size_t from = sync->taken;
    struct record record;

    while (sync->used - from > keep) {
        record_get(bk, from, &record);
        from += record.size;
    }
    memmove(sync->buffer, sync->buffer + from, sync->used - from);
    sync->used -= from;
    sync->taken = 0;
}

static char *bytes_put(char *to, const void *from, size_t size)
{
    if (size > 0)
        memcpy(to, from, size);
    return to + size;
}

int sync_buffer_add(struct book *bk, const struct waiting *w, const struct message *m)
{
    struct sync_state *sync = &bk->sync;
    struct record record = { .waiting = *w,
                             .n_bids = m->n_bids,
                             .n_asks = m->n_asks,
                             .price_decimals = m->price_decimals,
                             .size_decimals = m->size_decimals,
                             .has_digits = m->bid_digits != NULL,
                             .size = record_size(m) };
    char *to;

    if (record.size > sync->buffer_size)
        return 0;
    if (sync->used + record.size > sync->buffer_size)
        buffer_make_room(bk, record.size);
    to = bytes_put(sync->buffer + sync->used, &record, sizeof(record));
    to = bytes_put(to, m->bids, m->n_bids * sizeof(m->bids[0]));
    to = bytes_put(to, m->asks, m->n_asks * sizeof(m->asks[0]));
    if (m->bid_digits) {
        to = bytes_put(to, m->bid_digits, m->n_bids * sizeof(uint16_t));
        (void)bytes_put(to, m->ask_digits, m->n_asks * sizeof(uint16_t));
    }
    sync->used += record.size;
    return 1;
}

int sync_buffer_first(const struct book *bk, struct waiting *ret, struct message *ret_message)
{
    const struct sync_state *sync = &bk->sync;
    const struct md_level *levels;
    struct record record;

    if (sync->taken == sync->used)
        return 0;
    record_get(bk, sync->taken, &record);
    /* malloc's memory and multiples of 8 behind it: aligned for levels. */
    levels = (const struct md_level *)(const void *)(sync->buffer + sync->taken + sizeof(record));
    *ret = record.waiting;
    *ret_message = (struct message){ .bids = levels,
                                     .asks = levels + record.n_bids,
                                     .n_bids = record.n_bids,
                                     .n_asks = record.n_asks,
                                     .price_decimals = record.price_decimals,
                                     .size_decimals = record.size_decimals,
                                     .venue_ns = record.waiting.venue_ns };
    if (record.has_digits) {
        ret_message->bid_digits = (const uint16_t *)(const void *)(levels + record.n_bids + record.n_asks);
        ret_message->ask_digits = ret_message->bid_digits + record.n_bids;
    }
    return 1;
}

void sync_buffer_take(struct book *bk)
{
    struct sync_state *sync = &bk->sync;
    struct record record;

    record_get(bk, sync->taken, &record);
    sync->taken += record.size;
    if (sync->taken == sync->used)
        sync_buffer_clear(bk);
}

void sync_buffer_clear(struct book *bk)
{
    bk->sync.used = 0;
    bk->sync.taken = 0;
}
