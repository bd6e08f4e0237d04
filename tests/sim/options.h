/* SPDX-License-Identifier: MIT
 * options.h - the command line of hoga-sim. It opens nothing. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include "sim.h"

/* Returns: 0 run; 1 --help or --version was served; -EINVAL with the reason said on standard error. */
int options_parse(int argc, char **argv, struct sim_options *ret);

#endif
