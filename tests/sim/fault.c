/* SPDX-License-Identifier: MIT */
#include "fault.h"

#include "fault_act.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULT_BIG_MAX   (64 << 20)
#define FAULT_COUNT_MAX 1000000
#define FAULT_US_MAX    86400000000
#define US_PER_MS       1000
#define US_PER_S        1000000

struct fault_list {
    struct fault at[FAULTS_MAX];
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
        memcpy(f->text, text, strlen(text) + 1);
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

/* What this exchange lacks for that fault to be made, or NULL. A lost or misplaced change that nothing numbers could be
 * found out by nobody. */
static const char *fault_lacks(const struct dialect *d, const char *name)
{
    const struct {
        const char *name;
        bool is_possible;
        const char *lacks;
    } rows[] = {
        { "gap", d->has_sequence || d->has_checksum, "sequence numbers and no checksums" },
        { "reorder", d->has_sequence || d->has_checksum || !d->has_deltas, "sequence numbers and no checksums" },
        { "checksum", d->has_checksum, "checksums" },
        { "snapshot", d->has_deltas && d->pushes_snapshot, "snapshots that differ from its other messages" },
        { "rest", d->rest_book != NULL, "books over REST" },
        { "oldsnapshot", d->rest_book != NULL, "books over REST" },
        { "restgarbage", d->rest_book != NULL, "books over REST" },
        { "closing", d->closing != NULL, "words for the end of a connection" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0 && !rows[i].is_possible)
            return rows[i].lacks;
    }
    return NULL;
}

/* NAME[@TRIGGER][:ARGUMENT] */
static int fault_parse(struct sim *s, char *word, struct fault *ret, char ret_error[FAULT_ERROR_SIZE])
{
    char *argument = strchr(word, ':'), *trigger;
    const char *lacks;

    *ret = (struct fault){ .sim = s, .is_waiting = true };
    if (argument != NULL)
        *argument++ = '\0';
    trigger = strchr(word, '@');
    if (trigger != NULL)
        *trigger++ = '\0';
    lacks = fault_lacks(s->dialect, word);
    if (lacks != NULL) {
        (void)snprintf(ret_error, FAULT_ERROR_SIZE, "%s: %s has no %s", word, s->dialect->name, lacks);
        return -EINVAL;
    }
    ret->row = fault_row_find(word);
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
