/* SPDX-License-Identifier: MIT
 * Korbit, now Digital X (Korea). Every frame is a whole book of 30 levels; nothing numbers them.
 * Source: ../shared/protocols/korbit.md, read 2026-11-23 (official pages [D], probe of 2026-09-23 [P]); tickers by
 * https://docs.korbit.co.kr/llms-full.txt as https://github.com/api-evangelist/korbit/blob/main/asyncapi/
 * korbit-websocket-asyncapi.yml has it, and the frame of 2026-09-23 in https://github.com/nemanull/
 * arbitrage-observatory/blob/main/docs/profiles/digital-x/websocket.md, both read 2026-11-28. */
#include "venue/catalogue.h"
#include "venue/field.h"
#include "venue/korean_fast.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

static const struct rows_form row_keys = { "price", "qty" };

struct korbit_book {
    int64_t venue_ns;
};
static const struct field book_keys[] = {
    FIELD("timestamp", FIELD_TIME_MS, struct korbit_book, venue_ns),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
};

struct korbit_trade {
    int64_t venue_ns;
    struct scan_number price, size;
    uint64_t id;
    uint8_t is_buyer_taker;
};
static const struct field trade_keys[] = {
    FIELD("timestamp", FIELD_TIME_MS, struct korbit_trade, venue_ns),
    FIELD("price", FIELD_NUMBER, struct korbit_trade, price),
    FIELD("qty", FIELD_NUMBER, struct korbit_trade, size),
    FIELD("isBuyerTaker", FIELD_BOOL, struct korbit_trade, is_buyer_taker),
    FIELD("tradeId", FIELD_U64, struct korbit_trade, id),
};
enum { TRADE_PRICE = 1 << 1, TRADE_SIZE = 1 << 2, TRADE_TAKER = 1 << 3 };

struct korbit_day {
    struct scan_number open, high, low, last, change, volume, value;
    int64_t last_ns;
};
static const struct field day_keys[] = {
    FIELD("open", FIELD_NUMBER, struct korbit_day, open),
    FIELD("high", FIELD_NUMBER, struct korbit_day, high),
    FIELD("low", FIELD_NUMBER, struct korbit_day, low),
    FIELD("close", FIELD_NUMBER, struct korbit_day, last),
    FIELD("priceChange", FIELD_NUMBER, struct korbit_day, change),
    FIELD("volume", FIELD_NUMBER, struct korbit_day, volume),
    FIELD("quoteVolume", FIELD_NUMBER, struct korbit_day, value),
    FIELD("lastTradedAt", FIELD_TIME_MS, struct korbit_day, last_ns),
};
static const struct field_day_row day_rows[] = {
    { 1 << 0, offsetof(struct korbit_day, open), MD_FACT_OPEN },
    { 1 << 1, offsetof(struct korbit_day, high), MD_FACT_HIGH },
    { 1 << 2, offsetof(struct korbit_day, low), MD_FACT_LOW },
    { 1 << 3, offsetof(struct korbit_day, last), MD_FACT_LAST },
    { 1 << 4, offsetof(struct korbit_day, change), MD_FACT_CHANGE },
    { 1 << 5, offsetof(struct korbit_day, volume), MD_FACT_VOLUME },
    { 1 << 6, offsetof(struct korbit_day, value), MD_FACT_VALUE },
};

