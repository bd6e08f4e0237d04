/* SPDX-License-Identifier: MIT
 * names.h - from the words an operator types to books: exact names, globs, and a suggestion for a slip. One thread. */
#ifndef HOGA_CLI_NAMES_H
#define HOGA_CLI_NAMES_H

#include "cli.h"

struct names {
    size_t n;
    struct hoga_info *infos; /* in directory order */
};

/* Everything that is carried now, with names fit for a terminal. Owns: names_done. Returns 0, -ENOMEM. */
int names_load(struct cli *c, struct names *ret);
void names_done(struct names *names);
int names_info(struct cli *c, hoga_id id, struct hoga_info *ret);

bool names_is_glob(const char *pattern);
/* Without case; venue:SYMBOL, or the symbol alone if the pattern has no colon. */
bool names_match(const char *pattern, const struct hoga_info *info);
/* Does any of n patterns match? None at all: yes. */
bool names_match_any(int n_patterns, char **patterns, const struct hoga_info *info);
/* Returns: CLI_FINE, CLI_PROBLEM (not listed, or several; reported). */
int names_resolve(struct cli *c, const char *name, hoga_id *ret_id);
/* `hoga: NAME: not listed: did you mean ...?`; `more` is added to the why, may be "". Returns CLI_PROBLEM. */
int names_fail(struct cli *c, const char *name, const char *more);

#endif
