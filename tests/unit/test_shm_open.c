/* SPDX-License-Identifier: MIT
 * Opening: paths, lock, creation, adoption, replacement, what a reader refuses, what the kernel refuses a reader. */
#include "shm/reader.h"
#include "shm/seqlock.h"
#include "shm/writer.h"

#include "tests/stress/books.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTSIDER 65534

static char folder[64], path[SEGMENT_PATH_SIZE];
static struct segment_problem problem;

static void set_up(void)
{
    books_folder_init(folder, path);
    problem = (struct segment_problem){ 0 };
}

static void tear_down(void)
{
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(shm_open, .init = set_up, .fini = tear_down);

static const char *beside(const char *suffix)
{
    static char name[SEGMENT_PATH_SIZE + 8];

    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    return name;
}

static struct writer *writer_new(uint32_t books_max)
{
    struct writer_options options = books_options(path, books_max);
    struct writer *w = NULL;
    int r = writer_open(&options, &w, &problem);

    cr_assert_eq(r, 0, "%d: %s: %s", r, problem.what, problem.why);
    return w;
}

static int map_open(struct segment_map *ret_map)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : segment_map_reader(fd, ret_map, &problem);

    if (fd >= 0)
        (void)close(fd);
    return r;
}

static mode_t mode_of(const char *name)
{
    struct stat st;

    cr_assert_eq(stat(name, &st), 0);
    return st.st_mode & 07777;
}

Test(shm_open, a_new_file_has_its_modes_and_is_being_built_until_ready)
{
    struct segment_map map = { 0 };
    mode_t umask_before = umask(0077);
    struct writer *w = writer_new(4);
    uint64_t size;

    (void)umask(umask_before);
    cr_assert_eq(writer_was_adopted(w), 0);
    cr_assert_eq(writer_epoch(w), 1);
    cr_assert_eq(mode_of(path), 0640);
    cr_assert_eq(mode_of(beside(".lock")), 0600);
    cr_assert_eq(mode_of(beside(".wake")), 0660);
    cr_assert_neq(access(beside(".new"), F_OK), 0);
    cr_assert_eq(map_open(&map), -EAGAIN);
    cr_assert_neq(problem.why[0], '\0');
    writer_ready(w, 5);
    cr_assert_eq(map_open(&map), 0);
    cr_assert_eq(segment_layout_size(&(struct segment_layout){ 4, BOOKS_DEPTH, 2, 2, 2 }, &size), 0);
    cr_assert_eq(map.size, size);
    cr_assert_eq(map.owner, geteuid());
    cr_assert_eq(segment_is_current(&map, path), 1);
    cr_assert_eq(segment_is_current(&map, folder), 0);
    segment_unmap(&map);
    cr_assert_null(writer_close(w));
    cr_assert_null(writer_close(NULL));
}

Test(shm_open, a_second_daemon_is_told_who_is_there)
{
    struct writer *w = writer_new(4), *second = NULL;
    struct writer_options options = books_options(path, 4);
    char pid[32];

    (void)snprintf(pid, sizeof pid, "pid %ld", (long)getpid());
    cr_assert_eq(writer_open(&options, &second, &problem), -EBUSY);
    cr_assert_null(second);
    cr_assert_not_null(strstr(problem.why, pid), "%s", problem.why);
    cr_assert_eq(truncate(beside(".lock"), 0), 0);
    cr_assert_eq(writer_open(&options, &second, &problem), -EBUSY);
    cr_assert_not_null(strstr(problem.why, "another hogad"));
    w = writer_close(w);
    w = writer_new(4);
    cr_assert_eq(writer_was_adopted(w), 1);
    w = writer_close(w);
}

