/* SPDX-License-Identifier: MIT
 * Trades, and the facts of the day beside a book: as the segment has them. No verdict is made here: a trade is a thing
 * of the past, and what the book is worth now is hoga_read's to say. */
#include "handle.h"

#include "shm/trade.h"

#include <errno.h>
#include <string.h>

/* A trade goes to the caller as it lies; only the word that tells whose it is means nothing to a program. */
#define TRADE_SAME(member, of_abi)                                                                                     \
    _Static_assert(offsetof(struct hoga_trade, member) == offsetof(struct hoga_abi_trade, of_abi), #member)
TRADE_SAME(number, seq);
TRADE_SAME(id, id);
TRADE_SAME(price, price);
TRADE_SAME(size, size);
TRADE_SAME(venue_ns, venue_ns);
TRADE_SAME(recv_ns, recv_ns);
TRADE_SAME(update, update);
TRADE_SAME(reserved, generation);
TRADE_SAME(price_decimals, price_decimals);
TRADE_SAME(size_decimals, size_decimals);
TRADE_SAME(side, side);
TRADE_SAME(is_after_gap, flags);
_Static_assert(sizeof(struct hoga_trade) == sizeof(struct hoga_abi_trade), "nothing behind it");
_Static_assert(HOGA_TRADES_OLDEST == TRADE_FROM_OLDEST && HOGA_TRADES_LAST == TRADE_FROM_LAST, "one set of marks");
_Static_assert((int)HOGA_SIDE_BUY == (int)HOGA_SI_BUY && (int)HOGA_SIDE_SELL == (int)HOGA_SI_SELL, "one list");
_Static_assert((int)HOGA_PERIOD_DAY == (int)HOGA_PE_DAY && (int)HOGA_PERIOD_24_HOURS == (int)HOGA_PE_24_HOURS,
               "one list");

/* Is it worth looking at this map? A replaced file says so in one word; the next look at the clock finds the new one.
 */
static int extra_begin(struct hoga *h, hoga_id id, int has_region)
{
    const struct hoga_abi_header *header = (const void *)h->map.base;
    if (__builtin_expect(seqlock_load(&header->state) != HOGA_SEGMENT_READY, 0)) {
        struct reader_live live;
        (void)lib_handle_refresh(h, lib_boot_ns(), &live);
    }
    if (lib_id_tag(id) != h->tag)
        return -ESTALE;
    return has_region ? 0 : -ENOTSUP;
}

static int trades_finish(struct hoga_trade *ret, int n)
{
    for (int i = 0; i < n; i++) {
        if (ret[i].price_decimals > HOGA_DECIMALS_MAX || ret[i].size_decimals > HOGA_DECIMALS_MAX)
            return -EBADMSG;
        ret[i].number /= 2;
        ret[i].reserved = 0;
        ret[i].is_after_gap &= HOGA_TRADE_AFTER_GAP;
    }
    return n;
}

int hoga_trades(struct hoga *h, hoga_id id, uint64_t *io_next, struct hoga_trade *ret, uint32_t n_max,
                uint64_t *ret_missed)
{
    int r = extra_begin(h, id, h->map.trades > 0);
    if (r < 0)
        return r;
    r = reader_trades(&h->map, lib_id_slot(id), lib_id_generation(id), io_next, (void *)ret, n_max, ret_missed);
    if (r <= 0)
        return r == -ERANGE ? -ESTALE : r;
    return trades_finish(ret, r);
}

uint64_t hoga_trades_newest(struct hoga *h, hoga_id id)
{
    return lib_id_tag(id) == h->tag ? reader_trade_newest(&h->map, lib_id_slot(id)) : 0;
}

static struct hoga_fact day_fact(const struct hoga_abi_day *day, enum hoga_fact_number i)
{
    struct hoga_fact fact = { 0 };
    if ((day->known & 1u << i) != 0) {
        fact.mantissa = day->fact[i];
        fact.decimals = day->decimals[i];
        fact.is_known = 1;
    }
    return fact;
}

int hoga_day(struct hoga *h, hoga_id id, struct hoga_day *ret)
{
    struct hoga_abi_day day;
    int r = extra_begin(h, id, h->map.region[HOGA_REGION_DAY].count > 0);
    if (r < 0)
        return r;
    r = reader_day(&h->map, lib_id_slot(id), &day);
    if (r < 0)
        return r == -EAGAIN ? r : -ESTALE;
    if (day.generation != lib_id_generation(id))
        return -ESTALE;
    *ret = (struct hoga_day){
        .id = id,
        .last = day_fact(&day, HOGA_FACT_LAST),
        .previous_close = day_fact(&day, HOGA_FACT_PREVIOUS_CLOSE),
        .change = day_fact(&day, HOGA_FACT_CHANGE),
        .open = day_fact(&day, HOGA_FACT_OPEN),
        .high = day_fact(&day, HOGA_FACT_HIGH),
        .low = day_fact(&day, HOGA_FACT_LOW),
        .volume = day_fact(&day, HOGA_FACT_VOLUME),
        .value = day_fact(&day, HOGA_FACT_VALUE),
        .bid_total = day_fact(&day, HOGA_FACT_BID_TOTAL),
        .ask_total = day_fact(&day, HOGA_FACT_ASK_TOTAL),
        .update = day.seq / 2,
        .totals_update = day.totals_update,
        .last_ns = day.last_ns,
        .venue_ns = day.venue_ns,
        .recv_ns = day.recv_ns,
        .period = day.period,
    };
    return 0;
}

const char *hoga_side_word(unsigned side)
{
    return side == HOGA_SIDE_BUY ? "buy" : side == HOGA_SIDE_SELL ? "sell" : "unknown";
}

const char *hoga_period_word(unsigned period)
{
    return period == HOGA_PERIOD_DAY ? "day" : period == HOGA_PERIOD_24_HOURS ? "24h" : "unknown";
}
