/* SPDX-License-Identifier: MIT
 * Kraken spot, WebSocket v2 `book`. Nothing numbers the updates: a CRC32 over the best ten levels, as the wire spelled
 * them, is the only proof, and a level that falls out of the subscribed depth gets no delete. Recordings of v1 decode
 * too. Source: ../shared/protocols/kraken.md, read 2026-11-23; fixtures captures/kraken. */
#include "venue/catalogue.h"
#include "venue/checksum.h"
#include "venue/field.h"
#include "venue/kraken_fast.h"
#include "venue/kraken_v1.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

#define DEPTH_DEFAULT 10 /* where a request names none (sheet, "Limits" and "Messages") */

static const struct rows_form row_keys = { "price", "qty" };

/* An element of `data`, of book and trade alike. */
struct kraken_data {
    char symbol[MD_SYMBOL_SIZE];
    uint64_t checksum, id;
    int64_t venue_ns;
    struct scan_string side;
    struct scan_number price, size;
};
static const struct field data_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct kraken_data, symbol),
    { "bids", FIELD_BIDS, 0 },
    { "asks", FIELD_ASKS, 0 },
    FIELD("checksum", FIELD_U64, struct kraken_data, checksum),
    FIELD("timestamp", FIELD_TIME_TEXT, struct kraken_data, venue_ns),
    FIELD("side", FIELD_STRING, struct kraken_data, side),
    FIELD("price", FIELD_NUMBER, struct kraken_data, price),
    FIELD("qty", FIELD_NUMBER, struct kraken_data, size),
    FIELD("trade_id", FIELD_U64, struct kraken_data, id),
};
enum { SAW_SYMBOL = 1 << 0, SAW_CHECKSUM = 1 << 3, SAW_SIDE = 1 << 5, SAW_PRICE = 1 << 6, SAW_SIZE = 1 << 7 };

/* What a subscription's answer says, in `result`, and what a request says, in `params`. */
struct kraken_subscription {
    struct scan_string channel;
    struct scan symbols; /* one, or a list */
    uint64_t depth;
};
static const struct field subscription_keys[] = {
    FIELD("channel", FIELD_STRING, struct kraken_subscription, channel),
    FIELD("symbol", FIELD_VALUE, struct kraken_subscription, symbols),
    FIELD("depth", FIELD_U64, struct kraken_subscription, depth),
};

