/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *t, char *memory, size_t size)
{
    assert(size > 0);
    *t = (struct text){ memory, size, 0, 0 };
    memory[0] = '\0';
}

void text_add(struct text *t, const char *bytes, size_t n)
{
    size_t room = t->size - 1 - t->used;

    if (n > room) {
        n = room;
        t->cut = 1;
    }
    if (n > 0)
        memcpy(t->at + t->used, bytes, n);
    t->used += n;
    t->at[t->used] = '\0';
}

void text_add_string(struct text *t, const char *string)
{
    text_add(t, string, strlen(string));
}

void text_add_u64(struct text *t, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    text_add(t, digits + at, sizeof(digits) - at);
}

void text_add_i64(struct text *t, int64_t value)
{
    if (value < 0)
        text_add(t, "-", 1);
    text_add_u64(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_addf(struct text *t, const char *format, ...)
{
    size_t room = t->size - t->used;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->at + t->used, room, format, ap);
    va_end(ap);
    if (n < 0) {
        t->at[t->used] = '\0';
        t->cut = 1;
        return;
    }
    if ((size_t)n >= room) {
        t->cut = 1;
        t->used = t->size - 1;
        return;
    }
    t->used += (size_t)n;
}

/* RFC 3629, section 4: the ranges of the second byte shut out overlong forms, surrogates and what is above U+10FFFF. */
size_t text_utf8_size(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    unsigned char low = 0x80, high = 0xbf;
    size_t size;

    if (n == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    size = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n < size)
        return 0;
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

/* All or nothing, so that a cut never leaves half an escape or half a character behind. */
static void text_add_whole(struct text *t, const char *bytes, size_t n)
{
    if (n > t->size - 1 - t->used) {
        t->cut = 1;
        return;
    }
    text_add(t, bytes, n);
}

static void text_add_json_control(struct text *t, unsigned char c)
{
    static const char names[] = "\bb\ff\nn\rr\tt";
    const char *name = c ? strchr(names, c) : NULL;
    char escape[8];

    if (name) {
        text_add_whole(t, (const char[]){ '\\', name[1] }, 2);
        return;
    }
    (void)snprintf(escape, sizeof(escape), "\\u%04x", c);
    text_add_whole(t, escape, 6);
}

void text_add_json(struct text *t, const char *bytes, size_t n)
{
    for (size_t i = 0, size; i < n && !t->cut; i += size) {
        unsigned char c = (unsigned char)bytes[i];

        size = text_utf8_size(bytes + i, n - i);
        if (size == 0) {
            size = 1;
            text_add_whole(t, "\xef\xbf\xbd", 3);
        } else if (c == '"' || c == '\\') {
            text_add_whole(t, (const char[]){ '\\', (char)c }, 2);
        } else if (c < 0x20 || c == 0x7f) {
            text_add_json_control(t, c);
        } else {
            text_add_whole(t, bytes + i, size);
        }
    }
}

int text_copy(char *to, size_t to_size, const char *from)
{
    size_t size = strlen(from) + 1;

    if (size > to_size)
        return -ENAMETOOLONG;
    memcpy(to, from, size);
    return 0;
}
