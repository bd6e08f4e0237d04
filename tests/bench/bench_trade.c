/* SPDX-License-Identifier: MIT
 * bench_trade.c - what a trade costs: published, read as the one that is new, read as the last twenty; and a day. Each
 * beside memcpy of the same bytes in alternating rounds of the same run; medians. Nobody else reads or writes. */
#include "bench.h"
#include "client/lib/handle.h"

#include "shm/trade.h"

#include "tests/stress/books.h"

#include <unistd.h>

#define ROUNDS 501
#define CALLS  2000u
#define LAST_N 20u

static struct writer *writer;
static struct hoga *h;
static hoga_id id;
static uint32_t slot;
static uint64_t next;
static struct hoga_abi_trade made = { .id = 17303368620470000, .price = 116500000, .size = 5, .size_decimals = 8 };
static struct hoga_trade got[LAST_N] __attribute__((aligned(64)));
static struct hoga_day day;
static uint8_t from[4096] __attribute__((aligned(64))), to[4096] __attribute__((aligned(64)));
static size_t n_bytes;

static void one_publish(void)
{
    made.id++;
    writer_trade_publish(writer, slot, &made);
}

static void one_publish_and_read(void)
{
    one_publish();
    (void)hoga_trades(h, id, &next, got, LAST_N, NULL);
}

static void one_read_last(void)
{
    uint64_t last = HOGA_TRADES_LAST;

    (void)hoga_trades(h, id, &last, got, LAST_N, NULL);
}

static void one_read_none(void)
{
    (void)hoga_trades(h, id, &next, got, LAST_N, NULL);
}

static void one_day(void)
{
    (void)hoga_day(h, id, &day);
}

static void one_known(void)
{
    to[0] = (uint8_t)writer_trade_has(writer, slot, 1);
}

static void one_copy(void)
{
    size_t size = n_bytes;

    __asm__("" : "+r"(size)); /* a call to the library's memcpy, not the loop in its place */
    memcpy(to, from, size);
    __asm__ __volatile__("" : : "r"(to) : "memory");
}

static int order(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t round_ps(void (*call)(void))
{
    int64_t begun_ns = now_ns();

    for (uint32_t i = 0; i < CALLS; i++)
        call();
    return (now_ns() - begun_ns) * 1000 / CALLS;
}

static void bench(const char *name, void (*call)(void), size_t bytes)
{
    static int64_t ours[ROUNDS], floor_ps[ROUNDS];

    n_bytes = bytes;
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = round_ps(call);
        floor_ps[i] = round_ps(one_copy);
    }
    qsort(ours, ROUNDS, sizeof ours[0], order);
    qsort(floor_ps, ROUNDS, sizeof floor_ps[0], order);
    (void)printf("{\"bench\":\"bench_trade_%s\",\"rounds\":%d,\"p50_ns\":%lld.%02lld,\"memcpy_ns\":%lld.%02lld,"
                 "\"bytes\":%zu}\n",
                 name, ROUNDS, (long long)(ours[ROUNDS / 2] / 1000), (long long)(ours[ROUNDS / 2] % 1000 / 10),
                 (long long)(floor_ps[ROUNDS / 2] / 1000), (long long)(floor_ps[ROUNDS / 2] % 1000 / 10), bytes);
}

int main(void)
{
    char folder[64], path[SEGMENT_PATH_SIZE];
    struct writer_options options;
    struct hoga_abi_day facts = { .known = 0x3ff };

    books_folder_init(folder, path);
    options = books_options(path, 4);
    options.layout.trades = HOGA_TRADES_DEFAULT;
    if (writer_open(&options, &writer, NULL) < 0 || writer_slot_get(writer, "sim", "A", 1, &slot) < 0)
        return 2;
    writer_ready(writer, books_now_ns());
    if (hoga_open(&h, path, NULL) < 0 || hoga_find(h, "sim:A", &id) < 0)
        return 2;
    bench("publish", one_publish, sizeof made);
    writer_day_publish(writer, slot, &facts);
    next = HOGA_TRADES_LAST;
    bench("publish_and_read", one_publish_and_read, 2 * sizeof made);
    bench("read_nothing_new", one_read_none, sizeof made);
    bench("read_last_20", one_read_last, LAST_N * sizeof made);
    bench("day", one_day, sizeof facts);
    bench("known_again", one_known, sizeof made * 16);
    h = hoga_close(h);
    writer = writer_close(writer);
    books_folder_done(folder);
    return 0;
}
