/* SPDX-License-Identifier: MIT
 * catalogue.h - rows of the catalogue region, which lists what venues offer: the daemon's side (one thread, one writer)
 * and the reader's (any thread). Rows have no order and no identity beyond venue and symbol. No policy about what is
 * listed, no words. A segment of an older minor has no such region: no rows. */
#ifndef HOGA_CATALOGUE_H
#define HOGA_CATALOGUE_H

#include "reader.h"
#include "writer.h"

/* Rows there are, 0: no such region. */
uint32_t writer_catalogue_rows(const struct writer *w);
/* A free row for one more instrument. Returns: 0, -ENOSPC none is free. */
int writer_catalogue_take(struct writer *w, uint32_t *ret_row);
/* Publish a taken row; `entry` comes filled but for seq and used. */
void writer_catalogue_publish(struct writer *w, uint32_t row, const struct hoga_abi_catalogue_entry *entry);
void writer_catalogue_free(struct writer *w, uint32_t row);
/* Readers hear of the rows changed since: catalogue_version moves, sleepers are woken. */
void writer_catalogue_settle(struct writer *w);

/* Rows there are, used or not. */
uint32_t reader_catalogue_rows(const struct segment_map *map);
uint64_t reader_catalogue_version(const struct segment_map *map);
/* One whole row, with its text terminated and its counts and decimals within their limits.
 * Returns: 0, -ENODATA the row is free, -ERANGE beyond the last, -EAGAIN it was moving at every try. */
int reader_catalogue(const struct segment_map *map, uint32_t row, struct hoga_abi_catalogue_entry *ret);

#endif
