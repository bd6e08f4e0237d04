/* SPDX-License-Identifier: MIT
 * Bitget spot, classic v2. Snapshot and updates on one socket that chain on pseq; recordings of v1 (2022) carry a
 * checksum instead.
 * Source: ../shared/protocols/bitget.md, read 2026-11-28; fixtures captures/bitget. */
#include "venue/catalogue.h"
#include "venue/arg_frame.h"
#include "venue/checksum.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

#define BBO         "@bbo"
#define BOOKS_DEPTH 500 /* sheet, "Book channels"; a snapshot holds no more, and neither does the book */

static const struct arg_word channels[] = {
    { "books", ARG_BOOK, BOOKS_DEPTH, 0 },
    { "books50", ARG_BOOK, 50, 50 },
    { "books15", ARG_WHOLE, 0, MD_VIEW_WHOLE | 15 },
    { "books5", ARG_WHOLE, 0, MD_VIEW_WHOLE | 5 },
    { "books1", ARG_BEST, 0, MD_VIEW_WHOLE | 1 },
    { "trade", ARG_TRADES, 0, 0 },
    { "publicTrade", ARG_TRADES, 0, 0 },
    { NULL, ARG_OTHER, 0, 0 },
};

/* Sheet, "Messages": match on the code, the text varies. */
static enum reason bitget_reason(uint64_t code)
{
    switch (code) {
    case 30001:
        return REASON_SYMBOL_UNKNOWN;
    case 30016:
        return REASON_REQUEST_REFUSED;
    default:
        return REASON_VENUE_ERROR;
    }
}

/* Sheet, "trade": newest first, and the first frame holds recent ones. */
static const struct arg_dialect dialect = {
    .channels = channels, .reason = bitget_reason, .bbo = BBO, .trades_newest_first = 1
};

static int bitget_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    return arg_frame_decode(&dialect, bytes, size, io_frame);
}

static enum reason bitget_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    if (strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    if (n > 0 && (symbol[n] == '\0' || strcmp(symbol + n, BBO) == 0))
        return REASON_NONE;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

static int bitget_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, request->is_unsubscribe ? "{\"op\":\"unsubscribe\",\"args\":["
                                                  : "{\"op\":\"subscribe\",\"args\":[");
    for (size_t i = 0; i < request->n; i++) {
        const char *symbol = request->symbols[i];
        size_t size = strcspn(symbol, "@");

        text_addf(text, "%s{\"instType\":\"SPOT\",\"channel\":\"%s\",\"instId\":\"", i > 0 ? "," : "",
                  request->channels == MD_CHANNEL_TRADES ? "trade"
                  : symbol[size]                         ? "books1"
                                                         : "books");
        text_add_json(text, symbol, size);
        text_add_string(text, "\"}");
    }
    text_add_string(text, "]}");
    return text->cut ? -ENOBUFS : 0;
}

static void bitget_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "ping");
}

const struct venue venue_bitget = {
    .name = "bitget",
    .default_url = "wss://ws.bitget.com/v2/ws/public",
    .rest_url = "https://api.bitget.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .depth_default = 500,
    .truncates = 1,
    .has_digits = 1,
    .limits = {
        /* Sheet, "Limits" and "Keepalive": 240 requests an hour and 10 messages a second a connection, 300 dials in 5
         * minutes, 100 connections of an address, under 50 channels advised; "ping" within 2 min even while data
         * flows; 24 h in one version. */
        .ping_interval_ms = 25000,
        .pong_deadline_ms = 8000,
        .age_ms_max = 86400000,
        .connect_per_second = 5,
        .connect_per_window = 300,
        .connect_window_s = 300,
        .connections_max = 100,
        .request_per_second = 5,
        .request_per_hour = 240,
        .symbols_per_request = 10,
        .books_per_connection = 50,
        .topics_per_connection = 1000,
    },
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES,
    .trade_ids = VENUE_TRADE_IDS_RISING,
    .symbol_check = bitget_symbol_check,
    .request = bitget_request,
    .ping = bitget_ping,
    .decode = bitget_decode,
    .checksum = checksum_interleaved,
    .catalogue = &catalogue_bitget,
};
