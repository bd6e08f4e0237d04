/* SPDX-License-Identifier: MIT */
#include "top.h"

#include <stdio.h>
#include <string.h>

#define NAME_WIDTH_MIN     14
#define GAP                1
#define GROWTH             8  /* columns that a long value may add to its column */
#define SENTENCE_WIDTH_MIN 6  /* with less room a column of sentences is left out */
#define PANES_ROWS_MIN     14 /* with fewer rows below the head one pane is shown alone */
#define SHARE_DIVISOR      5  /* what a pane that is not looked at gets at most */
#define SHARE_ROWS_MIN     3

/* Columns are given room in the order of `rank` until the terminal is full; the first takes what is left. */
struct column {
    const char *head;
    uint8_t width;
    uint8_t rank;
    enum screen_side side;
};

struct pane {
    const char *title;
    size_t n_columns;
    bool is_last_cut; /* its last column holds sentences or names, which may be cut and go to the edge */
    struct column columns[TOP_COLUMNS_MAX];
};

static const struct pane panes[TOP_PANES] = {
    [TOP_BOOKS] = { N_("Books"),
                    9,
                    true,
                    { { N_("NAME"), NAME_WIDTH_MIN, 0, SIDE_LEFT },
                      { N_("STATE"), 8, 1, SIDE_LEFT },
                      { N_("REASON"), 17, 6, SIDE_LEFT },
                      { N_("BID"), 14, 4, SIDE_RIGHT },
                      { N_("ASK"), 14, 5, SIDE_RIGHT },
                      { N_("UPD/S"), 7, 2, SIDE_RIGHT },
                      { N_("CHANGED"), 8, 3, SIDE_RIGHT },
                      { N_("HEARD"), 8, 7, SIDE_RIGHT },
                      { N_("KOREAN"), 20, 8, SIDE_LEFT } } },
    [TOP_CONNECTIONS] = { N_("Connections"),
                          9,
                          false,
                          { { N_("VENUE"), NAME_WIDTH_MIN, 0, SIDE_LEFT },
                            { N_("STATE"), 8, 1, SIDE_LEFT },
                            { N_("REASON"), 17, 6, SIDE_LEFT },
                            { N_("BOOKS"), 6, 3, SIDE_RIGHT },
                            { N_("HEARD"), 8, 2, SIDE_RIGHT },
                            { N_("ROUND TRIP"), 10, 4, SIDE_RIGHT },
                            { N_("RECONNECTS"), 10, 5, SIDE_RIGHT },
                            { N_("SOURCE"), 9, 7, SIDE_LEFT },
                            { N_("SINCE"), 19, 8, SIDE_LEFT } } },
    [TOP_LATENCIES] = { N_("Latencies"),
                        7,
                        false,
                        { { N_("VENUE"), NAME_WIDTH_MIN, 0, SIDE_LEFT },
                          { N_("LATENCY"), 15, 1, SIDE_LEFT },
                          { "p50", 8, 5, SIDE_RIGHT },
                          { "p90", 8, 4, SIDE_RIGHT },
                          { "p99", 8, 2, SIDE_RIGHT },
                          { N_("MAX"), 8, 3, SIDE_RIGHT },
                          { N_("COUNT"), 13, 6, SIDE_RIGHT } } },
    [TOP_COUNTERS] = { N_("Counters"),
                       3,
                       true,
                       { { N_("COUNTER"), 18, 0, SIDE_LEFT },
                         { N_("VALUE"), 17, 1, SIDE_RIGHT },
                         { N_("MEANING"), 60, 2, SIDE_LEFT } } },
};

/* --- panes ---------------------------------------------------------------------------------------------------------
 */

/* What each column needs, never less than its own width, so that a screen does not sway from drawing to drawing. */
static void widths_measure(const struct top *t, enum top_pane which, int widths[TOP_COLUMNS_MAX])
{
    const struct pane *pane = &panes[which];
    char text[TOP_CELL_SIZE];

    for (size_t column = 0; column < pane->n_columns; column++) {
        bool is_empty = true;

        widths[column] = pane->columns[column].width;
        for (size_t i = 0; i < t->lists[which].n; i++) {
            int width;

            (void)top_cell(t, which, t->lists[which].rows[i], column, text);
            width = screen_width(text);
            is_empty = is_empty && width == 0;
            if (width > widths[column] && width <= 2 * pane->columns[column].width + GROWTH)
                widths[column] = width;
        }
        if (is_empty && pane->is_last_cut && column + 1 == pane->n_columns)
            widths[column] = 0;
    }
}

