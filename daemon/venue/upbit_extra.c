/* SPDX-License-Identifier: MIT
 * Source: ../shared/protocols/upbit.md, "Trades", read 2026-11-22; tickers by
 * https://docs.upbit.com/kr/reference/websocket-ticker (names, short names, units), read 2026-11-28; Bithumb's, of the
 * same names, by https://apidocs.bithumb.com/v2.1.4/reference/현재가-ticker (whose words for high_price and low_price
 * have changed places) and the frames of https://apidocs.bithumb.com/v2.1.5/reference/테스트-및-요청-예제, both read
 * 2026-11-28. The two channels have no sequence among each other or with the books. */
#include "venue/upbit_extra.h"

#include "venue/field.h"
#include "venue/upbit_request.h"

#include <errno.h>
#include <string.h>

struct extra {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_number price, size, close, change, open, high, low, volume, value;
    struct scan_string side, stream;
    int64_t trade_ns, venue_ns;
    uint64_t id;
};

/* Bits of `seen` follow the order of these. */
enum {
    SAW_SYMBOL = 1,
    SAW_PRICE = 2,
    SAW_SIZE = 4,
    SAW_SIDE = 8,
    SAW_TRADE_TIME = 16,
    SAW_ID = 32,
    SAW_CLOSE = 64,
    SAW_STREAM = 128,
    SAW_TIME = 256,
    SAW_CHANGE = 512,
    SAW_OPEN = 1024,
    SAW_HIGH = 2048,
    SAW_LOW = 4096,
    SAW_VOLUME = 8192,
    SAW_VALUE = 16384
};
#define N_FIELDS 15
static const struct field fields[2][N_FIELDS] = {
    {
        FIELD("code", FIELD_SYMBOL, struct extra, symbol),
        FIELD("trade_price", FIELD_NUMBER, struct extra, price),
        FIELD("trade_volume", FIELD_NUMBER, struct extra, size),
        FIELD("ask_bid", FIELD_STRING, struct extra, side),
        FIELD("trade_timestamp", FIELD_TIME_MS, struct extra, trade_ns),
        FIELD("sequential_id", FIELD_U64, struct extra, id),
        FIELD("prev_closing_price", FIELD_NUMBER, struct extra, close),
        FIELD("stream_type", FIELD_STRING, struct extra, stream),
        FIELD("timestamp", FIELD_TIME_MS, struct extra, venue_ns),
        FIELD("signed_change_price", FIELD_NUMBER, struct extra, change),
        FIELD("opening_price", FIELD_NUMBER, struct extra, open),
        FIELD("high_price", FIELD_NUMBER, struct extra, high),
        FIELD("low_price", FIELD_NUMBER, struct extra, low),
        FIELD("acc_trade_volume", FIELD_NUMBER, struct extra, volume),
        FIELD("acc_trade_price", FIELD_NUMBER, struct extra, value),
    },
    {
        FIELD("cd", FIELD_SYMBOL, struct extra, symbol),
        FIELD("tp", FIELD_NUMBER, struct extra, price),
        FIELD("tv", FIELD_NUMBER, struct extra, size),
        FIELD("ab", FIELD_STRING, struct extra, side),
        FIELD("ttms", FIELD_TIME_MS, struct extra, trade_ns),
        FIELD("sid", FIELD_U64, struct extra, id),
        FIELD("pcp", FIELD_NUMBER, struct extra, close),
        FIELD("st", FIELD_STRING, struct extra, stream),
        FIELD("tms", FIELD_TIME_MS, struct extra, venue_ns),
        FIELD("scp", FIELD_NUMBER, struct extra, change),
        FIELD("op", FIELD_NUMBER, struct extra, open),
        FIELD("hp", FIELD_NUMBER, struct extra, high),
        FIELD("lp", FIELD_NUMBER, struct extra, low),
        FIELD("atv", FIELD_NUMBER, struct extra, volume),
        FIELD("atp", FIELD_NUMBER, struct extra, value),
    },
};

/* A trade says the previous close as well. That of a snapshot may be of an older day: it is the latest past trade,
 * however long ago. */
