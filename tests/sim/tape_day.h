/* SPDX-License-Identifier: MIT
 * tape_day.h - what Bithumb, Coinone and Korbit say of the day: parts of their dialects, as dialect.day. Pure, one
 * thread. */
#ifndef SIM_TAPE_DAY_H
#define SIM_TAPE_DAY_H

#include "dialect.h"

void tape_bithumb_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text);
void tape_coinone_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text);
void tape_korbit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                     struct pen *io_text);

#endif
