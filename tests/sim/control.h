/* SPDX-License-Identifier: MIT
 * control.h - the simulator's side door: a unix socket (0600), one JSON object a line each way; hoga-sim(1), "CONTROL".
 * One thread. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "sim.h"

#define CONTROL_CLIENT_SIZE 64 /* what lws keeps for one who asks */

/* Returns: 0, or -1 with the reason said on standard error. */
int control_open(struct sim *s, const char *path);
void control_close(struct sim *s);
/* control_ops.c: one request line answered. The text is to be given to cJSON_free; NULL without memory. */
char *control_answer(struct sim *s, const char *line);

int control_listen_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);
int control_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n);

#endif
