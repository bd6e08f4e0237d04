/* SPDX-License-Identifier: MIT
 * OKX v5 (and OKCoin, OKEx in recordings). `books` chains on prevSeqId; until 2023-07 a checksum alone proved it, which
 * since 2026-06-23 is always 0. The snapshot is pushed, or, as announced, has to be fetched by REST: both ways are
 * open. Source: ../shared/protocols/okx.md, read 2026-11-28; fixtures captures/okx. */
#include "venue/catalogue.h"
#include "venue/arg_frame.h"
#include "venue/checksum.h"
#include "venue/venue.h"

#include <errno.h>
#include <string.h>

#define BBO         "@bbo"
#define BOOKS_DEPTH 400 /* sheet, "Channels"; what falls out of it gets no delete ("Depth") */

static const struct arg_word channels[] = {
    { "books", ARG_BOOK, BOOKS_DEPTH, 0 },
    { "books-l2-tbt", ARG_BOOK, BOOKS_DEPTH, 0 },
    { "books50-l2-tbt", ARG_BOOK, 50, 50 },
    { "books5", ARG_WHOLE, 0, MD_VIEW_WHOLE | 5 },
    { "bbo-tbt", ARG_BEST, 0, MD_VIEW_WHOLE | 1 },
    { "trades", ARG_TRADES, 0, 0 },
    { "trades-all", ARG_TRADES, 0, 0 },
    { "tickers", ARG_DAY, 0, 0 },
    { NULL, ARG_OTHER, 0, 0 },
};

/* Sheet, "Messages". */
static enum reason okx_reason(uint64_t code)
{
    switch (code) {
    case 60018: /* wrong channel, or this instrument does not exist */
        return REASON_SYMBOL_UNKNOWN;
    case 60012:
    case 60014:
    case 64003:
    case 64004:
        return REASON_REQUEST_REFUSED;
    default:
        return REASON_VENUE_ERROR;
    }
}

/* `tickers`: one with the acknowledgement, then one where something has changed, at least 100 ms apart (recording of
 * 2022-05-13, cryptofeed's sample_data/OKX.ws.1.0). All of 24 hours: no day's close, and a change that is not given.
 * sodUtc0 and sodUtc8 are the opens of other days. Source of the units: https://www.okx.com/docs-v5/en/, "GET /
 * Ticker", of the same fields, as https://github.com/rosssaunders/coincise/blob/main/docs/okx/order_book_trading.md has
 * it; frames of 2021 to 2025 in public fixtures; read 2026-11-28. */
struct okx_day {
    struct scan_string product;
    struct scan_number last, open, high, low, volume, amount;
    int64_t venue_ns;
};
static const struct field day_keys[] = {
    FIELD("instType", FIELD_STRING, struct okx_day, product), FIELD("last", FIELD_NUMBER, struct okx_day, last),
    FIELD("open24h", FIELD_NUMBER, struct okx_day, open),     FIELD("high24h", FIELD_NUMBER, struct okx_day, high),
    FIELD("low24h", FIELD_NUMBER, struct okx_day, low),       FIELD("vol24h", FIELD_NUMBER, struct okx_day, volume),
    FIELD("volCcy24h", FIELD_NUMBER, struct okx_day, amount), FIELD("ts", FIELD_TIME_MS, struct okx_day, venue_ns),
};
enum { DAY_PRODUCT = 1 << 0, DAY_VOLUME = 1 << 5, DAY_AMOUNT = 1 << 6 };
#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* On spot vol24h is in base and volCcy24h in quote; of derivatives the one counts contracts and the other is in base.
 */
static int okx_day_read(struct scan *s, const char *symbol, struct md_frame *frame)
{
    static const struct field_day_row rows[] = {
        { 1 << 1, offsetof(struct okx_day, last), MD_FACT_LAST },
        { 1 << 2, offsetof(struct okx_day, open), MD_FACT_OPEN },
        { 1 << 3, offsetof(struct okx_day, high), MD_FACT_HIGH },
        { 1 << 4, offsetof(struct okx_day, low), MD_FACT_LOW },
    };
    struct okx_day d = { .venue_ns = 0 };
    int is_spot, is_known, r;
    struct md_day *day;
    uint32_t seen;

    r = fields_read(s, day_keys, N_OF(day_keys), &d, NULL, &seen);
    if (r < 0)
        return r;
    day = field_day_event(frame, symbol, MD_PERIOD_24_HOURS, d.venue_ns);
    if (!day)
        return -E2BIG;
    field_facts(day, rows, N_OF(rows), &d, seen);
    is_known = (seen & DAY_PRODUCT) != 0;
    is_spot = is_known && (field_is(&d.product, "SPOT") || field_is(&d.product, "MARGIN"));
    if (is_known && seen & (is_spot ? DAY_VOLUME : DAY_AMOUNT))
        field_fact(day, MD_FACT_VOLUME, is_spot ? &d.volume : &d.amount);
    if (is_spot && seen & DAY_AMOUNT)
        field_fact(day, MD_FACT_VALUE, &d.amount);
    return 0;
}

static const struct arg_dialect dialect = {
    .channels = channels, .reason = okx_reason, .day = okx_day_read, .bbo = BBO, .is_arg_first = 1
};

static int okx_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    return arg_frame_decode(&dialect, bytes, size, io_frame);
}

