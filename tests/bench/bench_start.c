/* SPDX-License-Identifier: MIT
 * bench_start.c - from exec of hogad to the first live book against hoga-sim, as a reader sees it. Run from the build
 * directory's root or with HOGA_BUILD set. The floor in the same run: exec of /bin/true and its end. */
#include "bench.h"

#include <hoga/hoga.h>

#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 15

extern char **environ;

static int64_t boot_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_BOOTTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static pid_t run(const char *const *arguments)
{
    pid_t pid = -1;

    (void)posix_spawn(&pid, arguments[0], NULL, NULL, (char *const *)(uintptr_t)arguments, environ);
    return pid;
}

static void stop(pid_t pid)
{
    int status;

    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, &status, 0);
}

/* Start hogad on a fresh segment and wait for its book to be live. */
static int64_t start_once(const char *hogad, const char *config, const char *segment)
{
    const char *arguments[] = { hogad, "-c", config, "--segment", segment, NULL };
    struct hoga_book book = { 0 };
    char spent[700];
    struct hoga *h;
    hoga_id id;
    int64_t begin = boot_ns();
    pid_t pid = run(arguments);

    if (hoga_open_wait(&h, segment, 5000000000, NULL) < 0) {
        stop(pid);
        return -1;
    }
    while (hoga_find(h, "upbit:KRW-BTC", &id) < 0 && boot_ns() - begin < 5000000000)
        (void)hoga_wait_any(h, NULL, 0, NULL, NULL, 5000000);
    while (book.state != HOGA_LIVE && boot_ns() - begin < 5000000000) {
        if (hoga_read_top(h, id, 0, &book) == 0 && book.state != HOGA_LIVE)
            (void)hoga_wait(h, id, book.update, book.state, 1000000000);
    }
    int64_t took = boot_ns() - begin;
    h = hoga_close(h);
    stop(pid);
    (void)unlink(segment);
    (void)snprintf(spent, sizeof spent, "%s.spent", segment); /* else the next keeps to a budget that this one used */
    (void)unlink(spent);
    return book.state == HOGA_LIVE ? took : -1;
}

static int64_t floor_once(void)
{
    const char *arguments[] = { "/bin/true", NULL };
    int64_t begin = boot_ns();
    int status;
    pid_t pid = run(arguments);

    (void)waitpid(pid, &status, 0);
    return boot_ns() - begin;
}

static int write_config(const char *path, const char *url)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return -1;
    fprintf(file, "[upbit]\nurl = %s\nsymbols = KRW-BTC\n", url);
    return fclose(file);
}

static FILE *start_simulator(const char *simulator, char *ret_url, size_t url_size, const char *pid_path)
{
    char command[1300];

    (void)snprintf(command, sizeof command,
                   "echo $$ > '%s'; exec '%s' --venue upbit --symbols KRW-BTC --rate 100 --lenient "
                   "--listen 127.0.0.1:0", /* fifteen daemons dial within a second; the exchange would refuse some */
                   pid_path, simulator);
    FILE *output = popen(command, "re");
    if (!output || !fgets(ret_url, (int)url_size, output))
        return NULL;
    ret_url[strcspn(ret_url, "\n")] = 0;
    if (strncmp(ret_url, "listening ", 10) != 0)
        return NULL;
    memmove(ret_url, ret_url + 10, strlen(ret_url + 10) + 1);
    return output;
}

int main(void)
{
    const char *build = getenv("HOGA_BUILD") ? getenv("HOGA_BUILD") : ".";
    char folder[] = "/tmp/hoga-bench-XXXXXX", url[512];
    char hogad[512], simulator[512], config[600], segment[600], pid_path[600];
    int64_t start_ns[ROUNDS], floor_ns[ROUNDS];
    struct utsname host;

    if (!mkdtemp(folder) || uname(&host) < 0)
        return 1;
    (void)snprintf(hogad, sizeof hogad, "%s/hogad", build);
    (void)snprintf(simulator, sizeof simulator, "%s/tests/sim/hoga-sim", build);
    (void)snprintf(config, sizeof config, "%s/hoga.conf", folder);
    (void)snprintf(segment, sizeof segment, "%s/books", folder);
    (void)snprintf(pid_path, sizeof pid_path, "%s/pid", folder);
    FILE *output = start_simulator(simulator, url, sizeof url, pid_path);
    if (!output || write_config(config, url) < 0) {
        fprintf(stderr, "bench_start: %s: cannot be started: build it, or set HOGA_BUILD\n", simulator);
        return 1;
    }
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        start_ns[i] = start_once(hogad, config, segment);
        floor_ns[i] = floor_once();
        failed |= start_ns[i] < 0;
    }
    qsort(start_ns, ROUNDS, sizeof *start_ns, compare_int64);
    qsort(floor_ns, ROUNDS, sizeof *floor_ns, compare_int64);
    printf("{\"bench\":\"start_to_live\",\"n\":%d,\"p50_ns\":%" PRId64 ",\"max_ns\":%" PRId64
           ",\"floor_exec_p50_ns\":%" PRId64 ",\"goal_ns\":150000000,\"failed\":%d,\"host\":\"%s\"}\n",
           ROUNDS, start_ns[ROUNDS / 2], start_ns[ROUNDS - 1], floor_ns[ROUNDS / 2], failed, host.nodename);
    char command[700];
    (void)snprintf(command, sizeof command, "kill $(cat '%s'); rm -rf '%s'", pid_path, folder);
    (void)!system(command);
    (void)pclose(output);
    return failed;
}
