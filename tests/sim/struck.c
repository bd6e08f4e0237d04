/* SPDX-License-Identifier: MIT */
#include "struck.h"

#include "control_tape.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t struck_now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void struck_note(struct sim *s, const struct market *m, const struct book *book, const char *fault, int64_t at_ns,
                 unsigned n_conns)
{
    s->struck[s->n_struck++ % STRUCK_MAX] = (struct struck){
        .market = m, .fault = fault, .timestamp_ms = book->timestamp_ms, .at_ns = at_ns, .n_conns = n_conns
    };
}

static uint64_t struck_first(const struct sim *s)
{
    return s->n_struck > STRUCK_MAX ? s->n_struck - STRUCK_MAX : 0;
}

void struck_follow(struct sim *s, const struct market *m)
{
    for (uint64_t i = struck_first(s); i < s->n_struck; i++)
        s->struck[i % STRUCK_MAX].is_followed |= s->struck[i % STRUCK_MAX].market == m;
}

void struck_fetch(struct sim *s, const struct market *m)
{
    for (uint64_t i = struck_first(s); i < s->n_struck; i++) {
        struct struck *one = &s->struck[i % STRUCK_MAX];
        one->is_fetched |= one->market == m && !one->is_followed;
    }
}

const char *op_struck(struct sim *s, const struct cJSON *request, struct cJSON *reply)
{
    cJSON *array = cJSON_AddArrayToObject(reply, "struck");
    uint64_t from = (uint64_t)control_number(request, "since", 0);

    (void)cJSON_AddNumberToObject(reply, "n", (double)s->n_struck);
    (void)cJSON_AddBoolToObject(reply, "has_sequence", s->dialect->has_sequence);
    for (uint64_t i = from > struck_first(s) ? from : struck_first(s); i < s->n_struck; i++) {
        const struct struck *one = &s->struck[i % STRUCK_MAX];
        cJSON *row = cJSON_CreateObject();
        char at_ns[24];

        (void)snprintf(at_ns, sizeof(at_ns), "%lld", (long long)one->at_ns);
        (void)cJSON_AddStringToObject(row, "fault", one->fault);
        (void)cJSON_AddStringToObject(row, "symbol", one->market->symbol);
        (void)cJSON_AddNumberToObject(row, "timestamp", (double)one->timestamp_ms);
        (void)cJSON_AddStringToObject(row, "at_ns", at_ns);
        (void)cJSON_AddNumberToObject(row, "connections", one->n_conns);
        (void)cJSON_AddBoolToObject(row, "fetched", one->is_fetched);
        (void)cJSON_AddItemToArray(array, row);
    }
    return NULL;
}
