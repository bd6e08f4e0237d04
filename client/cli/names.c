/* SPDX-License-Identifier: MIT */
#include "names.h"

#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

int names_info(struct cli *c, hoga_id id, struct hoga_info *ret)
{
    int r = hoga_info(c->h, id, ret);

    if (r < 0)
        return r;
    text_clean(ret->name);
    text_clean(ret->venue);
    text_clean(ret->symbol);
    return 0;
}

int names_load(struct cli *c, struct names *ret)
{
    int n = hoga_list(c->h, NULL, 0);
    struct names names = { 0 };
    hoga_id *ids;

    if (n < 0)
        return n;
    ids = calloc((size_t)n + 1, sizeof *ids);
    names.infos = calloc((size_t)n + 1, sizeof *names.infos);
    if (!ids || !names.infos) {
        free(ids);
        names_done(&names);
        return -ENOMEM;
    }
    int n_now = hoga_list(c->h, ids, (size_t)n);

    for (int i = 0; i < n && i < n_now; i++)
        if (names_info(c, ids[i], &names.infos[names.n]) == 0)
            names.n++;
    free(ids);
    *ret = names;
    return 0;
}

void names_done(struct names *names)
{
    free(names->infos);
    *names = (struct names){ 0 };
}

bool names_is_glob(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

bool names_match(const char *pattern, const struct hoga_info *info)
{
    const char *text = strchr(pattern, ':') ? info->name : info->symbol;

    return strcasecmp(pattern, text) == 0 || fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

bool names_match_any(int n_patterns, char **patterns, const struct hoga_info *info)
{
    for (int i = 0; i < n_patterns; i++)
        if (names_match(patterns[i], info))
            return true;
    return n_patterns == 0;
}

/* Levenshtein's distance without case; texts beyond the size of a name are too far from anything. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[HOGA_NAME_SIZE + 1], n_b = strlen(b);

    if (strlen(a) > HOGA_NAME_SIZE || n_b > HOGA_NAME_SIZE)
        return SIZE_MAX;
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t kept = row[j];
            size_t best = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = kept;
        }
    }
    return row[n_b];
}

/* The nearest carried name, or its symbol alone where the venue was right or not given; "" if none is near. */
static void suggest(const struct names *names, const char *name, char ret[HOGA_NAME_SIZE])
{
    const char *colon = strchr(name, ':');
    size_t best = strlen(name) / 3 + 1;

    ret[0] = '\0';
    for (size_t i = 0; i < names->n; i++) {
        const struct hoga_info *info = &names->infos[i];
        bool is_same_venue = !colon || (strlen(info->venue) == (size_t)(colon - name) &&
                                        strncasecmp(info->venue, name, (size_t)(colon - name)) == 0);
        size_t distance =
            is_same_venue ? edit_distance(colon ? colon + 1 : name, info->symbol) : edit_distance(name, info->name);

        if (distance < best) {
            best = distance;
            (void)snprintf(ret, HOGA_NAME_SIZE, "%s", is_same_venue ? info->symbol : info->name);
        }
    }
}

int names_fail(struct cli *c, const char *name, const char *more)
{
    struct names names = { 0 };
    char near[HOGA_NAME_SIZE] = "", why[128], remedy[HOGA_NAME_SIZE + 64];

    if (names_load(c, &names) == 0)
        suggest(&names, name, near);
    (void)snprintf(why, sizeof why, "%s%s", _("not listed"), more);
    if (near[0])
        (void)snprintf(remedy, sizeof remedy, _("did you mean %s?"), near);
    else if (names.n == 0)
        (void)snprintf(remedy, sizeof remedy, "%s", _("hogad carries no book yet; look at its log"));
    else
        (void)snprintf(remedy, sizeof remedy, "%s", _("`hoga ls' shows what is carried"));
    names_done(&names);
    return cli_fail(name, why, remedy);
}

/* A symbol without its venue. Returns how many have it; *ret_id is the last one's, `ret_names` says which. */
static size_t find_symbol(struct cli *c, const char *symbol, hoga_id *ret_id, char *ret_names, size_t size)
{
    struct names names;
    size_t n_found = 0, used = 0;

    if (names_load(c, &names) < 0)
        return 0;
    for (size_t i = 0; i < names.n; i++) {
        int n;

        if (strcasecmp(symbol, names.infos[i].symbol) != 0)
            continue;
        *ret_id = names.infos[i].id;
        n = snprintf(ret_names + used, size - used, "%s%s", n_found ? ", " : "", names.infos[i].name);
        used = n > 0 && used + (size_t)n < size ? used + (size_t)n : used;
        n_found++;
    }
    names_done(&names);
    return n_found;
}

int names_resolve(struct cli *c, const char *name, hoga_id *ret_id)
{
    char which[256] = "", remedy[sizeof which + 64];
    size_t n_found;

    if (strchr(name, ':'))
        return hoga_find(c->h, name, ret_id) == 0 ? CLI_FINE : names_fail(c, name, "");
    n_found = find_symbol(c, name, ret_id, which, sizeof which);
    if (n_found == 0)
        return names_fail(c, name, "");
    if (n_found == 1)
        return CLI_FINE;
    (void)snprintf(remedy, sizeof remedy, _("say which: %s"), which);
    return cli_fail(name, _("several venues have it"), remedy);
}
