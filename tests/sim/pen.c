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

/* Copies of one size need no call. */
void pen_again(struct pen *p, const char *number, size_t n)
{
    if (p->size - p->used < PEN_NUMBER_SIZE || n > PEN_NUMBER_SIZE) {
        pen_bytes(p, number, n);
        return;
    }
    memcpy(p->at + p->used, number, PEN_NUMBER_SIZE);
    p->used += n;
}

/* A number's digits, right-aligned before `end`, zeros in front of them. What lies behind is room to be copied, too. */
struct digits {
    char text[2 * DIGITS_SIZE];
    unsigned n; /* 0 for zero */
};

static void digits_make(uint64_t value, struct digits *ret)
{
    static const char pairs[] =
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
        "4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
        "888990919293949596979899";
    char *end = ret->text + DIGITS_SIZE, *at = end;

    memset(ret->text, '0', sizeof(ret->text));
    while (value >= 10) {
        at -= 2;
        memcpy(at, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value > 0)
        *--at = (char)('0' + value);
    ret->n = (unsigned)(end - at);
}

/* The `n` of them that begin `from` places before the end, as pen_again. */
static void pen_digits(struct pen *p, const struct digits *d, unsigned from, unsigned n)
{
    const char *at = d->text + DIGITS_SIZE - from;

    if (p->size - p->used < DIGITS_SIZE) {
        pen_bytes(p, at, n);
        return;
    }
    memcpy(p->at + p->used, at, DIGITS_SIZE);
    p->used += n;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void pen_u64(struct pen *p, uint64_t value)
{
    struct digits d;

    digits_make(value, &d);
    pen_digits(p, &d, d.n > 0 ? d.n : 1, d.n > 0 ? d.n : 1);
}

void pen_i64(struct pen *p, int64_t value)
{
    if (value < 0)
        pen_bytes(p, "-", 1);
    pen_u64(p, magnitude(value));
}

/* With a point before the last `decimals` digits; zeros at the end are left out if it `trims`. Returns how many digits
 * there are behind the point. */
static unsigned pen_pointed(struct pen *p, bool is_negative, const struct digits *d, unsigned decimals, bool trims)
{
    unsigned n = d->n > decimals ? d->n : decimals + 1u, kept = decimals;

    while (trims && kept > 0 && d->text[DIGITS_SIZE - 1 - (decimals - kept)] == '0')
        kept--;
    if (is_negative)
        pen_bytes(p, "-", 1);
    pen_digits(p, d, n, n - decimals);
    if (kept > 0) {
        pen_bytes(p, ".", 1);
        pen_digits(p, d, decimals, kept);
    }
    return kept;
}

void pen_fixed(struct pen *p, struct number n)
{
    struct digits d;

    digits_make(magnitude(n.mantissa), &d);
    (void)pen_pointed(p, n.mantissa < 0, &d, n.decimals, false);
}

void pen_plain(struct pen *p, struct number n)
{
    struct digits d;

    digits_make(magnitude(n.mantissa), &d);
    (void)pen_pointed(p, n.mantissa < 0, &d, n.decimals, true);
}

/* d.dddE<exponent> with at least one digit after the point. */
static void pen_exponent(struct pen *p, const struct digits *d, int exponent)
{
    unsigned last = 1; /* the place, from the end, of the last digit that is not 0 */

    while (last < d->n && d->text[DIGITS_SIZE - last] == '0')
        last++;
    pen_digits(p, d, d->n, 1);
    pen_bytes(p, ".", 1);
    if (last == d->n)
        pen_bytes(p, "0", 1);
    else
        pen_digits(p, d, d->n - 1, d->n - last);
    pen_bytes(p, "E", 1);
    pen_i64(p, exponent);
}

static void pen_scientific(struct pen *p, struct number n, int large, bool point)
{
    struct digits d;
    int power = 0; /* of ten, of the first digit */

    digits_make(magnitude(n.mantissa), &d);
    if (d.n > 0)
        power = (int)d.n - 1 - (int)n.decimals;
    if (power < -3 || power >= large) {
        if (n.mantissa < 0)
            pen_bytes(p, "-", 1);
        pen_exponent(p, &d, power);
        return;
    }
    if (pen_pointed(p, n.mantissa < 0, &d, n.decimals, true) == 0 && point)
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
