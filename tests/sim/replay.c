/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include "fault.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "capture.h"

/* With --lossless: for somebody to ask for the answer that comes next, and to read it. */
#define REST_WAIT_US 3000000
#define REST_READ_US 200000

struct replay {
    struct capture capture;
    size_t at;         /* next event */
    size_t n_sent;     /* payloads */
    int64_t *given_us; /* of each event: it was a REST answer, and was given then; 0: no */
    int64_t asked_us;  /* since when somebody should ask for the next one; 0: it is none */
    int64_t start_us;  /* when time `start_ns` of the capture was served; 0: not yet */
    int64_t start_ns;
    bool has_sent;   /* something since the last open */
    bool is_blocked; /* until somebody has read */
    lws_sorted_usec_list_t timer;
};

static bool replay_listens(const struct conn *c)
{
    return conn_is_served(c) && c->has_requested;
}

static bool replay_has_listener(const struct sim *s)
{
    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        if (replay_listens(c))
            return true;
    }
    return false;
}

static bool replay_is_full(const struct sim *s)
{
    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        if (replay_listens(c) && conn_is_full(c))
            return true;
    }
    return false;
}

static void replay_send(struct sim *s, const struct capture_event *e)
{
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (!replay_listens(c))
            continue;
        if (e->n_pieces == 0) {
            (void)conn_send_data(c, e->bytes, e->size);
            continue;
        }
        (void)conn_send_pieces(c, s->dialect->opcode, (const char *const *)e->pieces, e->sizes, e->n_pieces);
        s->stats.frames++;
        fault_frames(s);
    }
    s->replay->n_sent++;
    s->replay->has_sent = true;
}

static void replay_close_all(struct sim *s)
{
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c->has_requested)
            conn_close(c, 1000, 0);
    }
    s->replay->has_sent = false;
    s->replay->start_us = 0;
}

static void replay_timer(lws_sorted_usec_list_t *timer);

/* Returns how long the event is still ahead; 0 when it is due. */
static int64_t replay_wait_us(struct sim *s, const struct capture_event *e)
{
    struct replay *r = s->replay;
    int64_t now_us = sim_now_us(), due_us;

    if (s->options->speed == 0 || e->t_ns == 0)
        return 0;
    if (r->start_us == 0) {
        r->start_us = now_us;
        r->start_ns = e->t_ns;
    }
    due_us = r->start_us + (e->t_ns - r->start_ns) / 1000 / (int64_t)s->options->speed;
    return due_us > now_us ? due_us - now_us : 0;
}

/* A REST answer goes to who asks. Where nothing is to be lost it is waited for: what follows upon it in the capture
 * would else arrive, as fast as it is read, long before it. */
static bool replay_awaits_asker(struct sim *s)
{
    struct replay *r = s->replay;
    int64_t now_us = sim_now_us(), due_us;

    if (r->asked_us == 0)
        r->asked_us = now_us;
    due_us = r->given_us[r->at] != 0 ? r->given_us[r->at] + REST_READ_US : r->asked_us + REST_WAIT_US;
    if (!s->options->is_lossless || due_us <= now_us) {
        r->asked_us = 0;
        return false;
    }
    lws_sul_schedule(s->lws, 0, &r->timer, replay_timer, due_us - now_us);
    return true;
}

/* One event. Returns false when it has to wait for somebody. */
static bool replay_event(struct sim *s, const struct capture_event *e)
{
    struct replay *r = s->replay;

    switch (e->kind) {
    case CAPTURE_RX:
        if (replay_is_full(s)) {
            r->is_blocked = true;
            return false;
        }
        replay_send(s, e);
        break;
    case CAPTURE_OPEN:
    case CAPTURE_CLOSE:
        if (r->has_sent)
            replay_close_all(s);
        break;
    case CAPTURE_HTTP:
        if (replay_awaits_asker(s))
            return false;
        break;
    }
    r->at++;
    return true;
}

void replay_go(struct sim *s)
{
    struct replay *r = s->replay;

    r->is_blocked = false;
    while (r->at < r->capture.n && replay_has_listener(s)) {
        const struct capture_event *e = &r->capture.at[r->at];
        int64_t wait_us = replay_wait_us(s, e);
        if (wait_us > 0) {
            lws_sul_schedule(s->lws, 0, &r->timer, replay_timer, wait_us);
            return;
        }
        if (!replay_event(s, e))
            return;
    }
    if (r->at == r->capture.n && s->options->is_once)
        replay_close_all(s);
}

