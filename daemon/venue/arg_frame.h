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
    ARG_BEST,  /* the same of one level: an instrument of its own, NAME@bbo */
    ARG_TRADES,
};

struct arg_word {
    const char *channel;
    enum arg_channel what;
};

struct arg_dialect {
    const struct arg_word *channels; /* up to a NULL */
    /* What an error's code means for a book. */
    enum reason (*reason)(uint64_t code);
    const char *bbo; /* "@bbo" */
};

/* One message into events, or -EBADMSG, -E2BIG with the frame reset. */
int arg_frame_decode(const struct arg_dialect *dialect, const char *bytes, size_t size, struct md_frame *io_frame);

/* A book object of `data` (REST answers hold the same) into an event of this symbol. */
int arg_frame_book(struct scan *s, const char *symbol, int is_snapshot, int is_numbered, struct md_frame *frame);

#endif
