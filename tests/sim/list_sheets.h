/* SPDX-License-Identifier: MIT
 * list_sheets.h - what the REST hosts of some exchanges say of their markets, each as its sheet has it: parts of their
 * dialects. As dialect.rest; pure, one thread. */
#ifndef SIM_LIST_SHEETS_H
#define SIM_LIST_SHEETS_H

#include "dialect.h"

void list_bithumb(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_coinone(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_korbit(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_kraken(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_coinbase(const struct market_set *markets, const char *target, struct rest *io_rest);
void list_coinbase_adv(const struct market_set *markets, const char *target, struct rest *io_rest);

#endif
