/* SPDX-License-Identifier: MIT
 * hogad_leases.c - books that front ends and operators ask for while the daemon runs: subscribe and unsubscribe, and
 * what follows when a holder goes. The wanted set is the configuration and the leases (hogad_symbols.c). */
#include "core/clock.h"
#include "core/log.h"
#include "feed/catalogue.h"
#include "feed/leases.h"
#include "hogad_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LEASES_SAID 200
#define NS_PER_S    1000000000ll
#define N_(text)    text

struct wishes {
    struct hogad_name at[HOGAD_NAMES_MAX];
    uint8_t is_new[HOGAD_NAMES_MAX]; /* in no lease before */
    uint8_t is_taken[HOGAD_NAMES_MAX];
    uint32_t n;
    uint64_t holder;
};

/* --- names -------------------------------------------------------------------------------------------------------- */

static struct hogad_venue *venue_find_named(struct hogad *d, const char *name, size_t size)
{
    for (uint32_t i = 0; i < d->n_venues; i++) {
        const char *venue = d->venues[i].venue->name;

        if (strlen(venue) == size && strncasecmp(venue, name, size) == 0)
            return &d->venues[i];
    }
    return NULL;
}

static int unlisted(struct control_call *call, const struct hogad_venue *hv, const struct hogad_name *w)
{
    char near[MD_SYMBOL_SIZE], remedy[MD_SYMBOL_SIZE + 32];

    if (feed_catalogue_near(hv->feed, w->symbol, near) < 0)
        return control_refuse(call, -ENOENT, w->name, N_("not listed"), N_("`hoga ls --all' has what the venues list"));
    (void)snprintf(remedy, sizeof remedy, "did you mean %s?", near);
    return control_refuse(call, -ENOENT, w->name, N_("not listed"), remedy);
}

/* A symbol that the daemon does not carry yet: can it be one of this venue's? */
static int symbol_judge(struct control_call *call, struct hogad_name *w)
{
    struct hogad_venue *hv = w->hv;
    int r = feed_catalogue_spell(hv->feed, w->symbol, w->symbol);
    enum reason reason = hv->venue->symbol_check(w->symbol);

    if (r == -ENOENT)
        return unlisted(call, hv, w);
    if (reason != REASON_NONE)
        return control_refuse(call, -EINVAL, w->name, verdict_reason_word(reason), N_("write it as the venue does"));
    return 0;
}

static int symbol_is_clean(const char *symbol)
{
    if (symbol[0] == '\0' || strlen(symbol) >= MD_SYMBOL_SIZE || feed_is_pattern(symbol))
        return 0;
    for (; *symbol; symbol++) {
        if (*symbol <= ' ' || *symbol > '~' || *symbol == '"' || *symbol == '\\' || *symbol == '#' || *symbol == ';')
            return 0;
    }
    return 1;
}

/* As a book that is carried spells it, whatever the case. */
static void symbol_spell(const struct hogad_venue *hv, char io_symbol[MD_SYMBOL_SIZE])
{
    if (feed_book_find(hv->feed, io_symbol))
        return;
    for (uint32_t i = 0; i < feed_n_books(hv->feed); i++) {
        const struct feed_book *fb = feed_book_at(hv->feed, i);

        if (strcasecmp(fb->symbol, io_symbol) == 0) {
            (void)text_copy(io_symbol, MD_SYMBOL_SIZE, fb->symbol);
            return;
        }
    }
}

static int name_read(struct hogad *d, struct control_call *call, const char *name, struct hogad_name *ret)
{
    const char *colon = strchr(name, ':');

    *ret = (struct hogad_name){ 0 };
    if (!colon || !symbol_is_clean(colon + 1))
        return control_refuse(call, -EINVAL, name, N_("no name of an instrument"),
                              N_("write venue:SYMBOL, such as upbit:KRW-BTC"));
    ret->hv = venue_find_named(d, name, (size_t)(colon - name));
    if (!ret->hv || !config_venue_find(d->config, ret->hv->venue->name))
        return control_refuse(call, -ENODEV, name, N_("this hogad has no such venue"),
                              N_("give it a section in hoga.conf, with one symbol, and reload"));
    (void)text_copy(ret->symbol, sizeof ret->symbol, colon + 1);
    symbol_spell(ret->hv, ret->symbol);
    (void)snprintf(ret->name, sizeof ret->name, "%s:%s", ret->hv->venue->name, colon + 1);
    return 0;
}

