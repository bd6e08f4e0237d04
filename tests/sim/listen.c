/* SPDX-License-Identifier: MIT */
#include "conn.h"
#include "control.h"
#include "feed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG     64
#define LISTEN_ACCEPTS_MAX 16 /* a loop turn */
#define TX_SIZE_MAX        (1u << 20)

union listen_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static void listen_accept(struct sim *s)
{
    for (unsigned i = 0; i < LISTEN_ACCEPTS_MAX; i++) {
        int fd = accept4(s->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
        lws_adoption_type type = s->options->is_tls ? LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL : LWS_ADOPT_SOCKET;
        if (fd < 0)
            return;
        if (s->faults.n_refuse > 0) {
            struct linger reset = { .l_onoff = 1 };
            s->faults.n_refuse--;
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
            (void)close(fd);
            continue;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        /* On failure lws has closed the descriptor. */
        (void)lws_adopt_descriptor_vhost(s->vhost, type, (lws_sock_file_fd_type){ .sockfd = fd }, "conn", NULL);
    }
}

static int listen_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    (void)user, (void)in, (void)n;
    if (reason == LWS_CALLBACK_RAW_RX_FILE)
        listen_accept(lws_context_user(lws_get_context(wsi)));
    return 0;
}

static int signal_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    (void)user, (void)in, (void)n;
    if (reason == LWS_CALLBACK_RAW_RX_FILE)
        sim_end(lws_context_user(lws_get_context(wsi)));
    return 0;
}

/* clang-format off */
const struct lws_protocols sim_protocols[] = {
    { .name = "conn", .callback = conn_callback, .per_session_data_size = sizeof(struct conn),
      .rx_buffer_size = 65536, .tx_packet_size = TX_SIZE_MAX },
    { .name = "listen", .callback = listen_callback },
    { .name = "signal", .callback = signal_callback },
    { .name = "tick", .callback = feed_tick_callback },
    { .name = "control-listen", .callback = control_listen_callback },
    { .name = "control", .callback = control_callback, .per_session_data_size = CONTROL_CLIENT_SIZE },
    { .name = NULL },
};
/* clang-format on */

int sim_adopt_file(struct sim *s, int fd, const char *protocol)
{
    struct lws *wsi = lws_adopt_descriptor_vhost(s->vhost, LWS_ADOPT_RAW_FILE_DESC,
                                                 (lws_sock_file_fd_type){ .filefd = fd }, protocol, NULL);

    return wsi == NULL ? -ENOMEM : 0;
}

static int listen_refuse(const char *what, const char *why, const char *remedy)
{
    (void)fprintf(stderr, "hoga-sim: %s: %s: %s\n", what, why, remedy);
    return -1;
}

/* "127.0.0.1:0", "localhost:8080", "[::1]:0"; nothing but loopback. */
static int listen_parse(const char *text, union listen_address *ret, socklen_t *ret_size)
{
    static const char remedy[] = "a pretend exchange listens on 127.0.0.1:PORT or [::1]:PORT only";
    char host[64] = "", *end = NULL;
    const char *colon = strrchr(text, ':');
    unsigned long port;

    if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
        return listen_refuse(text, "not HOST:PORT", remedy);
    memcpy(host, text, (size_t)(colon - text));
    port = strtoul(colon + 1, &end, 10);
    if (end == colon + 1 || *end != '\0' || port > UINT16_MAX || colon[1] == '-')
        return listen_refuse(text, "no such port", remedy);
    memset(ret, 0, sizeof(*ret));
    if (strcmp(host, "[::1]") == 0) {
        ret->v6.sin6_family = AF_INET6;
        ret->v6.sin6_addr = in6addr_loopback;
        ret->v6.sin6_port = htons((uint16_t)port);
        *ret_size = sizeof(ret->v6);
        return 0;
    }
    ret->v4.sin_family = AF_INET;
    ret->v4.sin_port = htons((uint16_t)port);
    *ret_size = sizeof(ret->v4);
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &ret->v4.sin_addr) != 1)
        return listen_refuse(text, "not a loopback address", remedy);
    if ((ntohl(ret->v4.sin_addr.s_addr) >> 24) != 127)
        return listen_refuse(text, "not a loopback address", remedy);
    return 0;
}

int sim_listen(struct sim *s, char ret_host[64], uint16_t *ret_port)
{
    union listen_address address;
    socklen_t size = 0;
    int fd, one = 1;

    if (listen_parse(s->options->listen, &address, &size) < 0)
        return -1;
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return listen_refuse(s->options->listen, strerror(errno), "no socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, &address.any, size) < 0 || listen(fd, LISTEN_BACKLOG) < 0 ||
        getsockname(fd, &address.any, &size) < 0) {
        (void)listen_refuse(s->options->listen, strerror(errno), "choose another port, or 0 for any");
        (void)close(fd);
        return -1;
    }
    s->listen_fd = fd;
    if (sim_adopt_file(s, fd, "listen") < 0)
        return listen_refuse(s->options->listen, "out of memory", "cannot go on");
    if (address.any.sa_family == AF_INET6) {
        memcpy(ret_host, "[::1]", sizeof("[::1]"));
        *ret_port = ntohs(address.v6.sin6_port);
    } else {
        (void)inet_ntop(AF_INET, &address.v4.sin_addr, ret_host, 64);
        *ret_port = ntohs(address.v4.sin_port);
    }
    return 0;
}
