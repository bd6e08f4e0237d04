/* SPDX-License-Identifier: MIT
 * Source: Bithumb https://apidocs.bithumb.com/v2.1.5/reference/테스트-및-요청-예제 (whole frames); Coinone
 * https://docs.coinone.co.kr/reference/public-websocket-ticker; Korbit https://docs.korbit.co.kr/llms-full.txt and a
 * frame of 2026-09-23 in https://github.com/nemanull/arbitrage-observatory; Binance
 * https://github.com/binance/binance-spot-api-docs/blob/master/web-socket-streams.md; Bybit
 * https://github.com/bybit-exchange/docs/blob/master/docs/v5/websocket/public/ticker.mdx; OKX and Binance's futures as
 * the frames that daemon/venue/okx.c and binance_day.h name; all read 2026-11-28. */
#include "tape_day.h"

#include "spell.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#define KST_SECONDS (9 * 3600)

/* The numbers of a ticker. Before the first trade of the day the last one of yesterday stands for all. */
struct sums {
    struct number price, open, high, low, change;
    const struct trade *last; /* NULL: none yet */
};

static struct sums sums_of(const struct tape *t)
{
    const struct trade *last = tape_last(t, 0);
    struct number price = last != NULL ? (struct number){ last->price, last->price_decimals } : t->previous_close;
    struct sums sums = { price, price, price, price, { 0, 0 }, last };

    if (t->n_day > 0) {
        sums.open = t->open;
        sums.high = t->high;
        sums.low = t->low;
    }
    (void)tape_change(t, &sums.change);
    return sums;
}

static void put_plain(struct pen *p, const char *key, struct number n)
{
    pen_string(p, key);
    pen_plain(p, n);
}

static struct number size_of_change(struct number change)
{
    return (struct number){ change.mantissa < 0 ? -change.mantissa : change.mantissa, change.decimals };
}

static void put_last_trade(struct pen *p, const struct trade *last)
{
    time_t seconds = (time_t)(last->timestamp_ms / 1000) + KST_SECONDS;
    char text[64];
    struct tm korean;

    (void)gmtime_r(&seconds, &korean);
    (void)strftime(text, sizeof(text), ",\"trade_date\":\"%Y%m%d\",\"trade_time\":\"%H%M%S\"", &korean);
    put_plain(p, ",\"trade_volume\":", (struct number){ last->size, last->size_decimals });
    pen_string(p, text);
    spell_u64(p, ",\"trade_timestamp\":", (uint64_t)last->timestamp_ms);
    pen_string(p, last->is_sell ? ",\"ask_bid\":\"ASK\"" : ",\"ask_bid\":\"BID\"");
}

/* Those of 24 hours differ from those of the day, which a reader is not to confuse. */
void tape_bithumb_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);

    (void)io_session;
    pen_string(io_text, "{\"type\":\"ticker\",\"code\":\"");
    pen_string(io_text, m->symbol);
    put_plain(io_text, "\",\"opening_price\":", sums.open);
    put_plain(io_text, ",\"high_price\":", sums.high);
    put_plain(io_text, ",\"low_price\":", sums.low);
    put_plain(io_text, ",\"trade_price\":", sums.price);
    put_plain(io_text, ",\"prev_closing_price\":", t->previous_close);
    pen_string(io_text, sums.change.mantissa < 0   ? ",\"change\":\"FALL\""
                        : sums.change.mantissa > 0 ? ",\"change\":\"RISE\""
                                                   : ",\"change\":\"EVEN\"");
    put_plain(io_text, ",\"change_price\":", size_of_change(sums.change));
    put_plain(io_text, ",\"signed_change_price\":", sums.change);
    put_plain(io_text, ",\"acc_trade_volume\":", t->volume);
    put_plain(io_text, ",\"acc_trade_volume_24h\":", number_add(t->volume, (struct number){ 1, 0 }));
    put_plain(io_text, ",\"acc_trade_price\":", t->value);
    put_plain(io_text, ",\"acc_trade_price_24h\":", number_add(t->value, (struct number){ 1, 0 }));
    if (sums.last != NULL)
        put_last_trade(io_text, sums.last);
    spell_u64(io_text,
              ",\"market_state\":\"ACTIVE\",\"is_trading_suspended\":false,\"delisting_date\":null,"
              "\"market_warning\":\"NONE\",\"timestamp\":",
              (uint64_t)now_ms);
    pen_string(io_text, is_first ? ",\"stream_type\":\"SNAPSHOT\"}" : ",\"stream_type\":\"REALTIME\"}");
}

