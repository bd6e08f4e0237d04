/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/coinbase.md, "Exchange messages" and "Advanced Trade messages", read 2026-11-23. */
#include "venue/coinbase_book.h"

#include "venue/coinbase_fast.h"

#include <errno.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

struct coinbase_change {
    struct scan_string side;
    struct scan_number price, size;
};

/* ["buy","price","size"], or {"side":"bid","event_time":...,"price_level":"...","new_quantity":"..."}. */
static int change_read(struct scan *s, struct coinbase_change *ret)
{
    static const struct field change_keys[] = {
        FIELD("side", FIELD_STRING, struct coinbase_change, side),
        FIELD("price_level", FIELD_NUMBER, struct coinbase_change, price),
        FIELD("new_quantity", FIELD_NUMBER, struct coinbase_change, size),
    };
    uint32_t seen;
    int r;

    if (scan_peek(s) == SCAN_OBJECT)
        return fields_read(s, change_keys, N_OF(change_keys), ret, NULL, &seen) < 0 || seen != 7 ? -EBADMSG : 0;
    if (scan_array_begin(s) < 0 || scan_array_next(s) <= 0 || scan_peek(s) != SCAN_STRING ||
        scan_string(s, &ret->side) < 0 || scan_array_next(s) <= 0 || scan_number_or_string(s, &ret->price) < 0 ||
        scan_array_next(s) <= 0 || scan_number_or_string(s, &ret->size) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0)
        if (scan_skip(s) < 0)
            return -EBADMSG;
    return r;
}

/* A list of changes of either side. Returns: 0, -EBADMSG, -E2BIG. */
static int changes_read(struct scan *s, struct levels *levels)
{
    struct coinbase_change c;
    int r, is_bid;

    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        if (scan_peek(s) == SCAN_OBJECT && coinbase_fast_update(s, levels)) {
            if (levels->too_many)
                return -E2BIG;
            continue;
        }
        if (change_read(s, &c) < 0 || c.price.is_negative || c.size.is_negative)
            return -EBADMSG;
        is_bid = field_is(&c.side, "buy") || field_is(&c.side, "bid");
        if (!is_bid && !field_is(&c.side, "sell") && !field_is(&c.side, "offer"))
            return -EBADMSG;
        levels_add(levels, is_bid, &c.price, &c.size);
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

int coinbase_changes(const struct scan *at, struct rows *rows)
{
    struct scan s;
    int r;

    do {
        s = *at;
        r = changes_read(&s, &rows->levels);
    } while (r == 0 && levels_again(&rows->levels));
    return r;
}

int coinbase_book_add(const char *symbol, int is_snapshot, int64_t venue_ns, struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    int r;

    if (!event)
        return -E2BIG;
    memcpy(event->symbol, symbol, sizeof(event->symbol));
    event->is_snapshot = (uint8_t)is_snapshot;
    event->venue_ns = venue_ns;
    r = rows_finish(rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}
