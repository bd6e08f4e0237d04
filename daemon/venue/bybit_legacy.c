/* SPDX-License-Identifier: MIT */
#include "venue/bybit_legacy.h"

#include <errno.h>
#include <string.h>

struct legacy_row {
    struct scan_number price, size;
    struct scan_string side;
};
static const struct field row_keys[] = {
    FIELD("price", FIELD_NUMBER, struct legacy_row, price),
    FIELD("size", FIELD_NUMBER, struct legacy_row, size),
    FIELD("side", FIELD_STRING, struct legacy_row, side),
};
enum { ROW_PRICE = 1 << 0, ROW_SIZE = 1 << 1, ROW_SIDE = 1 << 2 };

/* A snapshot is a list, in one product under a key; an update has three, which apply in this order. */
struct legacy_data {
    struct scan lists[4];
};
static const struct field data_keys[] = {
    FIELD("order_book", FIELD_VALUE, struct legacy_data, lists[0]),
    FIELD("delete", FIELD_VALUE, struct legacy_data, lists[1]),
    FIELD("update", FIELD_VALUE, struct legacy_data, lists[2]),
    FIELD("insert", FIELD_VALUE, struct legacy_data, lists[3]),
};
enum { LIST_WHOLE, LIST_DELETE, LISTS = 4 };
#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

int bybit_legacy_is_book(const struct scan_string *topic)
{
    return topic->size > 12 && memcmp(topic->at, "orderBook", 9) == 0 && memchr(topic->at, '.', topic->size) != NULL;
}

static int rows_add(struct scan s, int is_delete, struct levels *levels)
{
    int r = scan_peek(&s) == SCAN_ARRAY ? scan_array_begin(&s) : -EBADMSG;

    while (r >= 0 && (r = scan_array_next(&s)) > 0) {
        const struct scan_number none = { .fits = 1 };
        struct legacy_row row;
        uint32_t seen;
        int is_bid;

        r = fields_read(&s, row_keys, N_OF(row_keys), &row, NULL, &seen);
        if (r < 0)
            return r;
        if (!(seen & ROW_PRICE) || !(seen & ROW_SIDE) || (!is_delete && !(seen & ROW_SIZE)) || row.price.is_negative ||
            (!is_delete && row.size.is_negative))
            return -EBADMSG;
        is_bid = field_is(&row.side, "Buy");
        if (!is_bid && !field_is(&row.side, "Sell"))
            return -EBADMSG;
        levels_add(levels, is_bid, &row.price, is_delete ? &none : &row.size);
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

static int lists_read(struct scan *s, int is_snapshot, struct legacy_data *ret, uint32_t *ret_seen)
{
    int r;

    if (scan_peek(s) == SCAN_ARRAY) {
        ret->lists[LIST_WHOLE] = *s;
        *ret_seen = 1 << LIST_WHOLE;
        r = scan_skip(s);
    } else {
        r = fields_read(s, data_keys, N_OF(data_keys), ret, NULL, ret_seen);
    }
    if (r < 0)
        return r;
    return ((*ret_seen & 1 << LIST_WHOLE) != 0) == is_snapshot && *ret_seen != 0 ? 0 : -EBADMSG;
}

int bybit_legacy_read(struct scan *s, const struct scan_string *topic, int is_snapshot, struct md_frame *frame)
{
    const char *dot = memrchr(topic->at, '.', topic->size);
    struct md_event *event = field_event(frame, MD_BOOK);
    struct legacy_data data;
    struct scan_string name;
    struct rows rows;
    uint32_t seen;
    int r;

    if (!event)
        return -E2BIG;
    name = (struct scan_string){ dot + 1, (size_t)(topic->at + topic->size - dot - 1), 0 };
    r = lists_read(s, is_snapshot, &data, &seen);
    if (r < 0 || field_symbol(&name, event->symbol) < 0)
        return r < 0 ? r : -EBADMSG;
    event->is_snapshot = (uint8_t)is_snapshot;
    event->follows = MD_FOLLOWS_NOTHING;
    rows_begin(&rows, frame, NULL, !is_snapshot, 0);
    do {
        for (unsigned i = 0; r >= 0 && i < LISTS; i++)
            r = seen & 1u << i ? rows_add(data.lists[i], i == LIST_DELETE, &rows.levels) : 0;
        if (r < 0)
            return r;
    } while (levels_again(&rows.levels));
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}
