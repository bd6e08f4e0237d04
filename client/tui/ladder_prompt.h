/* SPDX-License-Identifier: MIT
 * ladder_prompt.h - the line that asks for another book: what is typed, and the first names that hold it. One thread.
 */
#ifndef HOGA_TUI_LADDER_PROMPT_H
#define HOGA_TUI_LADDER_PROMPT_H

#include <hoga/hoga.h>

#include <stdbool.h>

#define PROMPT_SIZE 64 /* bytes of what is typed */

struct prompt {
    bool is_open;
    char text[PROMPT_SIZE];
    char message[160]; /* shown in its place when it is closed; "" none */
};

/* Books that hogad was asked for because it did not carry them; it carries them for as long as `fd` is open. Each name
 * is asked for once. */
struct prompt_lease {
    int fd; /* -1: none held */
    char asked[HOGA_NAME_SIZE];
};
/* Returns: 0 held; what hoga_subscribe says, and ret_problem. */
int prompt_lease_take(struct prompt_lease *lease, struct hoga *h, const char *name, struct hoga_problem *ret_problem);

void prompt_open(struct prompt *p);
/* Returns: true, the user has chosen ret_name and the prompt is closed. A whole name that is not carried is asked for.
 */
bool prompt_key(struct prompt *p, struct prompt_lease *lease, struct hoga *h, int key, char ret_name[HOGA_NAME_SIZE]);
/* On the last row of the screen, if there is anything to show. */
void prompt_draw(const struct prompt *p, struct hoga *h);

#endif
