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
#define MD_TEXT_SIZE    160  /* a venue's error text, cut */
#define MD_TRADES_MAX   4096 /* in one frame; Bybit sends up to 1024 */

struct md_level {
    int64_t price; /* mantissa, the event's price_decimals; >= 0 */
    int64_t size;  /* mantissa, the event's size_decimals; >= 0; 0 deletes in an update, is dropped from a snapshot */
};

enum md_kind {
    MD_BOOK,       /* a book message */
    MD_TRADES,     /* trades of one symbol: n_trades from `trades` on, oldest first; a snapshot: past ones */
    MD_DAY,        /* facts of the day of one symbol: md_frame.days[day] */
    MD_SUBSCRIBED, /* the venue (or, in a replay, the request) says that the symbol is subscribed; depth, 0 unknown */
    MD_STATUS,     /* a sign of life with no content ({"status":"UP"}, "pong", heartbeats) */
    MD_ERROR,   /* the venue refuses something: reason, text; of `symbol`, or of nobody in particular if that is "" */
    MD_CLOSING, /* the venue will end this connection soon: dial another */
    MD_OTHER,   /* known and of no use here */
};

/* How an update proves that it follows the message before it. */
enum md_follows {
    MD_FOLLOWS_UNPROVEN, /* nothing numbers it (a checksum may prove it) */
    MD_FOLLOWS_PREVIOUS, /* sequence_previous is the last one's sequence_last (equal: says nothing new; falling: reset)
                          */
    MD_FOLLOWS_FIRST,    /* sequence_first is the last one's sequence_last + 1; sequence_last at or below it: old */
    MD_FOLLOWS_NOTHING,  /* nothing proves it, though something does this venue's: a replay takes it, a live book does
                            not */
    MD_FOLLOWS_LAST,     /* sequence_last is the last one's + 1; at or below it: old */
};

/* As the wire spelled a level's numbers: decimals of price and of size. Only venues with a checksum fill it in. */
#define MD_DIGITS(price_decimals, size_decimals) ((uint16_t)((price_decimals) | (size_decimals) << 8))
#define MD_DIGITS_PRICE(digits)                  ((unsigned)(digits)&0xff)
#define MD_DIGITS_SIZE(digits)                   ((unsigned)(digits) >> 8)

/* What is asked of a venue for an instrument; bits. */
enum md_channel { MD_CHANNEL_BOOK = 1, MD_CHANNEL_TRADES = 2, MD_CHANNEL_DAY = 4 };
#define MD_CHANNELS 3

/* What a Korean order-book window shows beside the levels; numbers as in shm/hoga_abi.h. */
enum md_fact {
    MD_FACT_LAST,           /* price of the last trade */
    MD_FACT_PREVIOUS_CLOSE, /* 전일 종가 */
    MD_FACT_CHANGE,         /* signed: last less previous close, or over 24 hours where that is the period */
    MD_FACT_OPEN,
    MD_FACT_HIGH,
    MD_FACT_LOW,
    MD_FACT_VOLUME, /* in base */
    MD_FACT_VALUE,  /* in quote */
    MD_FACT_BID_TOTAL,
    MD_FACT_ASK_TOTAL,
    MD_FACT_COUNT
};
enum md_period { MD_PERIOD_UNKNOWN, MD_PERIOD_DAY, MD_PERIOD_24_HOURS };

/* Facts of one message. What it did not give, or what no int64 of 18 decimals holds, is not known. */
struct md_day {
    uint32_t known; /* bit i: fact[i] */
    int64_t fact[MD_FACT_COUNT];
    uint8_t decimals[MD_FACT_COUNT]; /* of each its own */
    uint8_t period;                  /* enum md_period */
    int64_t last_ns;                 /* the venue's time of the last trade, 0 unknown */
    int64_t venue_ns;                /* the venue's time of the message, 0 unknown */
};

enum md_side { MD_SIDE_UNKNOWN, MD_SIDE_BUY, MD_SIDE_SELL }; /* the taker's */

struct md_trade {
    int64_t price, size; /* mantissas of its own decimals */
    int64_t venue_ns;    /* 0 unknown */
    uint64_t id;         /* as the venue's, cut to 64 bits where it is a number; a hash of its text where it is none */
    uint8_t price_decimals, size_decimals;
    uint8_t side; /* enum md_side */
};

/* In md_event.view: every message of the channel is a whole book, though the venue keeps another one by updates. */
#define MD_VIEW_WHOLE 0x80000000u

struct md_event {
    enum md_kind kind;
    uint8_t is_snapshot;  /* replaces the book; else a delta. MD_TRADES: trades from before, perhaps shown already */
    uint8_t follows;      /* enum md_follows; of a delta */
    uint8_t has_checksum; /* `checksum` is to be compared after the message was applied */
    uint8_t reason;       /* MD_ERROR: enum reason, REASON_VENUE_ERROR if none fits better */
    uint8_t is_best; /* of the venue's best bid and ask alone: of NAME@bbo where that is wanted, see feed_book_of */
    uint8_t channel; /* MD_ERROR, MD_SUBSCRIBED: enum md_channel it is about; 0 the book, or not said */
    uint8_t totals_known; /* MD_BOOK: bit 0 bid_total, bit 1 ask_total: sizes of the sides as the venue says */
    uint8_t bid_total_decimals, ask_total_decimals;
    uint8_t number_range;   /* the levels cannot be held exactly: levels are absent, refuse with that reason */
    uint8_t price_decimals; /* 0..MD_DECIMALS_MAX */
    uint8_t size_decimals;
    uint32_t n_bids, n_asks;
    uint32_t bids, asks; /* index of the first level in md_frame.bids / .asks, in the order of the message */
    uint32_t trades, n_trades;
    union {
        uint32_t day;  /* MD_DAY: index in md_frame.days */
        uint32_t view; /* MD_BOOK: levels, or price step, of its channel where the venue has several, 0 its usual one;
                          for replays */
    };
    uint32_t depth;      /* levels a side of this subscription, 0 not said; a venue that truncates cuts there */
    uint32_t checksum;   /* its 32 bits, signed or not */
    uint32_t n_left_out; /* levels or trades not given: their own price or size is beyond int64 or 18 decimals */
    int64_t bid_total, ask_total;
    int64_t venue_ns;    /* the venue's time of the book, ns since the epoch; 0 unknown */
    uint64_t request_id; /* MD_ERROR: of our request that it answers; 0 not said */
    uint64_t sequence_first, sequence_last, sequence_previous; /* 0 where the venue has none */
    char symbol[MD_SYMBOL_SIZE];
    char text[MD_TEXT_SIZE]; /* MD_ERROR: name and message */
};

struct md_frame {
    uint32_t n_events;
    uint32_t n_bids, n_asks; /* used so far */
    struct md_level *bids;   /* MD_LEVELS_MAX each, owned by the frame */
    struct md_level *asks;
    uint16_t *bid_digits, *ask_digits; /* MD_DIGITS of the levels of the same index, where the venue has checksums */
    struct md_trade *trades;           /* MD_TRADES_MAX */
    uint32_t n_trades;
    struct md_day *days; /* MD_EVENTS_MAX */
    uint32_t n_days;
    uint8_t has_connection_sequence; /* the frame is numbered over all that the connection carries */
    uint64_t connection_sequence;
    struct md_event event[MD_EVENTS_MAX];
};

/* Owns: *ret, freed by md_frame_free (takes NULL, returns NULL). Pages are only touched as they are used. */
int md_frame_new(struct md_frame **ret);
struct md_frame *md_frame_free(struct md_frame *frame);
void md_frame_reset(struct md_frame *frame);

#endif
