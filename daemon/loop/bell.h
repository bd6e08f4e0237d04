/* SPDX-License-Identifier: MIT
 * bell.h - rings eventfds that clients hold, and never waits for one. A write would: whoever has the descriptor can
 * make it blocking (O_NONBLOCK belongs to the open file, which both share) and fill its counter. The loop's thread. */
#ifndef HOGA_BELL_H
#define HOGA_BELL_H

#include <stdint.h>

#define BELL_FDS_MAX 16 /* in one call */

struct bell;

/* Owns:    *ret; bell_free takes NULL and returns NULL.
 * Returns: 0, -ENOMEM, or why the kernel has none: -ENOSYS, -EAGAIN the host's fs.aio-max-nr is used up. */
int bell_new(struct bell **ret);
struct bell *bell_free(struct bell *b);
/* Add 1 to each of n eventfds, n at most BELL_FDS_MAX. One call of the kernel for all of them, and one for what is left
 * of it. */
void bell_ring(struct bell *b, const int *fds, uint32_t n);

#endif
