/* SPDX-License-Identifier: MIT */
#include "market.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEALED_SIZE_MAX   10000000000 /* 10^10 mantissas: 100.0 at 8 decimals */
#define SIZE_DECIMALS     8
#define THIN_LEVELS_LEAST 3
#define TAPE_SEED         0x7461706573u
#define LEVELS_A_LINE     (64 / sizeof(struct level)) /* of the processor's cache */

uint64_t splitmix64(uint64_t value)
{
    value += 0x9e3779b97f4a7c15u;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

static uint64_t draw(struct market *m, uint64_t below)
{
    m->random = splitmix64(m->random);
    return m->random % below;
}

/* Mostly near the typical size, sometimes dust, sometimes a wall. */
static int64_t draw_size(struct market *m)
{
    int64_t typical = m->profile.size_typical, size, cut = 1;
    uint64_t shape = draw(m, 16);

    if (shape == 0)
        size = 1 + (int64_t)draw(m, (uint64_t)typical / 500 + 2);
    else if (shape == 1)
        size = typical * 8 + (int64_t)draw(m, (uint64_t)typical * 24);
    else
        size = 1 + typical / 20 + (int64_t)draw(m, (uint64_t)typical * 2);
    for (uint8_t i = 0; i < m->profile.dust; i++)
        cut *= 10;
    return size - size % cut;
}

/* Distance to the next level: usually one tick. */
static int64_t draw_gap(struct market *m)
{
    uint64_t shape = draw(m, 8);

    return m->profile.tick * (shape < 6 ? 1 : (int64_t)shape - 4);
}

/* The side grows outwards until it is full, or meets price zero. `way` is -1 for bids, 1 for asks. */
static void side_fill(struct market *m, struct level *side, uint8_t *io_n, int way, unsigned target)
{
    while (*io_n < target) {
        int64_t price = side[*io_n - 1].price + way * draw_gap(m);
        if (price <= 0)
            return;
        side[(*io_n)++] = (struct level){ price, draw_size(m) };
    }
}

static unsigned market_levels(const struct market *m)
{
    return m->profile.levels > 0 ? m->profile.levels : MARKET_LEVELS_USUAL;
}

static void side_push(struct level *side, uint8_t *io_n, unsigned levels, int64_t price, int64_t size)
{
    unsigned keep = *io_n < levels ? *io_n : levels - 1;

    memmove(side + 1, side, keep * sizeof(*side));
    side[0] = (struct level){ price, size };
    *io_n = (uint8_t)(keep + 1);
}

static void side_pop(struct level *side, uint8_t *io_n)
{
    memmove(side, side + 1, (*io_n - 1u) * sizeof(*side));
    (*io_n)--;
}

/* One side gives up its best level, the other takes the place. Refused where a side would end. */
static void walk_move(struct market *m)
{
    struct book *w = &m->walk;
    int64_t middle = w->bids[0].price, reach = m->profile.base / 8;
    bool is_up = draw(m, 2) == 0;

    if (middle > m->profile.base + reach)
        is_up = false;
    if (middle < m->profile.base - reach)
        is_up = true;
    if (is_up ? w->n_asks < 2 : w->n_bids < 2)
        return;
    if (is_up) {
        int64_t price = w->asks[0].price;
        side_pop(w->asks, &w->n_asks);
        if (price > w->bids[0].price)
            side_push(w->bids, &w->n_bids, market_levels(m), price, draw_size(m));
    } else {
        int64_t price = w->bids[0].price;
        side_pop(w->bids, &w->n_bids);
        if (price < w->asks[0].price)
            side_push(w->asks, &w->n_asks, market_levels(m), price, draw_size(m));
    }
}

static void walk_step(struct market *m)
{
    struct book *w = &m->walk;
    unsigned target = market_levels(m), changes = 1 + (unsigned)draw(m, 5);

    if (draw(m, 4) == 0)
        walk_move(m);
    if (m->profile.thin) {
        target = THIN_LEVELS_LEAST + (unsigned)(m->random >> 40) % (target - THIN_LEVELS_LEAST);
        if (draw(m, 4) == 0 && w->n_bids > 2)
            w->n_bids--;
        if (draw(m, 4) == 0 && w->n_asks > 2)
            w->n_asks--;
    }
    side_fill(m, w->bids, &w->n_bids, -1, target);
    side_fill(m, w->asks, &w->n_asks, 1, target);
    while (changes-- > 0) {
        if (draw(m, 2) == 0)
            w->bids[draw(m, w->n_bids)].size = draw_size(m);
        else
            w->asks[draw(m, w->n_asks)].size = draw_size(m);
    }
}

static void walk_start(struct market *m)
{
    struct book *w = &m->walk;

    *w = (struct book){
        .price_decimals = m->profile.price_decimals, .size_decimals = SIZE_DECIMALS, .n_bids = 1, .n_asks = 1
    };
    w->bids[0] = (struct level){ m->profile.base, draw_size(m) };
    w->asks[0] = (struct level){ m->profile.base + m->profile.tick, draw_size(m) };
}

/* See "SEALED BOOKS" in hoga-sim(1); tests/support/sealed.h checks the same. */
static void sealed_step(struct market *m)
{
    struct book *w = &m->walk;
    uint64_t seed = m->seq * 1000003u;
    int64_t price = m->profile.base + (int64_t)(m->seq % 1000) * m->profile.tick;

    w->n_bids = w->n_asks = MARKET_LEVELS_USUAL;
    for (unsigned i = 0; i < MARKET_LEVELS_USUAL; i++) {
        w->bids[i].price = price - (int64_t)i * m->profile.tick;
        w->asks[i].price = price + (int64_t)(i + 1) * m->profile.tick;
        w->bids[i].size = 1 + (int64_t)(splitmix64(seed + i) % SEALED_SIZE_MAX);
        w->asks[i].size = 1 + (int64_t)(splitmix64(seed + 1009 + i) % SEALED_SIZE_MAX);
    }
    w->bids[0].size = (int64_t)m->seq;
}

int market_init(struct market *m, const char *symbol, const struct market_profile *profile, uint64_t seed, bool sealed,
                size_t n_history)
{
    *m = (struct market){ .profile = *profile, .random = splitmix64(seed), .sealed = sealed, .n_history = n_history };
    (void)strncpy(m->symbol, symbol, sizeof(m->symbol) - 1);
    for (const char *at = symbol; *at != '\0'; at++)
        m->random = splitmix64(m->random ^ (uint64_t)(unsigned char)*at);
    m->history = calloc(n_history, sizeof(*m->history));
    if (m->history == NULL ||
        tape_init(&m->tape, (struct number){ profile->base, profile->price_decimals }, m->random ^ TAPE_SEED) < 0) {
        market_done(m);
        return -ENOMEM;
    }
    if (sealed && m->profile.base <= MARKET_LEVELS_USUAL * m->profile.tick)
        m->profile.base = 2 * MARKET_LEVELS_USUAL * m->profile.tick;
    walk_start(m);
    return 0;
}

void market_done(struct market *m)
{
    free(m->history);
    m->history = NULL;
    tape_done(&m->tape);
}

/* The truth is larger than the nearer caches: a place in it is asked for a step before it is written. */
static void book_expect(const struct market *m, const struct book *book)
{
    const struct book *next = &m->history[m->n_books % m->n_history];

    for (unsigned i = 0; i < book->n_bids; i += LEVELS_A_LINE)
        __builtin_prefetch(&next->bids[i], 1);
    for (unsigned i = 0; i < book->n_asks; i += LEVELS_A_LINE)
        __builtin_prefetch(&next->asks[i], 1);
}

static const struct book *book_keep(struct market *m, const struct book *book, int64_t now_ms)
{
    struct book *kept = &m->history[m->n_books % m->n_history];
    int64_t last = m->n_books > 0 ? market_newest(m)->timestamp_ms : 0;

    /* Levels that are in use: the rest of a book of the usual size is half of it. */
    memcpy(kept, book, offsetof(struct book, bids));
    for (unsigned i = 0; i < book->n_bids; i++)
        kept->bids[i] = book->bids[i];
    for (unsigned i = 0; i < book->n_asks; i++)
        kept->asks[i] = book->asks[i];
    kept->timestamp_ms = now_ms > last ? now_ms : last + 1;
    kept->number = ++m->n_books;
    book_expect(m, book);
    return kept;
}

void market_shift_first(struct market *m, int64_t ms)
{
    if (m->n_books == 1)
        m->history[0].timestamp_ms += ms;
}

const struct book *market_step(struct market *m, int64_t now_ms)
{
    struct book crossed;

    m->seq++;
    if (m->sealed)
        sealed_step(m);
    else
        walk_step(m);
    if (!m->is_crossed_next)
        return book_keep(m, &m->walk, now_ms);
    m->is_crossed_next = false;
    crossed = m->walk;
    crossed.asks[0].price = crossed.bids[0].price;
    return book_keep(m, &crossed, now_ms);
}

/* Draws from the tape's own chance: books do not depend on whether there are trades. Sealed books have none, since they
 * are what is measured. */
bool market_trade(struct market *m, int64_t now_ms, struct trade *ret)
{
    const struct book *book = market_newest(m);
    const struct level *level;
    uint64_t chance = m->tape.random = splitmix64(m->tape.random);
    bool is_sell = (chance & 4) != 0;

    if (m->sealed || book == NULL || (chance & 3) != 0 || book->n_bids == 0 || book->n_asks == 0)
        return false;
    level = is_sell ? &book->bids[0] : &book->asks[0];
    if (level->size <= 0)
        return false;
    *ret = (struct trade){ .price = level->price,
                           .size = 1 + (int64_t)((chance >> 8) % (uint64_t)level->size),
                           .price_decimals = book->price_decimals,
                           .size_decimals = book->size_decimals,
                           .is_sell = is_sell,
                           .timestamp_ms = now_ms };
    return true;
}

const struct book *market_set(struct market *m, const struct book *book, int64_t now_ms)
{
    m->seq++;
    return book_keep(m, book, now_ms);
}

const struct book *market_newest(const struct market *m)
{
    return m->n_books == 0 ? NULL : &m->history[(m->n_books - 1) % m->n_history];
}

const struct book *market_before(const struct market *m)
{
    return m->n_books < 2 || m->n_history < 2 ? NULL : &m->history[(m->n_books - 2) % m->n_history];
}

const struct book *market_find(const struct market *m, int64_t timestamp_ms)
{
    uint64_t low = m->n_books > m->n_history ? m->n_books - m->n_history : 0, high = m->n_books;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const struct book *book = &m->history[middle % m->n_history];
        if (book->timestamp_ms == timestamp_ms)
            return book;
        if (book->timestamp_ms < timestamp_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct book *market_numbered(const struct market *m, uint64_t number)
{
    if (number == 0 || number > m->n_books || m->n_books - number >= m->n_history)
        return NULL;
    return &m->history[(number - 1) % m->n_history];
}

struct market *market_by_symbol(const struct market_set *set, const char *symbol, size_t n)
{
    for (size_t i = 0; i < set->n; i++) {
        struct market *m = &set->at[i];
        if (strlen(m->symbol) == n && memcmp(m->symbol, symbol, n) == 0)
            return m->is_hidden ? NULL : m;
    }
    return NULL;
}
