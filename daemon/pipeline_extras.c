/* SPDX-License-Identifier: MIT
 * Trades and facts of the day: what a venue sends beside the books. Nothing here reads or changes a book, its verdict,
 * a deadline or a request: a book is as good without them. Nothing allocates, locks or waits. */
#include "pipeline_private.h"

#include "core/log.h"
#include "publish/publish.h"
#include "shm/trade.h"

#include <string.h>

static void day_publish(struct pipeline *p, const struct feed_book *fb)
{
    if (!writer_has_day(p->options.writer))
        return;
    publish_day(p->options.writer, fb->slot, &fb->day);
    pipeline_count(p, COUNTER_DAYS, 1);
}

/* Was it shown before? A connection may begin with trades of the past, and a message may come twice. */
static int trade_is_old(const struct pipeline *p, const struct route *route, const struct feed_book *fb,
                        const struct md_trade *trade, int is_snapshot)
{
    const struct writer *w = p->options.writer;
    uint64_t last_id;
    int64_t last_ns;

    if (is_snapshot && writer_trade_last(w, fb->slot, &last_id, &last_ns)) {
        if (route->venue->trade_ids == VENUE_TRADE_IDS_NONE || trade->id == 0)
            return trade->venue_ns <= last_ns;
        if (route->venue->trade_ids == VENUE_TRADE_IDS_RISING && trade->id <= last_id)
            return 1;
    }
    return route->venue->trade_ids != VENUE_TRADE_IDS_NONE && trade->id != 0 &&
           writer_trade_has(w, fb->slot, trade->id);
}

/* One opening of one connection: what it brings is in order and without a gap. */
static uint64_t opening_of(const struct route *route, uint32_t conn)
{
    return (uint64_t)(conn + 1) << 40 | feed_connection(route->feed, conn)->n_connects;
}

/* The trade shown last has come on this opening, too: what follows it there is all there was. So it is while one
 * connection takes over from another, and when a new one begins with the trades of before. */
static void opening_joins(const struct pipeline *p, struct feed_book *fb, const struct md_trade *trade,
                          uint64_t opening)
{
    uint64_t last_id;
    int64_t last_ns;

    if (fb->trades_of[0] == opening || fb->trades_of[1] == opening || trade->id == 0 ||
        !writer_trade_last(p->options.writer, fb->slot, &last_id, &last_ns) || last_id != trade->id)
        return;
    fb->trades_of[1] = fb->trades_of[0];
    fb->trades_of[0] = opening;
}

/* Returns 1 if it was shown. */
static int trade_take(struct pipeline *p, const struct route *route, struct feed_book *fb, const struct md_trade *trade,
                      int is_snapshot, const struct feed_input *in)
{
    uint64_t opening = opening_of(route, in->conn);
    int is_joined = fb->trades_of[0] == opening || fb->trades_of[1] == opening;

    if (trade_is_old(p, route, fb, trade, is_snapshot)) {
        pipeline_count(p, COUNTER_TRADES_REPEATED, 1);
        if (route->venue->trade_ids != VENUE_TRADE_IDS_NONE)
            opening_joins(p, fb, trade, opening);
        return 0;
    }
    publish_trade(p->options.writer, fb->slot, trade, !is_joined, in->recv_ns);
    if (!is_joined) {
        fb->trades_of[0] = opening;
        fb->trades_of[1] = 0;
    }
    pipeline_count(p, COUNTER_TRADES, 1);
    return 1;
}

/* The instrument of an event that asks for nothing, or NULL. */
static struct feed_book *book_known(struct pipeline *p, const struct route *route, const struct md_event *event,
                                    enum md_channel channel, int64_t now_ns)
{
    struct feed_book *fb = feed_book_find(route->feed, event->symbol);

    if (!fb || !p->options.writer || !(feed_channels(route->feed, fb) & channel)) {
        pipeline_count(p, COUNTER_FRAMES_IGNORED, 1);
        return NULL;
    }
    return pipeline_slot_get(p, route, fb, now_ns) ? fb : NULL;
}

void pipeline_trades(struct pipeline *p, const struct route *route, const struct md_event *event,
                     const struct feed_input *in)
{
    const struct md_trade *trades = p->frame->trades + event->trades;
    struct feed_book *fb = book_known(p, route, event, MD_CHANNEL_TRADES, in->recv_ns);
    int changed = 0;

    if (event->n_left_out > 0) {
        pipeline_count(p, COUNTER_TRADES_LEFT_OUT, event->n_left_out);
        log_warn("trades.left_out", F_STR("venue", route->venue->name), F_STR("symbol", event->symbol));
    }
    if (!fb || writer_trades(p->options.writer) == 0)
        return;
    /* Without ids, what two connections bring while one takes over cannot be told apart. */
    if (route->venue->trade_ids == VENUE_TRADE_IDS_NONE && route->source != SOURCE_REPLAY && in->conn != fb->conn)
        return;
    for (uint32_t i = 0; i < event->n_trades; i++)
        if (trade_take(p, route, fb, &trades[i], event->is_snapshot, in))
            changed |= day_trade(&fb->day, &trades[i]);
    if (changed)
        day_publish(p, fb);
}

void pipeline_day(struct pipeline *p, const struct route *route, const struct md_event *event,
                  const struct feed_input *in)
{
    struct feed_book *fb = book_known(p, route, event, MD_CHANNEL_DAY, in->recv_ns);

    if (fb && day_take(&fb->day, &p->frame->days[event->day], in->recv_ns))
        day_publish(p, fb);
}

void pipeline_totals(struct pipeline *p, struct feed_book *fb, const struct md_event *event)
{
    if (fb->slot < FEED_SLOT_FULL && day_totals(&fb->day, event, writer_book_update(p->options.writer, fb->slot)))
        day_publish(p, fb);
}
