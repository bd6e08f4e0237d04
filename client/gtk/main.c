/* SPDX-License-Identifier: MIT
 * hoga-gtk: order books in a window. One thread, GTK's own loop, and the segment read-only; a segment that is not there
 * (yet, or any more) is looked for now and then and said in words. */
#include "ladder_widget.h"
#include "order.h"
#include "picker.h"

#include <glib-unix.h>
#include <libintl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#define _(text)  gettext(text)
#define N_(text) text

#define BOOKS_MAX    8
#define LOOK_MS      500
#define WIDTH_SINGLE 720
#define LEASE_NS     INT64_C(300000000)
#define NAME_AT_ALL  "upbit:KRW-BTC" /* where nothing was named and hogad carries nothing */

struct app {
    GtkApplication *application;
    char *segment, *style;
    char **names;
    int rate_hz;
    gboolean is_version;
    struct hoga *h;
    GtkWidget *window, *button;
    LadderWidget *books[BOOKS_MAX];
    GtkWidget *orders[BOOKS_MAX];
    int n_books, focus;
    int lease_fd;
    char asked[HOGA_NAME_SIZE];
};

/* --- the segment -------------------------------------------------------------------------------------------------- */

static void segment_look(struct app *a)
{
    struct hoga_problem problem;
    char words[1100];

    if (a->h)
        return;
    if (hoga_open(&a->h, a->segment, &problem) == 0)
        words[0] = '\0';
    else
        (void)g_snprintf(words, sizeof words, "%s: %s\n%s", problem.what, problem.why, problem.remedy);
    for (int i = 0; i < a->n_books; i++)
        ladder_widget_segment_set(a->books[i], a->h, words);
}

/* A book that hogad does not carry, and the venue's own grouping where it shows more: asked for once each. */
static void lease_take(struct app *a, const char *name)
{
    if (!a->h || !name[0] || strcmp(name, a->asked) == 0)
        return;
    (void)g_strlcpy(a->asked, name, sizeof a->asked);
    (void)hoga_subscribe(a->h, &name, 1, LEASE_NS, &a->lease_fd, NULL);
}

static gboolean on_look(gpointer data)
{
    struct app *a = data;

    segment_look(a);
    for (int i = 0; a->h && i < a->n_books; i++) {
        const struct hoga_ladder_view *v = hoga_ladder_view(ladder_widget_ladder(a->books[i]));

        lease_take(a, v->is_found ? v->wanted : v->name);
    }
    return G_SOURCE_CONTINUE;
}

/* --- books -------------------------------------------------------------------------------------------------------- */

static void on_chosen(const char *name, gpointer data)
{
    struct app *a = data;

    ladder_widget_name_set(a->books[a->focus], name);
    gtk_menu_button_set_label(GTK_MENU_BUTTON(a->button), name);
    gtk_widget_grab_focus(GTK_WIDGET(a->books[a->focus]));
}

/* A click copies the price and opens the arithmetic of an order up to it. */
static void on_price(LadderWidget *widget, int row, gpointer data)
{
    struct app *a = data;
    const struct hoga_ladder_view *v = hoga_ladder_view(ladder_widget_ladder(widget));
    char price[HOGA_DECIMAL_SIZE];

    for (int i = 0; i < a->n_books; i++) {
        if (a->books[i] != widget)
            continue;
        a->focus = i;
        gtk_menu_button_set_label(GTK_MENU_BUTTON(a->button), v->name);
        if (hoga_format(v->rows[row].price, v->price_decimals, price) > 0)
            gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(widget)), price);
        order_show(a->orders[i], row);
    }
}

static gboolean on_key(GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
                       gpointer data)
{
    struct app *a = data;

    (void)controller;
    (void)keycode;
    if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
        return FALSE;
    switch (keyval) {
    case GDK_KEY_q:
        g_application_quit(G_APPLICATION(a->application));
        return TRUE;
    case GDK_KEY_slash:
        gtk_menu_button_popup(GTK_MENU_BUTTON(a->button));
        return TRUE;
    case GDK_KEY_Tab:
        a->focus = (a->focus + 1) % a->n_books;
        gtk_widget_grab_focus(GTK_WIDGET(a->books[a->focus]));
        gtk_menu_button_set_label(GTK_MENU_BUTTON(a->button),
                                  hoga_ladder_view(ladder_widget_ladder(a->books[a->focus]))->name);
        return TRUE;
    }
    return ladder_widget_key(a->books[a->focus], keyval);
}

static enum ladder_style style_of(const struct app *a)
{
    if (g_strcmp0(a->style, "korean") == 0)
        return LADDER_STYLE_KOREAN;
    return g_strcmp0(a->style, "western") == 0 ? LADDER_STYLE_WESTERN : LADDER_STYLE_LANGUAGE;
}

static void book_add(struct app *a, GtkWidget *box, const char *name)
{
    GtkWidget *widget = ladder_widget_new((unsigned)a->rate_hz);

    a->books[a->n_books] = LADDER_WIDGET(widget);
    ladder_widget_style_set(a->books[a->n_books], style_of(a));
    ladder_widget_name_set(a->books[a->n_books], name);
    a->orders[a->n_books] = order_new(a->books[a->n_books]);
    g_signal_connect(widget, "price-clicked", G_CALLBACK(on_price), a);
    gtk_box_append(GTK_BOX(box), widget);
    a->n_books++;
}

