/* SPDX-License-Identifier: MIT
 * A feed's connections as places in its table. A place is made when it is first needed and stays as long as the feed;
 * what a daemon has of them is shared among its venues (feed_port.take). One that may be needed and is not costs a
 * pointer. */
#include "feed/feed_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static uint32_t lines_max(const struct feed *f)
{
    uint32_t n = FEED_CONNECTIONS_MAX - (f->options.port.take ? 0 : f->options.first_conn);

    return f->options.n_conns > 0 && f->options.n_conns < n ? f->options.n_conns : n;
}

/* The index that goes with a place where nobody gives one. */
static int conn_take(struct feed *f, uint32_t line, uint32_t *ret_conn)
{
    if (f->options.port.take)
        return f->options.port.take(f->options.port.context, ret_conn);
    *ret_conn = f->options.first_conn + line;
    return line < lines_max(f) ? 0 : -ENOSPC;
}

int feed_line_take(struct feed *f, uint32_t i)
{
    struct feed_line *line;
    int r;

    if (i >= FEED_CONNECTIONS_MAX)
        return -ENOSPC;
    if (f->lines[i])
        return 0;
    line = calloc(1, sizeof(*line));
    if (!line)
        return -ENOMEM;
    r = conn_take(f, i, &line->conn);
    if (r < 0) {
        free(line);
        return r;
    }
    assert(line->conn < FEED_CONNECTIONS_MAX && f->line_of_conn[line->conn] == FEED_LINE_NONE);
    line->public.state = STATE_DOWN;
    line->public.reason = REASON_NOT_CONNECTED;
    f->lines[i] = line;
    f->line_of_conn[line->conn] = (uint16_t)i;
    while (f->n_lines < FEED_CONNECTIONS_MAX && f->lines[f->n_lines] &&
           f->lines[f->n_lines]->conn != feed_extras_connection(f))
        f->n_lines++;
    return 0;
}

int feed_connections_begin(struct feed *f)
{
    uint32_t n = f->options.n_conns;
    int has_extras = !f->options.is_replay && n > 1 && venue_book_connections(f->options.venue, n) < n;
    int r = feed_line_take(f, 0);

    if (r == 0 && has_extras)
        r = feed_line_take(f, n - 1);
    /* A capture does not say how many there will be. */
    while (r == 0 && f->options.is_replay && f->n_lines < lines_max(f))
        r = feed_line_take(f, f->n_lines);
    return r;
}

void feed_lines_free(struct feed *f)
{
    for (uint32_t i = 0; i < FEED_CONNECTIONS_MAX; i++)
        free(f->lines[i]);
}

/* --- how many ----------------------------------------------------------------------------------------------------- */

uint32_t feed_lines_most(const struct feed *f)
{
    uint32_t n = lines_max(f), allowed = f->options.venue->limits.connections_max;

    if (f->options.port.room && f->n_lines + f->options.port.room(f->options.port.context) < n)
        n = f->n_lines + f->options.port.room(f->options.port.context);
    else
        n = venue_book_connections(f->options.venue, n);
    if (allowed > 0 && venue_book_connections(f->options.venue, allowed) < n)
        n = venue_book_connections(f->options.venue, allowed);
    return n;
}

uint32_t feed_carriers_max(const struct feed *f)
{
    uint32_t n = feed_lines_most(f);

    return n > 1 ? n - 1 : n;
}

uint32_t feed_books_each(const struct feed *f)
{
    return request_room(f);
}

uint32_t feed_books_limit(const struct feed *f)
{
    uint32_t room = request_room(f);

    return room > 0 ? room * feed_carriers_max(f) : UINT32_MAX;
}

uint32_t feed_n_connections(const struct feed *f)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_lines; i++)
        if (f->lines[i]->public.n_books > 0 || (f->options.is_replay && f->lines[i]->public.update > 0))
            n = i + 1;
    return n;
}
