/* SPDX-License-Identifier: MIT
 * bench_road.c - frame readable on the socket to book published, over ws and wss: hogad itself against a bare epoll
 * receiver (bench_bare.c) that does the same decoding and publishing with nothing around it. This process is the
 * exchange and the spinning reader of both; frames go to them in turn. CPU is the kernel's own count of the receiver's
 * run time (/proc/PID/schedstat). Run from the build directory's root or with HOGA_BUILD set. */
#include "bench.h"
#include "exchange.h"

#include "shm/reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAMES_PER_ROUND 1500
#define ROUNDS           5
#define GAP_NS           500000 /* between frames, each receiver gets every other one: 1,000 a second */
#define GIVE_UP_NS       3000000000

/* One receiver under test. */
struct target {
    const char *name;
    pid_t pid;
    struct bench_socket *socket;
    struct segment_map map;
    char segment[300];
    int64_t latency_ns[ROUNDS * FRAMES_PER_ROUND];
    size_t n;
    int64_t cpu_ns;
    uint64_t sequence;
};

static int64_t cpu_ns(pid_t pid)
{
    char path[64], text[64] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    (void)!read(fd, text, sizeof text - 1);
    (void)close(fd);
    return strtoll(text, NULL, 10);
}

static pid_t spawn(const char *const *arguments)
{
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (!getenv("BENCH_VERBOSE"))
            (void)dup2(null, 2);
        (void)execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    return pid;
}

static int write_config(const char *path, const char *url, const char *ca)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return -1;
    /* No instrument list: nothing but the feed comes to the listener. */
    fprintf(file, "[daemon]\ncatalogue_s = 0\n\n[upbit]\nurl = %s\nsymbols = KRW-BTC\n", url);
    if (ca)
        fprintf(file, "ca_file = %s\n", ca);
    return fclose(file);
}

/* Wait until the target has published slot 0 and map its segment. */
static int target_map(struct target *t)
{
    int64_t begin = now_ns();
    struct segment_problem problem;

    for (;;) {
        int fd = open(t->segment, O_RDONLY | O_CLOEXEC);
        int r = fd < 0 ? -1 : segment_map_reader(fd, &t->map, &problem);
        if (fd >= 0)
            (void)close(fd);
        if (r == 0)
            return 0;
        if (now_ns() - begin > GIVE_UP_NS)
            return -1;
    }
}

/* Send one frame and spin until the book moves. */
static int target_send(struct target *t, int is_kept)
{
    char frame[BENCH_FRAME_SIZE_MAX];
    size_t size = bench_frame(frame, ++t->sequence);
    uint64_t newest = reader_book_newest(&t->map, 0);
    int64_t sent = now_ns();

    if (bench_socket_send(t->socket, frame, size) < 0)
        return -1;
    while (reader_book_newest(&t->map, 0) == newest) {
        if (now_ns() - sent > GIVE_UP_NS)
            return -1;
    }
    if (is_kept)
        t->latency_ns[t->n++] = now_ns() - sent;
    return 0;
}

static int run_rounds(struct target *targets)
{
    int64_t next = now_ns();

    for (int round = -1; round < ROUNDS; round++) { /* the first warms up */
        int64_t before[2] = { cpu_ns(targets[0].pid), cpu_ns(targets[1].pid) };
        for (int i = 0; i < 2 * FRAMES_PER_ROUND; i++) {
            next += GAP_NS;
            while (now_ns() < next)
                ;
            if (target_send(&targets[i % 2], round >= 0) < 0)
                return -1;
        }
        for (int i = 0; i < 2 && round >= 0; i++)
            targets[i].cpu_ns += cpu_ns(targets[i].pid) - before[i];
    }
    return 0;
}

static void report(struct target *targets, int is_tls)
{
    struct utsname host;
    double p50[2], cpu[2];

    (void)uname(&host);
    for (int i = 0; i < 2; i++) {
        struct target *t = &targets[i];
        qsort(t->latency_ns, t->n, sizeof *t->latency_ns, compare_int64);
        p50[i] = (double)t->latency_ns[t->n / 2];
        cpu[i] = (double)t->cpu_ns / (double)t->n;
        printf("{\"bench\":\"road_%s_%s\",\"n\":%zu,\"p50_ns\":%" PRId64 ",\"p99_ns\":%" PRId64
               ",\"cpu_ns_per_frame\":%.0f,\"host\":\"%s\"}\n",
               is_tls ? "wss" : "ws", t->name, t->n, t->latency_ns[t->n / 2], t->latency_ns[t->n * 99 / 100], cpu[i],
               host.nodename);
    }
    printf("{\"bench\":\"road_%s_ratio\",\"p50_ratio\":%.3f,\"goal_p50_ratio\":1.15,\"cpu_ratio\":%.3f,"
           "\"goal_cpu_ratio\":1.2}\n",
           is_tls ? "wss" : "ws", p50[0] / p50[1], cpu[0] / cpu[1]);
}

static void target_stop(struct target *t)
{
    if (t->pid > 0) {
        (void)kill(t->pid, SIGTERM);
        (void)waitpid(t->pid, NULL, 0);
    }
    t->socket = bench_socket_free(t->socket);
    segment_unmap(&t->map);
}

static int bench(const char *build, const char *folder, int is_tls)
{
    static struct target targets[2];
    char url[200], config[300], ca[300], hogad[500], bare[500];
    struct bench_listener *listener;
    int failed = 1;

    memset(targets, 0, sizeof targets);
    (void)snprintf(config, sizeof config, "%s/hoga.conf", folder);
    (void)snprintf(ca, sizeof ca, "%s/ca.pem", folder);
    (void)snprintf(hogad, sizeof hogad, "%s/hogad", build);
    (void)snprintf(bare, sizeof bare, "%s/tests/bench/bench_bare", build);
    if (bench_listen(&listener, is_tls ? ca : NULL, url, sizeof url) < 0 ||
        write_config(config, url, is_tls ? ca : NULL) < 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        struct target *t = &targets[i];
        t->name = i == 0 ? "hogad" : "bare_epoll";
        (void)snprintf(t->segment, sizeof t->segment, "%s/%s-%d.books", folder, t->name, is_tls);
        const char *ours[] = { hogad, "-c", config, "--segment", t->segment, NULL };
        const char *peer[] = { bare, url, t->segment, is_tls ? ca : NULL, NULL };
        t->pid = spawn(i == 0 ? ours : peer);
        t->socket = bench_accept(listener);
        if (!t->socket || target_map(t) < 0)
            fprintf(stderr, "bench_road: %s: cannot be started: build it, or set HOGA_BUILD\n", t->name);
    }
    if (targets[0].socket && targets[1].socket)
        failed = run_rounds(targets) < 0;
    if (!failed)
        report(targets, is_tls);
    for (int i = 0; i < 2; i++)
        target_stop(&targets[i]);
    listener = bench_listener_free(listener);
    return failed;
}

int main(void)
{
    const char *build = getenv("HOGA_BUILD") ? getenv("HOGA_BUILD") : ".";
    char folder[] = "/tmp/hoga-bench-XXXXXX", command[64];

    (void)signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder))
        return 1;
    int failed = bench(build, folder, 0) | bench(build, folder, 1);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)!system(command);
    return failed;
}