Test(shm_open, a_restart_keeps_inode_slots_numbers_and_counters)
{
    struct hoga_abi_connection_entry row = { .used = 1, .state = HOGA_ST_LIVE };
    struct hoga_abi_connection_live words;
    struct hoga_abi_directory_entry before, after;
    struct hoga_abi_book_head head;
    struct segment_map map;
    struct reader_live live;
    struct writer *w = writer_new(4);
    uint64_t number;
    uint32_t slot;

    cr_assert_eq(writer_slot_get(w, "upbit", "KRW-BTC", 1, &slot), 0);
    books_publish(w, slot, 5);
    writer_connection_publish(w, 0, &row);
    writer_connection_valid_from(w, 0, 1000);
    writer_counter_add(w, 0, 3);
    writer_ready(w, 5);
    cr_assert_eq(map_open(&map), 0);
    cr_assert_eq(reader_directory(&map, slot, &before), 0);
    number = reader_book_newest(&map, slot);
    w = writer_close(w);
    reader_live(&map, &live);
    cr_assert_eq(live.daemon_state, HOGA_DAEMON_STOPPED);

    w = writer_new(4);
    cr_assert_eq(writer_was_adopted(w), 1);
    cr_assert_eq(writer_epoch(w), 2);
    reader_live(&map, &live);
    cr_assert_eq(live.heartbeat_boot_ns, 0, "no sign of life before writer_ready");
    cr_assert_eq(live.daemon_state, HOGA_DAEMON_STARTING);
    cr_assert_eq(live.epoch, 2);
    cr_assert_eq(reader_connection(&map, 0, &row), 0);
    cr_assert_eq(row.used, 0);
    cr_assert_eq(reader_connection_live(&map, 0, &words), 0);
    cr_assert_eq(words.valid_from, 0, "message numbers begin anew");
    cr_assert_eq(writer_counter_value(w, 0), 3);
    cr_assert_eq(writer_slot_get(w, "upbit", "KRW-BTC", 9, &slot), 0);
    cr_assert_eq(reader_directory(&map, slot, &after), 0);
    cr_assert_eq(memcmp(&before, &after, sizeof before), 0, "a kept instrument keeps slot and generation");
    books_publish(w, slot, 6);
    cr_assert_eq(reader_book_newest(&map, slot), number + 1);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.epoch, 2);
    cr_assert_eq(segment_is_current(&map, path), 1);
    w = writer_close(w);
    segment_unmap(&map);
}

Test(shm_open, another_layout_is_a_new_file_and_generations_go_on)
{
    struct hoga_abi_directory_entry before, after;
    struct segment_map map, map_new;
    struct reader_live live;
    struct writer *w = writer_new(4);
    uint32_t slot;

    for (int i = 0; i < 5; i++) {
        cr_assert_eq(writer_slot_get(w, "upbit", "A", 1, &slot), 0);
        writer_slot_free(w, slot, 1);
    }
    writer_ready(w, 5);
    cr_assert_eq(map_open(&map), 0);
    cr_assert_eq(reader_directory(&map, slot, &before), 0);
    w = writer_close(w);
    w = writer_new(5);
    cr_assert_eq(writer_was_adopted(w), 0);
    reader_live(&map, &live);
    cr_assert_eq(live.state, HOGA_SEGMENT_RETIRED);
    cr_assert_eq(segment_is_current(&map, path), 0);
    cr_assert_eq(writer_slot_get(w, "upbit", "B", 1, &slot), 0);
    writer_ready(w, 5);
    cr_assert_eq(map_open(&map_new), 0);
    cr_assert_eq(reader_directory(&map_new, slot, &after), 0);
    cr_assert_gt(after.generation, before.generation);
    w = writer_close(w);
    segment_unmap(&map);
    segment_unmap(&map_new);
}

static void file_change(off_t offset, uint64_t value)
{
    int fd = open(path, O_RDWR);

    cr_assert_eq(pwrite(fd, &value, sizeof value, offset), sizeof value);
    (void)close(fd);
}

/* Each leaves something that cannot be adopted where the segment should be. */
static void leave_garbage(void)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    cr_assert_eq(write(fd, "garbage", 7), 7);
    (void)close(fd);
}
static void leave_zeros(void)
{
    cr_assert_eq(truncate(path, 0), 0);
    cr_assert_eq(truncate(path, 1 << 20), 0);
}
static void leave_short(void)
{
    cr_assert_eq(truncate(path, 8192), 0);
}
static void leave_bad_number(void)
{
    file_change(4096, UINT64_MAX - 5);
}
static void leave_bad_newest(void)
{
    file_change(4096, 2);
}
static void leave_counter_name(void)
{
    struct segment_map map;

    cr_assert_eq(map_open(&map), 0);
    file_change((off_t)map.region[HOGA_REGION_COUNTER].offset, 0x41414141);
    segment_unmap(&map);
}
static void leave_state(void)
{
    file_change(offsetof(struct hoga_abi_header, state), HOGA_SEGMENT_RETIRED);
}
static void leave_writable(void)
{
    cr_assert_eq(chmod(path, 0666), 0);
}
static void leave_link(void)
{
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("/etc/passwd", path), 0);
}
static void leave_fifo(void)
{
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkfifo(path, 0600), 0);
}
static void leave_wakes(void)
{
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(unlink(beside(".wake")), 0);
    cr_assert_eq(symlink("/etc/passwd", beside(".wake")), 0);
    cr_assert_eq(symlink("/etc/passwd", beside(".new")), 0);
}

