/* SPDX-License-Identifier: MIT
 * catalogue.h - a feed's copy of what its venue lists: fetched through the feed's REST budget at the start and then at
 * an interval, read a few rows a tick, whole or not at all. From it patterns become symbols. Driven by the feed's
 * ticks; the loop's thread. A failure leaves the list that was there, and never touches a book. */
#ifndef HOGA_FEED_CATALOGUE_H
#define HOGA_FEED_CATALOGUE_H

#include "core/md_instrument.h"
#include "feed/feed.h"

#define FEED_ROW_NONE UINT32_MAX
#define FEED_ROW_FULL (UINT32_MAX - 1) /* asked for; the segment had no room */

struct feed_instrument {
    struct md_instrument instrument;
    int64_t fetched_ns;
    uint32_t row;        /* in the segment; set by the pipeline, FEED_ROW_NONE before */
    uint8_t is_detailed; /* this round's details have come */
};

/* Is this the answer that the catalogue waits for? */
int feed_catalogue_wants(const struct feed *f, const char *url);
/* The answer: `bytes` are freed by the feed; NULL: none, or one with another status than 200. */
void feed_catalogue_take(struct feed *f, uint32_t status, char *bytes, size_t size, int64_t now_ns);

/* A whole list has come since the last call: 1, else 0. Patterns are to be expanded anew. */
int feed_catalogue_is_new(struct feed *f);
int feed_catalogue_is_there(const struct feed *f);

/* For the pipeline, a few a tick: rows of the segment that nobody needs any more, then rows to be published.
 * Returns: 1 and the row, or 0; the instrument or NULL. */
int feed_catalogue_next_gone(struct feed *f, uint32_t *ret_row);
struct feed_instrument *feed_catalogue_next_changed(struct feed *f);

/* The symbol as the venue lists it, whatever its case; of NAME@... the NAME.
 * Returns: 0, -ENOENT the venue does not list it, -EAGAIN no list that would say so has come. */
int feed_catalogue_spell(const struct feed *f, const char *symbol, char ret[MD_SYMBOL_SIZE]);
/* The listed symbol that was probably meant. Returns: 0, -ENOENT none is near. */
int feed_catalogue_near(const struct feed *f, const char *symbol, char ret[MD_SYMBOL_SIZE]);

int feed_is_pattern(const char *symbol);
int feed_pattern_matches(const char *pattern, const char *text);

struct feed_expansion {
    const char **symbols; /* n_max; names first. They live until the next list or feed_symbols_set's end */
    uint32_t n, n_max;
    uint32_t n_left_out; /* matched, and there was no room */
    uint32_t n_patterns;
};

/* Names as they are; patterns (* and ?) become what is listed and trading, and stay with what is carried and halted.
 * Returns: 0, -ENOSPC more names than n_max, -ENOMEM. */
int feed_catalogue_expand(const struct feed *f, const char *const *wanted, size_t n, struct feed_expansion *io);

#endif
