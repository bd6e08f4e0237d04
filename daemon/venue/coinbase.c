/* SPDX-License-Identifier: MIT
 * Coinbase: Exchange (`level2_batch`, whose updates nothing numbers) and Advanced Trade (`level2`, numbered over all
 * that a connection carries). Both push the whole book, several MB of it, and then updates. Source:
 * ../shared/protocols/coinbase.md, read 2026-11-23; fixtures captures/coinbase. */
#include "venue/field.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

/* A change names its side: ["buy","price","size"] or an object. */
struct change {
    struct scan_string side;
    struct scan_number price, size;
};
static const struct field change_keys[] = {
    FIELD("side", FIELD_STRING, struct change, side),
    FIELD("price_level", FIELD_NUMBER, struct change, price),
    FIELD("new_quantity", FIELD_NUMBER, struct change, size),
};

struct coinbase_trade {
    char symbol[MD_SYMBOL_SIZE];
    struct scan id;
    struct scan_string side;
    struct scan_number price, size;
    int64_t venue_ns;
};
static const struct field trade_keys[] = {
    FIELD("trade_id", FIELD_VALUE, struct coinbase_trade, id),
    FIELD("product_id", FIELD_SYMBOL, struct coinbase_trade, symbol),
    FIELD("price", FIELD_NUMBER, struct coinbase_trade, price),
    FIELD("size", FIELD_NUMBER, struct coinbase_trade, size),
    FIELD("time", FIELD_TIME_TEXT, struct coinbase_trade, venue_ns),
    FIELD("side", FIELD_STRING, struct coinbase_trade, side),
};

/* An event of Advanced Trade, and what is common to it and a message of Exchange. */
struct coinbase_event {
    struct scan_string type;
    char symbol[MD_SYMBOL_SIZE];
    struct scan changes, trades;
};
static const struct field event_keys[] = {
    FIELD("type", FIELD_STRING, struct coinbase_event, type),
    FIELD("product_id", FIELD_SYMBOL, struct coinbase_event, symbol),
    FIELD("updates", FIELD_VALUE, struct coinbase_event, changes),
    FIELD("trades", FIELD_VALUE, struct coinbase_event, trades),
};
enum { EVENT_TYPE = 1 << 0, EVENT_SYMBOL = 1 << 1, EVENT_CHANGES = 1 << 2, EVENT_TRADES = 1 << 3 };

