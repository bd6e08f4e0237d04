/* SPDX-License-Identifier: MIT
 * scan.h - our JSON reader: one pass over the bytes, no allocation, no copy, no recursion. Takes and refuses exactly
 * what RFC 8259 does (UTF-8 by RFC 3629, no byte order mark), within two named limits. The caller walks: every value is
 * read by the function of its kind, or skipped, which checks it as strictly. Numbers become exact decimals. Pure; any
 * thread. Does not look for duplicate keys: the walker sees each, in order.
 * A failed call leaves the scanner of no use, unless the caller kept a copy of the struct and goes back to it. */
#ifndef HOGA_SCAN_H
#define HOGA_SCAN_H

#include "core/text.h"

#include <stddef.h>
#include <stdint.h>

#define SCAN_SIZE_MAX           (16u << 20) /* bytes of one message; a Coinbase snapshot is several MB */
#define SCAN_DEPTH_MAX          1000        /* containers inside each other; the oracle of tests/fuzz has the same */
#define SCAN_ESCAPED_NUMBER_MAX 512         /* bytes of a number given as a string that holds escapes */

struct scan {
    const char *at, *end;
    uint32_t depth;
    uint8_t is_first; /* the container just begun has given nothing yet */
};

/* The inside of a string as written; has_escape says that it must be read through the functions below. */
struct scan_string {
    const char *at;
    size_t size;
    uint8_t has_escape;
};

/* mantissa * 10^-decimals; without `fits` the number is well formed and beyond int64 or 18 decimals. */
struct scan_number {
    int64_t mantissa;
    uint8_t decimals;
    uint8_t fits;
    uint8_t is_negative; /* below zero; -0 is zero */
    uint8_t written;     /* decimals as the wire spelled it, at most 18; more than `decimals` where zeros did not fit */
};

enum scan_kind { SCAN_NONE, SCAN_OBJECT, SCAN_ARRAY, SCAN_STRING, SCAN_NUMBER, SCAN_WORD };

/* Returns: 0, -E2BIG above SCAN_SIZE_MAX. */
int scan_begin(struct scan *s, const char *bytes, size_t size);
/* Nothing but white space may be left. Returns: 0, -EBADMSG. */
int scan_finish(struct scan *s);

/* What begins here, after white space; SCAN_NONE if no value does. Says nothing about the rest of it. */
enum scan_kind scan_peek(struct scan *s);

/* Containers: begin, then next until it returns 0; each time it returns 1 read or skip exactly one value.
 * Returns: begin 0, next 1 or 0 at the end; -EBADMSG. */
int scan_object_begin(struct scan *s);
int scan_object_next(struct scan *s, struct scan_string *ret_key);
int scan_array_begin(struct scan *s);
int scan_array_next(struct scan *s);

/* One value of its kind. Returns: 0, -EBADMSG. */
int scan_string(struct scan *s, struct scan_string *ret);
int scan_number(struct scan *s, struct scan_number *ret);
int scan_word(struct scan *s); /* true, false, null */
/* A number, or a string that holds one and nothing else (no space around it). */
int scan_number_or_string(struct scan *s, struct scan_number *ret);
/* Any value, checked to its end. */
int scan_skip(struct scan *s);

/* Does the string, its escapes resolved, spell `word`? */
int scan_string_is(const struct scan_string *string, const char *word, size_t word_size);
/* Append the string with its escapes resolved, whole characters only; a lone surrogate and U+0000 as U+FFFD. */
void scan_string_add(const struct scan_string *string, struct text *io_text);

#endif
