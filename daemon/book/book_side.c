/* SPDX-License-Identifier: MIT
 * Changes to one side. A message's levels come in order as a rule, and are put in order where they do not, so that as
 * many as possible are looked up one beside the other and put in together (a run). There no branch depends on a price,
 * a size or whether a level is there: each would be guessed wrong half of the time. */
#include "book/book_private.h"

#include <assert.h>
#include <string.h>

#define NEAR     8    /* levels from the best */
#define SEARCHES 8    /* at a time */
#define SPAN_MAX 1152 /* levels that the changes of a run lie apart at most: what is put aside, on the stack */

/* A level that comes in before index `at`, or goes from there. */
struct change {
    uint32_t at;
    uint32_t from; /* index in the run; one that goes has size 0 */
};

/* Levels of a message that are in order. */
struct run {
    const struct md_level *levels;
    const uint16_t *digits;             /* NULL where nobody asks for them */
    uint32_t n;                         /* 1 .. RUN_MAX */
    int is_rising;                      /* the worst comes first */
    uint32_t place[RUN_MAX + SEARCHES]; /* of the first level that is not better, counted from the best with all room */
};

/* --- where levels are --------------------------------------------------------------------------------------------- */

/* Of the levels, with the room between them. What is behind the last is no price of a message. */
static inline uint32_t side_n_places(struct side *side)
{
    uint32_t end = side->section[side->n_sections - 1].end;

    side->memory[end].price = 0;
    return end - side->section[0].first;
}

/* Places below it are in the first section. */
static inline uint32_t side_first_end(const struct side *side)
{
    return side->n_sections > 1 ? side_n_first(side) : UINT32_MAX;
}

/* The first section has room for a run. */
static inline void side_make_room(const struct book *bk, struct side *side)
{
    if (side->section[0].first <= RUN_MAX || side_n_first(side) > bk->n_first_max)
        section_make_room(bk, side, 0);
}

/* One step of a search. Nothing says which it will be: to be chosen without a branch. */
static inline __attribute__((always_inline)) const struct md_level *step(const struct md_level *at, size_t n,
                                                                         int64_t price, int is_bid)
{
    const struct md_level *further = at + n;

    return __builtin_expect_with_probability(price_is_better(is_bid, further[-1].price, price), 1, 0.5) ? further : at;
}

static inline __attribute__((always_inline)) uint32_t n_better_of_4(const struct md_level *levels, int64_t price,
                                                                    int is_bid)
{
    return (uint32_t)price_is_better(is_bid, levels[0].price, price) +
           (uint32_t)price_is_better(is_bid, levels[1].price, price) +
           (uint32_t)price_is_better(is_bid, levels[2].price, price) +
           (uint32_t)price_is_better(is_bid, levels[3].price, price);
}

/* The index of the first level that is not better. The nearest are counted at once: most changes are there. */
static inline __attribute__((always_inline)) uint32_t level_find(const struct md_level *levels, size_t n, int64_t price,
                                                                 int is_bid)
{
    const struct md_level *at = levels;

    if (n >= NEAR) {
        uint32_t n_better = n_better_of_4(levels, price, is_bid) + n_better_of_4(levels + 4, price, is_bid);

        if (n_better < NEAR)
            return n_better;
    }
    for (size_t left = n, half; left > 0; left -= half) {
        half = (left + 1) / 2;
        at = step(at, half, price, is_bid);
    }
    return (uint32_t)(at - levels);
}

/* One step of several searches. */
static inline __attribute__((always_inline)) void steps(const struct md_level **at, const int64_t *price,
                                                        uint32_t n_searches, size_t n, int is_bid)
{
#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++)
        at[j] = step(at[j], n, price[j], is_bid);
}

/* The loads of one search wait for each other, those of several do not. How many steps there are depends on the power
 * of two in n alone, which seldom changes. */
