/* SPDX-License-Identifier: MIT
 * control_tape.h - the side door's ops about trades and the day, and what the ops share. One thread. */
#ifndef SIM_CONTROL_TAPE_H
#define SIM_CONTROL_TAPE_H

#include "sim.h"

struct cJSON;

/* As the ops of control_ops.c: NULL, or in words why not. */
const char *op_trades(struct sim *s, const struct cJSON *request, struct cJSON *reply);
const char *op_trade(struct sim *s, const struct cJSON *request, struct cJSON *reply);
const char *op_day(struct sim *s, const struct cJSON *request, struct cJSON *reply);

/* A string of the request, or NULL; a whole number, or `otherwise`; the market it names, or NULL. */
const char *control_text(const struct cJSON *request, const char *name);
int64_t control_number(const struct cJSON *request, const char *name, int64_t otherwise);
struct market *control_market(struct sim *s, const struct cJSON *request);

#endif
