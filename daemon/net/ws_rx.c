/* SPDX-License-Identifier: MIT
 * ws_rx.c - reading a connection ourselves. After the upgrade lws stops watching the descriptor for input
 * (lws_rx_flow_control first: without it lws's tick reads the same socket and data is silently lost) and our own event
 * reads and parses. lws goes on writing and closing. */
#include "core/clock.h"
#include "loop/lws_loop.h"
#include "net/sock.h"
#include "net/ws_internal.h"

#include <errno.h>
#include <event2/event.h>
#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

static void next_turn(struct ws *w)
{
    static const struct timeval now = { 0, 0 };

    (void)event_add(w->again, &now);
}

/* As sock_read. */
static int64_t tls_read(struct ws *w, void *to, size_t size)
{
    int n, error;

    ERR_clear_error(); /* an old entry would turn "try again" into a failure */
    n = SSL_read(w->ssl, to, size > INT32_MAX ? INT32_MAX : (int)size);
    if (n > 0) {
        w->recv_ns = w->source.recv_ns;
        return n;
    }
    error = SSL_get_error(w->ssl, n);
    if (error == SSL_ERROR_WANT_READ)
        return -EAGAIN;
    if (error == SSL_ERROR_WANT_WRITE) { /* a key update that could not be answered yet */
        next_turn(w);
        return -EAGAIN;
    }
    return error == SSL_ERROR_ZERO_RETURN || w->source.is_over ? 0 : -EPROTO;
}

static int64_t read_some(struct ws *w, size_t *ret_size)
{
    uint8_t *to;
    int64_t n;

    if (ws_stream_room(&w->stream, &to, ret_size) < 0)
        return -ENOMEM;
    n = w->ssl ? tls_read(w, to, *ret_size) : sock_read(w->source.fd, to, *ret_size, &w->recv_ns);
    if (n > 0) {
        ws_stream_filled(&w->stream, (size_t)n);
        w->n_read += (uint64_t)n;
    }
    return n;
}

void ws_rx_pong(struct ws *w, const char *bytes, size_t size)
{
    int64_t sent = 0, round_trip = 0;

    if (size == sizeof sent)
        memcpy(&sent, bytes, sizeof sent);
    if (sent != 0 && sent == w->tx.ping_boot_ns) {
        round_trip = clock_boot_ns() - sent;
        w->tx.ping_boot_ns = 0;
    }
    w->handler->pong(w->context, round_trip);
}

void ws_rx_closed_by_peer(struct ws *w, const char *bytes, size_t size)
{
    char text[WS_TEXT_SIZE] = "";

    if (size >= 2) {
        w->end.close_code = (uint16_t)((uint8_t)bytes[0] << 8 | (uint8_t)bytes[1]);
        for (size_t i = 2; i < size && i < sizeof text; i++)
            text[i - 2] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '?';
    }
    ws_end_set(w, REASON_CLOSED_BY_VENUE, text);
}

static void ping_answer(struct ws *w, const struct ws_item *item)
{
    /* Only the latest ping needs an answer (RFC 6455 section 5.5.3). */
    memcpy(w->tx.pong, item->bytes, item->size);
    w->tx.pong_size = (uint8_t)item->size;
    w->tx.is_pong_due = 1;
    ws_tx_want(w);
}

static void item_handle(struct ws *w, const struct ws_item *item)
{
    switch (item->opcode) {
    case WS_PING:
        ping_answer(w, item);
        w->handler->pong(w->context, 0); /* a sign of life as good as any */
        return;
    case WS_PONG:
        ws_rx_pong(w, item->bytes, item->size);
        return;
    case WS_CLOSE:
        if (item->size == 1) {
            ws_end_set(w, REASON_PROTOCOL_ERROR, "Close frame of one byte");
            ws_say_goodbye(w, LWS_CLOSE_STATUS_PROTOCOL_ERR);
            return;
        }
        ws_rx_closed_by_peer(w, item->bytes, item->size);
        ws_say_goodbye(w, w->end.close_code ? w->end.close_code : LWS_CLOSE_STATUS_NORMAL);
        return;
    default:
        w->handler->message(w->context, item->bytes, item->size, w->recv_ns);
    }
}

/* The clock costs 40 ns: it is looked at behind every few messages, and behind large ones. */
static int is_turn_over(unsigned n_messages, size_t size, int64_t end_boot_ns)
{
    if (n_messages >= WS_TURN_MESSAGES_MAX)
        return 1;
    return (n_messages % WS_TURN_LOOK == 0 || size > WS_TURN_LOOK_SIZE) && clock_boot_ns() >= end_boot_ns;
}

