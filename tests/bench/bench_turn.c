/* SPDX-License-Identifier: MIT
 * bench_turn.c - the longest that one message can hold up the loop: snapshots of 5 MB taken through the whole pipeline
 * in one call (decode, sort or copy, publish). All other connections wait so long; reading such a message is bounded by
 * WS_TURN_BYTES_MAX already. Goal: 5 ms. The floor: memcpy of the same bytes. */
#include "bench.h"
#include "core/log.h"
#include "feed/feed.h"
#include "pipeline.h"
#include "publish/counter.h"
#include "shm/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MESSAGE_SIZE (5u << 20)
#define ROUNDS       101
#define GOAL_NS      5000000

static int on_send(void *context, uint32_t conn, const char *text, size_t size)
{
    (void)context, (void)conn, (void)text, (void)size;
    return 0;
}

struct shape {
    const char *name, *venue, *symbol, *url, *head, *middle, *tail, *zeros, *rest; /* behind a price, behind a size */
    int is_sorted;
};

/* One side's rows, best first, or in no order at all. */
static size_t rows_write(char *to, size_t size, const struct shape *shape, int is_bid)
{
    size_t used = 0;
    uint64_t random = 88172645463325252u;

    for (unsigned i = 0; used + 128 < size; i++) {
        unsigned at = i;

        if (!shape->is_sorted) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            at = (unsigned)(random % 1000000);
        }
        used += (size_t)snprintf(to + used, 128, "%s[\"%u.%02u%s\",\"%u.%08u\"%s]", i ? "," : "",
                                 is_bid ? 6000000 - at : 6000001 + at, at % 100, shape->zeros, 1 + at % 90,
                                 at % 100000000, shape->rest);
    }
    return used;
}

static const struct shape shapes[] = {
    { "coinbase_snapshot", "coinbase", "BTC-USD", NULL, "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[",
      "],\"asks\":[", "],\"time\":\"2026-08-16T23:37:03.745044Z\"}", "", "", 1 },
    { "coinbase_unsorted", "coinbase", "BTC-USD", NULL, "{\"type\":\"snapshot\",\"product_id\":\"BTC-USD\",\"bids\":[",
      "],\"asks\":[", "],\"time\":\"2026-08-16T23:37:03.745044Z\"}", "", "", 0 },
    { "binance_rest", "binance", "BTCUSDT", "http://rest/api/v3/depth?symbol=BTCUSDT&limit=5000",
      "{\"lastUpdateId\":1027024,\"bids\":[", "],\"asks\":[", "]}", "000000", "", 1 },
    { "coinbase_spaced", "coinbase", "BTC-USD", NULL,
      "{\"type\": \"snapshot\", \"product_id\": \"BTC-USD\", \"bids\": [", "], \"asks\": [",
      "], \"time\": \"2026-08-16T23:37:03.745044Z\"}", "", " ", 1 },
    { "okx_books", "okx", "BTC-USDT", NULL,
      "{\"arg\":{\"channel\":\"books\",\"instId\":\"BTC-USDT\"},\"action\":\"snapshot\",\"data\":[{\"asks\":[",
      "],\"bids\":[", "],\"ts\":\"1597026383085\",\"checksum\":0,\"prevSeqId\":-1,\"seqId\":123456}]}", "",
      ",\"0\",\"13\"", 1 },
};

static char *message_make(const struct shape *shape, size_t *ret_size)
{
    char *text = malloc(MESSAGE_SIZE + 4096);
    size_t used = 0;
    int asks_first = strstr(shape->middle, "bids") != NULL;

    if (!text)
        exit(1);
    used += (size_t)snprintf(text, 2048, "%s", shape->head);
    used += rows_write(text + used, MESSAGE_SIZE / 2 - used, shape, !asks_first);
    used += (size_t)snprintf(text + used, 2048, "%s", shape->middle);
    used += rows_write(text + used, MESSAGE_SIZE - used, shape, asks_first);
    used += (size_t)snprintf(text + used, 2048, "%s", shape->tail);
    *ret_size = used;
    return text;
}

