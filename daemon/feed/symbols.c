/* SPDX-License-Identifier: MIT
 * The wanted set: which instruments there are, on which connection each lies, and how one is found by its symbol. */
#include "feed/feed_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint32_t symbol_hash(const char *symbol)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *symbol; symbol++)
        hash = (hash ^ (uint8_t)*symbol) * 16777619u;
    return hash;
}

/* The cell of the symbol, or the free one where it belongs; the table is never more than half full. */
static uint32_t symbol_cell(const struct feed *f, const char *symbol)
{
    uint32_t cell = symbol_hash(symbol) & (f->table_size - 1);

    while (f->table[cell] != 0 && strcmp(f->items[f->table[cell] - 1]->public.symbol, symbol) != 0)
        cell = (cell + 1) & (f->table_size - 1);
    return cell;
}

void symbols_index(struct feed *f)
{
    memset(f->table, 0, f->table_size * sizeof(f->table[0]));
    for (uint32_t i = 0; i < f->n_items; i++)
        f->table[symbol_cell(f, f->items[i]->public.symbol)] = i + 1;
    due_begin(f);
}

struct feed_item *symbols_find(const struct feed *f, const char *symbol)
{
    uint32_t entry = f->table[symbol_cell(f, symbol)];

    return entry ? f->items[entry - 1] : NULL;
}

int item_new(const struct feed *f, const char *symbol, struct feed_item **ret)
{
    int goes_on = f->options.is_replay && !f->is_told;
    struct book_options options = { .levels_max = f->options.levels_max,
                                    .levels_shown = goes_on ? 0 : f->options.depth_published,
                                    .buffer_size = f->options.venue->join != VENUE_JOIN_NONE ? FEED_BUFFER_SIZE : 0,
                                    .has_digits = f->options.venue->has_digits,
                                    .goes_on = (uint8_t)goes_on };
    struct feed_item *item;
    int r;

    if (strlen(symbol) >= MD_SYMBOL_SIZE)
        return -ENAMETOOLONG;
    item = calloc(1, sizeof(*item));
    if (!item)
        return -ENOMEM;
    r = book_new(&options, &item->public.book);
    if (r < 0) {
        free(item);
        return r;
    }
    (void)text_copy(item->public.symbol, MD_SYMBOL_SIZE, symbol);
    item->public.slot = FEED_SLOT_NONE;
    item->public.conn = feed_conn(f, 0);
    item->phase = PHASE_QUEUED;
    item->is_wanted = 1;
    extras_begin(f, item);
    *ret = item;
    return 0;
}

struct feed_item *item_free(struct feed_item *item)
{
    if (item) {
        item->public.book = book_free(item->public.book);
        item->shadow = book_free(item->shadow);
    }
    free(item);
    return NULL;
}

/* The wanted set under construction: nothing of the feed changes until it is whole. */
struct plan {
    struct feed_item **added; /* n_max */
    uint32_t n_added, n_kept;
    uint32_t n_books[FEED_CONNECTIONS_MAX];
};

static struct plan plan_done(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->n_added; i++)
        plan->added[i] = item_free(plan->added[i]);
    free(plan->added);
    return (struct plan){ 0 };
}

static int plan_has(const struct plan *plan, const char *symbol)
{
    for (uint32_t i = 0; i < plan->n_added; i++)
        if (strcmp(plan->added[i]->public.symbol, symbol) == 0)
            return 1;
    return 0;
}

static uint32_t plan_n_carrying(const struct plan *plan)
{
    uint32_t n = 0;

    for (uint32_t line = 0; line < FEED_CONNECTIONS_MAX; line++)
        n += plan->n_books[line] > 0;
    return n;
}

/* How well a connection would do for one more book: one that carries some, one that is idle, and only then one that is
 * just being left. 0: it has no room. */
