/* SPDX-License-Identifier: MIT
 * reader.c - copies out of a mapped segment. Every offset used here was checked by segment_check; every count read from
 * a copy is clamped before use, since even a whole copy may have been written by somebody hostile. */
#include "reader.h"

#include "reader_book.h"
#include "seqlock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct hoga_abi_header *map_header(const struct segment_map *map)
{
    return (const struct hoga_abi_header *)(const void *)map->base;
}

/* The item, or NULL beyond the map. Rows are counted by the header where it says so, else by the region. */
static const uint8_t *map_item(const struct segment_map *map, enum hoga_region_kind kind, uint64_t index)
{
    const struct hoga_abi_region *region = &map->region[kind];

    if (index >= region->count)
        return NULL;
    return map->base + region->offset + index * region->stride;
}

/* A copy of at most `head_size` bytes of the newest update, with its number. */
struct cursor {
    const struct hoga_abi_ring *ring;
    const uint8_t *copy;
    uint64_t number;
};

/* Find the newest copy. Returns: 1, 0 it is being overtaken (try again), -ENODATA. */
static inline int cursor_begin(struct cursor *c, uint32_t copies, uint32_t item_size)
{
    c->number = seqlock_newest(c->ring);
    if (c->number == 0)
        return -ENODATA;
    c->copy = (const uint8_t *)c->ring + seqlock_copy_offset(c->number, copies, item_size);
    return seqlock_is_copy(c->copy, c->number);
}

/* One consistent item of a ring whose payload has a fixed size. */
static int ring_read(const struct segment_map *map, enum hoga_region_kind kind, uint32_t index, void *ret, size_t size)
{
    uint64_t words[sizeof(struct hoga_abi_directory_entry) / 8];
    const uint8_t *item = map_item(map, kind, index);
    struct cursor c = { .ring = (const struct hoga_abi_ring *)(const void *)item };

    _Static_assert(sizeof words == sizeof(struct hoga_abi_connection_entry), "both kinds of rows fit");
    if (item == NULL)
        return -ERANGE;
    for (int i = 0; i < READER_TRIES_MAX; i++) {
        int r = cursor_begin(&c, map->copies, map->region[kind].item_size);

        if (r < 0)
            return r;
        if (r == 0)
            continue;
        seqlock_get(seqlock_form(), words, c.copy, size);
        if (!seqlock_is_copy(c.copy, c.number))
            continue;
        memcpy(ret, words, size);
        return 0;
    }
    return -EAGAIN;
}

void reader_live(const struct segment_map *map, struct reader_live *ret)
{
    const struct hoga_abi_header *header = map_header(map);

    /* The heartbeat first. A daemon raises the epoch before its first heartbeat, so whoever has seen a new daemon's
     * heartbeat sees its epoch too, and takes no copy of the one before for live. */
    ret->heartbeat_boot_ns = seqlock_load(&header->heartbeat_boot_ns);
    ret->epoch = seqlock_load(&header->epoch);
    ret->state = seqlock_load(&header->state);
    ret->daemon_state = seqlock_load(&header->daemon_state);
    ret->directory_version = seqlock_load(&header->directory_version);
    ret->source = seqlock_load(&header->source);
    ret->blind_ms_max = seqlock_load(&header->blind_ms_max);
    ret->pid = seqlock_load(&header->pid);
}

void reader_daemon_version(const struct segment_map *map, char ret_version[READER_VERSION_SIZE])
{
    const struct hoga_abi_header *header = map_header(map);

    _Static_assert(sizeof header->daemon_version == READER_VERSION_SIZE, "one size");
    seqlock_get_portable(ret_version, header->daemon_version, READER_VERSION_SIZE);
    ret_version[READER_VERSION_SIZE - 1] = '\0';
}

int reader_directory(const struct segment_map *map, uint32_t slot, struct hoga_abi_directory_entry *ret)
{
    int r;

    if (slot >= map->books_max)
        return -ERANGE;
    r = ring_read(map, HOGA_REGION_DIRECTORY, slot, ret, sizeof *ret);
    if (r < 0)
        return r;
    ret->venue[sizeof ret->venue - 1] = '\0';
    ret->symbol[sizeof ret->symbol - 1] = '\0';
    return 0;
}

