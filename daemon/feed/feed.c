/* SPDX-License-Identifier: MIT
 * A feed's memory, and what each kind of input does to its connections. */
#include "feed/feed_private.h"

#include "book/sync.h"
#include "core/log.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int feed_allocate(struct feed *f)
{
    uint32_t n = f->options.books_max;

    f->table_size = 2;
    while (f->table_size < 2 * n)
        f->table_size *= 2;
    f->items = calloc(n, sizeof(f->items[0]));
    f->table = calloc(f->table_size, sizeof(f->table[0]));
    f->changed = calloc(n, sizeof(f->changed[0]));
    f->dropped = calloc(n, sizeof(f->dropped[0]));
    f->symbols = calloc(n, sizeof(f->symbols[0]));
    f->request = malloc(FEED_REQUEST_SIZE);
    f->farewells = calloc(n, sizeof(f->farewells[0]));
    f->due_boot_ns = calloc(n, sizeof(f->due_boot_ns[0]));
    if (!f->due_boot_ns || !f->farewells || !f->items || !f->table || !f->changed || !f->dropped || !f->symbols ||
        !f->request)
        return -ENOMEM;
    return 0;
}

int feed_new(const struct feed_options *options, struct feed **ret)
{
    struct feed *f;

    assert(options->books_max > 0);
    f = calloc(1, sizeof(*f));
    if (!f)
        return -ENOMEM;
    f->options = *options;
    f->spent = options->spent ? options->spent : &f->own_spent;
    for (uint32_t i = 0; i < FEED_CONNECTIONS_MAX; i++)
        f->line_of_conn[i] = FEED_LINE_NONE;
    if (feed_allocate(f) < 0 || catalogue_new(f) < 0 || (!options->port.take && feed_connections_begin(f) < 0)) {
        (void)feed_free(f);
        return -ENOMEM;
    }
    deed_begin(f);
    *ret = f;
    return 0;
}

struct feed *feed_free(struct feed *f)
{
    if (!f)
        return NULL;
    for (uint32_t i = 0; i < f->n_items; i++)
        (void)item_free(f->items[i]);
    free(f->items);
    free(f->table);
    free(f->changed);
    free(f->dropped);
    free(f->symbols);
    free(f->request);
    free(f->farewells);
    feed_lines_free(f);
    free(f->due_boot_ns);
    f->catalogue = catalogue_free(f->catalogue);
    free(f);
    return NULL;
}

void feed_book_mark(struct feed *f, struct feed_item *item)
{
    due_touch(f, item);
    if (item->is_changed)
        return;
    item->is_changed = 1;
    f->changed[(f->first_changed + f->n_changed++) % f->options.books_max] = item;
}

void feed_line_mark(struct feed *f, uint32_t line)
{
    f->n_changed_lines += !f->lines[line]->is_changed;
    f->lines[line]->is_changed = 1;
}

struct feed_line *feed_line_of(struct feed *f, const struct feed_item *item)
{
    return f->lines[feed_index(f, item->public.conn)];
}

/* One line a change. What every start and every reconnect does is for those who ask for it. */
void feed_book_log(struct feed *f, struct feed_item *item)
{
    const struct book_verdict *verdict = book_verdict(item->public.book);

    due_see(f, item, verdict);
    if (verdict->state == item->logged_state && verdict->reason == item->logged_reason)
        return;
    item->logged_state = verdict->state;
    item->logged_reason = verdict->reason;
    LOG_EVENT_(verdict->state == STATE_FAILED    ? LOG_LEVEL_WARN
               : verdict->state == STATE_SYNCING ? LOG_LEVEL_DEBUG
                                                 : LOG_LEVEL_NOTICE,
               "book.state", F_STR("venue", f->options.venue->name), F_STR("symbol", item->public.symbol),
               F_STR("state", verdict_state_word(verdict->state)),
               F_STR("reason", verdict_reason_word(verdict->reason)));
}

int feed_dropped(struct feed *f, uint32_t *ret_slot)
{
    if (f->n_dropped == 0)
        return 0;
    *ret_slot = f->dropped[--f->n_dropped];
    return 1;
}

const struct feed_connection *feed_connection(const struct feed *f, uint32_t conn)
{
    assert(conn < FEED_CONNECTIONS_MAX);
    assert(f->line_of_conn[conn] != FEED_LINE_NONE);
    return &f->lines[feed_index(f, conn)]->public;
}

uint32_t feed_n_books(const struct feed *f)
{
    return f->n_items;
}

struct feed_book *feed_book_at(struct feed *f, uint32_t i)
{
    assert(i < f->n_items);
    return &f->items[i]->public;
}

/* A capture says nothing of what was wanted, so its instruments are taken as they come. This allocates; a replay may.
 */
