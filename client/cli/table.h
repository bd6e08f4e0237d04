/* SPDX-License-Identifier: MIT
 * table.h - rows of cells, lined up by the columns that texts take on a terminal. Heap; one thread. */
#ifndef HOGA_CLI_TABLE_H
#define HOGA_CLI_TABLE_H

#include "cli.h"

struct table;

/* One letter a column: 'l' or 'r' for the side it leans to. Owns: free with table_free. Ends the
 * program in words where there is no memory, as table_add does. */
struct table *table_new(const char *columns);
struct table *table_free(struct table *t);
/* Cells are added row by row, left to right; the text is copied. */
void table_add(struct table *t, enum paint paint, const char *text);
/* Prints at most n_rows (0: all) below the first `n_heads` rows, each line `indent` columns in. */
void table_print(const struct cli *c, const struct table *t, size_t n_heads, uint64_t n_rows, int indent);

#endif
