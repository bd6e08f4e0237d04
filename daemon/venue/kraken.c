/* SPDX-License-Identifier: MIT
 * Kraken spot, WebSocket v2 `book`: a snapshot, then changes, each with a checksum of the best ten levels a side, which
 * is the only proof there is; levels that leave the subscribed depth get no delete. v1's array frames, which have no
 * live use here any more, are read too, so that recordings of them can be replayed.
 * Source: ../shared/protocols/kraken.md, read 2026-11-23 (official docs [D], wire runs [W] [V]); fixtures
 * captures/kraken. */
#include "venue/checksum.h"
#include "venue/field.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

#define DEPTH_DEFAULT 10 /* of a request that names none */

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* --- books -------------------------------------------------------------------------------------------------------- */

struct kraken_book {
    char symbol[MD_SYMBOL_SIZE];
    uint64_t checksum;
    int64_t time_ns;
};
static const struct field book_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct kraken_book, symbol),
    { "bids", FIELD_BIDS, 0 },
    { "asks", FIELD_ASKS, 0 },
    FIELD("checksum", FIELD_U64, struct kraken_book, checksum),
    FIELD("timestamp", FIELD_TIME_TEXT, struct kraken_book, time_ns),
};
enum { SAW_SYMBOL = 1 << 0, SAW_CHECKSUM = 1 << 3 };
static const struct rows_form book_rows = { "price", "qty" };

