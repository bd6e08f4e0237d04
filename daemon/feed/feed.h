/* SPDX-License-Identifier: MIT
 * feed.h - which book is on which connection, when its request leaves, and what follows when none comes. One struct
 * feed a venue. Driven by struct feed_input alone (its ticks are its clock); acts on the world through struct
 * feed_port. Knows no bytes of a venue, no segment. */
#ifndef HOGA_FEED_H
#define HOGA_FEED_H

#include "book/book.h"
#include "book/day.h"
#include "core/feed_input.h"
#include "venue/venue.h"

#define FEED_CONNECTIONS_MAX 256 /* over all venues of a daemon; as HOGA_CONNECTIONS_MAX */
#define FEED_REQUEST_SIZE    65536

/* What a feed can do to the world. In a replay all are NULL. */
struct feed_port {
    void *context;
    /* Queue one text message on a connection. The port says TX (a feed_input) when it has left. */
    int (*send)(void *context, uint32_t conn, const char *text, size_t size);
    /* Give the connection up and dial again (with back-off). */
    void (*redial)(void *context, uint32_t conn, enum reason reason);
    /* Fetch a URL of the venue's REST side. The answer, or that there is none, comes as a FEED_INPUT_HTTP with the same
     * url and conn. Returns: 0, negative errno: none will come. */
    int (*get)(void *context, uint32_t conn, const char *url);
    /* Make a connection on an index that has none, beside the one it is to replace; it dials by itself.
     * Returns: 0, -EBUSY the index is not free yet, -ENOMEM. */
    int (*open)(void *context, uint32_t conn);
    /* End it in order; it is not dialed again, and nothing is said of its end. */
    void (*end)(void *context, uint32_t conn);
    /* One more index for a connection of this feed, for its life; and how many more there are to be had. NULL: they are
     * first_conn and those behind it. Returns: 0, -ENOSPC. */
    int (*take)(void *context, uint32_t *ret_conn);
    uint32_t (*room)(void *context);
    /* For a recording: what was done to a book beside what the message at hand says itself (deeds.c). */
    void (*note)(void *context, char deed, const char *symbol);
};

/* REST requests of an address, whoever's they are: when they left, and until when none may leave (Retry-After). Zeroed
 * is ready to use. */
#define FEED_SPENT_RING 2048 /* of the last minute that are remembered */
struct feed_spent {
    int64_t boot_ns[FEED_SPENT_RING];
    uint64_t n;
    int64_t closed_until_boot_ns;
};

struct feed_options {
    const struct venue *venue;
    struct feed_spent *spent; /* of an earlier life, too; NULL: its own. The caller keeps it */
    const char *rest_url;     /* scheme and host; NULL: the venue's own. The caller keeps it */
    uint32_t first_conn;      /* without port.take: index of its first connection among all of the daemon's */
    uint32_t n_conns;    /* connections it may have at most, that at extras_path among them; 0: all that are left */
    uint32_t lag_ms_max; /* a book whose messages are later than this is `lagging`; 0: never */
    uint32_t age_s;      /* a connection is replaced before it is this old; 0: the venue's own limit */
    uint32_t books_max;
    uint32_t levels_max;      /* kept privately a side */
    uint32_t depth;           /* asked of the venue, 0 its default */
    uint32_t depth_published; /* a book that may lack levels above this is fetched anew; 0: never */
    uint32_t catalogue_s;     /* seconds between two fetches of the venue's list; 0: never */
    uint8_t channels;         /* enum md_channel bits beside the book; the venue may have fewer */
    uint8_t source;           /* enum source */
    uint8_t is_replay;        /* instruments appear as they are first seen */
    struct feed_port port;
};

struct feed;

/* One instrument of a feed, as others may see it. */
struct feed_book {
    char symbol[MD_SYMBOL_SIZE];
    struct book *book;
    uint32_t conn;
    uint32_t slot; /* in the segment; set by the pipeline, FEED_SLOT_NONE before */
    struct day day;
    uint8_t has_jumped; /* another connection's book took its place and is a further one; the pipeline takes it back */
    uint64_t trades_of[2]; /* openings of connections that have brought all trades since one that was shown; 0 none */
};
#define FEED_SLOT_NONE UINT32_MAX
#define FEED_SLOT_FULL (UINT32_MAX - 1) /* asked for; the segment's directory had no room */

