/* SPDX-License-Identifier: MIT
 * korean_fast.h - the straight roads through a whole book of Bithumb, Coinone and Korbit, spelled as they spell it
 * today; any other byte, and the general road takes the message from its start. For bithumb.c, coinone.c and korbit.c
 * only. Source: ../shared/protocols/<venue>.md, "orderbook frame", spelling of 2026-09-23 [P]. */
#ifndef HOGA_KOREAN_FAST_H
#define HOGA_KOREAN_FAST_H

#include "venue/field_fast.h"

/* {"price":"116450000","qty":"0.0118"},... up to the bracket, which stays. */
SCAN_INLINE int korean_fast_rows(struct scan *s, struct levels *levels, int is_bid)
{
    struct scan_number price, size;

    if (s->at < s->end && *s->at == ']')
        return 1;
    do {
        if (!FAST_EXPECT(s, "{\"price\":\"") || !fast_number(s, &price) || !FAST_EXPECT(s, "\",\"qty\":\"") ||
            !fast_number(s, &size) || !FAST_EXPECT(s, "\"}"))
            return 0;
        levels_add(levels, is_bid, &price, &size);
    } while (FAST_EXPECT(s, ","));
    return 1;
}

/* Each of the three returns 1 and the event, or 0 and the frame is as good as empty. */
static inline __attribute__((unused)) int korbit_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event;
    struct levels levels;
    int64_t sent_ns;

    if (!FAST_EXPECT(&s, "{\"symbol\":\""))
        return 0;
    event = fast_event(frame);
    levels_begin_as(&levels, frame, 0, 0);
    if (!fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\"timestamp\":") || !fast_ms(&s, &sent_ns) ||
        !FAST_EXPECT(&s, ",\"type\":\"orderbook\","))
        return 0;
    (void)FAST_EXPECT(&s, "\"snapshot\":true,");
    if (!FAST_EXPECT(&s, "\"data\":{\"timestamp\":") || !fast_ms(&s, &event->venue_ns) ||
        !FAST_EXPECT(&s, ",\"asks\":[") || !korean_fast_rows(&s, &levels, 0) || !FAST_EXPECT(&s, "],\"bids\":[") ||
        !korean_fast_rows(&s, &levels, 1) || !FAST_EXPECT(&s, "]}}") || !fast_is_over(&s))
        return 0;
    event->is_snapshot = 1;
    return fast_levels_take(&levels, frame, event);
}

/* QUOTE-TARGET of the wire's two fields. */
SCAN_INLINE int coinone_fast_symbol(struct scan *s, char ret[MD_SYMBOL_SIZE])
{
    char target[MD_SYMBOL_SIZE];
    size_t n_quote, n_target;

    if (!fast_symbol(s, ret) || !FAST_EXPECT(s, "\",\"target_currency\":\"") || !fast_symbol(s, target))
        return 0;
    n_quote = strlen(ret);
    n_target = strlen(target);
    if (n_quote + n_target + 2 > MD_SYMBOL_SIZE)
        return 0;
    ret[n_quote] = '-';
    memcpy(ret + n_quote + 1, target, n_target + 1);
    return 1;
}

static inline __attribute__((unused)) int coinone_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event;
    struct levels levels;

    if (!FAST_EXPECT(&s, "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":{\"quote_currency\":\""))
        return 0;
    event = fast_event(frame);
    levels_begin_as(&levels, frame, 0, 0);
    if (!coinone_fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\"timestamp\":") ||
        !fast_ms(&s, &event->venue_ns) || !FAST_EXPECT(&s, ",\"id\":\"") || !fast_u64(&s, &event->sequence_last) ||
        !FAST_EXPECT(&s, "\",\"asks\":[") || !korean_fast_rows(&s, &levels, 0) || !FAST_EXPECT(&s, "],\"bids\":[") ||
        !korean_fast_rows(&s, &levels, 1) || !FAST_EXPECT(&s, "]}}") || !fast_is_over(&s))
        return 0;
    event->is_snapshot = 1;
    return fast_levels_take(&levels, frame, event);
}

/* {"ask_price":116208000,"bid_price":116204000,"ask_size":0.3313,"bid_size":0.0037},... up to the bracket. */
SCAN_INLINE int bithumb_fast_units(struct scan *s, struct levels *levels)
{
    struct scan_number ask_price, bid_price, ask_size, bid_size;

    if (s->at < s->end && *s->at == ']')
        return 1;
    do {
        if (!FAST_EXPECT(s, "{\"ask_price\":") || !fast_number(s, &ask_price) || !FAST_EXPECT(s, ",\"bid_price\":") ||
            !fast_number(s, &bid_price) || !FAST_EXPECT(s, ",\"ask_size\":") || !fast_number(s, &ask_size) ||
            !FAST_EXPECT(s, ",\"bid_size\":") || !fast_number(s, &bid_size) || !FAST_EXPECT(s, "}"))
            return 0;
        levels_add(levels, 1, &bid_price, &bid_size);
        levels_add(levels, 0, &ask_price, &ask_size);
    } while (FAST_EXPECT(s, ","));
    return 1;
}

/* Microseconds; another unit has other digits, which the general road knows. */
#define BITHUMB_FAST_US_MIN UINT64_C(1000000000000000)
#define BITHUMB_FAST_US_MAX UINT64_C(9000000000000000)

static inline __attribute__((unused)) int bithumb_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct scan_number ask_total, bid_total;
    struct md_event *event;
    struct levels levels;
    uint64_t us;

    if (!FAST_EXPECT(&s, "{\"type\":\"orderbook\",\"code\":\""))
        return 0;
    event = fast_event(frame);
    levels_begin_as(&levels, frame, 0, 0);
    if (!fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\"total_ask_size\":") || !fast_number(&s, &ask_total) ||
        !FAST_EXPECT(&s, ",\"total_bid_size\":") || !fast_number(&s, &bid_total) ||
        !FAST_EXPECT(&s, ",\"orderbook_units\":[") || !bithumb_fast_units(&s, &levels) ||
        !FAST_EXPECT(&s, "],\"level\":1,\"timestamp\":") || !fast_u64(&s, &us) || us < BITHUMB_FAST_US_MIN ||
        us > BITHUMB_FAST_US_MAX || !FAST_EXPECT(&s, ",\"stream_type\":\"") ||
        (!FAST_EXPECT(&s, "REALTIME\"}") && !FAST_EXPECT(&s, "SNAPSHOT\"}")) || !fast_is_over(&s))
        return 0;
    event->is_snapshot = 1;
    event->venue_ns = (int64_t)us * 1000;
    event->totals_known = 3;
    event->bid_total = bid_total.mantissa;
    event->bid_total_decimals = bid_total.decimals;
    event->ask_total = ask_total.mantissa;
    event->ask_total_decimals = ask_total.decimals;
    return fast_levels_take(&levels, frame, event);
}

#endif
