/* SPDX-License-Identifier: MIT
 * Waiting: for a book, for any of several, for a segment to appear, and for a daemon that dies without a word. */
#include "client/lib/handle.h"
#include "hoga_rig.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define LONG_NS    20000000000 /* never reached on a machine that works */
#define A_WHILE_NS 30000000    /* after which the other thread acts; no test depends on who is first */

static struct rig rig;
static struct hoga *h;
static hoga_id ids[2];
static uint32_t slots[2];
static pthread_t thread;

static void open_live(void)
{
    cr_assert_eq(rig_open(&rig), 0);
    rig_connection(&rig, HOGA_ST_LIVE, HOGA_RE_NONE);
    slots[0] = rig_slot(&rig, "upbit", "KRW-BTC");
    slots[1] = rig_slot(&rig, "upbit", "KRW-ETH");
    writer_ready(rig.writer, rig_boot_ns());
    rig_publish(&rig, slots[0], 1000);
    rig_publish(&rig, slots[1], 50);
    (void)writer_wake(rig.writer);
    cr_assert_eq(hoga_open(&h, rig.path, NULL), 0);
    cr_assert_eq(hoga_find(h, "upbit:KRW-BTC", &ids[0]), 0);
    cr_assert_eq(hoga_find(h, "upbit:KRW-ETH", &ids[1]), 0);
}

static void close_all(void)
{
    h = hoga_close(h);
    rig_close(&rig);
}

static void pause_ns(int64_t ns)
{
    struct timespec ts = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
    (void)ppoll(NULL, 0, &ts, NULL);
}

static void *publish_later(void *arg)
{
    (void)arg;
    pause_ns(A_WHILE_NS);
    writer_heartbeat(rig.writer, rig_boot_ns());
    rig_publish(&rig, slots[1], 51);
    (void)writer_wake(rig.writer);
    return NULL;
}

static void seen_now(uint64_t updates[2], uint8_t states[2])
{
    for (int i = 0; i < 2; i++) {
        struct hoga_book book;
        cr_assert_eq(hoga_read_top(h, ids[i], 0, &book), 0);
        updates[i] = book.update;
        states[i] = book.state;
    }
}

Test(libhoga_wait, ends_when_a_book_is_published, .init = open_live, .fini = close_all)
{
    uint64_t updates[2];
    uint8_t states[2];

    writer_heartbeat(rig.writer, rig_boot_ns());
    seen_now(updates, states);
    cr_assert_eq(pthread_create(&thread, NULL, publish_later, NULL), 0);
    cr_assert_eq(hoga_wait_any(h, ids, 2, updates, states, LONG_NS), 1);
    (void)pthread_join(thread, NULL);

    cr_assert_eq(hoga_update(h, ids[0]), updates[0]);
    cr_assert_eq(hoga_update(h, ids[1]), updates[1] + 1);
    cr_assert_eq(hoga_wait(h, ids[1], updates[1], states[1], 0), 0); /* changed already: at once */
    cr_assert_eq(h->wake != NULL, 1);
    cr_assert_eq(h->wake->sleepers & reader_slot_bit(1), 0, "the daemon took the announcement back as it woke us");
}

Test(libhoga_wait, for_anything_at_all_ends_too, .init = open_live, .fini = close_all)
{
    cr_assert_eq(hoga_wait_any(h, NULL, 0, NULL, NULL, 0), -ETIMEDOUT);
    cr_assert_eq(pthread_create(&thread, NULL, publish_later, NULL), 0);
    cr_assert_eq(hoga_wait_any(h, NULL, 0, NULL, NULL, LONG_NS), 0);
    (void)pthread_join(thread, NULL);
}

Test(libhoga_wait, times_out_and_refuses_stale_ids, .init = open_live, .fini = close_all)
{
    uint64_t updates[2];
    uint8_t states[2];

    writer_heartbeat(rig.writer, rig_boot_ns());
    seen_now(updates, states);
    int64_t start_ns = rig_boot_ns();
    cr_assert_eq(hoga_wait(h, ids[0], updates[0], states[0], 5000000), -ETIMEDOUT);
    cr_assert_geq(rig_boot_ns() - start_ns, 5000000);
    cr_assert_eq(hoga_wait_any(h, ids, 2, NULL, NULL, 0), -ETIMEDOUT);
    cr_assert_eq(hoga_wait(h, HOGA_NO_ID, 0, 0, LONG_NS), -ESTALE);
}

Test(libhoga_wait, sees_a_daemon_die_without_a_word, .init = open_live, .fini = close_all)
{
    uint64_t updates[2];
    uint8_t states[2];
    struct hoga_book book;

    writer_heartbeat(rig.writer, rig_boot_ns());
    seen_now(updates, states);
    cr_assert_eq(hoga_wait(h, ids[0], updates[0], states[0], LONG_NS), 0);

    cr_assert_eq(hoga_read_top(h, ids[0], 0, &book), 0);
    cr_assert_eq(book.state, HOGA_DOWN);
    cr_assert_eq(book.reason, HOGA_RE_DAEMON_SILENT);
    cr_assert_eq(book.update, updates[0]);
}

