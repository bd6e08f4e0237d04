/* SPDX-License-Identifier: MIT */
#include "ladder_number.h"

#include "client/cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PPM_A_HUNDREDTH 100  /* of a percent */
#define PPM_SMALL       1000 /* below, hundredths of a percent say little */

/* Cut behind the point until it is `width` long, its last place a sign that it was. Returns: false, not even so. */
static bool cut(char *io_text, int width)
{
    size_t n_whole = strcspn(io_text, ".");
    int size = (int)strlen(io_text);

    if (size <= width)
        return true;
    if ((int)n_whole >= width) /* no room for the sign */
        return false;
    io_text[width - 1] = '~'; /* in the point's place where no digit behind it fits */
    io_text[width] = '\0';
    return true;
}

void number_fit(const char *plain, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE])
{
    char text[TEXT_NUMBER_SIZE], *comma;

    if (width >= NUMBER_TEXT_SIZE)
        width = NUMBER_TEXT_SIZE - 1;
    text_number(plain, n_decimals, text);
    if ((int)strlen(text) > width && text_decimals(plain) < n_decimals) /* zeros of the column go first */
        text_number(plain, text_decimals(plain), text);
    if (!cut(text, width)) {
        while ((comma = strchr(text, ',')) != NULL)
            memmove(comma, comma + 1, strlen(comma));
        if (!cut(text, width))
            (void)snprintf(text, sizeof text, "%.*s", width > 0 ? width : 0,
                           "################################################################################");
    }
    (void)snprintf(ret, NUMBER_TEXT_SIZE, "%s", text);
}

void number_price(int64_t price, unsigned decimals, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE])
{
    char plain[HOGA_DECIMAL_SIZE];

    ret[0] = '\0';
    if (hoga_format(price, decimals, plain) > 0)
        number_fit(plain, n_decimals, width, ret);
}

void number_wide(struct hoga_wide value, unsigned decimals, unsigned n_decimals, int width, char ret[NUMBER_TEXT_SIZE])
{
    char plain[HOGA_SUM_SIZE];

    ret[0] = '\0';
    if (hoga_format_wide(value, decimals, plain) > 0)
        number_fit(plain, n_decimals, width, ret);
}

void number_share(int64_t ppm, char ret[NUMBER_TEXT_SIZE])
{
    if (ppm == 0 || llabs(ppm) >= PPM_SMALL) {
        number_percent(ppm, false, ret);
        return;
    }
    (void)snprintf(ret, NUMBER_TEXT_SIZE, "%s0.%04" PRId64 " %%", ppm < 0 ? "-" : "", (int64_t)llabs(ppm));
}

void number_percent(int64_t ppm, bool has_sign, char ret[NUMBER_TEXT_SIZE])
{
    int64_t hundredths = (llabs(ppm) + PPM_A_HUNDREDTH / 2) / PPM_A_HUNDREDTH;
    const char *sign = hundredths == 0 ? "" : ppm < 0 ? "-" : has_sign ? "+" : "";

    (void)snprintf(ret, NUMBER_TEXT_SIZE, "%s%" PRId64 ".%02" PRId64 " %%", sign, hundredths / 100, hundredths % 100);
}
