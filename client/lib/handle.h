/* SPDX-License-Identifier: MIT
 * handle.h - one open segment: the map, what was learnt of its directory, and the step to a new file of the same name.
 * One handle belongs to one thread at a time. No reading of books (read.c) and no judging (verdict.c). */
#ifndef LIB_HANDLE_H
#define LIB_HANDLE_H

#include <hoga/hoga.h>

#include "verdict.h"

#include "shm/reader_book.h"

#define LIB_REPLACED_CHECK_NS 100000000 /* while the daemon gives no sign of life: look this often for a new file */
#define LIB_TAGS_MAX          65536u    /* marks a file can have: the 16 bits that slot and generation leave of an id */

struct lib_slot { /* a directory entry as last seen */
    char venue[HOGA_VENUE_SIZE];
    char symbol[HOGA_SYMBOL_SIZE];
    uint32_t generation;
    uint32_t is_used;
    int64_t since_ns;
};

struct lib_directory {
    struct lib_slot *slots; /* one a slot of the segment */
    uint32_t *buckets;      /* open addressing by folded name: slot + 1, 0 empty */
    uint32_t n_slots, bucket_mask, n_used;
    uint64_t version; /* of the segment's directory when it was read */
    int is_whole;     /* every entry could be read then */
};

#define LIB_NOT_WELL    UINT64_MAX /* no ring counts up to there */
#define LIB_LIVE_OFFSET (sizeof(struct hoga_abi_ring) + HOGA_COPIES * sizeof(struct hoga_abi_connection_entry))

struct lib_link { /* a connection: where its words are in the map, and its row as last seen */
    const struct hoga_abi_ring *ring;
    uint64_t well_number; /* of the row's copy, if lib_row_is_well(&row), else LIB_NOT_WELL */
    struct lib_row row;
} __attribute__((aligned(64)));

/* hoga_read in one form of copying; a processor keeps to one (seqlock.h). `whole`: depth levels a side, the asks right
 * behind the bids. */
struct lib_roads {
    int (*whole)(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret,
                 struct hoga_abi_level *ret_levels);
    int (*some)(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret, struct hoga_abi_level *ret_bids,
                struct hoga_abi_level *ret_asks, uint32_t n_max);
    int (*top)(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret);
};
/* is_default: only for a handle whose map has the default layout (lib_is_default). */
struct lib_roads lib_roads_of(enum seqlock_form form, int is_default);

struct hoga {
    struct lib_roads roads;
    struct reader_books books;
    union {
        struct {
            uint32_t n_books;
            uint16_t n_links; /* connections that the map has, at most HOGA_CONNECTIONS_MAX */
            uint16_t tag;     /* of the mapped file, in every id */
        };
        uint64_t bounds; /* of what an id and a copy may name, all three in one load, tag on top as in an id */
    };
    uint64_t live_offset; /* from a connection's ring to its live words */
    struct segment_map map;
    struct lib_link links[HOGA_CONNECTIONS_MAX];
    struct hoga_abi_wake *wake; /* NULL: sleeps without announcing it */
    struct lib_directory directory;
    uint64_t wake_epoch;      /* of the daemon whose wake file that is */
    int64_t replaced_boot_ns; /* when the name was last looked at */
    uint8_t tags_seen[LIB_TAGS_MAX / 8];
    char path[SEGMENT_PATH_SIZE];
};

static inline int lib_is_default(const struct hoga *h)
{
    return reader_books_is_default(&h->books) && h->live_offset == LIB_LIVE_OFFSET;
}

/* hoga_id: file's mark in the high 16 bits, generation in 32, slot in the low 16 (HOGA_BOOKS_MAX_LIMIT). */
static inline hoga_id lib_id_make(uint16_t tag, uint32_t generation, uint32_t slot)
{
    return (uint64_t)tag << 48 | (uint64_t)generation << 16 | slot;
}

static inline uint32_t lib_id_slot(hoga_id id)
{
    return (uint32_t)(id & 0xffffu);
}

static inline uint32_t lib_id_generation(hoga_id id)
{
    return (uint32_t)(id >> 16);
}

static inline uint16_t lib_id_tag(hoga_id id)
{
    return (uint16_t)(id >> 48);
}

/* CLOCK_BOOTTIME and CLOCK_REALTIME in ns. */
int64_t lib_boot_ns(void);
int64_t lib_real_ns(void);

/* Open, check and map the file at `path`.
 * Returns: 0 or what hoga_open says. */
int lib_map_path(const char *path, struct segment_map *ret_map, struct segment_problem *ret_problem);

/* A handle around a map.
 * Owns:    takes the map, also on failure.
 * Returns: 0, -ENOMEM. */
int lib_handle_new(struct segment_map *map, const char *path, struct hoga **ret);

/* The daemon's words, heartbeat first. While they say that nobody writes here, and at most once in
 * LIB_REPLACED_CHECK_NS, look whether the file still has its name and map the one that has it now.
 * Returns: 0 the same file as before, 1 another one (every id given out is stale now). */
int lib_handle_refresh(struct hoga *h, int64_t now_boot_ns, struct reader_live *ret_live);

/* PATH.wake of the present daemon; quietly without it where it may not be mapped. */
void lib_handle_wake_map(struct hoga *h, uint64_t epoch);

/* Bring the directory up to date: one comparison while nothing has moved.
 * Returns: 0, -EAGAIN an entry was moving all the time. */
int lib_directory_refresh(struct hoga *h, const struct reader_live *live);
int lib_directory_init(struct lib_directory *d, uint32_t n_slots);
void lib_directory_done(struct lib_directory *d);
/* The entry an id speaks of, NULL if the slot has another one now. */
const struct lib_slot *lib_directory_entry(const struct hoga *h, hoga_id id);

#endif