int hogad_names_read(struct hogad *d, struct control_call *call, struct hogad_name ret[HOGAD_NAMES_MAX],
                     uint32_t *ret_n)
{
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(call->request, "names"), *name;
    int n = cJSON_IsArray(names) ? cJSON_GetArraySize(names) : 0;

    *ret_n = 0;
    if (n < 1 || n > HOGAD_NAMES_MAX)
        return control_refuse(call, -EINVAL, "names", N_("must be an array of 1 to 32 strings"), "");
    cJSON_ArrayForEach(name, names)
    {
        int r = cJSON_IsString(name)
                    ? name_read(d, call, name->valuestring, &ret[*ret_n])
                    : control_refuse(call, -EINVAL, "names", N_("must be an array of 1 to 32 strings"), "");

        if (r < 0)
            return r;
        (*ret_n)++;
    }
    return 0;
}

/* Returns: 0, or refused. */
static int wishes_read(struct hogad *d, struct control_call *call, struct wishes *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->holder = call->client;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(call->request, "keep"))) {
        if (call->socket != CONTROL_ADMIN)
            return control_refuse(call, -EPERM, "keep", N_("not on this socket"), N_("use the admin socket"));
        ret->holder = LEASES_OPERATOR;
    }
    return hogad_names_read(d, call, ret->at, &ret->n);
}

/* --- the wanted set ----------------------------------------------------------------------------------------------- */

static int64_t due_boot_ns(const struct hogad *d)
{
    return clock_boot_ns() + (int64_t)d->config->linger_s * NS_PER_S;
}

static void touch(const struct hogad *d, const struct venue *venue, uint8_t *io_touched)
{
    for (uint32_t i = 0; i < d->n_venues; i++)
        io_touched[i] |= d->venues[i].venue == venue;
}

/* Leases that nobody holds any more, up to so many; their venues are to be applied. Returns: how many books go. */
static uint32_t leases_forget(struct hogad *d, int64_t now_boot_ns, uint32_t n_max, uint8_t *io_touched)
{
    struct lease gone;
    uint32_t n = 0;

    while (n < n_max && leases_next_due(d->leases, now_boot_ns, &gone)) {
        log_notice("lease.ended", F_STR("venue", gone.venue->name), F_STR("symbol", &gone.symbol[0]));
        touch(d, gone.venue, io_touched);
        n += !hogad_is_configured(d, gone.venue->name, gone.symbol);
    }
    return n;
}

static int is_growing(const struct hogad *d, const struct hogad_venue *hv)
{
    for (uint32_t i = 0; i < leases_n(d->leases); i++) {
        const struct lease *lease = leases_at(d->leases, i);

        if (lease->venue == hv->venue && !feed_book_find(hv->feed, lease->symbol))
            return 1;
    }
    return 0;
}

/* What was touched becomes what is wanted: first where books only go, so that there is room for those that come.
 * Returns: 0, negative errno of a venue that is as it was. */
static int venues_apply(struct hogad *d, const uint8_t *touched)
{
    uint8_t grows[HOGAD_VENUES_MAX] = { 0 };
    int r = 0;

    for (uint32_t i = 0; i < d->n_venues; i++)
        grows[i] = (uint8_t)is_growing(d, &d->venues[i]);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < d->n_venues; i++) {
            if (touched[i] && grows[i] == pass && hogad_symbols_apply(d, &d->venues[i], d->config, HOGAD_NEW_TURN) < 0)
                r = -ENOSPC;
        }
    }
    (void)hogad_sessions_settle(d);
    pipeline_settle(d->pipeline, clock_real_ns());
    return r;
}

void hogad_leases_settle(struct hogad *d)
{
    uint8_t touched[HOGAD_VENUES_MAX] = { 0 };

    (void)leases_forget(d, clock_boot_ns(), HOGAD_NEW_TURN, touched);
    if (memchr(touched, 1, sizeof touched))
        (void)venues_apply(d, touched);
}

void hogad_lease_client_gone(void *context, uint64_t client)
{
    struct hogad *d = context;

    if (leases_end(d->leases, client, due_boot_ns(d)) > 0 && d->config->linger_s == 0)
        hogad_leases_settle(d);
}

