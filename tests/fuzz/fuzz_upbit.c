/* SPDX-License-Identifier: MIT
 * fuzz_upbit.c - Upbit's decoder against a second one, slow and plain, written on the tests' own JSON tree: the same
 * messages refused, the same levels, every number equal to its text. */
#include "core/decimal.h"
#include "oracle.h"
#include "venue/venue.h"

#include <string.h>

static struct md_frame *frame;

/* What a value of a unit says: -1 missing, malformed or below zero. */
static int number_of(const struct oracle_node *n, struct oracle_number *ret)
{
    int r;

    if (!n || (n->kind != ORACLE_NUMBER && n->kind != ORACLE_STRING))
        return -1;
    r = n->kind == ORACLE_NUMBER ? oracle_number(n->at, n->size, ret) : oracle_number(n->string, n->string_size, ret);
    return r < 0 || ret->is_negative ? -1 : 0;
}

static int can_be_held(const struct oracle_number *number)
{
    unsigned least = number->scale > 0 ? (number->scale > 18 ? 18 : (unsigned)number->scale) : 0;

    return oracle_fits(number, least);
}

/* The i-th level of a side that a book would keep. Returns 1, 0 there is none, -1 some level is malformed. */
static int level_at(const struct oracle_node *units, const char *price_key, const char *size_key, uint32_t i,
                    struct oracle_number *ret_price, struct oracle_number *ret_size)
{
    for (const struct oracle_node *u = units->child; u; u = u->next) {
        if (u->kind != ORACLE_OBJECT || number_of(oracle_get(u, price_key), ret_price) < 0 ||
            number_of(oracle_get(u, size_key), ret_size) < 0)
            return -1;
        if (ret_price->n == 0 || ret_size->n == 0 || !can_be_held(ret_price) || !can_be_held(ret_size))
            continue;
        if (i-- == 0)
            return 1;
    }
    return 0;
}

struct keys {
    const char *type, *code, *units, *level, *price[2], *size[2]; /* bid, ask */
};
static const struct keys keys[2] = {
    { "type", "code", "orderbook_units", "level", { "bid_price", "ask_price" }, { "bid_size", "ask_size" } },
    { "ty", "cd", "obu", "lv", { "bp", "ap" }, { "bs", "as" } },
};

static void level_is_equal(const struct md_event *e, const struct md_level *level, const struct oracle_number *price,
                           const struct oracle_number *size)
{
    static struct oracle_number ours;
    char text[DECIMAL_TEXT_SIZE];

    FUZZ_CHECK(oracle_number(text, decimal_format(level->price, e->price_decimals, text), &ours) == 0);
    FUZZ_CHECK(oracle_equal(&ours, price));
    FUZZ_CHECK(oracle_number(text, decimal_format(level->size, e->size_decimals, text), &ours) == 0);
    FUZZ_CHECK(oracle_equal(&ours, size));
}

/* Do all levels of both sides fit at the fewest decimals that hold each of them? */
static int fit_together(const struct oracle_node *units, const struct keys *k)
{
    static struct oracle_number price, size;
    int64_t decimals[2] = { 0, 0 };

    for (int pass = 0; pass < 2; pass++)
        for (int side = 0; side < 2; side++)
            for (uint32_t i = 0; level_at(units, k->price[side], k->size[side], i, &price, &size) > 0; i++) {
                if (pass == 1 &&
                    (!oracle_fits(&price, (unsigned)decimals[0]) || !oracle_fits(&size, (unsigned)decimals[1])))
                    return 0;
                decimals[0] = price.scale > decimals[0] ? price.scale : decimals[0];
                decimals[1] = size.scale > decimals[1] ? size.scale : decimals[1];
            }
    return 1;
}

static void book_is_equal(const struct md_event *e, const struct oracle_node *units, const struct keys *k)
{
    static struct oracle_number price, size;
    const struct md_level *levels[2] = { frame->bids + e->bids, frame->asks + e->asks };
    uint32_t n[2] = { e->n_bids, e->n_asks };

    FUZZ_CHECK(e->kind == MD_BOOK && e->is_snapshot);
    FUZZ_CHECK(e->number_range == !fit_together(units, k));
    if (e->number_range) {
        FUZZ_CHECK(e->n_bids == 0 && e->n_asks == 0);
        return;
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t i = 0; i < n[side]; i++) {
            FUZZ_CHECK(level_at(units, k->price[side], k->size[side], i, &price, &size) == 1);
            level_is_equal(e, &levels[side][i], &price, &size);
        }
        FUZZ_CHECK(level_at(units, k->price[side], k->size[side], n[side], &price, &size) == 0);
    }
}

