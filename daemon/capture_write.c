/* SPDX-License-Identifier: MIT
 * The writing half of capture.h. */
#include "capture.h"

#include <string.h>

/* Bytes of the character at `at`, or 0 if it is none. Source: RFC 3629, section 4. */
static size_t utf8_size(const uint8_t *at, size_t size)
{
    size_t n = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;

    if (n == 0 || n > size)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) || (at[0] == 0xf0 && at[1] < 0x90) ||
        (at[0] == 0xf4 && at[1] > 0x8f))
        return 0;
    return n;
}

/* As text it reads better; as base64 anything goes, and a payload of nothing but control characters, six bytes each,
 * stays within the length of a line. */
static int is_text(const char *bytes, size_t size)
{
    size_t n_escaped = 0;

    for (size_t i = 0; i < size;) {
        size_t n = utf8_size((const uint8_t *)bytes + i, size - i);

        if (n == 0)
            return 0;
        if ((uint8_t)bytes[i] < 0x20 || bytes[i] == 0x7f)
            n_escaped++;
        i += n;
    }
    return 2 * size + 4 * n_escaped < CAPTURE_LINE_SIZE_MAX / 2;
}

static void add_base64(struct text *io_text, const char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        size_t n = size - i < 3 ? size - i : 3;
        uint32_t bits = 0;
        char four[4];

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (uint8_t)bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            four[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
        text_add(io_text, four, sizeof(four));
    }
}

static const char *kind_word(enum feed_input_kind kind)
{
    switch (kind) {
    case FEED_INPUT_OPEN:
        return "open";
    case FEED_INPUT_CLOSE:
        return "close";
    case FEED_INPUT_TX:
        return "tx";
    case FEED_INPUT_HTTP:
        return "http";
    case FEED_INPUT_RX:
    case FEED_INPUT_TICK:
    case FEED_INPUT_ALIVE:
    case FEED_INPUT_STATE:
        break;
    }
    return "rx";
}

size_t capture_line_size_max(const struct capture_event *event)
{
    /* An escaped byte is at most six; the rest is keys and numbers. */
    return 256 +
           6 * (event->bytes_size + (event->url ? strlen(event->url) : 0) + (event->did ? strlen(event->did) : 0));
}

void capture_line_write(struct text *io_text, const struct capture_event *event)
{
    text_add_string(io_text, "{\"t\":");
    if (event->has_time)
        text_add_i64(io_text, event->recv_ns);
    else
        text_add_string(io_text, "null");
    text_add_string(io_text, ",\"ev\":\"");
    text_add_string(io_text, kind_word(event->kind));
    text_add_string(io_text, "\",\"url\":");
    if (event->url) {
        text_add_string(io_text, "\"");
        text_add_json(io_text, event->url, strlen(event->url));
        text_add_string(io_text, "\"");
    } else {
        text_add_string(io_text, "null");
    }
    if (event->bytes && is_text(event->bytes, event->bytes_size)) {
        text_add_string(io_text, ",\"text\":\"");
        text_add_json(io_text, event->bytes, event->bytes_size);
        text_add_string(io_text, "\"");
    } else if (event->bytes) {
        text_add_string(io_text, ",\"b64\":\"");
        add_base64(io_text, event->bytes, event->bytes_size);
        text_add_string(io_text, "\"");
    }
    text_add_string(io_text, ",\"conn\":");
    text_add_u64(io_text, event->conn);
    if (event->did) {
        text_add_string(io_text, ",\"did\":\"");
        text_add_json(io_text, event->did, strlen(event->did));
        text_add_string(io_text, "\"");
    }
    text_add_string(io_text, "}\n");
}
