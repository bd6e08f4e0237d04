/* SPDX-License-Identifier: MIT
 * The daemon, its connections, counters and latencies, as the segment has them. */
#include "handle.h"
#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A text field of the segment: maybe without a NUL, maybe hostile. `ret` is one larger or cuts the last byte. */
static void text_copy(char *ret, size_t ret_size, const char *text, size_t size)
{
    size_t n = 0;
    for (; n < size && n < ret_size - 1 && text[n] != '\0'; n++)
        ret[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7f ? '?' : text[n];
    ret[n] = '\0';
}

static int64_t age_ns(uint64_t then_boot_ns, int64_t now_boot_ns)
{
    if (then_boot_ns == 0 || then_boot_ns > INT64_MAX)
        return -1;
    return now_boot_ns > (int64_t)then_boot_ns ? now_boot_ns - (int64_t)then_boot_ns : 0;
}

/* Rows up to the last one that is used: a book names its connection by this index. */
static uint32_t connections_count(const struct hoga *h)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->map.connections_max; i++) {
        struct hoga_abi_connection_entry row;
        if (reader_connection(&h->map, i, &row) == 0 && row.used)
            n = i + 1;
    }
    return n;
}

int hoga_daemon(struct hoga *h, struct hoga_daemon *ret)
{
    int64_t now_ns = lib_boot_ns();
    struct reader_live live;
    (void)lib_handle_refresh(h, now_ns, &live);
    (void)lib_directory_refresh(h, &live); /* an entry that moves all the time is counted the next time */
    *ret = (struct hoga_daemon){
        .abi_major = h->map.abi_major,
        .abi_minor = h->map.abi_minor,
        .epoch = live.epoch,
        .pid = live.pid,
        .is_alive = lib_verdict_daemon(&live, now_ns) == HOGA_RE_NONE,
        .is_stopped = live.daemon_state == HOGA_DAEMON_STOPPED,
        .source = (uint8_t)(live.source <= UINT8_MAX ? live.source : HOGA_SO_UNKNOWN),
        .heartbeat_age_ns = age_ns(live.heartbeat_boot_ns, now_ns),
        .books_max = h->map.books_max,
        .depth = h->map.depth,
        .n_books = h->directory.n_used,
        .n_connections = connections_count(h),
        .blind_ms_max = live.blind_ms_max,
    };
    char version[READER_VERSION_SIZE];
    reader_daemon_version(&h->map, version);
    text_copy(ret->version, sizeof(ret->version), version, sizeof(version));
    (void)snprintf(ret->path, sizeof(ret->path), "%s", h->path);
    return 0;
}

int hoga_connection(struct hoga *h, uint32_t index, struct hoga_connection *ret)
{
    int64_t now_ns = lib_boot_ns();
    struct reader_live live;
    struct hoga_abi_connection_entry row;
    struct hoga_abi_connection_live words;
    (void)lib_handle_refresh(h, now_ns, &live);
    int r = reader_connection(&h->map, index, &row);
    if (r >= 0 && row.used)
        r = reader_connection_live(&h->map, index, &words);
    if (r == -EAGAIN)
        return r;
    if (r < 0 || !row.used)
        return index < connections_count(h) ? -ENOENT : -ERANGE;
    reader_live(&h->map, &live); /* after the row, as verdict.h argues */
    struct lib_verdict verdict;
    lib_verdict_connection(&row, &live, now_ns, &verdict);
    *ret = (struct hoga_connection){
        .state = verdict.state,
        .reason = verdict.reason,
        .source = row.source,
        .n_books = row.n_books,
        .since_ns = verdict.since_ns,
        .heard_age_ns = age_ns(words.heard_boot_ns, now_ns),
        .round_trip_ns = row.round_trip_ns,
        .n_connects = row.n_connects,
        .blind_ms_max = row.blind_ms_max,
        .http_status = row.http_status,
        .next_dial_ns = row.next_dial_ns,
    };
    text_copy(ret->venue, sizeof(ret->venue), row.venue, sizeof(row.venue));
    return 0;
}

int hoga_counter(struct hoga *h, uint32_t index, struct hoga_counter *ret)
{
    struct hoga_abi_counter row;
    int r = reader_counter(&h->map, index, &row);
    if (r == -EAGAIN)
        return r;
    if (r < 0 || row.name[0] == '\0') /* rows are named from the first on */
        return -ERANGE;
    *ret = (struct hoga_counter){ .value = row.value };
    text_copy(ret->name, sizeof(ret->name), row.name, sizeof(row.name));
    text_copy(ret->unit, sizeof(ret->unit), row.unit, sizeof(row.unit));
    return 0;
}

/* The largest value that bucket b counts (hoga_abi.h: it begins at (8 + b % 8) << (b / 8 - 1)). */
static uint64_t bucket_edge_ns(uint32_t b)
{
    uint32_t next = b + 1;
    if (next < HOGA_HISTOGRAM_SUB)
        return b;
    return ((uint64_t)(HOGA_HISTOGRAM_SUB + next % HOGA_HISTOGRAM_SUB) << (next / HOGA_HISTOGRAM_SUB - 1)) - 1;
}

static uint64_t percentile_ns(const struct hoga_abi_histogram *row, unsigned per_mille)
{
    /* The buckets' own sum: `count` is another word and may be one ahead or, in a damaged file, anything. */
    unsigned __int128 total = 0, sum = 0;
    for (uint32_t b = 0; b < HOGA_HISTOGRAM_BUCKETS; b++)
        total += row->bucket[b];
    for (uint32_t b = 0; b < HOGA_HISTOGRAM_BUCKETS; b++) {
        sum += row->bucket[b];
        if (sum > 0 && sum * 1000 >= total * per_mille)
            return bucket_edge_ns(b) < row->max_ns ? bucket_edge_ns(b) : row->max_ns;
    }
    return 0;
}

int hoga_latency(struct hoga *h, uint32_t index, struct hoga_latency *ret)
{
    struct hoga_abi_histogram row;
    int r = reader_histogram(&h->map, index, &row);
    if (r == -EAGAIN)
        return r;
    if (r < 0 || row.name[0] == '\0')
        return -ERANGE;
    *ret = (struct hoga_latency){
        .count = row.count,
        .sum_ns = row.sum_ns,
        .max_ns = row.max_ns,
        .p50_ns = percentile_ns(&row, 500),
        .p90_ns = percentile_ns(&row, 900),
        .p99_ns = percentile_ns(&row, 990),
        .p999_ns = percentile_ns(&row, 999),
    };
    text_copy(ret->venue, sizeof(ret->venue), row.venue, sizeof(row.venue));
    text_copy(ret->name, sizeof(ret->name), row.name, sizeof(row.name));
    return 0;
}

int hoga_latency_buckets(struct hoga *h, uint32_t index, uint64_t *ret_counts, uint32_t n_max)
{
    struct hoga_abi_histogram row;
    int r = reader_histogram(&h->map, index, &row);
    if (r == -EAGAIN)
        return r;
    if (r < 0 || row.name[0] == '\0')
        return -ERANGE;
    for (uint32_t b = 0; b < HOGA_HISTOGRAM_BUCKETS && b < n_max; b++)
        ret_counts[b] = row.bucket[b];
    return (int)HOGA_HISTOGRAM_BUCKETS;
}

uint64_t hoga_latency_edge_ns(uint32_t bucket)
{
    return bucket + 1 < HOGA_HISTOGRAM_BUCKETS ? bucket_edge_ns(bucket) : UINT64_MAX;
}
