/* SPDX-License-Identifier: MIT
 * Where the control sockets are: HOGA_CONTROL; beside the segment, PATH.ask and PATH.admin; for the system's segments
 * /run/hoga/NAME/books also /run/hogad/NAME/ask, and /run/hogad/ask where NAME is main. The first that answers. */
#include "control.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CANDIDATES_MAX 4
#define RETRY_NS       5000000 /* a listener whose queue is full has no descriptor to wait on */
#define SYSTEM_FOLDER  "/run/hoga/"
#define N_(text)       text

struct candidates {
    char at[CANDIDATES_MAX][SEGMENT_PATH_SIZE];
    unsigned n;
};

static void candidate_add(struct candidates *io, const char *path, size_t size, const char *tail)
{
    if (io->n < CANDIDATES_MAX &&
        snprintf(io->at[io->n], SEGMENT_PATH_SIZE, "%.*s%s", (int)size, path, tail) < SEGMENT_PATH_SIZE)
        io->n++;
}

static void candidates_of(const char *segment, const char *socket, struct candidates *io)
{
    char tail[2 * SEGMENT_PATH_SIZE];
    size_t size = strlen(segment), lead = strlen(SYSTEM_FOLDER);
    (void)snprintf(tail, sizeof(tail), ".%s", socket);
    candidate_add(io, segment, size, tail);
    if (strncmp(segment, SYSTEM_FOLDER, lead) != 0)
        return;
    const char *name = segment + lead;
    size_t name_size = strcspn(name, "/");
    if (name_size == 0 || strcmp(name + name_size, "/books") != 0)
        return;
    if (name_size == 4 && strncmp(name, "main", 4) == 0)
        (void)snprintf(tail, sizeof(tail), "%s", socket);
    else
        (void)snprintf(tail, sizeof(tail), "%.*s/%s", (int)name_size, name, socket);
    candidate_add(io, "/run/hogad/", strlen("/run/hogad/"), tail);
}

static void candidates_all(const char *segment, int is_admin, struct candidates *ret)
{
    const char *said = getenv("HOGA_CONTROL"), *socket = is_admin ? "admin" : "ask";
    struct lib_candidates segments;
    ret->n = 0;
    if (said != NULL && said[0] != '\0') {
        candidate_add(ret, said, strlen(said), "");
        return;
    }
    lib_path_candidates(segment, LIB_SYSTEM_PATH, &segments);
    for (unsigned i = 0; i < segments.n; i++) {
        if (i < 2 && segments.at[i].error == 0) /* the third is the first again */
            candidates_of(segments.at[i].path, socket, ret);
    }
}

/* A path that is longer than an address has room for goes by way of its folder. */
static int address_make(const char *path, struct sockaddr_un *ret, int *ret_folder)
{
    const char *slash = strrchr(path, '/');
    char folder[SEGMENT_PATH_SIZE];
    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *ret_folder = -1;
    if (snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path) < (int)sizeof(ret->sun_path))
        return 0;
    if (slash == NULL)
        return -ENAMETOOLONG;
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path + 1), path);
    *ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_folder < 0)
        return -errno;
    if (snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d%s", *ret_folder, slash) <
        (int)sizeof(ret->sun_path))
        return 0;
    (void)close(*ret_folder);
    return -ENAMETOOLONG;
}

static int connect_until(int fd, const struct sockaddr_un *address, int64_t deadline_ns)
{
    while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
        if (errno != EAGAIN)
            return -errno;
        if (lib_boot_ns() >= deadline_ns)
            return -ETIMEDOUT;
        struct timespec pause = { .tv_nsec = RETRY_NS };
        if (ppoll(NULL, 0, &pause, NULL) < 0)
            return -errno;
    }
    return 0;
}

static int path_connect(const char *path, int64_t deadline_ns)
{
    struct sockaddr_un address;
    int folder = -1;
    int r = address_make(path, &address, &folder);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = fd < 0 ? -errno : connect_until(fd, &address, deadline_ns);
    if (folder >= 0)
        (void)close(folder);
    if (r < 0 && fd >= 0)
        (void)close(fd);
    return r < 0 ? r : fd;
}

/* What a failure means; of several, the one with the highest weight tells most. */
static const struct failure_row {
    int error, weight;
    const char *why, *remedy;
} failure_rows[] = {
    { -ENOENT, 1, N_("no control socket there"),
      N_("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself") },
    { -ENOTDIR, 1, N_("a part of the path is no directory"), "" },
    { -ECONNREFUSED, 2, N_("nobody listens there"),
      N_("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself") },
    { -ETIMEDOUT, 4, N_("hogad has not answered in time"), N_("look at its log: journalctl -u hogad") },
    { -EACCES, 5, N_("permission denied"), NULL },
};

static const struct failure_row *failure_of(int error)
{
    static const struct failure_row other = { 0, 3, NULL, "" };
    for (size_t i = 0; i < sizeof(failure_rows) / sizeof(failure_rows[0]); i++) {
        if (failure_rows[i].error == error)
            return &failure_rows[i];
    }
    return &other;
}

static int failure_say(const char *path, int error, int is_admin, struct hoga_problem *ret)
{
    const struct failure_row *row = failure_of(error);
    const char *why = row->why != NULL ? row->why : strerrordesc_np(-error), *remedy = row->remedy;
    if (remedy == NULL)
        remedy = is_admin ? N_("sudo usermod -aG hoga-admin USER, then log in again; or use sudo")
                          : N_("sudo usermod -aG hoga USER, then log in again");
    return lib_problem_set(ret, error, path, why != NULL ? why : "unknown error", remedy);
}

int lib_control_connect(const char *segment_path, int is_admin, int64_t deadline_ns, struct hoga_problem *ret_problem)
{
    struct candidates candidates;
    const char *best_path = "HOGA_CONTROL";
    int best = -ENAMETOOLONG;
    candidates_all(segment_path, is_admin, &candidates);
    for (unsigned i = 0; i < candidates.n; i++) {
        int r = path_connect(candidates.at[i], deadline_ns);
        if (r >= 0)
            return r;
        /* Of equals the later: it is the system's. */
        if (i == 0 || failure_of(r)->weight >= failure_of(best)->weight) {
            best = r;
            best_path = candidates.at[i];
        }
    }
    return failure_say(best_path, best, is_admin, ret_problem);
}
