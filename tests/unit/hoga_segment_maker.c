/* SPDX-License-Identifier: MIT
 * hoga_segment_maker.c - hoga_segment_maker PATH: a real segment with one live book, toy:A-B, whose update n has the
 * best bid 100 + n. Says "ready", then obeys lines on its standard input, so that a test decides when something
 * happens: "publish", "wait" (until somebody sleeps on the wake word), and the end of the input, which ends it. */
#include "shm/seqlock.h"
#include "shm/writer.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LEVELS  3
#define TICK_MS 20
#define WAITS   1000 /* ticks of patience for a sleeper */

static int64_t clock_ns(clockid_t clock)
{
    struct timespec ts;
    (void)clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void publish(struct writer *w, uint32_t slot, int64_t n)
{
    struct hoga_abi_level bids[LEVELS], asks[LEVELS];
    struct hoga_abi_book_head head = { .state = HOGA_ST_LIVE,
                                       .source = HOGA_SO_SIMULATOR,
                                       .price_decimals = 1,
                                       .size_decimals = 2,
                                       .connection = HOGA_CONNECTION_NONE,
                                       .n_bids = LEVELS,
                                       .n_asks = LEVELS };
    for (int i = 0; i < LEVELS; i++) {
        bids[i] = (struct hoga_abi_level){ 1000 + 10 * n - 5 * i, 100 };
        asks[i] = (struct hoga_abi_level){ 1005 + 10 * n + 5 * i, 100 };
    }
    writer_book_publish(w, slot, &head, bids, asks);
    (void)writer_wake(w);
}

/* A line in `line`, heartbeats while there is none. Returns: its length, 0 at the end. */
static size_t line_take(struct writer *w, char *line, size_t size)
{
    struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
    size_t used = 0;
    while (used < size - 1) {
        writer_heartbeat(w, clock_ns(CLOCK_BOOTTIME));
        if (poll(&pfd, 1, TICK_MS) <= 0)
            continue;
        if (read(STDIN_FILENO, line + used, 1) != 1)
            return 0;
        if (line[used++] == '\n')
            break;
    }
    line[used] = '\0';
    return used;
}

static void sleeper_await(struct writer *w, const char *path)
{
    char wake_path[SEGMENT_PATH_SIZE + 8];
    (void)snprintf(wake_path, sizeof(wake_path), "%s.wake", path);
    int fd = open(wake_path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    struct hoga_abi_wake *wake = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (int i = 0; i < WAITS && wake != MAP_FAILED && seqlock_load_32(&wake->sleepers) == 0; i++) {
        writer_heartbeat(w, clock_ns(CLOCK_BOOTTIME));
        (void)poll(NULL, 0, TICK_MS);
    }
    if (wake != MAP_FAILED)
        (void)munmap(wake, HOGA_PAGE_SIZE);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    struct writer_options options = { .path = argc == 2 ? argv[1] : NULL,
                                      .layout = { .books_max = 4, .depth = LEVELS, .connections_max = 1 },
                                      .daemon_version = "maker",
                                      .source = HOGA_SO_SIMULATOR,
                                      .mode = 0600 };
    struct segment_problem problem;
    struct writer *w;
    uint32_t slot;
    char line[64];

    if (options.path == NULL || writer_open(&options, &w, &problem) < 0)
        return 2;
    if (writer_slot_get(w, "toy", "A-B", clock_ns(CLOCK_REALTIME), &slot) < 0)
        return 2;
    writer_ready(w, clock_ns(CLOCK_BOOTTIME));
    int64_t n = 0;
    publish(w, slot, n++);
    (void)puts("ready");
    (void)fflush(stdout);
    while (line_take(w, line, sizeof(line)) > 0) {
        if (strcmp(line, "publish\n") == 0)
            publish(w, slot, n++);
        else if (strcmp(line, "wait\n") == 0)
            sleeper_await(w, options.path);
    }
    (void)writer_close(w);
    return 0;
}
