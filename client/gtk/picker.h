/* SPDX-License-Identifier: MIT
 * picker.h - choose a book by any of its names: what the venues list, and what hogad carries. Searches the segment's
 * catalogue when something is typed; holds nothing of it. The GUI's thread. */
#ifndef HOGA_GTK_PICKER_H
#define HOGA_GTK_PICKER_H

#include <gtk/gtk.h>
#include <hoga/hoga.h>

typedef void picker_chosen_fn(const char *name, gpointer data);

/* A popover for a menu button. *h is looked at whenever it is needed, and may be NULL then. */
GtkWidget *picker_new(struct hoga **h, picker_chosen_fn *chosen, gpointer data);

#endif
