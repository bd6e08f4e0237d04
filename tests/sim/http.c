/* SPDX-License-Identifier: MIT */
#include "http.h"

#include "fault.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_SIZE_MAX 1024
#define US_PER_S        1000000

static const struct {
    uint32_t code;
    const char *text;
} http_reasons[] = {
    { 400, "Bad Request" },      { 404, "Not Found" },         { 418, "I'm a teapot" },
    { 426, "Upgrade Required" }, { 429, "Too Many Requests" }, { 503, "Service Unavailable" },
};

static void http_refuse(struct conn *c, uint32_t code, uint32_t retry_s)
{
    char body[128], retry[64] = "", answer[ANSWER_SIZE_MAX];
    const char *reason = "Refused";
    int size, n;

    for (size_t i = 0; i < sizeof(http_reasons) / sizeof(http_reasons[0]); i++) {
        if (http_reasons[i].code == code)
            reason = http_reasons[i].text;
    }
    if (retry_s > 0)
        (void)snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", retry_s);
    size = snprintf(body, sizeof(body), "{\"error\":{\"name\":%u,\"message\":\"%s\"}}", code, reason);
    n = snprintf(
        answer, sizeof(answer),
        "HTTP/1.1 %u %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", code,
        reason, retry, size, body);
    c->sim->stats.refused++;
    c->state = CONN_ENDING;
    (void)conn_send_raw(c, answer, (size_t)n);
}

static void http_upgrade(struct conn *c, const struct wire_request *request)
{
    char accept[WIRE_KEY_SIZE], answer[ANSWER_SIZE_MAX];
    int n;

    wire_accept(request->key, accept);
    n = snprintf(answer, sizeof(answer),
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\n%s\r\n",
                 accept, c->sim->dialect->upgrade_headers);
    c->sim->stats.upgrades++;
    c->state = CONN_OPEN;
    c->opened_us = c->pinged_us = sim_now_us();
    (void)conn_send_raw(c, answer, (size_t)n);
    conn_wake(c);
}

/* The limit on upgrades a second, counted whether enforced or not. */
static bool http_is_over_connects(struct sim *s, int64_t now_us)
{
    uint32_t n = 0;

    s->connect_us[s->n_connects++ % SIM_CONNECT_PER_SECOND_MAX] = now_us;
    for (uint64_t i = 0; i < s->n_connects && i < SIM_CONNECT_PER_SECOND_MAX; i++)
        n += now_us - s->connect_us[i] < US_PER_S;
    return n > s->limits.connect_per_second;
}

/* An Origin header puts the request into a group of one in 10 s. */
static bool http_is_over_origin(struct sim *s, const struct wire_request *request, int64_t now_us)
{
    bool is_over;

    if (!request->has_origin)
        return false;
    s->stats.origin_headers++;
    is_over = s->origin_us > 0 && now_us - s->origin_us < (int64_t)s->limits.origin_window_ms * 1000;
    s->origin_us = now_us;
    return is_over;
}

/* 0, or the status of the refusal. */
static uint32_t http_limits(struct sim *s, const struct wire_request *request)
{
    int64_t now_us = sim_now_us();
    bool is_over_connects = http_is_over_connects(s, now_us), is_over_origin = http_is_over_origin(s, request, now_us);

    s->stats.connect_violations += is_over_connects;
    s->stats.origin_violations += is_over_origin;
    return (is_over_connects || is_over_origin) && !s->options->is_lenient ? 429 : 0;
}

void http_answer(struct conn *c, const struct wire_request *request)
{
    struct sim *s = c->sim;
    uint32_t code;

    if (request == NULL) {
        http_refuse(c, 400, 0);
        return;
    }
    code = http_limits(s, request);
    if (sim_now_us() < s->faults.maintenance_until_us) {
        http_refuse(c, 503, 0);
    } else if (s->faults.n_http > 0) {
        s->faults.n_http--;
        http_refuse(c, s->faults.http_code, s->faults.http_retry_s);
    } else if (code != 0) {
        http_refuse(c, code, 1);
    } else if (strcmp(request->path, s->dialect->path) != 0) {
        http_refuse(c, 404, 0);
    } else if (!request->is_upgrade || request->key[0] == '\0') {
        http_refuse(c, 426, 0);
    } else {
        http_upgrade(c, request);
    }
}
