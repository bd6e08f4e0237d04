/* SPDX-License-Identifier: MIT
 * books.c - see books.h. */
#include "books.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

void books_folder_done(const char *folder)
{
    static const char *const names[] = { "books", "books.new", "books.lock", "books.wake" };
    char path[SEGMENT_PATH_SIZE];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int64_t books_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int books_reader_open(const char *path, struct segment_map *ret_map)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r;

    if (fd < 0)
        return -errno;
    r = segment_map_reader(fd, ret_map, NULL);
    (void)close(fd);
    return r;
}
