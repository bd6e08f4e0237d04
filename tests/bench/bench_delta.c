/* SPDX-License-Identifier: MIT
 * bench_delta.c - the small book messages of the delta venues into exact integers, against cJSON, simdjson on-demand
 * and memcpy of the same bytes, interleaved in one run. One JSON line a venue; medians of batches. The frames are
 * recorded ones: HOGA_SHARED names the captures. */
#include "bench.h"
#include "capture.h"
#include "venue/venue.h"

#include "peer_delta.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX     256
#define FRAME_SIZE_MAX 1024 /* small ones: 100 to 330 bytes mostly; Bitget's are longer */
#define ROUNDS         300
#define WARM_ROUNDS    30

static const struct {
    const char *venue, *file;
    enum peer_shape shape;
    const char *rows[2];  /* for cJSON: keys of the lists of levels */
    const char *cells[2]; /* where a level is an object: its keys */
    unsigned first;       /* where it is a list: index of the price */
} sets[] = {
    { "binance", "binance/cf-20211012.jsonl", PEER_BINANCE, { "b", "a" }, { NULL, NULL }, 0 },
    { "binance-usdm", "binance-usdm/cf-20210722.jsonl", PEER_BINANCE, { "b", "a" }, { NULL, NULL }, 0 },
    { "binance-coinm", "binance-coinm/cf-20210417.jsonl.zst", PEER_BINANCE, { "b", "a" }, { NULL, NULL }, 0 },
    { "okx", "okx/derived-seq-checksum0.jsonl", PEER_OKX, { "asks", "bids" }, { NULL, NULL }, 0 },
    { "bybit", "bybit/derived-v5-orderbook50.jsonl", PEER_BYBIT, { "b", "a" }, { NULL, NULL }, 0 },
    { "bybit-linear", "bybit/ob500-20241201.jsonl", PEER_BYBIT, { "b", "a" }, { NULL, NULL }, 0 },
    { "bitget", "bitget/cf-20220407-spot.jsonl", PEER_OKX, { "asks", "bids" }, { NULL, NULL }, 0 },
    { "gateio", "gateio/cf-20210422-spot.jsonl", PEER_GATEIO, { "b", "a" }, { NULL, NULL }, 0 },
    { "kraken", "kraken/derived-v2-depth100.jsonl", PEER_KRAKEN, { "bids", "asks" }, { "price", "qty" }, 0 },
    { "coinbase", "coinbase/cf-20210417.jsonl.zst", PEER_COINBASE, { "changes", "" }, { NULL, NULL }, 1 },
    { "coinbase-adv",
      "coinbase/derived-advtrade.jsonl.zst",
      PEER_COINBASE_ADV,
      { "updates", "" },
      { "price_level", "new_quantity" },
      0 },
};

/* HOGA_GENERAL: with a blank before it, as no venue writes it: the straight road gives up at once. */
enum side { HOGA, HOGA_GENERAL, CJSON, SIMDJSON, MEMCPY, SIDES };

static struct {
    size_t size;
    char blank, bytes[FRAME_SIZE_MAX + PEER_DELTA_PADDING];
} frames[FRAMES_MAX];
static size_t n_frames, total_size;
static int has_previous;
static struct md_frame *decoded;

/* Small deltas of one book, as our own decoder sees them. Returns 0, -1 not there. */
static int frames_load(const struct venue *v, const char *file)
{
    const char *shared = getenv("HOGA_SHARED");
    struct capture_reader *reader;
    struct capture_event event;
    char path[4096];
    int r;

    (void)snprintf(path, sizeof path, "%s/captures/%s", shared ? shared : "../shared", file);
    n_frames = total_size = 0;
    if (capture_open(path, NULL, NULL, &reader) < 0)
        return -1;
    while (n_frames < FRAMES_MAX && ((r = capture_next(reader, &event)) == 1 || r == -EBADMSG)) {
        if (r != 1 || event.kind != FEED_INPUT_RX || event.bytes_size > FRAME_SIZE_MAX ||
            v->decode(event.bytes, event.bytes_size, decoded) < 0 || decoded->n_events != 1 ||
            decoded->event[0].kind != MD_BOOK || decoded->event[0].is_snapshot ||
            decoded->n_bids + decoded->n_asks == 0)
            continue;
        memset(&frames[n_frames], 0, sizeof frames[0]);
        frames[n_frames].size = event.bytes_size;
        frames[n_frames].blank = ' ';
        memcpy(frames[n_frames].bytes, event.bytes, event.bytes_size);
        has_previous = decoded->event[0].follows == MD_FOLLOWS_PREVIOUS;
        total_size += event.bytes_size;
        n_frames++;
    }
    (void)capture_close(reader);
    return n_frames > 0 ? 0 : -1;
}

