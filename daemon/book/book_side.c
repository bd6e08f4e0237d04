/* SPDX-License-Identifier: MIT
 * One side's memory, and changes to it. A message's levels come in order as a rule, so that as many as possible are
 * looked up one beside the other and put in by one pass over what lies between them (a run). There no branch depends on
 * a price, a size or whether a level is there: each would be guessed wrong half of the time. */
#include "book/book_private.h"

#include <assert.h>
#include <string.h>

#define NEAR     8    /* levels from the best */
#define SPAN_MAX 1152 /* levels that the changes of a run lie apart at most: what is put aside, on the stack */

/* A level that comes in before index `at`, or goes from there. */
struct change {
    uint32_t at;
    uint16_t from; /* index in the run */
    uint8_t is_new;
};

/* Levels of a message that follow each other in price and belong into one section. */
struct run {
    const struct md_level *levels;
    const uint16_t *digits;  /* NULL where nobody asks for them */
    uint32_t n;              /* 1 .. RUN_MAX */
    int is_rising;           /* the worst comes first */
    uint32_t place[RUN_MAX]; /* index in the section of the first level that is not better */
};

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* Both arrays move alike: `n` elements from index `from` to index `to` of the side's memory. */
static void side_move(struct side *side, uint32_t to, uint32_t from, uint32_t n)
{
    memmove(side->memory + to, side->memory + from, n * sizeof(side->memory[0]));
    if (side->digits)
        memmove(side->digits + to, side->digits + from, n * sizeof(side->digits[0]));
}

void side_pack(const struct book *bk, struct side *side)
{
    uint32_t end = bk->room;

    if (side->n_sections == 1 && side->section[0].end == bk->room)
        return;
    for (uint32_t k = side->n_sections; k-- > 0;) { /* from the worst: nothing is moved onto what is still to move */
        uint32_t n = side->section[k].end - side->section[k].first;

        end -= n;
        side_move(side, end, side->section[k].first, n);
    }
    side->section[0] = (struct section){ end, bk->room };
    side->n_sections = 1;
}

/* Sections of like size, and room in front of each. */
static void side_spread(const struct book *bk, struct side *side)
{
    uint32_t n_sections = side->n / bk->section_size > 1 ? side->n / bk->section_size : 1;
    uint32_t n_each = side->n / n_sections, room = (bk->room - side->n) / n_sections;
    uint32_t from = bk->room - side->n;

    assert(n_sections <= SECTIONS_MAX);
    side_pack(bk, side);
    room = room < bk->section_size / 2 ? room : bk->section_size / 2;
    for (uint32_t k = 0; k < n_sections; k++) {
        uint32_t n = k + 1 < n_sections ? n_each : side->n - k * n_each;
        uint32_t first = from - (n_sections - 1 - k) * room;

        side_move(side, first, from, n);
        side->section[k] = (struct section){ first, first + n };
        from += n;
    }
    side->n_sections = n_sections;
}

int side_cut(struct side *side, uint32_t depth)
{
    if (side->n <= depth)
        return 0;
    while (side->n > depth) {
        struct section *last = &side->section[side->n_sections - 1];
        uint32_t n = last->end - last->first, n_cut = side->n - depth < n ? side->n - depth : n;

        last->end -= n_cut;
        side->n -= n_cut;
        if (n_cut == n && side->n_sections > 1)
            side->n_sections--;
    }
    return 1;
}

/* After a run of the section: none is empty where there are others, and the first holds what is shown. */
static inline void section_settle(const struct book *bk, struct side *side, uint32_t k)
{
    if (side->section[k].first == side->section[k].end && side->n_sections > 1) {
        side->n_sections--;
        memmove(side->section + k, side->section + k + 1, (side->n_sections - k) * sizeof(side->section[0]));
    }
    if (side_cut(side, bk->levels_max))
        side_edge_here(bk, side);
    if (side->n_sections > 1 && side_n_first(side) < bk->n_first)
        side_spread(bk, side);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) uint32_t section_find(const struct side *side, int64_t price, int is_bid)
{
    uint32_t k = 0;

    while (k + 1 < side->n_sections && price_is_better(is_bid, side->memory[side->section[k].end - 1].price, price))
        k++;
    return k;
}

/* The section for the level, with room for a run. */
static inline __attribute__((always_inline)) uint32_t section_for(const struct book *bk, struct side *side,
                                                                  int64_t price, int is_bid)
{
    uint32_t k = section_find(side, price, is_bid);
    const struct section *s = &side->section[k];

    if (s->first - (k > 0 ? s[-1].end : 0) >= RUN_MAX && s->end - s->first <= 2 * bk->section_size)
        return k;
    side_spread(bk, side);
    return section_find(side, price, is_bid);
}

