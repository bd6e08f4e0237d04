/* SPDX-License-Identifier: MIT
 * Which rows are on the screen. The list is all asks from the worst to the best, then all bids from the best to the
 * worst; the window is n_rows of it, from index `top`, which may lie before its beginning or reach beyond its end. */
#include "ladder_private.h"

#include <string.h>

static int64_t list_size(const struct ladder_rungs *r)
{
    return (int64_t)r->asks.n + r->bids.n;
}

/* The rung at an index of the list, NULL outside. */
static const struct ladder_rung *list_at(const struct ladder_rungs *r, int64_t index, int *ret_is_ask)
{
    if (index < 0 || index >= list_size(r))
        return NULL;
    *ret_is_ask = index < r->asks.n;
    return *ret_is_ask ? &r->asks.rungs[r->asks.n - 1 - index] : &r->bids.rungs[index - r->asks.n];
}

/* Where a price is in the list, or would be: rungs above it. A price that changed sides keeps its place so. */
static int64_t list_index(const struct ladder_rungs *r, int64_t price)
{
    int64_t above = 0;

    for (uint32_t i = 0; i < r->asks.n; i++)
        above += r->asks.rungs[i].price > price;
    for (uint32_t i = 0; i < r->bids.n; i++)
        above += r->bids.rungs[i].price > price;
    return above;
}

static uint32_t margin_of(const struct ladder_window *w)
{
    uint32_t quarter = w->n_rows / 4;

    return quarter < LADDER_MARGIN_MAX ? quarter : LADDER_MARGIN_MAX;
}

/* Just so far that both best prices are on the screen, a little from its edge. */
static void spread_keep(struct ladder_window *w, const struct ladder_rungs *next)
{
    int64_t boundary = (int64_t)next->asks.n - w->top, margin = margin_of(w);

    if (next->asks.n == 0 && next->bids.n == 0)
        return;
    if (boundary < 1 + margin)
        w->top -= 1 + margin - boundary;
    if (boundary > (int64_t)w->n_rows - 1 - margin)
        w->top += boundary - ((int64_t)w->n_rows - 1 - margin);
}

void ladder_window_move(struct ladder_window *w, const struct ladder_rungs *before, const struct ladder_rungs *next)
{
    int64_t row = w->pointer >= 0 && (uint32_t)w->pointer < w->n_rows ? w->pointer : (int64_t)(w->n_rows / 2);
    const struct ladder_rung *anchor;
    int is_ask;

    if (w->is_centre_due || list_size(before) == 0) {
        w->top = (int64_t)next->asks.n - w->n_rows / 2;
        w->is_centre_due = list_size(next) == 0; /* nothing to be in the middle of, yet */
        return;
    }
    anchor = list_at(before, w->top + row, &is_ask);
    if (!anchor && w->top + row < 0) { /* above the list: its first rung keeps its place */
        row = -w->top;
        anchor = list_at(before, 0, &is_ask);
    } else if (!anchor) {
        row = list_size(before) - 1 - w->top;
        anchor = list_at(before, list_size(before) - 1, &is_ask);
    }
    w->top = list_index(next, anchor->price) - row;
    if (!w->is_scrolled && w->pointer < 0)
        spread_keep(w, next);
}

static __int128 column_value(const struct ladder_rung *rung, unsigned column)
{
    if (column & HOGA_LADDER_TOTAL)
        return column & HOGA_LADDER_MONEY ? rung->total_money : rung->total_size;
    return column & HOGA_LADDER_MONEY ? rung->money : rung->size;
}

/* Is the last trade's price in this row: its own, or of a group one that goes to it? */
static int has_last(const struct hoga_ladder *l, const struct hoga_ladder_row *row)
{
    const struct hoga_fact *last = &l->view.day.last;
    int64_t price = last->mantissa, step = 1;
    unsigned decimals = l->view.price_decimals;

    if (!last->is_known || last->decimals > decimals)
        return 0;
    for (unsigned i = last->decimals; i < decimals; i++)
        if (__builtin_mul_overflow(price, 10, &price))
            return 0;
    if (l->view.step[0] && hoga_parse(l->view.step, decimals, &step) < 0)
        return 0;
    return hoga_group_price(price, step, row->side == HOGA_LADDER_ASK, &price) == 0 && price == row->price;
}

