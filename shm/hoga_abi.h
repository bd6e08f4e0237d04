/* SPDX-License-Identifier: MIT
 * hoga_abi.h - the bytes of the segment, and nothing else. Picture: shm/README.md. Both sides include this file; no
 * code, no atomics (those are in seqlock.h). Everything is little endian, natural alignment, every shared word 8 bytes
 * but the futex. The golden in tests/abi fails when a byte moves while HOGA_ABI_MAJOR stays. */
#ifndef HOGA_ABI_H
#define HOGA_ABI_H

#include <stdint.h>

#define HOGA_ABI_MAGIC 0x3147455341474f48u /* "HOGASEG1" in the file */
#define HOGA_ABI_MAJOR 1u                  /* other major: refused by readers */
#define HOGA_ABI_MINOR 2u                  /* higher minor: new regions or spare words in use; readable */

#define HOGA_PAGE_SIZE         4096u
#define HOGA_REGIONS_MAX       32u /* a table that claims more is damaged */
#define HOGA_BOOKS_MAX_DEFAULT 1024u
#define HOGA_BOOKS_MAX_LIMIT   65536u
#define HOGA_DEPTH_DEFAULT     30u
#define HOGA_DEPTH_LIMIT       1000u
#define HOGA_COPIES            16u /* copies in a ring; power of two, at least 4; shm/README.md says why so many */
#define HOGA_COPIES_LIMIT      64u
#define HOGA_CONNECTIONS_MAX   256u
#define HOGA_VENUE_SIZE        16u /* bytes with the NUL */
#define HOGA_SYMBOL_SIZE       48u /* bytes with the NUL */
#define HOGA_DECIMALS_MAX      18u
#define HOGA_HEARTBEAT_NS      100000000ull     /* the loop writes it this often */
#define HOGA_SILENT_NS         500000000ull     /* older than this: the daemon counts as down */
#define HOGA_SLEEP_SLICE_NS    250000000ull     /* every sleeper re-checks after this */
#define HOGA_SLEEP_LIMIT_NS    3600000000000ull /* one sleep is cut to an hour, lest the deadline overflow */
#define HOGA_CONNECTION_NONE   0xffffu
#define HOGA_ROWS_LIMIT        65536u /* counters, histograms, instruments of the catalogue */
#define HOGA_CATALOGUE_DEFAULT 8192u  /* instruments listed by all venues together */
#define HOGA_CATALOGUE_COPIES  2u     /* written about once an hour: one to read, one to write */
#define HOGA_TICKS_MAX         16u    /* price bands of a tick table */
#define HOGA_GROUPS_MAX        12u    /* grouping levels */
#define HOGA_TRADES_DEFAULT    128u   /* trades that are kept of each book; a power of two */
#define HOGA_TRADES_LEAST      16u
#define HOGA_TRADES_LIMIT      4096u
#define HOGA_DAY_COPIES        4u
#define HOGA_FACTS_MAX         16u /* room for facts in a row of DAY */

enum hoga_segment_state {
    HOGA_SEGMENT_BUILDING = 0, /* being filled; not for readers */
    HOGA_SEGMENT_READY = 1,
    HOGA_SEGMENT_RETIRED = 2, /* replaced by another file of the same name */
};

enum hoga_daemon_state {
    HOGA_DAEMON_STARTING = 0,
    HOGA_DAEMON_RUNNING = 1,
    HOGA_DAEMON_STOPPED = 2, /* a clean exit */
};

/* Unknown kinds are skipped by readers. The reserved ones have numbers and no layout yet. */
enum hoga_region_kind {
    HOGA_REGION_END = 0,
    HOGA_REGION_DIRECTORY = 1,   /* hoga_abi_directory_entry ring, one a slot */
    HOGA_REGION_BOOK = 2,        /* hoga_abi_ring + HOGA_COPIES x (hoga_abi_book_head + levels), one a slot */
    HOGA_REGION_CONNECTION = 3,  /* hoga_abi_connection_entry ring and hoga_abi_connection_live */
    HOGA_REGION_COUNTER = 4,     /* hoga_abi_counter */
    HOGA_REGION_HISTOGRAM = 5,   /* hoga_abi_histogram */
    HOGA_REGION_TRADE = 6,       /* hoga_abi_ring + a power of two of hoga_abi_trade, one ring a slot */
    HOGA_REGION_CATALOGUE = 7,   /* hoga_abi_catalogue_entry ring of HOGA_CATALOGUE_COPIES, one an instrument */
    HOGA_REGION_UPDATE_RING = 8, /* reserved */
    HOGA_REGION_DAY = 9,         /* hoga_abi_day ring of HOGA_DAY_COPIES, one a slot */
    HOGA_REGION_NEWEST = 10,     /* hoga_abi_newest, one a slot */
};

