/* SPDX-License-Identifier: MIT
 * arg_fast.h - the straight road through an update or snapshot of `books` as OKX and Bitget spell it today; any other
 * byte, and the general road takes the message from its start. For arg_frame.c only. */
#ifndef HOGA_ARG_FAST_H
#define HOGA_ARG_FAST_H

#include "venue/arg_frame.h"
#include "venue/field_fast.h"

/* OKX's rows have two more short numbers: ["8476.98","415","0","13"],... with both brackets. */
SCAN_INLINE int rows_of_four_fast(struct scan *s, struct levels *levels, int is_bid)
{
    struct scan_number price, size, rest;

    if (!FAST_EXPECT(s, "[[\""))
        return FAST_EXPECT(s, "[]");
    for (;;) {
        if (s->end - s->at >= FAST_ROW_REACH) {
            const char *at = fast_value(s->at, &price);

            if (!at || !fast_is_between(at) || !(at = fast_value(at + 3, &size)) || !fast_is_between(at) ||
                !(at = fast_short(at + 3, &rest)) || !fast_is_between(at) || !(at = fast_short(at + 3, &rest)))
                return 0;
            s->at = at;
        } else if (!fast_number(s, &price) || !FAST_EXPECT(s, "\",\"") || !fast_number(s, &size) ||
                   !FAST_EXPECT(s, "\",\"") || !fast_number(s, &rest) || !FAST_EXPECT(s, "\",\"") ||
                   !fast_number(s, &rest)) {
            return 0;
        }
        levels_add(levels, is_bid, &price, &size);
        if (!FAST_EXPECT(s, "\"],[\""))
            return FAST_EXPECT(s, "\"]]");
    }
}

/* Action, channel and symbol, in the order of either venue, up to the book. */
SCAN_INLINE int head_fast(struct scan *s, struct md_event *event)
{
    if (FAST_EXPECT(s, "{\"arg\":{\"channel\":\"books")) { /* OKX */
        event->depth = 400;
        if (!FAST_EXPECT(s, "\",\"instId\":\"") && !FAST_EXPECT(s, "-l2-tbt\",\"instId\":\""))
            return 0;
        if (!fast_symbol(s, event->symbol) || !FAST_EXPECT(s, "\"},\"action\":\""))
            return 0;
        event->is_snapshot = FAST_EXPECT(s, "snapshot");
        return (event->is_snapshot || FAST_EXPECT(s, "update")) && FAST_EXPECT(s, "\",\"data\":[{\"asks\":");
    }
    if (!FAST_EXPECT(s, "{\"action\":\"")) /* Bitget */
        return 0;
    event->depth = 500;
    event->is_snapshot = FAST_EXPECT(s, "snapshot");
    return (event->is_snapshot || FAST_EXPECT(s, "update")) && FAST_EXPECT(s, "\",\"arg\":{\"instType\":\"") &&
           fast_string_skip(s) && FAST_EXPECT(s, ",\"channel\":\"books\",\"instId\":\"") &&
           fast_symbol(s, event->symbol) && FAST_EXPECT(s, "\"},\"data\":[{\"asks\":");
}

/* Time, numbers and checksum behind the two sides, in any order. */
SCAN_INLINE int tail_fast(struct scan *s, struct md_event *event)
{
    int has_last = 0, has_previous = 0, is_negative, is_well = 1;
    uint64_t value = 0;

    while (is_well && FAST_EXPECT(s, ",\"")) {
        if (FAST_EXPECT(s, "ts\":\"")) {
            is_well = fast_ms(s, &event->venue_ns) && FAST_EXPECT(s, "\"");
        } else if (FAST_EXPECT(s, "checksum\":")) {
            is_negative = FAST_EXPECT(s, "-");
            is_well = fast_u64(s, &value) && value <= INT32_MAX;
            event->has_checksum = 1;
            event->checksum = (uint32_t)(is_negative ? 0 - value : value);
        } else if (FAST_EXPECT(s, "seqId\":") || FAST_EXPECT(s, "seq\":")) {
            has_last = 1;
            is_well = fast_u64(s, &event->sequence_last);
        } else if (FAST_EXPECT(s, "prevSeqId\":") || FAST_EXPECT(s, "pseq\":")) {
            has_previous = 1;
            is_negative = FAST_EXPECT(s, "-"); /* -1: a snapshot follows nothing */
            is_well = fast_u64(s, &value) && value <= INT64_MAX;
            event->sequence_previous = is_negative ? 0 - value : value;
        } else {
            return 0;
        }
    }
    if (has_last && has_previous)
        event->follows = MD_FOLLOWS_PREVIOUS;
    else
        event->sequence_previous = 0;
    event->has_checksum = event->has_checksum && !(has_last && event->checksum == 0);
    return is_well && (event->is_snapshot || event->follows != MD_FOLLOWS_UNPROVEN || event->has_checksum);
}

/* The straight road through an update or snapshot of `books`, spelled as this venue does; any other byte, and the
 * general road takes the message from its start. Returns 1 and the event, or 0 and the frame is as good as empty. */
static inline int arg_fast(const struct arg_dialect *dialect, const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event = fast_event(frame);
    struct levels levels;
    uint64_t number;
    int is_okx = size > 3 && bytes[2] == 'a' && bytes[3] == 'r';

    levels_begin_as(&levels, frame, 1, 1);
    if (is_okx != dialect->is_arg_first || !head_fast(&s, event))
        return 0;
    if (is_okx ? !rows_of_four_fast(&s, &levels, 0) : !fast_rows(&s, &levels, 0))
        return 0;
    return FAST_EXPECT(&s, ",\"bids\":") && (is_okx ? rows_of_four_fast(&s, &levels, 1) : fast_rows(&s, &levels, 1)) &&
           tail_fast(&s, event) && FAST_EXPECT(&s, "}]") && (!FAST_EXPECT(&s, ",\"ts\":") || fast_u64(&s, &number)) &&
           FAST_EXPECT(&s, "}") && fast_is_over(&s) && fast_levels_take(&levels, frame, event);
}

#endif
