/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include "live.h"

#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cli_paint(const struct cli *c, enum paint paint)
{
    /* The sixteen colours that every terminal lets its owner choose. Asks blue and bids red, as Korean order books
     * are; a state is told by its word and only underlined by its colour. */
    static const char *const sequences[] = {
        [PAINT_OFF] = "\033[0m",           [PAINT_GOOD] = "\033[32m", [PAINT_WAIT] = "\033[33m",
        [PAINT_BAD] = "\033[1;31m",        [PAINT_DIM] = "\033[2m",   [PAINT_BOLD] = "\033[1m",
        [PAINT_ASK] = "\033[94m",          [PAINT_BID] = "\033[91m",  [PAINT_ALARM] = "\033[1;37;41m",
        [PAINT_PRETEND] = "\033[1;30;43m",
    };

    return c->has_colour ? sequences[paint] : "";
}

enum paint cli_paint_state(unsigned state)
{
    switch (state) {
    case HOGA_LIVE:
        return PAINT_GOOD;
    case HOGA_EMPTY:
    case HOGA_SYNCING:
    case HOGA_STALE:
    case HOGA_LAGGING:
    case HOGA_HALTED:
        return PAINT_WAIT;
    }
    return PAINT_BAD;
}

const char *cli_reason_sentence(unsigned reason)
{
    const char *sentence = hoga_reason_sentence(reason);

    return sentence[0] ? gettext(sentence) : ""; /* gettext("") is the catalogue's own head */
}

bool cli_is_pretend(unsigned source)
{
    const char *word = hoga_source_word(source);

    return strcmp(word, "exchange") != 0 && strcmp(word, "unknown") != 0;
}

int cli_fail(const char *what, const char *why, const char *remedy)
{
    (void)cli_flush(); /* so that on a terminal the words come in the order they were said */
    fputs("hoga", stderr);
    if (what && what[0])
        fprintf(stderr, ": %s", what);
    if (why && why[0])
        fprintf(stderr, ": %s", why);
    if (remedy && remedy[0])
        fprintf(stderr, ": %s", remedy);
    fputc('\n', stderr);
    return CLI_PROBLEM;
}

void *cli_memory(void *memory)
{
    if (!memory)
        exit(cli_fail(NULL, _("no memory"), NULL));
    return memory;
}

int cli_fail_usage(const struct cli *c, const char *what, const char *why)
{
    char hint[64];

    (void)snprintf(hint, sizeof hint, _("see `hoga help%s%s'"), c->verb ? " " : "", c->verb ? c->verb : "");
    (void)cli_fail(what, why, hint);
    return CLI_USAGE;
}

int cli_open(struct cli *c)
{
    struct hoga_problem problem = { 0 };

    return hoga_open(&c->h, c->segment, &problem) == 0 ? CLI_FINE : cli_fail_problem(&problem);
}

int cli_fail_problem(struct hoga_problem *problem)
{
    text_clean(problem->what);
    text_clean(problem->why);
    text_clean(problem->remedy);
    return cli_fail(problem->what, problem->why[0] ? gettext(problem->why) : strerror(-problem->error),
                    problem->remedy[0] ? gettext(problem->remedy) : "");
}

int cli_control(const struct cli *c, int is_admin, int *ret_fd)
{
    struct hoga_problem problem = { 0 };
    int fd = hoga_control_open(c->segment, is_admin, CLI_CONTROL_NS, &problem);

    if (fd < 0)
        return cli_fail_problem(&problem);
    *ret_fd = fd;
    return CLI_FINE;
}

void cli_print_silence(const struct cli *c)
{
    struct hoga_daemon daemon;
    char age[TEXT_AGE_SIZE];

    if (hoga_daemon(c->h, &daemon) < 0 || daemon.is_alive)
        return;
    text_age(daemon.heartbeat_age_ns, age);
    fputs(cli_paint(c, PAINT_ALARM), stdout);
    if (daemon.heartbeat_age_ns < 0)
        fputs(_("hogad has not begun to publish; values are frozen"), stdout);
    else if (daemon.is_stopped)
        printf(_("hogad was stopped %s ago; values are frozen"), age);
    else
        printf(_("hogad is silent since %s; values are frozen"), age);
    printf("%s\n", cli_paint(c, PAINT_OFF));
}

int cli_flush(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
    int error; /* -1: none */

    live_write_begin();
    errno = 0;
    error = fflush(stdout) == 0 && !ferror(stdout) ? -1 : errno;
    live_write_end();
    if (error < 0)
        return CLI_FINE;
    if (error == EPIPE || (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP))))
        return 1;
    fprintf(stderr, "hoga: %s: %s\n", _("standard output"), strerror(error ? error : EIO));
    return -1;
}
