/* SPDX-License-Identifier: MIT
 * tape_upbit.h - Upbit's trades and tickers: a part of that dialect, in a file of its own for its length. Pure, one
 * thread. */
#ifndef SIM_TAPE_UPBIT_H
#define SIM_TAPE_UPBIT_H

#include "dialect.h"

/* As dialect.trades and dialect.day; `form` 1 and 3 are short, 2 and 3 lists. */
void tape_upbit_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                       struct pen *io_text);
void tape_upbit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                    struct pen *io_text);

#endif
