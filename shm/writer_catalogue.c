/* SPDX-License-Identifier: MIT
 * writer_catalogue.c - see catalogue.h. */
#include "catalogue.h"
#include "writer_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

_Static_assert(sizeof(struct hoga_abi_catalogue_entry) == 832, "whole lines, and no hole that a compiler fills");

uint32_t writer_catalogue_rows(const struct writer *w)
{
    return (uint32_t)w->region[HOGA_REGION_CATALOGUE].count;
}

int writer_catalogue_init(struct writer *w)
{
    w->catalogue_taken = calloc(writer_catalogue_rows(w) + 1, 1);
    return w->catalogue_taken != NULL ? 0 : -ENOMEM;
}

static void row_publish(struct writer *w, uint32_t row, const struct hoga_abi_catalogue_entry *entry)
{
    writer_row_publish(w, HOGA_REGION_CATALOGUE, row, entry, sizeof *entry);
}

/* What the daemon before had fetched may have been delisted since, and this one may never reach the venue: nothing is
 * shown that it has not been told itself. */
void writer_catalogue_reset(struct writer *w)
{
    const struct hoga_abi_catalogue_entry unused = { 0 };

    for (uint32_t row = 0; row < writer_catalogue_rows(w); row++) {
        const struct hoga_abi_catalogue_entry *old = writer_newest(w, HOGA_REGION_CATALOGUE, row);

        if (old != NULL && old->used)
            row_publish(w, row, &unused);
    }
    writer_catalogue_settle(w);
}

int writer_catalogue_take(struct writer *w, uint32_t *ret_row)
{
    for (uint32_t i = 0; i < writer_catalogue_rows(w); i++) {
        uint32_t row = (w->catalogue_next + i) % writer_catalogue_rows(w);

        if (w->catalogue_taken[row])
            continue;
        w->catalogue_taken[row] = 1;
        w->catalogue_next = row + 1;
        *ret_row = row;
        return 0;
    }
    return -ENOSPC;
}

void writer_catalogue_publish(struct writer *w, uint32_t row, const struct hoga_abi_catalogue_entry *entry)
{
    struct hoga_abi_catalogue_entry to = *entry;

    assert(row < writer_catalogue_rows(w));
    assert(w->catalogue_taken[row]);
    to.used = 1;
    row_publish(w, row, &to);
}

void writer_catalogue_free(struct writer *w, uint32_t row)
{
    const struct hoga_abi_catalogue_entry unused = { 0 };

    assert(row < writer_catalogue_rows(w));
    assert(w->catalogue_taken[row]);
    w->catalogue_taken[row] = 0;
    row_publish(w, row, &unused);
}

void writer_catalogue_settle(struct writer *w)
{
    /* Behind the rows: who sees the new version sees them. */
    seqlock_store(&w->header->catalogue_version, seqlock_peek(&w->header->catalogue_version) + 1);
    w->wake.changed_bits = UINT32_MAX;
}
