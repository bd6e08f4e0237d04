/* SPDX-License-Identifier: MIT
 * upbit_fast.h - the hot road of upbit.c: a book frame exactly as the venue writes it, key after key without looking
 * any of them up. Whatever differs, by one byte, is left to the general road, which decides. Pure.
 * Source: ../shared/protocols/upbit.md, "orderbook frame", spelling of 2026-09-23 [P]. */
#ifndef HOGA_UPBIT_FAST_H
#define HOGA_UPBIT_FAST_H

#include "venue/field_fast.h"
#include "venue/upbit_request.h"

/* The connection's format decides the keys: DEFAULT or SIMPLE, each also as a list of objects. A message is read by the
 * form of its type key; the other form's keys are then unknown ones. */
enum form { FORM_DEFAULT, FORM_SIMPLE, FORM_COUNT };

/* The four values of a unit, in the order of the wire. */
enum unit_value { ASK_PRICE, BID_PRICE, ASK_SIZE, BID_SIZE, UNIT_VALUES };

struct word {
    const char *word;
    size_t size;
};
#define WORD(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const struct word unit_words[FORM_COUNT][UNIT_VALUES] = {
    [FORM_DEFAULT] = { WORD("ask_price"), WORD("bid_price"), WORD("ask_size"), WORD("bid_size") },
    [FORM_SIMPLE] = { WORD("ap"), WORD("bp"), WORD("as"), WORD("bs") },
};

/* The same keys with all that stands between the numbers. */
static const struct word unit_wire[FORM_COUNT][UNIT_VALUES] = {
    [FORM_DEFAULT] = { WORD("{\"ask_price\":"), WORD(",\"bid_price\":"), WORD(",\"ask_size\":"),
                       WORD(",\"bid_size\":") },
    [FORM_SIMPLE] = { WORD("{\"ap\":"), WORD(",\"bp\":"), WORD(",\"as\":"), WORD(",\"bs\":") },
};

enum head_value { HEAD_CODE, HEAD_TIME, HEAD_ASK_TOTAL, HEAD_BID_TOTAL, HEAD_UNITS, HEAD_VALUES };

static const struct word head_wire[FORM_COUNT][HEAD_VALUES] = {
    [FORM_DEFAULT] = { WORD("{\"type\":\"orderbook\",\"code\":\""), WORD("\",\"timestamp\":"),
                       WORD(",\"total_ask_size\":"), WORD(",\"total_bid_size\":"), WORD(",\"orderbook_units\":[") },
    [FORM_SIMPLE] = { WORD("{\"ty\":\"orderbook\",\"cd\":\""), WORD("\",\"tms\":"), WORD(",\"tas\":"),
                      WORD(",\"tbs\":"), WORD(",\"obu\":[") },
};

/* Behind the units; older recordings end without a level. */
static const struct word stream_wire[FORM_COUNT][2] = {
    [FORM_DEFAULT] = { WORD("],\"stream_type\":\"REALTIME\""), WORD("],\"stream_type\":\"SNAPSHOT\"") },
    [FORM_SIMPLE] = { WORD("],\"st\":\"REALTIME\""), WORD("],\"st\":\"SNAPSHOT\"") },
};
static const struct word level_wire[FORM_COUNT] = {
    [FORM_DEFAULT] = WORD(",\"level\":"),
    [FORM_SIMPLE] = WORD(",\"lv\":"),
};

SCAN_INLINE int word_expect(struct scan *s, const struct word *w)
{
    return scan_expect(s, w->word, w->size);
}

/* Each unit gives one ask and one bid, independent of each other. */
SCAN_INLINE void unit_add(struct levels *levels, const struct scan_number value[UNIT_VALUES])
{
    levels_add(levels, 0, &value[ASK_PRICE], &value[ASK_SIZE]);
    levels_add(levels, 1, &value[BID_PRICE], &value[BID_SIZE]);
}

