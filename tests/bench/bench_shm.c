/* SPDX-License-Identifier: MIT
 * bench_shm.c - the segment's rows of design section 8: publish, read, last hop. Each with its floor or peer (memcpy of
 * the same bytes, one seqlock without a ring, an AF_UNIX datagram) in alternating rounds of the same run; medians. */
#include "bench.h"
#include "shm/reader.h"
#include "shm/seqlock.h"
#include "shm/writer.h"

#include "tests/stress/books.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS  501
#define CALLS   2000u
#define SAMPLES 100000u
#define HOPS    1000u
#define LEVELS  30u

static char folder[64], path[SEGMENT_PATH_SIZE], host[64] = "unknown";
static struct writer *writer;
static struct segment_map map;
static struct hoga_abi_level bids[LEVELS], asks[LEVELS];
static struct hoga_abi_book_head head_made;
static struct { /* a book as it lies in the segment: reads and their floor fill the same lines */
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[LEVELS], asks[LEVELS];
} got __attribute__((aligned(64)));
static const uint8_t *newest_copy; /* of slot 0 in the reader's map, while the writer is idle */
static uint64_t *n_spun;           /* in shared memory: what the spinning process has done */

static int order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t percentile(int64_t *values, size_t n, unsigned per_mille)
{
    qsort(values, n, sizeof *values, order);
    return values[(n - 1) * per_mille / 1000];
}

/* The writer of each bench runs on cpu 0, its reader on cpu 1. */
static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        (void)fprintf(stderr, "bench_shm: not pinned to cpu %d\n", cpu);
}

static pid_t spawn(void (*run)(void *), void *argument)
{
    pid_t pid = fork();

    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        pin(1);
        run(argument);
        _exit(0);
    }
    if (pid < 0)
        exit(2);
    return pid;
}

static void reap(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

/* --- publish
 * ------------------------------------------------------------------------------------------------------------ */

static void one_publish(void)
{
    writer_book_publish(writer, 0, &head_made, bids, asks);
}

static uint8_t plain_to[64 + 1088] __attribute__((aligned(64))), plain_from[1088] __attribute__((aligned(64)));

/* Not a constant to the compiler: a call to the library's memcpy, not the loop it would put in its place. */
static inline void copy(void *to, const void *from, size_t size)
{
    __asm__("" : "+r"(size));
    memcpy(to, from, size);
    __asm__ __volatile__("" : : "r"(to) : "memory");
}

static void one_memcpy(void)
{
    copy(plain_to + 64, plain_from, sizeof plain_from);
}

static void one_seqlock(void) /* one copy, no ring: the writer's side of the peer */
{
    uint64_t seq = seqlock_peek(plain_to) + 2;

    seqlock_poke(plain_to, seq - 1);
    seqlock_put(seqlock_form(), plain_to + 64, plain_from, sizeof plain_from);
    seqlock_store(plain_to, seq);
}

/* Picoseconds a call, the medians of rounds that alternate with the floor's. With a process that spins against `ours`,
 * only rounds count in which it got on: on a busy machine it is off its core now and then. Returns: how many counted.
 */
static int compare(void (*ours)(void), void (*floor_call)(void), uint64_t *io_reads, int64_t *ret_ours,
                   int64_t *ret_floor)
{
    int64_t ours_ps[ROUNDS], floor_ps[ROUNDS];
    int n = 0;

    for (int round = 0; round < ROUNDS; round++) {
        uint64_t n_read = seqlock_peek(n_spun);
        int64_t start = now_ns();

        for (uint32_t i = 0; i < CALLS; i++)
            ours();
        ours_ps[n] = (now_ns() - start) * 1000 / CALLS;
        n_read = seqlock_peek(n_spun) - n_read;
        if (io_reads != NULL && n_read < CALLS / 200)
            continue;
        if (io_reads != NULL)
            *io_reads += n_read;
        start = now_ns();
        for (uint32_t i = 0; i < CALLS; i++)
            floor_call();
        floor_ps[n++] = (now_ns() - start) * 1000 / CALLS;
    }
    *ret_ours = n > 0 ? percentile(ours_ps, (size_t)n, 500) : 0;
    *ret_floor = n > 0 ? percentile(floor_ps, (size_t)n, 500) : 0;
    return n;
}

static void one_read(void)
{
    (void)reader_book(&map, 0, &got.head, got.bids, got.asks, LEVELS);
    __asm__ __volatile__("" : : "r"(&got) : "memory");
}

static void one_read_top(void)
{
    (void)reader_book_head(&map, 0, &got.head);
    __asm__ __volatile__("" : : "r"(&got) : "memory");
}

static void one_memcpy_read(void) /* the floor of a read: the same pages, the same place */
{
    copy(&got, newest_copy, sizeof got);
}

static void one_memcpy_top(void)
{
    copy(&got, newest_copy, sizeof got.head);
}

static void reader_spins(void *unused)
{
    (void)unused;
    for (uint64_t n = 1;; n++) {
        one_read();
        seqlock_poke(n_spun, n);
    }
}

static void writer_spins(void *unused)
{
    (void)unused;
    for (;;)
        one_publish();
}

static void bench_pair(const char *name, void (*ours)(void), void (*floor_call)(void), int is_against)
{
    int64_t ours_ps, floor_ps;
    uint64_t n_reads = 0;
    int n = compare(ours, floor_call, is_against ? &n_reads : NULL, &ours_ps, &floor_ps);

    (void)printf("{\"bench\":\"%s\",\"n\":%u,\"rounds\":%d,\"p50_ns\":%lld.%02lld,\"memcpy_ns\":%lld.%02lld,"
                 "\"ratio_percent\":%lld,\"bytes\":1088,\"reads_against\":%llu,\"host\":\"%s\"}\n",
                 name, CALLS, n, (long long)(ours_ps / 1000), (long long)(ours_ps % 1000 / 10),
                 (long long)(floor_ps / 1000), (long long)(floor_ps % 1000 / 10),
                 (long long)(ours_ps * 100 / (floor_ps > 0 ? floor_ps : 1)), (unsigned long long)n_reads, host);
}

static void bench_pairs(void)
{
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_BOOK];
    pid_t pid;

    bench_pair("bench_shm_publish_1k", one_publish, one_memcpy, 0);
    bench_pair("bench_shm_publish_1k_seqlock_peer", one_seqlock, one_memcpy, 0);
    pid = spawn(reader_spins, NULL);
    while (seqlock_load(n_spun) == 0) /* it runs */
        ;
    bench_pair("bench_shm_publish_1k_reader_spins", one_publish, one_memcpy, 1);
    reap(pid);
    newest_copy =
        map.base + region->offset + seqlock_copy_offset(reader_book_newest(&map, 0), map.copies, region->item_size);
    bench_pair("bench_shm_read_30_idle", one_read, one_memcpy_read, 0);
    bench_pair("bench_shm_read_top_idle", one_read_top, one_memcpy_top, 0);
}

