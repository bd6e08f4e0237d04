/* SPDX-License-Identifier: MIT */
#include "book/book_private.h"

#include "core/decimal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the message's side is like, found in one pass before anything is changed. */
struct survey {
    uint32_t n; /* levels that are not dropped */
    int is_sorted;
    int64_t price_max, size_max;
};

/* How a message's mantissas become the book's. */
struct scale {
    int64_t price, size;
};

const char *book_step_word(enum book_step step)
{
    static const char *const word[] = {
        [BOOK_SNAPSHOT] = "snapshot", [BOOK_UPDATE] = "update",   [BOOK_CROSSED] = "crossed",
        [BOOK_CHECKSUM] = "checksum", [BOOK_GAP] = "gap",         [BOOK_REFUSED] = "refused",
        [BOOK_BUFFERED] = "buffered", [BOOK_IGNORED] = "ignored",
    };

    assert((size_t)step < sizeof(word) / sizeof(word[0]));
    return word[step];
}

int book_new(const struct book_options *options, struct book **ret)
{
    size_t n = options->levels_max, n_memory;
    struct book *bk;

    assert(n > 0);
    assert(n <= BOOK_LEVELS_MAX);
    bk = calloc(1, sizeof(*bk));
    if (!bk)
        return -ENOMEM;
    bk->options = *options;
    bk->levels_max = options->levels_max;
    bk->room = options->levels_max + (options->levels_max / 4 > ROOM_MIN ? options->levels_max / 4 : ROOM_MIN);
    bk->n_first = options->levels_shown + FIRST_MORE;
    bk->section_size = 2 * bk->n_first > SECTION_SIZE ? 2 * bk->n_first : SECTION_SIZE;
    bk->n_first_max = options->levels_shown > 0 ? 3 * bk->n_first : BOOK_LEVELS_MAX;
    n_memory = bk->room + 2 * CHUNK;
    bk->bids.is_bid = 1;
    bk->bids.n_sections = bk->asks.n_sections = 1;
    bk->bids.section[0] = bk->asks.section[0] = (struct section){ bk->room, bk->room };
    bk->proof = PROOF_NONE;
    /* Not cleared: pages that no message needs are never touched, so depth costs memory only where it is used. */
    bk->bids.memory = malloc((2 * n_memory + 4 * n) * sizeof(struct md_level));
    if (options->has_digits)
        bk->bids.digits = malloc(2 * n_memory * sizeof(uint16_t));
    if (options->buffer_size > 0)
        bk->sync.buffer = malloc(options->buffer_size);
    if (!bk->bids.memory || (options->has_digits && !bk->bids.digits) ||
        (options->buffer_size > 0 && !bk->sync.buffer)) {
        (void)book_free(bk);
        return -ENOMEM;
    }
    bk->sync.buffer_size = options->buffer_size;
    bk->asks.memory = bk->bids.memory + n_memory;
    bk->asks.digits = bk->bids.digits ? bk->bids.digits + n_memory : NULL;
    bk->work = bk->asks.memory + n_memory;
    *ret = bk;
    return 0;
}

struct book *book_free(struct book *bk)
{
    if (bk) {
        free(bk->bids.memory);
        free(bk->bids.digits);
        free(bk->sync.buffer);
    }
    free(bk);
    return NULL;
}

static int level_is_dropped(const struct md_level *level)
{
    return level->price == 0 || level->size == 0;
}

static struct survey survey_make(const struct md_level *levels, uint32_t n, int is_bid)
{
    struct survey s = { .is_sorted = 1 };
    int64_t last = 0;

    for (uint32_t i = 0; i < n; i++) {
        if (level_is_dropped(&levels[i]))
            continue;
        assert(levels[i].price > 0);
        assert(levels[i].size > 0);
        if (s.n > 0 && !price_is_better(is_bid, last, levels[i].price))
            s.is_sorted = 0;
        last = levels[i].price;
        if (levels[i].price > s.price_max)
            s.price_max = levels[i].price;
        if (levels[i].size > s.size_max)
            s.size_max = levels[i].size;
        s.n++;
    }
    return s;
}

/* The decimals to keep: those the book has while they hold every number of the message, else the message's own. */
static unsigned decimals_choose(unsigned had, unsigned want, int64_t mantissa_max)
{
    int64_t scaled;

    if (had <= want || __builtin_mul_overflow(mantissa_max, decimal_pow10[had - want], &scaled))
        return want;
    return had;
}

static struct md_level level_scale(const struct md_level *level, const struct scale *scale)
{
    struct md_level to;
    int overflow = __builtin_mul_overflow(level->price, scale->price, &to.price);

    overflow |= __builtin_mul_overflow(level->size, scale->size, &to.size);
    assert(!overflow); /* ours: decimals_choose tried the largest */
    return to;
}

