/* SPDX-License-Identifier: MIT
 * ws_internal.h - what the files of ws share: ws.c (life), ws_lws.c (what lws says), ws_rx.c (reading), ws_tx.c
 * (writing). Not for others. */
#ifndef HOGA_WS_INTERNAL_H
#define HOGA_WS_INTERNAL_H

#include "net/tls_source.h"
#include "net/url.h"
#include "net/ws.h"
#include "net/ws_stream.h"

#include <libwebsockets.h>

struct event;
struct lws;
struct ssl_st;

#define WS_TURN_MESSAGES_MAX 1024 /* handed over in one loop turn */
#define WS_TURN_LOOK         16
#define WS_TURN_LOOK_SIZE    65536

enum ws_phase {
    WS_PHASE_DIALING,
    WS_PHASE_OPEN,
    WS_PHASE_CLOSING, /* why is known; a Close frame may still leave */
    WS_PHASE_OVER,
};

struct ws_tx {
    uint8_t *queue; /* messages: uint32_t size, then bytes */
    size_t head, end;
    uint8_t *scratch; /* LWS_PRE + WS_TX_SIZE_MAX: lws masks in place */
    uint8_t pong[WS_CONTROL_SIZE_MAX];
    uint8_t pong_size;
    uint8_t is_pong_due, is_ping_due, is_close_due;
    uint16_t close_code;
    int64_t ping_boot_ns; /* the payload of our last ping, 0 none is out */
};

struct ws {
    struct lws_loop *ll;
    struct lws *wsi; /* NULL once lws has let go of it, or we of lws's */
    const struct ws_handler *handler;
    void *context;
    enum ws_phase phase;
    uint8_t is_tls, is_tcp_up, is_taken_over;
    uint8_t has_end, is_told, is_freed;
    uint8_t is_held; /* a message was taken: nothing is read before ws_resume */
    int depth;       /* calls of ours on the stack that still need `w` */
    char host[URL_HOST_SIZE];
    struct ws_end end;
    struct event *readable; /* made at the takeover */
    struct event *again;    /* go on reading in the next turn */
    struct event *later;    /* tell `closed` */
    struct ssl_st *ssl;
    struct tls_source source;
    struct ws_stream stream;
    int64_t recv_ns;
    uint64_t n_read;
    struct ws_tx tx;
};

/* ws.c */
void ws_hold(struct ws *w);
void ws_release(struct ws *w); /* frees it if that was asked for meanwhile */
/* Why it ended; the first reason stays. `text` may be NULL. */
void ws_end_set(struct ws *w, enum reason reason, const char *text);
/* Over: no more reading, `closed` is told in the next turn. */
void ws_finish(struct ws *w, enum reason reason, const char *text);
/* A Close frame with this code leaves if it can, then `closed` is told. */
void ws_say_goodbye(struct ws *w, uint16_t close_code);

/* ws_rx.c */
int ws_rx_take_over(struct ws *w);
void ws_rx_stop(struct ws *w);
void ws_rx_again(struct ws *w);
void ws_rx_closed_by_peer(struct ws *w, const char *bytes, size_t size);
void ws_rx_pong(struct ws *w, const char *bytes, size_t size);

/* ws_tx.c */
int ws_tx_init(struct ws_tx *tx);
void ws_tx_done(struct ws_tx *tx);
/* lws says the connection is writable. Returns 0, -1 close it now. */
int ws_tx_write(struct ws *w);
void ws_tx_want(struct ws *w);

/* ws_lws.c */
#define WS_PROTOCOL_NAME        "hoga-ws"
#define HTTPS_GET_PROTOCOL_NAME "hoga-get"
struct lws_vhost *ws_trust_vhost(const struct ws_trust *trust);

/* 1 if the connection's certificate was accepted and is for this name or address. */
int ws_certificate_is_for(struct lws *wsi, const char *host);
/* https_get.c: its callback, for the vhosts that ws_lws.c makes. */
/* Retry-After of the answer that is being read, 0 none. */
uint32_t ws_retry_after_s(struct lws *wsi);
int https_get_on_lws(struct lws *wsi, enum lws_callback_reasons what, void *user, void *in, size_t size);

#endif