/* One connection of a feed, as others may see it. */
struct feed_connection {
    uint8_t state, reason; /* enum state, enum reason */
    uint32_t n_books;
    uint32_t http_status;
    int64_t since_ns, next_dial_ns, round_trip_ns;
    int64_t heard_boot_ns;
    uint64_t update;     /* openings and messages received on it, ever; never falls */
    uint64_t valid_from; /* books last published below this are invalid */
    uint64_t n_connects;
    uint8_t is_released; /* another took over; its row is of no meaning any more */
};

/* Owns:    *ret, freed by feed_free (takes NULL, returns NULL).
 * Returns: 0, -ENOMEM. */
int feed_new(const struct feed_options *options, struct feed **ret);
struct feed *feed_free(struct feed *f);

/* Before anything else where the port gives indices: the feed takes those that it cannot do without.
 * Returns: 0, -ENOSPC there are no more, -ENOMEM. */
int feed_connections_begin(struct feed *f);

/* The wanted set becomes exactly these symbols: what is new is subscribed, what is gone is dropped (the caller asks
 * feed_dropped for the slots to free), what stays is not touched.
 * Returns: 0, -ENOSPC more than books_max or more than the connections hold, -ENAMETOOLONG, -ENOMEM (nothing changed).
 */
int feed_symbols_set(struct feed *f, const char *const *symbols, size_t n, int64_t now_ns);
/* Slots whose instruments left since the last call; 1 and the slot, or 0. */
int feed_dropped(struct feed *f, uint32_t *ret_slot);

/* The connection that is dialed at the venue's extras_path, FEED_CONN_NONE where it has none. */
uint32_t feed_extras_connection(const struct feed *f);
/* How many books its connections hold with all that is asked for beside them; UINT32_MAX: any number. Of those that it
 * may have at a time one is kept free, to take over from another. */
uint32_t feed_books_limit(const struct feed *f);
/* The same in parts: books on each, 0 any number; and connections that carry some. */
uint32_t feed_books_each(const struct feed *f);
uint32_t feed_carriers_max(const struct feed *f);
/* How many connections the wanted set needs. */
uint32_t feed_n_connections(const struct feed *f);
/* 1 if there is to be a connection on this index: it carries books, or is about to take them over. */
int feed_connection_is_wanted(const struct feed *f, uint32_t conn);
const struct feed_connection *feed_connection(const struct feed *f, uint32_t conn);
uint32_t feed_n_books(const struct feed *f);
struct feed_book *feed_book_at(struct feed *f, uint32_t i);
/* By symbol as the venue spells it; in a replay a new one is made. NULL: not wanted (or no room). */
struct feed_book *feed_book_find(struct feed *f, const char *symbol);

/* Whose event it is. One of the best bid and ask alone (is_best) is NAME@bbo's; NAME's own only where NAME is asked for
 * at a depth of one. In a replay the symbol's first book is NAME's, and others that the capture holds beside it have
 * names of their own; `is_fetched`: it came by REST. NULL: nobody's. */
struct feed_book *feed_book_of(struct feed *f, const struct md_event *event, int is_fetched);
/* What went wrong when a replay was to make a book: its trace lacks messages. 0, -ENOMEM. */
int feed_appear_error(const struct feed *f);
/* What is asked of the venue for this instrument: enum md_channel bits. */
uint8_t feed_channels(const struct feed *f, const struct feed_book *fb);

