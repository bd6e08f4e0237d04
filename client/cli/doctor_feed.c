/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include "names.h"
#include "view.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What an operator does about a reason; the rest mends itself, and the journal says more. */
static const struct {
    const char *reason;
    const char *remedy;
} remedies[] = {
    { "no-snapshot", N_("mend its name under `symbols' in hoga.conf; `hoga ls --all' shows what the venue lists") },
    { "symbol-unknown", N_("mend its name under `symbols' in hoga.conf; `hoga ls --all' shows what the venue lists") },
    { "symbol-form", N_("mend its name under `symbols' in hoga.conf; `hoga ls --all' shows what the venue lists") },
    { "symbol-case", N_("write it in upper case under `symbols' in hoga.conf") },
    { "resolve-failed", N_("look at /etc/resolv.conf, or resolv_conf in hoga.conf; try `getent hosts HOST'") },
    { "connect-failed", N_("look at the network, the firewall and proxy in hoga.conf; hogad dials again by itself") },
    { "connect-timeout", N_("look at the network, the firewall and proxy in hoga.conf; hogad dials again by itself") },
    { "tls-failed", N_("look at the clock (timedatectl) and at the certificates: sudo apt install ca-certificates") },
    { "http-refused",
      N_("403 and 451 are the venue's no to this address; others pass, and hogad dials again by itself") },
    { "no-sign-of-life", N_("look at the network; hogad dials again by itself") },
    { "maintenance", N_("wait: the venue is closed, and hogad dials again by itself") },
    { "number-range", N_("nothing: hogad asks for a whole book again") },
};

static const char *remedy_of(unsigned reason, const char *otherwise)
{
    const char *word = hoga_reason_word(reason);

    for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
        if (strcmp(remedies[i].reason, word) == 0)
            return _(remedies[i].remedy);
    return otherwise;
}

/* --- the daemon ----------------------------------------------------------------------------------------------------
 */

/* The letter of its state if that process is a hogad here, else 0: the number is one of its own namespace. */
static char process_state(uint64_t pid)
{
    char path[64], name[32] = "", state = 0;
    FILE *stat;

    (void)snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    stat = fopen(path, "re");
    if (!stat)
        return 0;
    if (fscanf(stat, "%*d (%31[^)]) %c", name, &state) != 2 || strcmp(name, "hogad") != 0)
        state = 0;
    (void)fclose(stat);
    return state;
}

static void say_silent(struct doctor *d, const struct hoga_daemon *daemon, const char *age)
{
    bool is_system = strcmp(daemon->path, DOCTOR_SYSTEM_PATH) == 0;
    char state = process_state(daemon->pid), remedy[96];

    if (state == 'T' || state == 't') {
        (void)snprintf(remedy, sizeof remedy, "sudo kill -CONT %" PRIu64, daemon->pid);
        doctor_sayf(d, FINDING_BAD, "hogad", remedy, _("is silent since %s: process %llu was stopped by a signal"), age,
                    (unsigned long long)daemon->pid);
    } else if (state) {
        (void)snprintf(remedy, sizeof remedy, is_system ? "sudo systemctl restart hogad" : "kill -TERM %" PRIu64,
                       daemon->pid);
        doctor_sayf(d, FINDING_BAD, "hogad", remedy, _("is silent since %s: process %llu is there and does not turn"),
                    age, (unsigned long long)daemon->pid);
    } else {
        doctor_sayf(d, FINDING_BAD, "hogad",
                    is_system ? _("sudo systemctl start hogad; journalctl -u hogad says why it ended")
                              : _("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself"),
                    _("is silent since %s; values are frozen"), age);
    }
}

