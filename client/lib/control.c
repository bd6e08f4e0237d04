/* SPDX-License-Identifier: MIT
 * One request and its answer. Each carries a mark that comes back, so that the late answer of a request which was given
 * up is not taken for the next one's. */
#include "control.h"

#include "handle.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_(text) text /* for client/po; the library speaks English, `hoga` translates what it prints */

#define MARK_SIZE  24
#define ERROR_SIZE 1024
#define READ_SIZE  4096

struct reading {
    char *bytes;
    size_t size, room;
    int passed; /* the descriptor that came last, -1 */
};

int64_t lib_deadline_ns(int64_t timeout_ns)
{
    int64_t deadline_ns = INT64_MAX;
    if (timeout_ns >= 0 && __builtin_add_overflow(lib_boot_ns(), timeout_ns, &deadline_ns))
        deadline_ns = INT64_MAX;
    return deadline_ns;
}

int lib_problem_set(struct hoga_problem *ret, int error, const char *what, const char *why, const char *remedy)
{
    *ret = (struct hoga_problem){ .error = error };
    (void)snprintf(ret->what, sizeof(ret->what), "%s", what);
    (void)snprintf(ret->why, sizeof(ret->why), "%s", why);
    (void)snprintf(ret->remedy, sizeof(ret->remedy), "%s", remedy);
    return error;
}

static int conversation_failed(int error, struct hoga_problem *ret_problem)
{
    const char *words = strerrordesc_np(-error), *remedy = "";
    if (error == -ETIMEDOUT) {
        words = N_("it has not answered in time");
        remedy = N_("ask `hoga doctor` whether it lives");
    } else if (error == -EPIPE || error == -ECONNRESET) {
        words = N_("it has closed the connection");
        remedy = N_("ask again; it may have been restarted");
    }
    return lib_problem_set(ret_problem, error, "hogad", words != NULL ? words : "unknown error", remedy);
}

static int fd_wait(int fd, short events, int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns == INT64_MAX ? INT64_MAX : deadline_ns - lib_boot_ns();
    if (left_ns <= 0)
        return -ETIMEDOUT;
    struct pollfd pfd = { .fd = fd, .events = events };
    struct timespec ts = { .tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000 };
    int n = ppoll(&pfd, 1, deadline_ns == INT64_MAX ? NULL : &ts, NULL);
    return n < 0 ? -errno : n == 0 ? -ETIMEDOUT : 0;
}

/* Where the other side has gone, its last words are still to be read: not an error yet. */
static int line_send(int fd, const char *line, size_t size, int64_t deadline_ns)
{
    while (size > 0) {
        ssize_t n = send(fd, line, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EPIPE)
            return 0;
        if (n < 0 && errno != EAGAIN)
            return -errno;
        int r = n < 0 ? fd_wait(fd, POLLOUT, deadline_ns) : 0;
        if (r < 0)
            return r;
        line += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void passed_take(struct reading *rd, struct msghdr *message)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; CMSG_LEN((i + 1) * sizeof(int)) <= head->cmsg_len; i++) {
            if (rd->passed >= 0)
                (void)close(rd->passed);
            memcpy(&rd->passed, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
        }
    }
}

static int bytes_read(int fd, struct reading *rd, int64_t deadline_ns)
{
    if (rd->room - rd->size < READ_SIZE) {
        if (rd->room >= LIB_ANSWER_SIZE_MAX)
            return -EMSGSIZE;
        char *more = realloc(rd->bytes, rd->room + 4 * READ_SIZE);
        if (more == NULL)
            return -ENOMEM;
        rd->bytes = more;
        rd->room += 4 * READ_SIZE;
    }
    union {
        char room[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } rights;
    struct iovec bytes = { .iov_base = rd->bytes + rd->size, .iov_len = READ_SIZE - 1 };
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = rights.room, .msg_controllen = sizeof(rights.room)
    };
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN ? fd_wait(fd, POLLIN, deadline_ns) : -errno;
    passed_take(rd, &message);
    rd->size += (size_t)n;
    return n > 0 ? 0 : -EPIPE;
}

/* Is the line the answer that we wait for? A refusal of the connection itself bears no mark. */
static int is_ours(const char *line, const char *mark)
{
    char is[MARK_SIZE];
    const char *id = lib_json_member(line, "id"), *ok = lib_json_member(line, "ok");
    if (id == NULL)
        return ok != NULL && strncmp(ok, "false", 5) == 0;
    return lib_json_string(id, is, sizeof(is)) == 0 && strcmp(is, mark) == 0;
}

