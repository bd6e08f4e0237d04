/* SPDX-License-Identifier: MIT
 * Fetching the catalogue: which request is next, what becomes of its answer, when to try again. The parts of a venue
 * that list instruments come first and together make one list, taken over whole; parts that name symbols add to it. */
#include "feed/catalogue_private.h"

#include "core/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_SOON_NS  1500000000ll /* so many times while there is no list and patterns stand for nothing */
#define RETRY_SOON     60
#define RETRY_NONE_NS  15000000000ll /* later, while there is none */
#define RETRY_FIRST_NS 5000000000ll
#define RETRY_MAX_NS   600000000000ll
#define SPACING_NS     200000000ll   /* between two requests: 5 a second, half of the least that a sheet allows */
#define NAMED_MAX      128           /* symbols in one request */
#define FLIGHT_NS_MAX  30000000000ll /* an answer that never came, beyond the port's own deadline */

int catalogue_new(struct feed *f)
{
    if (!f->options.venue->catalogue || !f->options.port.get || f->options.catalogue_s == 0)
        return 0;
    f->catalogue = calloc(1, sizeof(*f->catalogue));
    return f->catalogue ? 0 : -ENOMEM;
}

struct feed_catalogue *catalogue_free(struct feed_catalogue *c)
{
    if (!c)
        return NULL;
    catalogue_list_done(&c->now);
    catalogue_list_done(&c->next);
    free(c->bytes);
    free(c->gone);
    free(c);
    return NULL;
}

static const struct catalogue_part *part_now(const struct feed *f)
{
    const struct venue_catalogue *catalogue = f->options.venue->catalogue;

    return f->catalogue->part < catalogue->n_parts ? &catalogue->parts[f->catalogue->part] : NULL;
}

static void bytes_drop(struct feed_catalogue *c)
{
    free(c->bytes);
    c->bytes = NULL;
}

/* Details that did not come in this round are unknown; all rows are published once more, with those that did. */
static void details_end(struct feed_catalogue *c)
{
    for (uint32_t i = 0; i < c->now.n; i++) {
        struct feed_instrument *row = c->now.sorted[i];

        if (!row->is_detailed)
            row->instrument.n_ticks = row->instrument.n_groups = row->instrument.is_tick_now = 0;
    }
    c->n_published = 0;
}

/* Nothing more of this round. */
static void round_end(struct feed *f, int64_t wait_ns)
{
    struct feed_catalogue *c = f->catalogue;

    if (catalogue_has_details(f))
        details_end(c);
    bytes_drop(c);
    catalogue_list_done(&c->next);
    c->phase = CATALOGUE_IDLE;
    c->part = c->n_pages = c->n_named = 0;
    c->cursor[0] = '\0';
    c->due_boot_ns = f->now_boot_ns + wait_ns;
}

static void round_fail(struct feed *f, const char *why)
{
    struct feed_catalogue *c = f->catalogue;
    int64_t wait_ns = RETRY_FIRST_NS, wait_ns_max = (int64_t)f->options.catalogue_s * 1000000000;
    uint32_t n_soon = c->now.n == 0 ? RETRY_SOON : 0;

    wait_ns_max = wait_ns_max < RETRY_MAX_NS ? wait_ns_max : RETRY_MAX_NS;
    wait_ns_max = n_soon > 0 && wait_ns_max > RETRY_NONE_NS ? RETRY_NONE_NS : wait_ns_max;
    for (uint32_t i = n_soon; i < c->n_failures && wait_ns < wait_ns_max; i++)
        wait_ns *= 2;
    if (c->n_failures < n_soon)
        wait_ns = RETRY_SOON_NS;
    c->n_failures++;
    log_warn("catalogue.failed", F_STR("venue", f->options.venue->name), F_STR("why", why));
    round_end(f, wait_ns < wait_ns_max ? wait_ns : wait_ns_max);
}

/* --- requests ------------------------------------------------------------------------------------------------------
 */

/* The next symbols of a part that names them, only such as may stand in a URL, each with its place in the list; and
 * behind them the place where the next request begins if all of them fit. Returns: how many. */