static double cell_value(const cJSON *cell)
{
    return cJSON_IsString(cell) ? strtod(cell->valuestring, NULL) : cJSON_GetNumberValue(cell);
}

/* The lists of levels wherever they stand, each number read as a user of cJSON does. */
static double cjson_walk(size_t set, const cJSON *object)
{
    const cJSON *item, *row;
    double sum = 0;

    cJSON_ArrayForEach(item, object)
    {
        int is_rows = item->string &&
                      (strcmp(item->string, sets[set].rows[0]) == 0 || strcmp(item->string, sets[set].rows[1]) == 0);
        if (!is_rows) {
            sum += cJSON_IsObject(item) || cJSON_IsArray(item) ? cjson_walk(set, item) : 0;
            continue;
        }
        cJSON_ArrayForEach(row, item)
        {
            for (int k = 0; k < 2; k++)
                sum += cell_value(sets[set].cells[k] ? cJSON_GetObjectItemCaseSensitive(row, sets[set].cells[k])
                                                     : cJSON_GetArrayItem(row, (int)sets[set].first + k));
        }
    }
    return sum;
}

/* One frame on one side. Returns 0, -1 it went wrong, 1 not installed. */
static int side_run(enum side side, const struct venue *v, size_t set, size_t i)
{
    static char copied[FRAME_SIZE_MAX];

    if (side == HOGA || side == HOGA_GENERAL)
        return v->decode(side == HOGA ? frames[i].bytes : &frames[i].blank, frames[i].size + (side == HOGA_GENERAL),
                         decoded) == 0 &&
                       decoded->n_events == 1
                   ? 0
                   : -1;
    if (side == CJSON) {
        cJSON *message = cJSON_ParseWithLength(frames[i].bytes, frames[i].size);
        double sum = cjson_walk(set, message);
        cJSON_Delete(message);
        return sum > 0 ? 0 : -1;
    }
    if (side == SIMDJSON) {
#ifdef HAVE_SIMDJSON
        static struct peer_delta delta;
        return peer_simdjson_delta(sets[set].shape, frames[i].bytes, frames[i].size, has_previous, &delta) == 0 &&
                       delta.n > 0
                   ? 0
                   : -1;
#else
        return 1;
#endif
    }
    memcpy(copied, frames[i].bytes, frames[i].size);
    __asm__("" : : "r"(copied) : "memory"); /* the copy must happen although nobody reads it */
    return 0;
}

static void ratio_print(const char *name, double ours, double theirs)
{
    if (theirs > 0)
        printf(",\"%s_p50_ns\":%.0f,\"ratio_%s\":%.3f", name, theirs, name, ours / theirs);
    else
        printf(",\"%s_p50_ns\":null,\"ratio_%s\":\"skipped\"", name, name);
}

static void bench(const struct venue *v, size_t set)
{
    static double ns[SIDES][ROUNDS];

    for (int round = -WARM_ROUNDS; round < ROUNDS; round++) {
        for (int side = 0; side < SIDES; side++) {
            int64_t start = now_ns();
            int r = 0;
            for (size_t i = 0; i < n_frames && r == 0; i++)
                r = side_run((enum side)side, v, set, i);
            ns[side][round < 0 ? 0 : round] = r != 0 ? -1 : (double)(now_ns() - start) / (double)n_frames;
        }
    }
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare_double);
    printf("{\"bench\":\"decode_%s_delta\",\"frames\":%zu,\"bytes_per_frame\":%zu,\"p50_ns\":%.0f", v->name, n_frames,
           total_size / n_frames, ns[HOGA][ROUNDS / 2]);
    ratio_print("cjson", ns[HOGA][ROUNDS / 2], ns[CJSON][ROUNDS / 2]);
    ratio_print("simdjson", ns[HOGA][ROUNDS / 2], ns[SIMDJSON][ROUNDS / 2]);
    ratio_print("memcpy", ns[HOGA][ROUNDS / 2], ns[MEMCPY][ROUNDS / 2]);
    printf(",\"general_road_p50_ns\":%.0f", ns[HOGA_GENERAL][ROUNDS / 2]);
    printf(",\"goal_cjson\":0.182,\"goal_simdjson\":0.75}\n");
}

int main(void)
{
    if (md_frame_new(&decoded) < 0)
        return 1;
    for (size_t set = 0; set < sizeof sets / sizeof sets[0]; set++) {
        const struct venue *v = venue_find(sets[set].venue);
        if (v && frames_load(v, sets[set].file) == 0)
            bench(v, set);
        else
            printf("{\"bench\":\"decode_%s_delta\",\"skipped\":\"no captures; set HOGA_SHARED\"}\n", sets[set].venue);
    }
    decoded = md_frame_free(decoded);
    return 0;
}