struct hoga_abi_region {
    uint32_t kind;      /* enum hoga_region_kind */
    uint32_t item_size; /* bytes of one copy in a ring, 0 where items are no rings */
    uint64_t offset;    /* bytes from the start of the file, multiple of 64 */
    uint64_t stride;    /* bytes from one item to the next, multiple of 64 */
    uint64_t count;     /* items */
};

/* The first page. Up to `created_ns` it is written once, before the file gets its name. */
struct hoga_abi_header {
    uint64_t magic;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint64_t size; /* bytes of the file */
    uint32_t region_offset;
    uint32_t region_count;
    uint32_t books_max;
    uint32_t depth;  /* levels a side in a published book */
    uint32_t copies; /* copies in each ring */
    uint32_t connections_max;
    uint64_t created_ns;      /* CLOCK_REALTIME */
    uint64_t generation_base; /* generations of this file are above it, and above those of the file it replaced */
    /* offset 64: words the daemon changes while readers read */
    uint64_t state;             /* enum hoga_segment_state */
    uint64_t epoch;             /* number of daemon starts on this file, from 1 */
    uint64_t heartbeat_boot_ns; /* CLOCK_BOOTTIME of the last heartbeat; 0 before the first of an epoch */
    uint64_t daemon_state;      /* enum hoga_daemon_state */
    uint64_t directory_version; /* moves whenever any directory entry changes */
    uint64_t pid;               /* of the daemon, in its own namespace */
    uint64_t source;            /* enum hoga_source of the whole daemon */
    uint64_t blind_ms_max;      /* longest a dead link can go unseen, over all venues */
    /* offset 128: a line of its own, since sleepers hammer it */
    uint32_t wake_word; /* futex; moves once a loop turn that published */
    uint32_t reserved1[15];
    /* offset 192 */
    char daemon_version[32];
    uint64_t catalogue_version; /* moves whenever entries of the catalogue have changed */
    uint8_t reserved2[24];
    /* offset 256: struct hoga_abi_region table, region_count entries, at region_offset */
};

/* A ring of copies. `newest` is the number of the newest whole copy (0: none yet); it lies at index newest % copies.
 * A copy begins with its seq: 2 * number when whole, odd while it is written. */
struct hoga_abi_ring {
    uint64_t newest;
    uint64_t reserved[7];
};

/* `newest` of a book's ring once more, stored behind it. Rings lie pages apart, these side by side: who looks after
 * many books finds sixty-four of these in a page, and no page of a ring but the copy's. */
struct hoga_abi_newest {
    uint64_t newest;
    uint64_t reserved[7];
};

/* One slot's instrument. used 0: free. */
struct hoga_abi_directory_entry {
    uint64_t seq;
    uint32_t generation; /* moves whenever the slot is given to another instrument; never 0 once used */
    uint32_t used;
    char venue[HOGA_VENUE_SIZE];   /* NUL padded */
    char symbol[HOGA_SYMBOL_SIZE]; /* the venue's own spelling, NUL padded */
    uint64_t since_ns;             /* CLOCK_REALTIME, when the slot was given to it */
    uint8_t reserved[40];
}; /* 128 bytes */

struct hoga_abi_level {
    int64_t price; /* mantissa, book's price_decimals */
    int64_t size;  /* mantissa, book's size_decimals */
};

/* One copy of a book: this head, then depth bids, then depth asks, best first, absent ones zero. What a program gets to
 * see of it lies where struct hoga_book of hoga.h has it, so that a read moves it in one go (client/lib/read.c). */
struct hoga_abi_book_head {
    /* the top: one cache line */
    uint64_t seq;   /* 2 * update number; odd while it is written */
    uint8_t state;  /* enum hoga_state */
    uint8_t reason; /* enum hoga_reason */
    uint8_t source; /* enum hoga_source */
    uint8_t proof;  /* enum hoga_proof */
    uint8_t price_decimals;
    uint8_t size_decimals;
    uint16_t connection; /* index in the connection region, HOGA_CONNECTION_NONE */
    uint32_t n_bids;     /* levels in this copy */
    uint32_t n_asks;
    int64_t bid_price;
    int64_t bid_size; /* 0: this side is empty */
    int64_t ask_price;
    int64_t ask_size;
    uint32_t generation; /* of the slot, as in its directory entry */
    uint32_t epoch;      /* low 32 bits of the header's when this was published */
    /* second line */
    uint64_t n_applied; /* book messages applied since the instrument got its slot */
    uint64_t reserved;
    int64_t since_ns;   /* CLOCK_REALTIME: since when state and reason hold */
    int64_t venue_ns;   /* the venue's time of the book, 0 unknown */
    int64_t recv_ns;    /* CLOCK_REALTIME: arrival of the last of what is in it (kernel's where to be had), 0 never */
    int64_t publish_ns; /* CLOCK_REALTIME */
    int64_t changed_boot_ns;    /* CLOCK_BOOTTIME: when the levels last changed, 0 never */
    uint64_t connection_update; /* the connection's message number at publication */
};                              /* 128 bytes */

