/* SPDX-License-Identifier: MIT
 * Binance: spot, USD-M and COIN-M futures. Diffs on the socket, numbered, that join a snapshot fetched by REST; spot
 * chains on U = last u + 1, futures on pu = last u alone (their U is not contiguous).
 * Source: ../shared/protocols/binance.md, read 2026-11-28 (official docs [S] [F], recordings [R]); fixtures
 * captures/binance, binance-usdm, binance-coinm. */
#include "venue/binance_day.h"
#include "venue/binance_fast.h"
#include "venue/binance_request.h"
#include "venue/binance_rest.h"
#include "venue/catalogue.h"
#include "venue/venue.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The objects of the public streams and of REST, which share their keys. */
struct binance_message {
    struct scan_string event;
    char symbol[MD_SYMBOL_SIZE];
    uint64_t first, last, previous, snapshot;
    int64_t event_ns, trade_ns;
    struct scan_number price, size, best_bid_size, best_ask_size;
    struct scan_string text;
    struct scan error;
    int64_t code;
    uint64_t trade_id, request_id;
    uint8_t buyer_is_maker;
};
#define KEY(key, kind, member) FIELD(key, kind, struct binance_message, member)

/* In the order of a diff, which is nearly every message. */
static const struct field keys[] = {
    KEY("e", FIELD_STRING, event),
    KEY("E", FIELD_TIME_MS_US, event_ns), /* us where the URL says timeUnit=MICROSECOND */
    KEY("T", FIELD_TIME_MS_US, trade_ns),
    KEY("s", FIELD_SYMBOL, symbol),
    KEY("U", FIELD_U64, first),
    KEY("u", FIELD_U64, last),
    KEY("pu", FIELD_U64, previous),
    { "b", FIELD_BIDS, 0 },
    { "a", FIELD_ASKS, 0 },
    KEY("lastUpdateId", FIELD_U64, snapshot),
    { "bids", FIELD_BIDS, 0 },
    { "asks", FIELD_ASKS, 0 },
    KEY("t", FIELD_U64, trade_id),
    KEY("p", FIELD_NUMBER, price),
    KEY("q", FIELD_NUMBER, size),
    KEY("m", FIELD_BOOL, buyer_is_maker),
    KEY("B", FIELD_NUMBER, best_bid_size),
    KEY("A", FIELD_NUMBER, best_ask_size),
    KEY("code", FIELD_I64, code),
    KEY("msg", FIELD_STRING, text),
    KEY("error", FIELD_VALUE, error),
    KEY("id", FIELD_U64, request_id),
};
enum {
    SAW_EVENT = 1 << 0,
    SAW_TRADE_TIME = 1 << 2,
    SAW_SYMBOL = 1 << 3,
    SAW_FIRST = 1 << 4,
    SAW_LAST = 1 << 5,
    SAW_PREVIOUS = 1 << 6,
    SAW_SNAPSHOT = 1 << 9,
    SAW_TRADE_ID = 1 << 12,
    SAW_PRICE = 1 << 13,
    SAW_SIZE = 1 << 14,
    SAW_MAKER = 1 << 15,
    SAW_BID_SIZE = 1 << 16,
    SAW_ASK_SIZE = 1 << 17,
    SAW_CODE = 1 << 18,
    SAW_TEXT = 1 << 19,
    SAW_ERROR = 1 << 20,
    SAW_REQUEST_ID = 1 << 21
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static int book_add(struct rows *rows, struct md_frame *frame, struct md_event *event)
{
    int r = rows_finish(rows, frame, event);

    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

/* Futures frames carry `pu` and chain on it; spot's have none (sheet, "Sync rules"). */
static int diff_add(const struct binance_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    const uint32_t needed = SAW_SYMBOL | SAW_FIRST | SAW_LAST;
    struct md_event *event = field_event(frame, MD_BOOK);

    if (!event)
        return -E2BIG;
    if ((seen & needed) != needed || !rows_has(rows, 0) || !rows_has(rows, 1))
        return -EBADMSG;
    memcpy(event->symbol, m->symbol, sizeof(event->symbol));
    event->follows = seen & SAW_PREVIOUS ? MD_FOLLOWS_PREVIOUS : MD_FOLLOWS_FIRST;
    event->sequence_first = m->first;
    event->sequence_last = m->last;
    event->sequence_previous = m->previous;
    event->venue_ns = m->event_ns;
    return book_add(rows, frame, event);
}

enum stream_kind { STREAM_DIFF, STREAM_PARTIAL, STREAM_OTHER };

/* What a frame of books is, which on futures its stream's name alone tells (sheet, "Book streams"): "@depth@100ms" are
 * diffs, "@depth20@100ms" the best 20 whole, and "@rpiDepth" another book. Without a name they are diffs. */
static enum stream_kind stream_kind(const struct scan_string *stream, uint32_t *ret_depth)
{
    const char *at, *end;

    *ret_depth = 0;
    if (!stream)
        return STREAM_DIFF;
    end = stream->at + stream->size;
    at = memchr(stream->at, '@', stream->size);
    if (!at || end - at < 6 || memcmp(at, "@depth", 6) != 0)
        return STREAM_OTHER;
    for (at += 6; at < end && *at >= '0' && *at <= '9' && *ret_depth < 1000; at++)
        *ret_depth = *ret_depth * 10 + (uint32_t)(*at - '0');
    return at < end && *at != '@' ? STREAM_OTHER : *ret_depth > 0 ? STREAM_PARTIAL : STREAM_DIFF;
}

/* `name` is a stream's ("btcusdt@depth20@100ms"): payload symbols are upper case (sheet, "Symbols, precision"). */
static int stream_symbol(const struct scan_string *name, char ret[MD_SYMBOL_SIZE])
{
    char symbol[MD_SYMBOL_SIZE];
    size_t n = 0;

    for (; n < name->size && n < sizeof(symbol) - 1 && name->at[n] != '@'; n++)
        symbol[n] = (char)toupper((unsigned char)name->at[n]);
    if (n == name->size || name->at[n] != '@')
        return -EBADMSG;
    return field_symbol(&(const struct scan_string){ symbol, n, 0 }, ret);
}

/* A whole book, from REST or as @depth<N>, whose frames name no symbol. */
static int snapshot_add(const struct binance_message *m, const char *symbol, uint32_t depth, int is_stream,
                        struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_BOOK);

    if (!event)
        return -E2BIG;
    if (!rows_has(rows, 0) || !rows_has(rows, 1))
        return -EBADMSG;
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    event->is_snapshot = 1;
    event->depth = depth;
    event->view = is_stream ? MD_VIEW_WHOLE | depth : 0;
    event->sequence_last = m->snapshot;
    event->venue_ns = m->event_ns;
    return book_add(rows, frame, event);
}

/* Best bid and ask, each a string where a diff has a list. */
static int ticker_add(const struct binance_message *m, uint32_t seen, struct rows *rows, struct md_frame *frame)
{
    const uint32_t needed = SAW_SYMBOL | SAW_BID_SIZE | SAW_ASK_SIZE;
    struct scan bid = rows->side[1], ask = rows->side[0];
    struct scan_number bid_price, ask_price;
    struct md_event *event = field_event(frame, MD_BOOK);
    struct text text;

    if (!event)
        return -E2BIG;
    if ((seen & needed) != needed || !bid.at || !ask.at || scan_number_or_string(&bid, &bid_price) < 0 ||
        scan_number_or_string(&ask, &ask_price) < 0 || bid_price.is_negative || ask_price.is_negative ||
        m->best_bid_size.is_negative || m->best_ask_size.is_negative)
        return -EBADMSG;
    text_init(&text, event->symbol, sizeof(event->symbol));
    text_add_string(&text, m->symbol);
    text_add_string(&text, BINANCE_BBO);
    if (text.cut)
        return -EBADMSG;
    event->is_snapshot = 1;
    event->venue_ns = m->event_ns;
    rows_begin(rows, frame, NULL, 0, 0);
    do {
        levels_add(&rows->levels, 1, &bid_price, &m->best_bid_size);
        levels_add(&rows->levels, 0, &ask_price, &m->best_ask_size);
    } while (levels_again(&rows->levels));
    return book_add(rows, frame, event);
}

/* Sheet, "Trades": m, the buyer was the maker, so the taker sold; ids rise by 1. An aggregate has its id where a diff
 * has its asks. */
static int trade_add(const struct binance_message *m, uint32_t seen, const struct rows *rows, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    struct scan aggregate = rows->side[0];
    struct md_trade *trade;

    if (!(seen & SAW_SYMBOL))
        return field_plain(frame, MD_OTHER);
    trade = event ? field_trade(frame, event) : NULL;
    if (!trade)
        return -E2BIG;
    frame->n_events++;
    memcpy(event->symbol, m->symbol, sizeof(event->symbol));
    event->venue_ns = m->event_ns;
    if ((seen & (SAW_PRICE | SAW_SIZE)) != (SAW_PRICE | SAW_SIZE) ||
        field_trade_numbers(trade, &m->price, &m->size) < 0) {
        field_trade_drop(frame, event);
        return 0;
    }
    trade->id = seen & SAW_TRADE_ID ? m->trade_id : 0;
    if (!(seen & SAW_TRADE_ID) && aggregate.at)
        (void)field_u64(&aggregate, &trade->id);
    trade->side = !(seen & SAW_MAKER) ? MD_SIDE_UNKNOWN : m->buyer_is_maker ? MD_SIDE_SELL : MD_SIDE_BUY;
    trade->venue_ns = m->trade_ns;
    return 0;
}

/* {"code":2,"msg":"..."} or {"error":{...},"id":1} (sheet, "Subscribe"), where null is no error. */
static int is_error(const struct binance_message *m, uint32_t seen)
{
    struct scan error = m->error;

    return (seen & SAW_CODE) || ((seen & SAW_ERROR) && scan_peek(&error) != SCAN_WORD);
}

/* A book is named by `symbol` or by nobody. */
static int error_add(struct binance_message *m, uint32_t seen, const char *symbol, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    struct rows rows;

    if (!event)
        return -E2BIG;
    event->request_id = seen & SAW_REQUEST_ID ? m->request_id : 0;
    if ((seen & SAW_ERROR) && scan_peek(&m->error) == SCAN_OBJECT) {
        rows_begin(&rows, frame, NULL, 1, 0);
        if (fields_read(&m->error, keys, N_KEYS, m, &rows, &seen) < 0)
            return -EBADMSG;
    }
    /* -1121: "Invalid symbol." */
    field_error(event, (seen & SAW_CODE) && m->code == -1121 ? REASON_SYMBOL_UNKNOWN : REASON_VENUE_ERROR, NULL,
                seen & SAW_TEXT ? &m->text : NULL);
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    frame->n_events++;
    return 0;
}

/* depthUpdate: of a diff, or of the best few levels whole. */
static int depth_add(struct binance_message *m, uint32_t seen, const struct scan_string *stream, struct rows *rows,
                     struct md_frame *frame)
{
    uint32_t depth;

