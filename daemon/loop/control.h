/* SPDX-License-Identifier: MIT
 * control.h - the control sockets: two UNIX stream sockets, a JSON object a line each way. `ask` is for readers,
 * `admin` for operators; who may open which is the file mode's to say and nobody else's. What the verbs do is in a
 * table that the caller brings; here are connections, lines and limits. The loop's thread; never waits for a client,
 * and what one client can make it do in a turn is bounded. The protocol: hogad(8). */
#ifndef HOGA_CONTROL_H
#define HOGA_CONTROL_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

struct loop;

enum control_socket { CONTROL_ASK, CONTROL_ADMIN, CONTROL_SOCKETS };

#define CONTROL_ASK_CLIENTS_MAX   256
#define CONTROL_ADMIN_CLIENTS_MAX 16
#define CONTROL_LINE_SIZE_MAX     4096        /* of a request, with its newline */
#define CONTROL_ANSWER_SIZE_MAX   (256 << 10) /* unread by its client; nothing more is taken from that one meanwhile */
#define CONTROL_LINES_PER_SECOND  20          /* of one client */
#define CONTROL_LINES_BURST       40
#define CONTROL_ALL_PER_SECOND    100 /* of all clients of one socket */
#define CONTROL_ALL_BURST         200
#define CONTROL_LINES_TURN        4   /* of one client, in one turn of the loop */
#define CONTROL_ACCEPTS_TURN      8   /* of one socket, in one turn */
#define CONTROL_ACCEPTS_PER_S     100 /* of one socket */
#define CONTROL_ACCEPTS_BURST     200
#define CONTROL_IDLE_MS           60000 /* a client that holds nothing and says nothing */
#define CONTROL_STUCK_MS          10000 /* a client that takes nothing of its answer */
#define CONTROL_TICK_MS           100
#define CONTROL_ID_SIZE_MAX       64
#define CONTROL_ERROR_SIZE        1024
#define CONTROL_PATH_SIZE         256

/* One request being answered. */
struct control_call {
    const cJSON *request; /* an object */
    cJSON *answer;        /* an object, to be filled; goes out where the verb returns 0 */
    uint64_t client;      /* never given to another one */
    enum control_socket socket;
    int is_holding; /* in and out: it holds something, and may be silent for as long as it likes */
    int fd;         /* -1; a descriptor that goes with the answer. Ours from then on, and closed */
    char error[CONTROL_ERROR_SIZE];
};

/* Returns: 0; or what control_refuse gave. */
typedef int (*control_verb_fn)(void *context, struct control_call *call);

struct control_verb {
    const char *name;
    uint8_t is_admin; /* on the admin socket alone */
    control_verb_fn run;
};

struct control_options {
    struct loop *loop;
    const struct control_verb *verbs;
    size_t n_verbs;
    void *context;
    void (*gone)(void *context, uint64_t client); /* its connection has ended; NULL: nobody asks */
    /* Where the sockets are made if systemd has passed none: PATH.ask and PATH.admin. NULL: nowhere. The caller holds
     * the lock of this path: a socket that lies there is a dead daemon's. */
    const char *path;
    uint32_t ask_mode;         /* of a socket made here; the admin one is its owner's */
    int64_t idle_ms, stuck_ms; /* 0: CONTROL_IDLE_MS, CONTROL_STUCK_MS */
};

struct control_counts {
    uint64_t n_requests, n_refused;
    uint32_t n_clients[CONTROL_SOCKETS];
};

struct control;

/* Owns:    *ret; free with control_free before the loop. The table and the context stay the caller's.
 * Returns: 0, -ENOMEM; what a socket could not be made for is in *ret_problem, and no failure ("" none). */
int control_new(const struct control_options *options, struct control **ret, char ret_problem[CONTROL_ERROR_SIZE]);
struct control *control_free(struct control *c);
void control_counts(const struct control *c, struct control_counts *ret);

/* The refusal in hoga's words, "what: why: what to do"; `remedy` may be "". Returns `error`, for `return`. */
int control_refuse(struct control_call *call, int error, const char *what, const char *why, const char *remedy);
/* Member `name` if it is a string that is not empty, else NULL. */
const char *control_string(const struct control_call *call, const char *name);

/* What is done with one line, without a socket: the answer's line, to be freed, or NULL for want of memory. */
char *control_line(const struct control_options *options, const char *line, size_t size, struct control_call *io_call);

#endif
