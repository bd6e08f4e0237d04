/* SPDX-License-Identifier: MIT
 * A kept book against a model that forgets nothing: a sorted list of all that was said. What the book holds down to its
 * edge is what the model holds there; without an edge, all of it. Messages in order, in the other order and in none,
 * with prices twice, missing deletes, sides that are full, a venue's depth, decimals that change, whole books between.
 */
#include "book/book_private.h"

#include "core/decimal.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_MAX      8192
#define MESSAGE_MAX    4096
#define MODEL_DECIMALS 4 /* of price and size alike; messages have as many or fewer */
#define MIDDLE         1000000000000

struct known {
    int64_t price, size; /* at MODEL_DECIMALS */
    uint16_t digits;
};

struct trial {
    struct book_options options;
    uint32_t depth, n_usual; /* levels of a side that the market has about */
    unsigned steps;
    uint32_t n_sections; /* at least, at some time */
    int is_sorted;       /* every message is in one order or the other, with no price twice */
};

struct model {
    struct known side[2][MODEL_MAX]; /* asks, bids; best first */
    uint32_t n[2], n_most[2];        /* n_most: since the last whole book */
    int was_cut[2];                  /* that whole book left an edge */
};

static uint64_t chance;

static uint32_t dice(uint32_t n)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(chance >> 33) % n;
}

