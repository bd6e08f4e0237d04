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

struct replay {
    struct capture capture;
    size_t at;        /* next event */
    size_t n_sent;    /* payloads */
    int64_t start_us; /* when time `start_ns` of the capture was served; 0: not yet */
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
    s->replay = r;
    return 0;
}

void replay_close(struct sim *s)
{
    if (s->replay == NULL)
        return;
    capture_done(&s->replay->capture);
    free(s->replay);
    s->replay = NULL;
}
