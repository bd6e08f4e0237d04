/* SPDX-License-Identifier: MIT
 * From top to bottom: title, verdict, asks, spread, bids, sums (or the order up to the chosen row), ages. */
#include "ladder_panel.h"

#include "client/cli/text.h"
#include "ladder_number.h"
#include "screen.h"

#include <libintl.h>
#include <stdio.h>
#include <string.h>

#define _(text) gettext(text)

#define LINE_SIZE         512
#define PANEL_COLUMNS_ALL 60 /* from here on the foot has room for everything */
#define TIME_COLUMNS      8  /* "22:45:13" */
#define PERCENT_COLUMNS   9  /* "+123.45 %" */
#define PRICE_MIN         9  /* so that a book does not sway from draw to draw */
#define AMOUNT_MIN        10 /* less, and the percent goes first */

struct columns {
    int price, percent, amount; /* widths; percent 0: not shown */
    unsigned price_decimals, amount_decimals;
};

static bool is_pretend(unsigned source)
{
    return strcmp(hoga_source_word(source), "exchange") != 0;
}

static bool has_pretend_band(const struct hoga_ladder_view *v)
{
    return v->is_found && is_pretend(v->source);
}

uint32_t panel_rows(const struct hoga_ladder_view *v, const struct panel_settings *settings,
                    const struct panel_place *place)
{
    int n = place->n_rows - PANEL_ROWS_AROUND - has_pretend_band(v);

    if (n < 2)
        n = 2;
    if (settings->n_levels > 0 && settings->n_levels * 2 < (uint32_t)n)
        n = (int)settings->n_levels * 2;
    return (uint32_t)n;
}

/* --- head --------------------------------------------------------------------------------------------------------- */

static enum screen_ink state_ink(const struct hoga_ladder_view *v)
{
    if (v->state == HOGA_LIVE)
        return INK_GOOD;
    return v->state == HOGA_SYNCING || v->state == HOGA_EMPTY ? INK_WAIT : INK_BAD;
}

static void title_draw(const struct hoga_ladder_view *v, bool is_korean, const struct panel_place *p)
{
    const char *state = v->is_found ? hoga_state_word(v->state) : "-";
    const char *other = is_korean ? v->instrument.name_korean : v->instrument.name_english;
    int width = screen_width(state);
    char line[LINE_SIZE];

    if (!v->has_instrument)
        other = "";
    (void)snprintf(line, sizeof line, "%s%s%s", v->name, other[0] ? "  " : "", other);
    screen_put(p->row, p->column, p->n_columns - width - 1, p->has_focus ? INK_HEAD : INK_BOLD, SIDE_LEFT, line);
    screen_put(p->row, p->column + p->n_columns - width - 1, width + 1, state_ink(v), SIDE_RIGHT, state);
}

/* Last price and change, at the right of a live book's second line. Returns: columns taken. */
static int last_draw(const struct hoga_ladder_view *v, const struct panel_place *p)
{
    char number[NUMBER_TEXT_SIZE], percent[NUMBER_TEXT_SIZE] = "", line[LINE_SIZE];
    enum screen_ink ink = INK_BOLD;
    int width;

    if (!v->has_day || !v->day.last.is_known)
        return 0;
    number_price(v->day.last.mantissa, v->day.last.decimals, 0, 24, number);
    if (v->has_last_change)
        number_percent(v->last_change_ppm, true, percent);
    if (v->has_last_change && v->last_change_ppm != 0)
        ink = v->last_change_ppm > 0 ? INK_UP : INK_DOWN;
    (void)snprintf(line, sizeof line, "%s %s%s", number, percent,
                   v->has_last_change && v->day.period == HOGA_PERIOD_24_HOURS ? " 24h" : "");
    width = screen_width(line);
    screen_put(p->row + 1, p->column + p->n_columns - width, width, ink, SIDE_LEFT, line);
    return width + 1;
}

