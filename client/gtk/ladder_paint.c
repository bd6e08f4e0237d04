/* SPDX-License-Identifier: MIT */
#include "ladder_paint.h"

#include "client/cli/text.h"
#include "client/tui/ladder_number.h"

#include <libintl.h>
#include <string.h>

#define _(text) gettext(text)

#define MARGIN          4
#define LINE_SIZE       512
#define PRICE_DIGITS    12
#define PERCENT_WIDE    10 /* digits */
#define TRADE_PRICE_MIN 8
#define TIME_DIGITS     8 /* "22:45:13" */
#define FAINT           0.6
#define NUMBER_WIDE     60 /* characters: as long as any */

enum paint_colour { ASK, BID, UP, DOWN, ALARM, PRETEND, N_COLOURS };

/* Light and dark ground, western and Korean. */
static const char *const colours[2][2][N_COLOURS] = {
    { { "#c9212e", "#0a7d3b", "#0a7d3b", "#c9212e", "#b3001b", "#ffd23f" },
      { "#1857c4", "#c9212e", "#c9212e", "#1857c4", "#b3001b", "#ffd23f" } },
    { { "#ff7b7b", "#5ad18a", "#5ad18a", "#ff7b7b", "#a3122a", "#e0b830" },
      { "#7fb2ff", "#ff7b7b", "#ff7b7b", "#7fb2ff", "#a3122a", "#e0b830" } },
};

static GdkRGBA colour_of(const struct paint *p, enum paint_colour which, double alpha)
{
    GdkRGBA colour;

    (void)gdk_rgba_parse(&colour, colours[p->is_dark != 0][p->is_korean_style != 0][which]);
    colour.alpha = (float)alpha;
    return colour;
}

void paint_prepare(struct paint *p, GtkWidget *widget)
{
    PangoContext *context = gtk_widget_get_pango_context(widget);
    PangoFontDescription *font = pango_font_description_copy(pango_context_get_font_description(context));
    GdkRGBA text;
    int width, height, baseline;

    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &text);
    pango_font_description_set_family(font, "monospace");
    g_clear_object(&p->layout);
    p->layout = pango_layout_new(context);
    pango_layout_set_font_description(p->layout, font);
    pango_font_description_free(font);
    pango_layout_set_text(p->layout, "0호", -1); /* Hangul may be higher */
    pango_layout_get_pixel_size(p->layout, NULL, &height);
    baseline = PANGO_PIXELS(pango_layout_get_baseline(p->layout));
    pango_layout_set_text(p->layout, "0", -1);
    pango_layout_get_pixel_size(p->layout, &width, NULL);
    p->line = height + 3;
    p->baseline = baseline;
    p->digit = width;
    p->text = text;
    p->is_dark = 0.299 * text.red + 0.587 * text.green + 0.114 * text.blue > 0.5; /* light words: dark ground */
    p->look++;
}

void paint_done(struct paint *p)
{
    for (size_t i = 0; i < G_N_ELEMENTS(p->rows); i++)
        g_clear_pointer(&p->rows[i].node, gsk_render_node_unref);
    g_clear_object(&p->layout);
}

static int width_of(struct paint *p, const char *text)
{
    int width;

    pango_layout_set_text(p->layout, text, -1);
    pango_layout_set_width(p->layout, -1);
    pango_layout_get_pixel_size(p->layout, &width, NULL);
    return width;
}

/* `text` in a cell, cut with a sign where it is too long. All of a line stand on one baseline, whatever their fonts. */
static void cell(struct paint *p, GtkSnapshot *snapshot, double x, double y, double width, gboolean is_right,
                 const GdkRGBA *colour, const char *text)
{
    int down;

    if (width <= 0 || !text[0])
        return;
    pango_layout_set_text(p->layout, text, -1);
    pango_layout_set_width(p->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(p->layout, is_right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    down = p->baseline - PANGO_PIXELS(pango_layout_get_baseline(p->layout));
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)x, (float)(y + 1 + down)));
    gtk_snapshot_append_layout(snapshot, p->layout, colour);
    gtk_snapshot_restore(snapshot);
}

