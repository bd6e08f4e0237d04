/* SPDX-License-Identifier: MIT
 * ws_lws.c - what lws tells about a connection, and whom it trusts. */
#include "core/clock.h"
#include "loop/lws_loop.h"
#include "net/backoff.h"
#include "net/sock.h"
#include "net/ws_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRUST_SYSTEM_FILE "/etc/ssl/certs/ca-certificates.crt"
#define TRUST_MAX         32
#define TRUST_TEXT_SIZE   512

struct ws_trust {
    struct lws_context *context; /* it lives as long as this */
    struct lws_vhost *vhost;
    char ca_file[TRUST_TEXT_SIZE];
    char proxy[TRUST_TEXT_SIZE];
    char name[24];
};

static struct ws_trust trusts[TRUST_MAX]; /* lws keeps pointers into it until its context goes */

/* A later context may lie at the same address; it must not be given a vhost of the one before. */
static void trust_gone(const struct lws_vhost *vhost)
{
    for (size_t i = 0; i < TRUST_MAX; i++) {
        if (trusts[i].vhost == vhost)
            memset(&trusts[i], 0, sizeof trusts[i]);
    }
}

/* A certificate for an address must carry that address; lws itself only compares DNS names. Asked again for names, so
 * that no flag of lws can let a wrong one through. */
static int is_certificate_for(SSL *ssl, const char *host)
{
    struct in6_addr address;
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    int is_address = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
    int r;

    if (!certificate)
        return 0;
    r = is_address ? X509_check_ip_asc(certificate, host, 0) : X509_check_host(certificate, host, 0, 0, NULL);
    X509_free(certificate);
    return r == 1 && SSL_get_verify_result(ssl) == X509_V_OK;
}

int ws_certificate_is_for(struct lws *wsi, const char *host)
{
    SSL *ssl = lws_get_ssl(wsi);

    return ssl && is_certificate_for(ssl, host);
}

static int before_upgrade(struct ws *w, struct lws *wsi)
{
    if (!w->is_tls || ws_certificate_is_for(wsi, w->host))
        return 0;
    ws_end_set(w, REASON_TLS_FAILED, "the certificate is not for this host");
    return -1;
}

uint32_t ws_retry_after_s(struct lws *wsi)
{
    char text[64] = "", date[64] = "";

    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_RETRY_AFTER) <= 0)
        return 0;
    if (lws_hdr_copy(wsi, date, sizeof date, WSI_TOKEN_HTTP_DATE) < 0)
        date[0] = '\0';
    return backoff_retry_after_s(text, date, clock_real_ns() / 1000000000);
}

static void upgrade_answered(struct ws *w, struct lws *wsi)
{
    unsigned status = lws_http_client_http_response(wsi);
    char text[64] = "";

    if (status == 101)
        return;
    w->end.http_status = status;
    w->end.retry_after_s = ws_retry_after_s(wsi);
    (void)snprintf(text, sizeof text, "HTTP status %u", status);
    ws_end_set(w, REASON_HTTP_REFUSED, text);
}

static int is_tls_trouble(struct lws *wsi, char *text, size_t text_size)
{
    SSL *ssl = lws_get_ssl(wsi);
    long verdict;

    if (!ssl)
        return 0;
    verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
        (void)snprintf(text, text_size, "%s", X509_verify_cert_error_string(verdict));
        return 1;
    }
    (void)snprintf(text, text_size, "TLS was not agreed on");
    return !SSL_is_init_finished(ssl);
}

static void connect_failed(struct ws *w, struct lws *wsi, const char *words, size_t size)
{
    char text[WS_TEXT_SIZE];

    w->wsi = NULL;
    lws_set_opaque_user_data(wsi, NULL);
    if (w->is_tcp_up && w->is_tls && is_tls_trouble(wsi, text, sizeof text)) {
        ws_finish(w, REASON_TLS_FAILED, text);
        return;
    }
    (void)snprintf(text, sizeof text, "%.*s", (int)(words ? size : 0), words ? words : "");
    ws_finish(w, strncmp(text, "HS:", 3) == 0 ? REASON_PROTOCOL_ERROR : REASON_CONNECT_FAILED, text);
}

static int established(struct ws *w)
{
    if (w->phase != WS_PHASE_DIALING)
        return -1;
    w->phase = WS_PHASE_OPEN;
    /* Bytes that came with the upgrade's answer are inside lws already, and there is no way to get them out: such a
     * connection stays with lws's own slow but correct reading. */
    if (!lws_loop_holds_bytes(w->ll) && ws_rx_take_over(w) < 0) {
        ws_finish(w, REASON_CONNECT_FAILED, "no memory");
        return -1;
    }
    w->handler->open(w->context);
    w->handler->turn_over(w->context);
    return 0;
}

