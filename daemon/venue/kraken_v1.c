/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/kraken.md, "v1 differences", read 2026-11-23; fixture kraken/cf-20210417-book1000.
 * Trades, which the sheet leaves out, as recorded in kraken/cf-20210417-trades. */
#include "venue/kraken_v1.h"

#include "venue/field.h"

#include <errno.h>
#include <string.h>

/* [number,{"a":[...]},{"b":[...],"c":"..."},"book-10","XBT/USD"] */
struct v1_sides {
    struct scan checksum;
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))
static const struct field v1_keys[] = {
    { "a", FIELD_ASKS, 0 },
    { "b", FIELD_BIDS, 0 },
    { "as", FIELD_ASKS, 0 },
    { "bs", FIELD_BIDS, 0 },
    FIELD("c", FIELD_VALUE, struct v1_sides, checksum),
};
enum { V1_UPDATE = 1 << 0 | 1 << 1, V1_SNAPSHOT = 1 << 2 | 1 << 3, V1_CHECKSUM = 1 << 4 };

/* Depth of "book-1000"; 0: no book. */
static uint32_t v1_depth(struct scan_string channel)
{
    char memory[16];
    uint32_t depth = 0;

    field_resolve(&channel, memory, sizeof(memory));
    if (channel.size < 6 || channel.size > 10 || memcmp(channel.at, "book-", 5) != 0)
        return 0;
    for (size_t i = 5; i < channel.size; i++) {
        if (channel.at[i] < '0' || channel.at[i] > '9')
            return 0;
        depth = depth * 10 + (uint32_t)(channel.at[i] - '0');
    }
    return depth;
}

/* ["354.11000000","0.89594024","1618678142.557535","s","l",""]: price, volume, seconds, side, kind of order. No id. */
static int v1_trade(struct scan *s, struct md_frame *frame, struct md_event *event)
{
    struct md_trade *trade = field_trade(frame, event);
    struct scan_number price = { 0 }, size = { 0 };
    struct scan_string side = { "", 0, 0 };
    unsigned at = 0, good = 0;
    int64_t venue_ns = 0;
    int r;

    if (!trade)
        return -E2BIG;
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0) {
        enum scan_kind kind = scan_peek(s);
        struct scan before = *s;

        if (at < 2 && scan_number_or_string(s, at == 0 ? &price : &size) == 0) {
            good++;
        } else {
            *s = before;
            r = at == 2                          ? field_time(s, FIELD_TIME_S, &venue_ns)
                : at == 3 && kind == SCAN_STRING ? scan_string(s, &side)
                                                 : scan_skip(s);
        }
        at++;
    }
    if (r < 0)
        return r;
    if (good < 2 || field_trade_numbers(trade, &price, &size) < 0) {
        field_trade_drop(frame, event);
        return 0;
    }
    trade->venue_ns = venue_ns;
    trade->side = field_is(&side, "b") ? MD_SIDE_BUY : field_is(&side, "s") ? MD_SIDE_SELL : MD_SIDE_UNKNOWN;
    return 0;
}

static int v1_trades(struct scan rows, const struct scan_string *symbol, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    int r;

    if (!event)
        return -E2BIG;
    if (field_symbol(symbol, event->symbol) < 0)
        return -EBADMSG;
    r = scan_array_begin(&rows);
    while (r >= 0 && (r = scan_array_next(&rows)) > 0)
        r = scan_peek(&rows) == SCAN_ARRAY ? v1_trade(&rows, frame, event) : scan_skip(&rows);
    if (r == 0)
        frame->n_events++;
    return r;
}

static int v1_finish(const struct scan_string strings[2], uint32_t seen, struct v1_sides *sides, struct rows *rows,
                     struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    uint32_t depth = v1_depth(strings[0]);
    uint64_t checksum = 0;
    int r;

    if (!event)
        return -E2BIG;
    if (depth == 0 || (seen & (V1_UPDATE | V1_SNAPSHOT)) == 0)
        return field_plain(frame, MD_OTHER);
    if (field_symbol(&strings[1], event->symbol) < 0)
        return -EBADMSG;
    if ((seen & V1_CHECKSUM) && field_u64(&sides->checksum, &checksum) <= 0)
        return -EBADMSG; /* it has one, and nobody can say that it holds */
    event->is_snapshot = (seen & V1_SNAPSHOT) != 0;
    event->has_checksum = (seen & V1_CHECKSUM) != 0;
    event->checksum = (uint32_t)checksum;
    event->depth = depth;
    event->view = depth;
    r = rows_finish(rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

int kraken_v1_read(struct scan *s, struct md_frame *frame)
{
    struct scan_string strings[2];
    struct v1_sides sides = { .checksum = { 0 } };
    struct scan trades = { 0 };
    uint32_t all_seen = 0, seen;
    unsigned n_strings = 0;
    struct rows rows;
    int r = scan_array_begin(s);

    rows_begin(&rows, frame, NULL, 1, 1);
    while (r >= 0 && (r = scan_array_next(s)) > 0) {
        enum scan_kind kind = scan_peek(s);

        if (kind == SCAN_OBJECT) {
            r = fields_read(s, v1_keys, N_OF(v1_keys), &sides, &rows, &seen);
            all_seen |= r < 0 ? 0 : seen;
        } else if (kind == SCAN_STRING && n_strings < 2) {
            r = scan_string(s, &strings[n_strings++]);
        } else {
            if (kind == SCAN_ARRAY)
                trades = *s;
            r = scan_skip(s);
        }
    }
    if (r < 0)
        return r;
    if (n_strings == 2 && trades.at && field_is(&strings[0], "trade"))
        return v1_trades(trades, &strings[1], frame);
    return n_strings == 2 ? v1_finish(strings, all_seen, &sides, &rows, frame) : field_plain(frame, MD_OTHER);
}
