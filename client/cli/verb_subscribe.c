/* SPDX-License-Identifier: MIT
 * hoga subscribe: has hogad carry books for as long as it runs, or until the daemon's restart; hoga unsubscribe ends
 * the latter. What goes away with hogad is asked for again as soon as it is back. */
#include "doc.h"
#include "live.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAMES_PER_REQUEST 32
#define AGAIN_NS          500000000 /* between two attempts while hogad is away */
#define NS_PER_S          1000000000ll

static char *request_make(const char *verb, int n, char **names)
{
    cJSON *request = cJSON_CreateObject(), *list;
    char *line;

    (void)cJSON_AddStringToObject(request, "verb", verb);
    (void)cJSON_AddTrueToObject(request, "keep");
    list = cJSON_AddArrayToObject(request, "names");
    for (int i = 0; i < n; i++)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(names[i]));
    line = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return line;
}

/* On the operators' socket; all of it, or what comes before the first that is refused. */
static int admin_ask(struct cli *c, const char *verb, int n_names, char **names)
{
    struct hoga_problem problem = { 0 };
    int fd, r = 0;

    if (cli_control(c, 1, &fd) != CLI_FINE)
        return CLI_PROBLEM;
    for (int at = 0; r == 0 && at < n_names; at += NAMES_PER_REQUEST) {
        int n = n_names - at < NAMES_PER_REQUEST ? n_names - at : NAMES_PER_REQUEST;
        char *line = request_make(verb, n, names + at);

        r = line ? hoga_control_ask(fd, line, CLI_CONTROL_NS, NULL, &problem) : -ENOMEM;
        free(line);
    }
    (void)close(fd);
    return r < 0 ? cli_fail_problem(&problem) : CLI_FINE;
}

/* A line for each, or one document: {"schema":1,"answer":{"ok":true,"books":[...]}}. */
static void print_all(const struct cli *c, int n_names, char **names, const char *words)
{
    if (c->is_json) {
        cJSON *document = cJSON_CreateObject(), *answer, *books;

        (void)cJSON_AddNumberToObject(document, "schema", 1);
        answer = cJSON_AddObjectToObject(document, "answer");
        (void)cJSON_AddTrueToObject(answer, "ok");
        books = cJSON_AddArrayToObject(answer, "books");
        for (int i = 0; i < n_names; i++)
            (void)cJSON_AddItemToArray(books, cJSON_CreateString(names[i]));
        (void)doc_print(document);
        return;
    }
    for (int i = 0; i < n_names; i++)
        printf("%s: %s\n", names[i], words);
    (void)cli_flush();
}

/* Until the deadline, or until hogad has gone. Returns: true it has gone. */
static bool rest(int fd, int64_t deadline_ns)
{
    int64_t left_ns = deadline_ns == INT64_MAX ? INT64_MAX : deadline_ns - text_now_boot_ns();
    struct timespec left = { left_ns / NS_PER_S, left_ns % NS_PER_S };
    struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };
    int n;

    if (left_ns <= 0)
        return false;
    live_rest_begin();
    n = ppoll(&pfd, 1, left_ns == INT64_MAX ? NULL : &left, NULL);
    live_rest_end();
    return n > 0;
}

/* Returns: 0 held again, else the deadline has passed. */
static int hold_again(struct cli *c, int n_names, char **names, int64_t deadline_ns, int *io_fd)
{
    while (hoga_subscribe(c->h, (const char *const *)names, (size_t)n_names, CLI_CONTROL_NS, io_fd, NULL) < 0) {
        int64_t now_ns = text_now_boot_ns();

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        live_pause_until(deadline_ns - now_ns < AGAIN_NS ? deadline_ns : now_ns + AGAIN_NS);
    }
    return 0;
}

static int hold(struct cli *c, int n_names, char **names)
{
    int64_t deadline_ns = c->for_s >= 0 ? text_now_boot_ns() + c->for_s * NS_PER_S : INT64_MAX;
    struct hoga_problem problem = { 0 };
    int fd = -1;

    if (cli_open(c) != CLI_FINE)
        return CLI_PROBLEM;
    if (hoga_subscribe(c->h, (const char *const *)names, (size_t)n_names, CLI_CONTROL_NS, &fd, &problem) < 0)
        return cli_fail_problem(&problem);
    live_begin(false);
    print_all(c, n_names, names, c->for_s >= 0 ? _("held") : _("held until Ctrl+C"));
    while (rest(fd, deadline_ns)) {
        (void)cli_fail("hogad", _("has gone"), _("the books are asked for again when it is back"));
        if (hold_again(c, n_names, names, deadline_ns, &fd) < 0)
            break;
        print_all(c, n_names, names, _("held again"));
    }
    live_end();
    (void)close(fd);
    return CLI_FINE;
}

int verb_subscribe(struct cli *c, int n_arguments, char **arguments)
{
    if (!c->is_keep)
        return hold(c, n_arguments, arguments);
    if (c->for_s >= 0)
        return cli_fail_usage(c, "--for", _("does not go with --keep"));
    if (admin_ask(c, "subscribe", n_arguments, arguments) != CLI_FINE)
        return CLI_PROBLEM;
    print_all(c, n_arguments, arguments, _("held until hogad restarts, or `hoga unsubscribe'"));
    return CLI_FINE;
}

int verb_unsubscribe(struct cli *c, int n_arguments, char **arguments)
{
    if (admin_ask(c, "unsubscribe", n_arguments, arguments) != CLI_FINE)
        return CLI_PROBLEM;
    print_all(c, n_arguments, arguments, _("no longer held"));
    return CLI_FINE;
}
