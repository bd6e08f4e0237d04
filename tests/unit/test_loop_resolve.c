/* SPDX-License-Identifier: MIT
 * Names looked up with a name server of our own: good answers, refusals, silence, and a resolv.conf that appears later.
 */
#include "loop/loop.h"
#include "loop/resolve.h"
#include "no_leaks.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS_MAX 1000 /* of at most 10 ms */

/* A name server on the same loop. */
struct server {
    int fd;
    struct event *event;
    unsigned n_queries;
    int rcode; /* 0 good, 2 SERVFAIL, 3 NXDOMAIN */
    int is_silent;
};

/* The question is copied; the answer names it by pointer. Types: 1 A, 28 AAAA. Source: RFC 1035 section 4, RFC 3596. */
static size_t answer_make(const struct server *s, uint8_t *message, size_t size)
{
    static const uint8_t v4[4] = { 192, 0, 2, 7 };
    size_t end = 12;
    uint16_t type;

    while (end < size && message[end] != 0)
        end += 1u + message[end];
    type = (uint16_t)(message[end + 1] << 8 | message[end + 2]);
    end += 5;
    message[2] = 0x81;
    message[3] = (uint8_t)(0x80 | s->rcode);
    memset(message + 6, 0, 6);
    if (s->rcode != 0)
        return end;
    message[7] = type == 1 ? 2 : 1; /* two A records, one AAAA */
    for (int i = 0; i < message[7]; i++) {
        uint16_t n = type == 1 ? 4 : 16;
        const uint8_t head[12] = { 0xc0, 12, (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0, 0, 1, 0, (uint8_t)n };

        memcpy(message + end, head, sizeof head);
        memset(message + end + sizeof head, 0, n);
        if (type == 1) {
            memcpy(message + end + sizeof head, v4, 4);
            message[end + sizeof head + 3] = (uint8_t)(7 + i);
        } else {
            message[end + sizeof head + 15] = 1; /* ::1 */
        }
        end += sizeof head + n;
    }
    return end;
}

static void on_query(evutil_socket_t fd, short what, void *context)
{
    struct server *s = context;
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    uint8_t message[512];
    ssize_t n = recvfrom(fd, message, 400, 0, (struct sockaddr *)&from, &from_size);

    (void)what;
    s->n_queries++;
    if (n > 17 && !s->is_silent)
        (void)sendto(fd, message, answer_make(s, message, (size_t)n), 0, (struct sockaddr *)&from, from_size);
}

struct scene {
    struct loop *loop;
    struct resolver *resolver;
    struct server server;
    char file[40];
    unsigned n_answers;
    struct resolve_answer answer;
};

static void file_write(const struct scene *sc)
{
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    FILE *f = fopen(sc->file, "w");

    cr_assert_not_null(f);
    (void)getsockname(sc->server.fd, (struct sockaddr *)&at, &size);
    (void)fprintf(f, "nameserver 127.0.0.1:%u\n", ntohs(at.sin_port));
    (void)fclose(f);
}

static void begin(struct scene *sc)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    memset(sc, 0, sizeof *sc);
    cr_assert_eq(loop_new(&sc->loop), 0);
    sc->server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(sc->server.fd, (struct sockaddr *)&at, sizeof at), 0);
    sc->server.event = event_new(loop_base(sc->loop), sc->server.fd, EV_READ | EV_PERSIST, on_query, &sc->server);
    (void)event_add(sc->server.event, NULL);
    (void)strcpy(sc->file, "/tmp/hoga-resolv-XXXXXX");
    (void)close(mkstemp(sc->file));
    (void)unlink(sc->file);
    cr_assert_eq(resolver_new(loop_base(sc->loop), sc->file, &sc->resolver), 0);
}

static void end(struct scene *sc)
{
    sc->resolver = resolver_free(sc->resolver);
    event_free(sc->server.event);
    (void)close(sc->server.fd);
    sc->loop = loop_free(sc->loop);
    (void)unlink(sc->file);
}

static void on_answer(void *context, const struct resolve_answer *answer)
{
    struct scene *sc = context;

    sc->n_answers++;
    sc->answer = *answer;
}

static const struct resolve_answer *look_up(struct scene *sc, const char *name)
{
    struct resolve_job *job;
    unsigned before = sc->n_answers;

    cr_assert_eq(resolve_start(sc->resolver, name, on_answer, sc, &job), 0);
    cr_assert_eq(sc->n_answers, before, "never from inside the call");
    for (int i = 0; i < TURNS_MAX && sc->n_answers == before; i++)
        loop_turn(sc->loop, 10);
    cr_assert_eq(sc->n_answers, before + 1);
    return &sc->answer;
}

static int has_address(const struct resolve_answer *answer, const char *address)
{
    for (size_t i = 0; i < answer->n; i++) {
        if (strcmp(answer->address[i], address) == 0)
            return 1;
    }
    return 0;
}

Test(resolve, finds_addresses_of_both_families_and_recovers_when_the_network_comes)
{
    const struct resolve_answer *answer;
    struct resolve_job *job;
    struct scene sc;

    begin(&sc); /* no resolv.conf yet: as before the network is up */
    answer = look_up(&sc, "venue.example");
    cr_expect_eq(answer->n, 0);
    cr_expect_not_null(answer->problem);

    file_write(&sc);
    answer = look_up(&sc, "venue.example");
    cr_expect_eq(answer->n, 3, "%zu: %s", answer->n, answer->problem);
    cr_expect(has_address(answer, "192.0.2.7") && has_address(answer, "192.0.2.8") && has_address(answer, "::1"));

    cr_expect(has_address(look_up(&sc, "localhost"), "127.0.0.1"), "from hosts");
    cr_expect(has_address(look_up(&sc, "198.51.100.1"), "198.51.100.1"), "numeric");
    cr_expect(has_address(look_up(&sc, "2001:db8::5"), "2001:db8::5"), "numeric");

    sc.server.rcode = 3;
    answer = look_up(&sc, "none.example");
    cr_expect_eq(answer->n, 0);
    cr_expect_str_eq(answer->problem, "no such name");
    sc.server.rcode = 2;
    cr_expect_eq(look_up(&sc, "fail.example")->n, 0);
    sc.server.rcode = 0;
    cr_expect_eq(look_up(&sc, "fail.example")->n, 3);

    sc.server.is_silent = 1; /* cancelled while it is out: no answer ever comes */
    cr_assert_eq(resolve_start(sc.resolver, "late.example", on_answer, &sc, &job), 0);
    loop_turn(sc.loop, 10);
    job = resolve_cancel(job);
    cr_expect_null(job);
    for (int i = 0; i < 5; i++)
        loop_turn(sc.loop, 10);
    cr_expect_eq(sc.n_answers, 8);
    end(&sc);
    NO_LEAKS();
}

Test(resolve, a_silent_name_server_is_given_up_in_a_bounded_time)
{
    const struct resolve_answer *answer;
    struct scene sc;

    begin(&sc);
    sc.server.is_silent = 1;
    file_write(&sc);
    answer = look_up(&sc, "venue.example"); /* TURNS_MAX bounds it */
    cr_expect_eq(answer->n, 0);
    cr_expect_not_null(answer->problem);
    cr_expect_gt(sc.server.n_queries, 0);

    sc.server.is_silent = 0;
    cr_expect_eq(look_up(&sc, "venue.example")->n, 3);
    end(&sc);
    NO_LEAKS();
}
