/* SPDX-License-Identifier: MIT */
#include "net/https_get.h"

#include "loop/lws_loop.h"
#include "loop/resolve.h"
#include "net/backoff.h"
#include "net/sock.h"
#include "net/url.h"
#include "net/ws_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GET_READ_SIZE  16384
#define GET_FIRST_SIZE 65536

struct https_get {
    struct lws_loop *ll;
    struct ws_trust *trust;
    https_get_fn fn;
    void *context;
    struct url url;
    struct resolve_job *job;
    struct lws *wsi;
    struct event *deadline; /* and, made due at once, the end of the get outside of lws's stack */
    uint8_t is_complete, is_over;
    uint32_t status, retry_after_s;
    char *bytes;
    size_t size, room;
};

static void get_free(struct https_get *g)
{
    if (g->wsi)
        lws_set_opaque_user_data(g->wsi, NULL); /* lws ends it when it comes by; nobody listens any more */
    g->wsi = NULL;
    (void)resolve_cancel(g->job);
    if (g->deadline)
        event_free(g->deadline);
    free(g->bytes);
    free(g);
}

/* The answer, whatever it is, is told in the next turn of the loop. */
static void get_end(struct https_get *g)
{
    static const struct timeval now = { 0, 0 };

    if (g->is_over)
        return;
    g->is_over = 1;
    (void)evtimer_add(g->deadline, &now);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct https_get *g = context;
    struct https_get_answer answer = { 0 };

    (void)fd;
    (void)what;
    if (g->is_complete)
        answer = (struct https_get_answer){ g->status, g->retry_after_s, g->bytes, g->size, &g->bytes };
    if (g->wsi) {
        lws_set_opaque_user_data(g->wsi, NULL);
        lws_loop_enter(g->ll);
        lws_set_timeout(g->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        lws_loop_leave(g->ll);
        g->wsi = NULL;
    }
    g->fn(g->context, &answer);
    get_free(g);
}

static int bytes_take(struct https_get *g, const char *bytes, size_t size)
{
    if (size > HTTPS_GET_SIZE_MAX - g->size)
        return -EMSGSIZE;
    if (g->size + size > g->room) {
        size_t room = g->room ? g->room : GET_FIRST_SIZE;
        char *larger;

        while (room < g->size + size)
            room *= 2;
        larger = realloc(g->bytes, room);
        if (!larger)
            return -ENOMEM;
        g->bytes = larger;
        g->room = room;
    }
    memcpy(g->bytes + g->size, bytes, size);
    g->size += size;
    return 0;
}

static void answer_begins(struct https_get *g, struct lws *wsi)
{
    g->status = lws_http_client_http_response(wsi);
    g->retry_after_s = ws_retry_after_s(wsi);
}

static int read_some(struct lws *wsi)
{
    char memory[LWS_PRE + GET_READ_SIZE], *at = memory + LWS_PRE;
    int size = GET_READ_SIZE;

    return lws_http_client_read(wsi, &at, &size) < 0 ? -1 : 0;
}

int https_get_on_lws(struct lws *wsi, enum lws_callback_reasons what, void *user, void *in, size_t size)
{
    struct https_get *g = wsi ? lws_get_opaque_user_data(wsi) : NULL;

    (void)user;
    switch ((int)what) {
    case LWS_CALLBACK_WSI_CREATE:
        if (g)
            sock_prepare(lws_get_socket_fd(wsi));
        return 0;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return g && (!g->url.is_tls || ws_certificate_is_for(wsi, g->url.host)) ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        if (g)
            answer_begins(g, wsi);
        return g ? 0 : -1;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return g ? read_some(wsi) : -1;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return g ? bytes_take(g, in, size) : -1;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        if (g)
            g->is_complete = 1;
        return -1; /* one answer a connection */
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY:
        if (!g)
            return 0;
        lws_set_opaque_user_data(wsi, NULL);
        g->wsi = NULL;
        get_end(g);
        return 0;
    default:
        return 0;
    }
}

static void dial(struct https_get *g, const char *address)
{
    struct lws_client_connect_info info;
    struct in6_addr numeric;
    struct lws *wsi;

    memset(&info, 0, sizeof info);
    info.context = lws_loop_context(g->ll);
    info.vhost = ws_trust_vhost(g->trust);
    info.address = address;
    info.port = g->url.port;
    info.host = g->url.host_header;
    info.path = g->url.path;
    info.method = "GET";
    info.local_protocol_name = HTTPS_GET_PROTOCOL_NAME;
    info.alpn = "http/1.1";
    info.opaque_user_data = g;
    info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
    if (g->url.is_tls)
        info.ssl_connection |= LCCSCF_USE_SSL;
    if (g->url.is_tls &&
        (inet_pton(AF_INET, g->url.host, &numeric) == 1 || inet_pton(AF_INET6, g->url.host, &numeric) == 1))
        info.ssl_connection |= LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
    lws_loop_enter(g->ll);
    wsi = lws_client_connect_via_info(&info);
    lws_loop_leave(g->ll);
    if (!wsi)
        get_end(g);
    else if (!g->is_over)
        g->wsi = wsi;
}

static void on_resolved(void *context, const struct resolve_answer *answer)
{
    struct https_get *g = context;

    g->job = NULL;
    if (answer->n == 0)
        get_end(g);
    else
        dial(g, answer->address[0]);
}

/* url.h knows WebSocket URLs; the rest of these is the same. */
static int url_take(const char *text, struct url *ret)
{
    char ws[URL_HOST_SIZE + URL_PATH_SIZE + 16];
    int is_tls = strncmp(text, "https://", 8) == 0, n;

    if (!is_tls && strncmp(text, "http://", 7) != 0)
        return -EINVAL;
    n = snprintf(ws, sizeof ws, "%s%s", is_tls ? "wss://" : "ws://", text + (is_tls ? 8 : 7));
    return n < 0 || (size_t)n >= sizeof ws ? -EINVAL : url_parse(ws, ret);
}

int https_get_start(const struct https_get_options *options, https_get_fn fn, void *context, struct https_get **ret)
{
    static const struct timeval deadline = { HTTPS_GET_DEADLINE_MS / 1000, 0 };
    struct https_get *g = calloc(1, sizeof *g);

    if (!g)
        return -ENOMEM;
    g->ll = options->loop;
    g->trust = options->trust;
    g->fn = fn;
    g->context = context;
    if (url_take(options->url, &g->url) < 0) {
        free(g);
        return -EINVAL;
    }
    g->deadline = evtimer_new(lws_loop_base(g->ll), on_deadline, g);
    if (!g->deadline || evtimer_add(g->deadline, &deadline) < 0) {
        get_free(g);
        return -ENOMEM;
    }
    if (g->url.is_address || options->has_proxy) {
        dial(g, g->url.host);
    } else if (resolve_start(options->resolver, g->url.host, on_resolved, g, &g->job) < 0) {
        get_free(g);
        return -ENOMEM;
    }
    *ret = g;
    return 0;
}

struct https_get *https_get_cancel(struct https_get *g)
{
    if (g)
        get_free(g);
    return NULL;
}
