/* SPDX-License-Identifier: MIT
 * capture.h - a recorded session in memory: what was received, with its fragments, REST answers, and when connections
 * opened and closed. Format: captures/README.md. Any thread; the file is hostile until it is read. */
#ifndef SIM_CAPTURE_H
#define SIM_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#define CAPTURE_SIZE_MAX   (1u << 30) /* unpacked */
#define CAPTURE_PIECES_MAX 4096

struct sim;

enum capture_kind { CAPTURE_OPEN, CAPTURE_CLOSE, CAPTURE_RX, CAPTURE_HTTP };

struct capture_event {
    enum capture_kind kind;
    int64_t t_ns; /* 0: not recorded */
    char *url;    /* of CAPTURE_HTTP */
    char *bytes;
    size_t size;
    char **pieces; /* of a payload in fragments; each lies in `bytes` */
    size_t *sizes;
    size_t n_pieces;
};

struct capture {
    struct capture_event *at;
    size_t n, n_rx;
    struct sim *owner;
};

/* .jsonl, .jsonl.zst or - for standard input. Returns: 0, or -1 with the reason said on standard error. */
int capture_read(struct capture *ret, const char *path);
void capture_done(struct capture *c);

#endif
