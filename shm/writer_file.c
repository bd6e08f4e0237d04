/* SPDX-License-Identifier: MIT
 * writer_file.c - the files of a writer: the lock that excludes a second daemon, the segment that is there already, and
 * the making of a new one. Every step may be the last one: what a kill leaves here, the next start cleans or adopts. */
#include "writer_private.h"

#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES_MAX   10
#define PID_TEXT_SIZE    24 /* a fixed width, so that a shorter pid leaves no digits of a longer one */
#define FIXED_SIZE       offsetof(struct hoga_abi_header, created_ns) /* bytes that are the same in every such file */
#define NUMBER_LIMIT     (UINT64_MAX / 4) /* no ring gets there in a life; a number above it is damage */
#define OTHERS_MAY_WRITE (S_IWGRP | S_IWOTH)

static void close_fdp(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

int writer_path_join(char ret[SEGMENT_PATH_SIZE], const char *path, const char *suffix,
                     struct segment_problem *ret_problem)
{
    size_t path_size = strlen(path), suffix_size = strlen(suffix);

    if (path_size + suffix_size >= SEGMENT_PATH_SIZE)
        return segment_problem_set(ret_problem, -ENAMETOOLONG, "segment", "choose a shorter path",
                                   "%.80s...: longer than %d bytes", path, SEGMENT_PATH_SIZE - 1);
    memcpy(ret, path, path_size);
    memcpy(ret + path_size, suffix, suffix_size + 1);
    return 0;
}

/* --- the lock ------------------------------------------------------------------------------------------------------
 */

static int lock_busy(int fd, const char *path, struct segment_problem *ret_problem)
{
    char text[PID_TEXT_SIZE + 1] = "";
    long pid = 0;

    if (pread(fd, text, PID_TEXT_SIZE, 0) > 0)
        pid = strtol(text, NULL, 10);
    if (pid > 0)
        return segment_problem_set(ret_problem, -EBUSY, path, "stop it, or choose another --segment",
                                   "another hogad (pid %ld) publishes here", pid);
    return segment_problem_set(ret_problem, -EBUSY, path, "stop it, or choose another --segment",
                               "another hogad publishes here");
}

/* One try. Returns: 0, -ESTALE the file was replaced while we waited for nothing, or an error with its words. */
static int lock_try(const char *lock_path, const char *path, int *ret_fd, struct segment_problem *ret_problem)
{
    __attribute__((cleanup(close_fdp))) int fd = -1;
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    struct stat held, named;
    char text[PID_TEXT_SIZE + 1];

    /* O_NONBLOCK: a fifo of this name must not hold us up. */
    fd = open(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return segment_problem_errno(ret_problem, -errno, lock_path, "cannot open the lock");
    SEQLOCK_STEP();
    if (fstat(fd, &held) < 0)
        return segment_problem_errno(ret_problem, -errno, lock_path, "fstat");
    if (!S_ISREG(held.st_mode) || held.st_uid != geteuid())
        return segment_problem_set(ret_problem, -EACCES, lock_path, "remove it", "not a lock file of ours");
    /* Readers that could open it could hold it. A file that somebody has made wider is narrowed before it counts. */
    if (fchmod(fd, 0600) < 0)
        return segment_problem_errno(ret_problem, -errno, lock_path, "fchmod");
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        if (errno == EAGAIN || errno == EACCES)
            return lock_busy(fd, path, ret_problem);
        return segment_problem_errno(ret_problem, -errno, lock_path, "cannot lock");
    }
    SEQLOCK_STEP();
    if (stat(lock_path, &named) < 0 || named.st_ino != held.st_ino || named.st_dev != held.st_dev)
        return segment_problem_set(ret_problem, -ESTALE, lock_path, "", "somebody removes the lock again and again");
    (void)snprintf(text, sizeof text, "%-*ld\n", PID_TEXT_SIZE - 1, (long)getpid());
    if (pwrite(fd, text, PID_TEXT_SIZE, 0) <
        0) /* only for the words of the second daemon, but a full disk shows here */
        return segment_problem_errno(ret_problem, -errno, lock_path, "cannot write");
    SEQLOCK_STEP();
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int writer_lock_open(const char *path, int *ret_fd, struct segment_problem *ret_problem)
{
    char lock_path[SEGMENT_PATH_SIZE];
    int r = writer_path_join(lock_path, path, ".lock", ret_problem);

    if (r < 0)
        return r;
    for (int i = 0; i < LOCK_TRIES_MAX; i++) {
        r = lock_try(lock_path, path, ret_fd, ret_problem);
        if (r != -ESTALE)
            return r;
    }
    return -EBUSY;
}

/* --- the file that is there -----------------------------------------------------------------------------------------
 */

/* Numbers of a ring: the newest copy is whole and has its number, or there is none. */
static int ring_is_sane(const uint8_t *item, uint32_t item_size, uint32_t copies)
{
    uint64_t newest = seqlock_peek(item);

    if (newest == 0)
        return 1;
    return newest < NUMBER_LIMIT && seqlock_is_copy(item + seqlock_copy_offset(newest, copies, item_size), newest);
}

static int rings_are_sane(const uint8_t *base, const struct hoga_abi_region *region)
{
    for (uint64_t i = 0; region->item_size != 0 && i < region->count; i++) {
        if (!ring_is_sane(base + region->offset + i * region->stride, region->item_size, segment_copies(region)))
            return 0;
    }
    return 1;
}

static int counters_fit(const uint8_t *base, const struct hoga_abi_region *region, const struct writer_options *options)
{
    for (uint64_t i = 0; i < region->count; i++) {
        const struct hoga_abi_counter *c = (const void *)(base + region->offset + i * region->stride);

        if (strncmp(c->name, options->counter_names[i], sizeof c->name - 1) != 0 ||
            strncmp(c->unit, options->counter_units[i], sizeof c->unit - 1) != 0)
            return 0;
    }
    return 1;
}

/* Can this file go on as ours? Everything a reader relies on must be as we would have made it. */
static int old_fits(const struct writer_old *old, const struct writer_plan *plan, const struct writer_options *options)
{
    const struct hoga_abi_header *header = (const void *)old->base;

    if (old->size != plan->header.size || memcmp(header, &plan->header, FIXED_SIZE) != 0 ||
        memcmp(old->base + plan->header.region_offset, plan->regions, sizeof plan->regions) != 0)
        return 0;
    if (header->state != HOGA_SEGMENT_READY && header->state != HOGA_SEGMENT_BUILDING)
        return 0;
    for (uint32_t i = 0; i < plan->header.region_count; i++) {
        if (!rings_are_sane(old->base, &plan->regions[i]))
            return 0;
    }
    return counters_fit(old->base, &plan->regions[HOGA_REGION_COUNTER - 1], options);
}

/* The highest generation ever used in a segment of any layout, so that the next file begins above it. */
static uint32_t old_generation_max(const struct writer_old *old)
{
    struct segment_map map;
    uint64_t state;
    uint32_t max = 0;

    if (segment_check_layout(old->base, old->size, &map, &state, NULL) < 0)
        return 0;
    for (uint32_t slot = 0; slot < map.books_max; slot++) {
        struct hoga_abi_directory_entry entry;
        struct hoga_abi_book_head head;

        if (reader_directory(&map, slot, &entry) == 0 && entry.generation > max)
            max = entry.generation;
        if (reader_book_head(&map, slot, &head) == 0 && head.generation > max)
            max = head.generation;
    }
    return max;
}

void writer_old_open(const struct writer_options *options, const struct writer_plan *plan, struct writer_old *ret)
{
    __attribute__((cleanup(close_fdp))) int fd = -1;
    struct writer_old old = { 0 };
    struct stat st;
    void *base;

    *ret = old;
    fd = open(options->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    /* A file that others own or may write can change, or shrink, under us: not to be mapped, only to be replaced. */
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        (st.st_mode & OTHERS_MAY_WRITE) != 0 || st.st_size < (off_t)HOGA_PAGE_SIZE)
        return;
    base = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return;
    old.base = base;
    old.size = (size_t)st.st_size;
    old.fits = old_fits(&old, plan, options);
    /* Holes (a copied file) would be a SIGBUS in mid-publish on a full disk; the mode may be wanted otherwise now. */
    if (old.fits && (posix_fallocate(fd, 0, st.st_size) != 0 || fchmod(fd, options->mode & 07777) < 0))
        old.fits = 0;
    SEQLOCK_STEP();
    if (!old.fits)
        old.generation_max = old_generation_max(&old);
    *ret = old;
}

void writer_old_close(struct writer_old *old, int is_replaced)
{
    struct hoga_abi_header *header = (void *)old->base;

    if (old->base == NULL)
        return;
    /* `state` lies where it lies in every 1.x; what is no segment of ours is not written to. */
    if (is_replaced && header->magic == HOGA_ABI_MAGIC && header->abi_major == HOGA_ABI_MAJOR)
        seqlock_store(&header->state, HOGA_SEGMENT_RETIRED); /* pairs: reader_live */
    (void)munmap(old->base, old->size);
    old->base = NULL;
}

/* --- a new file -----------------------------------------------------------------------------------------------------
 */

static void file_fill(const struct writer_options *options, const struct writer_plan *plan, uint32_t generation_base,
                      uint8_t *base)
{
    const struct hoga_abi_region *counters = &plan->regions[HOGA_REGION_COUNTER - 1];
    struct hoga_abi_header *header = (void *)base;
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    for (uint64_t i = 0; i < plan->header.size; i += HOGA_PAGE_SIZE)
        base[i] = 0; /* fault in every page now */
    *header = plan->header;
    header->created_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    /* Above the old file's, and above those of a file that is gone: slots change hands less than once a second. */
    header->generation_base = (uint32_t)now.tv_sec > generation_base ? (uint32_t)now.tv_sec : generation_base;
    memcpy(base + plan->header.region_offset, plan->regions, sizeof plan->regions);
    for (uint64_t i = 0; i < counters->count; i++) {
        struct hoga_abi_counter *c = (void *)(base + counters->offset + i * counters->stride);

        (void)snprintf(c->name, sizeof c->name, "%s", options->counter_names[i]);
        (void)snprintf(c->unit, sizeof c->unit, "%s", options->counter_units[i]);
    }
}

static int file_allocate(int fd, uint64_t size, const char *path, struct segment_problem *ret_problem)
{
    int error;

    do {
        error = posix_fallocate(fd, 0, (off_t)size);
    } while (error == EINTR);
    if (error == ENOSPC)
        return segment_problem_set(ret_problem, -ENOSPC, path, "make room there, or lower books_max or depth",
                                   "no space: the segment needs %llu KiB", (unsigned long long)(size / 1024));
    if (error != 0)
        return segment_problem_errno(ret_problem, -error, path, "cannot allocate the segment");
    return 0;
}

/* From an open, empty file to one that has the name. */
static int file_build(int fd, const char *temp_path, const struct writer_options *options,
                      const struct writer_plan *plan, uint32_t generation_base, uint8_t **ret_base,
                      struct segment_problem *ret_problem)
{
    uint64_t size = plan->header.size;
    uint8_t *base;
    int r = file_allocate(fd, size, options->path, ret_problem);

    if (r < 0)
        return r;
    SEQLOCK_STEP();
    base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (base == MAP_FAILED)
        return segment_problem_errno(ret_problem, -errno, options->path, "mmap");
    file_fill(options, plan, generation_base, base);
    SEQLOCK_STEP();
    if (fchmod(fd, options->mode & 07777) < 0 || rename(temp_path, options->path) < 0) {
        r = segment_problem_errno(ret_problem, -errno, options->path, "cannot put the new file in its place");
        (void)munmap(base, size);
        return r;
    }
    SEQLOCK_STEP();
    *ret_base = base;
    return 0;
}

int writer_file_create(const struct writer_options *options, const struct writer_plan *plan, uint32_t generation_base,
                       uint8_t **ret_base, struct segment_problem *ret_problem)
{
    __attribute__((cleanup(close_fdp))) int fd = -1;
    char temp_path[SEGMENT_PATH_SIZE];
    int r = writer_path_join(temp_path, options->path, ".new", ret_problem);

    if (r < 0)
        return r;
    (void)unlink(temp_path); /* of a daemon that was killed here; we hold the lock, nobody else makes one */
    fd = open(temp_path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return segment_problem_errno(ret_problem, -errno, temp_path, "cannot make the file");
    SEQLOCK_STEP();
    r = file_build(fd, temp_path, options, plan, generation_base, ret_base, ret_problem);
    if (r < 0)
        (void)unlink(temp_path);
    return r;
}
