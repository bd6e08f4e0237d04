/* SPDX-License-Identifier: MIT */
#include "top.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROWS_MAX  65536u /* rows are numbered without an end that is known */
#define TRIES_MAX 1000u
#define SECOND_NS INT64_C(1000000000)

/* Without an earlier reading, or after a restart that counts from 0 again: none. */
static uint64_t rate_tenths(uint64_t before, uint64_t now, int64_t elapsed_ns)
{
    if (elapsed_ns <= 0 || now < before)
        return 0;
    return (uint64_t)((unsigned __int128)(now - before) * 10u * SECOND_NS / (uint64_t)elapsed_ns);
}

/* --- books ---------------------------------------------------------------------------------------------------------
 */

/* The row of that id in the last reading; directories hardly ever move, so it is nearly always at the same place. */
static const struct top_book *book_before(const struct top_data *d, hoga_id id, size_t place)
{
    if (place < d->n_books && d->books[place].info.id == id)
        return &d->books[place];
    for (size_t i = 0; i < d->n_books; i++)
        if (d->books[i].info.id == id)
            return &d->books[i];
    return NULL;
}

static bool is_wanted(const struct tui_options *options, const struct hoga_info *info)
{
    for (int i = 0; i < options->n_patterns; i++) {
        const char *pattern = options->patterns[i], *text = strchr(pattern, ':') ? info->name : info->symbol;

        if (strcasecmp(pattern, text) == 0 || fnmatch(pattern, text, FNM_CASEFOLD) == 0)
            return true;
    }
    return options->n_patterns == 0;
}

/* Returns false for one that went meanwhile. */
static bool book_read(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct top_book *ret)
{
    int r = hoga_info(h, id, &ret->info);

    if (r < 0)
        return false;
    text_clean(ret->info.name);
    text_clean(ret->info.venue);
    text_clean(ret->info.symbol);
    r = -EAGAIN;
    for (unsigned i = 0; i < TRIES_MAX && r == -EAGAIN; i++)
        r = hoga_read_top(h, id, now_boot_ns, &ret->book);
    return r == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct top_book *const *)a)->info.name, (*(const struct top_book *const *)b)->info.name);
}

static int name_against(const void *name, const void *book)
{
    return strcmp(name, (*(const struct top_book *const *)book)->info.name);
}

/* Korean names out of the catalogue, in one walk through it. */
static void books_name(struct hoga *h, struct top_book *books, size_t n)
{
    struct top_book **sorted = calloc(n ? n : 1, sizeof(struct top_book *)), **found;
    struct hoga_instrument in;
    uint32_t row = 0;
    int r;

    if (!sorted)
        return; /* names are a courtesy */
    for (size_t i = 0; i < n; i++)
        sorted[i] = &books[i];
    qsort(sorted, n, sizeof(struct top_book *), by_name);
    while ((r = hoga_catalogue_next(h, &row, &in)) != 0) {
        if (r < 0)
            continue;
        text_clean(in.name);
        found = bsearch(in.name, sorted, n, sizeof(struct top_book *), name_against);
        if (!found)
            continue;
        text_clean(in.name_korean);
        memcpy((*found)->korean, in.name_korean, sizeof(*found)->korean);
    }
    free(sorted);
}

