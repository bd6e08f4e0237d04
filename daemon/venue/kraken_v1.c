/* SPDX-License-Identifier: MIT
 * Kraken v1: array frames, numbers as strings, no checksum on snapshots. Of use for recordings only.
 * Source: ../shared/protocols/kraken.md, "v1 differences"; fixture captures/kraken cf-20210417-book1000. */
#include "venue/kraken_private.h"

#include <errno.h>
#include <string.h>

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
    return r < 0 ? r : kraken_trade_add(&trade, frame);
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

int kraken_v1_read(struct scan *s, struct md_frame *frame)
{
    struct kraken_v1 m = { .checksum = 0 };
    struct rows rows;
    int r = scan_array_begin(s);

    rows_begin(&rows, frame, NULL, 1, 1);
    while (r >= 0 && (r = scan_array_next(s)) > 0)
        r = v1_element_read(s, &m, &rows);
    if (r < 0)
        return r;
    if (m.n_words != 2)
        return kraken_plain_add(MD_OTHER, frame);
    if (m.name.size >= 4 && memcmp(m.name.at, "book", 4) == 0)
        return v1_book_add(&m, &rows, frame);
    return field_is(&m.name, "trade") ? v1_trades_read(&m, frame) : kraken_plain_add(MD_OTHER, frame);
}
