/* SPDX-License-Identifier: MIT
 * control.c - see control.h: clients, their lines and their limits. A client that is too fast, too slow or silent is
 * left unread until its time has come, or closed; nothing here waits for one. */
#include "loop/control.h"

#include "core/clock.h"
#include "core/log.h"
#include "loop/control_private.h"
#include "loop/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_S  1000000000ll
#define NS_PER_MS 1000000ll

struct client {
    struct client *next;
    struct control *control;
    struct event *readable, *writable, *resume;
    uint64_t id;
    int64_t heard_ns; /* its last line, CLOCK_BOOTTIME; or when it last took something of an answer */
    struct control_bucket bucket;
    char *out; /* the answer that has not left whole, NULL none */
    size_t out_size, n_sent, n_in;
    int fd, out_fd;
    uint8_t socket;    /* enum control_socket */
    uint8_t is_paused; /* until the next tick: no token, or enough for this turn */
    uint8_t is_at_end; /* it says no more; its lines are answered and then it goes */
    uint8_t is_over;   /* it goes as soon as its answer has left */
    uint8_t is_holding;
    char in[CONTROL_LINE_SIZE_MAX];
};

struct listener {
    struct control *control;
    struct event *event;
    struct control_bucket accepts, lines;
    uint32_t n_clients;
    int fd;
    char path[CONTROL_PATH_SIZE]; /* "": not made by us */
};

struct control {
    struct control_options options;
    struct listener listeners[CONTROL_SOCKETS];
    struct client *clients;
    struct loop_timer *tick;
    uint64_t last_id;
    uint64_t n_requests, n_refused;
};

static const uint32_t clients_max[CONTROL_SOCKETS] = {
    [CONTROL_ASK] = CONTROL_ASK_CLIENTS_MAX, [CONTROL_ADMIN] = CONTROL_ADMIN_CLIENTS_MAX
};

static int bucket_has(struct control_bucket *b, int64_t now_ns, int64_t per_second, int64_t burst)
{
    int64_t cost_ns = NS_PER_S / per_second;

    b->credit_ns = b->last_ns == 0 ? burst * cost_ns : b->credit_ns + (now_ns - b->last_ns);
    b->credit_ns = b->credit_ns > burst * cost_ns ? burst * cost_ns : b->credit_ns;
    b->last_ns = now_ns;
    return b->credit_ns >= cost_ns;
}

static void bucket_take(struct control_bucket *b, int64_t per_second)
{
    b->credit_ns -= NS_PER_S / per_second;
}

/* --- one client --------------------------------------------------------------------------------------------------- */

static struct client *client_free(struct client *cl)
{
    struct client **at = &cl->control->clients;

    while (*at && *at != cl)
        at = &(*at)->next;
    if (*at) {
        *at = cl->next;
        cl->control->listeners[cl->socket].n_clients--;
        if (cl->control->options.gone)
            cl->control->options.gone(cl->control->options.context, cl->id);
    }
    if (cl->readable)
        event_free(cl->readable);
    if (cl->writable)
        event_free(cl->writable);
    if (cl->resume)
        event_free(cl->resume);
    if (cl->out_fd >= 0)
        (void)close(cl->out_fd);
    free(cl->out);
    (void)close(cl->fd);
    free(cl);
    return NULL;
}

