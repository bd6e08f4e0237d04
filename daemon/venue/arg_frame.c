/* SPDX-License-Identifier: MIT */
#include "venue/arg_frame.h"
#include "venue/arg_fast.h"

#include <errno.h>
#include <string.h>

struct arg {
    struct scan_string channel;
    char symbol[MD_SYMBOL_SIZE];
};
static const struct field arg_keys[] = {
    FIELD("channel", FIELD_STRING, struct arg, channel),
    FIELD("instId", FIELD_SYMBOL, struct arg, symbol),
    FIELD("topic", FIELD_STRING, struct arg, channel),
    FIELD("symbol", FIELD_SYMBOL, struct arg, symbol),
};

/* `seqId` and `prevSeqId` are OKX's, `seq` and `pseq` Bitget's; `a` and `b` Bitget's third version. */
struct arg_book {
    int64_t venue_ns, previous, checksum;
    uint64_t last;
};
static const struct field book_keys[] = {
    { "asks", FIELD_ASKS, 0 },
    { "bids", FIELD_BIDS, 0 },
    FIELD("ts", FIELD_TIME_MS, struct arg_book, venue_ns),
    FIELD("checksum", FIELD_I64, struct arg_book, checksum),
    FIELD("prevSeqId", FIELD_I64, struct arg_book, previous),
    FIELD("seqId", FIELD_U64, struct arg_book, last),
    FIELD("seq", FIELD_U64, struct arg_book, last),
    FIELD("pseq", FIELD_I64, struct arg_book, previous),
    { "a", FIELD_ASKS, 0 },
    { "b", FIELD_BIDS, 0 },
};
enum { SAW_CHECKSUM = 1 << 3, SAW_PREVIOUS = 1 << 4 | 1 << 7, SAW_LAST = 1 << 5 | 1 << 6 };

struct arg_trade {
    struct scan_string side;
    uint64_t id;
    struct scan_number price, size;
    int64_t venue_ns;
};
static const struct field trade_keys[] = {
    FIELD("tradeId", FIELD_ID, struct arg_trade, id),       FIELD("px", FIELD_NUMBER, struct arg_trade, price),
    FIELD("sz", FIELD_NUMBER, struct arg_trade, size),      FIELD("side", FIELD_STRING, struct arg_trade, side),
    FIELD("ts", FIELD_TIME_MS, struct arg_trade, venue_ns), FIELD("price", FIELD_NUMBER, struct arg_trade, price),
    FIELD("size", FIELD_NUMBER, struct arg_trade, size),    FIELD("i", FIELD_ID, struct arg_trade, id),
    FIELD("p", FIELD_NUMBER, struct arg_trade, price),      FIELD("P", FIELD_NUMBER, struct arg_trade, price),
    FIELD("v", FIELD_NUMBER, struct arg_trade, size),       FIELD("S", FIELD_STRING, struct arg_trade, side),
    FIELD("T", FIELD_TIME_MS, struct arg_trade, venue_ns),
};
enum {
    TRADE_ID = 1 << 0 | 1 << 7,
    TRADE_PRICE = 1 << 1 | 1 << 5 | 1 << 8 | 1 << 9,
    TRADE_SIZE = 1 << 2 | 1 << 6 | 1 << 10,
    TRADE_SIDE = 1 << 3 | 1 << 11
};
#define N_OF(keys) (sizeof(keys) / sizeof((keys)[0]))

/* The message as its keys come; `data` is read where it stands once arg and action are known, else afterwards. */
struct arg_message {
    const struct arg_dialect *dialect;
    struct arg arg;
    enum arg_channel channel;
    uint32_t depth;
    uint32_t view;
    struct scan_string action, event, text;
    uint64_t code;
    struct scan data;
    uint8_t has_arg, has_action, has_event, has_text, has_code;
};

/* Numbered updates chain on the previous number; without numbers only the checksum proves (recordings up to 2023). A
 * checksum of 0 in a numbered message is not one: OKX sends it since 2026-06-23 (../shared/protocols/okx.md). */
