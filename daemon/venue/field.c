/* SPDX-License-Identifier: MIT */
#include "venue/field.h"

#include "core/decimal.h"
#include "venue/field_fast.h"

#include <errno.h>
#include <string.h>

#define FIELD_NUMBER_SIZE 64 /* of an id or a time whose text holds escapes */

int field_is(const struct scan_string *string, const char *word)
{
    const char *at = string->at;
    size_t n = string->size;

    if (string->has_escape)
        return scan_string_is(string, word, strlen(word));
    for (; n > 0 && *at == *word; n--, at++, word++) /* a word's end is no plain text */
        ;
    return n == 0 && *word == '\0';
}

int field_symbol(const struct scan_string *string, char ret[MD_SYMBOL_SIZE])
{
    struct scan_string text = *string;
    char symbol[MD_SYMBOL_SIZE];

    field_resolve(&text, symbol, sizeof(symbol));
    if (text.has_escape || text.size == 0 || text.size >= MD_SYMBOL_SIZE)
        return -EBADMSG;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~')
            return -EBADMSG;
    memcpy(ret, text.at, text.size);
    ret[text.size] = '\0';
    return 0;
}

int field_query(const char *url, const char *name, char *ret, size_t ret_size)
{
    const char *at = strchr(url, '?');
    size_t name_size = strlen(name), size;

    for (; at; at = strchr(at, '&')) {
        at++;
        if (strncmp(at, name, name_size) != 0 || at[name_size] != '=')
            continue;
        at += name_size + 1;
        size = strcspn(at, "&#");
        if (size == 0 || size >= ret_size)
            return -EBADMSG;
        memcpy(ret, at, size);
        ret[size] = '\0';
        return 0;
    }
    return -EBADMSG;
}

void field_resolve(struct scan_string *io_string, char *memory, size_t size)
{
    struct text text;

    if (!io_string->has_escape)
        return;
    text_init(&text, memory, size);
    scan_string_add(io_string, &text);
    if (!text.cut)
        *io_string = (struct scan_string){ memory, text.used, 0 };
}

/* A run of decimal digits and nothing else, below 2^64. Returns 1 or 0. */
static int digits_value(const char *at, size_t size, uint64_t *ret)
{
    uint64_t value = 0;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < size; i++)
        if (at[i] < '0' || at[i] > '9' || __builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(at[i] - '0'), &value))
            return 0;
    *ret = value;
    return 1;
}

/* A whole number below zero or not, spelled with a point or an exponent. Returns 1 or 0. */
static int whole_value(const char *at, size_t size, int64_t *ret)
{
    struct decimal d;

    return decimal_parse(at, size, &d) == 0 && decimal_rescale(d.mantissa, d.decimals, 0, ret) == 0;
}

/* The text of a number, or of what stands in a string. Returns: 1, 0 another kind, -EBADMSG. */
static int number_text(struct scan *s, char memory[FIELD_NUMBER_SIZE], struct scan_string *ret)
{
    enum scan_kind kind = scan_peek(s);
    const char *start = s->at;
    int r;

    if (kind == SCAN_STRING) {
        r = scan_string(s, ret);
        if (r < 0)
            return r;
        field_resolve(ret, memory, FIELD_NUMBER_SIZE);
        return !ret->has_escape;
    }
    r = scan_skip(s);
    if (r < 0)
        return r;
    *ret = (struct scan_string){ start, (size_t)(s->at - start), 0 };
    return kind == SCAN_NUMBER;
}

/* Digits alone, in quotes or not, as nearly all are. Returns 1, or 0 and nothing moved. */
static int u64_fast(struct scan *s, uint64_t *ret)
{
    struct scan t = *s;
    int is_string = t.at < t.end && *t.at == '"';

    t.at += is_string;
    if (!fast_u64(&t, ret) || t.end - t.at < 2 || (is_string ? *t.at != '"' : *t.at != ',' && *t.at != '}'))
        return 0;
    s->at = t.at + is_string;
    return 1;
}

int field_u64(struct scan *s, uint64_t *ret)
{
    char memory[FIELD_NUMBER_SIZE];
    struct scan_string text;
    int64_t whole;
    uint64_t value;
    int r;

    (void)scan_peek(s);
    if (u64_fast(s, &value)) {
        *ret = value;
        return 1;
    }
    r = number_text(s, memory, &text);
    if (r <= 0 || digits_value(text.at, text.size, ret))
        return r;
    if (!whole_value(text.at, text.size, &whole) || whole < 0)
        return 0;
    *ret = (uint64_t)whole;
    return 1;
}