/* A message without checksum proves nothing, and Kraken sends none (sheet, "book frames"). */
static int book_read(struct scan *s, int is_snapshot, struct md_frame *frame)
{
    const uint32_t needed = SAW_SYMBOL | SAW_CHECKSUM;
    struct kraken_book book = { .time_ns = 0 };
    struct md_event *event = field_event(frame, MD_BOOK);
    struct rows rows;
    uint32_t seen;
    int r;

    if (!event)
        return -E2BIG;
    rows_begin(&rows, frame, &book_rows, !is_snapshot, 1);
    r = fields_read(s, book_keys, N_OF(book_keys), &book, &rows, &seen);
    if (r < 0)
        return r;
    if ((seen & needed) != needed || book.checksum > UINT32_MAX || !rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, book.symbol, sizeof(event->symbol));
    event->is_snapshot = (uint8_t)is_snapshot;
    event->has_checksum = 1;
    event->checksum = (uint32_t)book.checksum;
    event->venue_ns = book.time_ns;
    r = rows_finish(&rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

/* --- trades ------------------------------------------------------------------------------------------------------- */

struct kraken_trade {
    char symbol[MD_SYMBOL_SIZE];
    struct scan_string side;
    struct scan_number price, size;
    uint64_t id;
    int64_t time_ns;
};
static const struct field trade_keys[] = {
    FIELD("symbol", FIELD_SYMBOL, struct kraken_trade, symbol),
    FIELD("side", FIELD_STRING, struct kraken_trade, side),
    FIELD("price", FIELD_NUMBER, struct kraken_trade, price),
    FIELD("qty", FIELD_NUMBER, struct kraken_trade, size),
    FIELD("trade_id", FIELD_U64, struct kraken_trade, id),
    FIELD("timestamp", FIELD_TIME_TEXT, struct kraken_trade, time_ns),
};

/* `side` is the taker's (sheet, "trade"). Neighbours of one symbol share an event. */
static int trade_add(const struct kraken_trade *from, struct md_frame *frame)
{
    struct md_event *event = frame->n_events > 0 ? &frame->event[frame->n_events - 1] : NULL;
    struct md_trade *trade;

    if (!event || event->kind != MD_TRADES || strcmp(event->symbol, from->symbol) != 0) {
        event = field_event(frame, MD_TRADES);
        if (!event)
            return -E2BIG;
        memcpy(event->symbol, from->symbol, sizeof(event->symbol));
        frame->n_events++;
    }
    trade = field_trade(frame, event);
    if (!trade)
        return -E2BIG;
    trade->id = from->id;
    trade->venue_ns = from->time_ns;
    trade->side = field_is(&from->side, "buy") || field_is(&from->side, "b") ? MD_SIDE_BUY : MD_SIDE_SELL;
    return field_trade_numbers(trade, &from->price, &from->size);
}

static int trade_read(struct scan *s, int is_snapshot, struct md_frame *frame)
{
    const uint32_t needed = (1u << N_OF(trade_keys)) - 1;
    struct kraken_trade trade;
    uint32_t seen;
    int r = fields_read(s, trade_keys, N_OF(trade_keys), &trade, NULL, &seen);

    (void)is_snapshot;
    if (r < 0)
        return r;
    return (seen & needed) == needed ? trade_add(&trade, frame) : -EBADMSG;
}

/* --- v2 channels -------------------------------------------------------------------------------------------------- */

static int plain_add(enum md_kind kind, struct md_frame *frame)
{
    if (!field_event(frame, kind))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

/* Other states than maintenance only limit what orders may do; books go on (sheet, "Messages"). */
static int status_read(struct scan *s, int is_snapshot, struct md_frame *frame)
{
    static const struct field keys[] = { { "system", FIELD_STRING, 0 } };
    struct scan_string system;
    struct md_event *event = field_event(frame, MD_STATUS);
    uint32_t seen;
    int r = fields_read(s, keys, N_OF(keys), &system, NULL, &seen);

    (void)is_snapshot;
    if (r < 0 || !event)
        return r < 0 ? r : -E2BIG;
    if (seen && field_is(&system, "maintenance")) {
        event->kind = MD_ERROR;
        field_error(event, REASON_MAINTENANCE, NULL, &system);
    }
    frame->n_events++;
    return 0;
}

static const struct {
    const char *channel;
    int (*read)(struct scan *s, int is_snapshot, struct md_frame *frame); /* one object of `data` */
} channels[] = {
    { "book", book_read },
    { "trade", trade_read },
    { "status", status_read },
};

/* `data` of a channel, one object or, as is usual, a list of them. */
static int data_read(struct scan *s, const struct scan_string *channel, int is_snapshot, struct md_frame *frame)
{
    size_t i = 0;
    int r;

    while (i < N_OF(channels) && !field_is(channel, channels[i].channel))
        i++;
    if (i == N_OF(channels)) {
        r = scan_skip(s);
        return r < 0 ? r : plain_add(MD_OTHER, frame);
    }
    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0) {
        r = channels[i].read(s, is_snapshot, frame);
        if (r < 0)
            return r;
    }
    return r;
}

/* --- acknowledgements, of v2 and v1 ------------------------------------------------------------------------------- */

struct kraken_control {
    struct scan_string method, event, status, error;
    struct scan subject, symbols;
    char symbol[MD_SYMBOL_SIZE];
    uint8_t success;
};
static const struct field control_keys[] = {
    FIELD("method", FIELD_STRING, struct kraken_control, method),
    FIELD("result", FIELD_VALUE, struct kraken_control, subject),
    FIELD("params", FIELD_VALUE, struct kraken_control, subject),
    FIELD("success", FIELD_BOOL, struct kraken_control, success),
    FIELD("symbol", FIELD_SYMBOL, struct kraken_control, symbol),
    FIELD("error", FIELD_STRING, struct kraken_control, error),
    FIELD("Error", FIELD_STRING, struct kraken_control, error),
    FIELD("event", FIELD_STRING, struct kraken_control, event),
    FIELD("status", FIELD_STRING, struct kraken_control, status),
    FIELD("subscription", FIELD_VALUE, struct kraken_control, subject),
    FIELD("errorMessage", FIELD_STRING, struct kraken_control, error),
    FIELD("pair", FIELD_VALUE, struct kraken_control, symbols),
};
enum {
    SAW_METHOD = 1 << 0,
    SAW_SUBJECT = 1 << 1 | 1 << 2 | 1 << 9,
    SAW_SUCCESS = 1 << 3,
    SAW_OF_SYMBOL = 1 << 4,
    SAW_ERROR = 1 << 5 | 1 << 6 | 1 << 10,
    SAW_EVENT = 1 << 7,
    SAW_STATUS = 1 << 8,
    SAW_PAIR = 1 << 11
};

struct kraken_subject {
    struct scan_string channel;
    struct scan symbols;
    uint64_t depth;
};
static const struct field subject_keys[] = {
    FIELD("channel", FIELD_STRING, struct kraken_subject, channel),
    FIELD("name", FIELD_STRING, struct kraken_subject, channel),
    FIELD("depth", FIELD_U64, struct kraken_subject, depth),
    FIELD("symbol", FIELD_VALUE, struct kraken_subject, symbols),
};
enum { SAW_CHANNEL = 1 << 0 | 1 << 1, SAW_DEPTH = 1 << 2, SAW_SYMBOLS = 1 << 3 };

static int subscribed_one(struct scan *s, uint32_t depth, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_SUBSCRIBED);
    struct scan_string symbol;

    if (!event)
        return -E2BIG;
    if (scan_peek(s) != SCAN_STRING || scan_string(s, &symbol) < 0 || field_symbol(&symbol, event->symbol) < 0)
        return -EBADMSG;
    event->depth = depth;
    frame->n_events++;
    return 0;
}

/* One symbol or a list of them. */
static int subscribed_add(struct scan *s, uint32_t depth, struct md_frame *frame)
{
    int r;

    if (scan_peek(s) != SCAN_ARRAY)
        return subscribed_one(s, depth, frame);
    r = scan_array_begin(s);
    while (r == 0 && (r = scan_array_next(s)) > 0)
        r = subscribed_one(s, depth, frame);
    return r;
}

/* What was subscribed, as request and acknowledgement say it; v1's `pair` stands outside of the subject. */
static int subject_read(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    struct kraken_subject subject = { .depth = DEPTH_DEFAULT };
    struct scan at = c->subject;
    uint32_t has;

    if (!(seen & SAW_SUBJECT) || fields_read(&at, subject_keys, N_OF(subject_keys), &subject, NULL, &has) < 0)
        return -EBADMSG;
    if (!(has & SAW_CHANNEL) || !field_is(&subject.channel, "book"))
        return plain_add(MD_OTHER, frame);
    if (subject.depth > UINT32_MAX || !(has & SAW_SYMBOLS || seen & SAW_PAIR))
        return -EBADMSG;
    at = has & SAW_SYMBOLS ? subject.symbols : c->symbols;
    return subscribed_add(&at, (uint32_t)subject.depth, frame);
}

/* "Currency pair not supported XXX/YYY" names the symbol in its text; whether also by a key is not sure (sheet). */
static void error_symbol(const struct kraken_control *c, uint32_t seen, struct md_event *event)
{
    static const char unsupported[] = "Currency pair not supported ";
    struct scan pair = c->symbols;
    struct scan_string text;

    if (seen & SAW_OF_SYMBOL)
        memcpy(event->symbol, c->symbol, sizeof(event->symbol));
    else if (seen & SAW_PAIR && scan_peek(&pair) == SCAN_STRING && scan_string(&pair, &text) == 0)
        (void)field_symbol(&text, event->symbol);
    if (strncmp(event->text, unsupported, sizeof(unsupported) - 1) != 0)
        return;
    event->reason = REASON_SYMBOL_UNKNOWN;
    text = (struct scan_string){ .at = event->text + sizeof(unsupported) - 1 };
    text.size = strlen(text.at);
    if (event->symbol[0] == '\0')
        (void)field_symbol(&text, event->symbol);
}

static int error_add(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    int is_request = (seen & SAW_METHOD && field_is(&c->method, "subscribe")) || seen & SAW_STATUS;

    if (!event)
        return -E2BIG;
    field_error(event, is_request ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR, NULL,
                seen & SAW_ERROR ? &c->error : NULL);
    error_symbol(c, seen, event);
    frame->n_events++;
    return 0;
}

static int control_add(const struct kraken_control *c, uint32_t seen, struct md_frame *frame)
{
    int has_failed = (seen & SAW_SUCCESS && !c->success) || seen & SAW_ERROR;

    /* What could not be unsubscribed was not subscribed. */
    if (seen & SAW_METHOD && field_is(&c->method, "unsubscribe"))
        return plain_add(MD_OTHER, frame);
    if (has_failed)
        return error_add(c, seen, frame);
    if (seen & SAW_METHOD && field_is(&c->method, "subscribe"))
        return subject_read(c, seen, frame);
    if (seen & SAW_EVENT && field_is(&c->event, "subscriptionStatus"))
        return seen & SAW_STATUS && field_is(&c->status, "subscribed") ? subject_read(c, seen, frame)
                                                                       : plain_add(MD_OTHER, frame);
    return plain_add(seen & (SAW_METHOD | SAW_EVENT) ? MD_STATUS : MD_OTHER, frame);
}

static int control_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_control c;
    uint32_t seen;
    int r = fields_read(s, control_keys, N_OF(control_keys), &c, NULL, &seen);

    return r < 0 ? r : control_add(&c, seen, frame);
}

