/* SPDX-License-Identifier: MIT */
#include "venue/scan.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In a block of its exact size, so that a sanitizer or valgrind sees a read beyond it. */
static int whole_is_json(const char *text, size_t size)
{
    char *copy = malloc(size > 0 ? size : 1);
    struct scan s;
    int r;

    cr_assert_not_null(copy);
    memcpy(copy, text, size);
    r = scan_begin(&s, copy, size);
    if (r == 0)
        r = scan_skip(&s);
    if (r == 0)
        r = scan_finish(&s);
    free(copy);
    return r;
}

static const char *const good[] = {
    "0",
    "-0",
    "-1.5e+10",
    "123456789012345678901234567890",
    "1E400",
    "true",
    "false",
    "null",
    "\"\"",
    "[]",
    "{}",
    " \t\r\n[ 1 , 2 ]\n",
    "{\"a\":1,\"a\":{\"b\":[]}}",
    "[[],{},[[{\"\":null}]]]",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
    "\"\\ud800\"", /* a lone surrogate: the grammar takes it */
    "\"\\udc00\\ud800\\u0000\"",
    "\"\x7f\"",
    "\"한글 \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf\"",
    "\"01234567\\n89abcdef한0123456789\"",
    "{\"k\":\"a string well beyond eight bytes\",\"n\":[1.16539E8,0.02054761,7.9276E-4]}",
};

static const char *const bad[] = {
    "",
    " ",
    "\n",
    "{",
    "}",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[1}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1]",
    "{\"a\":1 \"b\":2}",
    "01",
    "-",
    "+1",
    ".5",
    "5.",
    "5e",
    "1x",
    "0x5",
    "--1",
    "1 2",
    "tru",
    "True",
    "nul",
    "NaN",
    "Infinity",
    "undefined",
    "'a'",
    "\"",
    "\"abc",
    "\"abcdefghijkl",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\",
    "\"\x01\"",
    "\"tab\there is longer\"",
    "\"\x1f\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xe2\x82\"",
    "\xef\xbb\xbf{}",
    "{}x",
    "[1]\f",
    "PONG",
    "<html></html>",
};

Test(venue_scan, what_rfc_8259_allows_is_taken)
{
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_assert_eq(whole_is_json(good[i], strlen(good[i])), 0, "%s", good[i]);
}

Test(venue_scan, what_rfc_8259_does_not_allow_is_refused)
{
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_eq(whole_is_json(bad[i], strlen(bad[i])), -EBADMSG, "%s", bad[i]);
    cr_assert_eq(whole_is_json("{}\0", 3), -EBADMSG);
    cr_assert_eq(whole_is_json("\"\0\"", 3), -EBADMSG);
}

Test(venue_scan, a_good_text_cut_anywhere_is_refused)
{
    const char *text = good[sizeof good / sizeof good[0] - 1];

    for (size_t size = 0; size < strlen(text); size++)
        cr_assert_eq(whole_is_json(text, size), -EBADMSG, "%zu bytes", size);
}

static void nest(char *text, size_t depth, const char *open, const char *close)
{
    text[0] = '\0';
    for (size_t i = 0; i < depth; i++)
        strcat(text, open);
    strcat(text, "1");
    for (size_t i = 0; i < depth; i++)
        strcat(text, close);
}

Test(venue_scan, depth_and_size_have_named_limits)
{
    static char text[16 * SCAN_DEPTH_MAX];
    struct scan s;

    nest(text, SCAN_DEPTH_MAX, "[", "]");
    cr_assert_eq(whole_is_json(text, strlen(text)), 0);
    nest(text, SCAN_DEPTH_MAX + 1, "[", "]");
    cr_assert_eq(whole_is_json(text, strlen(text)), -EBADMSG);
    nest(text, SCAN_DEPTH_MAX / 2, "{\"a\":[", "]}");
    cr_assert_eq(whole_is_json(text, strlen(text)), 0);
    nest(text, SCAN_DEPTH_MAX / 2 + 1, "{\"a\":[", "]}");
    cr_assert_eq(whole_is_json(text, strlen(text)), -EBADMSG);
    cr_assert_eq(scan_begin(&s, text, SCAN_SIZE_MAX), 0);
    cr_assert_eq(scan_begin(&s, text, (size_t)SCAN_SIZE_MAX + 1), -E2BIG);
}

