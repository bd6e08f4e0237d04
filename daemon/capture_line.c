/* SPDX-License-Identifier: MIT
 * One line of a capture: from text to an event and back. */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Strings shrink when their escapes are resolved, so the line itself holds the results: `at` reads, and what is
 * written never passes it. */
struct cursor {
    char *at, *end;
    char *problem;
};

struct slice {
    char *at;
    size_t size;
    uint8_t is_there;
};

struct envelope { /* the keys of one line, as they were found */
    struct slice ev, url, text, b64, frags, did;
};

static int damaged(struct cursor *c, const char *why)
{
    (void)snprintf(c->problem, CAPTURE_PROBLEM_SIZE, "%s", why);
    return -EBADMSG;
}

static void skip_space(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
        c->at++;
}

/* After white space: 1 and past it if this byte is next, else 0. */
static int take(struct cursor *c, char byte)
{
    skip_space(c);
    if (c->at == c->end || *c->at != byte)
        return 0;
    c->at++;
    return 1;
}

static int hex4(const char *at, const char *end, uint32_t *ret)
{
    uint32_t value = 0;

    if (end - at < 4)
        return 0;
    for (int i = 0; i < 4; i++) {
        char byte = at[i];
        uint32_t digit;

        if (byte >= '0' && byte <= '9')
            digit = (uint32_t)(byte - '0');
        else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
            digit = (uint32_t)((byte | 0x20) - 'a') + 10;
        else
            return 0;
        value = value * 16 + digit;
    }
    *ret = value;
    return 1;
}

static char *utf8_put(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xe0 | code >> 12);
        } else {
            *to++ = (char)(0xf0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (code & 0x3f));
    return to;
}

/* \uXXXX, and a pair of them. A lone surrogate becomes its three bytes, which are no UTF-8: whoever reads the payload
 * refuses them, as it would on the wire. */
static char *escape_unicode(struct cursor *c, char *to)
{
    uint32_t code, low;

    if (!hex4(c->at, c->end, &code))
        return NULL;
    c->at += 4;
    if (code >= 0xd800 && code < 0xdc00 && c->end - c->at >= 6 && c->at[0] == '\\' && c->at[1] == 'u' &&
        hex4(c->at + 2, c->end, &low) && low >= 0xdc00 && low < 0xe000) {
        c->at += 6;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    return utf8_put(to, code);
}

static char *escape_take(struct cursor *c, char *to)
{
    static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (c->at == c->end)
        return NULL;
    if (*c->at == 'u') {
        c->at++;
        return escape_unicode(c, to);
    }
    found = *c->at ? strchr(from, *c->at) : NULL;
    if (!found)
        return NULL;
    c->at++;
    *to = plain[found - from];
    return to + 1;
}

/* A string, unescaped to `to`, which is not after the cursor. */
static int string_take(struct cursor *c, char *to, struct slice *ret)
{
    char *start = to;

    if (!take(c, '"'))
        return damaged(c, "a string is missing");
    for (;;) {
        char *run = c->at;
        size_t n;

        while (c->at < c->end && *c->at != '"' && *c->at != '\\')
            c->at++;
        n = (size_t)(c->at - run);
        memmove(to, run, n);
        to += n;
        if (c->at == c->end)
            return damaged(c, "a string does not end");
        if (*c->at++ == '"')
            break;
        to = escape_take(c, to);
        if (!to)
            return damaged(c, "an escape cannot be read");
    }
    *ret = (struct slice){ start, (size_t)(to - start), 1 };
    return 0;
}

static int word_take(struct cursor *c, const char *word)
{
    size_t n = strlen(word);

    skip_space(c);
    if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
        return 0;
    c->at += n;
    return 1;
}

static int string_or_null(struct cursor *c, struct slice *ret)
{
    *ret = (struct slice){ NULL, 0, 0 };
    if (word_take(c, "null"))
        return 0;
    skip_space(c);
    return string_take(c, c->at, ret);
}

static int integer_take(struct cursor *c, int64_t *ret)
{
    int64_t value = 0;
    char *start;
    int is_negative = take(c, '-');

    for (start = c->at; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *c->at - '0', &value))
            return damaged(c, "a number is too large");
    if (c->at == start || (c->at < c->end && strchr(".eE", *c->at)))
        return damaged(c, "a whole number is missing");
    *ret = is_negative ? -value : value;
    return 0;
}

/* The fragments follow each other in the line's own memory. */
static int fragments_take(struct cursor *c, struct slice *ret)
{
    struct slice part;
    char *to;
    int r;

    *ret = (struct slice){ NULL, 0, 0 };
    if (word_take(c, "null"))
        return 0;
    if (!take(c, '['))
        return damaged(c, "frags is no list");
    *ret = (struct slice){ c->at, 0, 1 };
    if (take(c, ']'))
        return 0;
    to = ret->at;
    do {
        r = string_take(c, to, &part);
        if (r < 0)
            return r;
        to += part.size;
    } while (take(c, ','));
    ret->size = (size_t)(to - ret->at);
    return take(c, ']') ? 0 : damaged(c, "frags does not end");
}

