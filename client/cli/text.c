/* SPDX-License-Identifier: MIT */
#include "text.h"

#include "cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#define MS_NS  INT64_C(1000000)
#define SEC_NS INT64_C(1000000000)

/* Bytes of the well-formed character at `s`, 0 if it is none or a control character. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

    if (n == 1)
        return s[0] >= 0x20 && s[0] != 0x7f;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    /* C1 controls, overlong forms, surrogates, beyond U+10FFFF */
    if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
        return 0;
    return n;
}

void text_clean(char *io_text)
{
    unsigned char *s = (unsigned char *)io_text;

    while (*s) {
        size_t n = utf8_length(s);

        if (n == 0)
            *s = '?';
        s += n ? n : 1;
    }
}

size_t text_width(const char *text)
{
    mbstate_t state = { 0 };
    size_t width = 0;

    while (*text) {
        wchar_t wide;
        size_t n = mbrtowc(&wide, text, strlen(text), &state);
        int columns;

        if (n == 0 || n > strlen(text)) { /* not in this locale: one column a byte that begins a character */
            memset(&state, 0, sizeof state);
            width += ((unsigned char)*text & 0xc0) != 0x80;
            text++;
            continue;
        }
        columns = wcwidth(wide);
        width += columns > 0 ? (size_t)columns : 0;
        text += n;
    }
    return width;
}

void text_print_cell(const char *text, size_t width, bool is_right)
{
    size_t used = text_width(text);
    int blanks = used < width ? (int)(width - used) : 0;

    if (is_right)
        printf("%*s%s", blanks, "", text);
    else
        printf("%s%*s", text, blanks, "");
}

unsigned text_decimals(const char *plain)
{
    const char *point = strchr(plain, '.');

    return point ? (unsigned)strlen(point + 1) : 0;
}

void text_number(const char *plain, unsigned n_decimals, char ret[TEXT_NUMBER_SIZE])
{
    size_t n_whole = strcspn(plain, "."), at = 0, first = plain[0] == '-';
    unsigned n_given = text_decimals(plain);

    for (size_t i = 0; i < n_whole; i++) {
        if (i > first && (n_whole - i) % 3 == 0)
            ret[at++] = ',';
        ret[at++] = plain[i];
    }
    if (n_given || n_decimals)
        ret[at++] = '.';
    for (unsigned i = 0; i < n_given; i++)
        ret[at++] = plain[n_whole + 1 + i];
    for (unsigned i = n_given; i < n_decimals; i++)
        ret[at++] = '0';
    ret[at] = '\0';
}

void text_count(uint64_t value, char ret[TEXT_NUMBER_SIZE])
{
    char plain[24];

    (void)snprintf(plain, sizeof plain, "%" PRIu64, value);
    text_number(plain, 0, ret);
}

void text_age(int64_t age_ns, char ret[TEXT_AGE_SIZE])
{
    int64_t s = age_ns / SEC_NS;

    if (age_ns < 0)
        (void)snprintf(ret, TEXT_AGE_SIZE, "-");
    else if (s < 1)
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld ms"), (long long)(age_ns / MS_NS));
    else if (s < 10)
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld.%lld s"), (long long)s, (long long)(age_ns / (100 * MS_NS) % 10));
    else if (s < 120)
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld s"), (long long)s);
    else if (s < 120 * 60)
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld min"), (long long)(s / 60));
    else if (s < 48 * 3600)
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld h"), (long long)(s / 3600));
    else
        (void)snprintf(ret, TEXT_AGE_SIZE, _("%lld d"), (long long)(s / 86400));
}

void text_latency(uint64_t value_ns, char ret[TEXT_AGE_SIZE])
{
    static const struct {
        uint64_t unit_ns;
        const char *word;
    } units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        uint64_t whole = value_ns / units[i].unit_ns, hundredths = value_ns / (units[i].unit_ns / 100) % 100;

        if (whole >= 100)
            (void)snprintf(ret, TEXT_AGE_SIZE, "%" PRIu64 " %s", whole, units[i].word);
        else if (whole >= 10)
            (void)snprintf(ret, TEXT_AGE_SIZE, "%" PRIu64 ".%" PRIu64 " %s", whole, hundredths / 10, units[i].word);
        else if (whole >= 1)
            (void)snprintf(ret, TEXT_AGE_SIZE, "%" PRIu64 ".%02" PRIu64 " %s", whole, hundredths, units[i].word);
        else
            continue;
        return;
    }
    (void)snprintf(ret, TEXT_AGE_SIZE, "%" PRIu64 " ns", value_ns);
}

/* Up to the milliseconds, then `gap` and the offset. */
static void time_print(int64_t wall_ns, bool is_utc, bool has_date, const char *gap, char ret[TEXT_TIME_SIZE])
{
    time_t seconds = wall_ns / SEC_NS;
    struct tm parts;
    char when[32];
    long offset_min;

    if (wall_ns <= 0 || !(is_utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)) ||
        strftime(when, sizeof when, has_date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &parts) == 0) {
        (void)snprintf(ret, TEXT_TIME_SIZE, "-");
        return;
    }
    offset_min = labs(parts.tm_gmtoff) / 60;
    if (is_utc)
        (void)snprintf(ret, TEXT_TIME_SIZE, "%s.%03d%sUTC", when, (int)(wall_ns / MS_NS % 1000), gap[0] ? gap : " ");
    else
        (void)snprintf(ret, TEXT_TIME_SIZE, "%s.%03d%s%c%02ld:%02ld", when, (int)(wall_ns / MS_NS % 1000), gap,
                       parts.tm_gmtoff < 0 ? '-' : '+', offset_min / 60, offset_min % 60);
}

void text_time(int64_t wall_ns, bool is_utc, char ret[TEXT_TIME_SIZE])
{
    time_print(wall_ns, is_utc, true, " ", ret);
}

void text_time_of_day(int64_t wall_ns, bool is_utc, char ret[TEXT_TIME_SIZE])
{
    time_print(wall_ns, is_utc, false, "", ret);
}

static int64_t clock_now_ns(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return now.tv_sec * SEC_NS + now.tv_nsec;
}

int64_t text_now_wall_ns(void)
{
    return clock_now_ns(CLOCK_REALTIME);
}

int64_t text_now_boot_ns(void)
{
    return clock_now_ns(CLOCK_BOOTTIME);
}
