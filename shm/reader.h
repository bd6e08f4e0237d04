/* SPDX-License-Identifier: MIT
 * reader.h - one consistent copy out of a mapped segment. Read-only, lock-free, bounded tries; no policy (the effective
 * verdict is made in client/lib). Any thread, any number of them; a reader leaves no trace in the segment. */
#ifndef HOGA_READER_H
#define HOGA_READER_H

#include "segment.h"

#define READER_TRIES_MAX 64 /* a ring lapped this often in one read: -EAGAIN */

#define READER_VERSION_SIZE 32 /* bytes with the NUL */

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
/* Its version, for people: always terminated, a mix of two while a new daemon adopts the file. */
void reader_daemon_version(const struct segment_map *map, char ret_version[READER_VERSION_SIZE]);
int reader_directory(const struct segment_map *map, uint32_t slot, struct hoga_abi_directory_entry *ret);
int reader_connection(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_entry *ret);
int reader_connection_live(const struct segment_map *map, uint32_t index, struct hoga_abi_connection_live *ret);
/* The head alone (128 bytes), or head and levels: at most n_max a side are copied, the counts in `ret_head` stay what
 * the daemon published, clamped to the map's depth. The level arrays, n_max entries each, are the one exception to
 * "nothing has changed": a copy that was overtaken under way, which is rare, may leave its levels in them, beyond the
 * counts or together with -EAGAIN. Undoing that would cost every read a second copy. */
int reader_book_head(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head);
int reader_book(const struct segment_map *map, uint32_t slot, struct hoga_abi_book_head *ret_head,
                struct hoga_abi_level *ret_bids, struct hoga_abi_level *ret_asks, uint32_t n_max);
/* The number of the newest copy: one load, for "has it changed?". 0 beyond the map. */
uint64_t reader_book_newest(const struct segment_map *map, uint32_t slot);
/* The newest copy of a ring whose copies are all of one kind and begin with their seq: `size` bytes of `item_size`. */
int reader_ring(const struct hoga_abi_ring *ring, uint32_t n_copies, uint32_t item_size, void *ret, size_t size);
int reader_counter(const struct segment_map *map, uint32_t index, struct hoga_abi_counter *ret);
int reader_histogram(const struct segment_map *map, uint32_t index, struct hoga_abi_histogram *ret);

/* Sleeping: take reader_wake_word, look whether there is something to do, and if not sleep with the word taken. `wake`
 * may be NULL (the file PATH.wake could not be mapped): then the sleeper is not announced and relies on the time-out.
 * Only the kernel touches that page, never a load or store of ours: nobody who truncates the file can hurt us.
 * slot_bits is the OR of reader_slot_bit, 0 for anything at all. Connections, directory and daemon wake everybody. One
 * sleep, no loop: callers slice at HOGA_SLEEP_SLICE_NS.
 * Returns: 0 woken or moved already (perhaps for nothing: look), -ETIMEDOUT, -EINTR. */
uint32_t reader_wake_word(const struct segment_map *map);
int reader_sleep(const struct segment_map *map, struct hoga_abi_wake *wake, uint32_t seen_word, uint32_t slot_bits,
                 int64_t timeout_ns);
/* The bit a slot has in slot_bits. */
uint32_t reader_slot_bit(uint32_t slot);

#endif
