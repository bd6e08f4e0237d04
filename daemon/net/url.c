/* SPDX-License-Identifier: MIT
 * url.c - see url.h. */
#include "net/url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int scheme_parse(const char **io_text, struct url *u)
{
    if (strncmp(*io_text, "ws://", 5) == 0) {
        *io_text += 5;
        u->port = 80;
        return 0;
    }
    if (strncmp(*io_text, "wss://", 6) == 0) {
        *io_text += 6;
        u->port = 443;
        u->is_tls = 1;
        return 0;
    }
    return -EINVAL;
}

static int port_parse(const char *text, size_t size, uint16_t *ret)
{
    uint32_t port = 0;

    if (size == 0 || size > 5)
        return -EINVAL;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return -EINVAL;
    *ret = (uint16_t)port;
    return 0;
}

static int is_host_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == ':';
}

/* authority = host, [host6], host:port, [host6]:port */
static int authority_parse(const char *text, size_t size, struct url *u)
{
    uint16_t usual_port = u->port;
    int has_brackets = size > 0 && text[0] == '[';
    const char *host = has_brackets ? text + 1 : text;
    const char *end = memchr(host, has_brackets ? ']' : ':', size - (size_t)(host - text));
    struct in6_addr address;
    size_t n;

    if (has_brackets && !end)
        return -EINVAL;
    n = end ? (size_t)(end - host) : size;
    if (n == 0 || n >= sizeof u->host)
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!is_host_character(host[i]))
            return -EINVAL;
    }
    memcpy(u->host, host, n);
    u->host[n] = '\0';
    if (has_brackets)
        end++;
    if (end && end < text + size) {
        if (*end != ':' || port_parse(end + 1, (size_t)(text + size - end - 1), &u->port) < 0)
            return -EINVAL;
    }
    if (has_brackets && inet_pton(AF_INET6, u->host, &address) != 1)
        return -EINVAL;
    u->is_address = has_brackets || inet_pton(AF_INET, u->host, &address) == 1;
    (void)snprintf(u->host_header, sizeof u->host_header, u->port == usual_port ? "%s%s%s" : "%s%s%s:%u",
                   has_brackets ? "[" : "", u->host, has_brackets ? "]" : "", u->port);
    return 0;
}

int url_parse(const char *text, struct url *ret)
{
    struct url u = { .path = "/" };
    size_t n;

    if (scheme_parse(&text, &u) < 0)
        return -EINVAL;
    n = strcspn(text, "/?#");
    if (authority_parse(text, n, &u) < 0)
        return -EINVAL;
    text += n;
    if (strlen(text) + 2 > sizeof u.path || strchr(text, '#'))
        return -EINVAL;
    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return -EINVAL;
    }
    if (*text)
        (void)snprintf(u.path, sizeof u.path, "%s%s", *text == '/' ? "" : "/", text);
    *ret = u;
    return 0;
}
