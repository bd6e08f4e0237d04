/* SPDX-License-Identifier: MIT
 * reader_catalogue.c - see catalogue.h. A row is read as any ring is (README.md, "Reading"), and then nothing in it is
 * believed: text is ended, counts and decimals that cannot be are taken for unknown. */
#include "catalogue.h"
#include "seqlock.h"

#include <errno.h>
#include <string.h>

#define TERMINATE(field) ((field)[sizeof(field) - 1] = '\0')

uint32_t reader_catalogue_rows(const struct segment_map *map)
{
    return (uint32_t)map->region[HOGA_REGION_CATALOGUE].count;
}

uint64_t reader_catalogue_version(const struct segment_map *map)
{
    const struct hoga_abi_header *header = (const struct hoga_abi_header *)(const void *)map->base;

    return seqlock_load(&header->catalogue_version);
}

static void number_judge(struct hoga_abi_catalogue_entry *entry, uint8_t bit, uint8_t *io_decimals)
{
    if (*io_decimals <= HOGA_DECIMALS_MAX)
        return;
    *io_decimals = 0;
    entry->known &= (uint8_t)~bit;
}

static void table_judge(uint8_t *io_n, uint32_t n_max, uint8_t *io_decimals)
{
    if (*io_n <= n_max && *io_decimals <= HOGA_DECIMALS_MAX)
        return;
    *io_n = 0;
    *io_decimals = 0;
}

static void entry_judge(struct hoga_abi_catalogue_entry *entry)
{
    TERMINATE(entry->venue);
    TERMINATE(entry->symbol);
    TERMINATE(entry->base);
    TERMINATE(entry->quote);
    TERMINATE(entry->status);
    TERMINATE(entry->name_korean);
    TERMINATE(entry->name_english);
    TERMINATE(entry->cautions);
    if (entry->listing > HOGA_LISTING_DELISTED)
        entry->listing = HOGA_LISTING_UNKNOWN;
    number_judge(entry, HOGA_KNOWN_LOT, &entry->lot_decimals);
    number_judge(entry, HOGA_KNOWN_SIZE_MIN, &entry->size_min_decimals);
    number_judge(entry, HOGA_KNOWN_VALUE_MIN, &entry->value_min_decimals);
    table_judge(&entry->n_ticks, HOGA_TICKS_MAX, &entry->tick_decimals);
    table_judge(&entry->n_groups, HOGA_GROUPS_MAX, &entry->group_decimals);
}

int reader_catalogue(const struct segment_map *map, uint32_t row, struct hoga_abi_catalogue_entry *ret)
{
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_CATALOGUE];
    struct hoga_abi_catalogue_entry entry;
    const void *item;
    int r;

    if (row >= region->count)
        return -ERANGE;
    item = map->base + region->offset + row * region->stride;
    r = reader_ring(item, HOGA_CATALOGUE_COPIES, region->item_size, &entry, sizeof entry);
    if (r < 0)
        return r;
    if (entry.used != 1)
        return -ENODATA;
    entry_judge(&entry);
    *ret = entry;
    return 0;
}