/* What is wrong, in words and on a band; of a live book what it rests on. Returns: lines taken. */
static int verdict_draw(const struct hoga_ladder_view *v, const struct panel_place *p)
{
    const char *reason = hoga_reason_word(v->reason), *sentence = hoga_reason_sentence(v->reason);
    char line[LINE_SIZE];

    if (!v->is_found) {
        (void)snprintf(line, sizeof line, _("hogad does not carry it; `hoga subscribe %s` asks for it"), v->name);
        screen_put(p->row + 1, p->column, p->n_columns, INK_ALARM, SIDE_LEFT, line);
        return 1;
    }
    if (v->state != HOGA_LIVE) {
        (void)snprintf(line, sizeof line, "%s: %s%s%s", _("NOT LIVE"), hoga_state_word(v->state), reason[0] ? ": " : "",
                       reason[0] ? _(sentence) : "");
        if (reason[0] && screen_width(line) > p->n_columns) /* the title has the state as well */
            (void)snprintf(line, sizeof line, "%s: %s", _("NOT LIVE"), _(sentence));
        screen_put(p->row + 1, p->column, p->n_columns, INK_ALARM, SIDE_LEFT, line);
    } else {
        (void)snprintf(line, sizeof line, _("source %s, proof %s%s%s%s"), hoga_source_word(v->source),
                       hoga_proof_word(v->book.proof), v->step[0] ? _(", in steps of ") : "", v->step,
                       v->is_grouped_by_venue ? _(" by the venue") : "");
        screen_put(p->row + 1, p->column, p->n_columns - last_draw(v, p), INK_DIM, SIDE_LEFT, line);
    }
    if (!has_pretend_band(v))
        return 1;
    (void)snprintf(line, sizeof line, _("source %s: these are not the market's numbers"), hoga_source_word(v->source));
    if (screen_width(line) > p->n_columns)
        (void)snprintf(line, sizeof line, _("%s: not the market"), hoga_source_word(v->source));
    screen_put(p->row + 2, p->column, p->n_columns, INK_PRETEND, SIDE_LEFT, line);
    return 2;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static void amount_plain(const struct hoga_ladder_view *v, const struct hoga_ladder_row *r, char ret[HOGA_SUM_SIZE])
{
    if (hoga_format_wide(r->amount, v->amount_decimals, ret) < 0)
        ret[0] = '\0';
}

static void columns_measure(const struct hoga_ladder_view *v, const struct panel_settings *settings, int n_columns,
                            struct columns *ret)
{
    char plain[HOGA_SUM_SIZE], text[TEXT_NUMBER_SIZE];
    int marks = 3; /* change of size, last price, a gap */

    *ret = (struct columns){ .price = PRICE_MIN };
    for (uint32_t i = 0; i < v->n_rows; i++) {
        if (v->rows[i].side == HOGA_LADDER_NONE)
            continue;
        (void)hoga_format(v->rows[i].price, v->price_decimals, plain);
        ret->price_decimals = text_decimals(plain) > ret->price_decimals ? text_decimals(plain) : ret->price_decimals;
        amount_plain(v, &v->rows[i], plain);
        ret->amount_decimals =
            text_decimals(plain) > ret->amount_decimals ? text_decimals(plain) : ret->amount_decimals;
    }
    for (uint32_t i = 0; i < v->n_rows; i++) {
        if (v->rows[i].side == HOGA_LADDER_NONE)
            continue;
        (void)hoga_format(v->rows[i].price, v->price_decimals, plain);
        text_number(plain, ret->price_decimals, text);
        ret->price = (int)strlen(text) > ret->price ? (int)strlen(text) : ret->price;
    }
    if (ret->price > n_columns - marks - AMOUNT_MIN)
        ret->price = n_columns - marks - AMOUNT_MIN;
    if (settings->has_percent && v->has_day && ret->price + PERCENT_COLUMNS + AMOUNT_MIN + marks <= n_columns)
        ret->percent = PERCENT_COLUMNS;
    ret->amount = n_columns - marks - ret->price - ret->percent;
}

static enum screen_ink price_ink(const struct hoga_ladder_row *r)
{
    bool is_ask = r->side == HOGA_LADDER_ASK;

    if (r->is_chosen)
        return INK_PICK;
    if (!r->has_change || r->change_ppm == 0)
        return is_ask ? INK_ASK : INK_BID;
    if (r->change_ppm > 0)
        return is_ask ? INK_ASK_UP : INK_BID_UP;
    return is_ask ? INK_ASK_DOWN : INK_BID_DOWN;
}

/* The number at the right, the bar under it from the left: two pieces of one text. */
static void amount_draw(const struct hoga_ladder_view *v, const struct hoga_ladder_row *r, const struct columns *w,
                        int row, int column)
{
    char plain[HOGA_SUM_SIZE], number[NUMBER_TEXT_SIZE], line[LINE_SIZE];
    bool is_ask = r->side == HOGA_LADDER_ASK;
    int bar = (r->bar * w->amount + HOGA_LADDER_BAR_MAX / 2) / HOGA_LADDER_BAR_MAX;

    amount_plain(v, r, plain);
    number_fit(plain, w->amount_decimals, w->amount, number);
    (void)snprintf(line, sizeof line, "%*s", w->amount, number);
    screen_put(row, column + bar, w->amount - bar, is_ask ? INK_ASK : INK_BID, SIDE_LEFT, line + bar);
    line[bar] = '\0';
    screen_put(row, column, bar, is_ask ? INK_ASK_BAR : INK_BID_BAR, SIDE_LEFT, line);
}

static const char *flash_sign(const struct hoga_ladder_row *r)
{
    if (r->flash == 0)
        return "";
    return r->flash_way > 0 ? "+" : "-";
}

static void row_draw(const struct hoga_ladder_view *v, const struct hoga_ladder_row *r, const struct columns *w,
                     int row, int column)
{
    enum screen_ink ink = r->side == HOGA_LADDER_ASK ? INK_ASK : INK_BID;
    char text[NUMBER_TEXT_SIZE];

    if (r->side == HOGA_LADDER_NONE)
        return;
    screen_put(row, column++, 1, ink, SIDE_LEFT, r->is_best ? ">" : "");
    number_price(r->price, v->price_decimals, w->price_decimals, w->price, text);
    screen_put(row, column, w->price, price_ink(r), SIDE_RIGHT, text);
    column += w->price;
    screen_put(row, column++, 1, ink, SIDE_LEFT, r->is_last ? "*" : "");
    if (w->percent > 0) {
        text[0] = '\0';
        if (r->has_change)
            number_percent(r->change_ppm, true, text);
        screen_put(row, column, w->percent, price_ink(r), SIDE_RIGHT, text);
        column += w->percent;
    }
    screen_put(row, column++, 1, ink, SIDE_LEFT, flash_sign(r));
    amount_draw(v, r, w, row, column);
}

static void spread_draw(const struct hoga_ladder_view *v, const struct panel_place *p, int row)
{
    char line[LINE_SIZE], number[NUMBER_TEXT_SIZE], percent[NUMBER_TEXT_SIZE], ticks[48] = "";
    const char *where = v->spread_way < 0   ? _("spread above, c: centre  ")
                        : v->spread_way > 0 ? _("spread below, c: centre  ")
                                            : "";

    if (!v->has_spread) {
        (void)snprintf(line, sizeof line, "  %s%s", where, v->is_found ? _("no spread: a side is empty") : "");
    } else {
        number_price(v->spread, v->book.price_decimals, 0, 24, number);
        number_share(v->spread_ppm, percent);
        if (v->has_spread_ticks)
            (void)snprintf(ticks, sizeof ticks, _(", ticks %lld"), (long long)v->spread_ticks);
        (void)snprintf(line, sizeof line, _("  %sspread %s, %s%s"), where, number, percent, ticks);
    }
    screen_put(row, p->column, p->n_columns, INK_DIM, SIDE_LEFT, line);
}

static const char *column_word(unsigned column)
{
    if (column & HOGA_LADDER_TOTAL)
        return column & HOGA_LADDER_MONEY ? _("money, summed up") : _("size, summed up");
    return column & HOGA_LADDER_MONEY ? _("money") : _("size");
}

/* --- foot --------------------------------------------------------------------------------------------------------- */

static void sums_draw(const struct hoga_ladder_view *v, const struct panel_place *p, int row)
{
    bool is_money = v->column & HOGA_LADDER_MONEY;
    char asks[NUMBER_TEXT_SIZE], bids[NUMBER_TEXT_SIZE], percent[NUMBER_TEXT_SIZE] = "-", line[LINE_SIZE];
    unsigned decimals = is_money ? v->money_decimals : v->size_decimals;

    number_wide(is_money ? v->ask_money : v->ask_size, decimals, 0, p->n_columns / 2 - 6, asks);
    number_wide(is_money ? v->bid_money : v->bid_size, decimals, 0, p->n_columns / 2 - 6, bids);
    if (v->has_imbalance)
        number_percent(v->imbalance_ppm, true, percent);
    (void)snprintf(line, sizeof line, _("asks %s  bids %s"), asks, bids);
    if (p->n_columns >= PANEL_COLUMNS_ALL)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), _("  imbalance %s"), percent);
    screen_put(row, p->column, p->n_columns, INK_PLAIN, SIDE_LEFT, line);
}

