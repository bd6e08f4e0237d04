/* SPDX-License-Identifier: MIT
 * fuzz_venue.c - every adapter, and the books its events make. The first byte of an input picks the venue, the second
 * what each message is; messages are separated by a byte 0xff. What must hold: events lie inside their frame, symbols
 * can be shown, a refused message leaves nothing, a book is sorted, above zero and inside its limits, and the straight
 * road through a message says what the general one does. */
#include "book/book.h"
#include "book/sync.h"
#include "oracle.h"
#include "tests/support/frame_same.h"
#include "venue/catalogue.h"
#include "venue/venue.h"

#include <string.h>

#define LEVELS_MAX 24

static struct md_frame *frame, *general;
static char longer[1 << 20];

static void side_is_sound(const struct md_level *levels, uint32_t n, int is_bid)
{
    FUZZ_CHECK(n <= LEVELS_MAX);
    for (uint32_t i = 0; i < n; i++) {
        FUZZ_CHECK(levels[i].price > 0 && levels[i].size > 0);
        FUZZ_CHECK(i == 0 || (is_bid ? levels[i].price < levels[i - 1].price : levels[i].price > levels[i - 1].price));
    }
}

static void extras_are_sound(const struct md_event *e)
{
    FUZZ_CHECK((uint64_t)e->trades + e->n_trades <= frame->n_trades);
    for (uint32_t i = 0; i < e->n_trades; i++) {
        const struct md_trade *trade = &frame->trades[e->trades + i];

        FUZZ_CHECK(trade->price >= 0 && trade->size >= 0 && trade->side <= MD_SIDE_SELL);
        FUZZ_CHECK(trade->price_decimals <= MD_DECIMALS_MAX && trade->size_decimals <= MD_DECIMALS_MAX);
    }
    FUZZ_CHECK(e->bid_total_decimals <= MD_DECIMALS_MAX && e->ask_total_decimals <= MD_DECIMALS_MAX);
    if (e->kind != MD_DAY)
        return;
    FUZZ_CHECK(e->symbol[0] && e->day < frame->n_days && frame->days[e->day].known < 1u << MD_FACT_COUNT);
    for (int i = 0; i < MD_FACT_COUNT; i++)
        FUZZ_CHECK(frame->days[e->day].decimals[i] <= MD_DECIMALS_MAX);
}

static void event_is_sound(const struct md_event *e)
{
    FUZZ_CHECK(memchr(e->symbol, '\0', sizeof(e->symbol)) != NULL);
    FUZZ_CHECK(memchr(e->text, '\0', sizeof(e->text)) != NULL);
    for (const char *c = e->symbol; *c; c++)
        FUZZ_CHECK(*c > ' ' && *c <= '~');
    extras_are_sound(e);
    if (e->kind != MD_BOOK || e->number_range)
        return;
    FUZZ_CHECK(e->symbol[0]);
    FUZZ_CHECK((uint64_t)e->bids + e->n_bids <= frame->n_bids);
    FUZZ_CHECK((uint64_t)e->asks + e->n_asks <= frame->n_asks);
    FUZZ_CHECK(e->price_decimals <= MD_DECIMALS_MAX && e->size_decimals <= MD_DECIMALS_MAX);
}

static void events_apply(const struct venue *venue, struct book *book, const struct feed_input *in)
{
    for (uint32_t i = 0; i < frame->n_events; i++) {
        const struct md_event *e = &frame->event[i];
        struct book_view view;
        enum book_step step;

        event_is_sound(e);
        if (e->kind != MD_BOOK)
            continue;
        if (e->depth > 0 && venue->truncates)
            book_depth_set(book, e->depth);
        (void)sync_apply(venue, book, e, frame, in);
        while (sync_next(venue, book, in, &step))
            ;
        (void)book_is_shallow(book, 5);
        book_view(book, &view);
        side_is_sound(view.bids, view.n_bids, 1);
        side_is_sound(view.asks, view.n_asks, 0);
    }
}

