/* SPDX-License-Identifier: MIT
 * kraken_fast.h - the straight road through a v2 book message of one symbol, spelled as Kraken spells them today; any
 * other byte, and the general road takes the message from its start. For kraken.c only. */
#ifndef HOGA_KRAKEN_FAST_H
#define HOGA_KRAKEN_FAST_H

#include "venue/field_fast.h"

/* {"price":62807.0,"qty":0.00000000},... up to the bracket, which stays. */
SCAN_INLINE int kraken_fast_side(struct scan *s, struct levels *levels, int is_bid)
{
    struct scan_number price, size;

    if (s->at < s->end && *s->at == ']')
        return 1;
    do {
        if (!FAST_EXPECT(s, "{\"price\":") || !fast_number(s, &price) || !FAST_EXPECT(s, ",\"qty\":") ||
            !fast_number(s, &size) || !FAST_EXPECT(s, "}"))
            return 0;
        levels_add(levels, is_bid, &price, &size);
    } while (FAST_EXPECT(s, ","));
    return 1;
}

/* Returns 1 and the event, or 0 and nothing has changed. */
static inline int kraken_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event;
    struct levels levels;
    uint64_t checksum;
    int is_update = FAST_EXPECT(&s, "{\"channel\":\"book\",\"type\":\"update\",\"data\":[{\"symbol\":\"");

    if (!is_update && !FAST_EXPECT(&s, "{\"channel\":\"book\",\"type\":\"snapshot\",\"data\":[{\"symbol\":\""))
        return 0;
    event = fast_event(frame);
    event->is_snapshot = !is_update;
    levels_begin_as(&levels, frame, is_update, 1);
    if (!fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\"bids\":[") || !kraken_fast_side(&s, &levels, 1) ||
        !FAST_EXPECT(&s, "],\"asks\":[") || !kraken_fast_side(&s, &levels, 0) || !FAST_EXPECT(&s, "],\"checksum\":") ||
        !fast_u64(&s, &checksum) || checksum > UINT32_MAX || !FAST_EXPECT(&s, ",\"timestamp\":\"") ||
        !fast_time(&s, &event->venue_ns) || !FAST_EXPECT(&s, "\"}]}") || !fast_is_over(&s))
        return 0;
    event->has_checksum = 1;
    event->checksum = (uint32_t)checksum;
    return fast_levels_take(&levels, frame, event);
}

#endif