static void ages_draw(const struct hoga_ladder_view *v, const struct panel_settings *settings,
                      const struct panel_place *p, int row)
{
    char changed[TEXT_AGE_SIZE], heard[TEXT_AGE_SIZE], since[TEXT_TIME_SIZE], line[LINE_SIZE];

    text_age(v->book.changed_age_ns, changed);
    text_age(v->book.heard_age_ns, heard);
    if (v->is_frozen) {
        text_time_of_day(v->frozen_ns, settings->is_utc, since);
        (void)snprintf(line, sizeof line, _("FROZEN since %s, f: go on"), since);
    } else {
        (void)snprintf(line, sizeof line, _("changed %s, heard %s"), changed, heard);
        if (p->n_columns >= PANEL_COLUMNS_ALL)
            (void)snprintf(line + strlen(line), sizeof line - strlen(line), "  [%s]", column_word(v->column));
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), "  %s", _("h: help"));
    }
    screen_put(row, p->column, p->n_columns, v->is_frozen ? INK_ALARM : INK_DIM, SIDE_LEFT, line);
}

/* What taking everything up to the chosen row would cost. Returns: 1 drawn, 0 none is chosen. */
static int order_draw(const struct hoga_ladder *l, const struct panel_settings *settings, const struct panel_place *p,
                      int row)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(l);
    char size[NUMBER_TEXT_SIZE], average[NUMBER_TEXT_SIZE], sum[NUMBER_TEXT_SIZE], impact[NUMBER_TEXT_SIZE];
    unsigned money_decimals = v->book.price_decimals + (unsigned)v->book.size_decimals;
    struct hoga_ladder_order o;
    char line[LINE_SIZE];
    uint32_t i = 0;

    while (i < v->n_rows && !v->rows[i].is_chosen)
        i++;
    if (i == v->n_rows || hoga_ladder_order_to(l, (int)i, settings->has_fee ? settings->fee_e8 : 0, &o) < 0)
        return 0;
    number_price(o.filled, v->book.size_decimals, 0, 24, size);
    number_price(o.average, o.average_decimals, 0, 20, average);
    number_share(o.impact_ppm, impact);
    (void)snprintf(line, sizeof line,
                   o.is_buy ? _("buy %s at %s on average, %s off") : _("sell %s at %s on average, %s off"), size,
                   average, impact);
    if (screen_width(line) > p->n_columns)
        (void)snprintf(line, sizeof line, o.is_buy ? _("buy %s at %s, %s off") : _("sell %s at %s, %s off"), size,
                       average, impact);
    screen_put(row, p->column, p->n_columns, INK_PICK, SIDE_LEFT, line);
    number_wide(o.sum, money_decimals, 0, 26, sum);
    (void)snprintf(line, sizeof line, "%s %s%s%s%s", o.is_buy ? _("pays") : _("brings"), sum,
                   v->has_instrument && v->instrument.quote[0] ? " " : "", v->has_instrument ? v->instrument.quote : "",
                   settings->has_fee ? _(", fee included") : _(", without fee"));
    if (o.is_below_minimum)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), "  %s", _("below the venue's minimum"));
    if (!v->is_frozen) /* else that is said there */
        screen_put(row + 1, p->column, p->n_columns, INK_PICK, SIDE_LEFT, line);
    return 1;
}