/* Leaves the line alone in rd->bytes. */
static int answer_read(int fd, const char *mark, struct reading *rd, int64_t deadline_ns)
{
    for (;;) {
        char *end = rd->size > 0 ? memchr(rd->bytes, '\n', rd->size) : NULL;
        if (end == NULL) {
            int r = bytes_read(fd, rd, deadline_ns);
            if (r < 0)
                return r;
            continue;
        }
        *end = '\0';
        if (is_ours(rd->bytes, mark))
            return 0;
        rd->size -= (size_t)(end + 1 - rd->bytes);
        memmove(rd->bytes, end + 1, rd->size);
    }
}

static int errno_of(const char *word)
{
    for (int i = 1; i < 134; i++) {
        const char *name = strerrorname_np(i);
        if (name != NULL && strcmp(name, word) == 0)
            return -i;
    }
    return -EREMOTEIO;
}

/* "what: why: what to do" into its parts; put together again they are the same words. */
static int refusal_say(const char *line, struct hoga_problem *ret_problem)
{
    char text[ERROR_SIZE] = "", word[32] = "";
    (void)lib_json_string(lib_json_member(line, "error"), text, sizeof(text));
    (void)lib_json_string(lib_json_member(line, "errno"), word, sizeof(word));
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7f') /* it may end on a terminal */
            *at = '?';
    }
    char *why = strstr(text, ": "), *remedy = NULL;
    if (why == NULL)
        return lib_problem_set(ret_problem, errno_of(word), "hogad", text, "");
    *why = '\0';
    why += 2;
    for (char *next = strstr(why, ": "); next != NULL; next = strstr(next + 2, ": "))
        remedy = next;
    if (remedy != NULL) {
        *remedy = '\0';
        remedy += 2;
    }
    return lib_problem_set(ret_problem, errno_of(word), text, why, remedy != NULL ? remedy : "");
}

static int conversation(int fd, const char *request, const char *mark, struct reading *rd, int64_t deadline_ns)
{
    size_t size = strlen(request) + MARK_SIZE + 16;
    char *line = malloc(size);
    if (line == NULL)
        return -ENOMEM;
    size = (size_t)snprintf(line, size, "{\"id\":\"%s\",%s\n", mark, request + 1);
    int r = line_send(fd, line, size, deadline_ns);
    free(line);
    return r < 0 ? r : answer_read(fd, mark, rd, deadline_ns);
}

int lib_control_ask(int fd, const char *request, int64_t deadline_ns, char **ret_answer, int *ret_fd,
                    struct hoga_problem *ret_problem)
{
    struct reading rd = { .passed = -1 };
    char mark[MARK_SIZE];
    if (strncmp(request, "{\"", 2) != 0 || strchr(request, '\n') != NULL)
        return lib_problem_set(ret_problem, -EINVAL, "request", "must be one line that begins with {\"", "");
    (void)snprintf(mark, sizeof(mark), "%" PRId64, lib_boot_ns());
    int r = conversation(fd, request, mark, &rd, deadline_ns);
    if (r < 0) {
        r = conversation_failed(r, ret_problem);
    } else {
        const char *ok = lib_json_member(rd.bytes, "ok");
        if (ok == NULL || strncmp(ok, "true", 4) != 0)
            r = refusal_say(rd.bytes, ret_problem);
    }
    if (r == 0 && ret_fd != NULL) {
        *ret_fd = rd.passed;
        rd.passed = -1;
    }
    if (rd.passed >= 0)
        (void)close(rd.passed);
    if (r == 0 && ret_answer != NULL)
        *ret_answer = rd.bytes;
    else
        free(rd.bytes);
    return r;
}

int hoga_control_open(const char *segment_path, int is_admin, int64_t timeout_ns, struct hoga_problem *ret_problem)
{
    struct hoga_problem problem;
    int r = lib_control_connect(segment_path, is_admin, lib_deadline_ns(timeout_ns), &problem);
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}

int hoga_control_ask(int fd, const char *request, int64_t timeout_ns, char **ret_answer,
                     struct hoga_problem *ret_problem)
{
    struct hoga_problem problem;
    int r = lib_control_ask(fd, request, lib_deadline_ns(timeout_ns), ret_answer, NULL, &problem);
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}
