/* SPDX-License-Identifier: MIT
 * ladder_widget.h - the ladder as one GTK widget that draws itself. It asks the view model at display rate and draws
 * again only when something has changed, and then only the rows that have: a row that is the same is the same render
 * node. The GUI's thread. No network, no other event source than one timeout. */
#ifndef HOGA_GTK_LADDER_WIDGET_H
#define HOGA_GTK_LADDER_WIDGET_H

#include <gtk/gtk.h>
#include <hoga/ladder.h>

#define LADDER_RATE_HZ 30

#define LADDER_TYPE_WIDGET (ladder_widget_get_type())
G_DECLARE_FINAL_TYPE(LadderWidget, ladder_widget, LADDER, WIDGET, GtkWidget)

enum ladder_style { LADDER_STYLE_LANGUAGE, LADDER_STYLE_KOREAN, LADDER_STYLE_WESTERN };

/* Signals: "price-clicked" (row: int), "verdict" () when state, reason or book are others. */
GtkWidget *ladder_widget_new(unsigned rate_hz);

/* h NULL: none; `problem` says why, and is shown. The handle stays the caller's and outlives the widget's use of it. */
void ladder_widget_segment_set(LadderWidget *w, struct hoga *h, const char *problem);
void ladder_widget_name_set(LadderWidget *w, const char *name);
void ladder_widget_style_set(LadderWidget *w, enum ladder_style style);
/* The view model, NULL without a segment. */
struct hoga_ladder *ladder_widget_ladder(LadderWidget *w);
/* Where a row is, for what points at it. */
void ladder_widget_row_rectangle(LadderWidget *w, int row, GdkRectangle *ret);
/* One key of the window's. Returns: TRUE it meant something. */
gboolean ladder_widget_key(LadderWidget *w, guint keyval);
#endif
