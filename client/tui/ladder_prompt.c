/* SPDX-License-Identifier: MIT */
#include "ladder_prompt.h"

#include "screen.h"

#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The names that hold the text, in the directory's order; an exact one first. */
static int candidates(struct hoga *h, const char *text, char ret[CANDIDATES_MAX][HOGA_NAME_SIZE])
{
    static hoga_id ids[IDS_MAX];
    int n_ids = hoga_list(h, ids, IDS_MAX), n = 0;
    struct hoga_info info;
    hoga_id exact = HOGA_NO_ID;

    if (hoga_find(h, text, &exact) == 0 && hoga_info(h, exact, &info) == 0)
        (void)snprintf(ret[n++], HOGA_NAME_SIZE, "%s", info.name);
    for (int i = 0; i < n_ids && i < IDS_MAX && n < CANDIDATES_MAX; i++) {
        if (ids[i] != exact && hoga_info(h, ids[i], &info) == 0 && strcasestr(info.name, text))
            (void)snprintf(ret[n++], HOGA_NAME_SIZE, "%s", info.name);
    }
    return n;
}

static void add(struct prompt *p, int key)
{
    size_t n = strlen(p->text);

    if (key > 0x20 && key < 0x7f && n + 1 < sizeof p->text) { /* names are ASCII */
        p->text[n] = (char)key;
        p->text[n + 1] = '\0';
    }
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
        if (p->text[0])
            p->text[strlen(p->text) - 1] = '\0';
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
