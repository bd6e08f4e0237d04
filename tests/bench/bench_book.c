/* SPDX-License-Identifier: MIT
 * bench_book.c - changes to a deep book: ns a level, and a message with a copy of the best 30 against the same in two
 * std::map, interleaved in one run. Levels change where real ones do, mostly near the best (shape: recorded updates of
 * binance and kraken; half within 10 levels of it, the rest spread to the depth), a fifth are deletions. One JSON line
 * a depth; medians of batches. */
#include "book/book.h"

#include "peer_delta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MESSAGES  512
#define LEVELS    8 /* a message */
#define TOP       30
#define ROUNDS    100
#define WARM      10
#define PRICE     50000000
#define DEPTH_MAX 5000

static struct md_frame *frame;
static struct md_event event;
static struct md_level changes[MESSAGES][2][LEVELS];
static uint32_t n_changes[MESSAGES][2];
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

/* Both books full to the depth, and the same messages for both. */
static int set_up(uint32_t depth)
{
    struct book_options options = { .levels_max = depth + 64 };
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };
    uint64_t state = 0x9e3779b97f4a7c15u;

    bk = book_free(bk);
    peer_map_clear(map);
    if (book_new(&options, &bk) < 0)
        return -1;
    md_frame_reset(frame);
    memset(&event, 0, sizeof event);
    event.kind = MD_BOOK;
    event.is_snapshot = 1;
    for (uint32_t i = 0; i < depth; i++) {
        frame->bids[i] = (struct md_level){ PRICE - i, 1000 + i };
        frame->asks[i] = (struct md_level){ PRICE + 1 + i, 1000 + i };
        peer_map_set(map, 0, PRICE - i, 1000 + i);
        peer_map_set(map, 1, PRICE + 1 + i, 1000 + i);
    }
    event.n_bids = event.n_asks = depth;
    for (size_t m = 0; m < MESSAGES; m++) {
        n_changes[m][0] = n_changes[m][1] = 0;
        for (size_t i = 0; i < LEVELS; i++) {
            int is_ask = (int)(random_next(&state) >> 33) & 1;
            changes[m][is_ask][n_changes[m][is_ask]++] = level_draw(&state, is_ask, depth);
        }
    }
    return book_replace(bk, &event, frame, &in);
}

static void message_ours(size_t m, int has_top)
{
    static struct md_level top[2][TOP];
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };
    struct book_view view;

    memcpy(frame->bids, changes[m][0], n_changes[m][0] * sizeof(struct md_level));
    memcpy(frame->asks, changes[m][1], n_changes[m][1] * sizeof(struct md_level));
    event.is_snapshot = 0;
    event.n_bids = n_changes[m][0];
    event.n_asks = n_changes[m][1];
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

    for (int is_ask = 0; is_ask < 2; is_ask++)
        for (uint32_t i = 0; i < n_changes[m][is_ask]; i++)
            peer_map_set(map, is_ask, changes[m][is_ask][i].price, changes[m][is_ask][i].size);
    for (int is_ask = 0; is_ask < 2; is_ask++)
        (void)peer_map_top(map, is_ask, top[is_ask], TOP);
    __asm__("" : : "r"(top) : "memory");
}

static int64_t now_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
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

static void bench(uint32_t depth)
{
    static double ns[SIDES][ROUNDS];

    if (set_up(depth) < 0)
        exit(1);
    for (int round = -WARM; round < ROUNDS; round++) {
        for (int side = 0; side < SIDES; side++) {
            int64_t start = now_ns();
            for (size_t m = 0; m < MESSAGES; m++) {
                if (side == MAP_TOP)
                    message_map(m);
                else
                    message_ours(m, side == OURS_TOP);
            }
            ns[side][round < 0 ? 0 : round] = (double)(now_ns() - start) / MESSAGES;
        }
    }
    if (!is_same()) {
        (void)fprintf(stderr, "bench_book: the two books differ\n");
        exit(1);
    }
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare);
    printf("{\"bench\":\"book_update_%u\",\"levels_a_message\":%d,\"ns_a_level\":%.1f,\"goal_ns_a_level\":40,"
           "\"message_with_top30_ns\":%.0f,\"std_map_ns\":%.0f,\"ratio_std_map\":%.3f,\"goal_std_map\":0.3}\n",
           depth, LEVELS, ns[OURS][ROUNDS / 2] / LEVELS, ns[OURS_TOP][ROUNDS / 2], ns[MAP_TOP][ROUNDS / 2],
           ns[OURS_TOP][ROUNDS / 2] / ns[MAP_TOP][ROUNDS / 2]);
}

int main(void)
{
    static const uint32_t depths[] = { 30, 400, 1000, DEPTH_MAX };

    map = peer_map_new();
    if (!map || md_frame_new(&frame) < 0)
        return 1;
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++)
        bench(depths[i]);
    bk = book_free(bk);
    frame = md_frame_free(frame);
    peer_map_free(map);
    return 0;
}
