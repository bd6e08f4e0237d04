/* SPDX-License-Identifier: MIT
 * reader_v1.c - see reader_v1.h. Offsets are written out: this is what 1.0 promised. */
#include "reader_v1.h"

#include <string.h>

#define V1_MAGIC 0x3147455341474f48u
#define V1_TRIES 64

static uint64_t word_at(const uint8_t *at)
{
    return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

static uint32_t half_at(const uint8_t *at)
{
    uint32_t half;

    memcpy(&half, at, sizeof half);
    return half;
}

struct v1_region {
    uint64_t offset, stride, count;
    uint32_t item_size;
};

static int header_is_good(const uint8_t *base, size_t size)
{
    return size >= 4096 && word_at(base) == V1_MAGIC && half_at(base + 8) == 1 && word_at(base + 16) == size &&
           word_at(base + 64) == 1;
}

static int region_find(const uint8_t *base, size_t size, uint32_t kind, struct v1_region *ret)
{
    uint32_t table = half_at(base + 24), count = half_at(base + 28);

    for (uint32_t i = 0; i < count && i < 32; i++) {
        const uint8_t *at = base + table + i * 32u;

        if ((size_t)table + i * 32u + 32 > size || half_at(at) == 0)
            return -1;
        if (half_at(at) != kind)
            continue;
        *ret = (struct v1_region){ word_at(at + 8), word_at(at + 16), word_at(at + 24), half_at(at + 4) };
        return ret->offset + ret->stride * ret->count <= size ? 0 : -1;
    }
    return -1;
}

/* A consistent copy of `words` words. */
static int ring_read(const uint8_t *base, const struct v1_region *region, uint32_t index, uint64_t *to, size_t words)
{
    const uint8_t *ring = base + region->offset + index * region->stride;
    uint32_t copies = half_at(base + 40);

    for (int i = 0; i < V1_TRIES; i++) {
        uint64_t number = word_at(ring);
        const uint8_t *copy = ring + 64 + (number & (copies - 1)) * region->item_size;

        if (number == 0)
            return -1;
        if (word_at(copy) != 2 * number)
            continue;
        for (size_t w = 0; w < words; w++)
            to[w] = word_at(copy + 8 * w);
        if (word_at(copy) == 2 * number)
            return 0;
    }
    return -1;
}

int v1_find(const uint8_t *base, size_t size, const char *venue, const char *symbol, uint32_t *ret_slot,
            uint32_t *ret_generation)
{
    struct v1_region directory;

    if (!header_is_good(base, size) || region_find(base, size, 1, &directory) < 0)
        return -1;
    for (uint32_t slot = 0; slot < directory.count; slot++) {
        uint64_t words[16];
        const char *bytes = (const char *)words;

        if (ring_read(base, &directory, slot, words, 16) < 0 || half_at((const uint8_t *)words + 12) != 1)
            continue;
        if (strncmp(bytes + 16, venue, 16) != 0 || strncmp(bytes + 32, symbol, 48) != 0)
            continue;
        *ret_slot = slot;
        *ret_generation = half_at((const uint8_t *)words + 8);
        return 0;
    }
    return -1;
}

int v1_book(const uint8_t *base, size_t size, uint32_t slot, struct v1_book *ret)
{
    static uint64_t words[16 + 4000];
    const uint8_t *head = (const uint8_t *)words;
    struct v1_region books;
    uint32_t depth;

    if (!header_is_good(base, size) || region_find(base, size, 2, &books) < 0 || slot >= books.count)
        return -1;
    depth = half_at(base + 36);
    if (depth > 1000 || ring_read(base, &books, slot, words, 16 + 4 * (size_t)depth) < 0)
        return -1;
    *ret = (struct v1_book){ .update = words[0] / 2,
                             .bid_price = (int64_t)words[3],
                             .bid_size = (int64_t)words[4],
                             .ask_price = (int64_t)words[5],
                             .ask_size = (int64_t)words[6],
                             .state = head[8],
                             .reason = head[9],
                             .generation = half_at(head + 56),
                             .epoch = half_at(head + 60),
                             .n_bids = half_at(head + 16),
                             .n_asks = half_at(head + 20),
                             .n_applied = words[8] };
    for (uint32_t i = 0; i < depth; i++) {
        memcpy(ret->bids[i], &words[16 + 2 * i], 16);
        memcpy(ret->asks[i], &words[16 + 2 * (size_t)depth + 2 * i], 16);
    }
    return 0;
}
