/* SPDX-License-Identifier: MIT */
#include "book_upbit.h"

/* Source for every rule here: ../shared/protocols/upbit.md. */

struct key {
    const char *text;
    size_t n;
};

#define KEY(literal)                                                                                                   \
    {                                                                                                                  \
        literal, sizeof(literal) - 1                                                                                   \
    }

static const struct upbit_keys {
    struct key head, timestamp, ask_total, bid_total, units;
    struct key ask_price, bid_price, ask_size, bid_size;
    struct key snapshot, realtime;
    void (*price)(struct pen *p, struct number n);
    void (*size)(struct pen *p, struct number n);
} upbit_keys[] = {
    { KEY("{\"type\":\"orderbook\",\"code\":\""), KEY("\",\"timestamp\":"), KEY(",\"total_ask_size\":"),
      KEY(",\"total_bid_size\":"), KEY(",\"orderbook_units\":["), KEY("{\"ask_price\":"), KEY(",\"bid_price\":"),
      KEY(",\"ask_size\":"), KEY(",\"bid_size\":"), KEY("],\"stream_type\":\"SNAPSHOT\",\"level\":"),
      KEY("],\"stream_type\":\"REALTIME\",\"level\":"), pen_java, pen_fixed },
    { KEY("{\"ty\":\"orderbook\",\"cd\":\""), KEY("\",\"tms\":"), KEY(",\"tas\":"), KEY(",\"tbs\":"), KEY(",\"obu\":["),
      KEY("{\"ap\":"), KEY(",\"bp\":"), KEY(",\"as\":"), KEY(",\"bs\":"), KEY("],\"st\":\"SNAPSHOT\",\"lv\":"),
      KEY("],\"st\":\"REALTIME\",\"lv\":"), pen_short, pen_short },
};

/* What one message shows of a book. */
struct sides {
    const struct level *bids, *asks;
    unsigned n_bids, n_asks;
};

/* The levels of one side put together at a price step: bids down to it, asks up to it. */
static unsigned grouped(const struct level *side, unsigned n, int64_t step, bool is_ask, struct level *ret)
{
    unsigned out = 0;

    for (unsigned i = 0; i < n; i++) {
        int64_t price = (side[i].price + (is_ask ? step - 1 : 0)) / step * step;
        if (out > 0 && ret[out - 1].price == price)
            ret[out - 1].size += side[i].size;
        else
            ret[out++] = (struct level){ price, side[i].size };
    }
    return out;
}

static unsigned at_most(unsigned n, unsigned most)
{
    return n < most ? n : most;
}

static struct sides sides_plain(const struct book *b, unsigned depth)
{
    return (struct sides){ b->bids, b->asks, at_most(b->n_bids, depth), at_most(b->n_asks, depth) };
}

static struct sides sides_grouped(const struct book *b, const struct subscription *s,
                                  struct level bids[MARKET_LEVELS_MAX], struct level asks[MARKET_LEVELS_MAX])
{
    unsigned n_bids = grouped(b->bids, b->n_bids, s->group, false, bids);
    unsigned n_asks = grouped(b->asks, b->n_asks, s->group, true, asks);

    return (struct sides){ bids, asks, at_most(n_bids, s->depth), at_most(n_asks, s->depth) };
}

static uint64_t total(const struct level *side, unsigned n)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < n; i++)
        sum += (uint64_t)side[i].size;
    return sum > INT64_MAX ? INT64_MAX : sum;
}

/* A message in the making. What the one before has spelled is copied: most books differ from the last in a few sizes,
 * or by a level that a side has lost or gained at its best. */
struct message {
    struct pen *pen;
    const struct upbit_keys *keys;
    const struct book *book;
    struct sides now;
    const struct written *last; /* NULL: all is spelled anew */
    struct sides then;
    struct written_row *rows;
};

/* Where a level's price and size were spelled in the message before; row -1: nowhere. */
struct found {
    int price_row, size_row;
};

static void key(struct pen *p, const struct key *k)
{
    pen_bytes(p, k->text, k->n);
}

/* Level `i` of a side, looked for near where the one before it was: `*io_shift` rows further down. */
static struct found level_find(const struct level *then, unsigned n_then, const struct level *now, unsigned i,
                               int *io_shift)
{
    static const int steps[] = { 0, 1, -1 };

    for (unsigned k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
        int at = (int)i + *io_shift + steps[k];
        if (at < 0 || at >= (int)n_then || then[at].price != now[i].price)
            continue;
        *io_shift += steps[k];
        return (struct found){ at, then[at].size == now[i].size ? at : -1 };
    }
    return (struct found){ -1, -1 };
}

/* The number `which` of a row. A slot beyond a thin side is written as 0 and 0: `n` is NULL. */
static void number(struct message *m, struct written_row *row, unsigned which, int from, const struct number *n)
{
    const struct written_row *then = from < 0 ? NULL : &m->last->row[from];
    size_t begin = m->pen->used;

    if (then != NULL)
        pen_again(m->pen, m->last->text + then->at + then->number_at[which], then->number_size[which]);
    else if (n == NULL)
        pen_bytes(m->pen, "0", 1);
    else
        (which < 2 ? m->keys->price : m->keys->size)(m->pen, *n);
    row->number_at[which] = (uint16_t)(begin - row->at);
    row->number_size[which] = (uint8_t)(m->pen->used - begin);
}

