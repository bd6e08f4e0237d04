/* SPDX-License-Identifier: MIT
 * Bybit v5, spot and linear. Snapshot and updates on one socket; u rises by 1 with each update, and u = 1 or a later
 * snapshot replaces the book. Level 1 is the best bid and ask, whole each time: NAME@bbo, or NAME at a depth of one.
 * Source: ../shared/protocols/bybit.md, read 2026-11-28; fixtures captures/bybit; tickers by
 * https://github.com/bybit-exchange/docs/blob/master/docs/v5/websocket/public/ticker.mdx, read 2026-11-28. Recordings
 * of the retired version decode too. */
#include "venue/bybit_legacy.h"
#include "venue/catalogue.h"
#include "venue/field_fast.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

struct bybit_book {
    char symbol[MD_SYMBOL_SIZE];
    uint64_t last;
};
static const struct field book_keys[] = {
    FIELD("s", FIELD_SYMBOL, struct bybit_book, symbol),
    { "b", FIELD_BIDS, 0 },
    { "a", FIELD_ASKS, 0 },
    FIELD("u", FIELD_U64, struct bybit_book, last),
};
enum { SAW_SYMBOL = 1 << 0, SAW_LAST = 1 << 3 };

struct bybit_trade {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_string side;
    uint64_t id;
    struct scan_number price, size;
    int64_t venue_ns;
};
static const struct field trade_keys[] = {
    FIELD("T", FIELD_TIME_MS, struct bybit_trade, venue_ns), FIELD("s", FIELD_SYMBOL, struct bybit_trade, symbol),
    FIELD("S", FIELD_STRING, struct bybit_trade, side),      FIELD("v", FIELD_NUMBER, struct bybit_trade, size),
    FIELD("p", FIELD_NUMBER, struct bybit_trade, price),     FIELD("i", FIELD_ID, struct bybit_trade, id),
};
enum { TRADE_SYMBOL = 1 << 1, TRADE_SIDE = 1 << 2, TRADE_NUMBERS = 1 << 3 | 1 << 4, TRADE_ID = 1 << 5 };

struct bybit_day {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_number last, high, low, open, volume, value;
};
static const struct field day_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct bybit_day, symbol),
    FIELD("lastPrice", FIELD_NUMBER, struct bybit_day, last),
    FIELD("highPrice24h", FIELD_NUMBER, struct bybit_day, high),
    FIELD("lowPrice24h", FIELD_NUMBER, struct bybit_day, low),
    FIELD("prevPrice24h", FIELD_NUMBER, struct bybit_day, open),
    FIELD("volume24h", FIELD_NUMBER, struct bybit_day, volume),
    FIELD("turnover24h", FIELD_NUMBER, struct bybit_day, value),
};
static const struct field_day_row day_rows[] = {
    { 1 << 1, offsetof(struct bybit_day, last), MD_FACT_LAST },
    { 1 << 2, offsetof(struct bybit_day, high), MD_FACT_HIGH },
    { 1 << 3, offsetof(struct bybit_day, low), MD_FACT_LOW },
    { 1 << 4, offsetof(struct bybit_day, open), MD_FACT_OPEN },
    { 1 << 5, offsetof(struct bybit_day, volume), MD_FACT_VOLUME },
    { 1 << 6, offsetof(struct bybit_day, value), MD_FACT_VALUE },
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

#define BBO "@bbo"

static const char symbol_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/* Products print the keys in different orders, so `data` may come before what says how to read it. */
struct bybit_message {
    struct scan_string topic, type, text, op;
    struct scan data;
    int64_t venue_ns;
    uint8_t has_topic, has_type, has_text, has_op, has_success, has_data, success;
    char name[2 * MD_SYMBOL_SIZE]; /* of the topic, if it holds escapes */
};

static int starts_with(const struct scan_string *string, const char *word)
{
    size_t size = strlen(word);

    return string->size >= size && memcmp(string->at, word, size) == 0;
}

/* The 50 of "orderbook.50.BTCUSDT"; 0 if it is not spelled so. */
static uint32_t topic_levels(const struct scan_string *topic)
{
    uint32_t levels = 0;

    for (size_t i = 10; i < topic->size && topic->at[i] >= '0' && topic->at[i] <= '9' && levels < 10000; i++)
        levels = levels * 10 + (uint32_t)(topic->at[i] - '0');
    return levels;
}

/* "orderbook.rpi." and "orderbook.full." are other books (sheet, "Topic" and "orderbook.full"). */
static int is_book(const struct scan_string *topic)
{
    return starts_with(topic, "orderbook.") && topic_levels(topic) > 0;
}

/* Of level 1 every frame is whole: there is nothing to cut. */
static void depth_set(struct md_event *event, uint64_t levels)
{
    event->is_best = levels == 1;
    event->depth = levels > 1 && levels < 10000 ? (uint32_t)levels : 0;
    event->view = event->depth;
}

static int book_read(struct scan *s, const struct bybit_message *m, struct md_frame *frame)
{
    struct bybit_book book;
    struct md_event *event;
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, NULL, 1, 0);
    r = fields_read(s, book_keys, N_OF(book_keys), &book, &rows, &seen);
    if (r < 0)
        return r;
    event = field_event(frame, MD_BOOK);
    if (!event)
        return -E2BIG;
    if (!(seen & SAW_SYMBOL) || !(seen & SAW_LAST) || !rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, book.symbol, sizeof(event->symbol));
    event->is_snapshot = field_is(&m->type, "snapshot") || book.last == 1; /* 1: the service restarted */
    depth_set(event, topic_levels(&m->topic));
    event->follows = MD_FOLLOWS_LAST;
    event->sequence_last = book.last;
    r = rows_finish(&rows, frame, event);
    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

/* One frame may hold trades of one symbol only (sheet, "Trades"). */
static int trades_read(struct scan *s, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    struct bybit_trade t = { 0 };
    struct md_trade *trade;
    uint32_t seen;
    int r;

    if (!event)
        return -E2BIG;
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0) {
        t.venue_ns = 0;
        r = fields_read(s, trade_keys, N_OF(trade_keys), &t, NULL, &seen);
        if (r < 0)
            return r;
        trade = field_trade(frame, event);
        if (!trade)
            return -E2BIG;
        if (seen & TRADE_SYMBOL)
            memcpy(event->symbol, t.symbol, sizeof(event->symbol));
        if (!(seen & TRADE_SYMBOL) || (seen & TRADE_NUMBERS) != TRADE_NUMBERS ||
            field_trade_numbers(trade, &t.price, &t.size) < 0) {
            field_trade_drop(frame, event);
            continue;
        }
        trade->side = !(seen & TRADE_SIDE)        ? MD_SIDE_UNKNOWN
                      : field_is(&t.side, "Buy")  ? MD_SIDE_BUY
                      : field_is(&t.side, "Sell") ? MD_SIDE_SELL
                                                  : MD_SIDE_UNKNOWN;
        trade->id = seen & TRADE_ID ? t.id : 0;
        trade->venue_ns = t.venue_ns;
    }
    if (r == 0)
        frame->n_events++;
    return r;
}

