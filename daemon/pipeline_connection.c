/* SPDX-License-Identifier: MIT
 * pipeline_connection.c - the rows of connections: begun when a feed takes one, published when it has changed. */
#include "pipeline_private.h"

#include "core/text.h"

#include <assert.h>
#include <errno.h>

/* An adopted segment holds the rows of the daemon before; its connections are gone, and so is their numbering. */
static void row_begin(struct writer *w, uint32_t conn)
{
    static const struct hoga_abi_connection_entry unused = { 0 };

    writer_connection_publish(w, conn, &unused);
    writer_connection_valid_from(w, conn, 0);
    writer_connection_heard(w, conn, 0);
}

void pipeline_connection_add(struct pipeline *p, const struct feed *f, uint32_t conn)
{
    uint32_t i = 0;

    while (i < p->n_routes && p->routes[i].feed != f)
        i++;
    assert(i < p->n_routes && conn < FEED_CONNECTIONS_MAX);
    p->route_of_conn[conn] = (uint8_t)i;
    if (p->options.writer)
        row_begin(p->options.writer, conn);
}

void pipeline_connection_publish(struct pipeline *p, const struct route *route, uint32_t conn)
{
    const struct feed_connection *c = feed_connection(route->feed, conn);
    struct hoga_abi_connection_entry entry = {
        .used = c->n_books > 0 || (c->n_connects > 0 && !c->is_released) ||
                (conn == feed_extras_connection(route->feed) && feed_connection_is_wanted(route->feed, conn)),
        .state = c->state,
        .reason = c->reason,
        .source = route->source,
        .n_books = c->n_books,
        .since_ns = c->since_ns,
        .round_trip_ns = c->round_trip_ns,
        .n_connects = c->n_connects,
        .blind_ms_max = feed_blind_ms_max(route->feed),
        .http_status = c->http_status,
        .next_dial_ns = c->next_dial_ns,
    };

    (void)text_copy(entry.venue, sizeof(entry.venue), route->venue->name);
    /* The store that invalidates comes first: no reader may see a good row beside books that are not. */
    writer_connection_valid_from(p->options.writer, conn, c->valid_from);
    writer_connection_heard(p->options.writer, conn, c->heard_boot_ns);
    writer_connection_publish(p->options.writer, conn, &entry);
}

static void histograms_begin(struct writer *w, const struct route *route)
{
    writer_histogram_name(w, route->first_histogram, route->venue->name, "recv_to_publish");
    writer_histogram_name(w, route->first_histogram + 1, route->venue->name, "venue_to_recv");
    writer_histogram_name(w, route->first_histogram + 2, route->venue->name, "lag");
}

int pipeline_feed_add(struct pipeline *p, struct feed *f, const struct venue *venue, uint8_t source,
                      uint32_t first_conn, uint32_t n_conns)
{
    struct route *route;

    if (p->n_routes == PIPELINE_FEEDS_MAX)
        return -ENOSPC;
    assert(first_conn + n_conns <= FEED_CONNECTIONS_MAX);
    route = &p->routes[p->n_routes];
    *route = (struct route){ f,      venue,
                             source, PIPELINE_HISTOGRAMS_PER_FEED * p->n_routes,
                             { 0 },  (uint8_t)feed_is_noted(f) };
    p->n_routes++;
    if (p->options.writer)
        histograms_begin(p->options.writer, route);
    for (uint32_t conn = first_conn; conn < first_conn + n_conns; conn++)
        pipeline_connection_add(p, f, conn);
    return 0;
}