/* The descriptor goes with the first bytes of its answer. */
static ssize_t out_send(const struct client *cl)
{
    struct iovec bytes = { .iov_base = cl->out + cl->n_sent, .iov_len = cl->out_size - cl->n_sent };
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } rights = { .room = { 0 } };
    struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };

    if (cl->out_fd >= 0) {
        struct cmsghdr *head;

        message.msg_control = rights.room;
        message.msg_controllen = sizeof rights.room;
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &cl->out_fd, sizeof(int));
    }
    return sendmsg(cl->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Returns: 0 (also where not all of it has left), -errno the connection is no more. */
static int client_flush(struct client *cl, int64_t now_ns)
{
    while (cl->out && cl->n_sent < cl->out_size) {
        ssize_t n = out_send(cl);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        if (n > 0 && cl->out_fd >= 0) {
            (void)close(cl->out_fd);
            cl->out_fd = -1;
        }
        cl->n_sent += (size_t)n;
        cl->heard_ns = now_ns;
    }
    free(cl->out);
    cl->out = NULL;
    return 0;
}

/* Owns: takes `line`, which becomes one with its newline in the place of the NUL. */
static void client_answer(struct client *cl, char *line, int fd)
{
    size_t size = line ? strlen(line) : 0;

    if (!line || size + 1 > CONTROL_ANSWER_SIZE_MAX) {
        cl->is_over = 1;
        free(line);
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    line[size] = '\n';
    cl->out = line;
    cl->out_size = size + 1;
    cl->n_sent = 0;
    cl->out_fd = fd;
}

static void client_handle(struct client *cl, const char *line, size_t size)
{
    struct control_call call = { .client = cl->id, .socket = cl->socket, .is_holding = cl->is_holding, .fd = -1 };
    char *answer = control_line(&cl->control->options, line, size, &call);

    cl->control->n_requests++;
    cl->control->n_refused += call.error[0] != '\0';
    cl->is_holding = call.is_holding != 0;
    client_answer(cl, answer, call.fd);
}

static void client_refuse(struct client *cl, int error, const char *what, const char *why, const char *remedy)
{
    struct control_call call = { .fd = -1 };
    cJSON *answer = cJSON_CreateObject();

    (void)control_refuse(&call, error, what, why, remedy);
    (void)cJSON_AddFalseToObject(answer, "ok");
    (void)cJSON_AddStringToObject(answer, "errno", strerrorname_np(-error));
    (void)cJSON_AddStringToObject(answer, "error", call.error);
    client_answer(cl, cJSON_PrintUnformatted(answer), -1);
    cJSON_Delete(answer);
    cl->control->n_refused++;
    cl->is_over = 1;
}

/* Both may spend a token, or neither does. */
static int client_may(struct client *cl, int64_t now_ns)
{
    struct control_bucket *all = &cl->control->listeners[cl->socket].lines;

    if (!bucket_has(&cl->bucket, now_ns, CONTROL_LINES_PER_SECOND, CONTROL_LINES_BURST) ||
        !bucket_has(all, now_ns, CONTROL_ALL_PER_SECOND, CONTROL_ALL_BURST))
        return 0;
    bucket_take(&cl->bucket, CONTROL_LINES_PER_SECOND);
    bucket_take(all, CONTROL_ALL_PER_SECOND);
    return 1;
}

/* The next whole line, if there is one and its time has come. Returns: 1 it was handled, 0. */
static int client_line(struct client *cl, int64_t now_ns)
{
    const char *newline = memchr(cl->in, '\n', cl->n_in);
    size_t size;

    if (!newline) {
        if (cl->n_in == sizeof cl->in)
            client_refuse(cl, -EMSGSIZE, "request", "longer than 4096 bytes", "ask in several lines");
        return 0;
    }
    if (!client_may(cl, now_ns)) {
        cl->is_paused = 1;
        return 0;
    }
    size = (size_t)(newline - cl->in);
    client_handle(cl, cl->in, size);
    cl->n_in -= size + 1;
    memmove(cl->in, cl->in + size + 1, cl->n_in);
    cl->heard_ns = now_ns;
    return 1;
}

/* Answer what is there, within limits; then wait for what comes next. The client may be no more afterwards. */
static void client_step(struct client *cl)
{
    int64_t now_ns = clock_boot_ns();
    int n = 0, r = client_flush(cl, now_ns);

    while (r == 0 && !cl->out && !cl->is_over && !cl->is_paused && client_line(cl, now_ns)) {
        r = client_flush(cl, now_ns);
        if (++n == CONTROL_LINES_TURN) { /* the others' turn; it goes on in the next */
            static const struct timeval at_once = { 0, 0 };

            cl->is_paused = 1;
            (void)evtimer_add(cl->resume, &at_once);
        }
    }
    if (r == 0 && cl->is_over)
        r = client_flush(cl, now_ns);
    if (r < 0 || (!cl->out && (cl->is_over || (cl->is_at_end && !cl->is_paused)))) {
        (void)client_free(cl);
        return;
    }
    if (cl->out || cl->is_paused || cl->is_at_end || cl->n_in == sizeof cl->in)
        (void)event_del(cl->readable);
    else
        (void)event_add(cl->readable, NULL);
    if (cl->out)
        (void)event_add(cl->writable, NULL);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct client *cl = context;
    ssize_t n = recv(fd, cl->in + cl->n_in, sizeof cl->in - cl->n_in, MSG_DONTWAIT);

    (void)what;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        cl->is_at_end = 1;
    else
        cl->n_in += (size_t)n;
    client_step(cl);
}

static void on_resume(evutil_socket_t fd, short what, void *context)
{
    struct client *cl = context;

    (void)fd;
    (void)what;
    cl->is_paused = 0;
    client_step(cl);
}

static void on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    client_step(context);
}

/* --- those that come ---------------------------------------------------------------------------------------------- */

static int client_new(struct control *c, enum control_socket socket, int fd, struct client **ret)
{
    struct client *cl = calloc(1, sizeof *cl);

    if (!cl) {
        (void)close(fd);
        return -ENOMEM;
    }
    cl->control = c;
    cl->socket = (uint8_t)socket;
    cl->fd = fd;
    cl->out_fd = -1;
    cl->id = ++c->last_id;
    cl->heard_ns = clock_boot_ns();
    cl->readable = event_new(loop_base(c->options.loop), fd, EV_READ | EV_PERSIST, on_readable, cl);
    cl->writable = event_new(loop_base(c->options.loop), fd, EV_WRITE, on_writable, cl);
    cl->resume = evtimer_new(loop_base(c->options.loop), on_resume, cl);
    if (!cl->readable || !cl->writable || !cl->resume) {
        (void)client_free(cl);
        return -ENOMEM;
    }
    cl->next = c->clients;
    c->clients = cl;
    c->listeners[socket].n_clients++;
    *ret = cl;
    return 0;
}

static void client_begin(struct control *c, enum control_socket socket, int fd)
{
    struct listener *l = &c->listeners[socket];
    struct client *cl;

    if (client_new(c, socket, fd, &cl) < 0)
        return;
    if (l->n_clients > clients_max[socket])
        client_refuse(cl, -EUSERS, socket == CONTROL_ASK ? "ask" : "admin", "as many clients as it takes",
                      "close one, or try again later");
    client_step(cl);
}

/* Where none can be taken now, the kernel keeps them waiting until the next tick. */
static void on_connection(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    struct control *c = l->control;
    int64_t now_ns = clock_boot_ns();

    (void)what;
    for (unsigned n = 0; n < CONTROL_ACCEPTS_TURN; n++) {
        int client;

        if (!bucket_has(&l->accepts, now_ns, CONTROL_ACCEPTS_PER_S, CONTROL_ACCEPTS_BURST)) {
            (void)event_del(l->event);
            return;
        }
        client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
            return;
        if (client < 0) {
            log_warn("control.accept", F_STR("error", strerrorname_np(errno)));
            (void)event_del(l->event);
            return;
        }
        bucket_take(&l->accepts, CONTROL_ACCEPTS_PER_S);
        client_begin(c, (enum control_socket)(l - c->listeners), client);
    }
}

static void client_tick(struct client *cl, int64_t now_ns)
{
    int64_t silent_ns = now_ns - cl->heard_ns;

    const struct control_options *o = &cl->control->options;

    if (cl->out ? silent_ns > o->stuck_ms * NS_PER_MS : !cl->is_holding && silent_ns > o->idle_ms * NS_PER_MS) {
        (void)client_free(cl);
        return;
    }
    if (cl->is_paused)
        on_resume(-1, 0, cl);
}

static void on_tick(void *context)
{
    struct control *c = context;
    int64_t now_ns = clock_boot_ns();
    struct client *next;

    for (struct client *cl = c->clients; cl; cl = next) {
        next = cl->next; /* a client ends itself alone */
        client_tick(cl, now_ns);
    }
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
        if (c->listeners[s].event)
            (void)event_add(c->listeners[s].event, NULL);
    }
}

