/* SPDX-License-Identifier: MIT
 * options.h - the command line: from argv to struct cli. Reports wrong usage itself; opens nothing. One thread. */
#ifndef HOGA_CLI_OPTIONS_H
#define HOGA_CLI_OPTIONS_H

#include "cli.h"

enum options_wish {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_WRONG, /* reported */
};

/* Parses the options at the front of argv (verb NULL: up to the verb) or all of a verb's own.
 * Returns: what the user wants; *ret_first is the index of the first word that is no option. */
enum options_wish options_parse(struct cli *c, const struct verb *verb, int argc, char **argv, int *ret_first);
/* One line an option, those of a verb or (NULL) those that every verb takes. */
void options_print(const struct verb *verb);

#endif
