/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* `code` is the short letter, or a capital that stands for a long option alone; a verb names its own by these. */
struct option_row {
    const char *name;
    char code;
    bool has_short;
    const char *argument; /* NULL: none */
    const char *help;
};

#define EVERYWHERE "dnjSUChV"

static const struct option_row option_rows[] = {
    { "depth", 'd', true, N_("LEVELS"), N_("levels a side, 1 to 1000") },
    { "count", 'n', true, N_("N"), N_("stop after N lines") },
    { "json", 'j', true, NULL, N_("JSON (hoga.schema.json) in place of words") },
    { "segment", 'S', false, N_("PATH"), N_("read this segment and no other") },
    { "utc", 'U', false, NULL, N_("times in UTC") },
    { "color", 'C', false, N_("WHEN"), N_("auto, always or never") },
    { "help", 'h', true, NULL, N_("this text") },
    { "version", 'V', false, NULL, N_("print the version") },
    { "group", 'G', false, N_("STEP"), N_("put levels together in steps of this price") },
    { "live", 'L', false, NULL, N_("nothing but an error unless the book is live") },
    { "follow", 'f', true, NULL, N_("draw again whenever the book changes, until Ctrl+C") },
    { "filter", 'F', false, N_("GLOB"), N_("only what has such a name or venue (also -f)") },
    { "max-age", 'A', false, N_("MS"), N_("longest time since the last sign of life") },
    { "max-quiet", 'Q', false, N_("MS"), N_("longest time since the levels last changed") },
    { "interval", 'i', true, N_("MS"), N_("again after so many milliseconds, 100 to 60000") },
    { "fee", 'E', false, N_("PERCENT"), N_("what the venue takes of an order, in percent") },
    { "style", 'Y', false, N_("STYLE"), N_("colours: korean, western, or auto, after the language") },
    { "all", 'a', true, NULL, N_("all that the venues list, also what is not subscribed") },
    { "for", 'T', false, N_("SECONDS"), N_("give the books back after so long") },
    { "keep", 'K', false, NULL, N_("until hogad restarts; for operators") },
    { "nagios", 'N', false, NULL, N_("plugin output; exits 0 OK, 2 CRITICAL, 3 UNKNOWN") },
};
#define N_OPTION_ROWS (sizeof option_rows / sizeof option_rows[0])

static bool row_belongs(const struct option_row *row, const struct verb *verb)
{
    return strchr(EVERYWHERE, row->code) || (verb && strchr(verb->options, row->code));
}

/* Digits alone, from min to max. */
static bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
    char *end;
    unsigned long long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno || *end || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

static bool colour_parse(struct cli *c, const char *word)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool is_wanted = !(no_colour && no_colour[0]) && terminal && strcmp(terminal, "dumb") != 0;

    if (strcmp(word, "auto") == 0)
        c->has_colour = is_wanted && isatty(STDOUT_FILENO);
    else if (strcmp(word, "always") == 0)
        c->has_colour = true;
    else if (strcmp(word, "never") == 0)
        c->has_colour = false;
    else
        return false;
    return true;
}

/* Returns false when the argument cannot be. */
static bool option_apply(struct cli *c, char code, const char *argument)
{
    uint64_t number;

    switch (code) {
    case 'd':
        if (!number_parse(argument, 1, CLI_DEPTH_MAX, &number))
            return false;
        c->depth = (uint32_t)number;
        return true;
    case 'n':
        return number_parse(argument, 1, UINT64_MAX, &c->count);
    case 'A':
    case 'Q':
        if (!number_parse(argument, 0, INT64_MAX / 1000000, &number))
            return false;
        *(code == 'A' ? &c->age_ms_max : &c->quiet_ms_max) = (int64_t)number;
        return true;
    case 'i':
        if (!number_parse(argument, 100, 60000, &number))
            return false;
        c->interval_ms = (int64_t)number;
        return true;
    case 'T':
        if (!number_parse(argument, 0, 86400 * 366, &number))
            return false;
        c->for_s = (int64_t)number;
        return true;
    case 'K':
        c->is_keep = true;
        return true;
    case 'C':
        return colour_parse(c, argument);
    case 'S':
        c->segment = argument;
        return argument[0] != '\0';
    case 'G':
        c->group = argument;
        return true;
    case 'E':
        c->fee = argument;
        return true;
    case 'Y':
        c->style = argument;
        return true;
    case 'F':
        c->filter = argument;
        return true;
    case 'j':
        c->is_json = true;
        return true;
    case 'U':
        c->is_utc = true;
        return true;
    case 'L':
        c->is_live_only = true;
        return true;
    case 'f':
        c->is_follow = true;
        return true;
    case 'a':
        c->is_all = true;
        return true;
    case 'N':
        c->is_nagios = true;
        return true;
    }
    return true;
}

