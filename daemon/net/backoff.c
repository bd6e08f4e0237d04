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

int64_t backoff_refused_ms(int64_t delay_ms, uint32_t http_status, uint32_t retry_after_s)
{
    if (retry_after_s > 0)
        return (int64_t)retry_after_s * 1000 + delay_ms;
    if (http_status == 418)
        return BACKOFF_BANNED_MS_MIN + delay_ms;
    return http_status == 429 ? BACKOFF_REFUSED_MS_MIN + delay_ms : delay_ms;
}
