/* SPDX-License-Identifier: MIT
 * screen.h - the terminal of the full-screen verbs: takes it, draws cells of UTF-8 with a handful of inks, waits for
 * keys, and gives it back on every way out, a crash included. One in a process, one thread. It knows no segment. Text
 * is UTF-8 whatever the locale; what the locale cannot show becomes '?'.
 *
 *     if (screen_open(true, why) < 0) ...
 *     for (bool goes_on = true; goes_on;) {
 *         screen_erase();
 *         screen_put(0, 0, screen_columns(), INK_HEAD, SIDE_LEFT, "...");
 *         screen_show();
 *         switch (screen_read(deadline_boot_ns, is_changed, context)) { case SCREEN_END: case 'q': ... }
 *     }
 *     screen_close();
 *
 * While it is open SIGINT, SIGTERM, SIGHUP and SIGQUIT are SCREEN_END, and end nothing by themselves. */
#ifndef HOGA_TUI_SCREEN_H
#define HOGA_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCREEN_WHY_SIZE    256
#define SCREEN_ROWS_MIN    12
#define SCREEN_COLUMNS_MIN 40
#define SCREEN_SLICE_NS    INT64_C(25000000) /* how often screen_read asks `is_changed` */

enum screen_ink {
    INK_PLAIN,
    INK_GOOD,
    INK_WAIT,
    INK_BAD,
    INK_DIM,
    INK_BOLD,
    INK_HEAD, /* titles and column heads: a bar */
    INK_PICK, /* the row that the keys move */
    INK_ASK,  /* a row of the ladder: numbers on the side's ground; enum screen_style says in which colours */
    INK_BID,
    INK_ASK_BAR, /* a background as long as a size, under INK_ASK's and INK_BID's text */
    INK_BID_BAR,
    INK_ASK_UP, /* a price above, or below, the previous close, on the side's ground */
    INK_ASK_DOWN,
    INK_BID_UP,
    INK_BID_DOWN,
    INK_UP, /* the same without ground */
    INK_DOWN,
    INK_ALARM,   /* a band that cannot be overlooked: not live */
    INK_PRETEND, /* a band for numbers that are not the market's */
    INKS
};

enum screen_side { SIDE_LEFT, SIDE_RIGHT };

/* Korean: above the previous close red, below blue; asks on blue ground, bids on red. Western: asks red, bids green. */
enum screen_style { STYLE_WESTERN, STYLE_KOREAN };

/* Keys are their characters (Unicode), or one of these. */
enum screen_key {
    SCREEN_NONE = 0, /* the deadline passed */
    SCREEN_CHANGED = 0x110000,
    SCREEN_RESIZE,
    SCREEN_END, /* told to end, or the terminal is gone */
    SCREEN_UP,
    SCREEN_DOWN,
    SCREEN_LEFT,
    SCREEN_RIGHT,
    SCREEN_PAGE_UP,
    SCREEN_PAGE_DOWN,
    SCREEN_HOME,
    SCREEN_LAST,
    SCREEN_BACK_TAB,
    SCREEN_BACKSPACE,
};
#define SCREEN_TAB    9
#define SCREEN_ENTER  10
#define SCREEN_ESCAPE 27

/* One row of a verb's help; every verb names its table `keys`, which tests/tidy holds against the man page. */
struct screen_key_help {
    const char *name; /* "PgUp, PgDn" */
    const char *help; /* N_() */
};

/* Takes the terminal of standard input and output. has_colour false: attributes alone. From here on gettext gives
 * UTF-8. Returns: 0; -ENOTTY no terminal, or one that cannot be drawn on: ret_why says so in the reader's language. */
int screen_open(bool has_colour, char ret_why[SCREEN_WHY_SIZE]);
void screen_close(void); /* may be called at any time, also twice */

/* The colours of the inks of asks and bids, at any time; western at first. */
void screen_style(enum screen_style style);
/* Asks and bids that are put from here on are faint: old numbers shall not look like the market's. */
void screen_faint(bool is_faint);

int screen_rows(void);
int screen_columns(void);
bool screen_is_unicode(void); /* can "…", "▲" be shown? */

void screen_erase(void);
void screen_show(void); /* the drawn screen, in one go */
/* Exactly `width` columns from `column` on, blanks included; text that is too long is cut. Beyond the screen: nothing.
 */
void screen_put(int row, int column, int width, enum screen_ink ink, enum screen_side side, const char *text);
/* A whole row. */
void screen_band(int row, enum screen_ink ink, const char *text);
/* Columns of a text; Hangul takes two. */
int screen_width(const char *text);

/* A key, or SCREEN_NONE at deadline_boot_ns (CLOCK_BOOTTIME), or SCREEN_CHANGED as soon as `is_changed` (may be NULL)
 * says so; it is asked every SCREEN_SLICE_NS: a load from the segment in place of a sleep on its futex, which would
 * cost hogad a system call whenever it publishes. After SCREEN_RESIZE draw anew. */
int screen_read(int64_t deadline_boot_ns, bool (*is_changed)(void *context), void *context);
/* The same, also woken by `fd` (SCREEN_CHANGED; -1: none), for an eventfd. */
int screen_read_fd(int64_t deadline_boot_ns, bool (*is_changed)(void *context), void *context, int fd);
int64_t screen_now_boot_ns(void);

#endif