/* A number that can be held, spelled in full: no exponent, no zeros at the end. */
static size_t number_spell(const struct oracle_number *number, char ret[64])
{
    int64_t n = (int64_t)number->n,
            point = n - number->scale; /* digits before the point; 0 and below: zeros behind it */
    size_t used = 0;

    if (point <= 0)
        ret[used++] = '0';
    for (int64_t i = point < 0 ? point : 0; i < n || i < point; i++) {
        if (i == point)
            ret[used++] = '.';
        ret[used++] = i < 0 || i >= n ? '0' : number->digits[i];
    }
    ret[used] = '\0';
    return used;
}

/* The instrument that a code and the level beside it name: a level is a price step, and 0 or none is the book itself.
 * Returns 0, -1 there can be none of that name. */
static int symbol_of(const struct oracle_node *code, const struct oracle_node *level, char ret[MD_SYMBOL_SIZE])
{
    static struct oracle_number step;
    char spelled[64];
    size_t size = code->string_size, n;

    if (size == 0 || size >= MD_SYMBOL_SIZE)
        return -1;
    for (size_t i = 0; i < size; i++)
        if (code->string[i] <= ' ' || code->string[i] > '~' || code->string[i] == '@')
            return -1;
    memcpy(ret, code->string, size + 1);
    if (!level)
        return 0;
    if (number_of(level, &step) < 0 || !can_be_held(&step))
        return -1;
    if (step.n == 0)
        return 0;
    n = number_spell(&step, spelled);
    if (size + 1 + n >= MD_SYMBOL_SIZE)
        return -1;
    ret[size] = '@';
    memcpy(ret + size + 1, spelled, n + 1);
    return 0;
}

/* --- trades and tickers ------------------------------------------------------------------------------------------- */

static const struct {
    const char *price, *size, *side, *stream, *facts[MD_FACT_COUNT];
} extra_keys[2] = {
    { "trade_price",
      "trade_volume",
      "ask_bid",
      "stream_type",
      { "trade_price", "prev_closing_price", "signed_change_price", "opening_price", "high_price", "low_price",
        "acc_trade_volume", "acc_trade_price" } },
    { "tp", "tv", "ab", "st", { "tp", "pcp", "scp", "op", "hp", "lp", "atv", "atp" } },
};

static int is_word(const struct oracle_node *n, const char *word)
{
    return n && n->kind == ORACLE_STRING && strcmp(n->string, word) == 0;
}

static int is_number(const struct oracle_node *n)
{
    static struct oracle_number number;

    return n && ((n->kind == ORACLE_NUMBER && oracle_number(n->at, n->size, &number) == 0) ||
                 (n->kind == ORACLE_STRING && oracle_number(n->string, n->string_size, &number) == 0));
}

static void mantissa_is_equal(int64_t mantissa, unsigned decimals, const struct oracle_number *number)
{
    static struct oracle_number ours;
    char text[DECIMAL_TEXT_SIZE];

    FUZZ_CHECK(oracle_number(text, decimal_format(mantissa, decimals, text), &ours) == 0);
    FUZZ_CHECK(oracle_equal(&ours, number));
}

/* Each fact that the object has and that can be held, and no other. Only a change may be below zero. */
static void day_is_equal(const struct md_event *e, const struct oracle_node *object, int form, uint32_t asked)
{
    static struct oracle_number number;
    const struct md_day *day = &frame->days[e->day];

    FUZZ_CHECK(e->kind == MD_DAY && e->day < frame->n_days && day->period == MD_PERIOD_DAY);
    for (int fact = 0; fact < MD_FACT_COUNT; fact++) {
        const char *key = extra_keys[form].facts[fact];
        const struct oracle_node *n = key && (asked & 1u << fact) ? oracle_get(object, key) : NULL;
        int has = is_number(n);

        if (has) {
            (void)(n->kind == ORACLE_NUMBER ? oracle_number(n->at, n->size, &number)
                                            : oracle_number(n->string, n->string_size, &number));
            has = can_be_held(&number) && (fact == MD_FACT_CHANGE || !number.is_negative);
        }
        FUZZ_CHECK(((day->known & 1u << fact) != 0) == has);
        if (has)
            mantissa_is_equal(day->fact[fact], day->decimals[fact], &number);
    }
}