int reader_connection(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_entry *ret)
{
    int r;

    if (index >= map->connections_max)
        return -ERANGE;
    r = ring_read(map, HOGA_REGION_CONNECTION, index, ret, sizeof *ret);
    if (r < 0)
        return r;
    ret->venue[sizeof ret->venue - 1] = '\0';
    return 0;
}

int reader_connection_live(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_live *ret)
{
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_CONNECTION];
    const struct hoga_abi_connection_live *live;

    if (index >= map->connections_max)
        return -ERANGE;
    live = (const struct hoga_abi_connection_live *)(const void *)(map->base + region->offset + index * region->stride +
                                                                   sizeof(struct hoga_abi_ring) +
                                                                   (size_t)map->copies * region->item_size);
    *ret = (struct hoga_abi_connection_live){ .valid_from = seqlock_load(&live->valid_from),
                                              .heard_boot_ns = seqlock_load(&live->heard_boot_ns) };
    return 0;
}

static int book_try(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head,
                    struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks, uint32_t n_max)
{
    struct reader_books books;
    struct reader_copy copy;
    int r;

    reader_books_init(map, &books);
    r = reader_copy_find(&books, slot, &copy);
    if (r < 0)
        return r;
    copy.counts = reader_counts(reader_least(reader_n_bids(&copy), books.depth), /* perhaps of a copy on the move */
                                reader_least(reader_n_asks(&copy), books.depth));
    reader_copy_levels(seqlock_form(), books.depth, &copy, ret_bids, ret_asks, n_max);
    if (!seqlock_get_last(seqlock_form(), ret_head, copy.at, copy.seq))
        return 0;
    ret_head->n_bids = reader_n_bids(&copy);
    ret_head->n_asks = reader_n_asks(&copy);
    return 1;
}

int reader_book(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head,
                struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks, uint32_t n_max)
{
    for (int i = 0; i < READER_TRIES_MAX; i++) {
        int r = book_try(map, slot, ret_head, ret_bids, ret_asks, n_max);

        if (r != 0)
            return r < 0 ? r : 0;
    }
    return -EAGAIN;
}

/* Returns: 1 read whole, 0 overtaken, -ENODATA never written. */
static int ring_try(const struct hoga_abi_ring *ring, uint32_t n_copies, uint32_t item_size, void *ret, size_t size)
{
    uint64_t number = seqlock_newest(ring);
    const uint8_t *copy = (const uint8_t *)ring + seqlock_copy_offset(number, n_copies, item_size);

    if (number == 0)
        return -ENODATA;
    if (!seqlock_is_copy(copy, number))
        return 0;
    seqlock_get(seqlock_form(), ret, copy, size);
    return seqlock_is_copy(copy, number);
}

int reader_ring(const struct hoga_abi_ring *ring, uint32_t n_copies, uint32_t item_size, void *ret, size_t size)
{
    int r = 0;

    for (int i = 0; i < READER_TRIES_MAX && r == 0; i++)
        r = ring_try(ring, n_copies, item_size, ret, size);
    return r < 0 ? r : r == 0 ? -EAGAIN : 0;
}

int reader_book_head(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head)
{
    return reader_book(map, slot, ret_head, NULL, NULL, 0);
}

uint64_t reader_book_newest(const struct segment_map *map, uint32_t slot)
{
    struct reader_books books;

    if (slot >= map->books_max)
        return 0;
    reader_books_init(map, &books);
    return reader_newest(&books, slot);
}

int reader_counter(const struct segment_map *map, uint32_t index, struct hoga_abi_counter *ret)
{
    const uint8_t *item = map_item(map, HOGA_REGION_COUNTER, index);

    if (item == NULL)
        return -ERANGE;
    seqlock_get_portable(ret, item, sizeof *ret); /* each word by itself: names do not move, values are one word */
    ret->name[sizeof ret->name - 1] = '\0';
    ret->unit[sizeof ret->unit - 1] = '\0';
    return 0;
}

int reader_histogram(const struct segment_map *map, uint32_t index, struct hoga_abi_histogram *ret)
{
    const uint8_t *item = map_item(map, HOGA_REGION_HISTOGRAM, index);

    if (item == NULL)
        return -ERANGE;
    seqlock_get_portable(ret, item, sizeof *ret);
    ret->venue[sizeof ret->venue - 1] = '\0';
    ret->name[sizeof ret->name - 1] = '\0';
    return 0;
}
