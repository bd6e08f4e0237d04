/* SPDX-License-Identifier: MIT */
#include "fault_act.h"

#include "conn.h"
#include "fault.h"
#include "feed.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define GARBAGE_SIZE 512
#define US_PER_MS    1000
#define US_PER_S     1000000

/* Everybody with an open WebSocket. Nobody is freed while this runs; the loop does that later. */
#define FOR_EACH_OPEN(c, s)                                                                                            \
    for (struct conn *c = (s)->conns; c != NULL; c = c->next)                                                          \
        if (c->state == CONN_OPEN)

static void act_drop(struct sim *s, const struct fault *f)
{
    (void)f;
    FOR_EACH_OPEN(c, s)
    conn_drop(c, false);
}

static void act_dropnew(struct sim *s, const struct fault *f)
{
    (void)f;
    FOR_EACH_OPEN(c, s)
    {
        conn_drop(c, false);
        return;
    }
}

/* The list begins with the newest. */
void fault_newest(struct sim *s)
{
    const struct conn *newest = NULL;

    if (!s->faults.drops_old)
        return;
    FOR_EACH_OPEN(c, s)
    {
        if (newest == NULL) {
            newest = c;
            if (c->n_data < s->faults.n_drop_old)
                return;
        } else {
            s->faults.drops_old = false;
            conn_drop(c, false);
        }
    }
}

static void act_dropold(struct sim *s, const struct fault *f)
{
    s->faults.drops_old = true;
    s->faults.n_drop_old = (uint32_t)f->number;
    fault_newest(s);
}

static void act_rst(struct sim *s, const struct fault *f)
{
    (void)f;
    FOR_EACH_OPEN(c, s)
    conn_drop(c, true);
}

static void wake_all(struct sim *s)
{
    FOR_EACH_OPEN(c, s)
    conn_wake(c);
}

static void act_stall(struct sim *s, const struct fault *f)
{
    s->faults.stall_until_us = sim_now_us() + f->number;
    wake_all(s);
}

static void act_halfclose(struct sim *s, const struct fault *f)
{
    (void)f;
    FOR_EACH_OPEN(c, s)
    (void)shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
}

/* Data frames that hold no JSON: random bytes, then a book cut short. */
static void act_garbage(struct sim *s, const struct fault *f)
{
    uint8_t bytes[GARBAGE_SIZE];
    uint64_t random = s->stats.frames;

    for (int64_t i = 0; i < f->number; i++) {
        size_t n = 0;
        while (n < sizeof(bytes))
            bytes[n++] = (uint8_t)(random = splitmix64(random));
        if (i % 2 == 1)
            n = (size_t)snprintf((char *)bytes, sizeof(bytes), "{\"type\":\"orderbook\",\"code\":\"%s\",\"timest",
                                 s->markets.at[0].symbol);
        FOR_EACH_OPEN(c, s)
        (void)conn_send_data(c, bytes, n);
    }
}

static void act_badframe(struct sim *s, const struct fault *f)
{
    static const uint8_t frame[] = { 0x83, 0x02, '{', '}' }; /* opcode 3 is reserved: RFC 6455 section 5.2 */

    (void)f;
    FOR_EACH_OPEN(c, s)
    (void)conn_send_raw(c, frame, sizeof(frame));
}

static void act_badclose(struct sim *s, const struct fault *f)
{
    static const uint8_t frame[] = { 0x88, 0x04, 0x03, 0xed, 0xff, 0xfe }; /* 1005 may not be sent; not UTF-8 */

    (void)f;
    FOR_EACH_OPEN(c, s)
    {
        (void)conn_send_raw(c, frame, sizeof(frame));
        c->state = CONN_ENDING;
        conn_wake(c);
    }
}

static void act_repeat(struct sim *s, const struct fault *f)
{
    s->faults.n_repeat += (uint32_t)f->number;
}

static void act_reorder(struct sim *s, const struct fault *f)
{
    s->faults.n_reorder += (uint32_t)f->number;
}

