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
#define FEED_RESYNC_FIRST_MS      1000 /* between two resyncs of one book, doubling; the first is at once */
#define FEED_RESYNC_MAX_MS        60000
#define FEED_HEALTHY_MS           60000 /* live for so long: the next resync is a first one again ... */
#define FEED_FOLLOWS_MS           2000  /* ... and for so long and three times the pause it had to make, too */
#define FEED_CROSS_MS_MAX         1000  /* design 4.2: a cross that lasts longer is not the venue's */
#define FEED_REST_FLIGHTS         4     /* REST requests on their way at once */
#define FEED_REST_GRACE_MS        1000  /* a REST venue's book whose updates are not heard is fetched after this */
#define FEED_PUSH_GRACE_MS        3000  /* a pushed snapshot may take so long before REST is asked (OKX, both ways) */
#define FEED_REST_URL_SIZE        256
#define FEED_REQUEST_RING         512   /* requests of a connection that are remembered; no venue allows more an hour */
#define FEED_ASKED_LESS_MS        10000 /* after the venue said that it is asked too often */
#define FEED_BUFFER_SIZE          (1u << 20) /* updates of one book that wait for its snapshot; touched as needed */
#define FEED_RESYNCS_LEAST                                                                                             \
    20 /* of a connection or venue at once and a minute; beyond that its books, see recovery.c                         \
        */
#define FEED_LAG_LEAST_MS      300000 /* the least delay is that of the last 5 to 10 minutes */
#define FEED_LAG_WORST_MS      5000   /* the worst one of the last 5 to 10 seconds */
#define FEED_LAG_QUIET_MS      3000   /* a late book with nothing new is judged by its venue's others after so long */
#define FEED_HANDOVER_MS       30000  /* for a new connection to be in sync; and so much more for each request */
#define FEED_HANDOVER_FIRST_MS 1000   /* before another attempt, doubling */
#define FEED_HANDOVER_MAX_MS   60000
#define FEED_HANDOVER_YOUNG_MS 5000 /* a connection this young is not replaced because it says that it ends */
#define FEED_HANDOVER_QUIET_MS 3000 /* both connections silent on a book for so long: they agree on it */
#define FEED_HANDOVER_EXACT_MS                                                                                         \
    1000 /* wait for both to stand at the same message, then for the new one not to be behind */
#define FEED_HANDOVER_LINGER_MS     1000 /* the row of the old stays good for readers that look at a copy of before */
#define FEED_HANDOVER_LINGER_MAX_MS 5000 /* and the old itself stays until trades are asked for on the new, at most */
#define FEED_HANDOVER_CATCH_MS      5000 /* a book that the new connection is still behind on */
#define FEED_HANDOVERS_MAX          4    /* at a time: each looks at all books after every message */

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
    HAPPENED_RESYNC,  /* the book no longer follows its venue and is asked for anew */
    HAPPENED_REFUSED, /* the venue refused this book by name */
    HAPPENED_COUNT
};

