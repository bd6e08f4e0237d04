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
#define SCAN_INLINE    static inline __attribute__((always_inline))

/* Eight bytes, the first in the lowest byte on every machine. */
SCAN_INLINE uint64_t scan_load8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

SCAN_INLINE uint32_t scan_load4(const char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

SCAN_INLINE uint16_t scan_load2(const char *at)
{
    uint16_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

/* Step over `word` if it stands here to the letter. Its size is a constant where this is inlined, so that this becomes
 * a few comparisons with immediate words and one branch. */
SCAN_INLINE int scan_expect(struct scan *s, const char *word, size_t size)
{
    const char *at = s->at;
    uint64_t differs = 0;
    size_t i = 0;

    if ((size_t)(s->end - at) < size)
        return 0;
    for (; i + 8 <= size; i += 8)
        differs |= scan_load8(at + i) ^ scan_load8(word + i);
    if (i < size && size >= 8) {
        differs |= scan_load8(at + size - 8) ^ scan_load8(word + size - 8);
    } else if (i < size && size >= 4) { /* two that overlap */
        differs = (scan_load4(at) ^ scan_load4(word)) | (scan_load4(at + size - 4) ^ scan_load4(word + size - 4));
    } else if (i < size && size >= 2) {
        differs = (uint64_t)(scan_load2(at) ^ scan_load2(word)) |
                  (uint64_t)(scan_load2(at + size - 2) ^ scan_load2(word + size - 2));
    } else if (i < size) {
        differs = (uint64_t)((unsigned char)*at ^ (unsigned char)*word);
    }
    if (differs)
        return 0;
    s->at = at + size;
    return 1;
}

/* Bytes of a number and of what stands behind it that may be looked at without asking again: 15 digits, a point, 15
 * more, an exponent. A number so near to the end of a message takes the general road. */
#define SCAN_FAST_REACH 32

/* High bits of the bytes that are no digits, '0'..'9' already taken off. A byte above 9 shows its high bit when 0x76 is
 * added; a carry can only spoil bytes behind the first such one, and only the first counts. */
SCAN_INLINE uint64_t scan_digits_end(uint64_t digits)
{
    return ((digits + 0x76 * SCAN_EACH_BYTE) | digits) & SCAN_HIGH_BITS;
}

/* The value of eight digits, the first in the lowest byte: added up in pairs, fours and eights. */
SCAN_INLINE uint64_t scan_digits_value(uint64_t digits)
{
    digits = digits * (1 + (10 << 8)) >> 8 & 0x00ff00ff00ff00ffu;
    digits = digits * (1 + (100 << 16)) >> 16 & 0x0000ffff0000ffffu;
    return digits * (1 + (UINT64_C(10000) << 32)) >> 32;
}

/* A run of 1..15 digits, put behind those already in the value. Returns where it ends, NULL for the general road. */
SCAN_INLINE const char *scan_run_fast(const char *at, uint64_t *io_value)
{
    uint64_t digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE, end = scan_digits_end(digits);
    unsigned bits;

    if (end == 0) {
        *io_value = *io_value * 100000000 + scan_digits_value(digits);
        at += 8;
        if ((unsigned char)(*at - '0') > 9)
            return at;
        digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE;
        end = scan_digits_end(digits);
    }
    /* Bits of the digits: none would be shifted by 64 below, all are a run too long. */
    bits = end ? (unsigned)__builtin_ctzll(end) - 7 : 0;
    if (bits == 0)
        return NULL;
    *io_value = *io_value * (uint64_t)decimal_pow10[bits / 8] + scan_digits_value(digits << (64 - bits));
    return at + bits / 8;
}

/* An exponent of one or two digits, applied to a value of at most 18. Returns where it ends, NULL for the general
 * road. */
static inline const char *scan_exponent_fast(const char *at, uint64_t *io_value, int *io_decimals)
{
    int exponent, is_negative, decimals;

    is_negative = *at == '-';
    at += is_negative || *at == '+';
    if ((unsigned char)(*at - '0') > 9)
        return NULL;
    exponent = *at++ - '0';
    if ((unsigned char)(*at - '0') <= 9)
        exponent = exponent * 10 + (*at++ - '0');
    decimals = *io_decimals - (is_negative ? -exponent : exponent);
    if (decimals < 0) {
        if (decimals < -DECIMAL_DECIMALS_MAX ||
            __builtin_mul_overflow(*io_value, (uint64_t)decimal_pow10[-decimals], io_value) || *io_value > INT64_MAX)
            return NULL;
        decimals = 0;
    }
    if (decimals > DECIMAL_DECIMALS_MAX || (unsigned char)(*at - '0') <= 9)
        return NULL;
    *io_decimals = decimals;
    return at;
}

/* A number as venues write them: at most 18 digits, not negative, not at the end of the message. Returns 1, or 0 and
 * nothing moved. */
SCAN_INLINE int scan_number_fast(struct scan *s, struct scan_number *ret)
{
    const char *at = s->at, *point;
    uint64_t value = 0;
    int decimals = 0;

    if (s->end - at < SCAN_FAST_REACH)
        return 0;
    if (at[1] == '.') { /* the usual size, and every price with an exponent */
        value = (unsigned char)(*at - '0');
        if (value > 9)
            return 0;
        at++;
    } else {
        at = scan_run_fast(at, &value);
        if (!at || (*s->at == '0' && at - s->at > 1))
            return 0;
    }
    if (*at == '.') {
        point = at;
        at = scan_run_fast(at + 1, &value);
        if (!at || at - s->at > DECIMAL_DECIMALS_MAX + 1)
            return 0;
        decimals = (int)(at - point) - 1;
    }
    if ((*at | 0x20) == 'e') {
        at = scan_exponent_fast(at + 1, &value, &decimals);
        if (!at)
            return 0;
    }
    *ret = (struct scan_number){ (int64_t)value, (uint8_t)decimals, 1, 0, (uint8_t)decimals };
    s->at = at;
    return 1;
}

/* The same in a column of numbers of mostly one size. Where the next one's row goes on hangs on where this number ends,
 * and that on its bytes: a chain through the whole message that the processor could only follow step by step. If the
 * end is where the column's last number had it, the comparison says so later and reading goes on meanwhile. To the
 * compiler that is the same place twice over, so what it compares with is hidden from it. */
SCAN_INLINE int scan_number_column(struct scan *s, size_t *io_size, struct scan_number *ret)
{
    const char *start = s->at;
    size_t expected = *io_size;

    if (!scan_number_fast(s, ret))
        return 0;
    __asm__("" : "+r"(expected));
    if (__builtin_expect(expected != (size_t)(s->at - start), 0)) {
        *io_size = (size_t)(s->at - start);
        __asm__("" : "+r"(*io_size)); /* a branch, not a choice of two values, which would be a link of the chain */
    }
    s->at = start + *io_size;
    return 1;
}

#endif
