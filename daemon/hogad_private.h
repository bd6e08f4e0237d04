/* SPDX-License-Identifier: MIT
 * hogad_private.h - what hogad.c (life) and hogad_venues.c (venues and their connections, reload) share. */
#ifndef HOGA_HOGAD_PRIVATE_H
#define HOGA_HOGAD_PRIVATE_H

#include "core/feed_input.h"
#include "feed/feed.h"
#include "feed/leases.h"
#include "hogad.h"
#include "loop/control.h"
#include "net/https_get.h"
#include "net/url.h"
#include "pipeline.h"
#include "record.h"
#include "session/budget.h"
#include "session/session.h"
#include "shm/writer.h"

#define HOGAD_VENUES_MAX  PIPELINE_FEEDS_MAX
#define HOGAD_STATUS_SIZE 200
#define HOGAD_GETS_MAX    8  /* REST requests of one venue on their way */
#define HOGAD_NEW_TURN    32 /* books that a list makes in one tick: 2 ms, since each has megabytes to map */

struct large_job;
struct ledger;
struct worker;

struct hogad_get {
    struct hogad *daemon;
    struct https_get *get; /* NULL: free */
    uint32_t conn;
    char url[CONFIG_URL_SIZE];
};

/* A connection's index, which is its row in the segment: taken by a venue when it first needs one more, and its own
 * from then on. */
struct hogad_line {
    struct session *session; /* NULL: not dialed, nor to be */
    uint8_t venue;           /* whose */
    uint8_t redial;          /* enum reason, REASON_NONE: not asked for */
    uint8_t ending;          /* 1: to be ended; 2: ending; then its session goes */
};

/* A venue that was configured once; its place and its connections' indices stay, also while nothing of it is wanted. */
struct hogad_venue {
    struct hogad *daemon;
    const struct venue *venue;
    struct feed *feed;
    struct url url;
    char url_text[CONFIG_URL_SIZE];
    struct url extras_url; /* where the venue has another for what is no book */
    char extras_url_text[CONFIG_URL_SIZE];
    struct ws_trust *trust;
    struct budget own_budget;       /* where the ledger has no row left */
    struct budget *budget;          /* of its address: the ledger's, or that of the venue that was there first */
    uint8_t source;                 /* enum source */
    char rest_url[CONFIG_URL_SIZE]; /* "": this venue needs none */
    struct ws_trust *rest_trust;
    uint8_t has_proxy;
    struct hogad_get gets[HOGAD_GETS_MAX];
    char *deeds; /* since the last line of the recording; NULL: it is not recorded */
    size_t deeds_used, deeds_room;
    uint8_t deeds_tell;  /* more than the line would say itself */
    uint32_t n_patterns; /* among its symbols */
    uint32_t n_expanded; /* books at the last expansion, 0 none yet */
    uint32_t n_waiting;  /* markets that wait for a later tick */
    uint32_t n_left_out; /* markets that match one and have no room */
};

struct hogad {
    const struct hogad_options *options;
    struct config *config;
    struct loop *loop;
    struct resolver *resolver;
    struct writer *writer;
    struct pipeline *pipeline;
    struct recorder *recorder;
    struct recorder_counts recorded; /* as last added to the segment's counters */
    struct ledger *ledger;
    struct hogad_venue venues[HOGAD_VENUES_MAX];
    uint32_t n_venues;
    struct loop_timer *tick, *heartbeat, *watchdog, *stop;
    int64_t stop_boot_ns; /* 0: not stopping */
    struct worker *worker;
    struct md_frame *large_frame; /* the worker's, until its job is told as done */
    struct large_job *large_jobs; /* on their way */
    int is_in_turn_over;
    struct hogad_line lines[FEED_CONNECTIONS_MAX];
    uint32_t n_lines;               /* that a venue has taken */
    int has_redials, has_unsettled; /* sessions to be dialed anew; to be made when others are gone */
    struct leases *leases;
    struct hogad_events *events;   /* NULL: nobody has asked for an eventfd yet */
    struct control_counts counted; /* as last added to the counters */
    struct control *control;       /* NULL: not begun, or stopping */
    uint32_t log_level;            /* enum log_level, as last set by configuration or operator */
    int64_t begun_boot_ns;
    char segment[SEGMENT_PATH_SIZE];
};

/* hogad_venues.c */
/* Bring the venues to what `c` says: feeds with their symbols. Sessions follow in hogad_sessions_settle.
 * Returns: 0, negative errno; it has complained. */
int hogad_venues_apply(struct hogad *d, const struct config *c);

/* hogad_lines.c */
/* What a feed can do to its connections; the context is the hogad_venue. */
struct feed_port hogad_port(struct hogad_venue *hv);
/* As many sessions as each feed needs connections, no more. */
int hogad_sessions_settle(struct hogad *d);
void hogad_redials_do(struct hogad *d);
/* Do the named markets fit on the connections that there may be? Returns: 0, -EINVAL and why not. */
int hogad_connections_check(const struct config *c, struct config_problem *ret);
/* In words, what keeps the venue from carrying more books. */
#define HOGAD_LIMIT_SIZE 320
void hogad_limit_words(const struct hogad *d, const struct hogad_venue *hv, char ret[HOGAD_LIMIT_SIZE]);
/* Connections that another took over go in order. */
void hogad_sessions_end(struct hogad *d);
/* For the operator: replace this connection by another, make before break.
 * Returns: 0 begun, -ENOENT there is none or it carries no book, -ENOSPC there is no room for another beside it, so it
 * is dialed anew instead. */