/* A value of a key we do not know, without looking closely: containers by their brackets, the rest to its end. */
static int value_skip(struct cursor *c)
{
    struct slice ignored;
    size_t depth = 0;

    do {
        skip_space(c);
        if (c->at == c->end)
            return damaged(c, "the line does not end");
        if (*c->at == '"') {
            int r = string_take(c, c->at, &ignored);

            if (r < 0)
                return r;
            continue;
        }
        if (*c->at == '{' || *c->at == '[')
            depth++;
        else if ((*c->at == '}' || *c->at == ']') && depth > 0)
            depth--;
        else if ((*c->at == ',' || *c->at == '}') && depth == 0)
            return damaged(c, "a value is missing");
        else if (depth == 0)
            while (c->at + 1 < c->end && !strchr(",} \t", c->at[1]))
                c->at++;
        c->at++;
    } while (depth > 0);
    return 0;
}

static int key_is(const struct slice *key, const char *word)
{
    return key->size == strlen(word) && memcmp(key->at, word, key->size) == 0;
}

static int conn_take(struct cursor *c, struct capture_event *io_event)
{
    int64_t conn;
    int r = integer_take(c, &conn);

    if (r < 0)
        return r;
    if (conn < 0 || conn > UINT16_MAX)
        return damaged(c, "conn is out of range");
    io_event->has_conn = 1;
    io_event->conn = (uint32_t)conn;
    return 0;
}

static int member_take(struct cursor *c, struct envelope *io_envelope, struct capture_event *io_event)
{
    const struct {
        const char *word;
        struct slice *to;
    } strings[] = { { "ev", &io_envelope->ev },
                    { "url", &io_envelope->url },
                    { "text", &io_envelope->text },
                    { "b64", &io_envelope->b64 },
                    { "did", &io_envelope->did } };
    struct slice key;
    int r;

    skip_space(c);
    r = string_take(c, c->at, &key);
    if (r < 0)
        return r;
    if (!take(c, ':'))
        return damaged(c, "a colon is missing");
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        if (key_is(&key, strings[i].word))
            return string_or_null(c, strings[i].to);
    if (key_is(&key, "frags"))
        return fragments_take(c, &io_envelope->frags);
    if (key_is(&key, "conn"))
        return conn_take(c, io_event);
    if (!key_is(&key, "t"))
        return value_skip(c);
    if (word_take(c, "null"))
        return 0;
    io_event->has_time = 1;
    return integer_take(c, &io_event->recv_ns);
}

static int base64_value(char byte)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = byte ? strchr(digits, byte) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* In place. Source: RFC 4648, section 4; padding may be absent. */
static int base64_decode(struct cursor *c, struct slice *io_slice)
{
    size_t n = io_slice->size, n_out = 0;
    uint32_t bits = 0, n_bits = 0;

    while (n > 0 && io_slice->at[n - 1] == '=')
        n--;
    for (size_t i = 0; i < n; i++) {
        int value = base64_value(io_slice->at[i]);

        if (value < 0)
            return damaged(c, "b64 is no base64");
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            io_slice->at[n_out++] = (char)(bits >> n_bits);
        }
    }
    io_slice->size = n_out;
    return 0;
}

static int kind_find(const struct slice *ev, enum feed_input_kind *ret)
{
    static const struct {
        const char *word;
        enum feed_input_kind kind;
    } kinds[] = { { "rx", FEED_INPUT_RX },
                  { "tx", FEED_INPUT_TX },
                  { "http", FEED_INPUT_HTTP },
                  { "open", FEED_INPUT_OPEN },
                  { "close", FEED_INPUT_CLOSE } };

    for (size_t i = 0; ev->is_there && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (key_is(ev, kinds[i].word)) {
            *ret = kinds[i].kind;
            return 0;
        }
    return -EBADMSG;
}

/* `text` is what a payload says; `b64` beside it is the same compressed. */
static int payload_choose(struct cursor *c, struct envelope *e, struct capture_event *io_event)
{
    const struct slice *payload = e->text.is_there ? &e->text : e->frags.is_there ? &e->frags : &e->b64;

    if (payload == &e->b64 && e->b64.is_there) {
        int r = base64_decode(c, &e->b64);

        if (r < 0)
            return r;
    }
    io_event->bytes = payload->is_there ? payload->at : NULL;
    io_event->bytes_size = payload->size;
    return 0;
}

int capture_line_parse(char *line, size_t size, struct capture_event *ret, char ret_problem[CAPTURE_PROBLEM_SIZE])
{
    struct cursor c = { line, line + size, ret_problem };
    struct capture_event event = { 0 };
    struct envelope e = { 0 };
    int r;

    if (!take(&c, '{'))
        return damaged(&c, "it is no JSON object");
    if (!take(&c, '}')) {
        do {
            r = member_take(&c, &e, &event);
            if (r < 0)
                return r;
        } while (take(&c, ','));
        if (!take(&c, '}'))
            return damaged(&c, "the object does not end");
    }
    skip_space(&c);
    if (c.at != c.end)
        return damaged(&c, "something follows the object");
    if (kind_find(&e.ev, &event.kind) < 0)
        return damaged(&c, "ev is none of open, close, tx, rx, http");
    r = payload_choose(&c, &e, &event);
    if (r < 0)
        return r;
    if (e.url.is_there) {
        e.url.at[e.url.size] = '\0'; /* over its closing quote, which has been read */
        event.url = e.url.at;
    }
    if (e.did.is_there) {
        e.did.at[e.did.size] = '\0';
        event.did = e.did.at;
    }
    *ret = event;
    return 0;
}