/* Is there room for what is new? Books that nobody holds make some. */
static int room_make(struct hogad *d, struct control_call *call, const struct wishes *ws, uint8_t *io_touched)
{
    uint32_t n = 0, n_new[HOGAD_VENUES_MAX] = { 0 }, n_max = writer_books_max(d->writer);

    for (uint32_t i = 0; i < ws->n; i++) {
        const struct hogad_name *w = &ws->at[i];

        if (ws->is_taken[i] && !feed_book_find(w->hv->feed, w->symbol))
            n_new[w->hv - d->venues]++;
    }
    for (uint32_t i = 0; i < d->n_venues; i++)
        n += feed_n_books(d->venues[i].feed) + d->venues[i].n_waiting + n_new[i];
    if (n > n_max)
        n -= leases_forget(d, INT64_MAX, n - n_max, io_touched);
    if (n > n_max)
        return control_refuse(call, -ENOSPC, ws->at[0].name, N_("the segment's directory is full"),
                              N_("raise books_max and restart hogad, or hold fewer"));
    for (uint32_t i = 0; i < d->n_venues; i++) {
        if (n_new[i] > 0 && feed_n_books(d->venues[i].feed) + n_new[i] > feed_books_limit(d->venues[i].feed))
            return control_refuse(call, -ENOSPC, ws->at[0].name, N_("the venue's connections are full"),
                                  N_("hold fewer"));
    }
    return 0;
}

static void wishes_undo(struct hogad *d, const struct wishes *ws, uint8_t *io_touched)
{
    int64_t now_ns = clock_boot_ns();

    for (uint32_t i = 0; i < ws->n; i++) {
        const struct hogad_name *w = &ws->at[i];

        if (ws->is_taken[i])
            (void)leases_give(d->leases, w->hv->venue, w->symbol, ws->holder, ws->is_new[i] ? now_ns : due_boot_ns(d));
    }
    (void)leases_forget(d, now_ns, HOGAD_NAMES_MAX, io_touched);
    if (memchr(io_touched, 1, HOGAD_VENUES_MAX))
        (void)venues_apply(d, io_touched);
}

static int wishes_take(struct hogad *d, struct control_call *call, struct wishes *ws)
{
    for (uint32_t i = 0; i < ws->n; i++) {
        struct hogad_name *w = &ws->at[i];
        const struct lease *before = leases_find(d->leases, w->hv->venue, w->symbol);
        int r;

        if (before && lease_has_holder(before, ws->holder))
            continue;
        r = leases_take(d->leases, w->hv->venue, w->symbol, ws->holder);
        if (r == -EDQUOT)
            return control_refuse(call, r, w->name, N_("this connection holds 128 books"), N_("hold fewer"));
        if (r < 0)
            return control_refuse(call, r, w->name, strerrordesc_np(-r), "");
        ws->is_taken[i] = 1;
        ws->is_new[i] = (uint8_t)r;
    }
    return 0;
}

/* Taken first: what is asked for is held, and is not what makes room. */
static int wishes_apply(struct hogad *d, struct control_call *call, struct wishes *ws, uint8_t *io_touched)
{
    int r = wishes_take(d, call, ws);

    if (r == 0)
        r = room_make(d, call, ws, io_touched);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < ws->n; i++) {
        const struct hogad_name *w = &ws->at[i];

        if (!ws->is_taken[i] || feed_book_find(w->hv->feed, w->symbol))
            continue;
        touch(d, w->hv->venue, io_touched);
        log_notice("lease.begun", F_STR("venue", w->hv->venue->name), F_STR("symbol", &w->symbol[0]));
    }
    if (!memchr(io_touched, 1, HOGAD_VENUES_MAX))
        return 0;
    r = venues_apply(d, io_touched);
    return r < 0 ? control_refuse(call, r, ws->at[0].name, strerrordesc_np(-r), N_("hogad's log says more")) : 0;
}

/* --- verbs -------------------------------------------------------------------------------------------------------- */

