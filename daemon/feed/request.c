/* SPDX-License-Identifier: MIT
 * When a subscription request may leave, and what it says. On some venues a request replaces all that was asked before;
 * on others requests add up, a book is taken back by a request of its own, and one message names only so many. */
#include "feed/feed_private.h"

#include "core/log.h"

#include <string.h>

#define SECOND_NS       1000000000ll
#define WINDOW_SLACK_NS 50000000ll /* for the venue's own clock */

/* The least time between two requests that keeps every limit of the venue at every moment, bursts included. */
static int64_t request_spacing_ns(const struct venue_limits *limits)
{
    int64_t by_second = limits->request_per_second ? (SECOND_NS + WINDOW_SLACK_NS) / limits->request_per_second : 0;
    int64_t by_minute =
        limits->request_per_minute ? (60 * SECOND_NS + WINDOW_SLACK_NS) / limits->request_per_minute : 0;

    return by_second > by_minute ? by_second : by_minute;
}

/* Is there room for one more request in a window that allows `n_max`? */
static int window_has_room(const struct feed_requests *r, uint32_t n_max, int64_t window_ns, int64_t now_boot_ns)
{
    if (n_max == 0 || r->n < n_max)
        return 1;
    if (n_max > FEED_REQUEST_RING)
        n_max = FEED_REQUEST_RING;
    return now_boot_ns - r->at_boot_ns[(r->n - n_max) % FEED_REQUEST_RING] > window_ns + WINDOW_SLACK_NS;
}

/* Where this line's requests are counted. Coinbase counts those of an address together. Source:
 * ../shared/protocols/coinbase.md, Limits; by connection: ../shared/protocols/upbit.md, Limits. */
static struct feed_requests *requests_of(struct feed *f, struct feed_line *line)
{
    return f->options.venue->limits.request_by_address ? &f->requests : &line->requests;
}

static int request_is_allowed(struct feed *f, struct feed_line *line, uint32_t conn)
{
    const struct venue_limits *limits = &f->options.venue->limits;
    const struct feed_requests *r = requests_of(f, line);

    if (f->now_boot_ns < r->after_boot_ns ||
        !window_has_room(r, limits->request_per_minute, 60 * SECOND_NS, f->now_boot_ns))
        return 0;
    if (window_has_room(r, limits->request_per_hour, 3600 * SECOND_NS, f->now_boot_ns))
        return 1;
    /* The budget is the connection's: a new one begins with a whole one. */
    if (!line->is_broken && handover_want(f, feed_index(f, conn), REASON_BUDGET) < 0 && f->options.port.redial) {
        line->is_broken = 1;
        f->options.port.redial(f->options.port.context, conn, REASON_BUDGET);
    }
    return 0;
}

/* A connection that is to take over is asked for what the one before carries. */
static uint32_t carrier(const struct feed *f, uint32_t conn)
{
    uint32_t predecessor = f->lines[feed_index(f, conn)]->predecessor;

    return predecessor ? feed_conn(f, predecessor - 1) : conn;
}

uint32_t request_room(const struct feed *f)
{
    const struct venue_limits *limits = &f->options.venue->limits;
    uint8_t extras = f->options.channels & f->options.venue->channels & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    uint32_t n_channels = 1 + (feed_extras_connection(f) == FEED_CONN_NONE ? (uint32_t)__builtin_popcount(extras) : 0);
    uint32_t topics = limits->topics_per_connection / n_channels;

    if (limits->topics_per_connection == 0 ||
        (limits->books_per_connection > 0 && topics > limits->books_per_connection))
        return limits->books_per_connection;
    return topics > 0 ? topics : 1;
}

static uint32_t collect_all(struct feed *f, uint32_t conn)
{
    uint32_t n = 0, of = carrier(f, conn);

    for (uint32_t i = 0; i < f->n_items; i++) {
        const struct feed_item *item = f->items[i];

        if (item->public.conn == of && item->phase != PHASE_UNSENDABLE)
            f->symbols[n++] = item->public.symbol;
    }
    return n;
}

static uint32_t symbols_max(const struct feed *f)
{
    uint32_t n = f->options.venue->limits.symbols_per_request;

    return n > 0 ? n : f->options.books_max;
}

/* One that was refused before is asked for alone, so that it costs no other its request; those of a request that failed
 * without a name are asked for in ever smaller company. */
static uint32_t collect_queued(struct feed *f, uint32_t conn)
{
    const struct feed_item *refused = NULL;
    uint32_t n = 0, n_max = symbols_max(f), of = carrier(f, conn);

    for (uint32_t i = 0; i < f->n_items && n < n_max; i++) {
        const struct feed_item *item = f->items[i];

        if (item->public.conn != of ||
            (of == conn ? item->phase != PHASE_QUEUED : item->succession != SUCCESSION_QUEUED))
            continue;
        if (item->refused_reason != REASON_NONE) {
            refused = item;
            continue;
        }
        if (item->asked_with_max > 0 && n >= item->asked_with_max)
            continue;
        if (item->asked_with_max > 0 && item->asked_with_max < n_max)
            n_max = item->asked_with_max;
        f->symbols[n++] = item->public.symbol;
    }
    if (n == 0 && refused)
        f->symbols[n++] = refused->public.symbol;
    return n;
}

