/* SPDX-License-Identifier: MIT */
#include "publish/counter.h"

const char *const counter_names[COUNTER_COUNT] = {
#define COUNTER_ROW(NAME, name, unit, sentence) name,
#include "shm/counters.def"
#undef COUNTER_ROW
};

const char *const counter_units[COUNTER_COUNT] = {
#define COUNTER_ROW(NAME, name, unit, sentence) unit,
#include "shm/counters.def"
#undef COUNTER_ROW
};
