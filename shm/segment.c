/* SPDX-License-Identifier: MIT
 * segment.c - the layout as arithmetic, and the check that lets a reader trust nothing but what it has checked. */
#include "segment.h"

#include "seqlock.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LINE 64u /* everything in the file is aligned to a cache line */

static const char damaged_remedy[] = "restart hogad: it makes a new file in its place";

int segment_problem_set(struct segment_problem *ret, int error, const char *what, const char *remedy, const char *why,
                        ...)
{
    va_list arguments;

    if (ret == NULL)
        return error;
    va_start(arguments, why);
    (void)snprintf(ret->what, sizeof ret->what, "%s", what);
    (void)vsnprintf(ret->why, sizeof ret->why, why, arguments);
    (void)snprintf(ret->remedy, sizeof ret->remedy, "%s", remedy);
    va_end(arguments);
    return error;
}

/* What can be done about an error of the kernel; "" where only its own words help. */
static const char *errno_remedy(int error)
{
    static const struct {
        int error;
        const char *remedy;
    } rows[] = {
        { ENOENT, "make its folder, or choose another --segment" },
        { ENOTDIR, "choose another --segment" },
        { EISDIR, "choose another --segment" },
        { EEXIST, "remove it, or choose another --segment" },
        { EACCES, "choose a folder that hogad may write to" },
        { EPERM, "choose a folder that hogad may write to" },
        { EROFS, "choose a folder that hogad may write to" },
        { ENOSPC, "make room there" },
        { EFBIG, "raise the limit of file sizes (ulimit -f)" },
        { ENOMEM, "lower books_max or depth" },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == -error)
            return rows[i].remedy;
    }
    return "";
}

int segment_problem_errno(struct segment_problem *ret, int error, const char *what, const char *doing)
{
    const char *word = strerrordesc_np(-error);

    return segment_problem_set(ret, error, what, errno_remedy(error), "%s: %s", doing,
                               word != NULL ? word : "unknown error");
}

/* --- layout ------------------------------------------------------------------------------------------------------ */

/* What an item of each known kind must have room for. */
struct kind_rule {
    uint32_t entry_size; /* bytes of one copy in a ring, or of an item that is none */
    uint32_t tail_size;  /* bytes behind the ring */
    int is_ring;
    int is_needed;
};

static const struct kind_rule kind_rules[SEGMENT_KIND_LAST + 1] = {
    [HOGA_REGION_DIRECTORY] = { sizeof(struct hoga_abi_directory_entry), 0, 1, 1 },
    [HOGA_REGION_BOOK] = { sizeof(struct hoga_abi_book_head), 0, 1, 1 }, /* and the levels */
    [HOGA_REGION_CONNECTION] = { sizeof(struct hoga_abi_connection_entry), sizeof(struct hoga_abi_connection_live), 1,
                                 1 },
    [HOGA_REGION_COUNTER] = { sizeof(struct hoga_abi_counter), 0, 0, 0 },
    [HOGA_REGION_HISTOGRAM] = { sizeof(struct hoga_abi_histogram), 0, 0, 0 },
    [HOGA_REGION_TRADE] = { sizeof(struct hoga_abi_trade), 0, 1, 0 }, /* as many as the layout says */
    [HOGA_REGION_CATALOGUE] = { sizeof(struct hoga_abi_catalogue_entry), 0, 1, 0 },
    [HOGA_REGION_DAY] = { sizeof(struct hoga_abi_day), 0, 1, 0 },
    [HOGA_REGION_NEWEST] = { sizeof(struct hoga_abi_newest), 0, 0, 0 },
};

static uint64_t round_up(uint64_t n, uint64_t to)
{
    return (n + to - 1) / to * to;
}

static uint32_t entry_size(uint32_t kind, uint32_t depth)
{
    uint32_t levels_size = kind == HOGA_REGION_BOOK ? 2 * depth * (uint32_t)sizeof(struct hoga_abi_level) : 0;

    return kind_rules[kind].entry_size + levels_size;
}

static int trades_are_good(uint64_t n)
{
    return n >= HOGA_TRADES_LEAST && n <= HOGA_TRADES_LIMIT && (n & (n - 1)) == 0;
}

