/* SPDX-License-Identifier: MIT
 * The catalogue's rows: published and read whole, full in so many words, cleared by the next daemon, hostile bytes. */
#include "shm/catalogue.h"

#include "shm_rig.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 2u /* books_options */

static struct writer *writer;
static struct segment_map map;

static void begin(void)
{
    set_up();
    writer = writer_new(4);
    writer_ready(writer, 1000);
    cr_assert_eq(map_open(&map), 0);
}

static void end(void)
{
    segment_unmap(&map);
    writer = writer_close(writer);
    tear_down();
}

TestSuite(shm_catalogue, .init = begin, .fini = end);

static const struct hoga_abi_catalogue_entry bitcoin = {
    .listing = HOGA_LISTING_TRADING,
    .warnings = HOGA_WARNING_CAUTION,
    .known = HOGA_KNOWN_WARNINGS | HOGA_KNOWN_LOT,
    .n_ticks = 2,
    .n_groups = 1,
    .lot_decimals = 8,
    .lot = 1,
    .fetched_ns = 77,
    .venue = "upbit",
    .symbol = "KRW-BTC",
    .name_korean = "비트코인",
    .cautions = "PRICE_FLUCTUATIONS",
    .ticks = { { 0, 1 }, { 1000, 5 } },
    .groups = { 10000 },
};

Test(shm_catalogue, a_row_is_read_as_it_was_published_and_the_third_finds_no_room)
{
    struct hoga_abi_catalogue_entry entry;
    uint64_t version = reader_catalogue_version(&map);
    uint32_t first, second, third = 99;

    cr_assert_eq(reader_catalogue_rows(&map), ROWS);
    cr_assert_eq(reader_catalogue(&map, 0, &entry), -ENODATA);
    cr_assert_eq(reader_catalogue(&map, ROWS, &entry), -ERANGE);
    cr_assert_eq(writer_catalogue_take(writer, &first), 0);
    cr_assert_eq(writer_catalogue_take(writer, &second), 0);
    cr_assert_neq(first, second);
    cr_assert_eq(writer_catalogue_take(writer, &third), -ENOSPC);
    cr_assert_eq(third, 99);
    for (int i = 0; i < 5; i++) {
        writer_catalogue_publish(writer, first, &bitcoin);
        writer_catalogue_settle(writer);
    }

    cr_assert_eq(reader_catalogue_version(&map), version + 5);
    cr_assert_eq(reader_catalogue(&map, first, &entry), 0);
    cr_assert_eq(memcmp((const char *)&entry + 16, (const char *)&bitcoin + 16, sizeof entry - 16), 0);
    cr_assert_eq(entry.listing, HOGA_LISTING_TRADING);
    cr_assert_eq(reader_catalogue(&map, second, &entry), -ENODATA, "taken and not yet written");
    writer_catalogue_free(writer, first);
    cr_assert_eq(reader_catalogue(&map, first, &entry), -ENODATA);
    cr_assert_eq(writer_catalogue_take(writer, &third), 0);
    cr_assert_eq(third, first);
}

Test(shm_catalogue, the_next_daemon_on_the_file_shows_nothing_it_was_not_told)
{
    struct hoga_abi_catalogue_entry entry;
    uint64_t version;
    uint32_t row;

    cr_assert_eq(writer_catalogue_take(writer, &row), 0);
    writer_catalogue_publish(writer, row, &bitcoin);
    version = reader_catalogue_version(&map);
    writer = writer_close(writer);
    cr_assert_eq(reader_catalogue(&map, row, &entry), 0, "readers keep it while nobody writes");
    writer = writer_new(4);

    cr_assert(writer_was_adopted(writer));
    cr_assert_eq(reader_catalogue(&map, row, &entry), -ENODATA);
    cr_assert_gt(reader_catalogue_version(&map), version);
    cr_assert_eq(writer_catalogue_take(writer, &row), 0);
    writer_catalogue_publish(writer, row, &bitcoin);
    cr_assert_eq(reader_catalogue(&map, row, &entry), 0);
}

/* Whatever the bytes say, what comes out has an end and lies within its limits. */
Test(shm_catalogue, hostile_bytes_are_unknown)
{
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_CATALOGUE];
    struct hoga_abi_catalogue_entry entry, evil;
    uint8_t *image;
    uint32_t row;

    cr_assert_eq(writer_catalogue_take(writer, &row), 0);
    memset(&evil, 0xff, sizeof evil);
    writer_catalogue_publish(writer, row, &evil);

    cr_assert_eq(reader_catalogue(&map, row, &entry), 0);
    cr_assert_eq(strnlen(entry.cautions, sizeof entry.cautions), sizeof entry.cautions - 1);
    cr_assert_eq(strnlen(entry.symbol, sizeof entry.symbol), sizeof entry.symbol - 1);
    cr_assert_eq(entry.n_ticks, 0);
    cr_assert_eq(entry.n_groups, 0);
    cr_assert_eq(entry.listing, HOGA_LISTING_UNKNOWN);
    cr_assert_eq(entry.known & (HOGA_KNOWN_LOT | HOGA_KNOWN_SIZE_MIN | HOGA_KNOWN_VALUE_MIN), 0);
    image = aligned_alloc(HOGA_PAGE_SIZE, map.size);
    cr_assert_not_null(image);
    for (uint64_t newest = UINT64_MAX - 3; newest != 4; newest++) { /* an index that leads nowhere */
        struct segment_map copy = map;

        memcpy(image, map.base, map.size);
        memcpy(image + region->offset + row * region->stride, &newest, sizeof newest);
        copy.base = image;
        (void)reader_catalogue(&copy, row, &entry);
    }
    free(image);
}

/* A file of minor 0 has no such region. */
Test(shm_catalogue, without_the_region_there_are_no_rows)
{
    struct hoga_abi_catalogue_entry entry;
    struct segment_map without = map;

    without.region[HOGA_REGION_CATALOGUE] = (struct hoga_abi_region){ 0 };

    cr_assert_eq(reader_catalogue_rows(&without), 0);
    cr_assert_eq(reader_catalogue(&without, 0, &entry), -ERANGE);
}
