/* SPDX-License-Identifier: MIT
 * What adapters put into a frame: events, trades, facts of the day (field.h). */
#include "venue/field.h"

#include <errno.h>
#include <string.h>

void field_error(struct md_event *event, enum reason reason, const struct scan_string *name,
                 const struct scan_string *message)
{
    struct text text;

    event->reason = (uint8_t)reason;
    text_init(&text, event->text, sizeof(event->text));
    if (name)
        scan_string_add(name, &text);
    if (name && message)
        text_add_string(&text, ": ");
    if (message)
        scan_string_add(message, &text);
}

struct md_event *field_event(struct md_frame *frame, enum md_kind kind)
{
    struct md_event *event = &frame->event[frame->n_events];

    if (frame->n_events == MD_EVENTS_MAX)
        return NULL;
    *event = (struct md_event){ .kind = kind, .trades = frame->n_trades };
    return event;
}

int field_plain(struct md_frame *frame, enum md_kind kind)
{
    if (!field_event(frame, kind))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

struct md_trade *field_trade(struct md_frame *frame, struct md_event *event)
{
    struct md_trade *trade = &frame->trades[frame->n_trades];

    if (frame->n_trades == MD_TRADES_MAX)
        return NULL;
    *trade = (struct md_trade){ 0 };
    frame->n_trades++;
    event->n_trades++;
    return trade;
}

int field_trade_numbers(struct md_trade *trade, const struct scan_number *price, const struct scan_number *size)
{
    if (!price->fits || !size->fits || price->is_negative || size->is_negative)
        return -EBADMSG;
    trade->price = price->mantissa;
    trade->price_decimals = price->decimals;
    trade->size = size->mantissa;
    trade->size_decimals = size->decimals;
    return 0;
}

void field_trade_drop(struct md_frame *frame, struct md_event *event)
{
    frame->n_trades--;
    event->n_trades--;
    event->n_left_out++;
}

struct md_event *field_trades_event(struct md_frame *frame, const char *symbol, int is_snapshot)
{
    struct md_event *event = frame->n_events > 0 ? &frame->event[frame->n_events - 1] : NULL;

    if (event && event->kind == MD_TRADES && event->is_snapshot == is_snapshot && strcmp(event->symbol, symbol) == 0)
        return event;
    event = field_event(frame, MD_TRADES);
    if (!event)
        return NULL;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    event->is_snapshot = (uint8_t)is_snapshot;
    frame->n_events++;
    return event;
}

int field_trade_add(struct md_frame *frame, struct md_event *event, const struct scan_number *price,
                    const struct scan_number *size, struct md_trade **ret)
{
    struct md_trade *trade = field_trade(frame, event);

    if (!trade)
        return -E2BIG;
    if (!price || !size || field_trade_numbers(trade, price, size) < 0) {
        field_trade_drop(frame, event);
        return 0;
    }
    *ret = trade;
    return 1;
}

void field_trades_order(struct md_frame *frame, const struct md_event *event)
{
    struct md_trade *first = frame->trades + event->trades, *last = first + event->n_trades - 1;

    if (event->n_trades < 2 || first->id <= last->id)
        return;
    for (; first < last; first++, last--) {
        struct md_trade trade = *first;

        *first = *last;
        *last = trade;
    }
}

struct md_day *field_day(struct md_frame *frame, struct md_event *event)
{
    struct md_day *day = &frame->days[frame->n_days];

    if (frame->n_days == MD_EVENTS_MAX)
        return NULL;
    *day = (struct md_day){ 0 };
    event->day = frame->n_days++;
    return day;
}

void field_fact(struct md_day *day, enum md_fact fact, const struct scan_number *number)
{
    if (!number->fits || (number->is_negative && fact != MD_FACT_CHANGE))
        return;
    day->known |= 1u << fact;
    day->fact[fact] = number->mantissa;
    day->decimals[fact] = number->decimals;
}

struct md_day *field_day_event(struct md_frame *frame, const char *symbol, enum md_period period, int64_t venue_ns)
{
    struct md_event *event = field_event(frame, MD_DAY);
    struct md_day *day = event ? field_day(frame, event) : NULL;

    if (!day)
        return NULL;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    day->period = (uint8_t)period;
    day->venue_ns = venue_ns;
    frame->n_events++;
    return day;
}

void field_facts(struct md_day *day, const struct field_day_row *rows, unsigned n, const void *from, uint32_t seen)
{
    for (unsigned i = 0; i < n; i++)
        if (seen & rows[i].bit)
            field_fact(day, (enum md_fact)rows[i].fact,
                       (const struct scan_number *)(const void *)((const char *)from + rows[i].offset));
}
