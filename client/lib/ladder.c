/* SPDX-License-Identifier: MIT
 * A ladder's life: which book it is, what is asked of it, and the reading. Rows are made in ladder_rows.c and placed in
 * ladder_window.c. */
#include "handle.h"
#include "ladder_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int hoga_ladder_new(struct hoga *h, struct hoga_ladder **ret)
{
    struct hoga_ladder *l = calloc(1, sizeof *l);

    if (!l)
        return -ENOMEM;
    l->h = h;
    l->view.rows = l->rows;
    l->window = (struct ladder_window){ .n_rows = 20, .is_centre_due = 1, .pointer = -1 };
    l->is_new_book = l->is_dirty = 1;
    *ret = l;
    return 0;
}

struct hoga_ladder *hoga_ladder_free(struct hoga_ladder *l)
{
    free(l);
    return NULL;
}

const struct hoga_ladder_view *hoga_ladder_view(const struct hoga_ladder *l)
{
    return &l->view;
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* Other rows than before: nothing of them can be compared. */
static void rows_begin(struct hoga_ladder *l)
{
    l->is_new_book = 1;
    l->is_dirty = 1;
    l->window.is_centre_due = 1;
    l->window.is_scrolled = 0;
    l->has_chosen = 0;
}

int hoga_ladder_name_set(struct hoga_ladder *l, const char *name)
{
    if (!strchr(name, ':') || strlen(name) >= sizeof l->view.name)
        return -EINVAL;
    (void)snprintf(l->view.name, sizeof l->view.name, "%s", name);
    l->base = (struct ladder_levels){ .id = HOGA_NO_ID };
    l->venue_grouped = (struct ladder_levels){ .id = HOGA_NO_ID };
    l->view.step[0] = '\0';
    l->view.has_instrument = 0;
    l->view.is_frozen = 0;
    l->catalogue_version = 0;
    rows_begin(l);
    return 0;
}

void hoga_ladder_rows_set(struct hoga_ladder *l, uint32_t n_rows)
{
    n_rows = n_rows < HOGA_LADDER_ROWS_MAX ? n_rows : HOGA_LADDER_ROWS_MAX;
    if (n_rows == l->window.n_rows)
        return;
    l->window.n_rows = n_rows;
    l->window.is_centre_due = 1;
    l->is_dirty = 1;
}

void hoga_ladder_column_set(struct hoga_ladder *l, unsigned column)
{
    l->view.column = (uint8_t)(column & (HOGA_LADDER_MONEY | HOGA_LADDER_TOTAL));
    l->is_dirty = 1;
}

int hoga_ladder_group_set(struct hoga_ladder *l, const char *step)
{
    unsigned decimals;
    int64_t mantissa;

    if (!step)
        step = "";
    if (step[0] && (strlen(step) >= sizeof l->view.step || hoga_group_step(step, 0, &decimals, &mantissa) < 0))
        return -EINVAL;
    if (strcmp(step, l->view.step) == 0)
        return 0;
    (void)snprintf(l->view.step, sizeof l->view.step, "%s", step);
    l->venue_grouped = (struct ladder_levels){ .id = HOGA_NO_ID };
    rows_begin(l);
    return 0;
}

void hoga_ladder_freeze(struct hoga_ladder *l, int is_frozen)
{
    if (!is_frozen == !l->view.is_frozen)
        return;
    l->view.is_frozen = is_frozen != 0;
    l->view.frozen_ns = is_frozen ? lib_real_ns() : 0;
    l->is_dirty = 1;
}

void hoga_ladder_centre(struct hoga_ladder *l)
{
    l->window.is_centre_due = 1;
    l->window.is_scrolled = 0;
    l->is_dirty = 1;
}

void hoga_ladder_scroll(struct hoga_ladder *l, int n_rows)
{
    int64_t size = (int64_t)l->rungs[l->now].asks.n + l->rungs[l->now].bids.n;
    int64_t top = l->window.top - n_rows, last = size - 1;
    int64_t first = 1 - (int64_t)l->window.n_rows;

    if (n_rows == 0 || size == 0)
        return;
    l->window.top = top < first ? first : top > last ? last : top; /* a row of the book stays in sight */
    l->window.is_scrolled = 1;
    l->is_dirty = 1;
}

void hoga_ladder_pointer(struct hoga_ladder *l, int row)
{
    if (row < 0 || (uint32_t)row >= l->window.n_rows)
        row = -1;
    if ((row < 0) != (l->window.pointer < 0))
        l->is_dirty = 1;
    l->window.pointer = row;
}

void hoga_ladder_choose(struct hoga_ladder *l, int row)
{
    l->has_chosen = row >= 0 && (uint32_t)row < l->view.n_rows && l->rows[row].side != HOGA_LADDER_NONE;
    if (l->has_chosen)
        l->chosen_price = l->rows[row].price;
    l->is_dirty = 1;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Levels first into a place of their own, since a reading that fails may leave half of another book there.
 * Returns: as hoga_read. */
static int levels_take(struct hoga_ladder *l, struct ladder_levels *io, int64_t now_boot_ns, struct hoga_book *ret)
{
    int r = hoga_read(l->h, io->id, now_boot_ns, ret, l->bids_read, l->asks_read, io->depth);

    if (r < 0)
        return r;
    io->n_bids = lesser(ret->n_bids, io->depth);
    io->n_asks = lesser(ret->n_asks, io->depth);
    memcpy(io->bids, l->bids_read, io->n_bids * sizeof io->bids[0]);
    memcpy(io->asks, l->asks_read, io->n_asks * sizeof io->asks[0]);
    return 0;
}

/* Returns: 0 *io has an id, -ENOENT it is not carried. */
static int levels_find(struct hoga *h, struct ladder_levels *io, const char *name)
{
    struct hoga_info info;
    hoga_id id;

    if (io->id != HOGA_NO_ID)
        return 0;
    if (hoga_find(h, name, &id) < 0 || hoga_info(h, id, &info) < 0)
        return -ENOENT;
    *io =
        (struct ladder_levels){ .id = id, .depth = lesser(info.depth, HOGA_DEPTH_LIMIT), .is_new = 1, .is_day_new = 1 };
    return 0;
}

/* The head, and the levels when its update has moved. A slot that went to another book, or a new file of the daemon's,
 * makes an id stale: it is looked for once more by name.
 * Returns: 1 book or verdict differ from what was kept, 0 not. */
static int levels_read(struct hoga_ladder *l, struct ladder_levels *io, const char *name, int64_t now_boot_ns)
{
    struct hoga_book book;
    int r = -ESTALE, had = io->id != HOGA_NO_ID;

    for (int i = 0; i < 2 && r == -ESTALE; i++) {
        if (i > 0)
            io->id = HOGA_NO_ID;
        if (levels_find(l->h, io, name) < 0)
            return had;
        r = hoga_read_top(l->h, io->id, now_boot_ns, &book);
        if (r == 0 && (io->is_new || book.update != io->book.update))
            r = levels_take(l, io, now_boot_ns, &book);
    }
    if (r == -EAGAIN) /* what was read stays; the next update reads it */
        return 0;
    if (r < 0) {
        io->id = HOGA_NO_ID;
        return had;
    }
    r = io->is_new || book.update != io->book.update || book.state != io->book.state ||
        book.reason != io->book.reason || book.source != io->book.source;
    io->book = book;
    io->is_new = 0;
    return r;
}

/* The row of the catalogue, looked for again when the catalogue has changed. */
static void instrument_read(struct hoga_ladder *l)
{
    uint64_t version = hoga_catalogue_version(l->h);
    char name[HOGA_NAME_SIZE];
    char *at;

    if (version == l->catalogue_version)
        return;
    l->catalogue_version = version;
    (void)snprintf(name, sizeof name, "%s", l->view.name);
    at = strrchr(name, '@'); /* NAME@bbo, NAME@10000: the facts are those of NAME */
    if (at)
        *at = '\0';
    l->view.has_instrument = hoga_catalogue_find(l->h, name, &l->view.instrument) == 0;
    l->is_dirty = 1;
}

/* Does the venue itself group by this step? */
static int venue_has_step(const struct hoga_ladder *l)
{
    const struct hoga_instrument *in = &l->view.instrument;
    int64_t step;

    if (!l->view.has_instrument || !l->view.step[0] || strchr(l->view.name, '@') ||
        hoga_parse(l->view.step, in->group_decimals, &step) < 0)
        return 0;
    for (unsigned i = 0; i < in->n_groups; i++) {
        if (in->groups[i] == step)
            return 1;
    }
    return 0;
}

/* The kept levels, grouped, do not fill the rows: the venue's own grouped book would. */
static int is_venue_better(const struct hoga_ladder *l)
{
    const struct ladder_rungs *r = &l->rungs[l->now];
    int is_cut = l->base.n_asks == l->base.depth || l->base.n_bids == l->base.depth;

    return is_cut && r->asks.n + r->bids.n < l->window.n_rows;
}

/* Returns: 1 its book has changed, or it has come or gone. */
static int venue_grouped_read(struct hoga_ladder *l, int64_t now_boot_ns)
{
    char name[HOGA_NAME_SIZE];
    int was = l->venue_grouped.id != HOGA_NO_ID, r;

    l->view.wanted[0] = '\0';
    if (!venue_has_step(l) || (!was && !is_venue_better(l)))
        return 0;
    if (snprintf(name, sizeof name, "%s@%s", l->view.name, l->view.step) >= (int)sizeof name)
        return 0;
    r = levels_read(l, &l->venue_grouped, name, now_boot_ns);
    if (l->venue_grouped.id == HOGA_NO_ID)
        (void)snprintf(l->view.wanted, sizeof l->view.wanted, "%s", name);
    if (was != (l->venue_grouped.id != HOGA_NO_ID))
        l->is_new_book = l->window.is_centre_due = 1;
    return r;
}

/* The venue's grouped book once it has levels; until then our own grouping. */
static const struct ladder_levels *shown_levels(const struct hoga_ladder *l)
{
    const struct ladder_levels *g = &l->venue_grouped;

    return g->id != HOGA_NO_ID && g->n_asks + g->n_bids > 0 ? g : &l->base;
}

/* Returns: 0, -EINVAL, -ERANGE no such step in these prices. */
static int grouping_make(const struct hoga_ladder *l, const struct ladder_levels *from, struct ladder_grouping *ret,
                         unsigned *ret_decimals)
{
    *ret = (struct ladder_grouping){ 1, 1 };
    *ret_decimals = from->book.price_decimals;
    if (!l->view.step[0] || from == &l->venue_grouped)
        return 0;
    if (hoga_group_step(l->view.step, from->book.price_decimals, ret_decimals, &ret->step) < 0)
        return -EINVAL;
    for (unsigned i = from->book.price_decimals; i < *ret_decimals; i++)
        ret->scale *= 10;
    return 0;
}

static int rungs_make(const struct ladder_grouping *g, const struct ladder_levels *from, struct ladder_rungs *ret)
{
    int r = ladder_side_make(g, from->asks, from->n_asks, 1, &ret->asks);

    return r < 0 ? r : ladder_side_make(g, from->bids, from->n_bids, 0, &ret->bids);
}

static void rows_make(struct hoga_ladder *l, const struct ladder_levels *from, int64_t now_boot_ns)
{
    struct ladder_rungs *next = &l->rungs[!l->now], *before = &l->rungs[l->now];
    struct ladder_grouping g;
    unsigned decimals;

    if (grouping_make(l, from, &g, &decimals) < 0 || rungs_make(&g, from, next) < 0) {
        l->view.step[0] = '\0'; /* too fine for these prices: every level on its own */
        g = (struct ladder_grouping){ 1, 1 };
        decimals = from->book.price_decimals;
        if (rungs_make(&g, from, next) < 0)
            next->asks.n = next->bids.n = 0; /* money beyond 128 bits: no market has it */
    }
    if (decimals != l->view.price_decimals || from->book.size_decimals != l->view.size_decimals)
        l->is_new_book = l->window.is_centre_due = 1; /* mantissas that mean something else */
    if (!l->is_new_book) {
        ladder_side_flash(&before->asks, &next->asks, 1, now_boot_ns);
        ladder_side_flash(&before->bids, &next->bids, 0, now_boot_ns);
    } else {
        before->asks.n = before->bids.n = 0;
    }
    ladder_window_move(&l->window, before, next);
    l->is_new_book = next->asks.n + next->bids.n == 0;
    l->now = !l->now;
    l->view.price_decimals = decimals;
    l->view.size_decimals = from->book.size_decimals;
    l->view.money_decimals = decimals + from->book.size_decimals;
}

/* Which of the two verdicts is to be shown: that which is not live, the book's own first. */
static void verdict_take(struct hoga_ladder *l)
{
    const struct hoga_book *b = l->view.book.state != HOGA_LIVE ? &l->view.book : &l->view.shown;

    l->view.state = b->state;
    l->view.reason = b->reason;
    l->view.source = b->source;
}

static void view_clear(struct hoga_ladder *l)
{
    l->view.book = l->view.shown = (struct hoga_book){ 0 };
    l->rungs[l->now].asks.n = l->rungs[l->now].bids.n = 0;
    l->is_new_book = l->window.is_centre_due = 1;
    l->view.is_grouped_by_venue = 0;
    verdict_take(l);
}

int hoga_ladder_update(struct hoga_ladder *l, int64_t now_boot_ns)
{
    const struct ladder_levels *from;
    int is_changed;

    if (now_boot_ns == 0)
        now_boot_ns = lib_boot_ns();
    instrument_read(l);
    is_changed = levels_read(l, &l->base, l->view.name, now_boot_ns);
    l->view.is_found = l->base.id != HOGA_NO_ID;
    is_changed |= l->view.is_found && venue_grouped_read(l, now_boot_ns);
    is_changed |= ladder_day_read(l);
    from = shown_levels(l);
    l->view.book = l->base.book;
    l->view.shown = from->book;
    l->view.is_grouped_by_venue = from == &l->venue_grouped;
    is_changed |= l->is_dirty;
    if (is_changed && l->view.is_found && (!l->view.is_frozen || l->is_new_book))
        rows_make(l, from, now_boot_ns);
    if (is_changed && !l->view.is_found)
        view_clear(l);
    if (!is_changed && l->flash_until_boot_ns == 0) /* the last flash is drawn once more, when it is over */
        return 0;
    verdict_take(l);
    ladder_facts(l);
    ladder_window_fill(l, now_boot_ns);
    l->is_dirty = 0;
    l->view.version++;
    return 1;
}
