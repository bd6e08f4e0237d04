/* SPDX-License-Identifier: MIT
 * hogad_events.h - eventfds for programs with an event loop of their own: rung when books that they chose, or any, have
 * changed. For the composition root alone. */
#ifndef HOGA_HOGAD_EVENTS_H
#define HOGA_HOGAD_EVENTS_H

#include "hogad_private.h"

int hogad_on_eventfd(void *context, struct control_call *call);
/* The connection that an eventfd came with has ended. */
void hogad_events_client_gone(struct hogad *d, uint64_t client);
/* A turn is over in which these slots have changed (writer_changed_bits). */
void hogad_events_turn(struct hogad *d, uint32_t bits);
struct hogad_events *hogad_events_free(struct hogad_events *e);

#endif
