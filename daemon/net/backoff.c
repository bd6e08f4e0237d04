/* SPDX-License-Identifier: MIT
 * backoff.c - see backoff.h. */
#include "net/backoff.h"

int64_t backoff_delay_ms(unsigned failures, uint64_t chance)
{
    int64_t most = BACKOFF_MAX_MS;

    if (failures == 0)
        return 0;
    if (failures - 1 < 16 && ((int64_t)BACKOFF_BASE_MS << (failures - 1)) < most)
        most = (int64_t)BACKOFF_BASE_MS << (failures - 1);
    return (int64_t)(chance % ((uint64_t)most + 1));
}

uint32_t backoff_retry_after_s(const char *text)
{
    uint32_t seconds = 0;

    while (*text == ' ')
        text++;
    if (*text < '0' || *text > '9')
        return 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        seconds = seconds * 10 + (uint32_t)(*text - '0');
        if (seconds > BACKOFF_RETRY_AFTER_MAX_S)
            seconds = BACKOFF_RETRY_AFTER_MAX_S;
    }
    return *text == '\0' || *text == ' ' ? seconds : 0;
}
