/* SPDX-License-Identifier: MIT
 * https_get.h - one GET over HTTP or HTTPS: a URL in, the whole answer out, or that there is none. libwebsockets does
 * it on the same loop and with the same trust as the WebSockets. The loop's thread. Knows no venue, no budget, follows
 * no redirect, asks once. */
#ifndef HOGA_HTTPS_GET_H
#define HOGA_HTTPS_GET_H

#include <stddef.h>
#include <stdint.h>

#define HTTPS_GET_SIZE_MAX    (16u << 20) /* of an answer's body */
#define HTTPS_GET_DEADLINE_MS 10000       /* from the start to the last byte */

struct https_get;
struct lws_loop;
struct resolver;
struct ws_trust;

struct https_get_options {
    struct lws_loop *loop;
    struct resolver *resolver;
    struct ws_trust *trust;
    uint8_t has_proxy; /* the proxy looks the name up */
    const char *url;   /* http://... or https://...; copied */
};

/* status 0: no answer (not reached, too late, too large); then there are no bytes either. */
struct https_get_answer {
    uint32_t status, retry_after_s;
    const char *bytes; /* valid during the call */
    size_t size;
    char **owner; /* of `bytes`; who puts NULL there keeps them, and frees them */
};
typedef void (*https_get_fn)(void *context, const struct https_get_answer *answer);

/* `fn` is called once, from the loop, never from inside this call; after it the get is gone.
 * Owns:    *ret; https_get_cancel before the answer, and never after it.
 * Returns: 0, -EINVAL no such URL, -ENOMEM. */
int https_get_start(const struct https_get_options *options, https_get_fn fn, void *context, struct https_get **ret);
/* No answer will come. Takes NULL, returns NULL. */
struct https_get *https_get_cancel(struct https_get *g);

#endif
