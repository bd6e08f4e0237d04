/* SPDX-License-Identifier: MIT */
#include "picker.h"

#include <libintl.h>
#include <string.h>

#define _(text) gettext(text)

#define FOUND_MAX 60
#define IDS_MAX   4096

struct picker {
    struct hoga **h;
    picker_chosen_fn *chosen;
    gpointer data;
    GtkWidget *popover, *entry, *list;
    guint n_found;
};

/* Is what was typed part of one of the names? Both folded; no text: everything. */
static gboolean holds(const char *name, const char *folded)
{
    char *own = g_utf8_casefold(name, -1);
    gboolean is_part = g_utf8_validate(name, -1, NULL) && strstr(own, folded) != NULL;

    g_free(own);
    return is_part;
}

/* The same of venue:SYMBOL: "bit" is no part of upbit:KRW-XRP, or all of Upbit would stand before 비트코인. A venue is
 * typed from its beginning. */
static gboolean is_named(const char *name, const char *folded)
{
    const char *colon = strchr(name, ':');

    if (!colon || strchr(folded, ':'))
        return holds(name, folded);
    return holds(colon + 1, folded) || g_ascii_strncasecmp(name, folded, strlen(folded)) == 0;
}

static void row_add(struct picker *p, const char *name, const char *other, gboolean is_carried)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12), *label = gtk_label_new(name);

    gtk_widget_set_hexpand(label, TRUE);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_box_append(GTK_BOX(box), label);
    if (other[0])
        gtk_box_append(GTK_BOX(box), gtk_label_new(other));
    if (is_carried)
        gtk_box_append(GTK_BOX(box), gtk_image_new_from_icon_name("emblem-ok-symbolic"));
    gtk_list_box_append(GTK_LIST_BOX(p->list), box);
    g_object_set_data_full(G_OBJECT(gtk_widget_get_parent(box)), "name", g_strdup(name), g_free);
    p->n_found++;
}

/* What hogad carries comes first; names of the catalogue tell the rest. */
static void carried_add(struct picker *p, struct hoga *h, const char *folded)
{
    static hoga_id ids[IDS_MAX];
    int n = hoga_list(h, ids, IDS_MAX);
    struct hoga_instrument instrument;
    struct hoga_info info;

    for (int i = 0; i < n && i < IDS_MAX && p->n_found < FOUND_MAX; i++) {
        gboolean is_listed;

        if (hoga_info(h, ids[i], &info) < 0)
            continue;
        is_listed = hoga_catalogue_find(h, info.name, &instrument) == 0;
        if (is_named(info.name, folded) ||
            (is_listed && (holds(instrument.name_korean, folded) || holds(instrument.name_english, folded))))
            row_add(p, info.name, is_listed ? instrument.name_korean : "", TRUE);
    }
}

static void listed_add(struct picker *p, struct hoga *h, const char *folded)
{
    struct hoga_instrument instrument;
    uint32_t row = 0;
    hoga_id id;
    int r;

    while (p->n_found < FOUND_MAX && (r = hoga_catalogue_next(h, &row, &instrument)) != 0) {
        if (r < 0 || hoga_find(h, instrument.name, &id) == 0)
            continue;
        if (is_named(instrument.name, folded) || holds(instrument.name_korean, folded) ||
            holds(instrument.name_english, folded))
            row_add(p, instrument.name, instrument.name_korean, FALSE);
    }
}

static void search(struct picker *p)
{
    char *folded = g_utf8_casefold(gtk_editable_get_text(GTK_EDITABLE(p->entry)), -1);
    GtkWidget *row;

    while ((row = gtk_widget_get_first_child(p->list)) != NULL)
        gtk_list_box_remove(GTK_LIST_BOX(p->list), row);
    p->n_found = 0;
    if (*p->h) {
        carried_add(p, *p->h, folded);
        listed_add(p, *p->h, folded);
    }
    gtk_list_box_select_row(GTK_LIST_BOX(p->list), gtk_list_box_get_row_at_index(GTK_LIST_BOX(p->list), 0));
    g_free(folded);
}

static void choose(struct picker *p, GtkListBoxRow *row)
{
    if (!row)
        return;
    gtk_popover_popdown(GTK_POPOVER(p->popover));
    p->chosen(g_object_get_data(G_OBJECT(row), "name"), p->data);
}

static void on_changed(GtkSearchEntry *entry, gpointer data)
{
    (void)entry;
    search(data);
}

static void on_activate(GtkSearchEntry *entry, gpointer data)
{
    struct picker *p = data;

    (void)entry;
    choose(p, gtk_list_box_get_selected_row(GTK_LIST_BOX(p->list)));
}

static void on_row(GtkListBox *list, GtkListBoxRow *row, gpointer data)
{
    (void)list;
    choose(data, row);
}

static void on_show(GtkWidget *popover, gpointer data)
{
    struct picker *p = data;

    (void)popover;
    gtk_editable_set_text(GTK_EDITABLE(p->entry), "");
    search(p);
    gtk_widget_grab_focus(p->entry);
}

GtkWidget *picker_new(struct hoga **h, picker_chosen_fn *chosen, gpointer data)
{
    struct picker *p = g_new0(struct picker, 1);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6), *scrolled = gtk_scrolled_window_new();

    p->h = h;
    p->chosen = chosen;
    p->data = data;
    p->popover = gtk_popover_new();
    p->entry = gtk_search_entry_new();
    p->list = gtk_list_box_new();
    gtk_accessible_update_property(GTK_ACCESSIBLE(p->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("another book, by name"),
                                   -1);
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), p->list);
    gtk_widget_set_size_request(scrolled, 360, 420);
    gtk_box_append(GTK_BOX(box), p->entry);
    gtk_box_append(GTK_BOX(box), scrolled);
    gtk_popover_set_child(GTK_POPOVER(p->popover), box);
    g_signal_connect(p->entry, "search-changed", G_CALLBACK(on_changed), p);
    g_signal_connect(p->entry, "activate", G_CALLBACK(on_activate), p);
    g_signal_connect(p->list, "row-activated", G_CALLBACK(on_row), p);
    g_signal_connect(p->popover, "show", G_CALLBACK(on_show), p);
    g_object_set_data_full(G_OBJECT(p->popover), "picker", p, g_free);
    return p->popover;
}
