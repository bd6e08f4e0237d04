/* SPDX-License-Identifier: MIT
 * Sleepers are woken by their book only, and the page on which they announce themselves hurts nobody. */
#include "shm_rig.h"

#include <poll.h>

#define WRITERS_MAX 32 /* more than one process can have */

TestSuite(shm_wake, .init = set_up, .fini = tear_down);

static struct hoga_abi_wake *wake_open(void)
{
    int fd = open(beside(".wake"), O_RDWR | O_CLOEXEC);
    struct hoga_abi_wake *wake = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    cr_assert_neq(wake, MAP_FAILED);
    (void)close(fd);
    return wake;
}

static void wait_sleepers(const struct hoga_abi_wake *wake, uint32_t bits)
{
    for (int i = 0; i < 10000 && seqlock_load_32(&wake->sleepers) != bits; i++)
        (void)poll(NULL, 0, 1);
    cr_assert_eq(seqlock_load_32(&wake->sleepers), bits);
}

/* A child that sleeps on slot 0 until something is published there. */
static pid_t sleeper_start(uint32_t slot)
{
    pid_t pid = fork();

    if (pid == 0) {
        struct hoga_abi_wake *wake = wake_open();
        struct segment_map map;
        uint64_t seen;

        if (map_open(&map) < 0)
            child_exit(9);
        seen = reader_book_newest(&map, slot);
        for (int i = 0; i < 100; i++) {
            uint32_t word = reader_wake_word(&map);

            if (reader_book_newest(&map, slot) != seen)
                child_exit(0);
            (void)reader_sleep(&map, wake, word, reader_slot_bit(slot), 10000000000);
        }
        child_exit(8);
    }
    return pid;
}

Test(shm_wake, sleepers_are_woken_by_their_book_and_the_dead_are_forgotten)
{
    struct writer *w = writer_new(4);
    struct hoga_abi_wake *wake = wake_open();
    int status;
    pid_t pid;

    writer_ready(w, 5);
    books_publish(w, 0, 1);
    (void)writer_wake(w);
    pid = sleeper_start(0);
    wait_sleepers(wake, 1);
    books_publish(w, 1, 2);
    cr_assert_eq(writer_wake(w), 0, "nobody sleeps on this: no call");
    cr_assert_eq(waitpid(pid, &status, WNOHANG), 0);
    books_publish(w, 0, 2);
    cr_assert_eq(writer_wake(w), 1);
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert_eq(status, 0);
    cr_assert_eq(seqlock_load_32(&wake->sleepers), 0);

    pid = sleeper_start(0);
    wait_sleepers(wake, 1);
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, &status, 0);
    books_publish(w, 0, 3);
    cr_assert_eq(writer_wake(w), 1, "its announcement costs one call");
    books_publish(w, 0, 4);
    cr_assert_eq(writer_wake(w), 0, "and is forgotten");
    w = writer_close(w);
    (void)munmap(wake, HOGA_PAGE_SIZE);
}

Test(shm_wake, a_wake_page_cut_short_hurts_nobody)
{
    struct writer *w = writer_new(4);

    writer_ready(w, 5);
    (void)writer_wake(w);
    cr_assert_eq(truncate(beside(".wake"), 0), 0);
    books_publish(w, 0, 1);
    cr_assert_eq(writer_wake(w), 0);
    books_publish(w, 0, 2);
    cr_assert_eq(writer_wake(w), 0);
    w = writer_close(w);
    w = writer_new(4);
    books_publish(w, 0, 2);
    cr_assert_eq(writer_wake(w), 0, "the next start makes it a page again");
    {
        struct hoga_abi_wake *wake = wake_open();
        struct segment_map map;

        cr_assert_eq(map_open(&map), 0);
        cr_assert_eq(truncate(beside(".wake"), 0), 0);
        cr_assert_eq(reader_sleep(&map, wake, reader_wake_word(&map), 1, 1000), -ETIMEDOUT, "a reader that mapped it");
        cr_assert_eq(reader_sleep(&map, wake, reader_wake_word(&map), 0, 1000), -ETIMEDOUT);
        segment_unmap(&map);
        (void)munmap(wake, HOGA_PAGE_SIZE);
    }
    w = writer_close(w);
}

