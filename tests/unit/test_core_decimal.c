/* SPDX-License-Identifier: MIT */
#include "core/decimal.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct parse_row {
    char text[64];
    int r;
    int64_t mantissa;
    unsigned decimals;
    char formatted[24];
};

static struct parse_row parse_rows[] = {
    { "0", 0, 0, 0, "0" },
    { "-0", 0, 0, 0, "0" },
    { "-0.00", 0, 0, 2, "0" },
    { "0e999999999999", 0, 0, 0, "0" },
    { "0e-999999999999", 0, 0, 0, "0" },
    { "0e99999999999999999999999999999999", 0, 0, 0, "0" },
    { "0.0000000000000000000000000", 0, 0, 0, "0" },
    { "1.50", 0, 150, 2, "1.5" },
    { "100", 0, 100, 0, "100" },
    { "-3", 0, -3, 0, "-3" },
    { "1.16539E8", 0, 116539000, 0, "116539000" },
    { "5.0E-4", 0, 50, 5, "0.0005" },
    { "9.9E-7", 0, 99, 8, "0.00000099" },
    { "5.0E+7", 0, 50000000, 0, "50000000" },
    { "1165440e2", 0, 116544000, 0, "116544000" },
    { "100000000000000000000000e-20", 0, 1000, 0, "1000" },
    { "1.5000000000000000000000000", 0, 15, 1, "1.5" },
    { "0.000000000000000001", 0, 1, 18, "0.000000000000000001" },
    { "10e-19", 0, 1, 18, "0.000000000000000001" },
    { "9223372036854775807", 0, INT64_MAX, 0, "9223372036854775807" },
    { "-9223372036854775808", 0, INT64_MIN, 0, "-9223372036854775808" },
    { "9.223372036854775807", 0, INT64_MAX, 18, "9.223372036854775807" },
    { "1E+18", 0, 1000000000000000000, 0, "1000000000000000000" },
    { "9223372036854775808", -ERANGE, 0, 0, "" },
    { "-9223372036854775809", -ERANGE, 0, 0, "" },
    { "92233720368547758080", -ERANGE, 0, 0, "" },
    { "99999999999999999999", -ERANGE, 0, 0, "" },
    { "1e19", -ERANGE, 0, 0, "" },
    { "1e-19", -ERANGE, 0, 0, "" },
    { "1e999999999999999999999999", -ERANGE, 0, 0, "" },
    { "1e-999999999999999999999999", -ERANGE, 0, 0, "" },
    { "0.12345678901234567890123", -ERANGE, 0, 0, "" },
    { "", -EBADMSG, 0, 0, "" },
    { "-", -EBADMSG, 0, 0, "" },
    { "+1", -EBADMSG, 0, 0, "" },
    { "01", -EBADMSG, 0, 0, "" },
    { "-01", -EBADMSG, 0, 0, "" },
    { "00", -EBADMSG, 0, 0, "" },
    { ".5", -EBADMSG, 0, 0, "" },
    { "5.", -EBADMSG, 0, 0, "" },
    { "5.e1", -EBADMSG, 0, 0, "" },
    { "1e", -EBADMSG, 0, 0, "" },
    { "1e+", -EBADMSG, 0, 0, "" },
    { "1e1.5", -EBADMSG, 0, 0, "" },
    { "0x5", -EBADMSG, 0, 0, "" },
    { " 1", -EBADMSG, 0, 0, "" },
    { "1 ", -EBADMSG, 0, 0, "" },
    { "1,5", -EBADMSG, 0, 0, "" },
    { "--5", -EBADMSG, 0, 0, "" },
    { "NaN", -EBADMSG, 0, 0, "" },
};

ParameterizedTestParameters(core_decimal, text_is_read_exactly_or_refused)
{
    return cr_make_param_array(struct parse_row, parse_rows, sizeof parse_rows / sizeof parse_rows[0]);
}

ParameterizedTest(struct parse_row *row, core_decimal, text_is_read_exactly_or_refused)
{
    struct decimal d = { 77, 7 };
    char text[DECIMAL_TEXT_SIZE];

    cr_assert_eq(decimal_parse(row->text, strlen(row->text), &d), row->r, "%s", row->text);

    if (row->r < 0) {
        cr_assert(d.mantissa == 77 && d.decimals == 7, "a refusal changed the result");
        return;
    }
    cr_assert(d.mantissa == row->mantissa && d.decimals == row->decimals, "%s: %lld at %u", row->text,
              (long long)d.mantissa, d.decimals);
    cr_assert_eq(decimal_format(d.mantissa, d.decimals, text), strlen(row->formatted));
    cr_assert_str_eq(text, row->formatted);
}

Test(core_decimal, hundreds_of_zeros_cost_no_digit)
{
    static char text[2048];
    struct decimal d;

    (void)snprintf(text, sizeof text, "12%0500d.0%0500de-500", 0, 0);
    cr_assert_eq(decimal_parse(text, strlen(text), &d), 0);
    cr_assert(d.mantissa == 12 && d.decimals == 0, "%lld at %u", (long long)d.mantissa, d.decimals);

    (void)snprintf(text, sizeof text, "-0.%0500d10203%0500de503", 0, 0);
    cr_assert_eq(decimal_parse(text, strlen(text), &d), 0);
    cr_assert(d.mantissa == -10203 && d.decimals == 2, "%lld at %u", (long long)d.mantissa, d.decimals);
}

Test(core_decimal, parse_at_fits_exactly_or_not_at_all)
{
    int64_t m = 5;

    cr_assert(decimal_parse_at("0.00001234", 10, 8, &m) == 0 && m == 1234);
    cr_assert(decimal_parse_at("1e2", 3, 2, &m) == 0 && m == 10000);
    cr_assert(decimal_parse_at("0", 1, 18, &m) == 0 && m == 0);
    m = 5;
    cr_assert(decimal_parse_at("0.1", 3, 0, &m) == -ERANGE && m == 5);
    cr_assert_eq(decimal_parse_at("10", 2, 18, &m), -ERANGE);
    cr_assert_eq(decimal_parse_at("1e1", 3, 18, &m), -ERANGE);
    cr_assert_eq(decimal_parse_at("1e40", 4, 0, &m), -ERANGE);
    cr_assert_eq(decimal_parse_at("x", 1, 0, &m), -EBADMSG);
}

Test(core_decimal, rescale_neither_rounds_nor_overflows)
{
    int64_t m = 5;

    cr_assert(decimal_rescale(12, 1, 4, &m) == 0 && m == 12000);
    cr_assert(decimal_rescale(-12000, 4, 1, &m) == 0 && m == -12);
    m = 5;
    cr_assert(decimal_rescale(12, 1, 0, &m) == -ERANGE && m == 5);
    cr_assert(decimal_rescale(INT64_MAX, 0, 1, &m) == -ERANGE && m == 5);
    cr_assert(decimal_rescale(INT64_MIN, 0, 1, &m) == -ERANGE && m == 5);
}

Test(core_decimal, minimal_strips_what_says_nothing)
{
    cr_assert_eq(decimal_minimal(0, 18), 0);
    cr_assert_eq(decimal_minimal(1500, 4), 2);
    cr_assert_eq(decimal_minimal(1500, 1), 0);
    cr_assert_eq(decimal_minimal(-7, 3), 3);
}