static void bench(const struct shape *shape, struct writer *writer)
{
    const struct venue *venue = venue_find(shape->venue);
    struct feed_options options = { .venue = venue, .books_max = 4, .levels_max = 500, .depth_published = 30 };
    struct pipeline_options pipeline_options = { .writer = writer };
    int64_t took_ns[ROUNDS], copy_ns[ROUNDS], decode_ns[ROUNDS];
    struct md_frame *frame;
    struct pipeline *pipeline;
    struct utsname host;
    struct feed *feed;
    size_t size;
    char *text = message_make(shape, &size), *copy = malloc(size);

    options.port.send = on_send;
    if (!venue || !copy || md_frame_new(&frame) < 0 || feed_new(&options, &feed) < 0 ||
        pipeline_new(&pipeline_options, &pipeline) < 0 ||
        pipeline_feed_add(pipeline, feed, venue, SOURCE_SIMULATOR, 0, 1) < 0 ||
        feed_symbols_set(feed, &shape->symbol, 1, 1) < 0)
        exit(1);
    for (int i = 0; i < ROUNDS; i++) {
        struct feed_input in = { .kind = FEED_INPUT_OPEN, .recv_ns = i + 1, .now_boot_ns = i + 1 };

        pipeline_feed(pipeline, &in);
        in.kind = shape->url ? FEED_INPUT_HTTP : FEED_INPUT_RX;
        in.url = shape->url;
        in.bytes = text;
        in.bytes_size = size;
        decode_ns[i] = now_ns();
        int r = pipeline_decode(venue, SOURCE_SIMULATOR, &in, frame);
        if (r == 0 && !venue->has_digits)
            book_frame_sort(frame);
        decode_ns[i] = now_ns() - decode_ns[i];
        took_ns[i] = now_ns();
        pipeline_feed_decoded(pipeline, &in, frame, r);
        took_ns[i] = now_ns() - took_ns[i];
        copy_ns[i] = now_ns();
        memcpy(copy, text, size);
        copy_ns[i] = now_ns() - copy_ns[i];
        in.kind = FEED_INPUT_CLOSE;
        pipeline_feed(pipeline, &in);
    }
    {
        struct book_view view;

        book_view(feed_book_find(feed, shape->symbol)->book, &view);
        if (view.n_applied != ROUNDS)
            exit(1);
    }
    qsort(took_ns, ROUNDS, sizeof *took_ns, compare_int64);
    qsort(decode_ns, ROUNDS, sizeof *decode_ns, compare_int64);
    qsort(copy_ns, ROUNDS, sizeof *copy_ns, compare_int64);
    (void)uname(&host);
    printf("{\"bench\":\"turn_%s_5mb\",\"n\":%d,\"p50_ns\":%" PRId64 ",\"max_ns\":%" PRId64 ",\"goal_ns\":%d,"
           "\"decode_p50_ns\":%" PRId64 ",\"memcpy_p50_ns\":%" PRId64 ",\"bytes\":%zu,\"host\":\"%s\"}\n",
           shape->name, ROUNDS, took_ns[ROUNDS / 2], took_ns[ROUNDS - 1], GOAL_NS, decode_ns[ROUNDS / 2],
           copy_ns[ROUNDS / 2], size, host.nodename);
    pipeline = pipeline_free(pipeline);
    feed = feed_free(feed);
    frame = md_frame_free(frame);
    free(text);
    free(copy);
}

int main(void)
{
    char folder[] = "/tmp/hoga-bench-XXXXXX", path[64], command[64];
    struct writer_options options = { .layout = { .books_max = 8,
                                                  .depth = 30,
                                                  .connections_max = 4,
                                                  .counters_max = COUNTER_COUNT,
                                                  .histograms_max = 4 },
                                      .daemon_version = "bench",
                                      .mode = 0600,
                                      .counter_names = counter_names,
                                      .counter_units = counter_units };
    struct segment_problem problem = { 0 };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    if (!mkdtemp(folder))
        return 1;
    (void)snprintf(path, sizeof path, "%s/books", folder);
    options.path = path;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct writer *writer;

        if (writer_open(&options, &writer, &problem) < 0)
            return 1;
        writer_ready(writer, 1);
        bench(&shapes[i], writer);
        writer = writer_close(writer);
    }
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)!system(command);
    return 0;
}