void panel_trades_draw(const struct hoga_ladder *l, const struct panel_settings *settings, const struct panel_place *p)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(l);
    char when[TEXT_TIME_SIZE], price[NUMBER_TEXT_SIZE], size[NUMBER_TEXT_SIZE], line[LINE_SIZE];
    unsigned decimals = 0; /* of the column */

    for (uint32_t i = 0; i < v->n_trades; i++)
        decimals = v->trades[i].size_decimals > decimals ? v->trades[i].size_decimals : decimals;

    screen_put(p->row, p->column, p->n_columns, INK_BOLD, SIDE_LEFT, _("last trades"));
    if (v->n_trades == 0)
        screen_put(p->row + 1, p->column, p->n_columns, INK_DIM, SIDE_LEFT, _("none known"));
    for (uint32_t i = 0; i < v->n_trades && (int)i + 1 < p->n_rows; i++) {
        const struct hoga_trade *t = &v->trades[i];
        bool is_buy = t->side == HOGA_SIDE_BUY;

        text_time_of_day(t->venue_ns > 0 ? t->venue_ns : t->recv_ns, settings->is_utc, when);
        when[TIME_COLUMNS] = '\0'; /* to the second */
        number_price(t->price, t->price_decimals, 0, 12, price);
        number_price(t->size, t->size_decimals, decimals, p->n_columns - TIME_COLUMNS - 16, size);
        (void)snprintf(line, sizeof line, "%s %s%12s %*s", when,
                       is_buy                      ? "+"
                       : t->side == HOGA_SIDE_SELL ? "-"
                                                   : " ",
                       price, p->n_columns - TIME_COLUMNS - 16, size);
        screen_put(p->row + 1 + (int)i, p->column, p->n_columns, is_buy ? INK_UP : INK_DOWN, SIDE_LEFT, line);
    }
}

void panel_draw(const struct hoga_ladder *l, const struct panel_settings *settings, const struct panel_place *place)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(l);
    int row = place->row + 1, foot = place->row + place->n_rows - 2;
    uint32_t boundary = v->spread_way < 0 ? 0 : v->spread_way > 0 ? v->n_rows : v->boundary;
    struct columns w;

    title_draw(v, settings->is_korean, place);
    row += verdict_draw(v, place);
    columns_measure(v, settings, place->n_columns, &w);
    screen_faint(v->state != HOGA_LIVE);
    for (uint32_t i = 0; i <= v->n_rows && row < foot; i++) {
        if (i == boundary)
            spread_draw(v, place, row++);
        if (i < v->n_rows && row < foot)
            row_draw(v, &v->rows[i], &w, row++, place->column);
    }
    screen_faint(false);
    if (!order_draw(l, settings, place, foot))
        sums_draw(v, place, foot);
    else if (!v->is_frozen)
        return;
    ages_draw(v, settings, place, foot + 1);
}