/* Strictly sorted levels straight into place. Returns 1 if the side differs from what it was, else 0. */
static int side_write(const struct book *bk, struct side *side, const struct md_level *from, const uint16_t *digits,
                      uint32_t n_kept, const struct scale *scale)
{
    uint32_t n = n_kept < bk->levels_max ? n_kept : bk->levels_max;
    int64_t difference = (int64_t)side->n ^ (int64_t)n;
    struct md_level *to;

    side_pack(bk, side); /* what was the best is compared with what is */
    side->n = n;
    side->section[0].first = bk->room - n;
    to = side_levels(side);
    for (uint32_t i = 0, at = 0; i < n; at++) {
        struct md_level level;

        if (level_is_dropped(&from[at]))
            continue;
        level = level_scale(&from[at], scale);
        difference |= (to[i].price ^ level.price) | (to[i].size ^ level.size);
        if (side->digits)
            side_digits(side)[i] = digits[at];
        to[i++] = level;
    }
    return difference != 0;
}

/* Sorts the n levels of work[0..2 * levels_max), keeps the last of each price and the best of all. Returns how many. */
static uint32_t work_sort(struct book *bk, uint32_t n, int is_bid)
{
    struct md_level *sorted = levels_sort(bk->work, bk->work + 2 * (size_t)bk->levels_max, n, is_bid);
    uint32_t n_kept = 0;

    for (uint32_t i = 0; i < n && n_kept < bk->levels_max; i++) {
        if (i + 1 < n && sorted[i + 1].price == sorted[i].price)
            continue;
        bk->work[n_kept++] = sorted[i];
    }
    return n_kept;
}

/* Levels in any order. They pass through twice levels_max of work memory, sorted and cut each time it is full, so a
 * message of any size costs bounded memory and time. Returns 1 if the side differs from what it was, else 0. */
static int side_fold(struct book *bk, struct side *side, const struct md_level *from, uint32_t n_from,
                     const struct scale *scale)
{
    static const struct scale one = { 1, 1 };
    uint32_t n = 0;

    for (uint32_t i = 0; i < n_from; i++) {
        if (level_is_dropped(&from[i]))
            continue;
        if (n == 2 * bk->levels_max)
            n = work_sort(bk, n, side->is_bid);
        bk->work[n++] = level_scale(&from[i], scale);
    }
    n = work_sort(bk, n, side->is_bid);
    return side_write(bk, side, bk->work, NULL, n, &one);
}

/* Levels in any order of which each keeps its spelling: one after the other, as an update brings them. */
static int side_refill(struct book *bk, struct side *side, const struct md_level *from, const uint16_t *digits,
                       uint32_t n_from, const struct scale *scale)
{
    (void)side_cut(side, 0);
    for (uint32_t i = 0; i < n_from; i++) {
        struct md_level level;

        if (level_is_dropped(&from[i]))
            continue;
        level = level_scale(&from[i], scale);
        (void)side_put(bk, side, &level, &digits[i], 1);
    }
    return 1;
}

static int side_replace(struct book *bk, struct side *side, const struct message *m, const struct survey *survey,
                        const struct scale *scale)
{
    const struct md_level *from = side->is_bid ? m->bids : m->asks;
    const uint16_t *digits = side->is_bid ? m->bid_digits : m->ask_digits;
    uint32_t n_from = side->is_bid ? m->n_bids : m->n_asks;
    int changed;

    side->is_cut = 0;
    side->has_edge = 0;
    side->is_unsorted = 0;
    if (survey->is_sorted)
        changed = side_write(bk, side, from, digits, survey->n, scale);
    else if (side->digits)
        changed = side_refill(bk, side, from, digits, n_from, scale);
    else
        changed = side_fold(bk, side, from, n_from, scale);
    side_edge_set(bk, side, survey->n, m->depth);
    return changed;
}

struct message message_of(const struct book *bk, const struct md_event *event, const struct md_frame *frame)
{
    return (struct message){
        .bids = frame->bids + event->bids,
        .asks = frame->asks + event->asks,
        .bid_digits = bk->options.has_digits ? frame->bid_digits + event->bids : NULL,
        .ask_digits = bk->options.has_digits ? frame->ask_digits + event->asks : NULL,
        .n_bids = event->n_bids,
        .n_asks = event->n_asks,
        .depth = bk->depth == 0 ? event->depth : 0,
        .price_decimals = event->price_decimals,
        .size_decimals = event->size_decimals,
        .venue_ns = event->venue_ns,
    };
}