static int plan_rank(const struct feed *f, const struct plan *plan, uint32_t line, int may_begin)
{
    const struct feed_line *at = f->lines[line];
    uint32_t room = request_room(f), n = plan->n_books[line];

    if ((at && at->predecessor) || (room > 0 && n >= room) || (n == 0 && !may_begin))
        return 0;
    return n > 0 ? 3 : !at || at->release_boot_ns == 0 ? 2 : 1;
}

/* The first connection with room, so that books keep theirs when others come and go; one that carries books comes
 * before one that carries none, wherever hand-overs have moved them. */
static int plan_connect(struct feed *f, struct plan *plan, struct feed_item *item)
{
    uint32_t n_lines = feed_lines_most(f), best = 0;
    int may_begin = plan_n_carrying(plan) < feed_carriers_max(f), rank = 0, r;

    for (uint32_t line = 0; line < n_lines && rank < 3; line++) {
        int one = plan_rank(f, plan, line, may_begin);

        if (one > rank)
            rank = one, best = line;
    }
    if (rank == 0)
        return -ENOSPC;
    r = feed_line_take(f, best);
    if (r < 0)
        return r;
    plan->n_books[best]++;
    item->public.conn = feed_conn(f, best);
    return 0;
}

/* One more than carry books, if there may be: it is to take over from any of them. */
static int plan_spare_take(struct feed *f, const struct plan *plan)
{
    uint32_t n = plan_n_carrying(plan) + 1, most = feed_lines_most(f);
    int r = 0;

    while (r == 0 && f->n_lines < n && f->n_lines < most)
        r = feed_line_take(f, f->n_lines);
    return r;
}

static int plan_add(const struct feed *f, struct plan *plan, const char *symbol)
{
    struct feed_item *item;
    int r;

    if (plan_has(plan, symbol))
        return 0;
    if (plan->n_kept + plan->n_added >= f->options.books_max)
        return -ENOSPC;
    r = item_new(f, symbol, &item);
    if (r < 0)
        return r;
    plan->added[plan->n_added++] = item;
    return 0;
}

static int plan_make(struct feed *f, const char *const *symbols, size_t n, struct plan *plan)
{
    int r = 0;

    for (uint32_t i = 0; i < f->n_items; i++)
        f->items[i]->is_wanted = 0;
    plan->added = calloc(f->options.books_max, sizeof(struct feed_item *));
    if (!plan->added)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct feed_item *item = symbols_find(f, symbols[i]);

        if (!item || item->is_wanted)
            continue;
        item->is_wanted = 1;
        plan->n_kept++;
        plan->n_books[feed_index(f, item->public.conn)]++;
    }
    for (size_t i = 0; r == 0 && i < n; i++)
        if (!symbols_find(f, symbols[i]))
            r = plan_add(f, plan, symbols[i]);
    for (uint32_t i = 0; r == 0 && i < plan->n_added; i++)
        r = plan_connect(f, plan, plan->added[i]);
    if (r == 0)
        r = plan_spare_take(f, plan);
    if (r == 0 && f->n_dropped + (f->n_items - plan->n_kept) > f->options.books_max)
        r = -ENOSPC; /* the slots dropped before have not been asked for */
    return r;
}

static void changed_drop(struct feed *f)
{
    for (uint32_t n = f->n_changed; n > 0; n--) {
        struct feed_item *item = f->changed[f->first_changed];

        f->first_changed = (f->first_changed + 1) % f->options.books_max;
        f->n_changed--;
        item->is_changed = 0;
        if (item->is_wanted)
            feed_book_mark(f, item);
    }
}

static void unwanted_drop(struct feed *f)
{
    uint32_t n_items = 0;

    changed_drop(f);
    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item->is_wanted) {
            f->items[n_items++] = item;
            continue;
        }
        if (item->public.slot < FEED_SLOT_FULL)
            f->dropped[f->n_dropped++] = item->public.slot;
        rest_forget(f, item);
        feed_deed(f, 'd', item->public.symbol);
        if (item->phase != PHASE_UNSENDABLE)
            feed_line_of(f, item)->needs_request = 1;
        succession_drop(f, item);
        if (!f->options.venue->limits.request_replaces_all)
            request_farewell(f, item, (item->is_at_venue ? MD_CHANNEL_BOOK : 0) | item->extras_asked);
        (void)item_free(item);
    }
    f->n_items = n_items;
}

