/* SPDX-License-Identifier: MIT
 * url.h - a WebSocket URL in its parts. Pure. */
#ifndef HOGA_URL_H
#define HOGA_URL_H

#include <stdint.h>

#define URL_HOST_SIZE 256 /* bytes with the NUL; a DNS name has at most 253 */
#define URL_PATH_SIZE 512

struct url {
    char host[URL_HOST_SIZE];            /* name or address, an IPv6 one without its brackets */
    char host_header[URL_HOST_SIZE + 8]; /* as Host: wants it: brackets, and the port where it is not the usual one */
    char path[URL_PATH_SIZE];            /* with the query; "/" where the URL has none */
    uint16_t port;
    uint8_t is_tls;
    uint8_t is_address; /* the host is a numeric address: nothing to look up */
};

/* ws://host[:port][/path] or wss://...; an IPv6 address in brackets.
 * Returns: 0, -EINVAL it is no such URL (user names, fragments, control characters are refused too). */
int url_parse(const char *text, struct url *ret);

#endif