static struct feed_item *item_appear(struct feed *f, const char *symbol)
{
    int r = symbols_add(f, symbol);

    f->appear_error = r == -ENOMEM ? r : f->appear_error;
    return r < 0 ? NULL : f->items[f->n_items - 1];
}

int feed_appear_error(const struct feed *f)
{
    return f->appear_error;
}

struct feed_book *feed_book_find(struct feed *f, const char *symbol)
{
    struct feed_item *item = symbols_find(f, symbol);

    if (!item && f->options.is_replay && !f->is_told)
        item = item_appear(f, symbol);
    return item ? &item->public : NULL;
}

/* Several books of one symbol that a capture holds are as many instruments: levels of two never mix. One that is kept
 * by updates has the plain name, also where one that comes whole had it before; else the first has it. The rest are
 * NAME@bbo and NAME@levels. What was fetched belongs to whatever the plain name is. */
static struct feed_book *replay_book_of(struct feed *f, const struct md_event *event, int is_fetched)
{
    uint32_t view = event->is_best ? MD_VIEW_WHOLE | 1 : event->view;
    struct feed_book *fb = event->symbol[0] ? feed_book_find(f, event->symbol) : NULL;
    struct feed_item *item = (struct feed_item *)(void *)fb;
    char symbol[MD_SYMBOL_SIZE];
    struct text text;

    if (!fb || is_fetched || (item->has_view && item->view == view))
        return fb;
    if (!item->has_view || (!(view & MD_VIEW_WHOLE) && (item->view & MD_VIEW_WHOLE))) {
        if (item->has_view) {
            sync_forget(fb->book);
            recovery_mark(f, item, f->now_ns);
        }
        item->has_view = 1;
        item->view = view;
        return fb;
    }
    text_init(&text, symbol, sizeof(symbol));
    text_add_string(&text, event->symbol);
    if (event->is_best)
        text_add_string(&text, "@bbo");
    else
        text_addf(&text, "@%u", (unsigned)(view & ~MD_VIEW_WHOLE));
    return text.cut ? NULL : feed_book_find(f, symbol);
}

struct feed_book *feed_book_of(struct feed *f, const struct md_event *event, int is_fetched)
{
    char symbol[MD_SYMBOL_SIZE];
    struct feed_item *item;
    struct text text;

    if (f->options.is_replay && !f->is_told)
        return replay_book_of(f, event, is_fetched);
    if (!event->is_best)
        return event->symbol[0] ? feed_book_find(f, event->symbol) : NULL;
    text_init(&text, symbol, sizeof(symbol));
    text_add_string(&text, event->symbol);
    text_add_string(&text, "@bbo");
    item = text.cut ? NULL : symbols_find(f, symbol);
    if (item)
        return &item->public;
    return f->options.depth == 1 && !(event->view & MD_VIEW_WHOLE) ? feed_book_find(f, event->symbol) : NULL;
}

void feed_line_state_set(struct feed *f, uint32_t i, enum state state, enum reason reason, const struct feed_input *in)
{
    struct feed_connection *c = &f->lines[i]->public;

    if (c->state != state || c->reason != reason)
        c->since_ns = in->recv_ns;
    c->state = (uint8_t)state;
    c->reason = (uint8_t)reason;
    c->http_status = in->http_status;
    c->next_dial_ns = in->kind == FEED_INPUT_STATE ? in->aux_ns : 0;
    f->is_count_known = 0;
    feed_line_mark(f, i);
}

/* The connection opened or ended: what comes next follows nothing that was. */
static void line_items_step(struct feed *f, uint32_t i, enum feed_happening happening, const struct feed_input *in)
{
    for (uint32_t at = 0; at < f->n_items; at++) {
        if (f->items[at]->public.conn != feed_conn(f, i))
            continue;
        deed_forget(f, f->items[at]);
        rest_forget(f, f->items[at]);
        unheard_forget(f->items[at]);
        f->items[at]->is_at_venue = 0;
        extras_forget(f, f->items[at]);
        f->items[at]->needs_resync = 0;
        f->items[at]->is_own_known = 0;
        deed_lag(f, f->items[at], 0);
        succession_reset(f, f->items[at]);
        recovery_step(f, f->items[at], happening, in->recv_ns);
    }
}

/* Somewhere in the last tenth of the age that the venue allows, for each connection another moment. */
static int64_t retire_boot_ns(const struct feed *f, uint32_t i)
{
    int64_t age_ms = f->options.age_s > 0 ? (int64_t)f->options.age_s * 1000 : f->options.venue->limits.age_ms_max;
    int64_t age_ns = age_ms * FEED_NS_PER_MS;
    uint64_t chance = ((uint64_t)f->now_boot_ns + i) * 0x9e3779b97f4a7c15u >> 32;

    return age_ns > 0 ? f->now_boot_ns + age_ns - (int64_t)(chance % 1000) * (age_ns / 10000) - age_ns / 100 : 0;
}