static uint32_t symbols_collect(const struct feed *f, const char *ret[NAMED_MAX], uint32_t ret_places[NAMED_MAX + 1],
                                uint32_t n_max)
{
    const struct feed_catalogue *c = f->catalogue;
    uint32_t n = 0, at = c->n_named;

    for (; at < c->now.n && n < NAMED_MAX && n < n_max; at++) {
        const char *symbol = c->now.sorted[at]->instrument.symbol;

        if (f->options.venue->symbol_check(symbol) != REASON_NONE)
            continue;
        ret_places[n] = at;
        ret[n++] = symbol;
    }
    ret_places[n] = at;
    return n;
}

/* Returns: 1 written, 0 the part has nothing left to ask, -ENOBUFS. */
static int url_write(struct feed *f, const struct catalogue_part *part)
{
    const char *symbols[NAMED_MAX];
    struct feed_catalogue *c = f->catalogue;
    uint32_t places[NAMED_MAX + 1], n_symbols = 0, n_taken = 0;
    struct text url;
    int r;

    if (part->names_symbols) {
        n_symbols = symbols_collect(f, symbols, places, part->symbols_max);
        if (n_symbols == 0)
            return 0;
    }
    text_init(&url, c->url, sizeof(c->url));
    text_add_string(&url, f->options.rest_url ? f->options.rest_url : f->options.venue->rest_url);
    r = catalogue_path(&url, part, symbols, n_symbols, c->cursor, &n_taken);
    if (r < 0)
        return r;
    if (part->names_symbols)
        c->n_named_next = places[n_taken];
    return 1;
}

static void request_begin(struct feed *f)
{
    struct feed_catalogue *c = f->catalogue;
    const struct catalogue_part *part = part_now(f);
    int r;

    if (!part) {
        c->n_failures = 0;
        round_end(f, (int64_t)f->options.catalogue_s * 1000000000);
        return;
    }
    r = url_write(f, part);
    if (r == 0) {
        c->part++;
        return;
    }
    if (r < 0) {
        round_fail(f, "the address is too long");
        return;
    }
    if ((f->n_items > 0 && !rest_has_half(f)) || !rest_budget_take(f, part->weight))
        return; /* a later tick: books come first */
    c->phase = CATALOGUE_FLYING;
    c->since_boot_ns = f->now_boot_ns;
    if (f->options.port.get(f->options.port.context, feed_conn(f, 0), c->url) < 0)
        round_fail(f, "no request could be made");
}

/* --- answers -------------------------------------------------------------------------------------------------------
 */

int feed_catalogue_wants(const struct feed *f, const char *url)
{
    const struct feed_catalogue *c = f->catalogue;

    return c && c->phase == CATALOGUE_FLYING && strcmp(c->url, url) == 0;
}

void feed_catalogue_take(struct feed *f, uint32_t status, char *bytes, size_t size, int64_t now_ns)
{
    struct feed_catalogue *c = f->catalogue;

    (void)now_ns;
    if (!bytes) {
        round_fail(f, status == 0 ? "no answer" : "refused");
        return;
    }
    bytes_drop(c);
    c->bytes = bytes;
    c->phase = CATALOGUE_READING;
    if (catalogue_begin(&c->scan, part_now(f), bytes, size) < 0)
        round_fail(f, "the answer is no list");
}

static void detail_take(struct feed_catalogue *c, const struct md_instrument *instrument)
{
    struct feed_instrument *row = catalogue_list_find(&c->now, instrument->symbol);

    if (!row)
        return;
    row->is_detailed = 1;
    row->instrument.n_ticks = instrument->n_ticks;
    row->instrument.is_tick_now = instrument->is_tick_now;
    memcpy(row->instrument.ticks, instrument->ticks, sizeof(instrument->ticks));
    row->instrument.n_groups = instrument->n_groups;
    memcpy(row->instrument.groups, instrument->groups, sizeof(instrument->groups));
}

