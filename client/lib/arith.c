/* SPDX-License-Identifier: MIT
 * What people compute from a book, in integers. Sums and products are 128 bits wide; what leaves as 64 bits is checked.
 */
#include <hoga/hoga.h>

#include "shm/hoga_abi.h"

#include <errno.h>

#define BP100_A_UNIT 1000000 /* hundredths of a basis point in 1 */

static int narrow(__int128 value, int64_t *ret)
{
    if (value < INT64_MIN || value > INT64_MAX)
        return -ERANGE;
    *ret = (int64_t)value;
    return 0;
}

static struct hoga_wide widen(__int128 value)
{
    return (struct hoga_wide){ .low = (uint64_t)value, .high = (int64_t)(value >> 64) };
}

static int has_both_sides(const struct hoga_book *book)
{
    return book->bid.size > 0 && book->ask.size > 0;
}

int hoga_mid(const struct hoga_book *book, int64_t *ret_mantissa)
{
    if (!has_both_sides(book))
        return -ENODATA;
    /* (bid + ask) / 2 with one decimal more: * 10 / 2. */
    return narrow(((__int128)book->bid.price + book->ask.price) * 5, ret_mantissa);
}

int hoga_spread(const struct hoga_book *book, int64_t *ret_mantissa)
{
    if (!has_both_sides(book))
        return -ENODATA;
    return narrow((__int128)book->ask.price - book->bid.price, ret_mantissa);
}

int hoga_spread_ticks(const struct hoga_book *book, int64_t tick, int64_t *ret_ticks)
{
    if (tick <= 0)
        return -EINVAL;
    if (!has_both_sides(book))
        return -ENODATA;
    __int128 spread = (__int128)book->ask.price - book->bid.price;
    if (spread % tick != 0)
        return -EDOM;
    return narrow(spread / tick, ret_ticks);
}

int hoga_spread_bp100(const struct hoga_book *book, int64_t *ret_bp100)
{
    if (!has_both_sides(book))
        return -ENODATA;
    __int128 sum = (__int128)book->ask.price + book->bid.price;
    __int128 spread = (__int128)book->ask.price - book->bid.price;
    if (sum <= 0)
        return -EDOM;
    return narrow(spread * 2 * BP100_A_UNIT / sum, ret_bp100); /* below 2^65 * 2^21 */
}

int hoga_cumulative(const struct hoga_level *levels, uint32_t n, struct hoga_wide *ret_size)
{
    __int128 sum = 0; /* at most 2^32 terms of 63 bits */
    for (uint32_t i = 0; i < n; i++)
        sum += levels[i].size;
    *ret_size = widen(sum);
    return 0;
}

/* notional / filled with `from` decimals brought to `to`, rounded up (toward +infinity) or down. Digit by digit, as on
 * paper, because notional * 10^18 would not fit in 128 bits. */
static int average_price(__int128 notional, int64_t filled, unsigned from, unsigned to, int is_up, int64_t *ret)
{
    __int128 divisor = filled;
    for (unsigned i = to; i < from; i++)
        divisor *= 10; /* at most 2^63 * 10^18 < 2^123 */
    __int128 quotient = notional / divisor;
    __int128 rest = notional % divisor;
    if (rest < 0) { /* floor, so that the rest is never negative */
        rest += divisor;
        quotient--;
    }
    for (unsigned i = from; i < to; i++) { /* here the divisor is `filled`: rest * 10 < 2^67 */
        if (quotient > INT64_MAX || quotient < INT64_MIN)
            return -ERANGE;
        quotient = quotient * 10 + rest * 10 / divisor;
        rest = rest * 10 % divisor;
    }
    return narrow(quotient + (is_up && rest != 0), ret);
}

int hoga_fill(const struct hoga_book *book, const struct hoga_level *levels, uint32_t n, int is_buy, int64_t size,
              unsigned average_decimals, int64_t *ret_filled, struct hoga_wide *ret_notional, int64_t *ret_average)
{
    if (size <= 0 || average_decimals > HOGA_DECIMALS_MAX || book->price_decimals > HOGA_DECIMALS_MAX)
        return -EINVAL;
    __int128 notional = 0; /* |price| <= 2^63 times sizes that add up to less than 2^63 */
    int64_t left = size;
    for (uint32_t i = 0; i < n && left > 0; i++) {
        int64_t take = levels[i].size < left ? levels[i].size : left;
        if (take <= 0)
            continue;
        notional += (__int128)levels[i].price * take;
        left -= take;
    }
    int64_t filled = size - left;
    if (filled == 0)
        return -ENODATA;
    int64_t average = 0;
    if (ret_average != NULL) {
        int r = average_price(notional, filled, book->price_decimals, average_decimals, is_buy, &average);
        if (r < 0)
            return r;
        *ret_average = average;
    }
    if (ret_filled != NULL)
        *ret_filled = filled;
    if (ret_notional != NULL)
        *ret_notional = widen(notional);
    return left > 0 ? -ENOSPC : 0;
}

int hoga_size_to(const struct hoga_level *levels, uint32_t n, int is_buy, int64_t price, struct hoga_wide *ret_size)
{
    __int128 sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_buy ? levels[i].price > price : levels[i].price < price)
            break; /* sorted, best first */
        sum += levels[i].size;
    }
    *ret_size = widen(sum);
    return 0;
}
