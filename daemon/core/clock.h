/* SPDX-License-Identifier: MIT
 * clock.h - the two clocks hoga uses, in ns. Only net/, loop/, replay and the composition root read them; below, time
 * comes in struct feed_input. */
#ifndef HOGA_CLOCK_H
#define HOGA_CLOCK_H

#include <stdint.h>

int64_t clock_real_ns(void); /* CLOCK_REALTIME: for people and for venues' times */
int64_t clock_boot_ns(void); /* CLOCK_BOOTTIME: for ages and deadlines; suspend counts */

#endif
