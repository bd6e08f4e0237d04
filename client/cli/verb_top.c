/* SPDX-License-Identifier: MIT
 * hoga top: the full-screen overview; everything but the opening is in client/tui. */
#include "cli.h"

#include "../tui/tui.h"

#include <errno.h>

int verb_top(struct cli *c, int n_arguments, char **arguments)
{
    struct tui_options options = {
        .has_colour = c->has_colour,
        .is_utc = c->is_utc,
        .count = c->count,
        .interval_ns = c->interval_ms * INT64_C(1000000),
        .n_patterns = n_arguments,
        .patterns = arguments,
    };
    char why[TUI_WHY_SIZE];
    int code = cli_open(c), r;

    if (code != CLI_FINE)
        return code;
    options.h = c->h;
    r = tui_top(&options, why);
    if (r == -ENOTTY)
        return cli_fail_usage(c, c->verb, why);
    return r < 0 ? cli_fail(NULL, _("no memory"), NULL) : CLI_FINE;
}
