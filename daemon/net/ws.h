/* SPDX-License-Identifier: MIT
 * ws.h - one WebSocket client connection: an address in, open / message / pong / sent / closed out. libwebsockets makes
 * the connection, TLS and the upgrade, writes and closes; reading is ours once the connection is open, because lws
 * parses payload byte by byte (daemon/decisions.md "read takeover"). The loop's thread. Knows no venue, does not dial
 * again, holds no timers but its own closing. */
#ifndef HOGA_WS_H
#define HOGA_WS_H

#include "core/verdict.h"

#include <stddef.h>
#include <stdint.h>

#define WS_TURN_BYTES_MAX (512u << 10) /* read from one connection before the others have their turn; about 1 ms */
#define WS_TURN_MS_MAX    5 /* nor for longer: a slow machine, or one message that costs much, ends the turn too */
#define WS_TX_QUEUE_SIZE  (256u << 10) /* bytes waiting to leave */
#define WS_TX_SIZE_MAX    65536u       /* of one message */
#define WS_CLOSE_WAIT_MS  100          /* for our Close frame to leave, then the socket goes without it */
#define WS_TEXT_SIZE      160

#define WS_TRUST_PLAIN ""

struct lws_loop;
struct ws;
struct ws_trust;

/* Whom to trust, and through which proxy. One for each different pair; lives until the loop's lws is freed.
 * ca_file NULL: the system's roots; WS_TRUST_PLAIN: none, for connections without TLS (reading the system's roots takes
 * longer than all the rest of a start); else that file alone. proxy NULL: none, whatever the environment says; else
 * "host:port" of an HTTP proxy that knows CONNECT (its name is looked up when a connection is made, and that blocks:
 * give an address).
 * Returns: 0, -ENOENT the file cannot be read, -EBADMSG it holds no certificates, -ENOMEM. */
int ws_trust_get(struct lws_loop *ll, const char *ca_file, const char *proxy, struct ws_trust **ret);

struct ws_options {
    struct lws_loop *loop;
    struct ws_trust *trust;
    const char *address;     /* numeric */
    const char *host;        /* name or address the certificate must be for */
    const char *host_header; /* "name" or "name:port" */
    const char *path;
    const char *origin; /* NULL: the upgrade carries no Origin header */
    uint16_t port;
    uint8_t is_tls;
};

/* How it ended. */
struct ws_end {
    enum reason reason; /* connect-failed, tls-failed, http-refused, closed-by-venue, connection-lost, protocol-error */
    uint32_t http_status;   /* of a refused upgrade, else 0 */
    uint32_t retry_after_s; /* the refusal's Retry-After, 0 none */
    uint16_t close_code;    /* of the venue's Close frame, 0 none */
    char text[WS_TEXT_SIZE];
};

/* Bytes are valid during the call. Any of these may call ws_close and ws_free. */
struct ws_handler {
    void (*open)(void *context);
    void (*message)(void *context, const char *bytes, size_t size, int64_t recv_ns);
    void (*pong)(void *context, int64_t round_trip_ns);
    void (*sent)(void *context, const char *bytes, size_t size); /* a message of ws_send has been written */
    void (*turn_over)(void *context);                            /* no more of this connection in this loop turn */
    void (*closed)(void *context, const struct ws_end *end);     /* once, never from inside a call of ours; last */
};

/* Owns:    *ret, freed with ws_free. The strings may go after the call.
 * Returns: 0, -ENOMEM. Everything else comes through `closed`. */
int ws_open(const struct ws_options *options, const struct ws_handler *handler, void *context, struct ws **ret);
/* Returns: 0, -ENOBUFS the queue is full, -EMSGSIZE, -ENOTCONN not open. */
int ws_send(struct ws *w, const char *bytes, size_t size);
int ws_ping(struct ws *w);
/* From inside `message`: the memory that its bytes lie in becomes the caller's (free), and no further message comes
 * before ws_resume. Returns: NULL it cannot be had, and messages go on. */
char *ws_message_take(struct ws *w);
void ws_resume(struct ws *w);
/* Not between the two: what comes then is left lying. */
int ws_is_reading(const struct ws *w);
/* Say goodbye: a Close frame leaves if it can, `closed` follows within WS_CLOSE_WAIT_MS. */
void ws_close(struct ws *w);
/* At once and without a word; no call comes after it. Takes NULL, returns NULL. */
struct ws *ws_free(struct ws *w);

/* Bytes read since it was opened, whole messages or not: has anything come in at all? */
uint64_t ws_n_read(const struct ws *w);
/* 1 while frames are read by our own parser, 0 while lws reads them (bytes came with the upgrade's answer). */
int ws_is_taken_over(const struct ws *w);

#endif
