/* SPDX-License-Identifier: MIT
 * field_fast.h - values as venues nearly always write them, for an adapter's straight road through its commonest
 * message. Each either steps over the value or says that the general road (field.c, rows.c) must; none refuses. */
#ifndef HOGA_FIELD_FAST_H
#define HOGA_FIELD_FAST_H

#include "venue/field.h"
#include "venue/levels.h"
#include "venue/scan_fast.h"

#define FAST_EXPECT(s, literal) scan_expect(s, literal, sizeof(literal) - 1)

/* Is there nothing left but white space (RFC 8259, section 2)? */
SCAN_INLINE int fast_is_over(const struct scan *s)
{
    const char *at = s->at;

    while (__builtin_expect(at < s->end, 0) && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at == s->end;
}

/* High bits of the bytes that end plain text: quotes, backslashes, blanks and below, above '~'. A borrow can only spoil
 * bytes behind the first such one. */
SCAN_INLINE uint64_t fast_text_end(uint64_t word)
{
    uint64_t quote = word ^ '"' * SCAN_EACH_BYTE, slash = word ^ '\\' * SCAN_EACH_BYTE;

    return (((quote - SCAN_EACH_BYTE) & ~quote) | ((slash - SCAN_EACH_BYTE) & ~slash) | (word - '!' * SCAN_EACH_BYTE) |
            word | (word + SCAN_EACH_BYTE)) &
           SCAN_HIGH_BITS;
}

/* The inside of a string up to its quote, as a symbol without `mark` in it. */
SCAN_INLINE int fast_symbol_without(struct scan *s, char mark, char ret[MD_SYMBOL_SIZE])
{
    const char *at = s->at;

    for (size_t n = 0; n + 8 < MD_SYMBOL_SIZE && s->end - at >= (ptrdiff_t)n + 8; n += 8) {
        uint64_t word = scan_load8(at + n), marks = word ^ (unsigned char)mark * SCAN_EACH_BYTE;
        uint64_t ends = fast_text_end(word) | ((marks - SCAN_EACH_BYTE) & ~marks & SCAN_HIGH_BITS);
        size_t size;

        memcpy(ret + n, at + n, 8);
        if (ends == 0)
            continue;
        size = n + (unsigned)__builtin_ctzll(ends) / 8;
        if (size == 0 || at[size] != '"')
            return 0;
        memset(ret + size, 0, 8); /* one NUL would do; eight are a single store, and n + 16 stays inside */
        s->at = at + size;
        return 1;
    }
    return 0;
}

SCAN_INLINE int fast_symbol(struct scan *s, char ret[MD_SYMBOL_SIZE])
{
    return fast_symbol_without(s, '"', ret);
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

_Static_assert(offsetof(struct md_event, symbol) <= 128, "two parts of at most 64 bytes");

/* The next event of the frame, zero but for the symbol, which its caller writes, and the text, which is none. */
SCAN_INLINE struct md_event *fast_event(struct md_frame *frame)
{
    struct md_event *event = &frame->event[frame->n_events];

    /* In parts of no more than 64 bytes, which are four stores each; a larger one becomes a string instruction of its
     * own time, more than all of these. */
    memset(event, 0, 64);
    memset((char *)event + 64, 0, offsetof(struct md_event, symbol) - 64);
    event->kind = MD_BOOK;
    event->text[0] = '\0';
    return event;
}

/* Days from 1970-01-01 to a date of the years 1970 to 2099, in which every fourth is a leap year. */
SCAN_INLINE unsigned fast_days(unsigned year, unsigned month, unsigned day)
{
    static const uint16_t before[13] = { 0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

    return 365 * (year - 1970) + (year - 1969) / 4 + before[month] + (month > 2 && year % 4 == 0) + day - 1;
}

/* Bytes of a time with its quote that are looked at without asking again. */
#define FAST_TIME_REACH 28

/* 1 to 9 digits of a second's fraction, in ns. Returns where they end, NULL for the general road. */
SCAN_INLINE const char *fast_fraction(const char *at, const char *end, uint64_t *ret_ns)
{
    uint64_t digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE, stop = scan_digits_end(digits);
    unsigned n = stop ? (unsigned)__builtin_ctzll(stop) / 8 : 8;

    if (n == 0)
        return NULL;
    *ret_ns = scan_digits_value(digits << (64 - 8 * n));
    for (; n < 9 && at + n < end && (unsigned char)(at[n] - '0') <= 9; n++)
        *ret_ns = *ret_ns * 10 + (uint64_t)(at[n] - '0');
    *ret_ns *= (uint64_t)decimal_pow10[9 - n];
    return end - at >= (ptrdiff_t)n + 2 ? at + n : NULL;
}

/* Eight digits as the values of their four pairs, 16 bits each. */
SCAN_INLINE uint64_t fast_pairs(uint64_t digits)
{
    return digits * (1 + (10 << 8)) >> 8 & 0x00ff00ff00ff00ffu;
}

/* 2026-08-16T23:37:03.745044Z with 0 to 9 digits of a second's fraction; the quote behind it stays. Date and time of
 * day are each gathered into eight digits that are read at once. */
SCAN_INLINE int fast_time(struct scan *s, int64_t *ret_ns)
{
    const char *at = s->at;
    uint64_t head, tail, date, clock, fraction = 0;
    unsigned year, month, day, hour, minute, second;

    if (s->end - at < FAST_TIME_REACH || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':')
        return 0;
    head = scan_load8(at);
    tail = scan_load8(at + 8);
    date = (head & 0xffffffffu) | (head >> 40 & 0xffff) << 32 | tail << 48;
    clock = (tail >> 24 & 0xffff) | tail >> 48 << 16 | (scan_load8(at + 17) & 0xffff) << 32 | UINT64_C(0x3030) << 48;
    date ^= '0' * SCAN_EACH_BYTE;
    clock ^= '0' * SCAN_EACH_BYTE;
    if (scan_digits_end(date) | scan_digits_end(clock))
        return 0;
    date = fast_pairs(date);
    clock = fast_pairs(clock);
    year = (unsigned)(date & 0xff) * 100 + (unsigned)(date >> 16 & 0xff);
    month = (unsigned)(date >> 32 & 0xff);
    day = (unsigned)(date >> 48);
    hour = (unsigned)(clock & 0xff);
    minute = (unsigned)(clock >> 16 & 0xff);
    second = (unsigned)(clock >> 32 & 0xff);
    if (year < 1970 || year > 2099 || month - 1 > 11 || day - 1 > 30 || hour > 23 || minute > 59 || second > 59)
        return 0;
    at += 19;
    if (*at == '.' && !(at = fast_fraction(at + 1, s->end, &fraction)))
        return 0;
    if (at[0] != 'Z' || at[1] != '"')
        return 0;
    second += (minute + hour * 60) * 60;
    *ret_ns = ((int64_t)fast_days(year, month, day) * 86400 + second) * 1000000000 + (int64_t)fraction;
    s->at = at + 1;
    return 1;
}

/* A number of at most seven bytes, point and all, as most prices and many sizes are: its digits are closed up over the
 * point and read at once. Returns where it ends, NULL for the general road. Eight bytes must be readable. */
SCAN_INLINE const char *fast_short(const char *at, struct scan_number *ret)
{
    uint64_t word = scan_load8(at) ^ '0' * SCAN_EACH_BYTE, digits = word, below;
    /* Exact in every byte: without its high bit, adding carries into no other. */
    uint64_t stop = (((word & ~SCAN_HIGH_BITS) + 0x76 * SCAN_EACH_BYTE) | word) & SCAN_HIGH_BITS;
    unsigned bits, n_bits, point_bits = 0;
    uint8_t decimals = 0;

    if (stop == 0 || (stop & 0x80))
        return NULL;
    bits = n_bits = (unsigned)__builtin_ctzll(stop) - 7;
    if ((word & 0xff) == 0 && bits > 8)
        return NULL; /* a leading zero is no JSON */
    if ((word >> bits & 0xff) == ('.' ^ '0')) {
        stop &= stop - 1;
        if (stop == 0)
            return NULL;
        n_bits = (unsigned)__builtin_ctzll(stop) - 7;
        if (n_bits == bits + 8)
            return NULL; /* a point with nothing behind it */
        below = (UINT64_C(1) << bits) - 1;
        digits = (word & below) | (word >> 8 & ~below);
        decimals = (uint8_t)((n_bits - bits) / 8 - 1);
        point_bits = 8;
    }
    if ((word >> n_bits & 0xdf) == (('E' ^ '0') & 0xdf))
        return NULL;
    *ret = (struct scan_number){ (int64_t)scan_digits_value(digits << (64 - n_bits + point_bits)), decimals, 1, 0,
                                 decimals };
    return at + n_bits / 8;
}

/* A longer one. SCAN_FAST_REACH bytes must be readable. */
SCAN_INLINE const char *fast_long(const char *at, struct scan_number *ret)
{
    struct scan s = { .at = at, .end = at + SCAN_FAST_REACH };

    return scan_number_fast(&s, ret) ? s.at : NULL;
}

/* Any number of the usual length. SCAN_FAST_REACH bytes must be readable. */
SCAN_INLINE const char *fast_value(const char *at, struct scan_number *ret)
{
    const char *end = fast_short(at, ret);

    return end ? end : fast_long(at, ret);
}

/* Near the end of a message it is read from a copy. Not inlined: the copy would be made ready for every number. */
__attribute__((noinline, unused)) static const char *fast_last(const char *at, size_t left, struct scan_number *ret)
{
    char copy[2 * SCAN_FAST_REACH] = { 0 };
    const char *end;

    memcpy(copy, at, left);
    end = fast_value(copy, ret);
    return end ? at + (end - copy) : NULL;
}

/* A number, or the inside of a string that holds one. */
SCAN_INLINE int fast_number(struct scan *s, struct scan_number *ret)
{
    size_t left = (size_t)(s->end - s->at);
    const char *end = left >= 8 ? fast_short(s->at, ret) : NULL;

    if (!end)
        end = left >= SCAN_FAST_REACH ? fast_long(s->at, ret) : fast_last(s->at, left, ret);
    if (end)
        s->at = end;
    return end != NULL;
}

/* High bits of the bytes that are not from '+' to 'Z', as all of a time's are. Those below borrow and those above
 * carry; what that spoils lies behind the first such one. */
SCAN_INLINE uint64_t fast_time_end(uint64_t word)
{
    return ((word - '+' * SCAN_EACH_BYTE) | (word + (0x7f - 'Z') * SCAN_EACH_BYTE) | word) & SCAN_HIGH_BITS;
}

#define FAST_TIME_SIZE 27 /* 2026-04-07T14:30:00.123456Z */

/* A time of no interest, its first quote taken already; steps over the other. Less to look for than in any string. */
SCAN_INLINE int fast_time_skip(struct scan *s)
{
    const char *at = s->at;

    if (s->end - at > FAST_TIME_SIZE && at[FAST_TIME_SIZE] == '"' &&
        (fast_time_end(scan_load8(at)) | fast_time_end(scan_load8(at + 8)) | fast_time_end(scan_load8(at + 16)) |
         fast_time_end(scan_load8(at + FAST_TIME_SIZE - 8))) == 0) {
        s->at = at + FAST_TIME_SIZE + 1;
        return 1;
    }
    for (; s->end - at >= 8; at += 8) {
        uint64_t ends = fast_time_end(scan_load8(at));

        if (ends == 0)
            continue;
        at += (unsigned)__builtin_ctzll(ends) / 8;
        s->at = at + 1;
        return *at == '"';
    }
    return 0;
}

/* An unsigned number of at most 19 digits, as ids are. */
SCAN_INLINE int fast_u64(struct scan *s, uint64_t *ret)
{
    const char *at = s->at;
    uint64_t value = 0;

    if (s->end - at >= 24) {
        uint64_t digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE, stop = scan_digits_end(digits);

        while (stop == 0 && at - s->at < 16) {
            value = value * 100000000 + scan_digits_value(digits);
            at += 8;
            digits = scan_load8(at) ^ '0' * SCAN_EACH_BYTE;
            stop = scan_digits_end(digits);
        }
        if (stop == 0)
            return 0;
        if (!(stop & 0x80)) { /* one to seven digits more */
            unsigned bits = (unsigned)__builtin_ctzll(stop) - 7;

            value = value * (uint64_t)decimal_pow10[bits / 8] + scan_digits_value(digits << (64 - bits));
            at += bits / 8;
        }
    } else {
        for (; at < s->end && (unsigned char)(*at - '0') <= 9; at++)
            value = value * 10 + (uint64_t)(*at - '0');
    }
    if (at == s->at || at - s->at > 19 || (*s->at == '0' && at - s->at > 1))
        return 0;
    *ret = value;
    s->at = at;
    return 1;
}

/* Milliseconds since 1970, as ns. */
SCAN_INLINE int fast_ms(struct scan *s, int64_t *ret_ns)
{
    uint64_t ms;

    if (!fast_u64(s, &ms) || ms > INT64_MAX / 1000000)
        return 0;
    *ret_ns = (int64_t)ms * 1000000;
    return 1;
}

/* What a row is at most where it is read without asking again. */
#define FAST_ROW_REACH 96
#define FAST_BYTES(n)  ((UINT64_C(1) << (n)*8) - 1)

/* `","` */
SCAN_INLINE int fast_is_between(const char *at)
{
    return ((scan_load8(at) ^ UINT64_C(0x222c22)) & FAST_BYTES(3)) == 0;
}

/* [["price","size"],...] with both its brackets. */
SCAN_INLINE int fast_rows(struct scan *s, struct levels *levels, int is_bid)
{
    struct scan_number price, size;

    if (!FAST_EXPECT(s, "[[\""))
        return FAST_EXPECT(s, "[]");
    for (;;) {
        if (s->end - s->at >= FAST_ROW_REACH) {
            const char *at = fast_value(s->at, &price);

            if (!at || !fast_is_between(at))
                return 0;
            at = fast_value(at + 3, &size);
            if (!at)
                return 0;
            s->at = at;
        } else if (!fast_number(s, &price) || !FAST_EXPECT(s, "\",\"") || !fast_number(s, &size)) {
            return 0;
        }
        levels_add(levels, is_bid, &price, &size);
        if (!FAST_EXPECT(s, "\"],[\""))
            return FAST_EXPECT(s, "\"]]");
    }
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
