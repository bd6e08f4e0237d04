/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include "conn.h"
#include "feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULT_TEXT_SIZE MARKET_SYMBOL_SIZE
#define FAULT_BIG_MAX   (64 << 20)
#define FAULT_COUNT_MAX 1000000
#define FAULT_US_MAX    86400000000
#define GARBAGE_SIZE    512
#define US_PER_MS       1000
#define US_PER_S        1000000

enum fault_argument {
    ARG_NONE,
    ARG_TIME,  /* 3s, 250ms, -5s */
    ARG_COUNT, /* 3 */
    ARG_SIZE,  /* 5MB, 300KB, 7 */
    ARG_DRIP,  /* BYTES/MS */
    ARG_HTTP,  /* STATUS[:retry=S][:n=N] */
    ARG_TEXT,
};

struct fault;

struct fault_row {
    const char *name;
    enum fault_argument argument;
    int64_t number; /* when no argument is given; -1: there must be one */
    void (*act)(struct sim *s, const struct fault *f);
};

struct fault {
    struct sim *sim;
    const struct fault_row *row;
    bool is_waiting;
    int64_t after_us; /* 0: at once, or by frames */
    uint64_t at_frames;
    int64_t number;
    uint32_t milliseconds, retry_s, count;
    char text[FAULT_TEXT_SIZE];
    lws_sorted_usec_list_t timer;
};

struct fault_list {
    struct fault at[FAULTS_MAX];
};

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
    s->faults.maintenance_until_us = sim_now_us() + f->number;
    FOR_EACH_OPEN(c, s)
    conn_close(c, 1001, 0);
}

static void act_skew(struct sim *s, const struct fault *f)
{
    s->faults.skew_ms = f->number / US_PER_MS;
}

static void act_unknown(struct sim *s, const struct fault *f)
{
    for (size_t i = 0; i < s->markets.n; i++) {
        if (strcmp(s->markets.at[i].symbol, f->text) == 0)
            s->markets.at[i].is_hidden = true;
    }
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
    { "rst", ARG_NONE, 0, act_rst },
    { "stall", ARG_TIME, 5 * US_PER_S, act_stall },
    { "halfclose", ARG_NONE, 0, act_halfclose },
    { "garbage", ARG_COUNT, 1, act_garbage },
    { "badframe", ARG_NONE, 0, act_badframe },
    { "badclose", ARG_NONE, 0, act_badclose },
    { "repeat", ARG_COUNT, 1, act_repeat },
    { "reorder", ARG_COUNT, 1, act_reorder },
    { "crossed", ARG_NONE, 0, act_crossed },
    { "drip", ARG_DRIP, -1, act_drip },
    { "fragment", ARG_COUNT, -1, act_fragment },
    { "refuse", ARG_COUNT, 1, act_refuse },
    { "http", ARG_HTTP, -1, act_http },
    { "age", ARG_TIME, -1, act_age },
    { "maintenance", ARG_TIME, -1, act_maintenance },
    { "skew", ARG_TIME, -1, act_skew },
    { "unknown", ARG_TEXT, -1, act_unknown },
    { "error", ARG_TEXT, -1, act_error },
    { "bigframe", ARG_SIZE, -1, act_bigframe },
    { "nopong", ARG_TIME, 3600 * (int64_t)US_PER_S, act_nopong },
    { "ping", ARG_COUNT, 1, act_ping },
    { "oldset", ARG_COUNT, 1, act_oldset },
};

static void fault_act(struct fault *f)
{
    f->is_waiting = false;
    f->sim->stats.faults++;
    f->row->act(f->sim, f);
}

static void fault_timer(lws_sorted_usec_list_t *timer)
{
    fault_act(lws_container_of(timer, struct fault, timer));
}

void fault_frames(struct sim *s)
{
    for (size_t i = 0; s->fault_list != NULL && i < FAULTS_MAX; i++) {
        struct fault *f = &s->fault_list->at[i];
        if (f->is_waiting && f->at_frames > 0 && s->stats.frames >= f->at_frames)
            fault_act(f);
    }
}

