/* SPDX-License-Identifier: MIT
 * exchange.h - the least of an exchange that the road's bench needs: a listener for ws or wss on loopback, blocking
 * sockets, one 30-level Upbit frame. For one thread; no error texts. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_FRAME_SIZE_MAX 8192

struct bench_listener;
struct bench_socket;

/* `ca` NULL: plain; else TLS with a fresh self-signed certificate for 127.0.0.1, written to the file `ca`. */
int bench_listen(struct bench_listener **ret, const char *ca, char *ret_url, size_t url_size);
struct bench_listener *bench_listener_free(struct bench_listener *l);
/* Accept, upgrade, read the subscription away. NULL on failure or after some seconds. */
struct bench_socket *bench_accept(struct bench_listener *l);
int bench_socket_send(struct bench_socket *s, const char *bytes, size_t size);
struct bench_socket *bench_socket_free(struct bench_socket *s);

/* One whole WebSocket frame (binary, unmasked): a KRW-BTC book of 30 levels, different for each sequence. */
size_t bench_frame(char ret[BENCH_FRAME_SIZE_MAX], uint64_t sequence);

#endif
