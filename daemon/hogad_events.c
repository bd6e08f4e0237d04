/* SPDX-License-Identifier: MIT
 * hogad_events.c - see hogad_events.h. What is rung is bounded: BELL_FDS_MAX eventfds a millisecond in all, each once
 * for all that has changed since; the others wait for the next one. So a hundred of them cost what sixteen do. */
#include "hogad_events.h"

#include "core/clock.h"
#include "loop/bell.h"
#include "loop/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_MAX        256
#define EVENTS_CLIENT_MAX 4
#define RING_NS           1000000
#define ALL_BITS          UINT32_MAX /* more than books have changed: a directory, a connection */
#define N_(text)          text

/* What a reader's verdict and levels come from. */
struct sight {
    uint64_t changes, valid_from;
    uint32_t slot;
    uint8_t state, reason; /* of the connection */
};

struct choice {
    const struct hogad_venue *hv;
    char symbol[MD_SYMBOL_SIZE];
    struct sight seen;
};

struct watch {
    uint64_t client;
    struct choice *choices; /* n; NULL: any book */
    uint32_t n, bits;
    int fd;
    uint8_t is_due;
};

struct hogad_events {
    struct watch at[EVENTS_MAX];
    uint32_t n, next; /* next: who is looked at first, so that none waits for ever */
    struct bell *bell;
    struct event *timer;
    int64_t rung_ns;
    uint8_t is_due; /* somebody is */
};

static int sight_differs(const struct sight *a, const struct sight *b)
{
    return a->changes != b->changes || a->valid_from != b->valid_from || a->slot != b->slot || a->state != b->state ||
           a->reason != b->reason;
}

/* Slots come and go, connections change: where the chosen books are now. Returns: has one of them changed? */
static int choices_settle(const struct hogad *d, struct watch *w)
{
    int has_changed = w->choices == NULL;

    w->bits = w->choices ? 0 : ALL_BITS;
    for (uint32_t i = 0; i < w->n; i++) {
        struct choice *c = &w->choices[i];
        const struct feed_book *fb = feed_book_find(c->hv->feed, c->symbol);
        struct sight now = { .slot = fb ? fb->slot : FEED_SLOT_NONE };

        if (now.slot < FEED_SLOT_FULL) {
            const struct feed_connection *line = feed_connection(c->hv->feed, fb->conn);

            now.changes = writer_slot_changes(d->writer, now.slot);
            now.valid_from = line->valid_from;
            now.state = line->state;
            now.reason = line->reason;
            w->bits |= 1u << now.slot % 32;
        }
        has_changed |= sight_differs(&now, &c->seen);
        c->seen = now;
    }
    return has_changed;
}

/* Many slots share a bit: has one of ours moved? */
static int has_moved(const struct hogad *d, struct watch *w)
{
    int moved = w->choices == NULL;

    for (uint32_t i = 0; i < w->n; i++) {
        struct sight *seen = &w->choices[i].seen;
        uint64_t changes = seen->slot < FEED_SLOT_FULL ? writer_slot_changes(d->writer, seen->slot) : seen->changes;

        moved |= changes != seen->changes;
        seen->changes = changes;
    }
    return moved;
}

static void due_ring(struct hogad_events *e, int64_t now_ns)
{
    static const struct timeval soon = { 0, RING_NS / 1000 };
    int fds[BELL_FDS_MAX];
    uint32_t n = 0;

    e->is_due = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        struct watch *w = &e->at[(e->next + i) % e->n];

        if (!w->is_due)
            continue;
        if (n == BELL_FDS_MAX) {
            e->is_due = 1;
            e->next = (e->next + i) % e->n;
            break;
        }
        w->is_due = 0;
        fds[n++] = w->fd;
    }
    if (n > 0)
        bell_ring(e->bell, fds, n);
    e->rung_ns = now_ns;
    if (e->is_due)
        (void)evtimer_add(e->timer, &soon);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    due_ring(context, clock_boot_ns());
}

