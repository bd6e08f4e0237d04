/* SPDX-License-Identifier: MIT
 * record.h - `hogad --record DIR`: every input of the feeds as a capture, DIR/VENUE/TIME.jsonl.zst, which replays. The
 * caller's thread only copies bytes into a bounded queue; a thread of the recorder's own makes lines of them,
 * compresses and writes. A disk that is full or a queue that is full costs the recording, never the feed. Ticks, states
 * and pongs are not written: a capture has no such events. */
#ifndef HOGA_RECORD_H
#define HOGA_RECORD_H

#include "core/feed_input.h"

#define RECORD_VENUES_MAX         16
#define RECORD_FILE_SIZE_DEFAULT  (64ull << 20) /* compressed bytes, then the next file */
#define RECORD_TOTAL_SIZE_DEFAULT (1ull << 30)  /* of all recordings under DIR; the oldest go first */
#define RECORD_QUEUE_SIZE         (48u << 20)   /* bytes that wait for the disk; holds two of the largest frames */

struct recorder_options {
    const char *directory; /* made if absent; its parent must exist */
    const char *const *venues;
    uint32_t n_venues;
    uint64_t file_size_max, total_size_max; /* 0: the defaults */
};

struct recorder_counts {
    uint64_t events;  /* written */
    uint64_t dropped; /* not written */
    int error;        /* 0, or the errno that stopped the recording */
};

struct recorder;
/* Owns:    *ret; recorder_close. Memory and thread are taken here.
 * Returns: 0, -ENOSPC too many venues, -ENAMETOOLONG, -ENOMEM, or what the directory's errno says. */
int recorder_open(const struct recorder_options *options, struct recorder **ret);
/* Writes what waits, ends the files, joins the thread. Takes NULL, returns NULL. */
struct recorder *recorder_close(struct recorder *r);

/* Takes a copy. `venue` indexes options.venues. Call it after pipeline_feed, which it must not delay. Never waits.
 * Returns: 1, 0 a capture has no such events, -ENOBUFS it is left out, and counted. */
int recorder_take(struct recorder *r, uint32_t venue, const struct feed_input *in);
/* For the counters record_events and record_dropped; logs once when the recording has stopped. */
void recorder_counts(struct recorder *r, struct recorder_counts *ret);

#endif
