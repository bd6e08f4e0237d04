/* SPDX-License-Identifier: MIT */
#include "order.h"

#include "client/tui/ladder_number.h"

#include <errno.h>
#include <libintl.h>
#include <string.h>

#define _(text) gettext(text)

#define FEE_DECIMALS 6 /* of a percent: fee_e8 counts 10^-8 */
#define FEE_E8_MAX   100000000
#define AGAIN_MS     200
#define NUMBER_WIDE  60
#define LINES        6
#define TITLE_SIZE   256

struct order {
    LadderWidget *widget;
    GtkWidget *popover, *title, *size, *fee, *names[LINES], *values[LINES];
    gboolean is_buy;
    guint timeout;
};

static void line_set(struct order *o, int i, const char *name, const char *value)
{
    gtk_label_set_text(GTK_LABEL(o->names[i]), name);
    gtk_label_set_text(GTK_LABEL(o->values[i]), value);
}

static void problem_set(struct order *o, const char *words)
{
    line_set(o, 0, words, "");
    for (int i = 1; i < LINES; i++)
        line_set(o, i, "", "");
}

static void result_set(struct order *o, const struct hoga_ladder_view *v, const struct hoga_ladder_order *r)
{
    unsigned money = v->book.price_decimals + (unsigned)v->book.size_decimals;
    char text[NUMBER_TEXT_SIZE];

    number_price(r->average, r->average_decimals, 0, NUMBER_WIDE, text);
    line_set(o, 0, _("average price"), text);
    number_share(r->impact_ppm, text);
    line_set(o, 1, _("off the best price"), text);
    number_wide(r->money, money, 0, NUMBER_WIDE, text);
    line_set(o, 2, _("money"), text);
    number_wide(r->fee, money, 0, NUMBER_WIDE, text);
    line_set(o, 3, _("fee"), text);
    number_wide(r->sum, money, 0, NUMBER_WIDE, text);
    line_set(o, 4, r->is_buy ? _("pays") : _("brings"), text);
    text[0] = '\0';
    if (r->is_partly) {
        number_price(r->filled, v->book.size_decimals, 0, NUMBER_WIDE, text);
        line_set(o, 5, _("the book holds only"), text);
    } else {
        line_set(o, 5,
                 r->is_below_minimum ? _("below the venue's minimum")
                 : !r->has_minimum   ? _("minimum not known")
                                     : "",
                 "");
    }
}

/* Of a book that is not live, that: the popover covers the band which says so. */
static void title_set(struct order *o, const struct hoga_ladder_view *v)
{
    const char *what = o->is_buy ? _("buy from the asks") : _("sell to the bids");
    char title[TITLE_SIZE];

    if (v->state == HOGA_LIVE)
        (void)g_snprintf(title, sizeof title, "%s", what);
    else
        (void)g_snprintf(title, sizeof title, "%s (%s: %s)", what, _("NOT LIVE"), hoga_state_word(v->state));
    gtk_label_set_text(GTK_LABEL(o->title), title);
}

/* The book moves on; so does the answer, while it is shown. */
static void count(struct order *o)
{
    struct hoga_ladder *l = ladder_widget_ladder(o->widget);
    const struct hoga_ladder_view *v = l ? hoga_ladder_view(l) : NULL;
    int64_t size, fee_e8 = 0;
    struct hoga_ladder_order result;
    int r;

    if (!v || !v->is_found)
        return problem_set(o, _("no segment"));
    title_set(o, v);
    if (hoga_parse(gtk_editable_get_text(GTK_EDITABLE(o->size)), v->book.size_decimals, &size) < 0 || size <= 0)
        return problem_set(o, _("a size above 0, no finer than the book's"));
    if (gtk_editable_get_text(GTK_EDITABLE(o->fee))[0] &&
        (hoga_parse(gtk_editable_get_text(GTK_EDITABLE(o->fee)), FEE_DECIMALS, &fee_e8) < 0 || fee_e8 < 0 ||
         fee_e8 > FEE_E8_MAX))
        return problem_set(o, _("a fee in percent, such as 0.05"));
    r = hoga_ladder_order(l, o->is_buy, size, (uint32_t)fee_e8, &result);
    if (r < 0)
        return problem_set(o, r == -ENODATA ? _("no spread: a side is empty") : g_strerror(-r));
    result_set(o, v, &result);
}

