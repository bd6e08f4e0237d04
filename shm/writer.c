/* SPDX-License-Identifier: MIT
 * writer.c - publishing: books, verdicts, rows, counters. The order of the stores is what the rest of hoga stands on;
 * it is in seqlock.h and here, nowhere else. */
#include "writer_private.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ALL_BITS   0xffffffffu
#define WANT_AHEAD 2u /* copies: book_want */

int writer_was_adopted(const struct writer *w)
{
    return w->is_adopted;
}

uint64_t writer_epoch(const struct writer *w)
{
    return w->epoch;
}

uint32_t writer_books_max(const struct writer *w)
{
    return w->books_max;
}

uint32_t writer_depth(const struct writer *w)
{
    return w->depth;
}

void writer_ready(struct writer *w, int64_t now_boot_ns)
{
    seqlock_store(&w->header->daemon_state, HOGA_DAEMON_RUNNING);
    seqlock_store(&w->header->heartbeat_boot_ns, (uint64_t)now_boot_ns);
    seqlock_store(&w->header->state, HOGA_SEGMENT_READY); /* pairs: segment_check; the directory is whole */
    w->wake.changed_bits = ALL_BITS;
}

void writer_heartbeat(struct writer *w, int64_t now_boot_ns)
{
    seqlock_store(&w->header->heartbeat_boot_ns, (uint64_t)now_boot_ns);
}

void writer_blind_ms_set(struct writer *w, uint64_t blind_ms_max)
{
    seqlock_store(&w->header->blind_ms_max, blind_ms_max);
}

/* --- rows: directory and connections ------------------------------------------------------------------------------ */

void writer_row_publish(struct writer *w, enum hoga_region_kind kind, uint32_t index, const void *entry, size_t size)
{
    struct hoga_abi_ring *ring = writer_ring(w, kind, index);
    uint64_t number = seqlock_peek(&ring->newest) + 1;
    uint8_t *copy = writer_copy(w, kind, ring, number);

    (void)seqlock_write_begin(copy);
    seqlock_put_portable(copy + 8, (const uint8_t *)entry + 8, size - 8);
    seqlock_write_end(ring, copy, number);
}

static void directory_publish(struct writer *w, uint32_t slot, const struct hoga_abi_directory_entry *entry)
{
    writer_row_publish(w, HOGA_REGION_DIRECTORY, slot, entry, sizeof *entry);
    /* Behind the entry: who sees the new version sees the entry. */
    seqlock_store(&w->header->directory_version, seqlock_peek(&w->header->directory_version) + 1);
    w->wake.changed_bits = ALL_BITS;
}

/* --- books ---------------------------------------------------------------------------------------------------------
 */

/* Levels of one side, and zeros over what the copy held before. `n_old` was written by us, but perhaps in another life:
 * clamp it. */
static void side_put(struct writer *w, uint8_t *to, const struct hoga_abi_level *levels, uint32_t n, uint32_t n_old)
{
    const size_t size = sizeof *levels;

    if (n_old > w->depth)
        n_old = w->depth;
    seqlock_put(seqlock_form(), to, levels, n * size);
    if (n_old > n)
        seqlock_zero(to + n * size, (n_old - n) * size);
}

uint64_t writer_slot_changes(const struct writer *w, uint32_t slot)
{
    static const enum hoga_region_kind kinds[] = { HOGA_REGION_BOOK, HOGA_REGION_TRADE, HOGA_REGION_DAY };
    uint64_t n = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (slot < w->region[kinds[i]].count)
            n += seqlock_peek(&writer_ring(w, kinds[i], slot)->newest);
    }
    return n;
}

/* Readers have the lines of the older copies too, and storing to one of those waits for it to be taken from them, line
 * after line. So, as the last thing an update does, all lines of a copy to come are asked for while nobody waits. Two
 * updates ahead and not one: with one ahead a book that is published flat out meets its own request still under way
 * (290 ns without, 205 with one ahead, 145 with two, against a reader that spins; 2 ns more where nobody reads). */
static void book_want(const struct writer *w, struct hoga_abi_ring *ring, uint64_t number,
                      const struct hoga_abi_book_head *head)
{
    const uint8_t *copy = writer_copy(w, HOGA_REGION_BOOK, ring, number + WANT_AHEAD);
    const size_t level = sizeof(struct hoga_abi_level);

    seqlock_want(copy, sizeof *head + head->n_bids * level);
    seqlock_want(copy + sizeof *head + w->depth * level, head->n_asks * level);
}