Test(shm_open, whatever_is_in_the_way_is_replaced)
{
    void (*const leave[])(void) = { leave_garbage,    leave_zeros,        leave_short, leave_bad_number,
                                    leave_bad_newest, leave_counter_name, leave_state, leave_writable,
                                    leave_link,       leave_fifo,         leave_wakes };

    for (size_t i = 0; i < sizeof leave / sizeof leave[0]; i++) {
        struct segment_map map;
        struct writer *w = writer_new(4);

        writer_ready(w, 5);
        w = writer_close(w);
        leave[i]();
        w = writer_new(4);
        cr_assert_eq(writer_was_adopted(w), 0, "case %zu", i);
        writer_ready(w, 5);
        cr_assert_eq(map_open(&map), 0, "case %zu", i);
        segment_unmap(&map);
        w = writer_close(w);
        cr_assert_eq(mode_of(path), 0640);
    }
}

Test(shm_open, what_cannot_be_opened_is_said_in_words)
{
    struct writer_options options = books_options(path, 4);
    struct writer *w = NULL;
    char long_path[SEGMENT_PATH_SIZE];

    options.layout.depth = HOGA_DEPTH_LIMIT + 1;
    cr_assert_eq(writer_open(&options, &w, &problem), -EINVAL);
    options = books_options("/dev/shm/hoga-no-such-folder/books", 4);
    cr_assert_eq(writer_open(&options, &w, &problem), -ENOENT);
    cr_assert_neq(problem.why[0], '\0');
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    options = books_options(long_path, 4);
    cr_assert_eq(writer_open(&options, &w, &problem), -ENAMETOOLONG);
    cr_assert_eq(mkdir(path, 0700), 0);
    options = books_options(path, 4);
    cr_assert_lt(writer_open(&options, &w, &problem), 0);
    cr_assert_neq(access(beside(".new"), F_OK), 0, "nothing is left behind");
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(unlink(beside(".lock")), 0);
    cr_assert_eq(mkfifo(beside(".lock"), 0600), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EACCES);
    cr_assert_eq(unlink(beside(".lock")), 0);
    cr_assert_eq(mkdir(beside(".wake.d"), 0700), 0);
    (void)unlink(beside(".wake"));
    cr_assert_eq(mkdir(beside(".wake"), 0700), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EACCES);
    cr_assert_null(w);
}