int hogad_reconnect(struct hogad *d, uint32_t conn);
struct hogad_venue *hogad_venue_of_conn(struct hogad *d, uint32_t conn);
struct session *hogad_session(struct hogad *d, uint32_t conn);
/* Is the new configuration one that a running daemon can take? NULL, or why not. */
const char *hogad_reload_obstacle(const struct config *now, const struct config *next);
/* What a snapshot is fetched with; the answer is an input. */
int hogad_get(struct hogad *d, uint32_t conn, const char *url);
/* What the market's numbers come from, by configuration: enum source. */
uint8_t hogad_source(const struct config_venue *cv, const struct venue *v);
int hogad_is_wanted(const struct hogad *d, const char *venue, const char *symbol);

/* No answer of a REST request will come. */
void hogad_gets_cancel(struct hogad_venue *hv);

/* hogad_symbols.c */
/* What the configuration names of this venue, patterns expanded; at most so many new books, the rest waits.
 * Returns: 0, negative errno; it has complained. */
int hogad_symbols_apply(struct hogad *d, struct hogad_venue *hv, const struct config *c, uint32_t n_new_max);
/* Can its patterns ever be expanded? Returns: 0, -EINVAL and why. */
int hogad_patterns_check(const struct config *c, const struct config_venue *cv, struct config_problem *ret);
/* Does the configuration name it, or a pattern of it? */
int hogad_is_configured(const struct hogad *d, const char *venue, const char *symbol);
/* What STATUS says of patterns. */
void hogad_catalogue_say(const struct hogad *d, struct text *t);
/* Venues whose list has come: patterns are expanded anew. */
void hogad_catalogues_settle(struct hogad *d);

/* hogad_reload.c */
/* Read the configuration and apply what differs, all or nothing; service manager, log and `call` (NULL: nobody asked)
 * hear what became of it. Returns: 0, or as control_refuse. */
int hogad_reload(struct hogad *d, struct control_call *call);

/* hogad_leases.c */
#define HOGAD_NAMES_MAX 32 /* in one request: each new book has megabytes to map, and all of them in one turn */
#define HOGAD_NAME_SIZE (HOGA_VENUE_SIZE + MD_SYMBOL_SIZE)
struct hogad_name { /* one name of a request, understood */
    struct hogad_venue *hv;
    char symbol[MD_SYMBOL_SIZE];
    char name[HOGAD_NAME_SIZE];
};
/* The member `names`. Returns: 0, or refused. */
int hogad_names_read(struct hogad *d, struct control_call *call, struct hogad_name ret[HOGAD_NAMES_MAX],
                     uint32_t *ret_n);
int hogad_on_subscribe(void *context, struct control_call *call);
int hogad_on_unsubscribe(void *context, struct control_call *call);
/* The connection of a holder has ended. */
void hogad_lease_client_gone(void *context, uint64_t client);
/* Books whose time without a holder is over go. */
void hogad_leases_settle(struct hogad *d);
void hogad_leases_say(const struct hogad *d, cJSON *answer);

/* hogad_control.c */
int hogad_control_start(struct hogad *d);
/* What was asked since the last call, into the counters. */
void hogad_control_count(struct hogad *d);

/* hogad_record.c */
/* Needs the venues. Returns: 0, negative errno; it has complained. */
int hogad_record_begin(struct hogad *d);
/* After the pipeline has taken it. */
void hogad_record(struct hogad *d, const struct feed_input *in);
void hogad_recorded_count(struct hogad *d);
/* What is done to the venue's books is noted from now on, if it is recorded. Returns: 0, -ENOMEM. */
int hogad_deeds_begin(struct hogad_venue *hv);
void hogad_deed_note(void *context, char deed, const char *symbol);

/* hogad_large.c */
#define HOGAD_LARGE_SIZE (128u << 10) /* a message of more takes a millisecond or so: elsewhere */
int hogad_large_start(struct hogad *d);
/* No job is told as done any more. */
void hogad_large_end(struct hogad *d);
/* From inside of the input of a message: 1 it is decoded elsewhere, and taken when it is; 0 it is for the caller. */
int hogad_large_message(struct hogad *d, const struct feed_input *in);
/* The same of a REST answer; its memory is taken from *io_owner. */
int hogad_large_answer(struct hogad *d, const struct feed_input *in, char **io_owner);
/* The connection ended: what is on its way from it is of no use. */
void hogad_large_drop(struct hogad *d, uint32_t conn);

/* hogad.c */
/* Read and judge; nothing is applied. Returns: 0, negative errno and why. */
int hogad_config_read(const char *file, struct config **ret, struct config_problem *ret_problem);
void hogad_tick(void *context);
/* "2/3 live", and what is the matter with each connection that is not. */
void hogad_status_words(const struct hogad *d, char ret[HOGAD_STATUS_SIZE]);
void hogad_blind_say(struct hogad *d);
void hogad_input(void *context, const struct feed_input *in);
void hogad_turn_over(void *context);

#endif
