/* SPDX-License-Identifier: MIT
 * ws_stream.c - see ws_stream.h. Memory holds [message so far][gap][bytes not looked at][room]. */
#include "net/ws_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ws_stream_init(struct ws_stream *s)
{
    memset(s, 0, sizeof *s);
    s->memory = malloc(WS_STREAM_SIZE);
    if (!s->memory)
        return -ENOMEM;
    s->capacity = WS_STREAM_SIZE;
    return 0;
}

void ws_stream_done(struct ws_stream *s)
{
    free(s->memory);
    memset(s, 0, sizeof *s);
}

/* What is kept is bounded: a message and one frame of at most WS_FRAME_SIZE_MAX each, so doubling ends. */
static int grow(struct ws_stream *s)
{
    uint8_t *memory;

    assert(s->capacity <= 4 * (size_t)WS_FRAME_SIZE_MAX);
    memory = realloc(s->memory, 2 * s->capacity);
    if (!memory)
        return -ENOMEM;
    s->memory = memory;
    s->capacity *= 2;
    return 0;
}

/* Memory that one large message needed. Where even that fails, nothing is lost. */
static void shrink(struct ws_stream *s)
{
    uint8_t *memory = realloc(s->memory, WS_STREAM_SIZE);

    if (!memory)
        return;
    s->memory = memory;
    s->capacity = WS_STREAM_SIZE;
}

int ws_stream_room(struct ws_stream *s, uint8_t **ret_at, size_t *ret_size)
{
    int r;

    /* Start again from the front whenever nothing is kept: the same cache lines serve frame after frame. */
    if (s->head == s->end) {
        s->head = s->message_size;
        s->end = s->message_size;
        if (s->message_size == 0 && s->capacity > WS_STREAM_KEEP_MAX)
            shrink(s);
    }
    if (s->capacity - s->end < WS_STREAM_ROOM_MIN && s->head > s->message_size) {
        memmove(s->memory + s->message_size, s->memory + s->head, s->end - s->head);
        s->end = s->message_size + (s->end - s->head);
        s->head = s->message_size;
    }
    if (s->capacity - s->end < WS_STREAM_ROOM_MIN) {
        r = grow(s);
        if (r < 0)
            return r;
    }
    *ret_at = s->memory + s->end;
    *ret_size = s->capacity - s->end;
    return 0;
}

void ws_stream_filled(struct ws_stream *s, size_t n)
{
    assert(n <= s->capacity - s->end);
    s->end += n;
}

uint8_t *ws_stream_take(struct ws_stream *s)
{
    size_t left = s->end - s->head, capacity = WS_STREAM_SIZE;
    uint8_t *memory, *taken = s->memory;

    assert(s->message_size == 0); /* an item of data was the last: no message is being put together */
    while (capacity < left + WS_STREAM_ROOM_MIN)
        capacity *= 2;
    memory = malloc(capacity);
    if (!memory)
        return NULL;
    memcpy(memory, taken + s->head, left);
    s->memory = memory;
    s->capacity = capacity;
    s->head = 0;
    s->end = left;
    return taken;
}

static int refuse(struct ws_stream *s, const char *problem)
{
    s->problem = problem;
    return -EPROTO;
}

/* One frame of a message. Returns 1 if it ended the message. */
static int data_frame(struct ws_stream *s, const struct ws_frame *frame, uint8_t *payload, struct ws_item *ret)
{
    if (frame->opcode == WS_CONTINUATION && !s->is_in_message)
        return refuse(s, "continuation without a message");
    if (frame->opcode != WS_CONTINUATION && s->is_in_message)
        return refuse(s, "new message inside an unfinished one");
    if (s->message_size + frame->payload_size > WS_FRAME_SIZE_MAX)
        return refuse(s, "message over 16 MB");
    if (frame->opcode != WS_CONTINUATION && frame->is_final) {
        ret->opcode = frame->opcode;
        ret->bytes = (const char *)payload;
        ret->size = frame->payload_size;
        return 1;
    }
    memmove(s->memory + s->message_size, payload, frame->payload_size);
    s->message_size += frame->payload_size;
    s->is_in_message = frame->is_final ? 0 : 1;
    if (!frame->is_final)
        return 0;
    ret->opcode = WS_TEXT; /* text and binary are the same to us: the decoder looks at the bytes */
    ret->bytes = (const char *)s->memory;
    ret->size = s->message_size;
    s->message_size = 0;
    return 1;
}

int ws_stream_next(struct ws_stream *s, struct ws_item *ret)
{
    while (s->head < s->end) {
        struct ws_frame frame;
        uint8_t *payload;
        int r = ws_frame_parse(s->memory + s->head, s->end - s->head, &frame, &s->problem);

        if (r == -EAGAIN)
            return 0;
        if (r < 0)
            return r;
        /* Refused at its head, before 16 MB of it have been read. */
        if (frame.opcode < WS_CLOSE && s->message_size + frame.payload_size > WS_FRAME_SIZE_MAX)
            return refuse(s, "message over 16 MB");
        if (s->end - s->head < frame.head_size + (size_t)frame.payload_size)
            return 0;
        payload = s->memory + s->head + frame.head_size;
        s->head += frame.head_size + (size_t)frame.payload_size;
        if (frame.opcode >= WS_CLOSE) {
            ret->opcode = frame.opcode;
            ret->bytes = (const char *)payload;
            ret->size = frame.payload_size;
            return 1;
        }
        r = data_frame(s, &frame, payload, ret);
        if (r != 0)
            return r;
    }
    return 0;
}
