/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCEPT_TIMEOUT_MS 5000
#define LEVELS            30

struct bench_listener {
    int fd;
    SSL_CTX *tls; /* NULL: plain */
};

struct bench_socket {
    int fd;
    SSL *tls;
};

/* A key and a certificate for 127.0.0.1, good for a day. */
static int certificate_make(SSL_CTX *tls, const char *path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509V3_CTX context;
    FILE *file = fopen(path, "we");
    int r = -1;

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"hoga bench", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    const char *extensions[][2] = { { "subjectAltName", "IP:127.0.0.1,DNS:localhost" },
                                    { "basicConstraints", "critical,CA:TRUE" } };
    for (int i = 0; i < 2; i++) {
        X509_EXTENSION *e = X509V3_EXT_conf(NULL, &context, extensions[i][0], extensions[i][1]);
        X509_add_ext(cert, e, -1);
        X509_EXTENSION_free(e);
    }
    if (file && X509_sign(cert, key, EVP_sha256()) && PEM_write_X509(file, cert) &&
        SSL_CTX_use_certificate(tls, cert) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1)
        r = 0;
    if (file)
        (void)fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
    return r;
}

int bench_listen(struct bench_listener **ret, const char *ca, char *ret_url, size_t url_size)
{
    struct bench_listener *l = calloc(1, sizeof *l);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    if (!l)
        return -ENOMEM;
    if (ca) {
        l->tls = SSL_CTX_new(TLS_server_method());
        if (certificate_make(l->tls, ca) < 0)
            return -EIO;
    }
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(l->fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(l->fd, 4) < 0 ||
        getsockname(l->fd, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    (void)snprintf(ret_url, url_size, "%s://127.0.0.1:%d/websocket/v1", ca ? "wss" : "ws", ntohs(address.sin_port));
    *ret = l;
    return 0;
}

struct bench_listener *bench_listener_free(struct bench_listener *l)
{
    if (!l)
        return NULL;
    (void)close(l->fd);
    SSL_CTX_free(l->tls);
    free(l);
    return NULL;
}

static int socket_read(struct bench_socket *s, char *buffer, size_t size)
{
    return s->tls ? SSL_read(s->tls, buffer, (int)size) : (int)recv(s->fd, buffer, size, 0);
}

static int socket_write(struct bench_socket *s, const char *bytes, size_t size)
{
    int n = s->tls ? SSL_write(s->tls, bytes, (int)size) : (int)send(s->fd, bytes, size, MSG_NOSIGNAL);

    return n == (int)size ? 0 : -1;
}

/* RFC 6455 section 4.2.2: the answer to the client's key. */
static int upgrade(struct bench_socket *s)
{
    char request[4096], answer[400], accept_key[64], joined[128];
    unsigned char digest[SHA_DIGEST_LENGTH];
    size_t used = 0;

    while (used < sizeof request - 1) {
        int n = socket_read(s, request + used, sizeof request - 1 - used);
        if (n <= 0)
            return -1;
        used += (size_t)n;
        request[used] = 0;
        if (strstr(request, "\r\n\r\n"))
            break;
    }
    char *key = strcasestr(request, "sec-websocket-key: ");
    if (!key)
        return -1;
    key += strlen("sec-websocket-key: ");
    (void)snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", (int)strcspn(key, "\r\n"), key);
    (void)SHA1((const unsigned char *)joined, strlen(joined), digest);
    (void)EVP_EncodeBlock((unsigned char *)accept_key, digest, sizeof digest);
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   "Sec-WebSocket-Accept: %s\r\n\r\n",
                   accept_key);
    if (socket_write(s, answer, strlen(answer)) < 0)
        return -1;
    return socket_read(s, request, sizeof request) > 0 ? 0 : -1; /* the subscription */
}

struct bench_socket *bench_accept(struct bench_listener *l)
{
    struct pollfd wait = { .fd = l->fd, .events = POLLIN };
    struct bench_socket *s = calloc(1, sizeof *s);
    int one = 1;

    if (!s || poll(&wait, 1, ACCEPT_TIMEOUT_MS) != 1) {
        free(s);
        return NULL;
    }
    s->fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (l->tls) {
        s->tls = SSL_new(l->tls);
        (void)SSL_set_fd(s->tls, s->fd);
        if (SSL_accept(s->tls) != 1)
            return bench_socket_free(s);
    }
    return upgrade(s) < 0 ? bench_socket_free(s) : s;
}

int bench_socket_send(struct bench_socket *s, const char *bytes, size_t size)
{
    return socket_write(s, bytes, size);
}

struct bench_socket *bench_socket_free(struct bench_socket *s)
{
    if (!s)
        return NULL;
    SSL_free(s->tls);
    (void)close(s->fd);
    free(s);
    return NULL;
}

size_t bench_frame(char ret[BENCH_FRAME_SIZE_MAX], uint64_t sequence)
{
    char *payload = ret + 4;
    size_t room = BENCH_FRAME_SIZE_MAX - 4;
    size_t used = (size_t)snprintf(payload, room,
                                   "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"timestamp\":%" PRIu64
                                   ",\"total_ask_size\":2.51469375,\"total_bid_size\":1.63815297,\"orderbook_units\":[",
                                   1790134742106u + sequence);
    uint64_t seed = sequence * 0x9e3779b97f4a7c15u;

    for (int i = 0; i < LEVELS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        used += (size_t)snprintf(payload + used, room - used,
                                 "%s{\"ask_price\":1.%05dE8,\"bid_price\":1.%05dE8,\"ask_size\":0.%08" PRIu64
                                 ",\"bid_size\":1.%08" PRIu64 "}",
                                 i ? "," : "", 16539 + i, 16538 - i, (seed >> 33) % 99999999 + 1,
                                 (seed >> 20) % 99999999 + 1);
    }
    used += (size_t)snprintf(payload + used, room - used, "],\"stream_type\":\"REALTIME\",\"level\":0}");
    ret[0] = (char)0x82;
    ret[1] = 126;
    ret[2] = (char)(used >> 8);
    ret[3] = (char)(used & 255);
    return used + 4;
}
