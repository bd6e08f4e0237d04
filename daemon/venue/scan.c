/* SPDX-License-Identifier: MIT */
#include "venue/scan.h"

#include "core/decimal.h"
#include "venue/scan_fast.h"

#include <assert.h>
#include <errno.h>

int scan_begin(struct scan *s, const char *bytes, size_t size)
{
    if (size > SCAN_SIZE_MAX)
        return -E2BIG;
    *s = (struct scan){ bytes, bytes + size, 0, 0 };
    return 0;
}

/* RFC 8259, section 2: space, tab, line feed, carriage return. */
static void skip_space_there(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

/* The common case is none at all. */
SCAN_INLINE void skip_space(struct scan *s)
{
    if (s->at < s->end && (unsigned char)*s->at <= ' ')
        skip_space_there(s);
}

int scan_finish(struct scan *s)
{
    skip_space(s);
    return s->at == s->end && s->depth == 0 ? 0 : -EBADMSG;
}

/* The byte that stands here after white space, stepped over if it is `c`. */
SCAN_INLINE int take(struct scan *s, char c)
{
    skip_space(s);
    if (s->at == s->end || *s->at != c)
        return 0;
    s->at++;
    return 1;
}

enum scan_kind scan_peek(struct scan *s)
{
    skip_space(s);
    if (s->at == s->end)
        return SCAN_NONE;
    switch (*s->at) {
    case '{':
        return SCAN_OBJECT;
    case '[':
        return SCAN_ARRAY;
    case '"':
        return SCAN_STRING;
    case 't':
    case 'f':
    case 'n':
        return SCAN_WORD;
    default:
        return *s->at == '-' || (*s->at >= '0' && *s->at <= '9') ? SCAN_NUMBER : SCAN_NONE;
    }
}

static int container_begin(struct scan *s, char c)
{
    if (!take(s, c) || s->depth == SCAN_DEPTH_MAX)
        return -EBADMSG;
    s->depth++;
    s->is_first = 1;
    return 0;
}

/* Returns: 1 another element must follow, 0 the container has ended, -EBADMSG. */
SCAN_INLINE int container_next(struct scan *s, char close)
{
    assert(s->depth > 0);
    if (take(s, close)) {
        s->depth--;
        s->is_first = 0;
        return 0;
    }
    if (!s->is_first && !take(s, ','))
        return -EBADMSG;
    s->is_first = 0;
    return 1;
}

int scan_object_begin(struct scan *s)
{
    return container_begin(s, '{');
}

int scan_array_begin(struct scan *s)
{
    return container_begin(s, '[');
}

int scan_array_next(struct scan *s)
{
    return container_next(s, ']');
}

/* Marks bytes that are not plain text: quote, backslash, control byte, or above 0x7f. Each test sets the high bit of
 * the bytes it finds; a borrow can only mark bytes behind a true find, so that the first mark counts. */
SCAN_INLINE uint64_t plain_marks(uint64_t word)
{
    uint64_t quote = word ^ '"' * SCAN_EACH_BYTE, slash = word ^ '\\' * SCAN_EACH_BYTE;

    return (((quote - SCAN_EACH_BYTE) & ~quote) | ((slash - SCAN_EACH_BYTE) & ~slash) |
            ((word - ' ' * SCAN_EACH_BYTE) & ~word) | word) &
           SCAN_HIGH_BITS;
}

/* The first byte at or after `at` that is not plain text. */
static const char *plain_end(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t marks = plain_marks(scan_load8(at));

        if (marks)
            return at + __builtin_ctzll(marks) / 8;
        at += 8;
    }
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80)
        at++;
    return at;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hex digits behind \u; -1 if they are not. */
static int32_t hex4_value(const char *at, const char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Bytes of the escape whose backslash is at `at`; 0 if it is none. A surrogate may stand alone: the grammar of RFC
 * 8259, section 7, lets it, and section 8.2 only warns. */
static size_t escape_size(const char *at, const char *end)
{
    if (end - at < 2)
        return 0;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return 2;
    case 'u':
        return hex4_value(at + 2, end) < 0 ? 0 : 6;
    default:
        return 0;
    }
}

/* A string of plain text that has its end within sixteen bytes, as keys have. Returns 1, or 0 and nothing moved. */
SCAN_INLINE int string_short(struct scan *s, struct scan_string *ret)
{
    const char *start = s->at + 1, *at = start;
    uint64_t marks;

    if (s->end - s->at < 17 || *s->at != '"')
        return 0;
    marks = plain_marks(scan_load8(at));
    if (marks == 0) {
        at += 8;
        marks = plain_marks(scan_load8(at));
        if (marks == 0)
            return 0;
    }
    at += __builtin_ctzll(marks) / 8;
    if (*at != '"')
        return 0;
    *ret = (struct scan_string){ start, (size_t)(at - start), 0 };
    s->at = at + 1;
    return 1;
}

