/* SPDX-License-Identifier: MIT
 * bench_shm.c - the segment's rows of design section 8: publish, read, last hop. Each with its floor or peer (memcpy of
 * the same bytes, one seqlock without a ring, an AF_UNIX datagram) in alternating rounds of the same run; medians. */
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
#include <time.h>
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

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

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

static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
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

static void one_memcpy(void)
{
    memcpy(plain_to + 64, plain_from, sizeof plain_from);
    __asm__ __volatile__("" ::: "memory");
}

static void one_seqlock(void) /* one copy, no ring: the writer's side of the peer */
{
    uint64_t seq = seqlock_peek(plain_to) + 2;

    seqlock_poke(plain_to, seq - 1);
    seqlock_put(plain_to + 64, plain_from, sizeof plain_from);
    seqlock_store(plain_to, seq);
}

/* Nanoseconds a thousand calls, the median of rounds that alternate with the floor's. */
static void compare(void (*ours)(void), void (*floor_call)(void), int64_t *ret_ours, int64_t *ret_floor)
{
    int64_t ours_ps[ROUNDS], floor_ps[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = now_ns();

        for (uint32_t i = 0; i < CALLS; i++)
            ours();
        ours_ps[round] = (now_ns() - start) * 1000 / CALLS;
        start = now_ns();
        for (uint32_t i = 0; i < CALLS; i++)
            floor_call();
        floor_ps[round] = (now_ns() - start) * 1000 / CALLS;
    }
    *ret_ours = percentile(ours_ps, ROUNDS, 500);
    *ret_floor = percentile(floor_ps, ROUNDS, 500);
}

static void one_read(void)
{
    struct hoga_abi_book_head head;
    struct hoga_abi_level to_bids[LEVELS], to_asks[LEVELS];

    (void)reader_book(&map, 0, &head, to_bids, to_asks, LEVELS);
    __asm__ __volatile__("" : : "r"(&head), "r"(to_bids), "r"(to_asks) : "memory");
}

static void one_read_top(void)
{
    struct hoga_abi_book_head head;

    (void)reader_book_head(&map, 0, &head);
    __asm__ __volatile__("" : : "r"(&head) : "memory");
}

static void one_memcpy_top(void)
{
    memcpy(plain_to + 64, plain_from, sizeof(struct hoga_abi_book_head));
    __asm__ __volatile__("" ::: "memory");
}

static void reader_spins(void *unused)
{
    (void)unused;
    for (;;)
        one_read();
}

static void writer_spins(void *unused)
{
    (void)unused;
    for (;;)
        one_publish();
}

static void bench_pair(const char *name, void (*ours)(void), void (*floor_call)(void), const char *floor_name)
{
    int64_t ours_ps, floor_ps;

    compare(ours, floor_call, &ours_ps, &floor_ps);
    (void)printf("{\"bench\":\"%s\",\"n\":%u,\"rounds\":%d,\"p50_ns\":%lld.%02lld,\"%s_ns\":%lld.%02lld,"
                 "\"ratio_percent\":%lld,\"bytes\":1088,\"host\":\"%s\"}\n",
                 name, CALLS, ROUNDS, (long long)(ours_ps / 1000), (long long)(ours_ps % 1000 / 10), floor_name,
                 (long long)(floor_ps / 1000), (long long)(floor_ps % 1000 / 10),
                 (long long)(ours_ps * 100 / (floor_ps > 0 ? floor_ps : 1)), host);
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
        one_memcpy();
        floor_ns[i] = now_ns() - start;
        n_moved += reader_book_newest(&map, 0) != before;
    }
    /* A retry needs the copy to be overtaken while it is read; counted by doing by hand what the reader does. */
    for (uint32_t i = 0; i < 10 * SAMPLES; i++) {
        uint64_t number = seqlock_newest(ring);
        const uint8_t *copy = (const uint8_t *)ring + seqlock_copy_offset(number, map.copies, region->item_size);

        n_lapped += !seqlock_is_copy(copy, number);
        seqlock_get(plain_to + 64, copy, 1088);
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
    pid_t pid;
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
    pin(0);
    bench_pair("bench_shm_publish_1k", one_publish, one_memcpy, "memcpy");
    bench_pair("bench_shm_publish_1k_seqlock_peer", one_seqlock, one_memcpy, "memcpy");
    pid = spawn(reader_spins, NULL);
    bench_pair("bench_shm_publish_1k_reader_spins", one_publish, one_memcpy, "memcpy");
    reap(pid);
    bench_pair("bench_shm_read_30_idle", one_read, one_memcpy, "memcpy");
    bench_pair("bench_shm_read_top_idle", one_read_top, one_memcpy_top, "memcpy");
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
