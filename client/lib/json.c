/* SPDX-License-Identifier: MIT
 * The little JSON that an answer needs: the members of its outermost object. Whatever is malformed has no members. */
#include "control.h"

#include <errno.h>
#include <string.h>

static const char *blank_skip(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Behind the closing quote, NULL without one. */
static const char *string_skip(const char *at)
{
    if (*at != '"')
        return NULL;
    for (at++; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        if (*at == '\0')
            return NULL;
    }
    return at + 1;
}

/* Behind a value: up to the comma or bracket that is not inside of it. */
static const char *value_skip(const char *at)
{
    size_t depth = 0;
    while (*at != '\0') {
        if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
            return at;
        if (*at == '"') {
            at = string_skip(at);
            if (at == NULL)
                return NULL;
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at++;
    }
    return NULL;
}

const char *lib_json_member(const char *line, const char *name)
{
    size_t size = strlen(name);
    const char *at = blank_skip(line);
    if (*at != '{')
        return NULL;
    do {
        const char *key = blank_skip(at + 1), *end = string_skip(key);
        if (end == NULL)
            return NULL;
        at = blank_skip(end);
        if (*at != ':')
            return NULL;
        at = blank_skip(at + 1);
        if ((size_t)(end - key) == size + 2 && memcmp(key + 1, name, size) == 0)
            return at;
        at = value_skip(at);
    } while (at != NULL && *at == ',');
    return NULL;
}

static char hex_value(const char *at)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef", *found = at[i] ? strchr(digits, at[i] | 0x20) : NULL;
        if (found == NULL)
            return '?';
        value = value * 16 + (unsigned)(found - digits);
    }
    return value >= ' ' && value < 0x7f ? (char)value : '?'; /* hogad writes others as they are */
}

int lib_json_string(const char *value, char *ret, size_t size)
{
    size_t used = 0;
    const char *end = value != NULL ? string_skip(value) : NULL;
    if (end == NULL)
        return -EBADMSG;
    for (const char *at = value + 1; at < end - 1 && used + 1 < size; at++) {
        char byte = *at;
        if (byte == '\\') {
            byte = *++at;
            if (byte == 'u') {
                byte = hex_value(at + 1);
                at += byte == '?' && end - at < 6 ? 0 : 4;
            } else if (byte != '"' && byte != '\\' && byte != '/') {
                byte = ' ';
            }
        }
        ret[used++] = byte;
    }
    ret[used] = '\0';
    return 0;
}
