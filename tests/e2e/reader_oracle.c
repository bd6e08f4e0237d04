/* SPDX-License-Identifier: MIT
 * reader_oracle.c - one reader that distrusts everything: it reads a sealed book (tests/support/sealed.h) through
 * libhoga until SIGTERM and says at the end, as one JSON line, what it saw. Half of the readers of a test sleep between
 * reads (--wait), half never do. It prints `state BOOTTIME_NS WORD REASON LAST_LIVE_NS` whenever the effective verdict
 * changes; the last is when the latest read that was given a live book began. */
#include "support/sealed.h"

#include <hoga/hoga.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEVELS_MAX      30
#define SLOW_READ_NS    1000000
#define OPEN_TIMEOUT_NS 20000000000

static sig_atomic_t is_over;

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

static int64_t boot_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_BOOTTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

struct oracle {
    uint64_t reads, live, torn, busy, stale, backwards, read_errors, slow;
    uint64_t update_last;
    int64_t live_boot_ns; /* when the latest read that said live began */
    uint8_t state_last;
};

/* Addresses of the segment's mappings in this process: more than one in a life means that it had to remap. */
static unsigned long segment_address(const char *path)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    unsigned long address = 0;

    while (maps && fgets(line, sizeof line, maps)) {
        char *name = strchr(line, '/');
        if (name && strncmp(name, path, strlen(path)) == 0 && name[strlen(path)] == '\n')
            address = strtoul(line, NULL, 16);
    }
    if (maps)
        (void)fclose(maps);
    return address;
}

static int is_sealed(const struct hoga_book *book, const struct hoga_level *bids, const struct hoga_level *asks)
{
    return sealed_check(&bids->price, &bids->size, book->n_bids < LEVELS_MAX ? book->n_bids : LEVELS_MAX, &asks->price,
                        &asks->size, book->n_asks < LEVELS_MAX ? book->n_asks : LEVELS_MAX, 2,
                        book->size_decimals) != 0;
}

static void read_once(struct hoga *h, hoga_id id, struct oracle *o)
{
    struct hoga_book book;
    struct hoga_level bids[LEVELS_MAX], asks[LEVELS_MAX];
    int64_t before = boot_ns();
    int r = hoga_read(h, id, 0, &book, bids, asks, LEVELS_MAX);

    o->slow += boot_ns() - before > SLOW_READ_NS;
    o->reads++;
    o->busy += r == -EAGAIN;
    o->stale += r == -ESTALE;
    o->read_errors += r < 0 && r != -EAGAIN && r != -ESTALE;
    if (r < 0)
        return;
    o->backwards += book.update < o->update_last;
    o->update_last = book.update;
    o->live += book.state == HOGA_LIVE;
    o->live_boot_ns = book.state == HOGA_LIVE ? before : o->live_boot_ns;
    /* A crossed one is told from a torn one by its prices: the simulator crosses what was sealed. */
    if (book.n_bids && book.bid.price < book.ask.price && !is_sealed(&book, bids, asks))
        o->torn++;
    if (book.state != o->state_last) {
        const char *reason = hoga_reason_word(book.reason);
        printf("state %" PRId64 " %s %s %" PRId64 "\n", boot_ns(), hoga_state_word(book.state), *reason ? reason : "-",
               o->live_boot_ns);
        (void)fflush(stdout);
    }
    o->state_last = book.state;
}

int main(int argc, char **argv)
{
    struct hoga *h;
    struct hoga_problem problem;
    struct oracle o = { .state_last = UINT8_MAX };
    hoga_id id;

    if (argc < 3) {
        fprintf(stderr, "usage: reader_oracle SEGMENT NAME [--wait]\n");
        return 2;
    }
    int waits = argc > 3 && strcmp(argv[3], "--wait") == 0;
    struct sigaction action = { .sa_handler = on_signal };
    (void)sigaction(SIGTERM, &action, NULL);
    if (hoga_open_wait(&h, argv[1], OPEN_TIMEOUT_NS, &problem) < 0) {
        fprintf(stderr, "reader_oracle: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
        return 1;
    }
    while (hoga_find(h, argv[2], &id) < 0 && !is_over)
        (void)hoga_wait_any(h, NULL, 0, NULL, NULL, 50000000);
    unsigned long address = segment_address(argv[1]);
    printf("ready\n");
    (void)fflush(stdout);
    while (!is_over) {
        read_once(h, id, &o);
        if (waits)
            (void)hoga_wait(h, id, o.update_last, o.state_last, 1000000000);
    }
    printf("{\"reads\":%" PRIu64 ",\"live\":%" PRIu64 ",\"torn\":%" PRIu64 ",\"busy\":%" PRIu64 ",\"stale\":%" PRIu64
           ",\"backwards\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"slow\":%" PRIu64 ",\"remapped\":%d,\"last\":%" PRIu64
           ",\"state\":\"%s\"}\n",
           o.reads, o.live, o.torn, o.busy, o.stale, o.backwards, o.read_errors, o.slow,
           segment_address(argv[1]) != address, o.update_last, hoga_state_word(o.state_last));
    h = hoga_close(h);
    return 0;
}
