/* SPDX-License-Identifier: MIT
 * resolve.c - see resolve.h. */
#include "loop/resolve.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RESOLVE_PATH_SIZE 256

/* One reading of the files. Retired when they change; freed when its last query is over. */
struct generation {
    struct evdns_base *dns;
    unsigned n_queries;
    struct generation *older;
};

struct file_mark {
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct resolver {
    struct event_base *base;
    struct generation *newest;
    struct file_mark resolv_conf_mark, hosts_mark;
    int is_stale; /* the last look-up failed: read the files again */
    char resolv_conf[RESOLVE_PATH_SIZE];
};

/* The caller's side of a look-up. */
struct resolve_job {
    resolve_fn fn;
    void *context;
    struct query *query; /* NULL once it has been answered */
    struct event *alarm; /* tells the answer, or that there was none in time */
    struct resolver *resolver;
    struct resolve_answer answer;
};

/* evdns's side: it calls back once whatever happens, also long after the job is gone. */
struct query {
    struct resolve_job *job; /* NULL: nobody waits */
    struct generation *generation;
    struct resolver *resolver;
    struct evdns_getaddrinfo_request *request;
};

static struct file_mark file_mark(const char *path)
{
    struct stat st;
    struct file_mark mark = { 0 };

    if (stat(path, &st) == 0) {
        mark.inode = st.st_ino;
        mark.size = st.st_size;
        mark.changed = st.st_mtim;
    }
    return mark;
}

static int mark_differs(const struct file_mark *a, const struct file_mark *b)
{
    return a->inode != b->inode || a->size != b->size || a->changed.tv_sec != b->changed.tv_sec ||
           a->changed.tv_nsec != b->changed.tv_nsec;
}

static void generations_trim(struct resolver *r)
{
    struct generation **at = r->newest ? &r->newest->older : &r->newest;

    while (*at) {
        struct generation *g = *at;

        if (g->n_queries > 0) {
            at = &g->older;
            continue;
        }
        *at = g->older;
        evdns_base_free(g->dns, 0);
        free(g);
    }
}

static int generation_new(struct resolver *r)
{
    struct generation *g = calloc(1, sizeof *g);

    if (!g)
        return -ENOMEM;
    g->dns = evdns_base_new(r->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!g->dns) {
        free(g);
        return -ENOMEM;
    }
    r->resolv_conf_mark = file_mark(r->resolv_conf);
    r->hosts_mark = file_mark(RESOLVE_HOSTS_FILE);
    /* A file that is not there leaves the resolver at 127.0.0.1, which is what resolv.conf(5) says too. */
    (void)evdns_base_resolv_conf_parse(g->dns, DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC,
                                       r->resolv_conf);
    (void)evdns_base_load_hosts(g->dns, RESOLVE_HOSTS_FILE);
    (void)evdns_base_set_option(g->dns, "timeout:", "2");
    (void)evdns_base_set_option(g->dns, "attempts:", "2");
    /* Mixed case in names breaks with some home routers; TLS proves whom we talk to. */
    (void)evdns_base_set_option(g->dns, "randomize-case:", "0");
    g->older = r->newest;
    r->newest = g;
    r->is_stale = 0;
    generations_trim(r);
    return 0;
}

int resolver_new(struct event_base *base, const char *resolv_conf, struct resolver **ret)
{
    struct resolver *r = calloc(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    r->base = base;
    (void)snprintf(r->resolv_conf, sizeof r->resolv_conf, "%s", resolv_conf ? resolv_conf : RESOLVE_FILE);
    r->is_stale = 1;
    *ret = r;
    return 0;
}

struct resolver *resolver_free(struct resolver *r)
{
    if (!r)
        return NULL;
    while (r->newest) {
        struct generation *g = r->newest;

        r->newest = g->older;
        /* A query that was cancelled in this turn has its last word still queued in the loop, and that word reads the
         * base: evdns_base_free does not wait for it. */
        (void)event_base_loop(r->base, EVLOOP_NONBLOCK);
        evdns_base_free(g->dns, 1); /* its queries are told, in this call or in the loop's next turn */
        if (g->n_queries > 0)
            (void)event_base_loop(r->base, EVLOOP_NONBLOCK);
        free(g);
    }
    free(r);
    return NULL;
}

static void answer_fill(struct resolve_answer *answer, const struct evutil_addrinfo *list)
{
    for (; list && answer->n < RESOLVE_ADDRESSES_MAX; list = list->ai_next) {
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        char *to = answer->address[answer->n];
        int is_new = 1;

        if (list->ai_family == AF_INET) {
            memcpy(&v4, list->ai_addr, sizeof v4);
            (void)inet_ntop(AF_INET, &v4.sin_addr, to, INET6_ADDRSTRLEN);
        } else if (list->ai_family == AF_INET6) {
            memcpy(&v6, list->ai_addr, sizeof v6);
            (void)inet_ntop(AF_INET6, &v6.sin6_addr, to, INET6_ADDRSTRLEN);
        } else {
            continue;
        }
        for (size_t i = 0; i < answer->n; i++)
            is_new &= strcmp(answer->address[i], to) != 0;
        answer->n += is_new ? 1 : 0;
    }
}

static const char *problem_words(int error)
{
    switch (error) {
    case EVUTIL_EAI_NONAME:
        return "no such name";
    case EVUTIL_EAI_AGAIN:
        return "the name server did not answer";
    case EVUTIL_EAI_FAIL:
        return "the name server failed";
    case EVUTIL_EAI_MEMORY:
        return "no memory";
    default:
        return "the name could not be looked up";
    }
}

static void answer_soon(struct resolve_job *job)
{
    static const struct timeval now = { 0, 0 };

    (void)event_add(job->alarm, &now);
}

static void on_dns(int error, struct evutil_addrinfo *list, void *context)
{
    struct query *q = context;
    struct resolve_job *job = q->job;

    q->generation->n_queries--;
    if (job) {
        job->query = NULL;
        if (error == 0)
            answer_fill(&job->answer, list);
        if (job->answer.n == 0)
            job->answer.problem = error ? problem_words(error) : "no address for this name";
        answer_soon(job);
    }
    if (list)
        evutil_freeaddrinfo(list);
    free(q);
}

static void query_leave(struct resolve_job *job)
{
    struct query *q = job->query;

    if (!q)
        return;
    job->query = NULL;
    q->job = NULL;
    if (q->request)
        evdns_getaddrinfo_cancel(q->request);
}

static void on_alarm(evutil_socket_t fd, short what, void *context)
{
    struct resolve_job *job = context;

    (void)fd;
    (void)what;
    if (job->query) {
        query_leave(job);
        job->answer.problem = "no answer in time";
    }
    if (job->answer.n == 0)
        job->resolver->is_stale = 1;
    job->fn(job->context, &job->answer);
    event_free(job->alarm);
    free(job);
}

static int query_start(struct resolver *r, struct resolve_job *job, const char *name)
{
    /* No AI_ADDRCONFIG: libevent looks at the interfaces once, which is wrong for good when that was before the network
     * came up. An address of a family we have no route for fails at once and the next one is tried. */
    struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
    struct query *q = calloc(1, sizeof *q);
    struct evdns_getaddrinfo_request *request;

    if (!q)
        return -ENOMEM;
    q->job = job;
    q->generation = r->newest;
    q->resolver = r;
    q->generation->n_queries++;
    job->query = q;
    request = evdns_getaddrinfo(q->generation->dns, name, NULL, &hints, on_dns, q);
    if (request) /* else it has called back and `q` is gone */
        q->request = request;
    return 0;
}

int resolve_start(struct resolver *r, const char *name, resolve_fn fn, void *context, struct resolve_job **ret)
{
    static const struct timeval limit = { .tv_sec = RESOLVE_TIMEOUT_MS / 1000,
                                          .tv_usec = RESOLVE_TIMEOUT_MS % 1000 * 1000 };
    struct file_mark resolv_conf = file_mark(r->resolv_conf), hosts = file_mark(RESOLVE_HOSTS_FILE);
    struct resolve_job *job;

    if ((r->is_stale || mark_differs(&resolv_conf, &r->resolv_conf_mark) || mark_differs(&hosts, &r->hosts_mark)) &&
        generation_new(r) < 0)
        return -ENOMEM;
    assert(r->newest);
    job = calloc(1, sizeof *job);
    if (!job)
        return -ENOMEM;
    job->fn = fn;
    job->context = context;
    job->resolver = r;
    job->alarm = evtimer_new(r->base, on_alarm, job);
    if (!job->alarm || event_add(job->alarm, &limit) < 0 || query_start(r, job, name) < 0) {
        if (job->alarm)
            event_free(job->alarm);
        free(job);
        return -ENOMEM;
    }
    *ret = job;
    return 0;
}

struct resolve_job *resolve_cancel(struct resolve_job *job)
{
    if (!job)
        return NULL;
    query_leave(job);
    event_free(job->alarm);
    free(job);
    return NULL;
}
