/* SPDX-License-Identifier: MIT */
#include "catalogue.h"

#include "doc.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void instrument_clean(struct hoga_instrument *in)
{
    text_clean(in->name);
    text_clean(in->venue);
    text_clean(in->symbol);
    text_clean(in->base);
    text_clean(in->quote);
    text_clean(in->status);
    text_clean(in->name_korean);
    text_clean(in->name_english);
    text_clean(in->cautions);
}

static int by_name(const void *a, const void *b)
{
    const struct hoga_instrument *x = a, *y = b;

    return strcmp(x->name, y->name);
}

int catalogue_load(struct cli *c, struct catalogue *ret)
{
    struct catalogue all = { 0 };
    struct hoga_instrument in;
    size_t room = 0;
    uint32_t row = 0;
    int r;

    while ((r = hoga_catalogue_next(c->h, &row, &in)) != 0) {
        if (r < 0)
            continue;
        if (all.n == room) {
            struct hoga_instrument *rows = reallocarray(all.rows, room ? 2 * room : 256, sizeof *rows);

            if (!rows) {
                catalogue_done(&all);
                return -ENOMEM;
            }
            all.rows = rows;
            room = room ? 2 * room : 256;
        }
        instrument_clean(&in);
        all.rows[all.n++] = in;
    }
    if (all.n > 0)
        qsort(all.rows, all.n, sizeof *all.rows, by_name);
    *ret = all;
    return 0;
}

void catalogue_done(struct catalogue *catalogue)
{
    free(catalogue->rows);
    *catalogue = (struct catalogue){ 0 };
}

int catalogue_find(struct cli *c, const char *name, struct hoga_instrument *ret)
{
    struct hoga_instrument in;
    size_t n_found = 0;
    uint32_t row = 0;
    int r;

    if (strchr(name, ':')) {
        r = hoga_catalogue_find(c->h, name, &in);
        n_found = r == 0;
    } else {
        struct hoga_instrument each;

        while ((r = hoga_catalogue_next(c->h, &row, &each)) != 0) {
            if (r < 0 || strcasecmp(each.symbol, name) != 0)
                continue;
            in = each;
            n_found++;
        }
    }
    if (n_found != 1)
        return -ENOENT;
    instrument_clean(&in);
    *ret = in;
    return 0;
}

/* --- ls --all ------------------------------------------------------------------------------------------------------
 */

static bool is_matched(int n_patterns, char **patterns, const struct hoga_instrument *in)
{
    for (int i = 0; i < n_patterns; i++) {
        const char *text = strchr(patterns[i], ':') ? in->name : in->symbol;

        if (strcasecmp(patterns[i], text) == 0 || fnmatch(patterns[i], text, FNM_CASEFOLD) == 0)
            return true;
    }
    return n_patterns == 0;
}

/* The state of its book, "" where none is carried. */
static const char *book_state(struct cli *c, const struct hoga_instrument *in, enum paint *ret_paint)
{
    struct hoga_book book;
    hoga_id id;

    *ret_paint = PAINT_OFF;
    if (hoga_find(c->h, in->name, &id) < 0 || view_read_book(c, id, 0, &book) < 0)
        return "";
    *ret_paint = cli_paint_state(book.state);
    return hoga_state_word(book.state);
}

static const char *warning_words(const struct hoga_instrument *in, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s%s%s%s%s", in->warnings & HOGA_WARN_INVESTMENT ? _("investment caution") : "",
                   in->warnings == (HOGA_WARN_INVESTMENT | HOGA_WARN_CAUTION) ? ", " : "",
                   in->warnings & HOGA_WARN_CAUTION ? _("caution") : "", in->cautions[0] ? ": " : "", in->cautions);
    return ret;
}

static void add_row(struct cli *c, struct table *t, const struct hoga_instrument *in)
{
    char warnings[256];
    enum paint paint;
    const char *state = book_state(c, in, &paint);

    table_add(t, PAINT_OFF, in->name);
    table_add(t, paint, state[0] ? state : "-");
    table_add(t, in->listed == HOGA_LISTED_TRADING ? PAINT_OFF : PAINT_WAIT, hoga_listed_word(in->listed));
    table_add(t, PAINT_OFF, in->name_korean);
    table_add(t, PAINT_OFF, in->name_english);
    table_add(t, in->warnings ? PAINT_BAD : PAINT_DIM,
              in->has_warnings ? warning_words(in, warnings, sizeof warnings) : "?");
}

static size_t print_table(struct cli *c, const struct catalogue *all, int n_patterns, char **patterns)
{
    static const char *const heads[] = { N_("NAME"),   N_("STATE"),   N_("LISTED"),
                                         N_("KOREAN"), N_("ENGLISH"), N_("WARNINGS") };
    struct table *t = table_new("llllll");
    size_t n = 0;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        table_add(t, PAINT_BOLD, _(heads[i]));
    for (size_t i = 0; i < all->n; i++) {
        if (!is_matched(n_patterns, patterns, &all->rows[i]))
            continue;
        add_row(c, t, &all->rows[i]);
        n++;
    }
    cli_print_silence(c);
    if (n > 0)
        table_print(c, t, 1, c->count, 0);
    t = table_free(t);
    return n;
}