static inline __attribute__((always_inline)) void run_find_some(struct run *run, uint32_t first, uint32_t n_searches,
                                                                const struct md_level *levels, size_t n, int is_bid)
{
    const struct md_level *at[SEARCHES], *from = run->levels;
    int64_t price[SEARCHES];

#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++) {
        at[j] = levels;
        price[j] = from[first + n_searches <= run->n || first + j < run->n ? first + j : run->n - 1].price;
    }
    if (n > 0) {
        size_t width = (size_t)1 << (8 * sizeof(long) - 1 - (size_t)__builtin_clzl(n));

        if (n > width)
            steps(at, price, n_searches, n - width, is_bid);
        for (; width > 1; width /= 2)
            steps(at, price, n_searches, width / 2, is_bid);
        steps(at, price, n_searches, 1, is_bid);
    }
#pragma GCC unroll 8
    for (uint32_t j = 0; j < n_searches; j++)
        run->place[first + j] = (uint32_t)(at[j] - levels);
}

/* Some at the end are looked up twice: that costs less than to count them. */
static inline __attribute__((always_inline)) void run_find(struct run *run, const struct md_level *levels, size_t n,
                                                           int is_bid)
{
    uint32_t i = 0;

    for (; run->n - i > SEARCHES / 2 && i < run->n; i += SEARCHES)
        run_find_some(run, i, SEARCHES, levels, n, is_bid);
    if (i < run->n)
        run_find_some(run, i, SEARCHES / 2, levels, n, is_bid);
}

/* What is put aside of the first section while it changes has a limit; the rest is a run of its own. */
static inline void run_shorten(struct run *run, uint32_t first_end)
{
    uint32_t a = run->place[0], b = run->place[run->n - 1], best = a < b ? a : b, worst = a < b ? b : a;

    while ((worst < first_end ? worst : first_end) > best + SPAN_MAX - 1) {
        run->n--;
        a = run->place[run->n - 1];
        worst = run->is_rising ? worst : a;
        best = run->is_rising ? a : best;
    }
}

/* After a run. */
static inline void side_settle(const struct book *bk, struct side *side)
{
    if (side_cut(side, bk->levels_max))
        side_edge_here(bk, side);
    side_first_fill(bk, side);
}

/* New sizes go straight in; levels that come, or go from where no hole may be, are noted, from the best on. Returns how
 * many are noted. */