/* A number and what follows it. */
static int fault_number(const char *text, int64_t most, int64_t *ret, const char **ret_unit)
{
    char *end = NULL;
    long long value;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || value > most || value < -most)
        return -EINVAL;
    *ret = value;
    *ret_unit = end;
    return 0;
}

static int fault_time(const char *text, int64_t *ret_us)
{
    const char *unit = NULL;
    int64_t value = 0;

    if (fault_number(text, FAULT_US_MAX / US_PER_S, &value, &unit) < 0)
        return -EINVAL;
    if (strcmp(unit, "s") == 0)
        *ret_us = value * US_PER_S;
    else if (strcmp(unit, "ms") == 0)
        *ret_us = value * US_PER_MS;
    else
        return -EINVAL;
    return 0;
}

static int fault_size(const char *text, int64_t *ret)
{
    const char *unit = NULL;
    int64_t value = 0;

    if (fault_number(text, FAULT_BIG_MAX, &value, &unit) < 0 || value < 1)
        return -EINVAL;
    if (strcmp(unit, "MB") == 0)
        value <<= 20;
    else if (strcmp(unit, "KB") == 0)
        value <<= 10;
    else if (*unit != '\0')
        return -EINVAL;
    if (value > FAULT_BIG_MAX)
        return -EINVAL;
    *ret = value;
    return 0;
}

static int fault_http(struct fault *f, char *text)
{
    const char *unit = NULL;
    char *rest = NULL;
    int64_t value = 0;

    f->count = 1;
    for (char *word = strtok_r(text, ":", &rest); word != NULL; word = strtok_r(NULL, ":", &rest)) {
        bool is_retry = strncmp(word, "retry=", 6) == 0, is_count = strncmp(word, "n=", 2) == 0;
        if (fault_number(word + (is_retry   ? 6
                                 : is_count ? 2
                                            : 0),
                         FAULT_COUNT_MAX, &value, &unit) < 0 ||
            *unit != '\0' || value < 0)
            return -EINVAL;
        if (is_retry)
            f->retry_s = (uint32_t)value;
        else if (is_count)
            f->count = (uint32_t)value;
        else
            f->number = value;
    }
    return f->number >= 300 && f->number <= 599 ? 0 : -EINVAL;
}

static int fault_drip(struct fault *f, const char *text)
{
    const char *unit = NULL;
    int64_t value = 0;

    if (fault_number(text, FAULT_COUNT_MAX, &f->number, &unit) < 0 || f->number < 0)
        return -EINVAL;
    if (f->number == 0 && *unit == '\0')
        return 0;
    if (*unit != '/' || fault_number(unit + 1, FAULT_COUNT_MAX, &value, &unit) < 0 || *unit != '\0' || value < 1)
        return -EINVAL;
    f->milliseconds = (uint32_t)value;
    return 0;
}

static int fault_argument(struct fault *f, char *text)
{
    const char *unit = NULL;

    if (text == NULL) {
        f->number = f->row->number;
        return f->number < 0 ? -EINVAL : 0;
    }
    switch (f->row->argument) {
    case ARG_NONE:
        return -EINVAL;
    case ARG_TIME:
        return fault_time(text, &f->number);
    case ARG_COUNT:
        return fault_number(text, FAULT_COUNT_MAX, &f->number, &unit) < 0 || *unit != '\0' || f->number < 0 ? -EINVAL
                                                                                                            : 0;
    case ARG_SIZE:
        return fault_size(text, &f->number);
    case ARG_DRIP:
        return fault_drip(f, text);
    case ARG_HTTP:
        return fault_http(f, text);
    case ARG_TEXT:
        if (strlen(text) >= sizeof(f->text) || *text == '\0')
            return -EINVAL;
        (void)strcpy(f->text, text);
        return 0;
    }
    return -EINVAL;
}

