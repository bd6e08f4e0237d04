/* SPDX-License-Identifier: MIT
 * hogad_symbols.c - from names and patterns of the configuration to the books a venue has, now and whenever its list of
 * instruments has come anew. */
#include "core/clock.h"
#include "core/log.h"
#include "feed/catalogue.h"
#include "hogad_private.h"

#include <errno.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _(text) gettext(text)

int hogad_patterns_check(const struct config *c, const struct config_venue *cv, struct config_problem *ret)
{
    const struct venue *v = venue_find(cv->name);

    for (uint32_t i = 0; i < cv->n_symbols; i++) {
        if (!feed_is_pattern(cv->symbols[i]) || (v->catalogue && c->catalogue_s > 0))
            continue;
        (void)snprintf(ret->text, sizeof ret->text, "%s: [%s] symbols: \"%s\": %s: name each market", c->file, cv->name,
                       cv->symbols[i],
                       v->catalogue ? "a pattern needs the list that catalogue_s = 0 forbids"
                                    : "this venue gives no list that a pattern could be matched with");
        return -EINVAL;
    }
    return 0;
}

void hogad_catalogue_say(const struct hogad *d, struct text *t)
{
    for (uint32_t i = 0; i < d->n_venues; i++) {
        const struct hogad_venue *hv = &d->venues[i];

        if (hv->n_patterns > 0 && !feed_catalogue_is_there(hv->feed))
            text_addf(t, ", %s: %u patterns wait for its list", hv->venue->name, hv->n_patterns);
        if (hv->n_left_out > 0)
            text_addf(t, ", %s: no room for %u more", hv->venue->name, hv->n_left_out);
    }
}

/* Books that this venue may have: what the segment and its own connections hold beside the others'. */
static uint32_t books_room(const struct hogad *d, const struct hogad_venue *hv, const struct config *c)
{
    uint32_t limit = feed_books_limit(hv->feed);
    uint32_t room = c->books_max;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        uint32_t n = &d->venues[i] == hv ? 0 : feed_n_books(d->venues[i].feed);

        room -= n < room ? n : room;
    }
    return limit < room ? limit : room;
}

static void expansion_say(struct hogad_venue *hv, const struct feed_expansion *e)
{
    const char *name = hv->venue->name;

    hv->n_patterns = e->n_patterns;
    if (e->n_patterns == 0)
        return;
    if (!feed_catalogue_is_there(hv->feed))
        log_notice("catalogue.awaited", F_STR("venue", name), F_U64("patterns", e->n_patterns));
    else if (hv->n_expanded != e->n)
        log_notice("catalogue.expanded", F_STR("venue", name), F_U64("books", e->n));
    hv->n_expanded = feed_catalogue_is_there(hv->feed) ? e->n : 0;
    if (e->n_left_out > 0 && e->n_left_out != hv->n_left_out)
        log_warn("catalogue.books_max", F_STR("venue", name), F_U64("left_out", e->n_left_out),
                 F_STR("remedy", e->n >= feed_books_limit(hv->feed) ? "name fewer: its connections hold no more"
                                                                    : "raise books_max, or name fewer"));
}

/* Until the list has come, what a pattern named in the life before goes on: a restart takes no book away, though the
 * list may be long in coming. Returns: how many of the segment's own names match a pattern. */
static uint32_t held_collect(const struct hogad *d, const struct hogad_venue *hv, const struct config_venue *cv,
                             char (*ret)[HOGA_SYMBOL_SIZE], uint32_t n_max)
{
    char venue[HOGA_VENUE_SIZE], symbol[HOGA_SYMBOL_SIZE];
    uint32_t n = 0;

    for (uint32_t slot = 0; cv && slot < n_max; slot++) {
        if (!writer_slot_name(d->writer, slot, venue, symbol) || strcmp(venue, hv->venue->name) != 0)
            continue;
        for (uint32_t i = 0; i < cv->n_symbols; i++) {
            if (!feed_is_pattern(cv->symbols[i]) || !feed_pattern_matches(cv->symbols[i], symbol))
                continue;
            memcpy(ret[n++], symbol, sizeof symbol);
            break;
        }
    }
    return n;
}

