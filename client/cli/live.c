/* SPDX-License-Identifier: MIT */
#include "live.h"

#include "text.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SCREEN_TAKE "\033[?1049h\033[?25l"
#define SCREEN_GIVE "\033[?25h\033[?1049l"

static bool has_screen; /* written before the handler is there, and after it is gone */
static sigset_t held;
static bool is_live, is_too_long;
static char printed[1 << 20]; /* a document or a screen leaves at once */
static const struct timespec room_pause = { 0, 10000000 };

static void screen_write(const char *text)
{
    if (has_screen)
        (void)!write(STDOUT_FILENO, text, strlen(text));
}

static void on_end(int number)
{
    (void)number;
    screen_write(SCREEN_GIVE);
    _exit(0);
}

static void on_suspend(int number)
{
    (void)number;
    screen_write(SCREEN_GIVE);
    (void)raise(SIGSTOP);
    screen_write(SCREEN_TAKE);
}

void live_begin(bool is_screen)
{
    struct sigaction end = { .sa_handler = on_end }, suspend = { .sa_handler = on_suspend };

    has_screen = is_screen;
    is_live = true;
    (void)setvbuf(stdout, printed, _IOFBF, sizeof printed);
    (void)sigemptyset(&held);
    (void)sigaddset(&held, SIGINT);
    (void)sigaddset(&held, SIGTERM);
    if (is_screen) {
        (void)sigaddset(&held, SIGHUP);
        (void)sigaddset(&held, SIGQUIT);
        (void)sigaddset(&held, SIGTSTP);
    }
    (void)sigprocmask(SIG_BLOCK, &held, NULL);
    end.sa_mask = suspend.sa_mask = held;
    for (int number = 1; number < NSIG; number++)
        if (number < SIGRTMIN && sigismember(&held, number) == 1)
            (void)sigaction(number, number == SIGTSTP ? &suspend : &end, NULL);
    screen_write(SCREEN_TAKE);
}

void live_end(void)
{
    screen_write(SCREEN_GIVE);
    has_screen = false;
}

/* A pipe keeps pages, which need not be full: half of its size is room for certain. */
static bool has_room(size_t size, size_t pipe_size)
{
    int used = 0;

    return ioctl(STDOUT_FILENO, FIONREAD, &used) < 0 || used == 0 || (size_t)used + size <= pipe_size / 2;
}

void live_write_begin(void)
{
    int pipe_size = is_live ? fcntl(STDOUT_FILENO, F_GETPIPE_SZ) : -1;
    struct pollfd reader = { .fd = STDOUT_FILENO };

    if (pipe_size <= 0)
        return;
    while (!has_room(__fpending(stdout), (size_t)pipe_size) && reader.revents == 0) { /* or nobody reads any more */
        live_rest_begin();
        (void)ppoll(&reader, 1, &room_pause, NULL);
        live_rest_end();
    }
    is_too_long = __fpending(stdout) > (size_t)pipe_size / 2;
    if (is_too_long)
        live_rest_begin();
}

void live_write_end(void)
{
    if (is_too_long)
        live_rest_end();
    is_too_long = false;
}

void live_rest_begin(void)
{
    (void)sigprocmask(SIG_UNBLOCK, &held, NULL);
}

void live_rest_end(void)
{
    (void)sigprocmask(SIG_BLOCK, &held, NULL);
}

void live_pause_until(int64_t deadline_boot_ns)
{
    for (;;) {
        int64_t left_ns = deadline_boot_ns - text_now_boot_ns();
        struct timespec left = { left_ns / 1000000000, left_ns % 1000000000 };

        if (left_ns <= 0)
            break;
        live_rest_begin();
        (void)ppoll(NULL, 0, &left, NULL);
        live_rest_end();
    }
    live_rest_begin(); /* also where there was nothing to wait for: a busy book must not hold Ctrl+C back */
    live_rest_end();
}
