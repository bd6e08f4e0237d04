/* SPDX-License-Identifier: MIT
 * Snapshots by REST: one queue a feed, because a feed has one address and the venue's budget is the address's. A book
 * that wants one waits for its turn; an answer that was of no use is asked for again, later each time. */
#include "feed/feed_private.h"

#include "book/sync.h"
#include "core/log.h"

#include <errno.h>
#include <string.h>

#define MINUTE_NS           60000000000ll
#define REST_RETRY_FIRST_MS 500
#define REST_RETRY_SOON_MS  1200 /* at most between two of the first so many; then it takes longer */
#define REST_RETRY_SOON     64
#define REST_RETRY_MAX_MS   60000
#define REST_SLACK_MS       200   /* for the way there, and the venue's own clock */
#define REST_CLOSED_MS      60000 /* refused without a Retry-After */
#define REST_FLIGHT_MS_MAX  30000 /* an answer that never came, beyond the port's own deadline */

int feed_uses_rest(const struct feed *f)
{
    return f->options.venue->snapshot_path != NULL && f->options.port.get != NULL;
}

/* The one place where a book begins or ceases to wait for a snapshot; `after_boot_ns` matters where it is wanted. */
static void rest_set(struct feed *f, struct feed_item *item, enum feed_rest rest, int64_t after_boot_ns)
{
    f->n_rest += (rest != REST_NONE) - (item->needs_rest != REST_NONE);
    item->needs_rest = (uint8_t)rest;
    if (rest != REST_WANTED)
        return;
    item->rest_after_boot_ns = after_boot_ns;
    if (after_boot_ns < f->rest_first_boot_ns)
        f->rest_first_boot_ns = after_boot_ns;
}

void rest_want(struct feed *f, struct feed_item *item, int64_t after_ms)
{
    int64_t after_boot_ns = f->now_boot_ns + after_ms * FEED_NS_PER_MS;

    if (!feed_uses_rest(f) || item->needs_rest == REST_FLYING)
        return;
    if (item->needs_rest == REST_NONE || after_boot_ns < item->rest_after_boot_ns)
        rest_set(f, item, REST_WANTED, after_boot_ns);
    deed_keep(f, item, 1);
}

void rest_forget(struct feed *f, struct feed_item *item)
{
    deed_keep(f, item, 0);
    rest_set(f, item, REST_NONE, 0);
    item->n_rest_failures = 0;
    for (uint32_t i = 0; i < FEED_REST_FLIGHTS; i++)
        if (f->flights[i].item == item)
            f->flights[i].item = NULL;
}

/* What one snapshot weighs; budgets are counted in these. */
static uint32_t unit_weight(const struct feed *f)
{
    const struct venue *venue = f->options.venue;

    return venue->snapshot_weight ? venue->snapshot_weight(f->options.depth) : venue->limits.rest_weight;
}

/* So many requests in any window, whatever they weigh. A heavy one counts as several: on the safe side. */
static int window_has_room(const struct feed *f)
{
    const struct venue_limits *limits = &f->options.venue->limits;
    uint64_t n_max = limits->rest_per_window;

    return n_max == 0 || f->spent->n < n_max ||
           f->now_boot_ns - f->spent->boot_ns[(f->spent->n - n_max) % FEED_SPENT_RING] >
               (limits->rest_window_ms + REST_SLACK_MS) * FEED_NS_PER_MS;
}

/* Would as much as so many more snapshots stay inside the budget of every minute? */
static int budget_has_room(const struct feed *f, uint64_t n)
{
    const struct venue_limits *limits = &f->options.venue->limits;
    uint32_t weight = unit_weight(f);
    uint64_t n_max;

    if (!window_has_room(f))
        return 0;
    if (limits->rest_per_minute == 0 || weight == 0)
        return 1;
    n_max = limits->rest_per_minute / weight;
    n_max = n_max < FEED_SPENT_RING ? n_max : FEED_SPENT_RING;
    return f->spent->n + n <= n_max ||
           f->now_boot_ns - f->spent->boot_ns[(f->spent->n + n - 1 - n_max) % FEED_SPENT_RING] >
               MINUTE_NS + REST_SLACK_MS * FEED_NS_PER_MS;
}

int rest_budget_take(struct feed *f, uint32_t weight)
{
    uint32_t unit = unit_weight(f);
    uint32_t n = unit > 0 ? (weight + unit - 1) / unit : 0;

    if (f->now_boot_ns < f->spent->closed_until_boot_ns || !budget_has_room(f, n))
        return 0;
    for (uint32_t i = 0; i < n; i++)
        f->spent->boot_ns[f->spent->n++ % FEED_SPENT_RING] = f->now_boot_ns;
    return 1;
}

int rest_has_half(const struct feed *f)
{
    uint32_t weight = unit_weight(f);

    return budget_has_room(f, weight > 0 ? f->options.venue->limits.rest_per_minute / weight / 2 + 1 : 1);
}

/* Nobody waits for a snapshot, and half of the budget is left: time for what can wait. */
int rest_is_idle(const struct feed *f)
{
    return f->n_rest == 0 && f->now_boot_ns >= f->spent->closed_until_boot_ns && rest_has_half(f);
}

static struct feed_flight *flight_free(struct feed *f)
{
    for (uint32_t i = 0; i < FEED_REST_FLIGHTS; i++) {
        struct feed_flight *flight = &f->flights[i];

        if (!flight->is_used || f->now_boot_ns - flight->since_boot_ns > REST_FLIGHT_MS_MAX * FEED_NS_PER_MS)
            return flight;
    }
    return NULL;
}

