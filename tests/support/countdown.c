/* SPDX-License-Identifier: MIT
 * countdown.c - preloaded into a program under test: counts its calls of one class and lets the n-th fail, as the
 * system may at any time. Not linked to anything of ours; any thread.
 *
 *   HOGA_COUNTDOWN=CLASS:N       classes are in the table below; N 0 counts only
 *   HOGA_COUNTDOWN_FILE=PATH     {uint64 failed, uint64 calls[classes], text}: kept mapped, so that a crash
 *                                leaves it, too
 *
 * Counting begins where main() does. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PUBLIC    __attribute__((visibility("default")))
#define TEXT_SIZE 8000
#define DEPTH_MAX 24

enum class { ALLOC, OPEN, MAP, SOCKET, CONNECT, LOCK, SPACE, NAME, MODE, EPOLL, READ, WRITE, THREAD, STAT, CLASSES };

static const char *const classes[CLASSES] = { "alloc", "open", "map",   "socket", "connect", "lock",   "space",
                                              "name",  "mode", "epoll", "read",   "write",   "thread", "stat" };

struct page {
    uint64_t failed, calls[CLASSES];
    char text[TEXT_SIZE];
};

static struct page own, *page = &own;
static enum class wanted = CLASSES;
static uint64_t countdown;
static int is_armed;

/* glibc's own, so that nothing has to be looked up before memory can be had. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void note(const char *function)
{
    void *frames[DEPTH_MAX];
    size_t used = 0;
    int n = backtrace(frames, DEPTH_MAX);

    used = (size_t)snprintf(page->text, TEXT_SIZE, "%s", function);
    for (int i = 2; i < n; i++) {
        const char *slash;
        Dl_info in;

        if (!dladdr(frames[i], &in) || !in.dli_fname || used + 200 > TEXT_SIZE)
            continue;
        slash = strrchr(in.dli_fname, '/');
        used += (size_t)snprintf(page->text + used, TEXT_SIZE - used, " < %s+0x%zx", slash ? slash + 1 : in.dli_fname,
                                 (size_t)((char *)frames[i] - (char *)in.dli_fbase));
    }
}

/* 1: this call is the one. */
static int is_due(enum class class, const char *function)
{
    if (!is_armed || __atomic_add_fetch(&page->calls[class], 1, __ATOMIC_RELAXED) != countdown || class != wanted)
        return 0;
    page->failed = 1;
    note(function);
    return 1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("HOGA_COUNTDOWN"), *path = getenv("HOGA_COUNTDOWN_FILE");
    void *frames[2];
    int fd;

    (void)backtrace(frames, 2); /* it loads a library the first time */
    fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd >= 0 && syscall(SYS_ftruncate, fd, sizeof *page) == 0) {
        long at = syscall(SYS_mmap, NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

        if (at > 0 || at < -4095)
            page = (struct page *)at;
    }
    if (fd >= 0)
        (void)syscall(SYS_close, fd);
    for (int i = 0; what && i < CLASSES; i++) {
        size_t n = strlen(classes[i]);

        if (strncmp(what, classes[i], n) == 0 && what[n] == ':') {
            wanted = (enum class)i;
            countdown = strtoull(what + n + 1, NULL, 10);
        }
    }
}

/* A file of the disk or a connection to another machine. Pipes to itself, clocks and /dev/urandom do not fail. */
static int may_fail(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof address;
    struct stat st;

    if (syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH) < 0)
        return 1;
    if (S_ISSOCK(st.st_mode))
        return syscall(SYS_getsockname, fd, &address, &size) == 0 && address.ss_family != AF_UNIX;
    return S_ISREG(st.st_mode);
}

static int (*main_of_program)(int, char **, char **);

static int main_armed(int argc, char **argv, char **env)
{
    is_armed = 1;
    return main_of_program(argc, argv, env);
}

/* The real one behind ours. */
#define NEXT(name)                                                                                                     \
    static __typeof__(name) *next;                                                                                     \
    if (!next)                                                                                                         \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* Functions whose failure is a value and an errno. */
#define FAILING(class, type, name, parameters, arguments, value, error)                                                \
    PUBLIC type name parameters                                                                                        \
    {                                                                                                                  \
        NEXT(name);                                                                                                    \
        if (is_due(class, #name)) {                                                                                    \
            errno = error;                                                                                             \
            return value;                                                                                              \
        }                                                                                                              \
        return next arguments;                                                                                         \
    }

/* The same for those that move bytes of a descriptor. */
#define MOVING(class, name, parameters, arguments, error)                                                              \
    PUBLIC ssize_t name parameters                                                                                     \
    {                                                                                                                  \
        NEXT(name);                                                                                                    \
        if (may_fail(fd) && is_due(class, #name)) {                                                                    \
            errno = error;                                                                                             \
            return -1;                                                                                                 \
        }                                                                                                              \
        return next arguments;                                                                                         \
    }

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end);
PUBLIC int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                             void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    NEXT(__libc_start_main);
    main_of_program = main;
    return next(main_armed, argc, argv, init, fini, rtld_fini, stack_end);
}

