/* SPDX-License-Identifier: MIT
 * binance_rest.h - where Binance's three products give a book by REST, and what that weighs of an address's budget.
 * For binance.c; pure.
 * Source: ../shared/protocols/binance.md, "REST snapshots", read 2026-11-28. */
#ifndef HOGA_BINANCE_REST_H
#define HOGA_BINANCE_REST_H

#include "core/text.h"

/* struct venue, snapshot_path and snapshot_weight. */
int binance_spot_path(struct text *text, const char *symbol, uint32_t depth);
int binance_usdm_path(struct text *text, const char *symbol, uint32_t depth);
int binance_coinm_path(struct text *text, const char *symbol, uint32_t depth);
uint32_t binance_spot_weight(uint32_t depth);
uint32_t binance_futures_weight(uint32_t depth);

#endif
