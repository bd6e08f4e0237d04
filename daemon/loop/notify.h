/* SPDX-License-Identifier: MIT
 * notify.h - what systemd is told: ready, status in words, watchdog, reloading, stopping. Without $NOTIFY_SOCKET every
 * call does nothing. Source: sd_notify(3), sd_watchdog_enabled(3), systemd 252. */
#ifndef HOGA_NOTIFY_H
#define HOGA_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
/* Said only when it differs from the last time. */
void notify_status(const char *words);
/* RELOADING=1 with MONOTONIC_USEC; notify_ready ends it. */
void notify_reloading(void);
void notify_stopping(void);
/* How often the loop must say that it turns: half of WatchdogSec=, in ms; 0 nobody asks. */
int64_t notify_watchdog_ms(void);
void notify_watchdog(void);

#endif
