/* SPDX-License-Identifier: MIT
 * book_private.h - what the files of book/ share: a book's memory. Nobody else includes it. */
#ifndef HOGA_BOOK_PRIVATE_H
#define HOGA_BOOK_PRIVATE_H

#include "book/book.h"

#include <stddef.h>
#include <string.h>

#define FIRST_MORE   34  /* levels behind the shown ones that the first section holds, too: for a checksum */
#define SECTION_SIZE 256 /* levels of a section when it is made; twice as many at most */
#define SECTIONS_MAX (BOOK_LEVELS_MAX / SECTION_SIZE + 1)
#define RUN_MAX      63                  /* levels of a message that go in together; a section has room for one more */
#define ROOM_MIN     (2 * (RUN_MAX + 1)) /* of two sections */
#define CHUNK        8 /* levels that are copied at once; there is memory for twice as many behind the last */

/* Levels that lie one behind the other, best first: memory[first .. end). */
struct section {
    uint32_t first, end;
};

/* One side. Its levels lie best first, so a view needs no reversal, and a level that comes or goes moves only those
 * better than it, towards free memory in front of them. Where a view shows less than all, a deep side lies in several
 * sections with room in front of each, and what is better in other sections does not move either. The first section,
 * which is what views show, holds levels only. In the others a level that goes leaves its price with size 0, a hole:
 * most prices come back, and that, like going, is a store then. */
struct side {
    struct md_level *memory; /* bk->room of them */
    uint16_t *digits;        /* of the level of the same index; NULL where nobody asks for them */
    uint32_t n;              /* in all sections, without the holes */
    uint32_t n_sections;     /* at least 1; only the only one may be empty */
    uint8_t is_bid;
    /* Prices worse than `edge` were dropped, or not given, at some time: what the book holds there is not all there
     * is. Set by a cut at levels_max and by a snapshot that was cut; a whole snapshot clears it. */
    uint8_t has_edge;
    uint8_t is_cut;      /* the edge is that of levels_max: nothing worse is taken in */
    uint8_t is_unsorted; /* since its snapshot a message has come in no order: those that follow are not tried */
    int64_t edge;
    uint32_t n_given;                     /* levels up to the edge when it was set */
    struct section section[SECTIONS_MAX]; /* best first */
};

/* Where a book stands in its venue's sequence, and what waits for a snapshot; sync.c. */
struct sync_state {
    uint8_t is_synced;   /* a snapshot is in, and everything followed since */
    uint8_t is_joined;   /* an update has followed the snapshot */
    uint8_t lacks_level; /* one that no exact book can hold was left out since the snapshot */
    uint8_t keeps;       /* applied updates wait as well: a snapshot that may be older than they are is on its way */
    uint8_t is_rest;     /* the snapshot came by REST: the first update joins it by the venue's rule */
    uint8_t
        is_joining;   /* another connection brings the updates now: its stream stands at `stream`, at or below `last` */
    uint8_t has_next; /* a connection that is to take over brings updates; they wait in the buffer */
    uint64_t last;    /* sequence of the last applied message */
    uint64_t stream;  /* of that connection: the last number it has said */
    uint64_t next_last;  /* of the one to take over: the last number it has said */
    uint64_t next_floor; /* where the book stood when that one began: below it nothing is proven */
    uint64_t n_lost;     /* numbers that neither connection brought */
    int64_t old_ns;      /* arrival of the first of those that were all old, since one was not; 0: the last was not */
    int64_t joined_ns;   /* arrival of what the updates have joined, 0: one has come that is no older */
    int64_t joined_boot_ns;
    char *buffer; /* updates one behind the other */
    size_t buffer_size, used, taken;
};

