/* SPDX-License-Identifier: MIT
 * hogad_venues.c - from configuration to feeds and sessions, at start and at reload. */
#include "core/clock.h"
#include "core/log.h"
#include "feed/catalogue.h"
#include "hogad_private.h"
#include "ledger.h"
#include "loop/loop.h"
#include "net/ws.h"

#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define _(text) gettext(text)

_Static_assert(CONFIG_SYMBOL_SIZE == MD_SYMBOL_SIZE, "a configured symbol fits a book");
_Static_assert(HOGAD_VENUES_MAX <= LEDGER_ROWS, "every venue has a row");
_Static_assert(CONFIG_VENUES_MAX <= HOGAD_VENUES_MAX, "every section has room");

uint8_t hogad_source(const struct config_venue *cv, const struct venue *v)
{
    int is_default = (cv->url[0] == '\0' || strcmp(cv->url, v->default_url) == 0) &&
                     (cv->rest_url[0] == '\0' || (v->rest_url && strcmp(cv->rest_url, v->rest_url) == 0));

    return is_default && cv->ca_file[0] == '\0' ? SOURCE_EXCHANGE : SOURCE_SIMULATOR;
}

/* A list may be of many megabytes: its bytes are handed over, not copied, and read in later ticks. The feed's budget
 * hears of the answer as of any other; a recording does not keep it, since it has no bearing on any book. */
static void on_catalogue(struct hogad *d, const struct https_get_answer *answer, struct feed_input *in)
{
    struct feed *feed = hogad_venue_of_conn(d, in->conn)->feed;
    char *bytes = NULL;

    if (answer->status == 200 && answer->owner && *answer->owner) {
        bytes = *answer->owner;
        *answer->owner = NULL;
    }
    feed_catalogue_take(feed, answer->status, bytes, answer->size, in->recv_ns);
    in->bytes = NULL;
    in->bytes_size = 0;
    pipeline_feed(d->pipeline, in);
    hogad_turn_over(d);
}

/* The answer, or that there is none, is an input like any other. */
static void on_answer(void *context, const struct https_get_answer *answer)
{
    struct hogad_get *slot = context;
    struct hogad *d = slot->daemon;
    struct feed_input in = { .kind = FEED_INPUT_HTTP,
                             .conn = slot->conn,
                             .recv_ns = clock_real_ns(),
                             .now_boot_ns = clock_boot_ns(),
                             .http_status = answer->status,
                             .aux_ns = (int64_t)answer->retry_after_s * 1000000000,
                             .url = slot->url,
                             .bytes = answer->bytes,
                             .bytes_size = answer->size };

    slot->get = NULL; /* before the feed asks for the next one */
    if (feed_catalogue_wants(hogad_venue_of_conn(d, slot->conn)->feed, slot->url)) {
        on_catalogue(d, answer, &in);
        return;
    }
    if (in.bytes_size < HOGAD_LARGE_SIZE || !hogad_large_answer(d, &in, answer->owner))
        hogad_input(d, &in);
    hogad_turn_over(d);
}

int hogad_get(struct hogad *d, uint32_t conn, const char *url)
{
    struct hogad_venue *hv = hogad_venue_of_conn(d, conn);
    struct https_get_options options = { .loop = loop_lws(d->loop),
                                         .resolver = d->resolver,
                                         .trust = hv->rest_trust,
                                         .has_proxy = hv->has_proxy,
                                         .url = url };

    for (uint32_t i = 0; i < HOGAD_GETS_MAX; i++) {
        struct hogad_get *slot = &hv->gets[i];

        if (slot->get)
            continue;
        slot->daemon = d;
        slot->conn = conn;
        if (text_copy(slot->url, sizeof slot->url, url) < 0)
            return -ENAMETOOLONG;
        return https_get_start(&options, on_answer, slot, &slot->get);
    }
    return -EBUSY;
}

void hogad_gets_cancel(struct hogad_venue *hv)
{
    for (uint32_t i = 0; i < HOGAD_GETS_MAX; i++)
        hv->gets[i].get = https_get_cancel(hv->gets[i].get);
}

/* Where REST is: as configured, else on the host that the WebSocket was pointed to, else the venue's own. */
static int rest_url_make(struct hogad_venue *hv, const struct config_venue *cv)
{
    const char *own = hv->venue->rest_url;
    char derived[sizeof hv->rest_url];
    int n;

    if (!own)
        return 0;
    if (cv->rest_url[0])
        return text_copy(hv->rest_url, sizeof hv->rest_url, cv->rest_url);
    if (!cv->url[0] || strcmp(cv->url, hv->venue->default_url) == 0)
        return text_copy(hv->rest_url, sizeof hv->rest_url, own);
    n = snprintf(derived, sizeof derived, "%s://%s", hv->url.is_tls ? "https" : "http", hv->url.host_header);
    return n < 0 || (size_t)n >= sizeof derived ? -EINVAL : text_copy(hv->rest_url, sizeof hv->rest_url, derived);
}

