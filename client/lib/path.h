/* SPDX-License-Identifier: MIT
 * path.h - where a reader looks for a segment, and what it says when there is none. Reads the environment, opens files
 * through handle.h, keeps nothing. Any thread. */
#ifndef LIB_PATH_H
#define LIB_PATH_H

#include "handle.h"

#define LIB_SYSTEM_PATH    "/run/hoga/main/books"
#define LIB_CANDIDATES_MAX 3

struct lib_candidate {
    char path[SEGMENT_PATH_SIZE];
    const char *said_by; /* "HOGA_SEGMENT", or empty */
    int needs_alive;     /* only while its writer lives */
    int error;           /* known before looking: 0, -ENAMETOOLONG, -EPERM */
};

struct lib_candidates {
    struct lib_candidate at[LIB_CANDIDATES_MAX];
    unsigned n;
};

/* The rule: the argument; else HOGA_SEGMENT; else the user's own while it lives, the system's, the user's own. */
void lib_path_candidates(const char *explicit_path, const char *system_path, struct lib_candidates *ret);

/* Open the first that will do.
 * Returns: 0, or the most telling failure; the problem names every path and why it was passed over. */
int lib_path_open(const struct lib_candidates *candidates, struct segment_map *ret_map,
                  char ret_path[SEGMENT_PATH_SIZE], struct hoga_problem *ret_problem);

#endif
