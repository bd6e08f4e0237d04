/* SPDX-License-Identifier: MIT
 * session.h - one connection's life as a table of states: dial, keep alive, notice death, wait, dial again. Turns what
 * happens into struct feed_input and hands it to its sink. The loop's thread. Knows no book and no bytes of a venue:
 * what is sent is decided by feed/. Its clock is session_tick and the bytes that arrive. */
#ifndef HOGA_SESSION_H
#define HOGA_SESSION_H

#include "core/feed_input.h"
#include "core/verdict.h"
#include "net/url.h"
#include "session/budget.h"
#include "venue/venue.h"

#define SESSION_CONNECT_MS 10000 /* from the first SYN to the end of the upgrade, over all addresses of the name */
#define SESSION_PROVEN_MS  2000  /* open for this long with something heard: failures are forgotten */
#define SESSION_CLOSING_MS 500
#define SESSION_TICK_MS    50 /* how often session_tick wants to be called */

struct lws_loop;
struct resolver;
struct session;
struct ws;
struct ws_trust;

typedef void (*session_input_fn)(void *context, const struct feed_input *in);
typedef void (*session_turn_fn)(void *context);

struct session_options {
    struct lws_loop *loop;
    struct resolver *resolver;
    struct ws_trust *trust;
    struct budget *budget; /* shared by all sessions of one address; the caller keeps it */
    struct venue_limits limits;
    void (*ping)(struct text *text, int64_t now_ns); /* struct venue; NULL: a ping frame of the protocol */
    uint32_t conn;
    uint8_t has_proxy;    /* the proxy looks the name up */
    const char *url_text; /* said in every input; copied */
    const char *venue;    /* for log lines; copied */
    struct url url;
    session_input_fn input;
    session_turn_fn turn_over; /* no more inputs of this batch: publish, wake */
    void *context;
};

/* Owns: *ret. Dials at the first session_tick. */
int session_new(const struct session_options *options, struct session **ret);
/* At once, without a word to the sink. Takes NULL, returns NULL. */
struct session *session_free(struct session *s);

void session_tick(struct session *s, int64_t now_boot_ns);
/* Returns: 0, -ENOTCONN, -ENOBUFS, -EMSGSIZE. TX is reported when it has left. */
int session_send(struct session *s, const char *text, size_t size);
/* Its connection, NULL none. Valid until the next call of ours. */
struct ws *session_ws(struct session *s);
/* Give the connection up for this reason and dial again with back-off. */
void session_redial(struct session *s, enum reason reason);
/* Close in order and do not dial again; session_is_over says when. */
void session_stop(struct session *s);
int session_is_over(const struct session *s);

#endif
