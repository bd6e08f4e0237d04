/* SPDX-License-Identifier: MIT
 * writer.h - the daemon's side of the segment: create or adopt, then publish. One thread, one writer a file (held by
 * an open-file-description lock on PATH.lock). Nothing here allocates, blocks or calls the kernel after writer_open,
 * but writer_wake when somebody sleeps. */
#ifndef HOGA_WRITER_H
#define HOGA_WRITER_H

#include "segment.h"

struct writer;

struct writer_options {
    const char *path;
    struct segment_layout layout;
    const char *daemon_version;
    uint8_t source;                   /* enum hoga_source_number */
    uint32_t mode;                    /* of the file, for instance 0640; set by fchmod, whatever the umask */
    const char *const *counter_names; /* layout.counters_max names and units, from counters.def */
    const char *const *counter_units;
};

/* Lock, adopt a file of the same layout (same inode, next epoch, odd copies repaired) or make a new one beside it and
 * rename it over the old, which is marked RETIRED. The directory must exist. No heartbeat yet: free unwanted slots
 * (writer_slot_free), then writer_ready.
 * Owns:    *ret; close with writer_close.
 * Puts a handler for SIGBUS in place until writer_close: PATH.wake may be cut short by whoever may write it.
 * Returns: 0, -EBUSY another daemon holds it (problem says which pid), -ENOSPC, -EACCES, -EINVAL, -ENAMETOOLONG. */
int writer_open(const struct writer_options *options, struct writer **ret, struct segment_problem *ret_problem);
int writer_was_adopted(const struct writer *w); /* 1 if the file was there and fitted */
uint64_t writer_epoch(const struct writer *w);

/* The first heartbeat and the state RUNNING. */
void writer_ready(struct writer *w, int64_t now_boot_ns);
/* For the loop, every HOGA_HEARTBEAT_NS. */
void writer_heartbeat(struct writer *w, int64_t now_boot_ns);
/* Writes STOPPED, unmaps, drops the lock. Takes NULL, returns NULL. */
struct writer *writer_close(struct writer *w);

/* Slots. `writer_slot_get` finds the instrument's slot or takes a free one (a new generation, an empty copy first).
 * `writer_slot_free` leaves the book empty, reason `dropped`, then frees the entry; the generation moves with the next.
 * Returns: 0, -ENOSPC the directory is full, -ENAMETOOLONG, -EINVAL an empty name. */
int writer_slot_get(struct writer *w, const char *venue, const char *symbol, int64_t now_ns, uint32_t *ret_slot);
void writer_slot_free(struct writer *w, uint32_t slot, int64_t now_ns);
/* Walk the used slots (after adoption): 1 and names filled, or 0 if `slot` is free. */
int writer_slot_name(const struct writer *w, uint32_t slot, char ret_venue[HOGA_VENUE_SIZE],
                     char ret_symbol[HOGA_SYMBOL_SIZE]);
uint32_t writer_books_max(const struct writer *w);
uint32_t writer_depth(const struct writer *w);

/* Publish a book. `head` comes filled but for seq, generation, epoch, reserved and the four top-of-book words, which
 * are taken from the levels; n_bids and n_asks are clamped by assertion to the depth.
 * Owns: the caller keeps everything. */
void writer_book_publish(struct writer *w, uint32_t slot, const struct hoga_abi_book_head *head,
                         const struct hoga_abi_level *bids, const struct hoga_abi_level *asks);
/* Publish the newest copy's levels again under another verdict: state, reason, proof, source, connection, since_ns,
 * publish_ns, connection_update are taken from `head`, all else stays. */
void writer_verdict_publish(struct writer *w, uint32_t slot, const struct hoga_abi_book_head *head);

/* The number of the copy that was published last. */
uint64_t writer_book_update(const struct writer *w, uint32_t slot);

/* Connections: row, and its two live words. One store of valid_from invalidates every book published before it. */
void writer_connection_publish(struct writer *w, uint32_t index, const struct hoga_abi_connection_entry *entry);
void writer_connection_valid_from(struct writer *w, uint32_t index, uint64_t connection_update);
void writer_connection_heard(struct writer *w, uint32_t index, int64_t heard_boot_ns);

void writer_counter_add(struct writer *w, uint32_t index, uint64_t n);
void writer_counter_set(struct writer *w, uint32_t index, uint64_t value);
uint64_t writer_counter_value(const struct writer *w, uint32_t index);
/* Names row `index` of the histograms; then record into it. */
void writer_histogram_name(struct writer *w, uint32_t index, const char *venue, const char *name);
void writer_histogram_record(struct writer *w, uint32_t index, uint64_t value_ns);
void writer_blind_ms_set(struct writer *w, uint64_t blind_ms_max);

/* Which slots were published since the last writer_wake, folded into 32 bits (slot mod 32); all of them: not books
 * alone, but the directory or a connection. And a number that moves with whatever is published of one slot: book,
 * trade, day. */
uint32_t writer_changed_bits(const struct writer *w);
uint64_t writer_slot_changes(const struct writer *w, uint32_t slot);

/* Once a loop turn: if anything was published since the last call, move the wake word and, only while somebody
 * sleeps, wake those whose slots changed. Returns 1 if the kernel was called, else 0. */
int writer_wake(struct writer *w);

#endif
