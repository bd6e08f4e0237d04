/* SPDX-License-Identifier: MIT
 * binance_request.h - what Binance's instruments are called and how their streams are asked for. For binance.c; pure.
 * Source: ../shared/protocols/binance.md, "Subscribe" and "Book streams", read 2026-11-28. */
#ifndef HOGA_BINANCE_REQUEST_H
#define HOGA_BINANCE_REQUEST_H

#include "venue/venue.h"

#define BINANCE_BBO "@bbo" /* the venue's best bid and ask as an instrument of its own */

/* As struct venue has them; trades are single ones on spot and aggregates on futures. */
enum reason binance_symbol_check(const char *symbol);
int binance_spot_request(struct text *text, const struct venue_request *request);
int binance_futures_request(struct text *text, const struct venue_request *request);

#endif
