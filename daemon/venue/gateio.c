/* SPDX-License-Identifier: MIT
 * Gate spot. `obu` pushes a whole book and then updates numbered [U, u]; that is what hoga asks for. The older
 * order_book_update (spot and futures) joins a REST snapshot; it is decoded for recordings.
 * Source: ../shared/protocols/gateio.md, read 2026-11-28; fixtures captures/gateio. */
#include "venue/catalogue.h"
#include "venue/field_fast.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

static const struct rows_form row_keys = { "p", "s" };

/* Books, trades and acknowledgements under `result`, which share their keys. */
struct gate_result {
    struct scan_string name, pair, side, status;
    uint64_t first, last, trade_id;
    int64_t book_ns, trade_ns;
    struct scan_number price, amount, size;
    uint8_t is_full;
};
#define KEY(key, kind, member) FIELD(key, kind, struct gate_result, member)
static const struct field result_keys[] = {
    KEY("t", FIELD_TIME_MS, book_ns),
    KEY("full", FIELD_BOOL, is_full),
    KEY("s", FIELD_STRING, name),
    KEY("U", FIELD_U64, first),
    KEY("u", FIELD_U64, last),
    { "b", FIELD_BIDS, 0 },
    { "a", FIELD_ASKS, 0 },
    KEY("create_time_ms", FIELD_TIME_MS, trade_ns),
    KEY("side", FIELD_STRING, side),
    KEY("currency_pair", FIELD_STRING, pair),
    KEY("contract", FIELD_STRING, pair),
    KEY("amount", FIELD_NUMBER, amount),
    KEY("size", FIELD_NUMBER, size),
    KEY("price", FIELD_NUMBER, price),
    KEY("type", FIELD_STRING, status),
    KEY("id", FIELD_U64, trade_id),
};
enum {
    SAW_FULL = 1 << 1,
    SAW_NAME = 1 << 2,
    SAW_FIRST = 1 << 3,
    SAW_LAST = 1 << 4,
    SAW_SIDES = 1 << 5 | 1 << 6,
    SAW_SIDE = 1 << 8,
    SAW_PAIR = 1 << 9 | 1 << 10,
    SAW_AMOUNT = 1 << 11,
    SAW_SIZE = 1 << 12,
    SAW_PRICE = 1 << 13,
    SAW_TYPE = 1 << 14,
    SAW_ID = 1 << 15
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

struct gate_message {
    struct scan_string channel, event;
    struct scan result, error, payload;
    uint8_t has_channel, has_event, has_read;
    char name[64]; /* of the channel, if it holds escapes */
};

static int ends_with(const struct scan_string *string, const char *word)
{
    size_t size = strlen(word);

    return string->size >= size && memcmp(string->at + string->size - size, word, size) == 0;
}

static int is_book_channel(const struct scan_string *channel)
{
    return ends_with(channel, ".obu") || ends_with(channel, ".order_book_update");
}

/* "ob.BTC_USDT.50" of obu names the pair in its middle; other channels name it plainly. */
static int name_symbol(const struct scan_string *name, char ret[MD_SYMBOL_SIZE])
{
    struct scan_string plain = *name;
    char memory[2 * MD_SYMBOL_SIZE];

    field_resolve(&plain, memory, sizeof(memory));
    if (plain.size > 3 && memcmp(plain.at, "ob.", 3) == 0) {
        plain.at += 3;
        plain.size -= 3;
        for (size_t i = plain.size; i-- > 0;)
            if (plain.at[i] == '.') {
                plain.size = i;
                break;
            }
    }
    return field_symbol(&plain, ret);
}

/* Of obu either side may be absent, and a frame with neither still moves the id (sheet, "obu"); the older channel
 * always has both, if only as empty lists (all 524 of the recordings). */
static int book_add(const struct gate_result *g, uint32_t seen, int is_obu, struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    int r;

    if (!event)
        return -E2BIG;
    event->is_snapshot = (seen & SAW_FULL) && g->is_full;
    if (!(seen & SAW_NAME) || !(seen & SAW_LAST) || (!event->is_snapshot && !(seen & SAW_FIRST)) ||
        (!is_obu && (seen & SAW_SIDES) != SAW_SIDES))
        return -EBADMSG;
    r = name_symbol(&g->name, event->symbol);
    if (r < 0)
        return r;
    event->follows = MD_FOLLOWS_FIRST;
    event->sequence_first = g->first;
    event->sequence_last = g->last;
    event->venue_ns = g->book_ns;
    r = rows_finish(rows, frame, event);
    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

/* Spot names the taker's side and an amount; futures give a size that is negative where the taker sold. */
static int trade_add(const struct gate_result *g, uint32_t seen, struct md_frame *frame)
{
    struct scan_number amount = seen & SAW_AMOUNT ? g->amount : g->size;
    struct md_event *event = field_event(frame, MD_TRADES);
    struct md_trade *trade;

    if (!event)
        return -E2BIG;
    if (!(seen & SAW_PAIR) || field_symbol(&g->pair, event->symbol) < 0)
        return field_plain(frame, MD_OTHER);
    trade = field_trade(frame, event);
    if (!trade)
        return -E2BIG;
    frame->n_events++;
    trade->side = !(seen & SAW_SIZE) ? MD_SIDE_UNKNOWN : amount.is_negative ? MD_SIDE_SELL : MD_SIDE_BUY;
    if (seen & SAW_SIDE)
        trade->side = field_is(&g->side, "sell")  ? MD_SIDE_SELL
                      : field_is(&g->side, "buy") ? MD_SIDE_BUY
                                                  : MD_SIDE_UNKNOWN;
    trade->id = seen & SAW_ID ? g->trade_id : 0;
    if (amount.is_negative && amount.fits && amount.mantissa < 0)
        amount.mantissa = -amount.mantissa;
    amount.is_negative = 0;
    trade->venue_ns = g->trade_ns;
    if (!(seen & SAW_PRICE) || !(seen & (SAW_AMOUNT | SAW_SIZE)) || field_trade_numbers(trade, &g->price, &amount) < 0)
        field_trade_drop(frame, event);
    return 0;
}

static int object_read(struct scan *s, const struct gate_message *m, struct md_frame *frame)
{
    struct gate_result g = { .book_ns = 0 };
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, &row_keys, 1, 0);
    r = fields_read(s, result_keys, N_OF(result_keys), &g, &rows, &seen);
    if (r < 0)
        return r;
    if ((seen & SAW_LAST) && is_book_channel(&m->channel))
        return book_add(&g, seen, ends_with(&m->channel, ".obu"), &rows, frame);
    if (ends_with(&m->channel, ".trades") && (seen & SAW_PAIR))
        return trade_add(&g, seen, frame);
    if (ends_with(&m->channel, ".system") && (seen & SAW_TYPE) && field_is(&g.status, "upgrade")) {
        if (!field_event(frame, MD_CLOSING))
            return -E2BIG;
        frame->n_events++;
    }
    return 0;
}

/* One object, or a list of them (trades). */
static int result_read(struct scan *s, struct gate_message *m, struct md_frame *frame)
{
    int r;

    m->has_read = 1;
    md_frame_reset(frame); /* of a key that comes twice the last value counts */
    if (scan_peek(s) == SCAN_OBJECT)
        return object_read(s, m, frame);
    if (scan_peek(s) != SCAN_ARRAY)
        return scan_skip(s);
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0)
        r = scan_peek(s) == SCAN_OBJECT ? object_read(s, m, frame) : scan_skip(s);
    return r;
}

