/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/upbit.md, "Trades"; tickers by https://docs.upbit.com/kr/reference/websocket-ticker, read
 * 2026-11-28. */
#include "tape_upbit.h"

#include <time.h>

/* Each key in its two spellings, with all that stands before the value. */
enum {
    KEY_TRADE,
    KEY_TICKER,
    KEY_CODE,
    KEY_TIME,
    KEY_DATE,
    KEY_CLOCK,
    KEY_TRADE_TIME,
    KEY_PRICE,
    KEY_SIZE,
    KEY_SIDE,
    KEY_CLOSE,
    KEY_CHANGE,
    KEY_CHANGE_PRICE,
    KEY_CHANGE_SIGNED,
    KEY_ID,
    KEY_STREAM,
    KEY_OPEN,
    KEY_HIGH,
    KEY_LOW,
    KEY_VOLUME,
    KEY_VALUE
};
static const char *const keys[][2] = {
    [KEY_TRADE] = { "{\"type\":\"trade\"", "{\"ty\":\"trade\"" },
    [KEY_TICKER] = { "{\"type\":\"ticker\"", "{\"ty\":\"ticker\"" },
    [KEY_CODE] = { ",\"code\":\"", ",\"cd\":\"" },
    [KEY_TIME] = { ",\"timestamp\":", ",\"tms\":" },
    [KEY_DATE] = { ",\"trade_date\":\"", ",\"td\":\"" },
    [KEY_CLOCK] = { "\",\"trade_time\":\"", "\",\"ttm\":\"" },
    [KEY_TRADE_TIME] = { ",\"trade_timestamp\":", ",\"ttms\":" },
    [KEY_PRICE] = { ",\"trade_price\":", ",\"tp\":" },
    [KEY_SIZE] = { ",\"trade_volume\":", ",\"tv\":" },
    [KEY_SIDE] = { ",\"ask_bid\":\"", ",\"ab\":\"" },
    [KEY_CLOSE] = { ",\"prev_closing_price\":", ",\"pcp\":" },
    [KEY_CHANGE] = { ",\"change\":\"", ",\"c\":\"" },
    [KEY_CHANGE_PRICE] = { ",\"change_price\":", ",\"cp\":" },
    [KEY_CHANGE_SIGNED] = { ",\"signed_change_price\":", ",\"scp\":" },
    [KEY_ID] = { ",\"sequential_id\":", ",\"sid\":" },
    [KEY_STREAM] = { ",\"stream_type\":\"", ",\"st\":\"" },
    [KEY_OPEN] = { ",\"opening_price\":", ",\"op\":" },
    [KEY_HIGH] = { ",\"high_price\":", ",\"hp\":" },
    [KEY_LOW] = { ",\"low_price\":", ",\"lp\":" },
    [KEY_VOLUME] = { ",\"acc_trade_volume\":", ",\"atv\":" },
    [KEY_VALUE] = { ",\"acc_trade_price\":", ",\"atp\":" },
};

struct nib { /* how one message is written */
    struct pen *p;
    int is_short;
    void (*number)(struct pen *p, struct number n);
};

static struct nib nib_of(const struct session *s, struct pen *p)
{
    int is_short = s->form == 1 || s->form == 3;

    return (struct nib){ p, is_short, is_short ? pen_short : pen_java };
}

static void put(const struct nib *nib, int key, struct number n)
{
    pen_string(nib->p, keys[key][nib->is_short]);
    nib->number(nib->p, n);
}

static void put_text(const struct nib *nib, int key, const char *text)
{
    pen_string(nib->p, keys[key][nib->is_short]);
    pen_string(nib->p, text);
    pen_string(nib->p, "\"");
}

static void put_whole(const struct nib *nib, int key, int64_t value)
{
    pen_string(nib->p, keys[key][nib->is_short]);
    pen_i64(nib->p, value);
}

static void put_clock(const struct nib *nib, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    char text[32];
    struct tm utc;

    (void)gmtime_r(&seconds, &utc);
    (void)strftime(text, sizeof(text), "%Y-%m-%d", &utc);
    pen_string(nib->p, keys[KEY_DATE][nib->is_short]);
    pen_string(nib->p, text);
    (void)strftime(text, sizeof(text), "%H:%M:%S", &utc);
    put_text(nib, KEY_CLOCK, text);
}

