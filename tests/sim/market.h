/* SPDX-License-Identifier: MIT
 * market.h - the books of a pretend exchange: a seeded random walk a symbol, or sealed books whose sizes carry a
 * checksum, and the last of them kept as the truth. One thread. It knows no wire format and reads no clock. */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include "tape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARKET_LEVELS_MAX   64
#define MARKET_LEVELS_USUAL 30
#define MARKET_SYMBOL_SIZE  32
#define MARKETS_MAX         2048
#define MARKET_HISTORY_MAX  4096
#define MARKET_HISTORY_SIZE (64u << 20) /* all truth together; many symbols keep fewer books each */

struct level {
    int64_t price;
    int64_t size;
};

/* Prices at price_decimals, sizes at size_decimals. The timestamp names a book of a symbol: it only grows. */
struct book {
    int64_t timestamp_ms;
    uint64_t number; /* from 1, per symbol: what sequence numbers are made of */
    uint8_t price_decimals;
    uint8_t size_decimals;
    uint8_t n_bids;
    uint8_t n_asks;
    struct level bids[MARKET_LEVELS_MAX];
    struct level asks[MARKET_LEVELS_MAX];
};

/* What a dialect knows of a symbol before the first book. Prices at price_decimals. */
struct market_profile {
    int64_t base;
    int64_t tick;
    int64_t size_typical; /* at 8 decimals */
    uint8_t price_decimals;
    bool thin;      /* sides come short of their levels */
    uint8_t levels; /* a side, 0 the usual 30; an exchange that shows fewer than there are has more */
    uint8_t dust;   /* decimals of a size that are cut off, as an exchange rounds: less shows as 0 */
};

struct market {
    char symbol[MARKET_SYMBOL_SIZE];
    struct market_profile profile;
    uint64_t random;
    uint64_t seq; /* books made; the sealed form's sequence number */
    struct book walk;
    struct book *history; /* ring; book k is at k % n_history */
    size_t n_history;
    uint64_t n_books;
    bool sealed;
    bool is_hidden; /* fault "unknown" */
    bool is_mute;   /* fault "mute" */
    bool is_crossed_next;
    uint64_t fetched; /* number of the book that was last given by REST, 0 none, and cut to so many levels */
    uint32_t fetched_depth;
    struct tape tape;
};

struct market_set {
    struct market *at;
    size_t n;
};

/* Symbols must stay below MARKET_SYMBOL_SIZE. Each market gets its first book. Returns: 0, -ENOMEM. */
int market_init(struct market *m, const char *symbol, const struct market_profile *profile, uint64_t seed, bool sealed,
                size_t n_history);
void market_done(struct market *m);
/* The next book, at now_ms or one above the last timestamp. Stays valid until n_history further books. */
const struct book *market_step(struct market *m, int64_t now_ms);
/* A trade that somebody could have made on the newest book: at its best bid or ask. False: not now, or never here. */
bool market_trade(struct market *m, int64_t now_ms, struct trade *ret);
/* A market that has moved on no further than its first book was always off by so much. */
void market_shift_first(struct market *m, int64_t ms);
/* Publish exactly these levels (timestamp is given as in market_step). */
const struct book *market_set(struct market *m, const struct book *book, int64_t now_ms);
const struct book *market_newest(const struct market *m);
const struct book *market_before(const struct market *m);                     /* the one before the newest, or NULL */
const struct book *market_find(const struct market *m, int64_t timestamp_ms); /* NULL: never sent, or too old */
const struct book *market_numbered(const struct market *m, uint64_t number);  /* the same by number */
struct market *market_by_symbol(const struct market_set *set, const char *symbol, size_t n);

uint64_t splitmix64(uint64_t value);

#endif
