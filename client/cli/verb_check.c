/* SPDX-License-Identifier: MIT
 * hoga check: is live what should be live? For scripts, timers and monitoring; the exit code is the answer. */
#include "doc.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WHY_SIZE 256

enum judgement { GOOD, WARNED, BAD };

struct tally {
    uint64_t n, n_live, n_bad, n_warned;
    int64_t heard_age_ns_max, changed_age_ns_max; /* -1: none was ever heard */
    char first_why[HOGA_NAME_SIZE + WHY_SIZE]; /* of the first book that is bad, else of the first that is warned of */
    uint8_t source;
    bool is_silent; /* the daemon is */
};

/* -1: no limit. An age that is not known is beyond every limit. */
static bool is_over(int64_t age_ns, int64_t limit_ms)
{
    return limit_ms >= 0 && (age_ns < 0 || age_ns > limit_ms * INT64_C(1000000));
}

static enum judgement judge_age(int64_t age_ns, int64_t limit_ms, int64_t warn_ms)
{
    return is_over(age_ns, limit_ms) ? BAD : is_over(age_ns, warn_ms) ? WARNED : GOOD;
}

static enum judgement judge(const struct cli *c, const struct hoga_book *book, char ret_why[WHY_SIZE])
{
    const char *reason = hoga_reason_word(book->reason);
    enum judgement heard, changed;
    char age[TEXT_AGE_SIZE];

    ret_why[0] = '\0';
    if (book->state != HOGA_LIVE) {
        (void)snprintf(ret_why, WHY_SIZE, "%s%s%s%s%s", hoga_state_word(book->state), reason[0] ? ": " : "", reason,
                       reason[0] ? ": " : "", reason[0] ? cli_reason_sentence(book->reason) : "");
        return BAD;
    }
    heard = judge_age(book->heard_age_ns, c->age_ms_max, c->age_ms_warn);
    changed = judge_age(book->changed_age_ns, c->quiet_ms_max, c->quiet_ms_warn);
    text_age(heard >= changed ? book->heard_age_ns : book->changed_age_ns, age);
    if (heard >= changed && heard != GOOD)
        (void)snprintf(ret_why, WHY_SIZE, _("heard %s ago, more than %lld ms"), age,
                       (long long)(heard == BAD ? c->age_ms_max : c->age_ms_warn));
    else if (changed != GOOD)
        (void)snprintf(ret_why, WHY_SIZE, _("changed %s ago, more than %lld ms"), age,
                       (long long)(changed == BAD ? c->quiet_ms_max : c->quiet_ms_warn));
    return heard >= changed ? heard : changed;
}

static void count(struct tally *tally, const char *name, enum judgement judgement, const char *why)
{
    bool is_first = judgement == BAD ? tally->n_bad == 0 : judgement == WARNED && tally->n_bad + tally->n_warned == 0;

    tally->n++;
    tally->n_bad += judgement == BAD;
    tally->n_warned += judgement == WARNED;
    if (is_first)
        (void)snprintf(tally->first_why, sizeof tally->first_why, "%s: %s", name, why);
}

static void count_book(struct tally *tally, const struct hoga_book *book)
{
    tally->n_live += book->state == HOGA_LIVE;
    if (cli_is_pretend(book->source))
        tally->source = book->source;
    if (book->heard_age_ns > tally->heard_age_ns_max)
        tally->heard_age_ns_max = book->heard_age_ns;
    if (book->changed_age_ns > tally->changed_age_ns_max)
        tally->changed_age_ns_max = book->changed_age_ns;
}

static void say(const struct cli *c, const struct tally *tally, const char *name, enum judgement judgement,
                const char *why)
{
    if (judgement == GOOD || c->is_nagios || c->is_json || (c->count && tally->n_bad + tally->n_warned > c->count))
        return;
    if (judgement == WARNED)
        printf(_("%s: warning: %s\n"), name, why);
    else
        printf("%s: %s\n", name, why);
}

/* One book: into the tally, and its line or its JSON. One that went meanwhile is passed over, one that cannot be read
 * is none that is live. */
static void check_book(struct cli *c, struct tally *tally, cJSON *books, struct view *v, const struct hoga_info *info)
{
    int r = view_read(c, info->id, c->depth ? c->depth : 1, NULL, v);
    enum judgement judgement = BAD;
    char why[WHY_SIZE];

    if (r == -ESTALE)
        return;
    if (r < 0) {
        (void)snprintf(why, sizeof why, "%s", strerror(-r));
    } else {
        judgement = judge(c, &v->book, why);
        count_book(tally, &v->book);
    }
    count(tally, info->name, judgement, why);
    say(c, tally, info->name, judgement, why);
    if (c->is_json && r == 0) {
        cJSON *book = doc_book(v);

        (void)cJSON_AddBoolToObject(book, "ok", judgement != BAD);
        (void)cJSON_AddBoolToObject(book, "warn", judgement == WARNED);
        (void)cJSON_AddItemToArray(books, book);
    }
}

/* The first pattern that matches nothing, or NULL. */
static const char *unmatched(const struct names *names, int n_patterns, char **patterns)
{
    for (int i = 0; i < n_patterns; i++) {
        size_t j = 0;

        while (j < names->n && !names_match(patterns[i], &names->infos[j]))
            j++;
        if (j == names->n)
            return patterns[i];
    }
    return NULL;
}