/* One connection's row. A book is invalid when its connection_update is below valid_from. */
struct hoga_abi_connection_entry {
    uint64_t seq;
    char venue[HOGA_VENUE_SIZE];
    uint8_t used;
    uint8_t state;  /* enum hoga_state: live, syncing while dialing, down */
    uint8_t reason; /* enum hoga_reason */
    uint8_t source; /* enum hoga_source */
    uint32_t n_books;
    int64_t since_ns;      /* CLOCK_REALTIME */
    int64_t round_trip_ns; /* of the last ping, 0 unknown */
    uint64_t n_connects;
    uint32_t blind_ms_max;
    uint32_t http_status; /* of the last refused upgrade, 0 none */
    int64_t next_dial_ns; /* CLOCK_REALTIME, while in back-off, else 0 */
    uint8_t reserved[56];
}; /* 128 bytes */

/* Behind the ring of hoga_abi_connection_entry (at 64 + copies * item_size of its item): two words that move often,
 * each a single store. */
struct hoga_abi_connection_live {
    uint64_t valid_from;    /* books published with a lower connection_update are invalid */
    uint64_t heard_boot_ns; /* CLOCK_BOOTTIME of the last sign of life, 0 never */
    uint64_t reserved[6];
};

enum hoga_side_number { HOGA_SI_UNKNOWN = 0, HOGA_SI_BUY = 1, HOGA_SI_SELL = 2 }; /* the taker's */

#define HOGA_TRADE_AFTER_GAP 1u /* trades may be missing before this one: the daemon or its connection was new */

/* One trade. Trade `number` lies at index number & (trades - 1) behind its ring, whose newest is the number of the last
 * one written; numbers count up from 1 for as long as the file lives and are never used twice. */
struct hoga_abi_trade {
    uint64_t seq; /* 2 * number when whole, odd while it is written */
    uint64_t id;  /* the venue's, 0 unknown; a hash where it is no number */
    int64_t price, size;
    int64_t venue_ns;    /* the venue's time of the trade, 0 unknown */
    int64_t recv_ns;     /* CLOCK_REALTIME: arrival of the frame */
    uint64_t update;     /* of the book when this was published: the update it follows */
    uint32_t generation; /* of the slot, as in its directory entry; another one: another instrument's trade */
    uint8_t price_decimals, size_decimals;
    uint8_t side;  /* enum hoga_side_number */
    uint8_t flags; /* HOGA_TRADE_ bits */
};                 /* 64 bytes: one line */

/* In the ring of trades, the first reserved word is the generation that it belongs to now. It moves before anything of
 * the next instrument is written there. */
#define HOGA_TRADE_OWNER 0u

/* What the venue says of the day. Places in fact[] and decimals[], and bits of known. */
enum hoga_fact_number {
    HOGA_FACT_LAST = 0, /* price of the last trade */
    HOGA_FACT_PREVIOUS_CLOSE = 1,
    HOGA_FACT_CHANGE = 2, /* last less previous close, signed; over 24 hours where that is the period */
    HOGA_FACT_OPEN = 3,
    HOGA_FACT_HIGH = 4,
    HOGA_FACT_LOW = 5,
    HOGA_FACT_VOLUME = 6, /* in base */
    HOGA_FACT_VALUE = 7,  /* in quote */
    HOGA_FACT_BID_TOTAL = 8,
    HOGA_FACT_ASK_TOTAL = 9,
    HOGA_FACT_COUNT = 10
};

enum hoga_period_number { /* over which change, open, high, low, volume and value are counted */
                          HOGA_PE_UNKNOWN = 0,
                          HOGA_PE_DAY = 1,     /* the venue's own calendar day */
                          HOGA_PE_24_HOURS = 2 /* the last 24 hours */
};

/* One slot's facts. What a venue did not give is not known, and its fact means nothing. */
struct hoga_abi_day {
    uint64_t seq;
    uint32_t generation; /* as in a book */
    uint32_t known;      /* bit i: fact[i] is known */
    int64_t fact[HOGA_FACTS_MAX];
    uint8_t decimals[HOGA_FACTS_MAX]; /* of each its own */
    uint8_t period;                   /* enum hoga_period_number */
    uint8_t reserved0[7];
    int64_t last_ns;        /* the venue's time of the last trade, 0 unknown */
    int64_t venue_ns;       /* the venue's time of the newest ticker message, 0 unknown */
    int64_t recv_ns;        /* CLOCK_REALTIME: arrival of that message, 0 never */
    uint64_t totals_update; /* the book's update that the totals came with */
    uint64_t reserved[7];
}; /* 256 bytes */

