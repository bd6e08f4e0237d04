/* SPDX-License-Identifier: MIT
 * The table at the end of this file is the whole life (session.h); every step runs with the next state already set. */
#include "session/session.h"

#include "core/clock.h"
#include "core/log.h"
#include "loop/lws_loop.h"
#include "loop/resolve.h"
#include "net/backoff.h"
#include "net/ws.h"
#include "session/keepalive.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MS_NS                  1000000ll
#define SESSION_ADDRESS_MS_MIN 3000 /* for one address of several, so that a dead one does not eat all the time */
#define SESSION_NAME_SIZE      24
#define SESSION_PING_SIZE      128
#define SESSION_URL_SIZE       800

enum session_state {
    SESSION_IDLE, /* not dialing, and will not */
    SESSION_WAITING,
    SESSION_RESOLVING,
    SESSION_CONNECTING,
    SESSION_OPEN,
    SESSION_CLOSING,
    SESSION_STATES,
};

enum session_event {
    SESSION_DUE,      /* the time this state gave itself is over */
    SESSION_RESOLVED, /* an answer, good or bad */
    SESSION_OPENED,
    SESSION_ENDED,  /* the connection is gone, or was never made */
    SESSION_REDIAL, /* give it up and dial again */
    SESSION_STOP,
    SESSION_EVENTS,
};

struct session {
    struct session_options options;
    char venue[SESSION_NAME_SIZE];
    char url_text[SESSION_URL_SIZE];
    enum session_state state;
    int64_t due_boot_ns; /* 0: nothing is due in this state */
    struct resolve_job *job;
    struct resolve_answer addresses;
    size_t next_address;
    struct ws *ws;
    struct ws_end end; /* the last one */
    enum reason redial_reason;
    enum reason refused_reason; /* as last logged of an attempt, with its status */
    uint32_t refused_status;
    uint8_t is_stopping;
    unsigned failures; /* in a row */
    uint64_t attempt;  /* its number in the budget */
    int64_t opened_boot_ns;
    struct keepalive alive;
};

typedef void (*session_step_fn)(struct session *s);
static void happen(struct session *s, enum session_event event);

static void say(struct session *s, struct feed_input *in)
{
    in->conn = s->options.conn;
    in->url = s->url_text;
    in->now_boot_ns = clock_boot_ns();
    if (in->recv_ns == 0)
        in->recv_ns = clock_real_ns();
    s->options.input(s->options.context, in);
}

static void say_state(struct session *s, enum state state, enum reason reason, int64_t next_dial_ns)
{
    struct feed_input in = { .kind = FEED_INPUT_STATE,
                             .state = (uint8_t)state,
                             .reason = (uint8_t)reason,
                             .http_status = s->end.http_status,
                             .aux_ns = next_dial_ns };

    say(s, &in);
    s->options.turn_over(s->options.context);
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

static int64_t delay_ms(struct session *s)
{
    const struct budget *b = s->options.budget;
    int64_t most = backoff_most_ms(s->failures, s->end.http_status, b->per_window, b->window_s, b->n_sessions);
    uint64_t chance = 0;

    if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) != sizeof chance)
        chance = (uint64_t)clock_boot_ns() * 6364136223846793005u;
    return backoff_refused_ms(backoff_delay_ms(s->failures, most, chance), s->end.http_status, s->end.retry_after_s);
}

/* Returns the wall-clock time of the next attempt. */
static int64_t wait_begin(struct session *s)
{
    int64_t now = clock_boot_ns(), ms;

    if (s->opened_boot_ns > 0 && s->alive.heard_boot_ns > s->opened_boot_ns &&
        now - s->opened_boot_ns >= SESSION_PROVEN_MS * MS_NS)
        s->failures = 0;
    s->opened_boot_ns = 0;
    s->failures++;
    ms = delay_ms(s);
    if (s->end.retry_after_s > 0 || s->end.http_status == 418 || s->end.http_status == 429)
        budget_close_until(s->options.budget, now + ms * MS_NS);
    s->state = SESSION_WAITING;
    s->due_boot_ns = now + ms * MS_NS;
    return clock_real_ns() + ms * MS_NS;
}

