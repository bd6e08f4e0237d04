/* SPDX-License-Identifier: MIT
 * The list itself: sorted, compared with the one before, matched by patterns. */
#include "core/log.h"
#include "feed/catalogue_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void catalogue_list_done(struct catalogue_list *list)
{
    free(list->rows);
    free(list->sorted);
    *list = (struct catalogue_list){ 0 };
}

int catalogue_list_add(struct catalogue_list *list, const struct md_instrument *instrument, int64_t now_ns)
{
    if (list->n == CATALOGUE_ROWS_MAX)
        return -E2BIG;
    if (list->n == list->room) {
        uint32_t room = list->room > 0 ? 2 * list->room : 512;
        void *rows = reallocarray(list->rows, room, sizeof(list->rows[0]));

        if (!rows)
            return -ENOMEM;
        list->rows = rows;
        list->room = room;
    }
    list->rows[list->n++] =
        (struct feed_instrument){ .instrument = *instrument, .fetched_ns = now_ns, .row = FEED_ROW_NONE };
    return 0;
}

static int by_symbol(const void *a, const void *b)
{
    const struct feed_instrument *const *x = a, *const *y = b;

    return strcmp((*x)->instrument.symbol, (*y)->instrument.symbol);
}

/* Pointers are sorted: a row is more than a kilobyte. A symbol that came twice (a list that changed between two of its
 * pages) counts once. */
int catalogue_list_sort(struct catalogue_list *list)
{
    uint32_t n = 0;

    list->sorted = calloc(list->n + 1, sizeof(struct feed_instrument *));
    if (!list->sorted)
        return -ENOMEM;
    for (uint32_t i = 0; i < list->n; i++)
        list->sorted[i] = &list->rows[i];
    qsort(list->sorted, list->n, sizeof(struct feed_instrument *), by_symbol);
    for (uint32_t i = 0; i < list->n; i++)
        if (n == 0 || by_symbol(&list->sorted[n - 1], &list->sorted[i]) != 0)
            list->sorted[n++] = list->sorted[i];
    list->n = n;
    return 0;
}

struct feed_instrument *catalogue_list_find(const struct catalogue_list *list, const char *symbol)
{
    uint32_t low = 0, high = list->n;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int r = strcmp(list->sorted[middle]->instrument.symbol, symbol);

        if (r == 0)
            return list->sorted[middle];
        if (r < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int is_listed(const struct feed_instrument *row)
{
    return row && row->instrument.listing != MD_LISTING_DELISTED;
}

/* Ticks and grouping levels stay until this round's have come: they take many requests. */
static void row_inherit(struct feed_instrument *row, const struct feed_instrument *old, int has_details)
{
    row->row = old->row == FEED_ROW_FULL ? FEED_ROW_NONE : old->row;
    if (!has_details)
        return;
    row->instrument.n_ticks = old->instrument.n_ticks;
    row->instrument.is_tick_now = old->instrument.is_tick_now;
    memcpy(row->instrument.ticks, old->instrument.ticks, sizeof(old->instrument.ticks));
    row->instrument.n_groups = old->instrument.n_groups;
    memcpy(row->instrument.groups, old->instrument.groups, sizeof(old->instrument.groups));
}

static void change_say(const struct feed *f, const char *symbol, int is_listed_now, uint32_t *io_n_said)
{
    if (++*io_n_said > CATALOGUE_SAID_MAX)
        return;
    if (is_listed_now)
        log_notice("catalogue.listed", F_STR("venue", f->options.venue->name), F_STR("symbol", symbol));
    else
        log_notice("catalogue.delisted", F_STR("venue", f->options.venue->name), F_STR("symbol", symbol));
}

int catalogue_has_details(const struct feed *f)
{
    const struct venue_catalogue *catalogue = f->options.venue->catalogue;

    return catalogue->parts[catalogue->n_parts - 1].names_symbols;
}

int catalogue_list_take_over(struct feed *f, struct feed_catalogue *c)
{
    uint32_t *gone = calloc(c->now.n + c->n_gone + 1, sizeof(gone[0]));
    uint32_t n_said = 0;

    if (!gone)
        return -ENOMEM;
    memcpy(gone, c->gone ? c->gone : gone, c->n_gone * sizeof(gone[0]));
    free(c->gone);
    c->gone = gone;
    for (uint32_t i = 0; i < c->now.n; i++) {
        struct feed_instrument *old = c->now.sorted[i];
        struct feed_instrument *row = catalogue_list_find(&c->next, old->instrument.symbol);

        if (row)
            row_inherit(row, old, catalogue_has_details(f));
        else if (old->row < FEED_ROW_FULL)
            c->gone[c->n_gone++] = old->row;
        if (is_listed(old) && !is_listed(row))
            change_say(f, old->instrument.symbol, 0, &n_said);
    }
    for (uint32_t i = 0; c->is_there && i < c->next.n; i++) {
        const char *symbol = c->next.sorted[i]->instrument.symbol;

        if (is_listed(c->next.sorted[i]) && !is_listed(catalogue_list_find(&c->now, symbol)))
            change_say(f, symbol, 1, &n_said);
    }
    catalogue_list_done(&c->now);
    c->now = c->next;
    c->next = (struct catalogue_list){ 0 };
    c->is_there = 1;
    c->n_published = 0;
    return 0;
}

/* --- what is asked for and not listed ------------------------------------------------------------------------------
 */

/* "KRW-BTC@10000" is listed as KRW-BTC. */
static int symbol_is_listed(const struct feed_catalogue *c, const char *symbol)
{
    char name[MD_SYMBOL_SIZE];
    size_t size = strcspn(symbol, "@");

    memcpy(name, symbol, size);
    name[size] = '\0';
    return is_listed(catalogue_list_find(&c->now, name));
}

int feed_is_unlisted(const struct feed *f, const struct feed_item *item)
{
    const struct feed_catalogue *c = f->catalogue;

    return c && c->is_there && f->options.venue->catalogue->is_complete && !symbol_is_listed(c, item->public.symbol);
}

void catalogue_judge(struct feed *f, int64_t now_ns)
{
    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item->phase == PHASE_UNSENDABLE || item->phase == PHASE_FED)
            continue; /* what the venue sends is listed, whatever its list says */
        if (feed_is_unlisted(f, item)) {
            item->refused_reason = REASON_SYMBOL_UNKNOWN;
            recovery_step(f, item, HAPPENED_REFUSED, now_ns);
            if (book_verdict_set(item->public.book, STATE_FAILED, REASON_SYMBOL_UNKNOWN, now_ns)) {
                feed_book_mark(f, item);
                feed_book_log(f, item);
            }
        } else if (item->phase == PHASE_RESTING && item->refused_reason == REASON_SYMBOL_UNKNOWN) {
            item->refused_reason = REASON_NONE;
            item->due_boot_ns = f->now_boot_ns;
            due_touch(f, item);
        }
    }
}

