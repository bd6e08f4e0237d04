/* SPDX-License-Identifier: MIT
 * config_words.h - the directives: one row each. For config.c. */
#ifndef HOGA_CONFIG_WORDS_H
#define HOGA_CONFIG_WORDS_H

#include "loop/config.h"

#define CONFIG_SECTION_DAEMON "daemon"

/* One directive. `take` fills its place in `target` (struct config or struct config_venue).
 * Returns: 0, -EINVAL (*ret_why: the rule, a string that lives for ever), -ENOMEM, -E2BIG. */
struct config_word {
    const char *word;
    int is_daemon;  /* of [daemon], else of a venue's section */
    int may_repeat; /* and adds up */
    int (*take)(void *target, const char *value, const char **ret_why);
};

/* By section kind and word, or NULL. */
const struct config_word *config_word_find(int is_daemon, const char *word);
unsigned config_word_index(const struct config_word *word);
#define CONFIG_WORDS_MAX 32

void config_defaults(struct config *c);
void config_venue_defaults(struct config_venue *v, const char *name);

#endif
