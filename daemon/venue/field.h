/* SPDX-License-Identifier: MIT
 * field.h - reads a JSON object by a table of its keys, in whatever order they come: what an adapter says of a message
 * is that table. Unknown keys are checked and skipped; a key that comes twice counts as it came last; a value of
 * another kind than the table's is as good as absent. For adapters; pure. */
#ifndef HOGA_FIELD_H
#define HOGA_FIELD_H

#include "core/md_event.h"
#include "core/verdict.h"
#include "venue/rows.h"
#include "venue/scan.h"

enum field_kind {
    FIELD_STRING,  /* struct scan_string */
    FIELD_SYMBOL,  /* char[MD_SYMBOL_SIZE]; what cannot be a symbol is absent */
    FIELD_U64,     /* uint64_t; a whole number (1.5E1 is one) or a string that holds it, below 2^64 */
    FIELD_I64,     /* int64_t; the same, with a sign */
    FIELD_ID,      /* uint64_t; field_id of a string, or a whole number below 2^64 */
    FIELD_NUMBER,  /* struct scan_number; a number or a string that holds one */
    FIELD_TIME_S,  /* int64_t ns since the epoch; a number or string of seconds, with or without fraction */
    FIELD_TIME_MS, /* the same of milliseconds */
    FIELD_TIME_US,
    FIELD_TIME_MS_US, /* of milliseconds, or of microseconds where that would be beyond the year 2262 */
    FIELD_TIME_TEXT,  /* int64_t; RFC 3339 in UTC */
    FIELD_BOOL,       /* uint8_t */
    FIELD_VALUE,      /* struct scan at the value, whatever it is; it has been checked */
    FIELD_BIDS,       /* a side of `rows` */
    FIELD_ASKS,
};

struct field {
    const char *key;
    uint8_t kind;    /* enum field_kind */
    uint16_t offset; /* of the member in what `to` points to; none for FIELD_BIDS and FIELD_ASKS */
};
#define FIELD(key, kind, type, member)                                                                                 \
    {                                                                                                                  \
        (key), (kind), offsetof(type, member)                                                                          \
    }
#define FIELDS_MAX 32

/* Reads one object, from its brace to its brace. `rows` may be NULL where no row of the table is a side.
 * Units:   bit i of *ret_seen is set if fields[i] was there and of its kind.
 * Returns: 0, -EBADMSG no object or not JSON. Members that were not seen are unchanged. */
int fields_read(struct scan *s, const struct field *fields, unsigned n, void *to, struct rows *rows,
                uint32_t *ret_seen);

/* A message from its first byte to its last, read by `read` from the scanner, which is to take one value. `io_frame` is
 * empty, and is so again after a failure. Returns: 0, what `read` returns below 0, -E2BIG, -EBADMSG more behind it. */
int field_message(const char *bytes, size_t size, struct md_frame *io_frame,
                  int (*read)(struct scan *s, struct md_frame *io_frame));
/* An object, or a list of them, each read by `read`. Returns: 0, -EBADMSG, what `read` returns below 0. */
int field_objects(struct scan *s, struct md_frame *io_frame, int (*read)(struct scan *s, struct md_frame *io_frame));

/* Can a venue whose names are two parts of `letters` with one `separator` between them, itself one of the letters and
 * none of them a small one, have this symbol? Returns REASON_NONE, _SYMBOL_CASE, _SYMBOL_FORM. */
enum reason field_pair_check(const char *symbol, char separator, const char *letters);

/* The string as a symbol: printable ASCII without blanks, short enough. Returns: 0, -EBADMSG. */
int field_symbol(const struct scan_string *string, char ret[MD_SYMBOL_SIZE]);
/* Value by value, each as the scanner stands; whatever stands there is stepped over.
 * Returns: 1 it is of the kind, 0 it is not, -EBADMSG not JSON. */
int field_u64(struct scan *s, uint64_t *ret);
int field_time(struct scan *s, enum field_kind kind, int64_t *ret_ns);
/* The value of `name` in a URL's query, as it stands there; ret_size bytes with the NUL.
 * Returns: 0, -EBADMSG absent, empty or too long. */
int field_query(const char *url, const char *name, char *ret, size_t ret_size);
/* A string with escapes becomes the text they make, in `memory`; without, or too long for it, it stays as it is. For
 * names that are looked into; field_is and field_symbol resolve what they are given. */
void field_resolve(struct scan_string *io_string, char *memory, size_t size);
/* Does the string spell `word`? */
int field_is(const struct scan_string *string, const char *word);
/* A trade's id: its digits where it is a number below 2^64, else a hash of its text. */
uint64_t field_id(const struct scan_string *string);
/* "NAME: message" of an error into the event: either may be NULL. */
void field_error(struct md_event *event, enum reason reason, const struct scan_string *name,
                 const struct scan_string *message);
/* One more event, zeroed, or NULL when the frame is full. It counts only after n_events has been raised. */
struct md_event *field_event(struct md_frame *frame, enum md_kind kind);
/* An event of this kind that says nothing more. Returns: 0, -E2BIG. */
int field_plain(struct md_frame *frame, enum md_kind kind);
/* One more trade of the event, NULL when the frame is full. */
struct md_trade *field_trade(struct md_frame *frame, struct md_event *event);
/* Price and size of a trade. Returns: 0, -EBADMSG one of them cannot be held exactly or is below zero. */
int field_trade_numbers(struct md_trade *trade, const struct scan_number *price, const struct scan_number *size);
/* The event's last trade cannot be held or is none: it is left out and counted, the message stands. */
void field_trade_drop(struct md_frame *frame, struct md_event *event);
/* The event of this symbol's trades: the frame's last one, if it is of the same, else a new one, which counts already.
 * NULL when the frame is full. */
struct md_event *field_trades_event(struct md_frame *frame, const char *symbol, int is_snapshot);
/* One more trade of the event; one without both numbers (NULL: absent), or that cannot be held, is left out and
 * counted. Returns: 1 and *ret, 0 left out, -E2BIG the frame is full. */
int field_trade_add(struct md_frame *frame, struct md_event *event, const struct scan_number *price,
                    const struct scan_number *size, struct md_trade **ret);
/* Oldest first, where the venue sent them by falling ids. */
void field_trades_order(struct md_frame *frame, const struct md_event *event);
/* The event's facts of the day, none of them known yet; NULL when the frame is full. */
struct md_day *field_day(struct md_frame *frame, struct md_event *event);
/* One more event, of facts of the symbol's day, none of them known yet; it counts already. NULL when the frame is full.
 */
struct md_day *field_day_event(struct md_frame *frame, const char *symbol, enum md_period period, int64_t venue_ns);
/* One fact, if it can be held and is not below zero (a change may be). */
void field_fact(struct md_day *day, enum md_fact fact, const struct scan_number *number);

/* Which fact a FIELD_NUMBER of a table is; its bit in `seen` as fields_read sets it. */
struct field_day_row {
    uint32_t bit;
    uint16_t offset; /* of the struct scan_number in what `from` points to */
    uint8_t fact;    /* enum md_fact */
};
/* Each fact of the rows that was seen. */
void field_facts(struct md_day *day, const struct field_day_row *rows, unsigned n, const void *from, uint32_t seen);

#endif