static uint8_t lowest_bit(uint8_t channels)
{
    return (uint8_t)(channels & -channels);
}

/* Those of one channel, the first there is anything to say for. */
static uint32_t collect_farewells(struct feed *f, uint32_t line, uint8_t *ret_channel)
{
    uint32_t n = 0;
    uint8_t channel = 0;

    for (uint32_t i = 0; i < f->n_farewells && n < symbols_max(f); i++) {
        const struct feed_farewell *farewell = &f->farewells[i];

        if (farewell->line != line)
            continue;
        if (channel == 0)
            channel = lowest_bit(farewell->channels);
        if (farewell->channels & channel)
            f->symbols[n++] = farewell->symbol;
    }
    *ret_channel = channel;
    return n;
}

/* The first `n` of the line that speak of the channel have left, or with SIZE_MAX none is of use any more. */
static void farewells_drop(struct feed *f, uint32_t line, uint8_t channels, size_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < f->n_farewells; i++) {
        struct feed_farewell *farewell = &f->farewells[i];

        if (farewell->line == line && (farewell->channels & channels) != 0 && n > 0) {
            n--;
            farewell->channels &= (uint8_t)~channels;
            if (farewell->channels == 0)
                continue;
        }
        f->farewells[kept++] = *farewell;
    }
    f->n_farewells = kept;
}

static void farewell_add(struct feed *f, uint32_t conn, const char *symbol, uint8_t channels)
{
    struct feed_farewell *to;

    if (channels == 0 || f->n_farewells == f->options.books_max)
        return; /* what the venue goes on sending is of nobody's interest */
    to = &f->farewells[f->n_farewells++];
    to->line = feed_index(f, conn);
    to->channels = channels;
    memcpy(to->symbol, symbol, sizeof(to->symbol));
    f->lines[to->line]->needs_request = 1;
}

void request_farewell(struct feed *f, const struct feed_item *item, uint8_t channels)
{
    uint32_t apart = feed_extras_connection(f);
    uint8_t extras = apart == FEED_CONN_NONE ? 0 : channels & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY);

    farewell_add(f, item->public.conn, item->public.symbol, (uint8_t)(channels & ~extras));
    farewell_add(f, apart, item->public.symbol, extras);
}

void request_line_reset(struct feed *f, uint32_t line)
{
    farewells_drop(f, line, UINT8_MAX, SIZE_MAX);
    f->lines[line]->requests.n = 0;
    f->lines[line]->requests.after_boot_ns = 0;
}

/* It may have taken some of them nevertheless: a book that comes is shown. Source: ../shared/protocols/kraken.md,
 * "Limits". */
void request_pause(struct feed *f, uint32_t line_index, int64_t now_ns)
{
    struct feed_line *line = f->lines[line_index];

    requests_of(f, line)->after_boot_ns = f->now_boot_ns + FEED_ASKED_LESS_MS * FEED_NS_PER_MS;
    for (uint32_t i = 0; i < f->n_items; i++) {
        struct feed_item *item = f->items[i];

        if (item->public.conn != feed_conn(f, line_index) || item->is_confirmed ||
            (item->phase != PHASE_SENT && item->phase != PHASE_AWAITING))
            continue;
        recovery_step(f, item, HAPPENED_RESYNC, now_ns);
        if (book_verdict_set(item->public.book, STATE_SYNCING, REASON_TOO_MANY_REQUESTS, now_ns))
            feed_book_mark(f, item);
        line->needs_request = 1;
    }
}

/* Those named in f->symbols have been handed over. The pointers are the items' own symbols. */
static void items_sent(struct feed *f, uint32_t conn, const struct venue_request *request, int64_t now_ns)
{
    uint32_t at = 0, of = carrier(f, conn);

    for (uint32_t i = 0; i < f->n_items && at < request->n; i++) {
        struct feed_item *item = f->items[i];

        if (item->public.conn != of || item->public.symbol != f->symbols[at])
            continue;
        if (of != conn) {
            item->asked_id = request->id + (f->options.venue->limits.request_id_each ? at : 0);
            at++;
            item->succession = SUCCESSION_SENT;
            continue;
        }
        item->is_at_venue = 1;
        item->is_confirmed = 0;
        item->request_id = request->id + (f->options.venue->limits.request_id_each ? at : 0);
        at++;
        recovery_step(f, item, HAPPENED_SENT, now_ns);
    }
}

