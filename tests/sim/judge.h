/* SPDX-License-Identifier: MIT
 * judge.h - does the client keep the exchange's limits? Counts upgrades, open connections, messages and GETs in every
 * window that the dialect names, whether they are enforced or not (--lenient). `now_us` is when it came, however late
 * the simulator looks: conn_heard_us. One thread. */
#ifndef SIM_JUDGE_H
#define SIM_JUDGE_H

#include "sim.h"

/* Times in us, a ring. */
#define JUDGE_KEPT 1024 /* above every venue's budget of its longest window */
struct judge_times {
    int64_t at_us[JUDGE_KEPT];
    uint64_t n;
};

struct judge {
    struct judge_times connects;
    struct judge_times requests; /* of the address */
    struct judge_times rest;
    uint32_t rest_weight[JUDGE_KEPT];
    int64_t origin_us;
};

/* Owns: the result, freed with free(). NULL: no memory. */
struct judge *judge_new(void);
/* One more upgrade is asked for. Returns: 0, or the HTTP status of the refusal. */
uint32_t judge_connect(struct sim *s, bool has_origin, int64_t now_us);
/* It was made, and is one of so many that are open. Returns: 0, or the close code. */
unsigned judge_connection(struct sim *s, unsigned n_open);
/* One more message that counts. `connection` are the times of its connection. Returns true if it breaks a limit. */
bool judge_request(struct sim *s, struct judge_times *connection, int64_t now_us);
/* One more GET. Returns true if it breaks a limit. */
bool judge_rest(struct sim *s, uint32_t weight, int64_t now_us);

#endif