static int i64_read(struct scan *s, int64_t *ret)
{
    char memory[FIELD_NUMBER_SIZE];
    struct scan_string text;
    struct scan before;
    uint64_t value;
    int r;

    (void)scan_peek(s);
    before = *s;
    if (u64_fast(s, &value) && value <= INT64_MAX) {
        *ret = (int64_t)value;
        return 1;
    }
    *s = before;
    r = number_text(s, memory, &text);
    return r > 0 ? whole_value(text.at, text.size, ret) : r;
}

uint64_t field_id(const struct scan_string *string)
{
    uint64_t id = 14695981039346656037u; /* FNV-1a */
    struct scan_string text = *string;
    char memory[128];

    field_resolve(&text, memory, sizeof(memory));
    if (digits_value(text.at, text.size, &id))
        return id;
    id = 14695981039346656037u;
    for (size_t i = 0; i < text.size; i++)
        id = (id ^ (uint8_t)text.at[i]) * 1099511628211u;
    return id;
}

static int number_read(struct scan *s, struct scan_number *ret)
{
    struct scan before = *s;

    if (scan_number_or_string(s, ret) == 0)
        return 1;
    *s = before;
    return scan_skip(s);
}

/* A time of so many decimals of a second as ns. Digits below a ns are cut: no clock has them. */
static int number_time(const struct scan_number *number, unsigned unit_decimals, int64_t *ret_ns)
{
    int64_t value = number->mantissa;
    unsigned decimals = number->decimals + unit_decimals;

    if (!number->fits || number->is_negative)
        return 0;
    for (; decimals > 9; decimals--)
        value /= 10;
    if (__builtin_mul_overflow(value, decimal_pow10[9 - decimals], &value))
        return 0;
    *ret_ns = value;
    return 1;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t date_days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int two_digits(const char *at, int64_t *ret)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return 0;
    *ret = (at[0] - '0') * 10 + (at[1] - '0');
    return 1;
}

/* YYYY-MM-DDThh:mm:ss[.fraction]Z */
static int text_time(const struct scan_string *text, int64_t *ret_ns)
{
    const char *at = text->at;
    int64_t century, year, month, day, hour, minute, second, fraction = 0, scale = 100000000;
    size_t i = 19;

    if (text->has_escape || text->size < 20 || at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != ' ') ||
        at[13] != ':' || at[16] != ':' || !two_digits(at, &century) || !two_digits(at + 2, &year) ||
        !two_digits(at + 5, &month) || !two_digits(at + 8, &day) || !two_digits(at + 11, &hour) ||
        !two_digits(at + 14, &minute) || !two_digits(at + 17, &second) || month < 1 || month > 12)
        return 0;
    if (at[i] == '.')
        for (i++; i < text->size && at[i] >= '0' && at[i] <= '9'; i++, scale /= 10)
            fraction += (at[i] - '0') * scale;
    if (i + 1 != text->size || at[i] != 'Z' || century * 100 + year < 1970 || century * 100 + year > 2200)
        return 0;
    *ret_ns = (((date_days(century * 100 + year, month, day) * 24 + hour) * 60 + minute) * 60 + second) *
                  INT64_C(1000000000) +
              fraction;
    return 1;
}

int field_time(struct scan *s, enum field_kind kind, int64_t *ret_ns)
{
    unsigned decimals = kind == FIELD_TIME_S ? 0 : kind == FIELD_TIME_US ? 6 : 3;
    char memory[FIELD_NUMBER_SIZE];
    struct scan_number number;
    struct scan_string text;
    int r;

    if (kind == FIELD_TIME_TEXT) {
        if (scan_peek(s) != SCAN_STRING)
            return scan_skip(s);
        r = scan_string(s, &text);
        if (r < 0)
            return r;
        field_resolve(&text, memory, sizeof(memory));
        return text_time(&text, ret_ns);
    }
    r = number_read(s, &number);
    if (r <= 0)
        return r;
    r = number_time(&number, decimals, ret_ns);
    return r == 0 && kind == FIELD_TIME_MS_US ? number_time(&number, 6, ret_ns) : r;
}

static int string_read(struct scan *s, struct scan_string *ret)
{
    int r;

    if (scan_peek(s) != SCAN_STRING)
        return scan_skip(s);
    r = scan_string(s, ret);
    return r < 0 ? r : 1;
}