/* Keep what is carried and the first few that are new. Returns: how many were cut. */
static uint32_t new_cut(struct hogad_venue *hv, struct feed_expansion *e, uint32_t n_new_max)
{
    uint32_t n = 0, n_new = 0, n_cut = 0;

    for (uint32_t i = 0; i < e->n; i++) {
        if (!feed_book_find(hv->feed, e->symbols[i]) && n_new++ >= n_new_max)
            n_cut++;
        else
            e->symbols[n++] = e->symbols[i];
    }
    e->n = n;
    return n_cut;
}

static int symbols_set(struct hogad_venue *hv, const char *const *wanted, uint32_t n, uint32_t room, uint32_t n_new_max)
{
    struct feed_expansion e = { .symbols = calloc(room + 1, sizeof(char *)), .n_max = room };
    int r = e.symbols ? feed_catalogue_expand(hv->feed, wanted, n, &e) : -ENOMEM;

    if (r == 0) {
        expansion_say(hv, &e);
        hv->n_left_out = e.n_left_out;
        hv->n_waiting = new_cut(hv, &e, n_new_max);
        r = feed_symbols_set(hv->feed, e.symbols, e.n, clock_real_ns());
    }
    free(e.symbols);
    return r;
}

int hogad_is_configured(const struct hogad *d, const char *venue, const char *symbol)
{
    const struct config_venue *cv = config_venue_find(d->config, venue);

    for (uint32_t i = 0; cv && i < cv->n_symbols; i++) {
        if (feed_is_pattern(cv->symbols[i]) ? feed_pattern_matches(cv->symbols[i], symbol)
                                            : strcmp(cv->symbols[i], symbol) == 0)
            return 1;
    }
    return 0;
}

/* What somebody holds of this venue. Returns: how many were added to `to`. */
static uint32_t leased_collect(const struct hogad *d, const struct hogad_venue *hv, const char **to)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < leases_n(d->leases); i++) {
        if (leases_at(d->leases, i)->venue == hv->venue)
            to[n++] = leases_at(d->leases, i)->symbol;
    }
    return n;
}

int hogad_symbols_apply(struct hogad *d, struct hogad_venue *hv, const struct config *c, uint32_t n_new_max)
{
    const struct config_venue *cv = config_venue_find(c, hv->venue->name);
    uint32_t n = cv ? cv->n_symbols : 0, n_held = 0;
    uint32_t n_held_max = feed_catalogue_is_there(hv->feed) ? 0 : writer_books_max(d->writer);
    const char **symbols = calloc(n + n_held_max + leases_n(d->leases) + 1, sizeof *symbols);
    char(*held)[HOGA_SYMBOL_SIZE] = calloc(n_held_max + 1, sizeof *held);
    char words[HOGAD_LIMIT_SIZE];
    int r = -ENOMEM;

    for (uint32_t i = 0; symbols && held && i < n; i++)
        symbols[i] = cv->symbols[i];
    if (symbols && held) {
        n += leased_collect(d, hv, symbols + n);
        for (n_held = held_collect(d, hv, cv, held, n_held_max); n_held > 0; n_held--, n++)
            symbols[n] = held[n_held - 1];
        r = symbols_set(hv, symbols, n, books_room(d, hv, c), n_new_max);
    }
    free(symbols);
    free(held);
    if (r < 0) {
        hv->n_waiting = 0; /* with the next list, not in every tick */
        hogad_limit_words(d, hv, words);
        hogad_complain(hv->venue->name, r == -ENOSPC ? words : strerror(-r), _("name fewer symbols"));
    }
    return r;
}

void hogad_catalogues_settle(struct hogad *d)
{
    int has_new = 0;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        struct hogad_venue *hv = &d->venues[i];

        if ((!feed_catalogue_is_new(hv->feed) && hv->n_waiting == 0) || hv->n_patterns == 0)
            continue;
        has_new = 1;
        (void)hogad_symbols_apply(d, hv, d->config, HOGAD_NEW_TURN); /* it has complained, and nothing has changed */
    }
    if (!has_new)
        return;
    pipeline_settle(d->pipeline, clock_real_ns());
    (void)hogad_sessions_settle(d);
}