static void attempt_fail(struct session *s, enum reason reason, const char *text)
{
    int64_t next_dial_ns = wait_begin(s);

    budget_answered(s->options.budget, s->attempt, clock_boot_ns());
    /* The first of a kind, then the 2nd, 4th, 8th... in a row: `failures` counts those that are not said. */
    if (reason != s->refused_reason || s->end.http_status != s->refused_status ||
        (s->failures & (s->failures - 1)) == 0)
        log_warn("session.refused", F_STR("venue", s->venue), F_U64("conn", s->options.conn),
                 F_STR("reason", verdict_reason_word(reason)), F_STR("text", text), F_U64("status", s->end.http_status),
                 F_U64("failures", s->failures), F_I64("wait_ms", (s->due_boot_ns - clock_boot_ns()) / MS_NS));
    s->refused_reason = reason;
    s->refused_status = s->end.http_status;
    say_state(s, STATE_DOWN, reason, next_dial_ns);
}

/* --- dialing ------------------------------------------------------------------------------------------------------ */

static void on_open(void *context)
{
    happen(context, SESSION_OPENED);
}

static void on_message(void *context, const char *bytes, size_t size, int64_t recv_ns)
{
    struct session *s = context;
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = recv_ns, .bytes = bytes, .bytes_size = size };

    if (s->state != SESSION_OPEN)
        return;
    say(s, &in);
    s->alive.heard_boot_ns = in.now_boot_ns;
}

static void on_pong(void *context, int64_t round_trip_ns)
{
    struct session *s = context;
    struct feed_input in = { .kind = FEED_INPUT_ALIVE, .aux_ns = round_trip_ns };

    if (s->state != SESSION_OPEN)
        return;
    say(s, &in);
    s->alive.heard_boot_ns = in.now_boot_ns;
}

static void on_sent(void *context, const char *bytes, size_t size)
{
    struct session *s = context;
    struct feed_input in = { .kind = FEED_INPUT_TX, .bytes = bytes, .bytes_size = size };

    if (s->state != SESSION_OPEN)
        return;
    say(s, &in);
    s->options.turn_over(s->options.context);
}

static void on_turn_over(void *context)
{
    struct session *s = context;

    s->options.turn_over(s->options.context);
}

static void on_closed(void *context, const struct ws_end *end)
{
    struct session *s = context;

    s->end = *end;
    if (end->close_code != 0 && end->close_code == s->options.limits.close_too_many)
        s->end.reason = REASON_TOO_MANY_CONNECTIONS;
    s->ws = ws_free(s->ws);
    happen(s, SESSION_ENDED);
}

static const struct ws_handler handler = {
    .open = on_open,
    .message = on_message,
    .pong = on_pong,
    .sent = on_sent,
    .turn_over = on_turn_over,
    .closed = on_closed,
};

static void connect_next(struct session *s)
{
    struct ws_options options = { .loop = s->options.loop,
                                  .trust = s->options.trust,
                                  .address = s->addresses.address[s->next_address],
                                  .host = s->options.url.host,
                                  .host_header = s->options.url.host_header,
                                  .path = s->options.url.path,
                                  .origin = NULL,
                                  .port = s->options.url.port,
                                  .is_tls = s->options.url.is_tls };
    int64_t ms = SESSION_CONNECT_MS / (int64_t)s->addresses.n;
    char origin[URL_HOST_SIZE + 16];

    if (s->options.limits.sends_origin) {
        (void)snprintf(origin, sizeof origin, "https://%s", s->options.url.host_header);
        options.origin = origin;
    }
    if (s->options.has_proxy)
        options.address = s->options.url.host;
    s->next_address++;
    s->state = SESSION_CONNECTING;
    s->due_boot_ns = clock_boot_ns() + (ms < SESSION_ADDRESS_MS_MIN ? SESSION_ADDRESS_MS_MIN : ms) * MS_NS;
    memset(&s->end, 0, sizeof s->end);
    if (ws_open(&options, &handler, s, &s->ws) < 0)
        attempt_fail(s, REASON_CONNECT_FAILED, "no memory");
}

static void connect_begin(struct session *s)
{
    s->next_address = 0;
    say_state(s, STATE_SYNCING, REASON_CONNECTING, 0);
    connect_next(s);
}

static void on_resolved(void *context, const struct resolve_answer *answer)
{
    struct session *s = context;

    s->job = NULL;
    s->addresses = *answer;
    happen(s, SESSION_RESOLVED);
}