struct coinbase_message {
    struct coinbase_event event; /* of Exchange */
    struct coinbase_trade trade; /* of Exchange: the match is the message */
    struct scan_string channel, text, detail;
    struct scan events;
    int64_t venue_ns;
    uint64_t sequence;
};
#define KEY(key, kind, member) FIELD(key, kind, struct coinbase_message, member)
static const struct field message_keys[] = {
    KEY("type", FIELD_STRING, event.type),
    KEY("product_id", FIELD_SYMBOL, event.symbol),
    KEY("changes", FIELD_VALUE, event.changes),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
    KEY("time", FIELD_TIME_TEXT, venue_ns),
    KEY("channel", FIELD_STRING, channel),
    KEY("timestamp", FIELD_TIME_TEXT, venue_ns),
    KEY("sequence_num", FIELD_U64, sequence),
    KEY("events", FIELD_VALUE, events),
    KEY("message", FIELD_STRING, text),
    KEY("reason", FIELD_STRING, detail),
    KEY("trade_id", FIELD_VALUE, trade.id),
    KEY("price", FIELD_NUMBER, trade.price),
    KEY("size", FIELD_NUMBER, trade.size),
    KEY("side", FIELD_STRING, trade.side),
};
enum {
    SAW_TYPE = 1 << 0,
    SAW_SYMBOL = 1 << 1,
    SAW_CHANGES = 1 << 2,
    SAW_CHANNEL = 1 << 6,
    SAW_SEQUENCE = 1 << 8,
    SAW_EVENTS = 1 << 9,
    SAW_TEXT = 1 << 10,
    SAW_DETAIL = 1 << 11,
    SAW_TRADE = 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

static int change_read(struct scan *s, struct change *c)
{
    uint32_t seen;
    int r;

    if (scan_peek(s) == SCAN_OBJECT) {
        r = fields_read(s, change_keys, N_OF(change_keys), c, NULL, &seen);
        return r < 0 || seen != 7 ? -EBADMSG : 0;
    }
    if (scan_array_begin(s) < 0 || scan_array_next(s) <= 0 || scan_peek(s) != SCAN_STRING ||
        scan_string(s, &c->side) < 0 || scan_array_next(s) <= 0 || scan_number_or_string(s, &c->price) < 0 ||
        scan_array_next(s) <= 0 || scan_number_or_string(s, &c->size) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0)
        if (scan_skip(s) < 0)
            return -EBADMSG;
    return r;
}

static int changes_read(struct scan *s, struct levels *levels)
{
    struct change c;
    int r;

    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        int is_bid, is_ask;

        if (change_read(s, &c) < 0 || c.price.is_negative || c.size.is_negative)
            return -EBADMSG;
        is_bid = field_is(&c.side, "buy") || field_is(&c.side, "bid");
        is_ask = field_is(&c.side, "sell") || field_is(&c.side, "offer") || field_is(&c.side, "ask");
        if (!is_bid && !is_ask)
            return -EBADMSG;
        levels_add(levels, is_bid, &c.price, &c.size);
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

static int book_finish(struct rows *rows, struct md_event *event, struct md_frame *frame)
{
    int r = rows_finish(rows, frame, event);

    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

/* Both sides come in one list, so the list is what is read again where the levels need fewer decimals. */
static int changes_add(const struct scan *changes, const char *symbol, int is_snapshot, int64_t venue_ns,
                       struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    struct rows rows;
    struct scan s;
    int r;

    if (!event)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    event->is_snapshot = (uint8_t)is_snapshot;
    event->venue_ns = venue_ns;
    rows_begin(&rows, frame, NULL, 1, 0);
    do {
        s = *changes;
        r = changes_read(&s, &rows.levels);
        if (r < 0)
            return r;
    } while (levels_again(&rows.levels));
    return book_finish(&rows, event, frame);
}

/* The side is the maker's (sheets, "Trades"), so the taker's is the other. */
static int trade_add(const struct coinbase_trade *t, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    struct scan id = t->id;
    struct md_trade *trade;

    if (!event)
        return -E2BIG;
    trade = field_trade(frame, event);
    if (!trade)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), t->symbol);
    trade->side = field_is(&t->side, "buy") || field_is(&t->side, "BUY") ? MD_SIDE_SELL : MD_SIDE_BUY;
    trade->venue_ns = t->venue_ns;
    (void)field_u64(&id, &trade->id);
    if (field_trade_numbers(trade, &t->price, &t->size) < 0)
        return -EBADMSG;
    frame->n_events++;
    return 0;
}

static int trades_read(struct scan *s, struct md_frame *frame)
{
    struct coinbase_trade t;
    uint32_t seen;
    int r;

    if (scan_peek(s) != SCAN_ARRAY || scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        t.venue_ns = 0;
        r = fields_read(s, trade_keys, N_OF(trade_keys), &t, NULL, &seen);
        if (r == 0)
            r = (seen | 1 << 4) == (1u << N_OF(trade_keys)) - 1 ? trade_add(&t, frame) : -EBADMSG;
        if (r < 0)
            return r;
    }
    return r;
}

/* --- Advanced Trade ----------------------------------------------------------------------------------------------- */

static int event_read(struct scan *s, const struct coinbase_message *m, struct md_frame *frame)
{
    struct coinbase_event e;
    uint32_t seen;
    int r = fields_read(s, event_keys, N_OF(event_keys), &e, NULL, &seen);

    if (r < 0)
        return r;
    if (field_is(&m->channel, "market_trades") && (seen & EVENT_TRADES))
        return trades_read(&e.trades, frame);
    if (!field_is(&m->channel, "l2_data"))
        return 0;
    if (!(seen & EVENT_TYPE) || !(seen & EVENT_SYMBOL) || !(seen & EVENT_CHANGES) ||
        (!field_is(&e.type, "snapshot") && !field_is(&e.type, "update")))
        return -EBADMSG;
    return changes_add(&e.changes, e.symbol, field_is(&e.type, "snapshot"), m->venue_ns, frame);
}

static int plain_add(enum md_kind kind, struct md_frame *frame)
{
    if (!field_event(frame, kind))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

static int advanced_read(struct coinbase_message *m, uint32_t seen, struct md_frame *frame)
{
    struct scan *s = &m->events;
    int r = 0;

    if (seen & SAW_SEQUENCE) {
        frame->has_connection_sequence = 1;
        frame->connection_sequence = m->sequence;
    }
    if ((seen & SAW_EVENTS) && scan_peek(s) == SCAN_ARRAY) {
        r = scan_array_begin(s);
        while (r >= 0 && (r = scan_array_next(s)) > 0)
            r = scan_peek(s) == SCAN_OBJECT ? event_read(s, m, frame) : scan_skip(s);
    }
    return r < 0 || frame->n_events > 0 ? r : plain_add(MD_STATUS, frame);
}

/* --- Exchange ----------------------------------------------------------------------------------------------------- */

static int snapshot_add(const struct coinbase_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);

    if (!event)
        return -E2BIG;
    if (!(seen & SAW_SYMBOL) || !rows_has(rows, 0) || !rows_has(rows, 1))
        return -EBADMSG;
    (void)text_copy(event->symbol, sizeof(event->symbol), m->event.symbol);
    event->is_snapshot = 1;
    event->venue_ns = m->venue_ns;
    return book_finish(rows, event, frame);
}

/* {"type":"error","message":"Failed to subscribe","reason":"BTC-USX is not a valid product"} */
static int error_add(const struct coinbase_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    const char *at;

    if (!event)
        return -E2BIG;
    field_error(event, REASON_VENUE_ERROR, seen & SAW_TEXT ? &m->text : NULL, seen & SAW_DETAIL ? &m->detail : NULL);
    at = seen & SAW_DETAIL ? memmem(m->detail.at, m->detail.size, " is not a valid product", 23) : NULL;
    if (at &&
        field_symbol(&(const struct scan_string){ m->detail.at, (size_t)(at - m->detail.at), 0 }, event->symbol) == 0)
        event->reason = REASON_SYMBOL_UNKNOWN;
    frame->n_events++;
    return 0;
}

static int exchange_read(struct coinbase_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    const struct scan_string *type = &m->event.type;

    if (!(seen & SAW_TYPE))
        return plain_add(MD_OTHER, frame);
    if (field_is(type, "l2update"))
        return (seen & SAW_SYMBOL) && (seen & SAW_CHANGES)
                   ? changes_add(&m->event.changes, m->event.symbol, 0, m->venue_ns, frame)
                   : -EBADMSG;
    if (field_is(type, "snapshot"))
        return snapshot_add(m, seen, rows, frame);
    if ((field_is(type, "match") || field_is(type, "last_match")) && (seen & SAW_SYMBOL) &&
        (seen & SAW_TRADE) == SAW_TRADE) {
        memcpy(m->trade.symbol, m->event.symbol, sizeof(m->trade.symbol));
        m->trade.venue_ns = m->venue_ns;
        return trade_add(&m->trade, frame);
    }
    if (field_is(type, "error"))
        return error_add(m, seen, frame);
    return plain_add(field_is(type, "heartbeat") || field_is(type, "subscriptions") ? MD_STATUS : MD_OTHER, frame);
}

static int coinbase_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    struct coinbase_message m = { .venue_ns = 0 };
    struct rows rows;
    struct scan s;
    uint32_t seen;
    int r;

