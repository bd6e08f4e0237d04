/* SPDX-License-Identifier: MIT
 * bench_book.c - changes to a deep book: ns a level, and a message with a copy of the best 30 against the same in two
 * std::map, interleaved in one run. Levels change where real ones do, mostly near the best (shape: recorded updates of
 * binance and kraken; half within 10 levels of it, the rest spread to the depth), a fifth are deletions. One JSON line
 * a depth; medians of batches. */
#include "bench.h"
#include "book/book.h"
#include "capture.h"
#include "core/decimal.h"
#include "venue/venue.h"

#include "peer_delta.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MADE_MESSAGES 512
#define MADE_LEVELS   8 /* a message */
#define TOP           30
#define ROUNDS        100
#define WARM          10
#define PRICE         50000000
#define DEPTH_MAX     5000
#define MESSAGES_MAX  4096
#define LEVELS_MAX    (1u << 20)

/* Changes of one message: levels[first .. first + n[0]) bids, then n[1] asks. */
static struct {
    uint32_t first, n[2];
} messages[MESSAGES_MAX];
static struct md_level levels[LEVELS_MAX], start[2][DEPTH_MAX];
static uint32_t n_messages, n_levels, n_start[2];

static struct md_frame *frame, *decoded;
static struct md_event event;
static struct book *bk;
static struct peer_map *map;

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static struct md_level level_draw(uint64_t *state, int is_ask, uint32_t depth)
{
    uint64_t r = random_next(state);
    int64_t away = (int64_t)(r & 1 ? (r >> 8) % 10 : (r >> 8) % depth);

    return (struct md_level){ is_ask ? PRICE + 1 + away : PRICE - away,
                              (r >> 40) % 5 == 0 ? 0 : (int64_t)(r >> 44) + 1 };
}

static void made(uint32_t depth)
{
    uint64_t state = 0x9e3779b97f4a7c15u;

    n_levels = 0;
    for (uint32_t i = 0; i < depth; i++) {
        start[0][i] = (struct md_level){ PRICE - i, 1000 + i };
        start[1][i] = (struct md_level){ PRICE + 1 + i, 1000 + i };
    }
    n_start[0] = n_start[1] = depth;
    for (n_messages = 0; n_messages < MADE_MESSAGES; n_messages++) {
        uint32_t n_bids = (uint32_t)(random_next(&state) >> 33) % (MADE_LEVELS + 1);
        messages[n_messages].first = n_levels;
        messages[n_messages].n[0] = n_bids;
        messages[n_messages].n[1] = MADE_LEVELS - n_bids;
        for (uint32_t i = 0; i < MADE_LEVELS; i++)
            levels[n_levels++] = level_draw(&state, i >= n_bids, depth);
    }
}

static int64_t scaled(int64_t mantissa, unsigned from, unsigned to)
{
    return mantissa * decimal_pow10[to - from];
}

/* One message of the symbol, all at one pair of decimals. Returns 0 when there is no room for more. */
static int message_keep(const struct md_event *e, unsigned price_decimals, unsigned size_decimals)
{
    const struct md_level *side[2] = { decoded->bids + e->bids, decoded->asks + e->asks };
    uint32_t n[2] = { e->n_bids, e->n_asks };

    if (e->price_decimals > price_decimals || e->size_decimals > size_decimals || n_messages == MESSAGES_MAX ||
        n_levels + n[0] + n[1] > LEVELS_MAX)
        return 0;
    messages[n_messages].first = n_levels;
    for (int k = 0; k < 2; k++) {
        messages[n_messages].n[k] = n[k];
        for (uint32_t i = 0; i < n[k]; i++)
            levels[n_levels++] = (struct md_level){ scaled(side[k][i].price, e->price_decimals, price_decimals),
                                                    scaled(side[k][i].size, e->size_decimals, size_decimals) };
    }
    n_messages++;
    return 1;
}

