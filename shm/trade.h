/* SPDX-License-Identifier: MIT
 * trade.h - rings of trades, and what the venue says of the day, beside each book: the daemon's side (one thread, one
 * writer) and the reader's (any thread). A trade is overwritten when its ring comes round, whoever reads; a reader that
 * was lapped knows by how many. No policy about which trades are shown. A segment without these regions has none. */
#ifndef HOGA_TRADE_H
#define HOGA_TRADE_H

#include "reader.h"
#include "writer.h"

#define TRADE_RECALL 128u /* ids of a slot's last trades that the writer knows again */

/* Where a reader begins that has no number yet. */
#define TRADE_FROM_OLDEST 0u
#define TRADE_FROM_LAST   UINT64_MAX /* so that the newest n_max are given */

/* Trades that are kept of each book, 0: no such region. */
uint32_t writer_trades(const struct writer *w);
/* Publish the next trade of a slot. `trade` comes filled but for seq, update and generation. */
void writer_trade_publish(struct writer *w, uint32_t slot, const struct hoga_abi_trade *trade);
/* Is it among the last TRADE_RECALL of the slot's instrument, also of those of the daemon before? 1 or 0. */
int writer_trade_has(const struct writer *w, uint32_t slot, uint64_t id);
/* The id of its newest trade, and the latest time of any so far. Returns: 1, 0 there is none. */
int writer_trade_last(const struct writer *w, uint32_t slot, uint64_t *ret_id, int64_t *ret_venue_ns);

/* 1: there is room for facts of the day. */
int writer_has_day(const struct writer *w);
/* Publish a slot's facts. `day` comes filled but for seq and generation. */
void writer_day_publish(struct writer *w, uint32_t slot, const struct hoga_abi_day *day);

/* The number of a slot's newest trade: one load. 0: none was ever written, or no such region. */
uint64_t reader_trade_newest(const struct segment_map *map, uint32_t slot);
/* Trades of one generation from number *io_next on, oldest first, each whole, at most n_max. *io_next moves behind the
 * last one given; *ret_missed (may be NULL) is how many before the first one given were overwritten since *io_next was
 * the next; none where the reader begins. What is in ret behind those that are counted means nothing.
 * Returns: how many, 0 none yet; -ERANGE no such slot or region; -ESTALE the ring belongs to another generation;
 *          -EAGAIN lapped at every try (*io_next has moved on, *ret_missed is set). */
int reader_trades(const struct segment_map *map, uint32_t slot, uint32_t generation, uint64_t *io_next,
                  struct hoga_abi_trade *ret, uint32_t n_max, uint64_t *ret_missed);

/* The number of a slot's newest facts, as above. */
uint64_t reader_day_newest(const struct segment_map *map, uint32_t slot);
/* A slot's facts; what is known has decimals that can be. Returns: 0, -ENODATA never written, -ERANGE no such slot or
 * region, -EAGAIN it was moving at every try. */
int reader_day(const struct segment_map *map, uint32_t slot, struct hoga_abi_day *ret);

#endif
