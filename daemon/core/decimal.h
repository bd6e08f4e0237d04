/* SPDX-License-Identifier: MIT
 * decimal.h - exact decimals from text and to text. Pure; no floating point, no allocation, no locale. */
#ifndef HOGA_DECIMAL_H
#define HOGA_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_DECIMALS_MAX 18
#define DECIMAL_TEXT_SIZE    24 /* the longest formatted value with its NUL */

/* A number as written: mantissa * 10^-decimals; decimals 0..18 where `fits`. */
struct decimal {
    int64_t mantissa;
    uint8_t decimals;
};

/* One JSON number (RFC 8259: no leading plus, no leading zeros, exponent allowed), the whole of text[0..size).
 * Returns: 0; -EBADMSG no such number; -ERANGE it needs more than 18 decimals or more than an int64 can hold. The
 *          fewest decimals that hold the value are used when trailing zeros would not fit, else those written. */
int decimal_parse(const char *text, size_t size, struct decimal *ret);
/* The same, at a fixed number of decimals. -ERANGE if it does not fit exactly. */
int decimal_parse_at(const char *text, size_t size, unsigned decimals, int64_t *ret_mantissa);
/* mantissa at `from` decimals, as a mantissa at `to`. -ERANGE if that overflows or would round. */
int decimal_rescale(int64_t mantissa, unsigned from, unsigned to, int64_t *ret);
/* Fewest decimals that still hold the value exactly. */
unsigned decimal_minimal(int64_t mantissa, unsigned decimals);
/* Canonical: no exponent, no trailing zeros, no needless point ("0.5", "116501000", "-3"). Returns the length. */
size_t decimal_format(int64_t mantissa, unsigned decimals, char ret_text[DECIMAL_TEXT_SIZE]);

extern const int64_t decimal_pow10[DECIMAL_DECIMALS_MAX + 1];

#endif