static uint32_t model_find(const struct model *m, int is_bid, int64_t price)
{
    uint32_t low = 0, high = m->n[is_bid];

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (price_is_better(is_bid, m->side[is_bid][middle].price, price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void model_put(struct model *m, int is_bid, struct known level)
{
    struct known *at = &m->side[is_bid][model_find(m, is_bid, level.price)], *end = m->side[is_bid] + m->n[is_bid];
    int is_there = at < end && at->price == level.price;

    if (level.price == 0)
        return;
    if (is_there && level.size > 0) {
        *at = level;
    } else if (is_there) {
        memmove(at, at + 1, (size_t)(end - at - 1) * sizeof(*at));
        m->n[is_bid]--;
    } else if (level.size > 0) {
        cr_assert(m->n[is_bid] < MODEL_MAX);
        memmove(at + 1, at, (size_t)(end - at) * sizeof(*at));
        *at = level;
        m->n[is_bid]++;
    }
    if (m->n[is_bid] > m->n_most[is_bid])
        m->n_most[is_bid] = m->n[is_bid];
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static int order; /* of prices: 0 rising, 1 falling */

static int compare(const void *a, const void *b)
{
    const struct md_level *x = a, *y = b;

    return ((x->price > y->price) - (x->price < y->price)) * (order ? -1 : 1);
}

/* A price that the side has, or one around it; at `decimals`. */
static int64_t price_draw(const struct model *m, int is_bid, unsigned decimals, uint32_t n_usual, int is_snapshot)
{
    int64_t unit = decimal_pow10[MODEL_DECIMALS - decimals];
    int64_t away = dice(is_snapshot || dice(3) == 0 ? n_usual * 2 : 40) * 7;
    uint32_t n = m->n[is_bid];

    if (!is_snapshot && n > 0 && dice(2) == 0)
        return m->side[is_bid][dice(dice(2) == 0 ? n : (n < 50 ? n : 50))].price / unit;
    return MIDDLE / unit + (is_bid ? -away : away);
}

/* A stretch of levels that all go, or of new ones that lie close together. */
static void stretch_make(const struct model *m, int is_bid, unsigned decimals, struct md_level *to, uint32_t n)
{
    int64_t unit = decimal_pow10[MODEL_DECIMALS - decimals];
    uint32_t at = m->n[is_bid] > 0 ? dice(m->n[is_bid]) : 0, goes = dice(2);

    if (dice(3) == 0)
        at = 0;
    for (uint32_t i = 0; i < n; i++) {
        int64_t price = at < m->n[is_bid] ? m->side[is_bid][at].price / unit : MIDDLE / unit;

        to[i].price = goes ? price : price + (is_bid ? -(int64_t)i : (int64_t)i);
        to[i].size = goes ? 0 : 1 + i;
        at += goes;
    }
}

/* Returns how many levels are left. */
static uint32_t doubles_drop(struct md_level *levels, uint32_t n)
{
    uint32_t n_kept = 0;

    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || levels[i].price != levels[n_kept - 1].price)
            levels[n_kept++] = levels[i];
    return n_kept;
}

static void side_make(const struct trial *t, const struct model *m, int is_bid, struct md_frame *frame,
                      struct md_event *e, uint32_t n)
{
    uint32_t n_usual = t->n_usual;
    struct md_level *to = is_bid ? frame->bids : frame->asks;
    uint16_t *digits = is_bid ? frame->bid_digits : frame->ask_digits;
    int is_falling = m->n[is_bid] > n_usual;

    for (uint32_t i = 0; i < n; i++) {
        to[i].price = price_draw(m, is_bid, e->price_decimals, n_usual, e->is_snapshot);
        to[i].size = dice(10) < (is_falling ? 6u : 3u) ? 0 : 1 + dice(5000);
        if (dice(200) == 0)
            to[i].price = 0;
        if (i > 0 && dice(40) == 0)
            to[i].price = to[dice(i)].price; /* twice in one message */
        digits[i] = (uint16_t)dice(1000);
    }
    if (!e->is_snapshot && dice(5) == 0)
        stretch_make(m, is_bid, e->price_decimals, to, n);
    order = (int)dice(t->is_sorted ? 2 : 4); /* one, the other, or none */
    if (order < 2)
        qsort(to, n, sizeof(*to), compare);
    if (t->is_sorted)
        n = doubles_drop(to, n);
    if (is_bid)
        e->n_bids = n;
    else
        e->n_asks = n;
}

static void message_make(const struct trial *t, struct model *m, struct md_frame *frame, struct md_event *e,
                         int is_snapshot)
{
    md_frame_reset(frame);
    *e = (struct md_event){ .kind = MD_BOOK, .is_snapshot = (uint8_t)is_snapshot };
    e->price_decimals = (uint8_t)(dice(30) == 0 ? dice(MODEL_DECIMALS + 1) : 2);
    e->size_decimals = (uint8_t)(dice(30) == 0 ? dice(MODEL_DECIMALS + 1) : 2);
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        uint32_t n = dice(4) == 0 ? dice(300) : dice(12);

        if (is_snapshot)
            n = t->n_usual / 2 + dice(t->n_usual);
        side_make(t, m, is_bid, frame, e, n);
    }
    if (is_snapshot && dice(3) == 0)
        e->depth = 1 + dice(t->n_usual);
}

static void model_take(const struct trial *t, struct model *m, const struct md_frame *frame, const struct md_event *e)
{
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        const struct md_level *from = is_bid ? frame->bids : frame->asks;
        const uint16_t *digits = is_bid ? frame->bid_digits : frame->ask_digits;
        uint32_t n = is_bid ? e->n_bids : e->n_asks;

        if (e->is_snapshot)
            m->n[is_bid] = m->n_most[is_bid] = 0;
        for (uint32_t i = 0; i < n; i++)
            if (!e->is_snapshot || from[i].size > 0)
                model_put(m, is_bid,
                          (struct known){ from[i].price * decimal_pow10[MODEL_DECIMALS - e->price_decimals],
                                          from[i].size * decimal_pow10[MODEL_DECIMALS - e->size_decimals],
                                          t->options.has_digits ? digits[i] : 0 });
        if (t->depth > 0 && m->n[is_bid] > t->depth)
            m->n[is_bid] = t->depth;
    }
}

/* --- comparison --------------------------------------------------------------------------------------------------- */

static int level_is(const struct book *bk, const struct side *side, uint32_t index, const struct known *want)
{
    const struct md_level *level = &side->memory[index];

    return level->price * decimal_pow10[MODEL_DECIMALS - bk->price_decimals] == want->price &&
           level->size * decimal_pow10[MODEL_DECIMALS - bk->size_decimals] == want->size &&
           (!side->digits || side->digits[index] == want->digits);
}

/* Sections lie in order, with nothing between them that belongs to another, and are all of the side. Prices are in
 * order throughout, also those of holes; the first section has none. Returns how many holes there are. */
static uint32_t sections_check(const struct book *bk, const struct side *side, unsigned step)
{
    uint32_t n = 0, n_holes = 0;
    int64_t last = side->is_bid ? INT64_MAX : INT64_MIN;

    for (uint32_t k = 0; k < side->n_sections; k++) {
        const struct section *s = &side->section[k];

        cr_assert(s->first <= s->end && s->end <= (k + 1 < side->n_sections ? s[1].first : bk->room),
                  "step %u: section %u", step, k);
        cr_assert(side->n_sections == 1 || s->first < s->end, "step %u: section %u is empty", step, k);
        for (uint32_t i = s->first; i < s->end; i++) {
            cr_assert(price_is_better(side->is_bid, last, side->memory[i].price), "step %u: order at %u", step, i);
            cr_assert(k > 0 || side->memory[i].size != 0, "step %u: a hole where levels are shown", step);
            last = side->memory[i].price;
            n_holes += side->memory[i].size == 0;
        }
        for (uint32_t i = s->end; k + 1 < side->n_sections && i < s[1].first; i++)
            cr_assert(side->memory[i].price == last && side->memory[i].size != 0, "step %u: room at %u", step, i);
        n += s->end - s->first;
    }
    n -= n_holes;
    cr_assert_eq(n, side->n, "step %u: sections", step);
    cr_assert_leq(n, bk->levels_max, "step %u", step);
    cr_assert(side->n_sections == 1 || side_n_first(side) >= bk->n_first, "step %u: the first section", step);
    return n_holes;
}

/* Down to the edge the side is the model. Returns how many levels that are; all that are kept, into *ret_n_kept. */
static uint32_t side_check(const struct book *bk, const struct side *side, const struct model *m, unsigned step)
{
    const struct known *want = m->side[side->is_bid];
    int64_t edge = side->has_edge ? side->edge * decimal_pow10[MODEL_DECIMALS - bk->price_decimals] : 0;
    uint32_t n_want = 0, n = 0;

    while (n_want < m->n[side->is_bid] && (!side->has_edge || !price_is_better(side->is_bid, edge, want[n_want].price)))
        n_want++;
    for (uint32_t k = 0; k < side->n_sections; k++)
        for (uint32_t i = side->section[k].first; i < side->section[k].end; i++) {
            if (side->memory[i].size == 0)
                continue;
            cr_assert(n < m->n[side->is_bid] && level_is(bk, side, i, &want[n]), "step %u: level %u of side %u", step,
                      n, side->is_bid);
            cr_assert(n < n_want || !side->is_cut, "step %u: worse than the edge of a cut", step);
            n++;
        }
    cr_assert(side->is_cut ? n == n_want : n == m->n[side->is_bid], "step %u: %u levels, %u known", step, n,
              m->n[side->is_bid]);
    if (!m->was_cut[side->is_bid] && m->n_most[side->is_bid] <= bk->levels_max)
        cr_assert_not(side->has_edge, "step %u: nothing was ever dropped", step);
    return n_want;
}

static int is_certain(const struct side *side, uint32_t n_certain, uint32_t n)
{
    return !side->has_edge || n_certain >= n;
}

static void view_check(const struct book *bk, const struct model *m, const uint32_t n_certain[2], unsigned step)
{
    uint32_t shown = bk->options.levels_shown, depth = 3 * bk->n_first; /* deep in what has holes */
    struct book_view view;
    int is_short = 0, is_shallow = 0;

    book_view(bk, &view);
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        const struct side *side = is_bid ? &bk->bids : &bk->asks;
        const struct md_level *levels = is_bid ? view.bids : view.asks;
        uint32_t n = is_bid ? view.n_bids : view.n_asks, most = side->n_given - side->n_given / 4, more;

        for (uint32_t i = 0; i < n; i++)
            cr_assert(level_is(bk, side, (uint32_t)(levels + i - side->memory), &m->side[is_bid][i]), "step %u", step);
        if (is_certain(side, n_certain[is_bid], shown))
            cr_assert(n >= shown || n == side->n, "step %u: %u shown", step, n);
        else
            cr_assert_eq(n, n_certain[is_bid], "step %u: %u shown, %u certain", step, n, n_certain[is_bid]);
        is_short |= !is_certain(side, n_certain[is_bid], shown < most ? shown : most);
        most = depth < most ? depth : most;
        more = (side->n_given - most) / 2;
        is_shallow |= !is_certain(side, n_certain[is_bid], most + (more < most / 2 ? more : most / 2));
    }
    cr_assert_eq(book_is_shallow(bk, depth), is_shallow, "step %u", step);
    cr_assert_eq(book_is_short(bk), is_short, "step %u", step);
}

