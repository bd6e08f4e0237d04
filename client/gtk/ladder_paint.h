/* SPDX-License-Identifier: MIT
 * ladder_paint.h - from a view to render nodes: head, rows, spread, foot. Rows that look the same as the last time are
 * kept. Knows no timer and no key. The GUI's thread. */
#ifndef HOGA_GTK_LADDER_PAINT_H
#define HOGA_GTK_LADDER_PAINT_H

#include <gtk/gtk.h>
#include <hoga/ladder.h>

#define PAINT_LINES_FIXED   5  /* title, verdict, spread, sums, ages */
#define PAINT_TRADES_DIGITS 36 /* width of the last trades ... */
#define PAINT_DIGITS_TRADES 78 /* ... where the widget is so wide */

struct paint_key { /* what of a row can be seen; no gaps, so that it can be compared as bytes */
    int64_t price, change_ppm;
    struct hoga_wide amount;
    uint16_t bar;
    uint8_t side, is_best, is_last, is_chosen, has_change, flash;
    int8_t flash_way;
    uint8_t reserved[7];
};

struct paint_row { /* what a row's node was made of */
    struct paint_key key;
    double width;
    int y;
    unsigned look; /* of all that is the same for every row */
    GskRenderNode *node;
};

struct paint_columns {
    double price, percent, amount; /* widths */
    unsigned price_decimals, amount_decimals;
};

struct paint {
    PangoLayout *layout;
    int line;       /* height of a line in pixels */
    int baseline;   /* from the top of a text that has digits and Hangul */
    int band_lines; /* of the verdict: 2 where it covers the first row */
    int digit;      /* width of a digit */
    gboolean is_korean_style, is_korean_words, is_dark, has_percent;
    GdkRGBA text;
    unsigned look;                /* moves when every row has to be drawn anew */
    struct paint_columns columns; /* that the rows were made with */
    unsigned column;
    guint64 n_drawn, n_kept;
    struct paint_row rows[HOGA_LADDER_ROWS_MAX];
};

/* Font and colours of this widget; called again when they may have changed. */
void paint_prepare(struct paint *p, GtkWidget *widget);
void paint_done(struct paint *p);
void paint_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder *l, int width, int height);
/* Where there is nothing to draw: a title on a band, and words. */
void paint_words(struct paint *p, GtkSnapshot *snapshot, const char *title, const char *words, int width, int height);

#endif
