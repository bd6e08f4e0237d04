/* SPDX-License-Identifier: MIT
 * ws_frame.h - the head of one WebSocket frame as a server may send it. Pure.
 * Source: RFC 6455 section 5.2 (layout), 5.1 (servers do not mask), 5.5 (control frames). */
#ifndef HOGA_WS_FRAME_H
#define HOGA_WS_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define WS_FRAME_SIZE_MAX   (16u << 20) /* of one message; a Coinbase snapshot is several MB */
#define WS_FRAME_HEAD_MAX   10          /* bytes of the longest head without a mask */
#define WS_CONTROL_SIZE_MAX 125

enum ws_opcode {
    WS_CONTINUATION = 0,
    WS_TEXT = 1,
    WS_BINARY = 2,
    WS_CLOSE = 8,
    WS_PING = 9,
    WS_PONG = 10,
};

struct ws_frame {
    uint8_t opcode; /* enum ws_opcode */
    uint8_t is_final;
    uint32_t head_size; /* bytes */
    uint32_t payload_size;
};

/* Returns: 0, -EAGAIN the head is not complete, -EPROTO the server broke the protocol or a limit: *ret_problem says
 *          how, a string that lives for ever. */
int ws_frame_parse(const uint8_t *bytes, size_t size, struct ws_frame *ret, const char **ret_problem);

#endif
