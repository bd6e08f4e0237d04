/* SPDX-License-Identifier: MIT
 * dialect.h - what an exchange looks like to the simulator: one const struct of pure functions a venue, a row in
 * dialect.c. A dialect reads requests and writes frames; no socket, no clock, no allocation but cJSON's. Facts cite the
 * sheets in ../shared/protocols. One thread. */
#ifndef SIM_DIALECT_H
#define SIM_DIALECT_H

#include "delta.h"
#include "market.h"
#include "pen.h"

#define DIALECT_REPLY_SIZE_MAX (1u << 20) /* a list of every subscription */
#define DIALECT_FRAME_SIZE_MAX (32u << 10)
#define DIALECT_BOOKS          4 /* channels of a market that carry books, from 0 on */
#define DIALECT_CHANNELS       6 /* of a market */
#define WRITTEN_NUMBERS        4 /* price and size of a level of each side */

/* The book, its best bid and ask, the book grouped by a small and by a large step; trades; facts of the day. */
enum dialect_channel { CHANNEL_BOOK, CHANNEL_TOP, CHANNEL_GROUPED, CHANNEL_GROUPED_MORE, CHANNEL_TRADES, CHANNEL_DAY };

/* What a client gets of one channel of one market. */
struct subscription {
    bool is_wanted;
    bool is_new;     /* its first frame is to come */
    bool is_pending; /* a newer book than the last sent waits */
    bool wants_snapshot;
    bool wants_realtime;
    bool is_whole; /* every frame is a whole book */
    uint16_t depth;
    int64_t group;        /* price step at the market's decimals, 0 raw */
    uint8_t old_frames;   /* still to be sent after the subscription was replaced */
    uint32_t other_types; /* bits of the types that are taken but not fed */
    uint32_t kind;        /* the dialect's own number of a channel's variety */
    uint64_t held;        /* number of the book the client has; 0 none */
    uint64_t n_sent;      /* frames of this subscription */
};

/* What can be had on a connection, where the path it came by says so. */
enum session_class { SESSION_ALL, SESSION_BOOKS, SESSION_EXTRAS };

/* What an exchange remembers of a connection. */
struct session {
    struct subscription *subscriptions; /* channel c of market i is at c * markets.n + i */
    uint32_t form;                      /* the dialect's own number of a format */
    bool is_status_wanted;              /* a status line every status_ms */
    uint64_t sequence;                  /* of venues that number all frames of a connection: the last one's */
    enum session_class carries;
};

enum reply_kind {
    REPLY_NONE,
    REPLY_SUBSCRIBED, /* the session's subscriptions are new; a text, if any, goes first */
    REPLY_TEXT,
    REPLY_ERROR, /* text, then the connection ends after error_close_ms */
};

struct reply {
    enum reply_kind kind;
    bool is_request; /* it counts in the message limits */
    struct pen text; /* messages are parted by reply_next */
};

/* Ends one message of a reply and begins the next. */
#define REPLY_PARTING "\x1e"

struct dialect_limits {
    uint32_t connect_per_second;
    uint32_t connect_per_window; /* in any connect_window_s */
    uint32_t connect_window_s;
    uint32_t connections_max; /* open at a time */
    uint16_t close_too_many;  /* close code of one more; 0: 1008 */
    bool request_by_address;  /* messages of all connections count together */
    uint32_t request_per_second;
    uint32_t request_per_minute;
    uint32_t request_per_hour;
    uint32_t origin_window_ms;
    uint32_t idle_ms;        /* nothing moved */
    uint32_t client_idle_ms; /* nothing was heard of the client, data or not */
    uint32_t subscribe_ms;   /* the first request is due */
    uint32_t ping_ms;        /* we ping */
    uint32_t error_close_ms;
    uint32_t status_ms;
    uint32_t rest_per_minute; /* weight */
    uint32_t rest_per_second; /* GETs */
};

/* One row of a message: where it begins, and where in it the numbers of its levels are. */
struct written_row {
    uint32_t at;
    uint16_t number_at[WRITTEN_NUMBERS]; /* from the row's beginning */
    uint8_t number_size[WRITTEN_NUMBERS];
};

/* A message as it was written. The row behind the last says where that one ends. */
struct written {
    const struct book *book;
    const char *text;
    struct written_row row[MARKET_LEVELS_MAX + 1];
};

