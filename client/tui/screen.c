/* SPDX-License-Identifier: MIT */
#include "screen.h"

#include "cells.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define _(text)       gettext(text)
#define DOMAIN        "hoga"
#define GIVE_SIZE     512
#define STACK_SIZE    65536 /* of the handler: a crash may be a stack that ran over */
#define ESCAPE_MS     25    /* how long an Escape may be the begin of a key's sequence */
#define COLOURS_SMALL 8

/* What gives the terminal back; written before the handlers are there. */
static struct {
    char bytes[GIVE_SIZE];
    size_t n;
    struct termios modes;
} give;

static struct {
    SCREEN *screen; /* NULL: not open */
    int signal_fd;
    bool has_colour, is_faint;
    enum screen_style style;
} taken;

static char handler_stack[STACK_SIZE];

/* 256 colours, the first 16 or 8, and none. -1: the terminal's own. */
static const struct ink_row {
    short fg_many, bg_many, fg, bg;
    attr_t few, none; /* attributes with 8 colours, and without any */
} ink_rows[INKS] = {
    [INK_PLAIN] = { -1, -1, -1, -1, A_NORMAL, A_NORMAL },
    [INK_GOOD] = { 34, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
    [INK_WAIT] = { 178, -1, COLOR_YELLOW, -1, A_NORMAL, A_UNDERLINE },
    [INK_BAD] = { 203, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
    [INK_DIM] = { 245, -1, -1, -1, A_DIM, A_DIM },
    [INK_BOLD] = { -1, -1, -1, -1, A_BOLD, A_BOLD },
    [INK_HEAD] = { 255, 238, -1, -1, A_REVERSE, A_REVERSE },
    [INK_PICK] = { 16, 250, COLOR_BLACK, COLOR_CYAN, A_NORMAL, A_REVERSE | A_BOLD },
    [INK_ALARM] = { 231, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
    [INK_PRETEND] = { 16, 220, COLOR_BLACK, COLOR_YELLOW, A_NORMAL, A_REVERSE },
};

#define STYLE_FIRST INK_ASK
#define STYLE_INKS  (INK_DOWN - INK_ASK + 1)

/* The inks from INK_ASK on, in each style. The ground is for 256 colours alone: in few nothing can be read on it. */
static const struct ink_row style_rows[][STYLE_INKS] = {
    [STYLE_WESTERN] = {
        [INK_ASK - STYLE_FIRST] = { 210, -1, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_BID - STYLE_FIRST] = { 114, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
        [INK_ASK_BAR - STYLE_FIRST] = { 255, 88, COLOR_WHITE, COLOR_RED, A_NORMAL, A_REVERSE },
        [INK_BID_BAR - STYLE_FIRST] = { 255, 22, COLOR_BLACK, COLOR_GREEN, A_NORMAL, A_REVERSE },
        [INK_ASK_UP - STYLE_FIRST] = { 203, -1, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_ASK_DOWN - STYLE_FIRST] = { 203, -1, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_BID_UP - STYLE_FIRST] = { 77, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
        [INK_BID_DOWN - STYLE_FIRST] = { 77, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
        [INK_UP - STYLE_FIRST] = { 77, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
        [INK_DOWN - STYLE_FIRST] = { 203, -1, COLOR_RED, -1, A_NORMAL, A_NORMAL },
    },
    [STYLE_KOREAN] = {
        [INK_ASK - STYLE_FIRST] = { 153, 17, COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
        [INK_BID - STYLE_FIRST] = { 224, 52, COLOR_MAGENTA, -1, A_NORMAL, A_NORMAL },
        [INK_ASK_BAR - STYLE_FIRST] = { 255, 25, COLOR_WHITE, COLOR_BLUE, A_NORMAL, A_REVERSE },
        [INK_BID_BAR - STYLE_FIRST] = { 255, 124, COLOR_WHITE, COLOR_RED, A_NORMAL, A_REVERSE },
        [INK_ASK_UP - STYLE_FIRST] = { 210, 17, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_ASK_DOWN - STYLE_FIRST] = { 75, 17, COLOR_BLUE, -1, A_BOLD, A_NORMAL },
        [INK_BID_UP - STYLE_FIRST] = { 210, 52, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_BID_DOWN - STYLE_FIRST] = { 111, 52, COLOR_BLUE, -1, A_BOLD, A_NORMAL },
        [INK_UP - STYLE_FIRST] = { 203, -1, COLOR_RED, -1, A_NORMAL, A_NORMAL },
        [INK_DOWN - STYLE_FIRST] = { 75, -1, COLOR_BLUE, -1, A_BOLD, A_NORMAL },
    },
};

/* --- giving it back ------------------------------------------------------------------------------------------------
 */

static int give_byte(int byte)
{
    if (give.n < sizeof give.bytes)
        give.bytes[give.n++] = (char)byte;
    return byte;
}

/* The sequences that undo what curses did, spelt out now: a handler may not ask curses. */
static void give_prepare(void)
{
    const char *sequences[] = { exit_attribute_mode, orig_pair, keypad_local, cursor_normal, exit_ca_mode };

    give.n = 0;
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
        if (sequences[i])
            (void)tputs(sequences[i], 1, give_byte);
}

static void on_crash(int number)
{
    (void)!write(STDOUT_FILENO, give.bytes, give.n);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &give.modes);
    (void)raise(number); /* SA_RESETHAND: dies of it now */
}

static void handlers_set(void)
{
    static const int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ };
    struct sigaction crash = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK };
    stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof handler_stack };

    (void)sigaltstack(&stack, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        (void)sigaction(numbers[i], &crash, NULL);
}

/* Signals are read like keys: a handler that drew or left would do so in the middle of anything. */
static int signals_take(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGQUIT);
    (void)sigaddset(&set, SIGTSTP);
    (void)sigaddset(&set, SIGWINCH);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

void screen_close(void)
{
    if (!taken.screen)
        return;
    (void)endwin();
    delscreen(taken.screen);
    taken.screen = NULL;
    (void)close(taken.signal_fd);
    (void)bind_textdomain_codeset(DOMAIN, nl_langinfo(CODESET));
}

static int resized(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
        (void)resizeterm(size.ws_row, size.ws_col);
    (void)clearok(stdscr, TRUE);
    return SCREEN_RESIZE;
}

/* --- opening -------------------------------------------------------------------------------------------------------
 */

static bool is_styled(enum screen_ink ink)
{
    return ink >= STYLE_FIRST && ink < STYLE_FIRST + STYLE_INKS;
}

static const struct ink_row *row_of(enum screen_ink ink)
{
    return is_styled(ink) ? &style_rows[taken.style][ink - STYLE_FIRST] : &ink_rows[ink];
}

static void pairs_make(void)
{
    for (short i = 1; taken.has_colour && i < INKS; i++) {
        const struct ink_row *ink = row_of((enum screen_ink)i);

        (void)init_pair(i, COLORS >= 256 ? ink->fg_many : ink->fg, COLORS >= 256 ? ink->bg_many : ink->bg);
    }
}

void screen_style(enum screen_style style)
{
    taken.style = style;
    pairs_make();
}

void screen_faint(bool is_faint)
{
    taken.is_faint = is_faint;
}

static void inks_make(bool has_colour)
{
    taken.has_colour = has_colour && has_colors() && start_color() == OK && COLORS >= COLOURS_SMALL;
    if (!taken.has_colour)
        return;
    (void)use_default_colors();
    pairs_make();
}

static void ink_set(enum screen_ink ink)
{
    bool has_many = taken.has_colour && COLORS >= 256;
    const struct ink_row *row = row_of(ink);
    attr_t attributes = !taken.has_colour ? row->none : row->few;

    if (has_many && (row->fg_many != -1 || row->bg_many != -1))
        attributes &= A_BOLD; /* its colours say what the others' attributes do */
    if (taken.is_faint && is_styled(ink))
        attributes = (attributes & ~A_BOLD) | A_DIM;
    (void)attr_set(attributes, taken.has_colour ? (short)ink : 0, NULL);
}

/* curses leaves memory behind when it fails, so it is asked only about what terminfo knows. */
static bool is_drawable(void)
{
    int error;
    bool is_good;

    if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
        return false;
    is_good = cursor_address != NULL;
    (void)del_curterm(cur_term);
    return is_good;
}

int screen_open(bool has_colour, char ret_why[SCREEN_WHY_SIZE])
{
    const char *name = getenv("TERM");

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        (void)snprintf(ret_why, SCREEN_WHY_SIZE, "%s: %s",
                       isatty(STDOUT_FILENO) ? _("standard input") : _("standard output"), _("is no terminal"));
        return -ENOTTY;
    }
    (void)tcgetattr(STDIN_FILENO, &give.modes);
    (void)set_escdelay(ESCAPE_MS);
    taken.screen = is_drawable() ? newterm(NULL, stdout, stdin) : NULL;
    if (!taken.screen) {
        (void)snprintf(ret_why, SCREEN_WHY_SIZE, "TERM=%s: %s", name && name[0] ? name : "",
                       _("this terminal is unknown here, or cannot be drawn on: set TERM"));
        return -ENOTTY;
    }
    give_prepare();
    handlers_set();
    (void)atexit(screen_close);
    taken.signal_fd = signals_take();
    (void)cbreak();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)curs_set(0);
    inks_make(has_colour);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)resized(); /* it may have been while nobody listened */
    return 0;
}

/* --- drawing -------------------------------------------------------------------------------------------------------
 */

int screen_rows(void)
{
    return LINES;
}

int screen_columns(void)
{
    return COLS;
}

bool screen_is_unicode(void)
{
    return cells_is_unicode();
}

void screen_erase(void)
{
    ink_set(INK_PLAIN);
    (void)erase();
}

void screen_show(void)
{
    (void)refresh();
}

static void put_blanks(int n)
{
    while (n-- > 0)
        (void)addch(' ');
}

void screen_put(int row, int column, int width, enum screen_ink ink, enum screen_side side, const char *text)
{
    wchar_t wide[CELLS_MAX];
    int used;

    if (row < 0 || row >= LINES || column < 0 || column >= COLS)
        return;
    width = column + width > COLS ? COLS - column : width;
    used = cells_fit(text, width, wide);
    ink_set(ink);
    (void)move(row, column);
    put_blanks(side == SIDE_RIGHT ? width - used : 0);
    (void)addwstr(wide);
    put_blanks(side == SIDE_LEFT ? width - used : 0);
    ink_set(INK_PLAIN);
}

void screen_band(int row, enum screen_ink ink, const char *text)
{
    screen_put(row, 0, COLS, ink, SIDE_LEFT, text);
}

int screen_width(const char *text)
{
    return cells_width(text);
}

/* --- waiting -------------------------------------------------------------------------------------------------------
 */

int64_t screen_now_boot_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Ctrl+Z: the terminal goes back until the shell brings us to the front again. */
static int suspend(void)
{
    (void)endwin();
    (void)raise(SIGSTOP);
    return resized();
}

static int signal_read(void)
{
    struct signalfd_siginfo info;

    if (read(taken.signal_fd, &info, sizeof info) != sizeof info)
        return SCREEN_NONE;
    if (info.ssi_signo == SIGWINCH)
        return resized();
    if (info.ssi_signo == SIGTSTP)
        return suspend();
    return SCREEN_END;
}

/* SCREEN_NONE: no key is waiting. */
static int key_read(void)
{
    static const int codes[][2] = {
        { KEY_UP, SCREEN_UP },
        { KEY_DOWN, SCREEN_DOWN },
        { KEY_LEFT, SCREEN_LEFT },
        { KEY_RIGHT, SCREEN_RIGHT },
        { KEY_PPAGE, SCREEN_PAGE_UP },
        { KEY_NPAGE, SCREEN_PAGE_DOWN },
        { KEY_HOME, SCREEN_HOME },
        { KEY_END, SCREEN_LAST },
        { KEY_BTAB, SCREEN_BACK_TAB },
        { KEY_ENTER, SCREEN_ENTER },
        { KEY_BACKSPACE, SCREEN_BACKSPACE },
        { KEY_RESIZE, SCREEN_RESIZE },
    };
    wint_t c = 0;
    int r = get_wch(&c);

    if (r == OK)
        return c == '\r' ? SCREEN_ENTER : c == 127 || c == 8 ? SCREEN_BACKSPACE : (int)c;
    for (size_t i = 0; r == KEY_CODE_YES && i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i][0] == (int)c)
            return codes[i][1];
    return SCREEN_NONE;
}

int screen_read_fd(int64_t deadline_boot_ns, bool (*is_changed)(void *context), void *context, int fd)
{
    for (;;) {
        struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { taken.signal_fd, POLLIN, 0 }, { fd, POLLIN, 0 } };
        int key = key_read();
        int64_t left_ns = deadline_boot_ns - screen_now_boot_ns();
        struct timespec left;

        if (key != SCREEN_NONE)
            return key;
        if (is_changed && is_changed(context))
            return SCREEN_CHANGED;
        if (left_ns <= 0)
            return SCREEN_NONE;
        left_ns = is_changed && left_ns > SCREEN_SLICE_NS ? SCREEN_SLICE_NS : left_ns;
        left = (struct timespec){ left_ns / 1000000000, left_ns % 1000000000 };
        if (ppoll(fds, 3, &left, NULL) < 0)
            continue;
        if (fds[1].revents & POLLIN && (key = signal_read()) != SCREEN_NONE)
            return key;
        if (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL))
            return SCREEN_END;
        if (fds[2].revents)
            return SCREEN_CHANGED;
    }
}

int screen_read(int64_t deadline_boot_ns, bool (*is_changed)(void *context), void *context)
{
    return screen_read_fd(deadline_boot_ns, is_changed, context, -1);
}
