/* SPDX-License-Identifier: MIT
 * Opening: lock, creation, adoption, replacement, what a reader refuses, what the kernel refuses a reader. */
#include "shm_rig.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define OUTSIDER      65534
#define BIG_BOOKS_MAX 512u /* a segment of several MB */

TestSuite(shm_open, .init = set_up, .fini = tear_down);

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
    cr_assert_eq(segment_layout_size(&(struct segment_layout){ 4, BOOKS_DEPTH, 2, 2, 2, 2, 16, 1 }, &size), 0);
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

/* As it is left by a daemon killed between the two indices of a book. */
static void listed_put_back(const struct segment_map *map, uint32_t slot)
{
    const struct hoga_abi_region *region = &map->region[HOGA_REGION_NEWEST];
    uint64_t number = reader_book_newest(map, slot) - 1;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    cr_assert_eq(pwrite(fd, &number, sizeof number, (off_t)(region->offset + slot * region->stride)),
                 (ssize_t)sizeof number);
    (void)close(fd);
}

Test(shm_open, an_update_that_only_the_ring_names_is_shown_by_the_next_daemon)
{
    struct hoga_abi_book_head head;
    struct segment_map map;
    struct writer *w = writer_new(4);
    uint32_t slot;

    cr_assert_eq(writer_slot_get(w, "upbit", "KRW-BTC", 1, &slot), 0);
    books_publish(w, slot, 5);
    books_publish(w, slot, 6);
    writer_ready(w, 5);
    cr_assert_eq(map_open(&map), 0);
    w = writer_close(w);

    listed_put_back(&map, slot);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.n_applied, 5, "the update before is whole");
    w = writer_new(4);
    cr_assert_eq(writer_was_adopted(w), 1);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.n_applied, 6);
    books_publish(w, slot, 7);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.n_applied, 7);
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
static void leave_wakes(void)
{
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(unlink(beside(".wake")), 0);
    cr_assert_eq(symlink("/etc/passwd", beside(".wake")), 0);
    cr_assert_eq(symlink("/etc/passwd", beside(".new")), 0);
}

Test(shm_open, whatever_is_in_the_way_is_replaced)
{
    void (*const leave[])(void) = { leave_garbage,      leave_zeros, leave_short,    leave_bad_number, leave_bad_newest,
                                    leave_counter_name, leave_state, leave_writable, leave_link,       leave_wakes };

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
    cr_assert_not_null(strstr(problem.remedy, "make its folder"));
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    options = books_options(long_path, 4);
    cr_assert_eq(writer_open(&options, &w, &problem), -ENAMETOOLONG);
    options = books_options(path, 4);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EEXIST);
    cr_assert_eq(rmdir(path), 0);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EEXIST);
    cr_assert_eq(unlink(path), 0);
    cr_assert_neq(access(beside(".lock"), F_OK), 0, "nothing is left behind");
    cr_assert_eq(mkfifo(beside(".lock"), 0600), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EACCES);
    cr_assert_eq(unlink(beside(".lock")), 0);
    cr_assert_eq(mkdir(beside(".wake.d"), 0700), 0);
    (void)unlink(beside(".wake"));
    cr_assert_eq(mkdir(beside(".wake"), 0700), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EACCES);
    cr_assert_null(w);
}

/* A file system of 64 KiB, in a mount namespace of its own. */
static void child_no_space(void)
{
    struct writer_options options = books_options(path, 64);
    struct writer *w = NULL;

    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=64k") < 0)
        child_exit(77);
    if (writer_open(&options, &w, &problem) != -ENOSPC || strstr(problem.why, "no space") == NULL)
        child_exit(8);
    if (access(beside(".new"), F_OK) == 0 || access(path, F_OK) == 0)
        child_exit(7);
}

Test(shm_open, no_space_is_said_in_words)
{
    int status = child_status(child_no_space);

    if (WEXITSTATUS(status) == 77)
        cr_skip_test("may not mount here");
    cr_assert_eq(status, 0, "status %x", status);
}