int arg_frame_book(struct scan *s, const struct arg_book_kind *kind, struct md_frame *frame)
{
    struct arg_book book = { 0 };
    struct md_event *event;
    struct rows rows;
    uint32_t seen;
    int r;

    rows_begin(&rows, frame, NULL, 1, 1);
    r = fields_read(s, book_keys, N_OF(book_keys), &book, &rows, &seen);
    if (r < 0)
        return r;
    event = field_event(frame, MD_BOOK);
    if (!event)
        return -E2BIG;
    if (!rows_has(&rows, 0) || !rows_has(&rows, 1))
        return -EBADMSG;
    (void)text_copy(event->symbol, sizeof(event->symbol), kind->symbol);
    event->is_snapshot = kind->is_snapshot;
    event->depth = kind->depth;
    event->view = kind->view;
    event->is_best = kind->is_best;
    event->venue_ns = book.venue_ns;
    if (kind->is_numbered && (seen & SAW_LAST))
        event->sequence_last = book.last;
    if ((seen & SAW_LAST) && (seen & SAW_PREVIOUS)) {
        event->follows = MD_FOLLOWS_PREVIOUS;
        event->sequence_previous = (uint64_t)book.previous;
    }
    event->has_checksum = (seen & SAW_CHECKSUM) && !((seen & SAW_LAST) && book.checksum == 0);
    event->checksum = (uint32_t)book.checksum;
    if (!event->is_snapshot && event->follows == MD_FOLLOWS_UNPROVEN && !event->has_checksum)
        event->follows = MD_FOLLOWS_NOTHING; /* nothing would tell that one before it was lost */
    r = rows_finish(&rows, frame, event);
    if (r < 0)
        return r;
    frame->n_events++;
    return 0;
}

static int trade_finish(const struct arg_trade *t, uint32_t seen, struct md_frame *frame, struct md_event *event)
{
    struct md_trade *trade = field_trade(frame, event);

    if (!trade)
        return -E2BIG;
    if (!(seen & TRADE_PRICE) || !(seen & TRADE_SIZE) || field_trade_numbers(trade, &t->price, &t->size) < 0) {
        field_trade_drop(frame, event);
        return 0;
    }
    if (seen & TRADE_ID)
        trade->id = t->id;
    if (seen & TRADE_SIDE)
        trade->side = field_is(&t->side, "buy") ? MD_SIDE_BUY : field_is(&t->side, "sell") ? MD_SIDE_SELL : 0;
    trade->venue_ns = t->venue_ns;
    return 0;
}

static void trades_turn(struct md_trade *trades, uint32_t n)
{
    for (uint32_t i = 0; i < n / 2; i++) {
        struct md_trade swap = trades[i];

        trades[i] = trades[n - 1 - i];
        trades[n - 1 - i] = swap;
    }
}

/* Bitget's rows of 2022: [ts, price, size, side]. */
static int trade_row_read(struct scan *s, struct arg_trade *t, uint32_t *ret_seen)
{
    int r;

    if (scan_array_begin(s) < 0 || scan_array_next(s) <= 0 || field_time(s, FIELD_TIME_MS, &t->venue_ns) < 0 ||
        scan_array_next(s) <= 0 || scan_number_or_string(s, &t->price) < 0 || scan_array_next(s) <= 0 ||
        scan_number_or_string(s, &t->size) < 0 || scan_array_next(s) <= 0 || scan_peek(s) != SCAN_STRING ||
        scan_string(s, &t->side) < 0)
        return -EBADMSG;
    while ((r = scan_array_next(s)) > 0)
        if (scan_skip(s) < 0)
            return -EBADMSG;
    *ret_seen = TRADE_PRICE | TRADE_SIZE | TRADE_SIDE;
    return r;
}

static int trades_read(struct scan *s, const struct arg_message *m, struct md_frame *frame)
{
    struct md_event *event = field_event(frame, MD_TRADES);
    struct arg_trade t = { 0 };
    uint32_t seen;
    int r;

    if (!event)
        return -E2BIG;
    (void)text_copy(event->symbol, sizeof(event->symbol), m->arg.symbol);
    event->is_snapshot = m->has_action && field_is(&m->action, "snapshot"); /* Bitget's: recent ones, shown or not */
    while ((r = scan_array_next(s)) > 0) {
        t.venue_ns = 0;
        r = scan_peek(s) == SCAN_ARRAY ? trade_row_read(s, &t, &seen)
                                       : fields_read(s, trade_keys, N_OF(trade_keys), &t, NULL, &seen);
        if (r == 0)
            r = trade_finish(&t, seen, frame, event);
        if (r < 0)
            return r;
    }
    if (m->dialect->trades_newest_first)
        trades_turn(frame->trades + event->trades, event->n_trades);
    frame->n_events++;
    return r;
}

