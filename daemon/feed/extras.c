/* SPDX-License-Identifier: MIT
 * Trades and facts of the day: what is asked of the venue beside books. Where one request carries all (Upbit), they are
 * in it; elsewhere they are asked for in messages of their own, one channel each, once their book is there: so no book
 * is ever refused, or kept waiting, with them. */
#include "feed/feed_private.h"

#include "core/log.h"

uint8_t feed_channels(const struct feed *f, const struct feed_book *fb)
{
    return f->options.is_replay ? UINT8_MAX : ((const struct feed_item *)fb)->channels;
}

void extras_begin(const struct feed *f, struct feed_item *item)
{
    item->channels = venue_symbol_channels(item->public.symbol,
                                           MD_CHANNEL_BOOK | (f->options.channels & f->options.venue->channels));
    extras_forget(f, item);
}

void extras_forget(const struct feed *f, struct feed_item *item)
{
    int is_additive = !f->options.venue->limits.request_replaces_all && !f->options.is_replay;

    item->extras_asked = 0;
    item->extras_due = is_additive ? item->channels & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY) : 0;
}

static int is_ready(const struct feed_item *item, uint32_t conn)
{
    return item->public.conn == conn && item->is_at_venue && (item->phase == PHASE_FED || item->is_confirmed);
}

uint32_t extras_collect(struct feed *f, uint32_t conn, uint32_t n_max, uint8_t *ret_channel)
{
    uint32_t n = 0;
    uint8_t due = 0;

    for (uint32_t i = 0; i < f->n_items; i++)
        if (is_ready(f->items[i], conn))
            due |= f->items[i]->extras_due;
    *ret_channel = (uint8_t)(due & -due); /* all trades first */
    for (uint32_t i = 0; i < f->n_items && n < n_max; i++)
        if (is_ready(f->items[i], conn) && f->items[i]->extras_due & *ret_channel)
            f->symbols[n++] = f->items[i]->public.symbol;
    return n;
}

void extras_toggle(struct feed *f, uint32_t conn, const struct venue_request *request)
{
    uint32_t at = 0;

    f->extras_ids[f->n_extras_ids++ % FEED_EXTRAS_IDS] = (struct feed_ids){ request->id, (uint32_t)request->n };
    for (uint32_t i = 0; i < f->n_items && at < request->n; i++) {
        struct feed_item *item = f->items[i];

        if (item->public.conn != conn || item->public.symbol != f->symbols[at])
            continue;
        at++;
        item->extras_asked ^= request->channels;
        item->extras_due ^= request->channels;
    }
}

/* Does the error answer a request that was for none but these? */
static int is_answer(const struct feed *f, uint64_t request_id)
{
    for (uint32_t i = 0; i < FEED_EXTRAS_IDS && request_id != 0; i++)
        if (request_id >= f->extras_ids[i].first && request_id - f->extras_ids[i].first < f->extras_ids[i].n)
            return 1;
    return 0;
}

/* The next connection asks again; the log has said it. */
int extras_refused(const struct feed *f, struct feed_item *item, const struct md_event *event,
                   const struct feed_input *in)
{
    const char *channel = event->channel == MD_CHANNEL_TRADES ? "trades"
                          : event->channel == MD_CHANNEL_DAY  ? "day"
                                                              : "trades or day";

    if ((event->channel & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY)) == 0 && !is_answer(f, event->request_id))
        return 0;
    if (item && event->channel != 0 && (item->extras_refused & event->channel) == event->channel)
        return 1;
    if (item)
        item->extras_refused |= event->channel;
    log_warn("venue.channel_refused", F_STR("venue", f->options.venue->name), F_U64("conn", in->conn),
             F_STR("symbol", event->symbol), F_STR("channel", channel), F_STR("text", event->text));
    return 1;
}