struct kraken_message {
    struct scan_string channel, type, method, error;
    struct scan data, result, params;
    char symbol[MD_SYMBOL_SIZE];
    uint64_t request_id;
    uint8_t success;
};
static const struct field message_keys[] = {
    FIELD("channel", FIELD_STRING, struct kraken_message, channel),
    FIELD("type", FIELD_STRING, struct kraken_message, type),
    FIELD("data", FIELD_VALUE, struct kraken_message, data),
    FIELD("method", FIELD_STRING, struct kraken_message, method),
    FIELD("result", FIELD_VALUE, struct kraken_message, result),
    FIELD("success", FIELD_BOOL, struct kraken_message, success),
    FIELD("error", FIELD_STRING, struct kraken_message, error),
    FIELD("symbol", FIELD_SYMBOL, struct kraken_message, symbol),
    FIELD("params", FIELD_VALUE, struct kraken_message, params),
    FIELD("Error", FIELD_STRING, struct kraken_message, error),
    FIELD("req_id", FIELD_U64, struct kraken_message, request_id),
};
enum {
    MESSAGE_CHANNEL = 1 << 0,
    MESSAGE_DATA = 1 << 2,
    MESSAGE_METHOD = 1 << 3,
    MESSAGE_RESULT = 1 << 4,
    MESSAGE_SUCCESS = 1 << 5,
    MESSAGE_ERROR = 1 << 6,
    MESSAGE_SYMBOL = 1 << 7,
    MESSAGE_PARAMS = 1 << 8,
    MESSAGE_BARE_ERROR = 1 << 9
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

static int book_finish(struct md_event *event, struct rows *rows, struct md_frame *frame)
{
    int r = rows_finish(rows, frame, event);

    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

/* Every message has its checksum (sheet, "book frames"); without it nothing would be proven. */
static int book_read(struct scan *s, int is_snapshot, struct md_frame *frame)
{
    const uint32_t needed = SAW_SYMBOL | SAW_CHECKSUM;
    struct kraken_data d = { .venue_ns = 0 };
    struct md_event *event;
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, &row_keys, !is_snapshot, 1);
    r = fields_read(s, data_keys, N_OF(data_keys), &d, &rows, &seen);
    if (r < 0)
        return r;
    event = field_event(frame, MD_BOOK);
    if (!event)
        return -E2BIG;
    if ((seen & needed) != needed || d.checksum > UINT32_MAX || !rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, d.symbol, sizeof(event->symbol));
    event->is_snapshot = (uint8_t)is_snapshot;
    event->venue_ns = d.venue_ns;
    event->has_checksum = 1;
    event->checksum = (uint32_t)d.checksum;
    return book_finish(event, &rows, frame);
}

/* `side` is the taker's (sheet, "trade"). */
static int trade_read(struct scan *s, int is_snapshot, struct md_frame *frame)
{
    struct kraken_data d = { .venue_ns = 0 };
    struct md_event *event;
    struct md_trade *trade;
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, &row_keys, 1, 1);
    r = fields_read(s, data_keys, N_OF(data_keys), &d, &rows, &seen);
    if (r < 0)
        return r;
    if (!(seen & SAW_SYMBOL))
        return field_plain(frame, MD_OTHER);
    event = field_trades_event(frame, d.symbol, is_snapshot);
    if (!event)
        return -E2BIG;
    r = field_trade_add(frame, event, seen & SAW_PRICE ? &d.price : NULL, seen & SAW_SIZE ? &d.size : NULL, &trade);
    if (r <= 0)
        return r;
    trade->id = d.id;
    trade->venue_ns = d.venue_ns;
    trade->side = !(seen & SAW_SIDE)          ? MD_SIDE_UNKNOWN
                  : field_is(&d.side, "buy")  ? MD_SIDE_BUY
                  : field_is(&d.side, "sell") ? MD_SIDE_SELL
                                              : MD_SIDE_UNKNOWN;
    return 0;
}

/* Other states than maintenance limit what orders may do; the book goes on (sheet, "Messages"). */
static int status_read(struct scan *s, struct md_frame *frame)
{
    static const struct field keys[] = { { "system", FIELD_STRING, 0 } };
    struct md_event *event = field_event(frame, MD_STATUS);
    struct scan_string system;
    uint32_t seen;
    int r = fields_read(s, keys, N_OF(keys), &system, NULL, &seen);

    if (r < 0 || !event)
        return r < 0 ? r : -E2BIG;
    if (seen && field_is(&system, "maintenance")) {
        event->kind = MD_ERROR;
        field_error(event, REASON_MAINTENANCE, NULL, &system);
    }
    frame->n_events++;
    return 0;
}

static int data_read(struct scan *s, const struct scan_string *channel, const struct scan_string *type,
                     struct md_frame *frame)
{
    int is_book = field_is(channel, "book"), is_trade = field_is(channel, "trade");
    int is_snapshot = field_is(type, "snapshot"), r;

    if (!is_book && !is_trade && !field_is(channel, "status")) {
        r = scan_skip(s);
        return r < 0 ? r : field_plain(frame, MD_OTHER);
    }
    if ((!is_snapshot && !field_is(type, "update")) || scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        r = is_book    ? book_read(s, is_snapshot, frame)
            : is_trade ? trade_read(s, is_snapshot, frame)
                       : status_read(s, frame);
        if (r < 0)
            return r;
    }
    for (uint32_t i = 0; is_trade && i < frame->n_events; i++)
        if (frame->event[i].kind == MD_TRADES)
            field_trades_order(frame, &frame->event[i]);
    return r;
}

static int subscribed_add(const char *symbol, uint64_t depth, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_SUBSCRIBED);

    if (!event)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    event->depth = (uint32_t)depth;
    frame->n_events++;
    return 0;
}

