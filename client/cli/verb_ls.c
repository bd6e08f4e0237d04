/* SPDX-License-Identifier: MIT
 * hoga ls: what is carried, one line a book, in the order of the directory; with --all what the venues list. */
#include "catalogue.h"
#include "doc.h"
#include "names.h"
#include "table.h"
#include "text.h"

static void price_text(const struct hoga_level *best, unsigned decimals, char ret[TEXT_NUMBER_SIZE])
{
    char plain[HOGA_DECIMAL_SIZE];

    ret[0] = '\0';
    if (best->size > 0 && hoga_format_fixed(best->price, decimals, plain) > 0)
        text_number(plain, 0, ret);
}

static void add_row(struct table *t, const struct hoga_info *info, const struct hoga_book *book)
{
    char bid[TEXT_NUMBER_SIZE], ask[TEXT_NUMBER_SIZE], changed[TEXT_AGE_SIZE], heard[TEXT_AGE_SIZE];

    price_text(&book->bid, book->price_decimals, bid);
    price_text(&book->ask, book->price_decimals, ask);
    text_age(book->changed_age_ns, changed);
    text_age(book->heard_age_ns, heard);
    table_add(t, PAINT_OFF, info->name);
    table_add(t, cli_paint_state(book->state), hoga_state_word(book->state));
    table_add(t, PAINT_OFF, hoga_reason_word(book->reason));
    table_add(t, PAINT_OFF, bid);
    table_add(t, PAINT_OFF, ask);
    table_add(t, PAINT_DIM, changed);
    table_add(t, PAINT_DIM, heard);
    table_add(t, cli_is_pretend(book->source) ? PAINT_PRETEND : PAINT_OFF, hoga_source_word(book->source));
}

/* Returns how many rows. */
static int print_table(struct cli *c, const struct names *names, int n_patterns, char **patterns)
{
    static const char *const heads[] = { N_("NAME"), N_("STATE"),   N_("REASON"), N_("BID"),
                                         N_("ASK"),  N_("CHANGED"), N_("HEARD"),  N_("SOURCE") };
    struct table *t = table_new("lllrrrrl");
    int64_t now_boot_ns = text_now_boot_ns();
    int n = 0;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        table_add(t, PAINT_BOLD, _(heads[i]));
    for (size_t i = 0; i < names->n; i++) {
        struct hoga_book book;

        if (!names_match_any(n_patterns, patterns, &names->infos[i]) ||
            view_read_book(c, names->infos[i].id, now_boot_ns, &book) < 0)
            continue;
        add_row(t, &names->infos[i], &book);
        n++;
    }
    cli_print_silence(c);
    if (n > 0)
        table_print(c, t, 1, c->count, 0);
    t = table_free(t);
    return n;
}

static int print_document(struct cli *c, const struct names *names, int n_patterns, char **patterns)
{
    cJSON *document = doc_new(c), *books = cJSON_AddArrayToObject(document, "books");
    struct view *v = view_new();
    uint64_t n = 0;

    for (size_t i = 0; i < names->n; i++) {
        if (!names_match_any(n_patterns, patterns, &names->infos[i]) ||
            view_read(c, names->infos[i].id, c->depth ? c->depth : 1, NULL, v) < 0)
            continue;
        if (c->count && n == c->count)
            break;
        (void)cJSON_AddItemToArray(books, doc_book(v));
        n++;
    }
    v = view_free(v);
    return doc_print(document) < 0 ? -1 : (int)n;
}

int verb_ls(struct cli *c, int n_arguments, char **arguments)
{
    struct names names;
    int code = cli_open(c), n;

    if (code != CLI_FINE)
        return code;
    if (c->is_all)
        return catalogue_ls(c, n_arguments, arguments);
    if (names_load(c, &names) < 0)
        return cli_fail(NULL, _("no memory"), NULL);
    n = (c->is_json ? print_document : print_table)(c, &names, n_arguments, arguments);
    names_done(&names);
    if (n < 0)
        return CLI_PROBLEM;
    if (n == 0 && n_arguments > 0)
        return names_fail(c, arguments[0], "");
    if (n == 0 && !c->is_json)
        return cli_fail(NULL, _("no book is carried"), _("name some under `symbols' in hoga.conf"));
    return CLI_FINE;
}
