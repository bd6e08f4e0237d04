/* SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every node takes at least one byte of text, and a resolved string never more than its text and a NUL. */
static struct oracle_node nodes[ORACLE_SIZE_MAX + 1];
static char strings[4 * ORACLE_SIZE_MAX];
static size_t n_nodes, n_strings;
static const char *at, *end;

void oracle_fail(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

static struct oracle_node *value_read(unsigned depth);

static void space(void)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
}

static int is(char c)
{
    if (at == end || *at != c)
        return 0;
    at++;
    return 1;
}

static void put(uint32_t code)
{
    char *to = strings + n_strings;

    if (code < 0x80) {
        n_strings += 1;
        to[0] = (char)code;
    } else if (code < 0x800) {
        n_strings += 2;
        to[0] = (char)(0xc0 + code / 64);
        to[1] = (char)(0x80 + code % 64);
    } else if (code < 0x10000) {
        n_strings += 3;
        to[0] = (char)(0xe0 + code / 4096);
        to[1] = (char)(0x80 + code / 64 % 64);
        to[2] = (char)(0x80 + code % 64);
    } else {
        n_strings += 4;
        to[0] = (char)(0xf0 + code / 262144);
        to[1] = (char)(0x80 + code / 4096 % 64);
        to[2] = (char)(0x80 + code / 64 % 64);
        to[3] = (char)(0x80 + code % 64);
    }
}

static int hex4(uint32_t *ret)
{
    char digits[5] = { 0 };
    char *stop;

    if (end - at < 4)
        return 0;
    memcpy(digits, at, 4);
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return 0;
    *ret = (uint32_t)strtoul(digits, &stop, 16);
    at += 4;
    return 1;
}

static int escape(void)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint32_t code, low;
    const char *known, *before;

    if (at == end)
        return 0;
    if (*at != 'u') {
        known = *at ? strchr(from, *at) : NULL;
        if (!known)
            return 0;
        put((unsigned char)to[known - from]);
        at++;
        return 1;
    }
    at++;
    if (!hex4(&code))
        return 0;
    before = at;
    if (code >= 0xd800 && code <= 0xdbff && is('\\') && is('u') && hex4(&low) && low >= 0xdc00 && low <= 0xdfff) {
        put(0x10000 + (code - 0xd800) * 1024 + (low - 0xdc00));
        return 1;
    }
    at = before;
    put(code == 0 || (code >= 0xd800 && code <= 0xdfff) ? 0xfffd : code);
    return 1;
}

/* One character of more than one byte, decoded by arithmetic and judged by its value. */
static int multibyte(void)
{
    unsigned char c = (unsigned char)*at;
    int more = c >= 0xf0 && c < 0xf8 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc0 && c < 0xe0 ? 1 : 0;
    static const uint32_t least[4] = { 0, 0x80, 0x800, 0x10000 };
    uint32_t code = c & (0x3f >> more);

    if (more == 0 || end - at <= more)
        return 0;
    for (int i = 1; i <= more; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return 0;
        code = code * 64 + ((unsigned char)at[i] & 0x3f);
    }
    if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    at += more + 1;
    put(code);
    return 1;
}

/* Behind the opening quote. */
static int string_read(char **ret, size_t *ret_size)
{
    size_t start = n_strings;

    while (at < end && *at != '"') {
        if ((unsigned char)*at < 0x20)
            return 0;
        if (*at == '\\') {
            at++;
            if (!escape())
                return 0;
        } else if ((unsigned char)*at >= 0x80) {
            if (!multibyte())
                return 0;
        } else {
            put((unsigned char)*at++);
        }
    }
    if (!is('"'))
        return 0;
    *ret = strings + start;
    *ret_size = n_strings - start;
    strings[n_strings++] = '\0';
    return 1;
}

static int members_read(struct oracle_node *node, char close, unsigned depth)
{
    struct oracle_node **link = &node->child;
    char *key = NULL;
    size_t key_size = 0;

    space();
    if (is(close))
        return 1;
    do {
        space();
        if (close == '}') {
            if (!is('"') || !string_read(&key, &key_size))
                return 0;
            space();
            if (!is(':'))
                return 0;
        }
        *link = value_read(depth + 1);
        if (!*link)
            return 0;
        (*link)->key = key;
        (*link)->key_size = key_size;
        link = &(*link)->next;
        space();
    } while (is(','));
    return is(close);
}

