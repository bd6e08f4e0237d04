/* SPDX-License-Identifier: MIT
 * notify.c - see notify.h. */
#include "loop/notify.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define STATUS_SIZE 256

void notify_ready(void)
{
    (void)sd_notify(0, "READY=1");
}

void notify_status(const char *words)
{
    static char last[STATUS_SIZE];

    if (strncmp(last, words, sizeof last - 1) == 0)
        return;
    (void)snprintf(last, sizeof last, "%s", words);
    (void)sd_notifyf(0, "STATUS=%s", words);
}

void notify_reloading(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
                     (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

void notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

int64_t notify_watchdog_ms(void)
{
    uint64_t us = 0;

    return sd_watchdog_enabled(0, &us) > 0 && us > 2000 ? (int64_t)(us / 2000) : 0;
}

void notify_watchdog(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}
