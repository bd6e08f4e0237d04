/* SPDX-License-Identifier: MIT
 * hoga, the operator's tool: finds the verb, reads the options, runs it. What a verb does is in verb_*.c. */
#include "cli.h"
#include "doc.h"
#include "options.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct verb verbs[] = {
    { "ls", "[GLOB...]", 0, -1, "a", verb_ls, N_("the books that are carried: verdict, best prices, ages"),
      N_("GLOB is matched against venue:SYMBOL without case, or against the symbol alone where it has no colon.") },
    { "info", "NAME", 1, 1, "", verb_info, N_("all that is known of one instrument"),
      N_("NAME is venue:SYMBOL, or the symbol alone where only one venue has it.") },
    { "book", "NAME", 1, 1, "GLf", verb_book, N_("one consistent book, asks above bids"),
      N_("Shows 10 levels a side, fewer on a small terminal; JSON has them all. With -n N, N books, each after a "
         "change.") },
    { "trades", "NAME", 1, 1, "f", verb_trades, N_("the last trades, and with -f each one that follows"),
      N_("The last 20 or, with -n N, N; with -f it goes on until Ctrl+C, or until N lines. What was overwritten unread "
         "is counted.") },
    { "watch", "NAME...", 1, -1, "", verb_watch, N_("a line whenever best prices or the verdict change"),
      N_("NAME may be a glob; books that appear later join in. With -j a line whenever anything of a book changes. "
         "Ends on Ctrl+C.") },
    { "ladder", "NAME...", 1, -1, "GEY", verb_ladder, N_("full-screen order books, side by side"),
      N_("h shows the keys. -d LEVELS a side; without it as many as fit.") },
    { "stat", "", 0, 0, "Fi", verb_stat, N_("heartbeat, connections, latencies, counters"),
      N_("With -n N, N reports, one a second or every -i MS; each after the first says what was added since. With -i "
         "alone until Ctrl+C.") },
    { "top", "[GLOB...]", 0, -1, "i", verb_top, N_("full screen: books, connections, latencies, counters"),
      N_("Keys: h shows them, q leaves.") },
    { "check", "[NAME...]", 0, -1, "AQWRN", verb_check, N_("exit 0 only if what should be live is live"),
      N_("Without NAME every book must be live, and there must be one. NAME may be a glob.") },
    { "subscribe", "NAME...", 1, -1, "TK", verb_subscribe, N_("have hogad carry books for as long as this runs"),
      N_("Ends on Ctrl+C, or after --for; hogad lets the books go some time later (linger_s). With --keep they stay "
         "until hogad restarts, which needs group hoga-admin or sudo.") },
    { "unsubscribe", "NAME...", 1, -1, "", verb_unsubscribe, N_("end what `subscribe --keep' began"), "" },
    { "reload", "", 0, 0, "", verb_reload, N_("have hogad read its configuration again; says what has changed"),
      N_("Needs the operators' socket: group hoga-admin, or sudo. A wrong configuration changes nothing.") },
    { "log-level", "[LEVEL]", 0, 1, "", verb_log_level, N_("what hogad logs, until its next reload or restart"),
      N_("LEVEL is err, warn, notice, info or debug; without it the present one is printed.") },
    { "metrics", "[NAME...]", 0, -1, "HP", verb_metrics, N_("OpenMetrics text for Prometheus"),
      N_("Books have series of their own only where NAME, which may be a glob, names them; 256 of them at most, or "
         "-n.") },
    { "reconnect", "VENUE", 1, 1, "", verb_reconnect, N_("have hogad replace a connection, without losing an update"),
      N_("VENUE is a venue, all of whose connections are replaced, or the number of one. Needs group hoga-admin or "
         "sudo.") },
    { "doctor", "", 0, 0, "", verb_doctor, N_("say in words what is wrong on this host, and what to do"), "" },
};
#define N_VERBS (sizeof verbs / sizeof verbs[0])

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < N_VERBS; i++)
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    return NULL;
}