/* 0: this column is not shown. */
static void widths_choose(const struct top *t, enum top_pane which, int widths[TOP_COLUMNS_MAX])
{
    const struct pane *pane = &panes[which];
    int left = screen_columns(), needs[TOP_COLUMNS_MAX] = { 0 }, longest;
    size_t last = pane->n_columns - 1;

    widths_measure(t, which, needs);
    longest = needs[0] > left / 2 ? needs[0] - left / 2 : 0; /* names come before numbers, in half of the screen */
    needs[0] -= longest;
    memset(widths, 0, TOP_COLUMNS_MAX * sizeof widths[0]);
    for (uint8_t rank = 0; rank < pane->n_columns; rank++) {
        for (size_t i = 0; i < pane->n_columns; i++) {
            int width = needs[i] + (rank ? GAP : 0);

            if (pane->columns[i].rank != rank)
                continue;
            if (width > left && i == last && pane->is_last_cut)
                width = left;
            if (width > left || width < SENTENCE_WIDTH_MIN)
                continue;
            widths[i] = width - (rank ? GAP : 0);
            left -= width;
        }
    }
    longest = longest < left ? longest : left;
    widths[0] += longest;
    left -= longest;
    if (left > 0 && widths[last] && pane->is_last_cut)
        widths[last] += left;
}

static void draw_head(const struct top *t, enum top_pane which, int row, const int widths[TOP_COLUMNS_MAX])
{
    const struct pane *pane = &panes[which];
    bool is_active = t->active == which;
    enum screen_ink ink = is_active ? INK_HEAD : INK_BOLD;

    screen_band(row, ink, "");
    for (size_t i = 0, column = 0; i < pane->n_columns; i++) {
        if (!widths[i])
            continue;
        screen_put(row, (int)column, widths[i], ink, pane->columns[i].side,
                   which == TOP_COUNTERS && i == 1 && !t->is_raw ? _("PER SECOND") : _(pane->columns[i].head));
        column += (size_t)widths[i] + GAP;
    }
}

static void draw_row(const struct top *t, enum top_pane which, size_t place, int row, const int widths[TOP_COLUMNS_MAX])
{
    const struct pane *pane = &panes[which];
    bool is_picked = t->active == which && t->lists[which].picked == place;

    if (is_picked)
        screen_band(row, INK_PICK, "");
    for (size_t i = 0, column = 0; i < pane->n_columns; i++) {
        char text[TOP_CELL_SIZE];
        enum screen_ink ink;

        if (!widths[i])
            continue;
        ink = top_cell(t, which, t->lists[which].rows[place], i, text);
        screen_put(row, (int)column, widths[i], is_picked ? INK_PICK : ink, pane->columns[i].side, text);
        column += (size_t)widths[i] + GAP;
    }
}

/* From `row` on, `height` rows, the head among them. */
static void draw_pane(struct top *t, enum top_pane which, int row, int height)
{
    struct top_list *list = &t->lists[which];
    int widths[TOP_COLUMNS_MAX];

    list->height = height - 1;
    if (list->height < 1)
        return;
    if (list->picked < list->first)
        list->first = list->picked;
    if (list->picked >= list->first + (size_t)list->height)
        list->first = list->picked - (size_t)list->height + 1;
    if (list->first + (size_t)list->height > list->n)
        list->first = list->n > (size_t)list->height ? list->n - (size_t)list->height : 0;
    widths_choose(t, which, widths);
    draw_head(t, which, row, widths);
    for (size_t i = 0; i < (size_t)list->height && list->first + i < list->n; i++)
        draw_row(t, which, list->first + i, row + 1 + (int)i, widths);
}

/* The pane that is looked at gets what the others leave; on a small terminal it is alone. */
static void draw_panes(struct top *t, int row, int n_rows)
{
    int heights[TOP_PANES] = { 0 }, left = n_rows, share = n_rows / SHARE_DIVISOR;

    share = share < SHARE_ROWS_MIN ? SHARE_ROWS_MIN : share;
    for (int pane = 0; n_rows >= PANES_ROWS_MIN && pane < TOP_PANES; pane++) {
        int need = (int)(t->lists[pane].n < (size_t)n_rows ? t->lists[pane].n : (size_t)n_rows) + 1;

        if (pane == (int)t->active)
            continue;
        heights[pane] = need < share ? need : share;
        left -= heights[pane];
    }
    heights[t->active] = left;
    for (int pane = 0; pane < TOP_PANES; pane++) {
        draw_pane(t, (enum top_pane)pane, row, heights[pane]);
        row += heights[pane];
    }
}

/* --- head and foot -------------------------------------------------------------------------------------------------
 */

static void append(char *io, size_t size, const char *text)
{
    size_t used = strlen(io);

    (void)snprintf(io + used, size - used, "%s", text);
}

static void silence_text(const struct hoga_daemon *daemon, char *ret, size_t size)
{
    char age[TEXT_AGE_SIZE];

    text_age(daemon->heartbeat_age_ns, age);
    if (daemon->heartbeat_age_ns < 0)
        (void)snprintf(ret, size, "%s", _("hogad has not begun to publish; values are frozen"));
    else if (daemon->is_stopped)
        (void)snprintf(ret, size, _("hogad was stopped %s ago; values are frozen"), age);
    else
        (void)snprintf(ret, size, _("hogad is silent since %s; values are frozen"), age);
}

