/* SPDX-License-Identifier: MIT
 * Decimals of the shared library against hoga_table.def, which Python's unlimited integers wrote. */
#include <hoga/hoga.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct parse_row {
    const char *text;
    unsigned decimals;
    int result;
    int64_t mantissa;
};

struct format_row {
    int64_t mantissa;
    unsigned decimals;
    const char *trimmed, *fixed;
};

struct wide_row {
    struct hoga_wide value;
    unsigned decimals;
    const char *text;
};

static const struct parse_row parse_rows[] = {
#define PARSE_ROW(text, decimals, result, mantissa) { text, decimals, result, mantissa },
#include "hoga_table.def"
#undef PARSE_ROW
};

static const struct format_row format_rows[] = {
#define FORMAT_ROW(mantissa, decimals, trimmed, fixed) { mantissa, decimals, trimmed, fixed },
#include "hoga_table.def"
#undef FORMAT_ROW
};

static const struct wide_row wide_rows[] = {
#define WIDE_ROW(high, low, decimals, text) { { low, high }, decimals, text },
#include "hoga_table.def"
#undef WIDE_ROW
};

Test(hoga_decimal, parsing_is_exact_or_refused)
{
    for (size_t i = 0; i < sizeof(parse_rows) / sizeof(parse_rows[0]); i++) {
        const struct parse_row *row = &parse_rows[i];
        int64_t mantissa = 4711;

        int r = hoga_parse(row->text, row->decimals, &mantissa);

        cr_assert_eq(r, row->result, "\"%s\" at %u: %d, not %d", row->text, row->decimals, r, row->result);
        cr_assert_eq(mantissa, r == 0 ? row->mantissa : 4711, "\"%s\" at %u: %lld", row->text, row->decimals,
                     (long long)mantissa);
    }
}

Test(hoga_decimal, formatting_is_exact_and_read_back)
{
    for (size_t i = 0; i < sizeof(format_rows) / sizeof(format_rows[0]); i++) {
        const struct format_row *row = &format_rows[i];
        char text[HOGA_DECIMAL_SIZE];
        int64_t mantissa = 0;

        cr_assert_eq(hoga_format(row->mantissa, row->decimals, text), (int)strlen(row->trimmed));
        cr_assert_str_eq(text, row->trimmed);
        cr_assert_eq(hoga_parse(text, row->decimals, &mantissa), 0);
        cr_assert_eq(mantissa, row->mantissa);
        cr_assert_eq(hoga_format_fixed(row->mantissa, row->decimals, text), (int)strlen(row->fixed));
        cr_assert_str_eq(text, row->fixed);
    }
}

Test(hoga_decimal, wide_numbers_are_formatted_exactly)
{
    for (size_t i = 0; i < sizeof(wide_rows) / sizeof(wide_rows[0]); i++) {
        const struct wide_row *row = &wide_rows[i];
        char text[HOGA_SUM_SIZE];

        cr_assert_eq(hoga_format_wide(row->value, row->decimals, text), (int)strlen(row->text));
        cr_assert_str_eq(text, row->text);
    }
}

Test(hoga_decimal, decimals_beyond_the_limit_are_refused)
{
    char text[HOGA_SUM_SIZE] = "kept";
    int64_t mantissa = 4711;

    cr_assert_eq(hoga_format(1, 19, text), -EINVAL);
    cr_assert_eq(hoga_format_fixed(1, 255, text), -EINVAL);
    cr_assert_eq(hoga_format_wide((struct hoga_wide){ 1, 0 }, 37, text), -EINVAL);
    cr_assert_str_eq(text, "kept");
    cr_assert_eq(hoga_parse("1", 19, &mantissa), -EINVAL);
    cr_assert_eq(hoga_parse(NULL, 0, &mantissa), -EINVAL);
    cr_assert_eq(mantissa, 4711);
}

Test(hoga_decimal, words_are_never_null)
{
    cr_assert_str_eq(hoga_state_word(HOGA_LIVE), "live");
    cr_assert_str_eq(hoga_state_word(10), "?");
    cr_assert_str_eq(hoga_state_word(4000000000u), "?");
    cr_assert_str_eq(hoga_reason_word(0), "");
    cr_assert_str_eq(hoga_reason_word(2), "awaiting-snapshot");
    cr_assert_str_eq(hoga_reason_word(255), "?");
    cr_assert_str_eq(hoga_reason_sentence(28), "hogad gives no sign of life");
    cr_assert(strlen(hoga_reason_sentence(255)) > 0);
    cr_assert_str_eq(hoga_source_word(2), "simulator");
    cr_assert_str_eq(hoga_source_word(9), "?");
    cr_assert_str_eq(hoga_proof_word(3), "sequence");
    cr_assert_str_eq(hoga_proof_word(9), "?");
    cr_assert_str_eq(hoga_counter_sentence("frames"), "messages received from venues");
    cr_assert_str_eq(hoga_counter_sentence("no such counter"), "");
    cr_assert_str_eq(hoga_version(), HOGA_VERSION);
}
