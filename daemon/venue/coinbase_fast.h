/* SPDX-License-Identifier: MIT
 * coinbase_fast.h - the straight roads through a book message of one product, spelled as Exchange and Advanced Trade
 * spell them; any other byte, and the general road takes the message from its start. For coinbase.c only. */
#ifndef HOGA_COINBASE_FAST_H
#define HOGA_COINBASE_FAST_H

#include "venue/field_fast.h"

/* ["sell","0.00001306","660.5"],... up to the bracket, which stays. */
SCAN_INLINE int coinbase_fast_changes(struct scan *s, struct levels *levels)
{
    struct scan_number price, size;
    int is_bid;

    do {
        is_bid = FAST_EXPECT(s, "[\"buy\",\"");
        if (!is_bid && !FAST_EXPECT(s, "[\"sell\",\""))
            return 0;
        if (!fast_number(s, &price) || !FAST_EXPECT(s, "\",\"") || !fast_number(s, &size) || !FAST_EXPECT(s, "\"]"))
            return 0;
        levels_add(levels, is_bid, &price, &size);
    } while (FAST_EXPECT(s, ","));
    return 1;
}

/* One {"side":"bid","event_time":"...","price_level":"...","new_quantity":"..."}; 0 and nothing moved. */
SCAN_INLINE int coinbase_fast_update(struct scan *s, struct levels *levels)
{
    struct scan_number price, size;
    struct scan at = *s;
    int is_bid = FAST_EXPECT(&at, "{\"side\":\"bid\",\"event_time\":\"");

    if ((!is_bid && !FAST_EXPECT(&at, "{\"side\":\"offer\",\"event_time\":\"")) || !fast_time_skip(&at) ||
        !FAST_EXPECT(&at, ",\"price_level\":\"") || !fast_number(&at, &price) ||
        !FAST_EXPECT(&at, "\",\"new_quantity\":\"") || !fast_number(&at, &size) || !FAST_EXPECT(&at, "\"}"))
        return 0;
    levels_add(levels, is_bid, &price, &size);
    *s = at;
    return 1;
}

SCAN_INLINE int coinbase_fast_updates(struct scan *s, struct levels *levels)
{
    do {
        if (!coinbase_fast_update(s, levels))
            return 0;
    } while (FAST_EXPECT(s, ","));
    return 1;
}

/* Each returns 1 and the event, or 0 and the frame is as good as empty. */
static inline int coinbase_fast_exchange(struct scan s, struct md_frame *frame)
{
    struct md_event *event = fast_event(frame);
    struct levels levels;

    levels_begin_as(&levels, frame, 1, 0);
    return FAST_EXPECT(&s, "{\"type\":\"l2update\",\"product_id\":\"") && fast_symbol(&s, event->symbol) &&
           FAST_EXPECT(&s, "\",\"changes\":[") && coinbase_fast_changes(&s, &levels) &&
           FAST_EXPECT(&s, "],\"time\":\"") && fast_time(&s, &event->venue_ns) && FAST_EXPECT(&s, "\"}") &&
           fast_is_over(&s) && fast_levels_take(&levels, frame, event);
}

SCAN_INLINE int coinbase_fast_kind(struct scan *s, struct levels *levels, struct md_event *event)
{
    if (FAST_EXPECT(s, ",\"events\":[{\"type\":\"update\",\"product_id\":\""))
        return 1;
    event->is_snapshot = 1;
    levels->is_update = 0;
    return FAST_EXPECT(s, ",\"events\":[{\"type\":\"snapshot\",\"product_id\":\"");
}

/* A snapshot of several MB goes the same way as an update of one level. */
static inline int coinbase_fast_advanced(struct scan s, struct md_frame *frame)
{
    struct md_event *event = fast_event(frame);
    struct levels levels;
    uint64_t sequence;

    levels_begin_as(&levels, frame, 1, 0);
    /* client_id is absent in today's production (sheet, "Advanced Trade messages"). */
    if (!FAST_EXPECT(&s, "{\"channel\":\"l2_data\",\"client_id\":\"\",\"timestamp\":\"") &&
        !FAST_EXPECT(&s, "{\"channel\":\"l2_data\",\"timestamp\":\""))
        return 0;
    if (!fast_time(&s, &event->venue_ns) || !FAST_EXPECT(&s, "\",\"sequence_num\":") || !fast_u64(&s, &sequence) ||
        !coinbase_fast_kind(&s, &levels, event) || !fast_symbol(&s, event->symbol) ||
        !FAST_EXPECT(&s, "\",\"updates\":[") || !coinbase_fast_updates(&s, &levels) || !FAST_EXPECT(&s, "]}]}") ||
        !fast_is_over(&s) || !fast_levels_take(&levels, frame, event))
        return 0;
    frame->has_connection_sequence = 1;
    frame->connection_sequence = sequence;
    return 1;
}

/* ["10101.10","0.45054140"],... and the bracket behind them. */
SCAN_INLINE int coinbase_fast_side(struct scan *s, struct levels *levels, int is_bid)
{
    struct scan_number price, size;

    if (FAST_EXPECT(s, "]"))
        return 1;
    do {
        if (!FAST_EXPECT(s, "[\"") || !fast_number(s, &price) || !FAST_EXPECT(s, "\",\"") || !fast_number(s, &size) ||
            !FAST_EXPECT(s, "\"]"))
            return 0;
        levels_add(levels, is_bid, &price, &size);
    } while (FAST_EXPECT(s, ","));
    return FAST_EXPECT(s, "]");
}

/* Several MB of it: every book of the daemon waits for as long as this takes. */
static inline int coinbase_fast_snapshot(struct scan s, struct md_frame *frame)
{
    struct md_event *event = fast_event(frame);
    struct levels levels;

    levels_begin_as(&levels, frame, 0, 0);
    event->is_snapshot = 1;
    if (!FAST_EXPECT(&s, "{\"type\":\"snapshot\",\"product_id\":\"") || !fast_symbol(&s, event->symbol))
        return 0;
    if (FAST_EXPECT(&s, "\",\"asks\":[")) {
        if (!coinbase_fast_side(&s, &levels, 0) || !FAST_EXPECT(&s, ",\"bids\":[") ||
            !coinbase_fast_side(&s, &levels, 1))
            return 0;
    } else if (!FAST_EXPECT(&s, "\",\"bids\":[") || !coinbase_fast_side(&s, &levels, 1) ||
               !FAST_EXPECT(&s, ",\"asks\":[") || !coinbase_fast_side(&s, &levels, 0)) {
        return 0;
    }
    if (FAST_EXPECT(&s, ",\"time\":\"") && (!fast_time(&s, &event->venue_ns) || !FAST_EXPECT(&s, "\"")))
        return 0;
    return FAST_EXPECT(&s, "}") && fast_is_over(&s) && fast_levels_take(&levels, frame, event);
}

static inline int coinbase_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };

    if (size < 16)
        return 0;
    if (bytes[2] == 'c')
        return coinbase_fast_advanced(s, frame);
    return bytes[9] == 'l' ? coinbase_fast_exchange(s, frame) : bytes[9] == 's' && coinbase_fast_snapshot(s, frame);
}

#endif
