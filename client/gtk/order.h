/* SPDX-License-Identifier: MIT
 * order.h - the arithmetic of an order beside the row that was clicked: average, impact, money, fee, minimum. It sends
 * no order anywhere. The GUI's thread. */
#ifndef HOGA_GTK_ORDER_H
#define HOGA_GTK_ORDER_H

#include "ladder_widget.h"

/* A popover of this widget, shown at a row by order_show. Owned by the widget. */
GtkWidget *order_new(LadderWidget *widget);
void order_show(GtkWidget *order, int row);

#endif
