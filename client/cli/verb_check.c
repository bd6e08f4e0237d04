/* SPDX-License-Identifier: MIT
 * hoga check: is live what should be live? For scripts, timers and monitoring; the exit code is the answer. */
#include "doc.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WHY_SIZE 256

struct tally {
    uint64_t n, n_live, n_good;
    int64_t heard_age_ns_max, changed_age_ns_max; /* -1: none was ever heard */
    char first_why[HOGA_NAME_SIZE + WHY_SIZE];    /* of the first book that is not good */
    bool is_silent;                               /* the daemon is */
};

/* Empty if this book is as it should be. */
static void judge(const struct cli *c, const struct hoga_book *book, char ret_why[WHY_SIZE])
{
    const char *reason = hoga_reason_word(book->reason);
    char age[TEXT_AGE_SIZE];

    ret_why[0] = '\0';
    if (book->state != HOGA_LIVE) {
        (void)snprintf(ret_why, WHY_SIZE, "%s%s%s%s%s", hoga_state_word(book->state), reason[0] ? ": " : "", reason,
                       reason[0] ? ": " : "", reason[0] ? cli_reason_sentence(book->reason) : "");
    } else if (c->age_ms_max >= 0 &&
               (book->heard_age_ns < 0 || book->heard_age_ns > c->age_ms_max * INT64_C(1000000))) {
        text_age(book->heard_age_ns, age);
        (void)snprintf(ret_why, WHY_SIZE, _("heard %s ago, more than %lld ms"), age, (long long)c->age_ms_max);
    } else if (c->quiet_ms_max >= 0 &&
               (book->changed_age_ns < 0 || book->changed_age_ns > c->quiet_ms_max * INT64_C(1000000))) {
        text_age(book->changed_age_ns, age);
        (void)snprintf(ret_why, WHY_SIZE, _("changed %s ago, more than %lld ms"), age, (long long)c->quiet_ms_max);
    }
}

static void count(struct tally *tally, const struct hoga_info *info, const struct hoga_book *book, const char *why)
{
    tally->n++;
    tally->n_live += book->state == HOGA_LIVE;
    tally->n_good += !why[0];
    if (book->heard_age_ns > tally->heard_age_ns_max)
        tally->heard_age_ns_max = book->heard_age_ns;
    if (book->changed_age_ns > tally->changed_age_ns_max)
        tally->changed_age_ns_max = book->changed_age_ns;
    if (why[0] && !tally->first_why[0])
        (void)snprintf(tally->first_why, sizeof tally->first_why, "%s: %s", info->name, why);
}

/* One book: into the tally, and its line or its JSON. A book that went meanwhile is passed over. */
static void check_book(struct cli *c, struct tally *tally, cJSON *books, struct view *v, hoga_id id)
{
    char why[WHY_SIZE];

    if (view_read(c, id, c->depth ? c->depth : 1, NULL, v) < 0)
        return;
    judge(c, &v->book, why);
    count(tally, &v->info, &v->book, why);
    if (c->is_json) {
        cJSON *book = doc_book(v);

        (void)cJSON_AddBoolToObject(book, "ok", !why[0]);
        (void)cJSON_AddItemToArray(books, book);
    } else if (why[0] && !c->is_nagios && (!c->count || tally->n - tally->n_good <= c->count)) {
        printf("%s: %s\n", v->info.name, why);
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

static void print_seconds(const char *label, int64_t age_ns, int64_t limit_ms)
{
    if (age_ns < 0)
        printf(" %s=U;;", label);
    else
        printf(" %s=%lld.%03llds;;", label, (long long)(age_ns / 1000000000), (long long)(age_ns / 1000000 % 1000));
    if (limit_ms >= 0)
        printf("%lld.%03lld", (long long)(limit_ms / 1000), (long long)(limit_ms % 1000));
    fputs(";0", stdout);
}

/* Plugin output is one line for machines and pagers: English, as state and reason are. A '|' would begin perfdata. */
static int print_nagios(const struct cli *c, struct tally *tally)
{
    bool is_good = tally->n && tally->n_good == tally->n && !tally->is_silent;

    for (char *at = tally->first_why; (at = strchr(at, '|'));)
        *at = '/';
    printf("HOGA %s - %llu/%llu live", is_good ? "OK" : "CRITICAL", (unsigned long long)tally->n_live,
           (unsigned long long)tally->n);
    if (!is_good)
        printf("; %s%s", tally->is_silent ? "hogad is silent; " : "", tally->first_why);
    printf(" | live=%llu;;%llu:;0;%llu", (unsigned long long)tally->n_live, (unsigned long long)tally->n,
           (unsigned long long)tally->n);
    print_seconds("heard", tally->heard_age_ns_max, c->age_ms_max);
    print_seconds("changed", tally->changed_age_ns_max, c->quiet_ms_max);
    putchar('\n');
    return is_good ? CLI_FINE : CLI_USAGE; /* 2: CRITICAL */
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
    bool is_good = tally->n && tally->n_good == tally->n && !tally->is_silent;

    if (c->is_json) {
        (void)cJSON_AddBoolToObject(document, "ok", is_good);
        return doc_print(document) < 0 || !is_good ? CLI_PROBLEM : CLI_FINE;
    }
    if (c->is_nagios)
        return print_nagios(c, tally);
    if (tally->is_silent)
        cli_print_silence(c);
    if (is_good)
        printf(_("%llu of %llu live\n"), (unsigned long long)tally->n_live, (unsigned long long)tally->n);
    return is_good ? CLI_FINE : CLI_PROBLEM;
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
            check_book(c, &tally, books, v, names->infos[i].id);
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
