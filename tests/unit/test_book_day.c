/* SPDX-License-Identifier: MIT
 * Facts of the day: only what was given is known, the three prices agree, old ones are passed over. */
#include "book/day.h"

#include <criterion/criterion.h>

#define BIT(fact) (1u << (fact))

/* A message with one to three facts, each with its decimals. */
static struct md_day message(uint32_t known, int64_t last, int64_t close, int64_t change)
{
    struct md_day day = { .known = known, .period = MD_PERIOD_DAY };

    day.fact[MD_FACT_LAST] = last;
    day.fact[MD_FACT_PREVIOUS_CLOSE] = close;
    day.fact[MD_FACT_CHANGE] = change;
    return day;
}

Test(book_day, what_is_not_given_stays_unknown_and_what_was_given_stays)
{
    struct day d = { 0 };
    struct md_day ticker = message(BIT(MD_FACT_HIGH), 0, 0, 0);

    ticker.fact[MD_FACT_HIGH] = 120;
    ticker.venue_ns = 9;
    cr_assert_eq(day_take(&d, &ticker, 5), 1);
    cr_assert_eq(d.known, BIT(MD_FACT_HIGH));
    cr_assert_eq(d.period, MD_PERIOD_DAY);
    cr_assert_eq(d.recv_ns, 5);
    cr_assert_eq(d.venue_ns, 9);
    cr_assert_eq(day_take(&d, &ticker, 6), 0, "nothing new");
    ticker = message(BIT(MD_FACT_LAST), 110, 0, 0);
    cr_assert_eq(day_take(&d, &ticker, 7), 1);
    cr_assert_eq(d.known, BIT(MD_FACT_HIGH) | BIT(MD_FACT_LAST));
    cr_assert_eq(d.fact[MD_FACT_HIGH], 120);
}

Test(book_day, the_change_is_last_less_close_to_the_last_digit)
{
    struct day d = { 0 };
    struct md_day ticker =
        message(BIT(MD_FACT_LAST) | BIT(MD_FACT_PREVIOUS_CLOSE) | BIT(MD_FACT_CHANGE), 1000, 99, 777);
    struct md_trade trade = { .price = 985, .price_decimals = 1 };

    cr_assert_eq(day_take(&d, &ticker, 1), 1);
    cr_assert_eq(d.fact[MD_FACT_CHANGE], 901, "not what a message of another moment says");
    ticker.decimals[MD_FACT_PREVIOUS_CLOSE] = 2; /* 0.99 */
    ticker.decimals[MD_FACT_LAST] = 0;
    cr_assert_eq(day_take(&d, &ticker, 1), 1);
    cr_assert_eq(d.fact[MD_FACT_CHANGE], 99901);
    cr_assert_eq(d.decimals[MD_FACT_CHANGE], 2);
    cr_assert_eq(day_trade(&d, &trade), 1);
    cr_assert_eq(d.fact[MD_FACT_LAST], 985);
    cr_assert_eq(d.fact[MD_FACT_CHANGE], 9751);
    cr_assert_eq(d.decimals[MD_FACT_CHANGE], 2);
    trade = (struct md_trade){ .price = INT64_MAX, .price_decimals = 0 };
    cr_assert_eq(day_trade(&d, &trade), 1);
    cr_assert_eq(d.known & BIT(MD_FACT_CHANGE), 0, "no int64 holds it");
    cr_assert_eq(d.fact[MD_FACT_LAST], INT64_MAX);
    trade = (struct md_trade){ .price = 0, .price_decimals = 18 };
    (void)day_trade(&d, &trade);
    cr_assert_eq(d.fact[MD_FACT_CHANGE], -990000000000000000);
}

Test(book_day, the_change_over_24_hours_is_the_venues_own)
{
    struct day d = { 0 };
    struct md_day ticker = message(BIT(MD_FACT_LAST) | BIT(MD_FACT_CHANGE), 1000, 0, -7);
    struct md_trade trade = { .price = 1001 };

    ticker.period = MD_PERIOD_24_HOURS;
    cr_assert_eq(day_take(&d, &ticker, 1), 1);
    cr_assert_eq(day_trade(&d, &trade), 1);
    cr_assert_eq(d.fact[MD_FACT_LAST], 1001);
    cr_assert_eq(d.fact[MD_FACT_CHANGE], -7);
}

Test(book_day, a_last_price_of_before_is_passed_over)
{
    struct day d = { 0 };
    struct md_trade trade = { .price = 10, .venue_ns = 100 };
    struct md_day ticker = message(BIT(MD_FACT_LAST) | BIT(MD_FACT_LOW), 9, 0, 0);

    cr_assert_eq(day_trade(&d, &trade), 1);
    ticker.last_ns = 99;
    cr_assert_eq(day_take(&d, &ticker, 1), 1, "its other facts are news");
    cr_assert_eq(d.fact[MD_FACT_LAST], 10);
    ticker.last_ns = 100;
    cr_assert_eq(day_take(&d, &ticker, 2), 1);
    cr_assert_eq(d.fact[MD_FACT_LAST], 9);
    ticker.last_ns = 0; /* no time: as it comes */
    ticker.fact[MD_FACT_LAST] = 8;
    cr_assert_eq(day_take(&d, &ticker, 3), 1);
    cr_assert_eq(d.fact[MD_FACT_LAST], 8);
    cr_assert_eq(d.last_ns, 0, "and its time is not known");
}

Test(book_day, totals_are_of_their_book)
{
    struct day d = { 0 };
    struct md_event book = { .totals_known = 3, .bid_total = 5, .ask_total = 6, .ask_total_decimals = 8 };

    cr_assert_eq(day_totals(&d, &book, 70), 1);
    cr_assert_eq(d.fact[MD_FACT_ASK_TOTAL], 6);
    cr_assert_eq(d.decimals[MD_FACT_ASK_TOTAL], 8);
    cr_assert_eq(d.totals_update, 70);
    cr_assert_eq(day_totals(&d, &book, 71), 0);
    book.totals_known = 1;
    cr_assert_eq(day_totals(&d, &book, 72), 1, "the other one is another book's");
    cr_assert_eq(d.known, BIT(MD_FACT_BID_TOTAL));
    book.totals_known = 0;
    cr_assert_eq(day_totals(&d, &book, 73), 1);
    cr_assert_eq(d.known, 0);
    cr_assert_eq(day_totals(&d, &book, 74), 0);
}
