/* SPDX-License-Identifier: MIT
 * writer_private.h - what the files of the writer share: its struct, the locks and files it is opened with, the wake.
 * For shm/writer*.c only. */
#ifndef HOGA_WRITER_PRIVATE_H
#define HOGA_WRITER_PRIVATE_H

#include "seqlock.h"
#include "writer.h"

struct writer_slot {     /* private memory of a slot, so that finding one walks no shared memory */
    uint32_t generation; /* the highest ever seen in directory or book */
    uint32_t name_hash;
    int used;
};

struct writer_wake { /* writer_wake.c */
    struct hoga_abi_wake *page;
    uint32_t changed_bits; /* of slots published since the last turn */
};

struct writer_recall; /* writer_trade.c */

struct writer {
    uint8_t *base;
    size_t size;
    struct hoga_abi_header *header;
    struct hoga_abi_region region[SEGMENT_KIND_LAST + 1]; /* by kind; from our own layout, not from the file */
    struct writer_slot *slots;
    uint32_t books_max, depth;
    uint64_t epoch;
    uint8_t source;
    int lock_fd;
    int is_adopted;
    struct writer_wake wake;
    uint8_t *catalogue_taken;     /* one a row */
    uint32_t catalogue_next;      /* where to look for a free one */
    struct writer_recall *recall; /* one a slot; NULL: no trades are kept */
};

static inline uint32_t writer_slot_bit(uint32_t slot)
{
    return 1u << (slot % 32); /* as reader_slot_bit */
}

static inline uint8_t *writer_item(const struct writer *w, enum hoga_region_kind kind, uint32_t index)
{
    const struct hoga_abi_region *region = &w->region[kind];

    return w->base + region->offset + index * region->stride;
}

static inline struct hoga_abi_ring *writer_ring(const struct writer *w, enum hoga_region_kind kind, uint32_t index)
{
    return (struct hoga_abi_ring *)(void *)writer_item(w, kind, index);
}

static inline struct hoga_abi_newest *writer_listed(const struct writer *w, uint32_t slot)
{
    return (struct hoga_abi_newest *)(void *)writer_item(w, HOGA_REGION_NEWEST, slot);
}

static inline void *writer_copy(const struct writer *w, enum hoga_region_kind kind, struct hoga_abi_ring *ring,
                                uint64_t number)
{
    return (uint8_t *)ring + seqlock_copy_offset(number, segment_copies(&w->region[kind]), w->region[kind].item_size);
}

/* The newest copy of a ring, or NULL. The writer is the only one who stores there: plain loads will do. */
static inline const void *writer_newest(const struct writer *w, enum hoga_region_kind kind, uint32_t index)
{
    struct hoga_abi_ring *ring = writer_ring(w, kind, index);
    uint64_t number = seqlock_peek(&ring->newest);

    return number == 0 ? NULL : writer_copy(w, kind, ring, number);
}

/* Publish `entry` (its first word is seq, whatever it holds) as the next copy of a ring of rows. */
void writer_row_publish(struct writer *w, enum hoga_region_kind kind, uint32_t index, const void *entry, size_t size);
uint32_t writer_name_hash(const char *venue, const char *symbol);

/* What a new file of our options looks like, and the file that has the name now. */
struct writer_plan {
    struct hoga_abi_header header;
    struct hoga_abi_region regions[SEGMENT_KIND_LAST];
};
struct writer_old {
    uint8_t *base; /* NULL: none, or not to be touched */
    size_t size;
    uint32_t generation_max;
    int fits;
};

/* writer_file.c: the lock, the file that is there, the file that is made. */
int writer_lock_open(const char *path, int *ret_fd, struct segment_problem *ret_problem);
void writer_old_open(const struct writer_options *options, const struct writer_plan *plan, struct writer_old *ret);
void writer_old_close(struct writer_old *old, int is_replaced);
int writer_file_create(const struct writer_options *options, const struct writer_plan *plan, uint32_t generation_base,
                       uint8_t **ret_base, struct segment_problem *ret_problem);
/* PATH and a suffix. Returns: 0, -ENAMETOOLONG. */
int writer_path_join(char ret[SEGMENT_PATH_SIZE], const char *path, const char *suffix,
                     struct segment_problem *ret_problem);

/* writer_catalogue.c: rows of the life before are nobody's. */
int writer_catalogue_init(struct writer *w);
void writer_catalogue_reset(struct writer *w);

/* writer_trade.c: what a slot's ring holds is another instrument's from now on, and nothing is known of its day. */
int writer_trade_init(struct writer *w);
void writer_trade_adopt(struct writer *w, uint32_t slot);
void writer_trade_give(struct writer *w, uint32_t slot, uint32_t generation);

/* writer_wake.c */
int writer_wake_open(const char *path, struct writer_wake *ret, struct segment_problem *ret_problem);
void writer_wake_close(struct writer_wake *wake);

#endif
