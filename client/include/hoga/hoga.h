/* SPDX-License-Identifier: MIT
 * hoga.h - read live order books from another process's shared memory. C11 and C++; needs nothing but libc.
 *
 *     struct hoga *h;
 *     struct hoga_problem problem;
 *     if (hoga_open(&h, NULL, &problem) < 0)
 *         errx(1, "%s: %s: %s", problem.what, problem.why, problem.remedy);
 *     hoga_id id;
 *     struct hoga_book book;
 *     struct hoga_level bids[10], asks[10];
 *     if (hoga_find(h, "upbit:KRW-BTC", &id) == 0 && hoga_read(h, id, 0, &book, bids, asks, 10) == 0)
 *         ...
 *     h = hoga_close(h);
 *
 * One handle belongs to one thread at a time; any number of handles, threads and processes may read at once. A handle
 * holds no thread, lock, task or registration: closing, or dying, takes no time and leaves nothing behind. After
 * fork(2) parent and child each go on with their own copy of it, and each closes its own. Calls return 0 (or a count)
 * or a negative errno; on failure no ret_ has changed, but for two that say so: hoga_read's level arrays, and hoga_fill
 * when it could fill only a part. Prices and sizes are integers with a number of decimals per book; nothing here uses
 * floating point. Times end in _ns; wall-clock ones are CLOCK_REALTIME. */
#ifndef HOGA_H
#define HOGA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define HOGA_NAME_SIZE    64 /* "venue:SYMBOL" with the NUL */
#define HOGA_DECIMAL_SIZE 24 /* any formatted price or size with the NUL */
#define HOGA_SUM_SIZE     48 /* any formatted 128-bit sum or product with the NUL */
#define HOGA_NO_ID        0u

struct hoga;
/* Slot, generation and a mark of the file: never another book's, even after the slot was given away (-ESTALE). It is
 * also stale once hogad was started with another layout and the library has mapped its new file: find it again. */
typedef uint64_t hoga_id;

/* What is wrong and what to do; all NUL terminated, `remedy` may be empty. */
struct hoga_problem {
    int error;      /* the negative errno the call returned */
    char what[256]; /* usually a path */
    char why[512];
    char remedy[256];
};

/* Numbers are stable; a newer daemon may send states that are not here: treat them as not live. */
enum hoga_state {
    HOGA_EMPTY = 0,
    HOGA_SYNCING = 1,
    HOGA_LIVE = 2,
    HOGA_STALE = 3,
    HOGA_GAP = 4,
    HOGA_CROSSED = 5,
    HOGA_LAGGING = 6,
    HOGA_DOWN = 7,
    HOGA_HALTED = 8,
    HOGA_FAILED = 9
};

struct hoga_level {
    int64_t price; /* mantissa at the book's price_decimals */
    int64_t size;  /* mantissa at the book's size_decimals */
};

/* A book without its levels beyond the best. The verdict is the effective one: the worst of the book's, its
 * connection's and the daemon's. Numbers stay those last verified, whatever the verdict: look at `state` first. */
struct hoga_book {
    hoga_id id;
    uint8_t state;  /* enum hoga_state, effective */
    uint8_t reason; /* hoga_reason_word() */
    uint8_t source; /* hoga_source_word() */
    uint8_t proof;  /* hoga_proof_word(): what `live` rests on */
    uint8_t price_decimals;
    uint8_t size_decimals;
    uint16_t connection; /* 65535: none */
    uint32_t n_bids;     /* levels in the segment, also where the caller asked for fewer */
    uint32_t n_asks;
    struct hoga_level bid; /* best; size 0: this side is empty */
    struct hoga_level ask;
    uint64_t update;        /* grows with every publication; compare to see whether anything changed */
    uint64_t applied;       /* book messages applied */
    uint64_t epoch;         /* number of daemon starts when this was published */
    int64_t since_ns;       /* since when the state holds, 0 unknown */
    int64_t venue_ns;       /* the venue's time, 0 unknown */
    int64_t recv_ns;        /* arrival of the frame, or of a later fetched answer that it waited for; 0 never */
    int64_t publish_ns;     /* 0 never */
    int64_t changed_age_ns; /* since the levels last changed, -1 never */
    int64_t heard_age_ns;   /* since its connection last gave a sign of life, -1 never */
};

