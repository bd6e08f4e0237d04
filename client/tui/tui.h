/* SPDX-License-Identifier: MIT
 * tui.h - the full-screen verbs, as `hoga` calls them. Each takes the terminal, runs until it is told to end, and gives
 * the terminal back. */
#ifndef HOGA_TUI_TUI_H
#define HOGA_TUI_TUI_H

#include <stdbool.h>
#include <stdint.h>

struct hoga;

struct tui_options {
    struct hoga *h; /* open; the caller closes it */
    bool has_colour;
    bool is_utc;
    uint64_t count;      /* screens to draw, 0: until told to end */
    int64_t interval_ns; /* 0: the verb's own */
    int n_patterns;      /* globs of venue:SYMBOL, or of the symbol alone; none: all */
    char **patterns;
};

#define TUI_WHY_SIZE  256
#define TUI_BOOKS_MAX 16

enum tui_colours { TUI_COLOURS_LANGUAGE, TUI_COLOURS_KOREAN, TUI_COLOURS_WESTERN };

struct tui_ladder_options {
    uint32_t n_levels; /* a side; 0: as many as there is room for */
    uint32_t fee_e8;   /* 100000000 is all of it */
    bool has_fee;
    const char *group;        /* step; NULL: none */
    enum tui_colours colours; /* LANGUAGE: Korean where the words are */
};

/* Returns: 0 ended in order; -ENOTTY no terminal to draw on, ret_why says why; -ENOMEM. */
int tui_top(const struct tui_options *options, char ret_why[TUI_WHY_SIZE]);
/* options->patterns are names of books, at least one, at most TUI_BOOKS_MAX. Returns: as above; -EINVAL the step. */
int tui_ladder(const struct tui_options *options, const struct tui_ladder_options *ladder, char ret_why[TUI_WHY_SIZE]);

#endif
