/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/<venue>.md, "trade" or "Trades". */
#include "tape_sheets.h"

#include "spell.h"

#include <string.h>
#include <time.h>

#define SIZE_DECIMALS 8
#define KST_SECONDS   (9 * 3600)

static struct number price_of(const struct trade *trade)
{
    return (struct number){ trade->price, trade->price_decimals };
}

static struct number size_of(const struct trade *trade)
{
    return (struct number){ trade->size, trade->size_decimals };
}

static void put_plain(struct pen *p, const char *key, struct number n)
{
    pen_string(p, key);
    pen_plain(p, n);
}

/* Trade date and time are Korea's here, the time stamps are UTC's. */
static void put_korean_clock(struct pen *p, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000) + KST_SECONDS;
    char text[64];
    struct tm korean;

    (void)gmtime_r(&seconds, &korean);
    (void)strftime(text, sizeof(text), ",\"trade_date\":\"%Y-%m-%d\",\"trade_time\":\"%H:%M:%S\"", &korean);
    pen_string(p, text);
}

void tape_bithumb(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                  struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);
    struct number close = m->tape.previous_close;
    struct number change = number_add(price_of(trade), (struct number){ -close.mantissa, close.decimals });

    (void)io_session, (void)n;
    pen_string(io_text, "{\"type\":\"trade\",\"code\":\"");
    pen_string(io_text, m->symbol);
    put_plain(io_text, "\",\"trade_price\":", price_of(trade));
    put_plain(io_text, ",\"trade_volume\":", size_of(trade));
    pen_string(io_text, trade->is_sell ? ",\"ask_bid\":\"ASK\"" : ",\"ask_bid\":\"BID\"");
    put_korean_clock(io_text, trade->timestamp_ms);
    spell_u64(io_text, ",\"trade_timestamp\":", (uint64_t)trade->timestamp_ms);
    put_plain(io_text, ",\"prev_closing_price\":", close);
    pen_string(io_text, change.mantissa < 0   ? ",\"change\":\"FALL\""
                        : change.mantissa > 0 ? ",\"change\":\"RISE\""
                                              : ",\"change\":\"EVEN\"");
    change.mantissa = change.mantissa < 0 ? -change.mantissa : change.mantissa;
    put_plain(io_text, ",\"change_price\":", change);
    spell_u64(io_text, ",\"sequential_id\":", trade->id);
    spell_u64(io_text, ",\"timestamp\":", (uint64_t)trade->timestamp_ms + 300);
    pen_string(io_text, is_past ? ",\"stream_type\":\"SNAPSHOT\"}" : ",\"stream_type\":\"REALTIME\"}");
}

void tape_coinone(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                  struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);
    const char *dash = strchr(m->symbol, '-');

    (void)io_session, (void)n, (void)is_past;
    pen_string(io_text, "{\"response_type\":\"DATA\",\"channel\":\"TRADE\",\"data\":{\"quote_currency\":\"");
    pen_bytes(io_text, m->symbol, (size_t)(dash - m->symbol));
    pen_string(io_text, "\",\"target_currency\":\"");
    pen_string(io_text, dash + 1);
    spell_u64(io_text, "\",\"id\":\"", trade->id);
    spell_u64(io_text, "\",\"timestamp\":", (uint64_t)trade->timestamp_ms);
    put_plain(io_text, ",\"price\":\"", price_of(trade));
    put_plain(io_text, "\",\"qty\":\"", size_of(trade));
    pen_string(io_text, trade->is_sell ? "\",\"is_seller_maker\":false}}" : "\",\"is_seller_maker\":true}}");
}

void tape_korbit(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                 struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text, "{\"symbol\":\"");
    pen_string(io_text, m->symbol);
    spell_u64(io_text, "\",\"timestamp\":", (uint64_t)tape_last(&m->tape, first)->timestamp_ms + 20);
    pen_string(io_text,
               is_past ? ",\"type\":\"trade\",\"snapshot\":true,\"data\":[" : ",\"type\":\"trade\",\"data\":[");
    for (uint64_t i = 0; i < n; i++) {
        const struct trade *trade = tape_last(&m->tape, first - i);

        spell_u64(io_text, i > 0 ? ",{\"timestamp\":" : "{\"timestamp\":", (uint64_t)trade->timestamp_ms);
        put_plain(io_text, ",\"price\":\"", price_of(trade));
        put_plain(io_text, "\",\"qty\":\"", size_of(trade));
        pen_string(io_text, trade->is_sell ? "\",\"isBuyerTaker\":false" : "\",\"isBuyerTaker\":true");
        spell_u64(io_text, ",\"tradeId\":", trade->id);
        pen_string(io_text, "}");
    }
    pen_string(io_text, "]}");
}

