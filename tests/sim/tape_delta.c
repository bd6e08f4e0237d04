/* SPDX-License-Identifier: MIT */
#include "tape_delta.h"

#include "spell.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

static void put_number(struct pen *p, const char *key, int64_t mantissa, uint8_t decimals, uint8_t least)
{
    pen_string(p, key);
    spell_quoted(p, (struct number){ mantissa, decimals }, least);
}

static void put_price(struct pen *p, const char *key, const struct trade *trade, uint8_t least)
{
    put_number(p, key, trade->price, trade->price_decimals, least);
}

static void put_size(struct pen *p, const char *key, const struct trade *trade, uint8_t least)
{
    put_number(p, key, trade->size, trade->size_decimals, least);
}

/* "m": the buyer is the maker, so the taker sold. */
static void binance_put(const struct market *m, const struct trade *trade, const char *stream, const char *event,
                        const char *id, struct pen *p)
{
    pen_string(p, "{\"stream\":\"");
    for (const char *at = m->symbol; *at != '\0'; at++)
        pen_bytes(p, &(char){ (char)tolower((unsigned char)*at) }, 1);
    pen_string(p, stream);
    pen_string(p, event);
    spell_u64(p, ",\"E\":", (uint64_t)trade->timestamp_ms + 1);
    pen_string(p, ",\"s\":\"");
    pen_string(p, m->symbol);
    spell_u64(p, id, trade->id);
    put_price(p, ",\"p\":", trade, 8);
    put_size(p, ",\"q\":", trade, 8);
}

void tape_binance_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                         struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);

    (void)io_session, (void)n, (void)is_past;
    binance_put(m, trade, "@trade\",\"data\":", "{\"e\":\"trade\"", "\",\"t\":", io_text);
    spell_u64(io_text, ",\"T\":", (uint64_t)trade->timestamp_ms);
    pen_string(io_text, trade->is_sell ? ",\"m\":true,\"M\":true}}" : ",\"m\":false,\"M\":true}}");
}

void tape_binance_aggregates(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                             bool is_past, struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);

    (void)io_session, (void)n, (void)is_past;
    binance_put(m, trade, "@aggTrade\",\"data\":", "{\"e\":\"aggTrade\"", "\",\"a\":", io_text);
    spell_u64(io_text, ",\"f\":", trade->id);
    spell_u64(io_text, ",\"l\":", trade->id + 1);
    spell_u64(io_text, ",\"T\":", (uint64_t)trade->timestamp_ms);
    pen_string(io_text, trade->is_sell ? ",\"m\":true}}" : ",\"m\":false}}");
}

void tape_okx_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                     struct pen *io_text)
{
    (void)io_session, (void)is_past;
    pen_string(io_text, "{\"arg\":{\"channel\":\"trades\",\"instId\":\"");
    pen_string(io_text, m->symbol);
    pen_string(io_text, "\"},\"data\":[");
    for (uint64_t i = 0; i < n; i++) {
        const struct trade *trade = tape_last(&m->tape, first - i);

        pen_string(io_text, i > 0 ? ",{\"instId\":\"" : "{\"instId\":\"");
        pen_string(io_text, m->symbol);
        spell_u64(io_text, "\",\"tradeId\":\"", trade->id);
        put_price(io_text, "\",\"px\":", trade, 0);
        put_size(io_text, ",\"sz\":", trade, 0);
        pen_string(io_text, trade->is_sell ? ",\"side\":\"sell\"" : ",\"side\":\"buy\"");
        spell_u64(io_text, ",\"ts\":\"", (uint64_t)trade->timestamp_ms);
        pen_string(io_text, "\",\"count\":\"1\",\"source\":\"0\",\"seqId\":1}");
    }
    pen_string(io_text, "]}");
}