/* Take everything but rx contents: open, close, tx, alive, state, tick; for rx it notes the sign of life. */
void feed_input(struct feed *f, const struct feed_input *in);
/* What became of one book message, or of an error message of the venue. */
void feed_book_stepped(struct feed *f, struct feed_book *fb, enum book_step step, const struct feed_input *in);
void feed_venue_error(struct feed *f, const struct md_event *event, const struct feed_input *in);
/* The venue (in a replay also our request) confirmed a subscription. */
void feed_subscribed(struct feed *f, const struct md_event *event, const struct feed_input *in);
/* A message could not be read. Where nothing would show what it has changed, the connection is given up. */
void feed_frame_refused(struct feed *f, enum reason reason, const struct feed_input *in);
/* The venue announced that it ends the connection. */
void feed_closing(struct feed *f, const struct feed_input *in);
/* A frame numbered over its connection (md_frame.has_connection_sequence).
 * Returns: 1 take its events; 0 frames before it were lost: the connection's books are invalid, leave it. */
int feed_sequence(struct feed *f, const struct feed_input *in, uint64_t sequence);

/* Before a message is applied: how late is it? Sets what the book's next verdict says of it.
 * Returns: the excess of its delay in ns over the least of late, -1 it does not tell. */
int64_t feed_delay_take(struct feed *f, struct feed_book *fb, const struct md_event *event,
                        const struct feed_input *in);
/* The worst of the last seconds, -1 none was heard. */
int64_t feed_lag_worst_ns(const struct feed *f);

/* Make before break: have this connection replaced by another that is in sync before it goes.
 * Returns: 0 begun, or begun when its turn comes; -ENOENT it carries no book; -ENOSPC there is no index for another:
 * it is dialed anew instead. */
int feed_replace(struct feed *f, uint32_t conn, enum reason reason);

/* Whose message is it? What is not the book's own connection's is dealt with here. */
enum feed_take {
    FEED_TAKE_BOOK,    /* apply it to the book */
    FEED_TAKE_NOTHING, /* kept for a take-over, or of no use */
    FEED_TAKE_SWAPPED, /* the book has been exchanged for the one that followed the new connection: publish it */
};
enum feed_take feed_message_take(struct feed *f, struct feed_book *fb, const struct md_event *event,
                                 const struct md_frame *frame, const struct feed_input *in);
/* Deeds (deeds.c): the pipeline's own are told to the feed, which tells them to the port with its own. */
void feed_deed(struct feed *f, char deed, const char *symbol);
/* Is there anybody to tell? */
int feed_is_noted(const struct feed *f);
/* In a replay: it does what the recording says, and nothing of its own. */
int feed_is_told(const struct feed *f);
/* One deed of a recording that concerns a book, or all. Returns: 1 the book shows other levels now, else 0. */
int feed_deed_do(struct feed *f, char deed, const char *symbol, const struct feed_input *in);
/* One that is about the message at hand. */
enum feed_take feed_deed_take(struct feed *f, struct feed_book *fb, char deed, const struct md_event *event,
                              const struct md_frame *frame, const struct feed_input *in);

/* After every input. Returns: 1 and a connection that has taken over just now: sync_next of its books may have
 * something, and all are to be published with their levels; else 0. */
int feed_handover_settle(struct feed *f, uint32_t *ret_conn);

/* Books and connections whose verdict changed outside of a book message since the last call, one at a time; NULL and
 * FEED_CONN_NONE when there is none left. The pipeline publishes them. */
struct feed_book *feed_next_changed_book(struct feed *f);
uint32_t feed_next_changed_connection(struct feed *f);
#define FEED_CONN_NONE UINT32_MAX

/* What this feed has seen so far; none of it ever falls. The rows of counters.def of the same names. */
struct feed_counts {
    uint64_t connects, connect_failures, disconnects, resolve_failures, requests_sent, no_snapshot, gaps;
    uint64_t lagging, resyncs, resyncs_put_off;
    uint64_t handovers, handover_failures, handover_sequences_lost, promotions;
};
const struct feed_counts *feed_counts(const struct feed *f);

/* For STATUS and stat: books live, books wanted. */
void feed_count(struct feed *f, uint32_t *ret_live, uint32_t *ret_wanted);
/* Longest a dead link of this venue can go unseen. */
uint32_t feed_blind_ms_max(const struct feed *f);

#endif