static void step_dial(struct session *s)
{
    int64_t wait_ns = budget_take(s->options.budget, clock_boot_ns());

    if (wait_ns > 0) {
        s->state = SESSION_WAITING;
        s->due_boot_ns = clock_boot_ns() + wait_ns;
        return;
    }
    s->due_boot_ns = 0;
    s->attempt = s->options.budget->n;
    if (s->options.url.is_address || s->options.has_proxy) {
        s->addresses.n = 1;
        (void)snprintf(s->addresses.address[0], sizeof s->addresses.address[0], "%.*s",
                       (int)sizeof s->addresses.address[0] - 1, s->options.url.host);
        connect_begin(s);
        return;
    }
    say_state(s, STATE_SYNCING, REASON_RESOLVING, 0);
    memset(&s->end, 0, sizeof s->end);
    if (resolve_start(s->options.resolver, s->options.url.host, on_resolved, s, &s->job) < 0)
        attempt_fail(s, REASON_RESOLVE_FAILED, "no memory");
}

static void step_resolved(struct session *s)
{
    if (s->addresses.n == 0)
        attempt_fail(s, REASON_RESOLVE_FAILED, s->addresses.problem);
    else
        connect_begin(s);
}

/* The next address helps only where this one was not reached; a venue that refuses us does so on all of them. */
static void step_not_connected(struct session *s)
{
    if (s->end.reason == REASON_CONNECT_FAILED && s->next_address < s->addresses.n)
        connect_next(s);
    else
        attempt_fail(s, s->end.reason == REASON_NONE ? REASON_CONNECT_FAILED : s->end.reason, &s->end.text[0]);
}

static void step_connect_timeout(struct session *s)
{
    s->ws = ws_free(s->ws);
    if (s->next_address < s->addresses.n)
        connect_next(s);
    else
        attempt_fail(s, REASON_CONNECT_TIMEOUT, "no answer in time");
}

/* --- open --------------------------------------------------------------------------------------------------------- */

static void step_opened(struct session *s)
{
    struct feed_input in = { .kind = FEED_INPUT_OPEN };

    budget_answered(s->options.budget, s->attempt, clock_boot_ns());
    s->opened_boot_ns = clock_boot_ns();
    keepalive_begin(&s->alive, s->options.limits.ping_interval_ms, s->options.limits.pong_deadline_ms,
                    s->opened_boot_ns);
    s->due_boot_ns = keepalive_due(&s->alive);
    const char *address = s->addresses.address[s->next_address - 1];

    log_notice("session.open", F_STR("venue", s->venue), F_U64("conn", s->options.conn), F_STR("address", address),
               F_U64("own_reader", ws_is_taken_over(s->ws)));
    say(s, &in);
}

/* An open connection ended, or is given up. The sink hears it once. */
static void say_close(struct session *s, enum reason reason, const char *text)
{
    struct feed_input in = { .kind = FEED_INPUT_CLOSE, .state = STATE_DOWN, .reason = (uint8_t)reason };

    log_warn("session.closed", F_STR("venue", s->venue), F_U64("conn", s->options.conn),
             F_STR("reason", verdict_reason_word(reason)), F_STR("text", text), F_U64("code", s->end.close_code),
             F_I64("open_s", (clock_boot_ns() - s->opened_boot_ns) / (1000 * MS_NS)));
    say(s, &in);
    s->options.turn_over(s->options.context);
}

static void step_lost(struct session *s)
{
    say_close(s, s->end.reason == REASON_NONE ? REASON_CONNECTION_LOST : s->end.reason, &s->end.text[0]);
    say_state(s, STATE_DOWN, REASON_BACK_OFF, wait_begin(s));
}

/* By a frame of the protocol, or by the text that this venue wants; its answer is a message like any other. */
static void ping_send(struct session *s)
{
    char memory[SESSION_PING_SIZE];
    struct text text;

    if (!s->options.ping) {
        (void)ws_ping(s->ws);
        return;
    }
    text_init(&text, memory, sizeof memory);
    s->options.ping(&text, clock_real_ns());
    (void)ws_send(s->ws, memory, text.used);
}

static void step_keep_alive(struct session *s)
{
    struct feed_input in = { .kind = FEED_INPUT_ALIVE };
    unsigned what = keepalive_step(&s->alive, clock_boot_ns(), ws_n_read(s->ws), ws_is_reading(s->ws));

    if (what & KEEPALIVE_DEAD) {
        memset(&s->end, 0, sizeof s->end);
        s->end.reason = REASON_NO_SIGN_OF_LIFE;
        s->ws = ws_free(s->ws); /* nobody is there to say goodbye to */
        s->state = SESSION_WAITING;
        step_lost(s);
        return;
    }
    s->due_boot_ns = keepalive_due(&s->alive);
    if (what & KEEPALIVE_PING)
        ping_send(s);
    if (what & KEEPALIVE_MOVING) {
        say(s, &in);
        s->options.turn_over(s->options.context);
    }
}

