/* SPDX-License-Identifier: MIT
 * input_file.h - bytes of an input as a file that code under test can open: a nameless one in memory. One a program. */
#ifndef INPUT_FILE_H
#define INPUT_FILE_H

#include "oracle.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path it can be opened by, valid until the next call. */
static inline const char *input_file(const void *bytes, size_t size)
{
    static char path[32];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("input", MFD_CLOEXEC);
        FUZZ_CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    FUZZ_CHECK(ftruncate(fd, 0) == 0);
    FUZZ_CHECK(size == 0 || pwrite(fd, bytes, size, 0) == (ssize_t)size);
    return path;
}

#endif
