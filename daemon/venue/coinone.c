/* SPDX-License-Identifier: MIT
 * Coinone (Korea). Every frame is a whole book of 16 levels, its asks worst first, under an id that only rises.
 * Source: ../shared/protocols/coinone.md, read 2026-11-23 (official pages [D], probe of 2026-09-23 [P]); tickers by
 * https://docs.coinone.co.kr/reference/public-websocket-ticker, read 2026-11-28. */
#include "venue/catalogue.h"
#include "venue/field.h"
#include "venue/korean_fast.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

static const struct rows_form row_keys[] = { { "price", "qty" }, { "p", "q" } };

/* The content of `data`, DEFAULT and SHORT names of the same things. */
struct coinone_data {
    struct scan_string quote, target;
    int64_t venue_ns;
    uint64_t id;
    struct scan_number price, size, last, close, open, high, low;
    uint8_t is_seller_maker;
};
static const struct field data_keys[] = {
    FIELD("quote_currency", FIELD_STRING, struct coinone_data, quote),
    FIELD("target_currency", FIELD_STRING, struct coinone_data, target),
    FIELD("timestamp", FIELD_TIME_MS, struct coinone_data, venue_ns),
    FIELD("id", FIELD_U64, struct coinone_data, id),
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
    FIELD("price", FIELD_NUMBER, struct coinone_data, price),
    FIELD("qty", FIELD_NUMBER, struct coinone_data, size),
    FIELD("high", FIELD_NUMBER, struct coinone_data, high),
    FIELD("low", FIELD_NUMBER, struct coinone_data, low),
    FIELD("first", FIELD_NUMBER, struct coinone_data, open),
    FIELD("last", FIELD_NUMBER, struct coinone_data, last),
    FIELD("yesterday_last", FIELD_NUMBER, struct coinone_data, close),
    FIELD("is_seller_maker", FIELD_BOOL, struct coinone_data, is_seller_maker),
};
static const struct field short_keys[] = {
    FIELD("qc", FIELD_STRING, struct coinone_data, quote),
    FIELD("tc", FIELD_STRING, struct coinone_data, target),
    FIELD("t", FIELD_TIME_MS, struct coinone_data, venue_ns),
    FIELD("i", FIELD_U64, struct coinone_data, id),
    { "a", FIELD_ASKS, 0 },
    { "b", FIELD_BIDS, 0 },
    FIELD("p", FIELD_NUMBER, struct coinone_data, price),
    FIELD("q", FIELD_NUMBER, struct coinone_data, size),
    FIELD("hi", FIELD_NUMBER, struct coinone_data, high),
    FIELD("lo", FIELD_NUMBER, struct coinone_data, low),
    FIELD("fi", FIELD_NUMBER, struct coinone_data, open),
    FIELD("la", FIELD_NUMBER, struct coinone_data, last),
    FIELD("yla", FIELD_NUMBER, struct coinone_data, close),
};
enum {
    DATA_PAIR = 1 << 0 | 1 << 1,
    DATA_ID = 1 << 3,
    DATA_PRICE = 1 << 6,
    DATA_SIZE = 1 << 7,
    DATA_HIGH = 1 << 8,
    DATA_LOW = 1 << 9,
    DATA_OPEN = 1 << 10,
    DATA_LAST = 1 << 11,
    DATA_CLOSE = 1 << 12,
    DATA_MAKER = 1 << 13
};

struct coinone_message {
    struct scan_string response, channel, text;
    struct scan data;
    uint64_t code;
};
#define KEY(key, kind, member) FIELD(key, kind, struct coinone_message, member)
static const struct field keys[] = {
    KEY("response_type", FIELD_STRING, response),
    KEY("channel", FIELD_STRING, channel),
    KEY("data", FIELD_VALUE, data),
    KEY("r", FIELD_STRING, response),
    KEY("c", FIELD_STRING, channel),
    KEY("d", FIELD_VALUE, data),
    KEY("error_code", FIELD_U64, code),
    KEY("message", FIELD_STRING, text),
};
enum {
    SAW_RESPONSE = 1 << 0 | 1 << 3,
    SAW_CHANNEL = 1 << 1 | 1 << 4,
    SAW_DATA = 1 << 2,
    SAW_SHORT = 1 << 5,
    SAW_CODE = 1 << 6,
    SAW_TEXT = 1 << 7
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

/* Our symbol is QUOTE-TARGET ("KRW-BTC"), as the other Korean venues write it: the venue itself has two fields. */
static int symbol_make(const struct coinone_data *d, char ret[MD_SYMBOL_SIZE])
{
    char symbol[MD_SYMBOL_SIZE];
    struct text text;

    text_init(&text, symbol, sizeof(symbol));
    scan_string_add(&d->quote, &text);
    text_add_string(&text, "-");
    scan_string_add(&d->target, &text);
    if (text.cut)
        return -EBADMSG;
    return field_symbol(&(const struct scan_string){ symbol, text.used, 0 }, ret);
}

static int book_add(const struct coinone_data *d, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);
    int r;

