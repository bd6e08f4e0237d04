/* SPDX-License-Identifier: MIT
 * hoga doctor: goes the way from the path to the books, and says at each step in words what is wrong and what to do. */
#include "doc.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_PATH "/run/hoga/main/books"
#define GROUP_NAME  "hoga"
#define CONTROL_NS  1000000000ll /* for each of a connection and an answer */
#define GROUPS_MAX  65536
#define WORDS_SIZE  1024

enum finding {
    FINDING_OK,
    FINDING_WARN,
    FINDING_BAD,
};

struct doctor {
    struct cli *c;
    cJSON *checks; /* NULL: words for people */
    uint64_t n_lines;
    bool is_bad;
};

/* One line; `remedy` may be "". */
static void say(struct doctor *d, enum finding finding, const char *what, const char *why, const char *remedy)
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

static void __attribute__((format(printf, 5, 6)))
sayf(struct doctor *d, enum finding finding, const char *what, const char *remedy, const char *why, ...)
{
    char text[WORDS_SIZE];
    va_list arguments;

    va_start(arguments, why);
    (void)vsnprintf(text, sizeof text, why, arguments);
    va_end(arguments);
    say(d, finding, what, text, remedy);
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
        sayf(d, FINDING_OK, path, "", _("a segment that can be read (%s)"), mode);
        return true;
    }
    text_clean(problem.why);
    text_clean(problem.remedy);
    has_remedy = problem.remedy[0] && (is_only || r != -ENOENT); /* gettext("") is the catalogue's own head */
    say(d, r == -ENOENT && !is_only ? FINDING_WARN : FINDING_BAD, path, gettext(problem.why),
        has_remedy ? gettext(problem.remedy) : "");
    return false;
}

