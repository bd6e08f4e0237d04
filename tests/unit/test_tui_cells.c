/* SPDX-License-Identifier: MIT */
#include "client/tui/cells.h"

#include <criterion/criterion.h>
#include <locale.h>
#include <string.h>

static wchar_t wide[CELLS_MAX];

static int fit(const char *text, int columns)
{
    return cells_fit(text, columns, wide);
}

Test(cells, text_is_cut_to_columns_and_never_in_the_middle_of_a_wide_character)
{
    cr_assert_not_null(setlocale(LC_ALL, "C.UTF-8"));

    cr_assert_eq(fit("abc", 3), 3);
    cr_assert_eq(wcscmp(wide, L"abc"), 0);
    cr_assert_eq(fit("abcd", 3), 3);
    cr_assert_eq(wcscmp(wide, L"ab…"), 0);
    cr_assert_eq(cells_width("비트코인"), 8);
    cr_assert_eq(fit("비트코인", 8), 8);
    cr_assert_eq(wcscmp(wide, L"비트코인"), 0);
    cr_assert_eq(fit("비트코인", 7), 7);
    cr_assert_eq(wcscmp(wide, L"비트코…"), 0);
    cr_assert_eq(fit("비트코인", 6), 5);
    cr_assert_eq(wcscmp(wide, L"비트…"), 0);
    cr_assert_eq(fit("비트", 1), 1);
    cr_assert_eq(wcscmp(wide, L"…"), 0);
    cr_assert_eq(fit("a", 0), 0);
    cr_assert_eq(wide[0], L'\0');
    cr_assert_eq(fit("", 5), 0);
    cr_assert_eq(cells_width("e\xcc\x81"), 1, "a combining accent takes no column");
}

Test(cells, what_is_no_character_is_a_question_mark)
{
    static const char *const spoilt[] = {
        "\xff", "\xc0", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x1b", "\x07", "\xe2\x82"
    };

    cr_assert_not_null(setlocale(LC_ALL, "C.UTF-8"));

    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        cr_assert_eq(fit(spoilt[i], 10), (int)wcslen(wide));
        cr_assert_eq(wide[wcsspn(wide, L"?")], L'\0', "%zu", i);
        cr_assert(wide[0] == L'?');
    }
}

Test(cells, a_locale_without_hangul_shows_question_marks)
{
    cr_assert_not_null(setlocale(LC_ALL, "C"));

    cr_assert_eq(fit("비트 a", 10), 4);
    cr_assert_eq(wcscmp(wide, L"?? a"), 0);
    cr_assert_eq(fit("비트코인", 3), 3);
    cr_assert_eq(wcscmp(wide, L"??~"), 0);
    cr_assert_not(cells_is_unicode());
}

Test(cells, a_text_without_end_is_cut)
{
    static char text[2 * CELLS_MAX + 1];

    cr_assert_not_null(setlocale(LC_ALL, "C.UTF-8"));
    memset(text, 'x', sizeof text - 1);

    cr_assert_lt(fit(text, 3 * CELLS_MAX), CELLS_MAX);
    cr_assert_lt((int)wcslen(wide), CELLS_MAX);
}
