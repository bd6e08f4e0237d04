/* SPDX-License-Identifier: MIT
 * list_delta.h - what the REST hosts of OKX, Bybit, Bitget and Gate say of their markets: parts of their dialects. As
 * dialect.rest; pure, one thread.
 * Source: ../shared/protocols/<venue>.md, "Symbols, precision": the addresses, and the keys of a row. */
#ifndef SIM_LIST_DELTA_H
#define SIM_LIST_DELTA_H

#include "dialect.h"

/* One answer a kind of instrument. */
void list_okx(const struct market_set *markets, const char *target, struct rest *io_rest);
/* Two pages. */
void list_bybit(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_bitget(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_gateio(const struct market_set *markets, const char *target, struct rest *io_rest);

#endif
