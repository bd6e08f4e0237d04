/* SPDX-License-Identifier: MIT
 * binance_day.h - Binance's statistics of a symbol over the last 24 hours, `<symbol>@ticker` of all three products. For
 * binance.c; pure.
 * Source: https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md, "Individual Symbol Ticker
 * Streams"; of futures the path is in ../shared/protocols/binance.md ("Endpoints") and the frames are those recorded in
 * https://github.com/crypto-crawler/crypto-msg-parser and https://github.com/tardis-dev/tardis-node (2019 to 2022); all
 * read 2026-11-28. */
#ifndef HOGA_BINANCE_DAY_H
#define HOGA_BINANCE_DAY_H

#include "core/md_event.h"
#include "venue/scan.h"

#define BINANCE_DAY_EVENT "24hrTicker"

/* A whole payload of that event, which has been checked to be JSON: its facts as an event of the frame, or MD_OTHER
 * where no symbol can be read. Returns: 0, -EBADMSG, -E2BIG the frame is full. */
int binance_day_add(struct scan payload, struct md_frame *frame);

#endif
