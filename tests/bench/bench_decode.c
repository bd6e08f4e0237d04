/* SPDX-License-Identifier: MIT
 * bench_decode.c - one Upbit book frame into exact integers, against cJSON, simdjson on-demand and memcpy of the same
 * bytes, interleaved in one run. Prints one JSON line a set of frames; medians of batches. Frames come from a generator
 * with a fixed seed, in both spellings of 2026 (sheet upbit.md, "orderbook frame"), and from the captures when
 * HOGA_SHARED names their folder. */
#include "bench.h"
#include "core/clock.h"
#include "core/text.h"
#include "venue/venue.h"

#ifdef HAVE_SIMDJSON
#include "peer_simdjson.h"
#endif

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define FRAMES_MAX  128
#define FRAME_SIZE  8192
#define FRAME_PAD   64
#define UNITS       30
#define ROUNDS      400 /* one batch of every side a round */
#define WARM_ROUNDS 40

struct frame {
    size_t size;
    char bytes[FRAME_SIZE + FRAME_PAD];
};

struct frames {
    const char *name;
    int is_simple;
    size_t n, total_size;
    struct frame frame[FRAMES_MAX];
};

enum side { HOGA, CJSON, SIMDJSON, MEMCPY, SIDES };

static struct md_frame *decoded;
static char copied[FRAME_SIZE];
static struct frames frames;

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Java's Double.toString: plain from 1e-3 up to 1e7, else one digit before the point and an exponent. */
static void add_java(struct text *t, double value)
{
    char digits[40];
    int exponent = (int)floor(log10(value) + 1e-12);

    if (value >= 1e-3 && value < 1e7) {
        (void)snprintf(digits, sizeof digits, "%.8f", value);
        size_t n = strlen(digits);
        while (digits[n - 1] == '0' && digits[n - 2] != '.')
            digits[--n] = '\0';
        text_add_string(t, digits);
        return;
    }
    (void)snprintf(digits, sizeof digits, "%.7f", value / pow(10, exponent));
    size_t n = strlen(digits);
    while (digits[n - 1] == '0' && digits[n - 2] != '.')
        digits[--n] = '\0';
    text_addf(t, "%sE%d", digits, exponent);
}

/* Sizes of a real book: most of them small, some of many coins. */
static double random_size(uint64_t *state)
{
    uint64_t r = random_next(state);
    uint64_t limit = r % 10 == 0 ? 300000000 : r % 3 == 0 ? 40000 : 9000000;

    return (double)(1 + (r >> 8) % limit) * 1e-8;
}

static void frame_make(struct frame *f, int is_simple, uint64_t *state)
{
    int64_t best = 116500000 + (int64_t)(random_next(state) % 200) * 1000;
    struct text t;

    text_init(&t, f->bytes, FRAME_SIZE);
    text_addf(&t,
              is_simple ? "{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":%d%09d,\"tas\":%.8f,\"tbs\":%.8f,\"obu\":["
                        : "{\"type\":\"orderbook\",\"code\":\"KRW-BTC\",\"timestamp\":%d%09d,\"total_ask_size\":%.8f,"
                          "\"total_bid_size\":%.8f,\"orderbook_units\":[",
              1790, (int)(random_next(state) % 1000000000), random_size(state) * 30, random_size(state) * 30);
    for (int i = 0; i < UNITS; i++) {
        double price[2] = { (double)(best + 1000 * (i + 1)), (double)(best - 1000 * i) };
        double size[2] = { random_size(state), random_size(state) };

        for (int k = 0; k < 4; k++) {
            static const char *const words[2][4] = {
                { "{\"ask_price\":", ",\"bid_price\":", ",\"ask_size\":", ",\"bid_size\":" },
                { "{\"ap\":", ",\"bp\":", ",\"as\":", ",\"bs\":" }
            };
            text_add_string(&t, words[is_simple][k]);
            if (k < 2 && is_simple)
                text_addf(&t, "%.0f", price[k]);
            else if (k >= 2 && !is_simple)
                text_addf(&t, "%.8f", size[k - 2]);
            else
                add_java(&t, k < 2 ? price[k] : size[k - 2]);
        }
        text_add_string(&t, i + 1 < UNITS ? "}," : "}");
    }
    text_add_string(&t, is_simple ? "],\"st\":\"REALTIME\",\"lv\":0}" : "],\"stream_type\":\"REALTIME\",\"level\":0}");
    f->size = t.used;
}

static void frames_generate(struct frames *fs, const char *name, int is_simple)
{
    uint64_t state = 0x9e3779b97f4a7c15u;

    *fs = (struct frames){ .name = name, .is_simple = is_simple };
    for (; fs->n < FRAMES_MAX; fs->n++) {
        frame_make(&fs->frame[fs->n], is_simple, &state);
        fs->total_size += fs->frame[fs->n].size;
    }
}

/* The book messages of a capture. Returns 0, -1 not there. */
static int frames_load(struct frames *fs, const char *name, const char *file, int is_simple)
{
    const char *shared = getenv("HOGA_SHARED");
    static char line[1 << 20];
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/captures/upbit/%s", shared ? shared : "../shared", file);
    FILE *in = fopen(path, "re");
    if (!in)
        return -1;
    *fs = (struct frames){ .name = name, .is_simple = is_simple };
    while (fs->n < FRAMES_MAX && fgets(line, sizeof line, in)) {
        cJSON *event = cJSON_Parse(line);
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, "text"));
        if (text && strlen(text) < FRAME_SIZE && strstr(text, "\"orderbook\"") && text[0] == '{') {
            struct frame *f = &fs->frame[fs->n++];
            f->size = strlen(text);
            memcpy(f->bytes, text, f->size);
            fs->total_size += f->size;
        }
        cJSON_Delete(event);
    }
    (void)fclose(in);
    return fs->n > 0 ? 0 : -1;
}

