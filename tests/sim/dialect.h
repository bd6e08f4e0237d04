/* SPDX-License-Identifier: MIT
 * dialect.h - what an exchange looks like to the simulator: one const struct of pure functions a venue, a row in
 * venues.def. A dialect reads requests and writes frames; no socket, no clock, no allocation. Facts cite the sheets in
 * ../shared/protocols. One thread. */
#ifndef SIM_DIALECT_H
#define SIM_DIALECT_H

#include "market.h"
#include "pen.h"

#define DIALECT_REPLY_SIZE_MAX (1u << 20) /* a list of every subscription */
#define DIALECT_FRAME_SIZE_MAX (16u << 10)

/* What a client gets of one market. */
struct subscription {
    bool is_wanted;
    bool is_pending; /* a newer book than the last sent waits */
    bool wants_snapshot;
    bool wants_realtime;
    bool is_muted; /* asked in a way this exchange answers with silence */
    uint8_t depth;
    int64_t group;        /* price step at the market's decimals, 0 raw */
    uint8_t old_frames;   /* still to be sent after the subscription was replaced */
    uint32_t other_types; /* bits of the types that are taken but not fed */
};

/* What an exchange remembers of a connection. */
struct session {
    struct subscription *subscriptions; /* one a market */
    uint32_t form;                      /* the dialect's own number of a format */
    bool is_status_wanted;              /* Upbit: text PING starts a status line every 10 s */
};

enum reply_kind {
    REPLY_NONE,
    REPLY_SUBSCRIBED, /* the session's subscriptions are new */
    REPLY_TEXT,
    REPLY_ERROR, /* text, then the connection ends after error_close_ms */
};

struct reply {
    enum reply_kind kind;
    bool is_request; /* it counts in the message limits */
    struct pen text;
};

struct dialect_limits {
    uint32_t connect_per_second;
    uint32_t request_per_second;
    uint32_t request_per_minute;
    uint32_t origin_window_ms;
    uint32_t idle_ms;
    uint32_t error_close_ms;
    uint32_t status_ms;
};

struct dialect {
    const char *name;
    const char *path; /* of the WebSocket */
    const char *symbols_default;
    const char *upgrade_headers;
    const char *status; /* NULL: none */
    unsigned opcode;    /* of data frames */
    bool has_sequence;  /* faults "gap" and "checksum" exist */
    struct dialect_limits limits;

    /* Returns: 0, -EINVAL this can be no symbol here. */
    int (*market_profile)(const char *symbol, struct market_profile *ret);
    /* One whole message of a client. `old_frames`: how many frames of a replaced subscription still follow. */
    void (*request)(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                    struct reply *io_reply);
    /* An error by name, as the exchange would send it. */
    void (*error)(const char *name, struct pen *io_text);
    /* One book as one message. `padding` bytes of an unknown field are put in (fault "bigframe"). */
    void (*encode)(const struct market *m, const struct book *book, const struct subscription *s, uint32_t form,
                   bool is_snapshot, size_t padding, struct pen *io_text);
};

/* By name, or NULL. */
const struct dialect *dialect_find(const char *name);
/* The i-th, or NULL beyond the last. */
const struct dialect *dialect_at(size_t i);

#endif