/* Volume and value are those of 24 hours: here the day's and those of the day before. */
void tape_coinone_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text)
{
    const struct tape *t = &m->tape;
    const char *dash = strchr(m->symbol, '-');
    struct sums sums = sums_of(t);
    uint64_t at_ms = (uint64_t)(sums.last != NULL ? sums.last->timestamp_ms : now_ms);

    (void)io_session, (void)is_first;
    pen_string(io_text, "{\"response_type\":\"DATA\",\"channel\":\"TICKER\",\"data\":{\"quote_currency\":\"");
    pen_bytes(io_text, m->symbol, (size_t)(dash - m->symbol));
    pen_string(io_text, "\",\"target_currency\":\"");
    pen_string(io_text, dash + 1);
    spell_u64(io_text, "\",\"timestamp\":", at_ms);
    put_plain(io_text, ",\"quote_volume\":\"", number_add(t->value, (struct number){ 5, 0 }));
    put_plain(io_text, "\",\"target_volume\":\"", number_add(t->volume, (struct number){ 5, 0 }));
    put_plain(io_text, "\",\"high\":\"", sums.high);
    put_plain(io_text, "\",\"low\":\"", sums.low);
    put_plain(io_text, "\",\"first\":\"", sums.open);
    put_plain(io_text, "\",\"last\":\"", sums.price);
    spell_u64(io_text,
              "\",\"volume_power\":\"100\",\"ask_best_price\":null,\"ask_best_qty\":null,\"bid_best_price\":null,"
              "\"bid_best_qty\":null,\"id\":\"",
              at_ms * 1000 + 1);
    put_plain(io_text, "\",\"yesterday_high\":\"", t->previous_close);
    put_plain(io_text, "\",\"yesterday_low\":\"", t->previous_close);
    put_plain(io_text, "\",\"yesterday_first\":\"", t->previous_close);
    put_plain(io_text, "\",\"yesterday_last\":\"", t->previous_close);
    pen_string(io_text, "\",\"yesterday_quote_volume\":\"5\",\"yesterday_target_volume\":\"5\"}}");
}

void tape_korbit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                     struct pen *io_text)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);

    (void)io_session;
    pen_string(io_text, "{\"symbol\":\"");
    pen_string(io_text, m->symbol);
    spell_u64(io_text, "\",\"timestamp\":", (uint64_t)now_ms);
    pen_string(io_text, is_first ? ",\"type\":\"ticker\",\"snapshot\":true" : ",\"type\":\"ticker\"");
    put_plain(io_text, ",\"data\":{\"open\":\"", sums.open);
    put_plain(io_text, "\",\"high\":\"", sums.high);
    put_plain(io_text, "\",\"low\":\"", sums.low);
    put_plain(io_text, "\",\"close\":\"", sums.price);
    put_plain(io_text, "\",\"prevClose\":\"", t->previous_close);
    put_plain(io_text, "\",\"priceChange\":\"", sums.change);
    put_plain(io_text, "\",\"volume\":\"", t->volume);
    put_plain(io_text, "\",\"quoteVolume\":\"", t->value);
    pen_string(io_text, "\",\"bestAskPrice\":\"0\",\"bestBidPrice\":\"0\"");
    if (sums.last != NULL)
        spell_u64(io_text, ",\"lastTradedAt\":", (uint64_t)sums.last->timestamp_ms);
    pen_string(io_text, "}}");
}

