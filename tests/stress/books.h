/* SPDX-License-Identifier: MIT
 * books.h - books that check themselves: every level follows from one number in the head, so that a copy put together
 * from two updates shows. For tests of the segment; any thread. */
#ifndef HOGA_STRESS_BOOKS_H
#define HOGA_STRESS_BOOKS_H

#include "shm/reader.h"
#include "shm/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOKS_DEPTH 30u

static const char *const books_counter_names[] = { "frames", "books" };
static const char *const books_counter_units[] = { "frames", "copies" };

static inline struct writer_options books_options(const char *path, uint32_t books_max)
{
    return (struct writer_options){
        .path = path,
        .layout = { books_max, BOOKS_DEPTH, 2, 2, 2, 2, 16, 1 },
        .daemon_version = "stress",
        .source = HOGA_SO_SIMULATOR,
        .mode = 0640,
        .counter_names = books_counter_names,
        .counter_units = books_counter_units,
    };
}

static inline uint64_t books_mix(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
}

/* Levels of message `number`; the count of levels varies with it. Returns: how many a side. */
static inline uint32_t books_fill(uint64_t number, struct hoga_abi_level *bids, struct hoga_abi_level *asks)
{
    uint32_t n = 1 + (uint32_t)(books_mix(number) % BOOKS_DEPTH);

    for (uint32_t i = 0; i < n; i++) {
        bids[i].price = (int64_t)(1000000 - i);
        bids[i].size = (int64_t)(books_mix(number * 64 + i) >> 1);
        asks[i].price = (int64_t)(1000001 + i);
        asks[i].size = (int64_t)(books_mix(~number * 64 + i) >> 1);
    }
    return n;
}

static inline void books_publish(struct writer *w, uint32_t slot, uint64_t number)
{
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    uint32_t n = books_fill(number, bids, asks);
    const struct hoga_abi_book_head head = {
        .state = HOGA_ST_LIVE,
        .source = HOGA_SO_SIMULATOR,
        .connection = HOGA_CONNECTION_NONE,
        .n_bids = n,
        .n_asks = n,
        .n_applied = number,
        .recv_ns = (int64_t)books_mix(number),
    };

    writer_book_publish(w, slot, &head, bids, asks);
}

/* Is this copy exactly what some message made? An empty copy has no levels. 1 yes, 0 torn. */
static inline int books_is_whole(const struct hoga_abi_book_head *head, const struct hoga_abi_level *bids,
                                 const struct hoga_abi_level *asks)
{
    struct hoga_abi_level want_bids[BOOKS_DEPTH], want_asks[BOOKS_DEPTH];
    uint32_t n;

    if (head->n_applied == 0)
        return head->n_bids == 0 && head->n_asks == 0 && head->bid_size == 0 && head->ask_size == 0;
    n = books_fill(head->n_applied, want_bids, want_asks);
    return head->n_bids == n && head->n_asks == n && memcmp(bids, want_bids, n * sizeof *bids) == 0 &&
           memcmp(asks, want_asks, n * sizeof *asks) == 0 && head->bid_size == bids[0].size &&
           head->ask_size == asks[0].size && head->recv_ns == (int64_t)books_mix(head->n_applied);
}

/* A folder of its own on tmpfs, removed by books_folder_done. */
static inline void books_folder_init(char ret_folder[64], char ret_path[SEGMENT_PATH_SIZE])
{
    (void)snprintf(ret_folder, 64, "/dev/shm/hoga-test-XXXXXX");
    if (mkdtemp(ret_folder) == NULL) {
        perror("mkdtemp");
        exit(2);
    }
    (void)snprintf(ret_path, SEGMENT_PATH_SIZE, "%s/books", ret_folder);
}

void books_folder_done(const char *folder); /* books.c */
int64_t books_now_ns(void);                 /* CLOCK_BOOTTIME */
int books_reader_open(const char *path, struct segment_map *ret_map);

#endif