static int message_decode(const struct venue *venue, unsigned what, const char *bytes, size_t size,
                          enum feed_input_kind *ret)
{
    *ret = FEED_INPUT_RX;
    if (what == 1 && venue->decode_http) {
        *ret = FEED_INPUT_HTTP;
        return venue->decode_http(
            "https://x/order_book?symbol=A&instId=A&contract=A&currency_pair=A&limit=5/depth?/market/books?", bytes,
            size, frame);
    }
    if (what == 2 && venue->decode_tx) {
        *ret = FEED_INPUT_TX;
        return venue->decode_tx(bytes, size, frame);
    }
    return venue->decode(bytes, size, frame);
}

/* A blank behind the first brace puts the message on the general road: what that makes of it must be the same. */
static void roads_agree(const struct venue *venue, const char *bytes, size_t size, int result)
{
    if (size == 0 || size >= sizeof(longer) || *bytes != '{')
        return;
    longer[0] = '{';
    longer[1] = ' ';
    memcpy(longer + 2, bytes + 1, size - 1);
    FUZZ_CHECK(venue->decode(longer, size + 1, general) == result);
    FUZZ_CHECK(frame_same(frame, general, venue->has_digits));
}

static void text_is_sound(const char *text, size_t size)
{
    size_t used = strnlen(text, size);

    FUZZ_CHECK(used < size);
    for (size_t at = 0, n; at < used; at += n)
        FUZZ_CHECK((n = text_utf8_size(text + at, used - at)) > 0);
}

/* Every part of the venue's list, read to its end or to what is wrong with it. */
static void list_read(const struct venue *venue, const char *bytes, size_t size)
{
    for (uint32_t i = 0; venue->catalogue && i < venue->catalogue->n_parts; i++) {
        struct catalogue_scan cs;
        struct md_instrument in;
        int r = catalogue_begin(&cs, &venue->catalogue->parts[i], bytes, size);

        while (r >= 0 && (r = catalogue_next(&cs, &in)) > 0) {
            FUZZ_CHECK(in.symbol[0] && strlen(in.symbol) < sizeof(in.symbol));
            FUZZ_CHECK(in.n_ticks <= MD_TICKS_MAX && in.n_groups <= MD_GROUPS_MAX);
            FUZZ_CHECK(in.lot.decimals <= MD_DECIMALS_MAX && in.lot.mantissa >= 0);
            text_is_sound(in.name_korean, sizeof(in.name_korean));
            text_is_sound(in.cautions, sizeof(in.cautions));
            text_is_sound(in.status, sizeof(in.status));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed_input in = { .kind = FEED_INPUT_RX };
    const struct venue *venue;
    struct book_options options = { .levels_max = LEVELS_MAX };
    struct book *book;
    unsigned n_venues = 0;
    const uint8_t *end = data + size;

    while (venue_at(n_venues))
        n_venues++;
    if (size < 2 || (!frame && (md_frame_new(&frame) < 0 || md_frame_new(&general) < 0)))
        return 0;
    venue = venue_at(data[0] % n_venues);
    options.has_digits = venue->has_digits;
    options.goes_on = data[1] >> 7;
    options.buffer_size = venue->join != VENUE_JOIN_NONE ? 4096 : 0;
    if (book_new(&options, &book) < 0)
        return 0;
    for (const uint8_t *at = data + 2; at < end;) {
        const uint8_t *stop = memchr(at, 0xff, (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        int r;

        md_frame_reset(frame);
        r = message_decode(venue, n > 0 ? (data[1] ^ *at) % 4 : 0, (const char *)at, n, &in.kind);
        FUZZ_CHECK(r == 0 || (frame->n_events == 0 && frame->n_bids == 0 && frame->n_asks == 0));
        if (in.kind == FEED_INPUT_RX)
            roads_agree(venue, (const char *)at, n, r);
        list_read(venue, (const char *)at, n);
        in.recv_ns++;
        in.now_boot_ns++;
        if (r == 0)
            events_apply(venue, book, &in);
        at += n + 1;
    }
    book = book_free(book);
    return 0;
}
