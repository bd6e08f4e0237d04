/* SPDX-License-Identifier: MIT
 * rows.h - the segment's connections, latencies and counters row by row, with text fit for a terminal and the filter of
 * -f. *io_index is 0 at first and moves; the row that was given has the index before it. One thread. */
#ifndef HOGA_CLI_ROWS_H
#define HOGA_CLI_ROWS_H

#include "cli.h"

bool rows_next_connection(const struct cli *c, uint32_t *io_index, struct hoga_connection *ret);
bool rows_next_latency(const struct cli *c, uint32_t *io_index, struct hoga_latency *ret);
bool rows_next_counter(const struct cli *c, uint32_t *io_index, struct hoga_counter *ret);

#endif