/* What an answer without a book says: 51001, "Instrument ID does not exist"; anything else is the venue's trouble. */
static void http_error_add(const struct scan_string *code, const char *symbol, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_ERROR);
    int is_unknown = code->at && field_is(code, "51001");

    field_error(event, is_unknown ? REASON_SYMBOL_UNKNOWN : REASON_VENUE_ERROR, NULL, NULL);
    (void)text_copy(event->symbol, sizeof(event->symbol), symbol);
    frame->n_events++;
}

/* {"code":"0","msg":"","data":[{book}]} of /api/v5/market/books?instId=BTC-USDT */
static int okx_decode_http(const char *url, const char *bytes, size_t size, struct md_frame *io_frame)
{
    char symbol[MD_SYMBOL_SIZE];
    struct arg_book_kind kind = { .symbol = symbol, .depth = BOOKS_DEPTH, .is_snapshot = 1, .is_numbered = 1 };
    struct scan_string key, code = { NULL, 0, 0 };
    struct scan s;
    int r;

    md_frame_reset(io_frame);
    if (!strstr(url, "/market/books?") || field_query(url, "instId", symbol, sizeof(symbol)) < 0)
        return 0;
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = scan_object_begin(&s);
    while (r >= 0 && (r = scan_object_next(&s, &key)) > 0) {
        if (field_is(&key, "code") && scan_peek(&s) == SCAN_STRING) {
            r = scan_string(&s, &code);
            continue;
        }
        if (!field_is(&key, "data") || scan_peek(&s) != SCAN_ARRAY) {
            r = scan_skip(&s);
            continue;
        }
        r = scan_array_begin(&s);
        while (r >= 0 && (r = scan_array_next(&s)) > 0)
            r = arg_frame_book(&s, &kind, io_frame);
    }
    if (r == 0)
        r = scan_finish(&s);
    if (r == 0 && io_frame->n_events == 0)
        http_error_add(&code, symbol, io_frame);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

/* BTC-USDT, BTC-USDT-SWAP, BTC-USD-261225-42000-C, each also with @bbo. */
static enum reason okx_symbol_check(const char *symbol)
{
    size_t n = strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    if (strlen(symbol) >= MD_SYMBOL_SIZE)
        return REASON_SYMBOL_FORM;
    if (n > 0 && memchr(symbol, '-', n) && (symbol[n] == '\0' || strcmp(symbol + n, BBO) == 0))
        return REASON_NONE;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}

static int okx_request(struct text *text, const struct venue_request *request)
{
    if (request->n == 0)
        return -EINVAL;
    text_add_string(text, "{\"id\":\"h");
    text_add_u64(text, request->id);
    text_add_string(text, request->is_unsubscribe ? "\",\"op\":\"unsubscribe\",\"args\":["
                                                  : "\",\"op\":\"subscribe\",\"args\":[");
    for (size_t i = 0; i < request->n; i++) {
        const char *symbol = request->symbols[i];
        size_t size = strcspn(symbol, "@");
        const char *channel = request->channels == MD_CHANNEL_TRADES      ? "trades"
                              : request->channels == MD_CHANNEL_DAY       ? "tickers"
                              : symbol[size]                              ? "bbo-tbt"
                              : request->depth > 0 && request->depth <= 5 ? "books5"
                                                                          : "books";

        text_addf(text, "%s{\"channel\":\"%s\",\"instId\":\"", i > 0 ? "," : "", channel);
        text_add_json(text, symbol, size);
        text_add_string(text, "\"}");
    }
    text_add_string(text, "]}");
    return text->cut ? -ENOBUFS : 0;
}

static void okx_ping(struct text *text, int64_t now_ns)
{
    (void)now_ns;
    text_add_string(text, "ping");
}

static int okx_snapshot_path(struct text *text, const char *symbol, uint32_t depth)
{
    (void)depth;
    if (strchr(symbol, '@'))
        return -ENOENT;
    text_add_string(text, "/api/v5/market/books?instId=");
    text_add_string(text, symbol);
    text_add_string(text, "&sz=400&source=0");
    return text->cut ? -ENOBUFS : 0;
}

const struct venue venue_okx = {
    .name = "okx",
    .default_url = "wss://ws.okx.com:8443/ws/v5/public",
    .rest_url = "https://www.okx.com",
    .builder = VENUE_BUILD_CHAIN,
    .join = VENUE_JOIN_PREVIOUS,
    .proof = PROOF_SEQUENCE,
    .depth_default = 400,
    .truncates = 1,
    .has_digits = 1,
    .limits = {
        /* Sheet, "Limits" and "Keepalive": closes after 30 s without traffic; 480 requests an hour and connection,
         * 3 dials a second; advice: fewer than 30 depth channels a connection. 40 REST requests in 2 s ("B."). */
        .ping_interval_ms = 20000,
        .pong_deadline_ms = 8000,
        .connect_per_second = 3,
        .request_per_second = 3, /* "requests too frequent", 60014, names no figure */
        .request_per_hour = 480,
        .symbols_per_request = 50,
        .books_per_connection = 29,
        .rest_per_window = 40,
        .rest_window_ms = 2000,
    },
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_RISING, /* sheet, "Trades": several fills of one taker at one price may be one */
    .symbol_check = okx_symbol_check,
    .request = okx_request,
    .ping = okx_ping,
    .decode = okx_decode,
    .decode_http = okx_decode_http,
    .snapshot_path = okx_snapshot_path,
    .checksum = checksum_interleaved,
    .catalogue = &catalogue_okx,
};
