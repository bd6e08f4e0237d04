/* SPDX-License-Identifier: MIT */
#include "live.h"

#include "text.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SCREEN_TAKE "\033[?1049h\033[?25l"
#define SCREEN_GIVE "\033[?25h\033[?1049l"

static bool has_screen; /* written before the handler is there, and after it is gone */
static sigset_t held;

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
