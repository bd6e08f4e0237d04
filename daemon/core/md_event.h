/* SPDX-License-Identifier: MIT
 * md_event.h - what a decoder says: the market-data events of one frame, exact. Filled by daemon/venue, read by
 * daemon/book and daemon/feed. Pure data; one struct md_frame is made at start and used again for every frame. */
#ifndef HOGA_MD_EVENT_H
#define HOGA_MD_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define MD_SYMBOL_SIZE  48        /* bytes with the NUL; as HOGA_SYMBOL_SIZE */
#define MD_EVENTS_MAX   1024      /* events in one frame; more: refused */
#define MD_LEVELS_MAX   (1 << 18) /* levels a side in one frame; a Coinbase snapshot has some 100,000 */
#define MD_DECIMALS_MAX 18
#define MD_TEXT_SIZE    160 /* a venue's error text, cut */

struct md_level {
    int64_t price; /* mantissa, the event's price_decimals; >= 0 */
    int64_t size;  /* mantissa, the event's size_decimals; >= 0; 0 deletes in an update, is dropped from a snapshot */
};

enum md_kind {
    MD_BOOK,   /* a book message */
    MD_STATUS, /* a sign of life with no content ({"status":"UP"}) */
    MD_ERROR,  /* the venue refuses something: text */
    MD_OTHER,  /* known and of no use here (trades, tickers) */
};

struct md_event {
    enum md_kind kind;
    uint8_t is_snapshot;    /* replaces the book; else a delta */
    uint8_t number_range;   /* the levels cannot be held exactly: levels are absent, refuse with that reason */
    uint8_t price_decimals; /* 0..MD_DECIMALS_MAX */
    uint8_t size_decimals;
    uint32_t n_bids, n_asks;
    uint32_t bids, asks; /* index of the first level in md_frame.bids / .asks, in the order of the message */
    uint32_t n_left_out; /* levels not given: their own price or size is beyond int64 or 18 decimals */
    int64_t venue_ns;    /* the venue's time of the book, ns since the epoch; 0 unknown */
    uint64_t sequence_first, sequence_last, sequence_previous; /* 0 where the venue has none */
    char symbol[MD_SYMBOL_SIZE];
    char text[MD_TEXT_SIZE]; /* MD_ERROR: name and message */
};

struct md_frame {
    uint32_t n_events;
    uint32_t n_bids, n_asks; /* used so far */
    struct md_level *bids;   /* MD_LEVELS_MAX each, owned by the frame */
    struct md_level *asks;
    struct md_event event[MD_EVENTS_MAX];
};

/* Owns: *ret, freed by md_frame_free (takes NULL, returns NULL). Pages are only touched as they are used. */
int md_frame_new(struct md_frame **ret);
struct md_frame *md_frame_free(struct md_frame *frame);
void md_frame_reset(struct md_frame *frame);

#endif