struct hoga_info { /* what is known of an instrument; empty strings and -1: unknown, never guessed */
    hoga_id id;
    char name[HOGA_NAME_SIZE]; /* "upbit:KRW-BTC" */
    char venue[16];
    char symbol[48];
    int64_t since_ns; /* when the daemon began to carry it */
    uint32_t depth;   /* levels a side the segment can hold */
};

struct hoga_connection {
    char venue[16];
    uint8_t state; /* enum hoga_state, effective */
    uint8_t reason;
    uint8_t source;
    uint32_t n_books;
    int64_t since_ns;
    int64_t heard_age_ns;  /* -1 never */
    int64_t round_trip_ns; /* 0 unknown */
    uint64_t n_connects;
    uint32_t blind_ms_max; /* longest a dead link can go unseen */
    uint32_t http_status;  /* of a refused upgrade, 0 none */
    int64_t next_dial_ns;  /* 0: not waiting */
};

struct hoga_daemon {
    char version[32];
    char path[256]; /* of the segment */
    uint32_t abi_major, abi_minor;
    uint64_t epoch;
    uint64_t pid;       /* in the daemon's own namespace */
    uint8_t is_alive;   /* heartbeat within 500 ms */
    uint8_t is_stopped; /* it said so on its way out */
    uint8_t source;
    int64_t heartbeat_age_ns; /* -1 never in this epoch */
    uint32_t books_max, depth, n_books, n_connections;
    uint64_t blind_ms_max;
};

struct hoga_counter {
    char name[40];
    char unit[16];
    uint64_t value;
};

struct hoga_latency { /* nanoseconds, from a histogram with 12.5 % wide buckets; upper edges */
    char venue[16];
    char name[24];
    uint64_t count, sum_ns, max_ns;
    uint64_t p50_ns, p90_ns, p99_ns, p999_ns;
};

enum hoga_listed { /* a newer daemon may send more: treat them as unknown */
                   HOGA_LISTED_UNKNOWN = 0,
                   HOGA_LISTED_TRADING = 1,
                   HOGA_LISTED_HALTED = 2,  /* listed, not trading now */
                   HOGA_LISTED_DELISTED = 3 /* still named, no longer to be traded */
};

#define HOGA_WARN_INVESTMENT 1u /* 유의: marked for investors' caution */
#define HOGA_WARN_CAUTION    2u /* 주의: the market behaves unusually */

struct hoga_tick {
    int64_t from; /* from this price on ... */
    int64_t tick; /* ... prices are multiples of this; mantissas at tick_decimals */
};

/* An instrument as its venue lists it, subscribed or not. Empty text, a count of 0 and a missing has_: the venue does
 * not say, and nobody guesses. Text is UTF-8. */
struct hoga_instrument {
    char name[HOGA_NAME_SIZE];
    char venue[16];
    char symbol[48];
    char base[24], quote[24];
    char status[24]; /* the venue's own word */
    char name_korean[64], name_english[64];
    char cautions[128]; /* the venue's own words, separated by blanks */
    uint8_t listed;     /* enum hoga_listed */
    uint8_t has_warnings;
    uint8_t warnings;    /* HOGA_WARN bits, if has_warnings */
    uint8_t is_tick_now; /* the one tick is that of the price at fetched_ns; other prices may have others */
    uint8_t has_lot, has_size_min, has_value_min;
    uint8_t lot_decimals, size_min_decimals, value_min_decimals;
    uint8_t n_ticks, tick_decimals;
    uint8_t n_groups, group_decimals;
    int64_t lot;        /* sizes are multiples of it */
    int64_t size_min;   /* of an order, in base */
    int64_t value_min;  /* of an order, in quote */
    int64_t fetched_ns; /* CLOCK_REALTIME */
    struct hoga_tick ticks[16];
    int64_t groups[12]; /* steps that the venue groups its book by; mantissas at group_decimals */
};

enum hoga_side { HOGA_SIDE_UNKNOWN = 0, HOGA_SIDE_BUY = 1, HOGA_SIDE_SELL = 2 }; /* the taker's */

