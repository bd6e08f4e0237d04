/* SPDX-License-Identifier: MIT
 * hoga book: one consistent book as a trader reads it, the spread in the middle; once, or again at every change. */
#include "day.h"
#include "doc.h"
#include "live.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEPTH_DEFAULT   10u
#define LINES_ABOUT     7  /* that are no levels: head, columns, spread, ages, blanks, prompt */
#define LINES_NARROW    2  /* more of them: head and ages are broken in two */
#define NARROW          76 /* columns that the longest of those lines takes */
#define BAND            64 /* and a band of words, which wraps */
#define GAP             3  /* between two columns */
#define MARGIN          2
#define COLUMNS_DEFAULT 80
#define DRAW_NS         50000000            /* at most 20 times a second */
#define REDRAW_NS       INT64_C(1000000000) /* ages move also where prices do not */

struct columns { /* widths and decimals that hold for both sides, so that points stand below points */
    size_t label, price, size, total; /* total 0: no room for it */
    unsigned price_decimals, size_decimals;
};

static void terminal_size(int *ret_rows, int *ret_columns)
{
    struct winsize size = { 0 };

    *ret_rows = 0;
    *ret_columns = COLUMNS_DEFAULT;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        *ret_rows = size.ws_row;
        *ret_columns = size.ws_col;
    }
}

static uint32_t depth_choose(const struct cli *c)
{
    if (c->depth)
        return c->depth;
    return c->is_json ? CLI_DEPTH_MAX : DEPTH_DEFAULT;
}

static int lines_of(int width, int columns)
{
    return (width + columns - 1) / columns;
}

/* Where no depth was asked for, what a terminal has room for, so that head and verdict stay on it. */
static void view_trim(const struct cli *c, struct view *v)
{
    int rows, columns, lines = LINES_ABOUT;
    uint32_t fit;

    terminal_size(&rows, &columns);
    if (!rows || c->depth)
        return;
    if (v->book.state != HOGA_LIVE)
        lines += 4 * lines_of(BAND, columns); /* its band twice, its sentence, hogad's silence */
    if (cli_is_pretend(v->book.source))
        lines += lines_of(BAND, columns);
    if (columns < NARROW)
        lines += LINES_NARROW;
    lines += v->day.last.is_known + (v->day.bid_total.is_known && v->day.ask_total.is_known);
    fit = rows - lines >= 2 ? (uint32_t)(rows - lines) / 2 : 1;
    v->n_asks = v->n_asks < fit ? v->n_asks : fit;
    v->n_bids = v->n_bids < fit ? v->n_bids : fit;
}

static void wide_text(struct hoga_wide value, unsigned decimals, unsigned n_shown, char ret[TEXT_NUMBER_SIZE])
{
    char plain[HOGA_SUM_SIZE];

    ret[0] = '\0';
    if (hoga_format_wide(value, decimals, plain) > 0)
        text_number(plain, n_shown, ret);
}

static void price_text(int64_t price, unsigned decimals, unsigned n_shown, char ret[TEXT_NUMBER_SIZE])
{
    char plain[HOGA_DECIMAL_SIZE];

    ret[0] = '\0';
    if (hoga_format(price, decimals, plain) > 0)
        text_number(plain, n_shown, ret);
}

static void grow(size_t *io_width, const char *text)
{
    size_t width = text_width(text);

    if (width > *io_width)
        *io_width = width;
}

/* Two turns over the rungs: first how many decimals are needed at all, then how wide that makes the columns. */
static void columns_measure(const struct view *v, const struct rung *rungs, uint32_t n, bool is_width,
                            struct columns *io)
{
    char text[TEXT_NUMBER_SIZE];
    unsigned decimals;

    for (uint32_t i = 0; i < n; i++) {
        price_text(rungs[i].price, v->price_decimals, is_width ? io->price_decimals : 0, text);
        decimals = text_decimals(text);
        io->price_decimals = decimals > io->price_decimals ? decimals : io->price_decimals;
        grow(&io->price, text);
        wide_text(rungs[i].size, v->book.size_decimals, is_width ? io->size_decimals : 0, text);
        decimals = text_decimals(text);
        io->size_decimals = decimals > io->size_decimals ? decimals : io->size_decimals;
        grow(&io->size, text);
        wide_text(rungs[i].total, v->book.size_decimals, is_width ? io->size_decimals : 0, text);
        grow(&io->total, text);
    }
}

