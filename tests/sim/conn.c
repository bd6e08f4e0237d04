/* SPDX-License-Identifier: MIT */
#include "conn.h"

#include "control.h"
#include "fault.h"
#include "feed.h"
#include "http.h"
#include "replay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNS_MAX     256
#define CONN_IN_SIZE  (WIRE_MESSAGE_SIZE_MAX + 64u)
#define CONN_OUT_SIZE (CONN_OUT_SIZE_FULL + (64u << 10))
#define CLOSE_WAIT_US 1000000 /* for the client's close frame */
#define US_PER_MS     1000

#define STATUS_SIZE_MAX (128u << 10) /* a heartbeat of each of some hundred products */

static void conn_kill(struct conn *c)
{
    c->state = CONN_DEAD;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void conn_drop(struct conn *c, bool is_reset)
{
    int fd = lws_get_socket_fd(c->wsi);

    /* Dissolving the association of a connected TCP socket resets it at once, whatever lws does on its way out. */
    if (is_reset)
        (void)connect(fd, &(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr));
    else
        (void)shutdown(fd, SHUT_RDWR);
    conn_kill(c);
}

void conn_close(struct conn *c, unsigned code, int64_t after_us)
{
    uint8_t payload[2] = { (uint8_t)(code >> 8), (uint8_t)code };

    if (c->state != CONN_OPEN)
        return;
    if (after_us > 0) {
        c->close_at_us = sim_now_us() + after_us;
        c->is_announced = false;
    } else {
        (void)conn_send(c, WIRE_CLOSE, payload, sizeof(payload));
        c->close_at_us = 0;
        c->state = CONN_CLOSING;
        c->kill_at_us = sim_now_us() + CLOSE_WAIT_US;
    }
    conn_wake(c);
}

void conn_close_announced(struct conn *c, unsigned code, int64_t after_us)
{
    conn_close(c, code, after_us);
    c->is_announced = true;
}

int64_t conn_heard_us(const struct conn *c)
{
    struct tcp_info info;
    socklen_t size = sizeof(info);

    memset(&info, 0, sizeof(info));
    if (getsockopt(lws_get_socket_fd(c->wsi), IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
        return sim_now_us();
    return sim_now_us() - (int64_t)info.tcpi_last_data_recv * US_PER_MS;
}

bool conn_is_served(const struct conn *c)
{
    return c->state == CONN_OPEN && (c->close_at_us == 0 || c->is_announced);
}

static void conn_timer(lws_sorted_usec_list_t *timer);

static void earlier(int64_t *io_us, int64_t other_us)
{
    if (other_us > 0 && other_us < *io_us)
        *io_us = other_us;
}

/* As earlier(), for what needs no further wake-up once it has passed. */
static void earlier_ahead(int64_t *io_us, int64_t other_us, int64_t now_us)
{
    if (other_us > now_us)
        earlier(io_us, other_us);
}

static int64_t conn_idle_at_us(const struct conn *c)
{
    const struct dialect_limits *l = &c->sim->limits;
    int64_t last_us = c->heard_us > c->sent_us ? c->heard_us : c->sent_us;
    int64_t at_us = last_us + (int64_t)l->idle_ms * US_PER_MS;

    if (l->client_idle_ms > 0)
        earlier(&at_us, c->heard_us + (int64_t)l->client_idle_ms * US_PER_MS);
    if (l->subscribe_ms > 0 && !c->has_requested)
        earlier(&at_us, c->opened_us + (int64_t)l->subscribe_ms * US_PER_MS);
    return at_us;
}

static void conn_arm(struct conn *c)
{
    int64_t now_us = sim_now_us(), at_us = conn_idle_at_us(c), held_until_us = c->sim->faults.stall_until_us;

    /* What was held back became due since conn_flush looked at the clock: no timer will say so. */
    held_until_us = c->drip_at_us > held_until_us ? c->drip_at_us : held_until_us;
    held_until_us = c->delay_at_us > held_until_us ? c->delay_at_us : held_until_us;
    if (c->out_used > 0 && held_until_us > 0 && held_until_us <= now_us)
        lws_callback_on_writable(c->wsi);

    earlier(&at_us, c->close_at_us);
    if (c->kill_at_us > 0)
        earlier(&at_us, c->kill_at_us > c->sent_us + CLOSE_WAIT_US ? c->kill_at_us : c->sent_us + CLOSE_WAIT_US);
    earlier_ahead(&at_us, c->status_at_us, now_us);
    earlier_ahead(&at_us, c->drip_at_us, now_us);
    earlier_ahead(&at_us, c->delay_at_us, now_us);
    earlier_ahead(&at_us, c->ping_at_us, now_us);
    earlier_ahead(&at_us, c->sim->faults.stall_until_us, now_us);
    if (c->sim->faults.age_us > 0 && c->state == CONN_OPEN)
        earlier(&at_us, c->opened_us + c->sim->faults.age_us);
    lws_sul_schedule(c->sim->lws, 0, &c->timer, conn_timer, at_us > now_us ? at_us - now_us : 1);
}

/* Each message that a reply holds. */
static void conn_reply(struct conn *c, const struct pen *text)
{
    const char *at = text->at, *end = text->at + text->used;

    while (at < end) {
        const char *parting = memchr(at, REPLY_PARTING[0], (size_t)(end - at));
        size_t n = (size_t)((parting != NULL ? parting : end) - at);
        if (n > 0)
            (void)conn_send(c, c->sim->dialect->opcode, at, n);
        at += n + 1;
    }
}

/* What comes by the clock: status lines and pings. */
static void conn_say(struct conn *c, int64_t now_us)
{
    const struct dialect *d = c->sim->dialect;
    const struct dialect_limits *l = &c->sim->limits;
    static char memory[STATUS_SIZE_MAX];
    struct pen text;

    if (c->status_at_us > 0 && now_us >= c->status_at_us) {
        pen_init(&text, memory, sizeof(memory));
        d->status(&c->session, &c->sim->markets, sim_wall_ms(), &text);
        conn_reply(c, &text);
        c->status_at_us = now_us + (int64_t)l->status_ms * US_PER_MS;
    }
    if (l->ping_ms > 0 && now_us >= c->ping_at_us) {
        if (c->ping_at_us > 0)
            (void)conn_send(c, WIRE_PING, "hoga-sim", 8);
        c->ping_at_us = now_us + (int64_t)l->ping_ms * US_PER_MS;
    }
}

static void conn_timer(lws_sorted_usec_list_t *timer)
{
    struct conn *c = lws_container_of(timer, struct conn, timer);
    int64_t now_us = sim_now_us();

    if (c->state == CONN_DEAD)
        return;
    if ((c->kill_at_us > 0 && now_us >= c->kill_at_us && now_us >= c->sent_us + CLOSE_WAIT_US) ||
        now_us >= conn_idle_at_us(c)) {
        conn_drop(c, false); /* Upbit: an idle socket goes without a close frame */
        return;
    }
    if (c->close_at_us > 0 && now_us >= c->close_at_us)
        conn_close(c, 1000, 0);
    if (c->sim->faults.age_us > 0 && now_us >= c->opened_us + c->sim->faults.age_us)
        conn_close(c, 1001, 0);
    if (c->state == CONN_OPEN)
        conn_say(c, now_us);
    conn_wake(c);
}

void conn_wake(struct conn *c)
{
    if (c->state == CONN_DEAD)
        return;
    conn_arm(c);
    if (c->out_used > 0 || c->state == CONN_ENDING || c->state == CONN_OPEN)
        lws_callback_on_writable(c->wsi);
}

/* How much may leave now; 0 while a fault holds it back. */
static size_t conn_allowance(struct conn *c, int64_t now_us)
{
    const struct sim_faults *f = &c->sim->faults;

    int64_t next_us;

    if (now_us < f->stall_until_us)
        return 0;
    if (c->n_marks > 0) {
        size_t n = conn_delayed(c, now_us, &next_us);
        c->delay_at_us = next_us;
        return n;
    }
    c->delay_at_us = 0;
    if (f->drip_size == 0 || c->out_used == 0) {
        c->drip_at_us = 0;
        return c->out_used;
    }
    if (now_us < c->drip_at_us)
        return 0;
    c->drip_at_us = now_us + (int64_t)f->drip_ms * US_PER_MS;
    return c->out_used < f->drip_size ? c->out_used : f->drip_size;
}

/* Returns: 0, or -1 when the socket is to go. */
static int conn_flush(struct conn *c)
{
    int64_t now_us = sim_now_us();
    size_t n;

    if (c->state == CONN_DEAD)
        return -1;
    if (c->out_used == 0 && c->state == CONN_OPEN)
        feed_drained(c);
    n = conn_allowance(c, now_us);
    if (n > 0) {
        if (lws_write(c->wsi, c->out + LWS_PRE + c->out_start, n, LWS_WRITE_RAW) < 0)
            return -1;
        c->sim->stats.bytes += n;
        c->sent_us = now_us;
        c->out_start += n;
        c->out_used -= n;
        c->n_left += n;
    }
    if (c->out_used == 0) {
        c->out_start = 0;
        if (c->state == CONN_ENDING)
            return -1;
        if (c->state == CONN_OPEN && feed_is_waiting(c))
            lws_callback_on_writable(c->wsi);
    } else if (c->drip_at_us == 0 && c->delay_at_us == 0 && now_us >= c->sim->faults.stall_until_us) {
        lws_callback_on_writable(c->wsi);
    }
    if (n == 0 || c->drip_at_us > 0 || c->delay_at_us > 0)
        conn_arm(c);
    return 0;
}

static void conn_on_message(struct conn *c, const uint8_t *bytes, size_t n)
{
    static char memory[DIALECT_REPLY_SIZE_MAX];
    struct reply reply = { 0 };
    struct sim *s = c->sim;

    if (!conn_is_served(c))
        return;
    pen_init(&reply.text, memory, sizeof(memory));
    s->stats.messages++;
    s->dialect->request(&c->session, &s->markets, (const char *)bytes, n, &reply);
    s->stats.requests += reply.is_request;
    if (reply.is_request && judge_request(s, &c->requests, conn_heard_us(c)) && !s->options->is_lenient) {
        conn_close(c, 1008, 0);
        return;
    }
    if (c->session.is_status_wanted && c->status_at_us == 0) {
        s->stats.status_pings++;
        c->status_at_us = sim_now_us() + (int64_t)s->limits.status_ms * US_PER_MS;
    }
    conn_reply(c, &reply.text);
    if (reply.kind == REPLY_ERROR)
        conn_close(c, 1000, (int64_t)s->limits.error_close_ms * US_PER_MS);
    if (reply.kind == REPLY_SUBSCRIBED) {
        c->has_requested = true;
        feed_subscribed(c);
    }
    conn_wake(c);
}

static void conn_note_ping(struct conn *c, int64_t now_us)
{
    int64_t idle_us = now_us - c->pinged_us;

    if (idle_us > c->sim->stats.ping_idle_us_max)
        c->sim->stats.ping_idle_us_max = idle_us;
    c->pinged_us = now_us;
}

static int conn_on_control(struct conn *c, const struct wire_frame *f)
{
    int64_t now_us = sim_now_us();

    switch (f->opcode) {
    case WIRE_PING:
        c->sim->stats.pings++;
        conn_note_ping(c, now_us);
        if (now_us >= c->sim->faults.nopong_until_us && c->state == CONN_OPEN)
            (void)conn_send(c, WIRE_PONG, f->payload, f->payload_size);
        return 0;
    case WIRE_PONG:
        c->sim->stats.pongs++;
        return 0;
    case WIRE_CLOSE:
        if (c->state == CONN_OPEN)
            (void)conn_send(c, WIRE_CLOSE, f->payload, f->payload_size < 2 ? 0 : 2);
        c->state = CONN_ENDING;
        conn_wake(c);
        return 0;
    default:
        return -EPROTO;
    }
}

static int conn_on_frame(struct conn *c, const struct wire_frame *f)
{
    if (f->opcode >= WIRE_CLOSE)
        return conn_on_control(c, f);
    if (f->opcode > WIRE_BINARY || (f->opcode == WIRE_CONTINUATION) != (c->message_opcode != 0))
        return -EPROTO;
    if (c->message_used + f->payload_size > WIRE_MESSAGE_SIZE_MAX)
        return -EMSGSIZE;
    if (f->opcode != WIRE_CONTINUATION)
        c->message_opcode = f->opcode;
    memcpy(c->message + c->message_used, f->payload, f->payload_size);
    c->message_used += f->payload_size;
    if (f->final) {
        conn_on_message(c, c->message, c->message_used);
        c->message_used = 0;
        c->message_opcode = 0;
    }
    return 0;
}

/* Everything whole that lies in `in`. */
static void conn_read(struct conn *c)
{
    size_t at = 0;

    while (c->state != CONN_DEAD && c->state != CONN_ENDING) {
        struct wire_frame frame;
        int r;
        if (c->state == CONN_HTTP) {
            struct wire_request request;
            r = wire_request_read((const char *)c->in + at, c->in_used - at, &request);
            if (r == 1)
                at += request.consumed;
            if (r != 0)
                http_answer(c, r < 0 ? NULL : &request);
        } else {
            r = wire_frame_read(c->in + at, c->in_used - at, &frame);
            if (r == 1) {
                at += frame.consumed;
                r = conn_on_frame(c, &frame) < 0 ? -EPROTO : 1;
            }
            if (r < 0)
                conn_close(c, r == -EMSGSIZE ? 1009 : 1002, 0);
        }
        if (r <= 0)
            break;
    }
    memmove(c->in, c->in + at, c->in_used - at);
    c->in_used -= at;
}

static int conn_receive(struct conn *c, const uint8_t *bytes, size_t n)
{
    c->heard_us = sim_now_us();
    while (n > 0) {
        size_t room = CONN_IN_SIZE - c->in_used, take = n < room ? n : room;
        if (room == 0)
            return -1;
        memcpy(c->in + c->in_used, bytes, take);
        c->in_used += take;
        bytes += take;
        n -= take;
        conn_read(c);
    }
    return c->state == CONN_DEAD ? -1 : 0;
}

static void conn_done(struct conn *c)
{
    struct conn **at;

    if (c->sim == NULL) /* it went while TLS was being agreed on: never adopted, never opened */
        return;
    at = &c->sim->conns;
    while (*at != NULL && *at != c)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = c->next;
    c->sim->n_conns--;
    if (c->state != CONN_HTTP)
        conn_note_ping(c, sim_now_us());
    lws_sul_cancel(&c->timer);
    free(c->in);
    free(c->message);
    free(c->out);
    free(c->marks);
    free(c->session.subscriptions);
    replay_left(c->sim);
}

static int conn_open(struct conn *c, struct lws *wsi)
{
    struct sim *s = lws_context_user(lws_get_context(wsi));

    *c = (struct conn){ .sim = s, .wsi = wsi, .id = ++s->conn_id_last, .next = s->conns, .out_size = CONN_OUT_SIZE };
    s->conns = c;
    s->n_conns++;
    s->stats.connections++;
    c->opened_us = c->heard_us = c->pinged_us = sim_now_us();
    c->in = malloc(CONN_IN_SIZE);
    c->message = malloc(WIRE_MESSAGE_SIZE_MAX);
    c->out = malloc(LWS_PRE + CONN_OUT_SIZE);
    c->session.subscriptions = calloc(s->markets.n * DIALECT_CHANNELS + 1, sizeof(*c->session.subscriptions));
    if (s->n_conns > CONNS_MAX || c->in == NULL || c->message == NULL || c->out == NULL ||
        c->session.subscriptions == NULL) {
        conn_done(c);
        return -1;
    }
    conn_arm(c);
    return 0;
}

int conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    struct conn *c = user;

    switch ((int)reason) {
    case LWS_CALLBACK_RAW_ADOPT:
        return conn_open(c, wsi);
    case LWS_CALLBACK_RAW_RX:
        /* lws starts a timer of 5 s when TLS is agreed on and takes it back for the protocols it knows, not for raw. */
        lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
        return conn_receive(c, in, n);
    case LWS_CALLBACK_RAW_WRITEABLE:
        return conn_flush(c);
    case LWS_CALLBACK_RAW_CLOSE:
        conn_done(c);
        return 0;
    default:
        return 0;
    }
}
