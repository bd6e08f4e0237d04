/* SPDX-License-Identifier: MIT
 * Coinbase, two products of one engine. Exchange `level2_batch`: snapshot and changes that nothing numbers, so a lost
 * one cannot be seen (proof none). Advanced Trade `level2`: the same in other words, with a number over all that the
 * connection carries (proof sequence). Either adapter reads both, because recordings of both stand under one name.
 * Source: ../shared/protocols/coinbase.md, read 2026-11-23 (docs [E] [A], recording [R], wire run [P]). */
#include "venue/catalogue.h"
#include "venue/coinbase_book.h"
#include "venue/coinbase_fast.h"
#include "venue/field.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
struct coinbase_message {
    struct scan_string type, side, message, reason, channel;
    struct scan_number price, size;
    struct scan changes, channels, events;
    char symbol[MD_SYMBOL_SIZE];
    int64_t time_ns, sent_ns;
    uint64_t trade_id, sequence;
};
#define KEY(key, kind, member) FIELD(key, kind, struct coinbase_message, member)

static const struct field keys[] = {
    KEY("type", FIELD_STRING, type),
    KEY("product_id", FIELD_SYMBOL, symbol),
    KEY("changes", FIELD_VALUE, changes),
    KEY("time", FIELD_TIME_TEXT, time_ns),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
    KEY("trade_id", FIELD_U64, trade_id),
    KEY("side", FIELD_STRING, side),
    KEY("size", FIELD_NUMBER, size),
    KEY("price", FIELD_NUMBER, price),
    KEY("message", FIELD_STRING, message),
    KEY("reason", FIELD_STRING, reason),
    KEY("channels", FIELD_VALUE, channels),
    KEY("channel", FIELD_STRING, channel),
    KEY("timestamp", FIELD_TIME_TEXT, sent_ns),
    KEY("sequence_num", FIELD_U64, sequence),
    KEY("events", FIELD_VALUE, events),
};
enum {
    SAW_TYPE = 1 << 0,
    SAW_SYMBOL = 1 << 1,
    SAW_CHANGES = 1 << 2,
    SAW_TIME = 1 << 3,
    SAW_TRADE_ID = 1 << 6,
    SAW_SIDE = 1 << 7,
    SAW_SIZE = 1 << 8,
    SAW_PRICE = 1 << 9,
    SAW_MESSAGE = 1 << 10,
    SAW_REASON = 1 << 11,
    SAW_CHANNELS = 1 << 12,
    SAW_CHANNEL = 1 << 13,
    SAW_SEQUENCE = 1 << 15,
    SAW_EVENTS = 1 << 16
};

/* --- Exchange ----------------------------------------------------------------------------------------------------- */

static int snapshot_add(const struct coinbase_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    if (!(seen & SAW_SYMBOL) || !rows_has(rows, 0) || !rows_has(rows, 1))
        return -EBADMSG;
    return coinbase_book_add(m->symbol, 1, m->time_ns, rows, frame);
}

static int update_add(const struct coinbase_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    int r;

    if (!(seen & SAW_SYMBOL) || !(seen & SAW_CHANGES))
        return -EBADMSG;
    rows_begin(rows, frame, NULL, 1, 0);
    r = coinbase_changes(&m->changes, rows);
    return r < 0 ? r : coinbase_book_add(m->symbol, 0, m->time_ns, rows, frame);
}

/* `side` is the maker's, so the taker did the other (sheet, "Trades" and "market_trades"). */
static uint8_t taker_side(const struct scan_string *maker)
{
    if (field_is(maker, "buy") || field_is(maker, "BUY"))
        return MD_SIDE_SELL;
    return field_is(maker, "sell") || field_is(maker, "SELL") ? MD_SIDE_BUY : MD_SIDE_UNKNOWN;
}

static int trade_add(const struct coinbase_message *m, uint32_t seen, int is_past, struct md_frame *frame)
{
    struct md_event *event;
    struct md_trade *trade;
    int r;

    if (!(seen & SAW_SYMBOL))
        return field_plain(frame, MD_OTHER);
    event = field_trades_event(frame, m->symbol, is_past);
    if (!event)
        return -E2BIG;
    r = field_trade_add(frame, event, seen & SAW_PRICE ? &m->price : NULL, seen & SAW_SIZE ? &m->size : NULL, &trade);
    if (r <= 0)
        return r;
    trade->id = seen & SAW_TRADE_ID ? m->trade_id : 0;
    trade->venue_ns = seen & SAW_TIME ? m->time_ns : 0;
    trade->side = seen & SAW_SIDE ? taker_side(&m->side) : MD_SIDE_UNKNOWN;
    return 0;
}