static int books_read(struct hoga *h, const struct tui_options *options, struct top_data *io, int64_t now_boot_ns)
{
    int n_ids = hoga_list(h, NULL, 0);
    hoga_id *ids = calloc((size_t)(n_ids > 0 ? n_ids : 0) + 1, sizeof *ids);
    struct top_book *books = calloc((size_t)(n_ids > 0 ? n_ids : 0) + 1, sizeof *books);
    uint64_t version = hoga_catalogue_version(h);
    bool is_named = version == io->catalogue_version;
    size_t n = 0;

    if (!ids || !books) {
        free(ids);
        free(books);
        return -ENOMEM;
    }
    int n_now = n_ids > 0 ? hoga_list(h, ids, (size_t)n_ids) : 0;

    io->n_live = 0;
    for (int i = 0; i < n_ids && i < n_now; i++) {
        const struct top_book *before = book_before(io, ids[i], n);

        if (!book_read(h, ids[i], now_boot_ns, &books[n]) || !is_wanted(options, &books[n].info))
            continue;
        if (before) {
            books[n].rate_tenths =
                rate_tenths(before->book.update, books[n].book.update, now_boot_ns - io->read_boot_ns);
            memcpy(books[n].korean, before->korean, sizeof books[n].korean);
        }
        is_named = is_named && before;
        io->n_live += books[n].book.state == HOGA_LIVE;
        n++;
    }
    if (!is_named)
        books_name(h, books, n);
    free(ids);
    free(io->books);
    io->books = books;
    io->n_books = n;
    io->catalogue_version = version;
    return 0;
}

/* --- the rest ------------------------------------------------------------------------------------------------------
 */

static void connections_read(struct hoga *h, struct top_data *io)
{
    io->n_connections = 0;
    for (uint32_t i = 0; i < ROWS_MAX && io->n_connections < TOP_CONNECTIONS_MAX; i++) {
        struct hoga_connection *row = &io->connections[io->n_connections];
        int r = hoga_connection(h, i, row);

        if (r == -ERANGE)
            break;
        if (r < 0)
            continue;
        text_clean(row->venue);
        io->connection_indices[io->n_connections++] = (uint16_t)i;
    }
}

static void latencies_read(struct hoga *h, struct top_data *io)
{
    io->n_latencies = 0;
    for (uint32_t i = 0; i < ROWS_MAX && io->n_latencies < TOP_LATENCIES_MAX; i++) {
        struct hoga_latency *row = &io->latencies[io->n_latencies];
        int r = hoga_latency(h, i, row);

        if (r == -ERANGE)
            break;
        if (r < 0)
            continue;
        text_clean(row->venue);
        text_clean(row->name);
        io->n_latencies++;
    }
}

static void counters_read(struct hoga *h, struct top_data *io, int64_t now_boot_ns)
{
    size_t n = 0;

    for (uint32_t i = 0; i < ROWS_MAX && n < TOP_COUNTERS_MAX; i++) {
        struct top_counter *row = &io->counters[n];
        struct hoga_counter now;
        int r = hoga_counter(h, i, &now);

        if (r == -ERANGE)
            break;
        if (r < 0)
            continue;
        text_clean(now.name);
        text_clean(now.unit);
        row->rate_tenths = n < io->n_counters && strcmp(row->counter.name, now.name) == 0
                               ? rate_tenths(row->counter.value, now.value, now_boot_ns - io->read_boot_ns)
                               : 0;
        row->counter = now;
        n++;
    }
    io->n_counters = n;
}

int top_data_read(struct hoga *h, const struct tui_options *options, struct top_data *io)
{
    int64_t now_boot_ns = text_now_boot_ns();
    int r = books_read(h, options, io, now_boot_ns);

    if (r < 0)
        return r;
    (void)hoga_daemon(h, &io->daemon);
    text_clean(io->daemon.version);
    text_clean(io->daemon.path);
    connections_read(h, io);
    latencies_read(h, io);
    counters_read(h, io, now_boot_ns);
    io->read_boot_ns = now_boot_ns;
    return 0;
}

void top_data_done(struct top_data *data)
{
    free(data->books);
    *data = (struct top_data){ 0 };
}

/* --- which rows, in which order ------------------------------------------------------------------------------------
 */