/* The same host; the path that stands where the venue's own has the one of books, behind any prefix of a relay. */
static int extras_url_make(struct hogad_venue *hv)
{
    const char *path = hv->venue->extras_path;
    size_t kept = strlen(hv->url.path), size;
    struct url own;
    struct text text;

    if (!path)
        return 0;
    if (url_parse(hv->venue->default_url, &own) < 0)
        return -EINVAL;
    size = strlen(own.path);
    kept = kept >= size && strcmp(hv->url.path + kept - size, own.path) == 0 ? kept - size : 0;
    text_init(&text, hv->extras_url_text, sizeof hv->extras_url_text);
    text_addf(&text, "%s://%s", hv->url.is_tls ? "wss" : "ws", hv->url.host_header);
    text_add(&text, hv->url.path, kept);
    text_add_string(&text, path);
    return text.cut ? -EINVAL : url_parse(hv->extras_url_text, &hv->extras_url);
}

/* The same as the WebSocket's, unless one of the two is plain. */
static int rest_trust_get(struct hogad *d, struct hogad_venue *hv, const struct config_venue *cv,
                          const struct config *c)
{
    int is_tls = strncmp(hv->rest_url, "https://", 8) == 0;
    const char *ca_file = !is_tls ? WS_TRUST_PLAIN : cv->ca_file[0] ? cv->ca_file : NULL;

    hv->rest_trust = hv->trust;
    if (hv->rest_url[0] == '\0' || is_tls == hv->url.is_tls)
        return 0;
    return ws_trust_get(loop_lws(d->loop), ca_file, c->proxy[0] ? c->proxy : NULL, &hv->rest_trust);
}

static int trust_get(struct hogad *d, struct hogad_venue *hv, const struct config_venue *cv, const struct config *c)
{
    const char *ca_file = !hv->url.is_tls ? WS_TRUST_PLAIN : cv->ca_file[0] ? cv->ca_file : NULL;
    int r = ws_trust_get(loop_lws(d->loop), ca_file, c->proxy[0] ? c->proxy : NULL, &hv->trust);

    if (r < 0)
        hogad_complain(cv->ca_file[0] ? cv->ca_file : "/etc/ssl/certs/ca-certificates.crt",
                       r == -EBADMSG ? _("holds no certificates") : strerror(-r),
                       cv->ca_file[0] ? _("correct ca_file") : _("install the package ca-certificates"));
    return r;
}

/* Limits are the address's: two products of one exchange on one host dial out of one budget. */
static struct budget *budget_get(struct hogad *d, struct hogad_venue *hv)
{
    const struct venue_limits *limits = &hv->venue->limits;
    char key[sizeof hv->url.host + 16];
    struct budget *b;

    for (uint32_t i = 0; i < d->n_venues; i++) {
        const struct url *other = &d->venues[i].url;

        if (strcmp(other->host, hv->url.host) == 0 && other->port == hv->url.port)
            return d->venues[i].budget;
    }
    (void)snprintf(key, sizeof key, "%s %u", hv->url.host, hv->url.port);
    b = ledger_dials(d->ledger, key);
    b = b ? b : &hv->own_budget;
    b->per_second = limits->connect_per_second;
    b->per_window = limits->connect_per_window;
    b->window_s = limits->connect_window_s;
    b->n_sessions = 0;
    return b;
}

/* What an earlier life has spent counts as well; where the file cannot be had, a restart forgets it. */
static int ledger_begin(struct hogad *d)
{
    int r = d->ledger ? 0 : ledger_open(d->segment, clock_boot_ns(), &d->ledger);

    if (r < 0 && r != -ENOMEM)
        log_warn("ledger.none", F_STR("why", strerror(-r)));
    return r == -ENOMEM ? r : 0;
}

static struct feed_spent *spent_get(struct hogad *d, const struct hogad_venue *hv)
{
    char key[sizeof hv->rest_url + 32];

    (void)snprintf(key, sizeof key, "%s %s", hv->venue->name, hv->rest_url);
    return ledger_rest(d->ledger, key);
}

/* Half as many again as are shown at least: a book that is cut must not be fetched anew for every level that goes. */
static uint32_t levels_kept(uint32_t levels_max, uint32_t depth)
{
    uint32_t least = depth + depth / 2 + 8;

    return levels_max > least ? levels_max : least;
}

static int feed_add(struct hogad *d, struct hogad_venue *hv, const struct feed_options *options)
{
    uint32_t first_line = d->n_lines;
    int r = feed_new(options, &hv->feed);

    if (r == 0)
        r = feed_connections_begin(hv->feed);
    if (r == 0)
        r = pipeline_feed_add(d->pipeline, hv->feed, hv->venue, hv->source, 0, 0);
    if (r < 0) {
        hogad_complain(hv->venue->name, r == -ENOSPC ? _("a daemon has no more connections") : strerror(-r), NULL);
        hv->feed = feed_free(hv->feed);
        free(hv->deeds);
        d->n_lines = first_line;
        return r;
    }
    for (uint32_t conn = first_line; conn < d->n_lines; conn++)
        pipeline_connection_add(d->pipeline, hv->feed, conn);
    d->n_venues++;
    return 0;
}

