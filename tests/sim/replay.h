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
/* The recorded REST answer to this path and query: the last before where the replay is, or a later one for who has had
 * that; the next there is if there was none yet. NULL: there is none. */
struct capture_event;
const struct capture_event *replay_rest(struct sim *s, const char *target);
/* Somebody left. */
void replay_left(struct sim *s);
/* Does it wait for somebody to read? */
bool replay_is_blocked(const struct sim *s);
/* Lines sent, lines in all, and whether everything has left for good. */
void replay_progress(const struct sim *s, uint64_t *ret_sent, uint64_t *ret_all, bool *ret_is_done);

#endif
