/* SPDX-License-Identifier: MIT
 * bench_lib.c - a consistent read of 30 levels with its effective verdict through libhoga, the caller passing the time,
 * against memcpy of the same bytes, interleaved in one run; and the same with a writer that publishes flat out. Prints
 * one JSON line each. */
#include <hoga/hoga.h>

#include "shm/writer.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LEVELS    30
#define ROUNDS    501
#define BATCH     2000
#define READS_HOT 200000
#define BOOK_SIZE (sizeof(struct hoga_abi_book_head) + 2 * LEVELS * sizeof(struct hoga_level))
#define NS_PER_S  1000000000ll

struct rig {
    char folder[64], path[128];
    struct writer *writer;
    uint32_t slot;
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[LEVELS], asks[LEVELS];
    int must_stop;
};

static char copy_from[BOOK_SIZE], copy_to[BOOK_SIZE];

static int64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    (void)clock_gettime(clock, &ts);
    return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int rig_open(struct rig *rig)
{
    struct writer_options options = { .path = rig->path,
                                      .layout = { .books_max = 16, .depth = LEVELS, .connections_max = 4 },
                                      .daemon_version = "bench",
                                      .source = HOGA_SO_SIMULATOR,
                                      .mode = 0640 };
    struct segment_problem problem;

    (void)snprintf(rig->folder, sizeof(rig->folder), "/dev/shm/hoga-bench-XXXXXX");
    if (mkdtemp(rig->folder) == NULL)
        return -1;
    (void)snprintf(rig->path, sizeof(rig->path), "%s/books", rig->folder);
    if (writer_open(&options, &rig->writer, &problem) < 0) {
        (void)fprintf(stderr, "bench_lib: %s: %s\n", problem.what, problem.why);
        return -1;
    }
    struct hoga_abi_connection_entry row = { .venue = "upbit", .used = 1, .state = HOGA_ST_LIVE };
    writer_connection_publish(rig->writer, 0, &row);
    if (writer_slot_get(rig->writer, "upbit", "KRW-BTC", clock_ns(CLOCK_REALTIME), &rig->slot) < 0)
        return -1;
    rig->head = (struct hoga_abi_book_head){ .state = HOGA_ST_LIVE, .n_bids = LEVELS, .n_asks = LEVELS };
    for (int i = 0; i < LEVELS; i++) {
        rig->bids[i] = (struct hoga_abi_level){ 1000 - i, i + 1 };
        rig->asks[i] = (struct hoga_abi_level){ 1001 + i, i + 1 };
    }
    writer_ready(rig->writer, clock_ns(CLOCK_BOOTTIME));
    writer_book_publish(rig->writer, rig->slot, &rig->head, rig->bids, rig->asks);
    return 0;
}

static void rig_close(struct rig *rig)
{
    static const char *const ends[] = { "", ".lock", ".wake" };

    rig->writer = writer_close(rig->writer);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char path[160];
        (void)snprintf(path, sizeof(path), "%s%s", rig->path, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

struct reads {
    struct hoga_level bids[LEVELS], asks[LEVELS];
    struct hoga_book book;
    uint64_t n_bad;
};

static int64_t batch_read(struct hoga *h, hoga_id id, int64_t now_ns, struct reads *r)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < BATCH; i++)
        r->n_bad += hoga_read(h, id, now_ns, &r->book, r->bids, r->asks, LEVELS) < 0 || r->book.state != HOGA_LIVE;
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static int64_t batch_top(struct hoga *h, hoga_id id, int64_t now_ns, struct reads *r)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < BATCH; i++)
        r->n_bad += hoga_read_top(h, id, now_ns, &r->book) < 0 || r->book.state != HOGA_LIVE;
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static int64_t batch_memcpy(void)
{
    size_t size = BOOK_SIZE;
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < BATCH; i++) {
        __asm__("" : "+r"(size)); /* not a constant: the library's memcpy, as a reader would call it */
        (void)memcpy(copy_to, copy_from, size);
        __asm__("" ::"r"(copy_to) : "memory");
    }
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static void bench_idle(struct rig *rig, struct hoga *h, hoga_id id, const char *host)
{
    static int64_t read_ns[ROUNDS], top_ns[ROUNDS], memcpy_ns[ROUNDS];
    static struct reads reads;

    for (int i = 0; i < ROUNDS; i++) {
        int64_t now_ns = clock_ns(CLOCK_BOOTTIME);
        writer_heartbeat(rig->writer, now_ns);
        read_ns[i] = batch_read(h, id, now_ns, &reads);
        memcpy_ns[i] = batch_memcpy();
        top_ns[i] = batch_top(h, id, now_ns, &reads);
    }
    qsort(read_ns, ROUNDS, sizeof(read_ns[0]), compare);
    qsort(memcpy_ns, ROUNDS, sizeof(memcpy_ns[0]), compare);
    qsort(top_ns, ROUNDS, sizeof(top_ns[0]), compare);
    (void)printf("{\"bench\":\"lib_read_30\",\"n\":%d,\"p50_ns\":%.1f,\"p99_ns\":%.1f,\"memcpy_p50_ns\":%.1f,"
                 "\"times_memcpy\":%.2f,\"goal\":1.3,\"top_p50_ns\":%.1f,\"bytes\":%zu,\"not_live\":%" PRIu64
                 ",\"host\":\"%s\"}\n",
                 ROUNDS * BATCH, (double)read_ns[ROUNDS / 2] / BATCH, (double)read_ns[ROUNDS * 99 / 100] / BATCH,
                 (double)memcpy_ns[ROUNDS / 2] / BATCH, (double)read_ns[ROUNDS / 2] / (double)memcpy_ns[ROUNDS / 2],
                 (double)top_ns[ROUNDS / 2] / BATCH, BOOK_SIZE, reads.n_bad, host);
}