#define ALLOCATING(name, parameters, call)                                                                             \
    PUBLIC void *name parameters                                                                                       \
    {                                                                                                                  \
        if (is_due(ALLOC, #name)) {                                                                                    \
            errno = ENOMEM;                                                                                            \
            return NULL;                                                                                               \
        }                                                                                                              \
        return call;                                                                                                   \
    }
ALLOCATING(malloc, (size_t size), __libc_malloc(size))
ALLOCATING(calloc, (size_t n, size_t size), __libc_calloc(n, size))
ALLOCATING(realloc, (void *old, size_t size), __libc_realloc(old, size))
ALLOCATING(aligned_alloc, (size_t alignment, size_t size), __libc_memalign(alignment, size))
ALLOCATING(memalign, (size_t alignment, size_t size), __libc_memalign(alignment, size))

PUBLIC void *reallocarray(void *old, size_t n, size_t size)
{
    size_t bytes;

    if (is_due(ALLOC, "reallocarray") || __builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(old, bytes);
}

PUBLIC int posix_memalign(void **ret, size_t alignment, size_t size)
{
    void *at;

    if (is_due(ALLOC, "posix_memalign") || !(at = __libc_memalign(alignment, size)))
        return ENOMEM;
    *ret = at;
    return 0;
}

#define MODE_TAKE(flags)                                                                                               \
    mode_t mode = 0;                                                                                                   \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                             \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        mode = va_arg(list, mode_t);                                                                                   \
        va_end(list);                                                                                                  \
    }
#define OPENING(name)                                                                                                  \
    PUBLIC int name(const char *path, int flags, ...)                                                                  \
    {                                                                                                                  \
        MODE_TAKE(flags)                                                                                               \
        NEXT(name);                                                                                                    \
        if (is_due(OPEN, #name)) {                                                                                     \
            errno = EMFILE;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
        return next(path, flags, mode);                                                                                \
    }
OPENING(open)
OPENING(open64)

PUBLIC int openat(int folder, const char *path, int flags, ...)
{
    MODE_TAKE(flags)
    NEXT(openat);
    if (is_due(OPEN, "openat")) {
        errno = EMFILE;
        return -1;
    }
    return next(folder, path, flags, mode);
}

int inotify_init1(int flags);
int eventfd(unsigned count, int flags);
int timerfd_create(int clock, int flags);
FAILING(OPEN, FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL, EMFILE)
FAILING(OPEN, DIR *, opendir, (const char *path), (path), NULL, EMFILE)
FAILING(OPEN, int, epoll_create, (int size), (size), -1, EMFILE)
FAILING(OPEN, int, epoll_create1, (int flags), (flags), -1, EMFILE)
FAILING(OPEN, int, inotify_init1, (int flags), (flags), -1, EMFILE)
FAILING(OPEN, int, eventfd, (unsigned count, int flags), (count, flags), -1, EMFILE)
FAILING(OPEN, int, timerfd_create, (int clock, int flags), (clock, flags), -1, EMFILE)
FAILING(OPEN, int, pipe, (int ret[2]), (ret), -1, EMFILE)
FAILING(OPEN, int, pipe2, (int ret[2], int flags), (ret, flags), -1, EMFILE)
FAILING(OPEN, int, memfd_create, (const char *name, unsigned flags), (name, flags), -1, EMFILE)
FAILING(MAP, void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t offset),
        (at, size, protection, flags, fd, offset), MAP_FAILED, ENOMEM)
FAILING(MAP, void *, mmap64, (void *at, size_t size, int protection, int flags, int fd, off64_t offset),
        (at, size, protection, flags, fd, offset), MAP_FAILED, ENOMEM)
FAILING(SOCKET, int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1, EMFILE)
FAILING(SOCKET, int, socketpair, (int domain, int type, int protocol, int ret[2]), (domain, type, protocol, ret), -1,
        EMFILE)
FAILING(SOCKET, int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
        (fd, level, name, value, size), -1, ENOBUFS)
FAILING(SOCKET, int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1,
        EADDRINUSE)
FAILING(SOCKET, int, listen, (int fd, int backlog), (fd, backlog), -1, EADDRINUSE)
FAILING(SOCKET, int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
        (fd, level, name, value, size), -1, ENOBUFS)
FAILING(CONNECT, int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), -1,
        ENETUNREACH)
FAILING(SPACE, int, ftruncate, (int fd, off_t size), (fd, size), -1, ENOSPC)
FAILING(SPACE, int, ftruncate64, (int fd, off64_t size), (fd, size), -1, ENOSPC)
FAILING(NAME, int, rename, (const char *from, const char *to), (from, to), -1, EROFS)
FAILING(NAME, int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), -1, EROFS)
FAILING(NAME, int, link, (const char *from, const char *to), (from, to), -1, EROFS)
FAILING(NAME, int, unlink, (const char *path), (path), -1, EROFS)
FAILING(NAME, int, mkdir, (const char *path, mode_t mode), (path, mode), -1, EROFS)
FAILING(MODE, int, fchmod, (int fd, mode_t mode), (fd, mode), -1, EPERM)
FAILING(MODE, int, chmod, (const char *path, mode_t mode), (path, mode), -1, EPERM)
FAILING(EPOLL, int, epoll_ctl, (int fd, int op, int other, struct epoll_event *event), (fd, op, other, event), -1,
        ENOMEM)
