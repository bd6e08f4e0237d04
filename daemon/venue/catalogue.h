/* SPDX-License-Identifier: MIT
 * catalogue.h - a venue's whole instrument list, from REST: where it is asked for, and how a row of the answer reads,
 * as tables (catalogues.c). An answer is read a row at a time, so that a list of many megabytes can be taken in turns.
 * Pure; no clock, no socket, no allocation. Does not decide what is subscribed. */
#ifndef HOGA_VENUE_CATALOGUE_H
#define HOGA_VENUE_CATALOGUE_H

#include "core/md_instrument.h"
#include "venue/scan.h"

#define CATALOGUE_LIST_DEPTH  3   /* objects around the list */
#define CATALOGUE_CURSOR_SIZE 128 /* bytes with the NUL */

struct catalogue_field;
/* Reads one value, whatever it is, into `to`. Returns: 0, -EBADMSG not JSON; of another kind: nothing is known. */
typedef int (*catalogue_take_fn)(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);

struct catalogue_field {
    const char *key;
    catalogue_take_fn take;
    uint16_t offset, size; /* of the member, for those that have one */
    const void *more;      /* struct catalogue_table, or struct catalogue_word up to one without word */
};

struct catalogue_table {
    const struct catalogue_field *fields;
    uint32_t n;
};

/* One request, or a row of them. */
struct catalogue_part {
    const char *path;                       /* and query */
    uint8_t names_symbols;                  /* symbols follow, separated by commas; rows add to what is known of them */
    uint16_t symbols_max;                   /* in one request of that kind */
    const char *cursor;                     /* key, beside or around the list, of where the next page begins; */
    const char *cursor_query;               /* "&cursor=" */
    uint16_t weight;                        /* of REST budget */
    const char *list[CATALOGUE_LIST_DEPTH]; /* keys to the list, outermost first; none: the answer is the list */
    uint8_t is_keyed;                       /* 1: the rows are the members of an object, whatever their keys */
    struct catalogue_table row;
    void (*finish)(struct md_instrument *io); /* what follows from the rest; NULL */
};

struct venue_catalogue {
    const struct catalogue_part *parts; /* those that name symbols come last */
    uint32_t n_parts;
    uint8_t is_complete; /* what it does not list the venue does not have */
};

struct catalogue_scan {
    const struct catalogue_part *part;
    struct scan s;
    uint32_t depth;     /* objects entered */
    uint32_t n_skipped; /* rows whose symbol cannot be one of ours */
    char cursor[CATALOGUE_CURSOR_SIZE];
};

/* Path and query of a request. `symbols` are those of a part that names them, at most symbols_max; as many as fit are
 * taken, *ret_n says how many. `cursor` "": the first page.
 * Returns: 0, -ENOBUFS not even the first fits. */
int catalogue_path(struct text *text, const struct catalogue_part *part, const char *const *symbols, uint32_t n,
                   const char *cursor, uint32_t *ret_n);
/* To the first row of an answer, which must stay where it is until the last one was read.
 * Returns: 0, -EBADMSG not JSON or no list where it should be, -E2BIG. */
int catalogue_begin(struct catalogue_scan *cs, const struct catalogue_part *part, const char *bytes, size_t size);
/* One row. Returns: 1, 0 there is none left and the answer ended as it should, -EBADMSG. */
int catalogue_next(struct catalogue_scan *cs, struct md_instrument *ret);

/* --- for catalogues.c --- */

struct catalogue_word { /* of a status */
    const char *word;
    uint8_t listing; /* enum md_listing */
};

/* Text as written, whole characters; a number's digits are text too. */
int catalogue_take_text(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_symbol(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* A number at or above zero, or a string that holds one. */
int catalogue_take_number(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* The same as a count of decimals: 8 is 0.00000001. */
int catalogue_take_digits(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* One tick for all prices, as a number, as a count of decimals, or of the present price alone. */
int catalogue_take_tick(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_tick_digits(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_tick_now(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* A list of steps; 0, which means none, is left out. */
int catalogue_take_groups(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* The word, and what it means by the table; one that is not there means nothing. */
int catalogue_take_status(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* An object of its own table; a list of such objects, each of which may add. */
int catalogue_take_object(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_objects(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
/* true: 유의. An object of booleans: those that are true are words of 주의. A word other than NONE: 유의. */
int catalogue_take_warning(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_cautions(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);
int catalogue_take_warning_word(struct scan *s, const struct catalogue_field *field, struct md_instrument *to);

extern const struct venue_catalogue catalogue_upbit, catalogue_bithumb, catalogue_coinone, catalogue_korbit,
    catalogue_binance, catalogue_binance_usdm, catalogue_binance_coinm, catalogue_okx, catalogue_bybit,
    catalogue_bybit_linear, catalogue_kraken, catalogue_coinbase, catalogue_coinbase_adv, catalogue_bitget,
    catalogue_gateio;

#endif
