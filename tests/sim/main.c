/* SPDX-License-Identifier: MIT */
#include "ca.h"
#include "control.h"
#include "fault.h"
#include "judge.h"
#include "feed.h"
#include "options.h"
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PT_BUFFER_SIZE 65536
#define FD_LIMIT       512

int64_t sim_now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t sim_wall_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sim_end(struct sim *s)
{
    s->is_ending = true;
    lws_cancel_service(s->lws);
}

static int sim_refuse(const char *what, const char *why, const char *remedy)
{
    (void)fprintf(stderr, "hoga-sim: %s: %s: %s\n", what, why, remedy);
    return -1;
}

static int sim_add_market(struct sim *s, const char *symbol, size_t n_history)
{
    struct market_profile profile;
    struct market *m = &s->markets.at[s->markets.n];

    if (s->dialect->market_profile(symbol, &profile) < 0)
        return sim_refuse(symbol, "no symbol of this exchange", "write it as the exchange does, as in KRW-BTC");
    if (market_by_symbol(&s->markets, symbol, strlen(symbol)) != NULL)
        return 0;
    if (market_init(m, symbol, &profile, s->options->seed, s->options->is_sealed, n_history) < 0)
        return sim_refuse(symbol, "out of memory", "name fewer symbols");
    s->markets.n++;
    (void)market_step(m, sim_wall_ms());
    return 0;
}

static int sim_make_markets(struct sim *s)
{
    const char *names = s->options->symbols != NULL ? s->options->symbols : s->dialect->symbols_default;
    size_t n = 1, n_history;
    char *copy, *rest = NULL;
    int r = 0;

    for (const char *at = names; *at != '\0'; at++)
        n += *at == ',';
    if (n > MARKETS_MAX)
        return sim_refuse("--symbols", "too many", "2048 are the most");
    n_history = MARKET_HISTORY_SIZE / sizeof(struct book) / n;
    n_history = n_history > MARKET_HISTORY_MAX ? MARKET_HISTORY_MAX : n_history;
    s->markets.at = calloc(n, sizeof(*s->markets.at));
    copy = strdup(names);
    if (s->markets.at == NULL || copy == NULL)
        r = sim_refuse("--symbols", "out of memory", "name fewer symbols");
    for (char *name = r < 0 ? NULL : strtok_r(copy, ",", &rest); name != NULL && r == 0;
         name = strtok_r(NULL, ",", &rest))
        r = sim_add_market(s, name, n_history);
    free(copy);
    if (r == 0 && s->markets.n == 0)
        r = sim_refuse("--symbols", "none named", "name at least one, as in KRW-BTC");
    return r;
}

/* The loop, and one vhost whose only use is to hold protocols and TLS: the listening socket is ours (listen.c). */
static int sim_make_loop(struct sim *s, const struct ca *ca)
{
    struct lws_context_creation_info info = { .port = CONTEXT_PORT_NO_LISTEN_SERVER,
                                              .protocols = sim_protocols,
                                              .gid = (gid_t)-1,
                                              .uid = (uid_t)-1,
                                              .user = s,
                                              .pt_serv_buf_size = PT_BUFFER_SIZE,
                                              .fd_limit_per_thread = FD_LIMIT,
                                              .vhost_name = "sim" };

    lws_set_log_level(0, NULL);
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    if (s->options->is_tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.server_ssl_cert_mem = ca->certificate;
        info.server_ssl_cert_mem_len = (unsigned)strlen(ca->certificate) + 1;
        info.server_ssl_private_key_mem = ca->key;
        info.server_ssl_private_key_mem_len = (unsigned)strlen(ca->key) + 1;
    }
    s->lws = lws_create_context(&info);
    if (s->lws != NULL)
        s->vhost = lws_create_vhost(s->lws, &info);
    if (s->vhost == NULL)
        return sim_refuse("libwebsockets", "no context", "is there memory, are descriptors left?");
    return 0;
}

static int sim_take_signals(struct sim *s)
{
    sigset_t set;
    int fd;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0 || sim_adopt_file(s, fd, "signal") < 0)
        return sim_refuse("signalfd", strerror(errno), "cannot go on");
    return 0;
}

