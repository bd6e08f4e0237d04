/* SPDX-License-Identifier: MIT
 * hoga doctor: goes the way from the path to the books, and says at each step in words what is wrong and what to do. */
#include "doctor.h"
#include "text.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP_NAME "hoga"
#define CONTROL_NS 1000000000ll /* for each of a connection and an answer */
#define GROUPS_MAX 65536
#define WORDS_SIZE 1024

void doctor_say(struct doctor *d, enum finding finding, const char *what, const char *why, const char *remedy)
{
    static const char *const words[] = { "ok", "warn", "bad" };
    static const enum paint paints[] = { PAINT_GOOD, PAINT_WAIT, PAINT_BAD };

    d->is_bad = d->is_bad || finding == FINDING_BAD;
    if (d->checks) {
        cJSON *row = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(row, "finding", words[finding]);
        (void)cJSON_AddStringToObject(row, "what", what);
        (void)cJSON_AddStringToObject(row, "why", why);
        (void)cJSON_AddStringToObject(row, "remedy", remedy);
        (void)cJSON_AddItemToArray(d->checks, row);
        return;
    }
    if (d->c->count && d->n_lines++ >= d->c->count)
        return;
    printf("%s%-4s%s  %s: %s\n", cli_paint(d->c, paints[finding]), words[finding], cli_paint(d->c, PAINT_OFF), what,
           why);
    if (remedy[0])
        printf("      %s %s\n", _("->"), remedy);
}

void doctor_sayf(struct doctor *d, enum finding finding, const char *what, const char *remedy, const char *why, ...)
{
    char text[WORDS_SIZE];
    va_list arguments;

    va_start(arguments, why);
    (void)vsnprintf(text, sizeof text, why, arguments);
    va_end(arguments);
    doctor_say(d, finding, what, text, remedy);
}

static void path_user(char *ret, size_t size)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");

    if (folder && folder[0])
        (void)snprintf(ret, size, "%s/hoga/main/books", folder);
    else
        (void)snprintf(ret, size, "/dev/shm/hoga-%u/main/books", (unsigned)getuid());
}

/* Who may read the file, as ls -l says it. */
static void describe_mode(const char *path, char *ret, size_t size)
{
    const struct passwd *owner;
    const struct group *group;
    struct stat st;

    if (stat(path, &st) < 0) {
        (void)snprintf(ret, size, "%s", strerror(errno));
        return;
    }
    owner = getpwuid(st.st_uid);
    group = getgrgid(st.st_gid);
    (void)snprintf(ret, size, _("owner %s, group %s, mode %04o"), owner ? owner->pw_name : "?",
                   group ? group->gr_name : "?", (unsigned)(st.st_mode & 07777));
}

/* One candidate of the rule. Returns true if it can be read. `is_only`: none other will be tried. */
static bool check_path(struct doctor *d, const char *path, bool is_only)
{
    struct hoga_problem problem = { 0 };
    bool has_remedy;
    char mode[256];
    struct hoga *h;
    int r = hoga_open(&h, path, &problem);

    if (r == 0) {
        h = hoga_close(h);
        describe_mode(path, mode, sizeof mode);
        doctor_sayf(d, FINDING_OK, path, "", _("a segment that can be read (%s)"), mode);
        return true;
    }
    text_clean(problem.why);
    text_clean(problem.remedy);
    has_remedy = problem.remedy[0] && (is_only || r != -ENOENT); /* gettext("") is the catalogue's own head */
    doctor_say(d, r == -ENOENT && !is_only ? FINDING_WARN : FINDING_BAD, path, gettext(problem.why),
               has_remedy ? gettext(problem.remedy) : "");
    return false;
}

static void check_paths(struct doctor *d)
{
    const char *named = d->c->segment ? d->c->segment : getenv("HOGA_SEGMENT");
    char user[512];

    if (named && named[0]) {
        doctor_say(d, FINDING_OK, _("path"),
                   d->c->segment ? _("named by --segment; no other is tried")
                                 : _("named by HOGA_SEGMENT; no other is tried"),
                   "");
        (void)check_path(d, named, true);
        return;
    }
    path_user(user, sizeof user);
    bool has_user = check_path(d, user, false);
    bool has_system = check_path(d, DOCTOR_SYSTEM_PATH, false);

    if (!has_user && !has_system)
        doctor_say(
            d, FINDING_BAD, _("path"), _("no segment can be read"),
            _("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself; a simulator's or a replay's "
              "segment "
              "must be named with --segment"));
}

/* 1 in this session, 0 in the group file alone, -1 not at all. */
static int membership(const struct group *group)
{
    const struct passwd *me = getpwuid(geteuid());
    gid_t *mine;
    int n = getgroups(0, NULL);
    int found = getegid() == group->gr_gid ? 1 : -1;

    if (n > 0 && n <= GROUPS_MAX && (mine = calloc((size_t)n, sizeof *mine))) {
        n = getgroups(n, mine);
        for (int i = 0; i < n; i++)
            if (mine[i] == group->gr_gid)
                found = 1;
        free(mine);
    }
    for (char **member = group->gr_mem; found < 0 && me && *member; member++)
        if (strcmp(*member, me->pw_name) == 0)
            found = 0;
    return found;
}