static void act_gap(struct sim *s, const struct fault *f)
{
    s->faults.n_gap += (uint32_t)f->number;
}

static void act_checksum(struct sim *s, const struct fault *f)
{
    s->faults.n_wrong += (uint32_t)f->number;
}

static void act_snapshot(struct sim *s, const struct fault *f)
{
    (void)f;
    feed_send_snapshots(s);
}

static void act_rest(struct sim *s, const struct fault *f)
{
    s->faults.rest_code = (uint32_t)f->number;
    s->faults.rest_retry_s = f->retry_s;
    s->faults.n_rest = f->count;
}

static void act_oldsnapshot(struct sim *s, const struct fault *f)
{
    s->faults.n_old_snapshots += (uint32_t)f->number;
}

static void act_restgarbage(struct sim *s, const struct fault *f)
{
    s->faults.n_rest_garbage += (uint32_t)f->number;
}

/* Announced, then done. */
static void act_closing(struct sim *s, const struct fault *f)
{
    char memory[FAULT_ERROR_SIZE * 2];
    struct pen text;

    FOR_EACH_OPEN(c, s)
    {
        pen_init(&text, memory, sizeof(memory));
        s->dialect->closing(&c->session, sim_wall_ms(), &text);
        (void)conn_send(c, s->dialect->opcode, text.at, text.used);
        conn_close_announced(c, 1001, f->number);
    }
}

static void act_crossed(struct sim *s, const struct fault *f)
{
    (void)f;
    for (size_t i = 0; i < s->markets.n; i++)
        s->markets.at[i].is_crossed_next = true;
}

static void act_drip(struct sim *s, const struct fault *f)
{
    s->faults.drip_size = (uint32_t)f->number;
    s->faults.drip_ms = f->milliseconds;
    wake_all(s);
}

static void act_fragment(struct sim *s, const struct fault *f)
{
    s->faults.n_fragments = f->number > FAULT_FRAGMENTS_MAX ? FAULT_FRAGMENTS_MAX : (uint32_t)f->number;
}

static void act_refuse(struct sim *s, const struct fault *f)
{
    s->faults.n_refuse = (uint32_t)f->number;
}

static void act_http(struct sim *s, const struct fault *f)
{
    s->faults.http_code = (uint32_t)f->number;
    s->faults.http_retry_s = f->retry_s;
    s->faults.n_http = f->count;
}

static void act_age(struct sim *s, const struct fault *f)
{
    s->faults.age_us = f->number;
    wake_all(s);
}

static void act_maintenance(struct sim *s, const struct fault *f)
{
    char memory[FAULT_ERROR_SIZE * 2];
    struct pen text;

    s->faults.maintenance_until_us = sim_now_us() + f->number;
    FOR_EACH_OPEN(c, s)
    {
        pen_init(&text, memory, sizeof(memory));
        if (s->dialect->maintenance != NULL)
            s->dialect->maintenance(&c->session, &text);
        if (text.used > 0)
            (void)conn_send(c, s->dialect->opcode, text.at, text.used);
        conn_close(c, 1001, 0);
    }
}

static void act_skew(struct sim *s, const struct fault *f)
{
    for (size_t i = 0; i < s->markets.n; i++)
        market_shift_first(&s->markets.at[i], f->number / US_PER_MS - s->faults.skew_ms);
    s->faults.skew_ms = f->number / US_PER_MS;
}

static void act_delay(struct sim *s, const struct fault *f)
{
    s->faults.delay_us = f->number;
    wake_all(s);
}

static void act_unknown(struct sim *s, const struct fault *f)
{
    for (size_t i = 0; i < s->markets.n; i++) {
        if (strcmp(s->markets.at[i].symbol, f->text) == 0)
            s->markets.at[i].is_hidden = true;
    }
}