/* One data message to be written. */
struct frame {
    const struct book *book;
    const struct book *from; /* of a delta: the book its receiver has; NULL: a whole book */
    bool is_first;           /* answers a subscription */
    bool is_wrong;           /* fault "checksum" */
    size_t padding;          /* bytes of an unknown field to put in (fault "bigframe") */
    /* Of a dialect of whole books: the message before of the same market, form and request, from which may be copied
     * what has not changed (NULL: none), and where this one's rows are noted (NULL: nowhere). A dialect that does the
     * one does the other. */
    const struct written *last;
    struct written_row *rows;
};

enum rest_kind { REST_UNKNOWN, REST_REFUSED, REST_BOOK, REST_TEXT };

/* What a GET asks for. */
struct rest {
    enum rest_kind kind;
    uint32_t status;       /* REST_REFUSED, REST_TEXT */
    uint32_t weight;       /* of the budget */
    struct market *market; /* REST_BOOK */
    uint32_t depth;
    struct pen body; /* REST_REFUSED, REST_TEXT: written at once */
};

struct dialect {
    const char *name;
    const char *path;        /* of the WebSocket */
    const char *extras_path; /* of the one where trades and the day are; NULL: all is on one */
    const char *symbols_default;
    const char *upgrade_headers;
    unsigned opcode;   /* of data frames */
    bool has_sequence; /* a lost, repeated or misplaced message can be found out by number */
    bool has_checksum; /* ... or by checksum: fault "checksum" exists */
    bool has_deltas;
    bool pushes_snapshot; /* a subscription begins with a whole book */
    struct dialect_limits limits;

    /* Returns: 0, -EINVAL this can be no symbol here. */
    int (*market_profile)(const char *symbol, struct market_profile *ret);
    /* The first message on a connection. NULL: none. */
    void (*greeting)(struct session *io_session, struct pen *io_text);
    /* One whole message of a client. `old_frames`: how many frames of a replaced subscription still follow. */
    void (*request)(struct session *io_session, const struct market_set *markets, const char *bytes, size_t n,
                    struct reply *io_reply);
    /* An error by name, as the exchange would send it. */
    void (*error)(const char *name, struct pen *io_text);
    /* One data message; may be called again for the same book, so it changes nothing but the session's numbers. */
    void (*encode)(struct session *io_session, const struct market *m, struct subscription *io_subscription,
                   const struct frame *f, struct pen *io_text);
    /* One message of `n` trades of the tape, oldest first; `first` is how many lie behind the first of them
     * (tape_last). is_past: they answer a subscription. NULL: this exchange's trades are not spoken here. */
    void (*trades)(struct session *io_session, const struct market *m, uint64_t first, uint64_t n, bool is_past,
                   struct pen *io_text);
    uint32_t n_trades_past; /* so many come first, 0 none */
    uint32_t n_trades_most; /* in one message */
    /* The day so far. NULL: likewise. */
    void (*day)(struct session *io_session, const struct market *m, bool is_first, int64_t now_ms, struct pen *io_text);
    /* What comes every status_ms. NULL: nothing. */
    void (*status)(struct session *io_session, const struct market_set *markets, int64_t now_ms, struct pen *io_text);
    /* "The exchange is closed", before its connections end. NULL: it does not say so. */
    void (*maintenance)(struct session *io_session, struct pen *io_text);
    /* "This connection ends soon." NULL: this exchange does not say so. */
    void (*closing)(struct session *io_session, int64_t now_ms, struct pen *io_text);
    /* Path and query of a GET. NULL: no REST. */
    void (*rest)(const struct market_set *markets, const char *target, struct rest *io_rest);
    /* The body of a REST_BOOK. */
    void (*rest_book)(const struct market *m, const struct book *book, uint32_t depth, struct pen *io_body);
};

/* By name, or NULL. */
const struct dialect *dialect_find(const char *name);
/* The i-th, or NULL beyond the last. */
const struct dialect *dialect_at(size_t i);

/* The subscription of one channel. */
struct subscription *session_at(const struct session *s, const struct market_set *markets, const struct market *m,
                                enum dialect_channel channel);
/* Begin (or, with is_wanted false, end) to feed a channel. */
void session_want(struct subscription *io, bool is_wanted, uint16_t depth, uint32_t kind, bool is_whole);
/* The fault's unknown field: ,"padding":"xxx", nothing if padding is 0. */
void pen_padding(struct pen *p, size_t padding);
/* A whole message as JSON, or NULL: nothing but blanks may follow the value. The caller deletes it. */
struct cJSON *dialect_parse(const char *bytes, size_t n);
/* What follows in a reply is a message of its own. */
void reply_next(struct reply *io);

#endif