static int scalar_read(struct oracle_node *node)
{
    static const char *const words[] = { "true", "false", "null" };
    static struct oracle_number number;

    if (is('"')) {
        node->kind = ORACLE_STRING;
        node->at = at;
        if (!string_read(&node->string, &node->string_size))
            return 0;
        node->size = (size_t)(at - 1 - node->at);
        return 1;
    }
    for (size_t i = 0; i < 3; i++)
        if ((size_t)(end - at) >= strlen(words[i]) && memcmp(at, words[i], strlen(words[i])) == 0) {
            node->kind = ORACLE_WORD;
            at += strlen(words[i]);
            return 1;
        }
    node->kind = ORACLE_NUMBER;
    while (at < end && *at && strchr("+-.0123456789eE", *at))
        at++;
    node->size = (size_t)(at - node->at);
    return oracle_number(node->at, node->size, &number) == 0;
}

static struct oracle_node *value_read(unsigned depth)
{
    struct oracle_node *node = &nodes[n_nodes++];

    space();
    *node = (struct oracle_node){ .at = at };
    if (at == end)
        return NULL;
    if (*at == '{' || *at == '[') {
        char close = *at++ == '{' ? '}' : ']';

        if (depth == ORACLE_DEPTH_MAX)
            return NULL;
        node->kind = close == '}' ? ORACLE_OBJECT : ORACLE_ARRAY;
        return members_read(node, close, depth) ? node : NULL;
    }
    return scalar_read(node) ? node : NULL;
}

struct oracle_node *oracle_json(const char *text, size_t size)
{
    struct oracle_node *node;

    n_nodes = 0;
    n_strings = 0;
    at = text;
    end = text + size;
    node = value_read(0);
    space();
    return at == end ? node : NULL;
}

struct oracle_node *oracle_get(const struct oracle_node *object, const char *key)
{
    struct oracle_node *found = NULL;

    for (struct oracle_node *n = object->child; n; n = n->next)
        if (n->key_size == strlen(key) && memcmp(n->key, key, n->key_size) == 0)
            found = n;
    return found;
}

static size_t run(const char *text, size_t size, size_t i)
{
    size_t n = 0;

    while (i + n < size && text[i + n] >= '0' && text[i + n] <= '9')
        n++;
    return n;
}

int oracle_number(const char *text, size_t size, struct oracle_number *ret)
{
    size_t i = 0, whole, fraction = 0, exponent = 0, first;
    int64_t power = 0;
    int down = 0;

    *ret = (struct oracle_number){ 0 };
    ret->is_negative = size > 0 && text[0] == '-';
    i += (size_t)ret->is_negative;
    whole = run(text, size, i);
    if (whole == 0 || (whole > 1 && text[i] == '0'))
        return -1;
    memcpy(ret->digits, text + i, whole);
    i += whole;
    if (i < size && text[i] == '.') {
        fraction = run(text, size, ++i);
        if (fraction == 0)
            return -1;
        memcpy(ret->digits + whole, text + i, fraction);
        i += fraction;
    }
    if (i < size && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < size && (text[i] == '+' || text[i] == '-'))
            down = text[i++] == '-';
        exponent = run(text, size, i);
        if (exponent == 0)
            return -1;
        for (size_t k = 0; k < exponent; k++)
            power = power > INT64_C(1) << 50 ? power : power * 10 + (text[i + k] - '0');
        i += exponent;
    }
    if (i != size)
        return -1;
    ret->n = whole + fraction;
    ret->scale = (int64_t)fraction - (down ? -power : power);
    while (ret->n > 0 && ret->digits[ret->n - 1] == '0') {
        ret->n--;
        ret->scale--;
    }
    for (first = 0; first < ret->n && ret->digits[first] == '0';)
        first++;
    memmove(ret->digits, ret->digits + first, ret->n - first);
    ret->n -= first;
    if (ret->n == 0) {
        ret->scale = 0;
        ret->is_negative = 0;
    }
    return 0;
}

int oracle_fits(const struct oracle_number *number, unsigned decimals)
{
    char padded[20];
    int64_t zeros = (int64_t)decimals - number->scale;

    if (number->n == 0)
        return 1;
    if (zeros < 0 || zeros > 18 || number->n + (size_t)zeros > 19)
        return 0;
    memcpy(padded, number->digits, number->n);
    memset(padded + number->n, '0', (size_t)zeros);
    return number->n + (size_t)zeros < 19 ||
           memcmp(padded, number->is_negative ? "9223372036854775808" : "9223372036854775807", 19) <= 0;
}

int oracle_equal(const struct oracle_number *a, const struct oracle_number *b)
{
    return a->is_negative == b->is_negative && a->n == b->n && a->scale == b->scale &&
           memcmp(a->digits, b->digits, a->n) == 0;
}
