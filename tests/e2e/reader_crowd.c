/* SPDX-License-Identifier: MIT
 * reader_crowd.c SEGMENT READERS SEED PAGE NAME... - many readers that come and go: each thread opens the segment,
 * lives for a moment of reading, looking and waiting, closes, and begins again, until SIGTERM. What it must never see
 * is counted and said at the end as one JSON line. Books of the first name are sealed (tests/support/sealed.h). PAGE is
 * a file where the begin of the latest read that was given a live book stands (int64, CLOCK_BOOTTIME ns). */
#include "support/sealed.h"

#include <hoga/hoga.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define READERS_MAX  256
#define LEVELS_MAX   30
#define LIFE_MS_MAX  1500
#define WAIT_NS      50000000
#define HANG_NS      20000000000 /* a call that should have taken WAIT_NS at most, on a machine that is busy */
#define CHECK_NS     100000000
#define AGE_SLACK_NS 1000000000 /* the tick that judges silence, on such a machine */

enum wrong { TORN, OLD, BACKWARDS, ERRORS, CROSSED, HANGS, WRONGS };

static const char *const words[WRONGS] = { "torn", "old", "backwards", "errors", "crossed", "hangs" };

struct reader {
    pthread_t thread;
    unsigned seed;
    int64_t called_boot_ns; /* begin of the call it is in; 0: in none */
    uint64_t lives, reads, live;
};

static struct {
    const char *path;
    char **names;
    int n_names;
    int is_over;
    uint64_t wrong[WRONGS];
    char first[256]; /* of what is wrong */
    int64_t *live_boot_ns;
    struct reader readers[READERS_MAX];
} crowd;

static int64_t boot_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_BOOTTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int is_over(void)
{
    return __atomic_load_n(&crowd.is_over, __ATOMIC_RELAXED);
}

static void wrong(enum wrong what, const char *name, int64_t detail)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    (void)pthread_mutex_lock(&lock);
    if (!crowd.first[0])
        (void)snprintf(crowd.first, sizeof crowd.first, "%s %s %" PRId64, words[what], name, detail);
    crowd.wrong[what]++;
    (void)pthread_mutex_unlock(&lock);
}

