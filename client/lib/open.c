/* SPDX-License-Identifier: MIT
 * hoga_open and its waiting form. The waiting is done by inotify on the nearest folder that exists, and by looking
 * again after OPEN_SLICE_NS in any case: a file that is still being built, a file system without inotify, a limit
 * reached. */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define OPEN_SLICE_NS 100000000 /* look again after this, whatever inotify says */
#define OPEN_PAUSE_NS 2000000   /* a busy folder wakes us at most this often */

static int open_once(struct hoga **ret, const char *path, struct hoga_problem *ret_problem)
{
    struct lib_candidates candidates;
    struct segment_map map;
    char found[SEGMENT_PATH_SIZE];
    lib_path_candidates(path, LIB_SYSTEM_PATH, &candidates);
    int r = lib_path_open(&candidates, &map, found, ret_problem);
    if (r < 0)
        return r;
    r = lib_handle_new(&map, found, ret);
    if (r < 0) {
        *ret_problem = (struct hoga_problem){ .error = r, .why = "out of memory" };
        memcpy(ret_problem->what, found, sizeof(found));
    }
    return r;
}

int hoga_open(struct hoga **ret, const char *path, struct hoga_problem *ret_problem)
{
    struct hoga_problem problem;
    int r = open_once(ret, path, &problem);
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}

/* Watch the folder of `path`, or the nearest one above that exists: what is made in it may be ours. */
static void watch_path(int fd, const char *path)
{
    char folder[SEGMENT_PATH_SIZE];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    for (;;) {
        char *slash = strrchr(folder, '/');
        if (slash == NULL)
            (void)snprintf(folder, sizeof(folder), ".");
        else
            slash[slash == folder] = '\0'; /* keep the root's own slash */
        if (inotify_add_watch(fd, folder, IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR) >= 0)
            return;
        if (slash == NULL || slash == folder)
            return; /* nothing can be watched: OPEN_SLICE_NS will do */
    }
}

/* New watches each time: folders come and go while we wait. Watching one twice is the same watch. */
static void watch_all(int fd, const char *path)
{
    struct lib_candidates candidates;
    lib_path_candidates(path, LIB_SYSTEM_PATH, &candidates);
    for (unsigned i = 0; fd >= 0 && i < candidates.n; i++)
        watch_path(fd, candidates.at[i].path);
}

/* Sleep up to wait_ns or until a folder changed. Returns 0, -EINTR. */
static int watch_wait(int fd, int64_t wait_ns)
{
    struct pollfd pfd = { .fd = fd, .events = POLLIN }; /* a negative fd is skipped by poll(2): a plain pause */
    struct timespec ts = { .tv_sec = wait_ns / 1000000000, .tv_nsec = wait_ns % 1000000000 };
    int n = ppoll(&pfd, 1, &ts, NULL);
    if (n < 0)
        return -errno;
    if (n == 0)
        return 0;
    char events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    while (read(fd, events, sizeof(events)) > 0)
        continue; /* what happened does not matter: we look for ourselves */
    struct timespec pause = { .tv_nsec = OPEN_PAUSE_NS };
    return ppoll(NULL, 0, &pause, NULL) < 0 ? -errno : 0;
}

static int open_loop(struct hoga **ret, const char *path, int64_t deadline_ns, int fd, struct hoga_problem *ret_problem)
{
    for (;;) {
        watch_all(fd, path); /* before the look: what comes after it wakes us */
        int r = open_once(ret, path, ret_problem);
        if (r != -ENOENT && r != -EAGAIN)
            return r;
        int64_t left_ns = deadline_ns - lib_boot_ns();
        if (left_ns <= 0) {
            ret_problem->error = -ETIMEDOUT;
            return -ETIMEDOUT;
        }
        r = watch_wait(fd, left_ns < OPEN_SLICE_NS ? left_ns : OPEN_SLICE_NS);
        if (r == -EINTR) {
            ret_problem->error = r;
            return r;
        }
    }
}

int hoga_open_wait(struct hoga **ret, const char *path, int64_t timeout_ns, struct hoga_problem *ret_problem)
{
    int64_t deadline_ns = INT64_MAX;
    if (timeout_ns >= 0 && __builtin_add_overflow(lib_boot_ns(), timeout_ns, &deadline_ns))
        deadline_ns = INT64_MAX;
    struct hoga_problem problem;
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    int r = open_loop(ret, path, deadline_ns, fd, &problem);
    if (fd >= 0)
        (void)close(fd);
    if (r < 0 && ret_problem != NULL)
        *ret_problem = problem;
    return r;
}
