/* SPDX-License-Identifier: MIT
 * control_listen.c - where the control sockets come from: systemd, or the folder of the segment. */
#include "core/text.h"
#include "loop/control_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define BACKLOG    64
#define ADMIN_MODE 0600

static const char *const names[CONTROL_SOCKETS] = { [CONTROL_ASK] = "ask", [CONTROL_ADMIN] = "admin" };

/* Those that the units name (FileDescriptorName=). Returns: how many. */
static int listen_passed(int ret_fds[CONTROL_SOCKETS])
{
    char **passed = NULL;
    int n = sd_listen_fds_with_names(1, &passed), n_ours = 0;

    for (int i = 0; i < n; i++) {
        int fd = SD_LISTEN_FDS_START + i, is_ours = 0;

        for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
            if (ret_fds[s] >= 0 || strcmp(passed[i], names[s]) != 0 || sd_is_socket(fd, AF_UNIX, SOCK_STREAM, 1) <= 0)
                continue;
            (void)fcntl(fd, F_SETFL, O_NONBLOCK);
            ret_fds[s] = fd;
            is_ours = 1;
            n_ours++;
        }
        if (!is_ours)
            (void)close(fd);
        free(passed[i]);
    }
    free(passed);
    return n_ours;
}

/* A path is longer than an address has room for: then by way of its folder. */
static int address_make(const char *path, struct sockaddr_un *ret, int *ret_folder)
{
    const char *slash = strrchr(path, '/');
    char folder[CONTROL_PATH_SIZE];
    int n;

    *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *ret_folder = -1;
    if (text_copy(ret->sun_path, sizeof ret->sun_path, path) == 0)
        return 0;
    if (!slash || text_copy(folder, sizeof folder, path) < 0)
        return -ENAMETOOLONG;
    folder[slash - path + 1] = '\0';
    *ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*ret_folder < 0)
        return -errno;
    n = snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d%s", *ret_folder, slash);
    if (n < 0 || (size_t)n >= sizeof ret->sun_path) {
        (void)close(*ret_folder);
        return -ENAMETOOLONG;
    }
    return 0;
}

/* What a dead daemon left goes; what is no socket is somebody's file, and stays. */
static int old_remove(const char *path)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    return unlink(path) < 0 ? -errno : 0;
}

/* Nobody can connect between bind and listen, so the mode is right before anybody can. */
static int listen_make(const char *path, uint32_t mode, int *ret_fd)
{
    struct sockaddr_un address;
    int folder = -1, fd, r = old_remove(path);

    if (r == 0)
        r = address_make(path, &address, &folder);
    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        r = -errno;
    if (r == 0 && (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0)) {
        r = -errno;
        (void)unlink(path);
    }
    if (folder >= 0)
        (void)close(folder);
    if (r < 0 && fd >= 0)
        (void)close(fd);
    if (r == 0)
        *ret_fd = fd;
    return r;
}

int control_listen(const struct control_options *options, int ret_fds[CONTROL_SOCKETS],
                   char ret_paths[CONTROL_SOCKETS][CONTROL_PATH_SIZE], char ret_problem[CONTROL_ERROR_SIZE])
{
    ret_problem[0] = '\0';
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
        ret_fds[s] = -1;
        ret_paths[s][0] = '\0';
    }
    if (listen_passed(ret_fds) > 0 || !options->path)
        return 0;
    for (unsigned s = 0; s < CONTROL_SOCKETS; s++) {
        char path[CONTROL_PATH_SIZE];
        int n = snprintf(path, sizeof path, "%s.%s", options->path, names[s]);
        int r = n < 0 || (size_t)n >= sizeof path ? -ENAMETOOLONG : 0;

        if (r == 0)
            r = listen_make(path, s == CONTROL_ASK ? options->ask_mode : ADMIN_MODE, &ret_fds[s]);
        if (r == 0)
            memcpy(ret_paths[s], path, sizeof path);
        else
            (void)snprintf(ret_problem, CONTROL_ERROR_SIZE, "%s.%s: %s", options->path, names[s], strerrordesc_np(-r));
    }
    return 0;
}