void doctor_daemon(struct doctor *d, const struct hoga_daemon *daemon)
{
    char age[TEXT_AGE_SIZE];

    if (strcmp(daemon->version, hoga_version()) == 0)
        doctor_sayf(d, FINDING_OK, _("version"), "", _("hogad and hoga %s, ABI %u.%u"), daemon->version,
                    daemon->abi_major, daemon->abi_minor);
    else
        doctor_sayf(d, FINDING_WARN, _("version"), _("both can work together; install the same version of both"),
                    _("hogad %s, hoga %s, ABI %u.%u"), daemon->version, hoga_version(), daemon->abi_major,
                    daemon->abi_minor);
    text_age(daemon->heartbeat_age_ns, age);
    if (daemon->is_alive)
        doctor_sayf(d, FINDING_OK, "hogad", "", _("alive, heartbeat %s ago, pid %llu"), age,
                    (unsigned long long)daemon->pid);
    else if (daemon->is_stopped)
        doctor_sayf(d, FINDING_BAD, "hogad", _("start hogad: \"sudo systemctl start hogad\", or \"hogad\" as yourself"),
                    _("was stopped %s ago; values are frozen"), age);
    else
        say_silent(d, daemon, age);
    if (cli_is_pretend(daemon->source))
        doctor_sayf(d, FINDING_WARN, _("source"), _("for trading, read another segment"),
                    _("%s: these are not the market's numbers"), hoga_source_word(daemon->source));
}

/* --- connections and books -----------------------------------------------------------------------------------------
 */

static void say_connection(struct doctor *d, const char *what, const struct hoga_connection *connection)
{
    char more[64] = "", wait[TEXT_AGE_SIZE], next[96] = "";
    int64_t wait_ns = connection->next_dial_ns ? connection->next_dial_ns - text_now_wall_ns() : 0;

    if (connection->http_status)
        (void)snprintf(more, sizeof more, _(" (HTTP %u)"), connection->http_status);
    if (wait_ns > 0) {
        text_age(wait_ns, wait);
        (void)snprintf(next, sizeof next, _("; dials again in %s"), wait);
    }
    doctor_sayf(d, FINDING_BAD, what,
                remedy_of(connection->reason, connection->next_dial_ns ? _("hogad dials again by itself")
                                                                       : _("look at its log: journalctl -u hogad")),
                "%s: %s: %s%s%s", hoga_state_word(connection->state), hoga_reason_word(connection->reason),
                cli_reason_sentence(connection->reason), more, next);
}

void doctor_connections(struct doctor *d)
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
            doctor_sayf(d, FINDING_OK, what, "", _("live, %u books"), connection.n_books);
        else
            say_connection(d, what, &connection);
    }
    if (n == 0)
        doctor_say(d, FINDING_BAD, _("connections"), _("none: hogad has not begun to dial"),
                   _("look at its log: journalctl -u hogad"));
}

void doctor_books(struct doctor *d)
{
    struct names names;
    uint32_t n_live = 0;

    if (names_load(d->c, &names) < 0)
        return;
    for (size_t i = 0; i < names.n; i++) {
        struct hoga_book book;
        int r = view_read_book(d->c, names.infos[i].id, 0, &book);

        if (r == -ESTALE || (r == 0 && book.state == HOGA_LIVE)) {
            n_live++; /* a slot that was given away while we looked is no fault */
            continue;
        }
        if (r < 0)
            doctor_say(d, FINDING_BAD, names.infos[i].name, strerror(-r),
                       _("restart hogad: it makes a new file in its place"));
        else
            doctor_sayf(d, FINDING_BAD, names.infos[i].name, remedy_of(book.reason, ""), "%s: %s: %s",
                        hoga_state_word(book.state), hoga_reason_word(book.reason), cli_reason_sentence(book.reason));
    }
    if (names.n == 0)
        doctor_say(d, FINDING_BAD, _("books"), _("none is carried"), _("name some under `symbols' in hoga.conf"));
    else
        doctor_sayf(d, n_live == names.n ? FINDING_OK : FINDING_BAD, _("books"), "", _("%u of %u live"), n_live,
                    (unsigned)names.n);
    names_done(&names);
}
