/* SPDX-License-Identifier: MIT
 * trades.h - trades and days that check themselves: every word follows from the id, so that one put together from two
 * shows. For tests of the segment; any thread. */
#ifndef HOGA_STRESS_TRADES_H
#define HOGA_STRESS_TRADES_H

#include "books.h"

#include "shm/trade.h"

#define TRADES_KEPT 16u /* books_options */

static inline struct hoga_abi_trade trades_make(uint64_t id)
{
    return (struct hoga_abi_trade){ .id = id,
                                    .price = (int64_t)books_mix(id),
                                    .size = (int64_t)books_mix(id + 1),
                                    .venue_ns = (int64_t)books_mix(id + 2),
                                    .recv_ns = (int64_t)books_mix(id + 3),
                                    .price_decimals = (uint8_t)(id % 19),
                                    .size_decimals = 8,
                                    .side = (uint8_t)(1 + id % 2) };
}

static inline void trades_publish(struct writer *w, uint32_t slot, uint64_t id)
{
    struct hoga_abi_trade trade = trades_make(id);

    writer_trade_publish(w, slot, &trade);
}

static inline int trades_is_whole(const struct hoga_abi_trade *trade)
{
    struct hoga_abi_trade want = trades_make(trade->id);

    want.seq = trade->seq;
    want.update = trade->update;
    want.generation = trade->generation;
    return memcmp(trade, &want, sizeof want) == 0;
}

/* A row without anything known is that of a slot just given away. */
static inline void days_publish(struct writer *w, uint32_t slot, uint64_t number)
{
    struct hoga_abi_day day = { .known = (1u << HOGA_FACTS_MAX) - 1, .last_ns = (int64_t)number };

    for (uint32_t i = 0; i < HOGA_FACTS_MAX; i++)
        day.fact[i] = (int64_t)books_mix(number + i);
    writer_day_publish(w, slot, &day);
}

static inline int days_is_whole(const struct hoga_abi_day *day)
{
    for (uint32_t i = 0; day->known != 0 && i < HOGA_FACTS_MAX; i++)
        if (day->fact[i] != (int64_t)books_mix((uint64_t)day->last_ns + i))
            return 0;
    return day->known != 0 || (day->last_ns == 0 && day->fact[0] == 0);
}

#endif
