/* SPDX-License-Identifier: MIT
 * shm_rig.h - what the tests of the segment's files share: a folder of their own, a writer and a reader there, and
 * children whose exit is the verdict. One thread. */
#ifndef HOGA_SHM_RIG_H
#define HOGA_SHM_RIG_H

#include "shm/reader.h"
#include "shm/seqlock.h"
#include "shm/writer.h"

#include "tests/stress/books.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[SEGMENT_PATH_SIZE];
static struct segment_problem problem;

static inline void set_up(void)
{
    books_folder_init(folder, path);
    problem = (struct segment_problem){ 0 };
}

static inline void tear_down(void)
{
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

static inline const char *beside(const char *suffix)
{
    static char name[SEGMENT_PATH_SIZE + 8];

    (void)snprintf(name, sizeof name, "%s%s", path, suffix);
    return name;
}

static inline struct writer *writer_new(uint32_t books_max)
{
    struct writer_options options = books_options(path, books_max);
    struct writer *w = NULL;
    int r = writer_open(&options, &w, &problem);

    cr_assert_eq(r, 0, "%d: %s: %s", r, problem.what, problem.why);
    return w;
}

static inline int map_open(struct segment_map *ret_map)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : segment_map_reader(fd, ret_map, &problem);

    if (fd >= 0)
        (void)close(fd);
    return r;
}

static inline mode_t mode_of(const char *name)
{
    struct stat st;

    cr_assert_eq(stat(name, &st), 0);
    return st.st_mode & 07777;
}

/* Where coverage is counted, _exit would lose a child's counts. */
static inline void child_exit(int code)
{
#ifdef HOGA_COVERAGE
    extern void __gcov_dump(void);

    __gcov_dump();
#endif
    _exit(code);
}

static inline int child_status(void (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        run();
        child_exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

#endif
