/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include "rows.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct snapshot *snapshot_take(const struct cli *c)
{
    struct snapshot *s = calloc(1, sizeof *s);
    uint32_t index = 0;

    if (!s)
        return NULL;
    s->taken_boot_ns = text_now_boot_ns();
    while (s->n_counters < SNAPSHOT_COUNTERS_MAX && rows_next_counter(c, &index, &s->counters[s->n_counters]))
        s->n_counters++;
    index = 0;
    while (s->n_latencies < SNAPSHOT_LATENCIES_MAX &&
           rows_next_latency(c, &index, &s->latencies[s->n_latencies].latency)) {
        struct snapshot_latency *row = &s->latencies[s->n_latencies++];

        row->n_buckets = hoga_latency_buckets(c->h, index - 1, row->counts, SNAPSHOT_BUCKETS_MAX);
    }
    return s;
}

struct snapshot *snapshot_free(struct snapshot *s)
{
    free(s);
    return NULL;
}

bool snapshot_counter_added(const struct snapshot *before, const struct hoga_counter *now, uint64_t *ret_added)
{
    for (size_t i = 0; before && i < before->n_counters; i++) {
        if (strcmp(before->counters[i].name, now->name) != 0)
            continue;
        if (now->value < before->counters[i].value)
            return false;
        *ret_added = now->value - before->counters[i].value;
        return true;
    }
    return false;
}

static const struct snapshot_latency *latency_find(const struct snapshot *s, const struct hoga_latency *latency)
{
    for (size_t i = 0; s && i < s->n_latencies; i++)
        if (strcmp(s->latencies[i].latency.venue, latency->venue) == 0 &&
            strcmp(s->latencies[i].latency.name, latency->name) == 0)
            return &s->latencies[i];
    return NULL;
}

/* The upper edge of the bucket in which the per_mille-th of n values lies; the last one has none: its lower edge then.
 */
static uint64_t percentile_ns(const uint64_t *counts, int n_buckets, uint64_t n, unsigned per_mille)
{
    uint64_t sum = 0;

    for (int i = 0; i < n_buckets; i++) {
        sum += counts[i];
        if (sum > 0 && (unsigned __int128)sum * 1000 >= (unsigned __int128)n * per_mille)
            return hoga_latency_edge_ns((uint32_t)(i + 1 < n_buckets || i == 0 ? i : i - 1));
    }
    return 0;
}

bool snapshot_latency_added(const struct snapshot *before, const struct snapshot_latency *now, struct hoga_latency *ret)
{
    const struct snapshot_latency *then = latency_find(before, &now->latency);
    uint64_t added[SNAPSHOT_BUCKETS_MAX], n = 0;

    if (!then || now->n_buckets <= 0 || now->n_buckets != then->n_buckets ||
        now->n_buckets > (int)SNAPSHOT_BUCKETS_MAX || now->latency.sum_ns < then->latency.sum_ns)
        return false;
    for (int i = 0; i < now->n_buckets; i++) {
        if (now->counts[i] < then->counts[i])
            return false; /* a daemon that counts anew */
        added[i] = now->counts[i] - then->counts[i];
        n += added[i];
    }
    *ret = now->latency;
    ret->count = n;
    ret->sum_ns = now->latency.sum_ns - then->latency.sum_ns;
    ret->p50_ns = percentile_ns(added, now->n_buckets, n, 500);
    ret->p90_ns = percentile_ns(added, now->n_buckets, n, 900);
    ret->p99_ns = percentile_ns(added, now->n_buckets, n, 990);
    ret->p999_ns = percentile_ns(added, now->n_buckets, n, 999);
    ret->max_ns = percentile_ns(added, now->n_buckets, n, 1000);
    return true;
}