struct feed_item {
    struct feed_book public; /* first: a struct feed_book of ours is an item */
    uint8_t phase;           /* enum feed_phase */
    uint8_t is_changed;      /* queued for feed_next_changed_book */
    uint8_t is_wanted;       /* feed_symbols_set's mark */
    uint8_t logged_state, logged_reason;
    uint8_t seen_state, seen_reason; /* by due_see; any other state is news to it */
    uint8_t is_at_venue;             /* the venue was asked for it on this connection, and not asked to stop */
    uint8_t channels;                /* enum md_channel bits that are wanted of it */
    uint8_t extras_asked;            /* of those beside the book, what the venue was asked for on this connection */
    uint8_t extras_due;              /* and what it is still to be asked for */
    uint8_t extras_refused;          /* and what it has refused before, which the log has said */
    uint8_t needs_resync;
    uint8_t needs_rest;                  /* enum feed_rest */
    uint8_t refused_reason;              /* enum reason: the venue's last word on it, until a message comes */
    uint8_t is_confirmed;                /* the venue said so since the request for it left */
    uint8_t has_view;                    /* in a replay: it was told something by the venue's stream ... */
    uint32_t view;                       /* ... of which this is the book: replay_book_of */
    uint32_t asked_with_max;             /* books in the next request that names it; 0 as many as fit */
    uint64_t request_id;                 /* of the request that asked for it */
    uint32_t n_failures;                 /* requests in a row that nothing followed */
    uint32_t n_resyncs, n_rest_failures; /* in a row */
    uint32_t at;                         /* its place in feed.items */
    int64_t due_boot_ns;                 /* AWAITING: the deadline; RESTING: the next request */
    int64_t resync_boot_ns, resync_after_boot_ns;
    int64_t rest_after_boot_ns;
    int64_t unheard_boot_ns;       /* no update was heard since its snapshot: fetched again then; 0: one was */
    uint32_t n_unheard, n_differs; /* so often, and how often in a row it was another one */
    int64_t late_boot_ns;          /* its last late message */
    int64_t crossed_since_ns, crossed_boot_ns; /* since when by its verdict, and when that was first seen */
    /* succession.c; zero while its connection has no successor */
    uint8_t succession;    /* enum feed_succession */
    uint8_t is_ready;      /* the successor has shown that it covers this book */
    uint8_t is_own_known;  /* brought_conn holds */
    uint32_t brought_conn; /* who brought the whole book that is shown */
    int64_t asked_boot_ns;
    uint64_t asked_last;      /* where the book stood then */
    uint64_t asked_id;        /* of the request to the successor */
    struct book *shadow;      /* what the successor brings, where it brings a whole book first */
    uint64_t shadow_from;     /* where that began (handover.c, position), 0 unknown */
    uint64_t n_lost_counted;  /* of sync_lost */
    int64_t catching_boot_ns; /* it has taken over and the shadow was behind then; 0: no */
};

/* How far the request for a book has come on the connection that is to take over. */
enum feed_succession { SUCCESSION_NONE, SUCCESSION_QUEUED, SUCCESSION_SENT, SUCCESSION_ASKED };

enum feed_rest { REST_NONE, REST_WANTED, REST_FLYING };

/* Tokens, in thousandths, as they were then. Zeroed is full. */
struct feed_bucket {
    int64_t spent_milli, at_boot_ns;
};

/* An extreme of the present stretch of time and of the one before. */
struct feed_window {
    int64_t begun_boot_ns, now, before;
};

struct feed_lag {
    struct feed_window least, worst;
    int64_t last_ns, last_boot_ns; /* the last excess, and when */
};

struct feed_flight {        /* a REST request on its way */
    struct feed_item *item; /* NULL: free, or its book is gone */
    uint8_t is_used;
    int64_t since_boot_ns;
    char url[FEED_REST_URL_SIZE];
};

/* The venue is to stop sending a book, which may be gone by then. */
struct feed_farewell {
    uint32_t line;
    uint8_t channels; /* still to be said for */
    char symbol[MD_SYMBOL_SIZE];
};

struct feed_ids { /* of one request, which may have one for each symbol */
    uint64_t first;
    uint32_t n;
};
#define FEED_EXTRAS_IDS 32 /* requests for other channels than books that are remembered */

/* When requests left, a ring; the limits of a second, a minute and an hour are counted in it. Of a connection, or of
 * all of them where the venue counts by address. */
struct feed_requests {
    uint64_t n;
    int64_t after_boot_ns; /* none before */
    int64_t at_boot_ns[FEED_REQUEST_RING];
};