/* One trade (체결). */
struct hoga_trade {
    uint64_t number;   /* of this instrument's trades in the segment, counting up; 1 more than that of the one before */
    uint64_t id;       /* the venue's own, 0 unknown; a hash where it is no number below 2^64 */
    int64_t price;     /* mantissa at price_decimals */
    int64_t size;      /* mantissa at size_decimals */
    int64_t venue_ns;  /* the venue's time of the trade, 0 unknown */
    int64_t recv_ns;   /* arrival of the frame */
    uint64_t update;   /* hoga_book.update of the book that it follows */
    uint32_t reserved; /* 0 */
    uint8_t price_decimals, size_decimals;
    uint8_t side;         /* enum hoga_side */
    uint8_t is_after_gap; /* 1: trades may be missing before it, because the daemon or its connection was new */
};

/* Where reading begins, in place of a number. */
#define HOGA_TRADES_OLDEST 0u         /* with the oldest there is */
#define HOGA_TRADES_LAST   UINT64_MAX /* so that the newest n_max are given; n_max 0: from now on */

/* Something the venue says, or does not: then is_known is 0, and nobody guesses. */
struct hoga_fact {
    int64_t mantissa;
    uint8_t decimals;
    uint8_t is_known;
};

enum hoga_period { /* a newer daemon may send more: treat them as unknown */
                   HOGA_PERIOD_UNKNOWN = 0,
                   HOGA_PERIOD_DAY = 1,     /* the venue's own calendar day */
                   HOGA_PERIOD_24_HOURS = 2 /* the last 24 hours */
};

/* What an order-book window shows beside the levels, each with decimals of its own. */
struct hoga_day {
    hoga_id id;
    struct hoga_fact last;           /* 현재가: price of the last trade */
    struct hoga_fact previous_close; /* 전일 종가 */
    struct hoga_fact change; /* 전일 대비: last less previous close, signed; over the period if that is 24 hours */
    struct hoga_fact open, high, low;      /* of the period */
    struct hoga_fact volume;               /* of the period, in base */
    struct hoga_fact value;                /* of the period, in quote */
    struct hoga_fact bid_total, ask_total; /* 총잔량: of the sides, as the venue's own book message has them */
    uint64_t update;                       /* grows with every publication of these */
    uint64_t totals_update;                /* hoga_book.update that the totals came with */
    int64_t last_ns;                       /* the venue's time of the last trade, 0 unknown */
    int64_t venue_ns;                      /* the venue's time of the newest message about the day, 0 unknown */
    int64_t recv_ns;                       /* its arrival, 0 never */
    uint8_t period;                        /* enum hoga_period, of change, open, high, low, volume and value */
};

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* path NULL: $HOGA_SEGMENT, the user's own daemon if it lives, /run/hoga/main/books, the user's own path.
 * Owns:    *ret; close with hoga_close. `ret_problem` may be NULL.
 * Returns: 0; -ENOENT no segment yet; -EAGAIN being built; -EPROTO other ABI major; -EACCES not permitted;
 *          -EBADMSG damaged; other errors of open(2) and mmap(2). */
int hoga_open(struct hoga **ret, const char *path, struct hoga_problem *ret_problem);
/* The same, waiting while there is none yet or it is being built. timeout_ns < 0: for ever.
 * Returns: as hoga_open for what waiting cannot mend; -ETIMEDOUT, -EINTR a signal came (the problem says what was still
 *          missing). */
int hoga_open_wait(struct hoga **ret, const char *path, int64_t timeout_ns, struct hoga_problem *ret_problem);
struct hoga *hoga_close(struct hoga *h); /* takes NULL, returns NULL */

/* --- what is there ---------------------------------------------------------------------------------------------- */

/* Names are matched without case at the first colon: "upbit:krw-btc". -ENOENT not carried; -EINVAL no colon. */
int hoga_find(struct hoga *h, const char *name, hoga_id *ret_id);
/* Up to n_max ids in directory order; returns how many there are (also beyond n_max). ret_ids may be NULL if n_max 0.
 * -EAGAIN: an entry was moving all the time. */
int hoga_list(struct hoga *h, hoga_id *ret_ids, size_t n_max);
/* -ESTALE: the slot was given to another instrument, or freed. */
int hoga_info(struct hoga *h, hoga_id id, struct hoga_info *ret);
int hoga_daemon(struct hoga *h, struct hoga_daemon *ret);
/* index from 0; -ERANGE beyond the last; -EAGAIN the row was moving all the time. Connections keep their index, which
 * hoga_book.connection names: -ENOENT for one that is not in use now. */
