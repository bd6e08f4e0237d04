/* SPDX-License-Identifier: MIT
 * oracle.h - what judges the decoder in the fuzz targets: JSON by RFC 8259 to the letter, slow, recursive, with memory
 * of its own; numbers as strings of digits. Shares no code with daemon/. One document at a time. */
#ifndef ORACLE_H
#define ORACLE_H

#include <stddef.h>
#include <stdint.h>

#define ORACLE_SIZE_MAX  8192 /* larger inputs are left out */
#define ORACLE_DEPTH_MAX 1000

enum oracle_kind { ORACLE_OBJECT, ORACLE_ARRAY, ORACLE_STRING, ORACLE_NUMBER, ORACLE_WORD };

struct oracle_node {
    enum oracle_kind kind;
    const char *at; /* as written: a string without its quotes */
    size_t size;
    char *key, *string; /* resolved, ended by NUL: \u0000 and lone surrogates as U+FFFD */
    size_t key_size, string_size;
    struct oracle_node *child, *next;
};

/* value = digits * 10^-scale; no zeros around the digits, none at all for zero. */
struct oracle_number {
    int is_negative;
    size_t n;
    char digits[ORACLE_SIZE_MAX];
    int64_t scale;
};

/* NULL: not JSON. Valid until the next call. */
struct oracle_node *oracle_json(const char *text, size_t size);
/* The last child of that key, NULL. */
struct oracle_node *oracle_get(const struct oracle_node *object, const char *key);
/* Returns 0, -1 not a number of RFC 8259. */
int oracle_number(const char *text, size_t size, struct oracle_number *ret);
/* Does |number| * 10^decimals fit an int64, whole? */
int oracle_fits(const struct oracle_number *number, unsigned decimals);
int oracle_equal(const struct oracle_number *a, const struct oracle_number *b);

/* A finding: says which line and stops, in every build. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : oracle_fail(__FILE__, __LINE__, #condition))
void oracle_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