static size_t columns_width(const struct columns *w)
{
    return MARGIN + w->label + GAP + w->price + GAP + w->size + (w->total > 0 ? GAP + w->total : 0);
}

/* `least` are widths to begin with. */
static struct columns columns_fill(const struct view *v, struct columns least)
{
    struct columns columns = least;

    grow(&columns.label, _("ASK"));
    grow(&columns.label, _("BID"));
    grow(&columns.price, _("PRICE"));
    grow(&columns.size, _("SIZE"));
    grow(&columns.total, _("TOTAL"));
    for (int turn = 0; turn < 2; turn++) {
        columns_measure(v, v->asks, v->n_asks, turn == 1, &columns);
        columns_measure(v, v->bids, v->n_bids, turn == 1, &columns);
    }
    return columns;
}

static size_t terminal_room(void)
{
    int rows, columns;

    terminal_size(&rows, &columns);
    return rows > 0 ? (size_t)columns : SIZE_MAX;
}

/* Wide enough for most markets from the start, so that a followed book does not sway from draw to draw; only as wide as
 * this one needs, and at last without the totals, where the terminal is narrow. */
static struct columns columns_make(const struct view *v)
{
    struct columns columns = columns_fill(v, (struct columns){ .price = 13, .size = 14, .total = 15 });
    size_t room = terminal_room();

    if (columns_width(&columns) > room)
        columns = columns_fill(v, (struct columns){ 0 });
    if (columns_width(&columns) > room)
        columns.total = 0;
    return columns;
}