/* {"channel":"book","depth":25,"symbol":"BTC/USD"}, or a list of symbols. */
static int subscription_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_subscription sub = { .depth = DEPTH_DEFAULT };
    struct scan_string name;
    char symbol[MD_SYMBOL_SIZE];
    uint32_t seen;
    int is_list, r;

    r = fields_read(s, subscription_keys, N_OF(subscription_keys), &sub, NULL, &seen);
    if (r < 0)
        return r;
    if (!(seen & 1) || !(seen & 2) || !field_is(&sub.channel, "book") || sub.depth > MD_LEVELS_MAX)
        return field_plain(frame, MD_STATUS);
    s = &sub.symbols;
    is_list = scan_peek(s) == SCAN_ARRAY;
    if (is_list && scan_array_begin(s) < 0)
        return -EBADMSG;
    while (!is_list || scan_array_next(s) > 0) {
        if (scan_peek(s) != SCAN_STRING || scan_string(s, &name) < 0 || field_symbol(&name, symbol) < 0)
            return -EBADMSG;
        r = subscribed_add(symbol, sub.depth, frame);
        if (r < 0 || !is_list)
            return r;
    }
    return 0;
}

/* What an error is about. "Exceeded msg rate" comes bare: {"Error":"..."} (sheet, "Limits"). */
static enum reason error_reason(const struct scan_string *error, int is_pair, int has_method)
{
    if (is_pair)
        return REASON_SYMBOL_UNKNOWN;
    if (error && field_is(error, "Exceeded msg rate"))
        return REASON_TOO_MANY_REQUESTS;
    return has_method ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR;
}

/* "Currency pair not supported AAA/BBB" names its symbol in the text where it has no key of its own; a refused depth
 * names none, and only the number of the request says whose it is (sheet, "Messages"). */
static int error_add(const struct kraken_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    const struct scan_string *error = seen & (MESSAGE_ERROR | MESSAGE_BARE_ERROR) ? &m->error : NULL;
    struct scan_string text = error ? m->error : (struct scan_string){ "", 0, 0 };
    char memory[MD_TEXT_SIZE];
    int is_pair;

    if (!event)
        return -E2BIG;
    field_resolve(&text, memory, sizeof(memory));
    is_pair = (seen & MESSAGE_ERROR) && text.size > 13 && memcmp(text.at, "Currency pair", 13) == 0;
    field_error(event, error_reason(error, is_pair, (seen & MESSAGE_METHOD) != 0), NULL, error);
    event->request_id = m->request_id;
    if (seen & MESSAGE_SYMBOL) {
        (void)text_copy(event->symbol, sizeof(event->symbol), m->symbol);
    } else if (is_pair) {
        const char *end = text.at + text.size, *word = end;

        while (word > text.at && word[-1] != ' ')
            word--;
        (void)field_symbol(&(const struct scan_string){ word, (size_t)(end - word), text.has_escape }, event->symbol);
    }
    frame->n_events++;
    return 0;
}

/* What could not be unsubscribed was not subscribed: no news of any book. */
static int answer_add(const struct kraken_message *m, uint32_t seen, struct md_frame *frame)
{
    struct scan result = m->result;
    int is_of_us = (seen & MESSAGE_METHOD) != 0;

    if (is_of_us && field_is(&m->method, "unsubscribe"))
        return field_plain(frame, MD_OTHER);
    if ((seen & MESSAGE_ERROR) && field_is(&m->error, "Already subscribed"))
        return field_plain(frame, MD_OTHER); /* so its book comes */
    if ((seen & MESSAGE_SUCCESS && !m->success) || seen & (MESSAGE_ERROR | MESSAGE_BARE_ERROR))
        return error_add(m, seen, frame);
    if (is_of_us && (seen & MESSAGE_RESULT) && field_is(&m->method, "subscribe") && scan_peek(&result) == SCAN_OBJECT)
        return subscription_read(&result, frame);
    return field_plain(frame, seen & (MESSAGE_CHANNEL | MESSAGE_METHOD) ? MD_STATUS : MD_OTHER);
}

/* {"channel":"book","type":"update","data":[...]}: the data is read where it stands, if that was said before. */
static int object_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_message m = { .success = 1 };
    struct scan before = *s;
    struct scan_string key, channel, type;
    int has_channel = 0, has_type = 0, is_read = 0, r = scan_object_begin(s);
    uint32_t seen;

    while (r >= 0 && (r = scan_object_next(s, &key)) > 0) {
        if (field_is(&key, "channel") && scan_peek(s) == SCAN_STRING) {
            has_channel = 1;
            r = scan_string(s, &channel);
        } else if (field_is(&key, "type") && scan_peek(s) == SCAN_STRING) {
            has_type = 1;
            r = scan_string(s, &type);
        } else if (has_channel && has_type && !is_read && field_is(&key, "data")) {
            is_read = 1;
            r = data_read(s, &channel, &type, frame);
        } else {
            r = scan_skip(s);
        }
    }
    if (r < 0 || is_read)
        return r;
    *s = before;
    r = fields_read(s, message_keys, N_OF(message_keys), &m, NULL, &seen);
    if (r < 0)
        return r;
    if (has_channel && has_type && (seen & MESSAGE_DATA))
        return data_read(&m.data, &channel, &type, frame);
    return answer_add(&m, seen, frame);
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

