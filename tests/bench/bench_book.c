/* SPDX-License-Identifier: MIT
 * bench_book.c - changes to a deep book: ns a level, and a message with a copy of the best 30 against the same in two
 * std::map, interleaved in one run. Of each venue a recorded stream of updates; then made-up messages in no order whose
 * levels change where real ones do, mostly near the best (half within 10 levels of it, the rest spread to the depth), a
 * fifth of them deletions. One JSON line a venue or depth; medians of batches. */
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

#define MADE_MESSAGES  512
#define MADE_LEVELS    8 /* a message */
#define TOP            30
#define ROUNDS         100
#define WARM           10
#define PRICE          50000000
#define DEPTH_MAX      5000
#define MESSAGES_MAX   4096
#define MESSAGES_LEAST 40
#define BOOKS_MAX      64
#define LEVELS_MAX     (1u << 20)

/* Levels of the pool: bids, then asks. */
struct span {
    uint32_t first, n[2];
};

static struct md_level levels[LEVELS_MAX];
static struct {
    struct span span;
    uint32_t book;
} messages[MESSAGES_MAX];
static struct {
    struct span start; /* its snapshot */
    struct book *book;
    struct peer_map *map;
    char symbol[MD_SYMBOL_SIZE];
} books[BOOKS_MAX];
static uint32_t n_messages, n_levels, n_changes, n_books;

static struct md_frame *frame, *decoded;
static struct md_event event;

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

    n_books = 1;
    books[0].start = (struct span){ 0, { depth, depth } };
    for (uint32_t i = 0; i < depth; i++) {
        levels[i] = (struct md_level){ PRICE - i, 1000 + i };
        levels[depth + i] = (struct md_level){ PRICE + 1 + i, 1000 + i };
    }
    n_levels = 2 * depth;
    for (n_messages = 0; n_messages < MADE_MESSAGES; n_messages++) {
        uint32_t n_bids = (uint32_t)(random_next(&state) >> 33) % (MADE_LEVELS + 1);
        messages[n_messages].book = 0;
        messages[n_messages].span = (struct span){ n_levels, { n_bids, MADE_LEVELS - n_bids } };
        for (uint32_t i = 0; i < MADE_LEVELS; i++)
            levels[n_levels++] = level_draw(&state, i >= n_bids, depth);
    }
    n_changes = MADE_MESSAGES * MADE_LEVELS;
}

static int64_t scaled(int64_t mantissa, unsigned from, unsigned to)
{
    return mantissa * decimal_pow10[to - from];
}

/* Into the pool, all at one pair of decimals. Returns 0 when there is no room for more. */
static int levels_keep(const struct md_event *e, unsigned price_decimals, unsigned size_decimals, struct span *ret)
{
    const struct md_level *side[2] = { decoded->bids + e->bids, decoded->asks + e->asks };

    if (e->price_decimals > price_decimals || e->size_decimals > size_decimals ||
        n_levels + e->n_bids + e->n_asks > LEVELS_MAX)
        return 0;
    *ret = (struct span){ n_levels, { e->n_bids, e->n_asks } };
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < ret->n[k]; i++)
            levels[n_levels++] = (struct md_level){ scaled(side[k][i].price, e->price_decimals, price_decimals),
                                                    scaled(side[k][i].size, e->size_decimals, size_decimals) };
    return 1;
}

/* The book of the symbol, BOOKS_MAX where there is none. */
static uint32_t book_find(const char *symbol)
{
    uint32_t i = 0;

    while (i < n_books && strcmp(books[i].symbol, symbol) != 0)
        i++;
    return i < n_books ? i : BOOKS_MAX;
}

/* The first snapshot of each symbol begins its book; the updates behind it are the messages. */
static void event_keep(const struct md_event *e, unsigned price_decimals, unsigned size_decimals)
{
    uint32_t book = book_find(e->symbol);

    if (e->kind != MD_BOOK)
        return;
    if (e->is_snapshot && book == BOOKS_MAX && n_books < BOOKS_MAX && e->n_bids <= DEPTH_MAX &&
        e->n_asks <= DEPTH_MAX && levels_keep(e, price_decimals, size_decimals, &books[n_books].start)) {
        (void)snprintf(books[n_books].symbol, sizeof books[n_books].symbol, "%s", e->symbol);
        n_books++;
    } else if (!e->is_snapshot && book != BOOKS_MAX && n_messages < MESSAGES_MAX &&
               levels_keep(e, price_decimals, size_decimals, &messages[n_messages].span)) {
        n_changes += e->n_bids + e->n_asks;
        messages[n_messages++].book = book;
    }
}

