/* SPDX-License-Identifier: MIT
 * A ladder over a real segment: rows, sums, bars, groups, flashes, places, and the arithmetic of an order. */
#include "ladder_rig.h"

#include <errno.h>

#define N_LEVELS 5

struct made { /* a book to publish: price_decimals 0, size_decimals 2 */
    int64_t bids[N_LEVELS][2], asks[N_LEVELS][2];
};

static const struct made usual = {
    .bids = { { 1000, 100 }, { 999, 200 }, { 998, 300 }, { 997, 400 }, { 996, 500 } },
    .asks = { { 1001, 150 }, { 1002, 250 }, { 1003, 350 }, { 1004, 450 }, { 1005, 550 } },
};

static void publish_as(const struct made *made, uint8_t state, uint8_t reason)
{
    struct hoga_abi_book_head head = { .state = state,
                                       .reason = reason,
                                       .proof = HOGA_PR_SNAPSHOT_ONLY,
                                       .source = HOGA_SO_SIMULATOR,
                                       .price_decimals = 0,
                                       .size_decimals = 2,
                                       .connection_update = 10,
                                       .n_applied = 1 };
    struct hoga_abi_level bids[N_LEVELS], asks[N_LEVELS];

    for (int i = 0; i < N_LEVELS; i++) {
        bids[i] = (struct hoga_abi_level){ made->bids[i][0], made->bids[i][1] };
        asks[i] = (struct hoga_abi_level){ made->asks[i][0], made->asks[i][1] };
        head.n_bids += bids[i].size > 0;
        head.n_asks += asks[i].size > 0;
    }
    writer_book_publish(rig.writer, slot, &head, bids, asks);
    writer_heartbeat(rig.writer, rig_boot_ns());
}

static void publish(const struct made *made)
{
    publish_as(made, HOGA_ST_LIVE, 0);
}

static void begin(void)
{
    segment_begin();
    publish(&usual);
    ladder_begin(10);
}

TestSuite(ladder, .init = begin, .fini = end);

static int place_of(const struct hoga_ladder_view *v, int64_t price)
{
    return (int)(row_of(v, price) - v->rows);
}

Test(ladder, rows_lie_around_the_spread_from_the_highest_price)
{
    static const int64_t prices[] = { 1005, 1004, 1003, 1002, 1001, 1000, 999, 998, 997, 996 };
    const struct hoga_ladder_view *v = shown();

    cr_assert_eq(v->n_rows, 10);
    cr_assert_eq(v->boundary, 5);
    for (int i = 0; i < 10; i++) {
        cr_expect_eq(v->rows[i].price, prices[i]);
        cr_expect_eq(v->rows[i].side, i < 5 ? HOGA_LADDER_ASK : HOGA_LADDER_BID);
        cr_expect_eq(v->rows[i].is_best, i == 4 || i == 5);
    }
    cr_assert_eq(v->state, HOGA_LIVE);
    cr_assert_eq(v->spread_way, 0);
}

Test(ladder, sums_and_money_are_exact)
{
    const struct hoga_ladder_view *v = shown();
    const struct hoga_ladder_row *r = row_of(v, 1003);

    cr_assert_eq(r->size.low, 350);
    cr_assert_eq(r->money.low, 1003 * 350);
    cr_assert_eq(r->total_size.low, 750);
    cr_assert_eq(r->total_money.low, 1001 * 150 + 1002 * 250 + 1003 * 350);
    cr_assert_eq(v->money_decimals, 2);
    cr_assert_eq(v->ask_size.low, 1750);
    cr_assert_eq(v->bid_size.low, 1500);
    cr_assert_eq(v->imbalance_ppm, -76923); /* -250 / 3250 */
    cr_assert_eq(v->spread, 1);
    cr_assert_eq(v->spread_ppm, 1000); /* 999.5 and a little */
}