/* The instrument that a channel of the symbol is. Returns: 0, -EBADMSG its name is too long. */
static int book_symbol(const struct arg_dialect *dialect, enum arg_channel channel, const char *symbol,
                       char ret[MD_SYMBOL_SIZE])
{
    struct text text;

    text_init(&text, ret, MD_SYMBOL_SIZE);
    text_add_string(&text, symbol);
    if (channel == ARG_BEST)
        text_add_string(&text, dialect->bbo);
    return text.cut ? -EBADMSG : 0;
}

static int books_read(struct scan *s, const struct arg_message *m, struct md_frame *frame)
{
    int is_whole = m->channel != ARG_BOOK || !m->has_action; /* some frames of `books` have none: whole books */
    struct arg_book_kind kind = { .symbol = m->arg.symbol,
                                  .depth = m->depth,
                                  .view = m->view,
                                  .is_best = m->channel == ARG_BEST,
                                  .is_numbered = !is_whole };
    int r;

    if (!is_whole && !field_is(&m->action, "snapshot") && !field_is(&m->action, "update"))
        return -EBADMSG;
    kind.is_snapshot = is_whole || field_is(&m->action, "snapshot");
    while ((r = scan_array_next(s)) > 0) {
        r = arg_frame_book(s, &kind, frame);
        if (r < 0)
            return r;
    }
    return r;
}

static int data_read(struct scan *s, const struct arg_message *m, struct md_frame *frame)
{
    int r;

    md_frame_reset(frame); /* of a key that comes twice the last value counts */
    if (m->channel == ARG_OTHER || scan_peek(s) != SCAN_ARRAY) {
        if (!field_event(frame, MD_OTHER))
            return -E2BIG;
        frame->n_events++;
        return scan_skip(s);
    }
    if (scan_array_begin(s) < 0)
        return -EBADMSG;
    if (m->channel != ARG_DAY)
        return m->channel == ARG_TRADES ? trades_read(s, m, frame) : books_read(s, m, frame);
    while ((r = scan_array_next(s)) > 0) {
        r = m->dialect->day(s, m->arg.symbol, frame);
        if (r < 0)
            return r;
    }
    return r;
}

static int arg_read(struct scan *s, struct arg_message *m)
{
    uint32_t seen;
    int r;

    if (scan_peek(s) != SCAN_OBJECT)
        return scan_skip(s);
    r = fields_read(s, arg_keys, N_OF(arg_keys), &m->arg, NULL, &seen);
    if (r < 0)
        return r;
    m->has_arg = (seen & (1 << 0 | 1 << 2)) && (seen & (1 << 1 | 1 << 3));
    m->channel = ARG_OTHER;
    m->depth = m->view = 0;
    for (const struct arg_word *w = m->dialect->channels; m->has_arg && w->channel; w++)
        if (field_is(&m->arg.channel, w->channel))
            m->channel = w->what, m->depth = w->depth, m->view = w->view;
    return 0;
}

static int string_take(struct scan *s, struct scan_string *ret, uint8_t *ret_has)
{
    *ret_has = scan_peek(s) == SCAN_STRING;
    return *ret_has ? scan_string(s, ret) : scan_skip(s);
}

static int key_read(struct scan *s, const struct scan_string *key, struct arg_message *m, struct md_frame *frame)
{
    int r;

    if (field_is(key, "arg"))
        return arg_read(s, m);
    if (field_is(key, "action"))
        return string_take(s, &m->action, &m->has_action);
    if (field_is(key, "event"))
        return string_take(s, &m->event, &m->has_event);
    if (field_is(key, "msg"))
        return string_take(s, &m->text, &m->has_text);
    if (field_is(key, "code")) {
        r = field_u64(s, &m->code);
        m->has_code = r > 0;
        return r < 0 ? r : 0;
    }
    if (!field_is(key, "data"))
        return scan_skip(s);
    if (m->has_arg && m->has_action)
        return data_read(s, m, frame);
    m->data = *s;
    return scan_skip(s);
}

