/* SPDX-License-Identifier: MIT
 * hoga metrics: for Prometheus and everything that reads its formats. No segment is an answer too (hoga_up 0), and a
 * problem that is reported beside it. */
#include "metrics.h"

int verb_metrics(struct cli *c, int n_arguments, char **arguments)
{
    struct metrics m = {
        .c = c, .out = stdout, .is_classic = c->is_classic, .n_patterns = n_arguments, .patterns = arguments
    };
    int code = cli_open(c); /* reported; the exposition follows all the same */

    if (c->is_http)
        return metrics_http(&m);
    if (metrics_print(&m) < 0)
        return cli_fail(NULL, _("no memory"), NULL);
    return code;
}
