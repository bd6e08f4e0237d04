/* SPDX-License-Identifier: MIT */
#include "conn.h"

#include "fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int conn_room(struct conn *c, size_t n)
{
    size_t need = c->out_used + n, size = c->out_size;
    uint8_t *out;

    if (c->out_start > 0 && c->out_start + need > c->out_size) {
        memmove(c->out + LWS_PRE, c->out + LWS_PRE + c->out_start, c->out_used);
        c->out_start = 0;
    }
    if (c->out_start + need <= size)
        return 0;
    if (need > CONN_OUT_SIZE_MAX)
        return -ENOBUFS;
    while (size < need)
        size *= 2;
    out = realloc(c->out, LWS_PRE + size);
    if (out == NULL)
        return -ENOMEM;
    c->out = out;
    c->out_size = size;
    return 0;
}

static void conn_mark(struct conn *c, size_t n)
{
    uint64_t last = c->first_mark + c->n_marks - 1;
    int64_t now_us;

    c->n_queued += n;
    if (c->sim->faults.delay_us == 0 && c->n_marks == 0)
        return;
    now_us = sim_now_us();
    if (c->marks == NULL)
        c->marks = calloc(CONN_MARKS_MAX, sizeof(*c->marks));
    if (c->marks == NULL)
        return;
    if (c->n_marks == 0 || (c->marks[last % CONN_MARKS_MAX].at_us < now_us - 1000 && c->n_marks < CONN_MARKS_MAX - 1)) {
        last++;
        c->n_marks++;
        c->marks[last % CONN_MARKS_MAX].at_us = now_us;
    }
    c->marks[last % CONN_MARKS_MAX].end = c->n_queued;
}

size_t conn_delayed(struct conn *c, int64_t now_us, int64_t *ret_next_us)
{
    uint64_t end = c->n_queued;

    *ret_next_us = 0;
    while (c->n_marks > 0 && c->marks[c->first_mark % CONN_MARKS_MAX].at_us + c->sim->faults.delay_us <= now_us) {
        c->first_mark++;
        c->n_marks--;
    }
    if (c->n_marks > 0) { /* all before the oldest that must wait, which ends where the one before it did */
        uint64_t before = c->first_mark == 0 ? 0 : c->marks[(c->first_mark - 1) % CONN_MARKS_MAX].end;
        end = before > c->n_left ? before : c->n_left;
        *ret_next_us = c->marks[c->first_mark % CONN_MARKS_MAX].at_us + c->sim->faults.delay_us;
    }
    return (size_t)(end - c->n_left);
}

int conn_send_raw(struct conn *c, const void *bytes, size_t n)
{
    int r;

    if (c->state == CONN_DEAD)
        return 0;
    r = conn_room(c, n);
    if (r < 0)
        return r;
    memcpy(c->out + LWS_PRE + c->out_start + c->out_used, bytes, n);
    if (c->out_used == 0)
        lws_callback_on_writable(c->wsi);
    c->out_used += n;
    conn_mark(c, n);
    return 0;
}

int conn_send_pieces(struct conn *c, unsigned opcode, const char *const *pieces, const size_t *sizes, size_t n)
{
    size_t need = n * WIRE_HEADER_SIZE_MAX;
    int r;

    for (size_t i = 0; i < n; i++)
        need += sizes[i];
    r = conn_room(c, need);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n && r == 0; i++) {
        uint8_t header[WIRE_HEADER_SIZE_MAX];
        size_t size = wire_header(header, i == 0 ? opcode : WIRE_CONTINUATION, i + 1 == n, sizes[i]);
        (void)conn_send_raw(c, header, size);
        r = conn_send_raw(c, pieces[i], sizes[i]);
    }
    return r;
}

int conn_send(struct conn *c, unsigned opcode, const void *bytes, size_t n)
{
    uint32_t n_pieces = opcode >= WIRE_CLOSE ? 1 : c->sim->faults.n_fragments;
    const char *pieces[FAULT_FRAGMENTS_MAX];
    size_t sizes[FAULT_FRAGMENTS_MAX], at = 0;

    if (n_pieces < 1 || n < n_pieces)
        n_pieces = 1;
    for (uint32_t i = 0; i < n_pieces; i++) {
        pieces[i] = (const char *)bytes + at;
        sizes[i] = i + 1 == n_pieces ? n - at : n / n_pieces;
        at += sizes[i];
    }
    return conn_send_pieces(c, opcode, pieces, sizes, n_pieces);
}

int conn_send_data(struct conn *c, const void *bytes, size_t n)
{
    int r = conn_send(c, c->sim->dialect->opcode, bytes, n);

    if (r == 0) {
        c->n_data++;
        c->sim->stats.frames++;
        fault_frames(c->sim);
        fault_newest(c->sim);
    }
    return r;
}

bool conn_is_full(const struct conn *c)
{
    /* One step of every market must find room, however many there are. */
    return c->out_used >= CONN_OUT_SIZE_FULL + c->sim->markets.n * CONN_OUT_SIZE_MARKET;
}