/* Returns the rows it took. */
static int draw_top(const struct top *t)
{
    const struct hoga_daemon *daemon = &t->data.daemon;
    char text[TOP_CELL_SIZE], when[TEXT_TIME_SIZE], beat[TEXT_AGE_SIZE];
    int row = 0;

    text_time_of_day(text_now_wall_ns(), t->options->is_utc, when);
    text_age(daemon->heartbeat_age_ns, beat);
    (void)snprintf(text, sizeof text, _("hoga top  %llu of %zu live  heartbeat %s  epoch %llu  hogad %s"),
                   (unsigned long long)t->data.n_live, t->data.n_books, beat, (unsigned long long)daemon->epoch,
                   daemon->version);
    screen_band(row, INK_HEAD, text);
    if (screen_width(text) + (int)strlen(when) + 2 <= screen_columns())
        screen_put(row, screen_columns() - (int)strlen(when), (int)strlen(when), INK_HEAD, SIDE_RIGHT, when);
    row++;
    if (!daemon->is_alive) {
        silence_text(daemon, text, sizeof text);
        screen_band(row++, INK_ALARM, text);
    }
    if (top_is_pretend(daemon->source)) {
        (void)snprintf(text, sizeof text, _("source %s: these are not the market's numbers"),
                       hoga_source_word(daemon->source));
        screen_band(row++, INK_PRETEND, text);
    }
    return row;
}

static const char *reason_sentence(unsigned reason)
{
    const char *sentence = hoga_reason_sentence(reason);

    return sentence[0] ? _(sentence) : "";
}

/* What the picked row has no column for. */
static void picked_text(const struct top *t, char ret[TOP_CELL_SIZE])
{
    const struct top_list *list = &t->lists[t->active];
    const struct hoga_connection *connection;
    const struct top_book *row;
    char heard[TEXT_AGE_SIZE];

    ret[0] = '\0';
    if (list->n == 0) {
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", t->filter[0] ? _("nothing matches the filter") : _("nothing here"));
        return;
    }
    if (t->active == TOP_BOOKS) {
        row = &t->data.books[list->rows[list->picked]];
        text_age(row->book.heard_age_ns, heard);
        (void)snprintf(ret, TOP_CELL_SIZE, "%s %s%s%s%s%s", row->info.name, row->korean, row->korean[0] ? " " : "",
                       hoga_state_word(row->book.state), row->book.reason ? ": " : "",
                       reason_sentence(row->book.reason));
    } else if (t->active == TOP_CONNECTIONS) {
        connection = &t->data.connections[list->rows[list->picked]];
        (void)snprintf(ret, TOP_CELL_SIZE, "%s: %s%s%s", connection->venue, hoga_state_word(connection->state),
                       connection->reason ? ": " : "", reason_sentence(connection->reason));
    } else if (t->active == TOP_COUNTERS) {
        (void)top_cell(t, TOP_COUNTERS, list->rows[list->picked], 2, ret);
    }
}

static void draw_foot(const struct top *t)
{
    char text[TOP_CELL_SIZE], more[TOP_CELL_SIZE], interval[TEXT_AGE_SIZE];

    picked_text(t, text);
    screen_band(screen_rows() - 2, INK_DIM, text);
    if (t->is_asking) {
        (void)snprintf(text, sizeof text, "/%s_", t->typed);
        screen_band(screen_rows() - 1, INK_BOLD, text);
        return;
    }
    text_age(t->interval_ns, interval);
    (void)snprintf(text, sizeof text, "%s  %s", _(panes[t->active].title), _("q leave  h help  Tab pane"));
    (void)snprintf(more, sizeof more, _("  sort %s  every %s"), top_sort_word(t->sort), interval);
    append(text, sizeof text, more);
    if (t->filter[0]) {
        append(text, sizeof text, "  /");
        append(text, sizeof text, t->filter);
    }
    screen_band(screen_rows() - 1, INK_HEAD, text);
}

static void draw_help(void)
{
    int row = 0;

    if ((int)top_n_keys + 2 <= screen_rows())
        screen_band(row++, INK_HEAD, _("hoga top: keys"));
    for (size_t i = 0; i < top_n_keys && row + 1 < screen_rows(); i++, row++) {
        screen_put(row, 0, 10, INK_BOLD, SIDE_LEFT, top_keys[i].name);
        screen_put(row, 11, screen_columns() - 11, INK_PLAIN, SIDE_LEFT, _(top_keys[i].help));
    }
    screen_band(screen_rows() - 1, INK_HEAD, _("any key goes back"));
}

void top_draw(struct top *t)
{
    int row;

    screen_erase();
    if (screen_rows() < SCREEN_ROWS_MIN || screen_columns() < SCREEN_COLUMNS_MIN) {
        screen_band(0, INK_ALARM, _("too small: 40x12 at least"));
        screen_show();
        return;
    }
    if (t->has_help) {
        draw_help();
    } else {
        row = draw_top(t);
        draw_panes(t, row, screen_rows() - row - 2);
        draw_foot(t);
    }
    screen_show();
}
