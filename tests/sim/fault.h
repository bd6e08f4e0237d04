/* SPDX-License-Identifier: MIT
 * fault.h - faults on demand: a script of names with arguments and triggers (hoga-sim(1), "FAULTS"), kept until each is
 * due, then done to everybody connected. One thread. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim.h"

#define FAULT_FRAGMENTS_MAX 64
#define FAULTS_MAX          64
#define FAULT_ERROR_SIZE    160

/* Add a script; times and frame counts run from now. Nothing of a wrong script is kept.
 * Returns: 0, or -EINVAL with the reason in words. */
int fault_add(struct sim *s, const char *script, char ret_error[FAULT_ERROR_SIZE]);
/* The count of frames moved: whatever waits for it is done. */
void fault_frames(struct sim *s);
/* The newest connection has opened or was sent something: have the others got to go? */
void fault_newest(struct sim *s);
/* The script as names, for --help. */
void fault_done(struct sim *s);

#endif