/* Worse first: what cannot be had, what is down, what is on its way; live last. */
static int state_rank(unsigned state)
{
    static const uint8_t ranks[] = {
        [HOGA_FAILED] = 9, [HOGA_DOWN] = 8,    [HOGA_EMPTY] = 7, [HOGA_SYNCING] = 6, [HOGA_GAP] = 5,
        [HOGA_HALTED] = 4, [HOGA_CROSSED] = 3, [HOGA_STALE] = 2, [HOGA_LAGGING] = 1, [HOGA_LIVE] = 0,
    };

    return state < sizeof ranks ? ranks[state] : 10;
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_books(const void *a, const void *b, void *context)
{
    const struct top *t = context;
    const struct top_book *x = &t->data.books[*(const uint32_t *)a], *y = &t->data.books[*(const uint32_t *)b];
    int order = 0;

    switch (t->sort) {
    case TOP_SORT_NAME:
        order = strcmp(x->info.name, y->info.name);
        break;
    case TOP_SORT_STATE:
        order = compare_numbers(state_rank(y->book.state), state_rank(x->book.state));
        break;
    case TOP_SORT_RATE:
        order = compare_numbers((int64_t)y->rate_tenths, (int64_t)x->rate_tenths);
        break;
    case TOP_SORT_CHANGED:
        order = compare_numbers(y->book.changed_age_ns, x->book.changed_age_ns);
        break;
    case TOP_SORT_DIRECTORY:
    case TOP_SORTS:
        break;
    }
    if (order == 0)
        order = compare_numbers(*(const uint32_t *)a, *(const uint32_t *)b);
    return t->is_reversed ? -order : order;
}

const char *top_sort_word(enum top_sort sort)
{
    static const char *const words[] = { N_("directory"), N_("name"), N_("state"), N_("rate"), N_("change") };

    return _(words[sort]);
}

/* A part of the text, or a glob, without case. */
static bool passes(const struct top *t, const char *text, const char *other)
{
    const char *filter = t->is_asking ? t->typed : t->filter;

    if (!filter[0])
        return true;
    if (strpbrk(filter, "*?["))
        return fnmatch(filter, text, FNM_CASEFOLD) == 0 || fnmatch(filter, other, FNM_CASEFOLD) == 0;
    return strcasestr(text, filter) || strcasestr(other, filter);
}

static bool is_shown(const struct top *t, enum top_pane pane, size_t i)
{
    const struct top_data *d = &t->data;

    switch (pane) {
    case TOP_BOOKS:
        return passes(t, d->books[i].info.name, d->books[i].korean);
    case TOP_CONNECTIONS:
        return passes(t, d->connections[i].venue, hoga_state_word(d->connections[i].state));
    case TOP_LATENCIES:
        return (t->has_zeros || d->latencies[i].count) && passes(t, d->latencies[i].venue, d->latencies[i].name);
    case TOP_COUNTERS:
        return (t->has_zeros || d->counters[i].counter.value) && passes(t, d->counters[i].counter.name, "");
    case TOP_PANES:
        break;
    }
    return false;
}

static int list_fill(struct top *t, enum top_pane pane, size_t n)
{
    struct top_list *list = &t->lists[pane];

    if (n > list->room) {
        uint32_t *rows = reallocarray(list->rows, n, sizeof *rows);

        if (!rows)
            return -ENOMEM;
        list->rows = rows;
        list->room = n;
    }
    list->n = 0;
    for (size_t i = 0; i < n; i++)
        if (is_shown(t, pane, i))
            list->rows[list->n++] = (uint32_t)i;
    if (list->picked >= list->n)
        list->picked = list->n ? list->n - 1 : 0;
    return 0;
}

int top_arrange(struct top *t)
{
    const struct top_data *d = &t->data;
    const size_t counts[TOP_PANES] = { d->n_books, d->n_connections, d->n_latencies, d->n_counters };
    int r = 0;

    for (int pane = 0; pane < TOP_PANES && r == 0; pane++)
        r = list_fill(t, (enum top_pane)pane, counts[pane]);
    if (r == 0 && t->lists[TOP_BOOKS].n > 1)
        qsort_r(t->lists[TOP_BOOKS].rows, t->lists[TOP_BOOKS].n, sizeof(uint32_t), compare_books, t);
    return r;
}
