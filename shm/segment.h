/* SPDX-License-Identifier: MIT
 * segment.h - where the segment is, how it is made, checked and mapped. No atomics here (seqlock.h), no policy about
 * when to publish. Any thread; each struct belongs to one thread. Errors are 0 or negative errno; details in
 * struct segment_problem, in words. */
#ifndef HOGA_SEGMENT_H
#define HOGA_SEGMENT_H

#include "hoga_abi.h"

#include <stddef.h>

#define SEGMENT_PATH_SIZE 256 /* bytes with the NUL, of every path the rule can make */

/* why: what the kernel or the check said; remedy: what to do, may be empty. */
struct segment_problem {
    char what[SEGMENT_PATH_SIZE];
    char why[512];
    char remedy[256];
};

struct segment_layout {
    uint32_t books_max;
    uint32_t depth;
    uint32_t connections_max;
    uint32_t counters_max;
    uint32_t histograms_max;
    uint32_t catalogue_max; /* instruments; 0: no such region */
    uint32_t trades;        /* kept of each book, a power of two; 0: no such region */
    uint32_t has_day;       /* 0: no such region */
};

#define SEGMENT_KIND_LAST HOGA_REGION_NEWEST /* the highest kind with a layout */

/* A checked, private copy of header and region table; offsets and counts are safe to use for as long as it is mapped.
 * 1.x readers need DIRECTORY, BOOK and CONNECTION; the others may be absent (count 0). */
struct segment_map {
    const uint8_t *base; /* start of the mapping */
    size_t size;
    uint32_t copies, depth, books_max, connections_max;
    uint32_t abi_major, abi_minor;
    uint32_t trades;                                      /* in each ring of TRADE; 0: there are none */
    struct hoga_abi_region region[SEGMENT_KIND_LAST + 1]; /* by kind; kinds without a layout stay zero */
    uint64_t device, inode;                               /* of the file, to see whether it was replaced */
    uint32_t owner;                                       /* uid of the file */
};

/* Copies in a ring of this region, as this library's writer makes it. Those of TRADE follow from its stride. */
static inline uint32_t segment_copies(const struct hoga_abi_region *region)
{
    switch (region->kind) {
    case HOGA_REGION_CATALOGUE:
        return HOGA_CATALOGUE_COPIES;
    case HOGA_REGION_DAY:
        return HOGA_DAY_COPIES;
    case HOGA_REGION_TRADE:
        return (uint32_t)((region->stride - sizeof(struct hoga_abi_ring)) / region->item_size);
    default:
        return HOGA_COPIES;
    }
}

/* Units:   bytes of the whole file for a layout.
 * Returns: 0, -EINVAL a limit of hoga_abi.h is passed. */
int segment_layout_size(const struct segment_layout *layout, uint64_t *ret_size);

/* The daemon's path: `explicit_path`, $HOGA_SEGMENT, $RUNTIME_DIRECTORY/books, the user's own path. `may_default` is
 * false for daemons whose numbers are not the market's (replay, simulator): then only the first two.
 * Returns: 0, -ENOENT nothing says where, -EPERM the user's folder is not safe, -ENAMETOOLONG. */
int segment_path_daemon(const char *explicit_path, int may_default, char ret_path[SEGMENT_PATH_SIZE],
                        struct segment_problem *ret_problem);

/* The user's own path: $XDG_RUNTIME_DIR/hoga/main/books, else /dev/shm/hoga-UID/main/books, whose first folder is
 * refused unless it is ours and 0700 (or absent). Makes nothing.
 * Returns: 0, -ENAMETOOLONG; -EPERM not safe, and then ret_path is filled too, so that the refusal can name it. */
int segment_path_user(char ret_path[SEGMENT_PATH_SIZE]);

/* Check and map an open file. Trusts no byte of it.
 * Returns: 0, -EAGAIN being built or just replaced, -EPROTO other ABI major, -EBADMSG damaged (why says how),
 *          -EACCES not a regular file, or others than its owner may write it; errors of fstat(2) and mmap(2). */
int segment_map_reader(int fd, struct segment_map *ret_map, struct segment_problem *ret_problem);
void segment_unmap(struct segment_map *map);

/* The part of segment_map_reader that judges bytes: `image` is the whole file, 8-byte aligned. Fills all of *ret_map
 * but device, inode and owner. For fuzzing and for the writer. Returns: as above. */
int segment_check(const void *image, size_t size, struct segment_map *ret_map, struct segment_problem *ret_problem);

/* The same but for the state, which comes back (with any value) instead of being judged. */
int segment_check_layout(const void *image, size_t size, struct segment_map *ret_map, uint64_t *ret_state,
                         struct segment_problem *ret_problem);

/* Is the file at `path` still the mapped one? 1 yes, 0 replaced or gone. */
int segment_is_current(const struct segment_map *map, const char *path);

/* Header and region table as a new file of this layout has them; the words that move are zero (BUILDING). Regions come
 * in the order of their kinds; those behind header.region_count are zero.
 * Returns: 0, -EINVAL. */
int segment_layout_fill(const struct segment_layout *layout, struct hoga_abi_header *ret_header,
                        struct hoga_abi_region ret_regions[SEGMENT_KIND_LAST]);

/* Fill *ret (may be NULL) with printf words; `remedy` is taken as it is. Returns `error`, for `return`. */
int segment_problem_set(struct segment_problem *ret, int error, const char *what, const char *remedy, const char *why,
                        ...) __attribute__((format(printf, 5, 6)));
/* The same with the kernel's word for -error. */
int segment_problem_errno(struct segment_problem *ret, int error, const char *what, const char *doing);

#endif
