/* SPDX-License-Identifier: MIT
 * struck.h - which books were lost or spoilt on purpose, when, and on how many connections, so that a test can demand
 * of each that it was found out. One thread. */
#ifndef SIM_STRUCK_H
#define SIM_STRUCK_H

#include "sim.h"

struct cJSON;

/* CLOCK_REALTIME, skew or not: the clock that a client on this machine dates its verdicts by. */
int64_t struck_now_ns(void);
/* This book did not reach so many connections that it was due on, or reached them spoilt. */
void struck_note(struct sim *s, const struct market *m, const struct book *book, const char *fault, int64_t at_ns,
                 unsigned n_conns);
/* A later book of the market has left: from now on a loss before it can be noticed. */
void struck_follow(struct sim *s, const struct market *m);
/* The newest book was fetched by REST: whoever asked before a loss could be noticed got what was lost. */
void struck_fetch(struct sim *s, const struct market *m);

/* An op of control_ops.c. */
const char *op_struck(struct sim *s, const struct cJSON *request, struct cJSON *reply);

#endif
