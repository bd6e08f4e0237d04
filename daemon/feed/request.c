/* SPDX-License-Identifier: MIT
 * When a subscription request may leave, and what it says. */
#include "feed/feed_private.h"

#include "core/log.h"

/* The least time between two requests that keeps every limit of the venue at every moment, bursts included. */
static int64_t request_spacing_ns(const struct venue_limits *limits)
{
    int64_t by_second = limits->request_per_second ? 1000000000ll / limits->request_per_second : 0;
    int64_t by_minute = limits->request_per_minute ? 60000000000ll / limits->request_per_minute : 0;

    return by_second > by_minute ? by_second : by_minute;
}

static uint32_t request_collect(struct feed *f, uint32_t conn)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_items; i++) {
        const struct feed_item *item = f->items[i];

        if (item->public.conn == conn && item->phase != PHASE_UNSENDABLE)
            f->symbols[n++] = item->public.symbol;
    }
    return n;
}

/* One request carries every book of the connection, because it replaces what was asked before; a venue where it adds
 * up needs its own rule here. */
void request_try(struct feed *f, uint32_t line_index, int64_t now_ns)
{
    const struct venue *venue = f->options.venue;
    struct feed_line *line = &f->lines[line_index];
    uint32_t conn = f->options.first_conn + line_index;
    struct venue_request request = { .symbols = f->symbols, .depth = f->options.depth, .id = (uint64_t)now_ns };
    struct text text;
    uint32_t n;

    if (!line->is_open || !line->needs_request || line->is_in_flight || !f->options.port.send)
        return;
    if (f->now_boot_ns < line->request_after_boot_ns)
        return;
    n = request_collect(f, conn);
    line->needs_request = 0;
    if (n == 0)
        return;
    text_init(&text, f->request, FEED_REQUEST_SIZE);
    request.n = n;
    request.now_ns = now_ns;
    if (venue->request(&text, &request) < 0) {
        log_err("feed.request_too_large", F_STR("venue", venue->name), F_U64("conn", conn), F_U64("books", n));
        return;
    }
    line->request_after_boot_ns = f->now_boot_ns + request_spacing_ns(&venue->limits);
    /* Before it is handed over: the port may say TX before it returns. */
    line->is_in_flight = 1;
    for (uint32_t i = 0; i < f->n_items; i++)
        if (f->items[i]->public.conn == conn)
            recovery_step(f, f->items[i], HAPPENED_SENT, now_ns);
    if (f->options.port.send(f->options.port.context, conn, f->request, text.used) < 0) {
        line->is_in_flight = 0;
        line->needs_request = 1; /* a later tick tries again */
        return;
    }
    f->counts.requests_sent++;
}