/* What was named; else the first book that hogad carries. */
static void books_add(struct app *a, GtkWidget *box)
{
    struct hoga_info info;
    hoga_id id;

    for (int i = 0; a->names && a->names[i] && a->n_books < BOOKS_MAX; i++)
        book_add(a, box, a->names[i]);
    if (a->n_books > 0)
        return;
    if (hoga_open(&a->h, a->segment, NULL) == 0 && hoga_list(a->h, &id, 1) > 0 && hoga_info(a->h, id, &info) == 0)
        book_add(a, box, info.name);
    else
        book_add(a, box, NAME_AT_ALL);
    a->h = hoga_close(a->h);
}

/* --- the window --------------------------------------------------------------------------------------------------- */

static void on_activate(GtkApplication *application, gpointer data)
{
    struct app *a = data;
    GtkWidget *header = gtk_header_bar_new(), *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkEventController *keys = gtk_event_controller_key_new();

    a->window = gtk_application_window_new(application);
    a->button = gtk_menu_button_new();
    books_add(a, box);
    gtk_menu_button_set_label(GTK_MENU_BUTTON(a->button), a->names && a->names[0] ? a->names[0] : _("book"));
    gtk_menu_button_set_popover(GTK_MENU_BUTTON(a->button), picker_new(&a->h, on_chosen, a));
    gtk_header_bar_pack_start(GTK_HEADER_BAR(header), a->button);
    gtk_window_set_titlebar(GTK_WINDOW(a->window), header);
    gtk_window_set_title(GTK_WINDOW(a->window), "hoga");
    gtk_window_set_icon_name(GTK_WINDOW(a->window), "org.hoga.Hoga");
    gtk_window_set_child(GTK_WINDOW(a->window), box);
    if (a->n_books == 1) /* room for the last trades */
        gtk_window_set_default_size(GTK_WINDOW(a->window), WIDTH_SINGLE, -1);
    gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_BUBBLE);
    g_signal_connect(keys, "key-pressed", G_CALLBACK(on_key), a);
    gtk_widget_add_controller(a->window, keys);
    (void)on_look(a);
    (void)g_timeout_add(LOOK_MS, on_look, a);
    gtk_window_present(GTK_WINDOW(a->window));
    gtk_widget_grab_focus(GTK_WIDGET(a->books[0]));
}

static gboolean on_end(gpointer data)
{
    struct app *a = data;

    g_application_quit(G_APPLICATION(a->application));
    return G_SOURCE_CONTINUE;
}

static gint on_options(GApplication *application, GVariantDict *options, gpointer data)
{
    struct app *a = data;

    (void)application;
    (void)options;
    if (a->is_version) {
        g_print("hoga-gtk %s\n", hoga_version());
        return 0;
    }
    if (a->style && !g_strv_contains((const char *const[]){ "auto", "korean", "western", NULL }, a->style)) {
        g_printerr("hoga-gtk: --style %s: %s\n", a->style, _("is no style: auto, korean or western"));
        return 2;
    }
    for (int i = 0; a->names && a->names[i]; i++) {
        if (strchr(a->names[i], ':') && strlen(a->names[i]) < HOGA_NAME_SIZE && i < BOOKS_MAX)
            continue;
        g_printerr("hoga-gtk: %s: %s\n", a->names[i], _("is no venue:SYMBOL, or one too many"));
        return 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct app a = { .rate_hz = LADDER_RATE_HZ, .lease_fd = -1 };
    const GOptionEntry entries[] = {
        { "segment", 0, 0, G_OPTION_ARG_FILENAME, &a.segment, N_("read this segment and no other"), N_("PATH") },
        { "style", 0, 0, G_OPTION_ARG_STRING, &a.style, N_("colours: korean, western, or auto, after the language"),
          N_("STYLE") },
        { "rate", 0, 0, G_OPTION_ARG_INT, &a.rate_hz, N_("look so often a second, 30 if not said"), N_("HZ") },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &a.is_version, N_("print the version"), NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.names, NULL, "venue:SYMBOL..." },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    const char *locale_folder = g_getenv("HOGA_LOCALEDIR");
    int code;

    g_log_writer_default_set_use_stderr(TRUE);
    (void)setlocale(LC_ALL, "");
    (void)bindtextdomain("hoga", locale_folder ? locale_folder : HOGA_LOCALEDIR);
    (void)bind_textdomain_codeset("hoga", "UTF-8");
    (void)textdomain("hoga");
    a.application = gtk_application_new("org.hoga.Hoga", G_APPLICATION_NON_UNIQUE);
    g_application_add_main_option_entries(G_APPLICATION(a.application), entries);
    g_signal_connect(a.application, "handle-local-options", G_CALLBACK(on_options), &a);
    g_signal_connect(a.application, "activate", G_CALLBACK(on_activate), &a);
    (void)g_unix_signal_add(SIGINT, on_end, &a);
    (void)g_unix_signal_add(SIGTERM, on_end, &a);
    code = g_application_run(G_APPLICATION(a.application), argc, argv);
    if (a.window) /* its ladders before the handle that they read by */
        gtk_window_destroy(GTK_WINDOW(a.window));
    g_object_unref(a.application);
    a.h = hoga_close(a.h);
    if (a.lease_fd >= 0)
        (void)close(a.lease_fd);
    return code;
}