Test(ladder, bars_are_shares_of_the_largest_in_the_column_shown)
{
    const struct hoga_ladder_view *v = shown();

    cr_expect_eq(row_of(v, 1005)->bar, 1000);
    cr_expect_eq(row_of(v, 1000)->bar, 182); /* 100 / 550 */

    hoga_ladder_column_set(ladder, HOGA_LADDER_TOTAL);
    v = shown();
    cr_expect_eq(row_of(v, 1005)->bar, 1000);
    cr_expect_eq(row_of(v, 996)->bar, 857); /* 1500 / 1750 */

    hoga_ladder_column_set(ladder, HOGA_LADDER_MONEY);
    v = shown();
    cr_expect_eq(row_of(v, 996)->bar, 901); /* 996 * 500 / (1005 * 550) */
}

Test(ladder, an_unchanged_book_is_not_drawn_again)
{
    const struct hoga_ladder_view *v = shown();
    uint64_t version = v->version;

    cr_assert_eq(hoga_ladder_update(ladder, 0), 0);

    cr_assert_eq(v->version, version);
}

Test(ladder, groups_go_away_from_the_spread_and_sum_exactly)
{
    const struct hoga_ladder_view *v;

    cr_assert_eq(hoga_ladder_group_set(ladder, "2"), 0);
    v = shown();

    cr_assert_eq(row_of(v, 1002)->size.low, 150 + 250);
    cr_assert_eq(row_of(v, 1002)->money.low, 1001 * 150 + 1002 * 250);
    cr_assert_eq(row_of(v, 1004)->size.low, 350 + 450);
    cr_assert_eq(row_of(v, 1006)->size.low, 550);
    cr_assert_eq(row_of(v, 1000)->size.low, 100);
    cr_assert_eq(row_of(v, 998)->size.low, 200 + 300);
    cr_assert_eq(row_of(v, 996)->total_size.low, 1500);
    cr_assert_str_eq(v->step, "2");
    cr_assert_eq(v->boundary, 5);
}

Test(ladder, a_step_finer_than_the_prices_is_exact_too)
{
    const struct hoga_ladder_view *v;

    cr_assert_eq(hoga_ladder_group_set(ladder, "2.5"), 0);
    v = shown();

    cr_assert_eq(v->price_decimals, 1);
    cr_assert_eq(row_of(v, 10025)->size.low, 150 + 250);
    cr_assert_eq(row_of(v, 10025)->money.low, 10 * (1001 * 150 + 1002 * 250));
    cr_assert_eq(v->money_decimals, 3);
    cr_assert_eq(v->ask_money.low, 10 * (1001 * 150 + 1002 * 250 + 1003 * 350 + 1004 * 450 + 1005 * 550));
}

Test(ladder, wrong_steps_and_names_change_nothing)
{
    cr_expect_eq(hoga_ladder_group_set(ladder, "0"), -EINVAL);
    cr_expect_eq(hoga_ladder_group_set(ladder, "-1"), -EINVAL);
    cr_expect_eq(hoga_ladder_group_set(ladder, "x"), -EINVAL);
    cr_expect_eq(hoga_ladder_name_set(ladder, "KRW-BTC"), -EINVAL);

    cr_assert_str_eq(shown()->name, "upbit:KRW-BTC");
    cr_assert_str_eq(shown()->step, "");
}

Test(ladder, a_size_that_changes_flashes_and_decays)
{
    struct made next = usual;
    int64_t now = rig_boot_ns();
    const struct hoga_ladder_view *v = shown();

    cr_expect_eq(row_of(v, 1001)->flash, 0);
    next.asks[0][1] = 160;
    next.bids[0][1] = 90;
    publish(&next);
    now = rig_boot_ns();
    cr_assert_eq(hoga_ladder_update(ladder, now), 1);
    cr_expect_eq(row_of(v, 1001)->flash, HOGA_LADDER_FLASH_MAX);
    cr_expect_eq(row_of(v, 1001)->flash_way, 1);
    cr_expect_eq(row_of(v, 1000)->flash_way, -1);
    cr_expect_eq(row_of(v, 1002)->flash, 0);
    cr_assert_eq(hoga_ladder_update(ladder, now + HOGA_LADDER_FLASH_NS / 2), 1);
    cr_expect(row_of(v, 1001)->flash > 100 && row_of(v, 1001)->flash < 150);
    cr_assert_eq(hoga_ladder_update(ladder, now + HOGA_LADDER_FLASH_NS), 1);
    cr_expect_eq(row_of(v, 1001)->flash, 0);
}

