/* SPDX-License-Identifier: MIT
 * live.h - for the verbs that run until told to stop: SIGINT and SIGTERM end them with 0, at a place where no line is
 * half written. Signals are held back but in live_rest_begin .. live_rest_end, and the handler itself ends the
 * process; so there is no flag that a sleeper could miss. One thread. */
#ifndef HOGA_CLI_LIVE_H
#define HOGA_CLI_LIVE_H

#include <stdbool.h>
#include <stdint.h>

/* From here on this verb is a running one. is_screen: take the terminal's other screen, and give it back at the end. */
void live_begin(bool is_screen);
void live_end(void);
/* What has been printed is about to leave. Rests while a pipe has no room for it, since a write that is waited in holds
 * signals back for as long as nobody reads; what no pipe could hold is written with signals let through. */
void live_write_begin(void);
void live_write_end(void);
void live_rest_begin(void);
void live_rest_end(void);
/* Rests until `deadline_boot_ns` at the latest; a clock's pause, for not drawing too often. */
void live_pause_until(int64_t deadline_boot_ns);

#endif
