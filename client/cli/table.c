/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP        "  "
#define GAP_NARROW " " /* where the terminal is narrower than the table */

struct cell {
    char *text;
    enum paint paint;
};

struct table {
    const char *columns;
    size_t n_columns;
    size_t *widths;
    struct cell *cells;
    size_t n_cells, n_cells_room;
};

struct table *table_new(const char *columns)
{
    struct table *t = cli_memory(calloc(1, sizeof *t));

    t->columns = columns;
    t->n_columns = strlen(columns);
    t->widths = cli_memory(calloc(t->n_columns, sizeof *t->widths));
    return t;
}

struct table *table_free(struct table *t)
{
    if (!t)
        return NULL;
    for (size_t i = 0; i < t->n_cells; i++)
        free(t->cells[i].text);
    free(t->cells);
    free(t->widths);
    free(t);
    return NULL;
}

void table_add(struct table *t, enum paint paint, const char *text)
{
    size_t column = t->n_cells % t->n_columns, width = text_width(text);

    if (t->n_cells == t->n_cells_room) {
        size_t room = t->n_cells_room ? 2 * t->n_cells_room : 256;

        t->cells = cli_memory(reallocarray(t->cells, room, sizeof *t->cells));
        t->n_cells_room = room;
    }
    t->cells[t->n_cells++] = (struct cell){ cli_memory(strdup(text)), paint };
    if (width > t->widths[column])
        t->widths[column] = width;
}

static const char *gap_choose(const struct table *t, int indent)
{
    size_t width = (size_t)indent + (t->n_columns - 1) * (sizeof GAP - 1);
    struct winsize size = { 0 };

    for (size_t i = 0; i < t->n_columns; i++)
        width += t->widths[i];
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && width > size.ws_col)
        return GAP_NARROW;
    return GAP;
}

void table_print(const struct cli *c, const struct table *t, size_t n_heads, uint64_t n_rows, int indent)
{
    size_t rows = t->n_cells / t->n_columns;
    const char *gap = gap_choose(t, indent);

    if (n_rows && rows > n_heads && rows - n_heads > n_rows)
        rows = n_heads + n_rows;
    for (size_t row = 0; row < rows; row++) {
        printf("%*s", indent, "");
        for (size_t column = 0; column < t->n_columns; column++) {
            const struct cell *cell = &t->cells[row * t->n_columns + column];
            const char *text = cell->text;
            bool is_last = column + 1 == t->n_columns, is_right = t->columns[column] == 'r';

            fputs(cell->paint == PAINT_OFF ? "" : cli_paint(c, cell->paint), stdout);
            text_print_cell(text, is_last && !is_right ? 0 : t->widths[column], is_right);
            fputs(cell->paint == PAINT_OFF ? "" : cli_paint(c, PAINT_OFF), stdout);
            fputs(is_last ? "\n" : gap, stdout);
        }
    }
}