static int child_status(void (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        run();
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* A file system of 64 KiB, in a mount namespace of its own. */
static void child_no_space(void)
{
    struct writer_options options = books_options(path, 64);
    struct writer *w = NULL;

    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=64k") < 0)
        _exit(77);
    if (writer_open(&options, &w, &problem) != -ENOSPC || strstr(problem.why, "no space") == NULL)
        _exit(8);
    if (access(beside(".new"), F_OK) == 0 || access(path, F_OK) == 0)
        _exit(7);
}

Test(shm_open, no_space_is_said_in_words)
{
    int status = child_status(child_no_space);

    if (WEXITSTATUS(status) == 77)
        cr_skip_test("may not mount here");
    cr_assert_eq(status, 0, "status %x", status);
}

/* --- what a reader refuses, and what is refused to a reader ---------------------------------------------------------
 */

Test(shm_open, a_reader_refuses_what_others_may_write_and_what_is_no_file)
{
    struct segment_map map;
    struct writer *w = writer_new(4);
    int fds[2];

    writer_ready(w, 5);
    cr_assert_eq(chmod(path, 0660), 0);
    cr_assert_eq(map_open(&map), -EACCES);
    cr_assert_not_null(strstr(problem.why, "may write"));
    cr_assert_eq(chmod(path, 0642), 0);
    cr_assert_eq(map_open(&map), -EACCES);
    cr_assert_eq(chmod(path, 0640), 0);
    cr_assert_eq(map_open(&map), 0);
    segment_unmap(&map);
    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(segment_map_reader(fds[0], &map, &problem), -EACCES);
    cr_assert_eq(segment_map_reader(-1, &map, &problem), -EBADF);
    cr_assert_eq(segment_map_reader(-1, &map, NULL), -EBADF);
    w = writer_close(w);
    leave_garbage();
    cr_assert_eq(map_open(&map), -EBADMSG);
}

static void child_writes(void)
{
    struct segment_map map;

    (void)signal(SIGSEGV, SIG_DFL);
    if (map_open(&map) < 0)
        _exit(9);
    if (mprotect((void *)(uintptr_t)map.base, map.size, PROT_READ | PROT_WRITE) == 0 || errno != EACCES)
        _exit(8);
    *(uint8_t *)(uintptr_t)map.base = 1;
}

static void child_outside(void)
{
    if (setgid(OUTSIDER) < 0 || setuid(OUTSIDER) < 0)
        _exit(9);
    if (open(path, O_RDONLY) >= 0 || errno != EACCES || open(beside(".lock"), O_RDONLY) >= 0)
        _exit(8);
}

Test(shm_open, the_kernel_keeps_readers_from_writing_and_outsiders_out)
{
    struct writer *w = writer_new(4);
    int status;

    writer_ready(w, 5);
    status = child_status(child_writes);
    cr_assert(WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : WEXITSTATUS(status) > 99, "status %x", status);
    if (geteuid() == 0) {
        cr_assert_eq(chmod(folder, 0755), 0);
        cr_assert_eq(child_status(child_outside), 0);
    }
    w = writer_close(w);
}

/* --- the wake
 * --------------------------------------------------------------------------------------------------------- */

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
            _exit(9);
        seen = reader_book_newest(&map, slot);
        for (int i = 0; i < 100; i++) {
            uint32_t word = reader_wake_word(&map);

            if (reader_book_newest(&map, slot) != seen)
                _exit(0);
            (void)reader_sleep(&map, wake, word, reader_slot_bit(slot), 10000000000);
        }
        _exit(8);
    }
    return pid;
}

Test(shm_open, sleepers_are_woken_by_their_book_and_the_dead_are_forgotten)
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

Test(shm_open, a_wake_page_cut_short_hurts_nobody)
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