/* The one place where a book's copy is written. `head` is complete but for seq. */
static void book_put(struct writer *w, uint32_t slot, struct hoga_abi_book_head *head,
                     const struct hoga_abi_level *bids, const struct hoga_abi_level *asks)
{
    struct hoga_abi_ring *ring = writer_ring(w, HOGA_REGION_BOOK, slot);
    uint64_t number = seqlock_peek(&ring->newest) + 1; /* also across restarts: never a number twice */
    uint8_t *copy = writer_copy(w, HOGA_REGION_BOOK, ring, number);
    const struct hoga_abi_book_head *old = (const struct hoga_abi_book_head *)(void *)copy;
    uint32_t n_bids_old = old->n_bids, n_asks_old = old->n_asks;
    uint8_t *levels = copy + sizeof *head;

    head->seq = seqlock_write_begin(copy); /* the head's first word is stored again, still odd */
    seqlock_put(seqlock_form(), copy, head, sizeof *head);
    side_put(w, levels, bids, head->n_bids, n_bids_old);
    side_put(w, levels + w->depth * sizeof *bids, asks, head->n_asks, n_asks_old);
    seqlock_write_end(ring, copy, number);
    seqlock_write_listed(writer_listed(w, slot), number);
    w->wake.changed_bits |= writer_slot_bit(slot);
    book_want(w, ring, number, head);
}

void writer_book_publish(struct writer *w, uint32_t slot, const struct hoga_abi_book_head *head,
                         const struct hoga_abi_level *bids, const struct hoga_abi_level *asks)
{
    static const struct hoga_abi_level none;
    struct hoga_abi_book_head to = *head;
    const struct hoga_abi_level *bid = head->n_bids > 0 ? &bids[0] : &none;
    const struct hoga_abi_level *ask = head->n_asks > 0 ? &asks[0] : &none;

    assert(slot < w->books_max);
    assert(head->n_bids <= w->depth && head->n_asks <= w->depth);
    to.bid_price = bid->price;
    to.bid_size = bid->size;
    to.ask_price = ask->price;
    to.ask_size = ask->size;
    to.generation = w->slots[slot].generation;
    to.epoch = (uint32_t)w->epoch;
    to.reserved = 0;
    book_put(w, slot, &to, bids, asks);
}

uint64_t writer_book_update(const struct writer *w, uint32_t slot)
{
    return seqlock_peek(&writer_ring(w, HOGA_REGION_BOOK, slot)->newest);
}

void writer_verdict_publish(struct writer *w, uint32_t slot, const struct hoga_abi_book_head *head)
{
    const uint8_t *newest = writer_newest(w, HOGA_REGION_BOOK, slot);
    struct hoga_abi_book_head to = { 0 };
    const struct hoga_abi_level *bids = NULL, *asks = NULL;

    assert(slot < w->books_max);
    if (newest != NULL) {
        memcpy(&to, newest, sizeof to);
        bids = (const struct hoga_abi_level *)(const void *)(newest + sizeof to);
        asks = bids + w->depth;
        if (to.n_bids > w->depth)
            to.n_bids = w->depth;
        if (to.n_asks > w->depth)
            to.n_asks = w->depth;
    }
    to.state = head->state;
    to.reason = head->reason;
    to.proof = head->proof;
    to.source = head->source;
    to.connection = head->connection;
    to.since_ns = head->since_ns;
    to.publish_ns = head->publish_ns;
    to.connection_update = head->connection_update;
    to.generation = w->slots[slot].generation;
    to.epoch = (uint32_t)w->epoch;
    book_put(w, slot, &to, bids, asks);
}

static void empty_publish(struct writer *w, uint32_t slot, uint8_t reason, int64_t now_ns)
{
    const struct hoga_abi_book_head head = {
        .state = HOGA_ST_EMPTY,
        .reason = reason,
        .source = w->source,
        .connection = HOGA_CONNECTION_NONE,
        .since_ns = now_ns,
        .publish_ns = now_ns,
    };

    writer_book_publish(w, slot, &head, NULL, NULL);
}

/* --- slots ---------------------------------------------------------------------------------------------------------
 */

