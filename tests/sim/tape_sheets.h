/* SPDX-License-Identifier: MIT
 * tape_sheets.h - trades as several exchanges' sheets have them: parts of their dialects, as dialect.trades. Pure, one
 * thread. */
#ifndef SIM_TAPE_SHEETS_H
#define SIM_TAPE_SHEETS_H

#include "dialect.h"

void tape_bithumb(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                  struct pen *io_text);
void tape_coinone(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                  struct pen *io_text);
void tape_korbit(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                 struct pen *io_text);
void tape_kraken(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                 struct pen *io_text);
void tape_coinbase(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                   struct pen *io_text);
void tape_coinbase_adv(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                       struct pen *io_text);

#endif
