/* SPDX-License-Identifier: MIT */
#include "delta.h"

#include <string.h>

struct side {
    const struct level *levels;
    unsigned n;     /* within the depth */
    unsigned n_all; /* of the whole book */
    uint8_t price_decimals, size_decimals;
};

static struct side side_of(const struct book *b, bool is_ask, unsigned depth)
{
    struct side side = { 0 };

    if (b == NULL)
        return side;
    side.levels = is_ask ? b->asks : b->bids;
    side.n_all = is_ask ? b->n_asks : b->n_bids;
    side.n = side.n_all < depth ? side.n_all : depth;
    side.price_decimals = b->price_decimals;
    side.size_decimals = b->size_decimals;
    return side;
}

/* -1, 0, 1: exact whatever the decimals, since 10^18 * 2^63 stays below 2^127. */
static int number_compare(struct number a, struct number b)
{
    __int128 left = a.mantissa, right = b.mantissa;

    for (uint8_t i = a.decimals; i < b.decimals; i++)
        left *= 10;
    for (uint8_t i = b.decimals; i < a.decimals; i++)
        right *= 10;
    return left < right ? -1 : left > right;
}

static struct delta_level level_at(const struct side *side, unsigned i)
{
    return (struct delta_level){ { side->levels[i].price, side->price_decimals },
                                 { side->levels[i].size, side->size_decimals } };
}

/* Does a level of this price lie below what is seen of the side? */
static bool is_sunk(const struct side *side, struct number price)
{
    for (unsigned i = side->n; i < side->n_all; i++)
        if (number_compare(level_at(side, i).price, price) == 0)
            return true;
    return false;
}

/* Both sides are walked best first. */
static unsigned side_delta(const struct side *from, const struct side *to, bool is_ask, bool truncates,
                           struct delta_level *ret)
{
    unsigned i = 0, k = 0, n = 0;

    while (i < from->n || k < to->n) {
        int order = i == from->n ? 1
                    : k == to->n ? -1
                                 : number_compare(level_at(from, i).price, level_at(to, k).price) * (is_ask ? 1 : -1);
        if (order < 0) {
            struct delta_level gone = level_at(from, i++);
            gone.size.mantissa = 0;
            if (!truncates || !is_sunk(to, gone.price))
                ret[n++] = gone;
        } else if (order > 0) {
            ret[n++] = level_at(to, k++);
        } else {
            struct delta_level now = level_at(to, k++);
            if (number_compare(level_at(from, i++).size, now.size) != 0)
                ret[n++] = now;
        }
    }
    return n;
}

void delta_make(const struct book *from, const struct book *to, unsigned depth, bool truncates, struct delta *ret)
{
    for (int is_ask = 0; is_ask < 2; is_ask++) {
        struct side before = side_of(from, is_ask, depth), after = side_of(to, is_ask, depth);
        if (is_ask)
            ret->n_asks = side_delta(&before, &after, true, truncates, ret->asks);
        else
            ret->n_bids = side_delta(&before, &after, false, truncates, ret->bids);
    }
}