/* --- patterns ------------------------------------------------------------------------------------------------------
 */

int feed_is_pattern(const char *symbol)
{
    return strpbrk(symbol, "*?") != NULL;
}

/* * is any run of characters, ? is one. Each * is tried as short as will do, and longer when what follows fails: no
 * recursion, at most pattern * text steps. */
int feed_pattern_matches(const char *pattern, const char *text)
{
    const char *star = NULL, *star_text = NULL;

    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            star_text = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++star_text;
        } else {
            return 0;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

static int is_wanted(const struct feed *f, const struct feed_instrument *row, const char *const *wanted, size_t n)
{
    const char *symbol = row->instrument.symbol;
    int is_to_carry = row->instrument.listing == MD_LISTING_TRADING ||
                      (row->instrument.listing != MD_LISTING_DELISTED && symbols_find(f, symbol) != NULL);

    if (!is_to_carry || f->options.venue->symbol_check(symbol) != REASON_NONE)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (feed_is_pattern(wanted[i]) && feed_pattern_matches(wanted[i], symbol))
            return 1;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

int feed_catalogue_expand(const struct feed *f, const char *const *wanted, size_t n, struct feed_expansion *io)
{
    const struct feed_catalogue *c = f->catalogue;
    const char **names = calloc(n + 1, sizeof(names[0]));
    uint32_t n_names = 0;

    if (!names)
        return -ENOMEM;
    io->n = io->n_left_out = io->n_patterns = 0;
    for (size_t i = 0; i < n; i++) {
        if (feed_is_pattern(wanted[i]))
            io->n_patterns++;
        else
            names[n_names++] = wanted[i];
    }
    if (n_names > io->n_max) {
        free(names);
        return -ENOSPC;
    }
    qsort(names, n_names, sizeof(names[0]), by_name);
    memcpy(io->symbols, names, n_names * sizeof(names[0]));
    io->n = n_names;
    for (uint32_t i = 0; c && io->n_patterns > 0 && i < c->now.n; i++) {
        const char *symbol = c->now.sorted[i]->instrument.symbol;

        if (!is_wanted(f, c->now.sorted[i], wanted, n) || bsearch(&symbol, names, n_names, sizeof(names[0]), by_name))
            continue;
        if (io->n == io->n_max)
            io->n_left_out++;
        else
            io->symbols[io->n++] = symbol;
    }
    free(names);
    return 0;
}