static int print_document(struct cli *c, const struct catalogue *all, int n_patterns, char **patterns, size_t *ret_n)
{
    cJSON *document = doc_new(c), *list = cJSON_AddArrayToObject(document, "instruments");
    size_t n = 0;

    for (size_t i = 0; i < all->n && (!c->count || n < c->count); i++) {
        enum paint paint;

        if (!is_matched(n_patterns, patterns, &all->rows[i]))
            continue;
        (void)cJSON_AddItemToArray(list, doc_instrument(&all->rows[i], book_state(c, &all->rows[i], &paint)[0]));
        n++;
    }
    *ret_n = n;
    return doc_print(document);
}

int catalogue_ls(struct cli *c, int n_patterns, char **patterns)
{
    struct catalogue all;
    size_t n = 0;
    int r = 0;

    if (catalogue_load(c, &all) < 0)
        return cli_fail(NULL, _("no memory"), NULL);
    if (c->is_json)
        r = print_document(c, &all, n_patterns, patterns, &n);
    else
        n = print_table(c, &all, n_patterns, patterns);
    if (r == 0 && n == 0 && all.n == 0)
        r = cli_fail(NULL, _("no venue's list has come yet"), _("look at hogad's log, or at catalogue_s in hoga.conf"));
    else if (r == 0 && n == 0)
        r = cli_fail(n_patterns > 0 ? patterns[0] : NULL, _("not listed"), _("`hoga ls --all' shows what is listed"));
    catalogue_done(&all);
    return r < 0 ? CLI_PROBLEM : r > 0 ? CLI_PROBLEM : CLI_FINE;
}

/* --- info ----------------------------------------------------------------------------------------------------------
 */

static void add(struct table *t, const char *label, enum paint paint, const char *text)
{
    table_add(t, PAINT_DIM, label);
    table_add(t, paint, text && text[0] ? text : "-");
}

static void add_number(struct table *t, const char *label, bool is_known, int64_t mantissa, unsigned decimals,
                       const char *unit)
{
    char plain[HOGA_DECIMAL_SIZE], number[TEXT_NUMBER_SIZE], text[TEXT_NUMBER_SIZE + 32];

    if (!is_known || hoga_format(mantissa, decimals, plain) < 0) {
        add(t, label, PAINT_OFF, "");
        return;
    }
    text_number(plain, 0, number);
    (void)snprintf(text, sizeof text, "%s%s%s", number, unit[0] ? " " : "", unit);
    add(t, label, PAINT_OFF, text);
}

/* "1", "1,000 at the price of that time", or a line a band: "5 from 1,000". */
static void add_ticks(struct table *t, const struct hoga_instrument *in)
{
    for (uint32_t i = 0; i < in->n_ticks; i++) {
        char plain[HOGA_DECIMAL_SIZE], tick[TEXT_NUMBER_SIZE], from[TEXT_NUMBER_SIZE], text[2 * TEXT_NUMBER_SIZE + 64];

        if (hoga_format(in->ticks[i].tick, in->tick_decimals, plain) < 0)
            continue;
        text_number(plain, 0, tick);
        if (hoga_format(in->ticks[i].from, in->tick_decimals, plain) < 0)
            continue;
        text_number(plain, 0, from);
        if (in->is_tick_now)
            (void)snprintf(text, sizeof text, _("%s at the price when it was fetched"), tick);
        else if (in->n_ticks == 1)
            (void)snprintf(text, sizeof text, "%s", tick);
        else
            (void)snprintf(text, sizeof text, _("%s from a price of %s"), tick, from);
        add(t, i == 0 ? _("tick") : "", PAINT_OFF, text);
    }
    if (in->n_ticks == 0)
        add(t, _("tick"), PAINT_OFF, "");
}

static void add_groups(struct table *t, const struct hoga_instrument *in)
{
    char text[TEXT_NUMBER_SIZE * 4] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < in->n_groups; i++) {
        char plain[HOGA_DECIMAL_SIZE];
        int n;

        if (hoga_format(in->groups[i], in->group_decimals, plain) < 0)
            continue;
        n = snprintf(text + used, sizeof text - used, "%s%s", used ? " " : "", plain);
        used += n > 0 && (size_t)n < sizeof text - used ? (size_t)n : 0;
    }
    add(t, _("grouping levels"), PAINT_OFF, text);
}

void catalogue_fill(const struct cli *c, struct table *t, const struct hoga_instrument *in)
{
    char text[256];

    add(t, _("Korean name"), PAINT_OFF, in->name_korean);
    add(t, _("English name"), PAINT_OFF, in->name_english);
    add(t, _("base"), PAINT_OFF, in->base);
    add(t, _("quote"), PAINT_OFF, in->quote);
    (void)snprintf(text, sizeof text, in->status[0] ? "%s (%s)" : "%s", hoga_listed_word(in->listed), in->status);
    add(t, _("listed"), in->listed == HOGA_LISTED_TRADING ? PAINT_OFF : PAINT_WAIT, text);
    if (in->has_warnings && in->warnings == 0)
        add(t, _("warnings"), PAINT_OFF, _("none"));
    else
        add(t, _("warnings"), in->warnings ? PAINT_BAD : PAINT_OFF,
            in->has_warnings ? warning_words(in, text, sizeof text) : "");
    add_ticks(t, in);
    add_number(t, _("lot"), in->has_lot, in->lot, in->lot_decimals, in->base);
    add_number(t, _("smallest order"), in->has_size_min, in->size_min, in->size_min_decimals, in->base);
    add_number(t, _("smallest order's value"), in->has_value_min, in->value_min, in->value_min_decimals, in->quote);
    add_groups(t, in);
    text_time(in->fetched_ns, c->is_utc, text);
    add(t, _("list fetched"), PAINT_OFF, text);
}
