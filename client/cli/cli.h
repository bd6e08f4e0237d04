/* SPDX-License-Identifier: MIT
 * cli.h - what every verb of `hoga` shares: the options, the words for errors, the colours. One thread. It knows the
 * segment through <hoga/hoga.h> only, as any other program would. */
#ifndef HOGA_CLI_H
#define HOGA_CLI_H

#include <hoga/hoga.h>

#include <libintl.h>
#include <stdbool.h>
#include <stdio.h>

#define _(text)  gettext(text)
#define N_(text) text

#define CLI_DEPTH_MAX  1000u        /* levels a side; the segment cannot hold more */
#define CLI_CONTROL_NS 5000000000ll /* longest wait for one answer of hogad's */
#define CLI_TRIES_MAX  1000u        /* reads of one book that a writer may lap before the verb gives up */

enum cli_exit {
    CLI_FINE = 0,
    CLI_PROBLEM = 1,
    CLI_USAGE = 2,
    CLI_UNKNOWN = 3, /* check --nagios alone */
};

struct cli {
    const char *segment; /* NULL: the library's rule */
    const char *verb;
    struct hoga *h;
    uint32_t depth; /* 0: not said */
    uint64_t count; /* 0: not said */
    bool is_json;
    bool is_utc;
    bool is_live_only;
    bool is_nagios;
    bool is_follow;
    bool is_all;
    bool is_http;
    bool is_classic;
    bool has_colour;
    int64_t age_ms_max; /* -1: not said */
    bool is_keep;
    int64_t for_s;                      /* -1: not said */
    int64_t quiet_ms_max;               /* -1: not said */
    int64_t age_ms_warn, quiet_ms_warn; /* -1: not said */
    int64_t interval_ms;                /* 0: not said */
    const char *group;                  /* step of --group, a decimal; NULL: none */
    const char *filter;                 /* glob of stat -f; NULL: none */
    const char *fee;                    /* percent of --fee; NULL: none */
    const char *style;                  /* word of --style; NULL: auto */
};

enum paint {
    PAINT_OFF,
    PAINT_GOOD,
    PAINT_WAIT,
    PAINT_BAD,
    PAINT_DIM,
    PAINT_BOLD,
    PAINT_ASK,
    PAINT_BID,
    PAINT_ALARM,   /* a band that cannot be overlooked: this book is not live */
    PAINT_PRETEND, /* a band for numbers that are not the market's */
};

/* The escape sequence, or "" where colour is off. */
const char *cli_paint(const struct cli *c, enum paint paint);
enum paint cli_paint_state(unsigned state);
/* The reason in the reader's language, "" for none. */
const char *cli_reason_sentence(unsigned reason);
/* Simulated, replayed, or of a kind that this program does not know. */
bool cli_is_pretend(unsigned source);

/* `hoga: what: why: remedy` on standard error, NULL and "" left out. Returns CLI_PROBLEM, CLI_USAGE. */
int cli_fail(const char *what, const char *why, const char *remedy);
/* Memory as an allocation returned it, or the end of the program in words where that is NULL. */
void *cli_memory(void *memory);
int cli_fail_usage(const struct cli *c, const char *what, const char *why);

/* Opens the segment into c->h. Returns: CLI_FINE, or CLI_PROBLEM, reported. */
int cli_open(struct cli *c);
/* Connects to hogad: *ret_fd, the caller's. Returns: CLI_FINE, or CLI_PROBLEM, reported. */
int cli_control(const struct cli *c, int is_admin, int *ret_fd);
/* A problem of the library's or of hogad's, in the reader's language. Returns CLI_PROBLEM. */
int cli_fail_problem(struct hoga_problem *problem);
/* "hogad is silent since 12 s; values are frozen" and a newline, on standard output, unless it lives. */
void cli_print_silence(const struct cli *c);
/* Flushes standard output. Returns: CLI_FINE; 1 when nobody reads any more (quiet); -1 failed, reported. */
int cli_flush(void);

/* One row of the verb table; verbs return an exit code. */
struct verb {
    const char *name;
    const char *arguments;
    int n_arguments_min;
    int n_arguments_max; /* -1: any number */
    const char *options; /* letters of its own options, see options.c */
    int (*run)(struct cli *c, int n_arguments, char **arguments);
    const char *summary;
    const char *details;
};

int verb_ls(struct cli *c, int n_arguments, char **arguments);
int verb_info(struct cli *c, int n_arguments, char **arguments);
int verb_book(struct cli *c, int n_arguments, char **arguments);
int verb_trades(struct cli *c, int n_arguments, char **arguments);
int verb_watch(struct cli *c, int n_arguments, char **arguments);
int verb_stat(struct cli *c, int n_arguments, char **arguments);
int verb_ladder(struct cli *c, int n_arguments, char **arguments);
int verb_check(struct cli *c, int n_arguments, char **arguments);
int verb_subscribe(struct cli *c, int n_arguments, char **arguments);
int verb_unsubscribe(struct cli *c, int n_arguments, char **arguments);
int verb_reload(struct cli *c, int n_arguments, char **arguments);
int verb_reconnect(struct cli *c, int n_arguments, char **arguments);
int verb_log_level(struct cli *c, int n_arguments, char **arguments);
int verb_top(struct cli *c, int n_arguments, char **arguments);
int verb_metrics(struct cli *c, int n_arguments, char **arguments);
int verb_doctor(struct cli *c, int n_arguments, char **arguments);

#endif