/* How many of the `n` levels at `from` make a run of section k, into run->n. */
static inline __attribute__((always_inline)) void run_measure(struct run *run, const struct side *side, uint32_t k,
                                                              const struct md_level *from, uint32_t n, int is_bid)
{
    int64_t worst = is_bid ? INT64_MIN : INT64_MAX, better = is_bid ? INT64_MAX : INT64_MIN;
    uint32_t i = 1;

    if (n > RUN_MAX)
        n = RUN_MAX;
    if (k + 1 < side->n_sections)
        worst = side->memory[side->section[k].end - 1].price;
    if (k > 0)
        better = side->memory[side->section[k - 1].end - 1].price;
    run->is_rising = n > 1 && price_is_better(is_bid, from[1].price, from[0].price);
    if (run->is_rising)
        while (i < n && price_is_better(is_bid, from[i].price, from[i - 1].price) &&
               price_is_better(is_bid, better, from[i].price))
            i++;
    else
        while (i < n && price_is_better(is_bid, from[i - 1].price, from[i].price) &&
               !price_is_better(is_bid, worst, from[i].price))
            i++;
    run->n = i;
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

/* Four searches at a time: the loads of one wait for each other, those of several do not. */
static inline __attribute__((always_inline)) void run_find(struct run *run, const struct md_level *levels, size_t n,
                                                           int is_bid)
{
    const struct md_level *from = run->levels;

    for (uint32_t i = 0; run->n < 4 && i < run->n; i++)
        run->place[i] = level_find(levels, n, from[i].price, is_bid);
    for (uint32_t next = 0; run->n >= 4 && next < run->n; next += 4) {
        uint32_t i = next + 4 <= run->n ? next : run->n - 4; /* some twice, rather than the last alone */
        const struct md_level *a = levels, *b = levels, *c = levels, *d = levels;

        for (size_t left = n, half; left > 0; left -= half) {
            half = (left + 1) / 2;
            a = step(a, half, from[i].price, is_bid);
            b = step(b, half, from[i + 1].price, is_bid);
            c = step(c, half, from[i + 2].price, is_bid);
            d = step(d, half, from[i + 3].price, is_bid);
        }
        run->place[i] = (uint32_t)(a - levels);
        run->place[i + 1] = (uint32_t)(b - levels);
        run->place[i + 2] = (uint32_t)(c - levels);
        run->place[i + 3] = (uint32_t)(d - levels);
    }
}

/* What is put aside while it changes has a limit; the rest is a run of its own. */
static inline void run_shorten(struct run *run)
{
    const uint32_t *place = run->place;

    while ((run->is_rising ? place[0] - place[run->n - 1] : place[run->n - 1] - place[0]) >= SPAN_MAX)
        run->n--;
}

/* New sizes go straight in; levels that come or go are noted, from the best on. Beyond the edge of our own cut none
 * comes. Returns how many are noted. */
static inline __attribute__((always_inline)) uint32_t run_sort_out(const struct run *run, struct side *side, uint32_t k,
                                                                   int is_bid, struct change *ret, int *io_changed)
{
    uint32_t first = side->section[k].first, n = side->section[k].end - first, n_changes = 0;
    int64_t edge = side->is_cut ? side->edge : is_bid ? INT64_MIN : INT64_MAX, difference = 0, no_size;
    uint16_t no_digits;

    for (uint32_t i = run->is_rising ? run->n - 1 : 0; i < run->n; i += run->is_rising ? -1u : 1u) {
        uint32_t at = run->place[i];
        const struct md_level *from = &run->levels[i];
        struct md_level *level = side->memory + first + at;
        int is_there = (at < n) & (level->price == from->price), is_zero = from->size == 0;
        int64_t *const sizes[2] = { &no_size, &level->size }, *size = sizes[is_there]; /* no branch */
        int is_new = !is_there & !is_zero & (from->price > 0) & !price_is_better(is_bid, edge, from->price);

        no_size = from->size;
        difference |= *size ^ from->size;
        *size = from->size;
        if (run->digits)
            *(is_there ? &side->digits[first + at] : &no_digits) = run->digits[i];
        ret[n_changes] = (struct change){ at, (uint16_t)i, (uint8_t)is_new };
        n_changes += (uint32_t)(is_new | (is_there & is_zero));
    }
    *io_changed |= difference != 0 || n_changes > 0;
    return n_changes;
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

/* One of the side's arrays, of elements of `size` bytes; `section` is where its section begins. The levels between the
 * changes are put aside and written back where they belong, CHUNK at a time: what that writes too much is overwritten
 * by what comes behind it. Everything better moves by `n_more`, everything worse stays. */
static inline __attribute__((always_inline)) void array_change(char *section, size_t size, const void *from,
                                                               const struct change *change, uint32_t n_changes,
                                                               int64_t n_more)
{
    char aside[(SPAN_MAX + 1 + CHUNK) * sizeof(struct md_level)];
    const struct change *last = &change[n_changes - 1];
    size_t at = change[0].at, end = last->at + (1u - last->is_new);
    const char *old = aside;
    char *to = section + (ptrdiff_t)size * ((ptrdiff_t)at - n_more);

    assert(end - at <= SPAN_MAX + 1);
    memcpy(aside, section + at * size, (end - at + CHUNK) * size);
    if (n_more != 0)
        memmove(section - (ptrdiff_t)size * n_more, section, at * size);
    for (; change <= last; change++) {
        size_t n = change->at - at;

        for (size_t i = 0; i == 0 || i < n; i += CHUNK)
            memcpy(to + i * size, old + i * size, CHUNK * size);
        to += n * size;
        old += n * size;
        memcpy(to, (const char *)from + change->from * size, size);
        to += size * change->is_new;
        old += size * (1u - change->is_new);
        at = change->at + (1u - change->is_new);
    }
    memcpy(to, old, CHUNK * size);
}

static __attribute__((noinline)) void section_change(struct side *side, uint32_t k, const struct run *run,
                                                     const struct change *change, uint32_t n_changes)
{
    struct section *s = &side->section[k];
    int64_t n_more = 0;

    for (uint32_t i = 0; i < n_changes; i++)
        n_more += change[i].is_new ? 1 : -1;
    array_change((char *)(side->memory + s->first), sizeof(side->memory[0]), run->levels, change, n_changes, n_more);
    if (side->digits)
        array_change((char *)(side->digits + s->first), sizeof(side->digits[0]), run->digits, change, n_changes,
                     n_more);
    s->first = (uint32_t)(s->first - n_more);
    side->n = (uint32_t)(side->n + n_more);
}

/* The same of one level, which comes in before index `at` or goes from there. */
static inline void section_change_one(struct side *side, uint32_t k, uint32_t at, int is_new,
                                      const struct md_level *level, const uint16_t *digits)
{
    uint32_t first = side->section[k].first, to = is_new ? first - 1 : first + 1;

    side_move(side, to, first, at);
    side->n += first - to;
    side->section[k].first = to;
    if (!is_new)
        return;
    side->memory[to + at] = *level;
    if (digits)
        side->digits[to + at] = *digits;
}

/* A level that has no other beside it goes the short way: what most messages of one level do can be guessed. */
static inline __attribute__((always_inline)) int level_put(const struct book *bk, struct side *side, uint32_t k,
                                                           const struct md_level *from, const uint16_t *digits,
                                                           int is_bid)
{
    uint32_t first = side->section[k].first, n = side->section[k].end - first;
    uint32_t at = level_find(side->memory + first, n, from->price, is_bid);
    struct md_level *level = side->memory + first + at;
    int is_there = at < n && level->price == from->price;

    if (is_there && from->size > 0) {
        int changed = level->size != from->size;

        level->size = from->size;
        if (digits)
            side->digits[first + at] = *digits;
        return changed;
    }
    if (!is_there &&
        (from->size == 0 || from->price == 0 || (side->is_cut && price_is_better(is_bid, side->edge, from->price))))
        return 0;
    section_change_one(side, k, at, !is_there, from, digits);
    section_settle(bk, side, k);
    return 1;
}

static inline __attribute__((always_inline)) int side_put_all(const struct book *bk, struct side *side,
                                                              const struct md_level *levels, const uint16_t *digits,
                                                              uint32_t n, int is_bid)
{
    int changed = 0;

    for (uint32_t i = 0; i < n;) {
        struct change change[RUN_MAX + 1]; /* one more is written than counts */
        uint32_t k = section_for(bk, side, levels[i].price, is_bid), n_changes;
        struct run run;

        run.levels = levels + i;
        run.digits = digits ? digits + i : NULL;
        run_measure(&run, side, k, levels + i, n - i, is_bid);
        if (run.n == 1) {
            changed |= level_put(bk, side, k, run.levels, run.digits, is_bid);
            i++;
            continue;
        }
        run_find(&run, side->memory + side->section[k].first, side->section[k].end - side->section[k].first, is_bid);
        run_shorten(&run);
        n_changes = run_sort_out(&run, side, k, is_bid, change, &changed);
        if (n_changes > 0) {
            if (n_changes == 1)
                section_change_one(side, k, change->at, change->is_new, run.levels + change->from,
                                   digits ? run.digits + change->from : NULL);
            else
                section_change(side, k, &run, change, n_changes);
            section_settle(bk, side, k);
        }
        i += run.n;
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

int side_put(const struct book *bk, struct side *side, const struct md_level *levels, const uint16_t *digits,
             uint32_t n)
{
    assert(!digits == !side->digits);
    if (n == 0)
        return 0;
    return side->is_bid ? bids_put(bk, side, levels, digits, n) : asks_put(bk, side, levels, digits, n);
}