static gboolean on_timeout(gpointer data)
{
    count(data);
    return G_SOURCE_CONTINUE;
}

static void on_changed(GtkEditable *editable, gpointer data)
{
    (void)editable;
    count(data);
}

static void on_closed(GtkPopover *popover, gpointer data)
{
    struct order *o = data;

    (void)popover;
    g_clear_handle_id(&o->timeout, g_source_remove);
}

void order_show(GtkWidget *order, int row)
{
    struct order *o = g_object_get_data(G_OBJECT(order), "order");
    struct hoga_ladder *l = ladder_widget_ladder(o->widget);
    struct hoga_ladder_order up_to;
    GdkRectangle place;
    char size[HOGA_DECIMAL_SIZE];

    if (!l || hoga_ladder_order_to(l, row, 0, &up_to) < 0)
        return;
    o->is_buy = up_to.is_buy;
    (void)hoga_format(up_to.size, hoga_ladder_view(l)->book.size_decimals, size);
    gtk_editable_set_text(GTK_EDITABLE(o->size), size);
    count(o);
    ladder_widget_row_rectangle(o->widget, row, &place);
    gtk_popover_set_pointing_to(GTK_POPOVER(o->popover), &place);
    gtk_popover_popup(GTK_POPOVER(o->popover));
    gtk_widget_grab_focus(o->size); /* else a number has it, and shows a caret */
    if (!o->timeout)
        o->timeout = g_timeout_add(AGAIN_MS, on_timeout, o);
}

static GtkWidget *entry_add(struct order *o, GtkGrid *grid, int row, const char *name)
{
    GtkWidget *label = gtk_label_new(name), *entry = gtk_entry_new();

    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), entry);
    gtk_entry_set_alignment(GTK_ENTRY(entry), 1);
    gtk_grid_attach(grid, label, 0, row, 1, 1);
    gtk_grid_attach(grid, entry, 1, row, 1, 1);
    g_signal_connect(entry, "changed", G_CALLBACK(on_changed), o);
    return entry;
}

static void order_free(gpointer data)
{
    struct order *o = data;

    g_clear_handle_id(&o->timeout, g_source_remove);
    g_free(o);
}

GtkWidget *order_new(LadderWidget *widget)
{
    struct order *o = g_new0(struct order, 1);
    GtkGrid *grid = GTK_GRID(gtk_grid_new());

    o->widget = widget;
    o->popover = gtk_popover_new();
    o->title = gtk_label_new("");
    gtk_grid_set_row_spacing(grid, 4);
    gtk_grid_set_column_spacing(grid, 12);
    gtk_grid_attach(grid, o->title, 0, 0, 2, 1);
    for (int i = 0; i < LINES; i++) {
        o->names[i] = gtk_label_new("");
        o->values[i] = gtk_label_new("");
        gtk_label_set_xalign(GTK_LABEL(o->names[i]), 0);
        gtk_label_set_xalign(GTK_LABEL(o->values[i]), 1);
        gtk_label_set_selectable(GTK_LABEL(o->values[i]), TRUE);
        gtk_grid_attach(grid, o->names[i], 0, i + 3, 1, 1);
        gtk_grid_attach(grid, o->values[i], 1, i + 3, 1, 1);
    }
    o->size = entry_add(o, grid, 1, _("size"));
    o->fee = entry_add(o, grid, 2, _("fee, percent"));
    gtk_popover_set_child(GTK_POPOVER(o->popover), GTK_WIDGET(grid));
    gtk_widget_set_parent(o->popover, GTK_WIDGET(widget));
    g_signal_connect(o->popover, "closed", G_CALLBACK(on_closed), o);
    g_object_set_data_full(G_OBJECT(o->popover), "order", o, order_free);
    return o->popover;
}
