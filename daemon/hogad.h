/* SPDX-License-Identifier: MIT
 * hogad.h - the daemon put together: configuration, feeds, sessions, pipeline, segment. No policy of its own about
 * books. One thread. */
#ifndef HOGA_HOGAD_H
#define HOGA_HOGAD_H

#include "loop/config.h"

#define HOGAD_STOP_MS 120 /* for Close frames to leave after SIGTERM or SIGINT; all is over within 200 ms */

struct hogad_options {
    const char *config_file; /* NULL: the usual places */
    const char *segment;     /* NULL: the rule of shm/segment.h */
    const char *record;      /* a folder, or NULL */
};

/* Until SIGTERM or SIGINT. Says on standard error what is wrong.
 * Returns: the exit code: 0, 1 it could not start or go on. */
int hogad_run(const struct hogad_options *options);

/* Read and check as hogad_run does; nothing is opened but the files. Says what is wrong.
 * Owns:    *ret, config_free.
 * Returns: 0, negative errno. */
int hogad_config(const char *file, struct config **ret);

/* `hogad: what: why: what to do` on standard error; remedy NULL or "" is left out. */
void hogad_complain(const char *what, const char *why, const char *remedy);

#endif