/* "BTC-USX is not a valid product": the reason begins with whom it is about (sheet, "Error"). */
static int error_add(const struct coinbase_message *m, uint32_t seen, struct md_frame *frame)
{
    static const char unknown[] = " is not a valid product";
    struct md_event *event = field_event(frame, MD_ERROR);
    struct scan_string reason = seen & SAW_REASON ? m->reason : (struct scan_string){ "", 0, 0 };
    char memory[MD_TEXT_SIZE];
    const char *end;
    int is_refused = (seen & SAW_MESSAGE) && field_is(&m->message, "Failed to subscribe");
    struct scan_string symbol;

    if (!event)
        return -E2BIG;
    field_error(event, is_refused ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR,
                seen & SAW_MESSAGE ? &m->message : NULL, seen & SAW_REASON ? &m->reason : NULL);
    field_resolve(&reason, memory, sizeof(memory));
    end = memmem(reason.at, reason.size, unknown, sizeof(unknown) - 1);
    if (end) {
        symbol = (struct scan_string){ reason.at, (size_t)(end - reason.at), reason.has_escape };
        if (field_symbol(&symbol, event->symbol) == 0)
            event->reason = REASON_SYMBOL_UNKNOWN;
    }
    frame->n_events++;
    return 0;
}

static int subscribed_add(struct scan *s, struct md_frame *frame)
{
    struct md_event *event;
    struct scan_string symbol;
    int r;

    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        event = field_event(frame, MD_SUBSCRIBED);
        if (!event)
            return -E2BIG;
        if (scan_peek(s) != SCAN_STRING || scan_string(s, &symbol) < 0 || field_symbol(&symbol, event->symbol) < 0)
            return -EBADMSG;
        frame->n_events++;
    }
    return r;
}

/* [{"name":"level2","product_ids":[...]},...]; level2_batch goes under level2_50, too (sheet, "Ack"). */
static int channels_read(const struct coinbase_message *m, struct md_frame *frame)
{
    struct channel {
        struct scan_string name;
        struct scan products;
    } channel;
    static const struct field channel_keys[] = { FIELD("name", FIELD_STRING, struct channel, name),
                                                 FIELD("product_ids", FIELD_VALUE, struct channel, products) };
    struct scan s = m->channels;
    uint32_t seen;
    char name[32];
    int r;

    if (scan_array_begin(&s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(&s)) > 0) {
        r = fields_read(&s, channel_keys, N_OF(channel_keys), &channel, NULL, &seen);
        if (r == 0 && seen & 1)
            field_resolve(&channel.name, name, sizeof(name));
        if (r == 0 && seen == 3 && channel.name.size >= 6 && memcmp(channel.name.at, "level2", 6) == 0)
            r = subscribed_add(&channel.products, frame);
        if (r < 0)
            return r;
    }
    return r < 0 || frame->n_events > 0 ? r : field_plain(frame, MD_STATUS);
}

static int exchange_add(const struct coinbase_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    if (field_is(&m->type, "l2update"))
        return update_add(m, seen, rows, frame);
    if (field_is(&m->type, "snapshot"))
        return snapshot_add(m, seen, rows, frame);
    if (field_is(&m->type, "match") || field_is(&m->type, "last_match")) /* "first comes last_match" */
        return trade_add(m, seen, field_is(&m->type, "last_match"), frame);
    if (field_is(&m->type, "error"))
        return error_add(m, seen, frame);
    if (field_is(&m->type, "subscriptions") && seen & SAW_CHANNELS)
        return channels_read(m, frame);
    return field_plain(frame, field_is(&m->type, "heartbeat") ? MD_STATUS : MD_OTHER);
}

/* --- Advanced Trade ----------------------------------------------------------------------------------------------- */

struct coinbase_event {
    struct scan_string type;
    char symbol[MD_SYMBOL_SIZE];
    struct scan updates, trades, subscriptions;
};
static const struct field event_keys[] = {
    FIELD("type", FIELD_STRING, struct coinbase_event, type),
    FIELD("product_id", FIELD_SYMBOL, struct coinbase_event, symbol),
    FIELD("updates", FIELD_VALUE, struct coinbase_event, updates),
    FIELD("trades", FIELD_VALUE, struct coinbase_event, trades),
    FIELD("subscriptions", FIELD_VALUE, struct coinbase_event, subscriptions),
};
enum { SAW_EVENT_TYPE = 1, SAW_EVENT_BOOK = 7, SAW_TRADES = 1 << 3, SAW_SUBSCRIPTIONS = 1 << 4 };

