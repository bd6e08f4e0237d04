/* SPDX-License-Identifier: MIT
 * ws_stream.h - bytes of a WebSocket connection in, whole messages and control frames out. No socket, no clock. A
 * message that came in one frame is handed over where it lies; fragments are moved together in the same memory. */
#ifndef HOGA_WS_STREAM_H
#define HOGA_WS_STREAM_H

#include "net/ws_frame.h"

#define WS_STREAM_SIZE     (256u << 10) /* taken at start; larger messages are the one thing that allocates later */
#define WS_STREAM_KEEP_MAX (1u << 20)   /* more than this is given back when its message is over */
#define WS_STREAM_ROOM_MIN (16u << 10)  /* room offered for a read, at least: one TLS record */

struct ws_stream {
    uint8_t *memory;
    size_t capacity;
    size_t message_size; /* fragments of an unfinished message, moved together at the start of memory */
    size_t head, end;    /* bytes not looked at yet */
    uint8_t is_in_message;
    const char *problem; /* in words, after -EPROTO */
};

struct ws_item {
    uint8_t opcode; /* WS_TEXT or WS_BINARY: a whole message; WS_PING, WS_PONG, WS_CLOSE */
    const char *bytes;
    size_t size;
};

/* Owns: the memory; give it back with ws_stream_done, which takes one that was never made. */
int ws_stream_init(struct ws_stream *s);
void ws_stream_done(struct ws_stream *s);

/* Where to read to. Ends the life of every item handed out. Returns: 0, -ENOMEM. */
int ws_stream_room(struct ws_stream *s, uint8_t **ret_at, size_t *ret_size);
void ws_stream_filled(struct ws_stream *s, size_t n);
/* The memory that the item handed out last lies in becomes the caller's (free): the item lives on in it, and the stream
 * goes on in memory of its own. Returns: NULL no memory; nothing has changed. */
uint8_t *ws_stream_take(struct ws_stream *s);
/* Returns: 1 and the next item, 0 nothing whole is left, -EPROTO the server broke the protocol or a limit. */
int ws_stream_next(struct ws_stream *s, struct ws_item *ret);

#endif