/* --- read against a writer flat out
 * ---------------------------------------------------------------------------------------- */

static void bench_read_busy(void)
{
    static int64_t ns[SAMPLES], floor_ns[SAMPLES];
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_BOOK];
    const struct hoga_abi_ring *ring = (const void *)(map.base + region->offset);
    pid_t pid = spawn(writer_spins, NULL);
    uint64_t n_moved = 0, n_lapped = 0, first = reader_book_newest(&map, 0);

    while (reader_book_newest(&map, 0) < first + 1000) /* it runs */
        ;

    for (uint32_t i = 0; i < SAMPLES; i++) {
        uint64_t before = reader_book_newest(&map, 0);
        int64_t start = now_ns();

        one_read();
        ns[i] = now_ns() - start;
        start = now_ns();
        one_memcpy_read();
        floor_ns[i] = now_ns() - start;
        n_moved += reader_book_newest(&map, 0) != before;
    }
    /* A retry needs the copy to be overtaken while it is read; counted by doing by hand what the reader does. */
    for (uint32_t i = 0; i < 10 * SAMPLES; i++) {
        uint64_t number = seqlock_newest(ring);
        const uint8_t *copy = (const uint8_t *)ring + seqlock_copy_offset(number, map.copies, region->item_size);

        n_lapped += !seqlock_is_copy(copy, number);
        seqlock_get(seqlock_form(), plain_to + 64, copy, 1088);
        n_lapped += !seqlock_is_copy(copy, number);
    }
    reap(pid);
    (void)printf(
        "{\"bench\":\"bench_shm_read_30_busy\",\"n\":%u,\"p50_ns\":%lld,\"p99_ns\":%lld,\"memcpy_p50_ns\":%lld,"
        "\"memcpy_p99_ns\":%lld,\"retries\":%llu,\"retries_of\":%u,\"writer_moved\":%llu,\"host\":\"%s\"}\n",
        SAMPLES, (long long)percentile(ns, SAMPLES, 500), (long long)percentile(ns, SAMPLES, 990),
        (long long)percentile(floor_ns, SAMPLES, 500), (long long)percentile(floor_ns, SAMPLES, 990),
        (unsigned long long)n_lapped, 10 * SAMPLES, (unsigned long long)n_moved, host);
}

/* --- the last hop
 * ----------------------------------------------------------------------------------------------------------- */

struct hop {
    uint64_t is_ready; /* the other process has taken its place */
    uint64_t n_seen;   /* messages it has got */
    int64_t ns[HOPS];
    int is_sleeping;
    int socket[2];
    struct hoga_abi_wake *wake;
};

