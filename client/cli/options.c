/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
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
    { "follow", 'f', true, NULL, N_("go on at every change, until Ctrl+C") },
    { "filter", 'F', false, N_("GLOB"), N_("only what has such a name or venue (also -f)") },
    { "max-age", 'A', false, N_("MS"), N_("longest time since the last sign of life") },
    { "max-quiet", 'Q', false, N_("MS"), N_("longest time since the levels last changed") },
    { "warn-age", 'W', false, N_("MS"), N_("warn of such a time since the last sign of life") },
    { "warn-quiet", 'R', false, N_("MS"), N_("warn of such a time since the levels last changed") },
    { "http", 'H', false, NULL, N_("answer one HTTP request on standard input, for a socket unit") },
    { "classic", 'P', false, NULL, N_("the older text format, for node_exporter's text files") },
    { "interval", 'i', true, N_("MS"), N_("again after so many milliseconds, 100 to 60000") },
    { "fee", 'E', false, N_("PERCENT"), N_("what the venue takes of an order, in percent") },
    { "style", 'Y', false, N_("STYLE"), N_("colours: korean, western, or auto, after the language") },
    { "all", 'a', true, NULL, N_("all that the venues list, also what is not subscribed") },
    { "for", 'T', false, N_("SECONDS"), N_("give the books back after so long") },
    { "keep", 'K', false, NULL, N_("until hogad restarts; for operators") },
    { "nagios", 'N', false, NULL, N_("plugin output; exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN") },
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

#define MEMBER(name) offsetof(struct cli, name)

/* Options that are there or not, that are a text, and that are a number of some range. */
static const struct {
    char code;
    size_t member; /* bool */
} flag_rows[] = {
    { 'j', MEMBER(is_json) },   { 'U', MEMBER(is_utc) },    { 'L', MEMBER(is_live_only) },
    { 'f', MEMBER(is_follow) }, { 'H', MEMBER(is_http) },   { 'P', MEMBER(is_classic) },
    { 'a', MEMBER(is_all) },    { 'N', MEMBER(is_nagios) }, { 'K', MEMBER(is_keep) },
};

static const struct {
    char code;
    size_t member; /* const char * */
} text_rows[] = {
    { 'S', MEMBER(segment) }, { 'G', MEMBER(group) },  { 'E', MEMBER(fee) },
    { 'Y', MEMBER(style) },   { 'F', MEMBER(filter) },
};

static const struct {
    char code;
    size_t member; /* int64_t */
    uint64_t min, max;
} number_rows[] = {
    { 'A', MEMBER(age_ms_max), 0, INT64_MAX / 1000000 },
    { 'Q', MEMBER(quiet_ms_max), 0, INT64_MAX / 1000000 },
    { 'W', MEMBER(age_ms_warn), 0, INT64_MAX / 1000000 },
    { 'R', MEMBER(quiet_ms_warn), 0, INT64_MAX / 1000000 },
    { 'i', MEMBER(interval_ms), 100, 60000 },
    { 'T', MEMBER(for_s), 0, 86400 * 366 },
};

/* Returns false when the argument cannot be. */
static bool option_apply(struct cli *c, char code, const char *argument)
{
    char *base = (char *)c;
    uint64_t number;

    for (size_t i = 0; i < sizeof flag_rows / sizeof flag_rows[0]; i++)
        if (flag_rows[i].code == code)
            *(bool *)(void *)(base + flag_rows[i].member) = true;
    for (size_t i = 0; i < sizeof text_rows / sizeof text_rows[0]; i++)
        if (text_rows[i].code == code)
            *(const char **)(void *)(base + text_rows[i].member) = argument;
    for (size_t i = 0; i < sizeof number_rows / sizeof number_rows[0]; i++) {
        if (number_rows[i].code != code)
            continue;
        if (!number_parse(argument, number_rows[i].min, number_rows[i].max, &number))
            return false;
        *(int64_t *)(void *)(base + number_rows[i].member) = (int64_t)number;
    }
    switch (code) {
    case 'd':
        if (!number_parse(argument, 1, CLI_DEPTH_MAX, &number))
            return false;
        c->depth = (uint32_t)number;
        return true;
    case 'n':
        return number_parse(argument, 1, UINT64_MAX, &c->count);
    case 'C':
        return colour_parse(c, argument);
    case 'S':
        return argument[0] != '\0';
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