static void print_help(void)
{
    printf("%s hoga VERB [OPTION...] [NAME...]\n\n", _("Usage:"));
    puts(_("Reads live order books from hogad's shared memory. Instruments are venue:SYMBOL (upbit:KRW-BTC)."));
    puts("");
    for (size_t i = 0; i < N_VERBS; i++)
        printf("  %-11s %-10s  %s\n", verbs[i].name, verbs[i].arguments, _(verbs[i].summary));
    printf("  %-11s %-10s  %s\n\n", "help", "[VERB]", _("this text, or a verb's own"));
    options_print(NULL);
    printf("\n%s\n", _("Exit status: 0 fine, 1 a problem found and reported, 2 wrong usage. More: man hoga"));
}

static void print_verb_help(const struct verb *verb)
{
    printf("%s hoga %s [%s]%s%s\n\n%s\n", _("Usage:"), verb->name, _("OPTION..."), verb->arguments[0] ? " " : "",
           verb->arguments, _(verb->summary));
    if (verb->details[0])
        puts(_(verb->details));
    puts("");
    options_print(verb);
    options_print(NULL);
}

static int verb_unknown(const struct cli *c, const char *name)
{
    return cli_fail_usage(c, name, _("no such verb"));
}

static int run_help(const struct cli *c, int n_arguments, char **arguments)
{
    const struct verb *verb;

    if (n_arguments == 0) {
        print_help();
        return CLI_FINE;
    }
    verb = verb_find(arguments[0]);
    if (!verb)
        return verb_unknown(c, arguments[0]);
    print_verb_help(verb);
    return CLI_FINE;
}

static int run_verb(struct cli *c, const struct verb *verb, int argc, char **argv)
{
    int first, n_arguments, code;

    c->verb = verb->name;
    switch (options_parse(c, verb, argc, argv, &first)) {
    case OPTIONS_WRONG:
        return CLI_USAGE;
    case OPTIONS_HELP:
        print_verb_help(verb);
        return CLI_FINE;
    case OPTIONS_VERSION:
        printf("hoga %s\n", hoga_version());
        return CLI_FINE;
    case OPTIONS_RUN:
        break;
    }
    n_arguments = argc - first;
    if (n_arguments < verb->n_arguments_min)
        return cli_fail_usage(c, verb->name, _("needs a NAME"));
    if (verb->n_arguments_max >= 0 && n_arguments > verb->n_arguments_max)
        return cli_fail_usage(c, argv[first + verb->n_arguments_max], _("one argument too many"));
    code = verb->run(c, n_arguments, argv + first);
    c->h = hoga_close(c->h);
    return code;
}

static int run(struct cli *c, int argc, char **argv)
{
    const struct verb *verb;
    int first;

    switch (options_parse(c, NULL, argc, argv, &first)) {
    case OPTIONS_WRONG:
        return CLI_USAGE;
    case OPTIONS_HELP:
        print_help();
        return CLI_FINE;
    case OPTIONS_VERSION:
        printf("hoga %s\n", hoga_version());
        return CLI_FINE;
    case OPTIONS_RUN:
        break;
    }
    if (first == argc)
        return cli_fail_usage(c, NULL, _("a verb is missing"));
    if (strcmp(argv[first], "help") == 0)
        return run_help(c, argc - first - 1, argv + first + 1);
    verb = verb_find(argv[first]);
    if (!verb)
        return verb_unknown(c, argv[first]);
    return run_verb(c, verb, argc - first, argv + first);
}

int main(int argc, char **argv)
{
    struct cli c = { .age_ms_max = -1, .for_s = -1, .quiet_ms_max = -1, .age_ms_warn = -1, .quiet_ms_warn = -1 };
    const char *folder = getenv("HOGA_LOCALEDIR");
    int code;

    (void)setlocale(LC_ALL, "");
    (void)bindtextdomain("hoga", folder && folder[0] ? folder : HOGA_LOCALEDIR);
    (void)textdomain("hoga");
    /* A closed pipe is then an error of write(), which cli_flush() keeps quiet about; the verb's own answer stands. */
    (void)signal(SIGPIPE, SIG_IGN);
    doc_begin();
    code = run(&c, argc, argv);
    return cli_flush() < 0 ? CLI_PROBLEM : code;
}