struct korbit_message {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_string type, status, code, text;
    struct scan data;
    uint64_t request_id;
    int64_t venue_ns;
    uint8_t is_snapshot;
};
#define KEY(key, kind, member) FIELD(key, kind, struct korbit_message, member)
static const struct field keys[] = {
    KEY("symbol", FIELD_SYMBOL, symbol),
    KEY("type", FIELD_STRING, type),
    KEY("data", FIELD_VALUE, data),
    KEY("status", FIELD_STRING, status),
    KEY("code", FIELD_STRING, code),
    KEY("message", FIELD_STRING, text),
    KEY("requestId", FIELD_U64, request_id),
    KEY("snapshot", FIELD_BOOL, is_snapshot),
    KEY("timestamp", FIELD_TIME_MS, venue_ns),
};
enum {
    SAW_SYMBOL = 1 << 0,
    SAW_TYPE = 1 << 1,
    SAW_DATA = 1 << 2,
    SAW_STATUS = 1 << 3,
    SAW_CODE = 1 << 4,
    SAW_TEXT = 1 << 5,
    SAW_SNAPSHOT = 1 << 7
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

static int book_read(struct korbit_message *m, struct md_frame *frame)
{
    struct korbit_book book = { 0 };
    struct md_event *event;
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, &row_keys, 0, 0);
    r = fields_read(&m->data, book_keys, N_OF(book_keys), &book, &rows, &seen);
    if (r < 0)
        return r;
    event = field_event(frame, MD_BOOK);
    if (!event)
        return -E2BIG;
    if (!rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, m->symbol, sizeof(event->symbol));
    event->is_snapshot = 1;
    event->venue_ns = book.venue_ns;
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

static int trade_read(struct scan *s, struct md_event *event, struct md_frame *frame)
{
    struct korbit_trade t = { 0 };
    struct md_trade *trade;
    uint32_t seen;
    int r = fields_read(s, trade_keys, N_OF(trade_keys), &t, NULL, &seen);

    if (r == 0)
        r = field_trade_add(frame, event, seen & TRADE_PRICE ? &t.price : NULL, seen & TRADE_SIZE ? &t.size : NULL,
                            &trade);
    if (r <= 0)
        return r;
    trade->id = t.id;
    trade->side = !(seen & TRADE_TAKER) ? MD_SIDE_UNKNOWN : t.is_buyer_taker ? MD_SIDE_BUY : MD_SIDE_SELL;
    trade->venue_ns = t.venue_ns;
    return 0;
}

/* `snapshot` is only there with trades of the past (sheet, "trade"). */
static int trades_read(struct korbit_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_trades_event(frame, m->symbol, (seen & SAW_SNAPSHOT) && m->is_snapshot);
    int r = event ? scan_array_begin(&m->data) : -E2BIG;

    while (r >= 0 && (r = scan_array_next(&m->data)) > 0) {
        r = scan_peek(&m->data) == SCAN_OBJECT ? trade_read(&m->data, event, frame) : scan_skip(&m->data);
        if (r < 0)
            return r;
    }
    if (r == 0)
        field_trades_order(frame, event);
    return r;
}

/* All of it is "(24H)" there, the previous close too: it is the price of 24 hours ago and not that at which a day
 * closed, so it is not taken; priceChange is over the same 24 hours. */
static int day_read(struct korbit_message *m, struct md_frame *frame)
{
    struct korbit_day d = { .last_ns = 0 };
    struct md_day *day;
    uint32_t seen;
    int r = fields_read(&m->data, day_keys, N_OF(day_keys), &d, NULL, &seen);

    if (r < 0)
        return r;
    day = field_day_event(frame, m->symbol, MD_PERIOD_24_HOURS, m->venue_ns);
    if (!day)
        return -E2BIG;
    day->last_ns = d.last_ns;
    field_facts(day, day_rows, N_OF(day_rows), &d, seen);
    return 0;
}

/* {"status":"fail","code":"INVALID_SYMBOL","message":"The symbol does not exist (nope_krw)","requestId":2}. Other codes
 * name nobody; the number does (sheet, "Messages"). */
static int error_add(const struct korbit_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    int is_symbol = (seen & SAW_CODE) && field_is(&m->code, "INVALID_SYMBOL");
    struct scan_string text = seen & SAW_TEXT ? m->text : (struct scan_string){ "", 0, 0 };
    char memory[MD_TEXT_SIZE];
    const char *open;

    if (!event)
        return -E2BIG;
    field_resolve(&text, memory, sizeof(memory));
    open = memchr(text.at, '(', text.size);
    field_error(event, is_symbol ? REASON_SYMBOL_UNKNOWN : REASON_REQUEST_REFUSED, seen & SAW_CODE ? &m->code : NULL,
                seen & SAW_TEXT ? &m->text : NULL);
    event->request_id = m->request_id;
    if (is_symbol && open && text.at[text.size - 1] == ')')
        (void)field_symbol(
            &(const struct scan_string){ open + 1, (size_t)(text.at + text.size - 1 - (open + 1)), text.has_escape },
            event->symbol);
    frame->n_events++;
    return 0;
}

static int message_read(struct scan *s, struct md_frame *frame)
{
    struct korbit_message m = { .request_id = 0 };
    uint32_t seen;
    int r = fields_read(s, keys, N_OF(keys), &m, NULL, &seen);

    if (r < 0)
        return r;
    if (seen & SAW_STATUS) {
        if (!field_is(&m.status, "success"))
            return error_add(&m, seen, frame);
    } else if ((seen & SAW_TYPE) && (seen & SAW_SYMBOL) && (seen & SAW_DATA)) {
        if (field_is(&m.type, "orderbook") && scan_peek(&m.data) == SCAN_OBJECT)
            return book_read(&m, frame);
        if (field_is(&m.type, "trade") && scan_peek(&m.data) == SCAN_ARRAY)
            return trades_read(&m, seen, frame);
        if (field_is(&m.type, "ticker") && scan_peek(&m.data) == SCAN_OBJECT)
            return day_read(&m, frame);
    }
    if (!field_event(frame, seen & SAW_STATUS ? MD_STATUS : MD_OTHER))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

static int korbit_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (korbit_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

/* btc_krw: lower case, case-sensitive (sheet, "Summary"). */
static enum reason korbit_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "abcdefghijklmnopqrstuvwxyz0123456789_");
    const char *line = strchr(symbol, '_');

    if (strlen(symbol) >= MD_SYMBOL_SIZE || !line || line == symbol || line[1] == '\0')
        return REASON_SYMBOL_FORM;
    if (symbol[n] == '\0')
        return REASON_NONE;
    return symbol[n] >= 'A' && symbol[n] <= 'Z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

/* A list of requests, each of one symbol and with a number of its own: what becomes of the others in a request that
 * names an unknown one is not said, and an error carries the number alone. Without a requestId a success is silent
 * (sheet, "Messages"). */
static int korbit_request(struct text *text, const struct venue_request *request)
{
    const char *method = request->is_unsubscribe ? "unsubscribe" : "subscribe";
    const char *type = request->channels & MD_CHANNEL_TRADES ? "trade"
                       : request->channels & MD_CHANNEL_DAY  ? "ticker"
                                                             : "orderbook";

    if (request->n == 0)
        return -EINVAL;
    for (size_t i = 0; i < request->n; i++) {
        text_addf(text, "%s{\"requestId\":%llu,\"method\":\"%s\",\"type\":\"%s\",\"symbols\":[\"", i > 0 ? "," : "[",
                  (unsigned long long)(request->id + i), method, type);
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        text_add_string(text, "\"]}");
    }
    text_add_string(text, "]");
    return text->cut ? -ENOBUFS : 0;
}

const struct venue venue_korbit = {
    .name = "korbit",
    .default_url = "wss://ws-api.digitalx.miraeasset.com/v2/public",
    .rest_url = "https://api.digitalx.miraeasset.com",
    .builder = VENUE_BUILD_REPLACE,
    .proof = PROOF_SNAPSHOT_ONLY,
    .depth_default = 30,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_UNIQUE, /* "dedupe trades by tradeId" (sheet, "Pitfalls") */
    .limits = {
        /* Sheet, "Keepalive" and "Limits" [P]: the server pings every 30 s and answers ours; limits are not published,
         * 193 symbols in one request worked. */
        .ping_interval_ms = 20000,
        .pong_deadline_ms = 10000,
        .connect_per_second = 1,
        .request_per_second = 5,
        .symbols_per_request = 100,
        .books_per_connection = 200,
        .request_id_each = 1,
    },
    .symbol_check = korbit_symbol_check,
    .request = korbit_request,
    .decode = korbit_decode,
    .catalogue = &catalogue_korbit,
};
