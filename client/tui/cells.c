/* SPDX-License-Identifier: MIT */
#include "cells.h"

#include <langinfo.h>
#include <limits.h>
#include <string.h>
#include <wctype.h>

#define ELLIPSIS 0x2026

bool cells_is_unicode(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* The character at *io_at, which is moved behind it; L'?' for what is no UTF-8. wchar_t is UCS-4 in every locale of
 * glibc, so the locale's own decoder, which may be EUC-KR's, has no part in it. */
static wchar_t take(const char **io_at)
{
    const unsigned char *s = (const unsigned char *)*io_at;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    unsigned c = n == 1 ? s[0] : n == 2 ? s[0] & 0x1fu : n == 3 ? s[0] & 0x0fu : s[0] & 0x07u;

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            n = 0;
            break;
        }
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (n == 0 || (n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) || (n == 4 && (c < 0x10000 || c > 0x10ffff))) {
        *io_at += 1;
        return L'?';
    }
    *io_at += n;
    return (wchar_t)c;
}

/* Control characters and what this locale has no bytes or no width for are shown as '?'. */
static wchar_t showable(wchar_t c)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = { 0 };

    return wcwidth(c) < 0 || wcrtomb(bytes, c, &state) == (size_t)-1 ? L'?' : c;
}

int cells_fit(const char *text, int columns, wchar_t ret[CELLS_MAX])
{
    wchar_t sign = cells_is_unicode() ? ELLIPSIS : L'~';
    int used = 0, before_sign = 0;
    size_t n = 0, n_before_sign = 0;

    while (*text) {
        wchar_t c = showable(take(&text));
        int width = wcwidth(c);

        if (used + width > columns || n + 2 >= CELLS_MAX) {
            if (columns > 0) { /* back to where the sign has room */
                ret[n_before_sign] = sign;
                n = n_before_sign + 1;
                used = before_sign + 1;
            }
            break;
        }
        ret[n++] = c;
        used += width;
        if (used < columns) {
            n_before_sign = n;
            before_sign = used;
        }
    }
    ret[n] = L'\0';
    return used;
}

int cells_width(const char *text)
{
    int width = 0;

    while (*text)
        width += wcwidth(showable(take(&text)));
    return width;
}
