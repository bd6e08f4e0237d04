/* SPDX-License-Identifier: MIT
 * day.h - one instrument's facts of the day, put together from the messages that bring them: tickers, trades, and books
 * that carry their sides' totals. Pure: no clock, no memory of its own. Nothing here touches a book or its verdict. */
#ifndef HOGA_DAY_H
#define HOGA_DAY_H

#include "core/md_event.h"

/* What no message gave is not known; all zero at first. */
struct day {
    uint32_t known; /* bit of enum md_fact */
    int64_t fact[MD_FACT_COUNT];
    uint8_t decimals[MD_FACT_COUNT];
    uint8_t period;         /* enum md_period */
    int64_t last_ns;        /* the venue's time of the last trade, 0 unknown */
    int64_t venue_ns;       /* the venue's time of the newest MD_DAY, 0 unknown */
    int64_t recv_ns;        /* its arrival, 0 never */
    uint64_t totals_update; /* of the published book that the totals came with */
};

/* Take what a message gives; what it does not give stays. A last price whose time is before that of the one that is
 * known is old and passed over. Where last and previous close are known, the change is their difference, so that the
 * three agree at every moment. Return 1 if anything a reader sees has changed, else 0. */
int day_take(struct day *d, const struct md_day *from, int64_t recv_ns);
int day_trade(struct day *d, const struct md_trade *trade);
/* The totals of a book message (md_event.totals_known), which is published as `update`. Totals that it does not give
 * are unknown from then on: they would be another book's. */
int day_totals(struct day *d, const struct md_event *event, uint64_t update);

#endif
