/* SPDX-License-Identifier: MIT
 * hoga_rig.h - a real segment in a folder of its own, for the tests of libhoga: made, filled and taken away. One
 * thread. Judges nothing. */
#ifndef HOGA_RIG_H
#define HOGA_RIG_H

#include "shm/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RIG_DEPTH 5

struct rig {
    char folder[64], path[128];
    struct writer *writer;
    uint32_t catalogue_max; /* of the next rig_start */
};

static inline int64_t rig_clock_ns(clockid_t clock)
{
    struct timespec ts;
    (void)clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static inline int64_t rig_boot_ns(void)
{
    return rig_clock_ns(CLOCK_BOOTTIME);
}

/* Returns: 0, or what writer_open says. */
static inline int rig_start(struct rig *rig, uint32_t depth)
{
    static const char *const names[] = { "frames" }, *const units[] = { "frames" };
    struct segment_problem problem;
    struct writer_options options = { .path = rig->path,
                                      .layout = { .books_max = 8,
                                                  .depth = depth,
                                                  .connections_max = 4,
                                                  .counters_max = 1,
                                                  .histograms_max = 2,
                                                  .catalogue_max = rig->catalogue_max,
                                                  .trades = 16,
                                                  .has_day = 1 },
                                      .daemon_version = "1.2.3",
                                      .source = HOGA_SO_SIMULATOR,
                                      .mode = 0640,
                                      .counter_names = names,
                                      .counter_units = units };
    return writer_open(&options, &rig->writer, &problem);
}

static inline int rig_open_deep(struct rig *rig, uint32_t depth)
{
    (void)snprintf(rig->folder, sizeof(rig->folder), "/tmp/hoga-unit-XXXXXX");
    if (mkdtemp(rig->folder) == NULL)
        return -1;
    (void)snprintf(rig->path, sizeof(rig->path), "%s/books", rig->folder);
    rig->catalogue_max = 4;
    return rig_start(rig, depth);
}

static inline int rig_open(struct rig *rig)
{
    return rig_open_deep(rig, RIG_DEPTH);
}

static inline void rig_close(struct rig *rig)
{
    static const char *const ends[] = { "", ".lock", ".wake", ".new" };
    rig->writer = writer_close(rig->writer);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char path[160];
        (void)snprintf(path, sizeof(path), "%s%s", rig->path, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(rig->folder);
}

/* A connection in `state`, and the slot of an instrument. */
static inline void rig_connection(struct rig *rig, uint8_t state, uint8_t reason)
{
    struct hoga_abi_connection_entry row = {
        .venue = "upbit", .used = 1, .state = state, .reason = reason, .since_ns = 7
    };
    writer_connection_publish(rig->writer, 0, &row);
}

static inline uint32_t rig_slot(struct rig *rig, const char *venue, const char *symbol)
{
    uint32_t slot = UINT32_MAX;
    (void)writer_slot_get(rig->writer, venue, symbol, rig_clock_ns(CLOCK_REALTIME), &slot);
    return slot;
}

/* A live book whose best bid is `price`, RIG_DEPTH - 1 levels a side, of connection 0. */
static inline void rig_publish(struct rig *rig, uint32_t slot, int64_t price)
{
    struct hoga_abi_level bids[RIG_DEPTH], asks[RIG_DEPTH];
    struct hoga_abi_book_head head = { .state = HOGA_ST_LIVE,
                                       .proof = HOGA_PR_SNAPSHOT_ONLY,
                                       .source = HOGA_SO_SIMULATOR,
                                       .price_decimals = 1,
                                       .size_decimals = 8,
                                       .n_bids = RIG_DEPTH - 1,
                                       .n_asks = RIG_DEPTH - 1,
                                       .since_ns = 11,
                                       .changed_boot_ns = rig_boot_ns(),
                                       .connection_update = 10,
                                       .n_applied = 1 };
    for (int i = 0; i < RIG_DEPTH - 1; i++) {
        bids[i] = (struct hoga_abi_level){ price - i, 100 + i };
        asks[i] = (struct hoga_abi_level){ price + 1 + i, 200 + i };
    }
    writer_book_publish(rig->writer, slot, &head, bids, asks);
}

#endif
