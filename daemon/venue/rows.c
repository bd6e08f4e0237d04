/* SPDX-License-Identifier: MIT */
#include "venue/rows.h"

#include "venue/field_fast.h"

#include <errno.h>
#include <string.h>

void rows_begin(struct rows *rows, struct md_frame *frame, const struct rows_form *form, int is_update, int has_digits)
{
    rows->form = form;
    levels_begin_as(&rows->levels, frame, is_update, has_digits);
    rows->side[0].at = NULL;
    rows->side[1].at = NULL;
    rows->result[0] = 0;
    rows->result[1] = 0;
}

/* Returns: 0, -EBADMSG no number, or one below zero. */
static int value_read(struct scan *s, struct scan_number *ret)
{
    int r = scan_number_or_string(s, ret);

    return r < 0 || ret->is_negative ? -EBADMSG : 0;
}

/* ["price","size"] as nearly all are written. Returns 1, or 0 and nothing moved. */
static int array_row_fast(struct scan *s, struct scan_number *ret_price, struct scan_number *ret_size)
{
    const char *at = s->at;

    if (s->end - at < FAST_ROW_REACH || at[0] != '[' || at[1] != '"')
        return 0;
    at = fast_value(at + 2, ret_price);
    if (!at || !fast_is_between(at))
        return 0;
    at = fast_value(at + 3, ret_size);
    if (!at || at[0] != '"' || at[1] != ']')
        return 0;
    s->at = at + 2;
    return 1;
}

static int array_row_read(struct scan *s, struct scan_number *ret_price, struct scan_number *ret_size)
{
    int r;

    if (array_row_fast(s, ret_price, ret_size))
        return 0;

    if (scan_array_begin(s) < 0 || scan_array_next(s) <= 0 || value_read(s, ret_price) < 0 || scan_array_next(s) <= 0 ||
        value_read(s, ret_size) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0)
        if (scan_skip(s) < 0)
            return -EBADMSG;
    return r;
}

/* A value that may be followed by another of the same key. Returns: 0, -EBADMSG not JSON. */
static int member_read(struct scan *s, struct scan_number *ret, int *ret_has)
{
    struct scan before = *s;

    *ret_has = value_read(s, ret) == 0;
    if (*ret_has)
        return 0;
    *s = before;
    return scan_skip(s);
}

/* Of a key that comes twice the last value counts, as JSON readers do. */
static int object_row_read(struct scan *s, const struct rows_form *form, struct scan_number *ret_price,
                           struct scan_number *ret_size)
{
    int has_price = 0, has_size = 0, r;
    struct scan_string key;

    if (scan_object_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_object_next(s, &key)) > 0) {
        if (field_is(&key, form->price))
            r = member_read(s, ret_price, &has_price);
        else if (field_is(&key, form->size))
            r = member_read(s, ret_size, &has_size);
        else
            r = scan_skip(s);
        if (r < 0)
            return -EBADMSG;
    }
    return r == 0 && has_price && has_size ? 0 : -EBADMSG;
}

static int side_read(struct rows *rows, struct scan *s, int is_bid)
{
    struct scan_number price, size;
    int r;

    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        r = scan_peek(s) == SCAN_OBJECT && rows->form ? object_row_read(s, rows->form, &price, &size)
                                                      : array_row_read(s, &price, &size);
        if (r < 0)
            return r;
        levels_add(&rows->levels, is_bid, &price, &size);
        if (rows->levels.too_many)
            return -E2BIG;
    }
    return r;
}

int rows_side(struct rows *rows, struct scan *s, int is_bid)
{
    struct scan before;
    int is_absent = scan_peek(s) == SCAN_WORD, r; /* null, mostly */

    before = *s;
    rows->side[is_bid] = before;
    rows->result[is_bid] = 0;
    if (is_bid)
        rows->levels.n_bids = 0;
    else
        rows->levels.n_asks = 0;
    if (is_absent) {
        rows->side[is_bid].at = NULL;
        return scan_skip(s);
    }
    r = side_read(rows, s, is_bid);
    if (r == 0)
        return 0;
    rows->result[is_bid] = r;
    *s = before;
    return scan_skip(s);
}

int rows_has(const struct rows *rows, int is_bid)
{
    return rows->side[is_bid].at != NULL;
}

static int sides_read_again(struct rows *rows)
{
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        struct scan s = rows->side[is_bid];
        int r = s.at ? side_read(rows, &s, is_bid) : 0;

        if (r < 0)
            return r;
    }
    return 0;
}

int rows_finish(struct rows *rows, struct md_frame *frame, struct md_event *event)
{
    struct levels *l = &rows->levels;

    for (int is_bid = 0; is_bid < 2; is_bid++)
        if (rows->result[is_bid] < 0)
            return rows->result[is_bid];
    while (levels_again(l)) {
        int r = sides_read_again(rows);

        if (r < 0)
            return r;
    }
    event->bids = frame->n_bids;
    event->asks = frame->n_asks;
    event->n_left_out = l->n_left_out;
    if (l->unfit) {
        event->number_range = 1;
        return 0;
    }
    event->price_decimals = l->price_decimals;
    event->size_decimals = l->size_decimals;
    event->n_bids = l->n_bids;
    event->n_asks = l->n_asks;
    frame->n_bids += l->n_bids;
    frame->n_asks += l->n_asks;
    return 0;
}
