/* SPDX-License-Identifier: MIT
 * ladder_private.h - the memory of a ladder, shared by ladder.c (life and reading), ladder_rows.c (levels to rows),
 * ladder_window.c (which of them are on the screen), ladder_facts.c and ladder_order.c. Nobody else includes it. */
#ifndef LIB_LADDER_PRIVATE_H
#define LIB_LADDER_PRIVATE_H

#include <hoga/ladder.h>

#include "shm/hoga_abi.h"

#define LADDER_PPM        1000000
#define LADDER_MARGIN_MAX 2u /* rows that a best price keeps from the edge, where there is room */

/* One price of a side, grouped or not. */
struct ladder_rung {
    int64_t price;
    __int128 size, money, total_size, total_money;
    int64_t flash_boot_ns; /* when its size last changed; 0: not since it was first seen */
    int8_t flash_way;
};

struct ladder_side {
    uint32_t n;
    struct ladder_rung rungs[HOGA_DEPTH_LIMIT]; /* best first */
};

/* Both sides, from one reading. */
struct ladder_rungs {
    struct ladder_side asks, bids;
};

struct ladder_levels { /* one book as it was read */
    hoga_id id;        /* HOGA_NO_ID: not carried */
    struct hoga_book book;
    struct hoga_level bids[HOGA_DEPTH_LIMIT], asks[HOGA_DEPTH_LIMIT];
    uint32_t n_bids, n_asks, depth; /* depth: levels a side that the segment can hold */
    uint8_t is_new;                 /* found, and not read yet */
    uint8_t is_day_new;             /* the same of its trades and the facts of its day */
};

struct ladder_window {
    int64_t top; /* index of the first row on the screen, in the list of asks from the worst and then bids */
    uint32_t n_rows;
    uint8_t is_centre_due;
    uint8_t is_scrolled;
    int pointer; /* row, -1 none */
};

struct hoga_ladder {
    struct hoga *h;
    struct hoga_ladder_view view;
    struct ladder_levels base, venue_grouped;
    struct ladder_rungs rungs[2]; /* the one shown, and the one before or to come */
    unsigned now;                 /* index of the one shown */
    struct ladder_window window;
    struct hoga_ladder_row rows[HOGA_LADDER_ROWS_MAX];
    struct hoga_level bids_read[HOGA_DEPTH_LIMIT], asks_read[HOGA_DEPTH_LIMIT];
    int64_t flash_until_boot_ns; /* 0: none is bright */
    int64_t chosen_price;
    uint64_t catalogue_version;
    uint64_t trades_next; /* for hoga_trades */
    uint8_t has_chosen;
    uint8_t is_new_book; /* nothing to compare with: no flashes */
    uint8_t is_dirty;    /* a setting has changed */
};

/* --- ladder_rows.c: pure ------------------------------------------------------------------------------------------ */

struct ladder_grouping {
    int64_t scale; /* from the book's mantissas to the view's */
    int64_t step;  /* at the view's decimals; 1: every level on its own */
};

/* Levels, best first, to rungs. Returns: 0, -ERANGE (nothing useful is left in ret). */
int ladder_side_make(const struct ladder_grouping *g, const struct hoga_level *levels, uint32_t n, int is_ask,
                     struct ladder_side *ret);
/* What differs from `before` flashes; what does not goes on with the flash it had. */
void ladder_side_flash(const struct ladder_side *before, struct ladder_side *io_now, int is_ask, int64_t now_boot_ns);
/* How bright, 0 .. HOGA_LADDER_FLASH_MAX. */
uint8_t ladder_flash(const struct ladder_rung *rung, int64_t now_boot_ns);
/* (price - from) / from in parts per million, half away from zero. Returns: 0, -EDOM from is not above 0, -ERANGE. */
int ladder_ppm(int64_t price, unsigned price_decimals, int64_t from, unsigned from_decimals, int64_t *ret_ppm);
/* part / whole in parts per million, half away from zero. Returns: 0, -EDOM whole is not above 0, -ERANGE. */
int ladder_share_ppm(__int128 part, __int128 whole, int64_t *ret_ppm);
struct hoga_wide ladder_widen(__int128 value);

/* --- ladder_window.c: pure ---------------------------------------------------------------------------------------- */

/* Where the rows begin, now that the list is `next` instead of `before`. */
void ladder_window_move(struct ladder_window *w, const struct ladder_rungs *before, const struct ladder_rungs *next);
/* The rows on the screen, from l->rungs[l->now]. */
void ladder_window_fill(struct hoga_ladder *l, int64_t now_boot_ns);

/* --- ladder_facts.c ------------------------------------------------------------------------------------------------
 */

/* Spread, sums, imbalance: of the base book. */
void ladder_facts(struct hoga_ladder *l);
/* The day's facts and the last trades. Returns: 1 they have changed, 0 not. */
int ladder_day_read(struct hoga_ladder *l);
/* The tick at this price, both at price_decimals. Returns: 0, -ENOENT not known, -ERANGE. */
int ladder_tick(const struct hoga_instrument *instrument, int64_t price, unsigned price_decimals, int64_t *ret_tick);

#endif
