/* SPDX-License-Identifier: MIT
 * feed_input.h - everything that can happen to a feed, as one value. Network, replay and tests make these; nothing
 * below pipeline_feed knows another clock or another source of bytes. The kinds are the events of a capture. */
#ifndef HOGA_FEED_INPUT_H
#define HOGA_FEED_INPUT_H

#include <stddef.h>
#include <stdint.h>

enum feed_input_kind {
    FEED_INPUT_OPEN,  /* the connection is made: bytes empty */
    FEED_INPUT_CLOSE, /* it ended: reason says how */
    FEED_INPUT_TX,    /* bytes have left for the venue */
    FEED_INPUT_RX,    /* one whole message arrived */
    FEED_INPUT_HTTP,  /* one whole REST answer to `url` arrived */
    FEED_INPUT_TICK,  /* time passed; nothing else. conn is meaningless */
    FEED_INPUT_ALIVE, /* a pong or other sign of life without content; aux_ns is the round trip, 0 unknown */
    FEED_INPUT_STATE, /* the connection's state changed without open or close (dialing, back-off): state, reason */
};

struct feed_input {
    enum feed_input_kind kind;
    uint32_t conn;        /* index of the connection */
    int64_t recv_ns;      /* CLOCK_REALTIME: arrival (the kernel's, where to be had) */
    int64_t now_boot_ns;  /* CLOCK_BOOTTIME at the same moment; in a replay equal to recv_ns */
    uint8_t state;        /* enum state (verdict.h), for STATE and CLOSE */
    uint8_t reason;       /* enum reason (verdict.h), for STATE and CLOSE */
    uint32_t http_status; /* for STATE, CLOSE and HTTP; 0 unknown */
    int64_t aux_ns;       /* ALIVE: round trip; STATE: CLOCK_REALTIME of the next dial */
    const char *url;      /* may be NULL */
    const char *bytes;    /* the sender keeps them; valid during the call only */
    size_t bytes_size;
    const char *deeds; /* of a recording: what was done to the books (feed/deeds.c), NULL: as the message says itself */
};

#endif
