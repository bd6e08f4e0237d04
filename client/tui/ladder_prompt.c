/* SPDX-License-Identifier: MIT */
#include "ladder_prompt.h"

#include "screen.h"

#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define _(text) gettext(text)

#define CANDIDATES_MAX 8
#define IDS_MAX        4096               /* names looked through */
#define LEASE_NS       INT64_C(300000000) /* longest that a key may wait for hogad */

int prompt_lease_take(struct prompt_lease *lease, struct hoga *h, const char *name, struct hoga_problem *ret_problem)
{
    (void)snprintf(lease->asked, sizeof lease->asked, "%s", name);
    return hoga_subscribe(h, &name, 1, LEASE_NS, &lease->fd, ret_problem);
}

void prompt_open(struct prompt *p)
{
    *p = (struct prompt){ .is_open = true };
}

/* A part of the symbol, or of the names that the venue gives it; a venue from its beginning ("bit" is no part of
 * upbit:KRW-XRP); the whole name where a colon is typed. */
static bool is_meant(struct hoga *h, const char *name, const char *text)
{
    const char *symbol = strchr(name, ':');
    struct hoga_instrument instrument;

    if (!symbol || strchr(text, ':'))
        return strcasestr(name, text) != NULL;
    if (strcasestr(symbol + 1, text) || strncasecmp(name, text, strlen(text)) == 0)
        return true;
    return hoga_catalogue_find(h, name, &instrument) == 0 &&
           (strcasestr(instrument.name_korean, text) || strcasestr(instrument.name_english, text));
}

/* The names that are meant, in the directory's order; an exact one first. */
static int candidates(struct hoga *h, const char *text, char ret[CANDIDATES_MAX][HOGA_NAME_SIZE])
{
    static hoga_id ids[IDS_MAX];
    int n_ids = hoga_list(h, ids, IDS_MAX), n = 0;
    struct hoga_info info;
    hoga_id exact = HOGA_NO_ID;

    if (hoga_find(h, text, &exact) == 0 && hoga_info(h, exact, &info) == 0)
        (void)snprintf(ret[n++], HOGA_NAME_SIZE, "%s", info.name);
    for (int i = 0; i < n_ids && i < IDS_MAX && n < CANDIDATES_MAX; i++) {
        if (ids[i] != exact && hoga_info(h, ids[i], &info) == 0 && is_meant(h, info.name, text))
            (void)snprintf(ret[n++], HOGA_NAME_SIZE, "%s", info.name);
    }
    return n;
}

/* A character as UTF-8: names of venues may be Korean. */
static void add(struct prompt *p, int key)
{
    size_t n = strlen(p->text);
    char bytes[4];
    size_t size = 1;

    if (key <= 0x20 || key == 0x7f || key > 0xffff)
        return;
    if (key < 0x80) {
        bytes[0] = (char)key;
    } else if (key < 0x800) {
        bytes[0] = (char)(0xc0 | key >> 6);
        bytes[1] = (char)(0x80 | (key & 0x3f));
        size = 2;
    } else {
        bytes[0] = (char)(0xe0 | key >> 12);
        bytes[1] = (char)(0x80 | (key >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (key & 0x3f));
        size = 3;
    }
    if (n + size >= sizeof p->text)
        return;
    memcpy(p->text + n, bytes, size);
    p->text[n + size] = '\0';
}

static void take_back(struct prompt *p)
{
    size_t n = strlen(p->text);

    while (n > 0 && ((unsigned char)p->text[--n] & 0xc0) == 0x80)
        ;
    p->text[n] = '\0';
}

/* Returns: true, hogad has taken it on; else its words are the message. */
static bool ask(struct prompt *p, struct prompt_lease *lease, struct hoga *h)
{
    struct hoga_problem problem;

    if (!strchr(p->text, ':')) {
        (void)snprintf(p->message, sizeof p->message, _("%s: hogad carries no such book"), p->text);
        return false;
    }
    if (prompt_lease_take(lease, h, p->text, &problem) == 0)
        return true;
    (void)snprintf(p->message, sizeof p->message, "%.60s: %.80s", problem.what, problem.why);
    return false;
}

bool prompt_key(struct prompt *p, struct prompt_lease *lease, struct hoga *h, int key, char ret_name[HOGA_NAME_SIZE])
{
    char found[CANDIDATES_MAX][HOGA_NAME_SIZE];

    switch (key) {
    case SCREEN_ESCAPE:
        p->is_open = false;
        return false;
    case SCREEN_BACKSPACE:
        take_back(p);
        return false;
    case SCREEN_TAB:
        if (candidates(h, p->text, found) > 0)
            (void)snprintf(p->text, sizeof p->text, "%s", found[0]);
        return false;
    case SCREEN_ENTER:
        p->is_open = false;
        if (!p->text[0])
            return false;
        if (candidates(h, p->text, found) > 0)
            (void)snprintf(ret_name, HOGA_NAME_SIZE, "%s", found[0]);
        else if (ask(p, lease, h))
            (void)snprintf(ret_name, HOGA_NAME_SIZE, "%s", p->text);
        else
            return false;
        return true;
    }
    add(p, key);
    return false;
}

void prompt_draw(const struct prompt *p, struct hoga *h)
{
    char found[CANDIDATES_MAX][HOGA_NAME_SIZE], line[CANDIDATES_MAX * HOGA_NAME_SIZE + 160];
    int n, row = screen_rows() - 1;

    if (!p->is_open && p->message[0])
        screen_band(row, INK_ALARM, p->message);
    if (!p->is_open)
        return;
    n = candidates(h, p->text, found);
    (void)snprintf(line, sizeof line, "%s %s_ ", _("book:"), p->text);
    for (int i = 0; i < n; i++)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), " %s", found[i]);
    screen_band(row, INK_HEAD, line);
}
