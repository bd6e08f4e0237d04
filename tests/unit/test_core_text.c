/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(core_text, pieces_are_put_together)
{
    char memory[128];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add(&t, "abc", 2);
    text_add_string(&t, "|");
    text_add_u64(&t, 0);
    text_add_u64(&t, UINT64_MAX);
    text_add_i64(&t, INT64_MIN);
    text_add_i64(&t, 7);
    text_addf(&t, "|%s-%d", "x", 5);

    cr_assert_str_eq(memory, "ab|018446744073709551615-92233720368547758087|x-5");
    cr_assert_eq(t.used, strlen(memory));
    cr_assert_not(t.cut);
}

Test(core_text, what_does_not_fit_is_cut_and_said)
{
    char memory[5];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_string(&t, "abcd");
    cr_assert(!t.cut && t.used == 4);
    text_add_string(&t, "e");
    cr_assert(t.cut && t.used == 4);
    cr_assert_str_eq(memory, "abcd");

    text_init(&t, memory, sizeof memory);
    text_addf(&t, "%s", "abcdefgh");
    cr_assert(t.cut && t.used == 4);
    cr_assert_str_eq(memory, "abcd");
    text_addf(&t, "%s", "");
    cr_assert_str_eq(memory, "abcd");
}

Test(core_text, json_is_escaped_and_stays_utf8)
{
    char memory[128];
    struct text t;

    text_init(&t, memory, sizeof memory);
    text_add_json(&t, "a\"\\\n\t\b\f\r\x01\x7f\0한\xff\xed\xa0\x80|", 19);

    cr_assert_str_eq(memory, "a\\\"\\\\\\n\\t\\b\\f\\r\\u0001\\u007f\\u0000한\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                             "\xef\xbf\xbd|");
}

Test(core_text, json_is_never_cut_inside_an_escape_or_a_character)
{
    char memory[8];

    for (size_t size = 1; size <= sizeof memory; size++) {
        struct text t;

        text_init(&t, memory, size);
        text_add_json(&t, "\x01", 1);
        cr_assert(t.used == 0 || t.used == 6, "%zu bytes in %zu", t.used, size);
        text_init(&t, memory, size);
        text_add_json(&t, "한\n", 4);
        cr_assert(t.used == 0 || t.used == 3 || t.used == 5, "%zu bytes in %zu", t.used, size);
    }
}

static const struct {
    const char *bytes;
    size_t size;
} utf8[] = {
    { "a", 1 },
    { "\xc2\x80", 2 },
    { "\xdf\xbf", 2 },
    { "\xe0\xa0\x80", 3 },
    { "\xed\x9f\xbf", 3 },
    { "\xef\xbf\xbf", 3 },
    { "\xf0\x90\x80\x80", 4 },
    { "\xf4\x8f\xbf\xbf", 4 },
    { "\x80", 0 },             /* a continuation alone */
    { "\xc0\x80", 0 },         /* overlong */
    { "\xc1\xbf", 0 },         /* overlong */
    { "\xe0\x9f\xbf", 0 },     /* overlong */
    { "\xf0\x8f\xbf\xbf", 0 }, /* overlong */
    { "\xed\xa0\x80", 0 },     /* a surrogate */
    { "\xf4\x90\x80\x80", 0 }, /* above U+10FFFF */
    { "\xf5\x80\x80\x80", 0 },
    { "\xff", 0 },
    { "\xc2", 0 }, /* ends too early */
    { "\xe2\x82", 0 },
    { "\xe2\x82x", 0 },
    { "\xf0\x9f\x98x", 0 },
};

Test(core_text, utf8_is_judged_strictly)
{
    for (size_t i = 0; i < sizeof utf8 / sizeof utf8[0]; i++)
        cr_assert_eq(text_utf8_size(utf8[i].bytes, strlen(utf8[i].bytes)), utf8[i].size, "row %zu", i);
    cr_assert_eq(text_utf8_size("a", 0), 0);
}

Test(core_text, copy_is_whole_or_nothing)
{
    char to[4] = "xyz";

    cr_assert_eq(text_copy(to, sizeof to, "long"), -ENAMETOOLONG);
    cr_assert_str_eq(to, "xyz");
    cr_assert_eq(text_copy(to, sizeof to, "abc"), 0);
    cr_assert_str_eq(to, "abc");
}
