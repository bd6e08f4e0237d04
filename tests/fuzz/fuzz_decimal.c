/* SPDX-License-Identifier: MIT
 * fuzz_decimal.c - numbers as text: taken and refused as RFC 8259 says, exact, and the same again after formatting. */
#include "core/decimal.h"
#include "oracle.h"

#include <errno.h>
#include <string.h>

static struct oracle_number truth, again;

static void formatted_is_equal(int64_t mantissa, unsigned decimals)
{
    char text[DECIMAL_TEXT_SIZE];
    size_t size = decimal_format(mantissa, decimals, text);

    FUZZ_CHECK(size == strlen(text));
    FUZZ_CHECK(oracle_number(text, size, &again) == 0);
    FUZZ_CHECK(oracle_equal(&truth, &again));
    /* Canonical: no exponent, no zero that says nothing. */
    FUZZ_CHECK(!strchr(text, 'e'));
    FUZZ_CHECK(!strchr(text, '.') || text[size - 1] != '0');
}

static int can_be_held(void)
{
    for (unsigned decimals = 0; decimals <= DECIMAL_DECIMALS_MAX; decimals++)
        if (oracle_fits(&truth, decimals))
            return 1;
    return 0;
}

static void check_parse(const char *text, size_t size)
{
    struct decimal d;
    int r = decimal_parse(text, size, &d);

    if (oracle_number(text, size, &truth) < 0) {
        FUZZ_CHECK(r == -EBADMSG);
        return;
    }
    FUZZ_CHECK(r == (can_be_held() ? 0 : -ERANGE));
    if (r < 0)
        return;
    FUZZ_CHECK(d.decimals <= DECIMAL_DECIMALS_MAX);
    formatted_is_equal(d.mantissa, d.decimals);
    formatted_is_equal(d.mantissa, d.decimals);
    FUZZ_CHECK(decimal_minimal(d.mantissa, d.decimals) == (truth.scale > 0 ? (unsigned)truth.scale : 0));
}

static void check_at(const char *text, size_t size, unsigned decimals)
{
    struct decimal d;
    int64_t mantissa, rescaled;
    int r = decimal_parse_at(text, size, decimals, &mantissa);

    if (oracle_number(text, size, &truth) < 0) {
        FUZZ_CHECK(r == -EBADMSG);
        return;
    }
    FUZZ_CHECK(r == (oracle_fits(&truth, decimals) ? 0 : -ERANGE));
    if (r == 0)
        formatted_is_equal(mantissa, decimals);
    if (decimal_parse(text, size, &d) < 0)
        return;
    FUZZ_CHECK(decimal_rescale(d.mantissa, d.decimals, decimals, &rescaled) == r);
    if (r == 0)
        FUZZ_CHECK(rescaled == mantissa);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    if (size > ORACLE_SIZE_MAX)
        return 0;
    check_parse(text, size);
    if (size > 0)
        check_at(text, size, (unsigned)data[size / 2] % (DECIMAL_DECIMALS_MAX + 1));
    return 0;
}
