/* SPDX-License-Identifier: MIT
 * doctor.h - what the parts of `hoga doctor` share: a finding in words, with what to do. One thread. */
#ifndef HOGA_CLI_DOCTOR_H
#define HOGA_CLI_DOCTOR_H

#include "doc.h"

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

#define DOCTOR_SYSTEM_PATH "/run/hoga/main/books"

/* One line; `remedy` may be "". */
void doctor_say(struct doctor *d, enum finding finding, const char *what, const char *why, const char *remedy);
void __attribute__((format(printf, 5, 6)))
doctor_sayf(struct doctor *d, enum finding finding, const char *what, const char *remedy, const char *why, ...);

/* The daemon behind c->h, its connections, its books. */
void doctor_daemon(struct doctor *d, const struct hoga_daemon *daemon);
void doctor_connections(struct doctor *d);
void doctor_books(struct doctor *d);

#endif