/* The price of 24 hours ago is the open of those; the page gives no units, but volume in base and turnover in quote are
 * the only ones in which its examples agree. Linear's updates say only what has changed, which is all the same here. */
static int day_read(struct scan *s, struct md_frame *frame)
{
    struct bybit_day d;
    struct md_day *day;
    uint32_t seen;
    int r = fields_read(s, day_keys, N_OF(day_keys), &d, NULL, &seen);

    if (r < 0 || !(seen & 1 << 0))
        return r;
    day = field_day_event(frame, d.symbol, MD_PERIOD_24_HOURS, 0);
    if (!day)
        return -E2BIG;
    field_facts(day, day_rows, N_OF(day_rows), &d, seen);
    return 0;
}

static int data_read(struct scan *s, const struct bybit_message *m, struct md_frame *frame)
{
    if (is_book(&m->topic)) {
        if (scan_peek(s) != SCAN_OBJECT || !m->has_type ||
            (!field_is(&m->type, "snapshot") && !field_is(&m->type, "delta")))
            return -EBADMSG;
        return book_read(s, m, frame);
    }
    if (bybit_legacy_is_book(&m->topic) && m->has_type)
        return bybit_legacy_read(s, &m->topic, field_is(&m->type, "snapshot"), frame);
    if (starts_with(&m->topic, "publicTrade.") && scan_peek(s) == SCAN_ARRAY)
        return trades_read(s, frame);
    if (starts_with(&m->topic, "tickers.") && scan_peek(s) == SCAN_OBJECT)
        return day_read(s, frame);
    return scan_skip(s);
}

static int string_take(struct scan *s, struct scan_string *ret, uint8_t *ret_has)
{
    *ret_has = scan_peek(s) == SCAN_STRING;
    return *ret_has ? scan_string(s, ret) : scan_skip(s);
}

