/* SPDX-License-Identifier: MIT
 * The path rule: the daemon's side, and the user's own path for both. */
#include "shm_rig.h"

TestSuite(shm_path, .init = set_up, .fini = tear_down);

static void env_clear(void)
{
    (void)unsetenv("HOGA_SEGMENT");
    (void)unsetenv("RUNTIME_DIRECTORY");
    (void)unsetenv("XDG_RUNTIME_DIR");
}

Test(shm_path, the_daemon_finds_its_path_in_order)
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
    if (seteuid(uid) < 0)
        child_exit(9);
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
    ok = seteuid(0) == 0 && ok; /* as which counts of coverage can be written */
    child_exit(ok ? 0 : 8);
}

Test(shm_path, the_public_folder_must_be_ours_alone)
{
    if (geteuid() != 0)
        cr_skip_test("needs root, to be somebody without a folder");
    cr_assert_eq(child_status(child_public_folder), 0);
}
