/* SPDX-License-Identifier: MIT */
#include "publish/catalogue.h"

#include "core/decimal.h"
#include "core/text.h"
#include "shm/catalogue.h"

#include <assert.h>
#include <string.h>

static_assert(MD_TICKS_MAX == HOGA_TICKS_MAX && MD_GROUPS_MAX == HOGA_GROUPS_MAX, "what is read has room");
static_assert(MD_ASSET_SIZE == sizeof(((struct hoga_abi_catalogue_entry *)0)->base), "names fit");
static_assert(MD_STATUS_SIZE == sizeof(((struct hoga_abi_catalogue_entry *)0)->status), "names fit");
static_assert(MD_NAME_SIZE == sizeof(((struct hoga_abi_catalogue_entry *)0)->name_korean), "names fit");
static_assert(MD_CAUTION_SIZE == sizeof(((struct hoga_abi_catalogue_entry *)0)->cautions), "names fit");
static_assert((int)MD_LISTING_DELISTED == (int)HOGA_LISTING_DELISTED, "one list of words");
static_assert(MD_WARNING_CAUTION == HOGA_WARNING_CAUTION, "one set of bits");

static void number_put(const struct md_decimal *from, uint8_t bit, int64_t *to, uint8_t *to_decimals, uint8_t *io_known)
{
    if (!from->is_known)
        return;
    *to = from->mantissa;
    *to_decimals = from->decimals;
    *io_known |= bit;
}

static uint8_t decimals_most(uint8_t decimals, const struct md_decimal *number)
{
    return number->decimals > decimals ? number->decimals : decimals;
}

/* One number of decimals for the table; one that does not fit at it leaves the table unknown. */
static void ticks_put(const struct md_instrument *from, struct hoga_abi_catalogue_entry *to)
{
    uint8_t decimals = 0;

    for (uint32_t i = 0; i < from->n_ticks; i++)
        decimals = decimals_most(decimals_most(decimals, &from->ticks[i].from), &from->ticks[i].tick);
    for (uint32_t i = 0; i < from->n_ticks; i++) {
        const struct md_tick *tick = &from->ticks[i];

        if (decimal_rescale(tick->from.mantissa, tick->from.decimals, decimals, &to->ticks[i].from) < 0 ||
            decimal_rescale(tick->tick.mantissa, tick->tick.decimals, decimals, &to->ticks[i].tick) < 0)
            return;
    }
    to->n_ticks = from->n_ticks;
    to->tick_decimals = decimals;
    if (from->is_tick_now)
        to->known |= HOGA_KNOWN_TICK_NOW;
}

static void groups_put(const struct md_instrument *from, struct hoga_abi_catalogue_entry *to)
{
    uint8_t decimals = 0;

    for (uint32_t i = 0; i < from->n_groups; i++)
        decimals = decimals_most(decimals, &from->groups[i]);
    for (uint32_t i = 0; i < from->n_groups; i++)
        if (decimal_rescale(from->groups[i].mantissa, from->groups[i].decimals, decimals, &to->groups[i]) < 0)
            return;
    to->n_groups = from->n_groups;
    to->group_decimals = decimals;
}

void publish_instrument(struct writer *w, uint32_t row, const char *venue, const struct md_instrument *instrument,
                        int64_t fetched_ns)
{
    struct hoga_abi_catalogue_entry to = { .listing = instrument->listing, .fetched_ns = fetched_ns };

    (void)text_copy(to.venue, sizeof(to.venue), venue);
    memcpy(to.symbol, instrument->symbol, sizeof(to.symbol));
    memcpy(to.base, instrument->base, sizeof(to.base));
    memcpy(to.quote, instrument->quote, sizeof(to.quote));
    memcpy(to.status, instrument->status, sizeof(to.status));
    memcpy(to.name_korean, instrument->name_korean, sizeof(to.name_korean));
    memcpy(to.name_english, instrument->name_english, sizeof(to.name_english));
    memcpy(to.cautions, instrument->cautions, sizeof(to.cautions));
    if (instrument->has_warnings) {
        to.warnings = instrument->warnings;
        to.known |= HOGA_KNOWN_WARNINGS;
    }
    number_put(&instrument->lot, HOGA_KNOWN_LOT, &to.lot, &to.lot_decimals, &to.known);
    number_put(&instrument->size_min, HOGA_KNOWN_SIZE_MIN, &to.size_min, &to.size_min_decimals, &to.known);
    number_put(&instrument->value_min, HOGA_KNOWN_VALUE_MIN, &to.value_min, &to.value_min_decimals, &to.known);
    ticks_put(instrument, &to);
    groups_put(instrument, &to);
    writer_catalogue_publish(w, row, &to);
}
