/* SPDX-License-Identifier: MIT
 * fuzz_websocket.c - what a server may send after the upgrade, in any pieces: the messages are those of a second
 * reading of RFC 6455, and so is the refusal. First two bytes of an input: bytes a piece. */
#include "net/ws_stream.h"
#include "oracle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 4096

struct item {
    uint8_t opcode;
    size_t size;
    uint64_t sum;
};

struct items {
    struct item item[ITEMS_MAX];
    size_t n;
    int is_refused;
};

static uint64_t sum_add(uint64_t sum, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < size; i++)
        sum = (sum ^ at[i]) * 1099511628211u; /* FNV-1a */
    return sum;
}

static void items_add(struct items *to, unsigned opcode, size_t size, uint64_t sum)
{
    if (to->n < ITEMS_MAX)
        to->item[to->n] = (struct item){ (uint8_t)opcode, size, sum };
    to->n++;
}

/* Source: RFC 6455, sections 5.1, 5.2, 5.4 and 5.5. */
static void reference(const uint8_t *at, size_t size, struct items *ret)
{
    uint64_t message_sum = 0, message_size = 0;
    int in_message = 0;

    memset(ret, 0, sizeof *ret);
    while (size >= 2) {
        unsigned opcode = at[0] & 15u, is_final = at[0] >> 7, is_control = opcode >> 3;
        uint64_t n = at[1] & 127u, head = 2;

        ret->is_refused =
            (at[0] & 0x70) != 0 || (at[1] & 0x80) != 0 || (opcode & 7) > 2 || (is_control && (!is_final || n > 125));
        if (ret->is_refused)
            return;
        head += n == 126 ? 2 : n == 127 ? 8 : 0;
        if (size < head)
            return;
        if (head > 2)
            n = 0;
        for (uint64_t i = 2; i < head; i++)
            n = n << 8 | at[i];
        ret->is_refused = n > WS_FRAME_SIZE_MAX || (!is_control && message_size + n > WS_FRAME_SIZE_MAX);
        if (ret->is_refused || size - head < n)
            return;
        if (is_control) {
            items_add(ret, opcode, n, sum_add(1, at + head, n));
        } else {
            ret->is_refused = (opcode == 0) != in_message;
            if (ret->is_refused)
                return;
            message_sum = sum_add(opcode == 0 ? message_sum : 1, at + head, n);
            message_size += n;
            in_message = !is_final;
            if (is_final) {
                /* A message of several frames is called text: the decoder looks at its bytes. */
                items_add(ret, opcode == 0 ? WS_TEXT : opcode, message_size, message_sum);
                message_size = 0;
            }
        }
        at += head + n;
        size -= head + n;
    }
}

/* Returns 1 when it was refused. */
static int take_all(struct ws_stream *s, struct items *ret)
{
    struct ws_item item;
    int r;

    while ((r = ws_stream_next(s, &item)) == 1)
        items_add(ret, item.opcode, item.size, sum_add(1, item.bytes, item.size));
    FUZZ_CHECK(r == 0 || (r == -EPROTO && s->problem && s->problem[0]));
    return r < 0;
}

static void ours(const uint8_t *at, size_t size, size_t piece, struct items *ret)
{
    struct ws_stream s;

    memset(ret, 0, sizeof *ret);
    FUZZ_CHECK(ws_stream_init(&s) == 0);
    while (size > 0 && !ret->is_refused) {
        size_t room, n = piece > 0 && piece < size ? piece : size;
        uint8_t *to;

        FUZZ_CHECK(ws_stream_room(&s, &to, &room) == 0 && room >= WS_STREAM_ROOM_MIN);
        n = n < room ? n : room;
        memcpy(to, at, n);
        ws_stream_filled(&s, n);
        at += n;
        size -= n;
        ret->is_refused = take_all(&s, ret);
    }
    ws_stream_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct items expected, got;

    if (size < 2)
        return 0;
    reference(data + 2, size - 2, &expected);
    ours(data + 2, size - 2, (size_t)data[0] | (size_t)data[1] << 8, &got);
    FUZZ_CHECK(got.n == expected.n && got.is_refused == expected.is_refused);
    for (size_t i = 0; i < got.n && i < ITEMS_MAX; i++)
        FUZZ_CHECK(got.item[i].opcode == expected.item[i].opcode && got.item[i].size == expected.item[i].size &&
                   got.item[i].sum == expected.item[i].sum);
    return 0;
}
