/* SPDX-License-Identifier: MIT
 * From the levels of one side to rungs: grouped by a step, summed up, and compared with those shown before. */
#include "ladder_private.h"

#include <errno.h>

#define SHARE_DIGITS 6 /* of a part per million */

struct hoga_wide ladder_widen(__int128 value)
{
    return (struct hoga_wide){ .low = (uint64_t)value, .high = (int64_t)(value >> 64) };
}

int hoga_group_price(int64_t price, int64_t step, int is_up, int64_t *ret_price)
{
    if (step <= 0)
        return -EINVAL;

    int64_t steps = price / step, rest = price % step, grouped;

    if (rest < 0 && !is_up)
        steps--;
    if (rest > 0 && is_up)
        steps++;
    if (__builtin_mul_overflow(steps, step, &grouped))
        return -ERANGE;
    *ret_price = grouped;
    return 0;
}

int hoga_group_step(const char *text, unsigned decimals_min, unsigned *ret_decimals, int64_t *ret_step)
{
    for (unsigned decimals = decimals_min; decimals <= HOGA_DECIMALS_MAX; decimals++) {
        int64_t step;
        int r = hoga_parse(text, decimals, &step);

        if (r == -ERANGE)
            continue;
        if (r < 0 || step <= 0)
            return -EINVAL;
        *ret_decimals = decimals;
        *ret_step = step;
        return 0;
    }
    return -EINVAL;
}

/* Money is of the wire's own prices, never of the group's edge: at the view's decimals, so scaled like the prices. */
int ladder_side_make(const struct ladder_grouping *g, const struct hoga_level *levels, uint32_t n, int is_ask,
                     struct ladder_side *ret)
{
    __int128 total_size = 0, total_money = 0;

    ret->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct ladder_rung *rung = ret->n > 0 ? &ret->rungs[ret->n - 1] : NULL;
        int64_t price, edge;

        if (__builtin_mul_overflow(levels[i].price, g->scale, &price) ||
            hoga_group_price(price, g->step, is_ask, &edge) < 0)
            return -ERANGE;
        if (!rung || rung->price != edge) {
            rung = &ret->rungs[ret->n++];
            *rung = (struct ladder_rung){ .price = edge };
        }
        __int128 money = (__int128)price * levels[i].size;
        rung->size += levels[i].size;
        total_size += levels[i].size;
        /* A thousand products of 2^126 would not fit: what no market has is refused, not wrapped. */
        if (__builtin_add_overflow(rung->money, money, &rung->money) ||
            __builtin_add_overflow(total_money, money, &total_money))
            return -ERANGE;
        rung->total_size = total_size;
        rung->total_money = total_money;
    }
    return 0;
}

/* Does a lie nearer to the spread than b? */
static int is_better(int64_t a, int64_t b, int is_ask)
{
    return is_ask ? a < b : a > b;
}

void ladder_side_flash(const struct ladder_side *before, struct ladder_side *io_now, int is_ask, int64_t now_boot_ns)
{
    uint32_t old = 0;

    for (uint32_t i = 0; i < io_now->n; i++) {
        struct ladder_rung *rung = &io_now->rungs[i];

        while (old < before->n && is_better(before->rungs[old].price, rung->price, is_ask))
            old++;
        if (old < before->n && before->rungs[old].price == rung->price) {
            const struct ladder_rung *was = &before->rungs[old];

            rung->flash_boot_ns = was->size == rung->size ? was->flash_boot_ns : now_boot_ns;
            rung->flash_way = was->size == rung->size ? was->flash_way : rung->size > was->size ? 1 : -1;
        } else if (old < before->n || i == 0) {
            /* Beyond the last price that was kept a level is no news: it only came into sight. */
            rung->flash_boot_ns = now_boot_ns;
            rung->flash_way = 1;
        }
    }
}

uint8_t ladder_flash(const struct ladder_rung *rung, int64_t now_boot_ns)
{
    int64_t age_ns = now_boot_ns - rung->flash_boot_ns;

    if (rung->flash_boot_ns == 0 || age_ns >= HOGA_LADDER_FLASH_NS)
        return 0;
    if (age_ns < 0)
        age_ns = 0;
    return (uint8_t)(HOGA_LADDER_FLASH_MAX - age_ns * HOGA_LADDER_FLASH_MAX / HOGA_LADDER_FLASH_NS);
}

/* part / whole in parts per million, half away from zero; digit by digit, since part * 10^6 need not fit. whole > 0. */
static int share_ppm(__int128 part, __int128 whole, int64_t *ret)
{
    int is_negative = part < 0;
    __int128 quotient, rest;

    if (is_negative)
        part = -part;
    quotient = part / whole;
    rest = part % whole;
    for (int i = 0; i < SHARE_DIGITS; i++) {
        if (quotient > INT64_MAX / 10)
            return -ERANGE;
        quotient = quotient * 10 + rest * 10 / whole;
        rest = rest * 10 % whole;
    }
    quotient += rest * 2 >= whole;
    *ret = (int64_t)(is_negative ? -quotient : quotient);
    return 0;
}

int ladder_share_ppm(__int128 part, __int128 whole, int64_t *ret_ppm)
{
    __int128 limit = (__int128)1 << 122; /* times ten it still fits */

    if (whole <= 0)
        return -EDOM;
    if (part >= limit || part <= -limit || whole >= limit)
        return -ERANGE;
    return share_ppm(part, whole, ret_ppm);
}

int ladder_ppm(int64_t price, unsigned price_decimals, int64_t from, unsigned from_decimals, int64_t *ret_ppm)
{
    __int128 a = price, b = from;

    for (unsigned i = price_decimals; i < from_decimals; i++)
        a *= 10;
    for (unsigned i = from_decimals; i < price_decimals; i++)
        b *= 10; /* both below 2^63 * 10^18 < 2^123 */
    return ladder_share_ppm(a - b, b, ret_ppm);
}
