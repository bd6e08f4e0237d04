/* SPDX-License-Identifier: MIT
 * hogad_lines.c - connections: an index for each that a venue needs, out of those that a daemon has, and a session
 * where one is to be dialed. */
#include "core/clock.h"
#include "hogad_private.h"
#include "loop/loop.h"
#include "net/ws.h"

#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <stdio.h>

#define _(text) gettext(text)

struct hogad_venue *hogad_venue_of_conn(struct hogad *d, uint32_t conn)
{
    assert(conn < d->n_lines);
    return &d->venues[d->lines[conn].venue];
}

struct session *hogad_session(struct hogad *d, uint32_t conn)
{
    assert(conn < d->n_lines);
    return d->lines[conn].session;
}

static int is_extras_line(const struct hogad_venue *hv, uint32_t conn)
{
    return conn == feed_extras_connection(hv->feed);
}

static const char *line_url(const struct hogad_venue *hv, uint32_t conn)
{
    return is_extras_line(hv, conn) ? hv->extras_url_text : hv->url_text;
}

static int session_add(struct hogad *d, struct hogad_venue *hv, uint32_t conn)
{
    struct session_options options = { .loop = loop_lws(d->loop),
                                       .resolver = d->resolver,
                                       .trust = hv->trust,
                                       .budget = hv->budget,
                                       .limits = hv->venue->limits,
                                       .ping = hv->venue->ping,
                                       .conn = conn,
                                       .has_proxy = d->config->proxy[0] != '\0',
                                       .url_text = line_url(hv, conn),
                                       .venue = hv->venue->name,
                                       .url = is_extras_line(hv, conn) ? hv->extras_url : hv->url,
                                       .input = hogad_input,
                                       .turn_over = hogad_turn_over,
                                       .context = d };

    return session_new(&options, &d->lines[conn].session);
}

/* Some venues count connections of an address; one that is being closed in order still is one. */
static int address_has_room(const struct hogad *d, const struct hogad_venue *hv)
{
    uint32_t n = 0, most = hv->venue->limits.connections_max;

    for (uint32_t conn = 0; most > 0 && conn < d->n_lines; conn++)
        n += d->lines[conn].session && d->venues[d->lines[conn].venue].budget == hv->budget;
    return most == 0 || n < most;
}

/* --- what a feed asks for ----------------------------------------------------------------------------------------- */

static int port_send(void *context, uint32_t conn, const char *text, size_t size)
{
    struct hogad_venue *hv = context;
    struct session *s = hogad_session(hv->daemon, conn);

    return s ? session_send(s, text, size) : -ENOTCONN;
}

/* Done when the turn is over: the feed asks in the middle of an input, and closing makes another one. */
static void port_redial(void *context, uint32_t conn, enum reason reason)
{
    struct hogad_venue *hv = context;

    hv->daemon->lines[conn].redial = (uint8_t)reason;
    hv->daemon->has_redials = 1;
}

static int port_get(void *context, uint32_t conn, const char *url)
{
    struct hogad_venue *hv = context;

    return hogad_get(hv->daemon, conn, url);
}

static int port_open(void *context, uint32_t conn)
{
    struct hogad_venue *hv = context;

    if (hogad_session(hv->daemon, conn) || !address_has_room(hv->daemon, hv))
        return -EBUSY;
    return session_add(hv->daemon, hv, conn);
}

/* In the next tick: the feed may be telling so in the middle of what that session tells it. */
static void port_end(void *context, uint32_t conn)
{
    struct hogad_venue *hv = context;

    hv->daemon->lines[conn].ending = 1;
}

static int port_take(void *context, uint32_t *ret_conn)
{
    struct hogad_venue *hv = context;
    struct hogad *d = hv->daemon;
    uint32_t venue = (uint32_t)(hv - d->venues);

    if (d->n_lines == FEED_CONNECTIONS_MAX)
        return -ENOSPC;
    d->lines[d->n_lines] = (struct hogad_line){ .venue = (uint8_t)venue, .redial = REASON_NONE };
    if (venue < d->n_venues) /* else when the pipeline knows its feed */
        pipeline_connection_add(d->pipeline, hv->feed, d->n_lines);
    *ret_conn = d->n_lines++;
    return 0;
}

static uint32_t port_room(void *context)
{
    const struct hogad_venue *hv = context;

    return FEED_CONNECTIONS_MAX - hv->daemon->n_lines;
}

struct feed_port hogad_port(struct hogad_venue *hv)
{
    return (struct feed_port){ .context = hv,
                               .send = port_send,
                               .redial = port_redial,
                               .get = hv->venue->rest_url ? port_get : NULL,
                               .open = port_open,
                               .end = port_end,
                               .take = port_take,
                               .room = port_room,
                               .note = hv->deeds ? hogad_deed_note : NULL };
}

/* --- limits ---------------------------------------------------------------------------------------------------------
 */

/* Connections that the named markets need at least, with the one that is kept to take over and the one at extras_path;
 * a feed knows better, by what else is asked for. */
static uint32_t connections_needed(const struct config_venue *cv, const struct venue *v)
{
    uint32_t each = v->limits.books_per_connection;
    uint32_t n = each > 0 ? (cv->n_symbols + each - 1) / each : 1;

    return n + 1 + (v->extras_path != NULL);
}