static void fill(GtkSnapshot *snapshot, double x, double y, double width, double height, GdkRGBA colour)
{
    if (width > 0 && height > 0)
        gtk_snapshot_append_color(snapshot, &colour,
                                  &GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

static void band(struct paint *p, GtkSnapshot *snapshot, double y, double width, enum paint_colour ground,
                 const char *text)
{
    GdkRGBA pen = { 1, 1, 1, 1 };

    if (ground == PRETEND)
        pen = (GdkRGBA){ 0.1f, 0.1f, 0.1f, 1 };
    fill(snapshot, 0, y, width, p->line, colour_of(p, ground, 1));
    cell(p, snapshot, MARGIN, y, width - 2 * MARGIN, FALSE, &pen, text);
}

/* The band over a book that is not live: all of its words, over the farthest row where they need a second line. That
 * row keeps its place, and so do the others. */
static void band_words(struct paint *p, GtkSnapshot *snapshot, double y, double width, const char *text)
{
    GdkRGBA pen = { 1, 1, 1, 1 };

    if (width_of(p, text) <= width - 2 * MARGIN) {
        band(p, snapshot, y, width, ALARM, text);
        return;
    }
    p->band_lines = 2;
    fill(snapshot, 0, y, width, 2 * p->line, colour_of(p, ALARM, 1));
    pango_layout_set_width(p->layout, (int)((width - 2 * MARGIN) * PANGO_SCALE));
    pango_layout_set_height(p->layout, -2); /* lines */
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(p->layout, PANGO_ALIGN_LEFT);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(MARGIN, (float)(y + 1)));
    gtk_snapshot_append_layout(snapshot, p->layout, &pen);
    gtk_snapshot_restore(snapshot);
    pango_layout_set_height(p->layout, -1);
}

void paint_words(struct paint *p, GtkSnapshot *snapshot, const char *title, const char *words, int width, int height)
{
    band(p, snapshot, 0, width, ALARM, title);
    pango_layout_set_text(p->layout, words, -1);
    pango_layout_set_width(p->layout, (width - 2 * MARGIN) * PANGO_SCALE);
    pango_layout_set_ellipsize(p->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_alignment(p->layout, PANGO_ALIGN_LEFT);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(MARGIN, (float)(p->line + MARGIN)));
    gtk_snapshot_append_layout(snapshot, p->layout, &p->text);
    gtk_snapshot_pop(snapshot);
    gtk_snapshot_restore(snapshot);
}

/* --- head --------------------------------------------------------------------------------------------------------- */

static gboolean is_exchange(const struct hoga_ladder_view *v)
{
    return strcmp(hoga_source_word(v->source), "exchange") == 0;
}

static void title_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, double width)
{
    char last[LINE_SIZE] = "", percent[NUMBER_TEXT_SIZE] = "", name[LINE_SIZE];
    const char *other = p->is_korean_words ? v->instrument.name_korean : v->instrument.name_english;
    const char *state = hoga_state_word(v->state);
    double x = width - MARGIN - (double)p->digit * (double)(strlen(state) + 1);
    GdkRGBA pen = p->text;

    cell(p, snapshot, x, 0, width - MARGIN - x, TRUE, &p->text, state);
    if (v->has_day && v->day.last.is_known) {
        number_price(v->day.last.mantissa, v->day.last.decimals, 0, 24, last);
        if (v->has_last_change)
            number_percent(v->last_change_ppm, true, percent);
        (void)g_strlcat(last, " ", sizeof last);
        (void)g_strlcat(last, percent, sizeof last);
        if (v->has_last_change && v->day.period == HOGA_PERIOD_24_HOURS)
            (void)g_strlcat(last, " 24h", sizeof last);
        if (v->has_last_change && v->last_change_ppm != 0)
            pen = colour_of(p, v->last_change_ppm > 0 ? UP : DOWN, 1);
        pen.alpha *= v->state == HOGA_LIVE ? 1 : (float)FAINT;
        x -= (double)p->digit * (double)(strlen(last) + 1);
        cell(p, snapshot, x, 0, (double)p->digit * (double)strlen(last), TRUE, &pen, last);
    }
    (void)g_snprintf(name, sizeof name, "%s%s%s", v->name, v->has_instrument && other[0] ? "  " : "",
                     v->has_instrument ? other : "");
    cell(p, snapshot, MARGIN, 0, x - 2 * MARGIN, FALSE, &p->text, name);
}

