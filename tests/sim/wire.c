/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#define WIRE_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

size_t wire_header(uint8_t ret[WIRE_HEADER_SIZE_MAX], unsigned opcode, bool final, uint64_t size)
{
    ret[0] = (uint8_t)((final ? 0x80u : 0u) | opcode);
    if (size < 126) {
        ret[1] = (uint8_t)size;
        return 2;
    }
    if (size <= UINT16_MAX) {
        ret[1] = 126;
        ret[2] = (uint8_t)(size >> 8);
        ret[3] = (uint8_t)size;
        return 4;
    }
    ret[1] = 127;
    for (unsigned i = 0; i < 8; i++)
        ret[2 + i] = (uint8_t)(size >> (8 * (7 - i)));
    return 10;
}

/* Returns the length's own size in bytes and the length, or 0 when more bytes are needed. */
static size_t length_read(const uint8_t *bytes, size_t n, uint64_t *ret_size)
{
    uint64_t size = bytes[1] & 0x7fu;
    size_t width = size == 126 ? 2 : size == 127 ? 8 : 0;

    if (n < 2 + width)
        return 0;
    if (width > 0)
        size = 0;
    for (size_t i = 0; i < width; i++)
        size = size << 8 | bytes[2 + i];
    *ret_size = size;
    return 2 + width;
}

int wire_frame_read(uint8_t *bytes, size_t n, struct wire_frame *ret)
{
    uint64_t size = 0;
    size_t header;

    if (n < 2)
        return 0;
    if ((bytes[0] & 0x70u) != 0 || (bytes[1] & 0x80u) == 0)
        return -EPROTO; /* reserved bits, or a client that does not mask */
    header = length_read(bytes, n, &size);
    if (header == 0)
        return 0;
    if (size > WIRE_MESSAGE_SIZE_MAX)
        return -EMSGSIZE;
    if ((bytes[0] & 0x08u) != 0 && (size > 125 || (bytes[0] & 0x80u) == 0))
        return -EPROTO;
    if (n < header + 4 + size)
        return 0;
    *ret = (struct wire_frame){ .opcode = bytes[0] & 0x0fu,
                                .final = (bytes[0] & 0x80u) != 0,
                                .payload = bytes + header + 4,
                                .payload_size = (size_t)size,
                                .consumed = header + 4 + (size_t)size };
    for (size_t i = 0; i < ret->payload_size; i++)
        ret->payload[i] ^= bytes[header + i % 4];
    return 1;
}

/* One header line [at, end) against a name; its value without the blanks around it. */
static bool header_is(const char *at, const char *end, const char *name, const char **ret_value, size_t *ret_n)
{
    size_t n = strlen(name);

    if ((size_t)(end - at) <= n || strncasecmp(at, name, n) != 0 || at[n] != ':')
        return false;
    at += n + 1;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *ret_value = at;
    *ret_n = (size_t)(end - at);
    return true;
}

static void header_line(const char *at, const char *end, struct wire_request *io)
{
    const char *value = NULL;
    size_t n = 0;

    if (header_is(at, end, "Upgrade", &value, &n))
        io->is_upgrade = n == 9 && strncasecmp(value, "websocket", 9) == 0;
    else if (header_is(at, end, "Origin", &value, &n))
        io->has_origin = true;
    else if (header_is(at, end, "Sec-WebSocket-Key", &value, &n) && n < sizeof(io->key))
        memcpy(io->key, value, n);
}

int wire_request_read(const char *bytes, size_t n, struct wire_request *ret)
{
    const char *end = memmem(bytes, n, "\r\n\r\n", 4), *line, *space;
    struct wire_request request = { 0 };

    if (end == NULL)
        return n < WIRE_REQUEST_SIZE_MAX ? 0 : -EBADMSG;
    line = memmem(bytes, n, "\r\n", 2);
    if (n < 5 || memcmp(bytes, "GET /", 5) != 0)
        return -EBADMSG;
    space = memchr(bytes + 4, ' ', (size_t)(line - bytes) - 4);
    if (space == NULL || (size_t)(space - bytes) - 4 >= sizeof(request.path))
        return -EBADMSG;
    memcpy(request.path, bytes + 4, (size_t)(space - bytes) - 4);
    while (line < end) {
        const char *at = line + 2;
        line = memmem(at, (size_t)(end + 2 - at), "\r\n", 2);
        header_line(at, line, &request);
    }
    request.consumed = (size_t)(end - bytes) + 4;
    *ret = request;
    return 1;
}

void wire_accept(const char *key, char ret[WIRE_KEY_SIZE])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_size = 0;
    char joined[WIRE_KEY_SIZE + sizeof(WIRE_GUID)];
    size_t n = strlen(key);

    memcpy(joined, key, n);
    memcpy(joined + n, WIRE_GUID, sizeof(WIRE_GUID));
    (void)EVP_Digest(joined, n + sizeof(WIRE_GUID) - 1, hash, &hash_size, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock((unsigned char *)ret, hash, (int)hash_size);
}
