/* SPDX-License-Identifier: MIT
 * peer_simdjson.h - the same Upbit frame read by simdjson's on-demand parser, into strings and floating point as its
 * users do. For bench_decode only. */
#ifndef PEER_SIMDJSON_H
#define PEER_SIMDJSON_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER_LEVELS_MAX 64

struct peer_book {
    char code[48];
    double ask[PEER_LEVELS_MAX][2], bid[PEER_LEVELS_MAX][2]; /* price, size */
    size_t n;
    long long timestamp;
};

/* `capacity` counts the readable bytes, PEER_PADDING more than size. Returns 0, -1 not such a frame. */
#define PEER_PADDING 64
int peer_simdjson_read(const char *bytes, size_t size, size_t capacity, int is_simple, struct peer_book *ret);

#ifdef __cplusplus
}
#endif

#endif
