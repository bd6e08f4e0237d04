/* SPDX-License-Identifier: MIT
 * venue_side.h - a venue for tests: one connection, plain sockets or TLS, in a thread of its own; `play` says what it
 * does after the request has come in. Asserts with Criterion. */
#ifndef HOGA_TEST_VENUE_SIDE_H
#define HOGA_TEST_VENUE_SIDE_H

#include "net/ws_frame.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct venue_side {
    int listen_fd, fd;
    uint16_t port;
    SSL_CTX *tls;
    SSL *ssl;
    pthread_t thread;
    void (*play)(struct venue_side *v);
    char request[4096];
    unsigned char got[4096]; /* what came after the upgrade */
    size_t n_got;
};

static inline void venue_write(struct venue_side *v, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t n = v->ssl ? SSL_write(v->ssl, at, (int)size) : send(v->fd, at, size, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        at += n;
        size -= (size_t)n;
    }
}

static inline ssize_t venue_read(struct venue_side *v, void *to, size_t size)
{
    return v->ssl ? SSL_read(v->ssl, to, (int)size) : recv(v->fd, to, size, 0);
}

static inline int venue_read_request(struct venue_side *v)
{
    size_t n = 0;

    while (n + 1 < sizeof v->request && !strstr(v->request, "\r\n\r\n")) {
        if (venue_read(v, v->request + n, 1) != 1)
            return -1;
        v->request[++n] = '\0';
    }
    return 0;
}

/* Until `n` bytes have come in after the upgrade, or the end. */
static inline void venue_wait_for(struct venue_side *v, size_t n)
{
    while (v->n_got < n) {
        ssize_t got = venue_read(v, v->got + v->n_got, sizeof v->got - v->n_got);

        if (got <= 0)
            return;
        v->n_got += (size_t)got;
    }
}

static inline size_t upgrade_text(const struct venue_side *v, char *to, size_t size)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = strcasestr(v->request, "Sec-WebSocket-Key: ");
    unsigned char hash[EVP_MAX_MD_SIZE], accept[64];
    char joined[128];
    unsigned n = 0;

    (void)snprintf(joined, sizeof joined, "%.24s%s", key ? key + 19 : "", guid);
    (void)EVP_Digest(joined, strlen(joined), hash, &n, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock(accept, hash, (int)n);
    return (size_t)snprintf(to, size,
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: %s\r\n\r\n",
                            (char *)accept);
}

static inline void venue_upgrade(struct venue_side *v)
{
    char text[512];

    venue_write(v, text, upgrade_text(v, text, sizeof text));
}

static inline void venue_frame(struct venue_side *v, uint8_t first, const void *payload, size_t size)
{
    uint8_t head[WS_FRAME_HEAD_MAX] = { first, 127 };
    size_t n = size < 126 ? 2 : size <= UINT16_MAX ? 4 : 10;

    if (n < 10)
        head[1] = n == 2 ? (uint8_t)size : 126;
    for (size_t i = 2; i < n; i++)
        head[i] = (uint8_t)((uint64_t)size >> (8 * (n - 1 - i)));
    venue_write(v, head, n);
    venue_write(v, payload, size);
}

static inline void *venue_run(void *context)
{
    struct venue_side *v = context;

    v->fd = accept(v->listen_fd, NULL, NULL);
    if (v->fd < 0)
        return NULL;
    if (v->tls) {
        v->ssl = SSL_new(v->tls);
        (void)SSL_set_fd(v->ssl, v->fd);
    }
    if ((!v->ssl || SSL_accept(v->ssl) == 1) && v->play && venue_read_request(v) == 0)
        v->play(v);
    SSL_free(v->ssl);
    v->ssl = NULL;
    (void)close(v->fd);
    return NULL;
}

static inline void venue_start(struct venue_side *v, void (*play)(struct venue_side *v))
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;

    v->play = play;
    v->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(v->listen_fd, (struct sockaddr *)&at, sizeof at), 0);
    cr_assert_eq(listen(v->listen_fd, 4), 0);
    cr_assert_eq(getsockname(v->listen_fd, (struct sockaddr *)&at, &size), 0);
    v->port = ntohs(at.sin_port);
    cr_assert_eq(pthread_create(&v->thread, NULL, venue_run, v), 0);
}

static inline void venue_end(struct venue_side *v)
{
    (void)shutdown(v->listen_fd, SHUT_RDWR);
    (void)pthread_join(v->thread, NULL);
    (void)close(v->listen_fd);
    SSL_CTX_free(v->tls);
}

/* A venue whose first bytes come in one packet with its answer to the upgrade. */
static inline void play_early(struct venue_side *v)
{
    char text[1024];
    size_t n = upgrade_text(v, text, sizeof text);

    /* One packet: the answer, a whole message, and the head of the next one. */
    memcpy(text + n,
           "\x82\x05"
           "early\x82\x04ha",
           11);
    venue_write(v, text, n + 11);
    venue_write(v, "lf", 2);
    venue_frame(v, 0x01, "frag", 4);
    venue_frame(v, 0x80, "ment", 4);
    venue_frame(v, 0x89, "p", 1);
    venue_wait_for(v, 7);
    venue_frame(v, 0x88, "\x03\xe8", 2);
    venue_wait_for(v, 15);
}

#endif