int hoga_connection(struct hoga *h, uint32_t index, struct hoga_connection *ret);
int hoga_counter(struct hoga *h, uint32_t index, struct hoga_counter *ret);
int hoga_latency(struct hoga *h, uint32_t index, struct hoga_latency *ret);
/* The histogram behind it: ret_counts[i] values were above hoga_latency_edge_ns(i - 1) and at most
 * hoga_latency_edge_ns(i). Fills up to n_max; returns how many buckets there are, also beyond n_max. Errors as above.
 */
int hoga_latency_buckets(struct hoga *h, uint32_t index, uint64_t *ret_counts, uint32_t n_max);
uint64_t hoga_latency_edge_ns(uint32_t bucket); /* UINT64_MAX: the last, which has no upper edge, and beyond */

/* --- what the venues list, subscribed or not ---------------------------------------------------------------------- */

/* Row by row, in no order: *io_row is 0 at first and moves. Returns: 1 *ret is filled, 0 there is none left (a daemon
 * of an older minor lists none), -EAGAIN a row was moving all the time (the next call goes on behind it). */
int hoga_catalogue_next(struct hoga *h, uint32_t *io_row, struct hoga_instrument *ret);
/* By name, matched as in hoga_find. It looks through all rows. Returns: 0, -ENOENT not listed, -EINVAL no colon. */
int hoga_catalogue_find(struct hoga *h, const char *name, struct hoga_instrument *ret);
/* Moves whenever rows have changed; 0: nothing was ever listed. */
uint64_t hoga_catalogue_version(struct hoga *h);

/* --- reading a book --------------------------------------------------------------------------------------------- */

/* now_boot_ns: CLOCK_BOOTTIME, so that a read costs no clock call; 0: read the clock here.
 * -ESTALE another instrument has the slot, or the daemon has a new file: find it again; -EAGAIN the writer lapped every
 * try (try again); -EBADMSG a copy that no hogad writes. */
int hoga_read_top(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret);
/* Up to n_max levels a side into the caller's arrays, best first; min(n_max, n_bids or n_asks)
 * are filled. All of it is one consistent copy. n_max 0: the arrays may be NULL. Entries past those that were filled,
 * and all of them after a failure, mean nothing: a try that the writer lapped may have left levels there, and undoing
 * that would cost every read a second copy. *ret is unchanged by a failure. Quickest where ret_asks is ret_bids + n_max
 * and n_max is the segment's depth: then both sides are one copy. */
int hoga_read(struct hoga *h, hoga_id id, int64_t now_boot_ns, struct hoga_book *ret, struct hoga_level *ret_bids,
              struct hoga_level *ret_asks, uint32_t n_max);
/* The update number alone (one load; 0: none): has anything been published since? The verdict can change without it:
 * a dead daemon publishes nothing. */
uint64_t hoga_update(struct hoga *h, hoga_id id);

/* --- trades and the day ------------------------------------------------------------------------------------------ */

/* Trades from number *io_next on (or HOGA_TRADES_OLDEST, HOGA_TRADES_LAST), oldest first, at most n_max; *io_next moves
 * behind the last one given and is what the next call takes. The newest `trades` of hoga.conf(5) are kept, whoever
 * reads: *ret_missed (may be NULL) is how many of those due were overwritten before the first one given. Each trade is
 * whole. Entries of ret behind those that are counted mean nothing. No clock is read. n_max 0: ret may be NULL.
 * Returns: how many, 0 none yet; -ESTALE as hoga_read, also once the book was dropped; -ENOTSUP this daemon keeps no
 *          trades; -EAGAIN the writer lapped every try (*io_next and *ret_missed have moved on; try again); -EBADMSG a
 *          trade that no hogad writes. */
int hoga_trades(struct hoga *h, hoga_id id, uint64_t *io_next, struct hoga_trade *ret, uint32_t n_max,
                uint64_t *ret_missed);
/* The number of the newest trade (one load; 0: none): is there one to read? hoga_update does not move with trades. */
uint64_t hoga_trades_newest(struct hoga *h, hoga_id id);
/* What is known of the day. It moves with trades, tickers and (the totals) books; recv_ns tells how old it is.
 * Returns: 0; -ESTALE, -EAGAIN as hoga_read; -ENOTSUP this daemon keeps none. */
int hoga_day(struct hoga *h, hoga_id id, struct hoga_day *ret);

/* --- waiting ---------------------------------------------------------------------------------------------------- */

/* Sleep until the book's update differs from seen_update or its effective state from seen_state.
 * timeout_ns < 0: for ever. Returns: 0 changed; -ETIMEDOUT; -EINTR a signal came; -ESTALE. */
