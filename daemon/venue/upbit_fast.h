/* SPDX-License-Identifier: MIT
 * upbit_fast.h - the hot road of upbit.c: a book frame exactly as the venue writes it, key after key without looking
 * any of them up. Whatever differs, by one byte, is left to the general road, which decides. Pure.
 * Source: ../shared/protocols/upbit.md, "orderbook frame", spelling of 2026-09-23 [P]. */
#ifndef HOGA_UPBIT_FAST_H
#define HOGA_UPBIT_FAST_H

#include "venue/levels.h"
#include "venue/scan_fast.h"

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
    [FORM_DEFAULT] = { WORD("{\"type\":\"orderbook\",\"code\":\""), WORD(",\"timestamp\":"),
                       WORD(",\"total_ask_size\":"), WORD(",\"total_bid_size\":"), WORD(",\"orderbook_units\":") },
    [FORM_SIMPLE] = { WORD("{\"ty\":\"orderbook\",\"cd\":\""), WORD(",\"tms\":"), WORD(",\"tas\":"), WORD(",\"tbs\":"),
                      WORD(",\"obu\":") },
};

static const struct word tail_wire[FORM_COUNT][2] = {
    [FORM_DEFAULT] = { WORD(",\"stream_type\":\"REALTIME\",\"level\":0}"),
                       WORD(",\"stream_type\":\"SNAPSHOT\",\"level\":0}") },
    [FORM_SIMPLE] = { WORD(",\"st\":\"REALTIME\",\"lv\":0}"), WORD(",\"st\":\"SNAPSHOT\",\"lv\":0}") },
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
SCAN_INLINE int unit_read_fast(struct scan *s, const struct word wire[UNIT_VALUES], struct scan_number ret[UNIT_VALUES])
{
    return word_expect(s, &wire[ASK_PRICE]) && scan_number_fast(s, &ret[ASK_PRICE]) &&
           word_expect(s, &wire[BID_PRICE]) && scan_number_fast(s, &ret[BID_PRICE]) &&
           word_expect(s, &wire[ASK_SIZE]) && scan_number_fast(s, &ret[ASK_SIZE]) && word_expect(s, &wire[BID_SIZE]) &&
           scan_number_fast(s, &ret[BID_SIZE]) && scan_expect(s, "}", 1);
}

/* As many units as come in the usual form; stands behind the last of them. Returns whether there was one. */
SCAN_INLINE int units_read_fast(struct scan *s, enum form form, struct levels *levels)
{
    struct scan_number value[UNIT_VALUES];
    struct scan at = *s;
    int any = 0;

    while (unit_read_fast(&at, unit_wire[form], value)) {
        unit_add(levels, value);
        any = 1;
        s->at = at.at;
        if (levels->too_many || !scan_expect(&at, ",", 1))
            break;
    }
    return any;
}

struct head {
    struct scan_string code;
    struct scan_number time, ask_total, bid_total;
};

/* What the usual head of a book says. Stands before the units afterwards. Returns 1, or 0 and nothing moved. */
SCAN_INLINE int head_read_fast(struct scan *s, enum form form, struct head *ret)
{
    const struct word *wire = head_wire[form];
    struct scan at = *s;

    if (!word_expect(&at, &wire[HEAD_CODE]) || !scan_plain_fast(&at, &ret->code) ||
        !word_expect(&at, &wire[HEAD_TIME]) || !scan_number_fast(&at, &ret->time) ||
        !word_expect(&at, &wire[HEAD_ASK_TOTAL]) || !scan_number_fast(&at, &ret->ask_total) ||
        !word_expect(&at, &wire[HEAD_BID_TOTAL]) || !scan_number_fast(&at, &ret->bid_total) ||
        !word_expect(&at, &wire[HEAD_UNITS]))
        return 0;
    s->at = at.at;
    s->depth++;
    s->is_first = 0;
    return 1;
}

/* The usual end of a book, its closing brace included. Returns 1, or 0 and nothing moved. */
SCAN_INLINE int tail_read_fast(struct scan *s, enum form form)
{
    if (!word_expect(s, &tail_wire[form][0]) && !word_expect(s, &tail_wire[form][1]))
        return 0;
    s->depth--;
    return 1;
}

#endif