static void live_note(int64_t begun_ns)
{
    int64_t last = __atomic_load_n(crowd.live_boot_ns, __ATOMIC_RELAXED);

    while (begun_ns > last &&
           !__atomic_compare_exchange_n(crowd.live_boot_ns, &last, begun_ns, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

static void live_judge(struct hoga *h, const char *name, const struct hoga_book *book, const struct hoga_level *bids,
                       const struct hoga_level *asks)
{
    uint32_t n_bids = book->n_bids < LEVELS_MAX ? book->n_bids : LEVELS_MAX;
    uint32_t n_asks = book->n_asks < LEVELS_MAX ? book->n_asks : LEVELS_MAX;
    struct hoga_daemon daemon;

    if (hoga_daemon(h, &daemon) == 0 && daemon.blind_ms_max > 0 &&
        book->heard_age_ns > (int64_t)daemon.blind_ms_max * 1000000 + AGE_SLACK_NS)
        wrong(OLD, name, book->heard_age_ns);
    if (n_bids && n_asks && bids[0].price >= asks[0].price)
        wrong(CROSSED, name, (int64_t)book->update);
    if (strcmp(name, crowd.names[0]) == 0 &&
        !sealed_check(&bids->price, &bids->size, n_bids, &asks->price, &asks->size, n_asks, 2, book->size_decimals))
        wrong(TORN, name, (int64_t)book->update);
}

static void read_once(struct hoga *h, struct reader *r, const char *name, hoga_id id, struct hoga_book *io_book)
{
    struct hoga_level bids[LEVELS_MAX], asks[LEVELS_MAX];
    uint64_t before = io_book->update, epoch = io_book->epoch;
    int64_t begun_ns = boot_ns();
    int n = hoga_read(h, id, 0, io_book, bids, asks, LEVELS_MAX);

    r->reads++;
    if (n < 0) {
        if (n != -EAGAIN && n != -ESTALE)
            wrong(ERRORS, name, n);
        return;
    }
    if (io_book->epoch < epoch || (io_book->epoch == epoch && io_book->update < before))
        wrong(BACKWARDS, name, (int64_t)io_book->update);
    if (io_book->state != HOGA_LIVE)
        return;
    r->live++;
    live_note(begun_ns);
    live_judge(h, name, io_book, bids, asks);
}

/* One moment's work on one book. */
static void step(struct hoga *h, struct reader *r)
{
    const char *name = crowd.names[rand_r(&r->seed) % crowd.n_names];
    struct hoga_book book = { .update = 0 };
    struct hoga_instrument in;
    hoga_id ids[16], id;
    uint32_t row = 0;
    int n;

    n = hoga_find(h, name, &id);
    if (n < 0) { /* a reload may have taken it away, or not brought it yet */
        if (n != -ENOENT && n != -EAGAIN)
            wrong(ERRORS, name, n);
        (void)hoga_wait_any(h, NULL, 0, NULL, NULL, WAIT_NS);
        return;
    }
    for (int i = rand_r(&r->seed) % 8; i >= 0; i--)
        read_once(h, r, name, id, &book);
    switch (rand_r(&r->seed) % 4) {
    case 0:
        n = hoga_wait_any(h, NULL, 0, NULL, NULL, WAIT_NS);
        break;
    case 1:
        n = hoga_list(h, ids, 16);
        break;
    case 2:
        n = hoga_catalogue_next(h, &row, &in);
        break;
    default:
        n = hoga_wait(h, id, book.update, book.state, WAIT_NS);
    }
    if (n < 0 && n != -ETIMEDOUT && n != -EAGAIN && n != -ESTALE && n != -EINTR)
        wrong(ERRORS, name, n);
}

static void live_once(struct reader *r)
{
    int64_t end_ns = boot_ns() + (int64_t)(rand_r(&r->seed) % LIFE_MS_MAX) * 1000000;
    struct hoga_problem problem;
    struct hoga *h;
    int n;

    __atomic_store_n(&r->called_boot_ns, boot_ns(), __ATOMIC_RELAXED);
    n = hoga_open_wait(&h, crowd.path, WAIT_NS, &problem);
    __atomic_store_n(&r->called_boot_ns, 0, __ATOMIC_RELAXED);
    if (n < 0) {
        if (n != -ETIMEDOUT && n != -EINTR)
            wrong(ERRORS, problem.why, n);
        return;
    }
    r->lives++;
    while (boot_ns() < end_ns && !is_over()) {
        __atomic_store_n(&r->called_boot_ns, boot_ns(), __ATOMIC_RELAXED);
        step(h, r);
        __atomic_store_n(&r->called_boot_ns, 0, __ATOMIC_RELAXED);
    }
    h = hoga_close(h);
}

static void *reader_run(void *context)
{
    while (!is_over())
        live_once(context);
    return NULL;
}

static void hangs_look(int n)
{
    int64_t now_ns = boot_ns();

    for (int i = 0; i < n; i++) {
        int64_t since_ns = __atomic_load_n(&crowd.readers[i].called_boot_ns, __ATOMIC_RELAXED);

        if (since_ns > 0 && now_ns - since_ns > HANG_NS)
            wrong(HANGS, "", now_ns - since_ns);
    }
}

static int page_map(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || ftruncate(fd, 2 * sizeof *crowd.live_boot_ns) < 0)
        return -1;
    crowd.live_boot_ns = mmap(NULL, sizeof *crowd.live_boot_ns, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return crowd.live_boot_ns == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
    const struct timespec often = { .tv_nsec = CHECK_NS };
    sigset_t ends;
    struct reader all = { 0 };
    int n = argc > 5 ? atoi(argv[2]) : 0;

    if (n < 1 || n > READERS_MAX || page_map(argv[4]) < 0) {
        fprintf(stderr, "usage: reader_crowd SEGMENT READERS SEED PAGE NAME...\n");
        return 2;
    }
    crowd.path = argv[1];
    crowd.names = argv + 5;
    crowd.n_names = argc - 5;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* the threads inherit it */
    for (int i = 0; i < n; i++) {
        crowd.readers[i].seed = (unsigned)(atoi(argv[3]) * 1000 + i);
        if (pthread_create(&crowd.readers[i].thread, NULL, reader_run, &crowd.readers[i]) != 0)
            return 1;
    }
    printf("ready\n");
    (void)fflush(stdout);
    while (sigtimedwait(&ends, NULL, &often) < 0)
        hangs_look(n);
    __atomic_store_n(&crowd.is_over, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < n; i++) {
        (void)pthread_join(crowd.readers[i].thread, NULL);
        all.lives += crowd.readers[i].lives;
        all.reads += crowd.readers[i].reads;
        all.live += crowd.readers[i].live;
    }
    printf("{\"lives\":%" PRIu64 ",\"reads\":%" PRIu64 ",\"live\":%" PRIu64, all.lives, all.reads, all.live);
    for (int i = 0; i < WRONGS; i++)
        printf(",\"%s\":%" PRIu64, words[i], crowd.wrong[i]);
    printf(",\"first\":\"%s\"}\n", crowd.first);
    return 0;
}