/* The word behind `key` in OKX's "...channel:books,instId:BTC-USDTX doesn't exist". Returns 1, or 0 it is not there. */
static int text_word(const char *text, const char *key, struct scan_string *ret)
{
    const char *at = strstr(text, key);

    if (!at)
        return 0;
    at += strlen(key);
    *ret = (struct scan_string){ at, strcspn(at, " ,}\""), 0 };
    return ret->size > 0;
}

/* What the word of an answer is about, where that is no book. */
static uint8_t extra_of(enum arg_channel channel)
{
    return channel == ARG_TRADES ? MD_CHANNEL_TRADES : channel == ARG_DAY ? MD_CHANNEL_DAY : 0;
}

/* Of a book, of trades or the day, that the venue names: in `arg`, or in its text. */
static void error_symbol(const struct arg_message *m, struct md_event *event)
{
    char text[MD_TEXT_SIZE], symbol[MD_SYMBOL_SIZE];
    enum arg_channel channel = m->channel;
    struct scan_string word;
    struct text t;

    event->channel = extra_of(channel);
    if (m->has_arg) {
        (void)book_symbol(m->dialect, channel, m->arg.symbol, event->symbol);
        return;
    }
    if (!m->has_text)
        return;
    text_init(&t, text, sizeof(text));
    scan_string_add(&m->text, &t);
    if (text_word(text, "channel:", &word))
        for (const struct arg_word *w = m->dialect->channels; w->channel; w++)
            if (field_is(&word, w->channel))
                channel = w->what;
    event->channel = extra_of(channel);
    if (text_word(text, "instId:", &word) && field_symbol(&word, symbol) == 0)
        (void)book_symbol(m->dialect, channel, symbol, event->symbol);
}

static int event_add(const struct arg_message *m, struct md_frame *frame)
{
    enum md_kind kind = !m->has_event                                                      ? MD_OTHER
                        : field_is(&m->event, "subscribe")                                 ? MD_SUBSCRIBED
                        : field_is(&m->event, "error")                                     ? MD_ERROR
                        : field_is(&m->event, "notice") && m->has_code && m->code == 64008 ? MD_CLOSING
                                                                                           : MD_STATUS;
    struct md_event *event;

    if (kind == MD_SUBSCRIBED && (!m->has_arg || m->channel == ARG_OTHER))
        kind = MD_STATUS;
    event = field_event(frame, kind);
    if (!event)
        return -E2BIG;
    if (kind == MD_SUBSCRIBED) {
        event->channel = extra_of(m->channel) ? extra_of(m->channel) : MD_CHANNEL_BOOK;
        (void)book_symbol(m->dialect, m->channel, m->arg.symbol, event->symbol);
    }
    if (kind == MD_ERROR) {
        field_error(event, m->has_code ? m->dialect->reason(m->code) : REASON_VENUE_ERROR, NULL,
                    m->has_text ? &m->text : NULL);
        error_symbol(m, event);
    }
    frame->n_events++;
    return 0;
}

static int message_read(struct scan *s, struct arg_message *m, struct md_frame *frame)
{
    struct scan_string key;
    int r = scan_object_begin(s);

    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        r = key_read(s, &key, m, frame);
        if (r < 0)
            return r;
    }
    if (r < 0 || frame->n_events > 0)
        return r;
    if (m->data.at && m->has_arg && !m->has_event)
        return data_read(&m->data, m, frame);
    return event_add(m, frame);
}

int arg_frame_decode(const struct arg_dialect *dialect, const char *bytes, size_t size, struct md_frame *io_frame)
{
    struct arg_message m;
    struct scan s;
    int r;

    md_frame_reset(io_frame);
    if (size == 4 && memcmp(bytes, "pong", 4) == 0) { /* no JSON (sheets, "Keepalive") */
        (void)field_event(io_frame, MD_STATUS);
        io_frame->n_events = 1;
        return 0;
    }
    if (arg_fast(dialect, bytes, size, io_frame))
        return 0;
    m = (struct arg_message){ .dialect = dialect };
    r = scan_begin(&s, bytes, size);
    if (r == 0)
        r = message_read(&s, &m, io_frame);
    if (r == 0)
        r = scan_finish(&s);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}
