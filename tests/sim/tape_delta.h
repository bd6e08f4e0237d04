/* SPDX-License-Identifier: MIT
 * tape_delta.h - trades as Binance, OKX, Bybit, Bitget and Gate write them: struct dialect's `trades`. Pure, any
 * thread.
 * Source: ../shared/protocols/<venue>.md, "Trades". */
#ifndef SIM_TAPE_DELTA_H
#define SIM_TAPE_DELTA_H

#include "dialect.h"

void tape_binance_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                         struct pen *io_text);
/* @aggTrade of futures. */
void tape_binance_aggregates(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                             bool is_past, struct pen *io_text);
void tape_okx_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                     struct pen *io_text);
/* Spot has numbers for ids, linear UUIDs. */
void tape_bybit_spot_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                            bool is_past, struct pen *io_text);
void tape_bybit_linear_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                              bool is_past, struct pen *io_text);
/* Newest first. */
void tape_bitget_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                        struct pen *io_text);
void tape_gateio_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                        struct pen *io_text);

#endif
