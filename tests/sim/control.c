/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONTROL_LINE_SIZE_MAX (16u << 20)
#define CONTROL_READ_SIZE     65536
#define CONTROL_WRITE_WAIT_MS 2000

struct control {
    char path[SIM_PATH_SIZE];
};

/* What lws keeps for one who asks. */
struct control_client {
    struct sim *sim;
    char *line;
    size_t used;
};

_Static_assert(sizeof(struct control_client) <= CONTROL_CLIENT_SIZE, "lws reserves too little");

/* A client that does not read its answer is waited for a moment, then left. */
static int control_write(int fd, const char *text, size_t n)
{
    while (n > 0) {
        struct pollfd room = { .fd = fd, .events = POLLOUT };
        ssize_t sent = send(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            text += sent;
            n -= (size_t)sent;
        } else if (errno != EAGAIN || poll(&room, 1, CONTROL_WRITE_WAIT_MS) <= 0) {
            return -EPIPE;
        }
    }
    return 0;
}

static int control_lines(struct control_client *c, int fd)
{
    char *end;

    while ((end = memchr(c->line, '\n', c->used)) != NULL) {
        size_t n = (size_t)(end - c->line) + 1;
        char *answer;
        int r;
        *end = '\0';
        answer = control_answer(c->sim, c->line);
        if (answer == NULL)
            return -1;
        r = control_write(fd, answer, strlen(answer));
        if (r == 0)
            r = control_write(fd, "\n", 1);
        cJSON_free(answer);
        if (r < 0)
            return -1;
        memmove(c->line, c->line + n, c->used - n);
        c->used -= n;
    }
    return 0;
}

static int control_receive(struct control_client *c, int fd)
{
    char *line = realloc(c->line, c->used + CONTROL_READ_SIZE);
    ssize_t n;

    if (line == NULL)
        return -1;
    c->line = line;
    n = read(fd, c->line + c->used, CONTROL_READ_SIZE);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n == 0)
        return -1;
    c->used += (size_t)n;
    if (control_lines(c, fd) < 0)
        return -1;
    return c->used > CONTROL_LINE_SIZE_MAX ? -1 : 0;
}

int control_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    struct control_client *c = user;

    (void)in, (void)n;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_ADOPT_FILE:
        *c = (struct control_client){ .sim = lws_context_user(lws_get_context(wsi)) };
        return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
        return control_receive(c, lws_get_socket_fd(wsi));
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        free(c->line);
        c->line = NULL;
        return 0;
    default:
        return 0;
    }
}

int control_listen_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t n)
{
    int fd;

    (void)user, (void)in, (void)n;
    if (reason != LWS_CALLBACK_RAW_RX_FILE)
        return 0;
    fd = accept4(lws_get_socket_fd(wsi), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        (void)sim_adopt_file(lws_context_user(lws_get_context(wsi)), fd, "control");
    return 0;
}

static int control_refuse(const char *path, const char *why, const char *remedy)
{
    (void)fprintf(stderr, "hoga-sim: %s: %s: %s\n", path, why, remedy);
    return -1;
}

/* A socket file nobody listens on any more is taken over. */
static int control_bind(int fd, const struct sockaddr_un *address)
{
    const struct sockaddr *any = (const struct sockaddr *)address;
    mode_t mask = umask(0177);
    int r = bind(fd, any, sizeof(*address)) < 0 ? -errno : 0;

    if (r == -EADDRINUSE) {
        int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool is_stale = probe >= 0 && connect(probe, any, sizeof(*address)) < 0 && errno == ECONNREFUSED;
        if (probe >= 0)
            (void)close(probe);
        if (is_stale && unlink(address->sun_path) == 0)
            r = bind(fd, any, sizeof(*address)) < 0 ? -errno : 0;
    }
    (void)umask(mask);
    return r;
}

int control_open(struct sim *s, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, r;

    if (strlen(path) >= sizeof(address.sun_path))
        return control_refuse(path, "too long for a socket", "107 bytes are the most");
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return control_refuse(path, strerror(errno), "no socket");
    r = control_bind(fd, &address);
    if (r < 0) {
        (void)close(fd);
        return control_refuse(path, strerror(-r), "choose another path");
    }
    s->control = calloc(1, sizeof(*s->control));
    if (s->control != NULL)
        (void)snprintf(s->control->path, sizeof(s->control->path), "%s", path);
    if (s->control == NULL || listen(fd, 16) < 0 || sim_adopt_file(s, fd, "control-listen") < 0)
        return control_refuse(path, "not listening", "is there memory?");
    return 0;
}

void control_close(struct sim *s)
{
    if (s->control == NULL)
        return;
    (void)unlink(s->control->path);
    free(s->control);
    s->control = NULL;
}
