/* SPDX-License-Identifier: MIT
 * publish.h - from a book view to shm/writer: the top N with their verdict. Holds the writer; knows no venue bytes. */
#ifndef HOGA_PUBLISH_H
#define HOGA_PUBLISH_H

#include "book/book.h"
#include "book/day.h"
#include "shm/writer.h"

struct publish_meta { /* what the book itself does not know */
    uint8_t source, proof;
    uint32_t conn;
    uint64_t connection_update;
    int64_t now_ns; /* CLOCK_REALTIME at publication */
};

void publish_book(struct writer *w, uint32_t slot, const struct book_view *view, const struct publish_meta *meta);
/* One trade; `is_after_gap`: others may be missing before it. */
void publish_trade(struct writer *w, uint32_t slot, const struct md_trade *trade, int is_after_gap, int64_t recv_ns);
void publish_day(struct writer *w, uint32_t slot, const struct day *day);
/* Verdict only: the newest copy's levels stay. */
void publish_verdict(struct writer *w, uint32_t slot, const struct book_view *view, const struct publish_meta *meta);

#endif