FAILING(EPOLL, int, epoll_wait, (int fd, struct epoll_event *ret, int n, int timeout_ms), (fd, ret, n, timeout_ms), -1,
        EINTR)
MOVING(READ, read, (int fd, void *to, size_t size), (fd, to, size), EIO)
MOVING(READ, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at), EIO)
MOVING(READ, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags), ECONNRESET)
MOVING(READ, recvmsg, (int fd, struct msghdr *to, int flags), (fd, to, flags), ECONNRESET)
MOVING(READ, recvfrom, (int fd, void *to, size_t size, int flags, struct sockaddr *address, socklen_t *address_size),
       (fd, to, size, flags, address, address_size), ECONNRESET)
MOVING(WRITE, send, (int fd, const void *from, size_t size, int flags), (fd, from, size, flags), EPIPE)
MOVING(WRITE, sendmsg, (int fd, const struct msghdr *from, int flags), (fd, from, flags), EPIPE)
MOVING(WRITE, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at), ENOSPC)
FAILING(STAT, int, stat, (const char *path, struct stat *ret), (path, ret), -1, EACCES)
FAILING(STAT, int, lstat, (const char *path, struct stat *ret), (path, ret), -1, EACCES)
FAILING(STAT, int, fstat, (int fd, struct stat *ret), (fd, ret), -1, EIO)
FAILING(STAT, int, access, (const char *path, int mode), (path, mode), -1, EACCES)

/* What is said to people is not lost here: that is another test. */
#define SAYING(name, parameters, arguments)                                                                            \
    PUBLIC ssize_t name parameters                                                                                     \
    {                                                                                                                  \
        NEXT(name);                                                                                                    \
        if (fd > 2 && may_fail(fd) && is_due(WRITE, #name)) {                                                          \
            errno = ENOSPC;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
        return next arguments;                                                                                         \
    }
SAYING(write, (int fd, const void *from, size_t size), (fd, from, size))
SAYING(writev, (int fd, const struct iovec *from, int n), (fd, from, n))

PUBLIC int posix_fallocate(int fd, off_t at, off_t size)
{
    NEXT(posix_fallocate);
    return is_due(SPACE, "posix_fallocate") ? ENOSPC : next(fd, at, size);
}

PUBLIC int pthread_create(pthread_t *ret, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    NEXT(pthread_create);
    return is_due(THREAD, "pthread_create") ? EAGAIN : next(ret, attributes, start, argument);
}

#define CONTROLLING(name)                                                                                              \
    PUBLIC int name(int fd, int command, ...)                                                                          \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        void *argument;                                                                                                \
        NEXT(name);                                                                                                    \
        va_start(list, command);                                                                                       \
        argument = va_arg(list, void *);                                                                               \
        va_end(list);                                                                                                  \
        if ((command == F_OFD_SETLK || command == F_OFD_GETLK || command == F_SETLK || command == F_SETFL) &&          \
            is_due(LOCK, #name)) {                                                                                     \
            errno = ENOLCK;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
        if ((command == F_DUPFD || command == F_DUPFD_CLOEXEC) && is_due(OPEN, #name)) {                               \
            errno = EMFILE;                                                                                            \
            return -1;                                                                                                 \
        }                                                                                                              \
        return next(fd, command, argument);                                                                            \
    }
CONTROLLING(fcntl)
CONTROLLING(fcntl64)