static int key_read(struct scan *s, const struct scan_string *key, struct bybit_message *m, struct md_frame *frame)
{
    if (field_is(key, "topic")) {
        int r = string_take(s, &m->topic, &m->has_topic);

        if (r == 0 && m->has_topic)
            field_resolve(&m->topic, m->name, sizeof(m->name));
        return r;
    }
    if (field_is(key, "type"))
        return string_take(s, &m->type, &m->has_type);
    if (field_is(key, "ts"))
        return field_time(s, FIELD_TIME_MS, &m->venue_ns);
    if (field_is(key, "timestamp_e6"))
        return field_time(s, FIELD_TIME_US, &m->venue_ns);
    if (field_is(key, "op"))
        return string_take(s, &m->op, &m->has_op);
    if (field_is(key, "ret_msg"))
        return string_take(s, &m->text, &m->has_text);
    if (field_is(key, "success") && scan_peek(s) == SCAN_WORD) {
        m->has_success = 1;
        m->success = *s->at == 't';
        return scan_skip(s);
    }
    if (!field_is(key, "data"))
        return scan_skip(s);
    m->has_data = 1;
    md_frame_reset(frame); /* of a key that comes twice the last value counts */
    if (m->has_topic && m->has_type)
        return data_read(s, m, frame);
    m->data = *s;
    return scan_skip(s);
}

/* The first topic in "Invalid topic:orderbook.50.BTCUSDX" or "error:handler not found,topic:..."; it may
 * stand in brackets or before other words. */
static void error_symbol(const struct scan_string *text, struct md_event *event)
{
    const char *end = text->at + text->size, *at = memmem(text->at, text->size, "orderbook.", 10), *from;

    if (at) {
        event->is_best = end - at > 12 && at[10] == '1' && at[11] == '.';
        at += 10;
    } else if ((at = memmem(text->at, text->size, "publicTrade.", 12)) != NULL) {
        event->channel = MD_CHANNEL_TRADES;
        at += 11;
    } else if ((at = memmem(text->at, text->size, "tickers.", 8)) != NULL) {
        event->channel = MD_CHANNEL_DAY;
        at += 7;
    } else {
        return;
    }
    for (; at < end && *at >= '0' && *at <= '9';)
        at++;
    if (at == end || *at != '.')
        return;
    for (from = ++at; at < end && memchr(symbol_letters, *at, sizeof(symbol_letters) - 1);)
        at++;
    (void)field_symbol(&(const struct scan_string){ from, (size_t)(at - from), 0 }, event->symbol);
}

/* Sheet, "Messages": {"success":false,"ret_msg":"Invalid topic:...","op":"subscribe"}; pongs in several shapes. */
static int answer_add(const struct bybit_message *m, struct md_frame *frame)
{
    int is_error = m->has_success && !m->success;
    struct scan_string text = m->text;
    char memory[MD_TEXT_SIZE];
    struct md_event *event = field_event(frame, is_error ? MD_ERROR : m->has_op ? MD_STATUS : MD_OTHER);

    if (!event)
        return -E2BIG;
    if (is_error) {
        int is_topic = 0;

        if (m->has_text) {
            field_resolve(&text, memory, sizeof(memory));
            is_topic = starts_with(&text, "Invalid topic") || starts_with(&text, "error:handler");
            error_symbol(&text, event);
        }
        field_error(event, is_topic ? REASON_SYMBOL_UNKNOWN : REASON_REQUEST_REFUSED, NULL, m->has_text ? &text : NULL);
    }
    frame->n_events++;
    return 0;
}

static int message_read(struct scan *s, struct md_frame *frame)
{
    struct bybit_message m = { .venue_ns = 0 };
    struct scan_string key;
    int r = scan_object_begin(s);

    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        r = key_read(s, &key, &m, frame);
        if (r < 0)
            return r;
    }
    if (r == 0 && frame->n_events == 0 && m.data.at && m.has_topic)
        r = data_read(&m.data, &m, frame);
    if (r < 0)
        return r;
    if (frame->n_events == 0 && !m.has_data && m.has_topic && is_book(&m.topic))
        return -EBADMSG;
    if (frame->n_events == 0)
        return answer_add(&m, frame);
    frame->event[0].venue_ns = m.venue_ns; /* it may stand behind the data */
    if (frame->event[0].kind == MD_DAY)
        frame->days[frame->event[0].day].venue_ns = m.venue_ns;
    return 0;
}

/* The straight road through a book of either product, spelled as they are today; any other byte, and the general road
 * takes the message from its start. Returns 1 and the event, or 0 and the frame is as good as empty. */