    if (!event)
        return -E2BIG;
    if ((seen & DATA_PAIR) != DATA_PAIR || !(seen & DATA_ID) || !rows_has(rows, 0) || !rows_has(rows, 1) ||
        symbol_make(d, event->symbol) < 0)
        return -EBADMSG;
    event->is_snapshot = 1;
    event->sequence_last = d->id;
    event->venue_ns = d->venue_ns;
    r = rows_finish(rows, frame, event);
    if (r == 0)
        frame->n_events++;
    return r;
}

/* is_seller_maker: the taker bought (sheet, "TRADE"). */
static int trade_add(const struct coinone_data *d, uint32_t seen, struct md_frame *frame)
{
    char symbol[MD_SYMBOL_SIZE];
    struct md_event *event;
    struct md_trade *trade;
    int r;

    if ((seen & DATA_PAIR) != DATA_PAIR || symbol_make(d, symbol) < 0)
        return field_plain(frame, MD_OTHER);
    event = field_trades_event(frame, symbol, 0);
    if (!event)
        return -E2BIG;
    r = field_trade_add(frame, event, seen & DATA_PRICE ? &d->price : NULL, seen & DATA_SIZE ? &d->size : NULL, &trade);
    if (r <= 0)
        return r;
    trade->id = seen & DATA_ID ? d->id : 0;
    trade->side = !(seen & DATA_MAKER) ? MD_SIDE_UNKNOWN : d->is_seller_maker ? MD_SIDE_BUY : MD_SIDE_SELL;
    trade->venue_ns = d->venue_ns;
    return 0;
}

/* The prices are of the day that begins at UTC 0, and yesterday_last is the last one of the day before. quote_volume
 * and target_volume are of the last 24 hours and not of that day, so they are not taken; the day's own are not said. */
static int day_add(const struct coinone_data *d, uint32_t seen, struct md_frame *frame)
{
    static const struct field_day_row rows[] = {
        { DATA_LAST, offsetof(struct coinone_data, last), MD_FACT_LAST },
        { DATA_CLOSE, offsetof(struct coinone_data, close), MD_FACT_PREVIOUS_CLOSE },
        { DATA_OPEN, offsetof(struct coinone_data, open), MD_FACT_OPEN },
        { DATA_HIGH, offsetof(struct coinone_data, high), MD_FACT_HIGH },
        { DATA_LOW, offsetof(struct coinone_data, low), MD_FACT_LOW },
    };
    char symbol[MD_SYMBOL_SIZE];
    struct md_day *day;

    if ((seen & DATA_PAIR) != DATA_PAIR || symbol_make(d, symbol) < 0)
        return field_plain(frame, MD_OTHER);
    day = field_day_event(frame, symbol, MD_PERIOD_DAY, d->venue_ns);
    if (!day)
        return -E2BIG;
    field_facts(day, rows, N_OF(rows), d, seen);
    return 0;
}

static int data_read(struct coinone_message *m, uint32_t seen, struct md_frame *frame)
{
    struct coinone_data d = { .venue_ns = 0 };
    int is_short = (seen & SAW_SHORT) != 0, r;
    struct rows rows;

    rows_begin(&rows, frame, &row_keys[is_short], 0, 0);
    if (scan_peek(&m->data) != SCAN_OBJECT)
        return -EBADMSG;
    r = is_short ? fields_read(&m->data, short_keys, N_OF(short_keys), &d, &rows, &seen)
                 : fields_read(&m->data, data_keys, N_OF(data_keys), &d, &rows, &seen);
    if (r < 0)
        return r;
    if (field_is(&m->channel, "ORDERBOOK"))
        return book_add(&d, seen, &rows, frame);
    if (field_is(&m->channel, "TRADE") && !is_short)
        return trade_add(&d, seen, frame);
    if (field_is(&m->channel, "TICKER"))
        return day_add(&d, seen, frame);
    return field_plain(frame, MD_OTHER);
}