static void verdict_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, double width)
{
    const char *reason = hoga_reason_word(v->reason), *source = hoga_source_word(v->source);
    char line[LINE_SIZE];

    p->band_lines = 1;
    if (v->state != HOGA_LIVE) {
        (void)g_snprintf(line, sizeof line, "%s%s%s%s: %s%s%s", is_exchange(v) ? "" : "[", is_exchange(v) ? "" : source,
                         is_exchange(v) ? "" : "] ", _("NOT LIVE"), hoga_state_word(v->state), reason[0] ? ": " : "",
                         reason[0] ? _(hoga_reason_sentence(v->reason)) : "");
        band_words(p, snapshot, p->line, width, line);
    } else if (!is_exchange(v)) {
        (void)g_snprintf(line, sizeof line, _("source %s: these are not the market's numbers"), source);
        if (width_of(p, line) > width - 2 * MARGIN)
            (void)g_snprintf(line, sizeof line, _("%s: not the market"), source);
        band(p, snapshot, p->line, width, PRETEND, line);
    } else {
        (void)g_snprintf(line, sizeof line, "%s, %s%s%s%s", source, hoga_proof_word(v->book.proof),
                         v->step[0] ? _(", in steps of ") : "", v->step,
                         v->is_grouped_by_venue ? _(" by the venue") : "");
        cell(p, snapshot, MARGIN, p->line, width - 2 * MARGIN, FALSE, &p->text, line);
    }
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void columns_measure(struct paint *p, const struct hoga_ladder_view *v, double width, struct paint_columns *ret)
{
    char plain[HOGA_SUM_SIZE], text[TEXT_NUMBER_SIZE];
    size_t widest = PRICE_DIGITS, widest_amount = 0;
    gboolean has_change = FALSE;

    *ret = (struct paint_columns){ 0 };
    for (uint32_t i = 0; i < v->n_rows; i++) {
        if (v->rows[i].side == HOGA_LADDER_NONE)
            continue;
        has_change |= v->rows[i].has_change;
        (void)hoga_format(v->rows[i].price, v->price_decimals, plain);
        ret->price_decimals = MAX(ret->price_decimals, text_decimals(plain));
        if (hoga_format_wide(v->rows[i].amount, v->amount_decimals, plain) > 0)
            ret->amount_decimals = MAX(ret->amount_decimals, text_decimals(plain));
    }
    for (uint32_t i = 0; i < v->n_rows; i++) {
        (void)hoga_format(v->rows[i].price, v->price_decimals, plain);
        text_number(plain, ret->price_decimals, text);
        widest = MAX(widest, strlen(text));
        if (v->rows[i].side == HOGA_LADDER_NONE || hoga_format_wide(v->rows[i].amount, v->amount_decimals, plain) < 0)
            continue;
        text_number(plain, ret->amount_decimals, text);
        widest_amount = MAX(widest_amount, strlen(text));
    }
    ret->price = (double)p->digit * (double)(widest + 2);
    ret->percent = p->has_percent && has_change ? (double)p->digit * PERCENT_WIDE : 0;
    if (width - ret->price - ret->percent - 2.0 * p->digit - MARGIN < (double)p->digit * (double)widest_amount)
        ret->percent = 0; /* the amounts need its room */
    ret->amount = width - ret->price - ret->percent - 2.0 * p->digit;
}

static GdkRGBA price_colour(const struct paint *p, const struct hoga_ladder_row *r)
{
    if (p->is_korean_style && r->has_change && r->change_ppm != 0)
        return colour_of(p, r->change_ppm > 0 ? UP : DOWN, 1);
    return colour_of(p, r->side == HOGA_LADDER_ASK ? ASK : BID, 1);
}

static void row_cells(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v,
                      const struct hoga_ladder_row *r, const struct paint_columns *w, double y)
{
    char text[NUMBER_TEXT_SIZE], line[NUMBER_TEXT_SIZE + 2];
    GdkRGBA pen = price_colour(p, r);
    double x = w->price + w->percent;

    number_price(r->price, v->price_decimals, w->price_decimals, NUMBER_WIDE, text);
    (void)g_snprintf(line, sizeof line, "%s%s", r->is_last ? "*" : r->is_best ? ">" : "", text);
    cell(p, snapshot, 0, y, w->price, TRUE, &pen, line);
    if (w->percent > 0 && r->has_change) {
        number_percent(r->change_ppm, true, text);
        cell(p, snapshot, w->price, y, w->percent, TRUE, &pen, text);
    }
    if (r->flash > 0)
        cell(p, snapshot, x + p->digit * 0.5, y, p->digit * 1.2, FALSE, &p->text, r->flash_way > 0 ? "+" : "-");
    number_wide(r->amount, v->amount_decimals, w->amount_decimals, (int)((w->amount - MARGIN) / p->digit), text);
    cell(p, snapshot, x + 2.0 * p->digit, y, w->amount - MARGIN, TRUE, &p->text, text);
}

static void row_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v,
                     const struct hoga_ladder_row *r, const struct paint_columns *w, double y, double width)
{
    enum paint_colour side = r->side == HOGA_LADDER_ASK ? ASK : BID;
    double x = w->price + w->percent + 2.0 * p->digit;
    GdkRGBA flash = { 1, 0.85f, 0.2f, (float)(0.6 * r->flash / HOGA_LADDER_FLASH_MAX) };

    if (p->is_korean_style)
        fill(snapshot, 0, y, width, p->line, colour_of(p, side, 0.11));
    fill(snapshot, x, y + 1, (w->amount - MARGIN) * r->bar / HOGA_LADDER_BAR_MAX, p->line - 2,
         colour_of(p, side, 0.35));
    if (r->flash > 0)
        fill(snapshot, x - 1.7 * p->digit, y + 1, 1.5 * p->digit, p->line - 2, flash);
    if (r->is_chosen)
        fill(snapshot, 0, y, w->price, p->line, (GdkRGBA){ 0.2f, 0.5f, 1, 0.3f });
    row_cells(p, snapshot, v, r, w, y);
}

