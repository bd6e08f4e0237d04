/* SPDX-License-Identifier: MIT
 * writer_wake.c - waking sleepers, and the page on which they announce themselves. That page is written by others:
 * nothing in it is believed beyond "call the kernel or not", and even its being cut short must not hurt. */
#include "writer_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WAKE_MODE      0660
#define WAKE_PAGES_MAX 16 /* writers in one process; only tests have more than one */

/* --- a page that may be cut short ------------------------------------------------------------------------------------
 */

/* Whoever may write PATH.wake may truncate it, and a load from the mapping is then a SIGBUS. The handler puts a page of
 * zeros there: nobody seems to sleep any more, so sleepers wake by their slice of 250 ms, which is the harm that the
 * design allows. It takes faults in these pages only; every other SIGBUS goes to whoever handled it before. Without a
 * handler there is no way: files with a name on tmpfs cannot be sealed (EPERM), a memfd cannot be opened by readers, a
 * lease holds up openers, and looking through the kernel, as readers do (reader_sleep.c), costs a call every turn. */
static void *guarded_pages[WAKE_PAGES_MAX];
static struct sigaction action_before;

static int page_is_guarded(const void *address, void **ret_page)
{
    uintptr_t page = (uintptr_t)address & ~(uintptr_t)(HOGA_PAGE_SIZE - 1);

    for (size_t i = 0; i < WAKE_PAGES_MAX; i++) {
        void *guarded = seqlock_pointer_load(&guarded_pages[i]);

        if (guarded != NULL && (uintptr_t)guarded == page) {
            *ret_page = guarded;
            return 1;
        }
    }
    return 0;
}

/* Not ours: what would have happened without us. */
static void sigbus_pass_on(int signal_number, siginfo_t *info, void *context)
{
    if ((action_before.sa_flags & SA_SIGINFO) != 0) {
        action_before.sa_sigaction(signal_number, info, context);
        return;
    }
    if (action_before.sa_handler != SIG_DFL && action_before.sa_handler != SIG_IGN) {
        action_before.sa_handler(signal_number);
        return;
    }
    (void)sigaction(SIGBUS, &action_before, NULL); /* a fault comes again when we return */
    if (info->si_code <= 0)                        /* one that was sent does not */
        (void)raise(signal_number);
}

static void on_sigbus(int signal_number, siginfo_t *info, void *context)
{
    int error = errno;
    void *page;

    if (info->si_code <= 0 || !page_is_guarded(info->si_addr, &page) ||
        mmap(page, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
        sigbus_pass_on(signal_number, info, context);
    errno = error;
}

static int is_our_action(const struct sigaction *action)
{
    return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == on_sigbus;
}

static int guard_add(void *page)
{
    struct sigaction now;
    struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

    if (sigaction(SIGBUS, NULL, &now) == 0 && !is_our_action(&now)) {
        action_before = now;
        if (sigaction(SIGBUS, &action, NULL) < 0)
            return -errno;
    }
    for (size_t i = 0; i < WAKE_PAGES_MAX; i++) {
        if (seqlock_pointer_load(&guarded_pages[i]) == NULL) {
            seqlock_pointer_store(&guarded_pages[i], page);
            return 0;
        }
    }
    return -ENFILE;
}

static void guard_remove(const void *page)
{
    struct sigaction now;
    int is_last = 1;

    for (size_t i = 0; i < WAKE_PAGES_MAX; i++) {
        if (seqlock_pointer_load(&guarded_pages[i]) == page)
            seqlock_pointer_store(&guarded_pages[i], NULL);
        else if (seqlock_pointer_load(&guarded_pages[i]) != NULL)
            is_last = 0;
    }
    /* Somebody who has put another handler over ours since keeps it: it may lead back to ours, which then passes on. */
    if (is_last && sigaction(SIGBUS, NULL, &now) == 0 && is_our_action(&now))
        (void)sigaction(SIGBUS, &action_before, NULL);
}

/* --- opening ---------------------------------------------------------------------------------------------------------
 */

static void close_fdp(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* An open file of ours of at least a page, whatever had the name before. */
static int wake_file_open(const char *wake_path, int *ret_fd, struct segment_problem *ret_problem)
{
    for (int i = 0; i < 2; i++) {
        __attribute__((cleanup(close_fdp))) int fd = -1;
        struct stat st;
        int error;

        fd = open(wake_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
            if (unlink(wake_path) < 0) /* a link, a fifo, somebody else's: make ours in its place */
                break;
            continue;
        }
        SEQLOCK_STEP();
        error = posix_fallocate(fd, 0, HOGA_PAGE_SIZE);
        if (error != 0)
            return segment_problem_errno(ret_problem, -error, wake_path, "cannot allocate a page");
        if (fchmod(fd, WAKE_MODE) < 0)
            return segment_problem_errno(ret_problem, -errno, wake_path, "fchmod");
        SEQLOCK_STEP();
        *ret_fd = fd;
        fd = -1;
        return 0;
    }
    return segment_problem_errno(ret_problem, -EACCES, wake_path, "cannot make the file");
}

int writer_wake_open(const char *path, struct writer_wake *ret, struct segment_problem *ret_problem)
{
    __attribute__((cleanup(close_fdp))) int fd = -1;
    char wake_path[SEGMENT_PATH_SIZE];
    void *page;
    int r = writer_path_join(wake_path, path, ".wake", ret_problem);

    if (r < 0)
        return r;
    r = wake_file_open(wake_path, &fd, ret_problem);
    if (r < 0)
        return r;
    page = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        return segment_problem_errno(ret_problem, -errno, wake_path, "mmap");
    r = guard_add(page);
    if (r < 0) {
        (void)munmap(page, HOGA_PAGE_SIZE);
        return segment_problem_errno(ret_problem, r, wake_path, "SIGBUS handler");
    }
    *ret = (struct writer_wake){ .page = page };
    return 0;
}

void writer_wake_close(struct writer_wake *wake)
{
    if (wake->page == NULL)
        return;
    guard_remove(wake->page);
    (void)munmap(wake->page, HOGA_PAGE_SIZE);
    wake->page = NULL;
}

/* --- waking ----------------------------------------------------------------------------------------------------------
 */

uint32_t writer_changed_bits(const struct writer *w)
{
    return w->wake.changed_bits;
}

/* Announcements for the changed slots are taken back before the word moves (why: seqlock.h). So one of a sleeper that
 * was killed, or woke by itself, costs one call in vain, and a sleeper on a quiet book costs the others' turns none. */
int writer_wake(struct writer *w)
{
    uint32_t *sleepers = &w->wake.page->sleepers;
    uint32_t bits = w->wake.changed_bits;
    uint32_t announced;

    if (bits == 0)
        return 0;
    w->wake.changed_bits = 0;
    announced = seqlock_sleepers_take(sleepers, bits);
    (void)seqlock_futex_move(&w->header->wake_word);
    announced |= seqlock_sleepers_look(sleepers, bits); /* Dekker: seqlock.h at seqlock_futex_move */
    if (announced == 0)
        return 0;
    (void)syscall(SYS_futex, &w->header->wake_word, FUTEX_WAKE_BITSET, INT_MAX, NULL, NULL, bits);
    return 1;
}
