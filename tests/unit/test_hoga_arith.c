/* SPDX-License-Identifier: MIT
 * Arithmetic on books, of the shared library, against hoga_table.def, which Python's fractions wrote. */
#include <hoga/hoga.h>

#include <criterion/criterion.h>
#include <errno.h>

#define LEVELS_MAX 3
#define KEPT       4711

struct answer {
    int result;
    int64_t value;
};

struct quote_row {
    int64_t bid, bid_size, ask, ask_size, tick;
    struct answer mid, spread, ticks, bp100;
};

struct fill_row {
    int is_buy;
    unsigned price_decimals, average_decimals;
    int64_t size;
    uint32_t n;
    int result;
    int64_t filled;
    struct hoga_wide notional;
    int64_t average;
    struct hoga_wide cumulative;
    int64_t limit;
    struct hoga_wide reach;
    struct hoga_level levels[LEVELS_MAX];
};

static const struct quote_row quote_rows[] = {
#define QUOTE_ROW(bid, bid_size, ask, ask_size, tick, mid_r, mid, spread_r, spread, ticks_r, ticks, bp_r, bp)          \
    { bid, bid_size, ask, ask_size, tick, { mid_r, mid }, { spread_r, spread }, { ticks_r, ticks }, { bp_r, bp } },
#include "hoga_table.def"
#undef QUOTE_ROW
};

static const struct fill_row fill_rows[] = {
#define FILL_ROW(is_buy, price_decimals, average_decimals, size, n, result, filled, notional_high, notional_low,       \
                 average, sum_high, sum_low, limit, reach_high, reach_low, ...)                                        \
    { is_buy,                                                                                                          \
      price_decimals,                                                                                                  \
      average_decimals,                                                                                                \
      size,                                                                                                            \
      n,                                                                                                               \
      result,                                                                                                          \
      filled,                                                                                                          \
      { notional_low, notional_high },                                                                                 \
      average,                                                                                                         \
      { sum_low, sum_high },                                                                                           \
      limit,                                                                                                           \
      { reach_low, reach_high },                                                                                       \
      { __VA_ARGS__ } },
#include "hoga_table.def"
#undef FILL_ROW
};

static void assert_answer(int result, int64_t value, const struct answer *expected, size_t row, const char *what)
{
    cr_assert_eq(result, expected->result, "row %zu: %s: %d", row, what, result);
    cr_assert_eq(value, result == 0 ? expected->value : KEPT, "row %zu: %s: %lld", row, what, (long long)value);
}

static int is_wide_equal(struct hoga_wide a, struct hoga_wide b)
{
    return a.low == b.low && a.high == b.high;
}

Test(hoga_arith, mid_and_spread_agree_with_fractions)
{
    for (size_t i = 0; i < sizeof(quote_rows) / sizeof(quote_rows[0]); i++) {
        const struct quote_row *row = &quote_rows[i];
        struct hoga_book book = { .bid = { row->bid, row->bid_size }, .ask = { row->ask, row->ask_size } };
        int64_t mid = KEPT, spread = KEPT, ticks = KEPT, bp100 = KEPT;

        int r = hoga_mid(&book, &mid);
        assert_answer(r, mid, &row->mid, i, "mid");
        r = hoga_spread(&book, &spread);
        assert_answer(r, spread, &row->spread, i, "spread");
        r = hoga_spread_ticks(&book, row->tick, &ticks);
        assert_answer(r, ticks, &row->ticks, i, "ticks");
        r = hoga_spread_bp100(&book, &bp100);
        assert_answer(r, bp100, &row->bp100, i, "bp100");
    }
}

static void assert_fill(const struct fill_row *row, size_t i)
{
    struct hoga_book book = { .price_decimals = (uint8_t)row->price_decimals };
    struct hoga_wide kept = { KEPT, KEPT }, notional = kept;
    int64_t filled = KEPT, average = KEPT;
    int is_set = row->result == 0 || row->result == -ENOSPC;

    int r = hoga_fill(&book, row->levels, row->n, row->is_buy, row->size, row->average_decimals, &filled, &notional,
                      &average);

    cr_assert_eq(r, row->result, "row %zu: %d", i, r);
    cr_assert_eq(filled, is_set ? row->filled : KEPT, "row %zu", i);
    cr_assert_eq(average, is_set ? row->average : KEPT, "row %zu: %lld", i, (long long)average);
    cr_assert(is_wide_equal(notional, is_set ? row->notional : kept), "row %zu", i);
    if (row->result == -ERANGE) { /* the average alone does not fit: the rest can be had */
        r = hoga_fill(&book, row->levels, row->n, row->is_buy, row->size, 0, &filled, &notional, NULL);
        cr_assert(r == 0 || r == -ENOSPC);
        cr_assert_eq(filled, row->filled);
        cr_assert(is_wide_equal(notional, row->notional));
    }
}

Test(hoga_arith, fills_and_sums_agree_with_fractions)
{
    for (size_t i = 0; i < sizeof(fill_rows) / sizeof(fill_rows[0]); i++) {
        const struct fill_row *row = &fill_rows[i];
        struct hoga_wide sum, reach;

        assert_fill(row, i);
        cr_assert_eq(hoga_cumulative(row->levels, row->n, &sum), 0);
        cr_assert(is_wide_equal(sum, row->cumulative), "row %zu", i);
        cr_assert_eq(hoga_size_to(row->levels, row->n, row->is_buy, row->limit, &reach), 0);
        cr_assert(is_wide_equal(reach, row->reach), "row %zu", i);
    }
}

Test(hoga_arith, sums_go_beyond_64_bits)
{
    struct hoga_level levels[3] = { { 3, INT64_MAX }, { 2, INT64_MAX }, { 1, INT64_MAX } };
    struct hoga_wide sum;
    char text[HOGA_SUM_SIZE];

    cr_assert_eq(hoga_cumulative(levels, 3, &sum), 0);
    cr_assert_eq(hoga_format_wide(sum, 8, text), 21);

    cr_assert_str_eq(text, "276701161105.64327421");
}

Test(hoga_arith, wrong_calls_are_refused)
{
    struct hoga_book book = { .price_decimals = 2 }, damaged = { .price_decimals = 19 };
    struct hoga_level level = { 100, 5 };
    int64_t average = KEPT;

    cr_assert_eq(hoga_fill(&book, &level, 1, 1, 5, 19, NULL, NULL, &average), -EINVAL);
    cr_assert_eq(hoga_fill(&damaged, &level, 1, 1, 5, 2, NULL, NULL, &average), -EINVAL);
    cr_assert_eq(average, KEPT);
    cr_assert_eq(hoga_fill(&book, &level, 1, 1, 5, 0, NULL, NULL, NULL), 0);
    cr_assert_eq(hoga_fill(&book, NULL, 0, 1, 5, 0, NULL, NULL, NULL), -ENODATA);
}