/* lws's own reading: pieces of frames. Moved together in the stream's memory. */
static void received(struct ws *w, struct lws *wsi, const char *bytes, size_t size)
{
    struct ws_stream *s = &w->stream;
    uint8_t *to;
    size_t room;

    w->n_read += size;
    if (lws_is_first_fragment(wsi))
        s->message_size = 0;
    if (s->message_size + size > WS_FRAME_SIZE_MAX) {
        ws_end_set(w, REASON_PROTOCOL_ERROR, "message over 16 MB");
        ws_say_goodbye(w, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
        return;
    }
    while (size > 0) {
        size_t n;

        if (ws_stream_room(s, &to, &room) < 0) {
            ws_finish(w, REASON_PROTOCOL_ERROR, "no memory for a message of this size");
            return;
        }
        n = size < room ? size : room;
        memcpy(to, bytes, n);
        s->message_size += n;
        s->head = s->message_size;
        s->end = s->message_size;
        bytes += n;
        size -= n;
    }
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return;
    w->handler->message(w->context, (const char *)s->memory, s->message_size, clock_real_ns());
    s->message_size = 0;
    if (w->phase == WS_PHASE_OPEN)
        w->handler->turn_over(w->context);
}

static void gone(struct ws *w, struct lws *wsi)
{
    w->wsi = NULL;
    lws_set_opaque_user_data(wsi, NULL);
    if (w->is_taken_over)
        w->ssl = NULL;
    if (w->phase == WS_PHASE_DIALING)
        ws_finish(w, REASON_CONNECT_FAILED, "lost before the upgrade was answered");
    else
        ws_finish(w, REASON_CONNECTION_LOST, "lost while writing, or reset");
}

static int connection_event(struct ws *w, struct lws *wsi, enum lws_callback_reasons what, void *in, size_t size)
{
    switch ((int)what) {
    case LWS_CALLBACK_WSI_CREATE:
        w->is_tcp_up = 1;
        sock_prepare(lws_get_socket_fd(wsi));
        return 0;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return before_upgrade(w, wsi);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        upgrade_answered(w, wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        w->wsi = wsi;
        return established(w);
    case LWS_CALLBACK_CLIENT_RECEIVE:
        if (w->phase == WS_PHASE_OPEN)
            received(w, wsi, in, size);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (w->phase == WS_PHASE_OPEN)
            ws_rx_pong(w, in, size);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        ws_rx_closed_by_peer(w, in, size);
        return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return ws_tx_write(w);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        connect_failed(w, wsi, in, size);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        gone(w, wsi);
        return 0;
    default:
        return 0;
    }
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons what, void *user, void *in, size_t size)
{
    struct ws *w;
    int r;

    (void)user;
    switch ((int)what) {
    case LWS_CALLBACK_WSI_CREATE:
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    case LWS_CALLBACK_CLIENT_WRITEABLE:
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_WSI_DESTROY:
        break;
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        trust_gone(lws_get_vhost(wsi));
        return 0;
    default:
        return 0; /* of the context or a vhost, or of no use here */
    }
    w = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (!w)
        return 0;
    ws_hold(w);
    r = connection_event(w, wsi, what, in, size);
    ws_release(w);
    return r;
}

static const struct lws_protocols ws_protocols[] = {
    { .name = WS_PROTOCOL_NAME, .callback = on_lws },
    { .name = HTTPS_GET_PROTOCOL_NAME, .callback = https_get_on_lws },
    { 0 },
};

struct lws_vhost *ws_trust_vhost(const struct ws_trust *trust)
{
    return trust->vhost;
}

/* Does the file hold at least one certificate? lws would only say "connect failed" much later. */
/* One certificate is enough to tell a file of them from anything else; lws reads them all, once. */
static int ca_file_check(const char *path)
{
    BIO *file;
    X509 *first;

    if (access(path, R_OK) < 0)
        return -ENOENT;
    file = BIO_new_file(path, "r");
    if (!file)
        return -ENOENT;
    first = PEM_read_bio_X509_AUX(file, NULL, NULL, NULL);
    BIO_free(file);
    ERR_clear_error();
    if (!first)
        return -EBADMSG;
    X509_free(first);
    return 0;
}

static int trust_make(struct ws_trust *t)
{
    struct lws_context_creation_info info;

    memset(&info, 0, sizeof info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = ws_protocols;
    info.vhost_name = t->name;
    /* The system's store is one file as well; without DISABLE_OS_CA_CERTS a private CA would only be added to it, and
     * with a NULL path 4.1.6 would also trust the relative directory ../share. */
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.client_ssl_ca_filepath = t->ca_file;
    if (strcmp(t->ca_file, WS_TRUST_PLAIN) == 0)
        info.options = LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN;
    info.ssl_client_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    info.http_proxy_address = t->proxy[0] ? t->proxy : NULL;
    (void)lws_loop_take_refused();
    t->vhost = lws_create_vhost(t->context, &info);
    /* One that lacks its list of connections by protocol (lws 4.1.6, vhost.c) would end us at the first of them. */
    if (!t->vhost || lws_loop_take_refused())
        return -ENOMEM;
    if (strcmp(t->ca_file, WS_TRUST_PLAIN) == 0)
        return 0;
    return lws_init_vhost_client_ssl(&info, t->vhost) ? -EBADMSG : 0;
}

int ws_trust_get(struct lws_loop *ll, const char *ca_file, const char *proxy, struct ws_trust **ret)
{
    struct lws_context *context = lws_loop_context(ll);
    const char *file = ca_file ? ca_file : TRUST_SYSTEM_FILE;
    struct ws_trust *t = NULL;
    int r;

    if (strlen(file) >= TRUST_TEXT_SIZE || (proxy && strlen(proxy) >= TRUST_TEXT_SIZE))
        return -ENOENT;
    for (size_t i = 0; i < TRUST_MAX; i++) {
        if (trusts[i].context != context)
            t = &trusts[i];
        else if (strcmp(trusts[i].ca_file, file) == 0 && strcmp(trusts[i].proxy, proxy ? proxy : "") == 0) {
            *ret = &trusts[i];
            return 0;
        }
    }
    r = strcmp(file, WS_TRUST_PLAIN) == 0 ? 0 : ca_file_check(file);
    if (r < 0 || !t)
        return r < 0 ? r : -ENOMEM;
    (void)snprintf(t->ca_file, sizeof t->ca_file, "%s", file);
    (void)snprintf(t->proxy, sizeof t->proxy, "%s", proxy ? proxy : "");
    (void)snprintf(t->name, sizeof t->name, "hoga-%d", (int)(t - trusts));
    t->context = context;
    r = trust_make(t);
    if (r < 0) {
        t->context = NULL;
        return r;
    }
    *ret = t;
    return 0;
}