/* An opening counts like a message, so that what is published from here on is above valid_from. */
static void input_open(struct feed *f, uint32_t i, const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];

    line->is_open = 1;
    line->is_in_flight = 0;
    line->needs_request = 1;
    line->error_reason = REASON_NONE;
    line->n_unnamed = 0;
    line->is_broken = 0;
    line->has_sequence = 0;
    line->retire_boot_ns = retire_boot_ns(f, i);
    line->message_boot_ns = in->now_boot_ns;
    line->opened_boot_ns = f->now_boot_ns;
    line->handover_reason = REASON_NONE;
    line->n_handover_failures = 0;
    line->release_boot_ns = 0;
    line->public.is_released = 0;
    request_line_reset(f, i);
    line->public.update++;
    line->public.n_connects++;
    line->public.heard_boot_ns = in->now_boot_ns;
    f->counts.connects++;
    feed_line_state_set(f, i, STATE_LIVE, REASON_NONE, in);
    line_items_step(f, i, HAPPENED_OPENED, in);
    extras_line_forget(f, i);
    request_try(f, i, in->recv_ns);
}

/* One store of valid_from invalidates all books of the connection; none is published again for it. */
static void input_close(struct feed *f, uint32_t i, const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];
    enum reason reason = (enum reason)(line->error_reason ? line->error_reason : in->reason);

    if (handover_left(f, i))
        return;
    f->counts.disconnects++;
    if (line->predecessor)
        handover_cancel(f, i, reason, 1);
    line->is_open = 0;
    line->is_in_flight = 0;
    line->public.valid_from = line->public.update + 1;
    feed_line_state_set(f, i, in->state == STATE_EMPTY ? STATE_DOWN : (enum state)in->state,
                        reason == REASON_NONE ? REASON_CONNECTION_LOST : reason, in);
    line->handover_reason = REASON_NONE; /* the next one begins its own life */
    if (line->successor)
        handover_promote(f, i, reason);
    else
        line_items_step(f, i, HAPPENED_CLOSED, in);
    line->handover_reason = REASON_NONE; /* what is dialed anyway needs no other beside it */
    extras_line_forget(f, i);
}

/* "back-off" says only that a time is being waited for, which next_dial_ns says as well: the row keeps the reason why
 * the connection ended, because that is what a person needs to know. */
static void input_state(struct feed *f, uint32_t i, const struct feed_input *in)
{
    const struct feed_connection *c = &f->lines[i]->public;
    enum reason reason = (enum reason)in->reason;

    if (f->lines[i]->predecessor && in->state == STATE_DOWN)
        handover_cancel(f, i, reason, 1);
    /* Down and not merely waiting: an attempt has failed. */
    if (in->state == STATE_DOWN && reason == REASON_RESOLVE_FAILED)
        f->counts.resolve_failures++;
    else if (in->state == STATE_DOWN && reason != REASON_BACK_OFF)
        f->counts.connect_failures++;
    if (reason == REASON_BACK_OFF && c->state == STATE_DOWN)
        reason = (enum reason)c->reason;
    feed_line_state_set(f, i, (enum state)in->state, reason, in);
}

/* A book of a REST venue is fetched once its updates are heard, or soon in any case: a quiet one sends none. */
void feed_item_left(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    int was_sent = item->phase == PHASE_SENT;

    recovery_step(f, item, HAPPENED_LEFT, now_ns);
    if (was_sent && f->options.venue->builder == VENUE_BUILD_REST)
        rest_want(f, item, FEED_REST_GRACE_MS);
}

/* The port tells of each request when it has left; in a replay the capture does. */
static void input_tx(struct feed *f, uint32_t i, const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];

    if (!f->options.is_replay && (!line->is_in_flight || (in->bytes && in->bytes_size != line->in_flight_size)))
        return; /* a keepalive's text is none of ours */
    if (line->is_in_flight)
        request_left(f, i);
    line->is_in_flight = 0;
    for (uint32_t at = 0; at < f->n_items; at++) {
        struct feed_item *item = f->items[at];

        if (line->predecessor && item->public.conn == feed_conn(f, line->predecessor - 1) &&
            item->succession == SUCCESSION_SENT)
            succession_asked(f, item);
        if (item->public.conn != in->conn)
            continue;
        if (item->phase == PHASE_SENT || f->options.is_replay)
            feed_item_left(f, item, in->recv_ns);
    }
    request_try(f, i, in->recv_ns);
}