/* Returns how many events a trade makes. */
static uint32_t trade_judge(const struct oracle_node *object, int form, const struct md_event *e)
{
    static struct oracle_number price, size;
    const struct oracle_node *side = oracle_get(object, extra_keys[form].side);
    int is_past = is_word(oracle_get(object, extra_keys[form].stream), "SNAPSHOT");
    int is_held = number_of(oracle_get(object, extra_keys[form].price), &price) == 0 && can_be_held(&price) &&
                  number_of(oracle_get(object, extra_keys[form].size), &size) == 0 && can_be_held(&size);
    uint32_t n = 1 + (is_held && !is_past && is_number(oracle_get(object, extra_keys[form].facts[1])));

    if (!e)
        return n;
    FUZZ_CHECK(e->kind == MD_TRADES && e->is_snapshot == is_past);
    FUZZ_CHECK(e->n_trades == (uint32_t)is_held && e->n_left_out == (uint32_t)!is_held);
    if (is_held) {
        const struct md_trade *trade = &frame->trades[e->trades];

        mantissa_is_equal(trade->price, trade->price_decimals, &price);
        mantissa_is_equal(trade->size, trade->size_decimals, &size);
        FUZZ_CHECK(trade->side == (is_word(side, "BID")   ? MD_SIDE_BUY
                                   : is_word(side, "ASK") ? MD_SIDE_SELL
                                                          : MD_SIDE_UNKNOWN));
    }
    if (n == 2)
        day_is_equal(e + 1, object, form, 1u << MD_FACT_PREVIOUS_CLOSE);
    return n;
}

/* Anything that has a type and is no book. Returns how many events it makes. */
static uint32_t extra_judge(const struct oracle_node *object, int form, const struct oracle_node *type,
                            const struct oracle_node *code, const struct md_event *e)
{
    char symbol[MD_SYMBOL_SIZE];
    int is_known =
        type->kind == ORACLE_STRING && code && code->kind == ORACLE_STRING && symbol_of(code, NULL, symbol) == 0;
    uint32_t n = 1;

    if (is_known && is_word(type, "trade")) {
        n = trade_judge(object, form, e);
    } else if (is_known && is_word(type, "ticker")) {
        if (e)
            day_is_equal(e, object, form, UINT32_MAX);
    } else if (e) {
        FUZZ_CHECK(e->kind == MD_OTHER);
        return 1;
    }
    if (e && is_known)
        FUZZ_CHECK(strcmp(e->symbol, symbol) == 0);
    return n;
}

/* Returns how many events it makes, -1 this object makes the message one to refuse. With an event, checks them. */
static int object_judge(const struct oracle_node *object, const struct md_event *e)
{
    static struct oracle_number price, size;
    const struct oracle_node *type, *code, *units;
    const struct keys *k;
    char symbol[MD_SYMBOL_SIZE];

    if (object->kind != ORACLE_OBJECT)
        return -1;
    k = oracle_get(object, "type") ? &keys[0] : &keys[1];
    type = oracle_get(object, k->type);
    code = oracle_get(object, k->code);
    units = oracle_get(object, k->units);
    if (!type) {
        if (e)
            FUZZ_CHECK(e->kind != MD_BOOK && e->kind != MD_TRADES && e->kind != MD_DAY);
        return 1;
    }
    if (!is_word(type, "orderbook") || !code || code->kind != ORACLE_STRING)
        return (int)extra_judge(object, k == &keys[1], type, code, e);
    if (!units || units->kind != ORACLE_ARRAY || symbol_of(code, oracle_get(object, k->level), symbol) < 0)
        return -1;
    for (int side = 0; side < 2; side++)
        if (level_at(units, k->price[side], k->size[side], UINT32_MAX, &price, &size) < 0)
            return -1;
    if (e) {
        FUZZ_CHECK(strcmp(e->symbol, symbol) == 0);
        book_is_equal(e, units, k);
    }
    return 1;
}

/* Should the message be taken? With `check`, compares every event. */
static int message_judge(const struct oracle_node *root, int check)
{
    uint32_t n = 0;

    if (!root)
        return -1;
    for (const struct oracle_node *c = root->kind == ORACLE_ARRAY ? root->child : root; c; c = c->next) {
        int made = n < MD_EVENTS_MAX ? object_judge(c, check ? &frame->event[n] : NULL) : -1;

        if (made < 0 || n + (uint32_t)made > MD_EVENTS_MAX)
            return -1;
        n += (uint32_t)made;
        if (root->kind != ORACLE_ARRAY)
            break;
    }
    if (check)
        FUZZ_CHECK(frame->n_events == n);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oracle_node *root;
    int r;

    if (!frame)
        FUZZ_CHECK(md_frame_new(&frame) == 0);
    if (size > ORACLE_SIZE_MAX)
        return 0;
    r = venue_find("upbit")->decode((const char *)data, size, frame);
    root = oracle_json((const char *)data, size);
    FUZZ_CHECK((r < 0) == (message_judge(root, 0) < 0));
    if (r < 0)
        FUZZ_CHECK(frame->n_events == 0);
    else
        (void)message_judge(root, 1);
    return 0;
}
