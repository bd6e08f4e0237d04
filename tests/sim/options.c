/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_HZ_MAX 100000
#define SPEED_MAX   1000000
#define IDLE_MS_MAX 86400000

enum option_id {
    OPT_FIRST = 256,
    OPT_VENUE,
    OPT_LISTEN,
    OPT_TLS,
    OPT_CA_OUT,
    OPT_SYMBOLS,
    OPT_SEED,
    OPT_RATE,
    OPT_LOSSLESS,
    OPT_SEALED,
    OPT_REPLAY,
    OPT_SPEED,
    OPT_ONCE,
    OPT_FAULT,
    OPT_CONTROL,
    OPT_IDLE,
    OPT_LENIENT,
    OPT_HELP,
    OPT_VERSION
};

static const struct option_row {
    const char *name;
    const char *argument; /* NULL: none */
    enum option_id id;
    const char *help;
} option_rows[] = {
    { "venue", "NAME", OPT_VENUE, "the exchange to speak as; the last line lists them" },
    { "listen", "HOST:PORT", OPT_LISTEN, "loopback only; default 127.0.0.1:0, a free port" },
    { "tls", NULL, OPT_TLS, "wss, with an authority made for this run" },
    { "ca-out", "FILE", OPT_CA_OUT, "where the authority's certificate goes; default a temporary file" },
    { "symbols", "A,B", OPT_SYMBOLS, "markets that exist; default ten of them" },
    { "seed", "N", OPT_SEED, "start of the random walk; default 1" },
    { "rate", "HZ|max", OPT_RATE, "books a second and symbol; default 10; 0 only when told; max flat out" },
    { "lossless", NULL, OPT_LOSSLESS, "wait for slow clients instead of skipping to the newest book" },
    { "sealed", NULL, OPT_SEALED, "books whose sizes carry a checksum" },
    { "replay", "FILE", OPT_REPLAY, "serve a capture (.jsonl, .jsonl.zst, -)" },
    { "speed", "max|N", OPT_SPEED, "pace of a replay; default 1" },
    { "once", NULL, OPT_ONCE, "end when the replay was sent and drained" },
    { "fault", "SCRIPT", OPT_FAULT, "faults on demand; see the man page" },
    { "control", "PATH", OPT_CONTROL, "unix socket for truth, statistics and faults" },
    { "idle", "MS", OPT_IDLE, "close silent connections after this; default the exchange's" },
    { "lenient", NULL, OPT_LENIENT, "count broken limits instead of enforcing them" },
    { "help", NULL, OPT_HELP, "this text" },
    { "version", NULL, OPT_VERSION, "the version" },
};

#define N_OPTION_ROWS (sizeof(option_rows) / sizeof(option_rows[0]))

static void options_help(void)
{
    (void)printf("usage: hoga-sim --venue NAME [OPTION...]\n\n"
                 "A pretend exchange on loopback for tests, demos and GUI work. First line: listening URL.\n\n");
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        char left[40];
        (void)snprintf(left, sizeof(left), "--%s%s%s", option_rows[i].name, option_rows[i].argument ? " " : "",
                       option_rows[i].argument ? option_rows[i].argument : "");
        (void)printf("  %-20s %s\n", left, option_rows[i].help);
    }
    (void)printf("\nvenues:");
    for (size_t i = 0; dialect_at(i) != NULL; i++)
        (void)printf(" %s", dialect_at(i)->name);
    (void)printf("\n");
}

static int option_number(const char *name, const char *text, uint64_t most, uint64_t *ret)
{
    char *end = NULL;
    uint64_t value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > most) {
        (void)fprintf(stderr, "hoga-sim: --%s %s: not a number up to %llu: see hoga-sim --help\n", name, text,
                      (unsigned long long)most);
        return -EINVAL;
    }
    *ret = value;
    return 0;
}