static void wishes_say(const struct hogad *d, struct control_call *call, const struct wishes *ws)
{
    cJSON *books = cJSON_AddArrayToObject(call->answer, "books");

    for (uint32_t i = 0; i < ws->n; i++) {
        char name[HOGAD_NAME_SIZE];

        (void)snprintf(name, sizeof name, "%s:%s", ws->at[i].hv->venue->name, ws->at[i].symbol);
        (void)cJSON_AddItemToArray(books, cJSON_CreateString(name));
    }
    (void)cJSON_AddNumberToObject(call->answer, "held", leases_n_of_holder(d->leases, ws->holder));
}

int hogad_on_subscribe(void *context, struct control_call *call)
{
    struct hogad *d = context;
    uint8_t touched[HOGAD_VENUES_MAX] = { 0 };
    struct wishes ws;
    int r = wishes_read(d, call, &ws);

    for (uint32_t i = 0; r == 0 && i < ws.n; i++) {
        if (!feed_book_find(ws.at[i].hv->feed, ws.at[i].symbol))
            r = symbol_judge(call, &ws.at[i]);
    }
    if (r < 0)
        return r;
    r = wishes_apply(d, call, &ws, touched);
    if (r < 0) {
        wishes_undo(d, &ws, touched);
        return r;
    }
    if (ws.holder == call->client)
        call->is_holding = 1;
    wishes_say(d, call, &ws);
    return 0;
}

/* Why a book is carried, to one who wanted to give back what was not held. */
static int not_held(const struct hogad *d, struct control_call *call, const struct hogad_name *w)
{
    const struct lease *lease = leases_find(d->leases, w->hv->venue, w->symbol);

    if (!feed_book_find(w->hv->feed, w->symbol))
        return control_refuse(call, -ENOENT, w->name, N_("not carried"), N_("`hoga ls' shows what is"));
    if (lease && lease->n_holders > 0)
        return control_refuse(call, -ENOENT, w->name, N_("not held here"), N_("it goes when those who hold it do"));
    if (lease && !hogad_is_configured(d, w->hv->venue->name, w->symbol))
        return control_refuse(call, -ENOENT, w->name, N_("not held any more"), N_("it goes after linger_s"));
    return control_refuse(call, -ENOENT, w->name, N_("configured"), N_("take it out of hoga.conf and reload"));
}

int hogad_on_unsubscribe(void *context, struct control_call *call)
{
    struct hogad *d = context;
    struct wishes ws;
    int r = wishes_read(d, call, &ws);

    for (uint32_t i = 0; r == 0 && i < ws.n; i++) {
        struct hogad_name *w = &ws.at[i];
        const struct lease *lease = leases_find(d->leases, w->hv->venue, w->symbol);

        if (!lease) /* as the venue spells it */
            (void)feed_catalogue_spell(w->hv->feed, w->symbol, w->symbol);
        lease = leases_find(d->leases, w->hv->venue, w->symbol);
        if (!lease || !lease_has_holder(lease, ws.holder))
            r = not_held(d, call, w);
    }
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < ws.n; i++)
        (void)leases_give(d->leases, ws.at[i].hv->venue, ws.at[i].symbol, ws.holder, due_boot_ns(d));
    if (d->config->linger_s == 0)
        hogad_leases_settle(d);
    wishes_say(d, call, &ws);
    return 0;
}

void hogad_leases_say(const struct hogad *d, cJSON *answer)
{
    cJSON *list = cJSON_AddArrayToObject(answer, "leases");

    (void)cJSON_AddNumberToObject(answer, "n_leases", leases_n(d->leases));
    for (uint32_t i = 0; i < leases_n(d->leases) && i < LEASES_SAID; i++) {
        const struct lease *lease = leases_at(d->leases, i);
        cJSON *row = cJSON_CreateObject();
        char name[HOGAD_NAME_SIZE];

        (void)snprintf(name, sizeof name, "%s:%s", lease->venue->name, lease->symbol);
        (void)cJSON_AddStringToObject(row, "name", name);
        (void)cJSON_AddNumberToObject(row, "holders", lease->n_holders);
        (void)cJSON_AddBoolToObject(row, "is_kept", lease_has_holder(lease, LEASES_OPERATOR));
        if (lease->n_holders == 0)
            (void)cJSON_AddNumberToObject(row, "goes_in_s", (int)((lease->due_boot_ns - clock_boot_ns()) / NS_PER_S));
        (void)cJSON_AddItemToArray(list, row);
    }
}