void hogad_events_turn(struct hogad *d, uint32_t bits)
{
    static const struct timeval soon = { 0, RING_NS / 1000 };
    struct hogad_events *e = d->events;
    int64_t now_ns;
    int is_new = 0;

    if (!e || e->n == 0 || bits == 0)
        return;
    for (uint32_t i = 0; i < e->n; i++) {
        struct watch *w = &e->at[i];

        if (bits == ALL_BITS ? !choices_settle(d, w) : (w->bits & bits) == 0 || !has_moved(d, w))
            continue;
        w->is_due = 1;
        is_new = 1;
    }
    if (!is_new)
        return;
    now_ns = clock_boot_ns();
    if (now_ns - e->rung_ns >= RING_NS) {
        due_ring(e, now_ns);
    } else if (!e->is_due) {
        e->is_due = 1;
        (void)evtimer_add(e->timer, &soon);
    }
}

/* --- coming and going --------------------------------------------------------------------------------------------- */

static void watch_drop(struct hogad_events *e, uint32_t i)
{
    (void)close(e->at[i].fd);
    free(e->at[i].choices);
    e->at[i] = e->at[--e->n];
    e->next = 0;
}

void hogad_events_client_gone(struct hogad *d, uint64_t client)
{
    for (uint32_t i = d->events ? d->events->n : 0; i-- > 0;) {
        if (d->events->at[i].client == client)
            watch_drop(d->events, i);
    }
}

struct hogad_events *hogad_events_free(struct hogad_events *e)
{
    if (!e)
        return NULL;
    while (e->n > 0)
        watch_drop(e, e->n - 1);
    if (e->timer)
        event_free(e->timer);
    e->bell = bell_free(e->bell);
    free(e);
    return NULL;
}

static int events_new(struct hogad *d)
{
    struct hogad_events *e = calloc(1, sizeof *e);
    int r = e ? bell_new(&e->bell) : -ENOMEM;

    if (r == 0) {
        e->timer = evtimer_new(loop_base(d->loop), on_timer, e);
        r = e->timer ? 0 : -ENOMEM;
    }
    if (r < 0) {
        (void)hogad_events_free(e);
        return r;
    }
    d->events = e;
    return 0;
}

/* Room for one more, of this client too. */
static int room_check(struct hogad *d, struct control_call *call)
{
    uint32_t n_own = 0;
    int r = d->events ? 0 : events_new(d);

    if (r < 0)
        return control_refuse(call, r, "eventfd", strerrordesc_np(-r), N_("wait with hoga_wait instead"));
    for (uint32_t i = 0; i < d->events->n; i++)
        n_own += d->events->at[i].client == call->client;
    if (n_own >= EVENTS_CLIENT_MAX)
        return control_refuse(call, -EDQUOT, "eventfd", N_("this connection has 4 of them"),
                              N_("close it, and begin anew"));
    if (d->events->n == EVENTS_MAX)
        return control_refuse(call, -EUSERS, "eventfd", N_("as many as it gives"), N_("wait with hoga_wait instead"));
    return 0;
}

int hogad_on_eventfd(void *context, struct control_call *call)
{
    struct hogad *d = context;
    struct hogad_name names[HOGAD_NAMES_MAX];
    struct watch w = { .client = call->client, .fd = -1 };
    uint32_t n = 0;
    int r = room_check(d, call);

    if (r == 0 && cJSON_GetObjectItemCaseSensitive(call->request, "names"))
        r = hogad_names_read(d, call, names, &n);
    for (uint32_t i = 0; r == 0 && i < n; i++) {
        if (!feed_book_find(names[i].hv->feed, names[i].symbol))
            r = control_refuse(call, -ENOENT, names[i].name, N_("not carried"), N_("subscribe to it first"));
    }
    if (r < 0)
        return r;
    w.choices = n > 0 ? calloc(n, sizeof *w.choices) : NULL;
    w.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC); /* 1: what is there now is news to its reader */
    call->fd = w.fd >= 0 ? fcntl(w.fd, F_DUPFD_CLOEXEC, 0) : -1;
    if ((n > 0 && !w.choices) || call->fd < 0) {
        r = control_refuse(call, n > 0 && !w.choices ? -ENOMEM : -errno, "eventfd", strerrordesc_np(errno), "");
        if (w.fd >= 0)
            (void)close(w.fd);
        free(w.choices);
        return r;
    }
    for (w.n = 0; w.n < n; w.n++) {
        w.choices[w.n].hv = names[w.n].hv;
        memcpy(w.choices[w.n].symbol, names[w.n].symbol, sizeof w.choices[w.n].symbol);
    }
    (void)choices_settle(d, &w);
    d->events->at[d->events->n++] = w;
    call->is_holding = 1;
    (void)cJSON_AddTrueToObject(call->answer, "eventfd");
    return 0;
}
