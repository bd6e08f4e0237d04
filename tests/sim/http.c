/* SPDX-License-Identifier: MIT */
#include "http.h"

#include "capture.h"
#include "fault.h"
#include "replay.h"
#include "struck.h"

#include <stdio.h>
#include <string.h>

#define HEAD_SIZE_MAX 1024
#define BODY_SIZE_MAX (1u << 20)
#define OLD_BOOKS     64 /* so far behind is a snapshot of the fault "oldsnapshot" */
#define US_PER_S      1000000

static const struct {
    uint32_t code;
    const char *text;
} http_reasons[] = {
    { 200, "OK" },
    { 400, "Bad Request" },
    { 404, "Not Found" },
    { 418, "I'm a teapot" },
    { 426, "Upgrade Required" },
    { 429, "Too Many Requests" },
    { 503, "Service Unavailable" },
};

static const char *http_reason(uint32_t code)
{
    for (size_t i = 0; i < sizeof(http_reasons) / sizeof(http_reasons[0]); i++) {
        if (http_reasons[i].code == code)
            return http_reasons[i].text;
    }
    return "Refused";
}

/* A whole answer, after which the connection ends. */
static void http_say(struct conn *c, uint32_t code, uint32_t retry_s, const char *body, size_t size)
{
    char retry[64] = "", head[HEAD_SIZE_MAX];
    int n;

    if (retry_s > 0)
        (void)snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", retry_s);
    n = snprintf(
        head, sizeof(head),
        "HTTP/1.1 %u %s\r\n%sContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", code,
        http_reason(code), retry, size);
    c->state = CONN_ENDING;
    (void)conn_send_raw(c, head, (size_t)n);
    (void)conn_send_raw(c, body, size);
}

static void http_refuse(struct conn *c, uint32_t code, uint32_t retry_s)
{
    char body[128];
    int size = snprintf(body, sizeof(body), "{\"error\":{\"name\":%u,\"message\":\"%s\"}}", code, http_reason(code));

    c->sim->stats.refused++;
    http_say(c, code, retry_s, body, (size_t)size);
}

static unsigned http_n_open(const struct sim *s)
{
    unsigned n = 0;

    for (const struct conn *c = s->conns; c != NULL; c = c->next)
        n += c->state == CONN_OPEN;
    return n;
}

/* The path without its query. */
static bool http_is_path(const char *target, const char *path)
{
    size_t n = strcspn(target, "?");

    return strlen(path) == n && memcmp(target, path, n) == 0;
}

static bool http_is_socket(const struct dialect *d, const char *target)
{
    return http_is_path(target, d->path) || (d->extras_path != NULL && http_is_path(target, d->extras_path));
}

static void http_upgrade(struct conn *c, const struct wire_request *request)
{
    char accept[WIRE_KEY_SIZE], answer[HEAD_SIZE_MAX], greeting[HEAD_SIZE_MAX];
    struct pen text;
    unsigned code, n_open;
    int n;

    wire_accept(request->key, accept);
    n = snprintf(answer, sizeof(answer),
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\n%s\r\n",
                 accept, c->sim->dialect->upgrade_headers);
    if (c->sim->dialect->extras_path != NULL)
        c->session.carries = http_is_path(request->path, c->sim->dialect->path) ? SESSION_BOOKS : SESSION_EXTRAS;
    c->sim->stats.upgrades++;
    c->state = CONN_OPEN;
    c->opened_us = c->pinged_us = sim_now_us();
    (void)conn_send_raw(c, answer, (size_t)n);
    n_open = http_n_open(c->sim);
    code = judge_connection(c->sim, n_open);
    if (code != 0) {
        conn_close(c, code, 0);
        return;
    }
    if (c->sim->dialect->greeting != NULL) {
        pen_init(&text, greeting, sizeof(greeting));
        c->sim->dialect->greeting(&c->session, &text);
        (void)conn_send(c, c->sim->dialect->opcode, text.at, text.used);
    }
    fault_newest(c->sim);
    conn_wake(c);
}