static int book_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event = fast_event(frame);
    struct levels levels;
    uint64_t number;
    int64_t ns;

    levels_begin_as(&levels, frame, 1, 0);
    if (!FAST_EXPECT(&s, "{\"topic\":\"orderbook.") || !fast_u64(&s, &number) || !fast_string_skip(&s))
        return 0;
    depth_set(event, number);
    if (FAST_EXPECT(&s, ",\"ts\":") && !fast_ms(&s, &event->venue_ns)) /* spot writes it before the type */
        return 0;
    event->is_snapshot = FAST_EXPECT(&s, ",\"type\":\"snapshot\"");
    if (!event->is_snapshot && !FAST_EXPECT(&s, ",\"type\":\"delta\""))
        return 0;
    if (FAST_EXPECT(&s, ",\"ts\":") && !fast_ms(&s, &event->venue_ns))
        return 0;
    if (!FAST_EXPECT(&s, ",\"data\":{\"s\":\"") || !fast_symbol(&s, event->symbol) || !FAST_EXPECT(&s, "\",\"b\":") ||
        !fast_rows(&s, &levels, 1) || !FAST_EXPECT(&s, ",\"a\":") || !fast_rows(&s, &levels, 0) ||
        !FAST_EXPECT(&s, ",\"u\":") || !fast_u64(&s, &event->sequence_last) ||
        (FAST_EXPECT(&s, ",\"seq\":") && !fast_u64(&s, &number)) || !FAST_EXPECT(&s, "}") ||
        (FAST_EXPECT(&s, ",\"cts\":") && !fast_ms(&s, &ns)) || !FAST_EXPECT(&s, "}") || !fast_is_over(&s))
        return 0;
    event->is_snapshot |= event->sequence_last == 1;
    event->follows = MD_FOLLOWS_LAST;
    return event->venue_ns != 0 && fast_levels_take(&levels, frame, event);
}

static int bybit_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (book_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

static enum reason bybit_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, symbol_letters);

    if (!*symbol || strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    if (n > 0 && (symbol[n] == '\0' || strcmp(symbol + n, BBO) == 0))
        return REASON_NONE;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

/* 1, 50, 200 and 1000 levels exist (sheet, "Topic"): the next that holds what is wanted. */
static uint32_t topic_depth(uint32_t depth)
{
    return depth == 0 ? 50 : depth <= 1 ? 1 : depth <= 50 ? 50 : depth <= 200 ? 200 : 1000;
}

static int bybit_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_addf(text, "{\"req_id\":\"%llu\",\"op\":\"%s\",\"args\":[", (unsigned long long)request->id,
              request->is_unsubscribe ? "unsubscribe" : "subscribe");
    for (size_t i = 0; i < request->n; i++) {
        const char *symbol = request->symbols[i];
        size_t size = strcspn(symbol, "@");

        text_add_string(text, i > 0 ? ",\"" : "\"");
        if (request->channels == MD_CHANNEL_TRADES)
            text_add_string(text, "publicTrade.");
        else if (request->channels == MD_CHANNEL_DAY)
            text_add_string(text, "tickers.");
        else
            text_addf(text, "orderbook.%u.", symbol[size] ? 1 : topic_depth(request->depth));
        text_add_json(text, symbol, size);
        text_add_string(text, "\"");
    }
    text_add_string(text, "]}");
    return text->cut ? -ENOBUFS : 0;
}

static void bybit_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "{\"op\":\"ping\"}");
}

/* Sheet, "Limits": 500 dials in 5 minutes of an address, both products together; 21,000 characters of topics a
 * connection, which 300 of the longest keep; 10 topics a request on spot. */
#define BYBIT_LIMITS                                                                                                   \
    {                                                                                                                  \
        .ping_interval_ms = 20000, .pong_deadline_ms = 10000, .connect_per_second = 5, .connect_per_window = 500,      \
        .connect_window_s = 300, .request_per_second = 5, .symbols_per_request = 10, .books_per_connection = 200,      \
        .topics_per_connection = 300, .request_fails_whole = 1,                                                        \
    }

const struct venue venue_bybit = {
    .name = "bybit",
    .default_url = "wss://stream.bybit.com/v5/public/spot",
    .rest_url = "https://api.bybit.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .depth_default = 50,
    .truncates = 1, /* sheet, "Book-building rules", 5: trim to the topic's depth, whatever is deleted */
    .limits = BYBIT_LIMITS,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_UNIQUE, /* sheet, "Trades": UUIDs on futures */
    .symbol_check = bybit_symbol_check,
    .request = bybit_request,
    .ping = bybit_ping,
    .decode = bybit_decode,
    .catalogue = &catalogue_bybit,
};

const struct venue venue_bybit_linear = {
    .name = "bybit-linear",
    .default_url = "wss://stream.bybit.com/v5/public/linear",
    .rest_url = "https://api.bybit.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .depth_default = 50,
    .truncates = 1, /* sheet, "Book-building rules", 5: trim to the topic's depth, whatever is deleted */
    .limits = BYBIT_LIMITS,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_UNIQUE, /* sheet, "Trades": UUIDs on futures */
    .symbol_check = bybit_symbol_check,
    .request = bybit_request,
    .ping = bybit_ping,
    .decode = bybit_decode,
    .catalogue = &catalogue_bybit_linear,
};
