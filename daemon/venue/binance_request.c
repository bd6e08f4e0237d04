/* SPDX-License-Identifier: MIT */
#include "venue/binance_request.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* BTCUSDT, BTCUSD_PERP, each also with @bbo. Upper case, as payloads spell it; streams are lower case. */
enum reason binance_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    if (strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    if (n > 0 && (symbol[n] == '\0' || strcmp(symbol + n, BINANCE_BBO) == 0))
        return REASON_NONE;
    n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_abcdefghijklmnopqrstuvwxyz");
    return n > 0 && (symbol[n] == '\0' || strcmp(symbol + n, BINANCE_BBO) == 0) ? REASON_SYMBOL_CASE
                                                                                : REASON_SYMBOL_FORM;
}

/* One kind of stream a message: books, each as diffs or as its best bid and ask, or trades, or the day. */
static int request_write(struct text *text, const struct venue_request *request, const char *trades)
{
    const char *extra = request->channels == MD_CHANNEL_TRADES ? trades
                        : request->channels == MD_CHANNEL_DAY  ? "@ticker"
                                                               : NULL;

    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, request->is_unsubscribe ? "{\"method\":\"UNSUBSCRIBE\",\"params\":["
                                                  : "{\"method\":\"SUBSCRIBE\",\"params\":[");
    for (size_t i = 0; i < request->n; i++) {
        const char *symbol = request->symbols[i];
        size_t size = strcspn(symbol, "@");

        text_add_string(text, i > 0 ? ",\"" : "\"");
        for (size_t at = 0; at < size; at++)
            text_add(text, &(char){ (char)tolower((unsigned char)symbol[at]) }, 1);
        text_add_string(text, extra ? extra : symbol[size] ? "@bookTicker" : "@depth@100ms");
        text_add_string(text, "\"");
    }
    text_add_string(text, "],\"id\":");
    text_add_u64(text, request->id);
    text_add_string(text, "}");
    return text->cut ? -ENOBUFS : 0;
}

int binance_spot_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request, "@trade");
}

int binance_futures_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request, "@aggTrade");
}