static int message_read(struct scan *s, struct md_frame *frame)
{
    return scan_peek(s) == SCAN_ARRAY ? kraken_v1_read(s, frame) : object_read(s, frame);
}

static int kraken_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (kraken_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

static int kraken_decode_tx(const char *bytes, size_t size, struct md_frame *io_frame)
{
    struct kraken_message m = { .success = 1 };
    struct scan s;
    uint32_t seen;
    int r;

    md_frame_reset(io_frame);
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = fields_read(&s, message_keys, N_OF(message_keys), &m, NULL, &seen);
    if (r == 0 && (seen & MESSAGE_METHOD) && (seen & MESSAGE_PARAMS) && field_is(&m.method, "subscribe") &&
        scan_peek(&m.params) == SCAN_OBJECT)
        r = subscription_read(&m.params, io_frame);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

/* BTC/USD: two names and a slash between them. */
static enum reason kraken_symbol_check(const char *symbol)
{
    return field_pair_check(symbol, '/', "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.");
}

/* 10, 25, 100, 500 and 1000 exist, others are refused (sheet, "Limits"): the next that holds what is wanted. Ten where
 * nobody says: all of them are under the checksum, deeper levels are not (sheet, "Book-building rules" 5). */
static uint32_t request_depth(uint32_t depth)
{
    return depth <= DEPTH_DEFAULT ? DEPTH_DEFAULT : depth <= 25 ? 25 : depth <= 100 ? 100 : depth <= 500 ? 500 : 1000;
}

/* A snapshot of trades is the last 50 (sheet, "trade"). */
static int kraken_request(struct text *text, const struct venue_request *request)
{
    int is_trades = (request->channels & MD_CHANNEL_TRADES) != 0;

    if (request->n == 0)
        return -EINVAL;
    text_addf(text, "{\"method\":\"%s\",\"params\":{\"channel\":\"%s\",\"symbol\":[",
              request->is_unsubscribe ? "unsubscribe" : "subscribe", is_trades ? "trade" : "book");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        text_add_string(text, "\"");
    }
    text_add_string(text, "]");
    if (!is_trades)
        text_addf(text, ",\"depth\":%u", request_depth(request->depth));
    text_addf(text, "%s},\"req_id\":%llu}", request->is_unsubscribe ? "" : ",\"snapshot\":true",
              (unsigned long long)request->id);
    return text->cut ? -ENOBUFS : 0;
}

const struct venue venue_kraken = {
    .name = "kraken",
    .default_url = "wss://ws.kraken.com/v2",
    .rest_url = "https://api.kraken.com",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_CHECKSUM,
    .depth_default = DEPTH_DEFAULT,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES,
    .trade_ids = VENUE_TRADE_IDS_RISING, /* "sequential per symbol" (sheet, "trade") */
    .truncates = 1,
    .has_digits = 1,
    .limits = {
        /* Sheet, "Keepalive" [D]: a heartbeat each second once something is subscribed, dead without for 5 to 10 s. */
        .ping_interval_ms = 5000,
        .pong_deadline_ms = 5000,
        .silence_ms_max = 8000,
        /* Sheet, "Limits": about 150 dials in 10 minutes and a ban of 10, unconfirmed, so some are left for others of
         * this address. The limit of messages is dynamic and has no number; no published cap of symbols, 100 and more
         * are used. */
        .connect_per_second = 1,
        .connect_per_window = 120,
        .connect_window_s = 600,
        .request_per_second = 5,
        .symbols_per_request = 50,
        .books_per_connection = 250,
    },
    .symbol_check = kraken_symbol_check,
    .request = kraken_request,
    .decode = kraken_decode,
    .decode_tx = kraken_decode_tx,
    .checksum = checksum_of_digits,
    .catalogue = &catalogue_kraken,
};