static const struct {
    const char *text;
    int64_t mantissa;
    unsigned decimals;
    int fits, is_negative;
} numbers[] = {
    { "0", 0, 0, 1, 0 },
    { "7", 7, 0, 1, 0 },
    { "-0.0", 0, 1, 1, 0 },
    { "-2.50", -250, 2, 1, 1 },
    { "0.02054761", 2054761, 8, 1, 0 },
    { "12.02054761", 1202054761, 8, 1, 0 },
    { "1.16539E8", 116539000, 0, 1, 0 },
    { "1.16539e+08", 116539000, 0, 1, 0 },
    { "7.9276E-4", 79276, 8, 1, 0 },
    { "5.0E-14", 50, 15, 1, 0 },
    { "116606000", 116606000, 0, 1, 0 },
    { "1790134742106", 1790134742106, 0, 1, 0 },
    { "123456789012345", 123456789012345, 0, 1, 0 },
    { "1234567890123456", 1234567890123456, 0, 1, 0 },
    { "25864297.60746318", 2586429760746318, 8, 1, 0 },
    { "123.123456789012345", 123123456789012345, 15, 1, 0 },
    { "12345678.12345678901", 1234567812345678901, 11, 1, 0 },
    { "0.1234567890123456", 1234567890123456, 16, 1, 0 },
    { "1E0", 1, 0, 1, 0 },
    { "1e18", 1000000000000000000, 0, 1, 0 },
    { "1e-18", 1, 18, 1, 0 },
    { "9223372036854775807", INT64_MAX, 0, 1, 0 },
    { "9223372036854775808", 0, 0, 0, 0 },
    { "-9223372036854775809", 0, 0, 0, 1 },
    { "1e19", 0, 0, 0, 0 },
    { "1e99", 0, 0, 0, 0 },
    { "1e100", 0, 0, 0, 0 },
    { "12e-19", 0, 0, 0, 0 },
    { "1e-19", 0, 0, 0, 0 },
};

/* Near the end of a text the general road reads, far from it the fast one: both must say the same. */
Test(venue_scan, numbers_are_exact_on_both_roads)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (size_t padding = 0; padding < 40; padding++) {
            char text[128];
            struct scan_number n;
            struct scan s;

            (void)snprintf(text, sizeof text, "%s,%*s", numbers[i].text, (int)padding, "");
            cr_assert_eq(scan_begin(&s, text, strlen(text)), 0);
            cr_assert_eq(scan_number(&s, &n), 0, "%s", text);
            cr_assert_eq(*s.at, ',');
            cr_assert(n.fits == numbers[i].fits && n.is_negative == numbers[i].is_negative, "%s", text);
            cr_assert(!n.fits || (n.mantissa == numbers[i].mantissa && n.decimals == numbers[i].decimals),
                      "%s: %lld %u", text, (long long)n.mantissa, n.decimals);
        }
}

Test(venue_scan, malformed_numbers_are_refused_on_both_roads)
{
    static const char *const texts[] = { "00",    "01.5", "012345678901", "1.", "1.e5", "1.5e",
                                         "1.5e+", "1e-",  "1.5.5",        "-",  "1e1e1" };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t padding = 0; padding < 40; padding++) {
            char text[128];

            (void)snprintf(text, sizeof text, "[%s%*s]", texts[i], (int)padding, "");
            cr_assert_eq(whole_is_json(text, strlen(text)), -EBADMSG, "%s", text);
        }
}

static int number_or_string(const char *text, struct scan_number *ret)
{
    struct scan s;

    cr_assert_eq(scan_begin(&s, text, strlen(text)), 0);
    return scan_number_or_string(&s, ret);
}

