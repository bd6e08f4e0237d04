/* SPDX-License-Identifier: MIT */
#include "core/decimal.h"

#include <assert.h>
#include <errno.h>

/* clang-format off: a row holds three powers, so that a missing one shows. */
const int64_t decimal_pow10[DECIMAL_DECIMALS_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};
/* clang-format on */

/* Nothing beyond this matters: a text that needs so many digits to bring the value back would not fit in memory. */
#define EXPONENT_MAX ((int64_t)1 << 60)

/* The digits that carry the value, whatever number of zeros stands around them:
 * value = significant * 10^-scale, with no trailing zero in `significant`. */
struct parts {
    uint64_t significant; /* 0 when the value is zero */
    int64_t scale;
    int64_t scale_written; /* decimals as the text has them; negative for 5E3 */
    uint8_t is_negative;
    uint8_t too_many_digits;
};

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Collects digits without ever holding the zeros: a run of them is only paid for by the next other digit. */
struct digits {
    uint64_t value;
    int64_t n_significant;
    int64_t n_zeros; /* zeros since the last other digit */
    uint8_t too_many;
};

static const char *digits_take(struct digits *d, const char *p, const char *end)
{
    for (; p < end && is_digit(*p); p++) {
        if (*p == '0') {
            d->n_zeros++;
            continue;
        }
        if (d->n_significant > 0)
            d->n_significant += d->n_zeros;
        d->n_significant++;
        /* 19 digits always fit in 64 bits without a sign. */
        if (d->n_significant > 19)
            d->too_many = 1;
        if (!d->too_many) {
            if (d->value > 0)
                for (int64_t i = 0; i < d->n_zeros; i++)
                    d->value *= 10;
            d->value = d->value * 10 + (uint64_t)(*p - '0');
        }
        d->n_zeros = 0;
    }
    return p;
}

static const char *exponent_take(const char *p, const char *end, int64_t *ret)
{
    int64_t value = 0;
    int is_negative = 0;

    if (p < end && (*p == '+' || *p == '-'))
        is_negative = *p++ == '-';
    if (p == end || !is_digit(*p))
        return NULL;
    for (; p < end && is_digit(*p); p++)
        if (value < EXPONENT_MAX / 10)
            value = value * 10 + (*p - '0');
    *ret = is_negative ? -value : value;
    return p;
}

/* Returns: 0; -EBADMSG not a number of RFC 8259, section 6. */
static int parts_read(const char *p, size_t size, struct parts *ret)
{
    const char *end = p + size, *start, *mark;
    struct digits d = { 0, 0, 0, 0 };
    int64_t n_fraction = 0, exponent = 0;
    int is_negative = 0;

    if (p < end && *p == '-') {
        is_negative = 1;
        p++;
    }
    start = p;
    p = digits_take(&d, p, end);
    if (p == start || (*start == '0' && p - start > 1))
        return -EBADMSG;
    if (p < end && *p == '.') {
        mark = ++p;
        p = digits_take(&d, p, end);
        n_fraction = p - mark;
        if (n_fraction == 0)
            return -EBADMSG;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = exponent_take(p + 1, end, &exponent);
        if (!p)
            return -EBADMSG;
    }
    if (p != end)
        return -EBADMSG;
    ret->significant = d.value;
    ret->scale_written = n_fraction - exponent;
    ret->scale = ret->scale_written - d.n_zeros;
    ret->is_negative = is_negative && d.n_significant > 0;
    ret->too_many_digits = d.too_many;
    return 0;
}

/* The value's mantissa at `decimals`. -ERANGE if it is not a whole number there or beyond an int64. */
static int parts_mantissa(const struct parts *a, int64_t decimals, int64_t *ret)
{
    uint64_t magnitude = a->significant, max = (uint64_t)INT64_MAX + a->is_negative;

    if (a->too_many_digits)
        return -ERANGE;
    if (magnitude == 0) {
        *ret = 0;
        return 0;
    }
    if (decimals < a->scale || decimals - a->scale > DECIMAL_DECIMALS_MAX)
        return -ERANGE;
    if (__builtin_mul_overflow(magnitude, (uint64_t)decimal_pow10[decimals - a->scale], &magnitude) || magnitude > max)
        return -ERANGE;
    *ret = a->is_negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return 0;
}

static int64_t not_negative(int64_t value)
{
    return value > 0 ? value : 0;
}

int decimal_parse(const char *text, size_t size, struct decimal *ret)
{
    struct parts a;
    int64_t decimals, mantissa;
    int r;

    r = parts_read(text, size, &a);
    if (r < 0)
        return r;
    decimals = not_negative(a.scale_written);
    if (decimals <= DECIMAL_DECIMALS_MAX && parts_mantissa(&a, decimals, &mantissa) == 0) {
        *ret = (struct decimal){ mantissa, (uint8_t)decimals };
        return 0;
    }
    /* Trailing zeros are worth keeping (the venue's own precision) but never worth a refusal. */
    decimals = a.significant > 0 ? not_negative(a.scale) : 0;
    if (decimals > DECIMAL_DECIMALS_MAX)
        return -ERANGE;
    r = parts_mantissa(&a, decimals, &mantissa);
    if (r < 0)
        return r;
    *ret = (struct decimal){ mantissa, (uint8_t)decimals };
    return 0;
}

int decimal_parse_at(const char *text, size_t size, unsigned decimals, int64_t *ret_mantissa)
{
    struct parts a;
    int r;

    assert(decimals <= DECIMAL_DECIMALS_MAX);
    r = parts_read(text, size, &a);
    if (r < 0)
        return r;
    return parts_mantissa(&a, decimals, ret_mantissa);
}

int decimal_rescale(int64_t mantissa, unsigned from, unsigned to, int64_t *ret)
{
    int64_t power, value;

    assert(from <= DECIMAL_DECIMALS_MAX);
    assert(to <= DECIMAL_DECIMALS_MAX);
    if (to >= from) {
        if (__builtin_mul_overflow(mantissa, decimal_pow10[to - from], &value))
            return -ERANGE;
        *ret = value;
        return 0;
    }
    power = decimal_pow10[from - to];
    if (mantissa % power != 0)
        return -ERANGE;
    *ret = mantissa / power;
    return 0;
}

unsigned decimal_minimal(int64_t mantissa, unsigned decimals)
{
    if (mantissa == 0)
        return 0;
    for (; decimals > 0 && mantissa % 10 == 0; decimals--)
        mantissa /= 10;
    return decimals;
}

size_t decimal_format(int64_t mantissa, unsigned decimals, char ret_text[DECIMAL_TEXT_SIZE])
{
    unsigned minimal = decimal_minimal(mantissa, decimals), n = 0;
    uint64_t magnitude = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;
    char reversed[DECIMAL_TEXT_SIZE];
    size_t used = 0;

    assert(decimals <= DECIMAL_DECIMALS_MAX);
    for (; decimals > minimal; decimals--)
        magnitude /= 10;
    /* Digits from the right; a value below one is given its zeros and the one before the point. */
    do {
        if (n == decimals && n > 0)
            reversed[used++] = '.';
        reversed[used++] = (char)('0' + magnitude % 10);
        magnitude /= 10;
        n++;
    } while (magnitude > 0 || n <= decimals);
    if (mantissa < 0)
        reversed[used++] = '-';
    for (size_t i = 0; i < used; i++)
        ret_text[i] = reversed[used - 1 - i];
    ret_text[used] = '\0';
    return used;
}