struct feed_line { /* a connection and what is asked on it; made when its index is taken, and there as long as the feed
                    */
    /* What every tick looks at lies together, in as few lines of the cache as may be. */
    uint32_t conn; /* its index among all of the daemon's */
    uint8_t is_open;
    uint8_t needs_request;   /* the wanted list differs from the one sent */
    uint8_t is_in_flight;    /* a request was handed over and has not left */
    uint8_t is_broken;       /* its books are invalid and it is about to be dialed anew: nothing more is taken */
    int64_t message_boot_ns; /* of the last message, or the opening */
    int64_t retire_boot_ns;  /* 0: it may live for ever */
    int64_t release_boot_ns; /* its row is of no meaning from then on; 0: it is not to be released */
    uint32_t successor, predecessor; /* index + 1 of the other of a pair, 0 none */
    uint8_t handover_reason;         /* enum reason: to be replaced, REASON_NONE not */
    uint8_t is_handed_over;          /* took over; the line that says so waits for its first message */
    uint8_t error_reason;            /* enum reason: of the error that the venue sent, if no book came since */
    uint8_t has_sequence;
    uint32_t n_unnamed; /* symbols the venue said not to know without naming them, and no book has failed for */
    struct feed_connection public;
    uint64_t sequence; /* of the last frame, where frames are numbered over the connection */
    size_t in_flight_size;
    struct feed_bucket resyncs;
    /* handover.c */
    uint32_t n_handover_failures; /* in a row */
    uint32_t handed_from;         /* is_handed_over: the connection before */
    int64_t opened_boot_ns;
    int64_t handover_after_boot_ns, handover_begun_boot_ns, handover_ready_boot_ns;
    uint8_t handed_reason;
    uint8_t is_lingering; /* left, and not closed yet: trades still come on it */
    uint8_t is_bringing;  /* is_lingering: when last looked at, the other was still to be asked for them */
    uint8_t is_changed;   /* for feed_next_changed_connection */
    uint8_t is_promoted;  /* its books are to be published as its own */
    uint32_t handed_to;   /* is_lingering: the line that took over */
    struct feed_requests requests;
};

struct feed {
    struct feed_options options;
    struct feed_item **items; /* books_max; n_items in use, in no order */
    uint32_t n_items;
    /* due.c; books_max: when a tick has to look at the book of the same place, or earlier; and the first of all */
    int64_t *due_boot_ns;
    int64_t due_first_boot_ns;
    uint32_t n_live; /* is_count_known */
    uint8_t is_count_known;
    uint32_t n_rest;            /* books with needs_rest */
    int64_t rest_first_boot_ns; /* no fetch of them is due before */
    int appear_error;           /* of a book that a replay could not make */
    uint32_t *table;            /* of symbols: index of the item + 1, 0 free; table_size a power of two */
    uint32_t table_size;
    struct feed_item **changed; /* a ring of books_max, in the order they changed; each at most once */
    uint32_t first_changed, n_changed;
    uint32_t n_changed_lines;
    uint32_t *dropped; /* slots; books_max */
    uint32_t n_dropped;
    const char **symbols;          /* books_max; the request being written */
    char *request;                 /* FEED_REQUEST_SIZE */
    struct feed_requests requests; /* of the address */
    uint64_t request_id;           /* of the last request */
    struct feed_ids extras_ids[FEED_EXTRAS_IDS];
    uint32_t n_extras_ids;
    struct feed_farewell *farewells; /* books_max */
    uint32_t n_farewells;
    struct feed_flight flights[FEED_REST_FLIGHTS];
    struct feed_spent *spent, own_spent;
    int64_t now_boot_ns, now_ns; /* of the last input */
    struct feed_counts counts;
    struct feed_catalogue *catalogue; /* NULL: none is to be had */
    struct feed_lag lag;
    struct feed_bucket resyncs; /* of all connections */
    uint32_t n_handovers;       /* under way, or telling of their end */
    uint32_t n_promoted_lines;
    uint8_t is_told; /* a replay of a recording that says what was done */
    /* Those that carry books are the first n_lines, without a hole; the one at extras_path is the last that there may
     * be, elsewhere NULL. */
    struct feed_line *lines[FEED_CONNECTIONS_MAX];
    uint32_t n_lines;
    uint16_t line_of_conn[FEED_CONNECTIONS_MAX]; /* FEED_LINE_NONE: not ours */
};
#define FEED_LINE_NONE UINT16_MAX

/* deeds.c: what is done to a book beside its messages, each in one place. */
void deed_forget(struct feed *f, struct feed_item *item);
void deed_keep(struct feed *f, struct feed_item *item, int keeps);
void deed_reset(struct feed *f, struct feed_item *item);
void deed_succeed(struct feed *f, struct feed_item *item);
int deed_succeed_unproven(struct feed *f, struct feed_item *item);
void deed_swap(struct feed *f, struct feed_item *item);
void deed_lag(struct feed *f, struct feed_item *item, int is_lagging);
void deed_begin(struct feed *f);