static struct paint_key key_of(const struct hoga_ladder_row *r)
{
    return (struct paint_key){ .price = r->price,
                               .change_ppm = r->has_change ? r->change_ppm : 0,
                               .amount = r->amount,
                               .bar = r->bar,
                               .side = r->side,
                               .is_best = r->is_best,
                               .is_last = r->is_last,
                               .is_chosen = r->is_chosen,
                               .has_change = r->has_change,
                               .flash = r->flash,
                               .flash_way = r->flash > 0 ? r->flash_way : 0 };
}

/* The node of the last time where nothing of it has changed: the renderer then touches no pixel of that row. */
static void row_append(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, uint32_t i,
                       const struct paint_columns *w, int y, double width)
{
    struct paint_key key = key_of(&v->rows[i]);
    struct paint_row *kept = &p->rows[i];
    GtkSnapshot *own;

    if (kept->node && kept->look == p->look && kept->y == y && kept->width == width &&
        memcmp(&kept->key, &key, sizeof key) == 0) {
        p->n_kept++;
    } else {
        g_clear_pointer(&kept->node, gsk_render_node_unref);
        own = gtk_snapshot_new();
        row_draw(p, own, v, &v->rows[i], w, y, width);
        kept->node = gtk_snapshot_free_to_node(own);
        kept->key = key;
        kept->y = y;
        kept->width = width;
        kept->look = p->look;
        p->n_drawn++;
    }
    if (kept->node)
        gtk_snapshot_append_node(snapshot, kept->node);
}