/* Hand over what is whole. Returns 1 if this turn's limit is reached. */
static int deliver(struct ws *w, unsigned *io_n_messages, int64_t end_boot_ns)
{
    struct ws_item item;
    int r = 0;

    while (w->phase == WS_PHASE_OPEN && !w->is_held) {
        r = ws_stream_next(&w->stream, &item);
        if (r <= 0)
            break;
        (*io_n_messages)++;
        item_handle(w, &item);
        if (w->phase == WS_PHASE_OPEN && !w->is_held && is_turn_over(*io_n_messages, item.size, end_boot_ns))
            return 1;
    }
    if (r == -EPROTO) {
        ws_end_set(w, REASON_PROTOCOL_ERROR, w->stream.problem);
        ws_say_goodbye(w, LWS_CLOSE_STATUS_PROTOCOL_ERR);
    }
    return 0;
}

static void read_failed(struct ws *w, int64_t n)
{
    if (n == -ENOMEM)
        ws_finish(w, REASON_PROTOCOL_ERROR, "no memory for a message of this size");
    else
        ws_finish(w, REASON_CONNECTION_LOST,
                  n == 0         ? "closed without a Close frame"
                  : n == -EPROTO ? "TLS failed"
                                 : strerrordesc_np((int)-n));
}

static int is_drained(const struct ws *w, size_t asked, int64_t got)
{
    if (!w->ssl)
        return (size_t)got < asked;
    return tls_source_is_empty(&w->source) && !w->source.may_read && SSL_pending(w->ssl) == 0;
}

static void turn(struct ws *w)
{
    int64_t budget = WS_TURN_BYTES_MAX, end_boot_ns = clock_boot_ns() + WS_TURN_MS_MAX * 1000000ll;
    unsigned n_messages = 0;

    w->source.may_read = 1;
    if (deliver(w, &n_messages, end_boot_ns)) {
        next_turn(w);
        return;
    }
    while (w->phase == WS_PHASE_OPEN && !w->is_held) {
        size_t asked = 0;
        int64_t n = read_some(w, &asked);

        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            read_failed(w, n);
            return;
        }
        budget -= n;
        if (deliver(w, &n_messages, end_boot_ns) || (budget <= 0 && !w->is_held)) {
            next_turn(w);
            return;
        }
        if (w->phase != WS_PHASE_OPEN || w->is_held || is_drained(w, asked, n))
            return;
    }
}

void ws_rx_again(struct ws *w)
{
    if (w->phase != WS_PHASE_OPEN || !w->is_taken_over || w->is_held)
        return;
    ws_hold(w);
    turn(w);
    if (w->phase == WS_PHASE_OPEN)
        w->handler->turn_over(w->context);
    ws_release(w);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    ws_rx_again(context);
}

char *ws_message_take(struct ws *w)
{
    uint8_t *memory = w->is_taken_over && w->phase == WS_PHASE_OPEN ? ws_stream_take(&w->stream) : NULL;

    if (!memory)
        return NULL;
    w->is_held = 1;
    (void)event_del(w->readable);
    return (char *)memory;
}

void ws_resume(struct ws *w)
{
    if (!w->is_held)
        return;
    w->is_held = 0;
    if (w->phase != WS_PHASE_OPEN)
        return;
    (void)event_add(w->readable, NULL);
    next_turn(w); /* what came with the message, or lies inside OpenSSL, no descriptor tells of */
}

int ws_rx_take_over(struct ws *w)
{
    int fd = lws_get_socket_fd(w->wsi);

    w->readable = event_new(lws_loop_base(w->ll), fd, EV_READ | EV_PERSIST, on_readable, w);
    if (!w->readable)
        return -ENOMEM;
    w->source.fd = fd;
    if (w->is_tls) {
        w->ssl = lws_get_ssl(w->wsi);
        if (!w->ssl || tls_source_attach(&w->source, w->ssl) < 0)
            return -ENOMEM;
    }
    w->is_taken_over = 1;
    (void)lws_rx_flow_control(w->wsi, 0);
    if (event_add(w->readable, NULL) < 0)
        return -ENOMEM;
    if (w->ssl && SSL_has_pending(w->ssl))
        next_turn(w); /* already inside OpenSSL: no descriptor will tell of it */
    return 0;
}

void ws_rx_stop(struct ws *w)
{
    if (w->readable)
        (void)event_del(w->readable);
    if (w->again)
        (void)event_del(w->again);
}
