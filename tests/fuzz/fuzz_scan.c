/* SPDX-License-Identifier: MIT
 * fuzz_scan.c - our JSON reader against two others: a strict one of the tests (oracle.h), which must take and refuse
 * exactly the same, and cJSON, whose values must be equal. Where cJSON differs from RFC 8259:
 *   it takes more (control bytes and bad UTF-8 in strings, "01", "1.", a byte order mark, other white space, text after
 *   the value): only asked where the strict reader says yes;
 *   it takes less: lone surrogate escapes, and numbers longer than 63 bytes (see is_beyond_cjson);
 *   it ends a string at \u0000: such strings are not compared. */
#include "core/decimal.h"
#include "oracle.h"
#include "venue/scan.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CJSON_NUMBER_SIZE_MAX 63

static char memory[4 * ORACLE_SIZE_MAX];

static int has_replacement(const char *string)
{
    return string && strstr(string, "\xef\xbf\xbd") != NULL;
}

/* U+FFFD in a resolved string may also be the venue's own; then one comparison less is made. */
static int is_beyond_cjson(const struct oracle_node *n)
{
    if (has_replacement(n->key) || has_replacement(n->string))
        return 1;
    if (n->kind == ORACLE_NUMBER && n->size > CJSON_NUMBER_SIZE_MAX)
        return 1;
    for (const struct oracle_node *c = n->child; c; c = c->next)
        if (is_beyond_cjson(c))
            return 1;
    return 0;
}

static void string_is_equal(const struct scan_string *string, const char *truth, size_t truth_size, const char *peer)
{
    struct text text;

    text_init(&text, memory, sizeof(memory));
    scan_string_add(string, &text);
    FUZZ_CHECK(!text.cut && text.used == truth_size && memcmp(text.at, truth, truth_size) == 0);
    FUZZ_CHECK(scan_string_is(string, truth, truth_size));
    FUZZ_CHECK(truth_size == 0 || !scan_string_is(string, truth, truth_size - 1));
    if (peer)
        FUZZ_CHECK(strcmp(peer, truth) == 0);
}

static void number_is_equal(struct scan *s, const struct oracle_node *truth, const cJSON *peer)
{
    static struct oracle_number exact;
    struct scan_number number;
    struct decimal d = { 0, 0 };
    char text[DECIMAL_TEXT_SIZE];
    int r;

    FUZZ_CHECK(scan_number(s, &number) == 0);
    FUZZ_CHECK(s->at == truth->at + truth->size);
    r = decimal_parse(truth->at, truth->size, &d);
    FUZZ_CHECK(number.fits == (r == 0));
    FUZZ_CHECK(oracle_number(truth->at, truth->size, &exact) == 0);
    FUZZ_CHECK(number.is_negative == exact.is_negative || !number.fits);
    if (!number.fits)
        return;
    FUZZ_CHECK(number.mantissa == d.mantissa && number.decimals == d.decimals);
    (void)decimal_format(number.mantissa, number.decimals, text);
    if (peer)
        FUZZ_CHECK(strtod(text, NULL) == peer->valuedouble);
}

/* Walks the three side by side; peer is NULL where cJSON cannot follow. */
static void value_is_equal(struct scan *s, const struct oracle_node *truth, const cJSON *peer)
{
    const cJSON *peer_child = peer ? peer->child : NULL;
    struct scan_string string;
    int r;

    switch (scan_peek(s)) {
    case SCAN_OBJECT:
    case SCAN_ARRAY:
        FUZZ_CHECK(truth->kind == ORACLE_OBJECT || truth->kind == ORACLE_ARRAY);
        r = truth->kind == ORACLE_OBJECT ? scan_object_begin(s) : scan_array_begin(s);
        FUZZ_CHECK(r == 0);
        for (const struct oracle_node *c = truth->child; c; c = c->next) {
            r = truth->kind == ORACLE_OBJECT ? scan_object_next(s, &string) : scan_array_next(s);
            FUZZ_CHECK(r == 1);
            FUZZ_CHECK(!peer || peer_child);
            if (truth->kind == ORACLE_OBJECT)
                string_is_equal(&string, c->key, c->key_size, peer ? peer_child->string : NULL);
            value_is_equal(s, c, peer_child);
            peer_child = peer ? peer_child->next : NULL;
        }
        r = truth->kind == ORACLE_OBJECT ? scan_object_next(s, &string) : scan_array_next(s);
        FUZZ_CHECK(r == 0);
        return;
    case SCAN_STRING:
        FUZZ_CHECK(truth->kind == ORACLE_STRING);
        FUZZ_CHECK(scan_string(s, &string) == 0);
        string_is_equal(&string, truth->string, truth->string_size, peer ? cJSON_GetStringValue(peer) : NULL);
        return;
    case SCAN_NUMBER:
        FUZZ_CHECK(truth->kind == ORACLE_NUMBER);
        number_is_equal(s, truth, peer);
        return;
    case SCAN_WORD:
        FUZZ_CHECK(truth->kind == ORACLE_WORD);
        FUZZ_CHECK(scan_word(s) == 0);
        return;
    case SCAN_NONE:
        FUZZ_CHECK(0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char terminated[ORACLE_SIZE_MAX + 1];
    struct oracle_node *truth;
    cJSON *peer = NULL;
    struct scan s;
    int r;

    if (size > ORACLE_SIZE_MAX)
        return 0;
    FUZZ_CHECK(scan_begin(&s, (const char *)data, size) == 0);
    r = scan_skip(&s);
    if (r == 0)
        r = scan_finish(&s);
    truth = oracle_json((const char *)data, size);
    FUZZ_CHECK(r == (truth ? 0 : -EBADMSG));
    if (!truth)
        return 0;
    if (!is_beyond_cjson(truth)) {
        memcpy(terminated, data, size);
        terminated[size] = '\0';
        peer = cJSON_ParseWithOpts(terminated, NULL, 1);
        FUZZ_CHECK(peer != NULL);
    }
    FUZZ_CHECK(scan_begin(&s, (const char *)data, size) == 0);
    value_is_equal(&s, truth, peer);
    FUZZ_CHECK(scan_finish(&s) == 0);
    cJSON_Delete(peer);
    return 0;
}
