/* SPDX-License-Identifier: MIT
 * Bithumb (Korea), API 2.x. Shaped like Upbit's, and different where it hurts: 15 levels, microseconds, sizes cut to
 * four decimals so that a live price may show size 0, camelCase options. Every frame is a whole book. Source:
 * ../shared/protocols/bithumb.md, read 2026-11-23 (official pages [D], probe of 2026-09-23 [P]); fixtures
 * captures/bithumb. */
#include "venue/catalogue.h"
#include "venue/field.h"
#include "venue/korean_fast.h"
#include "venue/upbit_extra.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

/* DEFAULT and SIMPLE names of the same things; a frame uses one of them. */
struct bithumb_message {
    struct scan_string type, side, stream;
    char symbol[MD_SYMBOL_SIZE];
    struct scan units, error, content;
    int64_t book_ns, trade_ns;
    struct scan_number price, size, close, bid_total, ask_total, level;
    struct scan_string status;
    uint64_t id;
};
#define KEY(key, kind, member) FIELD(key, kind, struct bithumb_message, member)
static const struct field keys[] = {
    KEY("type", FIELD_STRING, type),
    KEY("code", FIELD_SYMBOL, symbol),
    KEY("orderbook_units", FIELD_VALUE, units),
    KEY("timestamp", FIELD_TIME_US, book_ns),
    KEY("ty", FIELD_STRING, type),
    KEY("cd", FIELD_SYMBOL, symbol),
    KEY("obu", FIELD_VALUE, units),
    KEY("tms", FIELD_TIME_US, book_ns),
    KEY("trade_price", FIELD_NUMBER, price),
    KEY("trade_volume", FIELD_NUMBER, size),
    KEY("ask_bid", FIELD_STRING, side),
    KEY("trade_timestamp", FIELD_TIME_MS, trade_ns),
    KEY("sequential_id", FIELD_U64, id),
    KEY("status", FIELD_STRING, status),
    KEY("error", FIELD_VALUE, error),
    KEY("content", FIELD_VALUE, content),
    KEY("stream_type", FIELD_STRING, stream),
    KEY("prev_closing_price", FIELD_NUMBER, close),
    KEY("total_bid_size", FIELD_NUMBER, bid_total),
    KEY("total_ask_size", FIELD_NUMBER, ask_total),
    KEY("tbs", FIELD_NUMBER, bid_total),
    KEY("tas", FIELD_NUMBER, ask_total),
    KEY("level", FIELD_NUMBER, level),
    KEY("lv", FIELD_NUMBER, level),
};
enum {
    SAW_TYPE_LONG = 1 << 0,
    SAW_TYPE = SAW_TYPE_LONG | 1 << 4,
    SAW_SYMBOL = 1 << 1 | 1 << 5,
    SAW_UNITS = 1 << 2 | 1 << 6,
    SAW_PRICE = 1 << 8,
    SAW_SIZE = 1 << 9,
    SAW_SIDE = 1 << 10,
    SAW_STATUS = 1 << 13,
    SAW_ERROR = 1 << 14,
    SAW_CONTENT = 1 << 15,
    SAW_STREAM = 1 << 16,
    SAW_CLOSE = 1 << 17,
    SAW_BID_TOTAL = 1 << 18 | 1 << 20,
    SAW_ASK_TOTAL = 1 << 19 | 1 << 21,
    SAW_LEVEL = 1 << 22 | 1 << 23
};