Test(venue_scan, a_string_may_hold_a_number_and_nothing_else)
{
    static char digits[2 * SCAN_ESCAPED_NUMBER_MAX];
    struct scan_number n;

    cr_assert(number_or_string("\"0.5\"", &n) == 0 && n.mantissa == 5 && n.decimals == 1);
    cr_assert(number_or_string("\"\\u0030.5\"", &n) == 0 && n.mantissa == 5 && n.decimals == 1);
    cr_assert(number_or_string("1.25", &n) == 0 && n.mantissa == 125);
    cr_assert_eq(number_or_string("\"0.5 \"", &n), -EBADMSG);
    cr_assert_eq(number_or_string("\" 0.5\"", &n), -EBADMSG);
    cr_assert_eq(number_or_string("\"\"", &n), -EBADMSG);
    cr_assert_eq(number_or_string("\"abc\"", &n), -EBADMSG);
    cr_assert_eq(number_or_string("\"1,5\"", &n), -EBADMSG);
    cr_assert_eq(number_or_string("\"1", &n), -EBADMSG);
    cr_assert_eq(number_or_string("true", &n), -EBADMSG);
    (void)snprintf(digits, sizeof digits, "\"\\u0031%0600d\"", 0);
    cr_assert_eq(number_or_string(digits, &n), -EBADMSG);
}

static struct scan_string string_of(const char *text)
{
    struct scan_string string;
    struct scan s;

    cr_assert_eq(scan_begin(&s, text, strlen(text)), 0);
    cr_assert_eq(scan_string(&s, &string), 0);
    return string;
}

Test(venue_scan, strings_compare_with_their_escapes_resolved)
{
    struct scan_string plain = string_of("\"type\""), escaped = string_of("\"\\u0074y\\u0070e\"");
    struct scan_string empty = string_of("\"\""), slash = string_of("\"a\\/b\\n\"");

    cr_assert(scan_string_is(&plain, "type", 4) && scan_string_is(&escaped, "type", 4));
    cr_assert_not(scan_string_is(&escaped, "typ", 3));
    cr_assert_not(scan_string_is(&escaped, "types", 5));
    cr_assert_not(scan_string_is(&escaped, "tyqe", 4));
    cr_assert_not(scan_string_is(&plain, "tyqe", 4));
    cr_assert(scan_string_is(&empty, "", 0));
    cr_assert(scan_string_is(&slash, "a/b\n", 4));
}

Test(venue_scan, strings_are_copied_in_whole_characters)
{
    struct scan_string string = string_of("\"\\u0041\\u00e9\\ud55c\\ud83d\\ude00글\\ud800\\u0000\\ud83d\\u0041\"");
    char memory[64], small[3];
    struct text text;

    text_init(&text, memory, sizeof memory);
    scan_string_add(&string, &text);
    cr_assert_str_eq(memory, "Aé한😀글\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                             "A");
    cr_assert_not(text.cut);

    text_init(&text, small, sizeof small);
    scan_string_add(&string, &text);
    cr_assert_str_eq(small, "A");
    cr_assert(text.cut);
}

Test(venue_scan, the_walker_sees_keys_and_values_in_order)
{
    const char *text = " {\"a\" : [1, \"x\", null], \"b\":{} } ";
    struct scan_string key;
    struct scan_number n;
    struct scan s;

    cr_assert_eq(scan_begin(&s, text, strlen(text)), 0);
    cr_assert_eq(scan_peek(&s), SCAN_OBJECT);
    cr_assert_eq(scan_object_begin(&s), 0);
    cr_assert(scan_object_next(&s, &key) == 1 && scan_string_is(&key, "a", 1));
    cr_assert_eq(scan_peek(&s), SCAN_ARRAY);
    cr_assert_eq(scan_array_begin(&s), 0);
    cr_assert(scan_array_next(&s) == 1 && scan_number(&s, &n) == 0 && n.mantissa == 1);
    cr_assert(scan_array_next(&s) == 1 && scan_peek(&s) == SCAN_STRING && scan_skip(&s) == 0);
    cr_assert(scan_array_next(&s) == 1 && scan_peek(&s) == SCAN_WORD && scan_word(&s) == 0);
    cr_assert_eq(scan_array_next(&s), 0);
    cr_assert(scan_object_next(&s, &key) == 1 && scan_string_is(&key, "b", 1));
    cr_assert_eq(scan_array_begin(&s), -EBADMSG);
    cr_assert_eq(scan_skip(&s), 0);
    cr_assert_eq(scan_object_next(&s, &key), 0);
    cr_assert_eq(scan_finish(&s), 0);
    cr_assert_eq(scan_peek(&s), SCAN_NONE);
}
