/* SPDX-License-Identifier: MIT
 * pipeline_catalogue.h - a venue's list of instruments into the segment, beside the road of the books. The loop's
 * thread. */
#ifndef HOGA_PIPELINE_CATALOGUE_H
#define HOGA_PIPELINE_CATALOGUE_H

#include "feed/feed.h"
#include "shm/writer.h"

#define CATALOGUE_TURN 256 /* rows that are published in one tick */

/* What has changed in the list since the last call, a part of it. Counts and says once when the segment is full. */
void pipeline_catalogue_publish(struct writer *w, struct feed *f, const char *venue);

#endif
