/* SPDX-License-Identifier: MIT
 * Upbit (Korea), public order books. Every orderbook frame is a whole book; there is no sequence, no checksum and no
 * acknowledgement.
 * Source: ../shared/protocols/upbit.md, read 2026-11-22 (official pages [D], wire probe of 2026-09-23 [P]); fixtures
 * upbit/samples-202609, upbit/derived-default. */
#include "venue/catalogue.h"
#include "venue/upbit_extra.h"
#include "venue/upbit_fast.h"
#include "venue/upbit_request.h"

#include <errno.h>

enum upbit_field {
    FIELD_TYPE,
    FIELD_CODE,
    FIELD_TIME,
    FIELD_UNITS,
    FIELD_LEVEL,
    FIELD_ASK_TOTAL,
    FIELD_BID_TOTAL,
    FIELD_UNUSED,
    FIELD_STATUS,
    FIELD_ERROR
};

struct key {
    struct word word;
    enum upbit_field field;
    enum form form;
};

/* In the order of the wire [P, 2026-09-23], so that the row after the last hit is nearly always the next one. */
static const struct key keys[] = {
    { WORD("type"), FIELD_TYPE, FORM_DEFAULT },
    { WORD("code"), FIELD_CODE, FORM_DEFAULT },
    { WORD("timestamp"), FIELD_TIME, FORM_DEFAULT },
    { WORD("total_ask_size"), FIELD_ASK_TOTAL, FORM_DEFAULT },
    { WORD("total_bid_size"), FIELD_BID_TOTAL, FORM_DEFAULT },
    { WORD("orderbook_units"), FIELD_UNITS, FORM_DEFAULT },
    { WORD("stream_type"), FIELD_UNUSED, FORM_DEFAULT },
    { WORD("level"), FIELD_LEVEL, FORM_DEFAULT },
    { WORD("ty"), FIELD_TYPE, FORM_SIMPLE },
    { WORD("cd"), FIELD_CODE, FORM_SIMPLE },
    { WORD("tms"), FIELD_TIME, FORM_SIMPLE },
    { WORD("tas"), FIELD_ASK_TOTAL, FORM_SIMPLE },
    { WORD("tbs"), FIELD_BID_TOTAL, FORM_SIMPLE },
    { WORD("obu"), FIELD_UNITS, FORM_SIMPLE },
    { WORD("st"), FIELD_UNUSED, FORM_SIMPLE },
    { WORD("lv"), FIELD_LEVEL, FORM_SIMPLE },
    { WORD("status"), FIELD_STATUS, FORM_DEFAULT },
    { WORD("error"), FIELD_ERROR, FORM_DEFAULT },
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* A string value that may be absent or of another kind. */
enum presence { ABSENT, IS_STRING, IS_OTHER };
struct maybe_string {
    enum presence presence;
    struct scan_string string;
};

struct found {
    struct maybe_string type, code;
    int64_t venue_ns;
    struct scan_number ask_total, bid_total; /* fits 0: absent, or nothing can hold it */
    struct scan units, level;                /* at the value; at == NULL: absent */
};

/* One object of a message. Of a key that comes twice the last value counts, as JSON readers do. */
struct object {
    struct found found[FORM_COUNT];
    struct maybe_string status;
    struct scan error;
    struct levels levels; /* of the units at levels_at, with the outcome of reading them */
    const char *levels_at;
    int levels_result;
};

static int word_is(const struct scan_string *string, const struct word *word)
{
    return scan_string_is(string, word->word, word->size);
}

/* A value of any kind; a string is kept, anything else skipped. */
static int maybe_string_read(struct scan *s, struct maybe_string *ret)
{
    if (scan_peek(s) != SCAN_STRING) {
        ret->presence = IS_OTHER;
        return scan_skip(s);
    }
    ret->presence = IS_STRING;
    return scan_string(s, &ret->string);
}

/* Units:   milliseconds since the epoch on the wire, nanoseconds here; 0 where that is no time we can hold: the book
 *          is good without. */
static int64_t time_ns(const struct scan_number *number)
{
    int64_t ms, ns;

    if (!number->fits || number->mantissa < 0 || decimal_rescale(number->mantissa, number->decimals, 0, &ms) < 0 ||
        __builtin_mul_overflow(ms, INT64_C(1000000), &ns))
        return 0;
    return ns;
}

static int time_read(struct scan *s, int64_t *ret_ns)
{
    struct scan_number number = { 0 };
    int r;

    r = scan_peek(s) == SCAN_NUMBER ? scan_number(s, &number) : scan_skip(s);
    if (r < 0)
        return r;
    *ret_ns = time_ns(&number);
    return 0;
}

/* A total that cannot be read is unknown; the book is as good without. */
static int total_read(struct scan *s, struct scan_number *ret)
{
    if (scan_peek(s) == SCAN_NUMBER)
        return scan_number(s, ret);
    *ret = (struct scan_number){ 0 };
    return scan_skip(s);
}

static int unit_value_find(const struct scan_string *key, enum form form)
{
    for (int i = 0; i < UNIT_VALUES; i++)
        if (word_is(key, &unit_words[form][i]))
            return i;
    return -1;
}

/* Any unit: keys in any order, unknown ones checked and skipped, numbers also as strings. Prices and sizes are never
 * below zero.
 * Returns: 0, -EBADMSG a value is missing, not a number or negative, or this is not JSON. */
static int unit_read(struct scan *s, enum form form, struct scan_number ret[UNIT_VALUES])
{
    unsigned good = 0;
    struct scan_string key;
    struct scan before;
    int i, r;

    r = scan_object_begin(s);
    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        i = unit_value_find(&key, form);
        before = *s;
        if (i >= 0 && scan_number_or_string(s, &ret[i]) == 0 && !ret[i].is_negative) {
            good |= 1u << i;
            continue;
        }
        /* Not of use, or spoilt: a later value of the same key may make it good, if this one is JSON. */
        if (i >= 0)
            good &= ~(1u << i);
        *s = before;
        r = scan_skip(s);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    return good == (1u << UNIT_VALUES) - 1 ? 0 : -EBADMSG;
}

/* Source: sheet, "Book-building rules" 1 and 2: unit i holds the i-th best ask and the i-th best bid, independent of
 * each other; a thin side is padded with 0/0. */
SCAN_INLINE int units_walk(struct scan *s, enum form form, struct levels *levels)
{
    struct scan_number value[UNIT_VALUES];
    int r;

    r = scan_array_begin(s);
    if (r < 0)
        return r;
    while ((r = scan_array_next(s)) > 0) {
        if (!units_read_fast(s, form, levels)) {
            r = unit_read(s, form, value);
            if (r < 0)
                return r;
            unit_add(levels, value);
        }
        if (levels->too_many)
            return -E2BIG;
    }
    return r;
}

/* The form is a constant in each call, so that the words of the wire become instructions. */
static int units_read_once(struct scan *s, enum form form, struct levels *levels)
{
    return form == FORM_DEFAULT ? units_walk(s, FORM_DEFAULT, levels) : units_walk(s, FORM_SIMPLE, levels);
}

/* Steps over the value in any case that is JSON; what became of it is kept in the object.
 * Returns: 0, -EBADMSG not JSON. */
static int units_read(struct scan *s, enum form form, struct md_frame *frame, struct object *o)
{
    const struct scan before = *s;
    int r;

    levels_begin(&o->levels, frame);
    do {
        *s = before;
        r = units_read_once(s, form, &o->levels);
    } while (r == 0 && levels_again(&o->levels));
    o->levels_at = before.at;
    o->levels_result = r;
    if (r == 0)
        return 0;
    *s = before;
    return scan_skip(s);
}

/* The row of a key, looked for from `*io_next` on; NULL if it is none of ours. */
static const struct key *key_find(const struct scan_string *string, unsigned *io_next)
{
    for (unsigned n = 0, i = *io_next; n < N_KEYS; n++, i++) {
        if (i == N_KEYS)
            i = 0;
        if (word_is(string, &keys[i].word)) {
            *io_next = i + 1 == N_KEYS ? 0 : i + 1;
            return &keys[i];
        }
    }
    return NULL;
}

static int field_read(struct scan *s, const struct key *key, struct md_frame *frame, struct object *o)
{
    struct found *found = &o->found[key->form];

    switch (key->field) {
    case FIELD_TYPE:
        return maybe_string_read(s, &found->type);
    case FIELD_CODE:
        return maybe_string_read(s, &found->code);
    case FIELD_TIME:
        return time_read(s, &found->venue_ns);
    case FIELD_UNITS:
        found->units = *s;
        return units_read(s, key->form, frame, o);
    case FIELD_LEVEL:
        found->level = *s;
        break;
    case FIELD_ASK_TOTAL:
        return total_read(s, &found->ask_total);
    case FIELD_BID_TOTAL:
        return total_read(s, &found->bid_total);
    case FIELD_STATUS:
        return maybe_string_read(s, &o->status);
    case FIELD_ERROR:
        o->error = *s;
        return scan_skip(s);
    case FIELD_UNUSED:
        break;
    }
    return scan_skip(s);
}

/* A code becomes a name in the directory and on terminals: only what can be one. A grouped book is another instrument
 * than the raw one of its code, so a level that cannot be read is no book of either. */
static int symbol_take(const struct found *found, char ret_symbol[MD_SYMBOL_SIZE])
{
    struct scan level = found->level;
    struct scan_number step;
    struct text text;

    text_init(&text, ret_symbol, MD_SYMBOL_SIZE);
    scan_string_add(&found->code.string, &text);
    if (text.cut || text.used == 0)
        return -EBADMSG;
    for (size_t i = 0; i < text.used; i++)
        if (ret_symbol[i] <= ' ' || ret_symbol[i] > '~' || ret_symbol[i] == UPBIT_LEVEL_MARK)
            return -EBADMSG;
    if (!level.at)
        return 0;
    return scan_number_or_string(&level, &step) < 0 ? -EBADMSG : upbit_level_add(&text, &step);
}

static void totals_take(const struct found *found, struct md_event *event)
{
    const struct scan_number *bid = &found->bid_total, *ask = &found->ask_total;

    event->totals_known = (uint8_t)((bid->fits && !bid->is_negative) | (ask->fits && !ask->is_negative) << 1);
    event->bid_total = bid->mantissa;
    event->ask_total = ask->mantissa;
    event->bid_total_decimals = bid->decimals;
    event->ask_total_decimals = ask->decimals;
}

static int book_finish(struct object *o, enum form form, struct md_frame *frame, struct md_event *event)
{
    const struct found *found = &o->found[form];
    struct scan units = found->units;
    int r;

    if (!units.at)
        return -EBADMSG;
    if (o->levels_at != units.at) { /* the other form's units came last and were read over these */
        r = units_read(&units, form, frame, o);
        if (r < 0)
            return r;
    }
    if (o->levels_result < 0)
        return o->levels_result;
    r = symbol_take(found, event->symbol);
    if (r < 0)
        return r;
    event->kind = MD_BOOK;
    event->is_snapshot = 1;
    event->venue_ns = found->venue_ns;
    event->bids = frame->n_bids;
    event->asks = frame->n_asks;
    event->n_left_out = o->levels.n_left_out;
    totals_take(found, event);
    if (o->levels.unfit) {
        event->number_range = 1;
        return 0;
    }
    event->price_decimals = o->levels.price_decimals;
    event->size_decimals = o->levels.size_decimals;
    event->n_bids = o->levels.n_bids;
    event->n_asks = o->levels.n_asks;
    frame->n_bids += event->n_bids;
    frame->n_asks += event->n_asks;
    return 0;
}

static enum form form_of(const struct object *o)
{
    return o->found[FORM_DEFAULT].type.presence != ABSENT ? FORM_DEFAULT : FORM_SIMPLE;
}

/* What the object is, once all of it has been seen: keys come in any order. */
static int object_finish(struct object *o, struct md_frame *frame, struct md_event *event)
{
    enum form form = form_of(o);
    const struct found *found = &o->found[form];

    event->kind = MD_OTHER;
    if (found->type.presence != ABSENT) {
        /* A book of no market, or a type that is no string, concerns nobody. */
        if (found->type.presence != IS_STRING || found->code.presence != IS_STRING)
            return 0;
        if (word_is(&found->type.string, &(const struct word)WORD("orderbook")))
            return book_finish(o, form, frame, event);
        event->kind = MD_TRADES; /* or whatever it is: object_read */
        return 0;
    }
    if (o->error.at)
        upbit_error_take(o->error, event);
    else if (o->status.presence == IS_STRING && word_is(&o->status.string, &(const struct word)WORD("UP")))
        event->kind = MD_STATUS;
    return 0;
}

/* Key after key in whatever order. */
static int object_scan(struct scan *s, struct md_frame *frame, struct object *o)
{
    struct scan_string string;
    const struct key *key;
    unsigned next = 0;
    int r;

    r = scan_object_begin(s);
    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &string)) > 0) {
        key = key_find(&string, &next);
        r = key ? field_read(s, key, frame, o) : scan_skip(s);
        if (r < 0)
            return r;
    }
    return r;
}

