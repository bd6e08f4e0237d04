/* SPDX-License-Identifier: MIT
 * pipeline_told.c - the replay of a recording that says what was done (feed/deeds.c): the same to the same books in the
 * same order. Words are separated by blanks; one letter alone is about the message at hand, with more behind it about
 * the book of that name. */
#include "pipeline_private.h"

#include "book/sync.h"

#include <string.h>

struct deed {
    char letter;
    char symbol[MD_SYMBOL_SIZE]; /* "": the message at hand */
};

/* The next word, and where the one behind it begins. Returns: NULL there is none. */
static const char *deed_read(const char *at, struct deed *ret)
{
    size_t n;

    at += strspn(at, " ");
    if (*at == '\0')
        return NULL;
    ret->letter = *at++;
    n = strcspn(at, " ");
    memset(ret->symbol, 0, sizeof(ret->symbol));
    memcpy(ret->symbol, at, n < sizeof(ret->symbol) ? n : sizeof(ret->symbol) - 1);
    return at + n;
}

static int is_message_deed(const struct deed *deed)
{
    return deed->symbol[0] == '\0' && strchr("asn-", deed->letter) != NULL;
}

static int waited_do(struct pipeline *p, struct route *route, struct feed_book *fb, int shows,
                     const struct feed_input *in)
{
    enum book_step step;

    if (!fb || !sync_next(route->venue, fb->book, in, &step))
        return shows;
    pipeline_step_take(p, route, fb, step, in);
    return step == BOOK_IGNORED ? shows : pipeline_step_shows(route, step);
}

static void deed_do(struct pipeline *p, struct route *route, const struct deed *deed, const struct feed_input *in)
{
    struct feed_book *fb;

    if (deed->letter == 'x') {
        fb = feed_book_find(route->feed, deed->symbol);
        if (waited_do(p, route, fb, 0, in) && p->options.writer)
            pipeline_book_publish(p, route, fb, 1, in->recv_ns);
        return;
    }
    /* Books come and go between frames; what says otherwise was written by somebody else. */
    if (p->is_among_messages && strchr("cdo", deed->letter))
        return;
    if (!feed_deed_do(route->feed, deed->letter, deed->symbol, in))
        return;
    fb = feed_book_find(route->feed, deed->symbol);
    pipeline_jump_take(p, route, fb, in);
    if (p->options.writer)
        pipeline_book_publish(p, route, fb, 1, in->recv_ns);
}

int pipeline_told_until_message(struct pipeline *p, struct route *route, const struct feed_input *in)
{
    struct deed deed;
    const char *behind;

    while ((behind = deed_read(p->told, &deed)) && !is_message_deed(&deed)) {
        p->told = behind;
        if (deed.letter == '!')
            return 0;
        deed_do(p, route, &deed, in);
    }
    return 1;
}

enum feed_take pipeline_told_take(struct pipeline *p, struct route *route, struct feed_book *fb,
                                  const struct md_event *event, const struct feed_input *in)
{
    struct deed deed;
    const char *behind;

    p->is_among_messages = 1;
    (void)pipeline_told_until_message(p, route, in);
    behind = deed_read(p->told, &deed);
    if (!behind)
        return FEED_TAKE_NOTHING;
    p->told = behind;
    return feed_deed_take(route->feed, fb, deed.letter, event, p->frame, in);
}

int pipeline_told_next(struct pipeline *p, struct route *route, struct feed_book *fb, int shows,
                       const struct feed_input *in)
{
    struct deed deed;
    const char *behind;

    while ((behind = deed_read(p->told, &deed)) && !is_message_deed(&deed)) {
        p->told = behind;
        if (deed.letter == 'x' && deed.symbol[0] == '\0')
            shows = waited_do(p, route, fb, shows, in);
        else
            deed_do(p, route, &deed, in);
    }
    return shows;
}
