/* SPDX-License-Identifier: MIT
 * bench_cold.c - a message behind a pause: from decoder to segment (pipeline_feed) with nothing of it in the nearer
 * caches, neither code nor data, and right behind another one. It is what a processor meets that has slept, or done
 * something else, since the last message; daemon/road.ld is held against it. The floor is the warm figure of the same
 * run. */
#include "bench.h"
#include "exchange.h"

#include "core/clock.h"
#include "core/log.h"
#include "feed/feed.h"
#include "pipeline.h"
#include "publish/counter.h"
#include "shm/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ROUNDS     1500
#define DATA_SIZE  (6u << 20)
#define CODE_SIZE  (1u << 20)
#define LINE       64
#define RET_OPCODE 0xc3
#if defined(__x86_64__)
#define HAS_RET 1
#else
#define HAS_RET 0
#endif

/* Other data and other code, as much as pushes ours out. */
struct others {
    unsigned char *data, *code;
    unsigned sum;
};

static int others_init(struct others *o)
{
    o->sum = 0;
    o->data = malloc(DATA_SIZE);
    o->code = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!o->data || o->code == MAP_FAILED)
        return -1;
    memset(o->data, 1, DATA_SIZE);
    memset(o->code, RET_OPCODE, CODE_SIZE);
    return 0;
}

static void others_work(struct others *o)
{
    for (size_t at = 0; at < DATA_SIZE; at += LINE)
        o->sum += o->data[at]++;
    for (size_t at = 0; at < CODE_SIZE; at += LINE) {
        void (*fn)(void);
        unsigned char *place = o->code + at;

        memcpy(&fn, &place, sizeof fn);
        fn();
    }
}

static int64_t message_feed(struct pipeline *p, struct writer *w, const char *frame, size_t size)
{
    int64_t begin = now_ns();
    struct feed_input in = { .kind = FEED_INPUT_RX,
                             .recv_ns = clock_real_ns(),
                             .now_boot_ns = clock_boot_ns(),
                             .bytes = frame + 4,
                             .bytes_size = size - 4 };

    pipeline_feed(p, &in);
    (void)writer_wake(w);
    return now_ns() - begin;
}

static int run(struct pipeline *p, struct writer *w)
{
    static int64_t cold[ROUNDS], warm[ROUNDS];
    char frame[BENCH_FRAME_SIZE_MAX];
    struct utsname host;
    struct others o;

    if (others_init(&o) < 0)
        return 1;
    for (unsigned i = 0; i < 2 * ROUNDS; i++) {
        size_t size;

        if (i % 2 == 0)
            others_work(&o);
        size = bench_frame(frame, i + 1); /* the message itself is near: the kernel has just copied it */
        *(i % 2 == 0 ? &cold[i / 2] : &warm[i / 2]) = message_feed(p, w, frame, size);
    }
    qsort(cold, ROUNDS, sizeof *cold, compare_int64);
    qsort(warm, ROUNDS, sizeof *warm, compare_int64);
    (void)uname(&host);
    printf("{\"bench\":\"cold_upbit_30\",\"n\":%d,\"p50_ns\":%" PRId64 ",\"p99_ns\":%" PRId64
           ",\"warm_p50_ns\":%" PRId64 ",\"host\":\"%s\"}\n",
           ROUNDS, cold[ROUNDS / 2], cold[ROUNDS * 99 / 100], warm[ROUNDS / 2], host.nodename);
    free(o.data);
    (void)munmap(o.code, CODE_SIZE);
    return 0;
}

static int bench(const char *segment)
{
    struct writer_options wo = { .path = segment,
                                 .layout = { .books_max = 16,
                                             .depth = 30,
                                             .connections_max = 4,
                                             .counters_max = COUNTER_COUNT,
                                             .histograms_max = PIPELINE_HISTOGRAMS_PER_FEED,
                                             .has_day = 1 },
                                 .daemon_version = "bench",
                                 .source = SOURCE_SIMULATOR,
                                 .mode = 0600,
                                 .counter_names = counter_names,
                                 .counter_units = counter_units };
    struct feed_options fo = {
        .venue = venue_find("upbit"), .books_max = 16, .levels_max = 500, .source = SOURCE_SIMULATOR, .is_replay = 1
    };
    struct feed_input open = { .kind = FEED_INPUT_OPEN, .recv_ns = clock_real_ns(), .now_boot_ns = clock_boot_ns() };
    struct pipeline_options po = { 0 };
    struct segment_problem problem;
    struct pipeline *pipeline;
    struct writer *writer;
    struct feed *feed;
    int r;

    if (writer_open(&wo, &writer, &problem) < 0 || feed_new(&fo, &feed) < 0)
        return 1;
    po.writer = writer;
    if (pipeline_new(&po, &pipeline) < 0 || pipeline_feed_add(pipeline, feed, fo.venue, fo.source, 0, 1) < 0)
        return 1;
    pipeline_feed(pipeline, &open);
    writer_ready(writer, clock_boot_ns());
    r = run(pipeline, writer);
    pipeline = pipeline_free(pipeline);
    feed = feed_free(feed);
    writer = writer_close(writer);
    return r;
}

int main(void)
{
    char folder[] = "/tmp/hoga-bench-XXXXXX", path[64], command[64];
    int r;

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    if (!mkdtemp(folder))
        return 1;
    (void)snprintf(path, sizeof path, "%s/books", folder);
    r = HAS_RET ? bench(path) : 0;
    if (!HAS_RET)
        printf("{\"bench\":\"cold_upbit_30\",\"skipped\":\"the code that pushes ours out is x86-64's\"}\n");
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)!system(command);
    return r;
}
