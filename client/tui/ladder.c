/* SPDX-License-Identifier: MIT
 * hoga ladder: order books on the whole screen, side by side as far as there is room. The numbers come from libhoga's
 * ladder, the terminal from screen.c; here are keys and the order of things. */
#include "ladder_panel.h"
#include "ladder_prompt.h"
#include "screen.h"
#include "tui.h"

#include <errno.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _(text)  gettext(text)
#define N_(text) text

#define DRAW_NS  INT64_C(40000000)  /* at most 25 times a second */
#define AGES_NS  INT64_C(250000000) /* ages, and a daemon that fell silent, show without a key */
#define FLASH_NS INT64_C(80000000)
#define NO_ROW   (-1)

static const struct screen_key_help keys[] = {
    { "Up, Down", N_("choose a price: what an order up to it would cost") },
    { "Esc", N_("choose none") },
    { "PgUp, PgDn", N_("move the rows; they stay until c") },
    { "c", N_("the spread into the middle") },
    { "f", N_("freeze the rows, and go on") },
    { "+, -", N_("more or fewer levels; 0: as many as fit") },
    { "g, G", N_("group by a coarser or finer step") },
    { "t", N_("sum the amounts up from the best price") },
    { "m", N_("money in place of size") },
    { "p", N_("change against the previous close, in percent") },
    { "k", N_("Korean or western colours") },
    { "Tab", N_("the next book") },
    { "/", N_("another book, by name") },
    { "h", N_("these keys") },
    { "q", N_("leave") },
};

struct seen { /* numbers of what is published of a book */
    uint64_t book, shown, trade;
};

struct ladder {
    const struct tui_options *options;
    struct panel_settings settings;
    struct hoga_ladder *books[TUI_BOOKS_MAX];
    struct seen seen[TUI_BOOKS_MAX];
    int n_books, focus, first; /* first: leftmost on the screen */
    int chosen;                /* row of the focused book, NO_ROW none */
    unsigned column;
    enum screen_style style;
    bool is_help;
    struct prompt prompt;
    struct prompt_lease lease;
    uint64_t n_drawn;
};

