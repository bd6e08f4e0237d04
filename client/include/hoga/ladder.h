/* SPDX-License-Identifier: MIT
 * ladder.h - what an order-book window (호가창) shows, worked out without a window: rows around the spread, sums, bars,
 * changes, flashes, order arithmetic. A terminal, a GTK window and a Qt widget draw the same view. C11 and C++.
 *
 *     struct hoga_ladder *l;
 *     hoga_ladder_new(h, &l);
 *     hoga_ladder_name_set(l, "upbit:KRW-BTC");
 *     hoga_ladder_rows_set(l, 20);
 *     ... at display rate, from any timer:
 *     if (hoga_ladder_update(l, 0) > 0)
 *         draw(hoga_ladder_view(l));
 *
 * A ladder belongs to the thread of its handle and reads nothing but that handle's segment: no task, no lock, nothing
 * to stop. While nothing has changed an update costs one look at the book's head. All numbers are integers: prices and
 * sizes are mantissas at the view's decimals, sums are 128 bits wide, shares are parts per million, rounded half away
 * from zero. What neither the catalogue nor the day's facts hold is marked as absent (has_), never guessed. */
#ifndef HOGA_LADDER_H
#define HOGA_LADDER_H

#include <hoga/hoga.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define HOGA_LADDER_ROWS_MAX   512                /* rows of one screen */
#define HOGA_LADDER_TRADES_MAX 64                 /* last trades in a view */
#define HOGA_LADDER_STEPS_MAX  24                 /* steps that a book can be grouped by */
#define HOGA_LADDER_FLASH_MAX  255                /* just changed */
#define HOGA_LADDER_BAR_MAX    1000               /* the largest value in the column shown */
#define HOGA_LADDER_FLASH_NS   INT64_C(800000000) /* from just changed to 0 */

struct hoga_ladder;

enum hoga_ladder_side {                       /* of a row */
                        HOGA_LADDER_NONE = 0, /* nothing is known here: above the last ask, below the last bid */
                        HOGA_LADDER_ASK = 1,
                        HOGA_LADDER_BID = 2
};

/* What the column of amounts shows: a set of bits. */
#define HOGA_LADDER_MONEY 1u /* 금액: price x size, in the quote currency; else 수량, the size */
#define HOGA_LADDER_TOTAL 2u /* from the best row to this one; else of this row alone */

struct hoga_ladder_row {
    uint8_t side; /* enum hoga_ladder_side; of a NONE row nothing else means anything */
    uint8_t is_best;
    uint8_t is_last;   /* the last trade's price is here */
    uint8_t is_chosen; /* hoga_ladder_choose */
    uint8_t has_change;
    uint8_t flash;               /* HOGA_LADDER_FLASH_MAX: its size has just changed; falls to 0 */
    int8_t flash_way;            /* 1 it grew or is new, -1 it shrank */
    uint16_t bar;                /* 0..HOGA_LADDER_BAR_MAX: share of the largest value in the column shown */
    int64_t price;               /* at price_decimals; grouped: asks up, bids down to the step */
    int64_t change_ppm;          /* against the previous close, if has_change: 10000 is 1 % */
    struct hoga_wide amount;     /* what the column of amounts shows of the next four, at amount_decimals */
    struct hoga_wide size;       /* at size_decimals */
    struct hoga_wide money;      /* at money_decimals; of a group the sum over its levels */
    struct hoga_wide total_size; /* from the best row of its side to this one */
    struct hoga_wide total_money;
};

struct hoga_ladder_view {
    uint64_t version; /* grows whenever an update returned 1 */
    char name[HOGA_NAME_SIZE];
    uint8_t is_found;              /* hogad carries it; else all that follows is empty */
    uint8_t is_frozen;             /* the rows are those of frozen_ns; state and ages below go on */
    uint8_t is_held;               /* rows keep their place: a pointer is on them, or they were scrolled */
    uint8_t is_grouped_by_venue;   /* the rows are the venue's own grouped book */
    uint8_t state, reason, source; /* the worse of the two books below: show this one */
    uint8_t column;                /* HOGA_LADDER_ bits */
    struct hoga_book book;         /* the book itself; order arithmetic uses its levels */
    struct hoga_book shown;        /* the book that the rows come from; the same unless is_grouped_by_venue */
    int64_t frozen_ns;             /* CLOCK_REALTIME */
    unsigned price_decimals, size_decimals, money_decimals, amount_decimals;
    char step[HOGA_DECIMAL_SIZE];       /* "": every level on its own */
    char wanted[HOGA_NAME_SIZE];        /* a grouped book of the venue that would show more: subscribe to it; "" none */
    const struct hoga_ladder_row *rows; /* n_rows, from the highest price; until the next call with this ladder */
    uint32_t n_rows;
    uint32_t boundary;         /* index of the first row below the spread, 0 .. n_rows */
    uint32_t n_above, n_below; /* rows that lie above the first and below the last one shown */
    int8_t spread_way;         /* the spread lies -1 above, 1 below the rows shown; 0 between them */

    uint8_t has_spread, has_spread_ticks, has_imbalance, has_instrument, has_day;
    int64_t spread;                      /* at price_decimals */
    int64_t spread_ppm;                  /* of the mid */
    int64_t spread_ticks;                /* where the tick is known and the same on both sides */
    int64_t imbalance_ppm;               /* (bids - asks) / (bids + asks), over the kept levels: -1000000 .. 1000000 */
    struct hoga_wide ask_size, bid_size; /* of all kept levels, at size_decimals */
    struct hoga_wide ask_money, bid_money; /* at money_decimals */
    struct hoga_instrument instrument;     /* if has_instrument */
    struct hoga_day day;                   /* if has_day; each of its facts says whether it is known */
    uint8_t has_last_change;               /* the last price against the previous close, or what the venue says of it */
    int64_t last_change_ppm;
    uint32_t n_trades; /* newest first */
    struct hoga_trade trades[HOGA_LADDER_TRADES_MAX];
};

