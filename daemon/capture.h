/* SPDX-License-Identifier: MIT
 * capture.h - the files of recorded traffic: one JSON object a line, plain or zstd. A reader that streams and survives
 * damage, and the writer of a line. The format is ../shared/captures/README.md; times have 19 digits, so no general
 * JSON library reads them here. One thread a reader. Does not interpret payloads. */
#ifndef HOGA_CAPTURE_H
#define HOGA_CAPTURE_H

#include "core/feed_input.h"
#include "core/text.h"

#define CAPTURE_LINE_SIZE_MAX (64u << 20) /* longer lines are skipped and reported */
#define CAPTURE_PROBLEM_SIZE  160

struct capture_event {
    enum feed_input_kind kind; /* OPEN, CLOSE, TX, RX or HTTP */
    uint8_t has_time;
    int64_t recv_ns;
    uint8_t has_conn;
    uint32_t conn;     /* key "conn" of our own recordings, else 0 */
    const char *url;   /* may be NULL */
    const char *bytes; /* the payload, fragments joined, base64 decoded; NULL: none */
    size_t bytes_size;
    const char *did; /* key "did" of our own recordings: feed/deeds.c; NULL: none */
};

struct capture_reader;

/* Called before each read, so that a caller can wait for bytes and for other things. Less than 0 ends the reading. */
typedef int (*capture_wait_fn)(void *context, int fd);

/* `path` may be "-". Whether it is compressed shows in its first bytes.
 * Owns:    *ret; capture_close.
 * Returns: 0, -errno of open, -ENOMEM. */
int capture_open(const char *path, capture_wait_fn wait, void *wait_context, struct capture_reader **ret);
struct capture_reader *capture_close(struct capture_reader *c); /* takes NULL, returns NULL */

/* The next event; what it points to is valid until the next call.
 * Returns: 1; 0 at the end; -EBADMSG something was damaged and skipped, go on (capture_problem says what); any other
 *          error ends the reading: what `wait` returned, -EIO and the like. */
int capture_next(struct capture_reader *c, struct capture_event *ret);
/* Number of the line read last, from 1. */
uint64_t capture_line(const struct capture_reader *c);
const char *capture_problem(const struct capture_reader *c);

/* One line of bytes [line, line + size) into an event; unescapes in place.
 * Returns: 0, -EBADMSG and words in `ret_problem`. */
int capture_line_parse(char *line, size_t size, struct capture_event *ret, char ret_problem[CAPTURE_PROBLEM_SIZE]);
/* Append the event as one line with its newline. Payloads that are not UTF-8 go as base64. `cut` tells of no room. */
void capture_line_write(struct text *io_text, const struct capture_event *event);
/* Bytes that capture_line_write needs at most. */
size_t capture_line_size_max(const struct capture_event *event);

#endif
