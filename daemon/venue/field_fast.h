/* SPDX-License-Identifier: MIT
 * field_fast.h - values as venues nearly always write them, for an adapter's straight road through its commonest
 * message. Each either steps over the value or says that the general road (field.c, rows.c) must; none refuses. */
#ifndef HOGA_FIELD_FAST_H
#define HOGA_FIELD_FAST_H

#include "venue/field.h"
#include "venue/levels.h"
#include "venue/scan_fast.h"

#define FAST_EXPECT(s, literal) scan_expect(s, literal, sizeof(literal) - 1)

/* The inside of a string up to its quote, as a symbol. */
SCAN_INLINE int fast_symbol(struct scan *s, char ret[MD_SYMBOL_SIZE])
{
    const char *at = s->at;
    size_t n = 0;

    for (; at + n < s->end && n < MD_SYMBOL_SIZE - 1 && at[n] > ' ' && at[n] <= '~' && at[n] != '"'; n++) {
        if (at[n] == '\\')
            return 0;
        ret[n] = at[n];
    }
    if (n == 0 || at + n == s->end || at[n] != '"')
        return 0;
    ret[n] = '\0';
    s->at = at + n;
    return 1;
}

/* A string of plain text, its first quote taken already; steps over the other. */
SCAN_INLINE int fast_string_skip(struct scan *s)
{
    for (const char *at = s->at; s->end - at >= 8; at += 8) {
        uint64_t word = scan_load8(at), quote = word ^ '"' * SCAN_EACH_BYTE, slash = word ^ '\\' * SCAN_EACH_BYTE;
        uint64_t ends = (quote - SCAN_EACH_BYTE) & ~quote & SCAN_HIGH_BITS;
        uint64_t odd = ((slash - SCAN_EACH_BYTE) & ~slash) | (word - ' ' * SCAN_EACH_BYTE) | word;

        /* A borrow can only spoil bytes behind the first that stands out, which makes the general road look. */
        if (ends ? (odd & SCAN_HIGH_BITS & ((ends & -ends) - 1)) : (odd & SCAN_HIGH_BITS))
            return 0;
        if (ends) {
            s->at = at + (unsigned)__builtin_ctzll(ends) / 8 + 1;
            return 1;
        }
    }
    return 0;
}

/* The next event of an empty frame, zero but for the symbol, which its caller writes, and the text, which is none. */
SCAN_INLINE struct md_event *fast_event(struct md_frame *frame)
{
    struct md_event *event = &frame->event[0];

    memset(event, 0, offsetof(struct md_event, symbol));
    event->kind = MD_BOOK;
    event->text[0] = '\0';
    return event;
}

SCAN_INLINE unsigned fast_two(const char *at, unsigned *io_bad)
{
    unsigned tens = (unsigned)(unsigned char)(at[0] - '0'), ones = (unsigned)(unsigned char)(at[1] - '0');

    *io_bad |= (unsigned)(tens > 9) | (unsigned)(ones > 9);
    return tens * 10 + ones;
}

/* 2026-08-16T23:37:03.745044Z with 0 to 9 digits of a second's fraction; the quote behind it stays. */
SCAN_INLINE int fast_time(struct scan *s, int64_t *ret_ns)
{
    const char *at = s->at;
    unsigned bad = 0, year, month, day, hour, minute, second, y, m;
    int64_t fraction = 0, scale = 1000000000, days;

    if (s->end - at < 24 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':')
        return 0;
    year = fast_two(at, &bad) * 100 + fast_two(at + 2, &bad);
    month = fast_two(at + 5, &bad);
    day = fast_two(at + 8, &bad);
    hour = fast_two(at + 11, &bad);
    minute = fast_two(at + 14, &bad);
    second = fast_two(at + 17, &bad);
    if (bad || month < 1 || month > 12 || year < 1970 || year > 2200)
        return 0;
    at += 19;
    if (*at == '.')
        for (at++; scale > 1 && at < s->end - 2 && (unsigned char)(*at - '0') <= 9; at++, scale /= 10)
            fraction = fraction * 10 + (*at - '0');
    if (at[0] != 'Z' || at[1] != '"')
        return 0;
    y = month <= 2 ? year - 1 : year; /* the year that begins in March */
    m = month <= 2 ? month + 9 : month - 3;
    days = (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day) - 719469;
    *ret_ns = ((days * 24 + hour) * 3600 + minute * 60 + second) * INT64_C(1000000000) + fraction * scale;
    s->at = at + 1;
    return 1;
}

/* A number, or the inside of a string that holds one: near the end of a message by the general road. */
SCAN_INLINE int fast_number(struct scan *s, struct scan_number *ret)
{
    return scan_number_fast(s, ret) || (s->at < s->end && *s->at >= '0' && *s->at <= '9' && scan_number(s, ret) == 0);
}

/* What was gathered, into the next event of the frame; is taken only if nothing about it is unusual. */
SCAN_INLINE int fast_levels_take(const struct levels *l, struct md_frame *frame, struct md_event *event)
{
    if (l->unfit || l->too_many || l->n_left_out)
        return 0;
    event->bids = frame->n_bids;
    event->asks = frame->n_asks;
    event->price_decimals = l->price_decimals;
    event->size_decimals = l->size_decimals;
    event->n_bids = l->n_bids;
    event->n_asks = l->n_asks;
    frame->n_bids += l->n_bids;
    frame->n_asks += l->n_asks;
    frame->n_events++;
    return 1;
}

#endif
