/* SPDX-License-Identifier: MIT
 * What an order would cost that takes the book as it stands: exact money, and a fee rounded up. */
#include "ladder_private.h"

#include <errno.h>

#define FEE_WHOLE        100000000 /* fee_e8 of everything */
#define AVERAGE_DECIMALS 4u        /* more than the prices have */

static __int128 join(struct hoga_wide value)
{
    return (__int128)((unsigned __int128)(uint64_t)value.high << 64 | value.low);
}

/* money * fee_e8 / 10^8, rounded up, in two parts so that nothing overflows. money >= 0. */
static __int128 fee_of(__int128 money, uint32_t fee_e8)
{
    return money / FEE_WHOLE * fee_e8 + (money % FEE_WHOLE * fee_e8 + FEE_WHOLE - 1) / FEE_WHOLE;
}

/* A level of no size holds nothing, and none below zero gives any back: as hoga_fill takes them. */
static int64_t worst_of(const struct hoga_level *levels, uint32_t n, int64_t filled)
{
    uint32_t i = 0;

    for (; i + 1 < n && levels[i].size < filled; i++)
        filled -= levels[i].size > 0 ? levels[i].size : 0;
    return levels[i].price;
}

/* Both as mantissas of their own decimals: is `value` below `limit`? */
static int is_below(__int128 value, unsigned decimals, int64_t limit, unsigned limit_decimals)
{
    __int128 a = value, b = limit;

    for (unsigned i = decimals; i < limit_decimals; i++)
        if (__builtin_mul_overflow(a, 10, &a))
            return 0;
    for (unsigned i = limit_decimals; i < decimals; i++)
        if (__builtin_mul_overflow(b, 10, &b))
            return 1;
    return a < b;
}

static void minimum_take(const struct hoga_ladder *l, struct hoga_ladder_order *o)
{
    const struct hoga_instrument *in = &l->view.instrument;
    const struct hoga_book *b = &l->base.book;

    if (!l->view.has_instrument)
        return;
    o->has_minimum = in->has_size_min || in->has_value_min;
    if (in->has_size_min && is_below(o->size, b->size_decimals, in->size_min, in->size_min_decimals))
        o->is_below_minimum = 1;
    if (in->has_value_min && !o->is_partly &&
        is_below(join(o->money), b->price_decimals + (unsigned)b->size_decimals, in->value_min, in->value_min_decimals))
        o->is_below_minimum = 1;
}

int hoga_ladder_order(const struct hoga_ladder *l, int is_buy, int64_t size, uint32_t fee_e8,
                      struct hoga_ladder_order *ret)
{
    const struct ladder_levels *b = &l->base;
    const struct hoga_level *levels = is_buy ? b->asks : b->bids;
    uint32_t n = b->id == HOGA_NO_ID ? 0 : is_buy ? b->n_asks : b->n_bids;
    struct hoga_ladder_order o = { .is_buy = is_buy != 0, .size = size };
    __int128 money, fee;
    int r;

    if (size <= 0 || fee_e8 > FEE_WHOLE)
        return -EINVAL;
    o.average_decimals = b->book.price_decimals + AVERAGE_DECIMALS;
    if (o.average_decimals > HOGA_DECIMALS_MAX)
        o.average_decimals = HOGA_DECIMALS_MAX;
    r = hoga_fill(&b->book, levels, n, is_buy, size, o.average_decimals, &o.filled, &o.money, &o.average);
    if (r < 0 && r != -ENOSPC)
        return r;
    o.is_partly = r == -ENOSPC;
    money = join(o.money);
    if (money < 0)
        return -ERANGE; /* prices below zero: no fee can be told */
    fee = fee_of(money, fee_e8);
    o.fee = ladder_widen(fee);
    o.sum = ladder_widen(is_buy ? money + fee : money - fee);
    o.worst = worst_of(levels, n, o.filled);
    r = ladder_ppm(o.average, o.average_decimals, levels[0].price, b->book.price_decimals, &o.impact_ppm);
    if (r < 0)
        return r;
    o.impact_ppm = is_buy ? o.impact_ppm : -o.impact_ppm;
    minimum_take(l, &o);
    *ret = o;
    return 0;
}

int hoga_ladder_order_to(const struct hoga_ladder *l, int row, uint32_t fee_e8, struct hoga_ladder_order *ret)
{
    __int128 size;

    if (row < 0 || (uint32_t)row >= l->view.n_rows || l->rows[row].side == HOGA_LADDER_NONE)
        return -EINVAL;
    size = join(l->rows[row].total_size);
    if (size > INT64_MAX)
        return -ERANGE;
    return hoga_ladder_order(l, l->rows[row].side == HOGA_LADDER_ASK, (int64_t)size, fee_e8, ret);
}
