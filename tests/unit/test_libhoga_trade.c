/* SPDX-License-Identifier: MIT
 * Trades and the day through the library: numbers that go on, what was missed, whose they are, waiting for one, and
 * segments that have none. */
#include "client/lib/handle.h"
#include "hoga_rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "shm/trade.h"

#define KEPT       16          /* hoga_rig.h */
#define LONG_NS    20000000000 /* never reached on a machine that works */
#define A_WHILE_NS 30000000

static struct rig rig;
static struct hoga *h;
static hoga_id id;
static uint32_t slot;

static void open_live(void)
{
    cr_assert_eq(rig_open(&rig), 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    slot = rig_slot(&rig, "upbit", "KRW-BTC");
    writer_ready(rig.writer, rig_boot_ns());
    rig_publish(&rig, slot, 1000);
    (void)writer_wake(rig.writer);
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTC", &id), 0);
}

static void close_all(void)
{
    h = hoga_close(h);
    rig_close(&rig);
}

TestSuite(libhoga_trade, .init = open_live, .fini = close_all, .timeout = 60);

static void trade(uint64_t trade_id)
{
    const struct hoga_abi_trade to = { .id = trade_id,
                                       .price = 1165390005,
                                       .size = 1,
                                       .venue_ns = 5,
                                       .recv_ns = 6,
                                       .price_decimals = 1,
                                       .size_decimals = 8,
                                       .side = HOGA_SI_SELL,
                                       .flags = 0xfe | HOGA_TRADE_AFTER_GAP };

    writer_trade_publish(rig.writer, slot, &to);
}

Test(libhoga_trade, a_trade_is_read_exactly_and_a_lapped_reader_is_told)
{
    struct hoga_trade trades[2 * KEPT];
    uint64_t next = HOGA_TRADES_OLDEST, missed = 7;
    char text[HOGA_DECIMAL_SIZE];
    struct hoga_book book;

    cr_assert_eq(hoga_trades(h, id, &next, trades, KEPT, &missed), 0);
    cr_assert_eq(missed, 0);
    trade(UINT64_MAX);
    cr_assert_eq(hoga_trades_newest(h, id), 1);
    cr_assert_eq(hoga_trades(h, id, &next, trades, KEPT, NULL), 1);
    cr_assert_eq(trades[0].number, 1);
    cr_assert_eq(trades[0].id, UINT64_MAX);
    cr_assert_eq(trades[0].side, HOGA_SIDE_SELL);
    cr_assert_eq(trades[0].is_after_gap, 1, "and nothing of the other bits");
    cr_assert_eq(trades[0].reserved, 0);
    cr_assert_gt(hoga_format(trades[0].price, trades[0].price_decimals, text), 0);
    cr_assert_str_eq(text, "116539000.5");
    cr_assert_gt(hoga_format(trades[0].size, trades[0].size_decimals, text), 0);
    cr_assert_str_eq(text, "0.00000001");
    cr_assert_eq(hoga_read_top(h, id, 0, &book), 0);
    cr_assert_eq(trades[0].update, book.update, "the book it follows");
    for (uint64_t i = 0; i < KEPT + 5; i++)
        trade(100 + i);
    cr_assert_eq(hoga_read_top(h, id, 0, &book), 0);
    cr_assert_eq(hoga_update(h, id), book.update, "a trade is no update of the book");
    cr_assert_eq(hoga_trades(h, id, &next, trades, 2 * KEPT, &missed), KEPT);
    cr_assert_eq(missed, 5);
    cr_assert_eq(trades[0].id, 105);
    next = HOGA_TRADES_LAST;
    cr_assert_eq(hoga_trades(h, id, &next, trades, 3, &missed), 3);
    cr_assert_eq(trades[2].id, 100 + KEPT + 4);
    cr_assert_eq(missed, 0);
}

Test(libhoga_trade, ids_that_are_stale_or_of_another_file_are_told)
{
    struct hoga_trade one;
    struct hoga_day day;
    uint64_t next = HOGA_TRADES_OLDEST;
    hoga_id other;

    trade(1);
    writer_slot_free(rig.writer, slot, 1);
    cr_assert_eq(hoga_trades(h, id, &next, &one, 1, NULL), -ESTALE);
    cr_assert_eq(hoga_day(h, id, &day), -ESTALE);
    cr_assert_eq(rig_slot(&rig, "upbit", "KRW-ETH"), slot);
    cr_assert_eq(hoga_find(h, "upbit:KRW-ETH", &other), 0);
    cr_assert_eq(hoga_trades(h, id, &next, &one, 1, NULL), -ESTALE);
    cr_assert_eq(hoga_wait_trades(h, id, 1, LONG_NS), -ESTALE);
    cr_assert_eq(hoga_trades(h, other, &next, &one, 1, NULL), 0);
    cr_assert_eq(hoga_day(h, other, &day), 0);
    cr_assert_eq(day.last.is_known, 0);
    cr_assert_eq(hoga_trades(h, other ^ UINT64_C(1) << 50, &next, &one, 1, NULL), -ESTALE, "another file's mark");
    cr_assert_eq(hoga_trades_newest(h, other ^ UINT64_C(1) << 50), 0);
    cr_assert_eq(hoga_day(h, other ^ UINT64_C(1) << 50, &day), -ESTALE);
    cr_assert_eq(hoga_trades(h, other | 0xffff, &next, &one, 1, NULL), -ESTALE, "no such slot");
    cr_assert_eq(hoga_day(h, other | 0xffff, &day), -ESTALE);
}

Test(libhoga_trade, the_day_says_what_is_known_and_nothing_else)
{
    struct hoga_abi_day from = { .known = 1u << HOGA_FACT_LAST | 1u << HOGA_FACT_CHANGE | 1u << 31,
                                 .period = HOGA_PE_24_HOURS,
                                 .last_ns = 3,
                                 .venue_ns = 4,
                                 .recv_ns = 5,
                                 .totals_update = 6 };
    struct hoga_day day;

    from.fact[HOGA_FACT_LAST] = 12;
    from.decimals[HOGA_FACT_LAST] = 1;
    from.fact[HOGA_FACT_CHANGE] = -3;
    from.fact[HOGA_FACT_HIGH] = 99;
    writer_day_publish(rig.writer, slot, &from);
    cr_assert_eq(hoga_day(h, id, &day), 0);
    cr_assert(day.last.is_known && day.last.mantissa == 12 && day.last.decimals == 1);
    cr_assert(day.change.is_known && day.change.mantissa == -3 && day.change.decimals == 0);
    cr_assert(!day.high.is_known && day.high.mantissa == 0);
    cr_assert(!day.bid_total.is_known);
    cr_assert_eq(day.id, id);
    cr_assert_eq(day.period, HOGA_PERIOD_24_HOURS);
    cr_assert_eq(day.last_ns, 3);
    cr_assert_eq(day.venue_ns, 4);
    cr_assert_eq(day.recv_ns, 5);
    cr_assert_eq(day.totals_update, 6);
    cr_assert_eq(day.update, 2, "the slot's empty one, and this");
    cr_assert_str_eq(hoga_period_word(day.period), "24h");
    cr_assert_str_eq(hoga_period_word(9), "unknown");
    cr_assert_str_eq(hoga_side_word(HOGA_SIDE_BUY), "buy");
    cr_assert_str_eq(hoga_side_word(7), "unknown");
}

static void *trade_later(void *argument)
{
    struct timespec a_while = { 0, A_WHILE_NS };

    (void)argument;
    (void)ppoll(NULL, 0, &a_while, NULL);
    writer_heartbeat(rig.writer, rig_boot_ns());
    trade(9);
    (void)writer_wake(rig.writer);
    return NULL;
}

Test(libhoga_trade, who_waits_for_a_trade_is_woken_by_it)
{
    pthread_t thread;
    struct hoga_trade one;
    uint64_t next = HOGA_TRADES_LAST;

    trade(1);
    cr_assert_eq(hoga_trades(h, id, &next, NULL, 0, NULL), 0);
    cr_assert_eq(hoga_wait_trades(h, id, 1, LONG_NS), 0, "it is there");
    cr_assert_eq(hoga_wait_trades(h, id, HOGA_TRADES_OLDEST, LONG_NS), 0);
    cr_assert_eq(hoga_wait_trades(h, id, next, 1000000), -ETIMEDOUT);
    cr_assert_eq(hoga_wait_trades(h, id, HOGA_TRADES_LAST, 1000000), -ETIMEDOUT);
    cr_assert_eq(pthread_create(&thread, NULL, trade_later, NULL), 0);
    cr_assert_eq(hoga_wait_trades(h, id, next, LONG_NS), 0);
    cr_assert_eq(hoga_trades(h, id, &next, &one, 1, NULL), 1);
    cr_assert_eq(one.id, 9);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(libhoga_trade, anything_at_all_is_also_a_trade)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, trade_later, NULL), 0);
    cr_assert_eq(hoga_wait_any(h, NULL, 0, NULL, NULL, LONG_NS), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(libhoga_trade, bytes_that_no_hogad_writes_are_refused)
{
    const struct hoga_abi_trade bad = { .id = 1, .price_decimals = 19 };
    struct hoga_trade one;
    uint64_t next = HOGA_TRADES_OLDEST;

    writer_trade_publish(rig.writer, slot, &bad);
    cr_assert_eq(hoga_trades(h, id, &next, &one, 1, NULL), -EBADMSG);
}