/* --- trials ------------------------------------------------------------------------------------------------------- */

static void trial_run(const struct trial *t)
{
    static struct model model;
    struct feed_input in = { .kind = FEED_INPUT_RX };
    struct md_frame *frame;
    struct md_event e;
    struct book *bk;
    uint32_t n_sections = 0;

    chance = 20261128;
    memset(&model, 0, sizeof(model));
    cr_assert_eq(book_new(&t->options, &bk), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    book_depth_set(bk, t->depth);
    for (unsigned step = 0; step < t->steps; step++) {
        int is_snapshot = step == 0 || dice(150) == 0;
        uint32_t n_certain[2];

        message_make(t, &model, frame, &e, is_snapshot);
        model_take(t, &model, frame, &e);
        cr_assert_eq((is_snapshot ? book_replace : book_update)(bk, &e, frame, &in), 0, "step %u", step);
        for (int is_bid = 0; is_bid < 2; is_bid++) {
            const struct side *side = is_bid ? &bk->bids : &bk->asks;

            n_sections = side->n_sections > n_sections ? side->n_sections : n_sections;
            if (is_snapshot)
                model.was_cut[is_bid] = side->has_edge;
            (void)sections_check(bk, side, step);
            n_certain[is_bid] = side_check(bk, side, &model, step);
        }
        view_check(bk, &model, n_certain, step);
    }
    cr_expect_geq(n_sections, t->n_sections, "%u sections", n_sections);
    bk = book_free(bk);
    frame = md_frame_free(frame);
}

ParameterizedTestParameters(book_model, a_book_is_what_was_said_down_to_its_edge)
{
    static struct trial trials[] = {
        { { .levels_max = 6000, .levels_shown = 30 }, 0, 3000, 400, 4, 0 },
        { { .levels_max = 6000, .levels_shown = 30, .has_digits = 1 }, 0, 2000, 300, 2, 0 },
        { { .levels_max = 3000, .levels_shown = 400 }, 0, 2500, 300, 2, 0 },
        { { .levels_max = 2000 }, 0, 1500, 300, 1, 0 },
        { { .levels_max = 500, .levels_shown = 30 }, 0, 700, 1500, 1, 0 },
        { { .levels_max = 1200, .levels_shown = 30 }, 0, 1500, 600, 2, 0 },
        { { .levels_max = 1200, .levels_shown = 1, .has_digits = 1 }, 0, 1500, 400, 2, 0 },
        { { .levels_max = 300, .levels_shown = 10, .has_digits = 1 }, 100, 150, 1500, 1, 0 },
        { { .levels_max = 40, .levels_shown = 5 }, 0, 40, 3000, 1, 0 },
        { { .levels_max = 1, .levels_shown = 1 }, 0, 3, 500, 1, 0 },
        { { .levels_max = 6000, .levels_shown = 30 }, 0, 3000, 400, 4, 1 },
        { { .levels_max = 3000, .levels_shown = 400, .has_digits = 1 }, 0, 2500, 300, 2, 1 },
        { { .levels_max = 2000 }, 0, 1500, 300, 1, 1 },
        { { .levels_max = 500, .levels_shown = 30 }, 0, 700, 1500, 1, 1 },
        { { .levels_max = 300, .levels_shown = 10, .has_digits = 1 }, 100, 150, 1500, 1, 1 },
        { { .levels_max = 40, .levels_shown = 5 }, 0, 40, 3000, 1, 1 },
    };

    return cr_make_param_array(struct trial, trials, sizeof(trials) / sizeof(trials[0]));
}

ParameterizedTest(struct trial *trial, book_model, a_book_is_what_was_said_down_to_its_edge)
{
    trial_run(trial);
}

/* Asks into book and model, which are the same afterwards. */
static void asks_take(struct book *bk, struct model *m, struct md_frame *frame, int is_snapshot, uint32_t n,
                      unsigned step)
{
    struct feed_input in = { .kind = FEED_INPUT_RX };
    struct md_event e = { .kind = MD_BOOK, .is_snapshot = (uint8_t)is_snapshot, .n_asks = n };
    const struct trial none = { .depth = 0 };
    uint32_t n_certain[2];

    model_take(&none, m, frame, &e);
    cr_assert_eq((is_snapshot ? book_replace : book_update)(bk, &e, frame, &in), 0);
    for (int is_bid = 0; is_bid < 2; is_bid++) {
        (void)sections_check(bk, is_bid ? &bk->bids : &bk->asks, step);
        n_certain[is_bid] = side_check(bk, is_bid ? &bk->bids : &bk->asks, m, step);
    }
    view_check(bk, m, n_certain, step);
}

/* The levels `from` to `to`, counted from the best, go, or are all there is. */
static void levels_change(struct book *bk, struct model *m, struct md_frame *frame, uint32_t from, uint32_t to,
                          int64_t size, unsigned step)
{
    md_frame_reset(frame);
    for (uint32_t i = from; i < to; i++)
        frame->asks[i - from] = (struct md_level){ 1 + i, size };
    asks_take(bk, m, frame, size > 0, to - from, step);
}

Test(book_model, sections_that_empty_are_no_more_and_the_first_stays_deep)
{
    static struct model model;
    struct md_frame *frame;
    struct book *bk;
    uint32_t first, end;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 4000, .levels_shown = 30 }, &bk), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    for (unsigned round = 0; round < 2; round++) {
        levels_change(bk, &model, frame, 0, 3000, 1, 100 * round);
        levels_change(bk, &model, frame, 0, 580, 0, 100 * round + 1); /* nearly all of the first section */
        cr_assert_gt(bk->asks.n_sections, 2);
        first = 580 + side_n_first(&bk->asks); /* all of the second */
        end = first + bk->asks.section[1].end - bk->asks.section[1].first;
        levels_change(bk, &model, frame, first, end, 0, 100 * round + 2);
        levels_change(bk, &model, frame, 580, first, 0, 100 * round + 3);
        levels_change(bk, &model, frame, end, 3000, 0, 100 * round + 4);
        cr_expect_eq(bk->asks.n, 0);
    }
    bk = book_free(bk);
    frame = md_frame_free(frame);
}

