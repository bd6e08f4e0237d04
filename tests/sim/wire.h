/* SPDX-License-Identifier: MIT
 * wire.h - the server's half of RFC 6455 as bytes: frame headers out, masked frames in, the upgrade request read and
 * its key answered. Pure; any thread. It holds no socket: the simulator must be able to break every one of these rules
 * on purpose, which a library's own framing does not let it do. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_HEADER_SIZE_MAX  10
#define WIRE_MESSAGE_SIZE_MAX (256u << 10) /* from a client; 855 codes took 9.5 KB */
#define WIRE_REQUEST_SIZE_MAX 8192
#define WIRE_KEY_SIZE         64
#define WIRE_PATH_SIZE        256

enum wire_opcode {
    WIRE_CONTINUATION = 0,
    WIRE_TEXT = 1,
    WIRE_BINARY = 2,
    WIRE_CLOSE = 8,
    WIRE_PING = 9,
    WIRE_PONG = 10,
};

/* One frame's header without mask. Returns its length. */
size_t wire_header(uint8_t ret[WIRE_HEADER_SIZE_MAX], unsigned opcode, bool final, uint64_t size);

/* One frame of a client, taken from the start of `bytes`; its payload is unmasked where it lies. */
struct wire_frame {
    unsigned opcode;
    bool final;
    uint8_t *payload;
    size_t payload_size;
    size_t consumed;
};

/* Returns: 1 a frame, 0 more bytes are needed, -EPROTO not a client's frame, -EMSGSIZE above WIRE_MESSAGE_SIZE_MAX. */
int wire_frame_read(uint8_t *bytes, size_t n, struct wire_frame *ret);

struct wire_request {
    char path[WIRE_PATH_SIZE];
    char key[WIRE_KEY_SIZE];
    bool is_upgrade;
    bool has_origin;
    size_t consumed;
};

/* An HTTP/1.1 GET. Returns: 1 whole, 0 more bytes are needed, -EBADMSG not one we read. */
int wire_request_read(const char *bytes, size_t n, struct wire_request *ret);
/* Sec-WebSocket-Accept for a key, NUL terminated. */
void wire_accept(const char *key, char ret[WIRE_KEY_SIZE]);

#endif