static int id_read(struct scan *s, uint64_t *ret)
{
    struct scan_string string;
    int r;

    if (scan_peek(s) != SCAN_STRING)
        return field_u64(s, ret);
    r = scan_string(s, &string);
    if (r < 0)
        return r;
    *ret = field_id(&string);
    return 1;
}

static int symbol_read(struct scan *s, char *ret)
{
    struct scan_string string;
    int r = string_read(s, &string);

    return r > 0 ? field_symbol(&string, ret) == 0 : r;
}

static int bool_read(struct scan *s, uint8_t *ret)
{
    int is_word = scan_peek(s) == SCAN_WORD;
    char first = is_word ? *s->at : 0;

    if (scan_skip(s) < 0)
        return -EBADMSG;
    if (first == 't' || first == 'f')
        *ret = first == 't';
    return first == 't' || first == 'f';
}

static int value_read(struct scan *s, struct scan *ret)
{
    struct scan before;
    int r;

    (void)scan_peek(s);
    before = *s;
    r = scan_skip(s);
    if (r < 0)
        return r;
    *ret = before;
    return 1;
}

static int field_read(struct scan *s, const struct field *field, char *to, struct rows *rows)
{
    void *member = to + field->offset;

    switch ((enum field_kind)field->kind) {
    case FIELD_STRING:
        return string_read(s, member);
    case FIELD_SYMBOL:
        return symbol_read(s, member);
    case FIELD_U64:
        return field_u64(s, member);
    case FIELD_I64:
        return i64_read(s, member);
    case FIELD_ID:
        return id_read(s, member);
    case FIELD_NUMBER:
        return number_read(s, member);
    case FIELD_TIME_S:
    case FIELD_TIME_MS:
    case FIELD_TIME_US:
    case FIELD_TIME_MS_US:
    case FIELD_TIME_TEXT:
        return field_time(s, field->kind, member);
    case FIELD_BOOL:
        return bool_read(s, member);
    case FIELD_VALUE:
        return value_read(s, member);
    case FIELD_BIDS:
    case FIELD_ASKS:
        return rows_side(rows, s, field->kind == FIELD_BIDS) < 0 ? -EBADMSG : 1;
    }
    return scan_skip(s);
}

int fields_read(struct scan *s, const struct field *fields, unsigned n, void *to, struct rows *rows, uint32_t *ret_seen)
{
    struct scan_string key;
    uint32_t seen = 0;
    unsigned next = 0;
    int r = scan_object_begin(s);

    if (r < 0)
        return r;
    while ((r = scan_object_next(s, &key)) > 0) {
        unsigned tried = 0, i = next;

        /* Keys mostly come in the order of the table. */
        for (; tried < n && !field_is(&key, fields[i].key); tried++)
            i = i + 1 == n ? 0 : i + 1;
        if (tried == n) {
            if (scan_skip(s) < 0)
                return -EBADMSG;
            continue;
        }
        r = field_read(s, &fields[i], to, rows);
        if (r < 0)
            return r;
        seen = r > 0 ? seen | 1u << i : seen & ~(1u << i);
        next = i + 1 == n ? 0 : i + 1;
    }
    if (r == 0)
        *ret_seen = seen;
    return r;
}

int field_objects(struct scan *s, struct md_frame *io_frame, int (*read)(struct scan *s, struct md_frame *io_frame))
{
    int r;

    if (scan_peek(s) != SCAN_ARRAY)
        return read(s, io_frame);
    r = scan_array_begin(s);
    while (r >= 0 && (r = scan_array_next(s)) > 0)
        r = read(s, io_frame);
    return r;
}

int field_message(const char *bytes, size_t size, struct md_frame *io_frame,
                  int (*read)(struct scan *s, struct md_frame *io_frame))
{
    struct scan s;
    int r = scan_begin(&s, bytes, size);

    if (r == 0)
        r = read(&s, io_frame);
    if (r == 0)
        r = scan_finish(&s);
    if (r < 0)
        md_frame_reset(io_frame);
    return r;
}

enum reason field_pair_check(const char *symbol, char separator, const char *letters)
{
    const char *at = strchr(symbol, separator);
    size_t n = strspn(symbol, letters);

    if (strlen(symbol) >= MD_SYMBOL_SIZE || !at || at == symbol || at[1] == '\0' || strchr(at + 1, separator))
        return REASON_SYMBOL_FORM;
    if (symbol[n] == '\0')
        return REASON_NONE;
    return symbol[n] >= 'a' && symbol[n] <= 'z' ? REASON_SYMBOL_CASE : REASON_SYMBOL_FORM;
}