static int layout_is_good(const struct segment_layout *layout)
{
    return layout->books_max >= 1 && layout->books_max <= HOGA_BOOKS_MAX_LIMIT && layout->depth >= 1 &&
           layout->depth <= HOGA_DEPTH_LIMIT && layout->connections_max >= 1 &&
           layout->connections_max <= HOGA_CONNECTIONS_MAX && layout->counters_max <= HOGA_ROWS_LIMIT &&
           layout->histograms_max <= HOGA_ROWS_LIMIT && layout->catalogue_max <= HOGA_ROWS_LIMIT &&
           (layout->trades == 0 || trades_are_good(layout->trades));
}

/* Where the region would lie, from `offset` on; its end is where the next one may begin. */
static uint64_t region_place(const struct segment_layout *layout, uint32_t kind, uint64_t count, uint64_t offset,
                             struct hoga_abi_region *ret)
{
    const struct kind_rule *rule = &kind_rules[kind];
    uint64_t size = round_up(entry_size(kind, layout->depth), LINE);

    *ret = (struct hoga_abi_region){
        .kind = kind, .item_size = rule->is_ring ? (uint32_t)size : 0, .offset = offset, .stride = size, .count = count
    };
    if (rule->is_ring) {
        uint64_t copies = kind == HOGA_REGION_TRADE ? layout->trades : segment_copies(ret);

        ret->stride = sizeof(struct hoga_abi_ring) + copies * size + rule->tail_size;
    }
    return round_up(offset + ret->stride * count, HOGA_PAGE_SIZE);
}

int segment_layout_fill(const struct segment_layout *layout, struct hoga_abi_header *ret_header,
                        struct hoga_abi_region ret_regions[SEGMENT_KIND_LAST])
{
    const uint64_t counts[SEGMENT_KIND_LAST + 1] = {
        [HOGA_REGION_DIRECTORY] = layout->books_max,
        [HOGA_REGION_BOOK] = layout->books_max,
        [HOGA_REGION_CONNECTION] = layout->connections_max,
        [HOGA_REGION_COUNTER] = layout->counters_max,
        [HOGA_REGION_HISTOGRAM] = layout->histograms_max,
        [HOGA_REGION_TRADE] = layout->trades > 0 ? layout->books_max : 0,
        [HOGA_REGION_CATALOGUE] = layout->catalogue_max,
        [HOGA_REGION_DAY] = layout->has_day ? layout->books_max : 0,
        [HOGA_REGION_NEWEST] = layout->books_max,
    };
    uint64_t offset = HOGA_PAGE_SIZE;
    uint32_t n = 0;

    if (!layout_is_good(layout))
        return -EINVAL;
    memset(ret_regions, 0, SEGMENT_KIND_LAST * sizeof ret_regions[0]);
    for (uint32_t kind = HOGA_REGION_DIRECTORY; kind <= SEGMENT_KIND_LAST; kind++) {
        if (kind > HOGA_REGION_HISTOGRAM && counts[kind] == 0)
            continue; /* later regions are there or are not */
        offset = region_place(layout, kind, counts[kind], offset, &ret_regions[n++]);
    }
    *ret_header = (struct hoga_abi_header){
        .magic = HOGA_ABI_MAGIC,
        .abi_major = HOGA_ABI_MAJOR,
        .abi_minor = HOGA_ABI_MINOR,
        .size = offset,
        .region_offset = sizeof(struct hoga_abi_header),
        .region_count = n,
        .books_max = layout->books_max,
        .depth = layout->depth,
        .copies = HOGA_COPIES,
        .connections_max = layout->connections_max,
    };
    return 0;
}

int segment_layout_size(const struct segment_layout *layout, uint64_t *ret_size)
{
    struct hoga_abi_header header;
    struct hoga_abi_region regions[SEGMENT_KIND_LAST];
    int r = segment_layout_fill(layout, &header, regions);

    if (r < 0)
        return r;
    *ret_size = header.size;
    return 0;
}

/* --- the check --------------------------------------------------------------------------------------------------- */

static int damaged(struct segment_problem *ret_problem, const char *why, uint64_t value)
{
    return segment_problem_set(ret_problem, -EBADMSG, "segment", damaged_remedy, "damaged: %s (%llu)", why,
                               (unsigned long long)value);
}