static int key_read(struct scan *s, const struct scan_string *key, struct gate_message *m, struct md_frame *frame)
{
    if (field_is(key, "channel") && scan_peek(s) == SCAN_STRING) {
        int r = scan_string(s, &m->channel);

        m->has_channel = 1;
        if (r == 0)
            field_resolve(&m->channel, m->name, sizeof(m->name));
        return r;
    }
    if (field_is(key, "event") && scan_peek(s) == SCAN_STRING) {
        m->has_event = 1;
        return scan_string(s, &m->event);
    }
    if (field_is(key, "result") && m->has_channel)
        return result_read(s, m, frame);
    if (field_is(key, "result"))
        m->result = *s;
    else if (field_is(key, "error") && scan_peek(s) == SCAN_OBJECT)
        m->error = *s;
    else if (field_is(key, "payload") && scan_peek(s) == SCAN_ARRAY)
        m->payload = *s;
    return scan_skip(s);
}

struct gate_error {
    uint64_t code;
    struct scan_string message;
};
static const struct field error_keys[] = {
    FIELD("code", FIELD_U64, struct gate_error, code),
    FIELD("message", FIELD_STRING, struct gate_error, message),
};

/* 2: unknown currency pair, or what was asked for is wrong (sheet, "Messages"). */
static enum reason error_reason(const struct gate_error *e, uint32_t seen)
{
    if (!(seen & 1))
        return REASON_VENUE_ERROR;
    if (e->code == 2 && (seen & 2) && memmem(e->message.at, e->message.size, "unknown", 7))
        return REASON_SYMBOL_UNKNOWN;
    return e->code == 1 || e->code == 2 ? REASON_REQUEST_REFUSED : REASON_VENUE_ERROR;
}