static void *other_page;

static void child_other_sigbus(void)
{
    struct writer *w = writer_new(4);
    int fd = open(beside(".other"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const uint8_t *page = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);

    (void)w;
    other_page = (void *)(uintptr_t)page;
    child_exit(seqlock_peek(page) == 0 ? 8 : 7); /* reached only if somebody has mended the page */
}

static void on_bus(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)info;
    (void)context;
    child_exit(42);
}

static void page_mend(const void *page)
{
    if (page != other_page ||
        mmap(other_page, HOGA_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != other_page)
        child_exit(9);
}

static void on_bus_mend(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)context;
    page_mend(info->si_addr);
}

static void child_chained_sigbus(void)
{
    const struct sigaction action = { .sa_sigaction = on_bus_mend, .sa_flags = SA_SIGINFO };

    (void)sigaction(SIGBUS, &action, NULL);
    child_other_sigbus();
}

static void on_bus_plain(int signal_number)
{
    (void)signal_number;
    page_mend(other_page);
}

static void child_chained_plain_sigbus(void)
{
    (void)signal(SIGBUS, on_bus_plain);
    child_other_sigbus();
}

static struct writer *kept; /* where a search for leaks finds it: children that end by a signal close nothing */

static void child_sent_sigbus(void)
{
    (void)signal(SIGBUS, SIG_DFL);
    kept = writer_new(4);
    (void)raise(SIGBUS);
    child_exit(7);
}

/* A handler that came after ours is not taken away when the last writer closes; ours goes by itself. */
static void child_late_sigbus(void)
{
    struct writer *w = writer_new(4);
    const struct sigaction action = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

    (void)sigaction(SIGBUS, &action, NULL);
    w = writer_close(w);
    (void)raise(SIGBUS);
    child_exit(7);
}

/* Sent, not a fault: whoever ignored it before goes on ignoring it. */
static void child_ignored_sigbus(void)
{
    (void)signal(SIGBUS, SIG_IGN);
    kept = writer_new(4);
    (void)raise(SIGBUS);
    child_exit(44);
}

static void child_default_sigbus(void)
{
    (void)signal(SIGBUS, SIG_DFL);
    child_other_sigbus();
}

Test(shm_wake, other_bus_errors_go_where_they_went_before)
{
    int status = child_status(child_default_sigbus);

    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "status %x", status);
    status = child_status(child_sent_sigbus);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "status %x", status);
    cr_assert_eq(WEXITSTATUS(child_status(child_chained_plain_sigbus)), 8);
    cr_assert_eq(WEXITSTATUS(child_status(child_late_sigbus)), 42);
    cr_assert_eq(WEXITSTATUS(child_status(child_ignored_sigbus)), 44);
    status = child_status(child_chained_sigbus);
    cr_assert_eq(WEXITSTATUS(status), 8, "status %x", status);
}

/* Pages that the handler guards are a table of the process; a writer that finds no room in it is refused. */
Test(shm_wake, writers_beyond_the_table_are_refused_in_words)
{
    struct writer *writers[WRITERS_MAX] = { NULL };
    int n = 0, r = 0;

    while (n < WRITERS_MAX && r == 0) {
        char name[SEGMENT_PATH_SIZE];
        struct writer_options options = books_options(name, 1);

        (void)snprintf(name, sizeof name, "%s/books-%d", folder, n);
        r = writer_open(&options, &writers[n], &problem);
        n += r == 0;
    }
    cr_assert_eq(r, -ENFILE);
    cr_assert_not_null(strstr(problem.why, "SIGBUS"));
    while (n > 0) {
        n--;
        writers[n] = writer_close(writers[n]);
    }
    writers[0] = writer_close(writer_new(1));
}
