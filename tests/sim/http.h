/* SPDX-License-Identifier: MIT
 * http.h - the answer to an upgrade request: 101, or the refusal that limits and faults ask for. One thread. It serves
 * no pages. */
#ifndef SIM_HTTP_H
#define SIM_HTTP_H

#include "conn.h"

/* `request` NULL: it could not be read. */
void http_answer(struct conn *c, const struct wire_request *request);

#endif
