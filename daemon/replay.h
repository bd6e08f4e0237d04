/* SPDX-License-Identifier: MIT
 * replay.h - `hogad --replay`: a capture down the same road as the network's frames, on the capture's own clock,
 * without a network. Reads a file, prints a trace, publishes only where it is told to. A main program of its own: call
 * it from main() and exit with what it returns. */
#ifndef HOGA_REPLAY_H
#define HOGA_REPLAY_H

#include <stdint.h>

#define REPLAY_DEPTH_DEFAULT 30u

struct replay_options {
    const char *path;        /* .jsonl, .jsonl.zst, "-" */
    const char *venue;       /* NULL: the folder that holds the file */
    const char *segment;     /* --segment, or NULL: $HOGA_SEGMENT, else nothing is published */
    uint32_t speed_permille; /* 1000: as recorded; 0: as fast as it goes */
    uint32_t depth;          /* levels a side that are printed and published, at most; 0: REPLAY_DEPTH_DEFAULT */
    uint8_t is_trace;        /* a line a book message to standard output */
};

/* "max" or a factor such as 1, 10, 0.5. Returns: 0, -EINVAL. */
int replay_speed_parse(const char *text, uint32_t *ret_permille);

/* To the end of the capture or to SIGINT or SIGTERM. Says on standard error what is wrong.
 * Returns: the exit code: 0, 1 something in the capture could not be used, 2 wrong usage. */
int replay_run(const struct replay_options *options);

#endif
