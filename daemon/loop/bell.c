/* SPDX-License-Identifier: MIT
 * bell.c - see bell.h. The kernel itself adds to an eventfd when an asynchronous operation that names it has ended
 * (IOCB_FLAG_RESFD, io_submit(2)), and there it saturates instead of waiting. The operation is a byte for /dev/null,
 * which ends before io_submit returns. pwritev2 with RWF_NOWAIT is refused for eventfds, poll before write leaves a
 * gap, and a thread that may block would block for everybody. 0.45 us for one. */
#include "loop/bell.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct bell {
    aio_context_t context;
    int null_fd;
    char byte;
};

int bell_new(struct bell **ret)
{
    struct bell *b = calloc(1, sizeof *b);
    int r = 0;

    if (!b)
        return -ENOMEM;
    b->null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (b->null_fd < 0 || syscall(SYS_io_setup, BELL_FDS_MAX, &b->context) < 0)
        r = -errno;
    if (r < 0) {
        b->context = 0;
        (void)bell_free(b);
        return r;
    }
    *ret = b;
    return 0;
}

struct bell *bell_free(struct bell *b)
{
    if (!b)
        return NULL;
    if (b->context)
        (void)syscall(SYS_io_destroy, b->context);
    if (b->null_fd >= 0)
        (void)close(b->null_fd);
    free(b);
    return NULL;
}

void bell_ring(struct bell *b, const int *fds, uint32_t n)
{
    static const struct timespec at_once = { 0, 0 };
    struct io_event ended[BELL_FDS_MAX];
    struct iocb operations[BELL_FDS_MAX], *list[BELL_FDS_MAX];

    assert(n <= BELL_FDS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        operations[i] = (struct iocb){ .aio_lio_opcode = IOCB_CMD_PWRITE,
                                       .aio_fildes = (uint32_t)b->null_fd,
                                       .aio_buf = (uint64_t)(uintptr_t)&b->byte,
                                       .aio_nbytes = 1,
                                       .aio_flags = IOCB_FLAG_RESFD,
                                       .aio_resfd = (uint32_t)fds[i] };
        list[i] = &operations[i];
    }
    if (n > 0 && syscall(SYS_io_submit, b->context, (long)n, list) > 0)
        (void)syscall(SYS_io_getevents, b->context, 0l, (long)BELL_FDS_MAX, ended, &at_once);
}