/* "5s" or "250ms" from now, or "100f": when so many more frames have been sent. */
static int fault_trigger(struct fault *f, const char *text)
{
    const char *unit = NULL;
    int64_t value = 0;

    if (fault_number(text, FAULT_COUNT_MAX * 1000LL, &value, &unit) == 0 && strcmp(unit, "f") == 0 && value > 0) {
        f->at_frames = f->sim->stats.frames + (uint64_t)value;
        return 0;
    }
    return fault_time(text, &f->after_us) < 0 || f->after_us <= 0 ? -EINVAL : 0;
}

/* NAME[@TRIGGER][:ARGUMENT] */
static int fault_parse(struct sim *s, char *word, struct fault *ret, char ret_error[FAULT_ERROR_SIZE])
{
    char *argument = strchr(word, ':'), *trigger;

    *ret = (struct fault){ .sim = s, .is_waiting = true };
    if (argument != NULL)
        *argument++ = '\0';
    trigger = strchr(word, '@');
    if (trigger != NULL)
        *trigger++ = '\0';
    if (!s->dialect->has_sequence && (strcmp(word, "gap") == 0 || strcmp(word, "checksum") == 0)) {
        (void)snprintf(ret_error, FAULT_ERROR_SIZE, "%s: %s has no sequence numbers and no checksums", word,
                       s->dialect->name);
        return -EINVAL;
    }
    for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++) {
        if (strcmp(fault_rows[i].name, word) == 0)
            ret->row = &fault_rows[i];
    }
    if (ret->row == NULL) {
        (void)snprintf(ret_error, FAULT_ERROR_SIZE, "%.60s: no such fault", word);
        return -EINVAL;
    }
    if (fault_argument(ret, argument) < 0 || (trigger != NULL && fault_trigger(ret, trigger) < 0)) {
        (void)snprintf(ret_error, FAULT_ERROR_SIZE, "%s: its argument or trigger cannot be read", word);
        return -EINVAL;
    }
    return 0;
}

/* A free place in the list, or NULL. */
static struct fault *fault_place(struct fault_list *list)
{
    for (size_t i = 0; i < FAULTS_MAX; i++) {
        if (!list->at[i].is_waiting)
            return &list->at[i];
    }
    return NULL;
}

static int fault_keep(struct sim *s, const struct fault *parsed, char ret_error[FAULT_ERROR_SIZE])
{
    struct fault *f = fault_place(s->fault_list);

    if (f == NULL) {
        (void)snprintf(ret_error, FAULT_ERROR_SIZE, "more than %d faults are waiting", FAULTS_MAX);
        return -EINVAL;
    }
    *f = *parsed;
    if (f->after_us > 0)
        lws_sul_schedule(s->lws, 0, &f->timer, fault_timer, f->after_us);
    else if (f->at_frames == 0)
        fault_act(f);
    return 0;
}

int fault_add(struct sim *s, const char *script, char ret_error[FAULT_ERROR_SIZE])
{
    static struct fault parsed[FAULTS_MAX];
    char *copy = strdup(script), *rest = NULL;
    size_t n = 0;
    int r = copy == NULL ? -ENOMEM : 0;

    if (s->fault_list == NULL)
        s->fault_list = calloc(1, sizeof(*s->fault_list));
    if (s->fault_list == NULL)
        r = -ENOMEM;
    (void)snprintf(ret_error, FAULT_ERROR_SIZE, "out of memory");
    for (char *word = r < 0 ? NULL : strtok_r(copy, ",; ", &rest); word != NULL && r == 0;
         word = strtok_r(NULL, ",; ", &rest)) {
        if (n == FAULTS_MAX) {
            (void)snprintf(ret_error, FAULT_ERROR_SIZE, "more than %d faults in a script", FAULTS_MAX);
            r = -EINVAL;
        } else {
            r = fault_parse(s, word, &parsed[n], ret_error);
            n++;
        }
    }
    free(copy);
    for (size_t i = 0; i < n && r == 0; i++)
        r = fault_keep(s, &parsed[i], ret_error);
    return r;
}

void fault_done(struct sim *s)
{
    free(s->fault_list);
    s->fault_list = NULL;
}
