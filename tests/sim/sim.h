/* SPDX-License-Identifier: MIT
 * sim.h - the simulator as a whole: what was asked for on the command line, what was counted, which faults are on, and
 * who is connected. One thread: the libwebsockets loop's. It holds no exchange's rules; those are the dialect's. */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "dialect.h"
#include "pen.h"

#include <libwebsockets.h>

#define SIM_PATH_SIZE 256

struct conn;
struct control;
struct replay;
struct fault_list;
struct judge;

struct sim_options {
    const char *venue;
    const char *listen;
    const char *symbols; /* NULL: the dialect's own */
    const char *replay;
    const char *fault;
    const char *control;
    const char *ca_out;
    uint64_t seed;
    uint32_t rate_hz; /* frames a second and symbol; 0: only when told */
    uint32_t speed;   /* of a replay; 0: as fast as it is read */
    uint32_t idle_ms; /* 0: the dialect's */
    bool is_flat_out; /* --rate max */
    bool is_tls;
    bool is_once;
    bool is_lossless;
    bool is_sealed;
    bool is_lenient; /* limits are counted, not enforced */
};

struct sim_stats {
    uint64_t connections, upgrades, refused, requests, messages;
    uint64_t connect_violations, connection_violations, request_violations, origin_violations, origin_headers;
    uint64_t rest_requests, rest_violations, rest_weight_max; /* in a minute */
    uint64_t frames, frames_skipped, bytes, pings, pongs, status_pings;
    uint64_t faults;
    int64_t ping_idle_us_max;
};

/* Times in us of CLOCK_MONOTONIC, 0 where off. */
struct sim_faults {
    int64_t stall_until_us, nopong_until_us, maintenance_until_us;
    int64_t age_us, skew_ms, delay_us;
    uint32_t drip_size, drip_ms;
    uint32_t n_fragments; /* below 2: whole frames */
    uint32_t n_refuse;
    uint32_t n_http, http_code, http_retry_s;
    uint32_t n_rest, rest_code, rest_retry_s;
    uint32_t n_old_snapshots, n_rest_garbage;
    uint32_t n_repeat, n_reorder, n_gap, n_wrong;
    bool sends_old_set;
    bool drops_old; /* once the newest connection was sent so many messages */
    uint32_t n_drop_old;
};

#define STRUCK_MAX 256

/* A book that a fault kept back or spoilt; struck.h. */
struct struck {
    const struct market *market;
    const char *fault;
    int64_t timestamp_ms, at_ns;
    unsigned n_conns;
    bool is_followed, is_fetched;
};

struct sim {
    const struct sim_options *options;
    const struct dialect *dialect;
    struct dialect_limits limits;
    struct lws_context *lws;
    struct lws_vhost *vhost;
    struct market_set markets;
    struct conn *conns;
    unsigned n_conns;
    uint32_t conn_id_last;
    struct sim_stats stats;
    struct sim_faults faults;
    struct struck struck[STRUCK_MAX]; /* the last of n_struck */
    uint64_t n_struck;
    struct fault_list *fault_list;
    struct replay *replay;
    struct control *control;
    int64_t started_us;
    struct judge *judge;
    int listen_fd;
    bool is_paused;
    bool is_exact; /* frames asked for one by one: never skipped */
    bool is_ending;
    bool is_failed;
    int tick_fd;     /* a timer; lws closes it */
    int64_t tick_us; /* market time already served */
    struct memo {    /* the frame encoded last: many connections mostly want the same; and the one before it */
        const struct market *market;
        struct subscription asked;
        uint64_t number;
        uint32_t form;
        bool is_first;
        struct written written;
        size_t size;
        char text[DIALECT_FRAME_SIZE_MAX];
    } memo[2];
    unsigned memo_last; /* which of them */
};

int64_t sim_now_us(void);  /* CLOCK_MONOTONIC */
int64_t sim_wall_ms(void); /* CLOCK_REALTIME with the fault "skew" left out */
/* Leave the loop after this turn. */
void sim_end(struct sim *s);

/* listen.c: the socket on loopback. Returns: 0 and the port, or -1 with the reason said on standard error. */
int sim_listen(struct sim *s, char ret_host[64], uint16_t *ret_port);
extern const struct lws_protocols sim_protocols[];
/* The protocol's number in sim_protocols, by which a descriptor is adopted. */
int sim_adopt_file(struct sim *s, int fd, const char *protocol);

#endif
