/* SPDX-License-Identifier: MIT
 * feed_private.h - what the files of feed/ share: the feed's memory, and the steps between them. Nobody else includes
 * it. */
#ifndef HOGA_FEED_PRIVATE_H
#define HOGA_FEED_PRIVATE_H

#include "feed/feed.h"

#define FEED_SNAPSHOT_DEADLINE_MS 10000 /* where the venue's row names none */
#define FEED_RETRY_FIRST_NS       60000000000ll
#define FEED_RETRY_MAX_NS         3600000000000ll
#define FEED_NS_PER_MS            1000000ll
#define FEED_BUFFER_SIZE          (1u << 20) /* updates of one book that wait for its snapshot; touched as needed */

/* Where a book stands between being wanted and being fed; recovery.c has the table. */
enum feed_phase {
    PHASE_UNSENDABLE, /* its symbol cannot exist here; never asked for */
    PHASE_QUEUED,     /* its request has not been handed over */
    PHASE_SENT,       /* handed over; has not left */
    PHASE_AWAITING,   /* left; the deadline runs */
    PHASE_FED,        /* a message came since the request */
    PHASE_RESTING,    /* none came in time; asked for again at due_boot_ns */
    PHASE_COUNT
};

enum feed_happening {
    HAPPENED_SENT,
    HAPPENED_LEFT,
    HAPPENED_MESSAGE,
    HAPPENED_DEADLINE,
    HAPPENED_RETRY,
    HAPPENED_CLOSED,
    HAPPENED_OPENED,
    HAPPENED_COUNT
};

struct feed_item {
    struct feed_book public; /* first: a struct feed_book of ours is an item */
    uint8_t phase;           /* enum feed_phase */
    uint8_t is_changed;      /* queued for feed_next_changed_book */
    uint8_t is_wanted;       /* feed_symbols_set's mark */
    uint8_t logged_state, logged_reason;
    uint32_t n_failures; /* requests in a row that nothing followed */
    int64_t due_boot_ns; /* AWAITING: the deadline; RESTING: the next request */
};

struct feed_line { /* a connection and what is asked on it */
    struct feed_connection public;
    uint8_t is_open;
    uint8_t needs_request; /* the wanted list differs from the one sent */
    uint8_t is_in_flight;  /* a request was handed over and has not left */
    uint8_t has_error;     /* the venue sent an error and no book since */
    int64_t request_after_boot_ns;
};

struct feed {
    struct feed_options options;
    struct feed_item **items; /* books_max; n_items in use, in no order */
    uint32_t n_items;
    uint32_t *table; /* of symbols: index of the item + 1, 0 free; table_size a power of two */
    uint32_t table_size;
    struct feed_item **changed; /* a ring of books_max, in the order they changed; each at most once */
    uint32_t first_changed, n_changed;
    uint64_t changed_lines; /* a bit a connection */
    uint32_t *dropped;      /* slots; books_max */
    uint32_t n_dropped;
    const char **symbols;  /* books_max; the request being written */
    char *request;         /* FEED_REQUEST_SIZE */
    uint32_t n_lines_seen; /* in a replay: connections that appeared */
    int64_t now_boot_ns;   /* of the last input */
    struct feed_counts counts;
    struct feed_line lines[FEED_CONNECTIONS_MAX];
};

/* feed.c */
void feed_book_mark(struct feed *f, struct feed_item *item);
void feed_line_mark(struct feed *f, uint32_t line);
void feed_book_log(const struct feed *f, struct feed_item *item);
struct feed_line *feed_line_of(struct feed *f, const struct feed_item *item);

/* recovery.c */
void recovery_step(struct feed *f, struct feed_item *item, enum feed_happening happening, int64_t now_ns);
void recovery_tick(struct feed *f, int64_t now_ns);

/* request.c: send what is due on the line, inside the venue's budget. */
void request_try(struct feed *f, uint32_t line, int64_t now_ns);

/* symbols.c */
void symbols_index(struct feed *f);
struct feed_item *symbols_find(const struct feed *f, const char *symbol);
int item_new(const struct feed *f, const char *symbol, struct feed_item **ret);
struct feed_item *item_free(struct feed_item *item);

#endif
