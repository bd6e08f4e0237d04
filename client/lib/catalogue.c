/* SPDX-License-Identifier: MIT
 * What the venues list, as the segment has it: rows in no order, each whole by itself. */
#include "handle.h"

#include "shm/catalogue.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static_assert(sizeof(struct hoga_tick) == sizeof(struct hoga_abi_tick), "a table is copied as it is");
static_assert(sizeof(((struct hoga_instrument *)0)->ticks) == sizeof(((struct hoga_abi_catalogue_entry *)0)->ticks),
              "as many bands");
static_assert(sizeof(((struct hoga_instrument *)0)->groups) == sizeof(((struct hoga_abi_catalogue_entry *)0)->groups),
              "as many levels");
static_assert((int)HOGA_LISTED_DELISTED == (int)HOGA_LISTING_DELISTED, "one list of numbers");
static_assert(HOGA_WARN_INVESTMENT == HOGA_WARNING_INVESTMENT && HOGA_WARN_CAUTION == HOGA_WARNING_CAUTION, "one set");

/* Both end with a NUL and have the same size; control bytes of a hostile segment do not reach a terminal. */
#define TEXT(ret, from)                                                                                                \
    do {                                                                                                               \
        static_assert(sizeof(ret) == sizeof(from), "the same size");                                                   \
        text_take(ret, from, sizeof(ret));                                                                             \
    } while (0)

static void text_take(char *ret, const char *from, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ret[i] = (from[i] != '\0' && (unsigned char)from[i] < 0x20) || from[i] == 0x7f ? '?' : from[i];
}

static void numbers_take(const struct hoga_abi_catalogue_entry *from, struct hoga_instrument *ret)
{
    ret->has_lot = (from->known & HOGA_KNOWN_LOT) != 0;
    ret->has_size_min = (from->known & HOGA_KNOWN_SIZE_MIN) != 0;
    ret->has_value_min = (from->known & HOGA_KNOWN_VALUE_MIN) != 0;
    ret->lot = from->lot;
    ret->size_min = from->size_min;
    ret->value_min = from->value_min;
    ret->lot_decimals = from->lot_decimals;
    ret->size_min_decimals = from->size_min_decimals;
    ret->value_min_decimals = from->value_min_decimals;
    ret->n_ticks = from->n_ticks;
    ret->tick_decimals = from->tick_decimals;
    ret->is_tick_now = (from->known & HOGA_KNOWN_TICK_NOW) != 0;
    ret->n_groups = from->n_groups;
    ret->group_decimals = from->group_decimals;
    memcpy(ret->ticks, from->ticks, sizeof(ret->ticks));
    memcpy(ret->groups, from->groups, sizeof(ret->groups));
}

static void instrument_take(const struct hoga_abi_catalogue_entry *from, struct hoga_instrument *ret)
{
    *ret = (struct hoga_instrument){ .listed = from->listing, .fetched_ns = from->fetched_ns };
    TEXT(ret->venue, from->venue);
    TEXT(ret->symbol, from->symbol);
    TEXT(ret->base, from->base);
    TEXT(ret->quote, from->quote);
    TEXT(ret->status, from->status);
    TEXT(ret->name_korean, from->name_korean);
    TEXT(ret->name_english, from->name_english);
    TEXT(ret->cautions, from->cautions);
    (void)snprintf(ret->name, sizeof(ret->name), "%s:%s", ret->venue, ret->symbol);
    ret->has_warnings = (from->known & HOGA_KNOWN_WARNINGS) != 0;
    ret->warnings = ret->has_warnings ? from->warnings : 0;
    numbers_take(from, ret);
}

static void map_refresh(struct hoga *h)
{
    struct reader_live live;

    (void)lib_handle_refresh(h, lib_boot_ns(), &live);
}

int hoga_catalogue_next(struct hoga *h, uint32_t *io_row, struct hoga_instrument *ret)
{
    struct hoga_abi_catalogue_entry entry;
    int r = -ENODATA;

    if (*io_row == 0)
        map_refresh(h);
    while (r == -ENODATA)
        r = reader_catalogue(&h->map, (*io_row)++, &entry);
    if (r == -ERANGE) {
        --*io_row; /* asked again, the answer is the same */
        return 0;
    }
    if (r < 0)
        return r;
    instrument_take(&entry, ret);
    return 1;
}

int hoga_catalogue_find(struct hoga *h, const char *name, struct hoga_instrument *ret)
{
    struct hoga_instrument instrument;
    int r, is_found = 0;

    if (strchr(name, ':') == NULL)
        return -EINVAL;
    for (uint32_t row = 0; (r = hoga_catalogue_next(h, &row, &instrument)) != 0;) {
        int is_exact = r > 0 && strcmp(instrument.name, name) == 0;

        if (r < 0 || (!is_exact && (is_found || strcasecmp(instrument.name, name) != 0)))
            continue;
        *ret = instrument;
        is_found = 1;
        if (is_exact)
            break;
    }
    return is_found ? 0 : -ENOENT;
}

uint64_t hoga_catalogue_version(struct hoga *h)
{
    map_refresh(h);
    return reader_catalogue_version(&h->map);
}