/* --- life ------------------------------------------------------------------------------------------------------- */

/* Owns:    *ret; free before its handle is closed. The handle stays the caller's and may be used beside it.
 * Returns: 0, -ENOMEM. */
int hoga_ladder_new(struct hoga *h, struct hoga_ladder **ret);
struct hoga_ladder *hoga_ladder_free(struct hoga_ladder *l); /* takes NULL, returns NULL */

/* Another book, at once. One that hogad does not carry (yet) shows as not found, and appears when it comes.
 * Returns: 0, -EINVAL no colon or too long (nothing changed). */
int hoga_ladder_name_set(struct hoga_ladder *l, const char *name);

/* Read what is new. now_boot_ns: CLOCK_BOOTTIME, 0: read the clock here.
 * Returns: 1 draw it anew (rows, verdict, facts or flashes differ); 0 only ages have moved. */
int hoga_ladder_update(struct hoga_ladder *l, int64_t now_boot_ns);
/* Never NULL; holds until the next call with this ladder. */
const struct hoga_ladder_view *hoga_ladder_view(const struct hoga_ladder *l);

/* --- what is shown; each takes effect with the next update -------------------------------------------------------- */

void hoga_ladder_rows_set(struct hoga_ladder *l, uint32_t n_rows); /* cut to HOGA_LADDER_ROWS_MAX */
void hoga_ladder_column_set(struct hoga_ladder *l, unsigned column);
/* `step` a decimal above 0; NULL or "": every level. The rows are centred anew.
 * Returns: 0, -EINVAL no such decimal. */
int hoga_ladder_group_set(struct hoga_ladder *l, const char *step);
/* `by` steps coarser (above 0) or finer along hoga_ladder_steps. Returns: as hoga_ladder_group_set. */
int hoga_ladder_group_move(struct hoga_ladder *l, int by);
/* Steps that make sense for this book, finest first: the venue's own where it lists them, else 1, 2 and 5 times a power
 * of ten from the tick (or a hundred thousandth of the price) up. Returns: how many. */
uint32_t hoga_ladder_steps(const struct hoga_ladder *l, char ret_steps[HOGA_LADDER_STEPS_MAX][HOGA_DECIMAL_SIZE]);
/* Rows stay as they are until thawed; the verdict does not. */
void hoga_ladder_freeze(struct hoga_ladder *l, int is_frozen);

/* Rows keep their prices as long as both best prices are among them; then they move just so far that they are again.
 * They are put in the middle only by this call (and by another book, step or number of rows). */
void hoga_ladder_centre(struct hoga_ladder *l);
/* Up (above 0) or down; from then on they do not move at all until hoga_ladder_centre. */
void hoga_ladder_scroll(struct hoga_ladder *l, int n_rows);
/* The pointer is on this row, or (-1) on none: the price under it stays there whatever the market does. */
void hoga_ladder_pointer(struct hoga_ladder *l, int row);
/* Mark the price of this row, wherever it goes; -1: none. */
void hoga_ladder_choose(struct hoga_ladder *l, int row);

/* --- order arithmetic, on the book itself, never on groups ---------------------------------------------------------
 */

struct hoga_ladder_order {
    uint8_t is_buy;                        /* it takes asks */
    uint8_t is_partly;                     /* the kept levels hold only `filled` of it: what follows is of that part */
    uint8_t has_minimum, is_below_minimum; /* the venue's minimum, by size or by value */
    int64_t size, filled;                  /* at size_decimals */
    int64_t average;                       /* at average_decimals, rounded against the taker */
    unsigned average_decimals;
    int64_t worst;          /* the last level taken, at the book's price_decimals */
    int64_t impact_ppm;     /* average against the best price: what the size costs; never below 0 */
    struct hoga_wide money; /* at the book's price_decimals + size_decimals, exact */
    struct hoga_wide fee;   /* at the same decimals, rounded up */
    struct hoga_wide sum;   /* what is paid (money + fee) or received (money - fee) */
};

/* Taking `size` (mantissa at the book's size_decimals, above 0) now. fee_e8: the rate, 100000000 is all of it.
 * Returns: 0, -EINVAL, -ENODATA no levels on that side or not found, -ERANGE. */
int hoga_ladder_order(const struct hoga_ladder *l, int is_buy, int64_t size, uint32_t fee_e8,
                      struct hoga_ladder_order *ret);
/* Taking all that stands up to and including this row: of an ask row a buy, of a bid row a sale.
 * Returns: as above; -EINVAL no row with a price. */
int hoga_ladder_order_to(const struct hoga_ladder *l, int row, uint32_t fee_e8, struct hoga_ladder_order *ret);

/* --- grouping, for whoever draws no ladder --------------------------------------------------------------------------
 */

/* `price` to a multiple of `step` (> 0): up, or down, also below zero. Returns: 0, -EINVAL, -ERANGE. */
int hoga_group_price(int64_t price, int64_t step, int is_up, int64_t *ret_price);
/* A step as text at the fewest decimals that hold it, not below `decimals_min`. Returns: 0, -EINVAL no decimal above 0.
 */
int hoga_group_step(const char *text, unsigned decimals_min, unsigned *ret_decimals, int64_t *ret_step);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