int hoga_wait(struct hoga *h, hoga_id id, uint64_t seen_update, uint8_t seen_state, int64_t timeout_ns);
/* Sleep until any of n books differs: seen_updates[i] and seen_states[i] are compared and not changed. n 0: until
 * anything at all is published. Either array may be NULL: not compared. Returns the index of the first that differs
 * (0 when n is 0), or as above. */
int hoga_wait_any(struct hoga *h, const hoga_id *ids, size_t n, const uint64_t *seen_updates,
                  const uint8_t *seen_states, int64_t timeout_ns);
/* Sleep until there is a trade to read at `next`, as hoga_trades left it. Returns as hoga_wait, or -ENOTSUP. To wait
 * for books and trades at once use hoga_wait_any with n 0, which any publication ends. */
int hoga_wait_trades(struct hoga *h, hoga_id id, uint64_t next, int64_t timeout_ns);

/* --- asking the daemon ------------------------------------------------------------------------------------------ */

/* These alone talk to hogad, over its control socket; a socket is all there is to it, and close(2) ends it. Where it
 * is: $HOGA_CONTROL; beside the segment, PATH.ask and PATH.admin; for /run/hoga/NAME/books also /run/hogad/NAME/ask,
 * and /run/hogad/ask where NAME is main. No call takes longer than timeout_ns (< 0: for ever). `ret_problem` may be
 * NULL.
 *
 * segment_path NULL: as in hoga_open. is_admin: the operators' socket instead of the readers'.
 * Returns: a descriptor that is the caller's; -ENOENT no socket, -ECONNREFUSED no daemon, -EACCES not permitted,
 *          -ETIMEDOUT; other errors of connect(2). */
int hoga_control_open(const char *segment_path, int is_admin, int64_t timeout_ns, struct hoga_problem *ret_problem);
/* One request of the protocol of hogad(8), a JSON object such as {"verb":"status"} in one line; members may be added to
 * it. `fd` is used by one thread at a time.
 * Owns:    *ret_answer, the answer's line, free(3); ret_answer may be NULL.
 * Returns: 0; what hogad refused with, -EPERM for one, and its words in the problem; -EPIPE, -ECONNRESET the daemon has
 *          gone; -ETIMEDOUT, -EINTR (the daemon may still do it); -EINVAL no such line. */
int hoga_control_ask(int fd, const char *request, int64_t timeout_ns, char **ret_answer,
                     struct hoga_problem *ret_problem);

/* Have hogad carry n books for as long as a connection is open, and some time after (linger_s of its configuration).
 * *io_fd is -1 at first, and the connection's descriptor afterwards: the caller's, to poll(2) for POLLHUP and to
 * close(2), which gives all of it back; so does the end of the process. Call it again with the same descriptor to hold
 * more, or to hold the same anew: where hogad has gone in the meantime, the descriptor (its number stays) is connected
 * to the next one, and what is named in this call is held there. On success the books can be found at once; they are
 * live when their state says so. At most 128 a descriptor.
 * Returns: 0; -ENOENT not listed ("did you mean KRW-BTC?"), -EINVAL no name, -ENODEV hogad has no such venue, -ENOSPC
 *          no room, -EDQUOT more than 128, and what hoga_control_open and hoga_control_ask return. Of a request that
 * was refused nothing is held (names beyond 32 go in a request of their own); what was held before stays so. */
int hoga_subscribe(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int *io_fd,
                   struct hoga_problem *ret_problem);
/* Give n books back that are held on this descriptor. Returns: 0; -ENOENT one of them is not; as above. */
int hoga_unsubscribe(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int fd,
                     struct hoga_problem *ret_problem);

/* An eventfd(2) that hogad adds to when one of n books (at most 32, carried) or, with n 0, anything at all has changed:
 * for programs that wait in poll(2) or an event loop of their own. It is readable when there is something to look at;
 * reading its 8 bytes makes it wait for the next time, and however much has changed since counts as one. It is rung at
 * most once a millisecond, and lives on the connection of *io_fd (as in hoga_subscribe; -1: a new one), at most 4 on
 * each; the caller closes both. When hogad goes, it rings no more: watch *io_fd for POLLHUP as well, then call this
 * again for a new one, or look at the books every second or so, since a verdict can change by silence alone.
 * Returns: 0; -ENOENT one is not carried, -E2BIG, -EDQUOT, -EUSERS, -ENOSYS; as hoga_subscribe. */
