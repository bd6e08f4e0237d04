/* SPDX-License-Identifier: MIT
 * bench_korean.c - whole book frames of Bithumb, Coinone and Korbit into exact integers, against cJSON, simdjson
 * on-demand and memcpy of the same bytes, interleaved in one run. One JSON line a venue; medians of batches. The frames
 * are made, with a fixed seed, as the venues' sheets spell them ("orderbook frame") and as deep as they send them. */
#include "bench.h"
#include "core/text.h"
#include "venue/venue.h"

#include "peer_delta.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES         128
#define FRAME_SIZE_MAX 4096
#define ROUNDS         400
#define WARM_ROUNDS    40
#define PRICE          116500000
#define TICK           1000

enum side { HOGA, CJSON, SIMDJSON, MEMCPY, SIDES };

static struct {
    size_t size;
    char bytes[FRAME_SIZE_MAX + PEER_DELTA_PADDING];
} frames[FRAMES];
static size_t total_size;
static struct md_frame *decoded;
static uint64_t state;

static uint64_t random_next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Most sizes of a book in won have few digits, some eight behind the point. */
static void size_add(struct text *t)
{
    uint64_t r = random_next();

    if (r % 3 == 0)
        text_addf(t, "%" PRIu64 ".%08" PRIu64, (r >> 8) % 4, (r >> 16) % 100000000);
    else
        text_addf(t, "0.%04" PRIu64, 1 + (r >> 8) % 9999);
}

/* `n` rows {"price":"P","qty":"S"}, from `from` on by `step`. */
static void rows_add(struct text *t, unsigned n, int64_t from, int64_t step)
{
    for (unsigned i = 0; i < n; i++) {
        text_addf(t, "%s{\"price\":\"%" PRId64 "\",\"qty\":\"", i > 0 ? "," : "", from + (int64_t)i * step);
        size_add(t);
        text_add_string(t, "\"}");
    }
}

static int64_t best_ask(void)
{
    return PRICE + (int64_t)(random_next() % 200) * TICK;
}

static void bithumb_make(struct text *t)
{
    int64_t ask = best_ask();

    text_add_string(t, "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"total_ask_size\":");
    size_add(t);
    text_add_string(t, ",\"total_bid_size\":");
    size_add(t);
    text_add_string(t, ",\"orderbook_units\":[");
    for (int i = 0; i < 15; i++) {
        text_addf(t, "%s{\"ask_price\":%" PRId64 ",\"bid_price\":%" PRId64 ",\"ask_size\":", i > 0 ? "," : "",
                  ask + i * TICK, ask - (i + 1) * TICK);
        size_add(t);
        text_add_string(t, ",\"bid_size\":");
        size_add(t);
        text_add_string(t, "}");
    }
    text_addf(t, "],\"level\":1,\"timestamp\":1790133505%06" PRIu64 ",\"stream_type\":\"REALTIME\"}",
              random_next() % 1000000);
}

static void coinone_make(struct text *t)
{
    uint64_t ms = 1790134000000 + random_next() % 1000000;
    int64_t ask = best_ask();

    text_addf(t,
              "{\"response_type\":\"DATA\",\"channel\":\"ORDERBOOK\",\"data\":{\"quote_currency\":\"KRW\","
              "\"target_currency\":\"BTC\",\"timestamp\":%" PRIu64 ",\"id\":\"%" PRIu64 "001\",\"asks\":[",
              ms, ms);
    rows_add(t, 16, ask + 15 * TICK, -TICK);
    text_add_string(t, "],\"bids\":[");
    rows_add(t, 16, ask - TICK, -TICK);
    text_add_string(t, "]}}");
}

static void korbit_make(struct text *t)
{
    uint64_t ms = 1790134000000 + random_next() % 1000000;
    int64_t ask = best_ask();

    text_addf(t,
              "{\"symbol\":\"btc_krw\",\"timestamp\":%" PRIu64
              ",\"type\":\"orderbook\",\"data\":{\"timestamp\":%" PRIu64 ",\"asks\":[",
              ms, ms - 200);
    rows_add(t, 30, ask, TICK);
    text_add_string(t, "],\"bids\":[");
    rows_add(t, 30, ask - TICK, -TICK);
    text_add_string(t, "]}}");
}

static const struct set {
    const char *venue;
    void (*make)(struct text *t);
    enum peer_shape shape;
    const char *outer;    /* for cJSON: the object that holds the rows, NULL: the message itself */
    const char *rows[2];  /* the keys of the lists of rows */
    const char *cells[4]; /* and of the numbers in a row */
} sets[] = {
    { "bithumb",
      bithumb_make,
      PEER_BITHUMB,
      NULL,
      { "orderbook_units", NULL },
      { "ask_price", "bid_price", "ask_size", "bid_size" } },
    { "coinone", coinone_make, PEER_COINONE, "data", { "asks", "bids" }, { "price", "qty", NULL, NULL } },
    { "korbit", korbit_make, PEER_KORBIT, "data", { "asks", "bids" }, { "price", "qty", NULL, NULL } },
};