static bool is_language_korean(void)
{
    const char *language = getenv("LANGUAGE");

    if (!language || !language[0])
        language = setlocale(LC_MESSAGES, NULL);
    return language && strncmp(language, "ko", 2) == 0;
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* Books that have room side by side. */
static int n_shown(const struct ladder *l)
{
    int n = screen_columns() / PANEL_COLUMNS_MIN;

    n = n < 1 ? 1 : n;
    return n < l->n_books ? n : l->n_books;
}

/* The focused book is on the screen, and the screen is full, whatever size it has now. */
static void first_keep(struct ladder *l)
{
    int n = n_shown(l);

    if (l->focus < l->first)
        l->first = l->focus;
    if (l->focus >= l->first + n)
        l->first = l->focus - n + 1;
    if (l->first + n > l->n_books)
        l->first = l->n_books - n;
}

static bool has_trades(const struct ladder *l)
{
    return l->n_books == 1 && screen_columns() >= PANEL_TRADES_FROM;
}

static struct panel_place place_of(const struct ladder *l, int i)
{
    int n = n_shown(l), width = (screen_columns() - (n - 1)) / n;

    if (has_trades(l))
        width = screen_columns() - PANEL_TRADES - 1;

    return (struct panel_place){ .row = 0,
                                 .column = i * (width + 1),
                                 .n_rows = screen_rows() - (l->prompt.is_open || l->prompt.message[0] ? 1 : 0),
                                 .n_columns = width,
                                 .has_focus = n > 1 && l->first + i == l->focus };
}

static void help_draw(void)
{
    int n = (int)(sizeof keys / sizeof keys[0]);

    screen_band(0, INK_HEAD, _("hoga ladder: keys"));
    for (int i = 0; i < n && i + 1 < screen_rows(); i++) {
        screen_put(i + 1, 1, 11, INK_BOLD, SIDE_LEFT, keys[i].name);
        screen_put(i + 1, 13, screen_columns() - 13, INK_PLAIN, SIDE_LEFT, _(keys[i].help));
    }
    if (n + 2 < screen_rows())
        screen_band(n + 2, INK_DIM, _("+ - beside an amount: it grew, it shrank. > best price, * last price."));
}

static void draw(struct ladder *l)
{
    screen_erase();
    if (l->is_help) {
        help_draw();
    } else {
        for (int i = 0; i < n_shown(l); i++) {
            struct panel_place place = place_of(l, i);

            panel_draw(l->books[l->first + i], &l->settings, &place);
            if (has_trades(l)) {
                place.column = place.n_columns + 1;
                place.n_columns = PANEL_TRADES;
                panel_trades_draw(l->books[0], &l->settings, &place);
            }
        }
        prompt_draw(&l->prompt, l->options->h);
    }
    screen_show();
    l->n_drawn++;
}

static void seen_take(const struct ladder *l, int book, struct seen *ret)
{
    const struct hoga_ladder_view *v = hoga_ladder_view(l->books[book]);

    *ret = (struct seen){ 0 };
    if (!v->is_found)
        return;
    ret->book = hoga_update(l->options->h, v->book.id);
    ret->shown = hoga_update(l->options->h, v->shown.id);
    ret->trade = hoga_trades_newest(l->options->h, v->book.id);
}

/* The venue's own grouped book would show more: ask for it, once. Without it our own grouping is shown. */
static void wanted_ask(struct ladder *l, const char *name)
{
    struct hoga_problem problem;

    if (name[0] && strcmp(name, l->lease.asked) != 0)
        (void)prompt_lease_take(&l->lease, l->options->h, name, &problem);
}

/* Returns: true, one of the books on the screen is to be drawn anew. */
static bool update(struct ladder *l)
{
    int64_t now_boot_ns = screen_now_boot_ns();
    bool is_changed = false;

    first_keep(l);
    for (int i = 0; i < n_shown(l); i++) {
        struct panel_place place = place_of(l, i);
        struct hoga_ladder *book = l->books[l->first + i];

        hoga_ladder_rows_set(book, panel_rows(hoga_ladder_view(book), &l->settings, &place));
        seen_take(l, l->first + i, &l->seen[l->first + i]); /* first: what comes meanwhile is read next time */
        is_changed |= hoga_ladder_update(book, now_boot_ns) > 0;
        wanted_ask(l, hoga_ladder_view(book)->wanted);
    }
    return is_changed;
}

static bool has_flash(const struct ladder *l)
{
    for (int i = 0; i < n_shown(l); i++) {
        const struct hoga_ladder_view *v = hoga_ladder_view(l->books[l->first + i]);

        for (uint32_t row = 0; row < v->n_rows; row++)
            if (v->rows[row].flash > 0)
                return true;
    }
    return false;
}

/* Asked many times a second: a few loads a book. Compared with what there was when the books were last read, lest
 * something that cannot be read be looked at for ever. */
static bool is_published(void *context)
{
    const struct ladder *l = context;

    for (int i = 0; i < n_shown(l); i++) {
        const struct seen *seen = &l->seen[l->first + i];
        struct seen now;

        seen_take(l, l->first + i, &now);
        if (!hoga_ladder_view(l->books[l->first + i])->is_frozen &&
            (now.book != seen->book || now.shown != seen->shown || now.trade != seen->trade))
            return true;
    }
    return false;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void focus_move(struct ladder *l, int by)
{
    l->focus = (l->focus + by + l->n_books) % l->n_books;
    first_keep(l);
    l->chosen = NO_ROW;
    for (int i = 0; i < l->n_books; i++)
        hoga_ladder_choose(l->books[i], NO_ROW);
}

/* Up and down from the chosen price, or from the best of the side that the key points to. */
static void choose(struct ladder *l, int by)
{
    struct hoga_ladder *book = l->books[l->focus];
    const struct hoga_ladder_view *v = hoga_ladder_view(book);
    int row = NO_ROW;

    for (uint32_t i = 0; i < v->n_rows && l->chosen != NO_ROW; i++)
        if (v->rows[i].is_chosen)
            row = (int)i + by;
    if (row == NO_ROW || l->chosen == NO_ROW)
        row = by < 0 ? (int)v->boundary - 1 : (int)v->boundary;
    if (row < 0 || row >= (int)v->n_rows || v->rows[row].side == HOGA_LADDER_NONE)
        return;
    l->chosen = row;
    hoga_ladder_choose(book, row);
}

static void levels_change(struct ladder *l, int by)
{
    uint32_t n = l->settings.n_levels ? l->settings.n_levels : hoga_ladder_view(l->books[l->focus])->n_rows / 2;

    if (by < 0 && n <= 1)
        return;
    l->settings.n_levels = by < 0 ? n - 1 : n + 1;
}

static void column_set(struct ladder *l, unsigned flip)
{
    l->column ^= flip;
    for (int i = 0; i < l->n_books; i++)
        hoga_ladder_column_set(l->books[i], l->column);
}

/* Returns: false, leave. */
static bool key_letter(struct ladder *l, int key)
{
    struct hoga_ladder *book = l->books[l->focus];

    switch (key) {
    case 'q':
        return false;
    case 'h':
    case '?':
        l->is_help = !l->is_help;
        break;
    case 'c':
        hoga_ladder_centre(book);
        break;
    case 'f':
        hoga_ladder_freeze(book, !hoga_ladder_view(book)->is_frozen);
        break;
    case 'g':
    case 'G':
        (void)hoga_ladder_group_move(book, key == 'g' ? 1 : -1);
        break;
    case 't':
        column_set(l, HOGA_LADDER_TOTAL);
        break;
    case 'm':
        column_set(l, HOGA_LADDER_MONEY);
        break;
    case 'p':
        l->settings.has_percent = !l->settings.has_percent;
        break;
    case 'k':
        l->style = l->style == STYLE_KOREAN ? STYLE_WESTERN : STYLE_KOREAN;
        screen_style(l->style);
        break;
    case '+':
    case '=':
    case '-':
        levels_change(l, key == '-' ? -1 : 1);
        break;
    case '0':
        l->settings.n_levels = 0;
        break;
    case '/':
        prompt_open(&l->prompt);
        break;
    }
    return true;
}

static bool key_do(struct ladder *l, int key)
{
    struct hoga_ladder *book = l->books[l->focus];
    int half = (int)hoga_ladder_view(book)->n_rows / 2;

    switch (key) {
    case SCREEN_END:
        return false;
    case SCREEN_UP:
    case SCREEN_DOWN:
        choose(l, key == SCREEN_UP ? -1 : 1);
        return true;
    case SCREEN_PAGE_UP:
    case SCREEN_PAGE_DOWN:
        hoga_ladder_scroll(book, key == SCREEN_PAGE_UP ? half : -half);
        return true;
    case SCREEN_TAB:
    case SCREEN_BACK_TAB:
        focus_move(l, key == SCREEN_TAB ? 1 : -1);
        return true;
    case SCREEN_ESCAPE:
        l->is_help = false;
        l->chosen = NO_ROW;
        hoga_ladder_choose(book, NO_ROW);
        return true;
    }
    return key_letter(l, key);
}

/* Returns: false, leave. */
static bool key_take(struct ladder *l, int key)
{
    char name[HOGA_NAME_SIZE];

    if (key == SCREEN_NONE || key == SCREEN_CHANGED || key == SCREEN_RESIZE)
        return true;
    if (!l->prompt.is_open || key == SCREEN_END) {
        l->prompt.message[0] = '\0';
        return key_do(l, key);
    }
    if (prompt_key(&l->prompt, &l->lease, l->options->h, key, name)) {
        (void)hoga_ladder_name_set(l->books[l->focus], name);
        l->chosen = NO_ROW;
    }
    return true;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void run(struct ladder *l)
{
    int64_t drawn_boot_ns = 0;
    bool is_key = true, goes_on = true;

    while (goes_on) {
        int64_t now_boot_ns = screen_now_boot_ns(), due_boot_ns = drawn_boot_ns + DRAW_NS;
        int key;

        if (is_key || now_boot_ns >= due_boot_ns) {
            bool is_changed = update(l);

            if (is_changed || is_key || now_boot_ns - drawn_boot_ns >= AGES_NS) {
                draw(l);
                drawn_boot_ns = now_boot_ns;
                due_boot_ns = now_boot_ns + DRAW_NS;
            }
            if (l->options->count > 0 && l->n_drawn >= l->options->count)
                return;
        }
        if (now_boot_ns < due_boot_ns) /* nothing is drawn before: so many readings are for nothing */
            key = screen_read(due_boot_ns, NULL, NULL);
        else
            key = screen_read(now_boot_ns + (has_flash(l) ? FLASH_NS : AGES_NS), is_published, l);
        is_key = key != SCREEN_NONE && key != SCREEN_CHANGED;
        goes_on = key_take(l, key);
    }
}

static int books_open(struct ladder *l, const struct tui_ladder_options *ladder)
{
    for (int i = 0; i < l->options->n_patterns && i < TUI_BOOKS_MAX; i++) {
        int r = hoga_ladder_new(l->options->h, &l->books[i]);

        if (r < 0)
            return r;
        l->n_books++;
        r = hoga_ladder_name_set(l->books[i], l->options->patterns[i]);
        if (r == 0)
            r = hoga_ladder_group_set(l->books[i], ladder->group);
        if (r < 0)
            return r;
    }
    return 0;
}

int tui_ladder(const struct tui_options *options, const struct tui_ladder_options *ladder, char ret_why[TUI_WHY_SIZE])
{
    struct ladder l = { .options = options, .chosen = NO_ROW, .lease = { .fd = -1 } };
    int r;

    l.settings = (struct panel_settings){ .n_levels = ladder->n_levels,
                                          .fee_e8 = ladder->fee_e8,
                                          .has_fee = ladder->has_fee,
                                          .has_percent = true,
                                          .is_utc = options->is_utc,
                                          .is_korean = is_language_korean() };
    l.style = ladder->colours == TUI_COLOURS_KOREAN || (ladder->colours == TUI_COLOURS_LANGUAGE && l.settings.is_korean)
                  ? STYLE_KOREAN
                  : STYLE_WESTERN;
    r = books_open(&l, ladder);
    if (r == 0)
        r = screen_open(options->has_colour, ret_why);
    if (r == 0) {
        screen_style(l.style);
        run(&l);
        screen_close();
    }
    for (int i = 0; i < l.n_books; i++)
        l.books[i] = hoga_ladder_free(l.books[i]);
    if (l.lease.fd >= 0)
        (void)close(l.lease.fd);
    return r;
}
