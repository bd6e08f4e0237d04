/* SPDX-License-Identifier: MIT */
#include "tape.h"

#include "market.h"

#include <errno.h>
#include <stdlib.h>

#define ID_FIRST   UINT64_C(17303368620470000) /* above 2^53, as Upbit's are: protocols/upbit.md, "Trades" */
#define ID_GAP_MAX 5

static __int128 ten_to(unsigned n)
{
    __int128 power = 1;

    while (n-- > 0)
        power *= 10;
    return power;
}

/* The fewest digits cut until 63 bits and 18 decimals hold it, and zeros at the end left out. */
static struct number number_cut(__int128 value, unsigned decimals)
{
    while (decimals > 0 &&
           (decimals > PEN_DECIMALS_MAX || value > INT64_MAX || value < -INT64_MAX || value % 10 == 0)) {
        value /= 10;
        decimals--;
    }
    if (value > INT64_MAX || value < -INT64_MAX)
        value = value > 0 ? INT64_MAX : -INT64_MAX;
    return (struct number){ (int64_t)value, (uint8_t)decimals };
}

struct number number_add(struct number a, struct number b)
{
    unsigned decimals = a.decimals > b.decimals ? a.decimals : b.decimals;

    return number_cut(a.mantissa * ten_to(decimals - a.decimals) + b.mantissa * ten_to(decimals - b.decimals),
                      decimals);
}

struct number number_times(struct number a, struct number b)
{
    return number_cut((__int128)a.mantissa * b.mantissa, a.decimals + b.decimals);
}

int number_order(struct number a, struct number b)
{
    unsigned decimals = a.decimals > b.decimals ? a.decimals : b.decimals;
    __int128 x = a.mantissa * ten_to(decimals - a.decimals), y = b.mantissa * ten_to(decimals - b.decimals);

    return (x > y) - (x < y);
}

int tape_init(struct tape *t, struct number previous_close, uint64_t seed)
{
    *t = (struct tape){ .previous_close = previous_close, .random = splitmix64(seed), .last_id = ID_FIRST };
    t->trades = calloc(TAPE_KEPT, sizeof(*t->trades));
    return t->trades != NULL ? 0 : -ENOMEM;
}

void tape_done(struct tape *t)
{
    free(t->trades);
    t->trades = NULL;
}

static void day_take(struct tape *t, const struct trade *trade)
{
    struct number price = { trade->price, trade->price_decimals }, size = { trade->size, trade->size_decimals };

    if (t->n_day++ == 0)
        t->open = t->high = t->low = price;
    if (number_order(price, t->high) > 0)
        t->high = price;
    if (number_order(price, t->low) < 0)
        t->low = price;
    t->volume = number_add(t->volume, size);
    t->value = number_add(t->value, number_times(price, size));
}

const struct trade *tape_add(struct tape *t, const struct trade *trade)
{
    struct trade *kept = &t->trades[t->n % TAPE_KEPT];
    uint64_t id = trade->id;

    if (id == 0) {
        t->random = splitmix64(t->random);
        id = t->last_id + 1 + t->random % ID_GAP_MAX;
    }
    if (id <= t->last_id)
        return NULL;
    *kept = *trade;
    kept->id = t->last_id = id;
    t->n++;
    day_take(t, kept);
    return kept;
}

const struct trade *tape_last(const struct tape *t, uint64_t k)
{
    return k < t->n && k < TAPE_KEPT ? &t->trades[(t->n - 1 - k) % TAPE_KEPT] : NULL;
}

bool tape_change(const struct tape *t, struct number *ret)
{
    const struct trade *last = tape_last(t, 0);

    if (last == NULL)
        return false;
    *ret = number_add((struct number){ last->price, last->price_decimals },
                      (struct number){ -t->previous_close.mantissa, t->previous_close.decimals });
    return true;
}