/* {"channel":"book","type":"update","data":[...]}: `data` is read where it stands if what it is was said before. */
static int message_read(struct scan *s, struct md_frame *frame)
{
    struct scan before = *s, data = { .at = NULL };
    struct scan_string key, channel, type;
    int has_channel = 0, has_type = 0, is_read = 0, r;

    r = scan_object_begin(s);
    while (r >= 0 && (r = scan_object_next(s, &key)) > 0) {
        if (field_is(&key, "channel") && scan_peek(s) == SCAN_STRING) {
            has_channel = 1;
            r = scan_string(s, &channel);
        } else if (field_is(&key, "type") && scan_peek(s) == SCAN_STRING) {
            has_type = 1;
            r = scan_string(s, &type);
        } else if (field_is(&key, "data") && has_channel && has_type && !is_read) {
            is_read = 1;
            r = data_read(s, &channel, field_is(&type, "snapshot"), frame);
        } else {
            if (field_is(&key, "data"))
                data = *s;
            r = scan_skip(s);
        }
    }
    if (r < 0 || is_read)
        return r;
    if (has_channel && has_type && data.at)
        return data_read(&data, &channel, field_is(&type, "snapshot"), frame);
    if (has_channel)
        return plain_add(field_is(&channel, "heartbeat") ? MD_STATUS : MD_OTHER, frame);
    return control_read(&before, frame);
}

