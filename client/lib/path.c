/* SPDX-License-Identifier: MIT */
#include "path.h"

#include "verdict.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_SIZE_MAX 32
#define N_(text)      text /* for client/po; the library speaks English, `hoga` translates what it prints */

static void candidate_add(struct lib_candidates *io, const char *path, const char *said_by, int needs_alive, int error)
{
    struct lib_candidate *c = &io->at[io->n++];
    c->said_by = said_by;
    c->needs_alive = needs_alive;
    c->error = error;
    if (snprintf(c->path, sizeof(c->path), "%s", path) >= (int)sizeof(c->path))
        c->error = -ENAMETOOLONG;
}

void lib_path_candidates(const char *explicit_path, const char *system_path, struct lib_candidates *ret)
{
    ret->n = 0;
    const char *said = explicit_path != NULL ? explicit_path : getenv("HOGA_SEGMENT");
    if (explicit_path != NULL || (said != NULL && said[0] != '\0')) {
        candidate_add(ret, said, explicit_path != NULL ? "" : "HOGA_SEGMENT", 0, 0);
        return;
    }
    char user[SEGMENT_PATH_SIZE] = "$XDG_RUNTIME_DIR/hoga/main/books";
    int error = segment_path_user(user);
    candidate_add(ret, user, "", 1, error);
    candidate_add(ret, system_path, "", 0, 0);
    candidate_add(ret, user, "", 0, error);
}

/* What a failure means and what to do about it. `why` NULL: the kernel's or the check's own words. */
struct failure_row {
    int error;
    int weight; /* of several failures, the one with the highest tells most */
    const char *why;
    const char *remedy;
};

static const struct failure_row failure_rows[] = {
    { -ENOENT, 1, N_("no segment there"), N_("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself") },
    { -ENOTDIR, 2, N_("a part of the path is no directory"), N_("name the file that hogad writes") },
    { -ESRCH, 3, N_("its hogad is not running"), N_("start hogad") },
    { -EAGAIN, 5, NULL, N_("try again in a moment") },
    { -ENAMETOOLONG, 6, N_("the path is too long"), N_("choose a shorter path") },
    { -EPERM, 7, N_("the folder above is not yours alone (mode 0700), anybody could have made it"),
      N_("remove it, or set XDG_RUNTIME_DIR") },
    { -EBADMSG, 8, NULL, N_("restart hogad: it makes a new file in its place") },
    { -EPROTO, 9, NULL, N_("make hogad and this program the same version") },
    { -EACCES, 10, N_("permission denied"), NULL },
};

static const struct failure_row *failure_of(int error)
{
    static const struct failure_row other = { 0, 4, NULL, "" };
    for (size_t i = 0; i < sizeof(failure_rows) / sizeof(failure_rows[0]); i++) {
        if (failure_rows[i].error == error)
            return &failure_rows[i];
    }
    return &other;
}

static void remedy_group(const char *path, char *ret, size_t size)
{
    const char *user = getenv("USER");
    if (user == NULL || user[0] == '\0' || strlen(user) > USER_SIZE_MAX ||
        user[strspn(user, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] != '\0')
        user = "USER";
    const char *lead = strncmp(path, "/run/hoga/", 10) == 0 ? "" : "ask its owner for mode 0640 and group hoga, then ";
    (void)snprintf(ret, size, "%ssudo usermod -aG hoga %s, then log in again", lead, user);
}

static void problem_fill(const char *path, int error, const struct segment_problem *said, struct hoga_problem *ret)
{
    const struct failure_row *row = failure_of(error);
    *ret = (struct hoga_problem){ .error = error };
    (void)snprintf(ret->what, sizeof(ret->what), "%s", path);
    const char *words = said->why[0] != '\0' ? said->why : row->why;
    if (words == NULL)
        words = strerrordesc_np(-error);
    (void)snprintf(ret->why, sizeof(ret->why), "%s", words != NULL ? words : "unknown error");
    if (said->remedy[0] != '\0')
        (void)snprintf(ret->remedy, sizeof(ret->remedy), "%s", said->remedy);
    else if (error == -EACCES)
        remedy_group(path, ret->remedy, sizeof(ret->remedy));
    else
        (void)snprintf(ret->remedy, sizeof(ret->remedy), "%s", row->remedy != NULL ? row->remedy : "");
}

static int candidate_open(const struct lib_candidate *c, struct segment_map *ret_map, struct hoga_problem *ret_problem)
{
    struct segment_problem said = { .why = "" };
    struct segment_map map;
    int r = c->error != 0 ? c->error : lib_map_path(c->path, &map, &said);
    if (r == 0 && c->needs_alive) {
        struct reader_live live;
        reader_live(&map, &live);
        if (lib_verdict_daemon(&live, lib_boot_ns()) != HOGA_RE_NONE) {
            segment_unmap(&map);
            r = -ESRCH;
        }
    }
    if (r < 0) {
        problem_fill(c->path, r, &said, ret_problem);
        return r;
    }
    *ret_map = map;
    return 0;
}

static int is_told(const struct hoga_problem *problems, unsigned i, unsigned best)
{
    for (unsigned k = 0; k < i; k++) {
        if (strcmp(problems[k].what, problems[i].what) == 0)
            return 1;
    }
    return strcmp(problems[best].what, problems[i].what) == 0;
}

/* "permission denied; also tried P: no segment there": the failure that tells most comes first, each path once. */
static int problem_join(const struct lib_candidates *candidates, const struct hoga_problem *problems,
                        struct hoga_problem *ret)
{
    unsigned best = 0;
    for (unsigned i = 1; i < candidates->n; i++) {
        if (failure_of(problems[i].error)->weight > failure_of(problems[best].error)->weight)
            best = i;
    }
    *ret = problems[best];
    if (ret->error == -ESRCH) /* it vanished while we looked */
        ret->error = -ENOENT;
    size_t used = strlen(ret->why);
    if (candidates->at[best].said_by[0] != '\0' && used < sizeof(ret->why))
        used +=
            (size_t)snprintf(ret->why + used, sizeof(ret->why) - used, " (named by %s)", candidates->at[best].said_by);
    for (unsigned i = 0; i < candidates->n && used < sizeof(ret->why); i++) {
        if (!is_told(problems, i, best))
            used += (size_t)snprintf(ret->why + used, sizeof(ret->why) - used, "; also tried %s: %s", problems[i].what,
                                     problems[i].why);
    }
    return ret->error;
}

int lib_path_open(const struct lib_candidates *candidates, struct segment_map *ret_map,
                  char ret_path[SEGMENT_PATH_SIZE], struct hoga_problem *ret_problem)
{
    struct hoga_problem problems[LIB_CANDIDATES_MAX];
    for (unsigned i = 0; i < candidates->n; i++) {
        const struct lib_candidate *c = &candidates->at[i];
        if (candidate_open(c, ret_map, &problems[i]) == 0) {
            memcpy(ret_path, c->path, SEGMENT_PATH_SIZE);
            return 0;
        }
    }
    return problem_join(candidates, problems, ret_problem);
}
