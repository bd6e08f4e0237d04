/* SPDX-License-Identifier: MIT
 * bench_bare.c URL SEGMENT [CA] - the floor of the road's bench: one blocking handshake, then epoll, one read, the
 * frame header, and the same pipeline_feed as hogad. No timers, no keepalive, no checks: what a receiver can at best
 * cost. Used by bench_road and bench_flatout.py; not by itself. */
#include "pipeline.h"

#include "core/clock.h"
#include "publish/counter.h"
#include "shm/writer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

struct bare {
    int fd;
    SSL *tls;
    struct pipeline *pipeline;
    struct writer *writer;
    char buffer[BUFFER_SIZE];
    size_t used;
};

static int bare_read(struct bare *b)
{
    char *at = b->buffer + b->used;
    size_t room = BUFFER_SIZE - b->used;

    return b->tls ? SSL_read(b->tls, at, (int)room) : (int)recv(b->fd, at, room, 0);
}

static int bare_write(struct bare *b, const void *bytes, size_t size)
{
    int n = b->tls ? SSL_write(b->tls, bytes, (int)size) : (int)send(b->fd, bytes, size, MSG_NOSIGNAL);

    return n == (int)size ? 0 : -1;
}

/* As hogad asks, in one frame whose mask is zero. */
static int bare_subscribe(struct bare *b)
{
    static const char text[] = "[{\"ticket\":\"bare\"},{\"type\":\"orderbook\",\"codes\":[\"KRW-BTC\"]},"
                               "{\"format\":\"SIMPLE\"}]";
    _Static_assert(sizeof text - 1 < 126, "one byte of length");
    char frame[6 + sizeof text] = { (char)0x81, (char)(0x80 | (sizeof text - 1)) };

    memcpy(frame + 6, text, sizeof text - 1);
    return bare_write(b, frame, 6 + sizeof text - 1);
}

/* Whole frames of 126..65535 bytes are all that is sent. */
static void bare_take(struct bare *b)
{
    size_t at = 0;

    while (b->used - at >= 4) {
        const unsigned char *head = (const unsigned char *)b->buffer + at;
        size_t size = (size_t)head[2] << 8 | head[3];
        if (b->used - at - 4 < size)
            break;
        struct feed_input in = { .kind = FEED_INPUT_RX,
                                 .recv_ns = clock_real_ns(),
                                 .now_boot_ns = clock_boot_ns(),
                                 .bytes = b->buffer + at + 4,
                                 .bytes_size = size };
        pipeline_feed(b->pipeline, &in);
        at += 4 + size;
    }
    memmove(b->buffer, b->buffer + at, b->used - at);
    b->used -= at;
    (void)writer_wake(b->writer);
}

static int bare_connect(struct bare *b, const char *url, const char *ca)
{
    const char *port = strrchr(url, ':') + 1;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atoi(port)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const char request[] = "GET /websocket/v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           "Sec-WebSocket-Version: 13\r\n\r\n";
    int one = 1;

    b->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(b->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return -1;
    (void)setsockopt(b->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (ca) {
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        b->tls = SSL_new(context);
        (void)SSL_set_fd(b->tls, b->fd);
        if (SSL_connect(b->tls) != 1)
            return -1;
    }
    if (bare_write(b, request, sizeof request - 1) < 0 || bare_read(b) <= 0)
        return -1;
    return bare_subscribe(b);
}

static int bare_pipeline(struct bare *b, const char *segment)
{
    struct writer_options wo = { .path = segment,
                                 .layout = { .books_max = 16,
                                             .depth = 30,
                                             .connections_max = 4,
                                             .counters_max = COUNTER_COUNT,
                                             .histograms_max = PIPELINE_HISTOGRAMS_PER_FEED },
                                 .daemon_version = "bare",
                                 .source = SOURCE_SIMULATOR,
                                 .mode = 0600,
                                 .counter_names = counter_names,
                                 .counter_units = counter_units };
    struct feed_options fo = {
        .venue = venue_find("upbit"), .books_max = 16, .levels_max = 500, .source = SOURCE_SIMULATOR, .is_replay = 1
    };
    struct segment_problem problem;
    struct feed *feed;

    if (writer_open(&wo, &b->writer, &problem) < 0 || feed_new(&fo, &feed) < 0)
        return -1;
    struct pipeline_options po = { .writer = b->writer };
    if (pipeline_new(&po, &b->pipeline) < 0)
        return -1;
    if (pipeline_feed_add(b->pipeline, feed, fo.venue, fo.source, 0, 1) < 0)
        return -1;
    struct feed_input open = { .kind = FEED_INPUT_OPEN, .recv_ns = clock_real_ns(), .now_boot_ns = clock_boot_ns() };
    pipeline_feed(b->pipeline, &open);
    writer_ready(b->writer, clock_boot_ns());
    return 0;
}

int main(int argc, char **argv)
{
    static struct bare b;
    struct epoll_event event = { .events = EPOLLIN };

    if (argc < 3 || bare_pipeline(&b, argv[2]) < 0 || bare_connect(&b, argv[1], argc > 3 ? argv[3] : NULL) < 0)
        return 1;
    int ep = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ctl(ep, EPOLL_CTL_ADD, b.fd, &event) < 0)
        return 1;
    for (;;) {
        int n = epoll_wait(ep, &event, 1, -1) == 1 ? bare_read(&b) : -1;
        if (n <= 0)
            return 1;
        b.used += (size_t)n;
        bare_take(&b);
    }
}