void tape_kraken(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                 struct pen *io_text)
{
    (void)io_session;
    pen_string(io_text, is_past ? "{\"channel\":\"trade\",\"type\":\"snapshot\",\"data\":["
                                : "{\"channel\":\"trade\",\"type\":\"update\",\"data\":[");
    for (uint64_t i = 0; i < n; i++) {
        const struct trade *trade = tape_last(&m->tape, first - i);

        pen_string(io_text, i > 0 ? ",{\"symbol\":\"" : "{\"symbol\":\"");
        pen_string(io_text, m->symbol);
        pen_string(io_text, trade->is_sell ? "\",\"side\":\"sell\",\"price\":" : "\",\"side\":\"buy\",\"price\":");
        pen_padded(io_text, price_of(trade), m->profile.price_decimals);
        pen_string(io_text, ",\"qty\":");
        pen_padded(io_text, size_of(trade), SIZE_DECIMALS);
        spell_u64(io_text, ",\"ord_type\":\"market\",\"trade_id\":", trade->id);
        pen_string(io_text, ",\"timestamp\":\"");
        spell_time(io_text, trade->timestamp_ms);
        pen_string(io_text, "\"}");
    }
    pen_string(io_text, "]}");
}

/* The side is the maker's. */
void tape_coinbase(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                   struct pen *io_text)
{
    const struct trade *trade = tape_last(&m->tape, first);

    (void)io_session, (void)n;
    spell_u64(io_text,
              is_past ? "{\"type\":\"last_match\",\"trade_id\":" : "{\"type\":\"match\",\"trade_id\":", trade->id);
    pen_string(io_text, ",\"maker_order_id\":\"2a0da34e-61f7-4c36-88e5-c9dd15927b16\",\"taker_order_id\":"
                        "\"3c82abaa-c01e-4608-be59-6a1e69742891\",\"side\":\"");
    pen_string(io_text, trade->is_sell ? "buy" : "sell");
    put_plain(io_text, "\",\"size\":\"", size_of(trade));
    put_plain(io_text, "\",\"price\":\"", price_of(trade));
    pen_string(io_text, "\",\"product_id\":\"");
    pen_string(io_text, m->symbol);
    spell_u64(io_text, "\",\"sequence\":", m->tape.n + 177100030);
    pen_string(io_text, ",\"time\":\"");
    spell_time(io_text, trade->timestamp_ms);
    pen_string(io_text, "\"}");
}

/* In which order a snapshot comes is not said: newest first here. */
void tape_coinbase_adv(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                       struct pen *io_text)
{
    pen_string(io_text, "{\"channel\":\"market_trades\",\"client_id\":\"\",\"timestamp\":\"");
    spell_time(io_text, tape_last(&m->tape, first)->timestamp_ms);
    spell_u64(io_text, "\",\"sequence_num\":", io_session->sequence);
    pen_string(io_text, is_past ? ",\"events\":[{\"type\":\"snapshot\",\"trades\":["
                                : ",\"events\":[{\"type\":\"update\",\"trades\":[");
    for (uint64_t i = 0; i < n; i++) {
        const struct trade *trade = tape_last(&m->tape, is_past ? first + 1 - n + i : first - i);

        spell_u64(io_text, i > 0 ? ",{\"trade_id\":\"" : "{\"trade_id\":\"", trade->id);
        pen_string(io_text, "\",\"product_id\":\"");
        pen_string(io_text, m->symbol);
        put_plain(io_text, "\",\"price\":\"", price_of(trade));
        put_plain(io_text, "\",\"size\":\"", size_of(trade));
        pen_string(io_text, "\",\"time\":\"");
        spell_time(io_text, trade->timestamp_ms);
        pen_string(io_text, trade->is_sell ? "\",\"side\":\"BUY\"}" : "\",\"side\":\"SELL\"}");
    }
    pen_string(io_text, "]}]}");
}