    switch (stream_kind(stream, &depth)) {
    case STREAM_DIFF:
        return diff_add(m, seen, rows, frame);
    case STREAM_PARTIAL:
        if (!(seen & SAW_SYMBOL) || !(seen & SAW_LAST))
            return -EBADMSG;
        m->snapshot = m->last;
        return snapshot_add(m, m->symbol, depth, 1, rows, frame);
    case STREAM_OTHER:
        break;
    }
    return field_plain(frame, MD_OTHER);
}

static int message_add(struct binance_message *m, uint32_t seen, const struct scan_string *stream, struct rows *rows,
                       struct md_frame *frame)
{
    char symbol[MD_SYMBOL_SIZE];
    uint32_t depth;

    if (is_error(m, seen))
        return error_add(m, seen, "", frame);
    if ((seen & SAW_EVENT) && field_is(&m->event, "depthUpdate"))
        return depth_add(m, seen, stream, rows, frame);
    if ((seen & SAW_EVENT) && (field_is(&m->event, "trade") || field_is(&m->event, "aggTrade")))
        return trade_add(m, seen, rows, frame);
    if ((seen & SAW_EVENT) && field_is(&m->event, "serverShutdown"))
        return field_plain(frame, MD_CLOSING);
    /* Spot's has no `e` (sheet, "Book streams"); what has these keys under another one is no book. */
    if (seen & SAW_EVENT ? field_is(&m->event, "bookTicker")
                         : (seen & (SAW_BID_SIZE | SAW_ASK_SIZE)) && rows_has(rows, 1))
        return ticker_add(m, seen, rows, frame);
    if ((seen & SAW_SNAPSHOT) && !(seen & SAW_EVENT) && stream && stream_kind(stream, &depth) == STREAM_PARTIAL &&
        stream_symbol(stream, symbol) == 0)
        return snapshot_add(m, symbol, depth, 1, rows, frame);
    return field_plain(frame, MD_OTHER);
}

/* The best-levels stream in a raw connection's URL, ".../ws/btcusdt@depth20@100ms" or several with '/' between, that a
 * message may be of: of `symbol` alone where it names one, and of that no diffs. Returns 1, or 0 there is none, or not
 * one alone. */
static int url_stream(const char *url, const char *symbol, struct scan_string *ret)
{
    const char *at = strstr(url, "/ws/"), *end = at ? at + strcspn(at, "?") : NULL;
    unsigned n = 0;

    for (at = at ? at + 4 : NULL; at && at < end; at += strcspn(at, "/?") + 1) {
        struct scan_string one = { at, strcspn(at, "/?"), 0 };
        enum stream_kind kind;
        char name[MD_SYMBOL_SIZE];
        uint32_t depth;

        kind = stream_kind(&one, &depth);
        if (kind == STREAM_OTHER || stream_symbol(&one, name) < 0 || (symbol && strcmp(name, symbol) != 0))
            continue;
        if (kind == STREAM_DIFF && symbol)
            return 0;
        if (kind == STREAM_PARTIAL && n++ == 0)
            *ret = one;
    }
    return n == 1;
}

/* `url`: of the connection, where neither the message nor who hands it on names a stream; may be NULL. */
static int payload_read(struct scan *s, const struct scan_string *stream, const char *url, struct md_frame *frame)
{
    const struct scan start = *s;
    struct binance_message m;
    struct scan_string named;
    struct rows rows;
    uint32_t seen;
    int r;

    m.event_ns = 0;
    m.previous = 0;
    m.trade_ns = 0;
    rows_begin(&rows, frame, NULL, 1, 0);
    r = fields_read(s, keys, N_KEYS, &m, &rows, &seen);
    if (r == 0 && (seen & SAW_EVENT) && field_is(&m.event, BINANCE_DAY_EVENT))
        return binance_day_add(start, frame); /* it has b, B, a and A as the best bid and ask have them */
    if (r == 0 && url && url_stream(url, seen & SAW_SYMBOL ? m.symbol : NULL, &named))
        stream = &named;
    return r < 0 ? r : message_add(&m, seen, stream, &rows, frame);
}

/* {"stream":"...","data":{...}} in either order, or the payload alone; a list is of all symbols (!ticker@arr). */
static int message_read(struct scan *s, struct md_frame *frame)
{
    struct scan before = *s, data = { .at = NULL };
    struct scan_string key, stream;
    char name[2 * MD_SYMBOL_SIZE];
    int has_stream = 0, r;

    if (scan_peek(s) == SCAN_ARRAY)
        return scan_skip(s);
    r = scan_object_begin(s);
    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        if (field_is(&key, "stream") && scan_peek(s) == SCAN_STRING) {
            has_stream = 1;
            r = scan_string(s, &stream);
            if (r == 0)
                field_resolve(&stream, name, sizeof(name));
        } else if (has_stream && field_is(&key, "data") && scan_peek(s) == SCAN_OBJECT) {
            md_frame_reset(frame);
            r = payload_read(s, &stream, NULL, frame);
        } else {
            if (field_is(&key, "data") && scan_peek(s) == SCAN_OBJECT)
                data = *s;
            r = scan_skip(s);
        }
        if (r < 0)
            return r;
    }
    if (r < 0 || frame->n_events > 0)
        return r;
    if (data.at)
        return payload_read(&data, has_stream ? &stream : NULL, NULL, frame);
    if (has_stream)
        return 0; /* a list, as !ticker@arr sends */
    *s = before;
    return payload_read(s, NULL, NULL, frame);
}