/* The four keys are asked for by name, as a user of cJSON does. */
static int cjson_read(const struct frame *f, int is_simple)
{
    static const char *const words[2][6] = {
        { "code", "orderbook_units", "ask_price", "bid_price", "ask_size", "bid_size" },
        { "cd", "obu", "ap", "bp", "as", "bs" },
    };
    const char *const *w = words[is_simple];
    double sum = 0;
    cJSON *book = cJSON_ParseWithLength(f->bytes, f->size), *unit;
    const char *code = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(book, w[0]));

    cJSON_ArrayForEach(unit, cJSON_GetObjectItemCaseSensitive(book, w[1]))
    {
        for (int k = 2; k < 6; k++)
            sum += cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(unit, w[k]));
    }
    cJSON_Delete(book);
    return code && sum > 0 ? 0 : -1;
}

/* One frame on one side. Returns 0, -1 it went wrong, 1 not installed. */
static int side_run(enum side side, const struct frame *f, int is_simple)
{
    switch (side) {
    case HOGA:
        return venue_at(0)->decode(f->bytes, f->size, decoded) == 0 && decoded->n_events == 1 ? 0 : -1;
    case CJSON:
        return cjson_read(f, is_simple);
    case SIMDJSON: {
#ifdef HAVE_SIMDJSON
        static struct peer_book book;
        return peer_simdjson_read(f->bytes, f->size, f->size + FRAME_PAD, is_simple, &book);
#else
        return 1;
#endif
    }
    case MEMCPY:
        memcpy(copied, f->bytes, f->size);
        /* The copy must happen although nobody reads it. */
        __asm__("" : : "r"(copied) : "memory");
        return 0;
    case SIDES:
        break;
    }
    return -1;
}

/* Time of one frame in a batch of all of them. Returns < 0 where the side failed or is not there. */
static double batch_ns(enum side side, const struct frames *fs)
{
    int64_t start = now_ns();

    for (size_t i = 0; i < fs->n; i++)
        if (side_run(side, &fs->frame[i], fs->is_simple) != 0)
            return -1;
    return (double)(now_ns() - start) / (double)fs->n;
}

static void ratio_print(const char *name, double ours, double theirs)
{
    if (theirs > 0)
        printf(",\"%s_p50_ns\":%.0f,\"ratio_%s\":%.3f", name, theirs, name, ours / theirs);
    else
        printf(",\"%s_p50_ns\":null,\"ratio_%s\":\"skipped\"", name, name);
}

static void bench_decode(const struct frames *fs)
{
    static double ns[SIDES][ROUNDS];
    struct utsname host;
    char day[32];
    time_t now = time(NULL);

    for (int round = -WARM_ROUNDS; round < ROUNDS; round++)
        for (int side = 0; side < SIDES; side++)
            ns[side][round < 0 ? 0 : round] = batch_ns((enum side)side, fs);
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare_double);
    (void)uname(&host);
    (void)strftime(day, sizeof day, "%Y-%m-%d", gmtime(&now));
    printf("{\"bench\":\"decode_upbit_%s\",\"n\":%zu,\"p50_ns\":%.0f,\"p99_ns\":%.0f,\"bytes_per_frame\":%zu", fs->name,
           fs->n * ROUNDS, ns[HOGA][ROUNDS / 2], ns[HOGA][ROUNDS * 99 / 100], fs->total_size / fs->n);
    ratio_print("cjson", ns[HOGA][ROUNDS / 2], ns[CJSON][ROUNDS / 2]);
    ratio_print("simdjson", ns[HOGA][ROUNDS / 2], ns[SIMDJSON][ROUNDS / 2]);
    ratio_print("memcpy", ns[HOGA][ROUNDS / 2], ns[MEMCPY][ROUNDS / 2]);
    printf(",\"goal_cjson\":0.091,\"goal_simdjson\":0.75,\"goal_memcpy\":60,\"host\":\"%s\",\"date\":\"%s\"}\n",
           host.nodename, day);
}

int main(void)
{
    if (md_frame_new(&decoded) < 0)
        return 1;
    frames_generate(&frames, "30_default", 0);
    bench_decode(&frames);
    frames_generate(&frames, "30_simple", 1);
    bench_decode(&frames);
    if (frames_load(&frames, "15_capture_default", "derived-default.jsonl", 0) == 0)
        bench_decode(&frames);
    else
        printf("{\"bench\":\"decode_upbit_15_capture_default\",\"skipped\":\"no captures; set HOGA_SHARED\"}\n");
    if (frames_load(&frames, "15_capture_simple", "cf-20210417.jsonl", 1) == 0)
        bench_decode(&frames);
    else
        printf("{\"bench\":\"decode_upbit_15_capture_simple\",\"skipped\":\"no captures; set HOGA_SHARED\"}\n");
    decoded = md_frame_free(decoded);
    return 0;
}
