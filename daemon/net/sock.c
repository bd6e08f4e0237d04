/* SPDX-License-Identifier: MIT
 * sock.c - see sock.h. */
#include "net/sock.h"

#include "core/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

void sock_prepare(int fd)
{
    const int on = 1;
    const unsigned user_timeout_ms = SOCK_USER_TIMEOUT_MS;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

static int64_t kernel_time_ns(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        struct timespec ts;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&ts, CMSG_DATA(c), sizeof ts);
        return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
    }
    return 0;
}

int64_t sock_read(int fd, void *to, size_t size, int64_t *ret_recv_ns)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct iovec part = { .iov_base = to, .iov_len = size };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    ssize_t n;
    int64_t recv_ns;

    do {
        n = recvmsg(fd, &message, MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    recv_ns = n > 0 ? kernel_time_ns(&message) : 0;
    *ret_recv_ns = recv_ns > 0 ? recv_ns : clock_real_ns();
    return n;
}
