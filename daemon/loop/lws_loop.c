/* SPDX-License-Identifier: MIT
 * lws_loop.c - see lws_loop.h. Debian 12's libwebsockets 4.1.6 is built without its libevent glue, so we bring our own
 * event-library operations. lws >= 4.3 takes them through info.event_lib_custom. lws 4.1 only looks for a plugin file;
 * its lws_create_context calls lws_plugins_init through the PLT, so the definition here, in the executable, is the one
 * it finds. The only private thing we rely on there is the order of members in struct lws_event_loop_ops, which is the
 * same in 4.1.2 and 4.1.6; both a compile-time and a run-time check hold us to 4.1.
 * Source: ../shared/lws-libevent.md sections 3, 4 and 8, read 2026-11-22; libwebsockets 4.1.6. */
#include "loop/lws_loop.h"

#include "core/log.h"

#include <errno.h>
#include <event2/event.h>
#include <libwebsockets.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define LWS_LOOP_FDS_MAX     128 /* 64 connections, those that are just closing, and lws's own wake-up descriptor */
#define LWS_LOOP_TIMEOUT_S   60  /* ours end earlier and say why; its own 5 s ended an upgrade without a word */
#define LWS_LOOP_TURNS_MAX   64  /* loop turns given to lws for taking itself down */
#define LWS_LOOP_BUFFER_SIZE 65536

#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
#define LWS_LOOP_IS_PUBLIC 1
#elif LWS_LIBRARY_VERSION_NUMBER >= 4001000 && LWS_LIBRARY_VERSION_NUMBER < 4002000
#define LWS_LOOP_IS_PUBLIC 0
#else
#error "hoga needs libwebsockets 4.1.x (Debian 12), or 4.3 and newer"
#endif

#if !LWS_LOOP_IS_PUBLIC
/* The 18 members of 4.1.2 and 4.1.6, in their order; opaque pointers only, so this struct is all we know of lws's
 * inside. */
struct lws_event_loop_ops {
    const char *name;
    int (*init_context)(struct lws_context *context, const struct lws_context_creation_info *info);
    int (*destroy_context1)(struct lws_context *context);
    int (*destroy_context2)(struct lws_context *context);
    int (*init_vhost_listen_wsi)(struct lws *wsi);
    int (*init_pt)(struct lws_context *context, void *loop, int tsi);
    int (*wsi_logical_close)(struct lws *wsi);
    int (*check_client_connect_ok)(struct lws *wsi);
    void (*close_handle_manually)(struct lws *wsi);
    int (*sock_accept)(struct lws *wsi);
    void (*io)(struct lws *wsi, int flags);
    void (*run_pt)(struct lws_context *context, int tsi);
    void (*destroy_pt)(struct lws_context *context, int tsi);
    void (*destroy_wsi)(struct lws *wsi);
    uint8_t flags;
    uint16_t evlib_size_ctx;
    uint16_t evlib_size_pt;
    uint16_t evlib_size_vh;
    uint16_t evlib_size_wsi;
};
enum { LWS_EV_READ = 1, LWS_EV_WRITE = 2, LWS_EV_START = 4, LWS_EV_STOP = 8 };
typedef int lws_loop_flags;
#else
typedef unsigned int lws_loop_flags;
#endif

/* One descriptor that lws has given us. fd -1: free. The events' memory is the loop's, taken at its start: told that
 * there is none, lws 4.1 fails an assertion of its own. */
struct watched {
    struct lws_loop *ll;
    struct lws *wsi;
    int fd;
    struct event *read;
    struct event *write;
};

struct lws_loop {
    struct event_base *base;
    struct lws_context *context;
    char *events;
    struct event *again; /* lws wants to be served without waiting for a descriptor */
    int in_service;
    struct watched watched[LWS_LOOP_FDS_MAX];
};

static struct lws_loop *the_loop; /* lws_loop.h says why there is one */

static struct watched *watched_find(struct lws_loop *ll, int fd)
{
    for (size_t i = 0; i < LWS_LOOP_FDS_MAX; i++) {
        if (ll->watched[i].fd == fd)
            return &ll->watched[i];
    }
    return NULL;
}

static void watched_drop(struct watched *w)
{
    if (w->fd >= 0) {
        (void)event_del(w->read);
        (void)event_del(w->write);
    }
    w->wsi = NULL;
    w->fd = -1;
}

static void serve_timers(struct lws_loop *ll)
{
    if (!ll->context)
        return;
    ll->in_service++;
    (void)lws_service_tsi(ll->context, -1, 0);
    ll->in_service--;
}

int lws_loop_holds_bytes(const struct lws_loop *ll)
{
    return ll->context && !lws_service_adjust_timeout(ll->context, 1, 0);
}

void lws_loop_poke(struct lws_loop *ll)
{
    static const struct timeval now = { 0, 0 };

    /* A timer of zero, not event_active: that one would run in this same turn, for ever if lws never settles. */
    (void)event_add(ll->again, &now);
}