uint32_t writer_name_hash(const char *venue, const char *symbol)
{
    uint32_t hash = 2166136261u; /* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */

    for (; *venue != '\0'; venue++)
        hash = (hash ^ (uint8_t)*venue) * 16777619u;
    hash = (hash ^ (uint8_t)':') * 16777619u;
    for (; *symbol != '\0'; symbol++)
        hash = (hash ^ (uint8_t)*symbol) * 16777619u;
    return hash;
}

int writer_slot_name(const struct writer *w, uint32_t slot, char ret_venue[HOGA_VENUE_SIZE],
                     char ret_symbol[HOGA_SYMBOL_SIZE])
{
    const struct hoga_abi_directory_entry *entry;

    assert(slot < w->books_max);
    if (!w->slots[slot].used)
        return 0;
    entry = writer_newest(w, HOGA_REGION_DIRECTORY, slot);
    memcpy(ret_venue, entry->venue, HOGA_VENUE_SIZE);
    memcpy(ret_symbol, entry->symbol, HOGA_SYMBOL_SIZE);
    return 1;
}

/* Returns: the slot that carries the name, or books_max; *ret_free the first that can be taken, or books_max. */
static uint32_t slot_find(const struct writer *w, const char *venue, const char *symbol, uint32_t *ret_free)
{
    uint32_t hash = writer_name_hash(venue, symbol);

    *ret_free = w->books_max;
    for (uint32_t slot = 0; slot < w->books_max; slot++) {
        const struct writer_slot *s = &w->slots[slot];
        const struct hoga_abi_directory_entry *entry;

        /* A slot whose generations are used up is left alone: an id must never come twice. */
        if (!s->used && s->generation < UINT32_MAX && *ret_free == w->books_max)
            *ret_free = slot;
        if (!s->used || s->name_hash != hash)
            continue;
        entry = writer_newest(w, HOGA_REGION_DIRECTORY, slot);
        if (strcmp(entry->venue, venue) == 0 && strcmp(entry->symbol, symbol) == 0)
            return slot;
    }
    return w->books_max;
}

int writer_slot_get(struct writer *w, const char *venue, const char *symbol, int64_t now_ns, uint32_t *ret_slot)
{
    struct hoga_abi_directory_entry entry = { .used = 1, .since_ns = (uint64_t)now_ns };
    size_t venue_size = strlen(venue) + 1, symbol_size = strlen(symbol) + 1;
    uint32_t free_slot, slot;

    if (venue_size > sizeof entry.venue || symbol_size > sizeof entry.symbol)
        return -ENAMETOOLONG;
    if (venue_size == 1 || symbol_size == 1)
        return -EINVAL;
    slot = slot_find(w, venue, symbol, &free_slot);
    if (slot < w->books_max) {
        *ret_slot = slot;
        return 0;
    }
    if (free_slot == w->books_max)
        return -ENOSPC;
    memcpy(entry.venue, venue, venue_size);
    memcpy(entry.symbol, symbol, symbol_size);
    entry.generation = ++w->slots[free_slot].generation;
    w->slots[free_slot].name_hash = writer_name_hash(venue, symbol);
    w->slots[free_slot].used = 1;
    /* First the book under its new generation, and only then the name: from the first of the two on, an old id meets
     * another generation than its own, and the new id finds nobody else's levels. */
    empty_publish(w, free_slot, HOGA_RE_NONE, now_ns);
    writer_trade_give(w, free_slot, entry.generation);
    directory_publish(w, free_slot, &entry);
    *ret_slot = free_slot;
    return 0;
}

void writer_slot_free(struct writer *w, uint32_t slot, int64_t now_ns)
{
    struct hoga_abi_directory_entry entry = { .since_ns = (uint64_t)now_ns };

    assert(slot < w->books_max);
    if (!w->slots[slot].used)
        return;
    w->slots[slot].used = 0;
    entry.generation = w->slots[slot].generation;
    empty_publish(w, slot, HOGA_RE_DROPPED, now_ns);
    writer_trade_give(w, slot, 0); /* nobody's */
    directory_publish(w, slot, &entry);
}

/* --- connections ---------------------------------------------------------------------------------------------------
 */

static struct hoga_abi_connection_live *connection_live(struct writer *w, uint32_t index)
{
    struct hoga_abi_ring *ring = writer_ring(w, HOGA_REGION_CONNECTION, index);