static void put_change(const struct nib *nib, struct number change)
{
    struct number size = { change.mantissa < 0 ? -change.mantissa : change.mantissa, change.decimals };

    put_text(nib, KEY_CHANGE, change.mantissa < 0 ? "FALL" : change.mantissa > 0 ? "RISE" : "EVEN");
    put(nib, KEY_CHANGE_PRICE, size);
}

static void put_trade(const struct nib *nib, const struct market *m, const struct trade *trade, bool is_past)
{
    struct number price = { trade->price, trade->price_decimals };
    struct number change =
        number_add(price, (struct number){ -m->tape.previous_close.mantissa, m->tape.previous_close.decimals });

    pen_string(nib->p, keys[KEY_TRADE][nib->is_short]);
    put_text(nib, KEY_CODE, m->symbol);
    put_whole(nib, KEY_TIME, trade->timestamp_ms + 3);
    put_clock(nib, trade->timestamp_ms);
    put_whole(nib, KEY_TRADE_TIME, trade->timestamp_ms);
    put(nib, KEY_PRICE, price);
    put(nib, KEY_SIZE, (struct number){ trade->size, trade->size_decimals });
    put_text(nib, KEY_SIDE, trade->is_sell ? "ASK" : "BID");
    put(nib, KEY_CLOSE, m->tape.previous_close);
    put_change(nib, change);
    pen_string(nib->p, keys[KEY_ID][nib->is_short]);
    pen_u64(nib->p, trade->id);
    put_text(nib, KEY_STREAM, is_past ? "SNAPSHOT" : "REALTIME");
    pen_string(nib->p, "}");
}

void tape_upbit_trades(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                       struct pen *io_text)
{
    struct nib nib = nib_of(io_session, io_text);
    bool is_list = io_session->form >= 2;

    pen_bytes(io_text, "[", is_list);
    for (uint64_t i = 0; i < n; i++) {
        pen_bytes(io_text, ",", i > 0);
        put_trade(&nib, m, tape_last(&m->tape, first - i), is_past);
    }
    pen_bytes(io_text, "]", is_list);
}

/* Before the first trade of the day the last one of yesterday stands for all. */
void tape_upbit_day(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms,
                    struct pen *io_text)
{
    const struct tape *t = &m->tape;
    const struct trade *last = tape_last(t, 0);
    struct number price = last != NULL ? (struct number){ last->price, last->price_decimals } : t->previous_close;
    struct number change = { 0, 0 };
    struct nib nib = nib_of(io_session, io_text);
    bool is_list = io_session->form >= 2;

    (void)tape_change(t, &change);
    pen_bytes(io_text, "[", is_list);
    pen_string(io_text, keys[KEY_TICKER][nib.is_short]);
    put_text(&nib, KEY_CODE, m->symbol);
    put(&nib, KEY_OPEN, t->n_day > 0 ? t->open : price);
    put(&nib, KEY_HIGH, t->n_day > 0 ? t->high : price);
    put(&nib, KEY_LOW, t->n_day > 0 ? t->low : price);
    put(&nib, KEY_PRICE, price);
    put(&nib, KEY_CLOSE, t->previous_close);
    put(&nib, KEY_VALUE, t->value);
    put_change(&nib, change);
    put(&nib, KEY_CHANGE_SIGNED, change);
    if (last != NULL) {
        put_text(&nib, KEY_SIDE, last->is_sell ? "ASK" : "BID");
        put(&nib, KEY_SIZE, (struct number){ last->size, last->size_decimals });
        put_whole(&nib, KEY_TRADE_TIME, last->timestamp_ms);
    }
    put(&nib, KEY_VOLUME, t->volume);
    put_whole(&nib, KEY_TIME, now_ms);
    put_text(&nib, KEY_STREAM, is_first ? "SNAPSHOT" : "REALTIME");
    pen_bytes(io_text, "}", 1);
    pen_bytes(io_text, "]", is_list);
}