struct book {
    struct side bids, asks;
    struct md_level *work; /* 4 * levels_max; touched only by messages that are not sorted */
    struct book_options options;
    uint32_t levels_max;
    uint32_t room;         /* levels that the memory of a side takes */
    uint32_t section_size; /* of the sections behind the first, when they are made */
    uint32_t n_first;      /* levels that the first section of a side holds, if there are so many */
    uint32_t n_first_max;  /* and those at most, before a message */
    uint32_t depth;        /* the venue's, cut there; 0: none */
    uint8_t price_decimals, size_decimals;
    uint64_t n_applied;
    int64_t venue_ns, recv_ns, changed_boot_ns;
    struct book_verdict verdict;
    uint8_t proof;
    uint8_t is_lagging;
    struct sync_state sync;
};

/* One message's levels, wherever they lie. digits NULL where the venue has none. */
struct message {
    const struct md_level *bids, *asks;
    const uint16_t *bid_digits, *ask_digits;
    uint32_t n_bids, n_asks;
    uint32_t depth; /* that a snapshot was cut to, 0 whole */
    uint8_t price_decimals, size_decimals;
    int64_t venue_ns;
};

/* The levels of the first section: of a packed side (side_pack) all. */
static inline struct md_level *side_levels(const struct side *side)
{
    return side->memory + side->section[0].first;
}

static inline uint16_t *side_digits(const struct side *side)
{
    return side->digits + side->section[0].first;
}

static inline uint32_t side_n_first(const struct side *side)
{
    return side->section[0].end - side->section[0].first;
}

static inline int price_is_better(int is_bid, int64_t price, int64_t than)
{
    return is_bid ? price > than : price < than;
}

struct message message_of(const struct book *bk, const struct md_event *event, const struct md_frame *frame);
int book_message_update(struct book *bk, const struct message *m, const struct feed_input *in);
/* book_side.c: levels into their side, one after the other, at the book's decimals; size 0 deletes, price 0 is nothing.
 * Returns 1 if the side changed. */
int side_put(const struct book *bk, struct side *side, const struct md_level *levels, const uint16_t *digits,
             uint32_t n);
/* book_section.c: all levels into one section at the end of the memory. */
void side_pack(const struct book *bk, struct side *side);
/* Sections of like size behind the first, and room in front of each. */
void side_spread(const struct book *bk, struct side *side);
/* To the best `depth`. Returns 1 if levels went. */
int side_cut(struct side *side, uint32_t depth);
/* Room in front of section k: for a run and one more where it is the first, which has the right size then. */
void section_make_room(const struct book *bk, struct side *side, uint32_t k);
/* After changes of the first section: it holds what is shown. */
void side_first_fill(const struct book *bk, struct side *side);
/* Of a side that is not empty; counted from the best. */
int64_t side_worst(const struct side *side);
int64_t side_price_at(const struct side *side, uint32_t index);
/* Both arrays move alike: `n` elements from index `from` to index `to` of the side's memory. */
static inline void side_move(struct side *side, uint32_t to, uint32_t from, uint32_t n)
{
    memmove(side->memory + to, side->memory + from, n * sizeof(side->memory[0]));
    if (side->digits)
        memmove(side->digits + to, side->digits + from, n * sizeof(side->digits[0]));
}
/* book_edge.c: after a snapshot that gave so many levels and was cut to `depth` (0: it was not); and what is worse than
 * the worst level is not kept from now on. */
void side_edge_set(const struct book *bk, struct side *side, uint32_t n_given, uint32_t depth);
void side_edge_here(const struct book *bk, struct side *side);
/* Are levels missing that a view is sure to hold? */
int book_is_short(const struct book *bk);
/* How many levels of the side a view shows. */
uint32_t side_n_shown(const struct book *bk, const struct side *side);
/* book_sort.c: stable, from `a` to `b` and back. Returns whichever of them holds the result. */
struct md_level *levels_sort(struct md_level *a, struct md_level *b, size_t n, int is_bid);
/* Cut to the venue's depth. Returns 1 if levels went. */
int book_cut(struct book *bk);

#endif
