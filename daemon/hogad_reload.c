/* SPDX-License-Identifier: MIT
 * hogad_reload.c - a running daemon takes another configuration: what differs is applied, all or nothing, and whoever
 * asked hears what that was. */
#include "core/clock.h"
#include "core/log.h"
#include "hogad_private.h"
#include "loop/notify.h"
#include "publish/counter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SAID_MAX 200 /* of each list; the counts are whole */

/* --- what has changed --------------------------------------------------------------------------------------------- */

struct names {
    char (*at)[HOGA_VENUE_SIZE + MD_SYMBOL_SIZE];
    uint32_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void names_collect(const struct hogad *d, struct names *ret)
{
    uint32_t room = 0;

    *ret = (struct names){ 0 };
    for (uint32_t i = 0; i < d->n_venues; i++)
        room += feed_n_books(d->venues[i].feed);
    ret->at = calloc(room + 1, sizeof ret->at[0]);
    for (uint32_t i = 0; ret->at && i < d->n_venues; i++) {
        for (uint32_t at = 0; at < feed_n_books(d->venues[i].feed); at++)
            (void)snprintf(ret->at[ret->n++], sizeof ret->at[0], "%s:%s", d->venues[i].venue->name,
                           feed_book_at(d->venues[i].feed, at)->symbol);
    }
    if (ret->at)
        qsort(ret->at, ret->n, sizeof ret->at[0], by_name);
}

/* Names of `a` that `b` has not. */
static void difference_say(cJSON *answer, const char *word, const char *count, const struct names *a,
                           const struct names *b)
{
    cJSON *list = cJSON_AddArrayToObject(answer, word);
    uint32_t n = 0;

    for (uint32_t i = 0; i < a->n; i++) {
        if (b->n > 0 && bsearch(a->at[i], b->at, b->n, sizeof b->at[0], by_name))
            continue;
        if (n++ < NAMES_SAID_MAX)
            (void)cJSON_AddItemToArray(list, cJSON_CreateString(a->at[i]));
    }
    (void)cJSON_AddNumberToObject(answer, count, n);
}

static void changes_say(const struct hogad *d, struct control_call *call, const struct names *before)
{
    struct names now;

    names_collect(d, &now);
    difference_say(call->answer, "added", "n_added", &now, before);
    difference_say(call->answer, "removed", "n_removed", before, &now);
    (void)cJSON_AddNumberToObject(call->answer, "books", now.n);
    (void)cJSON_AddStringToObject(call->answer, "file", d->config->file);
    (void)cJSON_AddStringToObject(call->answer, "log_level", config_log_level_word(d->log_level));
    free(now.at);
}

/* --- applying ----------------------------------------------------------------------------------------------------- */

static int refuse(struct control_call *call, int error, const char *what, const char *why, const char *remedy)
{
    log_err("config.refused", F_STR("why", why));
    return call ? control_refuse(call, error, what, why, remedy) : error;
}

static const char *obstacle_find(const struct hogad *d, const struct config *next)
{
    const char *obstacle = hogad_reload_obstacle(d->config, next);

    if (d->config->file[0] && !next->file[0])
        return "the file is gone, and the defaults are not what was asked for";
    for (uint32_t i = 0; !obstacle && i < next->n_venues; i++) {
        if (hogad_source(&next->venues[i], venue_find(next->venues[i].name)) != SOURCE_EXCHANGE &&
            !config_venue_find(d->config, next->venues[i].name))
            obstacle = "a simulated venue is not added to a running daemon";
    }
    return obstacle;
}

/* Owns: takes `next` where it returns 0. */
static int apply(struct hogad *d, struct config *next, struct control_call *call)
{
    const char *obstacle = obstacle_find(d, next);

    if (obstacle)
        return refuse(call, -EINVAL, next->file, obstacle, "restart hogad");
    if (hogad_venues_apply(d, next) < 0) {
        (void)hogad_venues_apply(d, d->config);
        return refuse(call, -EINVAL, next->file, "not all of it could be applied", "hogad's log says what");
    }
    (void)config_free(d->config);
    d->config = next;
    (void)hogad_sessions_settle(d);
    pipeline_settle(d->pipeline, clock_real_ns());
    hogad_blind_say(d);
    d->log_level = next->log_level;
    log_set_level((enum log_level)d->log_level);
    writer_counter_add(d->writer, COUNTER_RELOADS, 1);
    log_notice("config.applied", F_STR("file", d->config->file[0] ? d->config->file : "-"));
    hogad_tick(d);
    return 0;
}

/* The file is read and judged whole before anything of it is applied. */
static int reload(struct hogad *d, struct control_call *call)
{
    struct config_problem problem;
    struct config *next = NULL;
    const char *why;
    int r = hogad_config_read(d->options->config_file, &next, &problem);

    if (r < 0) {
        why = problem.text[0] ? problem.text : strerrordesc_np(-r);
        return refuse(call, r, "", why, "");
    }
    r = apply(d, next, call);
    if (r < 0)
        (void)config_free(next);
    return r;
}

int hogad_reload(struct hogad *d, struct control_call *call)
{
    struct names before = { 0 };
    int r;

    if (call)
        names_collect(d, &before);
    notify_reloading();
    r = reload(d, call);
    notify_ready();
    if (r == 0 && call)
        changes_say(d, call, &before);
    free(before.at);
    return r;
}
