/* SPDX-License-Identifier: MIT
 * resolve.h - names to addresses without ever blocking. libevent's resolver under a rule of ours: when resolv.conf or
 * hosts has changed, or the last look-up failed, the next one starts from the files as they are now. So a daemon that
 * came up before the network finds its way. Reads resolv.conf and hosts only: no nsswitch, no mDNS, no systemd-resolved
 * but through its own address in resolv.conf. */
#ifndef HOGA_RESOLVE_H
#define HOGA_RESOLVE_H

#include <netinet/in.h>
#include <stddef.h>

#define RESOLVE_ADDRESSES_MAX 8    /* of one name; the rest is not tried */
#define RESOLVE_TIMEOUT_MS    6000 /* for the whole answer */
#define RESOLVE_FILE          "/etc/resolv.conf"
#define RESOLVE_HOSTS_FILE    "/etc/hosts"

struct event_base;
struct resolver;
struct resolve_job;

struct resolve_answer {
    size_t n; /* 0: it failed, and `problem` says why */
    char address[RESOLVE_ADDRESSES_MAX][INET6_ADDRSTRLEN];
    const char *problem; /* a string that lives for ever */
};
typedef void (*resolve_fn)(void *context, const struct resolve_answer *answer);

/* `resolv_conf` NULL: RESOLVE_FILE. Owns: *ret; free it after its jobs. */
int resolver_new(struct event_base *base, const char *resolv_conf, struct resolver **ret);
struct resolver *resolver_free(struct resolver *r);

/* Look `name` up; `fn` is called once, from the loop, never from inside this call.
 * Owns:    *ret; resolve_cancel before the answer, and never after it.
 * Returns: 0, -ENOMEM. */
int resolve_start(struct resolver *r, const char *name, resolve_fn fn, void *context, struct resolve_job **ret);
/* No answer will come. Takes NULL, returns NULL. */
struct resolve_job *resolve_cancel(struct resolve_job *job);

#endif