/* The snapshot and the updates of a capture's first symbol that has one. Returns 0, -1 not there. */
static int recorded(const char *venue_name, const char *file, unsigned price_decimals, unsigned size_decimals)
{
    const struct venue *v = venue_find(venue_name);
    const char *shared = getenv("HOGA_SHARED");
    char path[4096], symbol[MD_SYMBOL_SIZE] = "";
    struct capture_reader *reader;
    struct capture_event in;
    int r;

    (void)snprintf(path, sizeof path, "%s/captures/%s", shared ? shared : "../shared", file);
    n_messages = n_levels = n_start[0] = n_start[1] = 0;
    if (!v || capture_open(path, NULL, NULL, &reader) < 0)
        return -1;
    while ((r = capture_next(reader, &in)) == 1 || r == -EBADMSG) {
        if (r != 1 ||
            (in.kind == FEED_INPUT_RX                       ? v->decode(in.bytes, in.bytes_size, decoded)
             : in.kind == FEED_INPUT_HTTP && v->decode_http ? v->decode_http(in.url, in.bytes, in.bytes_size, decoded)
                                                            : -1) < 0)
            continue;
        for (uint32_t i = 0; i < decoded->n_events; i++) {
            const struct md_event *e = &decoded->event[i];
            if (e->kind != MD_BOOK || (symbol[0] && strcmp(symbol, e->symbol) != 0))
                continue;
            if (e->is_snapshot && !symbol[0] && e->n_bids <= DEPTH_MAX && e->n_asks <= DEPTH_MAX &&
                message_keep(e, price_decimals, size_decimals)) {
                (void)snprintf(symbol, sizeof symbol, "%s", e->symbol);
                for (int k = 0; k < 2; k++)
                    memcpy(start[k], levels + (k ? e->n_bids : 0), (k ? e->n_asks : e->n_bids) * sizeof levels[0]);
                n_start[0] = e->n_bids;
                n_start[1] = e->n_asks;
                n_messages = n_levels = 0;
            } else if (symbol[0] && !e->is_snapshot) {
                (void)message_keep(e, price_decimals, size_decimals);
            }
        }
    }
    (void)capture_close(reader);
    return n_messages > 50 ? 0 : -1;
}

/* One of the two as at the start. */
static int set_up(int is_map)
{
    struct book_options options = { .levels_max = DEPTH_MAX + 1000, .levels_shown = TOP };
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };

    memset(&event, 0, sizeof event);
    event.kind = MD_BOOK;
    if (is_map) {
        peer_map_clear(map);
        for (int k = 0; k < 2; k++)
            for (uint32_t i = 0; i < n_start[k]; i++)
                peer_map_set(map, k, start[k][i].price, start[k][i].size);
        return 0;
    }
    if (!bk && book_new(&options, &bk) < 0)
        return -1;
    md_frame_reset(frame);
    event.is_snapshot = 1;
    event.n_bids = n_start[0];
    event.n_asks = n_start[1];
    memcpy(frame->bids, start[0], n_start[0] * sizeof start[0][0]);
    memcpy(frame->asks, start[1], n_start[1] * sizeof start[1][0]);
    return book_replace(bk, &event, frame, &in);
}

static void message_ours(size_t m, int has_top)
{
    static struct md_level top[2][TOP];
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };
    struct book_view view;

    /* Where the decoder would have left them. */
    frame->bids = levels + messages[m].first;
    frame->asks = frame->bids + messages[m].n[0];
    event.is_snapshot = 0;
    event.n_bids = messages[m].n[0];
    event.n_asks = messages[m].n[1];
    if (book_update(bk, &event, frame, &in) < 0)
        exit(1);
    if (!has_top)
        return;
    book_view(bk, &view);
    memcpy(top[0], view.bids, (view.n_bids < TOP ? view.n_bids : TOP) * sizeof(struct md_level));
    memcpy(top[1], view.asks, (view.n_asks < TOP ? view.n_asks : TOP) * sizeof(struct md_level));
    __asm__("" : : "r"(top) : "memory");
}

static void message_map(size_t m)
{
    static int64_t top[2][TOP][2];

    const struct md_level *level = levels + messages[m].first;

    for (int is_ask = 0; is_ask < 2; is_ask++)
        for (uint32_t i = 0; i < messages[m].n[is_ask]; i++, level++)
            peer_map_set(map, is_ask, level->price, level->size);
    for (int is_ask = 0; is_ask < 2; is_ask++)
        (void)peer_map_top(map, is_ask, top[is_ask], TOP);
    __asm__("" : : "r"(top) : "memory");
}

/* Of this thread: whoever else is on the machine does not count. */
static int64_t own_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