/* Of the first pair of the request, which the answer repeats, or of a stream that its text names. */
static int error_add(struct gate_message *m, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    char memory[MD_TEXT_SIZE];
    struct scan_string name;
    struct gate_error e;
    const char *at;
    uint32_t seen;

    if (!event)
        return -E2BIG;
    if (fields_read(&m->error, error_keys, N_OF(error_keys), &e, NULL, &seen) < 0)
        return -EBADMSG;
    if (seen & 2)
        field_resolve(&e.message, memory, sizeof(memory));
    if ((seen & 2) && e.message.size > 10 && memcmp(e.message.at, "Alert sub ", 10) == 0)
        return field_plain(frame, MD_OTHER); /* a second request for one: its book comes (sheet, "Messages") */
    field_error(event, error_reason(&e, seen), NULL, seen & 2 ? &e.message : NULL);
    if (m->has_channel && ends_with(&m->channel, ".trades"))
        event->channel = MD_CHANNEL_TRADES;
    at = seen & 2 ? memmem(e.message.at, e.message.size, "ob.", 3) : NULL;
    if (at) {
        name = (struct scan_string){ at, 0, 0 };
        while (at + name.size < e.message.at + e.message.size && at[name.size] > ' ')
            name.size++;
        (void)name_symbol(&name, event->symbol);
    } else if (m->payload.at && scan_array_begin(&m->payload) == 0 && scan_array_next(&m->payload) > 0 &&
               scan_peek(&m->payload) == SCAN_STRING && scan_string(&m->payload, &name) == 0) {
        (void)name_symbol(&name, event->symbol);
    }
    frame->n_events++;
    return 0;
}

static int message_read(struct scan *s, struct md_frame *frame)
{
    struct gate_message m = { .has_channel = 0 };
    struct scan_string key;
    int r = scan_object_begin(s);

    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        r = key_read(s, &key, &m, frame);
        if (r < 0)
            return r;
    }
    if (r == 0 && m.result.at && m.has_channel && !m.has_read)
        r = result_read(&m.result, &m, frame);
    if (r < 0 || frame->n_events > 0)
        return r;
    if (m.error.at)
        return error_add(&m, frame);
    if (m.has_channel && is_book_channel(&m.channel) && m.has_event && field_is(&m.event, "update"))
        return -EBADMSG; /* an update of which nothing could be read */
    if (!field_event(frame, m.has_channel ? MD_STATUS : MD_OTHER))
        return -E2BIG;
    frame->n_events++;
    return 0;
}

/* A side, which may be absent from obu. */
SCAN_INLINE int side_fast(struct scan *s, struct levels *levels, int is_bid, int is_obu)
{
    int is_there = is_bid ? FAST_EXPECT(s, ",\"b\":") : FAST_EXPECT(s, ",\"a\":");

    return is_there ? fast_rows(s, levels, is_bid) : is_obu;
}

/* The straight road through a book of spot, both channels, spelled as they were seen; any other byte, and the general
 * road takes the message from its start. Returns 1 and the event, or 0 and the frame is as good as empty. */
static int book_fast(const char *bytes, size_t size, struct md_frame *frame)
{
    struct scan s = { .at = bytes, .end = bytes + size };
    struct md_event *event = fast_event(frame);
    struct levels levels;
    uint64_t number;
    int is_obu = FAST_EXPECT(&s, "{\"channel\":\"spot.obu\",\"result\":{\"t\":");

    levels_begin_as(&levels, frame, 1, 0);
    if (!is_obu &&
        (!FAST_EXPECT(&s, "{\"time\":") || !fast_u64(&s, &number) ||
         (FAST_EXPECT(&s, ",\"time_ms\":") && !fast_u64(&s, &number)) ||
         !FAST_EXPECT(&s, ",\"channel\":\"spot.order_book_update\",\"event\":\"update\",\"result\":{\"t\":")))
        return 0;
    if (!fast_ms(&s, &event->venue_ns))
        return 0;
    if (is_obu)
        event->is_snapshot = FAST_EXPECT(&s, ",\"full\":true");
    else if (!FAST_EXPECT(&s, ",\"e\":\"depthUpdate\",\"E\":") || !fast_u64(&s, &number))
        return 0;
    if (!(is_obu ? FAST_EXPECT(&s, ",\"s\":\"ob.") : FAST_EXPECT(&s, ",\"s\":\"")) || !fast_symbol(&s, event->symbol))
        return 0;
    if (is_obu) {
        char *dot = strrchr(event->symbol, '.'); /* "BTC_USDT.50" */

        if (!dot || dot == event->symbol)
            return 0;
        memset(dot, 0, (size_t)(event->symbol + MD_SYMBOL_SIZE - dot));
    }
    if (!FAST_EXPECT(&s, "\"") ||
        (!event->is_snapshot && (!FAST_EXPECT(&s, ",\"U\":") || !fast_u64(&s, &event->sequence_first))) ||
        !FAST_EXPECT(&s, ",\"u\":") || !fast_u64(&s, &event->sequence_last) || !side_fast(&s, &levels, 1, is_obu) ||
        !side_fast(&s, &levels, 0, is_obu) || !FAST_EXPECT(&s, "}"))
        return 0;
    if (is_obu &&
        (!FAST_EXPECT(&s, ",\"time_ms\":") || !fast_u64(&s, &number) || !FAST_EXPECT(&s, ",\"event\":\"update\"")))
        return 0;
    event->follows = MD_FOLLOWS_FIRST;
    return FAST_EXPECT(&s, "}") && fast_is_over(&s) && fast_levels_take(&levels, frame, event);
}