/* lines.c: connections by their place in the feed (line) and in the daemon (conn). */
/* The line is made if it is not there. Returns: 0, -ENOSPC there is no index for it, -ENOMEM. */
int feed_line_take(struct feed *f, uint32_t line);
void feed_lines_free(struct feed *f);
/* How many there may be that carry books, a free one among them. */
uint32_t feed_lines_most(const struct feed *f);

static inline uint32_t feed_conn(const struct feed *f, uint32_t line)
{
    return f->lines[line]->conn;
}

static inline uint32_t feed_index(const struct feed *f, uint32_t conn)
{
    return f->line_of_conn[conn];
}

/* feed.c */
void feed_book_mark(struct feed *f, struct feed_item *item);
void feed_line_mark(struct feed *f, uint32_t line);
/* The request for the book has left. */
void feed_item_left(struct feed *f, struct feed_item *item, int64_t now_ns);
void feed_book_log(struct feed *f, struct feed_item *item);
void feed_line_state_set(struct feed *f, uint32_t line, enum state state, enum reason reason,
                         const struct feed_input *in);
struct feed_line *feed_line_of(struct feed *f, const struct feed_item *item);

/* due.c: called where a book changes otherwise than message after message: the next tick looks at it. */
void due_touch(struct feed *f, struct feed_item *item);
/* Behind each message: has the verdict become another since it was seen here? */
void due_see(struct feed *f, struct feed_item *item, const struct book_verdict *verdict);
/* The books are others, or lie in other places. */
void due_begin(struct feed *f);
/* What of books is due by time. */
void due_tick(struct feed *f, int64_t now_ns);
/* For tests: 1 if no book's time is later than the book itself says. */
int due_is_right(const struct feed *f);

/* recovery.c */
/* The venue took the request and sends nothing. */
void recovery_unheard(struct feed *f, struct feed_item *item, int64_t now_ns);
/* unheard.c: is what was fetched ever followed by updates? */
void unheard_forget(struct feed_item *item);
void unheard_tick(struct feed *f, struct feed_item *item);
/* Returns 1 if the venue sends nothing for this book, though there is something to be sent. */
int unheard_stepped(struct feed *f, struct feed_item *item, enum book_step step, const struct feed_input *in);

void recovery_step(struct feed *f, struct feed_item *item, enum feed_happening happening, int64_t now_ns);
/* Is its deadline over, its retry due, its cross lasting? due.c says when to look. */
void recovery_look(struct feed *f, struct feed_item *item, int64_t now_ns);

/* Nothing follows from here on: who reads it as live must know before it is asked for. */
void recovery_mark(struct feed *f, struct feed_item *item, int64_t now_ns);
/* The book is asked for anew, now or when its turn comes. */
void recovery_resync(struct feed *f, struct feed_item *item, int64_t now_ns);

/* request.c: send what is due on the line, inside the venue's budget. */
void request_try(struct feed *f, uint32_t line, int64_t now_ns);
/* The one in flight has left. */
void request_left(struct feed *f, uint32_t line);
/* The venue said that it is asked too often: nothing more is asked for a while, and what it may not have taken again.
 */
void request_pause(struct feed *f, uint32_t line, int64_t now_ns);
/* The connection is a new one: its own budget is whole, and nothing is subscribed on it. */
void request_line_reset(struct feed *f, uint32_t line);
/* Have the venue stop sending these channels of an instrument. */
void request_farewell(struct feed *f, const struct feed_item *item, uint8_t channels);
/* How many instruments a connection may carry, 0: any number. */
uint32_t request_room(const struct feed *f);

/* extras.c: channels beside books. */
void extras_begin(const struct feed *f, struct feed_item *item);
/* On a new connection of the book nothing has been asked for; on a new one of its own, which is the line, of nobody. */
void extras_forget(const struct feed *f, struct feed_item *item);
void extras_line_forget(struct feed *f, uint32_t line);
/* Does any book want some? And for this one the venue may be asked now. */
int extras_are_wanted(const struct feed *f);
void extras_ask(struct feed *f, const struct feed_item *item);
/* At most n_max symbols into f->symbols, and the one channel that a request names for them. Returns how many. */
uint32_t extras_collect(struct feed *f, uint32_t conn, uint32_t n_max, uint8_t *ret_channel);
/* The request has been handed over; called again, that is taken back. */
void extras_toggle(struct feed *f, uint32_t conn, const struct venue_request *request);
/* 1: the error is about one of these, the log has said it, and no book is the worse for it. */
int extras_refused(const struct feed *f, struct feed_item *item, const struct md_event *event,
                   const struct feed_input *in);