/* Files may grow to `size` bytes and no further: EFBIG where a full disk says ENOSPC. Returns writer_open's answer. */
static int open_limited(uint64_t size)
{
    struct writer_options options = books_options(path, 64);
    struct writer *w = NULL;
    struct rlimit limit;
    int r;

    (void)signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
        child_exit(77);
    limit.rlim_cur = size;
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        child_exit(77);
    problem.why[0] = '\0';
    r = writer_open(&options, &w, &problem);
    limit.rlim_cur = limit.rlim_max; /* counts of coverage are files, too */
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    if (r >= 0 || problem.why[0] == '\0' || access(path, F_OK) == 0 || access(beside(".new"), F_OK) == 0)
        child_exit(9);
    return r;
}

static void child_no_lock(void)
{
    child_exit(open_limited(0) == -EFBIG && strstr(problem.what, ".lock") != NULL ? 0 : 8);
}

static void child_no_wake(void)
{
    child_exit(open_limited(100) == -EFBIG && strstr(problem.what, ".wake") != NULL ? 0 : 8);
}

static void child_no_file(void)
{
    child_exit(open_limited(HOGA_PAGE_SIZE) == -EFBIG && strcmp(problem.what, path) == 0 ? 0 : 8);
}

/* Neither the file that is there nor a new one can be mapped; the one that is there stays as it is. */
static void child_no_memory(void)
{
    struct writer_options options = books_options(path, BIG_BOOKS_MAX);
    struct writer *w = NULL;
    unsigned long n_pages = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    struct rlimit limit;

#ifdef SEQLOCK_SANITIZED /* a sanitizer's own mappings would be refused first */
    child_exit(0);
#endif
    if (statm == NULL || fscanf(statm, "%lu", &n_pages) != 1)
        child_exit(77);
    (void)fclose(statm);
    limit.rlim_cur = limit.rlim_max = n_pages * HOGA_PAGE_SIZE + (1 << 20);
    if (setrlimit(RLIMIT_AS, &limit) < 0)
        child_exit(77);
    if (writer_open(&options, &w, &problem) != -ENOMEM || problem.why[0] == '\0')
        child_exit(8);
    child_exit(access(beside(".new"), F_OK) != 0 && access(path, F_OK) == 0 ? 0 : 7);
}

Test(shm_open, what_the_system_refuses_is_said_and_leaves_nothing_behind)
{
    struct writer_options options = books_options(path, 4);
    struct writer *w = NULL;

    cr_assert_eq(child_status(child_no_lock), 0);
    cr_assert_eq(child_status(child_no_wake), 0);
    cr_assert_eq(child_status(child_no_file), 0);
    cr_assert_eq(mkdir(beside(".new"), 0700), 0);
    cr_assert_eq(writer_open(&options, &w, &problem), -EEXIST);
    cr_assert_not_null(strstr(problem.what, ".new"));
    cr_assert_eq(rmdir(beside(".new")), 0);
    w = writer_close(writer_new(BIG_BOOKS_MAX));
    cr_assert_eq(child_status(child_no_memory), 0);
    w = writer_new(BIG_BOOKS_MAX);
    cr_assert_eq(writer_was_adopted(w), 1);
    w = writer_close(w);
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
        child_exit(9);
    if (mprotect((void *)(uintptr_t)map.base, map.size, PROT_READ | PROT_WRITE) == 0 || errno != EACCES)
        child_exit(8);
    *(uint8_t *)(uintptr_t)map.base = 1;
}

static void child_outside(void)
{
    if (setgid(OUTSIDER) < 0 || setuid(OUTSIDER) < 0)
        child_exit(9);
    if (open(path, O_RDONLY) >= 0 || errno != EACCES || open(beside(".lock"), O_RDONLY) >= 0)
        child_exit(8);
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
