/* SPDX-License-Identifier: MIT
 * fault_act.h - what each fault does, as a table of names (fault_act.c); fault.c reads the scripts and keeps the
 * triggers. One thread. */
#ifndef SIM_FAULT_ACT_H
#define SIM_FAULT_ACT_H

#include "sim.h"

#define FAULT_TEXT_SIZE MARKET_SYMBOL_SIZE

enum fault_argument {
    ARG_NONE,
    ARG_TIME,  /* 3s, 250ms, -5s */
    ARG_COUNT, /* 3 */
    ARG_SIZE,  /* 5MB, 300KB, 7 */
    ARG_DRIP,  /* BYTES/MS */
    ARG_HTTP,  /* STATUS[:retry=S][:n=N] */
    ARG_TEXT,
};

struct fault;

struct fault_row {
    const char *name;
    enum fault_argument argument;
    int64_t number; /* when no argument is given; -1: there must be one */
    void (*act)(struct sim *s, const struct fault *f);
};

struct fault {
    struct sim *sim;
    const struct fault_row *row;
    bool is_waiting;
    int64_t after_us; /* 0: at once, or by frames */
    uint64_t at_frames;
    int64_t number;
    uint32_t milliseconds, retry_s, count;
    char text[FAULT_TEXT_SIZE];
    lws_sorted_usec_list_t timer;
};

/* By name, or NULL. */
const struct fault_row *fault_row_find(const char *name);

#endif