static void print_rung(const struct cli *c, const struct view *v, const struct columns *w, const struct rung *rung,
                       bool is_ask)
{
    char text[TEXT_NUMBER_SIZE];

    printf("  %s", cli_paint(c, is_ask ? PAINT_ASK : PAINT_BID));
    text_print_cell(is_ask ? _("ASK") : _("BID"), w->label, false);
    price_text(rung->price, v->price_decimals, w->price_decimals, text);
    fputs("   ", stdout);
    text_print_cell(text, w->price, true);
    printf("%s   ", cli_paint(c, PAINT_OFF));
    wide_text(rung->size, v->book.size_decimals, w->size_decimals, text);
    text_print_cell(text, w->size, true);
    if (w->total > 0) {
        wide_text(rung->total, v->book.size_decimals, w->size_decimals, text);
        printf("   %s", cli_paint(c, PAINT_DIM));
        text_print_cell(text, w->total, true);
    }
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

static void print_band(const struct cli *c, enum paint paint, const char *text)
{
    int rows, columns;

    terminal_size(&rows, &columns);
    fputs(cli_paint(c, paint), stdout);
    text_print_cell(text, c->has_colour ? (size_t)columns : 0, false);
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

/* Above and below the levels, so that a scrolled screen shows it too. */
static void print_verdict(const struct cli *c, const struct view *v)
{
    const char *reason = hoga_reason_word(v->book.reason);
    char text[256], when[TEXT_TIME_SIZE];

    if (v->book.state == HOGA_LIVE)
        return;
    text_time_of_day(v->book.since_ns, c->is_utc, when);
    (void)snprintf(text, sizeof text, _("*** NOT LIVE: %s%s%s, since %s ***"), hoga_state_word(v->book.state),
                   reason[0] ? ": " : "", reason, when);
    print_band(c, PAINT_ALARM, text);
}

static void print_day(const struct cli *c, const struct view *v)
{
    char text[256];

    day_text(&v->day, terminal_room(), text, sizeof text);
    if (text[0])
        printf("%s%s%s\n", cli_paint(c, v->day.change.mantissa < 0 ? PAINT_ASK : PAINT_BID), text,
               cli_paint(c, PAINT_OFF));
}

static void print_totals(const struct cli *c, const struct view *v)
{
    char text[256];

    day_totals_text(&v->day, text, sizeof text);
    if (text[0])
        printf("%s%s%s\n", cli_paint(c, PAINT_DIM), text, cli_paint(c, PAINT_OFF));
}

static void print_head(const struct cli *c, const struct view *v)
{
    const struct hoga_book *book = &v->book;
    char when[TEXT_TIME_SIZE], text[128];

    text_time(text_now_wall_ns(), c->is_utc, when);
    printf("%s%s%s  %s%s%s", cli_paint(c, PAINT_BOLD), v->info.name, cli_paint(c, PAINT_OFF),
           cli_paint(c, cli_paint_state(book->state)), hoga_state_word(book->state), cli_paint(c, PAINT_OFF));
    printf("  %s%s%s%s%s\n", hoga_source_word(book->source), terminal_room() < NARROW ? "\n" : "  ",
           cli_paint(c, PAINT_DIM), when, cli_paint(c, PAINT_OFF));
    if (cli_is_pretend(book->source)) {
        (void)snprintf(text, sizeof text, _("=== source %s: these are not the market's numbers ==="),
                       hoga_source_word(book->source));
        print_band(c, PAINT_PRETEND, text);
    }
    print_verdict(c, v);
    if (book->state != HOGA_LIVE && hoga_reason_word(book->reason)[0])
        printf("%s: %s\n", hoga_reason_word(book->reason), cli_reason_sentence(book->reason));
    print_day(c, v);
}

static void print_ages(const struct cli *c, const struct hoga_book *book)
{
    char age[TEXT_AGE_SIZE], update[TEXT_NUMBER_SIZE], text[128];

    fputs(cli_paint(c, PAINT_DIM), stdout);
    text_age(book->changed_age_ns, age);
    printf(book->changed_age_ns < 0 ? _("never changed") : _("changed %s ago"), age);
    text_age(book->heard_age_ns, age);
    fputs(", ", stdout);
    printf(book->heard_age_ns < 0 ? _("never heard") : _("heard %s ago"), age);
    text_count(book->update, update);
    (void)snprintf(text, sizeof text, _(", update %s, proof %s"), update, hoga_proof_word(book->proof));
    if (terminal_room() < NARROW) /* a line of its own instead of the comma and the blank */
        printf("\n%s", text + 2);
    else
        fputs(text, stdout);
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

/* Spread, its basis points, the middle: as much of it as there is room for. */
static void spread_text(const struct view *v, size_t room, char *ret, size_t size)
{
    char plain[HOGA_DECIMAL_SIZE], number[TEXT_NUMBER_SIZE], more[TEXT_NUMBER_SIZE + 32];
    int64_t mantissa, bp100;

    if (hoga_spread(&v->book, &mantissa) < 0 || hoga_format(mantissa, v->book.price_decimals, plain) < 0)
        return;
    text_number(plain, 0, number);
    (void)snprintf(ret, size, _("spread %s"), number);
    if (hoga_spread_bp100(&v->book, &bp100) == 0 && hoga_format_fixed(bp100, 2, plain) > 0) {
        (void)snprintf(more, sizeof more, "  (%s bp)", plain);
        if (text_width(ret) + text_width(more) <= room)
            (void)strncat(ret, more, size - strlen(ret) - 1);
    }
    if (hoga_mid(&v->book, &mantissa) == 0 && hoga_format(mantissa, v->book.price_decimals + 1u, plain) > 0) {
        text_number(plain, 0, number);
        (void)snprintf(more, sizeof more, _("  mid %s"), number);
        if (text_width(ret) + text_width(more) <= room)
            (void)strncat(ret, more, size - strlen(ret) - 1);
    }
}

static void print_spread(const struct cli *c, const struct view *v, const struct columns *w)
{
    size_t before = MARGIN + w->label + GAP, room = terminal_room();
    char text[256] = "";

    spread_text(v, room > before ? room - before : 0, text, sizeof text);
    printf("  %s", cli_paint(c, PAINT_BOLD));
    if (text[0])
        text_print_cell("", w->label + GAP, false);
    fputs(text[0] ? text : _("no spread: a side is empty"), stdout);
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

static void print_columns(const struct cli *c, const struct columns *w)
{
    printf("  %s", cli_paint(c, PAINT_DIM));
    text_print_cell("", w->label + 3, false);
    text_print_cell(_("PRICE"), w->price, true);
    fputs("   ", stdout);
    text_print_cell(_("SIZE"), w->size, true);
    if (w->total > 0) {
        fputs("   ", stdout);
        text_print_cell(_("TOTAL"), w->total, true);
    }
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

static void print_people(const struct cli *c, const struct view *v)
{
    struct columns w = columns_make(v);

    cli_print_silence(c);
    print_head(c, v);
    putchar('\n');
    print_columns(c, &w);
    for (uint32_t i = v->n_asks; i-- > 0;)
        print_rung(c, v, &w, &v->asks[i], true);
    print_spread(c, v, &w);
    for (uint32_t i = 0; i < v->n_bids; i++)
        print_rung(c, v, &w, &v->bids[i], false);
    putchar('\n');
    print_verdict(c, v);
    print_totals(c, v);
    print_ages(c, &v->book);
}

static int print_document(struct cli *c, const struct view *v)
{
    cJSON *document = doc_new(c), *books = cJSON_AddArrayToObject(document, "books"), *book = doc_book(v);

    if (c->group)
        (void)cJSON_AddStringToObject(book, "group", c->group);
    (void)cJSON_AddItemToObject(book, "day", day_doc(&v->day));
    (void)cJSON_AddItemToArray(books, book);
    return doc_print(document);
}

static int fail_read(struct cli *c, const char *name, int r)
{
    switch (r) {
    case -ESTALE:
        return names_fail(c, name, "");
    case -EINVAL:
        return cli_fail_usage(c, c->group, _("is no step: --group wants a decimal above 0, such as 1000 or 0.5"));
    case -ERANGE:
        return cli_fail(name, _("its prices do not fit steps this fine"), _("choose a coarser --group"));
    case -EAGAIN:
        return cli_fail(name, _("it changes faster than it can be read"), _("try again"));
    }
    return cli_fail(name, strerror(-r), NULL);
}

static int fail_not_live(const struct view *v)
{
    char why[384];
    const char *reason = hoga_reason_word(v->book.reason);

    (void)snprintf(why, sizeof why, _("not live: %s%s%s"), hoga_state_word(v->book.state), reason[0] ? ", " : "",
                   reason);
    return cli_fail(v->info.name, why, cli_reason_sentence(v->book.reason));
}

/* Rests until the book differs from what was shown, or its ages want drawing. Returns 0, -ESTALE. */
static int wait_change(struct cli *c, const struct view *v, bool is_screen, int64_t drawn_boot_ns)
{
    int r;

    if (is_screen)
        live_pause_until(drawn_boot_ns + DRAW_NS);
    do {
        live_rest_begin();
        r = hoga_wait(c->h, v->book.id, v->book.update, v->book.state, is_screen ? REDRAW_NS : -1);
        live_rest_end();
    } while (r == -EINTR);
    return r == -ESTALE ? r : 0;
}

/* Returns an exit code. */
static int show(struct cli *c, const char *name, hoga_id id, bool is_screen, struct view *v)
{
    int r = view_read(c, id, depth_choose(c), c->group, v);

    if (r < 0 || (c->is_live_only && v->book.state != HOGA_LIVE)) {
        live_end(); /* first, or the words would go with the screen */
        return r < 0 ? fail_read(c, name, r) : fail_not_live(v);
    }
    if (c->is_json)
        return print_document(c, v) < 0 ? CLI_PROBLEM : CLI_FINE;
    fputs(is_screen ? "\033[H\033[J" : "", stdout);
    view_trim(c, v);
    print_people(c, v);
    return CLI_FINE;
}

static int follow(struct cli *c, const char *name, hoga_id id, struct view *v)
{
    bool is_screen = c->is_follow && !c->is_json && isatty(STDOUT_FILENO);
    int code;

    live_begin(is_screen);
    for (uint64_t n = 1;; n++) {
        int64_t drawn_boot_ns = text_now_boot_ns();
        int r;

        code = show(c, name, id, is_screen, v);
        if (code != CLI_FINE || cli_flush() != CLI_FINE || n == c->count)
            break;
        r = wait_change(c, v, is_screen, drawn_boot_ns);
        /* The slot went to another book, or hogad began a new file: the name may be there again. */
        if (r == -ESTALE && hoga_find(c->h, v->info.name, &id) < 0) {
            live_end();
            code = names_fail(c, name, _(" any more"));
            break;
        }
        if (!is_screen && !c->is_json)
            putchar('\n');
    }
    live_end();
    return code;
}

int verb_book(struct cli *c, int n_arguments, char **arguments)
{
    struct view *v;
    hoga_id id;
    int code = cli_open(c);

    (void)n_arguments;
    if (code == CLI_FINE)
        code = names_resolve(c, arguments[0], &id);
    if (code != CLI_FINE)
        return code;
    v = view_new();
    if (c->is_follow || c->count > 1)
        code = follow(c, arguments[0], id, v);
    else
        code = show(c, arguments[0], id, false, v);
    v = view_free(v);
    return code;
}
