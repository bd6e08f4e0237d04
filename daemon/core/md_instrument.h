/* SPDX-License-Identifier: MIT
 * md_instrument.h - what a venue's list says of one instrument, exact. Filled by daemon/venue from a REST answer, kept
 * by daemon/feed, published by daemon/publish. Pure data. Zero is unknown everywhere: what a venue does not give is not
 * guessed. */
#ifndef HOGA_MD_INSTRUMENT_H
#define HOGA_MD_INSTRUMENT_H

#include "core/md_event.h"

#define MD_TICKS_MAX    16 /* price bands of a tick table */
#define MD_GROUPS_MAX   12 /* steps that a venue groups a book by */
#define MD_ASSET_SIZE   24 /* bytes with the NUL, as the next three */
#define MD_STATUS_SIZE  24
#define MD_NAME_SIZE    64
#define MD_CAUTION_SIZE 128

enum md_listing { /* as enum hoga_listing */
                  MD_LISTING_UNKNOWN,
                  MD_LISTING_TRADING,
                  MD_LISTING_HALTED,
                  MD_LISTING_DELISTED,
};

#define MD_WARNING_INVESTMENT 1u /* 유의 */
#define MD_WARNING_CAUTION    2u /* 주의 */

struct md_decimal {
    int64_t mantissa;
    uint8_t decimals;
    uint8_t is_known;
};

struct md_tick {
    struct md_decimal from, tick; /* from this price on, prices are multiples of tick */
};

struct md_instrument {
    char symbol[MD_SYMBOL_SIZE];
    char base[MD_ASSET_SIZE], quote[MD_ASSET_SIZE];
    char status[MD_STATUS_SIZE]; /* the venue's own word */
    char name_korean[MD_NAME_SIZE], name_english[MD_NAME_SIZE];
    char cautions[MD_CAUTION_SIZE]; /* the venue's own words, separated by blanks */
    uint8_t listing;                /* enum md_listing */
    uint8_t warnings;               /* MD_WARNING bits, where has_warnings */
    uint8_t has_warnings;
    uint8_t is_tick_now; /* the one tick is that of the price when it was fetched */
    uint8_t n_ticks, n_groups;
    struct md_decimal lot;       /* sizes are multiples of it */
    struct md_decimal size_min;  /* of an order, in base */
    struct md_decimal value_min; /* of an order, in quote */
    struct md_tick ticks[MD_TICKS_MAX];
    struct md_decimal groups[MD_GROUPS_MAX];
};

#endif
