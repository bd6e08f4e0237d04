/* SPDX-License-Identifier: MIT
 * snapshot.h - counters and latencies at one moment, and what two moments differ in, for `stat` that reports again and
 * again. Heap; one thread. */
#ifndef HOGA_CLI_SNAPSHOT_H
#define HOGA_CLI_SNAPSHOT_H

#include "cli.h"

#define SNAPSHOT_COUNTERS_MAX  256u
#define SNAPSHOT_LATENCIES_MAX 512u
#define SNAPSHOT_BUCKETS_MAX   512u

struct snapshot_latency {
    struct hoga_latency latency;
    int n_buckets; /* below 0: could not be read */
    uint64_t counts[SNAPSHOT_BUCKETS_MAX];
};

struct snapshot {
    int64_t taken_boot_ns;
    size_t n_counters, n_latencies;
    struct hoga_counter counters[SNAPSHOT_COUNTERS_MAX];
    struct snapshot_latency latencies[SNAPSHOT_LATENCIES_MAX];
};

/* What the filter of -f lets through. NULL: no memory. Owns: snapshot_free. */
struct snapshot *snapshot_take(const struct cli *c);
struct snapshot *snapshot_free(struct snapshot *s);
/* What was added to a counter since `before`. false: not known, or it has begun anew. */
bool snapshot_counter_added(const struct snapshot *before, const struct hoga_counter *now, uint64_t *ret_added);
/* The latencies of the values that came since `before` (max_ns: the upper edge of the highest). false: not known. */
bool snapshot_latency_added(const struct snapshot *before, const struct snapshot_latency *now,
                            struct hoga_latency *ret);

#endif
