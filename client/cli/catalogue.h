/* SPDX-License-Identifier: MIT
 * catalogue.h - what venues list, as `ls --all` and `info` show it. One thread. */
#ifndef HOGA_CLI_CATALOGUE_H
#define HOGA_CLI_CATALOGUE_H

#include "table.h"

#include <hoga/hoga.h>

#include <stddef.h>

struct catalogue {
    size_t n;
    struct hoga_instrument *rows; /* by name, text fit for a terminal */
};

/* All that is listed. Owns: catalogue_done. Returns: 0, -ENOMEM. */
int catalogue_load(struct cli *c, struct catalogue *ret);
void catalogue_done(struct catalogue *catalogue);
/* By venue:SYMBOL without case, or by the symbol alone where one venue has it. Returns: 0, -ENOENT. */
int catalogue_find(struct cli *c, const char *name, struct hoga_instrument *ret);
/* `hoga ls --all`: an exit code. */
int catalogue_ls(struct cli *c, int n_patterns, char **patterns);
/* Two columns more for `hoga info`. */
void catalogue_fill(const struct cli *c, struct table *t, const struct hoga_instrument *in);

#endif
