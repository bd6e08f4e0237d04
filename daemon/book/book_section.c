/* SPDX-License-Identifier: MIT
 * The memory of a side: its sections, the room in front of them, and their holes. */
#include "book/book_private.h"

#include <assert.h>

/* The levels of a section to where they end at `end`, at or behind where they did; holes are left out. Returns where
 * they begin. */
static uint32_t section_pack(struct side *side, uint32_t k, uint32_t end)
{
    const struct section *s = &side->section[k];
    uint32_t to = end;

    if (k == 0) {
        side_move(side, end - (s->end - s->first), s->first, s->end - s->first);
        return end - (s->end - s->first);
    }
    for (uint32_t i = s->end; i-- > s->first;) {
        struct md_level level = side->memory[i];

        side->memory[to - 1] = level; /* a hole is overwritten by what comes next */
        if (side->digits)
            side->digits[to - 1] = side->digits[i];
        to -= level.size != 0;
    }
    return to;
}

void side_pack(const struct book *bk, struct side *side)
{
    uint32_t end = bk->room;

    if (side->n_sections == 1 && side->section[0].end == bk->room)
        return;
    for (uint32_t k = side->n_sections; k-- > 0;) /* from the worst: nothing is moved onto what is still to move */
        end = section_pack(side, k, end);
    side->section[0] = (struct section){ end, bk->room };
    side->n_sections = 1;
    assert(bk->room - end == side->n);
}

/* The room in front of a section holds the last price before it again and again, so that one search goes through all
 * sections, and never ends in it. */
static void room_fill(struct side *side, uint32_t k)
{
    if (k == 0 || k >= side->n_sections)
        return;
    for (uint32_t i = side->section[k - 1].end; i < side->section[k].first; i++)
        side->memory[i] = (struct md_level){ side->memory[side->section[k - 1].end - 1].price, 1 };
}

/* How many levels the first section has when it is made. */
static uint32_t first_size(const struct book *bk)
{
    return bk->n_first + bk->n_first / 2;
}

void side_spread(const struct book *bk, struct side *side)
{
    uint32_t n_sections, n_each, room, from;

    side_pack(bk, side);
    if (side->n <= bk->n_first_max)
        return;
    n_each = side->n - first_size(bk);
    n_sections = 1 + (n_each / bk->section_size > 1 ? n_each / bk->section_size : 1);
    n_each /= n_sections - 1;
    assert(n_sections <= SECTIONS_MAX);
    from = bk->room - side->n;
    room = (from - RUN_MAX - 1) / n_sections < ROOM_MIN ? (from - RUN_MAX - 1) / n_sections : ROOM_MIN;
    for (uint32_t k = 0; k < n_sections; k++) {
        uint32_t n = k == 0 ? first_size(bk) : k + 1 < n_sections ? n_each : bk->room - from;
        uint32_t first = from - (n_sections - 1 - k) * room;

        side_move(side, first, from, n);
        side->section[k] = (struct section){ first, first + n };
        from += n;
    }
    side->n_sections = n_sections;
    for (uint32_t k = 1; k < n_sections; k++)
        room_fill(side, k);
}

/* The worst of the first section to the front of the second: the room between them stays what it was. */
static void side_first_give(const struct book *bk, struct side *side)
{
    struct section *s = side->section;
    uint32_t n = side_n_first(side) - first_size(bk);

    s[0].end -= n;
    s[1].first -= n;
    side_move(side, s[1].first, s[0].end, n);
    room_fill(side, 1);
}

void side_first_fill(const struct book *bk, struct side *side)
{
    struct section *s = side->section;

    if (side->n_sections == 1)
        return;
    if (side_n_first(side) >= bk->n_first) {
        if (side->memory[s[0].end].price != side->memory[s[0].end - 1].price)
            room_fill(side, 1); /* its last level has gone */
        return;
    }
    while (side->n_sections > 1 && side_n_first(side) < first_size(bk)) {
        uint32_t from = s[1].first++;

        if (side->memory[from].size != 0)
            side_move(side, s[0].end++, from, 1);
        if (s[1].first == s[1].end) {
            side->n_sections--;
            memmove(s + 1, s + 2, (side->n_sections - 1) * sizeof(s[0]));
        }
    }
    room_fill(side, 1);
}

static uint32_t room_of(const struct side *side, uint32_t k)
{
    return side->section[k].first - (k > 0 ? side->section[k - 1].end : 0);
}

void section_make_room(const struct book *bk, struct side *side, uint32_t k)
{
    struct section *s = &side->section[k];

    if (k == 0 && side->n_sections > 1 && side_n_first(side) > bk->n_first_max && room_of(side, 0) > RUN_MAX) {
        side_first_give(bk, side);
        return;
    }
    if (k > 0) {
        s->first = section_pack(side, k, s->end);
        room_fill(side, k);
        room_fill(side, k + 1);
        if (s->first < s->end && room_of(side, k) > RUN_MAX / 2)
            return;
    }
    side_spread(bk, side);
}

int side_cut(struct side *side, uint32_t depth)
{
    if (side->n <= depth)
        return 0;
    while (side->n > depth) {
        struct section *last = &side->section[side->n_sections - 1];

        side->n -= side->memory[--last->end].size != 0;
        if (last->first == last->end && side->n_sections > 1)
            side->n_sections--;
    }
    return 1;
}

/* A hole at the end will do: what lies between it and the last level is known to be nothing. */
int64_t side_worst(const struct side *side)
{
    return side->memory[side->section[side->n_sections - 1].end - 1].price;
}

int64_t side_price_at(const struct side *side, uint32_t index)
{
    const struct section *s = side->section;
    uint32_t i = s->first + index;

    if (index < s->end - s->first)
        return side->memory[i].price;
    index -= s->end - s->first;
    for (i = (++s)->first;; i++) {
        if (i == s->end)
            i = (++s)->first;
        if (side->memory[i].size != 0 && index-- == 0)
            return side->memory[i].price;
    }
}