int hogad_connections_check(const struct config *c, struct config_problem *ret)
{
    uint32_t n_all = 0;

    for (uint32_t i = 0; i < c->n_venues; i++) {
        const struct config_venue *cv = &c->venues[i];
        const struct venue *v = venue_find(cv->name);
        uint32_t n = connections_needed(cv, v), allowed = v->limits.connections_max;

        n_all += n;
        if (allowed > 0 && n > allowed)
            (void)snprintf(ret->text, sizeof ret->text,
                           "%s: [%s] %u markets, %u on a connection, need %u connections: the venue allows %u", c->file,
                           cv->name, cv->n_symbols, v->limits.books_per_connection, n, allowed);
        else if (n_all > FEED_CONNECTIONS_MAX)
            (void)snprintf(ret->text, sizeof ret->text,
                           "%s: [%s] %u markets, %u on a connection, need %u connections: a daemon has %u in all",
                           c->file, cv->name, cv->n_symbols, v->limits.books_per_connection, n, FEED_CONNECTIONS_MAX);
        else
            continue;
        return -EINVAL;
    }
    return 0;
}

void hogad_limit_words(const struct hogad *d, const struct hogad_venue *hv, char ret[HOGAD_LIMIT_SIZE])
{
    uint32_t allowed = hv->venue->limits.connections_max, n = feed_carriers_max(hv->feed);
    uint32_t each = feed_books_each(hv->feed);

    if (each == 0 || feed_books_limit(hv->feed) >= d->config->books_max)
        (void)snprintf(ret, HOGAD_LIMIT_SIZE, _("more markets than books_max, %u of all venues"), d->config->books_max);
    else if (allowed > 0 && allowed <= FEED_CONNECTIONS_MAX)
        (void)snprintf(ret, HOGAD_LIMIT_SIZE,
                       _("more markets than %u, %u on each of %u connections: the venue allows "
                         "%u of an address, and one is kept to take over from another"),
                       each * n, each, n, allowed);
    else
        (void)snprintf(ret, HOGAD_LIMIT_SIZE,
                       _("more markets than %u, %u on each of %u connections: a daemon has %u in "
                         "all, and of each venue one is kept to take over from another"),
                       each * n, each, n, FEED_CONNECTIONS_MAX);
}

/* --- what is done about it ---------------------------------------------------------------------------------------- */

/* Its silence is ours while what it sends is left lying: hogad_large.c. */
static int is_silent_by_us(const struct hogad_line *line, enum reason reason)
{
    const struct ws *w = line->session ? session_ws(line->session) : NULL;

    return reason == REASON_NO_SIGN_OF_LIFE && w && !ws_is_reading(w);
}

void hogad_redials_do(struct hogad *d)
{
    if (!d->has_redials)
        return;
    d->has_redials = 0;
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        struct hogad_line *line = &d->lines[conn];
        enum reason reason = (enum reason)line->redial;

        line->redial = REASON_NONE;
        if (reason != REASON_NONE && line->session && !is_silent_by_us(line, reason))
            session_redial(line->session, reason);
    }
}

void hogad_sessions_end(struct hogad *d)
{
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        struct hogad_line *line = &d->lines[conn];

        if (line->ending == 0)
            continue;
        if (line->session && line->ending == 1)
            session_stop(line->session);
        line->ending = 2;
        if (line->session && !session_is_over(line->session))
            continue;
        line->session = session_free(line->session);
        line->ending = 0;
    }
    if (d->has_unsettled)
        (void)hogad_sessions_settle(d);
}

int hogad_reconnect(struct hogad *d, uint32_t conn)
{
    if (conn >= d->n_lines || !hogad_session(d, conn))
        return -ENOENT;
    return feed_replace(hogad_venue_of_conn(d, conn)->feed, conn, REASON_REQUESTED);
}

/* Nothing of it is wanted any more. */
static void session_drop(struct hogad *d, struct hogad_venue *hv, uint32_t conn)
{
    struct feed_input in = { .kind = FEED_INPUT_CLOSE,
                             .conn = conn,
                             .recv_ns = clock_real_ns(),
                             .now_boot_ns = clock_boot_ns(),
                             .state = STATE_DOWN,
                             .reason = REASON_DROPPED,
                             .url = line_url(hv, conn) };

    d->lines[conn].session = session_free(d->lines[conn].session);
    hogad_input(d, &in);
}

int hogad_sessions_settle(struct hogad *d)
{
    d->has_unsettled = 0;
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        struct hogad_line *line = &d->lines[conn];
        struct hogad_venue *hv = hogad_venue_of_conn(d, conn);
        int is_wanted = feed_connection_is_wanted(hv->feed, conn);

        if (is_wanted && line->ending) { /* it carries other books than the one that is going */
            line->session = session_free(line->session);
            line->ending = 0;
        }
        if (is_wanted && !line->session && !address_has_room(d, hv))
            d->has_unsettled = 1; /* when one that is being closed is */
        else if (is_wanted && !line->session && session_add(d, hv, conn) < 0)
            return -ENOMEM;
        if (!is_wanted && line->session && !line->ending)
            session_drop(d, hv, conn);
    }
    return 0;
}