static void goodbye(struct session *s)
{
    memset(&s->end, 0, sizeof s->end);
    s->due_boot_ns = clock_boot_ns() + SESSION_CLOSING_MS * MS_NS;
    ws_close(s->ws);
}

static void step_give_up(struct session *s)
{
    goodbye(s);
    say_close(s, s->redial_reason, "given up");
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

static void step_closed(struct session *s)
{
    s->ws = ws_free(s->ws);
    s->due_boot_ns = 0;
    if (s->is_stopping) {
        s->state = SESSION_IDLE;
        return;
    }
    say_state(s, STATE_DOWN, REASON_BACK_OFF, wait_begin(s));
}

static void step_drop(struct session *s)
{
    s->due_boot_ns = 0;
    s->job = resolve_cancel(s->job);
    s->ws = ws_free(s->ws);
}

/* What happens, in which state, does what; and the state after it, unless the step decides otherwise. */
static const struct row {
    session_step_fn step; /* NULL: of no meaning here */
    enum session_state next;
} table[SESSION_STATES][SESSION_EVENTS] = {
    [SESSION_WAITING] = { [SESSION_DUE] = { step_dial, SESSION_RESOLVING },
                          [SESSION_STOP] = { step_drop, SESSION_IDLE } },
    [SESSION_RESOLVING] = { [SESSION_RESOLVED] = { step_resolved, SESSION_CONNECTING },
                            [SESSION_STOP] = { step_drop, SESSION_IDLE } },
    [SESSION_CONNECTING] = { [SESSION_OPENED] = { step_opened, SESSION_OPEN },
                             [SESSION_ENDED] = { step_not_connected, SESSION_WAITING },
                             [SESSION_DUE] = { step_connect_timeout, SESSION_WAITING },
                             [SESSION_STOP] = { step_drop, SESSION_IDLE } },
    [SESSION_OPEN] = { [SESSION_ENDED] = { step_lost, SESSION_WAITING },
                       [SESSION_DUE] = { step_keep_alive, SESSION_OPEN },
                       [SESSION_REDIAL] = { step_give_up, SESSION_CLOSING },
                       [SESSION_STOP] = { goodbye, SESSION_CLOSING } },
    [SESSION_CLOSING] = { [SESSION_ENDED] = { step_closed, SESSION_WAITING },
                          [SESSION_DUE] = { step_closed, SESSION_WAITING } },
};

static void happen(struct session *s, enum session_event event)
{
    const struct row *row = &table[s->state][event];

    if (!row->step)
        return;
    s->state = row->next;
    row->step(s);
}

int session_new(const struct session_options *options, struct session **ret)
{
    struct session *s = calloc(1, sizeof *s);

    if (!s)
        return -ENOMEM;
    s->options = *options;
    /* Ping and deadline may each be seen a tick late, and both together stay within blind_ms_max. */
    s->options.limits.pong_deadline_ms -= options->limits.pong_deadline_ms > 1000 ? 2 * SESSION_TICK_MS : 0;
    (void)snprintf(s->venue, sizeof s->venue, "%s", options->venue);
    (void)snprintf(s->url_text, sizeof s->url_text, "%s", options->url_text);
    s->state = SESSION_WAITING;
    s->due_boot_ns = 1; /* long past: at the first tick */
    s->options.budget->n_sessions++;
    *ret = s;
    return 0;
}

struct session *session_free(struct session *s)
{
    if (!s)
        return NULL;
    s->job = resolve_cancel(s->job);
    s->ws = ws_free(s->ws);
    s->options.budget->n_sessions--;
    free(s);
    return NULL;
}

void session_tick(struct session *s, int64_t now_boot_ns)
{
    if (s->due_boot_ns > 0 && now_boot_ns >= s->due_boot_ns)
        happen(s, SESSION_DUE);
}

int session_send(struct session *s, const char *text, size_t size)
{
    return s->state == SESSION_OPEN ? ws_send(s->ws, text, size) : -ENOTCONN;
}

struct ws *session_ws(struct session *s)
{
    return s->ws;
}

void session_redial(struct session *s, enum reason reason)
{
    s->redial_reason = reason;
    happen(s, SESSION_REDIAL);
}

void session_stop(struct session *s)
{
    s->is_stopping = 1;
    happen(s, SESSION_STOP);
}

int session_is_over(const struct session *s)
{
    return s->state == SESSION_IDLE;
}
