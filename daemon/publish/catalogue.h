/* SPDX-License-Identifier: MIT
 * catalogue.h - an instrument of a venue's list into its row of the segment. The loop's thread. Decides nothing. */
#ifndef HOGA_PUBLISH_CATALOGUE_H
#define HOGA_PUBLISH_CATALOGUE_H

#include "core/md_instrument.h"
#include "shm/writer.h"

/* `row` is taken (writer_catalogue_take). */
void publish_instrument(struct writer *w, uint32_t row, const char *venue, const struct md_instrument *instrument,
                        int64_t fetched_ns);

#endif