    md_frame_reset(io_frame);
    rows_begin(&rows, io_frame, NULL, 1, 0);
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = fields_read(&s, message_keys, N_OF(message_keys), &m, &rows, &seen);
    if (r == 0)
        r = scan_finish(&s);
    if (r == 0)
        r = seen & SAW_CHANNEL ? advanced_read(&m, seen, io_frame) : exchange_read(&m, seen, &rows, io_frame);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

/* BTC-USD */
static enum reason coinbase_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    const char *dash = strchr(symbol, '-');

    if (strlen(symbol) >= MD_SYMBOL_SIZE || !dash || dash == symbol || dash[1] == '\0')
        return REASON_SYMBOL_FORM;
    if (symbol[n] == '\0')
        return REASON_NONE;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

static int request_write(struct text *text, const struct venue_request *request, const char *channels)
{
    if (request->n == 0)
        return -EINVAL;
    text_addf(text, "{\"type\":\"%s\",\"product_ids\":[", request->is_unsubscribe ? "unsubscribe" : "subscribe");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        text_add_string(text, "\"");
    }
    text_add_string(text, "],");
    text_add_string(text, channels);
    text_add_string(text, "}");
    return text->cut ? -ENOBUFS : 0;
}

static int exchange_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request, "\"channels\":[\"level2_batch\",\"heartbeat\"]");
}

static int advanced_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request, "\"channel\":\"level2\"");
}

/* Sheet, "Limits": 8 dials a second; 8 messages a second on Advanced Trade. */
#define COINBASE_LIMITS                                                                                                \
    {                                                                                                                  \
        .ping_interval_ms = 15000, .pong_deadline_ms = 10000, .connect_per_second = 4, .request_per_second = 5,        \
        .symbols_per_request = 50, .books_per_connection = 50,                                                         \
    }

const struct venue venue_coinbase = {
    .name = "coinbase",
    .default_url = "wss://ws-feed.exchange.coinbase.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_NONE, /* level2_batch numbers nothing */
    .depth_default = 0,
    .limits = COINBASE_LIMITS,
    .symbol_check = coinbase_symbol_check,
    .request = exchange_request,
    .decode = coinbase_decode,
};

const struct venue venue_coinbase_advanced = {
    .name = "coinbase-advanced",
    .default_url = "wss://advanced-trade-ws.coinbase.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .depth_default = 0,
    .limits = COINBASE_LIMITS,
    .symbol_check = coinbase_symbol_check,
    .request = advanced_request,
    .decode = coinbase_decode,
};
