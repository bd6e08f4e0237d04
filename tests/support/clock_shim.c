/* SPDX-License-Identifier: MIT
 * clock_shim.c - preloaded into a program under test: its CLOCK_REALTIME and CLOCK_BOOTTIME are off by what the
 * file ${HOGA_CLOCK} says, two numbers of nanoseconds, read at every call; so a test sets the clock, or suspends the
 * machine, while the program runs. CLOCK_MONOTONIC, which timers run by, is left alone, as it is by both. The kernel's
 * stamps of what arrives move with CLOCK_REALTIME. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ll

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret);

static int64_t offset_ns(clockid_t clock)
{
    static int fd = -1;
    int64_t offsets[2] = { 0, 0 };

    if (clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)
        return 0;
    if (fd < 0) {
        const char *path = getenv("HOGA_CLOCK");
        fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    }
    if (fd < 0 || pread(fd, offsets, sizeof(offsets), 0) != (ssize_t)sizeof(offsets))
        return 0;
    return offsets[clock == CLOCK_BOOTTIME];
}

static void move(struct timespec *io_ts, clockid_t clock)
{
    int64_t ns = io_ts->tv_nsec + offset_ns(clock);

    io_ts->tv_sec += ns / NS_PER_S - (ns % NS_PER_S < 0);
    io_ts->tv_nsec = ns % NS_PER_S + (ns % NS_PER_S < 0 ? NS_PER_S : 0);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int r = (int)syscall(SYS_clock_gettime, clock, ret);

    if (r == 0)
        move(ret, clock);
    return r;
}

__attribute__((visibility("default"))) ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    static __typeof__(recvmsg) *next;
    ssize_t n;

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "recvmsg");
    n = next(fd, message, flags);
    for (struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR(message) : NULL; c; c = CMSG_NXTHDR(message, c)) {
        struct timespec ts;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&ts, CMSG_DATA(c), sizeof(ts));
        move(&ts, CLOCK_REALTIME);
        memcpy(CMSG_DATA(c), &ts, sizeof(ts));
    }
    return n;
}
