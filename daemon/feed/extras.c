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

uint32_t feed_extras_connection(const struct feed *f)
{
    uint32_t n = f->options.n_conns;

    return f->options.is_replay || venue_book_connections(f->options.venue, n) == n || !f->lines[n - 1]
               ? FEED_CONN_NONE
               : feed_conn(f, n - 1);
}

/* Where those of a book are asked for. */
static uint32_t connection_of(const struct feed *f, const struct feed_item *item)
{
    uint32_t apart = feed_extras_connection(f);

    return apart != FEED_CONN_NONE ? apart : item->public.conn;
}

static void reset(const struct feed *f, struct feed_item *item)
{
    int is_additive = !f->options.venue->limits.request_replaces_all && !f->options.is_replay;

    item->extras_asked = 0;
    item->extras_due = is_additive ? item->channels & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY) : 0;
}

void extras_begin(const struct feed *f, struct feed_item *item)
{
    item->channels = venue_symbol_channels(item->public.symbol,
                                           MD_CHANNEL_BOOK | (f->options.channels & f->options.venue->channels));
    reset(f, item);
}

void extras_forget(const struct feed *f, struct feed_item *item)
{
    if (feed_extras_connection(f) == FEED_CONN_NONE)
        reset(f, item);
}

void extras_line_forget(struct feed *f, uint32_t line)
{
    for (uint32_t i = 0; feed_conn(f, line) == feed_extras_connection(f) && i < f->n_items; i++)
        reset(f, f->items[i]);
}

int extras_are_wanted(const struct feed *f)
{
    for (uint32_t i = 0; i < f->n_items; i++)
        if (f->items[i]->channels & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY) && f->items[i]->phase != PHASE_UNSENDABLE)
            return 1;
    return 0;
}

void extras_ask(struct feed *f, const struct feed_item *item)
{
    if (item->extras_due)
        f->lines[feed_index(f, connection_of(f, item))]->needs_request = 1;
}

static int is_ready(const struct feed *f, const struct feed_item *item, uint32_t conn)
{
    return connection_of(f, item) == conn && item->is_at_venue && (item->phase == PHASE_FED || item->is_confirmed);
}

/* How many more topics the connection at extras_path may carry; on one of books there is room for those of its books.
 */
static uint32_t room(const struct feed *f, uint32_t conn)
{
    uint32_t n_max = f->options.venue->limits.topics_per_connection, n = 0;

    if (n_max == 0 || conn != feed_extras_connection(f))
        return UINT32_MAX;
    for (uint32_t i = 0; i < f->n_items; i++)
        n += (uint32_t)__builtin_popcount(f->items[i]->extras_asked);
    return n < n_max ? n_max - n : 0;
}

uint32_t extras_collect(struct feed *f, uint32_t conn, uint32_t n_max, uint8_t *ret_channel)
{
    uint32_t n = 0, left = room(f, conn);
    uint8_t due = 0;

    n_max = n_max < left ? n_max : left;

    for (uint32_t i = 0; i < f->n_items; i++)
        if (is_ready(f, f->items[i], conn))
            due |= f->items[i]->extras_due;
    *ret_channel = (uint8_t)(due & -due); /* all trades first */
    for (uint32_t i = 0; i < f->n_items && n < n_max; i++)
        if (is_ready(f, f->items[i], conn) && f->items[i]->extras_due & *ret_channel)
            f->symbols[n++] = f->items[i]->public.symbol;
    return n;
}

void extras_toggle(struct feed *f, uint32_t conn, const struct venue_request *request)
{
    uint32_t at = 0;

    f->extras_ids[f->n_extras_ids++ % FEED_EXTRAS_IDS] = (struct feed_ids){ request->id, (uint32_t)request->n };
    for (uint32_t i = 0; i < f->n_items && at < request->n; i++) {
        struct feed_item *item = f->items[i];

        if (connection_of(f, item) != conn || item->public.symbol != f->symbols[at])
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

    if ((event->channel & (MD_CHANNEL_TRADES | MD_CHANNEL_DAY)) == 0 && !is_answer(f, event->request_id) &&
        in->conn != feed_extras_connection(f))
        return 0;
    if (item && event->channel != 0 && (item->extras_refused & event->channel) == event->channel)
        return 1;
    if (item)
        item->extras_refused |= event->channel;
    log_warn("venue.channel_refused", F_STR("venue", f->options.venue->name), F_U64("conn", in->conn),
             F_STR("symbol", event->symbol), F_STR("channel", channel), F_STR("text", event->text));
    return 1;
}
