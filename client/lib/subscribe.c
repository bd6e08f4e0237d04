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

/* What a call does on its connection. */
struct errand {
    const char *const *names;
    size_t n;
    int64_t deadline_ns;
    int *ret_eventfd; /* NULL: subscribe */
};

static int errand_run(const struct errand *e, int fd, struct hoga_problem *ret_problem)
{
    char request[REQUEST_SIZE] = "{\"verb\":\"eventfd\"}";
    if (e->ret_eventfd == NULL)
        return ask_in_parts("subscribe", e->names, e->n, e->deadline_ns, fd, ret_problem);
    if (e->n > NAMES_PER_REQUEST)
        return lib_problem_set(ret_problem, -E2BIG, "eventfd", "more than 32 books", "ask for any, with none");
    int r = e->n > 0 ? request_make("eventfd", e->names, e->n, request, ret_problem) : 0;
    int passed = -1;
    if (r == 0)
        r = lib_control_ask(fd, request, e->deadline_ns, NULL, &passed, ret_problem);
    if (r == 0 && passed < 0)
        r = lib_problem_set(ret_problem, -EPROTO, "hogad", "has sent no descriptor", "");
    if (r == 0)
        *e->ret_eventfd = passed;
    return r;
}

/* On the caller's connection, or a new one where there is none any more. */
static int errand_go(const struct hoga *h, const struct errand *e, int *io_fd, struct hoga_problem *ret_problem)
{
    struct hoga_problem problem = { 0 };
    int fd = *io_fd;
    int r = fd < 0 ? reconnect(h, e->deadline_ns, &fd, &problem) : 0;
    if (r == 0)
        r = errand_run(e, fd, &problem);
    if (is_gone(r) && *io_fd >= 0) {
        r = reconnect(h, e->deadline_ns, &fd, &problem);
        if (r == 0)
            r = errand_run(e, fd, &problem);
    }
    if (r < 0 && *io_fd < 0 && fd >= 0)
        (void)close(fd);
    if (r == 0)
        *io_fd = fd;
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}

int hoga_subscribe(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int *io_fd,
                   struct hoga_problem *ret_problem)
{
    struct errand errand = { names, n, lib_deadline_ns(timeout_ns), NULL };
    return errand_go(h, &errand, io_fd, ret_problem);
}

int hoga_eventfd(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int *io_fd, int *ret_eventfd,
                 struct hoga_problem *ret_problem)
{
    struct errand errand = { names, n, lib_deadline_ns(timeout_ns), ret_eventfd };
    return errand_go(h, &errand, io_fd, ret_problem);
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
