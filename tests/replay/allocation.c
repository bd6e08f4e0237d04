/* SPDX-License-Identifier: MIT
 * allocation.c - from the bytes of a WebSocket frame to the segment nothing is allocated, freed or locked: every call
 * of malloc and its kin, and every pthread lock, is counted while the road is used, by anybody in this process, libc
 * included. Plain main(): a test framework would allocate as well. Exit code: 0, 1 with what was counted, 77 under a
 * sanitizer, which brings an allocator of its own. */
#include "core/log.h"
#include "net/ws_stream.h"
#include "replay_rig.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS  2000
#define SKIPPED 77

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

#ifdef IS_SANITIZED

int main(void)
{
    (void)printf("skipped: a sanitizer brings its own allocator\n");
    return SKIPPED;
}

#else

/* glibc's own, under the names it exports for allocators that stand in front of them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *at);

static unsigned n_allocated, n_freed, n_locked;
static int is_counting;

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    n_allocated += is_counting;
    return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
    n_allocated += is_counting;
    return __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *at, size_t size)
{
    n_allocated += is_counting;
    return __libc_realloc(at, size);
}

__attribute__((visibility("default"))) int posix_memalign(void **ret, size_t alignment, size_t size)
{
    n_allocated += is_counting;
    *ret = __libc_memalign(alignment, size);
    return *ret ? 0 : ENOMEM;
}

__attribute__((visibility("default"))) void free(void *at)
{
    n_freed += is_counting && at;
    __libc_free(at);
}

__attribute__((visibility("default"))) int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*real)(pthread_mutex_t *);

    n_locked += is_counting;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    return real(mutex);
}

#define BOOK(symbol, ask, bid)                                                                                         \
    "{\"type\":\"orderbook\",\"code\":\"" symbol "\",\"timestamp\":5000,\"orderbook_units\":[{\"ask_price\":" ask      \
    ",\"bid_price\":" bid ",\"ask_size\":0.5,\"bid_size\":0.25},{\"ask_price\":900,\"bid_price\":2,\"ask_size\":1,"    \
    "\"bid_size\":1}],\"stream_type\":\"REALTIME\"}"

/* Everything a frame can be. */
static const char *const messages[] = {
    BOOK("KRW-A", "101", "100"),
    BOOK("KRW-A", "101.5", "100.25"),
    BOOK("KRW-B", "0.00000102", "1e-8"),
    BOOK("KRW-B", "101", "102"),                                          /* crossed */
    BOOK("KRW-B", "101", "1e-30"),                                        /* a level left out */
    BOOK("KRW-B", "101.5", "9223372036854775807"),                        /* refused: number range */
    BOOK("KRW-C", "101", "100"),                                          /* nobody asked */
    "{\"ty\":\"trade\",\"cd\":\"KRW-B\",\"tp\":1e40,\"tv\":1,\"sid\":1}", /* a trade left out */
    "{\"ty\":\"orderbook\",\"cd\":\"KRW-A\",\"tms\":5000,\"tas\":0.5,\"tbs\":0.25,\"obu\":[{\"ap\":101,\"bp\":100,"
    "\"as\":0.5,"
    "\"bs\":0.25}],\"st\":\"REALTIME\",\"lv\":0}", /* totals */
    "{\"type\":\"orderbook\"",                     /* malformed */
    "{\"status\":\"UP\"}",
    "{\"error\":{\"name\":\"NO_CODES\",\"message\":\"no\"}}",
};

struct road {
    struct replay_place place;
    struct writer *writer;
    struct feed *feed;
    struct pipeline *pipeline;
    struct ws_stream stream;
    int64_t now_ns;
};

static int road_open(struct road *rd)
{
    struct feed_options feed = { .venue = venue_find("upbit"),
                                 .books_max = 8,
                                 .levels_max = 60,
                                 .channels = MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
                                 .port = { .send = replay_send } };
    struct pipeline_options pipeline = { 0 };
    const char *const symbols[] = { "KRW-A", "KRW-B" };

    int r = replay_place_make(&rd->place);

    if (r < 0)
        return r;
    if (replay_writer_open(&rd->place, 8, 30, 128, &rd->writer) < 0 || feed_new(&feed, &rd->feed) < 0)
        return -ENOMEM;
    pipeline.writer = rd->writer;
    if (pipeline_new(&pipeline, &rd->pipeline) < 0 || ws_stream_init(&rd->stream) < 0 ||
        pipeline_feed_add(rd->pipeline, rd->feed, feed.venue, SOURCE_SIMULATOR, 0, 4) < 0 ||
        feed_symbols_set(rd->feed, symbols, 2, rd->now_ns) < 0)
        return -ENOMEM;
    pipeline_settle(rd->pipeline, rd->now_ns);
    writer_ready(rd->writer, rd->now_ns);
    return 0;
}

