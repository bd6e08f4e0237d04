/* SPDX-License-Identifier: MIT
 * backoff.c - see backoff.h. */
#include "net/backoff.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t backoff_most_ms(unsigned failures, uint32_t http_status, uint32_t per_window, uint32_t window_s,
                        uint32_t n_sessions)
{
    int64_t fair_ms;

    if (http_status >= 400 && http_status < 500)
        return failures < BACKOFF_SOON_UNWANTED ? BACKOFF_SOON_MS : BACKOFF_MAX_MS;
    if (per_window == 0)
        return failures < BACKOFF_SOON_AT_ALL ? BACKOFF_SOON_MS : BACKOFF_MAX_MS;
    if ((uint64_t)failures * n_sessions < per_window / 5)
        return BACKOFF_SOON_MS;
    /* On average half of it is waited: four attempts of five that the window has. */
    fair_ms = 2500ll * window_s * n_sessions / per_window;
    if (fair_ms < BACKOFF_SOON_MS)
        return BACKOFF_SOON_MS;
    return fair_ms < BACKOFF_MAX_MS ? fair_ms : BACKOFF_MAX_MS;
}

int64_t backoff_delay_ms(unsigned failures, int64_t most_ms, uint64_t chance)
{
    int64_t most = most_ms;

    if (failures == 0)
        return 0;
    if (failures - 1 < 16 && ((int64_t)BACKOFF_BASE_MS << (failures - 1)) < most)
        most = (int64_t)BACKOFF_BASE_MS << (failures - 1);
    return (int64_t)(chance % ((uint64_t)most + 1));
}

/* Seconds since the epoch of "Sun, 06 Nov 1994 08:49:37 GMT", or -1. The two older forms are not sent any more. */
static int64_t http_date_s(const char *text)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4] = "";
    struct tm tm = { 0 };
    const char *at;
    int end = 0;

    if (sscanf(text, " %*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, &end) != 6 ||
        end == 0 || strlen(month) != 3)
        return -1;
    at = strstr(months, month);
    if (!at || (at - months) % 3 != 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_year < 1970 || tm.tm_hour < 0 ||
        tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60)
        return -1;
    tm.tm_mon = (int)(at - months) / 3;
    tm.tm_year -= 1900;
    return timegm(&tm);
}

static uint32_t until_date_s(const char *text, const char *date, int64_t now_s)
{
    int64_t until_s = http_date_s(text), from_s = http_date_s(date);
    int64_t wait_s = until_s - (from_s >= 0 ? from_s : now_s);

    if (until_s < 0 || wait_s <= 0)
        return 0;
    return wait_s < BACKOFF_RETRY_AFTER_MAX_S ? (uint32_t)wait_s : BACKOFF_RETRY_AFTER_MAX_S;
}

uint32_t backoff_retry_after_s(const char *text, const char *date, int64_t now_s)
{
    uint32_t seconds = 0;

    while (*text == ' ')
        text++;
    if (*text < '0' || *text > '9')
        return until_date_s(text, date, now_s);
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
