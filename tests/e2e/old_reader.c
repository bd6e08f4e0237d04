/* SPDX-License-Identifier: MIT
 * The reader frozen at ABI 1.0, on a real daemon's file: prints update, levels and the best bid of one book. */
#include "abi/reader_v1.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct v1_book book;

int main(int argc, char **argv)
{
    uint32_t slot, generation;
    struct stat st;
    int fd = argc == 4 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0 || fstat(fd, &st) < 0)
        return 2;
    const uint8_t *base = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return 2;
    if (v1_find(base, (size_t)st.st_size, argv[2], argv[3], &slot, &generation) < 0 ||
        v1_book(base, (size_t)st.st_size, slot, &book) < 0)
        return 1;
    printf("%" PRIu64 " %u %" PRId64 " %" PRId64 "\n", book.update, book.n_bids, book.bid_price, book.bid_size);
    return 0;
}
