/* SPDX-License-Identifier: MIT
 * control.h - a conversation with hogad's control sockets: where they are, one request and its answer. No state but the
 * descriptor. Any thread, one at a time a descriptor. */
#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

#include <hoga/hoga.h>

#include <stddef.h>

#define LIB_ANSWER_SIZE_MAX (512u << 10)

/* The moment at which a call gives up, CLOCK_BOOTTIME. */
int64_t lib_deadline_ns(int64_t timeout_ns);

/* Returns: a connected descriptor, or as hoga_control_open. */
int lib_control_connect(const char *segment_path, int is_admin, int64_t deadline_ns, struct hoga_problem *ret_problem);

/* Owns:    *ret_answer, free(3) (may be NULL: not wanted); *ret_fd, what came with the answer, or -1 (NULL: closed).
 * Returns: as hoga_control_ask. */
int lib_control_ask(int fd, const char *request, int64_t deadline_ns, char **ret_answer, int *ret_fd,
                    struct hoga_problem *ret_problem);

/* Reading one line of the daemon's, which is trusted as little as a segment. */

/* Where the value of a member of the outermost object begins, NULL: none, or no object. */
const char *lib_json_member(const char *line, const char *name);
/* A string without its escapes, cut to size. Returns: 0, -EBADMSG no string. */
int lib_json_string(const char *value, char *ret, size_t size);

/* Fill and return `error`. */
int lib_problem_set(struct hoga_problem *ret, int error, const char *what, const char *why, const char *remedy);

#endif
