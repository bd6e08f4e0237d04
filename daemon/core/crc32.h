/* SPDX-License-Identifier: MIT
 * crc32.h - the checksum of IEEE 802.3, as zlib and the exchanges compute it. Pure; any thread. */
#ifndef HOGA_CRC32_H
#define HOGA_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is 0 at first, then what the call before returned. */
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t size);

#endif
