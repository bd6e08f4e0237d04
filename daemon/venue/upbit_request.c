/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/upbit.md, "Subscribe" and "Symbols, precision", read 2026-11-22. */
#include "venue/upbit_request.h"

#include "core/md_event.h"

#include <errno.h>
#include <string.h>

/* QUOTE-BASE, upper case and digits: KRW-BTC, BTC-1INCH. Upbit ignores a lower-case code in silence [P], so that
 * mistake has a reason of its own. */
enum reason upbit_symbol_check(const char *symbol)
{
    size_t size = strlen(symbol);
    const char *dash = strchr(symbol, '-');
    int has_lower = 0;

    if (size >= MD_SYMBOL_SIZE || !dash || dash == symbol || dash[1] == '\0' || strchr(dash + 1, '-'))
        return REASON_SYMBOL_FORM;
    for (const char *p = symbol; *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            has_lower = 1;
        else if (!((*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '-'))
            return REASON_SYMBOL_FORM;
    }
    return has_lower ? REASON_SYMBOL_CASE : REASON_NONE;
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

/* SIMPLE frames hold the same numbers in two thirds of the bytes (2.0 against 2.9 KB) and are read in the same time:
 * less to receive and to decrypt (tests/bench/bench_decode.c, decode_upbit_30). The format belongs to the connection,
 * and every request repeats it. */
int upbit_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, "[{\"ticket\":\"hoga-");
    text_add_u64(text, request->id);
    text_add_string(text, "\"},{\"type\":\"orderbook\",\"codes\":[");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        text_add_string(text, depth_suffix(request->depth));
        text_add_string(text, "\"");
    }
    text_add_string(text, "]},{\"format\":\"SIMPLE\"}]");
    return text->cut ? -ENOBUFS : 0;
}