int symbols_add(struct feed *f, const char *symbol)
{
    struct feed_item *item;
    int r = f->n_items < f->options.books_max ? item_new(f, symbol, &item) : -ENOSPC;

    if (r < 0)
        return r;
    f->items[f->n_items++] = item;
    symbols_index(f);
    return 0;
}

void symbols_drop(struct feed *f, struct feed_item *item)
{
    for (uint32_t i = 0; i < f->n_items; i++)
        f->items[i]->is_wanted = f->items[i] != item;
    if (item->public.slot < FEED_SLOT_FULL && f->n_dropped == f->options.books_max)
        f->n_dropped = 0; /* nobody publishes them */
    unwanted_drop(f);
    symbols_index(f);
}

static void item_begin(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    enum reason reason = f->options.venue->symbol_check(item->public.symbol);

    feed_deed(f, 'c', item->public.symbol);
    if (reason == REASON_NONE) {
        (void)book_verdict_set(item->public.book, STATE_SYNCING, REASON_QUEUED, now_ns);
        feed_line_of(f, item)->needs_request = 1;
        succession_add(f, item);
    } else {
        item->phase = PHASE_UNSENDABLE;
        (void)book_verdict_set(item->public.book, STATE_FAILED, reason, now_ns);
    }
    feed_book_mark(f, item);
    feed_book_log(f, item);
}

/* An emptied connection cannot be told so: a request names at least one book. Dialing anew, without one, ends what the
 * venue still sends. */
static void lines_settle(struct feed *f, const struct plan *plan, int64_t now_ns)
{
    for (uint32_t i = 0; i < FEED_CONNECTIONS_MAX; i++) {
        struct feed_line *line = f->lines[i];
        uint32_t n_before = line ? line->public.n_books : 0;

        if (!line)
            continue;

        line->public.n_books = plan->n_books[i];
        if (n_before != line->public.n_books)
            feed_line_mark(f, i);
        if (line->successor && line->public.n_books == 0)
            handover_cancel(f, i, REASON_DROPPED, 0);
        if (n_before > 0 && line->public.n_books == 0 && line->is_open && f->options.port.redial)
            f->options.port.redial(f->options.port.context, feed_conn(f, i), REASON_DROPPED);
        else
            request_try(f, i, now_ns);
    }
}

/* They hold the indices that are needed. */
static void handovers_put_off(struct feed *f)
{
    for (uint32_t i = 0; i < f->n_lines; i++)
        if (f->lines[i]->successor)
            handover_cancel(f, i, REASON_NONE, 0);
}

int feed_symbols_set(struct feed *f, const char *const *symbols, size_t n, int64_t now_ns)
{
    struct plan plan = { 0 };
    uint32_t first_added;
    int r = plan_make(f, symbols, n, &plan);

    if (r == -ENOSPC && f->n_handovers > 0) {
        (void)plan_done(&plan);
        handovers_put_off(f);
        r = plan_make(f, symbols, n, &plan);
    }
    if (r < 0) {
        (void)plan_done(&plan);
        return r;
    }
    unwanted_drop(f);
    first_added = f->n_items;
    for (uint32_t i = 0; i < plan.n_added; i++)
        f->items[f->n_items++] = plan.added[i];
    plan.n_added = 0; /* they are the feed's now */
    symbols_index(f);
    for (uint32_t i = first_added; i < f->n_items; i++)
        item_begin(f, f->items[i], now_ns);
    lines_settle(f, &plan, now_ns);
    (void)plan_done(&plan);
    return 0;
}
