/* SPDX-License-Identifier: MIT
 * metrics.h - the segment as OpenMetrics text, and as the older format that Prometheus began with. One thread. */
#ifndef HOGA_CLI_METRICS_H
#define HOGA_CLI_METRICS_H

#include "cli.h"

#define METRICS_BOOKS_MAX 256u /* books with series of their own, where -n does not say */

struct metrics {
    struct cli *c; /* c->h NULL: there is no segment, and hoga_up 0 is all there is to say */
    FILE *out;
    bool is_classic;
    int n_patterns; /* none: no book has series of its own */
    char **patterns;
};

/* The whole exposition. Returns: 0, -ENOMEM. */
int metrics_print(const struct metrics *m);
/* One HTTP request on standard input, its answer on standard output, as a socket unit hands them over. Returns an exit
 * code. */
int metrics_http(struct metrics *m);

#endif