static int venue_add(struct hogad *d, const struct config_venue *cv, const struct config *c)
{
    struct hogad_venue *hv = &d->venues[d->n_venues];
    const struct venue *v = venue_find(cv->name);
    struct feed_options options;
    int r;

    assert(v && d->n_venues < HOGAD_VENUES_MAX);
    memset(hv, 0, sizeof *hv);
    hv->venue = v;
    hv->daemon = d;
    hv->source = hogad_source(cv, v);
    (void)snprintf(hv->url_text, sizeof hv->url_text, "%s", cv->url[0] ? cv->url : v->default_url);
    r = url_parse(hv->url_text, &hv->url);
    if (r < 0)
        return r; /* hogad_config has checked it */
    hv->budget = budget_get(d, hv);
    hv->has_proxy = c->proxy[0] != '\0';
    if (extras_url_make(hv) < 0 || rest_url_make(hv, cv) < 0 || trust_get(d, hv, cv, c) < 0 ||
        rest_trust_get(d, hv, cv, c) < 0)
        return -EINVAL;
    if (hogad_deeds_begin(hv) < 0)
        return -ENOMEM;
    options = (struct feed_options){ .venue = v,
                                     .spent = spent_get(d, hv),
                                     .n_conns = FEED_CONNECTIONS_MAX,
                                     .age_s = cv->age_s,
                                     .lag_ms_max = cv->lag_ms_max,
                                     .books_max = c->books_max,
                                     .levels_max = levels_kept(cv->levels_max, c->depth),
                                     .depth = cv->depth,
                                     .depth_published = c->depth,
                                     .rest_url = hv->rest_url[0] ? hv->rest_url : NULL,
                                     .source = hv->source,
                                     .channels = (cv->trades && c->trades > 0 ? MD_CHANNEL_TRADES : 0) |
                                                 (cv->day ? MD_CHANNEL_DAY : 0),
                                     .catalogue_s = c->catalogue_s,
                                     .port = hogad_port(hv) };
    return feed_add(d, hv, &options);
}

static struct hogad_venue *venue_get(struct hogad *d, const char *name)
{
    for (uint32_t i = 0; i < d->n_venues; i++) {
        if (strcmp(d->venues[i].venue->name, name) == 0)
            return &d->venues[i];
    }
    return NULL;
}

int hogad_venues_apply(struct hogad *d, const struct config *c)
{
    int r = ledger_begin(d);

    if (r < 0)
        hogad_complain(d->segment, strerror(-r), NULL);

    for (uint32_t i = 0; r == 0 && i < c->n_venues; i++) {
        if (!venue_get(d, c->venues[i].name))
            r = venue_add(d, &c->venues[i], c);
    }
    /* First those that shrink or go, so that their slots are free for those that grow. */
    for (uint32_t i = 0; r == 0 && i < d->n_venues; i++)
        r = hogad_symbols_apply(d, &d->venues[i], c, UINT32_MAX);
    return r;
}

const char *hogad_reload_obstacle(const struct config *now, const struct config *next)
{
    if (now->books_max != next->books_max || now->depth != next->depth)
        return "books_max and depth are fixed when the segment is made";
    if (now->trades != next->trades)
        return "the number of trades is fixed when the segment is made";
    if (now->catalogue_max != next->catalogue_max || now->catalogue_s != next->catalogue_s)
        return "catalogue_max and catalogue_s are read at the start";
    if (now->segment_mode != next->segment_mode)
        return "segment_mode is fixed when the segment is made";
    if (strcmp(now->resolv_conf, next->resolv_conf) != 0 || strcmp(now->proxy, next->proxy) != 0)
        return "resolv_conf and proxy are read at the start";
    for (uint32_t i = 0; i < next->n_venues; i++) {
        const struct config_venue *a = config_venue_find(now, next->venues[i].name), *b = &next->venues[i];

        if (a && (strcmp(a->url, b->url) != 0 || strcmp(a->rest_url, b->rest_url) != 0 ||
                  strcmp(a->ca_file, b->ca_file) != 0))
            return "url, rest_url and ca_file decide what the books' source is, and that is said once";
        if (a && (a->depth != b->depth || a->levels_max != b->levels_max || a->age_s != b->age_s ||
                  a->lag_ms_max != b->lag_ms_max))
            return "a venue's depth, levels_max, age_s and lag_ms_max are fixed when its books are made";
        if (a && (a->trades != b->trades || a->day != b->day))
            return "a venue's trades and day are read at the start";
    }
    return NULL;
}

int hogad_is_wanted(const struct hogad *d, const char *venue, const char *symbol)
{
    for (uint32_t i = 0; i < d->n_venues; i++) {
        if (strcmp(d->venues[i].venue->name, venue) == 0)
            return feed_book_find(d->venues[i].feed, symbol) != NULL;
    }
    return 0;
}
