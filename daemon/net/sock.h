/* SPDX-License-Identifier: MIT
 * sock.h - a connected TCP socket's options, and reading from it with the kernel's time of arrival. */
#ifndef HOGA_SOCK_H
#define HOGA_SOCK_H

#include <stddef.h>
#include <stdint.h>

/* Unacknowledged for this long: the kernel gives the connection up. Below the pong deadline it would hide, above the
 * few seconds that a routing change takes. */
#define SOCK_USER_TIMEOUT_MS 20000

/* No delay, TCP_USER_TIMEOUT, time stamps. Each is worth having alone, so a failure of one is no error. The receive
 * buffer stays with the kernel: SO_RCVBUF would switch off its own tuning, which reaches several MB. */
void sock_prepare(int fd);

/* One recvmsg. *ret_recv_ns: CLOCK_REALTIME when the last byte came in, by the kernel; now, where it does not say.
 * Returns: bytes > 0; 0 the peer has closed; -EAGAIN nothing there; another negative errno: the connection is lost. */
int64_t sock_read(int fd, void *to, size_t size, int64_t *ret_recv_ns);

#endif