/* Unit i holds the i-th best ask and the i-th best bid, independent of each other. */
struct unit {
    struct scan_number ask_price, bid_price, ask_size, bid_size;
};
static const struct field unit_keys[] = {
    FIELD("ask_price", FIELD_NUMBER, struct unit, ask_price), FIELD("bid_price", FIELD_NUMBER, struct unit, bid_price),
    FIELD("ask_size", FIELD_NUMBER, struct unit, ask_size),   FIELD("bid_size", FIELD_NUMBER, struct unit, bid_size),
    FIELD("ap", FIELD_NUMBER, struct unit, ask_price),        FIELD("bp", FIELD_NUMBER, struct unit, bid_price),
    FIELD("as", FIELD_NUMBER, struct unit, ask_size),         FIELD("bs", FIELD_NUMBER, struct unit, bid_size),
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

static int units_read(struct scan *s, struct levels *levels)
{
    struct unit u;
    uint32_t seen;
    int r;

    if (scan_peek(s) != SCAN_ARRAY || scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        r = fields_read(s, unit_keys, N_OF(unit_keys), &u, NULL, &seen);
        if (r < 0 || ((seen | seen >> 4) & 15) != 15 || u.ask_price.is_negative || u.bid_price.is_negative ||
            u.ask_size.is_negative || u.bid_size.is_negative)
            return -EBADMSG;
        levels_add(levels, 1, &u.bid_price, &u.bid_size);
        levels_add(levels, 0, &u.ask_price, &u.ask_size);
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

/* Microseconds on the socket, as a number or a string; older pages and REST say milliseconds (sheet, "orderbook
 * frame"), which taken so would lie in January 1970. */
static int64_t book_time(int64_t ns)
{
    return ns <= INT64_MAX / 1000 ? ns * 1000 : ns;
}

/* Sizes of the sides as the venue says (총잔량), in base (sheet, "orderbook frame"). */
static void totals_add(const struct bithumb_message *m, uint32_t seen, struct md_event *event)
{
    if ((seen & SAW_BID_TOTAL) && m->bid_total.fits && !m->bid_total.is_negative) {
        event->totals_known |= 1;
        event->bid_total = m->bid_total.mantissa;
        event->bid_total_decimals = m->bid_total.decimals;
    }
    if ((seen & SAW_ASK_TOTAL) && m->ask_total.fits && !m->ask_total.is_negative) {
        event->totals_known |= 2;
        event->ask_total = m->ask_total.mantissa;
        event->ask_total_decimals = m->ask_total.decimals;
    }
}

/* Prices grouped by a step, 1 is none (sheet, "orderbook frame"). hoga asks for none; a recording may have both. */
static uint32_t book_view(const struct scan_number *level)
{
    int is_step = level->fits && !level->is_negative && level->decimals == 0 && level->mantissa > 1;

    return is_step && level->mantissa < MD_VIEW_WHOLE ? MD_VIEW_WHOLE | (uint32_t)level->mantissa : 0;
}

static int book_add(const struct bithumb_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    struct rows rows;
    struct scan s;
    int r;

    if (!event)
        return -E2BIG;
    memcpy(event->symbol, m->symbol, sizeof(event->symbol));
    event->is_snapshot = 1;
    event->venue_ns = book_time(m->book_ns);
    event->view = seen & SAW_LEVEL ? book_view(&m->level) : 0;
    totals_add(m, seen, event);
    rows_begin(&rows, frame, NULL, 0, 0);
    do {
        s = m->units;
        r = units_read(&s, &rows.levels);
        if (r < 0)
            return r;
    } while (levels_again(&rows.levels));
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

/* The old public socket's whole books: {"type":"orderbooksnapshot","content":{...}} (sheet, "Legacy socket"). */
struct legacy_book {
    char symbol[MD_SYMBOL_SIZE];
    int64_t venue_ns;
};
static const struct field legacy_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct legacy_book, symbol),
    FIELD("datetime", FIELD_TIME_US, struct legacy_book, venue_ns),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
};

static int legacy_add(struct bithumb_message *m, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    struct legacy_book book = { .venue_ns = 0 };
    struct rows rows;
    uint32_t seen;
    int r;

    if (!event)
        return -E2BIG;
    rows_begin(&rows, frame, NULL, 0, 0);
    if (scan_peek(&m->content) != SCAN_OBJECT)
        return -EBADMSG;
    r = fields_read(&m->content, legacy_keys, N_OF(legacy_keys), &book, &rows, &seen);
    if (r < 0)
        return r;
    if (!(seen & 1) || !rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, book.symbol, sizeof(event->symbol));
    event->is_snapshot = 1;
    event->venue_ns = book_time(book.venue_ns);
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

/* Its `orderbookdepth`: rows of one or several symbols, and nothing that would tell of one that was lost. A live feed
 * does not ask for it; recordings have it. */
struct legacy_row {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_string side;
    struct scan_number price, size;
};
static const struct field legacy_row_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct legacy_row, symbol),
    FIELD("orderType", FIELD_STRING, struct legacy_row, side),
    FIELD("price", FIELD_NUMBER, struct legacy_row, price),
    FIELD("quantity", FIELD_NUMBER, struct legacy_row, size),
};

struct legacy_depth {
    struct scan list;
    int64_t venue_ns;
};
static const struct field legacy_depth_keys[] = {
    FIELD("list", FIELD_VALUE, struct legacy_depth, list),
    FIELD("datetime", FIELD_TIME_US, struct legacy_depth, venue_ns),
};

/* The next row. Returns: 1, 0 the end, -EBADMSG. */
static int legacy_row_next(struct scan *s, struct legacy_row *ret)
{
    uint32_t seen;
    int r = scan_array_next(s);

    if (r <= 0)
        return r;
    r = fields_read(s, legacy_row_keys, N_OF(legacy_row_keys), ret, NULL, &seen);
    if (r < 0 || seen != 15 || ret->price.is_negative || ret->size.is_negative ||
        (!field_is(&ret->side, "bid") && !field_is(&ret->side, "ask")))
        return -EBADMSG;
    return 1;
}

/* The rows of one symbol. */
static int legacy_rows_add(struct scan s, const char *symbol, struct levels *levels)
{
    struct legacy_row row;
    int r;

    if (scan_array_begin(&s) < 0)
        return -EBADMSG;
    while ((r = legacy_row_next(&s, &row)) > 0) {
        if (strcmp(row.symbol, symbol) == 0)
            levels_add(levels, field_is(&row.side, "bid"), &row.price, &row.size);
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

static int legacy_update_add(const struct legacy_depth *depth, const char *symbol, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    struct rows rows;
    int r;

    if (!event)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    event->follows = MD_FOLLOWS_NOTHING;
    event->venue_ns = book_time(depth->venue_ns);
    rows_begin(&rows, frame, NULL, 1, 0);
    do {
        r = legacy_rows_add(depth->list, symbol, &rows.levels);
        if (r < 0)
            return r;
    } while (levels_again(&rows.levels));
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

static int legacy_updates_add(struct bithumb_message *m, struct md_frame *frame)
{
    struct legacy_depth depth = { .venue_ns = 0 };
    struct legacy_row row;
    uint32_t first = frame->n_events, seen;
    struct scan s;
    int r;

    if (scan_peek(&m->content) != SCAN_OBJECT ||
        fields_read(&m->content, legacy_depth_keys, N_OF(legacy_depth_keys), &depth, NULL, &seen) < 0 || !(seen & 1) ||
        scan_peek(&depth.list) != SCAN_ARRAY)
        return -EBADMSG;
    s = depth.list;
    r = scan_array_begin(&s);
    while (r >= 0 && (r = legacy_row_next(&s, &row)) > 0) {
        uint32_t i = first;

        while (i < frame->n_events && strcmp(frame->event[i].symbol, row.symbol) != 0)
            i++;
        if (i == frame->n_events)
            r = legacy_update_add(&depth, row.symbol, frame);
    }
    return r < 0 || frame->n_events > first ? r : field_plain(frame, MD_OTHER);
}

/* ask_bid is the taker's side: ASK sold (sheet, "Trades"). */
static uint8_t trade_side(const struct scan_string *word)
{
    return field_is(word, "BID") ? MD_SIDE_BUY : field_is(word, "ASK") ? MD_SIDE_SELL : MD_SIDE_UNKNOWN;
}

/* The previous close comes with each trade (sheet, "Trades"); one of the past may be another day's. */
static int close_add(const struct bithumb_message *m, struct md_frame *frame)
{
    struct md_day *day = field_day_event(frame, m->symbol, MD_PERIOD_DAY, 0);

    if (!day)
        return -E2BIG;
    day->last_ns = m->trade_ns;
    field_fact(day, MD_FACT_PREVIOUS_CLOSE, &m->close);
    return 0;
}

static int trade_add(const struct bithumb_message *m, uint32_t seen, struct md_frame *frame)
{
    int is_past = (seen & SAW_STREAM) && field_is(&m->stream, "SNAPSHOT"), r;
    struct md_event *event = field_trades_event(frame, m->symbol, is_past);
    struct md_trade *trade;

    if (!event)
        return -E2BIG;
    r = field_trade_add(frame, event, seen & SAW_PRICE ? &m->price : NULL, seen & SAW_SIZE ? &m->size : NULL, &trade);
    if (r > 0) {
        trade->id = m->id;
        trade->side = seen & SAW_SIDE ? trade_side(&m->side) : MD_SIDE_UNKNOWN;
        trade->venue_ns = m->trade_ns;
    }
    return r < 0 ? r : !is_past && (seen & SAW_CLOSE) ? close_add(m, frame) : 0;
}

struct bithumb_error {
    struct scan_string name, message;
};
static const struct field error_keys[] = {
    FIELD("name", FIELD_STRING, struct bithumb_error, name),
    FIELD("message", FIELD_STRING, struct bithumb_error, message),
};

/* All of them are about the request (sheet, "Subscribe"): there is nothing else to send. */
static int is_request_error(const struct scan_string *name)
{
    static const char *const names[] = { "WRONG_FORMAT", "NO_TICKET", "NO_TYPE", "NO_CODES", "INVALID_PARAM" };

    for (size_t i = 0; i < N_OF(names); i++)
        if (field_is(name, names[i]))
            return 1;
    return 0;
}

static int error_add(struct bithumb_message *m, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    struct bithumb_error e;
    uint32_t seen = 0;

    if (!event)
        return -E2BIG;
    if (scan_peek(&m->error) == SCAN_OBJECT && fields_read(&m->error, error_keys, 2, &e, NULL, &seen) < 0)
        return -EBADMSG;
    field_error(event, (seen & 1) && is_request_error(&e.name) ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR,
                seen & 1 ? &e.name : NULL, seen & 2 ? &e.message : NULL);
    frame->n_events++;
    return 0;
}

static int object_read(struct scan *s, struct md_frame *frame)
{
    const struct scan start = *s;
    struct bithumb_message m;
    uint32_t seen;
    int r;

    m.book_ns = 0;
    m.trade_ns = 0;
    m.id = 0;
    r = fields_read(s, keys, N_OF(keys), &m, NULL, &seen);
    if (r < 0)
        return r;
    if ((seen & SAW_TYPE) && field_is(&m.type, "orderbook") && (seen & SAW_SYMBOL))
        return seen & SAW_UNITS ? book_add(&m, seen, frame) : -EBADMSG;
    if ((seen & SAW_TYPE) && field_is(&m.type, "trade") && (seen & SAW_SYMBOL))
        return trade_add(&m, seen, frame);
    if ((seen & SAW_TYPE) && field_is(&m.type, "ticker"))
        return upbit_extra_add(start, (seen & SAW_TYPE_LONG) == 0, &m.type, frame);
    if ((seen & SAW_TYPE) && field_is(&m.type, "orderbooksnapshot") && (seen & SAW_CONTENT))
        return legacy_add(&m, frame);
    if ((seen & SAW_TYPE) && field_is(&m.type, "orderbookdepth") && (seen & SAW_CONTENT))
        return legacy_updates_add(&m, frame);
    if (seen & SAW_ERROR)
        return error_add(&m, frame);
    if (!field_event(frame, (seen & SAW_STATUS) && field_is(&m.status, "UP") ? MD_STATUS : MD_OTHER))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

/* One object, or a list of them. */
static int message_read(struct scan *s, struct md_frame *frame)
{
    return field_objects(s, frame, object_read);
}

static int bithumb_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (bithumb_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

/* KRW-BTC: quote first, upper case; others are ignored in silence (sheet, "Subscribe"). */
static enum reason bithumb_symbol_check(const char *symbol)
{
    return field_pair_check(symbol, '-', "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

static void codes_add(struct text *text, const struct venue_request *request, uint32_t depth)
{
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        if (depth > 0 && depth < 15)
            text_addf(text, ".%u", depth);
        text_add_string(text, "\"");
    }
}

static void extra_add(struct text *text, const struct venue_request *request, const char *type, enum md_channel channel)
{
    if ((request->channels & channel) == 0)
        return;
    text_addf(text, "]},{\"type\":\"%s\",\"codes\":[", type);
    codes_add(text, request, 0);
}

/* A suffix narrows, never widens beyond 15. A request replaces the one before, so trades and tickers are asked for in
 * the same (sheet, "Subscribe"). The short names of a trade are in no page, so the long ones of all are asked for. */
static int bithumb_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_addf(text, "[{\"ticket\":\"hoga-%llu\"},{\"type\":\"orderbook\",\"codes\":[", (unsigned long long)request->id);
    codes_add(text, request, request->depth);
    extra_add(text, request, "trade", MD_CHANNEL_TRADES);
    extra_add(text, request, "ticker", MD_CHANNEL_DAY);
    text_add_string(text, "]},{\"format\":\"DEFAULT\"}]");
    return text->cut ? -ENOBUFS : 0;
}

const struct venue venue_bithumb = {
    .name = "bithumb",
    .default_url = "wss://ws-api.bithumb.com/websocket/v1",
    .rest_url = "https://api.bithumb.com",
    .builder = VENUE_BUILD_REPLACE,
    .proof = PROOF_SNAPSHOT_ONLY,
    .depth_default = 15,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_NONE, /* "do not rely on uniqueness" (sheet, "Trades") */
    .limits = {
        /* Sheet, "Keepalive" and "Limits": idle sockets end after 60 s, not the documented 120; 10 dials a second; the
         * limit of messages is not published, so Upbit's is kept. 493 codes in one request were served. */
        .ping_interval_ms = 15000,
        .pong_deadline_ms = 10000,
        .connect_per_second = 5,
        .request_per_second = 5,
        .request_per_minute = 100,
        .snapshot_deadline_ms = 10000,
        .books_per_connection = 400,
        .request_replaces_all = 1,
    },
    .symbol_check = bithumb_symbol_check,
    .request = bithumb_request,
    .decode = bithumb_decode,
    .catalogue = &catalogue_bithumb,
};