/* b, B, a and A stand where the best bid and ask of a book have theirs. */
void tape_binance_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                      struct pen *io_text)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);

    (void)io_session, (void)is_first;
    pen_string(io_text, "{\"stream\":\"");
    for (const char *at = m->symbol; *at != '\0'; at++)
        pen_bytes(io_text, &(char){ (char)tolower((unsigned char)*at) }, 1);
    spell_u64(io_text, "@ticker\",\"data\":{\"e\":\"24hrTicker\",\"E\":", (uint64_t)now_ms);
    pen_string(io_text, ",\"s\":\"");
    pen_string(io_text, m->symbol);
    put_plain(io_text, "\",\"p\":\"", sums.change);
    put_plain(io_text, "\",\"P\":\"1.000\",\"w\":\"1.0\",\"x\":\"", t->previous_close);
    put_plain(io_text, "\",\"c\":\"", sums.price);
    pen_string(io_text, "\",\"Q\":\"1.0\",\"b\":\"1.0\",\"B\":\"2.0\",\"a\":\"3.0\",\"A\":\"4.0");
    put_plain(io_text, "\",\"o\":\"", sums.open);
    put_plain(io_text, "\",\"h\":\"", sums.high);
    put_plain(io_text, "\",\"l\":\"", sums.low);
    put_plain(io_text, "\",\"v\":\"", t->volume);
    put_plain(io_text, "\",\"q\":\"", t->value);
    spell_u64(io_text, "\",\"O\":0,\"C\":", (uint64_t)now_ms);
    pen_string(io_text, ",\"F\":0,\"L\":18150,\"n\":18151}}");
}

/* Futures name no best bid and ask and no price of before; COIN-M's pair stands beside its symbol. */
static void binance_futures_day(const struct market *m, int64_t now_ms, bool is_coinm, struct pen *p)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);

    pen_string(p, "{\"stream\":\"");
    for (const char *at = m->symbol; *at != '\0'; at++)
        pen_bytes(p, &(char){ (char)tolower((unsigned char)*at) }, 1);
    spell_u64(p, "@ticker\",\"data\":{\"e\":\"24hrTicker\",\"E\":", (uint64_t)now_ms);
    pen_string(p, ",\"s\":\"");
    pen_string(p, m->symbol);
    if (is_coinm) {
        pen_string(p, "\",\"ps\":\"");
        pen_bytes(p, m->symbol, strcspn(m->symbol, "_"));
    }
    put_plain(p, "\",\"p\":\"", sums.change);
    put_plain(p, "\",\"P\":\"1.000\",\"w\":\"1.0\",\"c\":\"", sums.price);
    put_plain(p, "\",\"Q\":\"1\",\"o\":\"", sums.open);
    put_plain(p, "\",\"h\":\"", sums.high);
    put_plain(p, "\",\"l\":\"", sums.low);
    if (is_coinm) {
        put_plain(p, "\",\"v\":\"1967607\",\"q\":\"", t->volume);
    } else {
        put_plain(p, "\",\"v\":\"", t->volume);
        put_plain(p, "\",\"q\":\"", t->value);
    }
    spell_u64(p, "\",\"O\":0,\"C\":", (uint64_t)now_ms);
    pen_string(p,
               is_coinm ? ",\"F\":100191,\"L\":173906,\"n\":73715}}" : ",\"F\":0,\"L\":18150,\"n\":18151,\"st\":1}}");
}

void tape_binance_usdm_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                           struct pen *io_text)
{
    (void)io_session, (void)is_first;
    binance_futures_day(m, now_ms, false, io_text);
}

void tape_binance_coinm_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                            struct pen *io_text)
{
    (void)io_session, (void)is_first;
    binance_futures_day(m, now_ms, true, io_text);
}

