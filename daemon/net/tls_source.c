/* SPDX-License-Identifier: MIT
 * tls_source.c - see tls_source.h. */
#include "net/tls_source.h"

#include "net/sock.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

int tls_source_init(struct tls_source *s, int fd)
{
    memset(s, 0, sizeof *s);
    s->fd = fd;
    s->memory = malloc(TLS_SOURCE_SIZE);
    return s->memory ? 0 : -ENOMEM;
}

void tls_source_done(struct tls_source *s)
{
    free(s->memory);
    memset(s, 0, sizeof *s);
}

int tls_source_is_empty(const struct tls_source *s)
{
    return s->at == s->end;
}

/* A short read means that the socket is drained: the next one would only cost a system call to say so. */
static int refill(struct tls_source *s)
{
    int64_t n;

    if ((!s->may_read && !s->reads_freely) || s->is_over)
        return 0;
    n = sock_read(s->fd, s->memory, TLS_SOURCE_SIZE, &s->recv_ns);
    if (n < TLS_SOURCE_SIZE)
        s->may_read = 0;
    if (n == -EAGAIN)
        return 0;
    if (n <= 0) {
        s->is_over = 1;
        return 0;
    }
    s->at = 0;
    s->end = (size_t)n;
    return 1;
}

static int bio_read(BIO *bio, char *to, int size)
{
    struct tls_source *s = BIO_get_data(bio);
    size_t n;

    BIO_clear_retry_flags(bio);
    if (!s || size <= 0)
        return 0;
    if (tls_source_is_empty(s) && !refill(s)) {
        if (s->is_over)
            return 0;
        BIO_set_retry_read(bio);
        return -1;
    }
    n = s->end - s->at < (size_t)size ? s->end - s->at : (size_t)size;
    memcpy(to, s->memory + s->at, n);
    s->at += n;
    return (int)n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    int fd = (int)(intptr_t)BIO_get_app_data(bio);

    (void)number;
    if (command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP)
        return 1;
    if (command != BIO_C_GET_FD)
        return 0;
    /* lws closes SSL_get_fd(ssl), which asks the read BIO: without this answer the descriptor would leak. */
    if (pointer)
        *(int *)pointer = fd;
    return fd;
}

/* Made at the first use and kept: one method serves every connection. The descriptor bit lets SSL_get_fd find us. */
static BIO_METHOD *method_get(void)
{
    static BIO_METHOD *method;

    if (!method) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "hoga tls source");
        if (!method)
            return NULL;
        (void)BIO_meth_set_read(method, bio_read);
        (void)BIO_meth_set_ctrl(method, bio_ctrl);
    }
    return method;
}

int tls_source_attach(struct tls_source *s, SSL *ssl)
{
    BIO_METHOD *method = method_get();
    BIO *bio = method ? BIO_new(method) : NULL;

    if (!bio)
        return -ENOMEM;
    BIO_set_data(bio, s);
    (void)BIO_set_app_data(bio, (void *)(intptr_t)s->fd);
    BIO_set_init(bio, 1);
    SSL_set0_rbio(ssl, bio);
    return 0;
}

void tls_source_orphan(SSL *ssl)
{
    BIO *bio = SSL_get_rbio(ssl);

    if (bio && (BIO_method_type(bio) & ~0xff) == (BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR) &&
        strcmp(BIO_method_name(bio), "hoga tls source") == 0)
        BIO_set_data(bio, NULL);
}
