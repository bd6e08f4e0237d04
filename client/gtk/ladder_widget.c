/* SPDX-License-Identifier: MIT */
#include "ladder_widget.h"

#include "ladder_paint.h"

#include <libintl.h>
#include <locale.h>
#include <string.h>

#define _(text) gettext(text)

#define AGES_EVERY_MS 250
#define LEVELS        15
#define COLUMNS       46 /* digits that the widget asks for */

struct _LadderWidget {
    GtkWidget parent_instance;
    struct paint paint;
    struct hoga_ladder *ladder;
    char name[HOGA_NAME_SIZE];
    char *problem;
    enum ladder_style style;
    uint32_t n_levels; /* a side; 0: as many as there is room for */
    unsigned column;
    guint timeout, rate_hz, since_ages_ms;
    uint8_t state, reason, is_found;
};

G_DEFINE_TYPE(LadderWidget, ladder_widget, GTK_TYPE_WIDGET)

enum { PRICE_CLICKED, VERDICT, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean is_language_korean(void)
{
    const char *const *names = g_get_language_names();

    return names[0] && g_str_has_prefix(names[0], "ko");
}

struct hoga_ladder *ladder_widget_ladder(LadderWidget *w)
{
    return w->ladder;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void rows_fit(LadderWidget *w)
{
    int fit = w->paint.line > 0 ? gtk_widget_get_height(GTK_WIDGET(w)) / w->paint.line - PAINT_LINES_FIXED : 0;

    fit = w->n_levels > 0 ? MIN(fit, (int)(2 * w->n_levels)) : fit;
    if (w->ladder)
        hoga_ladder_rows_set(w->ladder, (uint32_t)MAX(fit, 2));
}

/* For a reader of screens: what the title and the best prices say. Only when the verdict is another. */
static void description_set(LadderWidget *w, const struct hoga_ladder_view *v)
{
    char text[HOGA_NAME_SIZE + 128];

    (void)g_snprintf(text, sizeof text, "%s: %s %s", v->name,
                     v->is_found ? hoga_state_word(v->state) : _("not carried"),
                     v->is_found ? _(hoga_reason_sentence(v->reason)) : "");
    gtk_accessible_update_property(GTK_ACCESSIBLE(w), GTK_ACCESSIBLE_PROPERTY_LABEL, _("order book"),
                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void verdict_note(LadderWidget *w)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(w->ladder);

    if (v->state == w->state && v->reason == w->reason && v->is_found == w->is_found)
        return;
    w->state = v->state;
    w->reason = v->reason;
    w->is_found = v->is_found;
    description_set(w, v);
    g_signal_emit(w, signals[VERDICT], 0);
}

/* Nothing is drawn unless something has changed; ages move four times a second. */
static gboolean on_timeout(gpointer data)
{
    LadderWidget *w = data;

    if (!w->ladder)
        return G_SOURCE_CONTINUE;
    w->since_ages_ms += 1000 / w->rate_hz;
    if (hoga_ladder_update(w->ladder, 0) > 0) {
        verdict_note(w);
        gtk_widget_queue_draw(GTK_WIDGET(w));
        w->since_ages_ms = 0;
    } else if (w->since_ages_ms >= AGES_EVERY_MS && gtk_widget_get_mapped(GTK_WIDGET(w))) {
        w->since_ages_ms = 0;
        gtk_widget_queue_draw(GTK_WIDGET(w));
    }
    return G_SOURCE_CONTINUE;
}

void ladder_widget_segment_set(LadderWidget *w, struct hoga *h, const char *problem)
{
    w->ladder = hoga_ladder_free(w->ladder);
    g_free(w->problem);
    w->problem = g_strdup(problem ? problem : "");
    if (h && hoga_ladder_new(h, &w->ladder) == 0 && w->name[0])
        (void)hoga_ladder_name_set(w->ladder, w->name);
    if (w->ladder) {
        hoga_ladder_column_set(w->ladder, w->column);
        rows_fit(w);
    }
    gtk_widget_queue_draw(GTK_WIDGET(w));
}

void ladder_widget_name_set(LadderWidget *w, const char *name)
{
    (void)g_strlcpy(w->name, name, sizeof w->name);
    if (w->ladder)
        (void)hoga_ladder_name_set(w->ladder, name);
    w->is_found = 2; /* neither: the next verdict is news */
}

/* --- geometry ----------------------------------------------------------------------------------------------------- */

static uint32_t boundary_of(const struct hoga_ladder_view *v)
{
    return v->spread_way < 0 ? 0 : v->spread_way > 0 ? v->n_rows : v->boundary;
}

static int row_at(LadderWidget *w, double y)
{
    const struct hoga_ladder_view *v = w->ladder ? hoga_ladder_view(w->ladder) : NULL;
    int line = (int)(y / w->paint.line) - 2, row;

    if (!v || line < w->paint.band_lines - 1 || line == (int)boundary_of(v))
        return -1;
    row = line < (int)boundary_of(v) ? line : line - 1;
    return row < (int)v->n_rows ? row : -1;
}

void ladder_widget_row_rectangle(LadderWidget *w, int row, GdkRectangle *ret)
{
    int line = row + 2;

    if (w->ladder && row >= (int)boundary_of(hoga_ladder_view(w->ladder)))
        line++;
    *ret = (GdkRectangle){ 0, line * w->paint.line, w->paint.digit * 14, w->paint.line };
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                    int *minimum_baseline, int *natural_baseline)
{
    LadderWidget *w = LADDER_WIDGET(widget);

    (void)for_size;
    if (!w->paint.layout)
        paint_prepare(&w->paint, widget);
    *minimum_baseline = *natural_baseline = -1;
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? w->paint.digit * 30 : w->paint.line * 9;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? w->paint.digit * COLUMNS
                                                         : w->paint.line * (2 * LEVELS + PAINT_LINES_FIXED);
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    (void)width;
    (void)height;
    (void)baseline;
    rows_fit(LADDER_WIDGET(widget));
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void snapshot(GtkWidget *widget, GtkSnapshot *to)
{
    LadderWidget *w = LADDER_WIDGET(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);

    if (!w->paint.layout)
        paint_prepare(&w->paint, widget);
    if (!w->ladder)
        paint_words(&w->paint, to, _("no segment"), w->problem, width, height);
    else if (!hoga_ladder_view(w->ladder)->is_found)
        paint_words(&w->paint, to, w->name, w->problem[0] ? w->problem : _("hogad does not carry it"), width, height);
    else
        paint_draw(&w->paint, to, w->ladder, width, height);
}

static void css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
    GTK_WIDGET_CLASS(ladder_widget_parent_class)->css_changed(widget, change);
    paint_prepare(&LADDER_WIDGET(widget)->paint, widget);
}

void ladder_widget_style_set(LadderWidget *w, enum ladder_style style)
{
    w->style = style;
    w->paint.is_korean_words = is_language_korean();
    w->paint.is_korean_style =
        style == LADDER_STYLE_KOREAN || (style == LADDER_STYLE_LANGUAGE && w->paint.is_korean_words);
    w->paint.look++;
    gtk_widget_queue_draw(GTK_WIDGET(w));
}

/* --- mouse and keys ----------------------------------------------------------------------------------------------- */

static void on_motion(GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
    LadderWidget *w = data;

    (void)controller;
    (void)x;
    if (w->ladder)
        hoga_ladder_pointer(w->ladder, row_at(w, y));
}

static void on_leave(GtkEventControllerMotion *controller, gpointer data)
{
    LadderWidget *w = data;

    (void)controller;
    if (w->ladder)
        hoga_ladder_pointer(w->ladder, -1);
}

static void on_pressed(GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
    LadderWidget *w = data;
    int row = row_at(w, y);

    (void)gesture;
    (void)n_press;
    (void)x;
    gtk_widget_grab_focus(GTK_WIDGET(w));
    if (row < 0 || hoga_ladder_view(w->ladder)->rows[row].side == HOGA_LADDER_NONE)
        return;
    hoga_ladder_choose(w->ladder, row);
    g_signal_emit(w, signals[PRICE_CLICKED], 0, row);
}

static gboolean on_scroll(GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
    LadderWidget *w = data;

    (void)controller;
    (void)dx;
    if (w->ladder && dy != 0)
        hoga_ladder_scroll(w->ladder, dy < 0 ? 3 : -3);
    return TRUE;
}

static void levels_change(LadderWidget *w, int by)
{
    uint32_t n = w->n_levels ? w->n_levels : hoga_ladder_view(w->ladder)->n_rows / 2;

    w->n_levels = by < 0 ? MAX(n, 2u) - 1 : n + 1;
    rows_fit(w);
}

static void column_flip(LadderWidget *w, unsigned bit)
{
    w->column ^= bit;
    hoga_ladder_column_set(w->ladder, w->column);
}

gboolean ladder_widget_key(LadderWidget *w, guint keyval)
{
    int half = w->ladder ? (int)hoga_ladder_view(w->ladder)->n_rows / 2 : 0;

    if (!w->ladder)
        return FALSE;
    switch (keyval) {
    case GDK_KEY_c:
        hoga_ladder_centre(w->ladder);
        return TRUE;
    case GDK_KEY_f:
        hoga_ladder_freeze(w->ladder, !hoga_ladder_view(w->ladder)->is_frozen);
        return TRUE;
    case GDK_KEY_g:
    case GDK_KEY_G:
        (void)hoga_ladder_group_move(w->ladder, keyval == GDK_KEY_g ? 1 : -1);
        return TRUE;
    case GDK_KEY_t:
        column_flip(w, HOGA_LADDER_TOTAL);
        return TRUE;
    case GDK_KEY_m:
        column_flip(w, HOGA_LADDER_MONEY);
        return TRUE;
    case GDK_KEY_p:
        w->paint.has_percent = !w->paint.has_percent;
        w->paint.look++;
        gtk_widget_queue_draw(GTK_WIDGET(w));
        return TRUE;
    case GDK_KEY_k:
        ladder_widget_style_set(w, w->paint.is_korean_style ? LADDER_STYLE_WESTERN : LADDER_STYLE_KOREAN);
        return TRUE;
    case GDK_KEY_plus:
    case GDK_KEY_minus:
        levels_change(w, keyval == GDK_KEY_minus ? -1 : 1);
        return TRUE;
    case GDK_KEY_0:
        w->n_levels = 0;
        rows_fit(w);
        return TRUE;
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
        hoga_ladder_scroll(w->ladder, keyval == GDK_KEY_Page_Up ? half : -half);
        return TRUE;
    case GDK_KEY_Escape:
        hoga_ladder_choose(w->ladder, -1);
        return TRUE;
    }
    return FALSE;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void dispose(GObject *object)
{
    LadderWidget *w = LADDER_WIDGET(object);
    GtkWidget *child;

    if (w->timeout)
        g_debug("rows drawn %" G_GUINT64_FORMAT ", kept %" G_GUINT64_FORMAT, w->paint.n_drawn, w->paint.n_kept);
    g_clear_handle_id(&w->timeout, g_source_remove);
    w->ladder = hoga_ladder_free(w->ladder);
    g_clear_pointer(&w->problem, g_free);
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(w))) != NULL) /* popovers */
        gtk_widget_unparent(child);
    paint_done(&w->paint);
    G_OBJECT_CLASS(ladder_widget_parent_class)->dispose(object);
}

static void ladder_widget_class_init(LadderWidgetClass *klass)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(klass);

