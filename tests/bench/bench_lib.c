/* SPDX-License-Identifier: MIT
 * bench_lib.c - a consistent read of 30 levels with its effective verdict through libhoga (hoga_static), the caller
 * passing the time, against memcpy of the same bytes: from the same pages of the segment to the same arrays, in rounds
 * that alternate. One book that stays in the nearest cache is the hardest case for the ratio and nobody's case; so also
 * a window's worth of books in turn, and a whole exchange's. Then one book whose writer publishes flat out on the other
 * core, against memcpy from its newest copy. One JSON line each. */
#include <hoga/hoga.h>

#include "bench.h"
#include "shm/reader.h"
#include "shm/writer.h"

#include <inttypes.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define LEVELS    30
#define BOOKS     1000
#define ROUNDS    501
#define BATCH     2000 /* calls a round, of each kind */
#define READS_HOT 200000
#define BOOK_SIZE (sizeof(struct hoga_abi_book_head) + 2 * LEVELS * sizeof(struct hoga_level))
#define NS_PER_S  1000000000ll

struct rig {
    char folder[64], path[128];
    struct writer *writer;
    struct segment_map map;
    struct hoga *h;
    hoga_id ids[BOOKS];
    const uint8_t *copies[BOOKS]; /* where each book's newest copy lies */
    uint32_t slot;                /* of the first */
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[LEVELS], asks[LEVELS];
    int must_stop;
};

/* A book as it lies in the segment, so that both kinds of call fill the same lines. */
struct reads {
    uint8_t head[sizeof(struct hoga_abi_book_head)];
    struct hoga_level bids[LEVELS], asks[LEVELS];
    struct hoga_book book;
    struct hoga_level asks_apart[LEVELS];
};
_Static_assert(offsetof(struct reads, book) == BOOK_SIZE, "memcpy ends where the asks end");

/* Another place of a page in every round: where the copy goes decides which of its stores the processor takes for
 * stores to what is read next (4 KB apart), and no reader chooses that. */
static uint8_t room[2 * 4096] __attribute__((aligned(4096)));
static struct reads *reads = (struct reads *)(void *)room;
static uint64_t n_not_live;
_Static_assert(sizeof(room) - 4096 >= sizeof(struct reads), "any place of a page will do");

static void place(unsigned round)
{
    reads = (struct reads *)(void *)(room + round * 192 % 4096);
}

static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) < 0)
        (void)fprintf(stderr, "bench_lib: not pinned to cpu %d\n", cpu);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    (void)clock_gettime(clock, &ts);
    return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int rig_publish(struct rig *rig)
{
    struct hoga_abi_connection_entry row = { .venue = "upbit", .used = 1, .state = HOGA_ST_LIVE };

    rig->head = (struct hoga_abi_book_head){ .state = HOGA_ST_LIVE, .n_bids = LEVELS, .n_asks = LEVELS };
    for (int i = 0; i < LEVELS; i++) {
        rig->bids[i] = (struct hoga_abi_level){ 1000 - i, i + 1 };
        rig->asks[i] = (struct hoga_abi_level){ 1001 + i, i + 1 };
    }
    writer_connection_publish(rig->writer, 0, &row);
    for (int i = 0; i < BOOKS; i++) {
        char symbol[16];
        uint32_t slot;
        (void)snprintf(symbol, sizeof(symbol), "KRW-%d", i);
        if (writer_slot_get(rig->writer, "upbit", symbol, clock_ns(CLOCK_REALTIME), &slot) < 0)
            return -1;
        for (int n = 0; n < 1 + i % 8; n++) /* not all newest copies at the same place of their ring */
            writer_book_publish(rig->writer, slot, &rig->head, rig->bids, rig->asks);
        if (i == 0)
            rig->slot = slot;
    }
    writer_ready(rig->writer, clock_ns(CLOCK_BOOTTIME));
    return 0;
}

static int rig_attach(struct rig *rig)
{
    struct hoga_problem problem;
    int fd = open(rig->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || segment_map_reader(fd, &rig->map, NULL) < 0 || hoga_open(&rig->h, rig->path, &problem) < 0)
        return -1;
    (void)close(fd);
    const struct hoga_abi_region *region = &rig->map.region[HOGA_REGION_BOOK];
    for (uint32_t i = 0; i < BOOKS; i++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "upbit:KRW-%u", i);
        if (hoga_find(rig->h, name, &rig->ids[i]) < 0)
            return -1;
        uint32_t slot = (uint32_t)(rig->ids[i] & 0xffff); /* handle.h */
        rig->copies[i] = rig->map.base + region->offset + slot * region->stride + sizeof(struct hoga_abi_ring) +
                         reader_book_newest(&rig->map, slot) % rig->map.copies * region->item_size;
    }
    return 0;
}