static void items_not_sent(struct feed *f, uint32_t conn)
{
    uint32_t of = carrier(f, conn);

    for (uint32_t i = 0; of != conn && i < f->n_items; i++)
        if (f->items[i]->public.conn == of && f->items[i]->succession == SUCCESSION_SENT)
            f->items[i]->succession = SUCCESSION_QUEUED;
    for (uint32_t i = 0; i < f->n_items; i++)
        if (f->items[i]->public.conn == conn && f->items[i]->phase == PHASE_SENT &&
            !f->options.venue->limits.request_replaces_all)
            f->items[i]->phase = PHASE_QUEUED;
}

static void request_sent(struct feed *f, uint32_t conn, const struct venue_request *request, int64_t now_ns)
{
    if (request->is_unsubscribe)
        return;
    if (request->channels & MD_CHANNEL_BOOK)
        items_sent(f, conn, request, now_ns);
    else
        extras_toggle(f, conn, request);
}

static void request_not_sent(struct feed *f, uint32_t conn, const struct venue_request *request)
{
    if (request->is_unsubscribe)
        return;
    if (request->channels & MD_CHANNEL_BOOK)
        items_not_sent(f, conn);
    else
        extras_toggle(f, conn, request);
}

static int request_send(struct feed *f, uint32_t line_index, struct venue_request *request, int64_t now_ns)
{
    const struct venue *venue = f->options.venue;
    struct feed_line *line = f->lines[line_index];
    struct feed_requests *requests = requests_of(f, line);
    uint32_t conn = feed_conn(f, line_index);
    struct text text;

    request->symbols = f->symbols;
    request->depth = f->options.depth;
    if (f->request_id == 0) /* nine digits: some venues take 32 bits, and a restart begins elsewhere */
        f->request_id = (uint64_t)(now_ns / FEED_NS_PER_MS) % 1000000000;
    request->id = f->request_id + 1;
    f->request_id += request->n;
    request->now_ns = now_ns;
    text_init(&text, f->request, FEED_REQUEST_SIZE);
    if (venue->request(&text, request) < 0) {
        log_err("feed.request_too_large", F_STR("venue", venue->name), F_U64("conn", conn), F_U64("books", request->n));
        return 0;
    }
    requests->after_boot_ns = f->now_boot_ns + request_spacing_ns(&venue->limits);
    requests->at_boot_ns[requests->n++ % FEED_REQUEST_RING] = f->now_boot_ns;
    /* Before it is handed over: the port may say TX before it returns. */
    line->is_in_flight = 1;
    line->in_flight_size = text.used;
    request_sent(f, conn, request, now_ns);
    if (f->options.port.send(f->options.port.context, conn, f->request, text.used) < 0) {
        line->is_in_flight = 0;
        line->needs_request = 1; /* a later tick tries again */
        request_not_sent(f, conn, request);
        return 0;
    }
    f->counts.requests_sent++;
    return 1;
}

/* Its time is that of its leaving: what waited on its way must not come to the venue together with the next. */
void request_left(struct feed *f, uint32_t line_index)
{
    struct feed_requests *r = requests_of(f, f->lines[line_index]);
    int64_t after_boot_ns = f->now_boot_ns + request_spacing_ns(&f->options.venue->limits);

    if (r->after_boot_ns < after_boot_ns)
        r->after_boot_ns = after_boot_ns;
    if (r->n > 0)
        r->at_boot_ns[(r->n - 1) % FEED_REQUEST_RING] = f->now_boot_ns;
}

void request_try(struct feed *f, uint32_t line_index, int64_t now_ns)
{
    struct feed_line *line = f->lines[line_index];
    uint32_t conn = feed_conn(f, line_index);
    struct venue_request request = { 0 };

    if (!line->is_open || !line->needs_request || line->is_in_flight || line->is_broken || !f->options.port.send)
        return;
    if (!request_is_allowed(f, line, conn))
        return;
    if (f->options.venue->limits.request_replaces_all) {
        line->needs_request = 0;
        request.n = collect_all(f, conn);
        request.channels = MD_CHANNEL_BOOK | (f->options.channels & f->options.venue->channels);
        if (request.n > 0)
            (void)request_send(f, line_index, &request, now_ns);
        return;
    }
    request.n = collect_farewells(f, line_index, &request.channels);
    request.is_unsubscribe = request.n > 0;
    if (request.n == 0) {
        request.n = collect_queued(f, conn);
        request.channels = MD_CHANNEL_BOOK;
    }
    if (request.n == 0)
        request.n = extras_collect(f, conn, symbols_max(f), &request.channels);
    if (request.n == 0) {
        line->needs_request = 0;
        return;
    }
    if (request_send(f, line_index, &request, now_ns) && request.is_unsubscribe)
        farewells_drop(f, line_index, request.channels, request.n);
}
