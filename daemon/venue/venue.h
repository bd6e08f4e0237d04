/* SPDX-License-Identifier: MIT
 * venue.h - what an exchange looks like to hoga: one const struct of pure functions a venue, listed in venues.def. An
 * adapter knows bytes and rules; no clock, no socket, no log, no allocation. Facts cite ../shared/protocols sheets. */
#ifndef HOGA_VENUE_H
#define HOGA_VENUE_H

#include "core/md_event.h"
#include "core/text.h"
#include "core/verdict.h"

#include <string.h>

enum venue_builder {
    VENUE_BUILD_REPLACE, /* every book message is a whole book */
    VENUE_BUILD_CHAIN,   /* snapshot, then deltas that must follow each other */
    VENUE_BUILD_REST,    /* deltas buffered until a REST snapshot joins them */
};

/* How the first update joins a REST snapshot of sequence S; `first`, `last`, `previous` are the update's. */
enum venue_join {
    VENUE_JOIN_NONE,
    VENUE_JOIN_NEXT,     /* last <= S is old; first <= S + 1 <= last joins; S + 1 < first: the snapshot is too old */
    VENUE_JOIN_COVER,    /* last < S is old; previous <= S <= last joins; S < first of the oldest: too old */
    VENUE_JOIN_PREVIOUS, /* last <= S is old; previous <= S < last joins; S < previous of the oldest: too old */
};

/* How a trade that was shown before is known again. */
enum venue_trade_ids {
    VENUE_TRADE_IDS_NONE,   /* it has no id: of a snapshot only what is newer than the last shown is shown */
    VENUE_TRADE_IDS_UNIQUE, /* no two have the same; they need not rise */
    VENUE_TRADE_IDS_RISING, /* and a later one has a higher */
};

/* An instrument that is made of another one (NAME@bbo, NAME@10000) has neither trades nor a day of its own. */
#define VENUE_VARIANT_MARK '@'

/* What a venue allows and wants; times in ms, 0 where it has no such rule. */
struct venue_limits {
    uint32_t ping_interval_ms;   /* we send a ping when this long quiet */
    uint32_t pong_deadline_ms;   /* dead when nothing arrived for this long after the ping */
    uint32_t silence_ms_max;     /* dead when no message came for this long while a book is fed: it has heartbeats */
    uint32_t age_ms_max;         /* we end a connection before it is this old, at a moment that differs for each */
    uint32_t connect_per_second; /* connection attempts an address */
    uint32_t connect_per_window; /* and in any connect_window_s */
    uint32_t connect_window_s;
    uint32_t connections_max;    /* at a time and address */
    uint16_t close_too_many;     /* close code of one connection more than that; 0: not said */
    uint32_t request_per_second; /* messages a connection, or an address */
    uint32_t request_per_minute;
    uint32_t request_per_hour;
    uint32_t symbols_per_request;   /* in one message, which is of one channel unless request_replaces_all */
    uint32_t snapshot_deadline_ms;  /* first book after its request left, else failed */
    uint32_t books_per_connection;  /* how many we put on one */
    uint32_t topics_per_connection; /* books, and as many more as there are other channels; 0: no such rule */
    uint32_t rest_per_minute;       /* REST budget an address, in the venue's weights */
    uint32_t rest_weight;           /* of one snapshot, where snapshot_weight does not say */
    uint32_t rest_per_window;       /* REST requests in any rest_window_ms, whatever they weigh */
    uint32_t rest_window_ms;
    uint8_t sends_origin;         /* 1: the upgrade carries an Origin header */
    uint8_t request_replaces_all; /* 1: each subscription message replaces the whole set */
    uint8_t request_fails_whole;  /* 1: a request that names one bad symbol subscribes none of the others either */
    uint8_t request_by_address;   /* 1: requests of all connections count together */
    uint8_t request_id_each;      /* 1: each symbol of a request has an id of its own, from `id` upwards */
};

/* One message to the venue about n symbols. */
struct venue_request {
    const char *const *symbols;
    size_t n;
    uint8_t channels; /* enum md_channel bits. One, unless request_replaces_all: then all that are wanted, of every
                         symbol that has them (venue_symbol_channels) */
    uint32_t depth;   /* levels a side, 0 the venue's default */
    uint8_t is_unsubscribe; /* never on a venue whose requests replace all */
    uint64_t id;            /* unique, as are the n - 1 behind it; answers may carry it (md_event.request_id) */
    int64_t now_ns;         /* CLOCK_REALTIME, for venues that want the time */
};

