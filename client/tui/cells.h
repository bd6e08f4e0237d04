/* SPDX-License-Identifier: MIT
 * cells.h - from UTF-8 to the wide characters of a terminal's cells, cut to columns. Pure but for the locale. */
#ifndef HOGA_TUI_CELLS_H
#define HOGA_TUI_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define CELLS_MAX 1024 /* wide characters of one text; what is longer is cut */

/* Fills ret (NUL terminated) with as much of `text` as fits into `columns`, the last column taken by a sign where it
 * was cut. What is no UTF-8, no printable character or none of the locale is '?'. Returns: columns used. */
int cells_fit(const char *text, int columns, wchar_t ret[CELLS_MAX]);
/* Columns of the whole text. */
int cells_width(const char *text);
bool cells_is_unicode(void);

#endif
