/* SPDX-License-Identifier: MIT
 * binance_fast.h - the straight road through a diff of Binance, spot or futures, spelled as it is today and was; any
 * other byte, and the general road takes the message from its start. For binance.c only; pure. */
#ifndef HOGA_BINANCE_FAST_H
#define HOGA_BINANCE_FAST_H

#include "venue/field_fast.h"

/* A diff's stream: hoga's own, or one of the other speeds, behind the first '@' of the name, as stream_kind has it.
 * `end` is behind the closing quote. */
SCAN_INLINE int name_is_diff(const char *start, const char *end)
{
    static const char tails[][14] = { "@depth@100ms\"", "@depth@0ms\"", "@depth\"" };
    const char *at = memchr(start, '@', (size_t)(end - start));

    for (unsigned i = 0; at && at > start && i < sizeof(tails) / sizeof(tails[0]); i++)
        if ((size_t)(end - at) == strlen(tails[i]) && memcmp(at, tails[i], strlen(tails[i])) == 0)
            return 1;
    return 0;
}

/* The straight road through a diff, combined or raw, spelled as it is today and was; any other byte, and the general
 * road takes the message from its start. Returns 1 and the event, or 0 and the frame is as good as empty. */
static int diff_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event = fast_event(frame);
    struct levels levels;
    int64_t trade_ns;
    uint64_t kind;
    int is_combined = FAST_EXPECT(&s, "{\"stream\":\"");
    const char *name = s.at;

    levels_begin_as(&levels, frame, 1, 0);
    if (is_combined && (!fast_string_skip(&s) || !name_is_diff(name, s.at) || !FAST_EXPECT(&s, ",\"data\":")))
        return 0;
    if (!FAST_EXPECT(&s, "{\"e\":\"depthUpdate\",\"E\":") || !fast_ms(&s, &event->venue_ns) ||
        (FAST_EXPECT(&s, ",\"T\":") && !fast_ms(&s, &trade_ns)) || !FAST_EXPECT(&s, ",\"s\":\"") ||
        !fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\""))
        return 0;
    if ((FAST_EXPECT(&s, "ps\":\"") && (!fast_string_skip(&s) || !FAST_EXPECT(&s, ",\""))) ||
        (FAST_EXPECT(&s, "st\":") && (!fast_u64(&s, &kind) || !FAST_EXPECT(&s, ",\""))))
        return 0;
    if (!FAST_EXPECT(&s, "U\":") || !fast_u64(&s, &event->sequence_first) || !FAST_EXPECT(&s, ",\"u\":") ||
        !fast_u64(&s, &event->sequence_last))
        return 0;
    event->follows = MD_FOLLOWS_FIRST;
    if (FAST_EXPECT(&s, ",\"pu\":")) {
        if (!fast_u64(&s, &event->sequence_previous))
            return 0;
        event->follows = MD_FOLLOWS_PREVIOUS;
    }
    return FAST_EXPECT(&s, ",\"b\":") && fast_rows(&s, &levels, 1) && FAST_EXPECT(&s, ",\"a\":") &&
           fast_rows(&s, &levels, 0) && FAST_EXPECT(&s, "}") && (!is_combined || FAST_EXPECT(&s, "}")) &&
           fast_is_over(&s) && fast_levels_take(&levels, frame, event);
}

#endif