/* --- v1 ----------------------------------------------------------------------------------------------------------- */

struct kraken_v1 {
    uint64_t checksum;
    struct scan trades;
    struct scan_string name;
    char symbol[MD_SYMBOL_SIZE];
    uint32_t seen;
    unsigned n_words;
};
static const struct field v1_keys[] = {
    { "a", FIELD_ASKS, 0 },  { "b", FIELD_BIDS, 0 },  FIELD("c", FIELD_U64, struct kraken_v1, checksum),
    { "as", FIELD_ASKS, 0 }, { "bs", FIELD_BIDS, 0 },
};
enum { SAW_V1_CHECKSUM = 1 << 2, SAW_V1_SNAPSHOT = 1 << 3 | 1 << 4 };
static const struct rows_form v1_rows = { NULL, NULL };

static int v1_book_add(struct kraken_v1 *m, struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    int r;

    if (!event)
        return -E2BIG;
    if (!(rows_has(rows, 0) || rows_has(rows, 1)) || m->checksum > UINT32_MAX)
        return -EBADMSG;
    memcpy(event->symbol, m->symbol, sizeof(event->symbol));
    event->is_snapshot = (m->seen & SAW_V1_SNAPSHOT) != 0;
    event->has_checksum = (m->seen & SAW_V1_CHECKSUM) != 0;
    event->checksum = (uint32_t)m->checksum;
    for (size_t i = sizeof("book-") - 1; i < m->name.size && event->depth < 100000; i++) /* "book-1000" */
        event->depth = event->depth * 10 + (uint32_t)(m->name.at[i] - '0') % 10;
    r = rows_finish(rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

/* ["price","volume","seconds","b" or "s",...] */
static int v1_trade_read(struct scan *s, const char *symbol, struct md_frame *frame)
{
    struct kraken_trade trade = { .id = 0 };
    int r;

    memcpy(trade.symbol, symbol, sizeof(trade.symbol));
    if (scan_array_begin(s) < 0 || scan_array_next(s) <= 0 || scan_number_or_string(s, &trade.price) < 0 ||
        scan_array_next(s) <= 0 || scan_number_or_string(s, &trade.size) < 0 || scan_array_next(s) <= 0 ||
        field_time(s, FIELD_TIME_S, &trade.time_ns) < 0 || scan_array_next(s) <= 0 || scan_string(s, &trade.side) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0)
        if (scan_skip(s) < 0)
            return -EBADMSG;
    return r < 0 ? r : trade_add(&trade, frame);
}

static int v1_trades_read(const struct kraken_v1 *m, struct md_frame *frame)
{
    struct scan s = m->trades;
    int r;

    if (!s.at || scan_array_begin(&s) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(&s)) > 0) {
        r = v1_trade_read(&s, m->symbol, frame);
        if (r < 0)
            return r;
    }
    return r;
}

/* An element after the channel's number: one or two objects (or a list of trades), the channel's name, the pair. */
static int v1_element_read(struct scan *s, struct kraken_v1 *m, struct rows *rows)
{
    struct scan_string word;
    uint32_t seen;
    int r;

    switch (scan_peek(s)) {
    case SCAN_OBJECT:
        r = fields_read(s, v1_keys, N_OF(v1_keys), m, rows, &seen);
        m->seen |= r < 0 ? 0 : seen;
        return r;
    case SCAN_STRING:
        if (scan_string(s, &word) < 0)
            return -EBADMSG;
        if (m->n_words++ == 0)
            m->name = word;
        else
            return field_symbol(&word, m->symbol);
        return 0;
    case SCAN_ARRAY:
        m->trades = *s;
        return scan_skip(s);
    case SCAN_NONE:
    case SCAN_NUMBER:
    case SCAN_WORD:
        return scan_skip(s);
    }
    return -EBADMSG;
}

static int v1_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_v1 m = { .checksum = 0 };
    struct rows rows;
    int r = scan_array_begin(s);

    rows_begin(&rows, frame, &v1_rows, 1, 1);
    while (r >= 0 && (r = scan_array_next(s)) > 0)
        r = v1_element_read(s, &m, &rows);
    if (r < 0)
        return r;
    if (m.n_words != 2)
        return plain_add(MD_OTHER, frame);
    if (m.name.size >= 4 && memcmp(m.name.at, "book", 4) == 0)
        return v1_book_add(&m, &rows, frame);
    return field_is(&m.name, "trade") ? v1_trades_read(&m, frame) : plain_add(MD_OTHER, frame);
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

static int frame_read(const char *bytes, size_t size, int (*read)(struct scan *s, struct md_frame *frame),
                      struct md_frame *io_frame)
{
    struct scan s;
    int r;

    md_frame_reset(io_frame);
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = read(&s, io_frame);
    if (r == 0)
        r = scan_finish(&s);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

static int any_read(struct scan *s, struct md_frame *frame)
{
    return scan_peek(s) == SCAN_ARRAY ? v1_read(s, frame) : message_read(s, frame);
}

static int kraken_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    return frame_read(bytes, size, any_read, io_frame);
}

static int own_request_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_control c;
    uint32_t seen;
    int r = fields_read(s, control_keys, N_OF(control_keys), &c, NULL, &seen);

    if (r < 0)
        return r;
    if (!(seen & SAW_METHOD && field_is(&c.method, "subscribe")) &&
        !(seen & SAW_EVENT && field_is(&c.event, "subscribe")))
        return 0;
    return subject_read(&c, seen, frame);
}