static int option_value(struct sim_options *o, enum option_id id, const char *name, const char *value)
{
    bool is_max = value != NULL && strcmp(value, "max") == 0;
    uint64_t number = 0;
    int r = 0;

    if (id == OPT_SEED)
        return option_number(name, value, UINT64_MAX, &o->seed);
    if (id == OPT_RATE && !is_max)
        r = option_number(name, value, RATE_HZ_MAX, &number);
    else if (id == OPT_SPEED && !is_max)
        r = option_number(name, value, SPEED_MAX, &number);
    else if (id == OPT_IDLE)
        r = option_number(name, value, IDLE_MS_MAX, &number);
    if (r < 0)
        return r;
    if (id == OPT_RATE)
        o->rate_hz = (uint32_t)number;
    if (id == OPT_RATE)
        o->is_flat_out = is_max;
    if (id == OPT_SPEED)
        o->speed = (uint32_t)number;
    if (id == OPT_IDLE)
        o->idle_ms = (uint32_t)number;
    return 0;
}

static int option_apply(struct sim_options *o, const struct option_row *row, const char *value)
{
    const struct {
        enum option_id id;
        const char **text;
        bool *flag;
    } plain[] = {
        { OPT_VENUE, &o->venue, NULL },          { OPT_LISTEN, &o->listen, NULL },
        { OPT_CA_OUT, &o->ca_out, NULL },        { OPT_SYMBOLS, &o->symbols, NULL },
        { OPT_REPLAY, &o->replay, NULL },        { OPT_FAULT, &o->fault, NULL },
        { OPT_CONTROL, &o->control, NULL },      { OPT_TLS, NULL, &o->is_tls },
        { OPT_ONCE, NULL, &o->is_once },         { OPT_SEALED, NULL, &o->is_sealed },
        { OPT_LOSSLESS, NULL, &o->is_lossless }, { OPT_LENIENT, NULL, &o->is_lenient },
    };

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (plain[i].id != row->id)
            continue;
        if (plain[i].text != NULL)
            *plain[i].text = value;
        else
            *plain[i].flag = true;
        return 0;
    }
    return option_value(o, row->id, row->name, value);
}

static int options_check(const struct sim_options *o)
{
    const char *what = NULL;

    if (o->venue == NULL)
        what = "--venue is missing: say --venue upbit";
    else if (dialect_find(o->venue) == NULL)
        what = "--venue: no dialect of that name: hoga-sim --help lists them";
    else if (o->is_once && o->replay == NULL)
        what = "--once goes with --replay: give both or neither";
    else if (o->ca_out != NULL && !o->is_tls)
        what = "--ca-out goes with --tls: give both or neither";
    if (what != NULL)
        (void)fprintf(stderr, "hoga-sim: %s\n", what);
    return what == NULL ? 0 : -EINVAL;
}

int options_parse(int argc, char **argv, struct sim_options *ret)
{
    struct option table[N_OPTION_ROWS + 1] = { 0 };
    int id, index = 0, r;

    *ret = (struct sim_options){ .listen = "127.0.0.1:0", .seed = 1, .rate_hz = 10, .speed = 1 };
    for (size_t i = 0; i < N_OPTION_ROWS; i++)
        table[i] = (struct option){ option_rows[i].name, option_rows[i].argument ? required_argument : no_argument,
                                    NULL, (int)option_rows[i].id };
    while ((id = getopt_long(argc, argv, "", table, &index)) != -1) {
        if (id == '?') {
            (void)fprintf(stderr, "hoga-sim: usage: see hoga-sim --help\n");
            return -EINVAL;
        }
        if (id == OPT_HELP) {
            options_help();
            return 1;
        }
        if (id == OPT_VERSION) {
            (void)printf("hoga-sim %s\n", HOGA_VERSION);
            return 1;
        }
        r = option_apply(ret, &option_rows[index], optarg);
        if (r < 0)
            return r;
    }
    if (optind < argc) {
        (void)fprintf(stderr, "hoga-sim: %s: not an option: see hoga-sim --help\n", argv[optind]);
        return -EINVAL;
    }
    return options_check(ret);
}