int book_replace(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                 const struct feed_input *in)
{
    const struct message m = message_of(bk, event, frame);
    struct survey bid, ask;
    struct scale scale;
    unsigned price_decimals, size_decimals;
    int changed;

    if (event->number_range)
        return -ERANGE;
    assert(m.price_decimals <= MD_DECIMALS_MAX);
    assert(m.size_decimals <= MD_DECIMALS_MAX);
    bid = survey_make(m.bids, m.n_bids, 1);
    ask = survey_make(m.asks, m.n_asks, 0);
    price_decimals = decimals_choose(bk->price_decimals, m.price_decimals,
                                     bid.price_max > ask.price_max ? bid.price_max : ask.price_max);
    size_decimals =
        decimals_choose(bk->size_decimals, m.size_decimals, bid.size_max > ask.size_max ? bid.size_max : ask.size_max);
    scale.price = decimal_pow10[price_decimals - m.price_decimals];
    scale.size = decimal_pow10[size_decimals - m.size_decimals];

    /* From here on nothing can fail. Other decimals are other bytes for a reader: they count as a change. */
    changed = price_decimals != bk->price_decimals || size_decimals != bk->size_decimals;
    bk->price_decimals = (uint8_t)price_decimals;
    bk->size_decimals = (uint8_t)size_decimals;
    changed |= side_replace(bk, &bk->bids, &m, &bid, &scale);
    changed |= side_replace(bk, &bk->asks, &m, &ask, &scale);
    changed |= book_cut(bk);
    bk->n_applied++;
    bk->venue_ns = m.venue_ns;
    bk->recv_ns = in->recv_ns;
    if (changed || bk->n_applied == 1)
        bk->changed_boot_ns = in->now_boot_ns;
    return 0;
}

void book_view(const struct book *bk, struct book_view *ret)
{
    *ret = (struct book_view){
        .bids = side_levels(&bk->bids),
        .asks = side_levels(&bk->asks),
        .n_bids = side_n_shown(bk, &bk->bids),
        .n_asks = side_n_shown(bk, &bk->asks),
        .price_decimals = bk->price_decimals,
        .size_decimals = bk->size_decimals,
        .n_applied = bk->n_applied,
        .venue_ns = bk->venue_ns,
        .recv_ns = bk->recv_ns,
        .changed_boot_ns = bk->changed_boot_ns,
        .verdict = bk->verdict,
        .proof = bk->proof,
    };
}

int book_verdict_set(struct book *bk, enum state state, enum reason reason, int64_t now_ns)
{
    if (bk->verdict.state == state && bk->verdict.reason == reason)
        return 0;
    bk->verdict = (struct book_verdict){ (uint8_t)state, (uint8_t)reason, now_ns };
    return 1;
}

int book_is_crossed(const struct book *bk)
{
    if (bk->bids.n == 0 || bk->asks.n == 0)
        return 0;
    return side_levels(&bk->bids)->price >= side_levels(&bk->asks)->price;
}

const struct book_verdict *book_verdict(const struct book *bk)
{
    return &bk->verdict;
}

int book_verdict_is(const struct book *bk, enum state state)
{
    return bk->verdict.state == state;
}

void book_lag_set(struct book *bk, int is_lagging)
{
    bk->is_lagging = is_lagging != 0;
}

int book_is_lagging(const struct book *bk)
{
    return bk->is_lagging;
}

const struct book_options *book_options_of(const struct book *bk)
{
    return &bk->options;
}

static int side_is_same(const struct book *a, const struct side *sa, const struct book *b, const struct side *sb)
{
    uint32_t n_a = side_n_shown(a, sa), n_b = side_n_shown(b, sb);
    uint32_t n = n_a < n_b ? n_a : n_b, n_shown = a->options.levels_shown;

    if (n_a != n_b && (n_shown == 0 || n < n_shown))
        return 0;
    return n == 0 || memcmp(side_levels(sa), side_levels(sb), n * sizeof(struct md_level)) == 0;
}

int book_is_same(const struct book *a, const struct book *b)
{
    return a->price_decimals == b->price_decimals && a->size_decimals == b->size_decimals &&
           side_is_same(a, &a->bids, b, &b->bids) && side_is_same(a, &a->asks, b, &b->asks);
}

void book_inherit(struct book *bk, const struct book *from)
{
    int is_same = book_is_same(bk, from);

    bk->n_applied = from->n_applied + (is_same ? 0 : 1);
    bk->depth = from->depth;
    bk->is_lagging = from->is_lagging;
    if (bk->is_lagging && book_verdict_is(bk, STATE_LIVE)) /* how late the new one is, its next message will say */
        (void)book_verdict_set(bk, STATE_LAGGING, REASON_VENUE_DELAY, bk->verdict.since_ns);
    if (bk->verdict.state == from->verdict.state && bk->verdict.reason == from->verdict.reason)
        bk->verdict.since_ns = from->verdict.since_ns;
    if (is_same)
        bk->changed_boot_ns = from->changed_boot_ns;
}
