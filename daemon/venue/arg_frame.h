/* SPDX-License-Identifier: MIT
 * arg_frame.h - the frames of OKX and Bitget, which share a shape: {"arg":{channel, symbol},"action":...,"data":[...]}
 * and {"event":...} for acknowledgements and errors. What differs stands in a struct arg_dialect. Pure. */
#ifndef HOGA_ARG_FRAME_H
#define HOGA_ARG_FRAME_H

#include "venue/field.h"

enum arg_channel {
    ARG_OTHER,
    ARG_BOOK,  /* snapshot and updates */
    ARG_WHOLE, /* every frame is a whole book */
    ARG_BEST,  /* the same of one level: NAME@bbo, see feed_book_of */
    ARG_TRADES,
    ARG_DAY, /* facts of the day, or of 24 hours */
};

struct arg_word {
    const char *channel;
    enum arg_channel what;
    uint32_t depth; /* ARG_BOOK: levels a side that the venue keeps there */
    uint32_t view;  /* md_event.view */
};

struct arg_dialect {
    const struct arg_word *channels; /* up to a NULL */
    /* What an error's code means for a book. */
    enum reason (*reason)(uint64_t code);
    /* One object of ARG_DAY's `data` into an event. Returns: 0, -EBADMSG, -E2BIG. NULL: it has no such channel. */
    int (*day)(struct scan *s, const char *symbol, struct md_frame *frame);
    const char *bbo; /* "@bbo" */
    uint8_t trades_newest_first;
    uint8_t is_arg_first; /* messages begin with "arg", not with "action" */
};

/* One message into events, or -EBADMSG, -E2BIG with the frame reset. */
int arg_frame_decode(const struct arg_dialect *dialect, const char *bytes, size_t size, struct md_frame *io_frame);

/* What is known of a book object before it is read. */
struct arg_book_kind {
    const char *symbol;
    uint32_t depth; /* 0: not known */
    uint32_t view;  /* as the event's */
    uint8_t is_best;
    uint8_t is_snapshot, is_numbered;
};
/* A book object of `data` (REST answers hold the same) into an event. */
int arg_frame_book(struct scan *s, const struct arg_book_kind *kind, struct md_frame *frame);

#endif