static void spread_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, int y, double width)
{
    char line[LINE_SIZE], number[NUMBER_TEXT_SIZE], percent[NUMBER_TEXT_SIZE], ticks[48] = "";
    GdkRGBA pen = p->text;

    pen.alpha = 0.7f;
    number_price(v->spread, v->book.price_decimals, 0, NUMBER_WIDE, number);
    number_share(v->spread_ppm, percent);
    if (v->has_spread_ticks)
        (void)g_snprintf(ticks, sizeof ticks, _(", ticks %lld"), (long long)v->spread_ticks);
    (void)g_snprintf(line, sizeof line, _("  %sspread %s, %s%s"),
                     v->spread_way < 0   ? _("spread above, c: centre  ")
                     : v->spread_way > 0 ? _("spread below, c: centre  ")
                                         : "",
                     number, percent, ticks);
    fill(snapshot, 0, y, width, 1, (GdkRGBA){ pen.red, pen.green, pen.blue, 0.4f });
    cell(p, snapshot, MARGIN, y, width - 2 * MARGIN, FALSE, &pen,
         v->has_spread ? line : _("no spread: a side is empty"));
}

/* --- foot --------------------------------------------------------------------------------------------------------- */

static void sums_set(const struct hoga_ladder_view *v, int each, char ret[LINE_SIZE])
{
    gboolean is_money = (v->column & HOGA_LADDER_MONEY) != 0;
    unsigned decimals = is_money ? v->money_decimals : v->size_decimals;
    char asks[NUMBER_TEXT_SIZE], bids[NUMBER_TEXT_SIZE];

    number_wide(is_money ? v->ask_money : v->ask_size, decimals, 0, each, asks);
    number_wide(is_money ? v->bid_money : v->bid_size, decimals, 0, each, bids);
    (void)g_snprintf(ret, LINE_SIZE, _("asks %s  bids %s"), asks, bids);
}

static void foot_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, int y, double width)
{
    char percent[NUMBER_TEXT_SIZE] = "", line[LINE_SIZE];
    char changed[TEXT_AGE_SIZE], heard[TEXT_AGE_SIZE], since[TEXT_TIME_SIZE], share[LINE_SIZE];
    int each = (int)(width / p->digit) / 2 - 7; /* digits beside the words */

    sums_set(v, NUMBER_WIDE, line);
    if (width_of(p, line) > width - 2 * MARGIN)
        sums_set(v, each, line);
    if (v->has_imbalance) {
        number_percent(v->imbalance_ppm, true, percent);
        (void)g_snprintf(share, sizeof share, _("  imbalance %s"), percent);
        if (width_of(p, line) + width_of(p, share) > width - 2 * MARGIN)
            (void)g_snprintf(share, sizeof share, "  %s", percent);
        if (width_of(p, line) + width_of(p, share) <= width - 2 * MARGIN)
            (void)g_strlcat(line, share, sizeof line);
    }
    cell(p, snapshot, MARGIN, y, width - 2 * MARGIN, FALSE, &p->text, line);
    if (v->is_frozen) {
        text_time_of_day(v->frozen_ns, false, since);
        (void)g_snprintf(line, sizeof line, _("FROZEN since %s, f: go on"), since);
        band(p, snapshot, y + p->line, width, ALARM, line);
        return;
    }
    text_age(v->book.changed_age_ns, changed);
    text_age(v->book.heard_age_ns, heard);
    (void)g_snprintf(line, sizeof line, _("changed %s, heard %s"), changed, heard);
    cell(p, snapshot, MARGIN, y + p->line, width - 2 * MARGIN, FALSE, &p->text, line);
}

/* What is the same for every row: when any of it moves, all rows are drawn anew. */
static void look_note(struct paint *p, const struct hoga_ladder_view *v, const struct paint_columns *w)
{
    if (p->columns.price == w->price && p->columns.percent == w->percent && p->columns.amount == w->amount &&
        p->columns.price_decimals == w->price_decimals && p->columns.amount_decimals == w->amount_decimals &&
        p->column == v->column)
        return;
    p->columns = *w;
    p->column = v->column;
    p->look++;
}

