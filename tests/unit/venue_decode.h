/* SPDX-License-Identifier: MIT
 * venue_decode.h - an adapter's decoder under test: bytes in, a line of text per event out. Asserts with Criterion. */
#ifndef HOGA_TEST_VENUE_DECODE_H
#define HOGA_TEST_VENUE_DECODE_H

#include "core/decimal.h"
#include "venue/venue.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

typedef int (*venue_decoder)(const char *bytes, size_t size, struct md_frame *io_frame);

/* In a block of its exact size, so that a sanitizer or valgrind sees a read beyond it. */
static inline int decode_exact(venue_decoder decode, const char *text, struct md_frame *frame)
{
    size_t size = strlen(text);
    char *copy = malloc(size > 0 ? size : 1);
    int r;

    cr_assert_not_null(copy);
    memcpy(copy, text, size);
    r = decode(copy, size, frame);
    free(copy);
    if (r < 0)
        cr_assert(frame->n_events == 0 && frame->n_bids == 0 && frame->n_asks == 0, "a refused message left something");
    return r;
}

static inline void side_describe(struct text *t, const struct md_event *e, const struct md_level *levels, uint32_t n)
{
    char number[DECIMAL_TEXT_SIZE];

    for (uint32_t i = 0; i < n; i++) {
        (void)decimal_format(levels[i].price, e->price_decimals, number);
        text_addf(t, " %s*", number);
        (void)decimal_format(levels[i].size, e->size_decimals, number);
        text_add_string(t, number);
    }
}

static inline void day_describe(struct text *t, const struct md_day *day)
{
    static const char *const words[MD_FACT_COUNT] = { "last", "close",  "change", "open",      "high",
                                                      "low",  "volume", "value",  "bid_total", "ask_total" };
    static const char *const periods[] = { "", " day", " 24h" };
    char number[DECIMAL_TEXT_SIZE];

    text_add_string(t, periods[day->period]);
    for (int i = 0; i < MD_FACT_COUNT; i++) {
        if ((day->known & 1u << i) == 0)
            continue;
        (void)decimal_format(day->fact[i], day->decimals[i], number);
        text_addf(t, " %s=%s", words[i], number);
    }
}

/* "SNAP sym: bid*size ... | ask*size ..." and the like. */
static inline const char *event_describe(const struct md_frame *frame, uint32_t i)
{
    static const char *const kinds[] = { "BOOK", "TRADES", "DAY", "SUBSCRIBED", "STATUS", "ERROR", "CLOSING", "OTHER" };
    static const char *const sides[] = { "?", "buy", "sell" };
    static char memory[8192];
    const struct md_event *e = &frame->event[i];
    char price[DECIMAL_TEXT_SIZE], size[DECIMAL_TEXT_SIZE];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, e->kind == MD_BOOK && e->is_snapshot ? "SNAP" : kinds[e->kind]);
    text_addf(&t, "%s%s", e->symbol[0] ? " " : "", e->symbol);
    if (e->kind == MD_BOOK) {
        side_describe(&t, e, frame->bids + e->bids, e->n_bids);
        text_add_string(&t, " |");
        side_describe(&t, e, frame->asks + e->asks, e->n_asks);
    }
    for (uint32_t k = 0; k < e->n_trades; k++) {
        const struct md_trade *trade = &frame->trades[e->trades + k];

        (void)decimal_format(trade->price, trade->price_decimals, price);
        (void)decimal_format(trade->size, trade->size_decimals, size);
        text_addf(&t, " %s %s*%s #%llu", sides[trade->side], price, size, (unsigned long long)trade->id);
    }
    if (e->kind == MD_TRADES && e->is_snapshot)
        text_add_string(&t, " past");
    if (e->kind == MD_TRADES && e->n_left_out > 0)
        text_addf(&t, " %u left out", e->n_left_out);
    if (e->kind == MD_DAY)
        day_describe(&t, &frame->days[e->day]);
    if (e->channel & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY))
        text_add_string(&t, e->channel & MD_CHANNEL_TRADES ? " of trades" : " of day");
    if (e->depth > 0)
        text_addf(&t, " depth %u", e->depth);
    if (e->kind == MD_ERROR)
        text_addf(&t, " [%s] %s", verdict_reason_word(e->reason), e->text);
    return memory;
}

struct decode_case {
    const char *bytes;
    const char *events[4]; /* none: refused */
};

/* Every row of a table of messages. */
static inline void decode_check(venue_decoder decode, struct md_frame *frame, const struct decode_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct decode_case *c = &cases[i];
        int r = decode_exact(decode, c->bytes, frame);
        uint32_t n_events = 0;

        while (n_events < 4 && c->events[n_events])
            n_events++;
        cr_expect((r < 0) == (n_events == 0), "%s: returned %d", c->bytes, r);
        cr_expect_eq(frame->n_events, n_events, "%s: %u events", c->bytes, frame->n_events);
        for (uint32_t k = 0; k < n_events && k < frame->n_events; k++)
            cr_expect_str_eq(event_describe(frame, k), c->events[k], "%s: \"%s\" is not \"%s\"", c->bytes,
                             event_describe(frame, k), c->events[k]);
    }
}

#endif
