/* SPDX-License-Identifier: MIT
 * segment_path.c - where the segment is: the one rule of the daemon's side, and the user's own path for both. */
#include "segment.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700

static int path_set(char ret_path[SEGMENT_PATH_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));

static int path_set(char ret_path[SEGMENT_PATH_SIZE], const char *format, ...)
{
    char path[SEGMENT_PATH_SIZE];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof path)
        return -ENAMETOOLONG;
    memcpy(ret_path, path, (size_t)n + 1);
    return 0;
}

/* An environment variable that says something, or NULL. */
static const char *env_word(const char *name)
{
    const char *word = getenv(name);

    return word != NULL && word[0] != '\0' ? word : NULL;
}

/* /dev/shm is everybody's: a folder there could have been made by anybody, with anybody's books in it.
 * Returns: 0 ours, -ENOENT absent, -EPERM. */
static int folder_check(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? -ENOENT : -EPERM;
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 07777) != FOLDER_MODE)
        return -EPERM;
    return 0;
}

/* The folder of the user's own segments, without "/main/books". Returns: 1 it is the one in /dev/shm, 0, -errno. */
static int user_folder(char ret_path[SEGMENT_PATH_SIZE])
{
    const char *runtime = env_word("XDG_RUNTIME_DIR");
    int r;

    /* The XDG base directory specification has relative paths ignored. */
    if (runtime != NULL && runtime[0] == '/')
        return path_set(ret_path, "%s/hoga", runtime);
    r = path_set(ret_path, "/dev/shm/hoga-%lu", (unsigned long)geteuid());
    return r < 0 ? r : 1;
}

int segment_path_user(char ret_path[SEGMENT_PATH_SIZE])
{
    char folder[SEGMENT_PATH_SIZE];
    int is_public = user_folder(folder);
    int r;

    if (is_public < 0)
        return is_public;
    r = path_set(ret_path, "%s/main/books", folder);
    if (r < 0)
        return r;
    return is_public && folder_check(folder) == -EPERM ? -EPERM : 0;
}

static int folder_make(const char *path, struct segment_problem *ret_problem)
{
    if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
        return segment_problem_errno(ret_problem, -errno, path, "cannot make the folder");
    return 0;
}

/* The user's own path with its missing folders made. */
static int path_user_make(char ret_path[SEGMENT_PATH_SIZE], struct segment_problem *ret_problem)
{
    char folder[SEGMENT_PATH_SIZE], instance[SEGMENT_PATH_SIZE], path[SEGMENT_PATH_SIZE];
    int is_public = user_folder(folder);
    int r;

    if (is_public < 0 || path_set(instance, "%s/main", folder) < 0 || path_set(path, "%s/books", instance) < 0)
        return segment_problem_set(ret_problem, -ENAMETOOLONG, "XDG_RUNTIME_DIR", "say where with --segment",
                                   "the path is longer than %d bytes", SEGMENT_PATH_SIZE - 1);
    r = folder_make(folder, ret_problem);
    if (r < 0)
        return r;
    if (is_public && folder_check(folder) < 0) /* after making it: a mode that the umask cut, or somebody else's */
        return segment_problem_set(ret_problem, -EPERM, folder, "remove it, or say where with --segment",
                                   "the folder is not ours alone (owner %lu, mode 0700)", (unsigned long)geteuid());
    r = folder_make(instance, ret_problem);
    if (r < 0)
        return r;
    memcpy(ret_path, path, sizeof path);
    return 0;
}

int segment_path_daemon(const char *explicit_path, int may_default, char ret_path[SEGMENT_PATH_SIZE],
                        struct segment_problem *ret_problem)
{
    const char *path = explicit_path != NULL && explicit_path[0] != '\0' ? explicit_path : env_word("HOGA_SEGMENT");
    const char *runtime = env_word("RUNTIME_DIRECTORY");
    int r;

    if (path == NULL && !may_default)
        return segment_problem_set(ret_problem, -ENOENT, "segment", "say where with --segment or HOGA_SEGMENT",
                                   "books that are not the market's have no default path");
    if (path != NULL)
        r = path_set(ret_path, "%s", path);
    else if (runtime != NULL) /* systemd.exec(5): several folders are separated by colons; the first is ours */
        r = path_set(ret_path, "%.*s/books", (int)strcspn(runtime, ":"), runtime);
    else
        return path_user_make(ret_path, ret_problem);
    if (r < 0)
        return segment_problem_set(ret_problem, r, "segment", "choose a shorter path",
                                   "the path is longer than %d bytes", SEGMENT_PATH_SIZE - 1);
    return 0;
}