/* How long a snapshot shall be is for the venue to say, and here it is as long as it was. */
static bool is_of_length(const char *key, size_t n)
{
    static const char *const names[] = { "limit", "sz", "depth", "interval", "with_id" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == n && memcmp(names[i], key, n) == 0)
            return true;
    }
    return false;
}

/* Does the query hold this `key=value`? */
static bool query_has(const char *query, const char *pair, size_t n)
{
    for (; *query != '\0'; query += strcspn(query, "&"), query += *query == '&') {
        if (strcspn(query, "&") == n && memcmp(query, pair, n) == 0)
            return true;
    }
    return false;
}

/* The last part of a path, up to the query. */
static const char *path_end(const char *url, size_t *ret_size)
{
    size_t n = strcspn(url, "?"), from = n;

    while (from > 0 && url[from - 1] != '/')
        from--;
    *ret_size = n - from;
    return url + from;
}

/* The same thing, of whatever version, and the same query but for lengths. */
static bool is_answer_to(const char *url, const char *target)
{
    size_t n, n_wanted;
    const char *at = path_end(url, &n), *wanted = path_end(target, &n_wanted), *query;

    if (n != n_wanted || memcmp(at, wanted, n) != 0)
        return false;
    query = at[n] == '?' ? at + n + 1 : "";
    for (target = wanted + n + (wanted[n] == '?'); *target != '\0'; target += *target == '&') {
        size_t size = strcspn(target, "&");
        if (!is_of_length(target, strcspn(target, "=&")) && !query_has(query, target, size))
            return false;
        target += size;
    }
    return true;
}

const struct capture_event *replay_rest(struct sim *s, const char *target)
{
    struct replay *r = s->replay;
    size_t i, found = r->capture.n;

    for (i = 0; i < r->capture.n; i++) {
        if (r->capture.at[i].kind != CAPTURE_HTTP || !is_answer_to(r->capture.at[i].url, target))
            continue;
        if (found == r->capture.n || i <= r->at || r->given_us[found] != 0)
            found = i;
        if (i > r->at && r->given_us[found] == 0)
            break;
    }
    if (found == r->capture.n)
        return NULL;
    r->given_us[found] = sim_now_us();
    if (r->asked_us != 0)
        lws_sul_schedule(s->lws, 0, &r->timer, replay_timer, 1);
    return &r->capture.at[found];
}

static void replay_timer(lws_sorted_usec_list_t *timer)
{
    struct replay *r = lws_container_of(timer, struct replay, timer);

    replay_go(r->capture.owner);
}

void replay_left(struct sim *s)
{
    if (s->replay == NULL || !s->options->is_once || s->replay->at < s->replay->capture.n)
        return;
    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c->has_requested)
            return;
    }
    sim_end(s);
}

bool replay_is_blocked(const struct sim *s)
{
    return s->replay->is_blocked;
}

void replay_progress(const struct sim *s, uint64_t *ret_sent, uint64_t *ret_all, bool *ret_is_done)
{
    const struct replay *r = s->replay;

    *ret_sent = r->n_sent;
    *ret_all = r->capture.n_rx;
    *ret_is_done = r->at == r->capture.n;
    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        int queued = 0;
        (void)ioctl(lws_get_socket_fd(c->wsi), SIOCOUTQ, &queued);
        if (c->has_requested && (c->out_used > 0 || queued > 0))
            *ret_is_done = false;
    }
}

int replay_open(struct sim *s, const char *path)
{
    struct replay *r = calloc(1, sizeof(*r));

    if (r == NULL || capture_read(&r->capture, path) < 0) {
        free(r);
        return -1;
    }
    r->capture.owner = s;
    r->given_us = calloc(r->capture.n + 1, sizeof(*r->given_us));
    if (r->given_us == NULL) {
        (void)fprintf(stderr, "hoga-sim: out of memory\n");
        capture_done(&r->capture);
        free(r);
        return -1;
    }
    s->replay = r;
    return 0;
}

void replay_close(struct sim *s)
{
    if (s->replay == NULL)
        return;
    capture_done(&s->replay->capture);
    free(s->replay->given_us);
    free(s->replay);
    s->replay = NULL;
}
