/* SPDX-License-Identifier: MIT
 * scan_fast.h - the parts of scan that must be inlined into an adapter's hot loop: eight bytes at a time in a plain
 * 64-bit register, no special instructions, no branch per byte. Each either does the whole job or says that the
 * general road (scan.c) must; it never refuses anything itself. For daemon/venue only. */
#ifndef HOGA_SCAN_FAST_H
#define HOGA_SCAN_FAST_H

#include "core/decimal.h"
#include "venue/scan.h"

#include <string.h>

#define SCAN_EACH_BYTE 0x0101010101010101u
#define SCAN_HIGH_BITS 0x8080808080808080u

/* Eight bytes, the first in the lowest byte on every machine. */
static inline uint64_t scan_load8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Step over `word` if it stands here to the letter. */
static inline int scan_expect(struct scan *s, const char *word, size_t size)
{
    if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
        return 0;
    s->at += size;
    return 1;
}

/* Digits at the front of eight bytes, '0'..'9' already taken off: 0..8. A byte above 9 shows its high bit when 0x76 is
 * added; a carry can only spoil bytes behind the first such one, and only the first counts. */
static inline unsigned scan_digits_count(uint64_t digits)
{
    uint64_t other = ((digits + 0x76 * SCAN_EACH_BYTE) | digits) & SCAN_HIGH_BITS;

    return other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
}

/* The value of the first n (1..8) of eight digits: shifted to the end so that zeros stand in front, then added up in
 * pairs, fours and eights. */
static inline uint64_t scan_digits_value(uint64_t digits, unsigned n)
{
    digits <<= 8 * (8 - n);
    digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffu;
    digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffu;
    return (digits * 10000 + (digits >> 32)) & 0xffffffffu;
}

/* A run of 1..16 digits. Returns how many, 0 for the general road. */
static inline unsigned scan_digits_fast(const char *at, const char *end, uint64_t *ret)
{
    uint64_t digits, value;
    unsigned n, more;

    if (end - at < 8)
        return 0;
    digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE;
    n = scan_digits_count(digits);
    if (n == 0)
        return 0;
    value = scan_digits_value(digits, n);
    if (n == 8) {
        if (end - at < 16)
            return 0;
        digits = scan_load8(at + 8) ^ '0' * SCAN_EACH_BYTE;
        more = scan_digits_count(digits);
        if (more == 8)
            return 0;
        if (more > 0)
            value = value * (uint64_t)decimal_pow10[more] + scan_digits_value(digits, more);
        n += more;
    }
    *ret = value;
    return n;
}

/* An exponent of one or two digits, applied to a value of at most 18 digits. Returns where it ends, NULL for the
 * general road. */
static inline const char *scan_exponent_fast(const char *at, const char *end, uint64_t *io_value, unsigned *io_decimals)
{
    int exponent, is_negative, decimals;

    if (end - at < 4)
        return NULL;
    is_negative = *at == '-';
    at += is_negative || *at == '+';
    if ((unsigned char)(*at - '0') > 9)
        return NULL;
    exponent = *at++ - '0';
    if ((unsigned char)(*at - '0') <= 9)
        exponent = exponent * 10 + (*at++ - '0');
    if ((unsigned char)(*at - '0') <= 9)
        return NULL;
    decimals = (int)*io_decimals - (is_negative ? -exponent : exponent);
    if (decimals < 0) {
        if (decimals < -DECIMAL_DECIMALS_MAX ||
            __builtin_mul_overflow(*io_value, (uint64_t)decimal_pow10[-decimals], io_value) || *io_value > INT64_MAX)
            return NULL;
        decimals = 0;
    }
    if (decimals > DECIMAL_DECIMALS_MAX)
        return NULL;
    *io_decimals = (unsigned)decimals;
    return at;
}

/* A number as venues write them: at most 18 digits, not negative, at least one byte behind it. Returns 1, or 0 and
 * nothing moved. */
static inline int scan_number_fast(struct scan *s, struct scan_number *ret)
{
    const char *at = s->at, *end = s->end;
    uint64_t value, fraction;
    unsigned n, n_fraction = 0;

    n = scan_digits_fast(at, end, &value);
    if (n == 0 || (*at == '0' && n > 1))
        return 0;
    at += n;
    if (*at == '.') {
        n_fraction = scan_digits_fast(at + 1, end, &fraction);
        if (n_fraction == 0 || n + n_fraction > DECIMAL_DECIMALS_MAX)
            return 0;
        value = value * (uint64_t)decimal_pow10[n_fraction] + fraction;
        at += 1 + n_fraction;
    }
    if ((*at | 0x20) == 'e') {
        at = scan_exponent_fast(at + 1, end, &value, &n_fraction);
        if (!at)
            return 0;
    }
    *ret = (struct scan_number){ (int64_t)value, (uint8_t)n_fraction, 1, 0 };
    s->at = at;
    return 1;
}

#endif