static void on_fd(evutil_socket_t fd, short what, void *context)
{
    struct watched *w = context;
    struct lws_loop *ll = w->ll;
    struct lws_pollfd pfd = { .fd = fd };

    if (!ll->context)
        return;
    /* lws's own wake-up descriptor has no protocol. Given a stale READ of it, lws_service_fd frees that wsi and the
     * process dies when the context is destroyed; lws_service_tsi polls for itself. */
    if (!lws_get_protocol(w->wsi)) {
        serve_timers(ll);
        return;
    }
    pfd.events = (short)((what & EV_READ ? POLLIN : 0) | (what & EV_WRITE ? POLLOUT : 0));
    pfd.revents = pfd.events;
    ll->in_service++;
    (void)lws_service_fd(ll->context, &pfd); /* `w` may be gone from here on */
    ll->in_service--;
    if (lws_loop_holds_bytes(ll))
        lws_loop_poke(ll);
}

static int on_new_wsi(struct lws *wsi)
{
    struct lws_loop *ll = the_loop;
    int fd = lws_get_socket_fd(wsi);
    struct watched *w;

    w = watched_find(ll, fd);
    if (w)
        watched_drop(w); /* the number was used before and closed behind our back */
    else
        w = watched_find(ll, -1);
    if (!w)
        return 1;
    w->ll = ll;
    w->wsi = wsi;
    w->fd = fd;
    (void)event_assign(w->read, ll->base, fd, EV_READ | EV_PERSIST, on_fd, w);
    (void)event_assign(w->write, ll->base, fd, EV_WRITE | EV_PERSIST, on_fd, w);
    return 0;
}

static void on_io(struct lws *wsi, lws_loop_flags flags)
{
    struct watched *w = watched_find(the_loop, lws_get_socket_fd(wsi));

    if (!w || w->wsi != wsi || w->fd < 0)
        return;
    if (flags & LWS_EV_START) {
        if (flags & LWS_EV_READ)
            (void)event_add(w->read, NULL);
        if (flags & LWS_EV_WRITE)
            (void)event_add(w->write, NULL);
        return;
    }
    /* Both at once means that the descriptor leaves lws; a failed connect gets no destroy_wsi. */
    if ((flags & LWS_EV_READ) && (flags & LWS_EV_WRITE)) {
        watched_drop(w);
        return;
    }
    (void)event_del(flags & LWS_EV_READ ? w->read : w->write);
}

static void on_destroy_wsi(struct lws *wsi)
{
    struct lws_loop *ll = the_loop;

    for (size_t i = 0; wsi && i < LWS_LOOP_FDS_MAX; i++) {
        if (ll->watched[i].fd >= 0 && ll->watched[i].wsi == wsi)
            watched_drop(&ll->watched[i]);
    }
}

static int on_logical_close(struct lws *wsi)
{
    on_destroy_wsi(wsi);
    return 0;
}

static int on_listen_wsi(struct lws *wsi)
{
    if (on_new_wsi(wsi))
        return 1;
    on_io(wsi, LWS_EV_START | LWS_EV_READ);
    return 0;
}

static int on_init_pt(struct lws_context *context, void *loop, int tsi)
{
    (void)context;
    (void)tsi;
    return loop == the_loop->base ? 0 : 1;
}

/* run_pt stays NULL: lws_service_tsi(context, -1, 0) is then one service that does not wait. */
static const struct lws_event_loop_ops our_ops = {
    .name = "hoga-libevent",
    .init_vhost_listen_wsi = on_listen_wsi,
    .init_pt = on_init_pt,
    .wsi_logical_close = on_logical_close,
    .sock_accept = on_new_wsi,
    .io = on_io,
    .destroy_wsi = on_destroy_wsi,
};

static const lws_plugin_evlib_t our_evlib = {
    .hdr = {
        .name = "hoga-libevent",
        ._class = "lws_evlib_plugin",
#if LWS_LOOP_IS_PUBLIC
        .lws_build_hash = LWS_BUILD_HASH,
#endif
        .api_magic = LWS_PLUGIN_API_MAGIC,
    },
    .ops = &our_ops,
};

#if !LWS_LOOP_IS_PUBLIC
static struct lws_plugin our_plugin = { .hdr = &our_evlib.hdr };

/* In place of lws's own, which looks for a file: hand out the operations above. hoga loads no other plugin. */
__attribute__((visibility("default"))) int lws_plugins_init(struct lws_plugin **pplugin, const char *const *d,
                                                            const char *_class, const char *filter,
                                                            each_plugin_cb_t each, void *each_user)
{
    (void)d;
    (void)_class;
    (void)filter;
    (void)each;
    (void)each_user;
    *pplugin = &our_plugin;
    return 0;
}

/* Its counterpart would free a static object. */
__attribute__((visibility("default"))) int lws_plugins_destroy(struct lws_plugin **pplugin, each_plugin_cb_t each,
                                                               void *each_user)
{
    (void)each;
    (void)each_user;
    *pplugin = NULL;
    return 0;
}
#endif

void lws_loop_tick(struct lws_loop *ll)
{
    serve_timers(ll);
    if (lws_loop_holds_bytes(ll))
        lws_loop_poke(ll);
}

