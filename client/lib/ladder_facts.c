/* SPDX-License-Identifier: MIT
 * What a window says of a book beside its rows: spread, sums of the sides, imbalance, and the steps to group it by. */
#include "ladder_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STEPS_FINEST_OF_PRICE 100000 /* where no tick is known */

int ladder_tick(const struct hoga_instrument *instrument, int64_t price, unsigned price_decimals, int64_t *ret_tick)
{
    __int128 at = price, tick = 0;

    for (unsigned i = price_decimals; i < instrument->tick_decimals; i++)
        at *= 10;
    for (unsigned i = 0; i < instrument->n_ticks; i++) {
        __int128 from = instrument->ticks[i].from;

        for (unsigned d = instrument->tick_decimals; d < price_decimals; d++)
            from *= 10;
        if (from <= at)
            tick = instrument->ticks[i].tick;
    }
    for (unsigned d = instrument->tick_decimals; d < price_decimals; d++)
        tick *= 10;
    for (unsigned d = price_decimals; d < instrument->tick_decimals; d++) {
        if (tick % 10 != 0)
            return -ENOENT; /* finer than the book's own prices: of no use here */
        tick /= 10;
    }
    if (tick <= 0)
        return -ENOENT;
    if (tick > INT64_MAX)
        return -ERANGE;
    *ret_tick = (int64_t)tick;
    return 0;
}

static void spread_take(struct hoga_ladder *l)
{
    struct hoga_ladder_view *v = &l->view;
    int64_t bid_tick, ask_tick, mid;

    v->has_spread_ticks = 0;
    v->has_spread = hoga_spread(&v->book, &v->spread) == 0 && hoga_mid(&v->book, &mid) == 0 &&
                    ladder_share_ppm((__int128)v->spread * 10, mid, &v->spread_ppm) == 0; /* the mid has one more */
    if (v->has_spread && v->has_instrument &&
        ladder_tick(&v->instrument, v->book.bid.price, v->book.price_decimals, &bid_tick) == 0 &&
        ladder_tick(&v->instrument, v->book.ask.price, v->book.price_decimals, &ask_tick) == 0 && bid_tick == ask_tick)
        v->has_spread_ticks = hoga_spread_ticks(&v->book, bid_tick, &v->spread_ticks) == 0;
}

struct side_sum {
    __int128 size, money;
};

/* Of money beyond 128 bits, which no market has, nothing is told. */
static void side_sum(const struct hoga_level *levels, uint32_t n, int64_t scale, struct side_sum *ret)
{
    *ret = (struct side_sum){ 0, 0 };
    for (uint32_t i = 0; i < n; i++) {
        ret->size += levels[i].size;
        if (__builtin_add_overflow(ret->money, (__int128)levels[i].price * levels[i].size, &ret->money)) {
            *ret = (struct side_sum){ 0, 0 };
            return;
        }
    }
    if (__builtin_mul_overflow(ret->money, scale, &ret->money))
        ret->money = 0;
}

void ladder_facts(struct hoga_ladder *l)
{
    struct hoga_ladder_view *v = &l->view;
    const struct ladder_levels *b = &l->base;
    struct side_sum asks, bids;
    int64_t scale = 1;

    /* Money at the view's decimals, which may be more than the book's. */
    for (unsigned i = b->book.price_decimals; i < v->price_decimals; i++)
        scale *= 10;
    side_sum(b->asks, b->n_asks, scale, &asks);
    side_sum(b->bids, b->n_bids, scale, &bids);
    v->ask_size = ladder_widen(asks.size);
    v->bid_size = ladder_widen(bids.size);
    v->ask_money = ladder_widen(asks.money);
    v->bid_money = ladder_widen(bids.money);
    v->has_imbalance = ladder_share_ppm(bids.size - asks.size, bids.size + asks.size, &v->imbalance_ppm) == 0;
    spread_take(l);
}

/* 1, 2, 5 times a power of ten; `nth` from 0. 0: beyond an int64. */
static int64_t round_step(unsigned nth)
{
    static const int64_t firsts[] = { 1, 2, 5 };
    int64_t step = firsts[nth % 3];

    for (unsigned i = 0; i < nth / 3; i++) {
        if (__builtin_mul_overflow(step, 10, &step))
            return 0;
    }
    return step;
}

/* The finest that is no finer than the tick, or than a hundred thousandth of the price; the coarsest a tenth of it. */
static uint32_t steps_round(const struct hoga_ladder *l, char ret[][HOGA_DECIMAL_SIZE])
{
    const struct hoga_book *b = &l->base.book;
    int64_t price = b->bid.size > 0 ? b->bid.price : b->ask.price, finest;
    uint32_t n = 0;

    if (price <= 0)
        return 0;
    if (!l->view.has_instrument || ladder_tick(&l->view.instrument, price, b->price_decimals, &finest) < 0)
        finest = price / STEPS_FINEST_OF_PRICE;
    for (unsigned nth = 0; n < HOGA_LADDER_STEPS_MAX; nth++) {
        int64_t step = round_step(nth);

        if (step == 0 || step > price / 10)
            break;
        if (step > finest)
            (void)hoga_format(step, b->price_decimals, ret[n++]);
    }
    return n;
}

uint32_t hoga_ladder_steps(const struct hoga_ladder *l, char ret_steps[HOGA_LADDER_STEPS_MAX][HOGA_DECIMAL_SIZE])
{
    const struct hoga_instrument *in = &l->view.instrument;
    uint32_t n = 0;

    if (!l->view.has_instrument || in->n_groups == 0)
        return steps_round(l, ret_steps);
    for (unsigned i = 0; i < in->n_groups && n < HOGA_LADDER_STEPS_MAX; i++) {
        if (in->groups[i] > 0 && hoga_format(in->groups[i], in->group_decimals, ret_steps[n]) > 0)
            n++;
    }
    return n;
}

/* Where the step stands among the steps: how many are finer or the same. */
static uint32_t step_place(const char *step, char steps[][HOGA_DECIMAL_SIZE], uint32_t n)
{
    int64_t value, other;
    uint32_t place = 0;

    if (!step[0])
        return 0;
    for (unsigned decimals = 0; decimals <= HOGA_DECIMALS_MAX; decimals++) {
        place = 0;
        if (hoga_parse(step, decimals, &value) < 0)
            continue;
        while (place < n && hoga_parse(steps[place], decimals, &other) == 0 && other <= value)
            place++;
        if (place == n || hoga_parse(steps[place], decimals, &other) == 0)
            break;
    }
    return place;
}

int hoga_ladder_group_move(struct hoga_ladder *l, int by)
{
    char steps[HOGA_LADDER_STEPS_MAX][HOGA_DECIMAL_SIZE];
    uint32_t n = hoga_ladder_steps(l, steps);
    int64_t place = (int64_t)step_place(l->view.step, steps, n) + by;

    if (place <= 0)
        return hoga_ladder_group_set(l, "");
    return n == 0 ? 0 : hoga_ladder_group_set(l, steps[(place > n ? n : place) - 1]);
}
