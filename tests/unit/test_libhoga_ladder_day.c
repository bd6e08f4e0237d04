/* SPDX-License-Identifier: MIT
 * What a ladder shows of the day and of trades: known facts, absent ones, marks on rows, and bursts that lap the ring.
 */
#include "ladder_rig.h"
#include "shm/trade.h"

static void begin(void)
{
    segment_begin();
    rig_publish(&rig, slot, 1000); /* 100.0 and below, one decimal */
    ladder_begin(8);
}

TestSuite(ladder_day, .init = begin, .fini = end);

static void day_publish(uint32_t known, int64_t last, int64_t close, uint8_t decimals)
{
    struct hoga_abi_day day = { .known = known };

    day.fact[HOGA_FACT_LAST] = last;
    day.fact[HOGA_FACT_PREVIOUS_CLOSE] = close;
    day.decimals[HOGA_FACT_LAST] = day.decimals[HOGA_FACT_PREVIOUS_CLOSE] = decimals;
    writer_day_publish(rig.writer, slot, &day);
}

static void trades_publish(uint64_t first_id, int n)
{
    for (int i = 0; i < n; i++) {
        struct hoga_abi_trade trade = { .id = first_id + (uint64_t)i, .price = 1000, .size = 5, .price_decimals = 1 };

        writer_trade_publish(rig.writer, slot, &trade);
    }
}

#define BOTH (1u << HOGA_FACT_LAST | 1u << HOGA_FACT_PREVIOUS_CLOSE)

Test(ladder_day, without_facts_nothing_is_guessed)
{
    const struct hoga_ladder_view *v = shown();

    cr_assert_eq(v->has_day, 0);
    cr_assert_eq(v->has_last_change, 0);
    cr_assert_eq(row_of(v, 1000)->has_change, 0);
    cr_assert_eq(v->n_trades, 0);
}

Test(ladder_day, rows_change_against_the_previous_close_whatever_its_decimals)
{
    const struct hoga_ladder_view *v = shown();

    day_publish(BOTH, 10010, 8000, 2); /* 100.10 and 80.00 */
    v = shown();

    cr_assert_eq(v->has_day, 1);
    cr_assert_eq(row_of(v, 1000)->change_ppm, 250000);
    cr_assert_eq(row_of(v, 1001)->change_ppm, 251250);
    cr_assert_eq(v->last_change_ppm, 251250);
}

Test(ladder_day, the_last_price_is_marked_where_it_is_and_in_its_group)
{
    const struct hoga_ladder_view *v;

    day_publish(1u << HOGA_FACT_LAST, 1001, 0, 1);
    v = shown();
    cr_expect_eq(row_of(v, 1001)->is_last, 1);
    cr_expect_eq(row_of(v, 1000)->is_last, 0);
    cr_expect_eq(row_of(v, 1000)->has_change, 0);
    cr_assert_eq(hoga_ladder_group_set(ladder, "0.2"), 0);
    v = shown();

    cr_assert_eq(row_of(v, 1002)->is_last, 1);
    cr_assert_eq(row_of(v, 1000)->is_last, 1); /* 100.1 lies between both groups */
}

Test(ladder_day, trades_stand_newest_first_and_a_burst_leaves_no_hole)
{
    const struct hoga_ladder_view *v;

    trades_publish(1, 3);
    v = shown();
    cr_expect_eq(v->n_trades, 3);
    cr_expect_eq(v->trades[0].id, 3);
    trades_publish(4, 1);
    v = shown();
    cr_expect_eq(v->n_trades, 4);
    cr_expect_eq(v->trades[0].id, 4);
    cr_expect_eq(v->trades[3].id, 1);
    trades_publish(5, 100); /* the ring keeps 16 */
    v = shown();

    cr_assert_eq(v->trades[0].id, 104);
    for (uint32_t i = 1; i < v->n_trades; i++)
        cr_assert_eq(v->trades[i].id, v->trades[i - 1].id - 1);
    cr_assert_eq(hoga_ladder_update(ladder, 0), 0);
}

Test(ladder_day, another_book_begins_without_the_facts_of_the_one_before)
{
    const struct hoga_ladder_view *v;

    day_publish(BOTH, 1001, 800, 1);
    trades_publish(1, 3);
    (void)shown();
    slot = rig_slot(&rig, "upbit", "KRW-ETH");
    rig_publish(&rig, slot, 500);
    cr_assert_eq(hoga_ladder_name_set(ladder, "upbit:KRW-ETH"), 0);
    v = shown();

    cr_assert_eq(v->has_day, 0);
    cr_assert_eq(v->n_trades, 0);
    cr_assert_eq(row_of(v, 500)->has_change, 0);
}
