/* SPDX-License-Identifier: MIT
 * control_private.h - what control.c (connections), control_line.c (requests) and control_listen.c (sockets) share. */
#ifndef HOGA_CONTROL_PRIVATE_H
#define HOGA_CONTROL_PRIVATE_H

#include "loop/control.h"

/* A token bucket of time: a token is worth cost_ns, and so much passes between two. */
struct control_bucket {
    int64_t credit_ns, last_ns;
};

/* Where systemd's sockets are, or ours were made.
 * Returns: 0; ret_fds of -1 are sockets that there are none of, and *ret_problem says why where that is not meant. */
int control_listen(const struct control_options *options, int ret_fds[CONTROL_SOCKETS],
                   char ret_paths[CONTROL_SOCKETS][CONTROL_PATH_SIZE], char ret_problem[CONTROL_ERROR_SIZE]);

#endif
