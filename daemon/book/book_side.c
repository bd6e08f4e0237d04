/* SPDX-License-Identifier: MIT
 * Changes to one side. As many levels of a message as possible are looked up one beside the other and put in together
 * (a run). No branch there depends on a price, a size or whether a level is there: each would be guessed wrong half of
 * the time. Levels come in order as a rule. Some venues send them in none (Gate.io: protocols/gateio.md, "Arrays in
 * deltas aren't sorted"; Kraken: protocols/kraken.md): most are new sizes, which need no order, and the rest is put in
 * order when it has been found. */
#include "book/book_run.h"

#include <assert.h>
#include <string.h>

#define SPAN_MAX 1152 /* levels that the changes of a run lie apart at most: what is put aside, on the stack */

/* --- where levels are --------------------------------------------------------------------------------------------- */

/* Of the levels, with the room between them. What is behind the last is no price of a message, nor is it none (0). */
static inline uint32_t side_n_places(struct side *side)
{
    uint32_t end = side->section[side->n_sections - 1].end;

    side->memory[end] = (struct md_level){ INT64_MIN, 0 };
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

/* New sizes go straight in; levels that come, or go from where no hole may be, are noted: of a run in order from the
 * best on, of another as they come. Of that also what goes and is not there, as it may have come in the same message.
 * Returns how many are noted. */
static inline __attribute__((always_inline)) uint32_t run_sort_out(const struct run *run, struct side *side,
                                                                   uint32_t first_end, int is_unsorted,
                                                                   struct change *ret, int *io_changed)
{
    const struct md_level *from = run->levels;
    struct md_level *levels = side_levels(side);
    int from_end = !is_unsorted && run->is_rising;
    uint32_t n_more = 0, i = from_end ? run->n - 1 : 0, by = from_end ? -1u : 1u;
    struct change *noted = ret;
    int64_t difference = 0;

    for (uint32_t left = run->n; left > 0; left--, i += by) {
        uint32_t at = run->place[i];
        int64_t price = from[i].price, size = from[i].size, before = levels[at].size;
        uint32_t is_there = levels[at].price == price, is_level = size != 0, no_hole = at < first_end;
        int64_t now = before ^ ((before ^ size) & -(int64_t)is_there); /* no branch */

        levels[at].size = now;
        difference |= before ^ now;
        n_more += (uint32_t)(now != 0) - (uint32_t)(before != 0);
        *noted = (struct change){ price, at, i };
        if (is_unsorted)
            noted += (is_there ^ 1) | ((is_level ^ 1) & no_hole);
        else
            noted += (is_there ^ is_level) & (is_level | no_hole);
    }
    for (i = 0; run->digits && i < run->n; i++)
        if (levels[run->place[i]].price == run->levels[i].price)
            side_digits(side)[run->place[i]] = run->digits[i];
    side->n += n_more;
    *io_changed |= difference != 0;
    return (uint32_t)(noted - ret);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

/* One of the side's arrays, of elements of `size` bytes; `section` is where its section begins. The levels between the
 * changes are put aside and written back where they belong, CHUNK at a time: what that writes too much is overwritten
 * by what comes behind it. Everything better moves by `n_more`, everything worse stays. */
static inline __attribute__((always_inline)) void array_change(char *section, size_t size, const struct run *run,
                                                               const void *from, const struct change *change,
                                                               uint32_t n_changes, int64_t n_more)
{
    char aside[(SPAN_MAX + 1 + 2 * CHUNK) * sizeof(struct md_level)];
    const struct change *last = &change[n_changes - 1];
    size_t at = change[0].at, end = last->at + (run->levels[last->from].size == 0);
    const char *old = aside;
    char *to = section + (ptrdiff_t)size * ((ptrdiff_t)at - n_more);

    assert(end - at <= SPAN_MAX + 1);
    for (size_t i = 0; i < end - at + CHUNK; i += CHUNK)
        memcpy(aside + i * size, section + (at + i) * size, CHUNK * size);
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
                                                   const struct change *change, uint32_t n_changes, uint32_t n_new)
{
    struct section *s = &side->section[0];
    int64_t n_more = 2 * (int64_t)n_new - n_changes;

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

/* --- a message in order ------------------------------------------------------------------------------------------- */

/* What is noted: first the levels of the first section, then those that come behind it. */
static inline __attribute__((always_inline)) void run_change(const struct book *bk, struct side *side,
                                                             const struct run *run, const struct change *change,
                                                             uint32_t n_changes)
{
    uint32_t first = side->section[0].first, first_end = side_first_end(side), n_first = 0, n_new = 0;

    for (uint32_t i = 0; i < n_changes; i++) {
        uint32_t is_first = change[i].at < first_end;

        n_first += is_first;
        n_new += is_first & (run->levels[change[i].from].size != 0);
    }
    if (n_first == 1)
        first_change_one(side, change->at, n_new == 1, run->levels + change->from,
                         run->digits ? run->digits + change->from : NULL);
    else if (n_first > 1)
        first_change(side, run, change, n_first, n_new);
    for (uint32_t i = n_first, is_short = 0; i < n_changes; i++) {
        const struct md_level *level = &run->levels[change[i].from];
        const uint16_t *digits = run->digits ? &run->digits[change[i].from] : NULL;

        is_short = is_short || !tail_take(side, first + change[i].at, level, digits);
        if (is_short) /* and sections may have moved */
            level_take(bk, side, level, digits);
    }
}

/* Returns 1 if the side changed, by this or before. */
static inline __attribute__((always_inline)) int run_finish(const struct book *bk, struct side *side,
                                                            const struct run *run, const struct change *change,
                                                            uint32_t n_changes, int changed)
{
    if (n_changes > 0)
        run_change(bk, side, run, change, n_changes);
    if (n_changes > 0 || side->n > bk->levels_max)
        side_settle(bk, side);
    return changed | (n_changes > 0);
}

/* A run in order. Prices that are nothing are at either end of what is noted: no side has them. */
static inline __attribute__((always_inline)) int run_put(const struct book *bk, struct side *side, struct run *run,
                                                         int is_bid)
{
    struct change noted[RUN_MAX + 1], *change = noted; /* one more is written than counts */
    uint32_t n_places = side_n_places(side), first_end = side_first_end(side), n_changes;
    int changed = 0;

    run_find(run, side_levels(side), n_places, is_bid);
    run_shorten(run, first_end);
    n_changes = run_sort_out(run, side, first_end, 0, noted, &changed);
    while (n_changes > 0 && level_is_nothing(side, change[n_changes - 1].price, is_bid))
        n_changes--;
    for (; n_changes > 0 && level_is_nothing(side, change->price, is_bid); n_changes--)
        change++;
    return run_finish(bk, side, run, change, n_changes, changed);
}

/* Levels that are in order, of either direction. */
static inline __attribute__((always_inline)) int ordered_put(const struct book *bk, struct side *side,
                                                             const struct md_level *levels, const uint16_t *digits,
                                                             uint32_t n, int is_bid)
{
    int is_rising = price_is_better(is_bid, levels[1].price, levels[0].price), changed = 0;
    struct run run;

    for (uint32_t i = 0; i < n; i += run.n) {
        side_make_room(bk, side);
        run.n = n - i < RUN_MAX ? n - i : RUN_MAX;
        run.levels = levels + i;
        run.digits = digits ? digits + i : NULL;
        run.is_rising = is_rising;
        changed |= run_put(bk, side, &run, is_bid);
    }
    return changed;
}

/* --- a message in no order ---------------------------------------------------------------------------------------- */

/* Each to where as many are before it; of equal prices the earlier one comes first. There are few. */
static inline __attribute__((always_inline)) void order(const struct change *change, uint32_t n, int is_bid,
                                                        uint32_t *ret)
{
    uint32_t place[RUN_MAX];

    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = 0;

        for (uint32_t j = 0; j < i; j++) {
            uint32_t is_behind = (uint32_t)price_is_better(is_bid, change[i].price, change[j].price);

            place[j] += is_behind;
            at += 1 - is_behind;
        }
        place[i] = at;
    }
    for (uint32_t i = 0; i < n; i++)
        ret[place[i]] = i;
    ret[n] = 0; /* looked at without a branch, and nothing is made of it */
}

/* What is noted, best first, of each price the last. That may be no change after all: what goes has come back since if
 * the book has a size there, and what goes and is not there only takes back what came before it. */
static inline __attribute__((always_inline)) uint32_t changes_order(const struct side *side, const struct run *run,
                                                                    const struct change *noted, uint32_t n, int is_bid,
                                                                    struct change *ret)
{
    const struct md_level *levels = side_levels(side);
    uint32_t index[RUN_MAX + 1], n_kept = 0;

    order(noted, n, is_bid, index);
    for (uint32_t i = 0; i < n; i++) {
        const struct change *c = &noted[index[i]];
        const struct md_level *level = &levels[c->at];
        int is_last = (i + 1 == n) | (noted[index[i + 1]].price != c->price);
        int comes = run->levels[c->from].size != 0, goes = (level->price == c->price) & (level->size == 0);

        ret[n_kept] = *c;
        n_kept += (uint32_t)(is_last & (comes | goes) & !level_is_nothing(side, c->price, is_bid));
    }
    return n_kept;
}

/* Levels in no order, or perhaps in one; RUN_MAX at most, and the first section is no longer than SPAN_MAX. */
static inline __attribute__((always_inline)) int unsorted_put(const struct book *bk, struct side *side,
                                                              const struct md_level *levels, const uint16_t *digits,
                                                              uint32_t n, int is_bid)
{
    struct change noted[RUN_MAX + 1], change[RUN_MAX]; /* one more is written than counts */
    uint32_t n_places, first_end, n_changes;
    struct run run;
    int changed = 0;

    side_make_room(bk, side);
    n_places = side_n_places(side);
    first_end = side_first_end(side);
    run.levels = levels;
    run.digits = digits;
    run.n = n;
    run_find(&run, side_levels(side), n_places, is_bid);
    n_changes = run_sort_out(&run, side, first_end, 1, noted, &changed);
    if (n_changes > 0)
        n_changes = changes_order(side, &run, noted, n_changes, is_bid, change);
    return run_finish(bk, side, &run, change, n_changes, changed);
}

/* More of them than a run takes. In a first section that is long, since the whole book is shown, they may lie too far
 * apart to be put in together. */
static __attribute__((noinline)) int pieces_put(const struct book *bk, struct side *side, const struct md_level *levels,
                                                const uint16_t *digits, uint32_t n)
{
    uint32_t n_most = side_n_first(side) > SPAN_MAX ? 1 : RUN_MAX;
    int changed = 0;

    for (uint32_t i = 0; i < n; i += n_most)
        changed |= side_put(bk, side, levels + i, digits ? digits + i : NULL, n - i < n_most ? n - i : n_most);
    return changed;
}

/* --- a message ---------------------------------------------------------------------------------------------------- */

/* Both directions are tried to the end: where an order breaks off cannot be guessed. */
static inline __attribute__((always_inline)) int is_ordered(const struct md_level *levels, uint32_t n, int is_bid)
{
    int is_rising = 1, is_falling = 1;

    for (uint32_t i = 1; i < n; i++) {
        is_rising &= price_is_better(is_bid, levels[i].price, levels[i - 1].price);
        is_falling &= price_is_better(is_bid, levels[i - 1].price, levels[i].price);
    }
    return is_rising | is_falling;
}

static __attribute__((noinline)) int bids_put(const struct book *bk, struct side *side, const struct md_level *levels,
                                              const uint16_t *digits, uint32_t n)
{
    return ordered_put(bk, side, levels, digits, n, 1);
}

static __attribute__((noinline)) int asks_put(const struct book *bk, struct side *side, const struct md_level *levels,
                                              const uint16_t *digits, uint32_t n)
{
    return ordered_put(bk, side, levels, digits, n, 0);
}

static __attribute__((noinline)) int unsorted_bids_put(const struct book *bk, struct side *side,
                                                       const struct md_level *levels, const uint16_t *digits,
                                                       uint32_t n)
{
    return unsorted_put(bk, side, levels, digits, n, 1);
}

static __attribute__((noinline)) int unsorted_asks_put(const struct book *bk, struct side *side,
                                                       const struct md_level *levels, const uint16_t *digits,
                                                       uint32_t n)
{
    return unsorted_put(bk, side, levels, digits, n, 0);
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
    /* Order is the venue's: where one message has had none, those that follow are not tried. */
    if (!side->is_unsorted)
        side->is_unsorted = !(side->is_bid ? is_ordered(levels, n, 1) : is_ordered(levels, n, 0));
    if (side->is_unsorted && (n > RUN_MAX || side_n_first(side) > SPAN_MAX))
        return pieces_put(bk, side, levels, digits, n);
    if (side->is_unsorted)
        return side->is_bid ? unsorted_bids_put(bk, side, levels, digits, n)
                            : unsorted_asks_put(bk, side, levels, digits, n);
    return side->is_bid ? bids_put(bk, side, levels, digits, n) : asks_put(bk, side, levels, digits, n);
}