Test(libhoga_wait, goes_on_without_a_wake_file, .init = open_live, .fini = close_all)
{
    uint64_t updates[2];
    uint8_t states[2];
    char path[160];

    (void)snprintf(path, sizeof(path), "%s.wake", rig.path);
    (void)unlink(path);
    writer_heartbeat(rig.writer, rig_boot_ns());
    seen_now(updates, states);
    cr_assert_eq(pthread_create(&thread, NULL, publish_later, NULL), 0);
    cr_assert_eq(hoga_wait_any(h, ids, 2, updates, states, LONG_NS), 1);
    (void)pthread_join(thread, NULL);
    cr_assert_null(h->wake);
}

static void on_signal(int number)
{
    (void)number;
}

static void *interrupt_later(void *arg)
{
    pause_ns(A_WHILE_NS);
    (void)pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

Test(libhoga_wait, a_signal_ends_it, .init = open_live, .fini = close_all)
{
    struct sigaction action = { .sa_handler = on_signal };
    pthread_t self = pthread_self();
    struct hoga *none = NULL;
    struct hoga_problem problem;

    (void)sigaction(SIGUSR1, &action, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, interrupt_later, &self), 0);
    cr_assert_eq(hoga_wait_any(h, NULL, 0, NULL, NULL, -1), -EINTR);
    (void)pthread_join(thread, NULL);
    cr_assert_eq(pthread_create(&thread, NULL, interrupt_later, &self), 0);
    cr_assert_eq(hoga_open_wait(&none, "/nowhere/at/all", -1, &problem), -EINTR);
    (void)pthread_join(thread, NULL);
    cr_assert_eq(problem.error, -EINTR);
}

static void *appear_later(void *arg)
{
    const char *folder = arg;
    pause_ns(A_WHILE_NS);
    (void)mkdir(folder, 0700);
    if (rig_start(&rig, RIG_DEPTH) == 0)
        writer_ready(rig.writer, rig_boot_ns());
    return NULL;
}

Test(libhoga_wait, opening_waits_for_a_segment_to_appear)
{
    char folder[sizeof(rig.folder)] = "/tmp/hoga-unit-XXXXXX", outer[sizeof(rig.folder)];
    struct hoga_problem problem;

    cr_assert_not_null(mkdtemp(folder));
    memcpy(outer, folder, sizeof(outer));
    (void)strcat(folder, "/main");
    memcpy(rig.folder, folder, sizeof(rig.folder));
    (void)snprintf(rig.path, sizeof(rig.path), "%s/books", folder);
    cr_assert_eq(hoga_open_wait(&h, rig.path, 5000000, &problem), -ETIMEDOUT);
    cr_assert(strstr(problem.why, "no segment there") != NULL);
    cr_assert_eq(pthread_create(&thread, NULL, appear_later, folder), 0);
    cr_assert_eq(hoga_open_wait(&h, rig.path, LONG_NS, &problem), 0);
    (void)pthread_join(thread, NULL);

    cr_assert_eq(hoga_open_wait(&h, outer, LONG_NS, &problem), -EACCES); /* waiting would not mend a folder */
    close_all();
    (void)rmdir(outer);
}

static int child_status(void (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        run();
        _exit(99);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static void child_uses_the_handle(void)
{
    struct hoga_book book;
    uint64_t updates[2];
    uint8_t states[2];

    if (hoga_read_top(h, ids[0], 0, &book) < 0 || book.bid.price != 1000)
        _exit(1);
    seen_now(updates, states);
    if (hoga_wait_any(h, ids, 2, updates, NULL, 1000000) != -ETIMEDOUT)
        _exit(2);
    h = hoga_close(h);
    _exit(0);
}

Test(libhoga_wait, after_a_fork_both_go_on_with_their_own, .init = open_live, .fini = close_all)
{
    uint64_t updates[2];
    uint8_t states[2];

    cr_assert_eq(child_status(child_uses_the_handle), 0);
    seen_now(updates, states); /* the parent's is as it was */
}

/* As a user of whom nobody else has any: all of its inotify instances are taken, and the segment comes later. */
static void child_without_inotify(void)
{
    struct rlimit files = { 4096, 4096 };

    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (setuid(3100000000u - (uid_t)getpid()) < 0)
        _exit(77);
    for (int i = 0; i < 2048 && inotify_init1(IN_CLOEXEC) >= 0; i++)
        continue;
    if (inotify_init1(IN_CLOEXEC) >= 0 || fcntl(0, F_DUPFD_CLOEXEC, 3) < 0)
        _exit(77); /* no such limit here, or that of files came first */
    _exit(hoga_open_wait(&h, rig.path, LONG_NS, NULL) == 0 ? 0 : 1);
}

Test(libhoga_wait, opening_waits_without_inotify_too)
{
    int status;
    pid_t pid;

    if (geteuid() != 0)
        cr_skip_test("needs root, to be a user of whom nobody else has any");
    cr_assert_eq(rig_open(&rig), 0);
    cr_assert_eq(chmod(rig.folder, 0755), 0);
    cr_assert_eq(chmod(rig.path, 0644), 0);
    pid = fork();
    if (pid == 0)
        child_without_inotify();
    pause_ns(A_WHILE_NS);
    writer_ready(rig.writer, rig_boot_ns());
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_assert(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77, "status %x", status);
    rig_close(&rig);
}
