/* SPDX-License-Identifier: MIT
 * hogad_control.c - what can be asked of a running daemon: the table of verbs, and those that concern the daemon as a
 * whole. The protocol is in hogad(8). */
#include "core/clock.h"
#include "core/log.h"
#include "hogad_events.h"
#include "hogad_private.h"
#include "publish/counter.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define NS_PER_S 1000000000ll

static void connections_say(const struct hogad *d, cJSON *list)
{
    for (uint32_t conn = 0; conn < d->n_lines; conn++) {
        const struct hogad_venue *hv = &d->venues[d->lines[conn].venue];
        const struct feed_connection *c = d->lines[conn].session ? feed_connection(hv->feed, conn) : NULL;
        cJSON *row = c ? cJSON_CreateObject() : NULL;

        if (!row)
            continue;
        (void)cJSON_AddNumberToObject(row, "connection", conn);
        (void)cJSON_AddStringToObject(row, "venue", hv->venue->name);
        (void)cJSON_AddStringToObject(row, "state", verdict_state_word(c->state));
        (void)cJSON_AddStringToObject(row, "reason", verdict_reason_word(c->reason));
        (void)cJSON_AddNumberToObject(row, "books", c->n_books);
        (void)cJSON_AddItemToArray(list, row);
    }
}

static void control_say(const struct hogad *d, cJSON *answer)
{
    struct control_counts counts;

    control_counts(d->control, &counts);
    (void)cJSON_AddNumberToObject(answer, "ask_clients", counts.n_clients[CONTROL_ASK]);
    (void)cJSON_AddNumberToObject(answer, "admin_clients", counts.n_clients[CONTROL_ADMIN]);
    (void)cJSON_AddNumberToObject(answer, "requests", (int)counts.n_requests);
    (void)cJSON_AddNumberToObject(answer, "refused", (int)counts.n_refused);
}

static int on_status(void *context, struct control_call *call)
{
    const struct hogad *d = context;
    char words[HOGAD_STATUS_SIZE];
    uint32_t live = 0, wanted = 0;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        uint32_t l = 0, w = 0;

        feed_count(d->venues[i].feed, &l, &w);
        live += l;
        wanted += w;
    }
    hogad_status_words(d, words);
    (void)cJSON_AddStringToObject(call->answer, "version", HOGA_VERSION);
    (void)cJSON_AddNumberToObject(call->answer, "pid", getpid());
    (void)cJSON_AddStringToObject(call->answer, "status", words);
    (void)cJSON_AddStringToObject(call->answer, "segment", d->segment);
    (void)cJSON_AddNumberToObject(call->answer, "epoch", (int)writer_epoch(d->writer));
    (void)cJSON_AddNumberToObject(call->answer, "up_s", (int)((clock_boot_ns() - d->begun_boot_ns) / NS_PER_S));
    (void)cJSON_AddNumberToObject(call->answer, "live", live);
    (void)cJSON_AddNumberToObject(call->answer, "books", wanted);
    (void)cJSON_AddNumberToObject(call->answer, "books_max", writer_books_max(d->writer));
    (void)cJSON_AddStringToObject(call->answer, "file", d->config->file);
    (void)cJSON_AddStringToObject(call->answer, "log_level", config_log_level_word(d->log_level));
    connections_say(d, cJSON_AddArrayToObject(call->answer, "connections"));
    hogad_leases_say(d, call->answer);
    control_say(d, call->answer);
    return 0;
}

static int on_reload(void *context, struct control_call *call)
{
    return hogad_reload(context, call);
}

/* Until the next reload or restart. Without `level`, the present one is told. */
static int on_log_level(void *context, struct control_call *call)
{
    struct hogad *d = context;
    const char *word = control_string(call, "level");

    if (word && config_log_level(word, &d->log_level) < 0)
        return control_refuse(call, -EINVAL, word, "no log level", "err, warn, notice, info or debug");
    if (word) {
        log_set_level((enum log_level)d->log_level);
        log_notice("log.level", F_STR("level", word));
    }
    (void)cJSON_AddStringToObject(call->answer, "log_level", config_log_level_word(d->log_level));
    return 0;
}

/* Make before break; 'connection' as in the status. */
static int on_reconnect(void *context, struct control_call *call)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(call->request, "connection");
    int conn = cJSON_IsNumber(item) && item->valueint >= 0 ? item->valueint : -1;
    int r = conn < 0 ? -ENOENT : hogad_reconnect(context, (uint32_t)conn);

    if (r == -ENOENT)
        return control_refuse(call, r, "connection", "none that is open and carries books has this number",
                              "see status; one that is down is dialed again by itself");
    (void)cJSON_AddNumberToObject(call->answer, "connection", conn);
    (void)cJSON_AddBoolToObject(call->answer, "make_before_break", r == 0);
    return 0;
}

static const struct control_verb verbs[] = {
    { "status", 0, on_status },
    { "subscribe", 0, hogad_on_subscribe },
    { "unsubscribe", 0, hogad_on_unsubscribe },
    { "eventfd", 0, hogad_on_eventfd },
    { "reload", 1, on_reload },
    { "log-level", 1, on_log_level },
    { "reconnect", 1, on_reconnect },
};

static void on_client_gone(void *context, uint64_t client)
{
    hogad_events_client_gone(context, client);
    hogad_lease_client_gone(context, client);
}

/* A daemon without its sockets still feeds its readers: it says so and goes on. */
int hogad_control_start(struct hogad *d)
{
    struct control_options options = { .loop = d->loop,
                                       .verbs = verbs,
                                       .n_verbs = sizeof verbs / sizeof verbs[0],
                                       .context = d,
                                       .gone = on_client_gone,
                                       .path = d->segment,
                                       .ask_mode = (d->config->segment_mode & 0040) != 0 ? 0660 : 0600 };
    char problem[CONTROL_ERROR_SIZE];
    int r = control_new(&options, &d->control, problem);

    if (r == 0 && problem[0])
        log_warn("control.none", F_STR("why", &problem[0]));
    d->begun_boot_ns = clock_boot_ns();
    return r;
}

void hogad_control_count(struct hogad *d)
{
    struct control_counts now;

    if (!d->control)
        return;
    control_counts(d->control, &now);
    writer_counter_add(d->writer, COUNTER_CONTROL_REQUESTS, now.n_requests - d->counted.n_requests);
    writer_counter_add(d->writer, COUNTER_CONTROL_REFUSED, now.n_refused - d->counted.n_refused);
    d->counted = now;
}
