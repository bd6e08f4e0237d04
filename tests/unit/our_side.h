/* SPDX-License-Identifier: MIT
 * our_side.h - a loop with one struct ws for tests, which notes what it is told. Asserts with Criterion. */
#ifndef HOGA_TEST_OUR_SIDE_H
#define HOGA_TEST_OUR_SIDE_H

#include "loop/loop.h"
#include "net/ws.h"
#include "no_leaks.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TURNS_MAX 1200 /* of at most 10 ms */

struct our_side {
    struct loop *loop;
    struct ws *ws;
    unsigned n_open, n_messages, n_pongs, n_sent, n_closed;
    size_t bytes, last_size;
    uint64_t sum;
    int64_t round_trip_ns, last_recv_ns;
    int taken_over;
    const char *say_when_open;
    int frees_in_message;
    struct ws_end end;
};

static inline void on_open(void *context)
{
    struct our_side *o = context;

    o->n_open++;
    if (o->say_when_open && o->ws)
        cr_assert_eq(ws_send(o->ws, o->say_when_open, strlen(o->say_when_open)), 0);
}

static inline void on_message(void *context, const char *bytes, size_t size, int64_t recv_ns)
{
    struct our_side *o = context;

    o->n_messages++;
    o->bytes += size;
    o->last_size = size;
    o->last_recv_ns = recv_ns;
    o->taken_over = ws_is_taken_over(o->ws);
    for (size_t i = 0; i < size; i++)
        o->sum = o->sum * 31 + (uint8_t)bytes[i];
    if (o->frees_in_message)
        o->ws = ws_free(o->ws);
}

static inline void on_pong(void *context, int64_t round_trip_ns)
{
    struct our_side *o = context;

    o->n_pongs++;
    if (round_trip_ns > 0)
        o->round_trip_ns = round_trip_ns;
}

static inline void on_sent(void *context, const char *bytes, size_t size)
{
    struct our_side *o = context;

    (void)bytes;
    (void)size;
    o->n_sent++;
}

static inline void on_turn_over(void *context)
{
    (void)context;
}

static inline void on_closed(void *context, const struct ws_end *end)
{
    struct our_side *o = context;

    o->n_closed++;
    o->end = *end;
}

static const struct ws_handler handler = { on_open, on_message, on_pong, on_sent, on_turn_over, on_closed };

static inline void dial(struct our_side *o, uint16_t port, const char *tls_name, const char *ca_file)
{
    struct ws_options options = { .address = "127.0.0.1", .host = tls_name ? tls_name : "127.0.0.1", .path = "/" };
    char host_header[64];

    (void)signal(SIGPIPE, SIG_IGN);
    if (!o->loop)
        cr_assert_eq(loop_new(&o->loop), 0);
    options.loop = loop_lws(o->loop);
    options.port = port;
    options.is_tls = tls_name != NULL;
    options.host_header = host_header;
    (void)snprintf(host_header, sizeof host_header, "%s:%u", options.host, port);
    cr_assert_eq(ws_trust_get(options.loop, ca_file, NULL, &options.trust), 0);
    cr_assert_eq(ws_open(&options, &handler, o, &o->ws), 0);
}

static inline void turn_until(struct our_side *o, const unsigned *count, unsigned n)
{
    for (int i = 0; i < TURNS_MAX && *count < n; i++)
        loop_turn(o->loop, 10);
    cr_assert_geq(*count, n, "nothing came: %s", o->end.text);
}

static inline void hang_up(struct our_side *o)
{
    o->ws = ws_free(o->ws);
    o->loop = loop_free(o->loop);
}

static uint64_t sum_of(const void *bytes, size_t size, uint64_t sum)
{
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + ((const uint8_t *)bytes)[i];
    return sum;
}

#endif
