/* SPDX-License-Identifier: MIT */
#include "venue/checksum.h"

#include "core/crc32.h"
#include "core/decimal.h"

#include <string.h>

#define INTERLEAVED_LEVELS 25
#define DIGITS_LEVELS      10
#define NUMBER_SIZE        40 /* 19 digits, 18 zeros behind them, a point, a zero in front of it, a separator */

/* The digits of a value that is not below zero, without leading zeros; none for zero. Returns their end. */
static char *digits_put(char *to, uint64_t value)
{
    char reversed[20];
    size_t n = 0;

    for (; value > 0; value /= 10)
        reversed[n++] = (char)('0' + value % 10);
    while (n > 0)
        *to++ = reversed[--n];
    return to;
}

/* A number at no more decimals than the wire had, and the zeros which that leaves out at its end: the book keeps more
 * decimals than were written, or fewer where all of a message did not fit. */
struct wire_number {
    uint64_t mantissa;
    unsigned decimals, n_zeros;
};

static struct wire_number wire_number(int64_t mantissa, unsigned decimals, unsigned wire_decimals)
{
    if (wire_decimals >= decimals)
        return (struct wire_number){ (uint64_t)mantissa, decimals, wire_decimals - decimals };
    return (struct wire_number){ (uint64_t)(mantissa / decimal_pow10[decimals - wire_decimals]), wire_decimals, 0 };
}

static char *zeros_put(char *to, unsigned n)
{
    memset(to, '0', n);
    return to + n;
}

/* The number with its point, as "0.00002314" or "8476.980". */
static char *number_put(char *to, int64_t mantissa, unsigned decimals, unsigned wire_decimals)
{
    struct wire_number wire = wire_number(mantissa, decimals, wire_decimals);
    uint64_t scale = (uint64_t)decimal_pow10[wire.decimals];
    char fraction[NUMBER_SIZE];
    unsigned n;

    if (wire.mantissa / scale == 0)
        *to++ = '0';
    to = digits_put(to, wire.mantissa / scale);
    if (wire_decimals == 0)
        return to;
    *to++ = '.';
    n = (unsigned)(digits_put(fraction, wire.mantissa % scale) - fraction);
    to = zeros_put(to, wire.decimals - n);
    memcpy(to, fraction, n);
    return zeros_put(to + n, wire.n_zeros);
}

/* Without point and leading zeros. */
static char *bare_put(char *to, int64_t mantissa, unsigned decimals, unsigned wire_decimals)
{
    struct wire_number wire = wire_number(mantissa, decimals, wire_decimals);

    return zeros_put(digits_put(to, wire.mantissa), wire.mantissa > 0 ? wire.n_zeros : 0);
}

static char *level_put(char *to, const struct venue_book_side *side, uint32_t i)
{
    uint16_t digits = side->digits[i];

    to = number_put(to, side->levels[i].price, side->price_decimals, MD_DIGITS_PRICE(digits));
    *to++ = ':';
    to = number_put(to, side->levels[i].size, side->size_decimals, MD_DIGITS_SIZE(digits));
    *to++ = ':';
    return to;
}

uint32_t checksum_interleaved(const struct venue_book_side *bids, const struct venue_book_side *asks)
{
    char text[4 * INTERLEAVED_LEVELS * NUMBER_SIZE], *to = text;

    for (uint32_t i = 0; i < INTERLEAVED_LEVELS; i++) {
        if (i < bids->n)
            to = level_put(to, bids, i);
        if (i < asks->n)
            to = level_put(to, asks, i);
    }
    return crc32_add(0, text, to > text ? (size_t)(to - text) - 1 : 0);
}

static char *side_put(char *to, const struct venue_book_side *side)
{
    for (uint32_t i = 0; i < DIGITS_LEVELS && i < side->n; i++) {
        uint16_t digits = side->digits[i];

        to = bare_put(to, side->levels[i].price, side->price_decimals, MD_DIGITS_PRICE(digits));
        to = bare_put(to, side->levels[i].size, side->size_decimals, MD_DIGITS_SIZE(digits));
    }
    return to;
}

uint32_t checksum_of_digits(const struct venue_book_side *bids, const struct venue_book_side *asks)
{
    char text[4 * DIGITS_LEVELS * NUMBER_SIZE], *to = side_put(text, asks);

    to = side_put(to, bids);
    return crc32_add(0, text, (size_t)(to - text));
}
