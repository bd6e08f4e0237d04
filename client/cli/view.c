/* SPDX-License-Identifier: MIT */
#include "view.h"

#include "day.h"

#include "names.h"

#include <hoga/ladder.h>

#include <errno.h>
#include <stdlib.h>

struct view *view_new(void)
{
    return cli_memory(calloc(1, sizeof(struct view)));
}

struct view *view_free(struct view *v)
{
    free(v);
    return NULL;
}

struct grouping {
    int64_t scale; /* from the book's mantissas to the view's */
    int64_t step;  /* 1: every price on its own */
    bool is_up;
    uint32_t n_rungs_max;
};

/* Fills rungs from levels, best first. Returns how many rungs, or -ERANGE. */
static int side_make(const struct grouping *g, const struct hoga_level *levels, uint32_t n, struct rung *ret)
{
    uint32_t n_rungs = 0, start = 0;

    for (uint32_t i = 0; i < n; i++) {
        int64_t price;

        if (__builtin_mul_overflow(levels[i].price, g->scale, &price) ||
            hoga_group_price(price, g->step, g->is_up, &price) < 0)
            return -ERANGE;
        if (n_rungs == 0 || ret[n_rungs - 1].price != price) {
            if (n_rungs == g->n_rungs_max)
                break;
            ret[n_rungs++].price = price;
            start = i;
        }
        if (hoga_cumulative(levels + start, i + 1 - start, &ret[n_rungs - 1].size) < 0 ||
            hoga_cumulative(levels, i + 1, &ret[n_rungs - 1].total) < 0)
            return -ERANGE;
    }
    return (int)n_rungs;
}

int view_read_book(struct cli *c, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret)
{
    int r = -EAGAIN;

    for (unsigned i = 0; i < CLI_TRIES_MAX && r == -EAGAIN; i++)
        r = hoga_read_top(c->h, id, now_boot_ns, ret);
    return r;
}

int view_read(struct cli *c, hoga_id id, uint32_t depth, const char *group, struct view *v)
{
    struct grouping g = { .scale = 1, .step = 1, .n_rungs_max = depth };
    uint32_t n_max = group ? CLI_DEPTH_MAX : depth;
    int r = names_info(c, id, &v->info), n_bids, n_asks;

    if (r < 0)
        return r;
    r = -EAGAIN;
    for (unsigned i = 0; i < CLI_TRIES_MAX && r == -EAGAIN; i++)
        r = hoga_read(c->h, id, 0, &v->book, v->bid_levels, v->ask_levels, n_max);
    if (r < 0)
        return r;
    v->price_decimals = v->book.price_decimals;
    if (group) {
        r = hoga_group_step(group, v->book.price_decimals, &v->price_decimals, &g.step);
        if (r < 0)
            return r;
    }
    for (unsigned i = v->book.price_decimals; i < v->price_decimals; i++)
        g.scale *= 10;
    n_bids = side_make(&g, v->bid_levels, v->book.n_bids < n_max ? v->book.n_bids : n_max, v->bids);
    g.is_up = true;
    n_asks = side_make(&g, v->ask_levels, v->book.n_asks < n_max ? v->book.n_asks : n_max, v->asks);
    if (n_bids < 0 || n_asks < 0)
        return -ERANGE;
    v->n_bids = (uint32_t)n_bids;
    v->n_asks = (uint32_t)n_asks;
    day_read(c, id, &v->day);
    return 0;
}