static enum reason error_reason(uint64_t code)
{
    switch (code) {
    case 160010: /* Invalid Request */
    case 160011: /* Invalid Type */
        return REASON_REQUEST_REFUSED;
    case 160012: /* Invalid Topic */
        return REASON_SYMBOL_UNKNOWN;
    default:
        return REASON_VENUE_ERROR;
    }
}

/* The error names no topic, and comes after an acknowledgement of the same one (sheet, "Messages"). */
static int error_add(const struct coinone_message *m, uint32_t seen, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);

    if (!event)
        return -E2BIG;
    field_error(event, error_reason(seen & SAW_CODE ? m->code : 0), NULL, seen & SAW_TEXT ? &m->text : NULL);
    frame->n_events++;
    return 0;
}

static int message_read(struct scan *s, struct md_frame *frame)
{
    struct coinone_message m;
    uint32_t seen;
    int r = fields_read(s, keys, N_OF(keys), &m, NULL, &seen);

    if (r < 0)
        return r;
    if (!(seen & SAW_RESPONSE))
        return field_plain(frame, MD_OTHER);
    if (field_is(&m.response, "DATA") && (seen & SAW_CHANNEL) && (seen & (SAW_DATA | SAW_SHORT)))
        return data_read(&m, seen, frame);
    if (field_is(&m.response, "ERROR"))
        return error_add(&m, seen, frame);
    return field_plain(frame, MD_STATUS);
}

static int coinone_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (coinone_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

static enum reason coinone_symbol_check(const char *symbol)
{
    return field_pair_check(symbol, '-', "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

/* One topic a message (sheet, "Summary"). */
static int coinone_request(struct text *text, const struct venue_request *request)
{
    const char *symbol, *dash;

    if (request->n != 1)
        return -EINVAL;
    symbol = request->symbols[0];
    dash = strchr(symbol, '-');
    if (!dash)
        return -EINVAL;
    text_addf(text, "{\"request_type\":\"%s\",\"channel\":\"%s\",\"topic\":{\"quote_currency\":\"",
              request->is_unsubscribe ? "UNSUBSCRIBE" : "SUBSCRIBE",
              request->channels & MD_CHANNEL_TRADES ? "TRADE"
              : request->channels & MD_CHANNEL_DAY  ? "TICKER"
                                                    : "ORDERBOOK");
    text_add_json(text, symbol, (size_t)(dash - symbol));
    text_add_string(text, "\",\"target_currency\":\"");
    text_add_json(text, dash + 1, strlen(dash + 1));
    text_add_string(text, "\"}}");
    return text->cut ? -ENOBUFS : 0;
}

static void coinone_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "{\"request_type\":\"PING\"}");
}

const struct venue venue_coinone = {
    .name = "coinone",
    .default_url = "wss://stream.coinone.co.kr",
    .rest_url = "https://api.coinone.co.kr",
    .builder = VENUE_BUILD_REPLACE,
    .proof = PROOF_SNAPSHOT_ONLY,
    .depth_default = 16,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_UNIQUE, /* time and a counter (sheet, "ORDERBOOK frame") */
    .limits = {
        /* Sheet, "Limits" [D]: 20 connections an address, the 21st is closed with 4290. "Keepalive": PING every 20 s.
         * Nothing limits requests; 363 within 4 ms were not refused [P], so a connection's go at once. Nor are topics
         * limited in writing: no more than the 363 of one connection that were seen to be fed [P]. */
        .ping_interval_ms = 20000,
        .pong_deadline_ms = 10000,
        .connect_per_second = 1,
        .connections_max = 20,
        .close_too_many = 4290,
        .symbols_per_request = 1,
        .books_per_connection = 200,
        .topics_per_connection = 363,
    },
    .symbol_check = coinone_symbol_check,
    .request = coinone_request,
    .ping = coinone_ping,
    .decode = coinone_decode,
    .catalogue = &catalogue_coinone,
};