/* Soon, while half of the budget is left: a book is to be live within 2 s of REST being well. Ever later where the
 * venue says that there is nothing (status 4xx), or for too long. */
static void retry_later(struct feed *f, struct feed_item *item, uint32_t status)
{
    int is_soon = item->n_rest_failures < REST_RETRY_SOON && (status < 400 || status >= 500) && rest_has_half(f);
    int64_t max_ms = is_soon ? REST_RETRY_SOON_MS : REST_RETRY_MAX_MS;

    rest_set(f, item, REST_WANTED,
             f->now_boot_ns +
                 feed_spread_ms(item, item->n_rest_failures++, REST_RETRY_FIRST_MS, max_ms) * FEED_NS_PER_MS);
}

static void flight_begin(struct feed *f, struct feed_flight *flight, struct feed_item *item)
{
    const struct venue *venue = f->options.venue;
    struct text url;
    int r;

    text_init(&url, flight->url, sizeof(flight->url));
    text_add_string(&url, f->options.rest_url ? f->options.rest_url : venue->rest_url);
    r = venue->snapshot_path(&url, item->public.symbol, f->options.depth);
    if (r == -ENOENT) { /* no snapshot of such an instrument: what the venue pushes is all there is */
        rest_set(f, item, REST_NONE, 0);
        deed_keep(f, item, 0);
        return;
    }
    if (r < 0 || url.cut) {
        log_err("feed.rest_url_too_long", F_STR("venue", venue->name), F_STR("symbol", item->public.symbol));
        rest_set(f, item, REST_NONE, 0);
        return;
    }
    f->spent->boot_ns[f->spent->n++ % FEED_SPENT_RING] = f->now_boot_ns;
    flight->item = item;
    flight->is_used = 1;
    flight->since_boot_ns = f->now_boot_ns;
    rest_set(f, item, REST_FLYING, 0);
    if (f->options.port.get(f->options.port.context, item->public.conn, flight->url) < 0) {
        flight->is_used = 0;
        flight->item = NULL;
        retry_later(f, item, 0);
    }
}

/* While the budget is spent the books that wait for it say so. */
static void say_budget(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    struct book_view view;

    book_view(item->public.book, &view);
    if (view.verdict.state != STATE_SYNCING || view.verdict.reason == REASON_BUDGET)
        return;
    if (book_verdict_set(item->public.book, STATE_SYNCING, REASON_BUDGET, now_ns))
        feed_book_mark(f, item);
}

/* One book that waits. Returns: when it is to be looked at again; what waits for others is looked at in every tick. */
static int64_t rest_look(struct feed *f, struct feed_item *item, int64_t now_ns)
{
    struct feed_flight *flight;

    if (f->now_boot_ns < item->rest_after_boot_ns)
        return item->rest_after_boot_ns;
    if (!feed_line_of(f, item)->is_open)
        return 0;
    if (f->now_boot_ns < f->spent->closed_until_boot_ns || !budget_has_room(f, 1)) {
        say_budget(f, item, now_ns);
        return 0;
    }
    flight = flight_free(f);
    if (!flight)
        return 0;
    flight_begin(f, flight, item);
    return item->needs_rest == REST_WANTED ? item->rest_after_boot_ns : INT64_MAX;
}

/* Nobody waits, or the first who does waits for a time: then no book is loaded for it. */
void rest_tick(struct feed *f, int64_t now_ns)
{
    if (!feed_uses_rest(f) || f->n_rest == 0 || f->now_boot_ns < f->rest_first_boot_ns)
        return;
    f->rest_first_boot_ns = INT64_MAX;
    for (uint32_t i = 0; i < f->n_items; i++) {
        int64_t due_boot_ns = f->items[i]->needs_rest == REST_WANTED ? rest_look(f, f->items[i], now_ns) : INT64_MAX;

        if (due_boot_ns < f->rest_first_boot_ns)
            f->rest_first_boot_ns = due_boot_ns;
    }
}

/* Whatever the answer, it is asked for again, unless what is made of it shows that it was good: rest_forget then. */
void rest_answered(struct feed *f, const struct feed_input *in)
{
    for (uint32_t i = 0; i < FEED_REST_FLIGHTS; i++) {
        struct feed_flight *flight = &f->flights[i];
        struct feed_item *item = flight->item;

        if (!flight->is_used || !in->url || strcmp(flight->url, in->url) != 0)
            continue;
        flight->is_used = 0;
        flight->item = NULL;
        if (item)
            retry_later(f, item, in->http_status);
        break;
    }
    if (in->http_status == 429 || in->http_status == 418 || in->http_status == 403) {
        int64_t wait_ns = in->aux_ns > 0 ? in->aux_ns : REST_CLOSED_MS * FEED_NS_PER_MS;

        f->spent->closed_until_boot_ns = f->now_boot_ns + wait_ns;
        log_warn("rest.refused", F_STR("venue", f->options.venue->name), F_U64("status", in->http_status),
                 F_I64("wait_ms", wait_ns / FEED_NS_PER_MS));
    } else if (in->http_status != 200 && in->http_status != 400 && in->http_status != 404) {
        log_warn("rest.failed", F_STR("venue", f->options.venue->name), F_U64("status", in->http_status));
    }
}