int scan_string(struct scan *s, struct scan_string *ret)
{
    const char *at, *start, *end = s->end;
    uint8_t has_escape = 0;
    size_t size;

    skip_space(s);
    if (string_short(s, ret))
        return 0;
    if (!take(s, '"'))
        return -EBADMSG;
    start = s->at;
    for (at = plain_end(start, end); at < end && *at != '"'; at = plain_end(at + size, end)) {
        if (*at == '\\') {
            size = escape_size(at, end);
            has_escape = 1;
        } else if ((unsigned char)*at < 0x20) {
            return -EBADMSG;
        } else {
            size = text_utf8_size(at, (size_t)(end - at));
        }
        if (size == 0)
            return -EBADMSG;
    }
    if (at == end)
        return -EBADMSG;
    *ret = (struct scan_string){ start, (size_t)(at - start), has_escape };
    s->at = at + 1;
    return 0;
}

int scan_object_next(struct scan *s, struct scan_string *ret_key)
{
    struct scan_string key;
    int r;

    r = container_next(s, '}');
    if (r <= 0)
        return r;
    skip_space(s);
    if (!string_short(s, &key) && scan_string(s, &key) < 0)
        return -EBADMSG;
    if (!take(s, ':'))
        return -EBADMSG;
    *ret_key = key;
    return 1;
}

/* Digits behind the point; an exponent makes them another number. */
static uint8_t written_decimals(const char *at, size_t size, uint8_t decimals)
{
    const char *point = memchr(at, '.', size);
    size_t n = point ? (size_t)(at + size - point) - 1 : 0;

    if (memchr(at, 'e', size) || memchr(at, 'E', size) || n < decimals)
        return decimals;
    return (uint8_t)(n < DECIMAL_DECIMALS_MAX ? n : DECIMAL_DECIMALS_MAX);
}

/* Any number the grammar allows, however long. */
static int number_read(const char *at, size_t size, struct scan_number *ret)
{
    struct decimal d = { 0, 0 };
    int r;

    r = decimal_parse(at, size, &d);
    if (r < 0 && r != -ERANGE)
        return r;
    *ret = (struct scan_number){ d.mantissa, d.decimals, r == 0, r == 0 ? d.mantissa < 0 : *at == '-',
                                 written_decimals(at, size, d.decimals) };
    return 0;
}

int scan_number(struct scan *s, struct scan_number *ret)
{
    const char *at;
    int r;

    skip_space(s);
    if (scan_number_fast(s, ret))
        return 0;
    for (at = s->at; at < s->end; at++)
        if (!((*at >= '0' && *at <= '9') || *at == '.' || *at == '-' || *at == '+' || (*at | 0x20) == 'e'))
            break;
    r = number_read(s->at, (size_t)(at - s->at), ret);
    if (r < 0)
        return r;
    s->at = at;
    return 0;
}

int scan_number_or_string(struct scan *s, struct scan_number *ret)
{
    char memory[SCAN_ESCAPED_NUMBER_MAX + 1];
    struct scan_string string;
    struct scan inside;
    struct text text;
    int r;

    if (scan_peek(s) != SCAN_STRING)
        return scan_number(s, ret);
    inside = *s;
    inside.at++;
    if (scan_number_fast(&inside, ret) && *inside.at == '"') {
        s->at = inside.at + 1;
        return 0;
    }
    r = scan_string(s, &string);
    if (r < 0)
        return r;
    if (!string.has_escape)
        return number_read(string.at, string.size, ret);
    text_init(&text, memory, sizeof(memory));
    scan_string_add(&string, &text);
    if (text.cut)
        return -EBADMSG;
    return number_read(text.at, text.used, ret);
}

int scan_word(struct scan *s)
{
    skip_space(s);
    return scan_expect(s, "true", 4) || scan_expect(s, "false", 5) || scan_expect(s, "null", 4) ? 0 : -EBADMSG;
}

static int skip_scalar(struct scan *s, enum scan_kind kind)
{
    struct scan_string string;
    struct scan_number number;

    if (kind == SCAN_STRING)
        return scan_string(s, &string);
    if (kind == SCAN_NUMBER)
        return scan_number(s, &number);
    return kind == SCAN_WORD ? scan_word(s) : -EBADMSG;
}