static void frames_make(const struct set *set)
{
    state = 0x9e3779b97f4a7c15u;
    total_size = 0;
    for (size_t i = 0; i < FRAMES; i++) {
        struct text t;

        text_init(&t, frames[i].bytes, FRAME_SIZE_MAX);
        set->make(&t);
        frames[i].size = t.used;
        total_size += t.used;
    }
}

/* Each number asked for by its name, as a user of cJSON does. */
static int cjson_read(const struct set *set, const char *bytes, size_t size)
{
    cJSON *message = cJSON_ParseWithLength(bytes, size), *row;
    const cJSON *object = set->outer ? cJSON_GetObjectItemCaseSensitive(message, set->outer) : message;
    double sum = 0;

    for (int i = 0; i < 2 && set->rows[i]; i++)
        cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(object, set->rows[i]))
        {
            for (int k = 0; k < 4 && set->cells[k]; k++) {
                const cJSON *cell = cJSON_GetObjectItemCaseSensitive(row, set->cells[k]);
                sum += cJSON_IsString(cell) ? strtod(cell->valuestring, NULL) : cJSON_GetNumberValue(cell);
            }
        }
    cJSON_Delete(message);
    return sum > 0 ? 0 : -1;
}

/* One frame on one side. Returns 0, -1 it went wrong, 1 not installed. */
static int side_run(enum side side, const struct venue *v, const struct set *set, size_t i)
{
    static char copied[FRAME_SIZE_MAX];

    switch (side) {
    case HOGA:
        return v->decode(frames[i].bytes, frames[i].size, decoded) == 0 && decoded->n_events == 1 ? 0 : -1;
    case CJSON:
        return cjson_read(set, frames[i].bytes, frames[i].size);
    case SIMDJSON: {
#ifdef HAVE_SIMDJSON
        static struct peer_delta book;
        int r = peer_simdjson_delta(set->shape, frames[i].bytes, frames[i].size, 0, &book);
        return r == 0 && book.n == decoded->n_bids + decoded->n_asks ? 0 : -1;
#else
        return 1;
#endif
    }
    case MEMCPY:
        memcpy(copied, frames[i].bytes, frames[i].size);
        __asm__("" : : "r"(copied) : "memory"); /* the copy must happen although nobody reads it */
        return 0;
    case SIDES:
        break;
    }
    return -1;
}

static void ratio_print(const char *name, double ours, double theirs)
{
    if (theirs > 0)
        printf(",\"%s_p50_ns\":%.0f,\"ratio_%s\":%.3f", name, theirs, name, ours / theirs);
    else
        printf(",\"%s_p50_ns\":null,\"ratio_%s\":\"skipped\"", name, name);
}

static void bench(const struct venue *v, const struct set *set)
{
    static double ns[SIDES][ROUNDS];

    frames_make(set);
    for (int round = -WARM_ROUNDS; round < ROUNDS; round++) {
        for (int side = 0; side < SIDES; side++) {
            int64_t start = now_ns();
            int r = 0;

            for (size_t i = 0; i < FRAMES && r == 0; i++)
                r = side_run((enum side)side, v, set, i);
            ns[side][round < 0 ? 0 : round] = r != 0 ? -1 : (double)(now_ns() - start) / FRAMES;
        }
    }
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare_double);
    printf("{\"bench\":\"decode_%s\",\"frames\":%d,\"bytes_per_frame\":%zu,\"levels\":%u,\"p50_ns\":%.0f", v->name,
           FRAMES, total_size / FRAMES, decoded->n_bids + decoded->n_asks, ns[HOGA][ROUNDS / 2]);
    ratio_print("cjson", ns[HOGA][ROUNDS / 2], ns[CJSON][ROUNDS / 2]);
    ratio_print("simdjson", ns[HOGA][ROUNDS / 2], ns[SIMDJSON][ROUNDS / 2]);
    ratio_print("memcpy", ns[HOGA][ROUNDS / 2], ns[MEMCPY][ROUNDS / 2]);
    printf(",\"goal_cjson\":0.091,\"goal_simdjson\":0.75,\"goal_memcpy\":60}\n");
}

int main(void)
{
    if (md_frame_new(&decoded) < 0)
        return 1;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        const struct venue *v = venue_find(sets[i].venue);

        if (v)
            bench(v, &sets[i]);
    }
    decoded = md_frame_free(decoded);
    return 0;
}