/* The publish time travels in the book; the reader notes how old it is when it has it. */
static void hop_reader(void *argument)
{
    struct hop *hop = argument;
    uint64_t seen = reader_book_newest(&map, 0);

    seqlock_store(&hop->is_ready, 1);
    for (uint32_t i = 0; i < HOPS;) {
        struct hoga_abi_book_head head;
        uint32_t word = hop->is_sleeping ? reader_wake_word(&map) : 0;

        if (reader_book_newest(&map, 0) == seen) {
            if (hop->is_sleeping)
                (void)reader_sleep(&map, hop->wake, word, reader_slot_bit(0), (int64_t)HOGA_SLEEP_SLICE_NS);
            continue;
        }
        (void)reader_book_head(&map, 0, &head);
        hop->ns[i++] = now_ns() - head.publish_ns;
        seen = head.seq / 2;
        seqlock_store(&hop->n_seen, i);
    }
}

static void hop_datagram(void *argument)
{
    struct hop *hop = argument;
    uint8_t bytes[1088];

    seqlock_store(&hop->is_ready, 1);
    for (uint32_t i = 0; i < HOPS; i++) {
        int64_t sent_ns;

        if (recv(hop->socket[1], bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
            _exit(1);
        memcpy(&sent_ns, bytes, sizeof sent_ns);
        hop->ns[i] = now_ns() - sent_ns;
        seqlock_store(&hop->n_seen, i + 1);
    }
}

/* A gap between messages long enough for the other side to be waiting again. */
static void hop_gap(const struct hop *hop, uint32_t n_sent)
{
    int64_t until_ns = now_ns() + 30000;

    while (seqlock_load(&hop->n_seen) < n_sent)
        ;
    while (now_ns() < until_ns)
        ;
}

static void hop_send(struct hop *hop, int is_datagram)
{
    uint8_t bytes[1088] = { 0 };

    for (uint32_t i = 0; i < HOPS; i++) {
        int64_t sent_ns;

        hop_gap(hop, i);
        sent_ns = now_ns();
        if (is_datagram) {
            memcpy(bytes, &sent_ns, sizeof sent_ns);
            if (send(hop->socket[0], bytes, sizeof bytes, 0) < 0)
                exit(2);
        } else {
            head_made.publish_ns = sent_ns;
            one_publish();
            (void)writer_wake(writer);
        }
    }
    hop_gap(hop, HOPS);
}

static void bench_hop(const char *name, struct hop *hop, void (*receiver)(void *), int is_sleeping)
{
    pid_t pid;

    hop->n_seen = 0;
    hop->is_ready = 0;
    hop->is_sleeping = is_sleeping;
    pid = spawn(receiver, hop);
    while (seqlock_load(&hop->is_ready) == 0)
        ;
    hop_send(hop, receiver == hop_datagram);
    (void)waitpid(pid, NULL, 0);
    (void)printf("{\"bench\":\"%s\",\"n\":%u,\"p50_ns\":%lld,\"p99_ns\":%lld,\"host\":\"%s\"}\n", name, HOPS,
                 (long long)percentile(hop->ns, HOPS, 500), (long long)percentile(hop->ns, HOPS, 990), host);
}

static void bench_hops(void)
{
    struct hop *hop = mmap(NULL, sizeof *hop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char wake_path[SEGMENT_PATH_SIZE + 8];
    int fd;

    (void)snprintf(wake_path, sizeof wake_path, "%s.wake", path);
    fd = open(wake_path, O_RDWR | O_CLOEXEC);
    if (hop == MAP_FAILED || fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, hop->socket) < 0)
        exit(2);
    hop->wake = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int round = 0; round < 3; round++) { /* in turn, so that a busy moment hits all of them */
        bench_hop("bench_shm_hop_spinning", hop, hop_reader, 0);
        bench_hop("bench_shm_hop_sleeping", hop, hop_reader, 1);
        bench_hop("bench_shm_hop_datagram_peer", hop, hop_datagram, 0);
    }
}

int main(void)
{
    static const char *const suffixes[] = { "", ".lock", ".wake" };
    struct writer_options options;
    uint32_t slot;
    int fd;

    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* children must not inherit lines */
    (void)gethostname(host, sizeof host - 1);
    books_folder_init(folder, path);
    options = books_options(path, 4);
    if (writer_open(&options, &writer, NULL) < 0 || writer_slot_get(writer, "sim", "A", 1, &slot) < 0)
        return 2;
    writer_ready(writer, 1);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || segment_map_reader(fd, &map, NULL) < 0)
        return 2;
    for (uint32_t i = 0; i < LEVELS; i++)
        bids[i] = asks[i] = (struct hoga_abi_level){ 1000 + i, 7 };
    head_made.n_bids = head_made.n_asks = LEVELS;
    n_spun = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n_spun == MAP_FAILED)
        return 2;
    pin(0);
    bench_pairs();
    bench_read_busy();
    bench_hops();
    writer = writer_close(writer);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[SEGMENT_PATH_SIZE + 8];

        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    (void)rmdir(folder);
    return 0;
}
