/* SPDX-License-Identifier: MIT */
#include "pen.h"

#include <errno.h>
#include <string.h>

#define DIGITS_SIZE 24

void pen_init(struct pen *p, char *memory, size_t size)
{
    *p = (struct pen){ .at = memory, .size = size };
}

void pen_bytes(struct pen *p, const char *bytes, size_t n)
{
    if (n > p->size - p->used) {
        p->cut = true;
        return;
    }
    memcpy(p->at + p->used, bytes, n);
    p->used += n;
}

void pen_string(struct pen *p, const char *string)
{
    pen_bytes(p, string, strlen(string));
}

/* Digits right-aligned in `memory`; returns the first of them. At least `least` digits, zeros in front. */
static char *digits(uint64_t value, unsigned least, char memory[DIGITS_SIZE], size_t *ret_n)
{
    char *at = memory + DIGITS_SIZE;
    unsigned n = 0;

    while (value > 0 || n < least) {
        *--at = (char)('0' + value % 10);
        value /= 10;
        n++;
    }
    *ret_n = n;
    return at;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void pen_u64(struct pen *p, uint64_t value)
{
    char memory[DIGITS_SIZE];
    size_t n = 0;
    const char *at = digits(value, 1, memory, &n);

    pen_bytes(p, at, n);
}

void pen_i64(struct pen *p, int64_t value)
{
    if (value < 0)
        pen_bytes(p, "-", 1);
    pen_u64(p, magnitude(value));
}

static struct number trimmed(struct number n)
{
    while (n.decimals > 0 && n.mantissa % 10 == 0) {
        n.mantissa /= 10;
        n.decimals--;
    }
    return n;
}

void pen_fixed(struct pen *p, struct number n)
{
    char memory[DIGITS_SIZE];
    size_t count = 0;
    const char *at = digits(magnitude(n.mantissa), n.decimals + 1u, memory, &count);

    if (n.mantissa < 0)
        pen_bytes(p, "-", 1);
    pen_bytes(p, at, count - n.decimals);
    if (n.decimals == 0)
        return;
    pen_bytes(p, ".", 1);
    pen_bytes(p, at + count - n.decimals, n.decimals);
}

void pen_plain(struct pen *p, struct number n)
{
    pen_fixed(p, trimmed(n));
}

/* d.dddE<exponent> with at least one digit after the point. */
static void pen_exponent(struct pen *p, const char *at, size_t count, int exponent)
{
    while (count > 1 && at[count - 1] == '0')
        count--;
    pen_bytes(p, at, 1);
    pen_bytes(p, ".", 1);
    if (count == 1)
        pen_bytes(p, "0", 1);
    pen_bytes(p, at + 1, count - 1);
    pen_bytes(p, "E", 1);
    pen_i64(p, exponent);
}

/* The power of ten of the first digit, for a value that is not zero. */
static int leading_power(struct number n, const char **ret_at, size_t *ret_n, char memory[DIGITS_SIZE])
{
    *ret_at = digits(magnitude(n.mantissa), 1, memory, ret_n);
    return (int)*ret_n - 1 - (int)n.decimals;
}

static void pen_scientific(struct pen *p, struct number n, int large, bool point)
{
    char memory[DIGITS_SIZE];
    const char *at = NULL;
    size_t count = 0;
    int power = 0;

    if (n.mantissa != 0)
        power = leading_power(n, &at, &count, memory);
    if (power < -3 || power >= large) {
        if (n.mantissa < 0)
            pen_bytes(p, "-", 1);
        pen_exponent(p, at, count, power);
        return;
    }
    n = trimmed(n);
    pen_fixed(p, n);
    if (point && n.decimals == 0)
        pen_bytes(p, ".0", 2);
}

void pen_java(struct pen *p, struct number n)
{
    pen_scientific(p, n, 7, true);
}

void pen_short(struct pen *p, struct number n)
{
    pen_scientific(p, n, INT32_MAX, false);
}

void pen_padded(struct pen *p, struct number n, uint8_t decimals)
{
    pen_fixed(p, n);
    if (n.decimals == 0 && decimals > 0)
        pen_bytes(p, ".", 1);
    for (uint8_t i = n.decimals; i < decimals; i++)
        pen_bytes(p, "0", 1);
}

int number_parse(const char *text, struct number *ret)
{
    struct number n = { 0 };
    bool negative = *text == '-', point = false, any = false;

    for (text += negative; *text != '\0'; text++) {
        if (*text == '.' && !point && any) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9')
            return -EBADMSG;
        any = true;
        if (point && n.decimals == PEN_DECIMALS_MAX)
            return -ERANGE;
        if (__builtin_mul_overflow(n.mantissa, 10, &n.mantissa) ||
            __builtin_sub_overflow(n.mantissa, *text - '0', &n.mantissa))
            return -ERANGE;
        n.decimals = (uint8_t)(n.decimals + point);
    }
    if (!any)
        return -EBADMSG;
    if (!negative && __builtin_sub_overflow(0, n.mantissa, &n.mantissa))
        return -ERANGE;
    *ret = n;
    return 0;
}

int number_at(struct number n, uint8_t decimals, int64_t *ret_mantissa)
{
    while (n.decimals > decimals) {
        if (n.mantissa % 10 != 0)
            return -ERANGE;
        n.mantissa /= 10;
        n.decimals--;
    }
    while (n.decimals < decimals) {
        if (__builtin_mul_overflow(n.mantissa, 10, &n.mantissa))
            return -ERANGE;
        n.decimals++;
    }
    *ret_mantissa = n.mantissa;
    return 0;
}
