/* SPDX-License-Identifier: MIT
 * Exact decimals: text to mantissa and back. Nothing is rounded; what does not fit is refused. */
#include <hoga/hoga.h>

#include "shm/hoga_abi.h"

#include <errno.h>
#include <string.h>

#define LIB_DIGITS_MAX    40               /* of a 128-bit number: 39 */
#define LIB_DECIMALS_WIDE 36               /* a price times a size */
#define LIB_EXPONENT_MAX  1000000000000000 /* an exponent beyond this is as good as infinite, and sums of it fit */

struct decimal_text { /* what was read: (-1)^is_negative * digits * 10^power */
    uint64_t digits;
    int64_t power;
    int is_negative;
    int is_long; /* more significant digits than 64 bits hold */
};

static unsigned __int128 wide_magnitude(struct hoga_wide value)
{
    unsigned __int128 x = (unsigned __int128)(uint64_t)value.high << 64 | value.low;
    return value.high < 0 ? -x : x;
}

/* Digits with the point `decimals` from the right; `keep_zeros`: also those at the end. Returns the length. */
static int decimal_write(unsigned __int128 magnitude, int is_negative, unsigned decimals, int keep_zeros,
                         char *ret_text)
{
    char digits[LIB_DIGITS_MAX + LIB_DECIMALS_WIDE];
    unsigned n = 0;                  /* digits, least significant first */
    while (magnitude > UINT64_MAX) { /* 128-bit divisions are slow: few of them */
        digits[n++] = (char)('0' + (int)(magnitude % 10));
        magnitude /= 10;
    }
    for (uint64_t x = (uint64_t)magnitude; x > 0; x /= 10)
        digits[n++] = (char)('0' + (int)(x % 10));
    while (n <= decimals)
        digits[n++] = '0';
    unsigned first = 0;
    while (!keep_zeros && first < decimals && digits[first] == '0')
        first++;

    int size = 0;
    if (is_negative)
        ret_text[size++] = '-';
    for (unsigned i = n; i > first; i--) {
        if (i == decimals)
            ret_text[size++] = '.';
        ret_text[size++] = digits[i - 1];
    }
    ret_text[size] = '\0';
    return size;
}

static unsigned __int128 magnitude_of(int64_t mantissa)
{
    return mantissa < 0 ? -(unsigned __int128)mantissa : (unsigned __int128)mantissa;
}

int hoga_format(int64_t mantissa, unsigned decimals, char ret_text[HOGA_DECIMAL_SIZE])
{
    if (decimals > HOGA_DECIMALS_MAX)
        return -EINVAL;
    return decimal_write(magnitude_of(mantissa), mantissa < 0, decimals, 0, ret_text);
}

int hoga_format_fixed(int64_t mantissa, unsigned decimals, char ret_text[HOGA_DECIMAL_SIZE])
{
    if (decimals > HOGA_DECIMALS_MAX)
        return -EINVAL;
    return decimal_write(magnitude_of(mantissa), mantissa < 0, decimals, 1, ret_text);
}

int hoga_format_wide(struct hoga_wide value, unsigned decimals, char ret_text[HOGA_SUM_SIZE])
{
    if (decimals > LIB_DECIMALS_WIDE)
        return -EINVAL;
    return decimal_write(wide_magnitude(value), value.high < 0, decimals, 0, ret_text);
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Take digits; zeros wait in *io_zeros until a digit follows them, so that those at the end cost no room. */
static const char *digits_take(const char *p, struct decimal_text *t, int64_t *io_zeros, int64_t *ret_n)
{
    const char *start = p;
    for (; is_digit(*p); p++) {
        if (*p == '0') {
            *io_zeros += t->digits != 0;
            continue;
        }
        for (; *io_zeros >= 0 && !t->is_long; (*io_zeros)--) {
            uint64_t digit = *io_zeros == 0 ? (uint64_t)(*p - '0') : 0;
            if (__builtin_mul_overflow(t->digits, 10u, &t->digits) ||
                __builtin_add_overflow(t->digits, digit, &t->digits))
                t->is_long = 1;
        }
        *io_zeros = 0;
    }
    *ret_n = p - start;
    return p;
}

static const char *exponent_take(const char *p, int64_t *ret_exponent)
{
    int is_negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    if (!is_digit(*p))
        return NULL;
    int64_t e = 0;
    for (; is_digit(*p); p++)
        e = e < LIB_EXPONENT_MAX ? e * 10 + (*p - '0') : e;
    *ret_exponent = is_negative ? -e : e;
    return p;
}

static int decimal_read(const char *p, struct decimal_text *ret)
{
    struct decimal_text t = { .is_negative = *p == '-' };
    int64_t zeros = 0, n_whole, n_fraction = 0, exponent = 0;
    if (*p == '-' || *p == '+')
        p++;
    p = digits_take(p, &t, &zeros, &n_whole);
    if (*p == '.')
        p = digits_take(p + 1, &t, &zeros, &n_fraction);
    if (n_whole + n_fraction == 0)
        return -EINVAL;
    if (*p == 'e' || *p == 'E')
        p = exponent_take(p + 1, &exponent);
    if (p == NULL || *p != '\0')
        return -EINVAL;
    t.power = exponent - n_fraction + zeros;
    *ret = t;
    return 0;
}

int hoga_parse(const char *text, unsigned decimals, int64_t *ret_mantissa)
{
    struct decimal_text t;
    if (text == NULL || decimals > HOGA_DECIMALS_MAX)
        return -EINVAL;
    int r = decimal_read(text, &t);
    if (r < 0)
        return r;
    int64_t power = t.power + (int64_t)decimals;
    int is_zero = t.digits == 0 && !t.is_long;
    if (!is_zero && (t.is_long || power < 0 || power > (int64_t)HOGA_DECIMALS_MAX))
        return -ERANGE;
    __int128 value = t.digits;
    for (int64_t i = 0; i < power && !is_zero; i++)
        value *= 10; /* below 2^64 * 10^18: fits */
    value = t.is_negative ? -value : value;
    if (value < INT64_MIN || value > INT64_MAX)
        return -ERANGE;
    *ret_mantissa = (int64_t)value;
    return 0;
}