static void row_spell(struct message *m, unsigned i, int *io_ask_shift, int *io_bid_shift)
{
    bool has_ask = i < m->now.n_asks, has_bid = i < m->now.n_bids;
    uint8_t price_decimals = m->book->price_decimals, size_decimals = m->book->size_decimals;
    struct found ask = { -1, -1 }, bid = { -1, -1 };
    struct number price, size;
    struct written_row *row = &m->rows[i];

    if (m->last != NULL && has_ask)
        ask = level_find(m->then.asks, m->then.n_asks, m->now.asks, i, io_ask_shift);
    if (m->last != NULL && has_bid)
        bid = level_find(m->then.bids, m->then.n_bids, m->now.bids, i, io_bid_shift);
    row->at = (uint32_t)m->pen->used;
    pen_bytes(m->pen, ",", i > 0);
    price = (struct number){ has_ask ? m->now.asks[i].price : 0, price_decimals };
    key(m->pen, &m->keys->ask_price);
    number(m, row, 0, ask.price_row, has_ask ? &price : NULL);
    price.mantissa = has_bid ? m->now.bids[i].price : 0;
    key(m->pen, &m->keys->bid_price);
    number(m, row, 1, bid.price_row, has_bid ? &price : NULL);
    size = (struct number){ has_ask ? m->now.asks[i].size : 0, size_decimals };
    key(m->pen, &m->keys->ask_size);
    number(m, row, 2, ask.size_row, has_ask ? &size : NULL);
    size.mantissa = has_bid ? m->now.bids[i].size : 0;
    key(m->pen, &m->keys->bid_size);
    number(m, row, 3, bid.size_row, has_bid ? &size : NULL);
    pen_bytes(m->pen, "}", 1);
}

static bool level_is_same(const struct level *a, unsigned n_a, const struct level *b, unsigned n_b, unsigned i)
{
    if (i >= n_a || i >= n_b)
        return i >= n_a && i >= n_b;
    return a[i].price == b[i].price && a[i].size == b[i].size;
}

/* How many rows from `i` on say what they said in the message before. */
static unsigned rows_same(const struct message *m, unsigned i, unsigned depth)
{
    unsigned n = 0;

    while (m->last != NULL && i + n < depth &&
           level_is_same(m->then.asks, m->then.n_asks, m->now.asks, m->now.n_asks, i + n) &&
           level_is_same(m->then.bids, m->then.n_bids, m->now.bids, m->now.n_bids, i + n))
        n++;
    return n;
}

static void rows_copy(struct message *m, unsigned i, unsigned n)
{
    const struct written_row *then = &m->last->row[i];
    uint32_t shift = (uint32_t)m->pen->used - then->at;

    for (unsigned k = 0; k < n; k++) {
        m->rows[i + k] = then[k];
        m->rows[i + k].at += shift;
    }
    pen_bytes(m->pen, m->last->text + then->at, then[n].at - then->at);
}

static void rows_spell(struct message *m, unsigned depth)
{
    int ask_shift = 0, bid_shift = 0;
    unsigned i = 0;

    while (i < depth) {
        unsigned n = rows_same(m, i, depth);
        if (n > 0)
            rows_copy(m, i, n);
        else
            row_spell(m, i, &ask_shift, &bid_shift);
        i += n > 0 ? n : 1;
    }
    m->rows[depth].at = (uint32_t)m->pen->used;
}

/* The message before, if this one may copy of it. */
static const struct written *last_of(const struct frame *f, const struct subscription *s)
{
    const struct written *last = f->last;

    if (last == NULL || s->group != 0 || last->book->price_decimals != f->book->price_decimals ||
        last->book->size_decimals != f->book->size_decimals)
        return NULL;
    return last;
}

void book_upbit(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                const struct frame *f, struct pen *io_text)
{
    const struct subscription *s = io_subscription;
    const struct book *book = f->book;
    uint32_t form = io_session->form;
    const struct upbit_keys *k = &upbit_keys[form == UPBIT_SIMPLE || form == UPBIT_SIMPLE_LIST];
    bool is_list = form == UPBIT_JSON_LIST || form == UPBIT_SIMPLE_LIST;
    struct level bids[MARKET_LEVELS_MAX], asks[MARKET_LEVELS_MAX];
    struct written_row unused[MARKET_LEVELS_MAX + 1];
    struct message message = { .pen = io_text,
                               .keys = k,
                               .book = book,
                               .now = sides_plain(book, s->depth),
                               .last = last_of(f, s),
                               .rows = f->rows != NULL ? f->rows : unused };
    struct pen *p = io_text;

    if (s->group != 0)
        message.now = sides_grouped(book, s, bids, asks);
    if (message.last != NULL)
        message.then = sides_plain(message.last->book, s->depth);
    pen_bytes(p, "[", is_list);
    key(p, &k->head);
    pen_string(p, m->symbol);
    key(p, &k->timestamp);
    pen_i64(p, book->timestamp_ms);
    key(p, &k->ask_total);
    k->size(p, (struct number){ (int64_t)total(message.now.asks, message.now.n_asks), book->size_decimals });
    key(p, &k->bid_total);
    k->size(p, (struct number){ (int64_t)total(message.now.bids, message.now.n_bids), book->size_decimals });
    key(p, &k->units);
    rows_spell(&message, s->depth);
    key(p, f->is_first ? &k->snapshot : &k->realtime);
    pen_plain(p, (struct number){ s->group, book->price_decimals });
    pen_padding(p, f->padding);
    pen_bytes(p, "}", 1);
    pen_bytes(p, "]", is_list);
}