static inline __attribute__((always_inline)) uint32_t
run_sort_out(const struct run *run, struct side *side, uint32_t first_end, struct change *ret, int *io_changed)
{
    struct md_level *levels = side->memory + side->section[0].first;
    uint32_t n_changes = 0, n_more = 0, i = run->is_rising ? run->n - 1 : 0, by = run->is_rising ? -1u : 1u;
    int64_t difference = 0;

    for (uint32_t left = run->n; left > 0; left--, i += by) {
        uint32_t at = run->place[i];
        int64_t size = run->levels[i].size, before = levels[at].size;
        uint32_t is_there = levels[at].price == run->levels[i].price, is_level = size != 0, no_hole = at < first_end;
        int64_t other = (before ^ size) & -(int64_t)is_there; /* no branch */

        levels[at].size = before ^ other;
        difference |= other;
        n_more += (is_level - (before != 0)) & -is_there;
        if (run->digits) {
            uint16_t *digits = side_digits(side) + at;

            *digits ^= (*digits ^ run->digits[i]) & (uint16_t)-is_there;
        }
        ret[n_changes] = (struct change){ at, i };
        n_changes += (is_there ^ is_level) & (is_level | no_hole);
    }
    side->n += n_more;
    *io_changed |= difference != 0 || n_changes > 0;
    return n_changes;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

/* One of the side's arrays, of elements of `size` bytes; `section` is where its section begins. The levels between the
 * changes are put aside and written back where they belong, CHUNK at a time: what that writes too much is overwritten
 * by what comes behind it. Everything better moves by `n_more`, everything worse stays. */
static inline __attribute__((always_inline)) void array_change(char *section, size_t size, const struct run *run,
                                                               const void *from, const struct change *change,
                                                               uint32_t n_changes, int64_t n_more)
{
    char aside[(SPAN_MAX + 1 + CHUNK) * sizeof(struct md_level)];
    const struct change *last = &change[n_changes - 1];
    size_t at = change[0].at, end = last->at + (run->levels[last->from].size == 0);
    const char *old = aside;
    char *to = section + (ptrdiff_t)size * ((ptrdiff_t)at - n_more);

    assert(end - at <= SPAN_MAX + 1);
    memcpy(aside, section + at * size, (end - at + CHUNK) * size);
    if (n_more != 0)
        memmove(section - (ptrdiff_t)size * n_more, section, at * size);
    for (; change <= last; change++) {
        size_t n = change->at - at, goes = run->levels[change->from].size == 0;

        for (size_t i = 0; i == 0 || i < n; i += CHUNK)
            memcpy(to + i * size, old + i * size, CHUNK * size);
        to += n * size;
        old += n * size;
        memcpy(to, (const char *)from + change->from * size, size);
        to += size * (1 - goes);
        old += size * goes;
        at = change->at + goes;
    }
    memcpy(to, old, CHUNK * size);
}

static __attribute__((noinline)) void first_change(struct side *side, const struct run *run,
                                                   const struct change *change, uint32_t n_changes)
{
    struct section *s = &side->section[0];
    uint32_t n_new = 0;
    int64_t n_more;

    for (uint32_t i = 0; i < n_changes; i++)
        n_new += run->levels[change[i].from].size != 0;
    n_more = 2 * (int64_t)n_new - n_changes;
    side->n += n_new; /* those that go were counted when they were noted */
    array_change((char *)(side->memory + s->first), sizeof(side->memory[0]), run, run->levels, change, n_changes,
                 n_more);
    if (side->digits)
        array_change((char *)(side->digits + s->first), sizeof(side->digits[0]), run, run->digits, change, n_changes,
                     n_more);
    s->first = (uint32_t)(s->first - n_more);
}

/* One level comes in before index `at` of the first section, or goes from there. */
static inline void first_change_one(struct side *side, uint32_t at, int is_new, const struct md_level *level,
                                    const uint16_t *digits)
{
    uint32_t first = side->section[0].first, to = is_new ? first - 1 : first + 1;

    side_move(side, to, first, at);
    side->section[0].first = to;
    if (!is_new)
        return; /* counted when it was noted */
    side->n++;
    side->memory[to + at] = *level;
    if (digits)
        side->digits[to + at] = *digits;
}

/* A level that is not there into a section behind the first: into a hole beside it, or before index `at` of the memory.
 * The last of a section is never another, as the room behind it holds its price. Returns 0 where there is no room. */
static inline int tail_take(struct side *side, uint32_t at, const struct md_level *level, const uint16_t *digits)
{
    uint32_t k = 1;
    struct section *s;

    while (k + 1 < side->n_sections && at >= side->section[k].end)
        k++;
    s = &side->section[k];
    /* Those before it may have taken holes from there on. */
    while (at < s->end && price_is_better(side->is_bid, side->memory[at].price, level->price))
        at++;
    if (at > s->first && side->memory[at - 1].size == 0) {
        at--;
    } else if (at + (k + 1 < side->n_sections) >= s->end || side->memory[at].size != 0) {
        if (s->first == s[-1].end)
            return 0;
        side_move(side, s->first - 1, s->first, at - s->first);
        s->first--;
        at--;
    }
    side->n++;
    side->memory[at] = *level;
    if (digits)
        side->digits[at] = *digits;
    return 1;
}

/* A level that is not there comes in, whatever has to make room for it. */
static __attribute__((noinline)) void level_take(const struct book *bk, struct side *side, const struct md_level *level,
                                                 const uint16_t *digits)
{
    for (;;) {
        uint32_t at, k = 1;

        side_make_room(bk, side);
        at = level_find(side_levels(side), side_n_places(side), level->price, side->is_bid);
        if (at < side_first_end(side)) {
            first_change_one(side, at, 1, level, digits);
            return;
        }
        at += side->section[0].first;
        if (tail_take(side, at, level, digits))
            return;
        while (k + 1 < side->n_sections && at >= side->section[k].end)
            k++;
        section_make_room(bk, side, k);
    }
}

/* A level that has no other beside it goes the short way: what most messages of one level do can be guessed. */
static inline __attribute__((always_inline)) int
level_put(const struct book *bk, struct side *side, const struct md_level *from, const uint16_t *digits, int is_bid)
{
    uint32_t at = level_find(side_levels(side), side_n_places(side), from->price, is_bid);
    struct md_level *level = side_levels(side) + at;
    int is_there = level->price == from->price, is_first = at < side_first_end(side);

    if (is_there && (from->size > 0 || !is_first)) {
        int changed = level->size != from->size;

        side->n += (uint32_t)(from->size != 0) - (uint32_t)(level->size != 0);
        level->size = from->size;
        if (digits)
            side_digits(side)[at] = *digits;
        if (side->n > bk->levels_max)
            side_settle(bk, side);
        return changed;
    }
    if (!is_there && from->size == 0)
        return 0;
    side->n -= (uint32_t)is_there;
    if (is_first)
        first_change_one(side, at, !is_there, from, digits);
    else if (!tail_take(side, side->section[0].first + at, from, digits))
        level_take(bk, side, from, digits);
    side_settle(bk, side);
    return 1;
}

/* --- a message ---------------------------------------------------------------------------------------------------- */

/* What is noted: first the levels of the first section, of which there are `n_first`, then those that come behind it.
 */
static inline __attribute__((always_inline)) void run_change(const struct book *bk, struct side *side,
                                                             const struct run *run, const struct change *change,
                                                             uint32_t n_first, uint32_t n_changes)
{
    uint32_t first = side->section[0].first;

    if (n_first == 1)
        first_change_one(side, change->at, run->levels[change->from].size != 0, run->levels + change->from,
                         run->digits ? run->digits + change->from : NULL);
    else if (n_first > 1)
        first_change(side, run, change, n_first);
    for (uint32_t i = n_first, is_short = 0; i < n_changes; i++) {
        const struct md_level *level = &run->levels[change[i].from];
        const uint16_t *digits = run->digits ? &run->digits[change[i].from] : NULL;

        is_short = is_short || !tail_take(side, first + change[i].at, level, digits);
        if (is_short) /* and sections may have moved */
            level_take(bk, side, level, digits);
    }
}

static inline __attribute__((always_inline)) int run_put(const struct book *bk, struct side *side, struct run *run,
                                                         int is_bid)
{
    struct change change[RUN_MAX + 1]; /* one more is written than counts */
    uint32_t n_places = side_n_places(side), first_end = side_first_end(side), n_changes, n_first = 0;
    int changed = 0;

    run_find(run, side_levels(side), n_places, is_bid);
    run_shorten(run, first_end);
    n_changes = run_sort_out(run, side, first_end, change, &changed);
    if (n_changes == 0 && side->n <= bk->levels_max)
        return changed;
    for (uint32_t i = 0; i < n_changes; i++)
        n_first += change[i].at < first_end;
    run_change(bk, side, run, change, n_first, n_changes);
    side_settle(bk, side);
    return changed;
}

/* Is no price, or lies beyond the edge of our own cut. */
static inline __attribute__((always_inline)) int level_is_nothing(const struct side *side, int64_t price, int is_bid)
{
    return price == 0 || (side->is_cut && price_is_better(is_bid, side->edge, price));
}

/* Levels that are in order, of either direction. */
static inline __attribute__((always_inline)) int ordered_put(const struct book *bk, struct side *side,
                                                             const struct md_level *levels, const uint16_t *digits,
                                                             uint32_t n, int is_bid)
{
    struct run run;
    int changed = 0;

    for (; n > 0 && level_is_nothing(side, levels[n - 1].price, is_bid);) /* either end may be the worst */
        n--;
    for (; n > 0 && level_is_nothing(side, levels->price, is_bid); n--, levels++)
        digits += digits ? 1 : 0;
    run.is_rising = n > 1 && price_is_better(is_bid, levels[1].price, levels[0].price);
    for (uint32_t i = 0; i < n; i += run.n) {
        side_make_room(bk, side);
        run.n = n - i;
        run.levels = levels + i;
        run.digits = digits ? digits + i : NULL;
        changed |= run_put(bk, side, &run, is_bid);
    }
    return changed;
}

static inline __attribute__((always_inline)) int is_ordered(const struct md_level *levels, uint32_t n, int is_bid)
{
    uint32_t i = 2;

    if (n < 2 || levels[0].price == levels[1].price)
        return n < 2;
    if (price_is_better(is_bid, levels[0].price, levels[1].price))
        while (i < n && price_is_better(is_bid, levels[i - 1].price, levels[i].price))
            i++;
    else
        while (i < n && price_is_better(is_bid, levels[i].price, levels[i - 1].price))
            i++;
    return i >= n;
}

static inline __attribute__((always_inline)) int side_put_all(const struct book *bk, struct side *side,
                                                              const struct md_level *levels, const uint16_t *digits,
                                                              uint32_t n, int is_bid)
{
    int changed = 0;

    for (uint32_t i = 0; i < n; i += RUN_MAX) {
        uint32_t n_some = n - i < RUN_MAX ? n - i : RUN_MAX;
        const uint16_t *some_digits = digits ? digits + i : NULL;
        const struct md_level *some = levels + i;
        struct md_level in_order[RUN_MAX];
        uint16_t digits_in_order[RUN_MAX];

        if (!is_ordered(some, n_some, is_bid)) {
            n_some = levels_order(some, some_digits, n_some, is_bid, in_order, digits_in_order);
            some_digits = digits ? digits_in_order : NULL;
            some = in_order;
        }
        changed |= ordered_put(bk, side, some, some_digits, n_some, is_bid);
    }
    return changed;
}

static __attribute__((noinline)) int bids_put(const struct book *bk, struct side *side, const struct md_level *levels,
                                              const uint16_t *digits, uint32_t n)
{
    return side_put_all(bk, side, levels, digits, n, 1);
}

static __attribute__((noinline)) int asks_put(const struct book *bk, struct side *side, const struct md_level *levels,
                                              const uint16_t *digits, uint32_t n)
{
    return side_put_all(bk, side, levels, digits, n, 0);
}

static __attribute__((noinline)) int bid_put(const struct book *bk, struct side *side, const struct md_level *level,
                                             const uint16_t *digits)
{
    return level_put(bk, side, level, digits, 1);
}

static __attribute__((noinline)) int ask_put(const struct book *bk, struct side *side, const struct md_level *level,
                                             const uint16_t *digits)
{
    return level_put(bk, side, level, digits, 0);
}

int side_put(const struct book *bk, struct side *side, const struct md_level *levels, const uint16_t *digits,
             uint32_t n)
{
    assert(!digits == !side->digits);
    if (n == 0 || (n == 1 && level_is_nothing(side, levels->price, side->is_bid)))
        return 0;
    if (n == 1) {
        side_make_room(bk, side);
        return side->is_bid ? bid_put(bk, side, levels, digits) : ask_put(bk, side, levels, digits);
    }
    return side->is_bid ? bids_put(bk, side, levels, digits, n) : asks_put(bk, side, levels, digits, n);
}
