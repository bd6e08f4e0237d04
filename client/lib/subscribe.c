/* SPDX-License-Identifier: MIT
 * Books that are carried because this process asked for them. All of it is a descriptor: whose connection is open holds
 * what it asked for, and nothing has to be given back at the end. */
#include "control.h"

#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAMES_PER_REQUEST 32 /* hogad takes no more */
#define REQUEST_SIZE      (NAMES_PER_REQUEST * (HOGA_NAME_SIZE + 3) + 64)

/* Only what needs no escape in JSON, which names never do. */
static int name_check(const char *name)
{
    if (name == NULL || name[0] == '\0' || strlen(name) >= HOGA_NAME_SIZE)
        return -EINVAL;
    for (; *name != '\0'; name++) {
        if (*name <= ' ' || *name > '~' || *name == '"' || *name == '\\')
            return -EINVAL;
    }
    return 0;
}

static int request_make(const char *verb, const char *const *names, size_t n, char ret[REQUEST_SIZE],
                        struct hoga_problem *ret_problem)
{
    int used = snprintf(ret, REQUEST_SIZE, "{\"verb\":\"%s\",\"names\":[", verb);
    for (size_t i = 0; i < n; i++) {
        if (name_check(names[i]) < 0)
            return lib_problem_set(ret_problem, -EINVAL, names[i] != NULL ? names[i] : "", "no name of an instrument",
                                   "write venue:SYMBOL, such as upbit:KRW-BTC");
        used += snprintf(ret + used, REQUEST_SIZE - (size_t)used, "%s\"%s\"", i > 0 ? "," : "", names[i]);
    }
    (void)snprintf(ret + used, REQUEST_SIZE - (size_t)used, "]}");
    return 0;
}

static int is_gone(int error)
{
    return error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN;
}

/* A new connection in the place of one that is no more; the number of the descriptor stays. */
static int reconnect(const struct hoga *h, int64_t deadline_ns, int *io_fd, struct hoga_problem *ret_problem)
{
    int fd = lib_control_connect(h->path, 0, deadline_ns, ret_problem);
    if (fd < 0)
        return fd;
    if (*io_fd < 0) {
        *io_fd = fd;
        return 0;
    }
    int r = dup3(fd, *io_fd, O_CLOEXEC) < 0 ? -errno : 0;
    (void)close(fd);
    return r < 0 ? lib_problem_set(ret_problem, r, "hogad", strerrordesc_np(-r), "") : 0;
}

static int ask_in_parts(const char *verb, const char *const *names, size_t n, int64_t deadline_ns, int fd,
                        struct hoga_problem *ret_problem)
{
    for (size_t at = 0; at < n; at += NAMES_PER_REQUEST) {
        char request[REQUEST_SIZE];
        size_t n_now = n - at < NAMES_PER_REQUEST ? n - at : NAMES_PER_REQUEST;
        int r = request_make(verb, names + at, n_now, request, ret_problem);
        if (r == 0)
            r = lib_control_ask(fd, request, deadline_ns, NULL, NULL, ret_problem);
        if (r < 0)
            return r;
    }
    return 0;
}

int hoga_subscribe(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int *io_fd,
                   struct hoga_problem *ret_problem)
{
    struct hoga_problem problem = { 0 };
    int64_t deadline_ns = lib_deadline_ns(timeout_ns);
    int fd = *io_fd;
    int r = fd < 0 ? reconnect(h, deadline_ns, &fd, &problem) : 0;
    if (r == 0)
        r = ask_in_parts("subscribe", names, n, deadline_ns, fd, &problem);
    if (is_gone(r) && *io_fd >= 0) {
        r = reconnect(h, deadline_ns, &fd, &problem);
        if (r == 0)
            r = ask_in_parts("subscribe", names, n, deadline_ns, fd, &problem);
    }
    if (r < 0 && *io_fd < 0 && fd >= 0)
        (void)close(fd);
    if (r == 0)
        *io_fd = fd;
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}

int hoga_unsubscribe(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int fd,
                     struct hoga_problem *ret_problem)
{
    struct hoga_problem problem = { 0 };
    (void)h;
    int r = ask_in_parts("unsubscribe", names, n, lib_deadline_ns(timeout_ns), fd, &problem);
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}