    assert(index < w->region[HOGA_REGION_CONNECTION].count);
    /* Behind the last copy: where copy number HOGA_COPIES would lie if it did not wrap round. */
    return (struct hoga_abi_connection_live *)(void *)((uint8_t *)ring + sizeof *ring +
                                                       HOGA_COPIES * w->region[HOGA_REGION_CONNECTION].item_size);
}

void writer_connection_publish(struct writer *w, uint32_t index, const struct hoga_abi_connection_entry *entry)
{
    assert(index < w->region[HOGA_REGION_CONNECTION].count);
    writer_row_publish(w, HOGA_REGION_CONNECTION, index, entry, sizeof *entry);
    w->wake.changed_bits = ALL_BITS; /* it changes the verdict of all its books */
}

void writer_connection_valid_from(struct writer *w, uint32_t index, uint64_t connection_update)
{
    seqlock_store(&connection_live(w, index)->valid_from, connection_update);
    w->wake.changed_bits = ALL_BITS;
}

void writer_connection_heard(struct writer *w, uint32_t index, int64_t heard_boot_ns)
{
    seqlock_store(&connection_live(w, index)->heard_boot_ns, (uint64_t)heard_boot_ns);
}

/* --- counters and histograms ---------------------------------------------------------------------------------------
 */

static struct hoga_abi_counter *counter_at(const struct writer *w, uint32_t index)
{
    assert(index < w->region[HOGA_REGION_COUNTER].count);
    return (struct hoga_abi_counter *)(void *)writer_item(w, HOGA_REGION_COUNTER, index);
}

void writer_counter_add(struct writer *w, uint32_t index, uint64_t n)
{
    struct hoga_abi_counter *counter = counter_at(w, index);

    seqlock_poke(&counter->value, seqlock_peek(&counter->value) + n); /* one writer: no read-modify-write is needed */
}

void writer_counter_set(struct writer *w, uint32_t index, uint64_t value)
{
    seqlock_poke(&counter_at(w, index)->value, value);
}

uint64_t writer_counter_value(const struct writer *w, uint32_t index)
{
    return seqlock_peek(&counter_at(w, index)->value);
}

static struct hoga_abi_histogram *histogram_at(struct writer *w, uint32_t index)
{
    assert(index < w->region[HOGA_REGION_HISTOGRAM].count);
    return (struct hoga_abi_histogram *)(void *)writer_item(w, HOGA_REGION_HISTOGRAM, index);
}

void writer_histogram_name(struct writer *w, uint32_t index, const char *venue, const char *name)
{
    struct hoga_abi_histogram *h = histogram_at(w, index);
    struct hoga_abi_histogram named = { 0 };

    assert(strlen(venue) < sizeof named.venue && strlen(name) < sizeof named.name);
    memcpy(named.venue, venue, strlen(venue));
    memcpy(named.name, name, strlen(name));
    if (memcmp(h->venue, named.venue, sizeof named.venue) == 0 && memcmp(h->name, named.name, sizeof named.name) == 0)
        return; /* the same row as in the life before: it goes on counting */
    seqlock_put_portable(h, &named, sizeof named);
}

/* As hoga_abi.h says at struct hoga_abi_histogram. */
static uint32_t histogram_bucket(uint64_t value)
{
    uint32_t power, bucket;

    if (value < HOGA_HISTOGRAM_SUB)
        return (uint32_t)value;
    power = 63u - (uint32_t)__builtin_clzll(value);
    bucket = (power - 2) * HOGA_HISTOGRAM_SUB + (uint32_t)((value >> (power - 3)) & (HOGA_HISTOGRAM_SUB - 1));
    return bucket < HOGA_HISTOGRAM_BUCKETS ? bucket : HOGA_HISTOGRAM_BUCKETS - 1;
}

void writer_histogram_record(struct writer *w, uint32_t index, uint64_t value_ns)
{
    struct hoga_abi_histogram *h = histogram_at(w, index);
    uint64_t *bucket = &h->bucket[histogram_bucket(value_ns)];

    seqlock_poke(bucket, seqlock_peek(bucket) + 1);
    seqlock_poke(&h->count, seqlock_peek(&h->count) + 1);
    seqlock_poke(&h->sum_ns, seqlock_peek(&h->sum_ns) + value_ns);
    if (value_ns > seqlock_peek(&h->max_ns))
        seqlock_poke(&h->max_ns, value_ns);
}
