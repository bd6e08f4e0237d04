/* SPDX-License-Identifier: MIT
 * tls_source.h - where OpenSSL reads a taken-over connection's bytes: one recvmsg of up to 64 KB instead of two read()
 * a record, and the kernel's time of arrival with it. Halves the CPU of a small wss message
 * (../shared/lws-libevent.md section 5). Writing and closing stay with libwebsockets. */
#ifndef HOGA_TLS_SOURCE_H
#define HOGA_TLS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#define TLS_SOURCE_SIZE 65536

struct ssl_st;

struct tls_source {
    int fd;
    uint8_t *memory; /* TLS_SOURCE_SIZE */
    size_t at, end;
    int64_t recv_ns;      /* of the last bytes read */
    uint8_t may_read;     /* this turn may still call the kernel */
    uint8_t reads_freely; /* no turns: lws is reading what is left */
    uint8_t is_over;      /* the peer closed, or the connection is lost */
};

int tls_source_init(struct tls_source *s, int fd);
void tls_source_done(struct tls_source *s);
/* Put it in place of the connection's read BIO. `s` must outlive the SSL, or tls_source_orphan be called. */
int tls_source_attach(struct tls_source *s, struct ssl_st *ssl);
/* The SSL lives on without `s`: reads fail from now on. */
void tls_source_orphan(struct ssl_st *ssl);
int tls_source_is_empty(const struct tls_source *s);

#endif