static void bybit_put(const struct market *m, uint64_t first, uint64_t n, bool is_spot, struct pen *p)
{
    const struct trade *trade = tape_last(&m->tape, first);

    pen_string(p, "{\"topic\":\"publicTrade.");
    pen_string(p, m->symbol);
    spell_u64(p, "\",\"type\":\"snapshot\",\"ts\":", (uint64_t)trade->timestamp_ms + 3);
    pen_string(p, ",\"data\":[");
    for (uint64_t i = 0; i < n; i++) {
        char id[64];

        trade = tape_last(&m->tape, first - i);
        if (is_spot)
            (void)snprintf(id, sizeof(id), "%" PRIu64, trade->id);
        else
            (void)snprintf(id, sizeof(id), "%08" PRIx32 "-%04x-5b31-9112-a178%08" PRIx32, (uint32_t)(trade->id >> 32),
                           (unsigned)(trade->id >> 16 & 0xffff), (uint32_t)trade->id);
        spell_u64(p, i > 0 ? ",{\"T\":" : "{\"T\":", (uint64_t)trade->timestamp_ms);
        pen_string(p, ",\"s\":\"");
        pen_string(p, m->symbol);
        pen_string(p, trade->is_sell ? "\",\"S\":\"Sell\"" : "\",\"S\":\"Buy\"");
        put_size(p, ",\"v\":", trade, 0);
        put_price(p, ",\"p\":", trade, m->profile.price_decimals);
        pen_string(p, ",\"L\":\"PlusTick\",\"i\":\"");
        pen_string(p, id);
        pen_string(p, "\",\"BT\":false,\"seq\":1783284617}");
    }
    pen_string(p, "]}");
}

void tape_bybit_spot_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                            bool is_past, struct pen *io_text)
{
    (void)io_session, (void)is_past;
    bybit_put(m, first, n, true, io_text);
}

void tape_bybit_linear_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n,
                              bool is_past, struct pen *io_text)
{
    (void)io_session, (void)is_past;
    bybit_put(m, first, n, false, io_text);
}

void tape_bitget_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                        struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text, is_past ? "{\"action\":\"snapshot\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"trade\","
                                  "\"instId\":\""
                                : "{\"action\":\"update\",\"arg\":{\"instType\":\"SPOT\",\"channel\":\"trade\","
                                  "\"instId\":\"");
    pen_string(io_text, m->symbol);
    pen_string(io_text, "\"},\"data\":[");
    for (uint64_t i = 0; i < n; i++) {
        const struct trade *trade = tape_last(&m->tape, first - (n - 1) + i);

        spell_u64(io_text, i > 0 ? ",{\"ts\":\"" : "{\"ts\":\"", (uint64_t)trade->timestamp_ms);
        put_price(io_text, "\",\"price\":", trade, 0);
        put_size(io_text, ",\"size\":", trade, 0);
        pen_string(io_text, trade->is_sell ? ",\"side\":\"sell\"" : ",\"side\":\"buy\"");
        spell_u64(io_text, ",\"tradeId\":\"", trade->id);
        pen_string(io_text, "\"}");
    }
    spell_u64(io_text, "],\"ts\":", (uint64_t)tape_last(&m->tape, first - (n - 1))->timestamp_ms + 7);
    pen_string(io_text, "}");
}

void tape_gateio_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                        struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);

    (void)io_session, (void)n, (void)is_past;
    spell_u64(io_text, "{\"time\":", (uint64_t)trade->timestamp_ms / 1000);
    spell_u64(io_text, ",\"channel\":\"spot.trades\",\"event\":\"update\",\"result\":{\"id\":", trade->id);
    spell_u64(io_text, ",\"create_time\":", (uint64_t)trade->timestamp_ms / 1000);
    spell_u64(io_text, ",\"create_time_ms\":\"", (uint64_t)trade->timestamp_ms);
    pen_string(io_text, trade->is_sell ? ".2642\",\"side\":\"sell\",\"currency_pair\":\""
                                       : ".2642\",\"side\":\"buy\",\"currency_pair\":\"");
    pen_string(io_text, m->symbol);
    put_size(io_text, "\",\"amount\":", trade, 10);
    put_price(io_text, ",\"price\":", trade, 10);
    pen_string(io_text, "}}");
}
