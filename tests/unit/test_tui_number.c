/* SPDX-License-Identifier: MIT */
#include "client/tui/ladder_number.h"

#include <criterion/criterion.h>
#include <string.h>

static char text[NUMBER_TEXT_SIZE];

static const char *fit(const char *plain, unsigned n_decimals, int width)
{
    number_fit(plain, n_decimals, width, text);
    return text;
}

Test(number, what_is_cut_off_is_told_by_a_sign)
{
    cr_assert_str_eq(fit("987654321098.125", 3, 19), "987,654,321,098.125");
    cr_assert_str_eq(fit("987654321098.125", 3, 18), "987,654,321,098.1~");
    cr_assert_str_eq(fit("987654321098.125", 3, 16), "987,654,321,098~");
    cr_assert_str_eq(fit("987654321098.125", 3, 15), "987654321098.1~");
    cr_assert_str_eq(fit("987654321098.125", 3, 13), "987654321098~");
    cr_assert_str_eq(fit("987654321098.125", 3, 12), "############");
    cr_assert_str_eq(fit("123456789012", 3, 15), "123,456,789,012");
    cr_assert_str_eq(fit("123456789012", 3, 12), "123456789012");
    cr_assert_str_eq(fit("0.00000001", 8, 9), "0.000000~");
}

Test(number, a_narrow_spread_is_no_zero)
{
    number_share(26, text);
    cr_assert_str_eq(text, "0.0026 %");
    number_share(999, text);
    cr_assert_str_eq(text, "0.0999 %");
    number_share(4000, text);
    cr_assert_str_eq(text, "0.40 %");
    number_share(0, text);
    cr_assert_str_eq(text, "0.00 %");
    number_share(-26, text);
    cr_assert_str_eq(text, "-0.0026 %");
}