/* Of a swap the volume in base has the other name, and the first counts contracts. */
void tape_okx_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                  struct pen *io_text)
{
    const struct tape *t = &m->tape;
    const char *dash = strrchr(m->symbol, '-');
    bool is_swap = dash != NULL && strcmp(dash, "-SWAP") == 0;
    struct sums sums = sums_of(t);

    (void)io_session, (void)is_first;
    pen_string(io_text, "{\"arg\":{\"channel\":\"tickers\",\"instId\":\"");
    pen_string(io_text, m->symbol);
    pen_string(io_text, is_swap ? "\"},\"data\":[{\"instType\":\"SWAP" : "\"},\"data\":[{\"instType\":\"SPOT");
    pen_string(io_text, "\",\"instId\":\"");
    pen_string(io_text, m->symbol);
    put_plain(io_text, "\",\"last\":\"", sums.price);
    pen_string(io_text, "\",\"lastSz\":\"0\",\"askPx\":\"\",\"askSz\":\"\",\"bidPx\":\"\",\"bidSz\":\"");
    put_plain(io_text, "\",\"open24h\":\"", sums.open);
    put_plain(io_text, "\",\"high24h\":\"", sums.high);
    put_plain(io_text, "\",\"low24h\":\"", sums.low);
    put_plain(io_text, "\",\"sodUtc0\":\"", t->previous_close);
    put_plain(io_text, "\",\"sodUtc8\":\"", t->previous_close);
    put_plain(io_text, "\",\"volCcy24h\":\"", is_swap ? t->volume : t->value);
    put_plain(io_text, "\",\"vol24h\":\"", is_swap ? (struct number){ 776509, 0 } : t->volume);
    spell_u64(io_text, "\",\"ts\":\"", (uint64_t)now_ms);
    pen_string(io_text, "\"}]}");
}

/* The first is whole; then what the trade has changed, among it what is no fact of the day. */
void tape_bybit_linear_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                           struct pen *io_text)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);
    bool has_open = is_first || t->n_day <= 1;

    (void)io_session;
    pen_string(io_text, "{\"topic\":\"tickers.");
    pen_string(io_text, m->symbol);
    pen_string(io_text, is_first ? "\",\"type\":\"snapshot" : "\",\"type\":\"delta");
    pen_string(io_text, "\",\"data\":{\"symbol\":\"");
    pen_string(io_text, m->symbol);
    if (is_first)
        pen_string(io_text, "\",\"tickDirection\":\"PlusTick\",\"price24hPcnt\":\"0.017103");
    put_plain(io_text, "\",\"lastPrice\":\"", sums.price);
    if (has_open)
        put_plain(io_text, "\",\"prevPrice24h\":\"", sums.open);
    put_plain(io_text, "\",\"highPrice24h\":\"", sums.high);
    put_plain(io_text, "\",\"lowPrice24h\":\"", sums.low);
    put_plain(io_text, "\",\"openInterest\":\"1\",\"turnover24h\":\"", t->value);
    put_plain(io_text, "\",\"volume24h\":\"", t->volume);
    spell_u64(io_text, "\",\"bid1Price\":\"1\",\"bid1Size\":\"2\"},\"cs\":24987956059,\"ts\":", (uint64_t)now_ms);
    pen_string(io_text, "}");
}

/* A change in percent alone, which is none of the truth's facts. */
void tape_bybit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                    struct pen *io_text)
{
    const struct tape *t = &m->tape;
    struct sums sums = sums_of(t);

    (void)io_session, (void)is_first;
    pen_string(io_text, "{\"topic\":\"tickers.");
    pen_string(io_text, m->symbol);
    spell_u64(io_text, "\",\"ts\":", (uint64_t)now_ms);
    pen_string(io_text, ",\"type\":\"snapshot\",\"cs\":496622841,\"data\":{\"symbol\":\"");
    pen_string(io_text, m->symbol);
    put_plain(io_text, "\",\"lastPrice\":\"", sums.price);
    put_plain(io_text, "\",\"highPrice24h\":\"", sums.high);
    put_plain(io_text, "\",\"lowPrice24h\":\"", sums.low);
    put_plain(io_text, "\",\"prevPrice24h\":\"", sums.open);
    put_plain(io_text, "\",\"volume24h\":\"", t->volume);
    put_plain(io_text, "\",\"turnover24h\":\"", t->value);
    pen_string(io_text, "\",\"price24hPcnt\":\"-0.0049\"}}");
}