static int rig_open(struct rig *rig)
{
    struct writer_options options = { .path = rig->path,
                                      .layout = { .books_max = BOOKS, .depth = LEVELS, .connections_max = 4 },
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
    return rig_publish(rig) < 0 ? -1 : rig_attach(rig);
}

static void rig_close(struct rig *rig)
{
    static const char *const ends[] = { "", ".lock", ".wake" };

    rig->h = hoga_close(rig->h);
    segment_unmap(&rig->map);
    rig->writer = writer_close(rig->writer);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char path[160];
        (void)snprintf(path, sizeof(path), "%s%s", rig->path, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
}

/* `asks` right behind the bids, as in the segment, or elsewhere. */
static int64_t batch_read(const struct rig *rig, int n_books, int64_t now_ns, struct hoga_level *asks)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0, k = 0; i < BATCH; i++, k = k + 1 == n_books ? 0 : k + 1)
        n_not_live += hoga_read(rig->h, rig->ids[k], now_ns, &reads->book, reads->bids, asks, LEVELS) < 0 ||
                      reads->book.state != HOGA_LIVE;
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static int64_t batch_top(const struct rig *rig, int n_books, int64_t now_ns)
{
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0, k = 0; i < BATCH; i++, k = k + 1 == n_books ? 0 : k + 1)
        n_not_live += hoga_read_top(rig->h, rig->ids[k], now_ns, &reads->book) < 0 || reads->book.state != HOGA_LIVE;
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static int64_t batch_memcpy(const struct rig *rig, int n_books)
{
    size_t size = BOOK_SIZE;
    int64_t start = clock_ns(CLOCK_MONOTONIC);
    for (int i = 0, k = 0; i < BATCH; i++, k = k + 1 == n_books ? 0 : k + 1) {
        __asm__("" : "+r"(size)); /* not a constant: the library's memcpy, as a reader would call it */
        (void)memcpy(reads->head, rig->copies[k], size);
        __asm__("" ::"r"(reads) : "memory");
    }
    return clock_ns(CLOCK_MONOTONIC) - start;
}

static void bench_idle(struct rig *rig, int n_books, const char *host)
{
    static int64_t read_ns[ROUNDS], apart_ns[ROUNDS], top_ns[ROUNDS], memcpy_ns[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        place((unsigned)i);
        int64_t now_ns = clock_ns(CLOCK_BOOTTIME);
        writer_heartbeat(rig->writer, now_ns);
        read_ns[i] = batch_read(rig, n_books, now_ns, reads->asks);
        memcpy_ns[i] = batch_memcpy(rig, n_books);
        top_ns[i] = batch_top(rig, n_books, now_ns);
        apart_ns[i] = batch_read(rig, n_books, now_ns, reads->asks_apart);
    }
    qsort(read_ns, ROUNDS, sizeof(read_ns[0]), compare_int64);
    qsort(memcpy_ns, ROUNDS, sizeof(memcpy_ns[0]), compare_int64);
    qsort(apart_ns, ROUNDS, sizeof(apart_ns[0]), compare_int64);
    qsort(top_ns, ROUNDS, sizeof(top_ns[0]), compare_int64);
    (void)printf("{\"bench\":\"lib_read_30_of_%d\",\"books\":%d,\"n\":%d,\"p50_ns\":%.1f,\"p99_ns\":%.1f,"
                 "\"memcpy_p50_ns\":%.1f,\"times_memcpy\":%.2f,\"goal\":1.3,\"apart_p50_ns\":%.1f,\"top_p50_ns\":%.1f,"
                 "\"bytes\":%zu,"
                 "\"library\":\"static\",\"not_live\":%" PRIu64 ",\"host\":\"%s\"}\n",
                 n_books, n_books, ROUNDS * BATCH, (double)read_ns[ROUNDS / 2] / BATCH,
                 (double)read_ns[ROUNDS * 99 / 100] / BATCH, (double)memcpy_ns[ROUNDS / 2] / BATCH,
                 (double)read_ns[ROUNDS / 2] / (double)memcpy_ns[ROUNDS / 2], (double)apart_ns[ROUNDS / 2] / BATCH,
                 (double)top_ns[ROUNDS / 2] / BATCH, BOOK_SIZE, n_not_live, host);
}

static void *write_flat_out(void *arg)
{
    struct rig *rig = arg;

    pin(1);
    for (uint64_t i = 1; !__atomic_load_n(&rig->must_stop, __ATOMIC_RELAXED); i++) {
        rig->head.n_applied = i;
        writer_book_publish(rig->writer, rig->slot, &rig->head, rig->bids, rig->asks);
        if (i % 65536 == 0)
            writer_heartbeat(rig->writer, clock_ns(CLOCK_BOOTTIME));
    }
    return NULL;
}

/* Times of one kind of call, and of those among them that met an update which the call before had not: on a shared
 * machine the writer is off its core most of the time, and then a book is read from near memory. */
struct hot {
    int64_t ns[READS_HOT], met_ns[READS_HOT];
    int n, n_met;
    uint64_t seen;
};

static void hot_note(struct hot *hot, int64_t ns, uint64_t update)
{
    hot->ns[hot->n++] = ns;
    if (update != hot->seen)
        hot->met_ns[hot->n_met++] = ns;
    hot->seen = update;
}

static void hot_sort(struct hot *hot)
{
    qsort(hot->ns, (size_t)hot->n, sizeof(hot->ns[0]), compare_int64);
    qsort(hot->met_ns, (size_t)hot->n_met, sizeof(hot->met_ns[0]), compare_int64);
}

static uint64_t hot_memcpy(const struct rig *rig)
{
    const struct hoga_abi_region *region = &rig->map.region[HOGA_REGION_BOOK];
    const uint8_t *ring = rig->map.base + region->offset + rig->slot * region->stride;
    uint64_t update = reader_book_newest(&rig->map, rig->slot);

    (void)memcpy(reads->head, ring + sizeof(struct hoga_abi_ring) + update % rig->map.copies * region->item_size,
                 BOOK_SIZE);
    __asm__("" ::"r"(reads) : "memory");
    return update;
}

static void bench_hot(struct rig *rig, const char *host)
{
    static struct hot ours, plain;
    hoga_id id = rig->ids[0];
    struct hoga *h = rig->h;
    pthread_t thread;
    uint64_t n_failed = 0;
    int64_t start = clock_ns(CLOCK_MONOTONIC);

    writer_heartbeat(rig->writer, clock_ns(CLOCK_BOOTTIME));
    uint64_t first = hoga_update(h, id);
    if (pthread_create(&thread, NULL, write_flat_out, rig) != 0)
        return;
    for (int i = 0; i < READS_HOT; i++) {
        int64_t now_ns = clock_ns(CLOCK_BOOTTIME), before = clock_ns(CLOCK_MONOTONIC);
        n_failed += hoga_read(h, id, now_ns, &reads->book, reads->bids, reads->asks, LEVELS) < 0;
        hot_note(&ours, clock_ns(CLOCK_MONOTONIC) - before, reads->book.update);
        before = clock_ns(CLOCK_MONOTONIC);
        uint64_t update = hot_memcpy(rig);
        hot_note(&plain, clock_ns(CLOCK_MONOTONIC) - before, update);
    }
    __atomic_store_n(&rig->must_stop, 1, __ATOMIC_RELAXED);
    (void)pthread_join(thread, NULL);
    uint64_t n_writes = hoga_update(h, id) - first;
    hot_sort(&ours);
    hot_sort(&plain);
    (void)printf("{\"bench\":\"lib_read_30_hot\",\"n\":%d,\"p50_ns\":%" PRId64 ",\"p99_ns\":%" PRId64
                 ",\"goal_p99_ns\":600,\"met\":%d,\"met_p50_ns\":%" PRId64 ",\"met_p99_ns\":%" PRId64
                 ",\"memcpy_met_p50_ns\":%" PRId64 ",\"memcpy_met_p99_ns\":%" PRId64 ",\"failed\":%" PRIu64
                 ",\"ns_a_write\":%.1f,\"clock_included\":1,\"host\":\"%s\"}\n",
                 ours.n, ours.ns[ours.n / 2], ours.ns[ours.n * 99l / 100], ours.n_met, ours.met_ns[ours.n_met / 2],
                 ours.met_ns[ours.n_met * 99l / 100], plain.met_ns[plain.n_met / 2],
                 plain.met_ns[plain.n_met * 99l / 100], n_failed,
                 (double)(clock_ns(CLOCK_MONOTONIC) - start) / (double)(n_writes + 1), host);
}

int main(void)
{
    static const int n_books[] = { 1, 64, BOOKS };
    static struct rig rig;
    struct utsname host;
    int r = 1;

    (void)uname(&host);
    pin(0);
    if (rig_open(&rig) < 0) {
        (void)fprintf(stderr, "bench_lib: no segment\n");
    } else {
        for (size_t i = 0; i < sizeof(n_books) / sizeof(n_books[0]); i++)
            bench_idle(&rig, n_books[i], host.nodename);
        bench_hot(&rig, host.nodename);
        r = 0;
    }
    rig_close(&rig);
    return r;
}