enum hoga_listing {
    HOGA_LISTING_UNKNOWN = 0,  /* the venue does not say */
    HOGA_LISTING_TRADING = 1,  /* listed, and trading or not said otherwise */
    HOGA_LISTING_HALTED = 2,   /* listed, not trading now */
    HOGA_LISTING_DELISTED = 3, /* still named, no longer to be traded */
};

/* Bits of `known`: what the venue gave. What it did not give is unknown, never guessed. */
#define HOGA_KNOWN_WARNINGS  1u
#define HOGA_KNOWN_LOT       2u
#define HOGA_KNOWN_SIZE_MIN  4u
#define HOGA_KNOWN_VALUE_MIN 8u
#define HOGA_KNOWN_TICK_NOW  16u /* the one tick is that of the price when it was fetched; others have others */

#define HOGA_WARNING_INVESTMENT 1u /* 유의: marked for investors' caution, may be delisted */
#define HOGA_WARNING_CAUTION    2u /* 주의: the market behaves unusually; `cautions` says how */

struct hoga_abi_tick {
    int64_t from; /* from this price on ... */
    int64_t tick; /* ... prices are multiples of this; mantissas, tick_decimals */
};

/* One instrument as its venue lists it, subscribed or not. used 0: free. Empty text and count 0: unknown. */
struct hoga_abi_catalogue_entry {
    uint64_t seq;
    uint8_t used;
    uint8_t listing;  /* enum hoga_listing */
    uint8_t warnings; /* HOGA_WARNING bits, if known */
    uint8_t known;    /* HOGA_KNOWN bits */
    uint8_t n_ticks, tick_decimals;
    uint8_t n_groups, group_decimals;
    uint8_t lot_decimals, size_min_decimals, value_min_decimals;
    uint8_t reserved0[5];
    int64_t lot;        /* sizes are multiples of it */
    int64_t size_min;   /* of an order, in base */
    int64_t value_min;  /* of an order, in quote */
    int64_t fetched_ns; /* CLOCK_REALTIME */
    char venue[HOGA_VENUE_SIZE];
    char symbol[HOGA_SYMBOL_SIZE];
    char base[24];
    char quote[24];
    char status[24];       /* the venue's own word */
    char name_korean[64];  /* UTF-8 */
    char name_english[64]; /* UTF-8 */
    char cautions[128];    /* the venue's own words, separated by blanks */
    struct hoga_abi_tick ticks[HOGA_TICKS_MAX];
    int64_t groups[HOGA_GROUPS_MAX]; /* steps that the venue groups a book by; mantissas, group_decimals */
    uint8_t reserved[32];
}; /* 832 bytes */

struct hoga_abi_counter {
    char name[40]; /* NUL padded, counters.def */
    char unit[16];
    uint64_t value;
};

#define HOGA_HISTOGRAM_SUB     8u /* buckets a power of two */
#define HOGA_HISTOGRAM_BUCKETS 320u
/* Bucket b < 8 counts the value b; else 2^(b/8 + 2) * (1 + (b%8)/8) and above, to the next bucket's start. */
struct hoga_abi_histogram {
    char venue[HOGA_VENUE_SIZE];
    char name[24];
    uint64_t count;
    uint64_t sum_ns;
    uint64_t max_ns;
    uint64_t bucket[HOGA_HISTOGRAM_BUCKETS];
};

/* The file PATH.wake, one page, which readers may map for writing; the daemon trusts nothing in it. */
struct hoga_abi_wake {
    uint32_t sleepers; /* bit slot % 32: somebody sleeps on such a book. Sleepers set, the daemon clears */
    uint32_t reserved[15];
};

enum hoga_state_number {
#define HOGA_STATE_ROW(number, name, word, severity, sentence) HOGA_ST_##name = number,
#include "verdict.def"
#undef HOGA_STATE_ROW
};
enum hoga_reason_number {
#define HOGA_REASON_ROW(number, name, word, sentence) HOGA_RE_##name = number,
#include "verdict.def"
#undef HOGA_REASON_ROW
};
enum hoga_source_number {
#define HOGA_SOURCE_ROW(number, name, word) HOGA_SO_##name = number,
#include "verdict.def"
#undef HOGA_SOURCE_ROW
};
enum hoga_proof_number {
#define HOGA_PROOF_ROW(number, name, word) HOGA_PR_##name = number,
#include "verdict.def"
#undef HOGA_PROOF_ROW
};

#endif