/* --- beginning and end -------------------------------------------------------------------------------------------- */

static int listeners_start(struct control *c, const int fds[CONTROL_SOCKETS])
{
    int r = 0;

    for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
        struct listener *l = &c->listeners[s];

        l->control = c;
        l->fd = fds[s];
        if (l->fd < 0)
            continue;
        l->event = event_new(loop_base(c->options.loop), l->fd, EV_READ | EV_PERSIST, on_connection, l);
        if (!l->event || event_add(l->event, NULL) < 0)
            r = -ENOMEM;
    }
    return r;
}

int control_new(const struct control_options *options, struct control **ret, char ret_problem[CONTROL_ERROR_SIZE])
{
    struct control *c = calloc(1, sizeof *c);
    char paths[CONTROL_SOCKETS][CONTROL_PATH_SIZE];
    int fds[CONTROL_SOCKETS], r;

    if (!c)
        return -ENOMEM;
    c->options = *options;
    c->options.idle_ms = options->idle_ms > 0 ? options->idle_ms : CONTROL_IDLE_MS;
    c->options.stuck_ms = options->stuck_ms > 0 ? options->stuck_ms : CONTROL_STUCK_MS;
    r = control_listen(options, fds, paths, ret_problem);
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++)
        memcpy(c->listeners[s].path, paths[s], sizeof paths[s]);
    if (r == 0)
        r = listeners_start(c, fds);
    if (r == 0)
        r = loop_timer_new(options->loop, CONTROL_TICK_MS, on_tick, c, &c->tick);
    if (r < 0) {
        (void)control_free(c);
        return r;
    }
    *ret = c;
    return 0;
}

struct control *control_free(struct control *c)
{
    if (!c)
        return NULL;
    c->options.gone = NULL; /* nothing is to be given back at the end */
    c->tick = loop_timer_free(c->tick);
    while (c->clients)
        (void)client_free(c->clients);
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
        struct listener *l = &c->listeners[s];

        if (l->event)
            event_free(l->event);
        if (l->path[0])
            (void)unlink(l->path);
        if (l->control && l->fd >= 0)
            (void)close(l->fd);
    }
    free(c);
    return NULL;
}

void control_counts(const struct control *c, struct control_counts *ret)
{
    ret->n_requests = c->n_requests;
    ret->n_refused = c->n_refused;
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++)
        ret->n_clients[s] = c->listeners[s].n_clients;
}
