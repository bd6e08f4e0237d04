/* SPDX-License-Identifier: MIT
 * fuzz_segment.c - hostile bytes of a segment: refused by the check, or read without a step outside the image, whatever
 * they say. The input is a list of changes to a sound image {offset u16, n u8, n bytes}, or, when it begins with 0xff,
 * the image itself. */
#include "oracle.h"
#include "shm/catalogue.h"
#include "shm/trade.h"
#include "shm/reader.h"
#include "shm/segment.h"

#include <stdlib.h>
#include <string.h>

#define RAW_MARK   0xff
#define CHANGE_MIN 3
#define LEVELS_MAX 4u /* asked for: fewer than a hostile depth offers, more than a sound one has */

static const struct segment_layout layout = { .books_max = 2,
                                              .depth = 2,
                                              .connections_max = 2,
                                              .counters_max = 2,
                                              .histograms_max = 1,
                                              .catalogue_max = 2,
                                              .trades = 16,
                                              .has_day = 1 };

/* An image as a daemon makes it, with one whole update in every ring. */
static uint8_t *image_new(size_t *ret_size)
{
    struct hoga_abi_region regions[SEGMENT_KIND_LAST];
    struct hoga_abi_header header;
    uint8_t *image;

    FUZZ_CHECK(segment_layout_fill(&layout, &header, regions) == 0);
    image = aligned_alloc(HOGA_PAGE_SIZE, header.size);
    FUZZ_CHECK(image);
    memset(image, 0, header.size);
    header.state = HOGA_SEGMENT_READY;
    memcpy(image, &header, sizeof header);
    memcpy(image + header.region_offset, regions, sizeof regions);
    for (size_t kind = 0; kind < header.region_count; kind++) {
        const uint64_t newest = 3, seq = 2 * newest;

        for (uint64_t i = 0; regions[kind].item_size && i < regions[kind].count; i++) {
            uint8_t *ring = image + regions[kind].offset + i * regions[kind].stride;

            memcpy(ring, &newest, sizeof newest);
            memcpy(ring + sizeof(struct hoga_abi_ring) +
                       (newest & (segment_copies(&regions[kind]) - 1)) * regions[kind].item_size,
                   &seq, sizeof seq);
        }
    }
    *ret_size = header.size;
    return image;
}

static void image_change(uint8_t *image, size_t image_size, const uint8_t *data, size_t size)
{
    while (size >= CHANGE_MIN) {
        size_t offset = ((size_t)data[0] | (size_t)data[1] << 8) % image_size, n = data[2];

        data += CHANGE_MIN;
        size -= CHANGE_MIN;
        n = n < size ? n : size;
        n = n < image_size - offset ? n : image_size - offset;
        memcpy(image + offset, data, n);
        data += n;
        size -= n;
    }
}

static void books_read(const struct segment_map *map)
{
    for (uint32_t slot = 0; slot <= map->books_max; slot++) {
        struct hoga_abi_level *bids = malloc(LEVELS_MAX * sizeof *bids), *asks = malloc(LEVELS_MAX * sizeof *asks);
        struct hoga_abi_directory_entry entry;
        struct hoga_abi_book_head head;

        FUZZ_CHECK(bids && asks); /* on the heap: a sanitizer sees a write beyond them */
        if (reader_directory(map, slot, &entry) == 0)
            FUZZ_CHECK(strnlen(entry.symbol, sizeof entry.symbol) < sizeof entry.symbol &&
                       strnlen(entry.venue, sizeof entry.venue) < sizeof entry.venue);
        if (reader_book(map, slot, &head, bids, asks, LEVELS_MAX) == 0)
            FUZZ_CHECK(slot < map->books_max && head.n_bids <= map->depth && head.n_asks <= map->depth);
        (void)reader_book_head(map, slot, &head);
        (void)reader_book_newest(map, slot);
        free(bids);
        free(asks);
    }
}

/* Whatever the bytes say, the walk ends and gives no more than was asked for. */
static void trades_read(const struct segment_map *map)
{
    static const uint64_t begins[] = { TRADE_FROM_OLDEST, TRADE_FROM_LAST, 1, 3, UINT64_MAX - 1 };

    for (uint32_t slot = 0; slot <= map->books_max; slot++) {
        struct hoga_abi_trade *trades = malloc(LEVELS_MAX * sizeof *trades);
        struct hoga_abi_day day;

        FUZZ_CHECK(trades);
        for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
            uint64_t next = begins[i], missed;
            int r = reader_trades(map, slot, 0, &next, trades, LEVELS_MAX, &missed);

            FUZZ_CHECK(r <= (int)LEVELS_MAX && (r < 0 || slot < map->region[HOGA_REGION_TRADE].count));
        }
        if (reader_day(map, slot, &day) == 0)
            for (uint32_t i = 0; i < HOGA_FACTS_MAX; i++)
                FUZZ_CHECK((day.known & 1u << i) == 0 || day.decimals[i] <= HOGA_DECIMALS_MAX);
        free(trades);
    }
}

static void rows_read(const struct segment_map *map)
{
    struct hoga_abi_connection_entry entry;
    struct hoga_abi_connection_live words;
    struct hoga_abi_counter counter;
    struct hoga_abi_histogram histogram;
    struct reader_live live;
    char version[READER_VERSION_SIZE];
    uint32_t i;

    for (i = 0; i <= map->connections_max; i++) {
        (void)reader_connection(map, i, &entry);
        FUZZ_CHECK((reader_connection_live(map, i, &words) == 0) == (i < map->connections_max));
    }
    for (i = 0; reader_counter(map, i, &counter) == 0; i++)
        FUZZ_CHECK(i < HOGA_ROWS_LIMIT && strnlen(counter.name, sizeof counter.name) < sizeof counter.name);
    FUZZ_CHECK(reader_catalogue_rows(map) <= HOGA_ROWS_LIMIT);
    for (i = 0; i <= reader_catalogue_rows(map); i++) {
        struct hoga_abi_catalogue_entry row;

        if (reader_catalogue(map, i, &row) == 0)
            FUZZ_CHECK(i < reader_catalogue_rows(map) && row.n_ticks <= HOGA_TICKS_MAX &&
                       row.n_groups <= HOGA_GROUPS_MAX && row.tick_decimals <= HOGA_DECIMALS_MAX &&
                       strnlen(row.cautions, sizeof row.cautions) < sizeof row.cautions);
    }
    for (i = 0; reader_histogram(map, i, &histogram) == 0; i++)
        FUZZ_CHECK(i < HOGA_ROWS_LIMIT);
    reader_live(map, &live);
    reader_daemon_version(map, version);
    FUZZ_CHECK(strnlen(version, sizeof version) < sizeof version);
    (void)reader_wake_word(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct segment_problem problem = { .why = "" };
    struct segment_map map;
    size_t image_size;
    uint8_t *image;

    if (size > 0 && data[0] == RAW_MARK) {
        image_size = size - 1;
        FUZZ_CHECK(posix_memalign((void **)&image, HOGA_PAGE_SIZE, image_size + !image_size) == 0);
        memcpy(image, data + 1, image_size);
    } else {
        image = image_new(&image_size);
        image_change(image, image_size, data, size);
    }
    if (segment_check(image, image_size, &map, &problem) == 0) {
        books_read(&map);
        trades_read(&map);
        rows_read(&map);
    } else {
        FUZZ_CHECK(problem.why[0] != '\0' && problem.what[0] != '\0');
    }
    free(image);
    return 0;
}