/* Close what ends here. Returns: 1 a further value must be read, 0 all are closed down to `base`, -EBADMSG. */
static int skip_close(struct scan *s, uint32_t base, const uint64_t *objects)
{
    struct scan_string key;
    int r = 0;

    while (s->depth > base && r == 0) {
        uint32_t level = s->depth - 1;

        r = objects[level / 64] >> level % 64 & 1 ? scan_object_next(s, &key) : scan_array_next(s);
    }
    return r;
}

/* The containers that are open are a stack of bits: one per level, set for an object. */
static int skip_container(struct scan *s)
{
    uint64_t objects[SCAN_DEPTH_MAX / 64 + 1] = { 0 };
    uint32_t base = s->depth;
    int r;

    do {
        enum scan_kind kind = scan_peek(s);
        uint64_t bit = UINT64_C(1) << s->depth % 64, *word = &objects[s->depth / 64];

        if (kind == SCAN_OBJECT || kind == SCAN_ARRAY) {
            *word = kind == SCAN_OBJECT ? *word | bit : *word & ~bit;
            r = container_begin(s, *s->at);
        } else {
            r = skip_scalar(s, kind);
        }
        if (r < 0)
            return r;
        r = skip_close(s, base, objects);
    } while (r > 0);
    return r;
}

int scan_skip(struct scan *s)
{
    enum scan_kind kind = scan_peek(s);

    return kind == SCAN_OBJECT || kind == SCAN_ARRAY ? skip_container(s) : skip_scalar(s, kind);
}

/* One code point as UTF-8. Returns its bytes. */
static size_t utf8_write(uint32_t code, char ret[4])
{
    if (code < 0x80) {
        ret[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        ret[0] = (char)(0xc0 | code >> 6);
        ret[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        ret[0] = (char)(0xe0 | code >> 12);
        ret[1] = (char)(0x80 | (code >> 6 & 0x3f));
        ret[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    ret[0] = (char)(0xf0 | code >> 18);
    ret[1] = (char)(0x80 | (code >> 12 & 0x3f));
    ret[2] = (char)(0x80 | (code >> 6 & 0x3f));
    ret[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* The code point of the checked escape at `at`, a pair of surrogates taken together; what stands for no character, or
 * would end a C string, is U+FFFD. Returns how many bytes of text it took. */
static size_t escape_read(const char *at, const char *end, uint32_t *ret)
{
    static const char names[] = "b\bf\fn\nr\rt\t";
    const char *name;
    int32_t code, low;

    if (at[1] != 'u') {
        name = strchr(names, at[1]);
        *ret = (unsigned char)(name ? name[1] : at[1]);
        return 2;
    }
    code = hex4_value(at + 2, end);
    if (code >= 0xd800 && code < 0xdc00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
        low = hex4_value(at + 8, end);
        if (low >= 0xdc00 && low < 0xe000) {
            *ret = 0x10000 + (((uint32_t)code - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
            return 12;
        }
    }
    *ret = code == 0 || (code >= 0xd800 && code < 0xe000) ? 0xfffd : (uint32_t)code;
    return 6;
}

/* The next whole character, escapes resolved. Returns its bytes in `ret` and steps over it. */
static size_t character_next(const char **io_at, const char *end, char ret[4])
{
    uint32_t code;
    size_t size;

    if (**io_at == '\\') {
        *io_at += escape_read(*io_at, end, &code);
        return utf8_write(code, ret);
    }
    size = text_utf8_size(*io_at, (size_t)(end - *io_at));
    memcpy(ret, *io_at, size);
    *io_at += size;
    return size;
}

int scan_string_is(const struct scan_string *string, const char *word, size_t word_size)
{
    const char *at = string->at, *end = at + string->size;
    char bytes[4];
    size_t n;

    if (!string->has_escape)
        return string->size == word_size && memcmp(at, word, word_size) == 0;
    for (; at < end; word += n, word_size -= n) {
        n = character_next(&at, end, bytes);
        if (n > word_size || memcmp(bytes, word, n) != 0)
            return 0;
    }
    return word_size == 0;
}

void scan_string_add(const struct scan_string *string, struct text *io_text)
{
    const char *at = string->at, *end = at + string->size;
    char bytes[4];
    size_t n;

    while (at < end) {
        n = character_next(&at, end, bytes);
        if (n > io_text->size - 1 - io_text->used) {
            io_text->cut = 1;
            return;
        }
        text_add(io_text, bytes, n);
    }
}
