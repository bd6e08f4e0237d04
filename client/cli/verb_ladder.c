/* SPDX-License-Identifier: MIT
 * hoga ladder: names and options for the full-screen ladder of client/tui. */
#include "cli.h"
#include "client/tui/tui.h"
#include "names.h"

#include <errno.h>
#include <string.h>

#define FEE_DECIMALS 6 /* of a percent: fee_e8 counts 10^-8 */
#define FEE_E8_MAX   100000000

/* "0.05" percent. Returns: false, no rate from 0 to 100. */
static bool fee_parse(const char *text, uint32_t *ret_fee_e8)
{
    int64_t fee_e8;

    if (hoga_parse(text, FEE_DECIMALS, &fee_e8) < 0 || fee_e8 < 0 || fee_e8 > FEE_E8_MAX)
        return false;
    *ret_fee_e8 = (uint32_t)fee_e8;
    return true;
}

static bool style_parse(const char *text, enum tui_colours *ret)
{
    static const struct {
        const char *word;
        enum tui_colours colours;
    } words[] = { { "auto", TUI_COLOURS_LANGUAGE },
                  { "korean", TUI_COLOURS_KOREAN },
                  { "western", TUI_COLOURS_WESTERN } };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i].word) != 0)
            continue;
        *ret = words[i].colours;
        return true;
    }
    return false;
}

/* A book that is not carried is asked for, and held by *io_fd. Where hogad cannot be asked, or does not know it either,
 * the names that are carried say what may have been meant. Returns an exit code. */
static int name_ask(struct cli *c, const char *name, int *io_fd)
{
    struct hoga_problem problem;

    switch (hoga_subscribe(c->h, &name, 1, CLI_CONTROL_NS, io_fd, &problem)) {
    case -ENODEV:
    case -ENOSPC:
    case -EDQUOT:
        return cli_fail_problem(&problem);
    }
    return CLI_FINE;
}

/* As the segment spells them. Returns an exit code. */
static int names_spell(struct cli *c, int n, char **arguments, char ret_names[][HOGA_NAME_SIZE], int *io_fd)
{
    for (int i = 0; i < n; i++) {
        struct hoga_info info;
        hoga_id id;
        int code = CLI_FINE;

        if (strchr(arguments[i], ':') && hoga_find(c->h, arguments[i], &id) == -ENOENT)
            code = name_ask(c, arguments[i], io_fd);
        if (code == CLI_FINE)
            code = names_resolve(c, arguments[i], &id);
        if (code != CLI_FINE)
            return code;
        if (names_info(c, id, &info) < 0)
            return names_fail(c, arguments[i], "");
        (void)snprintf(ret_names[i], HOGA_NAME_SIZE, "%s", info.name);
    }
    return CLI_FINE;
}

int verb_ladder(struct cli *c, int n_arguments, char **arguments)
{
    static char names[TUI_BOOKS_MAX][HOGA_NAME_SIZE];
    struct tui_ladder_options ladder = { .n_levels = c->depth, .group = c->group, .has_fee = c->fee != NULL };
    struct tui_options options = { .has_colour = c->has_colour, .is_utc = c->is_utc, .count = c->count };
    char why[TUI_WHY_SIZE], *wanted[TUI_BOOKS_MAX];
    int code, r, fd = -1; /* closed by the end of the program */

    if (n_arguments > TUI_BOOKS_MAX)
        return cli_fail_usage(c, arguments[TUI_BOOKS_MAX], _("more books than one ladder shows"));
    if (c->fee && !fee_parse(c->fee, &ladder.fee_e8))
        return cli_fail_usage(c, c->fee, _("is no fee: --fee wants percent from 0 to 100, such as 0.05"));
    if (c->style && !style_parse(c->style, &ladder.colours))
        return cli_fail_usage(c, c->style, _("is no style: auto, korean or western"));
    code = cli_open(c);
    if (code == CLI_FINE)
        code = names_spell(c, n_arguments, arguments, names, &fd);
    if (code != CLI_FINE)
        return code;
    for (int i = 0; i < n_arguments; i++)
        wanted[i] = names[i];
    options.h = c->h;
    options.n_patterns = n_arguments;
    options.patterns = wanted;
    r = tui_ladder(&options, &ladder, why);
    if (r == -ENOTTY) {
        (void)cli_fail("ladder", why, _("hoga book NAME prints one book"));
        return CLI_USAGE;
    }
    if (r == -EINVAL)
        return cli_fail_usage(c, c->group, _("is no step: --group wants a decimal above 0, such as 1000 or 0.5"));
    return r < 0 ? cli_fail("ladder", strerror(-r), NULL) : CLI_FINE;
}