static void input_alive(struct feed *f, uint32_t i, const struct feed_input *in)
{
    f->lines[i]->public.heard_boot_ns = in->now_boot_ns;
    if (in->aux_ns > 0)
        f->lines[i]->public.round_trip_ns = in->aux_ns;
    feed_line_mark(f, i);
}

static int line_is_fed(const struct feed *f, uint32_t i)
{
    for (uint32_t at = 0; at < f->n_items; at++)
        if (f->items[at]->public.conn == feed_conn(f, i) && f->items[at]->phase == PHASE_FED)
            return 1;
    return 0;
}

/* Where the venue sends heartbeats, an edge that still answers pings does not stand for a feed that has stopped. */
static int line_is_silent(const struct feed *f, uint32_t i)
{
    const struct feed_line *line = f->lines[i];
    int64_t most_ns = (int64_t)f->options.venue->limits.silence_ms_max * FEED_NS_PER_MS;

    return most_ns > 0 && line->is_open && !line->is_broken && f->now_boot_ns - line->message_boot_ns > most_ns &&
           line_is_fed(f, i);
}

static void line_tick(struct feed *f, uint32_t i, const struct feed_input *in)
{
    struct feed_line *line = f->lines[i];

    if (line->is_open && !line->is_broken && line->retire_boot_ns > 0 && f->now_boot_ns >= line->retire_boot_ns) {
        line->retire_boot_ns = 0;
        (void)feed_replace(f, feed_conn(f, i), REASON_CONNECTION_AGE);
    }
    if (line_is_silent(f, i) && f->options.port.redial) {
        line->message_boot_ns = f->now_boot_ns;
        f->options.port.redial(f->options.port.context, feed_conn(f, i), REASON_NO_SIGN_OF_LIFE);
    }
    request_try(f, i, in->recv_ns);
}

static void input_tick(struct feed *f, const struct feed_input *in)
{
    due_tick(f, in->recv_ns);
    rest_tick(f, in->recv_ns);
    catalogue_tick(f, in->recv_ns);
    handover_tick(f);
    for (uint32_t i = 0; i < f->n_lines && !f->options.is_replay; i++) /* which sends nothing */
        line_tick(f, i, in);
    if (feed_extras_connection(f) != FEED_CONN_NONE)
        line_tick(f, feed_index(f, feed_extras_connection(f)), in);
}

void feed_input(struct feed *f, const struct feed_input *in)
{
    uint32_t i;

    f->now_boot_ns = in->now_boot_ns;
    f->now_ns = in->recv_ns;
    if (in->kind == FEED_INPUT_TICK) {
        input_tick(f, in);
        return;
    }
    assert(in->conn < FEED_CONNECTIONS_MAX);
    i = feed_index(f, in->conn);
    switch (in->kind) {
    case FEED_INPUT_OPEN:
        input_open(f, i, in);
        return;
    case FEED_INPUT_CLOSE:
        input_close(f, i, in);
        return;
    case FEED_INPUT_TX:
        input_tx(f, i, in);
        return;
    case FEED_INPUT_RX:
        f->lines[i]->public.heard_boot_ns = in->now_boot_ns;
        f->lines[i]->public.update++;
        f->lines[i]->message_boot_ns = in->now_boot_ns;
        return;
    case FEED_INPUT_ALIVE:
        input_alive(f, i, in);
        return;
    case FEED_INPUT_STATE:
        input_state(f, i, in);
        return;
    case FEED_INPUT_HTTP:
        rest_answered(f, in);
        return;
    case FEED_INPUT_TICK:
        return;
    }
}

struct feed_book *feed_next_changed_book(struct feed *f)
{
    struct feed_item *item;

    if (f->n_changed == 0)
        return NULL;
    item = f->changed[f->first_changed];
    f->first_changed = (f->first_changed + 1) % f->options.books_max;
    f->n_changed--;
    item->is_changed = 0;
    return &item->public;
}

uint32_t feed_next_changed_connection(struct feed *f)
{
    if (f->n_changed_lines == 0)
        return FEED_CONN_NONE;
    for (uint32_t i = 0; i < FEED_CONNECTIONS_MAX; i++) {
        if (!f->lines[i] || !f->lines[i]->is_changed)
            continue;
        f->lines[i]->is_changed = 0;
        f->n_changed_lines--;
        return feed_conn(f, i);
    }
    return FEED_CONN_NONE;
}

const struct feed_counts *feed_counts(const struct feed *f)
{
    return &f->counts;
}

uint32_t feed_blind_ms_max(const struct feed *f)
{
    const struct venue_limits *limits = &f->options.venue->limits;

    return limits->ping_interval_ms + limits->pong_deadline_ms;
}
