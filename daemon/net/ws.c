/* SPDX-License-Identifier: MIT
 * ws.c - see ws.h: the life of a connection. */
#include "net/ws.h"

#include "loop/lws_loop.h"
#include "net/ws_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void destroy(struct ws *w)
{
    if (w->readable)
        event_free(w->readable);
    if (w->again)
        event_free(w->again);
    if (w->later)
        event_free(w->later);
    tls_source_done(&w->source);
    ws_stream_done(&w->stream);
    ws_tx_done(&w->tx);
    free(w);
}

void ws_hold(struct ws *w)
{
    w->depth++;
}

void ws_release(struct ws *w)
{
    assert(w->depth > 0);
    if (--w->depth == 0 && w->is_freed)
        destroy(w);
}

void ws_end_set(struct ws *w, enum reason reason, const char *text)
{
    if (w->has_end)
        return;
    w->has_end = 1;
    w->end.reason = reason;
    (void)snprintf(w->end.text, sizeof w->end.text, "%s", text ? text : "");
}

static void tell_within_ms(struct ws *w, int ms)
{
    const struct timeval wait = { .tv_usec = ms * 1000 };

    (void)event_add(w->later, &wait);
}

void ws_finish(struct ws *w, enum reason reason, const char *text)
{
    ws_end_set(w, reason, text);
    ws_rx_stop(w);
    w->phase = WS_PHASE_OVER;
    if (!w->is_told)
        tell_within_ms(w, 0);
}

void ws_say_goodbye(struct ws *w, uint16_t close_code)
{
    assert(w->has_end);
    ws_rx_stop(w);
    w->phase = WS_PHASE_CLOSING;
    w->tx.is_close_due = 1;
    w->tx.close_code = close_code;
    ws_tx_want(w);
    tell_within_ms(w, WS_CLOSE_WAIT_MS);
}

/* Let go of lws's connection; it closes the socket now, or at the end of this turn if it is on the stack. */
static void let_go(struct ws *w)
{
    struct lws *wsi = w->wsi;

    ws_rx_stop(w);
    if (!wsi)
        return;
    w->wsi = NULL;
    lws_set_opaque_user_data(wsi, NULL);
    if (w->is_taken_over && w->ssl)
        tls_source_orphan(w->ssl);
    w->ssl = NULL;
    if (lws_loop_in_service(w->ll)) {
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
        lws_loop_poke(w->ll);
        return;
    }
    lws_loop_enter(w->ll);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
    lws_loop_leave(w->ll);
}

static void on_later(evutil_socket_t fd, short what, void *context)
{
    struct ws *w = context;

    (void)fd;
    (void)what;
    ws_hold(w);
    let_go(w);
    w->phase = WS_PHASE_OVER;
    if (!w->is_told) {
        w->is_told = 1;
        w->handler->closed(w->context, &w->end);
    }
    ws_release(w);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    ws_rx_again(context);
}

static int memory_take(struct ws *w, const struct ws_options *options)
{
    struct event_base *base = lws_loop_base(options->loop);

    if (ws_stream_init(&w->stream) < 0 || ws_tx_init(&w->tx) < 0)
        return -ENOMEM;
    if (options->is_tls && tls_source_init(&w->source, -1) < 0)
        return -ENOMEM;
    w->again = evtimer_new(base, on_again, w);
    w->later = evtimer_new(base, on_later, w);
    return w->again && w->later ? 0 : -ENOMEM;
}

static void dial(struct ws *w, const struct ws_options *options)
{
    /* Our own keepalive decides, so lws's is switched off: it cannot see what we read. */
    static const lws_retry_bo_t no_keepalive = { .secs_since_valid_ping = 0, .secs_since_valid_hangup = 0 };
    struct lws_client_connect_info info;
    struct lws *wsi;

    memset(&info, 0, sizeof info);
    info.context = lws_loop_context(w->ll);
    info.vhost = ws_trust_vhost(options->trust);
    info.address = options->address;
    info.port = options->port;
    info.host = options->host_header;
    info.path = options->path;
    info.origin = options->origin;
    info.local_protocol_name = WS_PROTOCOL_NAME;
    info.alpn = "http/1.1";
    info.opaque_user_data = w;
    info.retry_and_idle_policy = &no_keepalive;
    info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
    if (options->is_tls) {
        struct in6_addr address;

        info.ssl_connection |= LCCSCF_USE_SSL;
        /* lws compares the name as a DNS name only; an address is checked by ws_lws.c before the upgrade leaves. */
        if (inet_pton(AF_INET, w->host, &address) == 1 || inet_pton(AF_INET6, w->host, &address) == 1)
            info.ssl_connection |= LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
    }
    lws_loop_enter(w->ll);
    wsi = lws_client_connect_via_info(&info);
    lws_loop_leave(w->ll);
    if (!wsi)
        ws_finish(w, REASON_CONNECT_FAILED, "no connection could be started");
    else if (w->phase != WS_PHASE_OVER)
        w->wsi = wsi;
}

int ws_open(const struct ws_options *options, const struct ws_handler *handler, void *context, struct ws **ret)
{
    struct ws *w = calloc(1, sizeof *w);

    if (!w)
        return -ENOMEM;
    w->ll = options->loop;
    w->handler = handler;
    w->context = context;
    w->is_tls = options->is_tls;
    (void)snprintf(w->host, sizeof w->host, "%s", options->host);
    if (memory_take(w, options) < 0) {
        destroy(w);
        return -ENOMEM;
    }
    dial(w, options);
    *ret = w;
    return 0;
}

void ws_close(struct ws *w)
{
    if (w->phase == WS_PHASE_OPEN) {
        ws_end_set(w, REASON_NONE, NULL);
        ws_say_goodbye(w, LWS_CLOSE_STATUS_NORMAL);
        return;
    }
    if (w->phase == WS_PHASE_DIALING) {
        let_go(w);
        ws_finish(w, REASON_NONE, NULL);
    }
}

struct ws *ws_free(struct ws *w)
{
    if (!w)
        return NULL;
    w->is_told = 1;
    let_go(w);
    w->phase = WS_PHASE_OVER;
    w->is_freed = 1;
    if (w->depth == 0)
        destroy(w);
    return NULL;
}

int ws_is_taken_over(const struct ws *w)
{
    return w->is_taken_over;
}

int ws_is_reading(const struct ws *w)
{
    return !w->is_held;
}

uint64_t ws_n_read(const struct ws *w)
{
    return w->n_read;
}
