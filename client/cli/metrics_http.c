/* SPDX-License-Identifier: MIT
 * As much HTTP as a scrape needs: one GET, one answer, the end. systemd accepts and hands the connection over as
 * standard input and output (hoga-metrics.socket), so that this program opens no socket and waits for nobody. */
#include "metrics.h"

#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_SIZE 8192
#define REQUEST_NS   INT64_C(5000000000) /* a client that says nothing is not waited for */
#define DRAIN_MS     500
#define DRAINS_MAX   16u
#define PATH         "/metrics"
#define OPENMETRICS  "application/openmetrics-text"

/* Up to the empty line. Returns: the size, -1 no whole request. */
static int request_read(char ret[REQUEST_SIZE])
{
    int64_t deadline_boot_ns = text_now_boot_ns() + REQUEST_NS;
    size_t n = 0;

    for (;;) {
        struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
        int64_t left_ms = (deadline_boot_ns - text_now_boot_ns()) / 1000000;
        ssize_t r;

        if (left_ms <= 0 || n == REQUEST_SIZE - 1 || poll(&in, 1, (int)left_ms) <= 0)
            return -1;
        r = read(STDIN_FILENO, ret + n, REQUEST_SIZE - 1 - n);
        if (r <= 0)
            return -1;
        n += (size_t)r;
        ret[n] = '\0';
        if (strlen(ret) != n)
            return -1; /* a NUL is no part of a request */
        if (strstr(ret, "\r\n\r\n") || strstr(ret, "\n\n"))
            return (int)n;
    }
}

/* The value of a header, without case; NULL: not there. */
static const char *header_find(const char *request, const char *name)
{
    for (const char *line = strchr(request, '\n'); line; line = strchr(line + 1, '\n'))
        if (strncasecmp(line + 1, name, strlen(name)) == 0 && line[1 + strlen(name)] == ':')
            return line + 2 + strlen(name);
    return NULL;
}

static bool accepts_openmetrics(const char *request)
{
    const char *accept = header_find(request, "Accept");
    size_t n = accept ? strcspn(accept, "\r\n") : 0;

    return accept && memmem(accept, n, OPENMETRICS, sizeof OPENMETRICS - 1);
}

static void answer(const char *status, const char *type, const char *body, size_t n, bool has_body)
{
    printf("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, type, n);
    if (has_body)
        (void)fwrite(body, 1, n, stdout);
}

static void refuse(const char *status)
{
    char body[96];
    int n = snprintf(body, sizeof body, "%s; metrics are at " PATH "\n", status);

    answer(status, "text/plain; charset=utf-8", body, (size_t)n, true);
}

/* "GET /metrics HTTP/1.1": the words between blanks, a query is ignored. */
static const char *judge(char *request, bool *ret_is_head)
{
    char *line = strndup(request, strcspn(request, "\r\n")), *rest = line;
    const char *method = strsep(&rest, " "), *path = strsep(&rest, " "), *version = strsep(&rest, " ");
    const char *status = NULL;

    *ret_is_head = method && strcmp(method, "HEAD") == 0;
    if (!path || !version || strncmp(version, "HTTP/1.", 7) != 0)
        status = "400 Bad Request";
    else if (!*ret_is_head && strcmp(method, "GET") != 0)
        status = "405 Method Not Allowed";
    else if (strcspn(path, "?") != sizeof PATH - 1 || strncmp(path, PATH, sizeof PATH - 1) != 0)
        status = "404 Not Found";
    free(line);
    return status;
}

/* What was not read would turn our end of the connection into a reset, and the answer might be lost with it. */
static void drain(void)
{
    struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
    char rest[REQUEST_SIZE];

    (void)cli_flush();
    (void)shutdown(STDOUT_FILENO, SHUT_WR); /* no socket in a pipeline of a shell: then there is nothing to do */
    for (unsigned i = 0; i < DRAINS_MAX && poll(&in, 1, DRAIN_MS) > 0; i++)
        if (read(STDIN_FILENO, rest, sizeof rest) <= 0)
            break;
}

int metrics_http(struct metrics *m)
{
    char request[REQUEST_SIZE], *body = NULL;
    const char *status;
    bool is_head;
    size_t n = 0;
    int r;

    status = request_read(request) < 0 ? "400 Bad Request" : judge(request, &is_head);
    if (status) {
        refuse(status);
        drain();
        return CLI_FINE;
    }
    m->is_classic = !accepts_openmetrics(request);
    m->out = open_memstream(&body, &n);
    r = m->out ? metrics_print(m) : -ENOMEM;
    if (m->out && fclose(m->out) != 0)
        r = -ENOMEM;
    if (r < 0)
        refuse("500 Internal Server Error");
    else
        answer("200 OK",
               m->is_classic ? "text/plain; version=0.0.4; charset=utf-8"
                             : OPENMETRICS "; version=1.0.0; charset=utf-8",
               body, n, !is_head);
    free(body);
    drain();
    return CLI_FINE;
}