/* A book of asks at 10, 20, ... with a level at `price` more, or less. */
static void ask_change(struct book *bk, struct model *m, struct md_frame *frame, int64_t price, int64_t size)
{
    md_frame_reset(frame);
    frame->asks[0] = (struct md_level){ price, size };
    asks_take(bk, m, frame, 0, 1, (unsigned)price);
}

static void asks_make(struct book *bk, struct model *m, struct md_frame *frame, uint32_t n)
{
    md_frame_reset(frame);
    for (uint32_t i = 0; i < n; i++)
        frame->asks[i] = (struct md_level){ 10 * (int64_t)(1 + i), 1 };
    asks_take(bk, m, frame, 1, n, 0);
    ask_change(bk, m, frame, 10, 2); /* now it lies in sections */
    cr_assert_gt(bk->asks.n_sections, 1);
}

Test(book_model, a_price_that_went_at_the_end_of_a_section_comes_back_to_the_same_place)
{
    static struct model model;
    struct md_frame *frame;
    struct book *bk;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 4000, .levels_shown = 30 }, &bk), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    asks_make(bk, &model, frame, 2000);
    for (uint32_t k = 0; k < bk->asks.n_sections; k++) {
        int64_t last = bk->asks.memory[bk->asks.section[k].end - 1].price;

        ask_change(bk, &model, frame, last, 0);
        ask_change(bk, &model, frame, last - 5, 3);
        ask_change(bk, &model, frame, last, 4);
        ask_change(bk, &model, frame, last + 5, 5);
        ask_change(bk, &model, frame, last - 4, 6);
    }
    bk = book_free(bk);
    frame = md_frame_free(frame);
}

Test(book_model, a_price_that_comes_back_to_a_full_side_leaves_it_full)
{
    static struct model model;
    struct md_frame *frame;
    struct book *bk;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 500, .levels_shown = 30 }, &bk), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    asks_make(bk, &model, frame, 500);
    ask_change(bk, &model, frame, 4000, 0);
    ask_change(bk, &model, frame, 4205, 1);
    cr_assert_eq(bk->asks.n, 500);
    ask_change(bk, &model, frame, 4000, 1);
    cr_expect_eq(bk->asks.n, 500);
    cr_expect_eq(bk->asks.edge, 4990);
    bk = book_free(bk);
    frame = md_frame_free(frame);
}