static void on_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    lws_loop_tick(context);
}

static void on_lws_log(int level, const char *line)
{
    (void)level;
    if (log_is_enabled(LOG_LEVEL_DEBUG)) {
        char text[200];
        const char *said = text;
        size_t n = strcspn(line, "\n");

        n = n < sizeof text ? n : sizeof text - 1;
        memcpy(text, line, n);
        text[n] = '\0';
        log_debug("lws.says", F_STR("text", said));
    }
}

/* lws 4.1 does not look whether it was given everything it asked for (lws_loop_take_refused). */
static int is_refused;

static void *lws_memory(void *old, size_t size, const char *reason)
{
    void *memory;

    (void)reason;
    if (size == 0) {
        free(old);
        return NULL;
    }
    memory = realloc(old, size);
    is_refused |= memory == NULL;
    return memory;
}

int lws_loop_take_refused(void)
{
    int was = is_refused;

    is_refused = 0;
    return was;
}

static int version_matches(void)
{
#if LWS_LOOP_IS_PUBLIC
    return 1;
#else
    return strncmp(lws_get_library_version(), "4.1.", 4) == 0;
#endif
}

static int context_new(struct lws_loop *ll)
{
    void *loops[1] = { ll->base };
    struct lws_context_creation_info info;

    memset(&info, 0, sizeof info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.uid = (uid_t)-1;
    info.gid = (gid_t)-1;
    info.fd_limit_per_thread = LWS_LOOP_FDS_MAX;
    info.pt_serv_buf_size = LWS_LOOP_BUFFER_SIZE;
    info.timeout_secs = LWS_LOOP_TIMEOUT_S;
    info.connect_timeout_secs = LWS_LOOP_TIMEOUT_S;
    info.foreign_loops = loops;
    info.pcontext = &ll->context;
    /* JUST_USE_RAW_ORIGIN: without it 4.1.6 sends "Origin: http://https://..." even where we want none.
     * EXPLICIT_VHOSTS: net/ws makes one vhost for each set of trusted certificates. */
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_JUST_USE_RAW_ORIGIN |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
#if LWS_LOOP_IS_PUBLIC
    info.event_lib_custom = &our_evlib;
#else
    info.options |= LWS_SERVER_OPTION_LIBEVENT;
#endif
    ll->context = lws_create_context(&info);
    return ll->context ? 0 : -ENOMEM;
}

static int watched_init(struct lws_loop *ll)
{
    size_t size = (event_get_struct_event_size() + 15) & ~(size_t)15;

    ll->events = calloc(2 * LWS_LOOP_FDS_MAX, size);
    for (size_t i = 0; i < LWS_LOOP_FDS_MAX; i++) {
        ll->watched[i].fd = -1;
        if (ll->events) {
            ll->watched[i].read = (struct event *)(void *)(ll->events + 2 * i * size);
            ll->watched[i].write = (struct event *)(void *)(ll->events + (2 * i + 1) * size);
        }
    }
    return ll->events ? 0 : -ENOMEM;
}

int lws_loop_new(struct event_base *base, struct lws_loop **ret)
{
    struct lws_loop *ll;
    int r;

    if (the_loop)
        return -EBUSY;
    if (!version_matches())
        return -ENOTSUP;
    ll = calloc(1, sizeof *ll);
    if (!ll)
        return -ENOMEM;
    ll->base = base;
    the_loop = ll;
    r = watched_init(ll);
    lws_set_allocator(lws_memory);
    lws_set_log_level(LLL_ERR | LLL_WARN, on_lws_log);
    ll->again = event_new(base, -1, 0, on_again, ll);
    if (r == 0)
        r = ll->again ? context_new(ll) : -ENOMEM;
    if (r < 0) {
        (void)lws_loop_free(ll);
        return r;
    }
    *ret = ll;
    return 0;
}

struct lws_loop *lws_loop_free(struct lws_loop *ll)
{
    if (!ll)
        return NULL;
    /* lws clears its pointer through info.pcontext when it is really gone, which may take turns of the loop. */
    for (int i = 0; i < LWS_LOOP_TURNS_MAX && ll->context; i++) {
        lws_context_destroy(ll->context);
        (void)event_base_loop(ll->base, EVLOOP_NONBLOCK);
    }
    for (size_t i = 0; i < LWS_LOOP_FDS_MAX; i++)
        watched_drop(&ll->watched[i]);
    if (ll->again)
        event_free(ll->again);
    free(ll->events);
    the_loop = NULL;
    free(ll);
    return NULL;
}

struct lws_context *lws_loop_context(const struct lws_loop *ll)
{
    return ll->context;
}

struct event_base *lws_loop_base(const struct lws_loop *ll)
{
    return ll->base;
}

int lws_loop_in_service(const struct lws_loop *ll)
{
    return ll->in_service > 0;
}

void lws_loop_enter(struct lws_loop *ll)
{
    ll->in_service++;
}

void lws_loop_leave(struct lws_loop *ll)
{
    ll->in_service--;
}
