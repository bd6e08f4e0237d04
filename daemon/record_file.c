/* SPDX-License-Identifier: MIT */
#include "record_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#define OUT_SIZE       (128u << 10)
#define FRAME_SIZE_MAX (4u << 20) /* text in one compressed frame; a busy second is less */
#define NAME_PATTERN   "hoga-00000000T000000.000000000Z.jsonl.zst" /* 0: a digit */

struct record_file {
    int directory_fd; /* of directory/venue */
    int fd;           /* -1: none yet */
    ZSTD_CStream *zstd;
    uint64_t file_size, file_size_max, total_size_max;
    size_t frame_size; /* text in the frame that is open */
    char *packed; /* its compressed bytes; written when it is whole, so that a killed daemon leaves no half of one */
    size_t packed_size, packed_room;
};

static int directory_open(const char *directory, const char *venue)
{
    char path[PATH_MAX];
    int fd;

    if (snprintf(path, sizeof(path), "%s/%s", directory, venue) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    if ((mkdir(directory, 0750) < 0 && errno != EEXIST) || (mkdir(path, 0750) < 0 && errno != EEXIST))
        return -errno;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int record_file_open(const char *directory, const char *venue, uint64_t file_size_max, uint64_t total_size_max,
                     struct record_file **ret)
{
    struct record_file *f = malloc(sizeof(*f));
    int r;

    if (!f)
        return -ENOMEM;
    f->fd = -1;
    f->packed = NULL;
    f->packed_size = f->packed_room = 0;
    f->file_size = f->frame_size = 0;
    f->file_size_max = file_size_max;
    f->total_size_max = total_size_max;
    f->zstd = ZSTD_createCStream();
    f->directory_fd = f->zstd ? directory_open(directory, venue) : -ENOMEM;
    if (f->directory_fd < 0) {
        r = f->directory_fd;
        (void)ZSTD_freeCStream(f->zstd);
        free(f);
        return r;
    }
    *ret = f;
    return 0;
}

/* Only names of our own making are ever removed. */
static int name_is_ours(const char *name)
{
    static const char pattern[] = NAME_PATTERN;

    if (strlen(name) != sizeof(pattern) - 1)
        return 0;
    for (size_t i = 0; pattern[i]; i++)
        if (pattern[i] == '0' ? name[i] < '0' || name[i] > '9' : name[i] != pattern[i])
            return 0;
    return 1;
}

/* One walk over the folder: bytes of our files together, and the oldest by name, which is the oldest by time. */
static int folder_survey(const struct record_file *f, uint64_t *ret_size, char ret_oldest[sizeof(NAME_PATTERN)])
{
    int fd = openat(f->directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    *ret_size = 0;
    ret_oldest[0] = '\0';
    if (!folder) {
        if (fd >= 0)
            (void)close(fd);
        return -EIO;
    }
    while ((entry = readdir(folder))) {
        struct stat st;

        if (!name_is_ours(entry->d_name) || fstatat(f->directory_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        *ret_size += (uint64_t)st.st_size;
        if (!ret_oldest[0] || strcmp(entry->d_name, ret_oldest) < 0)
            memcpy(ret_oldest, entry->d_name, sizeof(NAME_PATTERN));
    }
    (void)closedir(folder);
    return 0;
}

/* Room for one more file of full size. What cannot be removed is left: the disk's own limit still holds. */
static void folder_trim(const struct record_file *f)
{
    char oldest[sizeof(NAME_PATTERN)];
    uint64_t size;

    while (folder_survey(f, &size, oldest) == 0 && oldest[0] && size + f->file_size_max > f->total_size_max)
        if (unlinkat(f->directory_fd, oldest, 0) < 0)
            return;
}

static int file_begin(struct record_file *f, int64_t now_ns)
{
    time_t seconds = (time_t)(now_ns / 1000000000);
    char name[64], stamp[32];
    struct tm tm;

    folder_trim(f);
    if (!gmtime_r(&seconds, &tm) || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm) == 0)
        return -EINVAL;
    (void)snprintf(name, sizeof(name), "hoga-%s.%09dZ.jsonl.zst", stamp, (int)(now_ns % 1000000000));
    f->fd = openat(f->directory_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (f->fd < 0)
        return -errno;
    f->file_size = 0;
    return 0;
}

static int bytes_write(struct record_file *f, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(f->fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        size -= (size_t)n;
        f->file_size += (uint64_t)n;
    }
    return 0;
}

static int packed_room_make(struct record_file *f)
{
    size_t room = 2 * f->packed_room + OUT_SIZE;
    char *packed;

    if (f->packed_room - f->packed_size >= OUT_SIZE)
        return 0;
    packed = realloc(f->packed, room);
    if (!packed)
        return -ENOMEM;
    f->packed = packed;
    f->packed_room = room;
    return 0;
}

static int text_compress(struct record_file *f, const char *bytes, size_t size, ZSTD_EndDirective directive)
{
    ZSTD_inBuffer in = { bytes, size, 0 };
    size_t left;

    do {
        ZSTD_outBuffer out;

        if (packed_room_make(f) < 0)
            return -ENOMEM;
        out = (ZSTD_outBuffer){ f->packed, f->packed_room, f->packed_size };
        left = ZSTD_compressStream2(f->zstd, &out, &in, directive);
        if (ZSTD_isError(left))
            return -EIO;
        f->packed_size = out.pos;
    } while (directive == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return 0;
}

int record_file_line(struct record_file *f, const char *line, size_t size, int64_t now_ns)
{
    int r = f->fd < 0 ? file_begin(f, now_ns) : 0;

    if (r == 0)
        r = text_compress(f, line, size, ZSTD_e_continue);
    if (r < 0)
        return r;
    f->frame_size += size;
    return f->frame_size >= FRAME_SIZE_MAX ? record_file_flush(f) : 0;
}

int record_file_flush(struct record_file *f)
{
    int r;

    if (f->fd < 0 || f->frame_size == 0)
        return 0;
    r = text_compress(f, NULL, 0, ZSTD_e_end);
    if (r == 0)
        r = bytes_write(f, f->packed, f->packed_size);
    f->packed_size = f->frame_size = 0;
    if (r < 0)
        return r;
    if (f->file_size < f->file_size_max)
        return 0;
    (void)close(f->fd);
    f->fd = -1;
    return 0;
}

struct record_file *record_file_close(struct record_file *f)
{
    if (!f)
        return NULL;
    (void)record_file_flush(f);
    if (f->fd >= 0)
        (void)close(f->fd);
    (void)close(f->directory_fd);
    (void)ZSTD_freeCStream(f->zstd);
    free(f->packed);
    free(f);
    return NULL;
}