static void http_book(struct sim *s, struct rest *io_rest)
{
    struct market *m = io_rest->market;
    const struct book *book = market_newest(m), *old = NULL;

    if (s->faults.n_old_snapshots > 0) {
        s->faults.n_old_snapshots--;
        old = market_numbered(m, book->number > OLD_BOOKS ? book->number - OLD_BOOKS : 1);
    }
    m->fetched = old != NULL ? old->number : book->number;
    m->fetched_depth = io_rest->depth;
    s->dialect->rest_book(m, old != NULL ? old : book, io_rest->depth, &io_rest->body);
    if (old == NULL && s->faults.n_rest_garbage == 0)
        struck_fetch(s, m);
    if (s->faults.n_rest_garbage > 0) {
        s->faults.n_rest_garbage--;
        io_rest->body.used /= 2;
    }
}

static void http_rest(struct conn *c, const struct wire_request *request)
{
    static char memory[BODY_SIZE_MAX];
    struct rest rest = { .status = 200, .weight = 1 };
    struct sim *s = c->sim;
    bool is_over;

    pen_init(&rest.body, memory, sizeof(memory));
    s->dialect->rest(&s->markets, request->path, &rest);
    s->stats.rest_requests++;
    is_over = judge_rest(s, rest.weight, conn_heard_us(c));
    if (s->faults.n_rest > 0) {
        s->faults.n_rest--;
        http_refuse(c, s->faults.rest_code, s->faults.rest_retry_s);
    } else if (is_over && !s->options->is_lenient) {
        http_refuse(c, 429, 60);
    } else if (rest.kind == REST_UNKNOWN) {
        http_refuse(c, 404, 0);
    } else {
        if (rest.kind == REST_BOOK)
            http_book(s, &rest);
        http_say(c, rest.kind == REST_BOOK ? 200 : rest.status, 0, rest.body.at, rest.body.used);
    }
}

/* What the capture holds, whatever the dialect has of its own. */
static void http_recorded(struct conn *c, const struct capture_event *e)
{
    struct sim *s = c->sim;

    s->stats.rest_requests++;
    if (s->faults.n_rest > 0) {
        s->faults.n_rest--;
        http_refuse(c, s->faults.rest_code, s->faults.rest_retry_s);
        return;
    }
    http_say(c, 200, 0, e->bytes, e->size);
}

void http_answer(struct conn *c, const struct wire_request *request)
{
    struct sim *s = c->sim;
    const struct capture_event *recorded;
    uint32_t code;

    if (request == NULL) {
        http_refuse(c, 400, 0);
        return;
    }
    if (!request->is_upgrade && s->replay != NULL && sim_now_us() >= s->faults.maintenance_until_us &&
        (recorded = replay_rest(s, request->path)) != NULL) {
        http_recorded(c, recorded);
        return;
    }
    if (!request->is_upgrade && s->dialect->rest != NULL && sim_now_us() >= s->faults.maintenance_until_us) {
        http_rest(c, request);
        return;
    }
    if (!request->is_upgrade && !http_is_socket(s->dialect, request->path)) {
        http_refuse(c, 404, 0); /* no REST here, and no attempt to connect */
        return;
    }
    code = judge_connect(s, request->has_origin, conn_heard_us(c));
    if (sim_now_us() < s->faults.maintenance_until_us) {
        http_refuse(c, 503, 0);
    } else if (s->faults.n_http > 0) {
        s->faults.n_http--;
        http_refuse(c, s->faults.http_code, s->faults.http_retry_s);
    } else if (code != 0) {
        http_refuse(c, code, 1);
    } else if (!http_is_socket(s->dialect, request->path)) {
        http_refuse(c, 404, 0);
    } else if (!request->is_upgrade || request->key[0] == '\0') {
        http_refuse(c, 426, 0);
    } else {
        http_upgrade(c, request);
    }
}
