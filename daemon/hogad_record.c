/* SPDX-License-Identifier: MIT
 * hogad_record.c - what arrives goes to the recorder with what was done to the books (feed/deeds.c): beside a message
 * that was applied to its book, and nothing else done since the one before, nothing is said. */
#include "hogad_private.h"
#include "publish/counter.h"

#include <errno.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

#define DEEDS_SIZE     4096
#define DEEDS_SIZE_MAX (8u << 20) /* a line of a capture may be 64 MB, each byte of it six */
#define _(text)        gettext(text)

int hogad_deeds_begin(struct hogad_venue *hv)
{
    if (!hv->daemon->options->record || hv->daemon->recorder) /* one that a reload brought is not recorded */
        return 0;
    hv->deeds = malloc(DEEDS_SIZE);
    if (!hv->deeds) {
        hogad_complain(hv->venue->name, strerror(ENOMEM), NULL);
        return -ENOMEM;
    }
    hv->deeds[0] = '\0';
    hv->deeds_room = DEEDS_SIZE;
    return 0;
}

static void deeds_clear(struct hogad_venue *hv)
{
    hv->deeds_used = 0;
    hv->deeds_tell = 0;
    hv->deeds[0] = '\0';
}

/* Room for `size` more with a NUL. Returns: 1, or 0: what was noted is lost, and only that will be said. */
static int room_make(struct hogad_venue *hv, size_t size)
{
    size_t room = 2 * hv->deeds_room + size;
    char *more;

    if (hv->deeds_used + size < hv->deeds_room)
        return 1;
    more = room <= DEEDS_SIZE_MAX ? realloc(hv->deeds, room) : NULL;
    if (!more) {
        deeds_clear(hv);
        hogad_deed_note(hv, '?', NULL);
        return 0;
    }
    hv->deeds = more;
    hv->deeds_room = room;
    return 1;
}

void hogad_deed_note(void *context, char deed, const char *symbol)
{
    struct hogad_venue *hv = context;
    size_t n = symbol ? strlen(symbol) : 0;

    if (!room_make(hv, n + 2))
        return;
    if (hv->deeds_used > 0)
        hv->deeds[hv->deeds_used++] = ' ';
    hv->deeds[hv->deeds_used++] = deed;
    if (n > 0)
        memcpy(hv->deeds + hv->deeds_used, symbol, n);
    hv->deeds_used += n;
    hv->deeds[hv->deeds_used] = '\0';
    hv->deeds_tell |= symbol != NULL || (deed != 'a' && deed != 'x');
}

void hogad_record(struct hogad *d, const struct feed_input *in)
{
    struct hogad_venue *hv = hogad_venue_of_conn(d, in->conn);
    struct feed_input told = *in;
    int r;

    if (!d->recorder || !hv->deeds)
        return;
    told.deeds = hv->deeds_tell ? hv->deeds : NULL;
    r = recorder_take(d->recorder, (uint32_t)(hv - d->venues), &told);
    if (r != 0)
        deeds_clear(hv);
    if (r < 0)
        hogad_deed_note(hv, '?', NULL);
}

void hogad_recorded_count(struct hogad *d)
{
    struct recorder_counts now;

    if (!d->recorder)
        return;
    recorder_counts(d->recorder, &now);
    writer_counter_add(d->writer, COUNTER_RECORD_EVENTS, now.events - d->recorded.events);
    writer_counter_add(d->writer, COUNTER_RECORD_DROPPED, now.dropped - d->recorded.dropped);
    d->recorded = now;
}

int hogad_record_begin(struct hogad *d)
{
    const char *names[HOGAD_VENUES_MAX];
    struct recorder_options options = { .directory = d->options->record, .venues = names };
    int r;

    if (!d->options->record)
        return 0;
    for (uint32_t i = 0; i < d->n_venues; i++)
        names[i] = d->venues[i].venue->name;
    options.n_venues = d->n_venues;
    r = recorder_open(&options, &d->recorder);
    if (r < 0) {
        hogad_complain(d->options->record, strerror(-r), _("choose a folder that can be written with --record"));
        return r;
    }
    return 0;
}