static int gateio_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (book_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

struct gate_rest {
    uint64_t id;
    struct scan time;
};
static const struct field rest_keys[] = {
    FIELD("id", FIELD_U64, struct gate_rest, id),
    FIELD("update", FIELD_VALUE, struct gate_rest, time),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
};

/* .../order_book?currency_pair=BTC_USDT or ?contract=...; spot gives ms, futures seconds with a fraction. */
static int gateio_decode_http(const char *url, const char *bytes, size_t size, struct md_frame *io_frame)
{
    int is_futures = strstr(url, "/futures/") != NULL || strstr(url, "/delivery/") != NULL, r;
    struct gate_rest g = { 0 };
    struct md_event *event;
    struct rows rows;
    struct scan s;
    uint32_t seen;

    md_frame_reset(io_frame);
    if (!strstr(url, "/order_book?"))
        return 0;
    rows_begin(&rows, io_frame, &row_keys, 1, 0);
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = fields_read(&s, rest_keys, N_OF(rest_keys), &g, &rows, &seen);
    if (r == 0)
        r = scan_finish(&s);
    if (r < 0)
        return r;
    event = field_event(io_frame, MD_BOOK);
    if (!(seen & 1) || !rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    if (field_query(url, is_futures ? "contract" : "currency_pair", event->symbol, sizeof(event->symbol)) < 0)
        return 0;
    event->is_snapshot = 1;
    event->sequence_last = g.id;
    if (seen & 2)
        (void)field_time(&g.time, is_futures ? FIELD_TIME_S : FIELD_TIME_MS, &event->venue_ns);
    r = rows_finish(&rows, io_frame, event);
    if (r == 0)
        io_frame->n_events++;
    return r;
}

static enum reason gateio_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    if (!*symbol || strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    if (symbol[n] == '\0')
        return memchr(symbol, '_', n) ? REASON_NONE : REASON_SYMBOL_FORM;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

static int gateio_request(struct text *text, const struct venue_request *request)
{
    int is_trades = request->channels == MD_CHANNEL_TRADES;

    if (request->n == 0)
        return -EINVAL;
    text_addf(text, "{\"time\":%lld,\"channel\":\"spot.%s\",\"event\":\"%s\",\"payload\":[",
              (long long)(request->now_ns / 1000000000), is_trades ? "trades" : "obu",
              request->is_unsubscribe ? "unsubscribe" : "subscribe");
    for (size_t i = 0; i < request->n; i++) {
        text_add_string(text, i > 0 ? ",\"" : "\"");
        text_add_string(text, is_trades ? "" : "ob.");
        text_add_json(text, request->symbols[i], strlen(request->symbols[i]));
        text_add_string(text, is_trades ? "\"" : request->depth > 50 ? ".400\"" : ".50\"");
    }
    text_add_string(text, "]}");
    return text->cut ? -ENOBUFS : 0;
}

static void gateio_ping(struct text *text, int64_t now_ns)
{
    text_addf(text, "{\"time\":%lld,\"channel\":\"spot.ping\"}", (long long)(now_ns / 1000000000));
}

const struct venue venue_gateio = {
    .name = "gateio",
    .default_url = "wss://api.gateio.ws/ws/v4/",
    .rest_url = "https://api.gateio.ws",
    .builder = VENUE_BUILD_CHAIN,
    .join = VENUE_JOIN_NEXT, /* of recordings with order_book_update; obu pushes its snapshot */
    .proof = PROOF_SEQUENCE,
    .depth_default = 50,
    .limits = {
        /* Sheet, "Limits": none are published, 150 streams on one socket worked; closed after 30 s without traffic. */
        .ping_interval_ms = 15000,
        .pong_deadline_ms = 8000,
        .connect_per_second = 1,
        .request_per_second = 5,
        .symbols_per_request = 20,
        .books_per_connection = 100,
    },
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES,
    .trade_ids = VENUE_TRADE_IDS_RISING, /* sheet, "trades" */
    .symbol_check = gateio_symbol_check,
    .request = gateio_request,
    .ping = gateio_ping,
    .decode = gateio_decode,
    .decode_http = gateio_decode_http,
    .catalogue = &catalogue_gateio,
};
