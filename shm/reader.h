/* SPDX-License-Identifier: MIT
 * reader.h - one consistent copy out of a mapped segment. Read-only, lock-free, bounded tries; no policy (the effective
 * verdict is made in client/lib). Any thread, any number of them; a reader leaves no trace in the segment. */
#ifndef HOGA_READER_H
#define HOGA_READER_H

#include "segment.h"

#define READER_TRIES_MAX 64 /* a ring lapped this often in one read: -EAGAIN */

struct reader_live { /* the daemon's moving words, read in one go, each whole */
    uint64_t state;  /* enum hoga_segment_state */
    uint64_t epoch;
    uint64_t heartbeat_boot_ns;
    uint64_t daemon_state;
    uint64_t directory_version;
    uint64_t source;
    uint64_t blind_ms_max;
    uint64_t pid;
};

/* All indices are checked against the map: -ERANGE beyond it. -EAGAIN: READER_TRIES_MAX tries met a moving copy.
 * -ENODATA: nothing was ever written there. On failure nothing has changed in ret_*. */
void reader_live(const struct segment_map *map, struct reader_live *ret);
int reader_directory(const struct segment_map *map, uint32_t slot, struct hoga_abi_directory_entry *ret);
int reader_connection(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_entry *ret);
int reader_connection_live(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_live *ret);
/* The head alone (128 bytes), or head and levels: at most n_max a side are copied, the counts in `ret_head` stay what
 * the daemon published, clamped to the map's depth. */
int reader_book_head(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head);
int reader_book(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head,
                struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks, uint32_t n_max);
/* The number of the newest copy: one load, for "has it changed?". 0 beyond the map. */
uint64_t reader_book_newest(const struct segment_map *map, uint32_t slot);
int reader_counter(const struct segment_map *map, uint32_t index, struct hoga_abi_counter *ret);
int reader_histogram(const struct segment_map *map, uint32_t index, struct hoga_abi_histogram *ret);

/* Sleeping. `wake` may be NULL (the file PATH.wake could not be mapped): then the sleeper is not announced and relies
 * on the time-out. Returns 0 woken or moved already, -ETIMEDOUT, -EINTR. */
uint32_t reader_wake_word(const struct segment_map *map);
int reader_sleep(const struct segment_map *map, struct hoga_abi_wake *wake, uint32_t seen_word, uint32_t slot_bits,
                 int64_t timeout_ns);
/* The bit a slot has in slot_bits. */
uint32_t reader_slot_bit(uint32_t slot);

#endif
