/* SPDX-License-Identifier: MIT
 * threads.c - one writer and several readers as threads of one process, for ThreadSanitizer: in its builds shm/ takes
 * the portable form, whose every shared access is an atomic. Also a sleeper, and a slot that changes hands. */
#include "trades.h"

#include <errno.h>
#include <pthread.h>

#define READERS 3
#define UPDATES 60000u
#define LAST    (UINT64_MAX / 2) /* n_applied of the update that ends it */

struct shared {
    const char *path;
    struct hoga_abi_wake *wake;
    uint32_t generation; /* of slot 0 */
};

struct result {
    struct shared *shared;
    uint64_t n_read, n_torn, n_overtaken, n_backward, n_trades;
};

static void read_one(const struct segment_map *map, struct result *result, uint64_t *io_last)
{
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    int r = reader_book(map, 0, &head, bids, asks, BOOKS_DEPTH);

    if (r == -EAGAIN) {
        result->n_overtaken++;
        return;
    }
    if (r < 0)
        return;
    result->n_read++;
    result->n_torn += !books_is_whole(&head, bids, asks);
    result->n_backward += head.seq < *io_last;
    *io_last = head.seq;
}

/* Trades in order, whole, and with those that were missed no number left out. */
static void read_trades(const struct segment_map *map, struct result *result, uint64_t *io_next)
{
    struct hoga_abi_trade trades[TRADES_KEPT];
    struct hoga_abi_day day;
    uint64_t before = *io_next, missed = 0;
    int n = reader_trades(map, 0, result->shared->generation, io_next, trades, TRADES_KEPT, &missed);

    if (n == -EAGAIN)
        result->n_overtaken++;
    for (int i = 0; i < n; i++)
        result->n_torn += !trades_is_whole(&trades[i]) || trades[i].seq / 2 != *io_next - (uint64_t)(n - i);
    if (n > 0 && before != TRADE_FROM_OLDEST)
        result->n_torn += trades[0].seq / 2 != before + missed;
    if (reader_day(map, 0, &day) == 0)
        result->n_torn += !days_is_whole(&day);
    result->n_trades += n > 0 ? (uint64_t)n : 0;
}

static void *reader_main(void *argument)
{
    struct result *result = argument;
    struct segment_map map;
    struct hoga_abi_book_head head = { 0 };
    struct hoga_abi_directory_entry entry;
    struct reader_live live;
    uint64_t last = 0, next = TRADE_FROM_OLDEST;

    if (books_reader_open(result->shared->path, &map) < 0)
        return result;
    while (reader_book_head(&map, 0, &head) < 0 || head.n_applied != LAST) {
        read_one(&map, result, &last);
        read_trades(&map, result, &next);
        reader_live(&map, &live);
        if (reader_directory(&map, 1, &entry) == 0 && entry.used && strcmp(entry.venue, "sim") != 0)
            result->n_torn++;
    }
    segment_unmap(&map);
    return NULL;
}

static void *sleeper_main(void *argument)
{
    struct result *result = argument;
    struct segment_map map;
    struct hoga_abi_book_head head = { 0 };

    if (books_reader_open(result->shared->path, &map) < 0)
        return result;
    for (;;) {
        uint32_t word = reader_wake_word(&map);

        if (reader_book_head(&map, 0, &head) == 0 && head.n_applied == LAST)
            break;
        (void)reader_sleep(&map, NULL, word, reader_slot_bit(0), (int64_t)HOGA_SLEEP_SLICE_NS);
        result->n_read++;
    }
    segment_unmap(&map);
    return NULL;
}

static void write_all(struct writer *w)
{
    uint32_t slot;

    for (uint64_t i = 1; i <= UPDATES; i++) {
        books_publish(w, 0, i);
        trades_publish(w, 0, i);
        days_publish(w, 0, i);
        if (i % 8 == 0)
            (void)writer_wake(w);
        if (i % 64 == 0 && writer_slot_get(w, "sim", i % 128 == 0 ? "A" : "B", 1, &slot) == 0 && slot == 1)
            writer_slot_free(w, slot, 2);
        writer_heartbeat(w, (int64_t)i);
    }
    books_publish(w, 0, LAST);
    (void)writer_wake(w);
}

int main(void)
{
    char folder[64], path[SEGMENT_PATH_SIZE];
    struct shared shared = { .path = path };
    struct result results[READERS + 1] = { 0 };
    pthread_t threads[READERS + 1];
    struct writer_options options;
    struct hoga_abi_book_head head;
    struct segment_map map;
    struct writer *w;
    uint32_t slot;
    int n_failed = 0;

    books_folder_init(folder, path);
    options = books_options(path, 4);
    if (writer_open(&options, &w, NULL) < 0 || writer_slot_get(w, "sim", "BOOK", 1, &slot) < 0)
        return 2;
    writer_ready(w, 1);
    if (books_reader_open(path, &map) < 0 || reader_book_head(&map, slot, &head) < 0)
        return 2;
    shared.generation = head.generation;
    segment_unmap(&map);
    for (int i = 0; i <= READERS; i++) {
        results[i].shared = &shared;
        if (pthread_create(&threads[i], NULL, i < READERS ? reader_main : sleeper_main, &results[i]) != 0)
            return 2;
    }
    write_all(w);
    for (int i = 0; i <= READERS; i++) {
        void *bad = NULL;

        (void)pthread_join(threads[i], &bad);
        n_failed += bad != NULL || results[i].n_torn > 0 || results[i].n_backward > 0;
        (void)printf("thread %d: %llu reads, %llu trades, %llu torn, %llu backward, %llu overtaken\n", i,
                     (unsigned long long)results[i].n_read, (unsigned long long)results[i].n_trades,
                     (unsigned long long)results[i].n_torn, (unsigned long long)results[i].n_backward,
                     (unsigned long long)results[i].n_overtaken);
    }
    w = writer_close(w);
    books_folder_done(folder);
    return n_failed == 0 ? 0 : 1;
}
