/* SPDX-License-Identifier: MIT
 * counter.h - the rows of shm/counters.def by number and by name, for whoever counts in the segment. Pure data. */
#ifndef HOGA_COUNTER_H
#define HOGA_COUNTER_H

enum counter {
#define COUNTER_ROW(NAME, name, unit, sentence) COUNTER_##NAME,
#include "shm/counters.def"
#undef COUNTER_ROW
    COUNTER_COUNT
};

/* What writer_options wants: COUNTER_COUNT entries each. */
extern const char *const counter_names[COUNTER_COUNT];
extern const char *const counter_units[COUNTER_COUNT];

#endif