static int kraken_decode_tx(const char *bytes, size_t size, struct md_frame *io_frame)
{
    return frame_read(bytes, size, own_request_read, io_frame);
}

/* "BTC/USD". A base may hold small letters behind its first, a quote none. */
static enum reason kraken_symbol_check(const char *symbol)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char any[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.abcdefghijklmnopqrstuvwxyz";
    size_t base = strspn(symbol, any), quote;

    if (base == 0 || symbol[base] != '/' || strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    quote = strspn(symbol + base + 1, any);
    if (quote == 0 || symbol[base + 1 + quote] != '\0')
        return REASON_SYMBOL_FORM;
    return strchr(upper, symbol[0]) && strspn(symbol + base + 1, upper) == quote ? REASON_NONE : REASON_SYMBOL_CASE;
}

/* Other depths are refused, not rounded (sheet, "Limits"). */
static uint32_t depth_allowed(uint32_t depth)
{
    static const uint32_t depths[] = { DEPTH_DEFAULT, 25, 100, 500, 1000 };
    size_t i = 0;

    while (i < N_OF(depths) - 1 && depths[i] < depth)
        i++;
    return depths[i];
}

static int kraken_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, request->is_unsubscribe ? "{\"method\":\"unsubscribe\"" : "{\"method\":\"subscribe\"");
    text_add_string(text, ",\"params\":{\"channel\":\"book\",\"symbol\":[");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_string(text, request->symbols[i]);
        text_add_string(text, "\"");
    }
    text_add_string(text, "],\"depth\":");
    text_add_u64(text, depth_allowed(request->depth));
    text_add_string(text, "}}");
    return text->cut ? -ENOBUFS : 0;
}

static void kraken_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "{\"method\":\"ping\"}");
}

/* Heartbeats come every second once something is subscribed; dead if none for 5 to 10 s (sheet, "Keepalive"). The
 * message rate has no published number, nor has the count of symbols; 150 dials in ten minutes are allowed. */
const struct venue venue_kraken = {
    .name = "kraken",
    .default_url = "wss://ws.kraken.com/v2",
    .builder = VENUE_BUILD_CHAIN,
    .proof = PROOF_CHECKSUM,
    .depth_default = DEPTH_DEFAULT,
    .truncates = 1,
    .has_digits = 1,
    .limits = { .ping_interval_ms = 5000,
                .pong_deadline_ms = 5000,
                .connect_per_second = 1,
                .request_per_second = 5,
                .symbols_per_request = 100,
                .snapshot_deadline_ms = 5000,
                .books_per_connection = 100 },
    .symbol_check = kraken_symbol_check,
    .request = kraken_request,
    .ping = kraken_ping,
    .decode = kraken_decode,
    .decode_tx = kraken_decode_tx,
    .checksum = checksum_of_digits,
};