int hoga_eventfd(struct hoga *h, const char *const *names, size_t n, int64_t timeout_ns, int *io_fd, int *ret_eventfd,
                 struct hoga_problem *ret_problem);

/* --- words ------------------------------------------------------------------------------------------------------ */

const char *hoga_state_word(unsigned state);       /* "live"; never NULL, "?" for unknown numbers */
const char *hoga_reason_word(unsigned reason);     /* "awaiting-snapshot"; "" for none */
const char *hoga_reason_sentence(unsigned reason); /* English, for people */
const char *hoga_source_word(unsigned source);
const char *hoga_proof_word(unsigned proof);
const char *hoga_listed_word(unsigned listed);               /* "trading"; "unknown" for unknown numbers */
const char *hoga_side_word(unsigned side);                   /* "buy"; "unknown" for unknown numbers */
const char *hoga_period_word(unsigned period);               /* "day", "24h"; "unknown" for unknown numbers */
const char *hoga_counter_sentence(const char *counter_name); /* "" for unknown ones */
const char *hoga_version(void);

/* --- exact decimals --------------------------------------------------------------------------------------------- */

/* "0.5", "116501000", "-3": no exponent, no trailing zeros. Returns the length. decimals <= 18. */
int hoga_format(int64_t mantissa, unsigned decimals, char ret_text[HOGA_DECIMAL_SIZE]);
/* With exactly `decimals` digits behind the point, for columns. */
int hoga_format_fixed(int64_t mantissa, unsigned decimals, char ret_text[HOGA_DECIMAL_SIZE]);
/* A decimal ("-1.50", "+.5", "1e-8"), exponent allowed, the whole string, no blanks. -EINVAL no number; -ERANGE does
 * not fit at `decimals` exactly. */
int hoga_parse(const char *text, unsigned decimals, int64_t *ret_mantissa);
/* A 128-bit mantissa (sums, products), as two words: value = high * 2^64 + low, two's complement. */
struct hoga_wide {
    uint64_t low;
    int64_t high;
};
/* decimals <= 36. */
int hoga_format_wide(struct hoga_wide value, unsigned decimals, char ret_text[HOGA_SUM_SIZE]);

/* --- arithmetic on a book, exact or said to be cut --------------------------------------------------------------- */

/* Mid, as a mantissa at price_decimals + 1 (always exact). -ENODATA a side is empty; -ERANGE. */
int hoga_mid(const struct hoga_book *book, int64_t *ret_mantissa);
/* Best ask less best bid, a mantissa at price_decimals; negative when crossed. */
int hoga_spread(const struct hoga_book *book, int64_t *ret_mantissa);
/* Spread in ticks of `tick` (a mantissa at price_decimals, > 0, else -EINVAL). -EDOM: no whole number of ticks. */
int hoga_spread_ticks(const struct hoga_book *book, int64_t tick, int64_t *ret_ticks);
/* Spread over mid in hundredths of a basis point (1 = 0.01 bp), rounded toward zero. -EDOM: the mid is not above 0. */
int hoga_spread_bp100(const struct hoga_book *book, int64_t *ret_bp100);
/* Sum of the first n sizes: mantissa at size_decimals, 128 bits wide. */
int hoga_cumulative(const struct hoga_level *levels, uint32_t n, struct hoga_wide *ret_size);
/* Fill `size` (mantissa at size_decimals, > 0) from the best level on. ret_notional is exact: mantissa at
 * price_decimals + size_decimals. ret_average: mantissa at `average_decimals` (<= 18), rounded against the taker:
 * up when buying (is_buy, levels are asks), down when selling. ret_filled: what the levels hold of it.
 * Any ret_ may be NULL. Returns 0 filled whole; -ENODATA no levels; -ENOSPC only partly filled (ret_ are set for the
 * part); -EINVAL; -ERANGE. */
int hoga_fill(const struct hoga_book *book, const struct hoga_level *levels, uint32_t n, int is_buy, int64_t size,
              unsigned average_decimals, int64_t *ret_filled, struct hoga_wide *ret_notional, int64_t *ret_average);
/* Size to be had at `price` or better. */
int hoga_size_to(const struct hoga_level *levels, uint32_t n, int is_buy, int64_t price, struct hoga_wide *ret_size);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