/* Newest first; + bought, - sold by the taker. */
static void trades_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder_view *v, double x,
                        double width, int height)
{
    char when[TEXT_TIME_SIZE], number[NUMBER_TEXT_SIZE], line[NUMBER_TEXT_SIZE + 2];
    unsigned decimals = 0;       /* of the column */
    int price = TRADE_PRICE_MIN; /* digits, with the taker's sign */

    for (uint32_t i = 0; i < v->n_trades; i++) {
        decimals = MAX(decimals, v->trades[i].size_decimals);
        number_price(v->trades[i].price, v->trades[i].price_decimals, 0, NUMBER_WIDE, number);
        price = MAX(price, (int)strlen(number) + 1);
    }
    cell(p, snapshot, x, 0, width, FALSE, &p->text, _("last trades"));
    if (v->n_trades == 0)
        cell(p, snapshot, x, p->line, width, FALSE, &p->text, _("none known"));
    for (uint32_t i = 0; i < v->n_trades && (int)(i + 2) * p->line <= height; i++) {
        const struct hoga_trade *t = &v->trades[i];
        gboolean is_buy = t->side == HOGA_SIDE_BUY;
        GdkRGBA pen = colour_of(p, is_buy ? UP : DOWN, 1);
        double y = (double)(i + 1) * p->line;

        text_time_of_day(t->venue_ns > 0 ? t->venue_ns : t->recv_ns, false, when);
        when[TIME_DIGITS] = '\0'; /* to the second */
        cell(p, snapshot, x, y, (TIME_DIGITS + 1.0) * p->digit, FALSE, &p->text, when);
        number_price(t->price, t->price_decimals, 0, NUMBER_WIDE, number);
        (void)g_snprintf(line, sizeof line, "%s%s", is_buy ? "+" : t->side == HOGA_SIDE_SELL ? "-" : "", number);
        cell(p, snapshot, x + (TIME_DIGITS + 1.0) * p->digit, y, (double)price * p->digit, TRUE, &pen, line);
        number_price(t->size, t->size_decimals, decimals, PAINT_TRADES_DIGITS - TIME_DIGITS - price - 3, number);
        cell(p, snapshot, x + (TIME_DIGITS + price + 1.5) * p->digit, y,
             width - (TIME_DIGITS + price + 1.5) * p->digit - MARGIN, TRUE, &pen, number);
    }
}

void paint_draw(struct paint *p, GtkSnapshot *snapshot, const struct hoga_ladder *l, int width, int height)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(l);
    uint32_t boundary = v->spread_way < 0 ? 0 : v->spread_way > 0 ? v->n_rows : v->boundary;
    int y = 2 * p->line, foot = height - 2 * p->line;
    struct paint_columns w;

    if (width >= PAINT_DIGITS_TRADES * p->digit) {
        double from = width - (double)PAINT_TRADES_DIGITS * p->digit;

        trades_draw(p, snapshot, v, from, width - from, height);
        width = (int)from - 2 * MARGIN;
    }
    title_draw(p, snapshot, v, width);
    columns_measure(p, v, width, &w);
    look_note(p, v, &w);
    if (v->state != HOGA_LIVE) /* old numbers shall not look like the market's */
        gtk_snapshot_push_opacity(snapshot, FAINT);
    for (uint32_t i = 0; i <= v->n_rows && y + p->line <= foot; i++) {
        if (i == boundary) {
            spread_draw(p, snapshot, v, y, width);
            y += p->line;
        }
        if (i < v->n_rows && y + p->line <= foot) {
            if (v->rows[i].side != HOGA_LADDER_NONE)
                row_append(p, snapshot, v, i, &w, y, width);
            y += p->line;
        }
    }
    if (v->state != HOGA_LIVE)
        gtk_snapshot_pop(snapshot);
    verdict_draw(p, snapshot, v, width);
    foot_draw(p, snapshot, v, foot, width);
}
