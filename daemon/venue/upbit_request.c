/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/upbit.md, "Subscribe" and "Symbols, precision", read 2026-11-22. */
#include "venue/upbit_request.h"

#include "core/decimal.h"
#include "core/md_event.h"

#include <errno.h>
#include <string.h>

/* What stands behind the mark; "" for a raw book. */
static const char *level_of(const char *symbol)
{
    const char *mark = strchr(symbol, UPBIT_LEVEL_MARK);

    return mark ? mark + 1 : "";
}

/* Only KRW markets are grouped (sheet, "Subscribe"). A level has one spelling, so that a book has one name. Which
 * levels a market has, and that they change with its price, only the venue knows: another one is answered with silence.
 */
static int level_is_good(const char *symbol, const char *level)
{
    char text[DECIMAL_TEXT_SIZE];
    struct decimal step;

    if (strncmp(symbol, "KRW-", 4) != 0 || decimal_parse(level, strlen(level), &step) < 0 || step.mantissa <= 0)
        return 0;
    (void)decimal_format(step.mantissa, step.decimals, text);
    return strcmp(text, level) == 0;
}

/* QUOTE-BASE, upper case and digits: KRW-BTC, BTC-1INCH, KRW-BTC@10000. Upbit ignores a lower-case code in silence [P],
 * so that mistake has a reason of its own. */
enum reason upbit_symbol_check(const char *symbol)
{
    const char *dash = strchr(symbol, '-'), *p = symbol;
    int has_lower = 0;

    if (strlen(symbol) >= MD_SYMBOL_SIZE || !dash || dash == symbol || dash[1] == '\0' || dash[1] == UPBIT_LEVEL_MARK ||
        strchr(dash + 1, '-'))
        return REASON_SYMBOL_FORM;
    for (; *p && *p != UPBIT_LEVEL_MARK; p++) {
        if (*p >= 'a' && *p <= 'z')
            has_lower = 1;
        else if (!((*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '-'))
            return REASON_SYMBOL_FORM;
    }
    if (has_lower)
        return REASON_SYMBOL_CASE;
    return *p == '\0' || level_is_good(symbol, p + 1) ? REASON_NONE : REASON_SYMBOL_FORM;
}

int upbit_level_add(struct text *symbol, const struct scan_number *level)
{
    char step[DECIMAL_TEXT_SIZE];

    if (!level->fits || level->is_negative)
        return -EBADMSG;
    if (level->mantissa == 0)
        return 0;
    text_add(symbol, &(char){ UPBIT_LEVEL_MARK }, 1);
    text_add(symbol, step, decimal_format(level->mantissa, level->decimals, step));
    return symbol->cut ? -EBADMSG : 0;
}

/* Levels a side the venue sends for a wanted depth: 1, 5, 15, or 30, which needs no suffix; another N falls back to
 * 30 since 2025-07-02 [D]. */
static const char *depth_suffix(uint32_t depth)
{
    switch (depth) {
    case 1:
        return ".1";
    case 5:
        return ".5";
    case 15:
        return ".15";
    default:
        return "";
    }
}

/* Does a symbol before this one have its level? */
static int level_is_said(const struct venue_request *request, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(level_of(request->symbols[k]), level_of(request->symbols[i])) == 0)
            return 1;
    return 0;
}

/* The type object of all symbols that have the level of the i-th, which is the first of them. */
static void type_add(struct text *text, const struct venue_request *request, size_t i)
{
    const char *level = level_of(request->symbols[i]);

    text_add_string(text, ",{\"type\":\"orderbook\",\"codes\":[");
    for (size_t k = i; k < request->n; k++) {
        const char *symbol = request->symbols[k];

        if (strcmp(level_of(symbol), level) != 0)
            continue;
        text_add_string(text, k > i ? ",\"" : "\"");
        text_add_json(text, symbol, strcspn(symbol, (const char[]){ UPBIT_LEVEL_MARK, '\0' }));
        text_add_string(text, depth_suffix(request->depth));
        text_add_string(text, "\"");
    }
    text_add_string(text, "]");
    if (*level) {
        text_add_string(text, ",\"level\":");
        text_add_string(text, level);
    }
    text_add_string(text, "}");
}

/* All raw markets once more, of another type (sheet, "Subscribe" and "Trades"). A grouped book has none of its own. */
static void extra_add(struct text *text, const struct venue_request *request, const char *type, enum md_channel channel)
{
    int any = 0;

    if ((request->channels & channel) == 0)
        return;
    for (size_t i = 0; i < request->n; i++) {
        const char *symbol = request->symbols[i];

        if (*level_of(symbol))
            continue;
        text_add_string(text, any ? ",\"" : ",{\"type\":\"");
        if (!any) {
            text_add_string(text, type);
            text_add_string(text, "\",\"codes\":[\"");
        }
        text_add_json(text, symbol, strlen(symbol));
        text_add_string(text, "\"");
        any = 1;
    }
    if (any)
        text_add_string(text, "]}");
}

/* A request replaces the one before, so each level has a type object in the same one (sheet, "Subscribe": "one or more
 * type objects"). That one code is fed at several levels at once is not said there in so many words; were it not, the
 * book left out would be found silent and failed, never wrong, because a frame names its level.
 * SIMPLE frames hold the same numbers in two thirds of the bytes (2.0 against 2.9 KB) and are read in the same time:
 * less to receive and to decrypt (tests/bench/bench_decode.c, decode_upbit_30). The format belongs to the connection,
 * and every request repeats it. */
int upbit_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, "[{\"ticket\":\"hoga-");
    text_add_u64(text, request->id);
    text_add_string(text, "\"}");
    for (size_t i = 0; i < request->n; i++)
        if (!level_is_said(request, i))
            type_add(text, request, i);
    extra_add(text, request, "trade", MD_CHANNEL_TRADES);
    extra_add(text, request, "ticker", MD_CHANNEL_DAY);
    text_add_string(text, ",{\"format\":\"SIMPLE\"}]");
    return text->cut ? -ENOBUFS : 0;
}

/* Every name of the sheet's list ("Errors") is about a request: there is nothing else to send. */
enum reason upbit_error_reason(struct scan name)
{
    static const char *const names[] = { "INVALID_AUTH", "WRONG_FORMAT", "NO_TICKET",
                                         "NO_TYPE",      "NO_CODES",     "INVALID_PARAM" };
    struct scan_string string;

    if (!name.at || scan_peek(&name) != SCAN_STRING || scan_string(&name, &string) < 0)
        return REASON_VENUE_ERROR;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (scan_string_is(&string, names[i], strlen(names[i])))
            return REASON_REQUEST_REFUSED;
    return REASON_VENUE_ERROR;
}