/* One unit. Written out: as a loop the words would not become instructions. */
SCAN_INLINE int unit_read_fast(struct scan *s, const struct word wire[UNIT_VALUES], size_t sizes[UNIT_VALUES],
                               struct scan_number ret[UNIT_VALUES])
{
    return word_expect(s, &wire[ASK_PRICE]) && scan_number_column(s, &sizes[ASK_PRICE], &ret[ASK_PRICE]) &&
           word_expect(s, &wire[BID_PRICE]) && scan_number_column(s, &sizes[BID_PRICE], &ret[BID_PRICE]) &&
           word_expect(s, &wire[ASK_SIZE]) && scan_number_fast(s, &ret[ASK_SIZE]) && word_expect(s, &wire[BID_SIZE]) &&
           fast_number(s, &ret[BID_SIZE]) && scan_expect(s, "}", 1);
}

/* As many units as come in the usual form; stands behind the last of them. Returns whether there was one. */
SCAN_INLINE int units_read_fast(struct scan *s, enum form form, struct levels *levels)
{
    struct scan_number value[UNIT_VALUES];
    struct scan at = *s;
    size_t sizes[UNIT_VALUES] = { 0 };
    int any = 0;

    while (unit_read_fast(&at, unit_wire[form], sizes, value)) {
        unit_add(levels, value);
        any = 1;
        s->at = at.at;
        if (levels->too_many || !scan_expect(&at, ",", 1))
            break;
    }
    return any;
}

/* A grouped book is another instrument than the raw one of its code. */
static inline int level_read_fast(struct scan *s, struct md_event *event)
{
    struct text text = { event->symbol, MD_SYMBOL_SIZE, strlen(event->symbol), 0 };
    struct scan_number step;

    return fast_number(s, &step) && upbit_level_add(&text, &step) == 0;
}

SCAN_INLINE int tail_read_fast(struct scan *s, enum form form, struct md_event *event)
{
    if (!word_expect(s, &stream_wire[form][0]) && !word_expect(s, &stream_wire[form][1]))
        return 0;
    if (word_expect(s, &level_wire[form]) && !scan_expect(s, "0", 1) && !level_read_fast(s, event))
        return 0;
    return scan_expect(s, "}", 1);
}

/* A whole book, from its brace to its brace. Returns 1 and the event, or 0 and nothing moved. */
SCAN_INLINE int form_read_fast(struct scan *s, enum form form, struct md_frame *frame)
{
    const struct word *wire = head_wire[form];
    struct scan_number ask_total, bid_total;
    struct md_event *event;
    struct levels levels;
    struct scan at = *s;

    if (!word_expect(&at, &wire[HEAD_CODE]))
        return 0;
    event = fast_event(frame);
    levels_begin(&levels, frame);
    if (!fast_symbol_without(&at, UPBIT_LEVEL_MARK, event->symbol) || !word_expect(&at, &wire[HEAD_TIME]) ||
        !fast_ms(&at, &event->venue_ns) || !word_expect(&at, &wire[HEAD_ASK_TOTAL]) ||
        !scan_number_fast(&at, &ask_total) || !word_expect(&at, &wire[HEAD_BID_TOTAL]) ||
        !scan_number_fast(&at, &bid_total) || !word_expect(&at, &wire[HEAD_UNITS]) ||
        !units_read_fast(&at, form, &levels) || !tail_read_fast(&at, form, event))
        return 0;
    event->is_snapshot = 1;
    event->totals_known = 3;
    event->bid_total = bid_total.mantissa;
    event->bid_total_decimals = bid_total.decimals;
    event->ask_total = ask_total.mantissa;
    event->ask_total_decimals = ask_total.decimals;
    if (!fast_levels_take(&levels, frame, event))
        return 0;
    s->at = at.at;
    return 1;
}

/* The form is a constant in each call, so that the words of the wire become instructions. */
static int book_read_fast(struct scan *s, struct md_frame *frame)
{
    return form_read_fast(s, FORM_SIMPLE, frame) || form_read_fast(s, FORM_DEFAULT, frame);
}

#endif
