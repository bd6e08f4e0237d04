/* SPDX-License-Identifier: MIT
 * What is done to a book beside what its messages say themselves: when a connection opens or ends, another takes over,
 * a snapshot is fetched, a book comes or goes. What makes it so is time, requests and the world, of which a capture
 * knows nothing; so a recording says what was done, and when, and its replay does that and nothing else. Each is one
 * letter:
 *
 *   about the message at hand                    about a book, its symbol behind the letter
 *     a  it was applied to its book                f  what comes follows nothing that was
 *     s  to the book of the connection to come     k, K  updates are kept for a snapshot to come, and no longer
 *     n  kept for the connection to come           r  what the connection to come has brought is of no use
 *     -  nothing                                   j, u  it takes over, proven or not; w  by its own book
 *     x  one that had waited was judged            x  the same, by itself
 *     !  nothing of the whole message              l, L  late from here on, and no longer; c, d  it comes, it goes
 *   about all: o  a daemon began, with these options; ?  lines are missing here */
#include "feed/feed_private.h"

#include "book/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void feed_deed(struct feed *f, char deed, const char *symbol)
{
    if (f->options.port.note)
        f->options.port.note(f->options.port.context, deed, symbol);
}

int feed_is_noted(const struct feed *f)
{
    return f->options.port.note != NULL;
}

int feed_is_told(const struct feed *f)
{
    return f->is_told;
}

/* --- doing it, and saying so -------------------------------------------------------------------------------------- */

void deed_begin(struct feed *f)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%u,%u,%u", f->options.levels_max, f->options.depth_published, f->options.depth);
    feed_deed(f, 'o', text);
}

void deed_forget(struct feed *f, struct feed_item *item)
{
    if (f->is_told)
        return;
    sync_forget(item->public.book);
    feed_deed(f, 'f', item->public.symbol);
}

void deed_keep(struct feed *f, struct feed_item *item, int keeps)
{
    if (!f->is_told && sync_keep(item->public.book, keeps))
        feed_deed(f, keeps ? 'k' : 'K', item->public.symbol);
}

static int reset(struct feed_item *item)
{
    int had = sync_successor_forget(item->public.book) || item->shadow;

    item->shadow = book_free(item->shadow);
    return had;
}

void deed_reset(struct feed *f, struct feed_item *item)
{
    if (!f->is_told && reset(item))
        feed_deed(f, 'r', item->public.symbol);
}

void deed_succeed(struct feed *f, struct feed_item *item)
{
    sync_succeed(item->public.book, f->now_boot_ns);
    feed_deed(f, 'j', item->public.symbol);
}

int deed_succeed_unproven(struct feed *f, struct feed_item *item)
{
    feed_deed(f, 'u', item->public.symbol);
    return sync_succeed_unproven(item->public.book);
}

static void swap(struct feed_item *item)
{
    item->public.has_jumped |= !book_is_same(item->shadow, item->public.book);
    book_inherit(item->shadow, item->public.book);
    item->public.book = book_free(item->public.book);
    item->public.book = item->shadow;
    item->shadow = NULL;
}

void deed_swap(struct feed *f, struct feed_item *item)
{
    swap(item);
    feed_deed(f, 'w', item->public.symbol);
}

void deed_lag(struct feed *f, struct feed_item *item, int is_lagging)
{
    if (f->is_told || book_is_lagging(item->public.book) == is_lagging)
        return;
    book_lag_set(item->public.book, is_lagging);
    feed_deed(f, is_lagging ? 'l' : 'L', item->public.symbol);
}

/* --- doing what was said ------------------------------------------------------------------------------------------ */

static uint32_t number_take(const char **io_at)
{
    char *end;
    unsigned long n = strtoul(*io_at, &end, 10);

    *io_at = *end == ',' ? end + 1 : end;
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Another life of a daemon: its books are none of those before. */
static void begin_anew(struct feed *f, const char *options)
{
    uint32_t levels_max = number_take(&options), shown = number_take(&options), depth = number_take(&options);

    while (f->n_items > 0)
        symbols_drop(f, f->items[f->n_items - 1]);
    f->is_told = 1;
    f->options.depth = depth;
    f->options.depth_published = shown;
    if (levels_max >= 1 && levels_max <= BOOK_LEVELS_MAX)
        f->options.levels_max = levels_max;
}

static void all_forget(struct feed *f)
{
    for (uint32_t i = 0; i < f->n_items; i++) {
        (void)reset(f->items[i]);
        sync_forget(f->items[i]->public.book);
    }
}

int feed_deed_do(struct feed *f, char deed, const char *symbol, const struct feed_input *in)
{
    struct feed_item *item = symbols_find(f, symbol);

    if (deed == 'o')
        begin_anew(f, symbol);
    else if (deed == '?')
        all_forget(f);
    else if (deed == 'c' && !item && symbol[0] && symbols_add(f, symbol) == -ENOMEM)
        f->appear_error = -ENOMEM;
    if (!item)
        return 0;
    due_touch(f, item);
    switch (deed) {
    case 'f':
        sync_forget(item->public.book);
        return 0;
    case 'k':
    case 'K':
        (void)sync_keep(item->public.book, deed == 'k');
        return 0;
    case 'r':
        (void)reset(item);
        return 0;
    case 'j':
        sync_succeed(item->public.book, in->now_boot_ns);
        return 0;
    case 'u':
        (void)sync_succeed_unproven(item->public.book);
        return 0;
    case 'l':
    case 'L':
        book_lag_set(item->public.book, deed == 'l');
        return 0;
    case 'd':
        symbols_drop(f, item);
        return 0;
    case 'w':
        if (item->shadow)
            swap(item);
        return 1;
    default:
        return 0; /* of a later version */
    }
}

enum feed_take feed_deed_take(struct feed *f, struct feed_book *fb, char deed, const struct md_event *event,
                              const struct md_frame *frame, const struct feed_input *in)
{
    struct feed_item *item = (struct feed_item *)fb;

    if (deed == 'a')
        return FEED_TAKE_BOOK;
    if (deed == 's' && succession_shadow_take(f, item, event, frame, in) == -ENOMEM)
        f->appear_error = -ENOMEM;
    if (deed == 'n')
        sync_successor_take(item->public.book, event, frame, in->recv_ns);
    return FEED_TAKE_NOTHING;
}