/* All books of a capture as they were recorded, in one stream: a few dozen messages of one book, over and over, would
 * be learnt by heart by the processor. Returns 0, -1 not there, or hardly any. */
static int recorded(const char *venue_name, const char *file, unsigned price_decimals, unsigned size_decimals)
{
    const struct venue *v = venue_find(venue_name);
    const char *shared = getenv("HOGA_SHARED");
    char path[4096];
    struct capture_reader *reader;
    struct capture_event in;
    int r;

    (void)snprintf(path, sizeof path, "%s/captures/%s", shared ? shared : "../shared", file);
    n_messages = n_levels = n_changes = n_books = 0;
    if (!v || capture_open(path, NULL, NULL, &reader) < 0)
        return -1;
    while ((r = capture_next(reader, &in)) == 1 || r == -EBADMSG) {
        if (r != 1 ||
            (in.kind == FEED_INPUT_RX                       ? v->decode(in.bytes, in.bytes_size, decoded)
             : in.kind == FEED_INPUT_HTTP && v->decode_http ? v->decode_http(in.url, in.bytes, in.bytes_size, decoded)
                                                            : -1) < 0)
            continue;
        for (uint32_t i = 0; i < decoded->n_events; i++)
            event_keep(&decoded->event[i], price_decimals, size_decimals);
    }
    (void)capture_close(reader);
    return n_messages >= MESSAGES_LEAST ? 0 : -1;
}

/* Where the decoder would have left the levels. */
static void frame_set(const struct span *span)
{
    frame->bids = levels + span->first;
    frame->asks = frame->bids + span->n[0];
    event.n_bids = span->n[0];
    event.n_asks = span->n[1];
}

/* A book, or its maps, as at the start. */
static int set_up(uint32_t i, int is_map)
{
    struct book_options options = { .levels_max = DEPTH_MAX + 1000, .levels_shown = TOP };
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };
    const struct md_level *level = levels + books[i].start.first;

    if (!books[i].map)
        books[i].map = peer_map_new();
    if (!books[i].map || (!books[i].book && book_new(&options, &books[i].book) < 0))
        return -1;
    if (is_map) {
        peer_map_clear(books[i].map);
        for (int k = 0; k < 2; k++)
            for (uint32_t n = 0; n < books[i].start.n[k]; n++, level++)
                peer_map_set(books[i].map, k, level->price, level->size);
        return 0;
    }
    event = (struct md_event){ .kind = MD_BOOK, .is_snapshot = 1 };
    frame_set(&books[i].start);
    return book_replace(books[i].book, &event, frame, &in);
}

/* By libc's memcpy: if gcc could see that it is this little it would put `rep movsq` here, which takes 10 ns longer and
 * is not how the daemon copies. */
static void levels_copy(struct md_level *to, const struct md_level *from, uint32_t n)
{
    size_t size = (n < TOP ? n : TOP) * sizeof(*to);

    __asm__("" : "+r"(size));
    memcpy(to, from, size);
}

static void message_ours(size_t m, int has_top)
{
    static struct md_level top[2][TOP];
    struct book *book = books[messages[m].book].book;
    struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = 1 };
    struct book_view view;

    frame_set(&messages[m].span);
    event.is_snapshot = 0;
    if (book_update(book, &event, frame, &in) < 0)
        exit(1);
    if (!has_top)
        return;
    book_view(book, &view);
    levels_copy(top[0], view.bids, view.n_bids);
    levels_copy(top[1], view.asks, view.n_asks);
    __asm__("" : : "r"(top) : "memory");
}

