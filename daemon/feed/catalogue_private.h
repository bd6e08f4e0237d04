/* SPDX-License-Identifier: MIT
 * catalogue_private.h - the memory of a feed's catalogue, shared by catalogue.c (fetching) and catalogue_list.c (the
 * list). Nobody else includes it. */
#ifndef HOGA_FEED_CATALOGUE_PRIVATE_H
#define HOGA_FEED_CATALOGUE_PRIVATE_H

#include "feed/catalogue.h"
#include "feed/feed_private.h"
#include "venue/catalogue.h"

#define CATALOGUE_ROWS_MAX   16384        /* of one venue; a longer list is refused */
#define CATALOGUE_ROWS_TURN  128          /* read, or published, in one tick */
#define CATALOGUE_BYTES_TURN (256u << 10) /* read in one tick, and the rest of the row that crosses it: about 1 ms */
#define CATALOGUE_URL_SIZE   512
#define CATALOGUE_PAGES_MAX  64 /* of one part: a cursor that leads round in a circle ends here */
#define CATALOGUE_SAID_MAX   16 /* listings and delistings named in the log, of one list */

enum catalogue_phase {
    CATALOGUE_IDLE,    /* until due_boot_ns */
    CATALOGUE_FLYING,  /* a request is on its way */
    CATALOGUE_READING, /* an answer is read, a few rows a tick */
    CATALOGUE_READ,    /* every list part was read; to be sorted */
    CATALOGUE_SORTED,  /* to be taken over, in a tick of its own */
};

struct catalogue_list {
    struct feed_instrument *rows;
    struct feed_instrument **sorted; /* by symbol; n of them, each symbol once */
    uint32_t n, room;
};

struct feed_catalogue {
    enum catalogue_phase phase;
    struct catalogue_list now, next;
    uint32_t part, n_pages;
    uint32_t n_named;      /* of now.sorted, asked for by a part that names symbols */
    uint32_t n_named_next; /* when the request on its way has been answered */
    uint32_t n_failures;
    int64_t due_boot_ns, since_boot_ns;
    char cursor[CATALOGUE_CURSOR_SIZE];
    char url[CATALOGUE_URL_SIZE];
    char *bytes;
    struct catalogue_scan scan;
    uint32_t *gone; /* rows of the segment to be freed */
    uint32_t n_gone;
    uint32_t n_published; /* of now.sorted */
    uint8_t is_new, is_there;
};

/* catalogue_list.c */
void catalogue_list_done(struct catalogue_list *list);
/* Returns: 0, -ENOMEM, -E2BIG. */
int catalogue_list_add(struct catalogue_list *list, const struct md_instrument *instrument, int64_t now_ns);
int catalogue_list_sort(struct catalogue_list *list);
struct feed_instrument *catalogue_list_find(const struct catalogue_list *list, const char *symbol);
/* `next` becomes `now`; what both have keeps its row, the others' rows are gone. Returns: 0, -ENOMEM. */
int catalogue_list_take_over(struct feed *f, struct feed_catalogue *c);
/* Does a part name symbols? */
int catalogue_has_details(const struct feed *f);
/* What is not listed is said early, and what is listed again is asked for. */
void catalogue_judge(struct feed *f, int64_t now_ns);

#endif
