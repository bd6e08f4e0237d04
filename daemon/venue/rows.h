/* SPDX-License-Identifier: MIT
 * rows.h - reads the two sides of a book message as most venues write them: ["price","size",...] rows, or objects with
 * a key for each; numbers bare or as strings. Read where they stand, in one pass; only a message whose numbers need
 * fewer decimals than it writes is read again. For adapters; pure.
 *
 *   rows_begin(&rows, frame, &form, ...);     for each message
 *   rows_side(&rows, &s, is_bid);             where the value of a side stands, in any order, each at most meaningful
 * once rows_finish(&rows, frame, event);         when all of the message has been seen */
#ifndef HOGA_ROWS_H
#define HOGA_ROWS_H

#include "venue/levels.h"
#include "venue/scan.h"

/* Keys of a row that is an object. A row that is an array has price first and size second, the rest is of no use. */
struct rows_form {
    const char *price, *size;
};

struct rows {
    const struct rows_form *form;
    struct levels levels;
    struct scan side[2]; /* asks, bids: where the value stands; at == NULL: absent */
    int result[2];       /* of each: 0, -EBADMSG a row is not as it must be, -E2BIG */
};

/* `form` NULL: rows are arrays. */
void rows_begin(struct rows *rows, struct md_frame *frame, const struct rows_form *form, int is_update, int has_digits);
/* Steps over one value, whatever it is. What became of it as a side is said by rows_finish. A side that comes twice
 * counts as it came last; null is as good as absent. Returns: 0, -EBADMSG this is not JSON. */
int rows_side(struct rows *rows, struct scan *io_scan, int is_bid);
/* Was this side there? */
int rows_has(const struct rows *rows, int is_bid);
/* Hand the levels to frame and event (levels, decimals, number_range, n_left_out).
 * Returns: 0, -EBADMSG a row lacks price or size, or they are no numbers or below zero; -E2BIG too many levels. */
int rows_finish(struct rows *rows, struct md_frame *frame, struct md_event *event);

#endif