/* getopt's two tables from ours. `stat -f GLOB` is the one letter that means something else elsewhere. */
static void tables_make(const struct verb *verb, char *ret_letters, struct option *ret_long)
{
    size_t n_letters = 0, n_long = 0;

    ret_letters[n_letters++] = verb ? ':' : '+';
    if (!verb)
        ret_letters[n_letters++] = ':';
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];

        if (!row_belongs(row, verb))
            continue;
        ret_long[n_long++] = (struct option){ row->name, row->argument ? 1 : 0, NULL, row->code };
        if (row->has_short) {
            ret_letters[n_letters++] = row->code;
            if (row->argument)
                ret_letters[n_letters++] = ':';
        } else if (row->code == 'F') {
            ret_letters[n_letters++] = 'f';
            ret_letters[n_letters++] = ':';
        }
    }
    ret_letters[n_letters] = '\0';
    ret_long[n_long] = (struct option){ NULL, 0, NULL, 0 };
}

static enum options_wish complain(const struct cli *c, const char *word, int code)
{
    char letter[3] = { '-', (char)optopt, '\0' };
    bool is_long = strncmp(word, "--", 2) == 0;

    (void)cli_fail_usage(c, is_long || !optopt ? word : letter,
                         code == ':' ? _("needs an argument") : _("no such option here"));
    return OPTIONS_WRONG;
}

enum options_wish options_parse(struct cli *c, const struct verb *verb, int argc, char **argv, int *ret_first)
{
    char letters[2 * N_OPTION_ROWS + 4];
    struct option rows[N_OPTION_ROWS + 1];
    int code;

    tables_make(verb, letters, rows);
    if (!verb)
        (void)colour_parse(c, "auto");
    opterr = 0;
    optind = 0; /* GNU: begin anew, with this table's ordering */
    for (;;) {
        int at = optind ? optind : 1;

        code = getopt_long(argc, argv, letters, rows, NULL);
        if (code < 0)
            break;
        if (code == '?' || code == ':')
            return complain(c, optind > at ? argv[optind - 1] : argv[at], code);
        if (code == 'h')
            return OPTIONS_HELP;
        if (code == 'V')
            return OPTIONS_VERSION;
        if (verb && code == 'f' && strchr(verb->options, 'F'))
            code = 'F';
        if (!option_apply(c, (char)code, optarg)) {
            (void)cli_fail_usage(c, optarg, _("cannot be this option's argument"));
            return OPTIONS_WRONG;
        }
    }
    *ret_first = optind;
    return OPTIONS_RUN;
}

void options_print(const struct verb *verb)
{
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        const struct option_row *row = &option_rows[i];
        char left[64];

        if (verb ? !strchr(verb->options, row->code) : !strchr(EVERYWHERE, row->code))
            continue;
        (void)snprintf(left, sizeof left, "%s%c%s--%s%s%s", row->has_short ? "-" : " ",
                       row->has_short ? row->code : ' ', row->has_short ? ", " : "  ", row->name,
                       row->argument ? "=" : "", row->argument ? row->argument : "");
        printf("  %-22s  %s\n", left, _(row->help));
    }
}