static void message_map(size_t m)
{
    static int64_t top[2][TOP][2];
    struct peer_map *map = books[messages[m].book].map;
    const struct md_level *level = levels + messages[m].span.first;

    for (int is_ask = 0; is_ask < 2; is_ask++)
        for (uint32_t i = 0; i < messages[m].span.n[is_ask]; i++, level++)
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

static int is_same(uint32_t book)
{
    static int64_t top[2][TOP][2];
    struct book_view view;

    book_view(books[book].book, &view);
    for (int is_ask = 0; is_ask < 2; is_ask++) {
        size_t n = peer_map_top(books[book].map, is_ask, top[is_ask], TOP);
        const struct md_level *ours = is_ask ? view.asks : view.bids;
        if ((is_ask ? view.n_asks : view.n_bids) < n)
            return 0;
        for (size_t i = 0; i < n; i++)
            if (ours[i].price != top[is_ask][i][0] || ours[i].size != top[is_ask][i][1])
                return 0;
    }
    return 1;
}

static void books_set_up(int is_map)
{
    for (uint32_t i = 0; i < n_books; i++)
        if (set_up(i, is_map) < 0)
            exit(1);
}

/* Both from the start to the end once more, looked at. */
static void books_compare(void)
{
    books_set_up(0);
    books_set_up(1);
    for (size_t m = 0; m < n_messages; m++) {
        message_ours(m, 0);
        message_map(m);
    }
    for (uint32_t i = 0; i < n_books; i++) {
        if (!is_same(i)) {
            (void)fprintf(stderr, "bench_book: the two books differ\n");
            exit(1);
        }
        books[i].book = book_free(books[i].book);
        peer_map_free(books[i].map);
        books[i].map = NULL;
    }
}

/* Every round begins with the snapshots, which are not timed. */
static void bench(const char *name)
{
    static double ns[SIDES][ROUNDS];
    struct md_level *bids = frame->bids, *asks = frame->asks;

    for (int round = -WARM; round < ROUNDS; round++) {
        for (int side = 0; side < SIDES; side++) {
            int64_t begun;

            books_set_up(side == MAP_TOP);
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
    books_compare();
    frame->bids = bids;
    frame->asks = asks;
    for (int side = 0; side < SIDES; side++)
        qsort(ns[side], ROUNDS, sizeof(double), compare_double);
    printf("{\"bench\":\"book_update_%s\",\"books\":%u,\"levels_a_side\":%u,\"messages\":%u,\"levels_a_message\":%.1f,"
           "\"ns_a_level\":%.1f,\"goal_ns_a_level\":40,\"message_with_top30_ns\":%.0f,\"std_map_ns\":%.0f,"
           "\"ratio_std_map\":%.3f,\"goal_std_map\":0.3}\n",
           name, n_books, books[0].start.n[0], n_messages, (double)n_changes / n_messages,
           ns[OURS][ROUNDS / 2] * n_messages / n_changes, ns[OURS_TOP][ROUNDS / 2], ns[MAP_TOP][ROUNDS / 2],
           ns[OURS_TOP][ROUNDS / 2] / ns[MAP_TOP][ROUNDS / 2]);
}

int main(void)
{
    static const struct {
        const char *venue, *file;
        unsigned price_decimals, size_decimals;
    } captures[] = {
        { "binance", "binance/hft-20240808-btcusdt.jsonl.zst", 8, 8 },
        { "binance-usdm", "binance-usdm/hft-20240808-btcusdt.jsonl.zst", 2, 3 },
        { "binance-coinm", "binance-coinm/hft-20240808-btcusdperp.jsonl.zst", 1, 0 },
        { "okx", "okx/okex-cf-20210722.jsonl", 8, 8 },
        { "bybit", "bybit/derived-v5-orderbook50.jsonl", 8, 8 },
        { "bybit-linear", "bybit/ob500-20241201.jsonl", 8, 8 },
        { "bitget", "bitget/cf-20220407-spot.jsonl", 8, 8 },
        { "gateio", "gateio/cf-20230524-futures.jsonl", 8, 8 },
        { "kraken", "kraken/derived-v2-depth100.jsonl", 8, 8 },
        { "coinbase", "coinbase/cf-20210417.jsonl.zst", 8, 8 },
        { "coinbase-adv", "coinbase/derived-advtrade.jsonl.zst", 8, 8 },
    };
    static const uint32_t depths[] = { 30, 400, 1000, DEPTH_MAX };

    if (md_frame_new(&frame) < 0 || md_frame_new(&decoded) < 0)
        return 1;
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        char name[48];
        (void)snprintf(name, sizeof name, "recorded_%s", captures[i].venue);
        if (recorded(captures[i].venue, captures[i].file, captures[i].price_decimals, captures[i].size_decimals) == 0)
            bench(name);
        else
            printf("{\"bench\":\"book_update_%s\",\"skipped\":\"no captures; set HOGA_SHARED\"}\n", name);
    }
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        char name[32];
        made(depths[i]);
        (void)snprintf(name, sizeof name, "made_%u", depths[i]);
        bench(name);
    }
    frame = md_frame_free(frame);
    decoded = md_frame_free(decoded);
    return 0;
}