static int trade_add(const struct extra *e, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    struct md_trade *trade;
    struct md_day *day;

    if (!event)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), e->symbol);
    event->venue_ns = e->venue_ns;
    event->is_snapshot = (seen & SAW_STREAM) && field_is(&e->stream, "SNAPSHOT");
    trade = field_trade(frame, event);
    if (!trade)
        return -E2BIG;
    frame->n_events++;
    if ((seen & (SAW_PRICE | SAW_SIZE)) != (SAW_PRICE | SAW_SIZE) ||
        field_trade_numbers(trade, &e->price, &e->size) < 0) {
        field_trade_drop(frame, event);
        return 0;
    }
    trade->id = e->id; /* 0 where it was none that 64 bits hold */
    trade->venue_ns = e->trade_ns;
    trade->side = !(seen & SAW_SIDE)          ? MD_SIDE_UNKNOWN
                  : field_is(&e->side, "BID") ? MD_SIDE_BUY
                  : field_is(&e->side, "ASK") ? MD_SIDE_SELL
                                              : MD_SIDE_UNKNOWN;
    if (event->is_snapshot || !(seen & SAW_CLOSE))
        return 0;
    day = field_day_event(frame, e->symbol, MD_PERIOD_DAY, e->venue_ns);
    if (!day)
        return -E2BIG;
    field_fact(day, MD_FACT_PREVIOUS_CLOSE, &e->close);
    return 0;
}

/* The day begins at 9 in the morning in Korea, which is UTC 0, and at midnight there on Bithumb, and so do volume and
 * value: acc_trade_volume and acc_trade_price. Those that end in _24h are not taken. */
static int ticker_add(const struct extra *e, uint32_t seen, struct md_frame *frame)
{
    static const struct field_day_row rows[] = {
        { SAW_PRICE, offsetof(struct extra, price), MD_FACT_LAST },
        { SAW_CLOSE, offsetof(struct extra, close), MD_FACT_PREVIOUS_CLOSE },
        { SAW_CHANGE, offsetof(struct extra, change), MD_FACT_CHANGE },
        { SAW_OPEN, offsetof(struct extra, open), MD_FACT_OPEN },
        { SAW_HIGH, offsetof(struct extra, high), MD_FACT_HIGH },
        { SAW_LOW, offsetof(struct extra, low), MD_FACT_LOW },
        { SAW_VOLUME, offsetof(struct extra, volume), MD_FACT_VOLUME },
        { SAW_VALUE, offsetof(struct extra, value), MD_FACT_VALUE },
    };
    struct md_day *day = field_day_event(frame, e->symbol, MD_PERIOD_DAY, e->venue_ns);

    if (!day)
        return -E2BIG;
    day->last_ns = e->trade_ns;
    field_facts(day, rows, sizeof(rows) / sizeof(rows[0]), e, seen);
    return 0;
}

int upbit_extra_add(struct scan object, int is_simple, const struct scan_string *type, struct md_frame *frame)
{
    struct extra e = { 0 };
    uint32_t seen = 0;

    if (fields_read(&object, fields[is_simple], N_FIELDS, &e, NULL, &seen) == 0 && (seen & SAW_SYMBOL) &&
        !strchr(e.symbol, UPBIT_LEVEL_MARK)) {
        if (field_is(type, "trade"))
            return trade_add(&e, seen, frame);
        if (field_is(type, "ticker"))
            return ticker_add(&e, seen, frame);
    }
    if (!field_event(frame, MD_OTHER))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

/* The name or the message of an error; a name may be a number (REST answers, sheet "REST snapshot"). */
static void error_part_add(struct scan *s, struct text *text)
{
    struct scan_string string;

    if (scan_peek(s) == SCAN_STRING && scan_string(s, &string) == 0)
        scan_string_add(&string, text);
    else if (s->at && *s->at != '{' && *s->at != '[') {
        const char *start = s->at;

        if (scan_skip(s) == 0)
            text_add(text, start, (size_t)(s->at - start));
    }
}

/* "NAME: message", whichever came first (sheet, "Errors" [P]). The bytes were checked when they were skipped. */
void upbit_error_take(struct scan error, struct md_event *event)
{
    struct scan s = error, name = { 0 }, message = { 0 };
    struct scan_string key;
    struct text text;

    event->kind = MD_ERROR;
    text_init(&text, event->text, sizeof(event->text));
    if (scan_peek(&s) != SCAN_OBJECT) {
        error_part_add(&s, &text);
        return;
    }
    (void)scan_object_begin(&s);
    while (scan_object_next(&s, &key) > 0) {
        if (field_is(&key, "name"))
            name = s;
        else if (field_is(&key, "message"))
            message = s;
        if (scan_skip(&s) < 0)
            return;
    }
    event->reason = (uint8_t)upbit_error_reason(name);
    if (name.at)
        error_part_add(&name, &text);
    if (text.used > 0 && message.at)
        text_add_string(&text, ": ");
    if (message.at)
        error_part_add(&message, &text);
}
