/* SPDX-License-Identifier: MIT */
#include "book/book_private.h"

#include <string.h>

#define SORT_LEVELS_MIN 4096 /* of a side; fewer are taken as they come */

/* Stable merge sort from `a` to `b` and back. Returns whichever of them holds the result. */
struct md_level *levels_sort(struct md_level *a, struct md_level *b, size_t n, int is_bid)
{
    for (size_t width = 1; width < n; width *= 2) {
        struct md_level *swap = a;

        for (size_t low = 0; low < n; low += 2 * width) {
            size_t middle = low + width < n ? low + width : n;
            size_t high = low + 2 * width < n ? low + 2 * width : n;
            size_t left = low, right = middle;

            for (size_t i = low; i < high; i++) {
                int take_right =
                    left == middle || (right < high && price_is_better(is_bid, a[right].price, a[left].price));

                b[i] = take_right ? a[right++] : a[left++];
            }
        }
        a = b;
        b = swap;
    }
    return a;
}

static int is_sorted(const struct md_level *levels, uint32_t n, int is_bid)
{
    for (uint32_t i = 1; i < n; i++)
        if (!price_is_better(is_bid, levels[i - 1].price, levels[i].price))
            return 0;
    return 1;
}

/* A snapshot drops what has no price or size, and the last of a price wins. */
static uint32_t side_sort(struct md_level *levels, uint32_t n, struct md_level *room, uint32_t n_room, int is_bid)
{
    struct md_level *sorted;
    uint32_t n_kept = 0, n_out = 0;

    if (n < SORT_LEVELS_MIN || n > n_room || is_sorted(levels, n, is_bid))
        return n;
    for (uint32_t i = 0; i < n; i++)
        if (levels[i].price > 0 && levels[i].size > 0)
            levels[n_kept++] = levels[i];
    sorted = levels_sort(levels, room, n_kept, is_bid);
    for (uint32_t i = 0; i < n_kept; i++)
        if (i + 1 == n_kept || sorted[i + 1].price != sorted[i].price)
            levels[n_out++] = sorted[i]; /* never behind what is read next, in either memory */
    return n_out;
}

/* The spelling of numbers is not sorted along: venues with a checksum send no such books. */
void book_frame_sort(struct md_frame *frame)
{
    for (uint32_t i = 0; i < frame->n_events; i++) {
        struct md_event *e = &frame->event[i];

        if (e->kind != MD_BOOK || !e->is_snapshot || e->has_checksum)
            continue;
        e->n_bids =
            side_sort(frame->bids + e->bids, e->n_bids, frame->bids + frame->n_bids, MD_LEVELS_MAX - frame->n_bids, 1);
        e->n_asks =
            side_sort(frame->asks + e->asks, e->n_asks, frame->asks + frame->n_asks, MD_LEVELS_MAX - frame->n_asks, 0);
    }
}
