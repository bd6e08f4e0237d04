/* SPDX-License-Identifier: MIT
 * How far a side is certain. Levels that were cut off, or that a snapshot of limited depth did not give, leave an edge:
 * what the book holds beyond it is not all there is. */
#include "book/book_private.h"

#include <assert.h>

/* What a snapshot leaves unsaid: below its last level if it was cut to so many, or if we cut it. */
void side_edge_set(const struct book *bk, struct side *side, uint32_t n_given, uint32_t depth)
{
    side->is_cut = n_given > bk->levels_max;
    side->has_edge = (uint8_t)(side->is_cut || (depth > 0 && n_given >= depth));
    if (side->has_edge && side->n > 0) {
        side->edge = side_worst(side);
        side->n_given = side->n;
    } else {
        side->has_edge = 0;
    }
}

/* What is worse than the worst level is not kept from now on. */
void side_edge_here(const struct book *bk, struct side *side)
{
    side->is_cut = 1;
    side->has_edge = 1;
    side->edge = side_worst(side);
    side->n_given = bk->levels_max;
}

/* Are the best `n` all there are down to the last of them? */
static int side_is_certain(const struct side *side, uint32_t n)
{
    if (!side->has_edge || n == 0)
        return 1;
    return side->n >= n && !price_is_better(side->is_bid, side->edge, side_price_at(side, n - 1));
}

/* So many levels must be certain where `depth` are shown: all of them, unless the venue gave hardly more, or less. */
static uint32_t side_floor(const struct side *side, uint32_t depth)
{
    uint32_t most = side->n_given - side->n_given / 4;

    return depth < most ? depth : most;
}

/* Half as many more, or half of what there was more, are near the floor: time to fetch the book anew. */
static int side_is_shallow(const struct side *side, uint32_t depth)
{
    uint32_t floor = side_floor(side, depth), more;

    if (!side->has_edge)
        return 0;
    more = (side->n_given - floor) / 2;
    return !side_is_certain(side, floor + (more < floor / 2 ? more : floor / 2));
}

int book_is_shallow(const struct book *bk, uint32_t depth)
{
    assert(depth > 0);
    return side_is_shallow(&bk->bids, depth) || side_is_shallow(&bk->asks, depth);
}

int book_is_short(const struct book *bk)
{
    uint32_t depth = bk->options.levels_shown;

    return !side_is_certain(&bk->bids, side_floor(&bk->bids, depth)) ||
           !side_is_certain(&bk->asks, side_floor(&bk->asks, depth));
}

/* What lies beyond the edge is kept, since it may become certain, and not shown, since between it and the edge there
 * may be what was never heard of. */
uint32_t side_n_shown(const struct book *bk, const struct side *side)
{
    const struct md_level *levels = side_levels(side);
    uint32_t n = side_n_first(side), shown = bk->options.levels_shown;

    if (shown == 0 || side_is_certain(side, shown))
        return n;
    for (n = n < shown ? n : shown; n > 0 && price_is_better(side->is_bid, side->edge, levels[n - 1].price);)
        n--;
    return n;
}