static int object_read(struct scan *s, struct md_frame *frame)
{
    struct md_event *event = &frame->event[frame->n_events];
    const struct scan start = *s;
    struct object o;
    int r;

    if (frame->n_events == MD_EVENTS_MAX)
        return -E2BIG;
    if (book_read_fast(s, frame))
        return 0;
    o = (struct object){ .levels_at = NULL };
    r = object_scan(s, frame, &o);
    if (r < 0)
        return r;
    *event = (struct md_event){ 0 };
    r = object_finish(&o, frame, event);
    if (r < 0)
        return r;
    if (event->kind == MD_TRADES)
        return upbit_extra_add(start, form_of(&o) == FORM_SIMPLE, &o.found[form_of(&o)].type.string, frame);
    frame->n_events++;
    return 0;
}

/* One object, or a list of them (JSON_LIST, SIMPLE_LIST). */
static int message_read(struct scan *s, struct md_frame *frame)
{
    return field_objects(s, frame, object_read);
}

static int upbit_decode(const char *bytes, size_t size, struct md_frame *io_frame)
{
    md_frame_reset(io_frame);
    return field_message(bytes, size, io_frame, message_read);
}

const struct venue venue_upbit = {
    .name = "upbit",
    .default_url = "wss://api.upbit.com/websocket/v1",
    .rest_url = "https://api.upbit.com",
    .builder = VENUE_BUILD_REPLACE,
    .proof = PROOF_SNAPSHOT_ONLY, /* every frame is a whole book, and nothing numbers them */
    .depth_default = 30,
    .channels = MD_CHANNEL_BOOK | MD_CHANNEL_TRADES | MD_CHANNEL_DAY,
    .trade_ids = VENUE_TRADE_IDS_UNIQUE, /* sequential_id; its order is not promised (sheet, "Trades") */
    .limits = {
        /* Idle close after 60.5 s, whatever the pages say (sheet, "Keepalive" [P]). */
        .ping_interval_ms = 15000,
        .pong_deadline_ms = 10000,
        /* Sheet, "Limits" [D]. */
        .connect_per_second = 5,
        .request_per_second = 5,
        .request_per_minute = 100,
        /* An unlisted code is ignored in silence (sheet, "Subscribe" [P]): ours to find out. */
        .snapshot_deadline_ms = 10000,
        /* 855 were carried by one socket at 790 frames/s [P]. All pairs stay on one, because a request replaces
         * the whole set and a second connection is a second thing to fail. */
        .books_per_connection = 1000,
        /* With an Origin the address falls into a group of one request in 10 s (sheet, "Headers" [D]). */
        .sends_origin = 0,
        .request_replaces_all = 1,
    },
    .symbol_check = upbit_symbol_check,
    .request = upbit_request,
    .decode = upbit_decode,
    .catalogue = &catalogue_upbit,
};
