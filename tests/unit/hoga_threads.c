/* SPDX-License-Identifier: MIT
 * hoga_threads.c - many handles in many threads at once, under ThreadSanitizer too: readers, a sleeper and a finder
 * against a writer that publishes, gives the slot away and breaks the connection. No torn book, no foreign book, no
 * live book of a broken connection. */
#include "hoga_rig.h"

#include <errno.h>
#include <hoga/hoga.h>
#include <pthread.h>

#define UPDATES 100000
#define READERS 3

static struct rig rig;
static pthread_barrier_t start;

struct reader {
    pthread_t thread;
    int is_sleeper;
    uint64_t n_reads, n_stale, n_bad;
};

/* 0 the book is whole and belongs to its name: BTC's prices are even, ETH's are odd. */
static int is_bad(const struct hoga_book *book, const struct hoga_level *bids, const struct hoga_level *asks,
                  int is_odd)
{
    if (book->n_bids == 0) /* nothing published under this id yet */
        return book->state == HOGA_LIVE;
    for (int i = 0; i < RIG_DEPTH - 1; i++) {
        if (bids[i].price != book->bid.price - i || asks[i].price != book->bid.price + 1 + i)
            return 1;
    }
    return (book->bid.price & 1) != is_odd;
}

static void *reader_run(void *arg)
{
    struct reader *r = arg;
    struct hoga *h;
    struct hoga_level bids[RIG_DEPTH], asks[RIG_DEPTH];
    struct hoga_book book = { .update = 0 };
    hoga_id id = HOGA_NO_ID;
    int is_odd = 0, result = -ESTALE;
    int is_open = hoga_open(&h, rig.path, NULL) == 0;
    (void)pthread_barrier_wait(&start);
    if (!is_open) {
        r->n_bad++;
        return NULL;
    }
    while (book.applied < UPDATES) {
        if (result == -ESTALE) {
            r->n_stale++;
            is_odd = hoga_find(h, "toy:eth", &id) == 0;
            if (!is_odd)
                (void)hoga_find(h, "toy:btc", &id);
        }
        result = hoga_read(h, id, 0, &book, bids, asks, RIG_DEPTH);
        if (result == 0)
            r->n_bad += (uint64_t)is_bad(&book, bids, asks, is_odd);
        else if (result != -ESTALE && result != -EAGAIN)
            r->n_bad++;
        if (result == 0 && (book.reason == HOGA_RE_DROPPED || (r->is_sleeper && book.applied < UPDATES)))
            result = hoga_wait(h, id, book.update, book.state, 1000000);
        if (book.reason == HOGA_RE_DROPPED)
            result = -ESTALE;
        r->n_reads++;
    }
    (void)hoga_close(h);
    return NULL;
}

static void publish(uint32_t slot, uint64_t i, int is_odd)
{
    struct hoga_abi_level bids[RIG_DEPTH], asks[RIG_DEPTH];
    struct hoga_abi_book_head head = { .state = HOGA_ST_LIVE, .connection_update = i, .n_applied = i };
    head.n_bids = head.n_asks = RIG_DEPTH - 1;
    for (int k = 0; k < RIG_DEPTH - 1; k++) {
        bids[k] = (struct hoga_abi_level){ (int64_t)(2 * i) + is_odd - k, 1 };
        asks[k] = (struct hoga_abi_level){ (int64_t)(2 * i) + is_odd + 1 + k, 1 };
    }
    writer_book_publish(rig.writer, slot, &head, bids, asks);
}

static void write_all(void)
{
    uint32_t slot = rig_slot(&rig, "toy", "BTC");
    int is_odd = 0;
    for (uint64_t i = 1; i <= UPDATES; i++) {
        if (i % 500 == 0) {
            writer_slot_free(rig.writer, slot, 1);
            is_odd = !is_odd;
            slot = rig_slot(&rig, "toy", is_odd ? "ETH" : "BTC");
        }
        if (i % 77 == 0)
            writer_connection_valid_from(rig.writer, 0, i);
        if (i % 100 == 0)
            rig_connection(&rig, i % 200 == 0 ? HOGA_ST_LIVE : HOGA_ST_DOWN, HOGA_RE_NONE);
        writer_heartbeat(rig.writer, rig_boot_ns());
        publish(slot, i, is_odd);
        (void)writer_wake(rig.writer);
    }
}

int main(void)
{
    static struct reader readers[READERS];
    int is_bad_run = 0;
    if (rig_open(&rig) < 0)
        return 1;
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    writer_ready(rig.writer, rig_boot_ns());
    (void)pthread_barrier_init(&start, NULL, READERS + 1);
    for (int i = 0; i < READERS; i++) {
        readers[i].is_sleeper = i == 0;
        if (pthread_create(&readers[i].thread, NULL, reader_run, &readers[i]) != 0)
            return 1;
    }
    (void)pthread_barrier_wait(&start);
    write_all();
    for (int i = 0; i < READERS; i++) {
        (void)pthread_join(readers[i].thread, NULL);
        (void)printf("reader %d: %llu reads, %llu look-ups, %llu bad\n", i, (unsigned long long)readers[i].n_reads,
                     (unsigned long long)readers[i].n_stale, (unsigned long long)readers[i].n_bad);
        is_bad_run |= readers[i].n_bad != 0 || readers[i].n_reads == 0;
    }
    (void)pthread_barrier_destroy(&start);
    rig_close(&rig);
    return is_bad_run;
}
