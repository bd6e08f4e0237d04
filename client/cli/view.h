/* SPDX-License-Identifier: MIT
 * view.h - one book made ready for showing: read whole, grouped if asked, summed up. Exact integers; heap for the
 * levels, since a thousand a side do not belong on a stack. One thread. */
#ifndef HOGA_CLI_VIEW_H
#define HOGA_CLI_VIEW_H

#include "cli.h"

struct rung {
    int64_t price;          /* mantissa at the view's price_decimals */
    struct hoga_wide size;  /* at the book's size_decimals */
    struct hoga_wide total; /* sizes from the best rung to this one */
};

struct view {
    struct hoga_info info;
    struct hoga_book book;
    struct hoga_day day;     /* read by itself, behind the book */
    unsigned price_decimals; /* the book's, or more where the step of --group has more */
    uint32_t n_bids, n_asks;
    struct rung bids[CLI_DEPTH_MAX], asks[CLI_DEPTH_MAX];
    struct hoga_level bid_levels[CLI_DEPTH_MAX], ask_levels[CLI_DEPTH_MAX];
};

struct view *view_new(void); /* ends the program in words where there is no memory */
struct view *view_free(struct view *v);
/* Up to `depth` rungs a side. `group` NULL, or a decimal above 0: bids go down to it, asks up; the last rung holds
 * what the segment's own depth shows of it.
 * Returns: 0; -EINVAL `group` is no such decimal; -ERANGE prices do not fit its decimals; as hoga_read. */
int view_read(struct cli *c, hoga_id id, uint32_t depth, const char *group, struct view *v);
/* The top alone. now_boot_ns 0: now. As hoga_read_top, tried again where a writer is in the way. */
int view_read_book(struct cli *c, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret);

#endif