static void check_group(struct doctor *d)
{
    const struct group *group = getgrnam(GROUP_NAME);
    const struct passwd *me = getpwuid(geteuid());
    const char *label = _("group hoga");
    char remedy[160];

    if (geteuid() == 0) {
        doctor_say(d, FINDING_OK, label, _("you are root, who may read every segment"), "");
        return;
    }
    if (!group) {
        doctor_say(d, FINDING_OK, label, _("not on this host; your own hogad needs none"), "");
        return;
    }
    (void)snprintf(remedy, sizeof remedy, _("sudo usermod -aG hoga %s, then log in again"), me ? me->pw_name : "USER");
    switch (membership(group)) {
    case 1:
        doctor_say(d, FINDING_OK, label, _("you are a member"), "");
        break;
    case 0:
        doctor_say(d, FINDING_WARN, label, _("you are a member, but this session began before"), _("log in again"));
        break;
    default:
        doctor_say(d, d->c->h ? FINDING_OK : FINDING_WARN, label,
                   _("you are no member; system segments are closed to you"), remedy);
    }
}

static void check_wake(struct doctor *d, const char *path)
{
    char wake[512];

    (void)snprintf(wake, sizeof wake, "%s.wake", path);
    if (access(wake, R_OK | W_OK) == 0)
        doctor_say(d, FINDING_OK, _("wake file"), _("readers can announce that they sleep"), "");
    else
        doctor_sayf(d, FINDING_WARN, _("wake file"), _("let the group write it (mode 0660); reads go on either way"),
                    _("%s: %s: waiting readers look every 250 ms in place of being woken"), wake, strerror(errno));
}

/* Who reads needs neither socket, so none of this is worse than a warning; without a daemon there is nothing to say. */
static void check_socket(struct doctor *d, int is_admin, bool is_expected)
{
    struct hoga_problem problem = { 0 };
    const char *remedy;
    char label[64];
    int fd = hoga_control_open(d->c->segment, is_admin, CONTROL_NS, &problem), r = fd;

    (void)snprintf(label, sizeof label, "%s %s", _("control socket"), is_admin ? "admin" : "ask");
    if (fd >= 0) {
        r = hoga_control_ask(fd, "{\"verb\":\"status\"}", CONTROL_NS, NULL, &problem);
        (void)close(fd);
    }
    if (r >= 0) {
        doctor_say(d, FINDING_OK, label, is_admin ? _("hogad takes orders from you") : _("hogad answers"), "");
        return;
    }
    if (!is_expected && r != -EACCES)
        return;
    text_clean(problem.what);
    text_clean(problem.why);
    text_clean(problem.remedy);
    remedy = problem.remedy[0] ? gettext(problem.remedy) : "";
    if (r == -ENOENT) /* of a daemon that lives: it made them when it began, or systemd does */
        remedy =
            _("restart hogad; where systemd keeps the sockets: sudo systemctl start hogad.socket hogad-admin.socket");
    doctor_sayf(d, r == -EACCES && is_admin ? FINDING_OK : FINDING_WARN, label, remedy, "%s: %s", problem.what,
                gettext(problem.why));
}

static void check_sockets(struct doctor *d)
{
    struct hoga_daemon daemon;
    bool is_alive = d->c->h && hoga_daemon(d->c->h, &daemon) == 0 && daemon.is_alive;

    for (int is_admin = 0; is_admin < 2; is_admin++)
        check_socket(d, is_admin, is_alive);
}

static bool is_alive_at(const char *path)
{
    struct hoga_daemon daemon;
    struct hoga *h;
    bool is_alive;

    if (hoga_open(&h, path, NULL) < 0)
        return false;
    is_alive = hoga_daemon(h, &daemon) == 0 && daemon.is_alive;
    h = hoga_close(h);
    return is_alive;
}

/* A path that was named and is wrong, or whose daemon is gone: is there a live one where nobody was sent? */
static void check_elsewhere(struct doctor *d, bool is_alive)
{
    const char *named = d->c->segment ? d->c->segment : getenv("HOGA_SEGMENT");
    char user[512];
    const char *const places[] = { user, DOCTOR_SYSTEM_PATH };

    if (is_alive || !named || !named[0])
        return;
    path_user(user, sizeof user);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strcmp(places[i], named) != 0 && is_alive_at(places[i]))
            doctor_sayf(d, FINDING_BAD, _("path"), d->c->segment ? _("leave --segment away") : _("unset HOGA_SEGMENT"),
                        _("a live hogad publishes in %s, and not in %s"), places[i], named);
}

static void check_daemon(struct doctor *d)
{
    struct hoga_daemon daemon;

    if (hoga_daemon(d->c->h, &daemon) < 0)
        return;
    text_clean(daemon.version);
    text_clean(daemon.path);
    doctor_sayf(d, FINDING_OK, _("segment"), "", _("%s is the one in use"), daemon.path);
    doctor_daemon(d, &daemon);
    check_wake(d, daemon.path);
    check_elsewhere(d, daemon.is_alive);
}

int verb_doctor(struct cli *c, int n_arguments, char **arguments)
{
    struct doctor d = { .c = c };
    cJSON *document = NULL;

    (void)n_arguments;
    (void)arguments;
    (void)hoga_open(&c->h, c->segment, NULL);
    if (c->is_json) {
        document = doc_new(c);
        d.checks = cJSON_AddArrayToObject(document, "checks");
    }
    check_paths(&d);
    check_group(&d);
    if (c->h)
        check_daemon(&d);
    check_sockets(&d);
    if (c->h) {
        doctor_connections(&d);
        doctor_books(&d);
    } else {
        check_elsewhere(&d, false);
    }
    if (document) {
        (void)cJSON_AddBoolToObject(document, "ok", !d.is_bad);
        if (doc_print(document) < 0)
            return CLI_PROBLEM;
    }
    return d.is_bad ? CLI_PROBLEM : CLI_FINE;
}