/* The answer was read to its end: the next page, the next symbols, or the next part. */
static void answer_end(struct feed *f)
{
    struct feed_catalogue *c = f->catalogue;
    const struct venue_catalogue *catalogue = f->options.venue->catalogue;

    bytes_drop(c);
    c->phase = CATALOGUE_IDLE;
    c->due_boot_ns = f->now_boot_ns + SPACING_NS;
    if (part_now(f)->names_symbols) {
        c->n_named = c->n_named_next;
        return;
    }
    if (c->scan.cursor[0] != '\0') {
        if (++c->n_pages == CATALOGUE_PAGES_MAX)
            round_fail(f, "too many pages");
        else
            memcpy(c->cursor, c->scan.cursor, sizeof(c->cursor));
        return;
    }
    c->cursor[0] = '\0';
    c->n_pages = 0;
    c->part++;
    if (c->part == catalogue->n_parts || catalogue->parts[c->part].names_symbols)
        c->phase = CATALOGUE_READ;
}

static void answer_read(struct feed *f, int64_t now_ns)
{
    struct feed_catalogue *c = f->catalogue;
    struct md_instrument instrument;
    const char *start = c->scan.s.at;
    int r = 1;

    for (uint32_t i = 0; r > 0 && i < CATALOGUE_ROWS_TURN && (size_t)(c->scan.s.at - start) < CATALOGUE_BYTES_TURN;
         i++) {
        r = catalogue_next(&c->scan, &instrument);
        if (r <= 0)
            break;
        if (part_now(f)->names_symbols)
            detail_take(c, &instrument);
        else if (catalogue_list_add(&c->next, &instrument, now_ns) < 0)
            r = -E2BIG;
    }
    if (r < 0)
        round_fail(f, r == -E2BIG ? "the list is too long" : "the answer cannot be read");
    else if (r == 0)
        answer_end(f);
}

/* An empty list is an error of the venue: it would drop every book that a pattern named. */
static void list_sort(struct feed *f)
{
    struct feed_catalogue *c = f->catalogue;

    c->phase = CATALOGUE_SORTED;
    if (c->next.n == 0)
        round_fail(f, "the list is empty");
    else if (catalogue_list_sort(&c->next) < 0)
        round_fail(f, "no memory");
}

static void list_take(struct feed *f, int64_t now_ns)
{
    struct feed_catalogue *c = f->catalogue;

    if (catalogue_list_take_over(f, c) < 0) {
        round_fail(f, "no memory");
        return;
    }
    log_info("catalogue.taken", F_STR("venue", f->options.venue->name), F_U64("instruments", c->now.n));
    catalogue_judge(f, now_ns);
    c->is_new = 1;
    c->phase = CATALOGUE_IDLE;
}

void catalogue_tick(struct feed *f, int64_t now_ns)
{
    struct feed_catalogue *c = f->catalogue;

    if (!c)
        return;
    switch (c->phase) {
    case CATALOGUE_IDLE:
        if (f->now_boot_ns >= c->due_boot_ns)
            request_begin(f);
        return;
    case CATALOGUE_FLYING:
        if (f->now_boot_ns - c->since_boot_ns > FLIGHT_NS_MAX)
            round_fail(f, "no answer");
        return;
    case CATALOGUE_READING:
        answer_read(f, now_ns);
        return;
    case CATALOGUE_READ:
        list_sort(f);
        return;
    case CATALOGUE_SORTED:
        list_take(f, now_ns);
        return;
    }
}

/* --- for others ----------------------------------------------------------------------------------------------------
 */

int feed_catalogue_is_new(struct feed *f)
{
    int is_new = f->catalogue && f->catalogue->is_new;

    if (is_new)
        f->catalogue->is_new = 0;
    return is_new;
}

int feed_catalogue_is_there(const struct feed *f)
{
    return f->catalogue && f->catalogue->is_there;
}

int feed_catalogue_next_gone(struct feed *f, uint32_t *ret_row)
{
    if (!f->catalogue || f->catalogue->n_gone == 0)
        return 0;
    *ret_row = f->catalogue->gone[--f->catalogue->n_gone];
    return 1;
}

struct feed_instrument *feed_catalogue_next_changed(struct feed *f)
{
    struct feed_catalogue *c = f->catalogue;

    return c && c->n_published < c->now.n ? c->now.sorted[c->n_published++] : NULL;
}