/* Those of `channels` that an instrument can have. */
static inline uint8_t venue_symbol_channels(const char *symbol, uint8_t channels)
{
    return strchr(symbol, VENUE_VARIANT_MARK) ? channels & MD_CHANNEL_BOOK : channels;
}

struct venue_catalogue; /* catalogue.h */

/* One side of a book for a checksum, best first, with its numbers as the wire spelled them. */
struct venue_book_side {
    const struct md_level *levels;
    const uint16_t *digits; /* MD_DIGITS */
    uint32_t n;
    uint8_t price_decimals, size_decimals; /* of the mantissas */
};

struct venue {
    const char *name;        /* "upbit" */
    const char *default_url; /* of the WebSocket */
    const char *rest_url;    /* scheme and host of REST, no path; NULL: none needed */
    /* Path, beside that of default_url, of one more connection, on which all that is not a book is asked for, of all
     * books: they must fit in its topics. NULL: a book's own connection carries it too. */
    const char *extras_path;
    enum venue_builder builder;
    enum venue_join join;   /* VENUE_JOIN_NONE: no REST snapshot */
    enum proof proof;       /* what `live` rests on, once the first update has followed */
    uint32_t depth_default; /* levels a side it sends by default */
    uint8_t truncates;      /* 1: a level that leaves the subscribed depth gets no delete; we cut it (event.depth) */
    uint8_t has_digits;     /* 1: decode fills bid_digits and ask_digits */
    uint8_t channels;       /* enum md_channel bits it is asked for; 0: the book alone */
    uint8_t trade_ids;      /* enum venue_trade_ids */
    struct venue_limits limits;

    /* Can this be a symbol here? Returns REASON_NONE, REASON_SYMBOL_CASE, REASON_SYMBOL_FORM or REASON_SYMBOL_ALIAS. */
    enum reason (*symbol_check)(const char *symbol);
    /* Write one subscription message. Returns: 0, -EINVAL no symbols, -ENOBUFS it does not fit in `text`. */
    int (*request)(struct text *text, const struct venue_request *request);
    /* Write the text that keeps a quiet connection open. NULL: a ping frame of the protocol does. */
    void (*ping)(struct text *text, int64_t now_ns);
    /* One whole message into events. A message is taken whole or not at all: on failure the frame holds no event.
     * Returns: 0, -EBADMSG it cannot be read, -E2BIG more events or levels than the named limits. */
    int (*decode)(const char *bytes, size_t size, struct md_frame *io_frame);
    /* In a replay: the same of a message on a connection to `url`, where that says something of it that the message
     * does not. NULL: it says all itself. */
    int (*decode_of)(const char *url, const char *bytes, size_t size, struct md_frame *io_frame);
    /* The same of a REST answer to `url`, which may be the only place that names the symbol. NULL: no REST. A URL that
     * is none of ours gives no event. */
    int (*decode_http)(const char *url, const char *bytes, size_t size, struct md_frame *io_frame);
    /* In a replay: what our own request says of the books to come (MD_SUBSCRIBED with its depth). NULL: nothing. */
    int (*decode_tx)(const char *bytes, size_t size, struct md_frame *io_frame);
    /* Path and query of a symbol's snapshot, appended to the REST address. Returns: 0, -ENOBUFS, -ENOENT there is none
     * of such an instrument. NULL: no REST. */
    int (*snapshot_path)(struct text *text, const char *symbol, uint32_t depth);
    /* What it weighs where that depends on the depth. NULL: limits.rest_weight. */
    uint32_t (*snapshot_weight)(uint32_t depth);
    /* The checksum of a book as this venue makes it. NULL: it has none. */
    uint32_t (*checksum)(const struct venue_book_side *bids, const struct venue_book_side *asks);
    /* Its instrument list, from REST. NULL: it is not described, or has none. */
    const struct venue_catalogue *catalogue;
};

/* Of so many connections, those that carry books: the last is the one at extras_path. */
static inline uint32_t venue_book_connections(const struct venue *v, uint32_t n_connections)
{
    return v->extras_path && n_connections > 1 ? n_connections - 1 : n_connections;
}

/* By name, or NULL. */
const struct venue *venue_find(const char *name);
/* The i-th, or NULL beyond the last. */
const struct venue *venue_at(unsigned i);

#endif