enum side { OURS, OURS_TOP, MAP_TOP, SIDES };

static int is_same(void)
{
    static int64_t top[2][TOP][2];
    struct book_view view;

    book_view(bk, &view);
    for (int is_ask = 0; is_ask < 2; is_ask++) {
        size_t n = peer_map_top(map, is_ask, top[is_ask], TOP);
        const struct md_level *ours = is_ask ? view.asks : view.bids;
        if ((is_ask ? view.n_asks : view.n_bids) < n)
            return 0;
        for (size_t i = 0; i < n; i++)
            if (ours[i].price != top[is_ask][i][0] || ours[i].size != top[is_ask][i][1])
                return 0;
    }
    return 1;
}

/* Every round begins with the snapshot, which is not timed. */
static void bench(const char *name)
{
    static double ns[SIDES][ROUNDS];
    struct md_level *bids = frame->bids, *asks = frame->asks;

    for (int round = -WARM; round < ROUNDS; round++) {
        for (int side = 0; side < SIDES; side++) {
            int64_t begun;

            frame->bids = bids;
            frame->asks = asks;
            if (set_up(side == MAP_TOP) < 0)
                exit(1);
            begun = own_ns();
            for (size_t m = 0; m < n_messages; m++) {
                if (side == MAP_TOP)
                    message_map(m);
                else
                    message_ours(m, side == OURS_TOP);
            }
            ns[side][round < 0 ? 0 : round] = (double)(own_ns() - begun) / (double)n_messages;
        }
    }
    frame->bids = bids;
    frame->asks = asks;
    if (set_up(0) < 0 || set_up(1) < 0)
        exit(1);
    for (size_t m = 0; m < n_messages; m++) {
        message_ours(m, 0);
        message_map(m);
    }
    if (!is_same()) {
        (void)fprintf(stderr, "bench_book: the two books differ\n");
        exit(1);
    }
    frame->bids = bids;
    frame->asks = asks;
    bk = book_free(bk);
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare_double);
    printf("{\"bench\":\"book_update_%s\",\"levels_a_side\":%u,\"messages\":%u,\"levels_a_message\":%.1f,\"ns_a_"
           "level\":%.1f,"
           "\"goal_ns_a_level\":40,\"message_with_top30_ns\":%.0f,\"std_map_ns\":%.0f,\"ratio_std_map\":%.3f,"
           "\"goal_std_map\":0.3}\n",
           name, n_start[0], n_messages, (double)n_levels / n_messages, ns[OURS][ROUNDS / 2] * n_messages / n_levels,
           ns[OURS_TOP][ROUNDS / 2], ns[MAP_TOP][ROUNDS / 2], ns[OURS_TOP][ROUNDS / 2] / ns[MAP_TOP][ROUNDS / 2]);
}

int main(void)
{
    static const struct {
        const char *name, *venue, *file;
        unsigned price_decimals, size_decimals;
    } captures[] = {
        { "recorded_binance", "binance", "binance/hft-20240808-btcusdt.jsonl.zst", 8, 8 },
        { "recorded_binance_usdm", "binance-usdm", "binance-usdm/hft-20240808-btcusdt.jsonl.zst", 2, 3 },
        { "recorded_kraken", "kraken", "kraken/derived-v2-depth100.jsonl", 8, 8 },
        { "recorded_coinbase", "coinbase", "coinbase/cf-20210417.jsonl.zst", 8, 8 },
    };
    static const uint32_t depths[] = { 30, 400, 1000, DEPTH_MAX };

    map = peer_map_new();
    if (!map || md_frame_new(&frame) < 0 || md_frame_new(&decoded) < 0)
        return 1;
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        if (recorded(captures[i].venue, captures[i].file, captures[i].price_decimals, captures[i].size_decimals) == 0)
            bench(captures[i].name);
        else
            printf("{\"bench\":\"book_update_%s\",\"skipped\":\"no captures; set HOGA_SHARED\"}\n", captures[i].name);
    }
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        char name[32];
        made(depths[i]);
        (void)snprintf(name, sizeof name, "made_%u", depths[i]);
        bench(name);
    }
    frame = md_frame_free(frame);
    decoded = md_frame_free(decoded);
    peer_map_free(map);
    return 0;
}
