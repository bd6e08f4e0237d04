/* SPDX-License-Identifier: MIT
 * ladder_panel.h - one book of `hoga ladder` on its part of the screen. Draws a view and changes nothing in it but the
 * number of its rows. One thread. */
#ifndef HOGA_TUI_LADDER_PANEL_H
#define HOGA_TUI_LADDER_PANEL_H

#include <hoga/ladder.h>

#include <stdbool.h>

#define PANEL_COLUMNS_MIN 40 /* of one book; the screen has at least as many */
#define PANEL_TRADES      38 /* columns of the last trades, beside a single book ... */
#define PANEL_TRADES_FROM 96 /* ... on a screen that has so many */
#define PANEL_ROWS_AROUND 5  /* lines that are no levels: title, verdict, spread, sums, ages */

struct panel_settings {
    uint32_t n_levels; /* a side; 0: as many as there is room for */
    uint32_t fee_e8;
    bool has_fee;
    bool has_percent;
    bool is_utc;
    bool is_korean; /* names of instruments */
};

struct panel_place {
    int row, column, n_rows, n_columns;
    bool has_focus;
};

/* Model rows that this place has room for. */
uint32_t panel_rows(const struct hoga_ladder_view *v, const struct panel_settings *settings,
                    const struct panel_place *place);
void panel_draw(const struct hoga_ladder *l, const struct panel_settings *settings, const struct panel_place *place);
/* The last trades, newest first: + bought, - sold. */
void panel_trades_draw(const struct hoga_ladder *l, const struct panel_settings *settings,
                       const struct panel_place *place);

#endif
