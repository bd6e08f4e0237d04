/* SPDX-License-Identifier: MIT
 * conn.h - one client of the simulator: its upgrade, its frames in and out, its clocks. libwebsockets brings the
 * socket, TLS and the loop; the WebSocket framing is ours (wire.h), so that every byte can be made wrong on purpose.
 * One thread. It decides nothing about books; feed.h does. */
#ifndef SIM_CONN_H
#define SIM_CONN_H

#include "judge.h"
#include "sim.h"
#include "wire.h"

#define CONN_OUT_SIZE_FULL   (256u << 10) /* books are skipped above this */
#define CONN_OUT_SIZE_MARKET 4096         /* and so much more for each market */
#define CONN_OUT_SIZE_BATCH  (128u << 10) /* flat out: so much a write */
#define CONN_OUT_SIZE_MAX    (96u << 20)

#define CONN_MARKS_MAX 4096 /* of the fault "delay"; what comes closer together leaves together */

enum conn_state {
    CONN_HTTP, /* the request is being read */
    CONN_OPEN,
    CONN_CLOSING, /* our close frame is out */
    CONN_ENDING,  /* what is queued is sent, then the socket goes */
    CONN_DEAD,    /* the loop will take it away */
};

struct conn {
    struct sim *sim;
    struct lws *wsi;
    struct conn *next;
    uint32_t id;
    enum conn_state state;
    bool has_requested;
    bool has_pending; /* a subscription waits for room */
    struct session session;
    uint64_t n_data; /* messages of books and trades queued */
    uint8_t *in;     /* as received */
    size_t in_used;
    uint8_t *message; /* put together from fragments */
    size_t message_used;
    unsigned message_opcode;
    uint8_t *out; /* LWS_PRE bytes of room in front */
    size_t out_size, out_start, out_used;
    lws_sorted_usec_list_t timer;
    struct { /* fault "delay": when bytes were queued; a ring, made when it is first needed */
        int64_t at_us;
        uint64_t end; /* of n_queued */
    } * marks;
    uint64_t first_mark, n_marks, n_queued, n_left;
    int64_t opened_us, heard_us, sent_us, pinged_us;
    int64_t close_at_us, kill_at_us, status_at_us, drip_at_us, delay_at_us, ping_at_us;
    bool is_announced; /* close_at_us is a notice: until then it is served like any other */
    struct judge_times requests;
};

/* One frame, queued; data frames obey the fault "fragment". Returns: 0, -ENOBUFS, -ENOMEM. */
int conn_send(struct conn *c, unsigned opcode, const void *bytes, size_t n);
/* One message in exactly these pieces. */
int conn_send_pieces(struct conn *c, unsigned opcode, const char *const *pieces, const size_t *sizes, size_t n);
/* Bytes as they are. */
int conn_send_raw(struct conn *c, const void *bytes, size_t n);
/* A data frame: counted, and faults that wait for a number of frames are let loose. */
int conn_send_data(struct conn *c, const void *bytes, size_t n);
/* How many of the queued bytes are old enough to leave; when the next will be, 0 never. */
size_t conn_delayed(struct conn *c, int64_t now_us, int64_t *ret_next_us);
bool conn_is_full(const struct conn *c);
/* At once, or a while after an answer that ends the conversation. */
void conn_close(struct conn *c, unsigned code, int64_t after_us);
/* The same after a notice: the conversation goes on until then. */
void conn_close_announced(struct conn *c, unsigned code, int64_t after_us);
/* When the last of its bytes came to this host, of which the kernel keeps account. */
int64_t conn_heard_us(const struct conn *c);
/* Open, and the conversation has not ended. */
bool conn_is_served(const struct conn *c);
void conn_drop(struct conn *c, bool is_reset);
/* Deadlines or the queue changed. */
void conn_wake(struct conn *c);

int conn_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);

#endif