Test(ladder, prices_keep_their_rows_while_the_market_moves_a_little)
{
    static const struct made moved = {
        .bids = { { 1002, 10 }, { 1001, 10 }, { 1000, 100 }, { 999, 200 }, { 998, 300 } },
        .asks = { { 1003, 350 }, { 1004, 450 }, { 1005, 550 }, { 1006, 1 }, { 1007, 1 } },
    };
    int before = place_of(shown(), 1000);
    const struct hoga_ladder_view *v;

    publish(&moved);
    v = shown();

    cr_assert_eq(place_of(v, 1000), before);
    cr_assert_eq(v->boundary, 3);
    hoga_ladder_centre(ladder);
    cr_assert_eq(shown()->boundary, 5);
}

Test(ladder, the_spread_never_leaves_rows_that_nobody_holds)
{
    struct made far = usual;
    const struct hoga_ladder_view *v = shown();

    for (int i = 0; i < N_LEVELS; i++) {
        far.bids[i][0] += 500;
        far.asks[i][0] += 500;
    }
    publish(&far);
    v = shown();

    cr_assert(v->boundary >= 3 && v->boundary <= 7, "boundary %u", v->boundary);
}

Test(ladder, under_a_pointer_nothing_moves)
{
    static const struct made moved = {
        .bids = { { 1010, 10 }, { 1009, 10 }, { 1008, 100 }, { 1004, 200 }, { 1003, 300 } },
        .asks = { { 1011, 350 }, { 1012, 450 }, { 1013, 550 }, { 1014, 1 }, { 1015, 1 } },
    };
    int row = place_of(shown(), 1004);

    hoga_ladder_pointer(ladder, row);
    publish(&moved);

    cr_assert_eq(place_of(shown(), 1004), row);
    cr_assert_eq(shown()->is_held, 1);
    hoga_ladder_pointer(ladder, -1);
    cr_assert_eq(shown()->is_held, 0);
}

Test(ladder, scrolled_rows_stay_until_they_are_centred)
{
    struct made far = usual;
    const struct hoga_ladder_view *v = shown();

    hoga_ladder_scroll(ladder, 8);
    v = shown();
    cr_expect_eq(v->rows[0].side, HOGA_LADDER_NONE);
    cr_expect_eq(v->spread_way, 1);
    cr_expect_eq(v->n_below, 8);
    far.bids[0][1] = 7;
    publish(&far);
    cr_expect_eq(shown()->spread_way, 1);
    hoga_ladder_centre(ladder);
    cr_assert_eq(shown()->boundary, 5);
}

Test(ladder, frozen_rows_stay_but_the_verdict_goes_on)
{
    struct made next = usual;
    const struct hoga_ladder_view *v = shown();

    hoga_ladder_freeze(ladder, 1);
    next.asks[0][1] = 99999;
    publish_as(&next, HOGA_ST_STALE, 1);
    v = shown();
    cr_expect_eq(row_of(v, 1001)->size.low, 150);
    cr_expect_eq(v->state, HOGA_STALE);
    cr_expect_eq(v->is_frozen, 1);
    cr_expect_gt(v->frozen_ns, 0);
    hoga_ladder_freeze(ladder, 0);

    cr_assert_eq(row_of(shown(), 1001)->size.low, 99999);
}

Test(ladder, another_book_comes_at_once_and_one_that_is_not_carried_when_it_is)
{
    const struct hoga_ladder_view *v;

    cr_assert_eq(hoga_ladder_name_set(ladder, "upbit:KRW-ETH"), 0);
    v = shown();
    cr_assert_eq(v->is_found, 0);
    cr_assert_eq(v->rows[0].side, HOGA_LADDER_NONE);
    slot = rig_slot(&rig, "upbit", "KRW-ETH");
    publish(&usual);
    v = shown();

    cr_assert_eq(v->is_found, 1);
    cr_assert_eq(row_of(v, 1000)->size.low, 100);
}