/* The authority's certificate as a file for clients; `path` is empty until there is one to take away. */
static int sim_write_ca(const struct sim *s, const struct ca *ca, char path[SIM_PATH_SIZE])
{
    const char *folder = getenv("TMPDIR");
    size_t n = strlen(ca->authority);
    ssize_t written;
    int fd;

    if (s->options->ca_out != NULL)
        (void)snprintf(path, SIM_PATH_SIZE, "%s", s->options->ca_out);
    else
        (void)snprintf(path, SIM_PATH_SIZE, "%s/hoga-sim-ca-XXXXXX", folder != NULL ? folder : "/tmp");
    fd = s->options->ca_out != NULL ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : mkstemp(path);
    if (fd < 0) {
        (void)sim_refuse(path, strerror(errno), "name another file with --ca-out");
        path[0] = '\0';
        return -1;
    }
    (void)fchmod(fd, 0644);
    written = write(fd, ca->authority, n);
    (void)close(fd);
    return written == (ssize_t)n ? 0 : sim_refuse(path, "not written", "is there space?");
}

static int sim_open(struct sim *s, struct ca *ca, char ca_path[SIM_PATH_SIZE])
{
    char error[FAULT_ERROR_SIZE];

    if (sim_make_markets(s) < 0)
        return -1;
    if (s->options->replay != NULL && replay_open(s, s->options->replay) < 0)
        return -1;
    if (s->options->is_tls && ca_make(ca) < 0)
        return sim_refuse("--tls", "no certificate could be made", "is OpenSSL whole?");
    if (sim_make_loop(s, ca) < 0 || sim_take_signals(s) < 0)
        return -1;
    if (s->options->fault != NULL && fault_add(s, s->options->fault, error) < 0)
        return sim_refuse("--fault", error, "see FAULTS in hoga-sim(1)");
    if (s->options->is_tls && sim_write_ca(s, ca, ca_path) < 0)
        return -1;
    return s->options->control != NULL ? control_open(s, s->options->control) : 0;
}

/* Returns: 0; 1 nobody reads our words any more: end quietly; -1. */
static int sim_announce(struct sim *s, const char *ca_path)
{
    char host[64];
    uint16_t port = 0;

    if (sim_listen(s, host, &port) < 0)
        return -1;
    (void)printf("listening %s://%s:%u%s\n", s->options->is_tls ? "wss" : "ws", host, (unsigned)port, s->dialect->path);
    if (s->options->is_tls)
        (void)printf("ca %s\n", ca_path);
    if (s->options->control != NULL)
        (void)printf("control %s\n", s->options->control);
    return fflush(stdout) == 0 ? 0 : 1;
}

static void sim_done(struct sim *s, const char *ca_path)
{
    control_close(s);
    if (s->lws != NULL)
        lws_context_destroy(s->lws);
    if (ca_path[0] != '\0')
        (void)unlink(ca_path);
    fault_done(s);
    replay_close(s);
    for (size_t i = 0; i < s->markets.n; i++)
        market_done(&s->markets.at[i]);
    free(s->markets.at);
    free(s->judge);
    free(s);
}

int main(int argc, char **argv)
{
    struct sim_options options;
    char ca_path[SIM_PATH_SIZE] = "";
    struct ca ca;
    struct sim *s;
    int r = options_parse(argc, argv, &options);

    if (r != 0)
        return r < 0 ? 2 : 0;
    s = calloc(1, sizeof(*s));
    if (s == NULL)
        return 1;
    s->options = &options;
    s->judge = judge_new();
    if (s->judge == NULL)
        return 1;
    s->dialect = dialect_find(options.venue);
    s->limits = s->dialect->limits;
    s->limits.idle_ms = options.idle_ms > 0 ? options.idle_ms : s->limits.idle_ms;
    s->started_us = sim_now_us();
    r = sim_open(s, &ca, ca_path);
    if (r == 0)
        r = sim_announce(s, ca_path);
    if (r == 0 && feed_start(s) < 0)
        r = sim_refuse("--rate", "no timer", "are descriptors left?");
    while (r == 0 && !s->is_ending)
        (void)lws_service(s->lws, 0);
    sim_done(s, ca_path);
    return r < 0 ? 1 : 0;
}