static int binance_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    if (diff_fast(bytes, size, io_frame))
        return 0;
    return field_message(bytes, size, io_frame, message_read);
}

/* A recording of a raw connection: what its best-levels messages are of stands in its URL alone. */
static int binance_decode_of(const char *url, const char *bytes, size_t size, struct md_frame *io_frame)
{
    struct scan s;
    int r;

    if (!strstr(url, "/ws/") || memmem(bytes, size, "\"stream\"", 8))
        return binance_decode(bytes, size, io_frame);
    md_frame_reset(io_frame);
    r = scan_begin(&s, bytes, size);
    if (r == 0 && scan_peek(&s) != SCAN_OBJECT)
        return binance_decode(bytes, size, io_frame);
    if (r == 0)
        r = payload_read(&s, NULL, url, io_frame);
    if (r == 0)
        r = scan_finish(&s);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

/* .../depth?symbol=BTCUSDT&limit=1000 */
static int binance_decode_http(const char *url, const char *bytes, size_t size, struct md_frame *io_frame)
{
    char symbol[MD_SYMBOL_SIZE], limit[8] = "0";
    struct binance_message m;
    struct rows rows;
    struct scan s;
    uint32_t seen;
    int r;

    md_frame_reset(io_frame);
    if (!strstr(url, "/depth?") || field_query(url, "symbol", symbol, sizeof(symbol)) < 0)
        return 0;
    (void)field_query(url, "limit", limit, sizeof(limit));
    m.event_ns = 0;
    rows_begin(&rows, io_frame, NULL, 1, 0);
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = fields_read(&s, keys, N_KEYS, &m, &rows, &seen);
    if (r == 0)
        r = scan_finish(&s);
    if (r == 0)
        r = seen & SAW_SNAPSHOT ? snapshot_add(&m, symbol, (uint32_t)strtoul(limit, NULL, 10), 0, &rows, io_frame)
                                : error_add(&m, seen, symbol, io_frame);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

/* Sheet, "Limits" and "REST": 24 h of life, 300 dials in 5 minutes, 1024 streams; SUBSCRIBE in chunks of 100, paced.
 * Messages a second count our ping and the answer to the venue's: 5 on spot, 10 on futures. */
#define BINANCE_LIMITS(requests, budget)                                                                               \
    {                                                                                                                  \
        .ping_interval_ms = 20000, .pong_deadline_ms = 10000, .age_ms_max = 86400000, .connect_per_second = 5,         \
        .connect_per_window = 300, .connect_window_s = 300, .request_per_second = (requests),                          \
        .symbols_per_request = 100, .books_per_connection = 200, .topics_per_connection = 1024,                        \
        .rest_per_minute = (budget)                                                                                    \
    }

/* What the three products share. */
#define BINANCE_PRODUCT                                                                                                \
    .builder = VENUE_BUILD_REST, .proof = PROOF_SEQUENCE, .depth_default = 1000, .symbol_check = binance_symbol_check, \
    .decode = binance_decode, .decode_of = binance_decode_of, .decode_http = binance_decode_http

const struct venue venue_binance = {
    BINANCE_PRODUCT,
    .name = "binance",
    .default_url = "wss://stream.binance.com:9443/stream",
    .rest_url = "https://api.binance.com",
    .join = VENUE_JOIN_NEXT,
    .limits = BINANCE_LIMITS(3, 6000),
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_RISING,
    .request = binance_spot_request,
    .snapshot_path = binance_spot_path,
    .snapshot_weight = binance_spot_weight,
    .catalogue = &catalogue_binance,
};

/* /public carries books, /market trades and tickers; a stream of the other class stays silent (sheet, "Endpoints"). */
const struct venue venue_binance_usdm = {
    BINANCE_PRODUCT,
    .name = "binance-usdm",
    .default_url = "wss://fstream.binance.com/public/stream",
    .extras_path = "/market/stream",
    .rest_url = "https://fapi.binance.com",
    .join = VENUE_JOIN_COVER,
    .limits = BINANCE_LIMITS(8, 2400),
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_RISING,
    .request = binance_futures_request,
    .snapshot_path = binance_usdm_path,
    .snapshot_weight = binance_futures_weight,
    .catalogue = &catalogue_binance_usdm,
};

const struct venue venue_binance_coinm = {
    BINANCE_PRODUCT,
    .name = "binance-coinm",
    .default_url = "wss://dstream.binance.com/stream",
    .rest_url = "https://dapi.binance.com",
    .join = VENUE_JOIN_COVER,
    .limits = BINANCE_LIMITS(8, 2400),
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_RISING,
    .request = binance_futures_request,
    .snapshot_path = binance_coinm_path,
    .snapshot_weight = binance_futures_weight,
    .catalogue = &catalogue_binance_coinm,
};
