/* SPDX-License-Identifier: MIT */
#include "core/clock.h"

#include <time.h>

static int64_t clock_read_ns(clockid_t id)
{
    struct timespec ts = { 0, 0 };

    /* Both clocks exist on every kernel hoga runs on; the call cannot fail with a valid pointer. */
    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t clock_real_ns(void)
{
    return clock_read_ns(CLOCK_REALTIME);
}

int64_t clock_boot_ns(void)
{
    return clock_read_ns(CLOCK_BOOTTIME);
}