static void road_close(struct road *rd)
{
    rd->pipeline = pipeline_free(rd->pipeline);
    rd->feed = feed_free(rd->feed);
    ws_stream_done(&rd->stream);
    rd->writer = writer_close(rd->writer);
    (void)replay_place_remove(&rd->place);
}

static void happen(struct road *rd, enum feed_input_kind kind, const char *bytes, size_t size)
{
    struct feed_input in = {
        .kind = kind, .recv_ns = rd->now_ns, .now_boot_ns = rd->now_ns, .bytes = bytes, .bytes_size = size
    };

    rd->now_ns += 1000000000;
    pipeline_feed(rd->pipeline, &in);
    (void)writer_wake(rd->writer);
}

/* One message as a frame in two reads, cut somewhere in the middle. */
static int frame_arrives(struct road *rd, const char *message)
{
    uint8_t wire[1024] = { 0x82, 126 };
    size_t size = strlen(message), total = size + 4, at = 0;
    struct ws_item item;
    int n_items = 0;

    wire[2] = (uint8_t)(size >> 8);
    wire[3] = (uint8_t)size;
    memcpy(wire + 4, message, size);
    while (at < total) {
        size_t part = at == 0 ? total / 2 : total - at, room;
        uint8_t *to;

        if (ws_stream_room(&rd->stream, &to, &room) < 0 || room < part)
            return -1;
        memcpy(to, wire + at, part);
        ws_stream_filled(&rd->stream, part);
        at += part;
        while (ws_stream_next(&rd->stream, &item) == 1) {
            happen(rd, FEED_INPUT_RX, item.bytes, item.size);
            n_items++;
        }
    }
    return n_items == 1 ? 0 : -1;
}

/* A trade, the same again, and the day it makes. */
static int trades_arrive(struct road *rd, int round)
{
    char message[512];
    int n_wrong = 0;

    for (int i = 0; i < 2; i++) {
        (void)snprintf(message, sizeof message,
                       "{\"ty\":\"trade\",\"cd\":\"KRW-A\",\"tms\":5000,\"ttms\":4999,\"tp\":1.01E2,\"tv\":1.0E-8,"
                       "\"ab\":\"ASK\",\"pcp\":99,\"sid\":%d,\"st\":\"REALTIME\"}",
                       round + 1);
        n_wrong += frame_arrives(rd, message) < 0;
    }
    (void)snprintf(message, sizeof message,
                   "{\"ty\":\"ticker\",\"cd\":\"KRW-A\",\"op\":1,\"hp\":%d,\"lp\":1,\"tp\":101,\"pcp\":99,\"scp\":2,"
                   "\"atv\":7.5,\"atp\":1E30,\"ttms\":4999,\"tms\":5000,\"st\":\"REALTIME\"}",
                   round + 1);
    return n_wrong + (frame_arrives(rd, message) < 0);
}

static int drive(struct road *rd)
{
    int n_wrong = 0;

    for (int round = 0; round < ROUNDS; round++) {
        happen(rd, FEED_INPUT_OPEN, NULL, 0);
        happen(rd, FEED_INPUT_TX, NULL, 0);
        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
            n_wrong += frame_arrives(rd, messages[i]) < 0;
        n_wrong += trades_arrive(rd, round);
        happen(rd, FEED_INPUT_TICK, NULL, 0);
        happen(rd, FEED_INPUT_ALIVE, NULL, 0);
        happen(rd, FEED_INPUT_CLOSE, NULL, 0);
    }
    return n_wrong;
}

int main(void)
{
    struct road rd = { .now_ns = 1000000000000 };
    unsigned probe;
    int n_wrong, r;

    is_counting = 1; /* does the counting work at all? */
    free(strdup("probe"));
    probe = n_allocated + n_freed;
    is_counting = 0;
    n_allocated = n_freed = n_locked = 0;
    if (freopen("/dev/null", "w", stderr) == NULL || probe != 2) {
        (void)printf("the allocator could not be watched: %u calls of 2 seen\n", probe);
        return 1;
    }
    log_set_level(LOG_LEVEL_DEBUG); /* the lines are written as well */
    r = road_open(&rd);
    if (r == 0) {
        is_counting = 1;
        n_wrong = drive(&rd);
        is_counting = 0;
        (void)printf("%d rounds of %zu frames: %u allocated, %u freed, %u locks, %d frames lost, %llu applied\n",
                     ROUNDS, sizeof messages / sizeof messages[0], n_allocated, n_freed, n_locked, n_wrong,
                     (unsigned long long)writer_counter_value(rd.writer, COUNTER_BOOKS_APPLIED));
        r = n_allocated + n_freed + n_locked > 0 || n_wrong > 0 ||
            writer_counter_value(rd.writer, COUNTER_BOOKS_APPLIED) != 6 * ROUNDS ||
            writer_counter_value(rd.writer, COUNTER_TRADES) != ROUNDS ||
            writer_counter_value(rd.writer, COUNTER_TRADES_REPEATED) != ROUNDS;
    }
    road_close(&rd);
    return r != 0;
}

#endif