/* The time of sending is the book's: event_time is 1970 in some snapshots (sheet). */
static int event_book(struct coinbase_event *e, uint32_t seen, int64_t sent_ns, struct md_frame *frame)
{
    struct rows rows;
    int is_snapshot, r;

    if ((seen & SAW_EVENT_BOOK) != SAW_EVENT_BOOK)
        return -EBADMSG;
    is_snapshot = field_is(&e->type, "snapshot");
    if (!is_snapshot && !field_is(&e->type, "update"))
        return -EBADMSG;
    rows_begin(&rows, frame, NULL, !is_snapshot, 0);
    r = coinbase_changes(&e->updates, &rows);
    return r < 0 ? r : coinbase_book_add(e->symbol, is_snapshot, sent_ns, &rows, frame);
}

static int event_trades(struct coinbase_event *e, uint32_t seen, int64_t sent_ns, struct md_frame *frame)
{
    int is_past = (seen & SAW_EVENT_TYPE) && field_is(&e->type, "snapshot"), r;
    struct coinbase_message m = { .time_ns = 0 };
    struct rows rows;
    uint32_t has;

    (void)sent_ns;
    if (!(seen & SAW_TRADES) || scan_array_begin(&e->trades) < 0)
        return -EBADMSG;
    rows_begin(&rows, frame, NULL, 1, 0);
    while ((r = scan_array_next(&e->trades)) > 0) {
        r = fields_read(&e->trades, keys, N_OF(keys), &m, &rows, &has);
        if (r == 0)
            r = trade_add(&m, has, is_past, frame);
        if (r < 0)
            return r;
    }
    for (uint32_t i = 0; r == 0 && i < frame->n_events; i++)
        if (frame->event[i].kind == MD_TRADES)
            field_trades_order(frame, &frame->event[i]);
    return r;
}

/* {"level2":["BTC-USD"],...} */
static int event_subscriptions(struct coinbase_event *e, uint32_t seen, int64_t sent_ns, struct md_frame *frame)
{
    static const struct field list_keys[] = { { "level2", FIELD_VALUE, 0 } };
    struct scan products;
    uint32_t has;

    (void)sent_ns;
    if (!(seen & SAW_SUBSCRIPTIONS) ||
        fields_read(&e->subscriptions, list_keys, N_OF(list_keys), &products, NULL, &has) < 0)
        return -EBADMSG;
    return has ? subscribed_add(&products, frame) : field_plain(frame, MD_STATUS);
}

static const struct {
    const char *channel;
    int (*read)(struct coinbase_event *e, uint32_t seen, int64_t sent_ns, struct md_frame *frame);
} event_channels[] = {
    { "l2_data", event_book },
    { "market_trades", event_trades },
    { "subscriptions", event_subscriptions },
};

