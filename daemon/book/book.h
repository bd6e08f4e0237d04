/* SPDX-License-Identifier: MIT
 * book.h - one instrument's levels, kept exactly, deeper than what is published, and the verdict on them. Pure: knows
 * no clock, socket or segment. Memory is taken in book_new and never again. */
#ifndef HOGA_BOOK_H
#define HOGA_BOOK_H

#include "core/feed_input.h"
#include "core/md_event.h"
#include "core/verdict.h"

#define BOOK_LEVELS_MAX 16384 /* a side, kept privately, at most */

struct book_options {
    uint32_t levels_max;   /* a side; deeper levels are dropped and set a floor (book_is_shallow) */
    uint32_t levels_shown; /* a view is sure to hold so many of a side, if there are; 0: all of them. Deeper changes are
                              cheaper where not all are shown */
    uint32_t buffer_size;  /* bytes for updates that wait for a snapshot; 0 where none ever wait */
    uint8_t has_digits;    /* the venue's frames carry MD_DIGITS, for a checksum */
    uint8_t goes_on;       /* a replay: a bad checksum or a jump that a live feed resyncs on is shown and passed over */
};

struct book;

/* What one book message did; the words of --trace. Those up to BOOK_CHECKSUM are applied and count in `k`. */
enum book_step {
    BOOK_SNAPSHOT,
    BOOK_UPDATE,
    BOOK_CROSSED,  /* applied; best bid is at or above best ask */
    BOOK_CHECKSUM, /* applied in a replay; the venue's checksum does not match */
    BOOK_GAP,
    BOOK_REFUSED,
    BOOK_BUFFERED,
    BOOK_IGNORED,
};
const char *book_step_word(enum book_step step);

struct book_verdict {
    uint8_t state;  /* enum state */
    uint8_t reason; /* enum reason */
    int64_t since_ns;
};

/* A look at the best of the kept book, levels_shown a side or more; valid until the next call that changes it. Sides
 * best first. */
struct book_view {
    const struct md_level *bids, *asks;
    uint32_t n_bids, n_asks;
    uint8_t price_decimals, size_decimals;
    uint64_t n_applied; /* `k` of --trace */
    int64_t venue_ns, recv_ns, changed_boot_ns;
    struct book_verdict verdict;
    uint8_t proof; /* enum proof: what the venue's rule has proven of these levels so far */
};

/* Owns:    *ret, freed by book_free (takes NULL, returns NULL).
 * Returns: 0, -ENOMEM. */
int book_new(const struct book_options *options, struct book **ret);
struct book *book_free(struct book *bk);

/* Replace both sides by the message's levels: zeros dropped, sorted, the last of a price wins, the best levels_max
 * kept. All or nothing. Decimals only grow while the numbers allow it, so that readers do not see them flap.
 * Units:   recv_ns and changed_boot_ns are taken from `in`; the latter moves only when a level did.
 * Returns: 0, -ERANGE the levels cannot be held with one price and one size exponent (nothing changed). */
int book_replace(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                 const struct feed_input *in);

/* Change single levels: size 0 deletes, a missing one is no error, in the order of the message. All or nothing.
 * Returns: 0, -ERANGE the book that results cannot be held with one price and one size exponent (nothing changed). */
int book_update(struct book *bk, const struct md_event *event, const struct md_frame *frame,
                const struct feed_input *in);
/* Cut both sides to the best `depth` after every message from now on, as the venue does; 0: do not. */
void book_depth_set(struct book *bk, uint32_t depth);
uint32_t book_depth(const struct book *bk);
/* 1 if it is time to fetch the book anew: of either side so many levels have gone that those which were dropped, or
 * never given, are near the best `depth`. */
int book_is_shallow(const struct book *bk, uint32_t depth);

/* Large snapshots of a frame in order, best first and each price once, so that taking them costs a book one look at
 * each level. Says the same as before; for those who have time between decoding and taking. Pure, any thread. */
void book_frame_sort(struct md_frame *frame);

void book_view(const struct book *bk, struct book_view *ret);
/* A new verdict; since_ns moves only when state or reason changes. Returns 1 if it changed, else 0. */
int book_verdict_set(struct book *bk, enum state state, enum reason reason, int64_t now_ns);
/* The verdict alone; where nothing else is looked at a view costs ten times as much. */
const struct book_verdict *book_verdict(const struct book *bk);
int book_verdict_is(const struct book *bk, enum state state);
int book_is_crossed(const struct book *bk);
/* The venue's messages for it come late: what would be `live` is `lagging` from the next message on. */
void book_lag_set(struct book *bk, int is_lagging);
int book_is_lagging(const struct book *bk);

/* Two books of one instrument, fed by different connections. */
const struct book_options *book_options_of(const struct book *bk);
/* 1 if what a view of both is sure to hold is equal, decimals included. */
int book_is_same(const struct book *a, const struct book *b);
/* `bk` goes on in the place of `from`: its count of messages, its depth, the moment of its verdict and, where nothing
 * shows a difference, of its last change. */
void book_inherit(struct book *bk, const struct book *from);

#endif
