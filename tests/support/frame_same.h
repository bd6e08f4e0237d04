/* SPDX-License-Identifier: MIT
 * frame_same.h - do two decoded frames say the same, to the last field? For tests of the decoders' two roads. */
#ifndef HOGA_TEST_FRAME_SAME_H
#define HOGA_TEST_FRAME_SAME_H

#include "core/md_event.h"

#include <stddef.h>
#include <string.h>

static inline int side_same(const struct md_level *a, const struct md_level *b, uint32_t n)
{
    return memcmp(a, b, n * sizeof(*a)) == 0;
}

static inline int digits_same(const uint16_t *a, const uint16_t *b, uint32_t n)
{
    return memcmp(a, b, n * sizeof(*a)) == 0;
}

static inline int event_same(const struct md_frame *fa, const struct md_frame *fb, uint32_t i, int has_digits)
{
    const struct md_event *a = &fa->event[i], *b = &fb->event[i];

    if (memcmp(a, b, offsetof(struct md_event, symbol)) != 0 || strcmp(a->symbol, b->symbol) != 0 ||
        strcmp(a->text, b->text) != 0)
        return 0;
    return !has_digits || a->kind != MD_BOOK ||
           (digits_same(fa->bid_digits + a->bids, fb->bid_digits + b->bids, a->n_bids) &&
            digits_same(fa->ask_digits + a->asks, fb->ask_digits + b->asks, a->n_asks));
}

static inline int frame_same(const struct md_frame *a, const struct md_frame *b, int has_digits)
{
    if (a->n_events != b->n_events || a->n_bids != b->n_bids || a->n_asks != b->n_asks || a->n_trades != b->n_trades ||
        a->has_connection_sequence != b->has_connection_sequence ||
        (a->has_connection_sequence && a->connection_sequence != b->connection_sequence) ||
        !side_same(a->bids, b->bids, a->n_bids) || !side_same(a->asks, b->asks, a->n_asks))
        return 0;
    for (uint32_t i = 0; i < a->n_events; i++)
        if (!event_same(a, b, i, has_digits))
            return 0;
    return 1;
}

#endif