Test(ladder, a_dead_daemon_shows_without_a_new_book)
{
    cr_assert_eq(shown()->state, HOGA_LIVE);

    cr_assert_eq(hoga_ladder_update(ladder, rig_boot_ns() + (int64_t)HOGA_SILENT_NS + 1000000), 1);

    cr_assert_eq(hoga_ladder_view(ladder)->state, HOGA_DOWN);
    cr_assert_eq(row_of(hoga_ladder_view(ladder), 1000)->size.low, 100);
}

Test(ladder, an_empty_side_leaves_its_rows_empty)
{
    struct made half = usual;
    const struct hoga_ladder_view *v;

    memset(half.asks, 0, sizeof half.asks);
    publish(&half);
    hoga_ladder_centre(ladder);
    v = shown();

    cr_assert_eq(v->rows[v->boundary].price, 1000);
    cr_assert_eq(v->rows[v->boundary - 1].side, HOGA_LADDER_NONE);
    cr_assert_eq(v->has_spread, 0);
}

Test(ladder, an_order_takes_the_book_with_its_fee)
{
    struct hoga_ladder_order o;

    (void)shown();
    cr_assert_eq(hoga_ladder_order(ladder, 1, 300, 50000, &o), 0); /* 3.00 at 0.05 % */

    cr_expect_eq(o.filled, 300);
    cr_expect_eq(o.worst, 1002);
    cr_expect_eq(o.average, 10015000); /* 1001.5 at 4 decimals */
    cr_expect_eq(o.money.low, 300450);
    cr_expect_eq(o.fee.low, 151); /* 150.225, up */
    cr_expect_eq(o.sum.low, 300601);
    cr_expect_eq(o.impact_ppm, 500); /* half of 1001's thousandth: 499.5 */
    cr_expect_eq(o.has_minimum, 0);
}

Test(ladder, a_sale_costs_too_and_what_is_not_there_is_said)
{
    struct hoga_ladder_order o;

    (void)shown();
    cr_assert_eq(hoga_ladder_order(ladder, 0, 2000, 0, &o), 0);
    cr_expect_eq(o.is_partly, 1);
    cr_expect_eq(o.filled, 1500);
    cr_expect_eq(o.worst, 996);
    cr_expect_eq(o.sum.low, o.money.low);
    cr_expect_eq(o.impact_ppm, 2667); /* 4 / 1500 */

    cr_assert_eq(hoga_ladder_order_to(ladder, place_of(hoga_ladder_view(ladder), 1002), 0, &o), 0);
    cr_expect_eq(o.is_buy, 1);
    cr_expect_eq(o.size, 400);
    cr_expect_eq(hoga_ladder_order(ladder, 1, 0, 0, &o), -EINVAL);
    cr_expect_eq(hoga_ladder_order_to(ladder, 99, 0, &o), -EINVAL);
}

Test(ladder, steps_follow_the_price_where_no_tick_is_known)
{
    char steps[HOGA_LADDER_STEPS_MAX][HOGA_DECIMAL_SIZE];
    uint32_t n;

    (void)shown();
    n = hoga_ladder_steps(ladder, steps);

    cr_assert_eq(n, 7); /* 1 2 5 10 20 50 100 */
    cr_assert_str_eq(steps[0], "1");
    cr_assert_str_eq(steps[6], "100");
    cr_assert_eq(hoga_ladder_group_move(ladder, 2), 0);
    cr_assert_str_eq(shown()->step, "2");
    cr_assert_eq(hoga_ladder_group_move(ladder, 1), 0);
    cr_assert_str_eq(shown()->step, "5");
    cr_assert_eq(hoga_ladder_group_move(ladder, -3), 0);
    cr_assert_str_eq(shown()->step, "");
}

Test(ladder, the_chosen_price_is_marked_wherever_it_goes)
{
    const struct hoga_ladder_view *v = shown();

    hoga_ladder_choose(ladder, place_of(v, 999));
    hoga_ladder_scroll(ladder, 2);
    v = shown();

    cr_assert_eq(row_of(v, 999)->is_chosen, 1);
    cr_assert_eq(row_of(v, 998)->is_chosen, 0);
}
