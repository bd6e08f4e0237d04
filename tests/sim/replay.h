/* SPDX-License-Identifier: MIT
 * replay.h - serves a capture (captures/README.md: jsonl, .zst, or - for standard input) to whoever asks: payloads and
 * their fragments, at the capture's own pace or another, with its closes and opens. One thread. */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include "conn.h"

/* The whole file is read before anybody is served. Returns: 0, or -1 with the reason said on standard error. */
int replay_open(struct sim *s, const char *path);
void replay_close(struct sim *s);
/* Somebody subscribed, or a queue became empty: send what is due. */
void replay_go(struct sim *s);
/* Somebody left. */
void replay_left(struct sim *s);
/* Does it wait for somebody to read? */
bool replay_is_blocked(const struct sim *s);
/* Lines sent, lines in all, and whether everything has left for good. */
void replay_progress(const struct sim *s, uint64_t *ret_sent, uint64_t *ret_all, bool *ret_is_done);

#endif