static void check_paths(struct doctor *d)
{
    const char *named = d->c->segment ? d->c->segment : getenv("HOGA_SEGMENT");
    char user[512];

    if (named && named[0]) {
        say(d, FINDING_OK, _("path"),
            d->c->segment ? _("named by --segment; no other is tried") : _("named by HOGA_SEGMENT; no other is tried"),
            "");
        (void)check_path(d, named, true);
        return;
    }
    path_user(user, sizeof user);
    bool has_user = check_path(d, user, false);
    bool has_system = check_path(d, SYSTEM_PATH, false);

    if (!has_user && !has_system)
        say(d, FINDING_BAD, _("path"), _("no segment can be read"),
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
    const char *label = _("group hoga");

    if (geteuid() == 0) {
        say(d, FINDING_OK, label, _("you are root, who may read every segment"), "");
        return;
    }
    if (!group) {
        say(d, FINDING_OK, label, _("not on this host; your own hogad needs none"), "");
        return;
    }
    switch (membership(group)) {
    case 1:
        say(d, FINDING_OK, label, _("you are a member"), "");
        break;
    case 0:
        say(d, FINDING_WARN, label, _("you are a member, but this session began before"), _("log in again"));
        break;
    default:
        say(d, d->c->h ? FINDING_OK : FINDING_WARN, label, _("you are no member; system segments are closed to you"),
            _("sudo usermod -aG hoga USER, then log in again"));
    }
}

static void check_wake(struct doctor *d, const char *path)
{
    char wake[512];

    (void)snprintf(wake, sizeof wake, "%s.wake", path);
    if (access(wake, R_OK | W_OK) == 0)
        say(d, FINDING_OK, _("wake file"), _("readers can announce that they sleep"), "");
    else
        sayf(d, FINDING_WARN, _("wake file"), _("let the group write it (mode 0660); reads go on either way"),
             _("%s: %s: waiting readers look every 250 ms in place of being woken"), wake, strerror(errno));
}

/* Who reads needs neither socket, so none of this is worse than a warning. */
static void check_socket(struct doctor *d, int is_admin)
{
    struct hoga_problem problem = { 0 };
    char label[64];
    int fd = hoga_control_open(d->c->segment, is_admin, CONTROL_NS, &problem), r = fd;

    (void)snprintf(label, sizeof label, "%s %s", _("control socket"), is_admin ? "admin" : "ask");
    if (fd >= 0) {
        r = hoga_control_ask(fd, "{\"verb\":\"status\"}", CONTROL_NS, NULL, &problem);
        (void)close(fd);
    }
    if (r >= 0) {
        say(d, FINDING_OK, label, is_admin ? _("hogad takes orders from you") : _("hogad answers"), "");
        return;
    }
    text_clean(problem.what);
    text_clean(problem.why);
    text_clean(problem.remedy);
    sayf(d, r == -EACCES && is_admin ? FINDING_OK : FINDING_WARN, label,
         problem.remedy[0] ? gettext(problem.remedy) : "", "%s: %s", problem.what, gettext(problem.why));
}

static void check_daemon(struct doctor *d)
{
    struct hoga_daemon daemon;
    char age[TEXT_AGE_SIZE];

    if (hoga_daemon(d->c->h, &daemon) < 0)
        return;
    text_clean(daemon.version);
    text_clean(daemon.path);
    sayf(d, FINDING_OK, _("segment"), "", _("%s is the one in use"), daemon.path);
    if (strcmp(daemon.version, hoga_version()) == 0)
        sayf(d, FINDING_OK, _("version"), "", _("hogad and hoga %s, ABI %u.%u"), daemon.version, daemon.abi_major,
             daemon.abi_minor);
    else
        sayf(d, FINDING_WARN, _("version"), _("both can work together; install the same version of both"),
             _("hogad %s, hoga %s, ABI %u.%u"), daemon.version, hoga_version(), daemon.abi_major, daemon.abi_minor);
    text_age(daemon.heartbeat_age_ns, age);
    if (daemon.is_alive)
        sayf(d, FINDING_OK, "hogad", "", _("alive, heartbeat %s ago, pid %llu"), age, (unsigned long long)daemon.pid);
    else if (daemon.is_stopped)
        sayf(d, FINDING_BAD, "hogad", _("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself"),
             _("was stopped %s ago; values are frozen"), age);
    else
        sayf(d, FINDING_BAD, "hogad", _("look at its log: journalctl -u hogad"),
             _("is silent since %s; values are frozen"), age);
    if (cli_is_pretend(daemon.source))
        sayf(d, FINDING_WARN, _("source"), _("for trading, read another segment"),
             _("%s: these are not the market's numbers"), hoga_source_word(daemon.source));
    check_wake(d, daemon.path);
    for (int is_admin = 0; daemon.is_alive && is_admin < 2; is_admin++)
        check_socket(d, is_admin);
}

static void check_connections(struct doctor *d)
{
    struct hoga_connection connection;
    uint32_t n = 0;

    for (uint32_t i = 0; i < UINT16_MAX; i++) {
        char what[64];
        int r = hoga_connection(d->c->h, i, &connection);

        if (r == -ERANGE)
            break;
        text_clean(connection.venue);
        if (r < 0 || !connection.venue[0])
            continue;
        n++;
        (void)snprintf(what, sizeof what, "%s %s", _("connection"), connection.venue);
        if (connection.state == HOGA_LIVE)
            sayf(d, FINDING_OK, what, "", _("live, %u books"), connection.n_books);
        else
            sayf(d, FINDING_BAD, what,
                 connection.next_dial_ns ? _("hogad dials again by itself") : _("look at its log: journalctl -u hogad"),
                 "%s: %s: %s", hoga_state_word(connection.state), hoga_reason_word(connection.reason),
                 cli_reason_sentence(connection.reason));
    }
    if (n == 0)
        say(d, FINDING_BAD, _("connections"), _("none: hogad has not begun to dial"),
            _("look at its log: journalctl -u hogad"));
}

static void check_books(struct doctor *d)
{
    struct names names;
    uint32_t n_live = 0;

    if (names_load(d->c, &names) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct hoga_book book;

        if (view_read_book(d->c, names.infos[i].id, 0, &book) < 0 || book.state == HOGA_LIVE) {
            n_live++; /* a slot that was given away while we looked is no fault */
            continue;
        }
        sayf(d, FINDING_BAD, names.infos[i].name, "", "%s: %s: %s", hoga_state_word(book.state),
             hoga_reason_word(book.reason), cli_reason_sentence(book.reason));
    }
    if (names.n == 0)
        say(d, FINDING_BAD, _("books"), _("none is carried"), _("name some under `symbols' in hoga.conf"));
    else
        sayf(d, n_live == names.n ? FINDING_OK : FINDING_BAD, _("books"), "", _("%u of %u live"), n_live,
             (unsigned)names.n);
    names_done(&names);
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
    if (c->h) {
        check_daemon(&d);
        check_connections(&d);
        check_books(&d);
    }
    if (document) {
        (void)cJSON_AddBoolToObject(document, "ok", !d.is_bad);
        if (doc_print(document) < 0)
            return CLI_PROBLEM;
    }
    return d.is_bad ? CLI_PROBLEM : CLI_FINE;
}