static void act_mute(struct sim *s, const struct fault *f)
{
    for (size_t i = 0; i < s->markets.n; i++)
        if (strcmp(s->markets.at[i].symbol, f->text) == 0)
            s->markets.at[i].is_mute = !s->markets.at[i].is_mute;
    FOR_EACH_OPEN(c, s)
    feed_subscribed(c); /* what was kept from those that have come meanwhile */
}

static void act_error(struct sim *s, const struct fault *f)
{
    char memory[FAULT_ERROR_SIZE * 2];
    struct pen text;

    pen_init(&text, memory, sizeof(memory));
    s->dialect->error(f->text, &text);
    FOR_EACH_OPEN(c, s)
    {
        (void)conn_send(c, s->dialect->opcode, text.at, text.used);
        conn_close(c, 1000, (int64_t)s->limits.error_close_ms * US_PER_MS);
    }
}

static void act_bigframe(struct sim *s, const struct fault *f)
{
    for (size_t i = 0; i < s->markets.n; i++)
        feed_send_padded(s, &s->markets.at[i], (size_t)f->number);
}

static void act_nopong(struct sim *s, const struct fault *f)
{
    s->faults.nopong_until_us = sim_now_us() + f->number;
}

static void act_ping(struct sim *s, const struct fault *f)
{
    for (int64_t i = 0; i < f->number; i++) {
        FOR_EACH_OPEN(c, s)
        (void)conn_send(c, WIRE_PING, "hoga-sim", 8);
    }
}

static void act_oldset(struct sim *s, const struct fault *f)
{
    s->faults.sends_old_set = f->number != 0;
}

static const struct fault_row fault_rows[] = {
    { "drop", ARG_NONE, 0, act_drop },
    { "dropnew", ARG_NONE, 0, act_dropnew },
    { "dropold", ARG_COUNT, 0, act_dropold },
    { "rst", ARG_NONE, 0, act_rst },
    { "stall", ARG_TIME, 5 * US_PER_S, act_stall },
    { "halfclose", ARG_NONE, 0, act_halfclose },
    { "garbage", ARG_COUNT, 1, act_garbage },
    { "badframe", ARG_NONE, 0, act_badframe },
    { "badclose", ARG_NONE, 0, act_badclose },
    { "repeat", ARG_COUNT, 1, act_repeat },
    { "reorder", ARG_COUNT, 1, act_reorder },
    { "gap", ARG_COUNT, 1, act_gap },
    { "checksum", ARG_COUNT, 1, act_checksum },
    { "snapshot", ARG_NONE, 0, act_snapshot },
    { "rest", ARG_HTTP, -1, act_rest },
    { "oldsnapshot", ARG_COUNT, 1, act_oldsnapshot },
    { "restgarbage", ARG_COUNT, 1, act_restgarbage },
    { "closing", ARG_TIME, 2 * US_PER_S, act_closing },
    { "crossed", ARG_NONE, 0, act_crossed },
    { "drip", ARG_DRIP, -1, act_drip },
    { "fragment", ARG_COUNT, -1, act_fragment },
    { "refuse", ARG_COUNT, 1, act_refuse },
    { "http", ARG_HTTP, -1, act_http },
    { "age", ARG_TIME, -1, act_age },
    { "maintenance", ARG_TIME, -1, act_maintenance },
    { "skew", ARG_TIME, -1, act_skew },
    { "delay", ARG_TIME, -1, act_delay },
    { "unknown", ARG_TEXT, -1, act_unknown },
    { "mute", ARG_TEXT, -1, act_mute },
    { "error", ARG_TEXT, -1, act_error },
    { "bigframe", ARG_SIZE, -1, act_bigframe },
    { "nopong", ARG_TIME, 3600 * (int64_t)US_PER_S, act_nopong },
    { "ping", ARG_COUNT, 1, act_ping },
    { "oldset", ARG_COUNT, 1, act_oldset },
};

const struct fault_row *fault_row_find(const char *name)
{
    for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++) {
        if (strcmp(fault_rows[i].name, name) == 0)
            return &fault_rows[i];
    }
    return NULL;
}