static int advanced_add(const struct coinbase_message *m, uint32_t seen, struct md_frame *frame)
{
    struct coinbase_event event;
    struct scan s = m->events;
    uint32_t has;
    size_t i = 0;
    int r;

    frame->has_connection_sequence = (seen & SAW_SEQUENCE) != 0;
    frame->connection_sequence = frame->has_connection_sequence ? m->sequence : 0;
    while (i < N_OF(event_channels) && !field_is(&m->channel, event_channels[i].channel))
        i++;
    if (i == N_OF(event_channels))
        return field_plain(frame, field_is(&m->channel, "heartbeats") ? MD_STATUS : MD_OTHER);
    if (!(seen & SAW_EVENTS) || scan_array_begin(&s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(&s)) > 0) {
        r = fields_read(&s, event_keys, N_OF(event_keys), &event, NULL, &has);
        if (r == 0)
            r = event_channels[i].read(&event, has, m->sent_ns, frame);
        if (r < 0)
            return r;
    }
    return r;
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

static int message_read(struct scan *s, struct md_frame *frame)
{
    struct coinbase_message m;
    struct rows rows;
    uint32_t seen;
    int r;

    m.time_ns = 0;
    m.sent_ns = 0;
    rows_begin(&rows, frame, NULL, 0, 0);
    r = fields_read(s, keys, N_OF(keys), &m, &rows, &seen);
    if (r < 0)
        return r;
    if (seen & SAW_CHANNEL)
        return advanced_add(&m, seen, frame);
    return seen & SAW_TYPE ? exchange_add(&m, seen, &rows, frame) : field_plain(frame, MD_OTHER);
}

static int coinbase_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (coinbase_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

/* "BTC-USD" */
static enum reason coinbase_symbol_check(const char *symbol)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz";
    size_t base = strspn(symbol, any), quote = base > 0 && symbol[base] == '-' ? strspn(symbol + base + 1, any) : 0;

    if (quote == 0 || symbol[base + 1 + quote] != '\0' || strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    return strspn(symbol, upper) == base && strspn(symbol + base + 1, upper) == quote ? REASON_NONE
                                                                                      : REASON_SYMBOL_CASE;
}

/* What is subscribed as BTC-USDC comes as BTC-USD, but for two (sheet, "USD/USDC aliasing"): its book would be another
 * instrument's. */
static enum reason advanced_symbol_check(const char *symbol)
{
    size_t size = strlen(symbol);

    if (size > 5 && strcmp(symbol + size - 5, "-USDC") == 0 && strcmp(symbol, "USDT-USDC") != 0 &&
        strcmp(symbol, "EURC-USDC") != 0)
        return coinbase_symbol_check(symbol) == REASON_NONE ? REASON_SYMBOL_ALIAS : REASON_SYMBOL_FORM;
    return coinbase_symbol_check(symbol);
}

static int request_write(struct text *text, const struct venue_request *request, const char *channel)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, request->is_unsubscribe ? "{\"type\":\"unsubscribe\",\"product_ids\":["
                                                  : "{\"type\":\"subscribe\",\"product_ids\":[");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_string(text, request->symbols[i]);
        text_add_string(text, "\"");
    }
    text_add_string(text, "],");
    text_add_string(text, channel);
    text_add_string(text, "}");
    return text->cut ? -ENOBUFS : 0;
}

/* `level2` itself wants to be signed; the batches are the same words every 50 ms. A heartbeat a second and product says
 * that the feed lives: nothing else would (sheet, "Summary" and "Book-building rules" 2). */
static int exchange_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request,
                         request->channels & MD_CHANNEL_TRADES ? "\"channels\":[\"matches\"]"
                                                               : "\"channels\":[\"level2_batch\",\"heartbeat\"]");
}

static int advanced_request(struct text *text, const struct venue_request *request)
{
    return request_write(text, request,
                         request->channels & MD_CHANNEL_TRADES ? "\"channel\":\"market_trades\""
                                                               : "\"channel\":\"level2\"");
}

/* Channels without updates are closed after 60 to 90 s (sheet): the first quiet spell subscribes heartbeats. */
static void advanced_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "{\"type\":\"subscribe\",\"channel\":\"heartbeats\"}");
}

/* Sheet, "Limits": 8 dials a second and address; 100 messages a second and address, Advanced Trade 8, among them the
 * one that each connection begins with and repeats every 10 s (advanced_ping): 4 dials, 3 requests and 1 for those.
 * Heartbeats come once a second. 131 markets were followed [P]; nothing limits products a connection. */
#define COINBASE_LIMITS(dials, requests)                                                                               \
    {                                                                                                                  \
        .ping_interval_ms = 10000, .pong_deadline_ms = 5000, .silence_ms_max = 8000, .connect_per_second = (dials),    \
        .books_per_connection = 150, .request_per_second = (requests), .symbols_per_request = 100,                     \
        .snapshot_deadline_ms = 10000, .request_fails_whole = 1, .request_by_address = 1                               \
    }

const struct venue venue_coinbase = {
    .name = "coinbase",
    .default_url = "wss://ws-feed.exchange.coinbase.com",
    .rest_url = "https://api.exchange.coinbase.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_NONE,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES,
    .trade_ids = VENUE_TRADE_IDS_RISING, /* "trade_id +1 per product" (sheet, "Trades") */
    .limits = COINBASE_LIMITS(8, 10),
    .symbol_check = coinbase_symbol_check,
    .request = exchange_request,
    .decode = coinbase_decode,
    .catalogue = &catalogue_coinbase,
};

const struct venue venue_coinbase_adv = {
    .name = "coinbase-adv",
    .default_url = "wss://advanced-trade-ws.coinbase.com",
    .rest_url = "https://api.coinbase.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_SEQUENCE,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES,
    .trade_ids = VENUE_TRADE_IDS_RISING, /* "the same matching engine" (sheet) */
    .limits = COINBASE_LIMITS(4, 3),
    .symbol_check = advanced_symbol_check,
    .request = advanced_request,
    .ping = advanced_ping,
    .decode = coinbase_decode,
    .catalogue = &catalogue_coinbase_adv,
};
