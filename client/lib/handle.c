/* SPDX-License-Identifier: MIT
 * The mapping is kept for as long as the file keeps its name: a daemon that restarts adopts its file, so readers notice
 * a restart only by the epoch. A file that was replaced is found by the caller's own calls, never by a thread.
 *
 * A mapped file that is truncated would end the reader with SIGBUS. Only the owner of the segment can do that (it is
 * 0640, readers cannot write), the owner is the daemon that we believe the prices of, and hogad never truncates after
 * the rename; a handler for SIGBUS would take a signal away from every program that links us. So: the owner is trusted
 * with this. The wake file is 0660, any member of the group could cut it: only the kernel touches it
 * (shm/reader_sleep.c). */
#include "handle.h"

#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LIB_WAKE_PATH_SIZE (SEGMENT_PATH_SIZE + 8)

int64_t lib_boot_ns(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_BOOTTIME, &ts); /* cannot fail with this clock and a good pointer */
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t lib_real_ns(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int lib_map_path(const char *path, struct segment_map *ret_map, struct segment_problem *ret_problem)
{
    /* O_NONBLOCK: a fifo of that name must not hold us up; what kind of file it is, segment_map_reader judges. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int r = segment_map_reader(fd, ret_map, ret_problem);
    (void)close(fd);
    return r;
}

/* 16 bits made of what tells one file from another. A handle never uses one twice (tags_seen), so that an id can not
 * speak of a book of another file; that it comes from the file lets the handles of several threads exchange ids. */
static uint16_t handle_tag(struct hoga *h)
{
    const struct hoga_abi_header *header = (const void *)h->map.base;
    uint64_t x = header->created_ns ^ h->map.inode << 1 ^ h->map.device << 40;
    x *= 0x9e3779b97f4a7c15u;
    uint16_t tag = (uint16_t)(x >> 48);
    for (uint32_t i = 0; i < LIB_TAGS_MAX && (h->tags_seen[tag / 8] & 1u << tag % 8); i++)
        tag++;
    h->tags_seen[tag / 8] |= (uint8_t)(1u << tag % 8);
    return tag;
}

/* Take over a map: what every read of it needs is worked out here once. */
static void handle_map_set(struct hoga *h, const struct segment_map *map)
{
    h->map = *map;
    reader_books_init(map, &h->books);
    h->n_books = map->books_max;
    h->n_links = (uint16_t)(map->connections_max < HOGA_CONNECTIONS_MAX ? map->connections_max : HOGA_CONNECTIONS_MAX);
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_CONNECTION];
    h->live_offset = sizeof(struct hoga_abi_ring) + (uint64_t)map->copies * region->item_size;
    memset(h->links, 0, sizeof(h->links));
    for (uint32_t i = 0; i < h->n_links; i++) {
        h->links[i].ring = (const void *)(map->base + region->offset + i * region->stride);
        h->links[i].well_number = LIB_NOT_WELL;
    }
    h->tag = handle_tag(h);
    h->roads = lib_roads_of(seqlock_form(), lib_is_default(h));
}

int lib_handle_new(struct segment_map *map, const char *path, struct hoga **ret)
{
    struct hoga *h = aligned_alloc(_Alignof(struct hoga), sizeof(*h));
    if (h == NULL) {
        segment_unmap(map);
        return -ENOMEM;
    }
    memset(h, 0, sizeof(*h));
    handle_map_set(h, map);
    (void)snprintf(h->path, sizeof(h->path), "%s", path);
    int r = lib_directory_init(&h->directory, h->map.books_max);
    if (r < 0) {
        (void)hoga_close(h);
        return r;
    }
    *ret = h;
    return 0;
}

static void handle_wake_unmap(struct hoga *h)
{
    if (h->wake != NULL)
        (void)munmap(h->wake, HOGA_PAGE_SIZE);
    h->wake = NULL;
}

struct hoga *hoga_close(struct hoga *h)
{
    if (h == NULL)
        return NULL;
    handle_wake_unmap(h);
    segment_unmap(&h->map);
    lib_directory_done(&h->directory);
    free(h);
    return NULL;
}

/* Map the file that has the name now. On any failure the old map stays: its books are down, and the next look is in
 * LIB_REPLACED_CHECK_NS. Returns 1 if it was changed. */
static int handle_remap(struct hoga *h)
{
    struct segment_map map;
    struct segment_problem problem;
    if (lib_map_path(h->path, &map, &problem) < 0)
        return 0;
    struct lib_directory directory;
    if (lib_directory_init(&directory, map.books_max) < 0) {
        segment_unmap(&map);
        return 0;
    }
    segment_unmap(&h->map);
    lib_directory_done(&h->directory);
    handle_wake_unmap(h);
    handle_map_set(h, &map);
    h->directory = directory;
    h->wake_epoch = 0;
    return 1;
}

int lib_handle_refresh(struct hoga *h, int64_t now_boot_ns, struct reader_live *ret_live)
{
    reader_live(&h->map, ret_live);
    if (lib_verdict_daemon(ret_live, now_boot_ns) == HOGA_RE_NONE)
        return 0;
    if (h->replaced_boot_ns != 0 && now_boot_ns - h->replaced_boot_ns < LIB_REPLACED_CHECK_NS)
        return 0;
    h->replaced_boot_ns = now_boot_ns;
    if (segment_is_current(&h->map, h->path) || !handle_remap(h))
        return 0;
    reader_live(&h->map, ret_live);
    return 1;
}

void lib_handle_wake_map(struct hoga *h, uint64_t epoch)
{
    if (h->wake_epoch == epoch)
        return;
    h->wake_epoch = epoch;
    handle_wake_unmap(h);
    char path[LIB_WAKE_PATH_SIZE];
    (void)snprintf(path, sizeof(path), "%s.wake", h->path);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= (off_t)HOGA_PAGE_SIZE) {
        void *p = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        h->wake = p == MAP_FAILED ? NULL : p;
    }
    (void)close(fd);
}