/* lag.c */
void lag_look(struct feed *f, struct feed_item *item, int64_t now_ns);

/* handover.c */
/* The connection is to be replaced, now or when there is room for another. Returns as feed_replace. */
int handover_want(struct feed *f, uint32_t line, enum reason reason);
void handover_tick(struct feed *f);
/* Either of a pair died, was refused or is not wanted any more; `is_failure`: counted, said, and tried again later. */
void handover_cancel(struct feed *f, uint32_t line, enum reason reason, int is_failure);
/* The connection ended and another was to take over: it does now, as far as it is. */
void handover_promote(struct feed *f, uint32_t line, enum reason reason);
/* Was it left behind, so that its end is no news? Then that is settled. */
int handover_left(struct feed *f, uint32_t line);
/* A book has moved on; the first that does behind a hand-over is its point. */
void handover_stepped(struct feed *f, struct feed_item *item, enum book_step step);

/* succession.c: one book of a connection that is being replaced. */
enum feed_cover { COVER_NOT, COVER_AHEAD, COVER_EXACT };
enum feed_cover succession_cover(const struct feed *f, struct feed_item *item);
/* Would its readers notice if it went over now? Others have nothing to lose. */
int succession_is_at_stake(const struct feed_item *item);
/* Where a book stands, comparable between two connections: the venue's number if it is one, else the venue's time. */
uint64_t succession_position(const struct feed *f, const struct book *bk);
/* From now on it is this connection's, which has shown that it covers what is at stake; with `is_dead` the one before
 * has ended and what is not covered is lost. Returns: 1 if its readers lose nothing. */
int succession_go_over(struct feed *f, struct feed_item *item, uint32_t conn, int is_dead);
/* The request for it has left on the connection that is to take over. */
void succession_asked(struct feed *f, struct feed_item *item);
void succession_reset(struct feed *f, struct feed_item *item);
/* A message of the connection that is to take over, into the book that follows it, which is made if need be.
 * Returns 0, or negative errno: that book does not hold. */
int succession_shadow_take(struct feed *f, struct feed_item *item, const struct md_event *event,
                           const struct md_frame *frame, const struct feed_input *in);
/* The book is new, or goes, while its connection is being replaced: the other one is told, too. */
void succession_add(struct feed *f, struct feed_item *item);
void succession_drop(struct feed *f, struct feed_item *item);

/* rest.c: snapshots by REST, inside the address's budget. */
void rest_want(struct feed *f, struct feed_item *item, int64_t after_ms);
void rest_forget(struct feed *f, struct feed_item *item);
void rest_answered(struct feed *f, const struct feed_input *in);
void rest_tick(struct feed *f, int64_t now_ns);
int feed_uses_rest(const struct feed *f);
/* One request of so many of the venue's weights: 1 it may leave, and counts from now on; 0 not now. */
int rest_budget_take(struct feed *f, uint32_t weight);
/* Half of the budget is left. */
int rest_has_half(const struct feed *f);
int rest_is_idle(const struct feed *f);
/* Milliseconds to wait after so many failures in a row, spread by what is particular to the book. */
int64_t feed_spread_ms(const struct feed_item *item, uint32_t n, int64_t first_ms, int64_t max_ms);

/* catalogue.c, catalogue_list.c */
int catalogue_new(struct feed *f);
struct feed_catalogue *catalogue_free(struct feed_catalogue *c);
void catalogue_tick(struct feed *f, int64_t now_ns);
/* The venue's list has come, it is all there is, and the book is not in it. */
int feed_is_unlisted(const struct feed *f, const struct feed_item *item);

/* symbols.c */
void symbols_index(struct feed *f);
struct feed_item *symbols_find(const struct feed *f, const char *symbol);
int item_new(const struct feed *f, const char *symbol, struct feed_item **ret);
/* One more book, or one less, whatever was wanted. */
int symbols_add(struct feed *f, const char *symbol);
void symbols_drop(struct feed *f, struct feed_item *item);
struct feed_item *item_free(struct feed_item *item);

#endif
