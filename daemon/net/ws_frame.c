/* SPDX-License-Identifier: MIT
 * ws_frame.c - see ws_frame.h. */
#include "net/ws_frame.h"

#include <errno.h>

static int refuse(const char *problem, const char **ret_problem)
{
    *ret_problem = problem;
    return -EPROTO;
}

static uint64_t big_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static const char *kind_problem(uint8_t first, uint8_t length7)
{
    uint8_t opcode = first & 0x0f;

    if (first & 0x70)
        return "reserved bits set though no extension was agreed";
    if (opcode > WS_PONG || (opcode > WS_BINARY && opcode < WS_CLOSE))
        return "unknown opcode";
    if (opcode >= WS_CLOSE && !(first & 0x80))
        return "fragmented control frame";
    if (opcode >= WS_CLOSE && length7 > WS_CONTROL_SIZE_MAX)
        return "control frame over 125 bytes";
    return NULL;
}

int ws_frame_parse(const uint8_t *bytes, size_t size, struct ws_frame *ret, const char **ret_problem)
{
    struct ws_frame frame = { 0 };
    uint64_t payload_size;
    const char *problem;
    uint8_t length7;

    if (size < 2)
        return -EAGAIN;
    length7 = bytes[1] & 0x7f;
    problem = kind_problem(bytes[0], length7);
    if (problem)
        return refuse(problem, ret_problem);
    if (bytes[1] & 0x80)
        return refuse("masked frame from a server", ret_problem);
    frame.opcode = bytes[0] & 0x0f;
    frame.is_final = bytes[0] >> 7;
    frame.head_size = length7 < 126 ? 2 : length7 == 126 ? 4 : WS_FRAME_HEAD_MAX;
    if (size < frame.head_size)
        return -EAGAIN;
    payload_size = length7 < 126 ? length7 : big_endian(bytes + 2, frame.head_size - 2);
    if (payload_size > WS_FRAME_SIZE_MAX)
        return refuse("frame over 16 MB", ret_problem);
    frame.payload_size = (uint32_t)payload_size;
    *ret = frame;
    return 0;
}