static void *write_flat_out(void *arg)
{
    struct rig *rig = arg;

    for (uint64_t i = 1; !__atomic_load_n(&rig->must_stop, __ATOMIC_RELAXED); i++) {
        rig->head.n_applied = i;
        writer_book_publish(rig->writer, rig->slot, &rig->head, rig->bids, rig->asks);
        if (i % 65536 == 0)
            writer_heartbeat(rig->writer, clock_ns(CLOCK_BOOTTIME));
    }
    return NULL;
}

static void bench_hot(struct rig *rig, struct hoga *h, hoga_id id, const char *host)
{
    static int64_t ns[READS_HOT];
    static struct reads reads;
    pthread_t thread;
    uint64_t n_again = 0;
    int64_t start = clock_ns(CLOCK_MONOTONIC);

    writer_heartbeat(rig->writer, clock_ns(CLOCK_BOOTTIME));
    uint64_t first = hoga_update(h, id);
    if (pthread_create(&thread, NULL, write_flat_out, rig) != 0)
        return;
    for (int i = 0; i < READS_HOT; i++) {
        int64_t now_ns = clock_ns(CLOCK_BOOTTIME), before = clock_ns(CLOCK_MONOTONIC);
        n_again += hoga_read(h, id, now_ns, &reads.book, reads.bids, reads.asks, LEVELS) < 0;
        ns[i] = clock_ns(CLOCK_MONOTONIC) - before;
    }
    __atomic_store_n(&rig->must_stop, 1, __ATOMIC_RELAXED);
    (void)pthread_join(thread, NULL);
    uint64_t n_writes = hoga_update(h, id) - first;
    qsort(ns, READS_HOT, sizeof(ns[0]), compare);
    (void)printf("{\"bench\":\"lib_read_30_hot\",\"n\":%d,\"p50_ns\":%" PRId64 ",\"p99_ns\":%" PRId64
                 ",\"goal_p99_ns\":600,\"failed\":%" PRIu64
                 ",\"ns_a_write\":%.1f,\"clock_included\":1,\"host\":\"%s\"}\n",
                 READS_HOT, ns[READS_HOT / 2], ns[READS_HOT * 99 / 100], n_again,
                 (double)(clock_ns(CLOCK_MONOTONIC) - start) / (double)(n_writes + 1), host);
}

int main(void)
{
    static struct rig rig;
    struct utsname host;
    struct hoga *h = NULL;
    struct hoga_problem problem;
    hoga_id id;
    int r = 1;

    (void)uname(&host);
    if (rig_open(&rig) < 0)
        return 1;
    if (hoga_open(&h, rig.path, &problem) < 0) {
        (void)fprintf(stderr, "bench_lib: %s: %s\n", problem.what, problem.why);
    } else if (hoga_find(h, "upbit:krw-btc", &id) == 0) {
        bench_idle(&rig, h, id, host.nodename);
        bench_hot(&rig, h, id, host.nodename);
        r = 0;
    }
    (void)hoga_close(h);
    rig_close(&rig);
    return r;
}