static int check_header(const struct hoga_abi_header *header, size_t size, struct segment_problem *ret_problem)
{
    if (header->magic != HOGA_ABI_MAGIC)
        return damaged(ret_problem, "no hoga segment begins like this", header->magic);
    if (header->abi_major != HOGA_ABI_MAJOR)
        return segment_problem_set(ret_problem, -EPROTO, "segment",
                                   header->abi_major > HOGA_ABI_MAJOR ? "update this program" : "update hogad",
                                   "segment ABI %u.%u, this program reads %u.x", header->abi_major, header->abi_minor,
                                   HOGA_ABI_MAJOR);
    if (header->size != size)
        return damaged(ret_problem, "the file has another size than it says", header->size);
    if (header->copies < 4 || header->copies > HOGA_COPIES_LIMIT || (header->copies & (header->copies - 1)) != 0)
        return damaged(ret_problem, "number of copies", header->copies);
    if (header->depth < 1 || header->depth > HOGA_DEPTH_LIMIT)
        return damaged(ret_problem, "depth", header->depth);
    if (header->books_max < 1 || header->books_max > HOGA_BOOKS_MAX_LIMIT)
        return damaged(ret_problem, "number of books", header->books_max);
    if (header->connections_max >= HOGA_CONNECTION_NONE)
        return damaged(ret_problem, "number of connections", header->connections_max);
    if (header->region_count > HOGA_REGIONS_MAX)
        return damaged(ret_problem, "number of regions", header->region_count);
    if (header->region_offset < sizeof *header || header->region_offset % 8 != 0 ||
        header->region_offset + (uint64_t)header->region_count * sizeof(struct hoga_abi_region) > size)
        return damaged(ret_problem, "the region table lies outside the file", header->region_offset);
    return 0;
}

/* The file says how many copies a ring has; only some later kinds have a number of their own. */
static uint64_t ring_copies(const struct hoga_abi_region *region, const struct hoga_abi_header *header)
{
    switch (region->kind) {
    case HOGA_REGION_CATALOGUE:
    case HOGA_REGION_DAY:
        return segment_copies(region);
    case HOGA_REGION_TRADE:
        return (region->stride - sizeof(struct hoga_abi_ring)) / region->item_size;
    default:
        return header->copies;
    }
}

/* One region of a known kind against the file's size and the kind's rule. */
static int check_region(const struct hoga_abi_region *region, const struct hoga_abi_header *header,
                        struct segment_problem *ret_problem)
{
    const struct kind_rule *rule = &kind_rules[region->kind];
    uint64_t least = entry_size(region->kind, header->depth);
    uint64_t copies, end;

    if (region->offset % LINE != 0 || region->offset < sizeof *header || region->stride % LINE != 0)
        return damaged(ret_problem, "a region lies askew", region->kind);
    if (rule->is_ring) {
        if (region->item_size < least || region->item_size % LINE != 0)
            return damaged(ret_problem, "a region's items are too small", region->kind);
        if (region->stride < sizeof(struct hoga_abi_ring))
            return damaged(ret_problem, "a region's stride is too small", region->kind);
        /* No overflow: copies <= 4096 and a 32-bit item size. */
        copies = ring_copies(region, header);
        if (region->kind == HOGA_REGION_TRADE && !trades_are_good(copies))
            return damaged(ret_problem, "number of trades", copies);
        least = sizeof(struct hoga_abi_ring) + copies * region->item_size + rule->tail_size;
    }
    if (region->stride < least)
        return damaged(ret_problem, "a region's stride is too small", region->kind);
    if (region->count > HOGA_ROWS_LIMIT || __builtin_mul_overflow(region->stride, region->count, &end) ||
        __builtin_add_overflow(end, region->offset, &end) || end > header->size)
        return damaged(ret_problem, "a region reaches beyond the file", region->kind);
    return 0;
}

static int check_regions(const struct hoga_abi_header *header, const struct hoga_abi_region *regions,
                         struct segment_map *io_map, struct segment_problem *ret_problem)
{
    for (uint32_t i = 0; i < header->region_count && regions[i].kind != HOGA_REGION_END; i++) {
        uint32_t kind = regions[i].kind;
        int r;

        if (kind > SEGMENT_KIND_LAST || kind_rules[kind].entry_size == 0)
            continue; /* of a newer minor: none of our business */
        if (io_map->region[kind].kind != 0)
            return damaged(ret_problem, "a kind of region is there twice", kind);
        r = check_region(&regions[i], header, ret_problem);
        if (r < 0)
            return r;
        io_map->region[kind] = regions[i];
    }
    for (uint32_t kind = HOGA_REGION_DIRECTORY; kind <= HOGA_REGION_HISTOGRAM; kind++) {
        if (kind_rules[kind].is_needed && io_map->region[kind].kind == 0)
            return damaged(ret_problem, "a region is missing", kind);
    }
    if (io_map->region[HOGA_REGION_DIRECTORY].count < header->books_max ||
        io_map->region[HOGA_REGION_BOOK].count < header->books_max)
        return damaged(ret_problem, "fewer slots than books", header->books_max);
    if (io_map->region[HOGA_REGION_CONNECTION].count < header->connections_max)
        return damaged(ret_problem, "fewer rows than connections", header->connections_max);
    return 0;
}