static void day_mark(const struct hoga_ladder *l, struct hoga_ladder_row *io)
{
    const struct hoga_fact *close = &l->view.day.previous_close;

    if (!l->view.has_day)
        return;
    io->is_last = (uint8_t)has_last(l, io);
    io->has_change = close->is_known && ladder_ppm(io->price, l->view.price_decimals, close->mantissa, close->decimals,
                                                   &io->change_ppm) == 0;
}

static void row_make(struct hoga_ladder *l, const struct ladder_rung *rung, int is_ask, int is_best,
                     int64_t now_boot_ns, struct hoga_ladder_row *ret)
{
    *ret = (struct hoga_ladder_row){
        .side = is_ask ? HOGA_LADDER_ASK : HOGA_LADDER_BID,
        .is_best = (uint8_t)is_best,
        .is_chosen = l->has_chosen && l->chosen_price == rung->price,
        .flash = ladder_flash(rung, now_boot_ns),
        .flash_way = rung->flash_way,
        .price = rung->price,
        .amount = ladder_widen(column_value(rung, l->view.column)),
        .size = ladder_widen(rung->size),
        .money = ladder_widen(rung->money),
        .total_size = ladder_widen(rung->total_size),
        .total_money = ladder_widen(rung->total_money),
    };
    day_mark(l, ret);
    if (ret->flash > 0 && rung->flash_boot_ns + HOGA_LADDER_FLASH_NS > l->flash_until_boot_ns)
        l->flash_until_boot_ns = rung->flash_boot_ns + HOGA_LADDER_FLASH_NS;
}

static uint16_t bar_of(__int128 value, __int128 largest)
{
    int64_t ppm;

    if (value <= 0 || ladder_share_ppm(value, largest, &ppm) < 0)
        return 0;
    return (uint16_t)((ppm * HOGA_LADDER_BAR_MAX + LADDER_PPM / 2) / LADDER_PPM);
}

void ladder_window_fill(struct hoga_ladder *l, int64_t now_boot_ns)
{
    const struct ladder_rungs *r = &l->rungs[l->now];
    const struct ladder_window *w = &l->window;
    int64_t boundary = (int64_t)r->asks.n - w->top;
    const struct ladder_rung *rung;
    __int128 largest = 0;
    int is_ask;

    l->flash_until_boot_ns = 0;
    for (uint32_t i = 0; i < w->n_rows; i++) {
        rung = list_at(r, w->top + i, &is_ask);
        if (rung && column_value(rung, l->view.column) > largest)
            largest = column_value(rung, l->view.column);
    }
    for (uint32_t i = 0; i < w->n_rows; i++) {
        rung = list_at(r, w->top + i, &is_ask);
        if (!rung) {
            memset(&l->rows[i], 0, sizeof l->rows[i]);
            continue;
        }
        row_make(l, rung, is_ask, rung == (is_ask ? r->asks.rungs : r->bids.rungs), now_boot_ns, &l->rows[i]);
        l->rows[i].bar = bar_of(column_value(rung, l->view.column), largest);
    }
    l->view.n_rows = w->n_rows;
    l->view.amount_decimals = l->view.column & HOGA_LADDER_MONEY ? l->view.money_decimals : l->view.size_decimals;
    l->view.spread_way = (int8_t)(boundary <= 0 ? -1 : boundary >= (int64_t)w->n_rows ? 1 : 0);
    l->view.boundary = boundary < 0 ? 0 : boundary > w->n_rows ? w->n_rows : (uint32_t)boundary;
    l->view.n_above = w->top > 0 ? (uint32_t)w->top : 0;
    boundary = list_size(r) - w->top - w->n_rows;
    l->view.n_below = boundary > 0 ? (uint32_t)boundary : 0;
    l->view.is_held = w->is_scrolled || w->pointer >= 0;
}