static void child_other_sigbus(void)
{
    struct writer *w = writer_new(4);
    int fd = open(beside(".other"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const uint8_t *page = mmap(NULL, HOGA_PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    uint8_t byte;

    (void)w;
    seqlock_get_portable(&byte, page, 0);
    _exit(page[0] == 1 ? 7 : 8);
}

static void on_bus(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    (void)info;
    (void)context;
    _exit(42);
}

static void child_chained_sigbus(void)
{
    const struct sigaction action = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

    (void)sigaction(SIGBUS, &action, NULL);
    child_other_sigbus();
}

static void on_bus_plain(int signal_number)
{
    (void)signal_number;
    _exit(43);
}

static void child_chained_plain_sigbus(void)
{
    (void)signal(SIGBUS, on_bus_plain);
    child_other_sigbus();
}

static void child_sent_sigbus(void)
{
    (void)signal(SIGBUS, SIG_DFL);
    (void)writer_new(4);
    (void)raise(SIGBUS);
    _exit(7);
}

/* A handler that came after ours is not taken away when the last writer closes; ours goes by itself. */
static void child_late_sigbus(void)
{
    struct writer *w = writer_new(4);
    const struct sigaction action = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

    (void)sigaction(SIGBUS, &action, NULL);
    w = writer_close(w);
    (void)raise(SIGBUS);
    _exit(7);
}

static void child_default_sigbus(void)
{
    (void)signal(SIGBUS, SIG_DFL);
    child_other_sigbus();
}

Test(shm_open, other_bus_errors_go_where_they_went_before)
{
    int status = child_status(child_default_sigbus);

    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "status %x", status);
    status = child_status(child_sent_sigbus);
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS, "status %x", status);
    cr_assert_eq(WEXITSTATUS(child_status(child_chained_plain_sigbus)), 43);
    cr_assert_eq(WEXITSTATUS(child_status(child_late_sigbus)), 42);
    status = child_status(child_chained_sigbus);
    cr_assert_eq(WEXITSTATUS(status), 42, "status %x", status);
}

/* --- the path rule
 * ------------------------------------------------------------------------------------------------------ */

static void env_clear(void)
{
    (void)unsetenv("HOGA_SEGMENT");
    (void)unsetenv("RUNTIME_DIRECTORY");
    (void)unsetenv("XDG_RUNTIME_DIR");
}

Test(shm_open, the_daemon_finds_its_path_in_order)
{
    char got[SEGMENT_PATH_SIZE] = "untouched", want[SEGMENT_PATH_SIZE], long_path[400];

    env_clear();
    cr_assert_eq(segment_path_daemon(NULL, 0, got, &problem), -ENOENT);
    cr_assert_str_eq(got, "untouched");
    (void)segment_path_user(got); /* 0 or -EPERM: whoever runs this may have such a folder */
    (void)snprintf(want, sizeof want, "/dev/shm/hoga-%lu/main/books", (unsigned long)geteuid());
    cr_assert_str_eq(got, want);
    (void)setenv("XDG_RUNTIME_DIR", folder, 1);
    (void)snprintf(want, sizeof want, "%s/hoga/main/books", folder);
    cr_assert_eq(segment_path_user(got), 0);
    cr_assert_str_eq(got, want);
    (void)snprintf(long_path, sizeof long_path, "%s/hoga", folder);
    cr_assert_neq(access(long_path, F_OK), 0, "the reader's rule makes nothing");
    cr_assert_eq(segment_path_daemon(NULL, 1, got, &problem), 0);
    cr_assert_str_eq(got, want);
    cr_assert_eq(mode_of(long_path), 0700);
    (void)setenv("RUNTIME_DIRECTORY", "/run/hoga/main:/run/other", 1);
    cr_assert_eq(segment_path_daemon("", 1, got, &problem), 0);
    cr_assert_str_eq(got, "/run/hoga/main/books");
    (void)setenv("HOGA_SEGMENT", "/somewhere/books", 1);
    cr_assert_eq(segment_path_daemon(NULL, 0, got, &problem), 0);
    cr_assert_str_eq(got, "/somewhere/books");
    cr_assert_eq(segment_path_daemon("/here", 1, got, &problem), 0);
    cr_assert_str_eq(got, "/here");
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    long_path[0] = '/';
    cr_assert_eq(segment_path_daemon(long_path, 1, got, &problem), -ENAMETOOLONG);
    env_clear();
    (void)setenv("XDG_RUNTIME_DIR", long_path, 1);
    cr_assert_eq(segment_path_daemon(NULL, 1, got, &problem), -ENAMETOOLONG);
    cr_assert_eq(segment_path_user(got), -ENAMETOOLONG);
    (void)setenv("XDG_RUNTIME_DIR", "/proc/no-folder-can-be-made-here", 1);
    cr_assert_lt(segment_path_daemon(NULL, 1, got, &problem), 0);
}

/* As another user, so that the folder of whoever runs the tests stays alone. */
static void child_public_folder(void)
{
    char got[SEGMENT_PATH_SIZE];
    uid_t uid = 3000000000u - (uid_t)getpid();
    char public[64], name[96];
    int ok;

    env_clear();
    (void)setenv("XDG_RUNTIME_DIR", "relative/is/ignored", 1);
    if (setuid(uid) < 0)
        _exit(9);
    (void)snprintf(public, sizeof public, "/dev/shm/hoga-%lu", (unsigned long)uid);
    (void)snprintf(name, sizeof name, "%s/main", public);
    ok = segment_path_user(got) == 0 && segment_path_daemon(NULL, 1, got, &problem) == 0 && mode_of(name) == 0700 &&
         segment_path_user(got) == 0;
    ok =
        ok && chmod(public, 0755) == 0 && segment_path_user(got) == -EPERM && strncmp(got, public, strlen(public)) == 0;
    ok = ok && segment_path_daemon(NULL, 1, got, &problem) == -EPERM;
    (void)rmdir(name);
    (void)rmdir(public);
    ok = ok && symlink("/tmp", public) == 0 && segment_path_user(got) == -EPERM;
    (void)unlink(public);
    _exit(ok ? 0 : 8);
}

Test(shm_open, the_public_folder_must_be_ours_alone)
{
    if (geteuid() != 0)
        cr_skip_test("needs root, to be somebody without a folder");
    cr_assert_eq(child_status(child_public_folder), 0);
}