    G_OBJECT_CLASS(klass)->dispose = dispose;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    widget->snapshot = snapshot;
    widget->css_changed = css_changed;
    gtk_widget_class_set_css_name(widget, "hogaladder");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
    signals[PRICE_CLICKED] = g_signal_new("price-clicked", LADDER_TYPE_WIDGET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_INT);
    signals[VERDICT] =
        g_signal_new("verdict", LADDER_TYPE_WIDGET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void ladder_widget_init(LadderWidget *w)
{
    GtkEventController *motion = gtk_event_controller_motion_new();
    GtkEventController *scroll =
        gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL | GTK_EVENT_CONTROLLER_SCROLL_DISCRETE);
    GtkGesture *click = gtk_gesture_click_new();

    w->problem = g_strdup("");
    w->paint.has_percent = TRUE;
    w->is_found = 2;
    gtk_widget_set_focusable(GTK_WIDGET(w), TRUE);
    g_signal_connect(motion, "motion", G_CALLBACK(on_motion), w);
    g_signal_connect(motion, "leave", G_CALLBACK(on_leave), w);
    g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), w);
    g_signal_connect(click, "pressed", G_CALLBACK(on_pressed), w);
    gtk_widget_add_controller(GTK_WIDGET(w), motion);
    gtk_widget_add_controller(GTK_WIDGET(w), scroll);
    gtk_widget_add_controller(GTK_WIDGET(w), GTK_EVENT_CONTROLLER(click));
}

GtkWidget *ladder_widget_new(unsigned rate_hz)
{
    LadderWidget *w = g_object_new(LADDER_TYPE_WIDGET, "hexpand", TRUE, "vexpand", TRUE, NULL);

    w->rate_hz = CLAMP(rate_hz, 1, 1000);
    w->timeout = g_timeout_add(1000 / w->rate_hz, on_timeout, w);
    ladder_widget_style_set(w, LADDER_STYLE_LANGUAGE);
    return GTK_WIDGET(w);
}