static int check_state(uint64_t state, struct segment_problem *ret_problem)
{
    if (state == HOGA_SEGMENT_READY)
        return 0;
    if (state == HOGA_SEGMENT_BUILDING)
        return segment_problem_set(ret_problem, -EAGAIN, "segment", "try again in a moment",
                                   "hogad is still building it");
    if (state == HOGA_SEGMENT_RETIRED)
        return segment_problem_set(ret_problem, -EAGAIN, "segment", "open it again",
                                   "this file has just been replaced by another");
    return damaged(ret_problem, "state", state);
}

int segment_check_layout(const void *image, size_t size, struct segment_map *ret_map, uint64_t *ret_state,
                         struct segment_problem *ret_problem)
{
    const uint8_t *base = image;
    struct hoga_abi_header header;
    struct hoga_abi_region regions[HOGA_REGIONS_MAX];
    struct segment_map map = { .base = base, .size = size };
    int r;

    if (size < HOGA_PAGE_SIZE)
        return damaged(ret_problem, "too short for a header", size);
    seqlock_get_portable(&header, base, sizeof header); /* once; from here on only the private copy counts */
    r = check_header(&header, size, ret_problem);
    if (r < 0)
        return r;
    seqlock_get_portable(regions, base + header.region_offset, header.region_count * sizeof regions[0]);
    r = check_regions(&header, regions, &map, ret_problem);
    if (r < 0)
        return r;
    if (map.region[HOGA_REGION_TRADE].kind != 0)
        map.trades = segment_copies(&map.region[HOGA_REGION_TRADE]);
    map.copies = header.copies;
    map.depth = header.depth;
    map.books_max = header.books_max;
    map.connections_max = header.connections_max;
    map.abi_major = header.abi_major;
    map.abi_minor = header.abi_minor;
    *ret_map = map;
    *ret_state = header.state;
    return 0;
}

int segment_check(const void *image, size_t size, struct segment_map *ret_map, struct segment_problem *ret_problem)
{
    struct segment_map map;
    uint64_t state;
    int r = segment_check_layout(image, size, &map, &state, ret_problem);

    if (r < 0)
        return r;
    r = check_state(state, ret_problem);
    if (r < 0)
        return r;
    *ret_map = map;
    return 0;
}

/* --- mapping ----------------------------------------------------------------------------------------------------- */

int segment_map_reader(int fd, struct segment_map *ret_map, struct segment_problem *ret_problem)
{
    struct stat st;
    struct segment_map map = { 0 };
    void *base;
    int r;

    if (fstat(fd, &st) < 0)
        return segment_problem_set(ret_problem, -errno, "segment", "", "fstat: %s", strerrordesc_np(errno));
    if (!S_ISREG(st.st_mode))
        return segment_problem_set(ret_problem, -EACCES, "segment", "give the path of hogad's file",
                                   "not a regular file");
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return segment_problem_set(ret_problem, -EACCES, "segment", "chmod go-w, or restart hogad",
                                   "mode %04o: others than its owner may write it", (unsigned)(st.st_mode & 07777));
    if (st.st_size < (off_t)HOGA_PAGE_SIZE || (uint64_t)st.st_size > SIZE_MAX / 2)
        return damaged(ret_problem, "the file's size", (uint64_t)st.st_size);
    base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return segment_problem_set(ret_problem, -errno, "segment", "", "mmap: %s", strerrordesc_np(errno));
    r = segment_check(base, (size_t)st.st_size, &map, ret_problem);
    if (r < 0) {
        (void)munmap(base, (size_t)st.st_size);
        return r;
    }
    map.device = st.st_dev;
    map.inode = st.st_ino;
    map.owner = st.st_uid;
    *ret_map = map;
    return 0;
}

void segment_unmap(struct segment_map *map)
{
    if (map->base != NULL)
        (void)munmap((void *)(uintptr_t)map->base, map->size);
    *map = (struct segment_map){ 0 };
}

int segment_is_current(const struct segment_map *map, const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && st.st_dev == map->device && st.st_ino == map->inode;
}
