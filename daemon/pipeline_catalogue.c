/* SPDX-License-Identifier: MIT */
#include "pipeline_catalogue.h"

#include "core/log.h"
#include "feed/catalogue.h"
#include "publish/catalogue.h"
#include "publish/counter.h"
#include "shm/catalogue.h"

static void instrument_publish(struct writer *w, const char *venue, struct feed_instrument *fi)
{
    if (fi->row == FEED_ROW_NONE && writer_catalogue_take(w, &fi->row) < 0) {
        fi->row = FEED_ROW_FULL;
        writer_counter_add(w, COUNTER_CATALOGUE_FULL, 1);
        log_err("catalogue.full", F_STR("venue", venue),
                F_STR("remedy", "raise catalogue_max; books are not concerned"));
    }
    if (fi->row != FEED_ROW_FULL)
        publish_instrument(w, fi->row, venue, &fi->instrument, fi->fetched_ns);
}

void pipeline_catalogue_publish(struct writer *w, struct feed *f, const char *venue)
{
    struct feed_instrument *fi;
    uint32_t row, n = 0;

    if (writer_catalogue_rows(w) == 0)
        return;
    while (n < CATALOGUE_TURN && feed_catalogue_next_gone(f, &row)) {
        writer_catalogue_free(w, row);
        n++;
    }
    while (n < CATALOGUE_TURN && (fi = feed_catalogue_next_changed(f))) {
        instrument_publish(w, venue, fi);
        n++;
    }
    if (n > 0)
        writer_catalogue_settle(w);
}
