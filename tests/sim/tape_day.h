/* SPDX-License-Identifier: MIT
 * tape_day.h - what exchanges say of the day, or of the last 24 hours: parts of their dialects, as dialect.day. Pure,
 * one thread. Upbit's is in tape_upbit.h. */
#ifndef SIM_TAPE_DAY_H
#define SIM_TAPE_DAY_H

#include "dialect.h"

void tape_bithumb_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text);
void tape_coinone_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text);
void tape_korbit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                     struct pen *io_text);
/* <symbol>@ticker of spot. */
void tape_binance_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text);
/* The same of futures, on COIN-M in contracts. */
void tape_binance_usdm_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                           struct pen *io_text);
void tape_binance_coinm_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                            struct pen *io_text);
void tape_okx_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                  struct pen *io_text);
/* tickers.<symbol> of spot, and of linear, whose first is followed by what has changed. */
void tape_bybit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                    struct pen *io_text);
void tape_bybit_linear_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                           struct pen *io_text);

#endif
