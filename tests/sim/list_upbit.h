/* SPDX-License-Identifier: MIT
 * list_upbit.h - Upbit's markets, and what its REST host says of them: a part of that dialect, in a file of its own for
 * its length. Pure, one thread. */
#ifndef SIM_LIST_UPBIT_H
#define SIM_LIST_UPBIT_H

#include "dialect.h"

/* As dialect.rest. */
void list_upbit(const struct market_set *markets, const char *target, struct rest *io_rest);

/* As dialect.market_profile. */
int profile_upbit(const char *symbol, struct market_profile *ret);

#endif