static void print_limit(int64_t limit_ms)
{
    if (limit_ms >= 0)
        printf("%lld.%03lld", (long long)(limit_ms / 1000), (long long)(limit_ms % 1000));
    fputc(';', stdout);
}

/* 'label'=value[unit];[warn];[crit];[min] */
static void print_seconds(const char *label, int64_t age_ns, int64_t warn_ms, int64_t limit_ms)
{
    if (age_ns < 0)
        printf(" %s=U;", label);
    else
        printf(" %s=%lld.%03llds;", label, (long long)(age_ns / 1000000000), (long long)(age_ns / 1000000 % 1000));
    print_limit(warn_ms);
    print_limit(limit_ms);
    fputc('0', stdout);
}

static bool is_good(const struct tally *tally)
{
    return tally->n > 0 && tally->n_bad == 0 && !tally->is_silent;
}

/* Plugin output is one line for machines and pagers: English, as state and reason are. A '|' would begin perfdata. */
static int print_nagios(const struct cli *c, struct tally *tally)
{
    bool is_warning = is_good(tally) && tally->n_warned > 0;

    for (char *at = tally->first_why; (at = strchr(at, '|'));)
        *at = '/';
    printf("HOGA %s - %llu/%llu live",
           !is_good(tally) ? "CRITICAL"
           : is_warning    ? "WARNING"
                           : "OK",
           (unsigned long long)tally->n_live, (unsigned long long)tally->n);
    if (tally->source)
        printf(", source %s", hoga_source_word(tally->source));
    if (!is_good(tally) || is_warning)
        printf("; %s%s", tally->is_silent ? "hogad is silent; " : "", tally->first_why);
    printf(" | live=%llu;;%llu:;0;%llu", (unsigned long long)tally->n_live, (unsigned long long)tally->n,
           (unsigned long long)tally->n);
    print_seconds("heard", tally->heard_age_ns_max, c->age_ms_warn, c->age_ms_max);
    print_seconds("changed", tally->changed_age_ns_max, c->quiet_ms_warn, c->quiet_ms_max);
    putchar('\n');
    return !is_good(tally) ? 2 : is_warning ? 1 : 0; /* CRITICAL, WARNING, OK */
}

static int fail(struct cli *c, const char *what, const char *why, const char *remedy)
{
    if (!c->is_nagios)
        return cli_fail(what, why, remedy);
    printf("HOGA UNKNOWN - %s%s%s\n", what ? what : "", what ? ": " : "", why);
    return CLI_UNKNOWN;
}

static int open_checked(struct cli *c)
{
    struct hoga_problem problem = { 0 };

    if (!c->is_nagios)
        return cli_open(c);
    if (hoga_open(&c->h, c->segment, &problem) == 0)
        return CLI_FINE;
    text_clean(problem.what);
    text_clean(problem.why);
    for (char *at = problem.why; (at = strchr(at, '|'));)
        *at = '/';
    return fail(c, problem.what, problem.why, NULL);
}

static int finish(struct cli *c, struct tally *tally, cJSON *document)
{
    if (c->is_json) {
        (void)cJSON_AddBoolToObject(document, "ok", is_good(tally));
        (void)cJSON_AddBoolToObject(document, "warn", tally->n_warned > 0);
        return doc_print(document) < 0 || !is_good(tally) ? CLI_PROBLEM : CLI_FINE;
    }
    if (c->is_nagios)
        return print_nagios(c, tally);
    if (tally->is_silent)
        cli_print_silence(c);
    if (is_good(tally))
        printf(_("%llu of %llu live\n"), (unsigned long long)tally->n_live, (unsigned long long)tally->n);
    if (tally->source)
        printf(_("source %s: these are not the market's numbers\n"), hoga_source_word(tally->source));
    return is_good(tally) ? CLI_FINE : CLI_PROBLEM;
}

static int check(struct cli *c, const struct names *names, int n_patterns, char **patterns)
{
    struct tally tally = { .heard_age_ns_max = -1, .changed_age_ns_max = -1 };
    cJSON *document = c->is_json ? doc_new(c) : NULL;
    cJSON *books = document ? cJSON_AddArrayToObject(document, "books") : NULL;
    struct hoga_daemon daemon;
    struct view *v = view_new();

    tally.is_silent = hoga_daemon(c->h, &daemon) < 0 || !daemon.is_alive;
    for (size_t i = 0; i < names->n; i++)
        if (names_match_any(n_patterns, patterns, &names->infos[i]))
            check_book(c, &tally, books, v, &names->infos[i]);
    v = view_free(v);
    return finish(c, &tally, document);
}

int verb_check(struct cli *c, int n_arguments, char **arguments)
{
    struct names names;
    const char *missing;
    int code = open_checked(c);

    if (code != CLI_FINE)
        return code;
    if (names_load(c, &names) < 0)
        return fail(c, NULL, _("no memory"), NULL);
    missing = unmatched(&names, n_arguments, arguments);
    if (missing)
        code = c->is_nagios ? fail(c, missing, "not listed", NULL) : names_fail(c, missing, "");
    else if (names.n == 0)
        code = fail(c, NULL, c->is_nagios ? "no book is carried" : _("no book is carried"),
                    _("name some under `symbols' in hoga.conf"));
    else
        code = check(c, &names, n_arguments, arguments);
    names_done(&names);
    return code;
}
