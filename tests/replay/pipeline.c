/* SPDX-License-Identifier: MIT
 * The whole road in one process: inputs as a connection gives them, Upbit's own decoder, a real segment, a reader. */
#include "replay_rig.h"

#include "core/log.h"

#include <criterion/criterion.h>
#include <string.h>

#define CONN   5u /* not 0: indices are the daemon's, not the feed's */
#define SECOND 1000000000ll

struct scene {
    struct replay_place place;
    struct writer *writer;
    struct segment_map map;
    struct feed *feed;
    struct pipeline *pipeline;
    const struct venue *venue;
    int64_t now_ns;
    uint32_t n_watched;
    enum book_step step;
};

static void on_message(void *context, const struct feed_input *in, const struct venue *venue, const char *symbol,
                       enum book_step step, enum reason reason, const struct book *book)
{
    struct scene *s = context;

    (void)in;
    (void)venue;
    (void)symbol;
    (void)reason;
    (void)book;
    s->n_watched++;
    s->step = step;
}

static void scene_begin_as(struct scene *s, const char *venue, uint32_t books_max)
{
    struct feed_options options = {
        .first_conn = CONN, .books_max = 8, .levels_max = 60, .port = { .send = replay_send }
    };
    struct pipeline_options pipeline = { .watch = on_message, .watch_context = s };

    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    *s = (struct scene){ .now_ns = 1000 * SECOND, .venue = venue_find(venue) };
    cr_assert_eq(replay_place_make(&s->place), 0);
    cr_assert_eq(replay_writer_open(&s->place, books_max, 2, 128, &s->writer), 0);
    writer_ready(s->writer, 1);
    cr_assert_eq(replay_map(&s->place, &s->map), 0);
    options.venue = s->venue;
    pipeline.writer = s->writer;
    cr_assert_eq(feed_new(&options, &s->feed), 0);
    cr_assert_eq(pipeline_new(&pipeline, &s->pipeline), 0);
    cr_assert_eq(pipeline_feed_add(s->pipeline, s->feed, s->venue, SOURCE_SIMULATOR, CONN, 4), 0);
}

static void scene_begin(struct scene *s, uint32_t books_max)
{
    scene_begin_as(s, "upbit", books_max);
}

static void scene_end(struct scene *s)
{
    s->pipeline = pipeline_free(s->pipeline);
    s->feed = feed_free(s->feed);
    segment_unmap(&s->map);
    s->writer = writer_close(s->writer);
    cr_expect_eq(replay_place_remove(&s->place), 0, "%s is left behind", s->place.folder);
    cr_expect_null(pipeline_free(NULL));
}

static void want(struct scene *s, const char *const *symbols, size_t n)
{
    cr_assert_eq(feed_symbols_set(s->feed, symbols, n, s->now_ns), 0);
    pipeline_settle(s->pipeline, s->now_ns);
}
#define WANT(s, ...)                                                                                                   \
    want((s), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void happen_at(struct scene *s, enum feed_input_kind kind, const char *url, const char *bytes)
{
    struct feed_input in = { .kind = kind,
                             .url = url,
                             .conn = CONN,
                             .recv_ns = s->now_ns,
                             .now_boot_ns = s->now_ns,
                             .bytes = bytes,
                             .bytes_size = bytes ? strlen(bytes) : 0 };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CONNECTION_LOST;
    s->now_ns += SECOND;
    pipeline_feed(s->pipeline, &in);
}

static void happen(struct scene *s, enum feed_input_kind kind, const char *bytes)
{
    happen_at(s, kind, NULL, bytes);
}

#define BOOK(symbol, ask, bid)                                                                                         \
    "{\"type\":\"orderbook\",\"code\":\"" symbol "\",\"timestamp\":5000,\"orderbook_units\":[{\"ask_price\":" ask      \
    ",\"bid_price\":" bid ",\"ask_size\":0.5,\"bid_size\":0.25},{\"ask_price\":900,\"bid_price\":2,\"ask_size\":1,"    \
    "\"bid_size\":1},{\"ask_price\":901,\"bid_price\":1,\"ask_size\":1,\"bid_size\":1}],\"stream_type\":\"SNAPSHOT\"}"

static struct hoga_abi_book_head head_of(struct scene *s, const char *symbol)
{
    struct hoga_abi_book_head head = { 0 };
    struct feed_book *fb = feed_book_find(s->feed, symbol);

    cr_assert_not_null(fb);
    cr_assert_lt(fb->slot, FEED_SLOT_FULL);
    cr_assert_eq(reader_book_head(&s->map, fb->slot, &head), 0);
    return head;
}

static void expect_counters(struct scene *s, const char *words)
{
    char name[40];
    unsigned value;
    int used;

    for (; sscanf(words, "%39[a-z_]=%u%n", name, &value, &used) == 2; words += used, words += *words == ' ')
        for (uint32_t i = 0; i < COUNTER_COUNT; i++)
            if (strcmp(counter_names[i], name) == 0)
                cr_expect_eq(writer_counter_value(s->writer, i), value, "%s is %u, not %u", name,
                             (unsigned)writer_counter_value(s->writer, i), value);
    cr_assert_eq(*words, '\0');
}

Test(pipeline, a_frame_becomes_a_book_that_a_reader_sees)
{
    struct hoga_abi_level bids[2], asks[2];
    struct hoga_abi_book_head head;
    struct hoga_abi_histogram delay;
    struct scene s;

    scene_begin(&s, 4);
    WANT(&s, "KRW-BTC", "KRW-ETH");
    head = head_of(&s, "KRW-BTC");
    cr_expect_eq(head.state, HOGA_ST_SYNCING);
    cr_expect_eq(head.reason, HOGA_RE_QUEUED);
    happen(&s, FEED_INPUT_OPEN, NULL);
    happen(&s, FEED_INPUT_TX, NULL);
    cr_expect_eq(head_of(&s, "KRW-BTC").reason, HOGA_RE_AWAITING_SNAPSHOT);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101.5", "100"));

    cr_assert_eq(reader_book(&s.map, feed_book_find(s.feed, "KRW-BTC")->slot, &head, bids, asks, 2), 0);
    cr_expect_eq(head.state, HOGA_ST_LIVE);
    cr_expect_eq(head.reason, HOGA_RE_NONE);
    cr_expect_eq(head.source, HOGA_SO_SIMULATOR);
    cr_expect_eq(head.proof, (uint8_t)s.venue->proof);
    cr_expect_eq(head.connection, CONN);
    cr_expect_eq(head.price_decimals, 1);
    cr_expect_eq(head.size_decimals, 2);
    cr_expect_eq(head.n_bids, 2, "the depth of the segment");
    cr_expect_eq(head.bid_price, 1000);
    cr_expect_eq(head.ask_price, 1015);
    cr_expect_eq(asks[1].price, 9000);
    cr_expect_eq(bids[0].size, 25);
    cr_expect_eq(head.n_applied, 1);
    cr_expect_eq(head.venue_ns, 5 * SECOND);
    cr_expect_eq(head.recv_ns, s.now_ns - SECOND);
    cr_expect_eq(head.changed_boot_ns, s.now_ns - SECOND);
    cr_expect_eq(head_of(&s, "KRW-ETH").state, HOGA_ST_SYNCING);
    cr_assert_eq(reader_histogram(&s.map, 1, &delay), 0);
    cr_expect_str_eq(delay.name, "venue_to_recv");
    cr_expect_str_eq(delay.venue, "upbit");
    cr_expect_eq(delay.count, 1);
    expect_counters(&s, "frames=1 books_applied=1 connects=1 requests_sent=1 frames_refused=0");
    scene_end(&s);
}

Test(pipeline, what_is_refused_or_foreign_changes_no_levels_and_is_counted)
{
    struct hoga_abi_book_head head;
    struct scene s;

    scene_begin(&s, 4);
    WANT(&s, "KRW-BTC");
    happen(&s, FEED_INPUT_OPEN, NULL);
    happen(&s, FEED_INPUT_TX, NULL);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101", "100"));
    happen(&s, FEED_INPUT_RX, "{\"type\":\"orderbook\"");
    cr_expect_eq(s.step, BOOK_REFUSED);
    happen(&s, FEED_INPUT_RX, "{\"status\":\"UP\"}");
    happen(&s, FEED_INPUT_RX, BOOK("KRW-NOT", "101", "100"));
    cr_expect_eq(head_of(&s, "KRW-BTC").state, HOGA_ST_LIVE, "the next message is a whole book anyway");
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101.5", "9223372036854775807"));
    head = head_of(&s, "KRW-BTC");
    cr_expect_eq(head.state, HOGA_ST_FAILED);
    cr_expect_eq(head.reason, HOGA_RE_NUMBER_RANGE);
    cr_expect_eq(head.bid_price, 100, "the last verified levels stay");
    cr_expect_eq(head.n_applied, 1);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101", "102"));
    head = head_of(&s, "KRW-BTC");
    cr_expect_eq(head.state, HOGA_ST_CROSSED);
    cr_expect_eq(head.bid_price, 102);
    happen(&s, FEED_INPUT_RX, "{\"error\":{\"name\":\"NO_CODES\",\"message\":\"no\"}}");
    cr_expect_eq(feed_connection(s.feed, CONN)->reason, REASON_REQUEST_REFUSED);
    happen(&s, FEED_INPUT_HTTP, "[]");
    expect_counters(&s, "frames=7 frames_refused=1 number_range=1 crossed=1 symbols_unknown=1 frames_ignored=1 "
                        "venue_errors=1 books_applied=2");
    cr_expect_eq(s.n_watched, 4);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101", "1e-30"));
    cr_expect_eq(head_of(&s, "KRW-BTC").state, HOGA_ST_FAILED,
                 "a level is missing: right as the rest is, it is not live");
    expect_counters(&s, "levels_left_out=1 books_applied=3");
    scene_end(&s);
}

Test(pipeline, a_lost_connection_invalidates_its_books_by_one_store)
{
    struct hoga_abi_connection_entry row;
    struct hoga_abi_connection_live live;
    struct hoga_abi_book_head before, after;
    struct scene s;
    uint32_t slot;

    scene_begin(&s, 4);
    WANT(&s, "KRW-BTC");
    slot = feed_book_find(s.feed, "KRW-BTC")->slot;
    happen(&s, FEED_INPUT_OPEN, NULL);
    happen(&s, FEED_INPUT_TX, NULL);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-BTC", "101", "100"));
    before = head_of(&s, "KRW-BTC");
    cr_assert_eq(reader_connection_live(&s.map, CONN, &live), 0);
    cr_expect_geq(before.connection_update, live.valid_from);
    cr_expect_eq(live.heard_boot_ns, (uint64_t)(s.now_ns - SECOND));
    happen(&s, FEED_INPUT_CLOSE, NULL);

    after = head_of(&s, "KRW-BTC");
    cr_expect_eq(after.seq, before.seq, "the book itself is not published again");
    cr_assert_eq(reader_connection_live(&s.map, CONN, &live), 0);
    cr_expect_lt(after.connection_update, live.valid_from);
    cr_assert_eq(reader_connection(&s.map, CONN, &row), 0);
    cr_expect_eq(row.state, HOGA_ST_DOWN);
    cr_expect_eq(row.reason, HOGA_RE_CONNECTION_LOST);
    cr_expect_str_eq(row.venue, "upbit");
    cr_expect_eq(row.n_books, 1);

    happen(&s, FEED_INPUT_OPEN, NULL);
    after = head_of(&s, "KRW-BTC");
    cr_expect_eq(after.state, HOGA_ST_SYNCING);
    cr_expect_eq(after.bid_price, 100);
    cr_assert_eq(reader_connection_live(&s.map, CONN, &live), 0);
    cr_expect_geq(after.connection_update, live.valid_from, "what is said from here on counts");
    expect_counters(&s, "connects=2 disconnects=1");
    cr_expect_eq(feed_book_find(s.feed, "KRW-BTC")->slot, slot);
    scene_end(&s);
}

Test(pipeline, deadlines_pass_by_ticks_and_slots_follow_the_wanted_set)
{
    struct hoga_abi_directory_entry entry;
    struct scene s;
    uint32_t slot;

    scene_begin(&s, 2);
    WANT(&s, "KRW-A", "KRW-B", "KRW-C");
    expect_counters(&s, "directory_full=1");
    happen(&s, FEED_INPUT_OPEN, NULL);
    happen(&s, FEED_INPUT_TX, NULL);
    happen(&s, FEED_INPUT_RX, BOOK("KRW-C", "101", "100"));
    s.now_ns += 11 * SECOND;
    happen(&s, FEED_INPUT_TICK, NULL);
    cr_expect_eq(head_of(&s, "KRW-A").state, HOGA_ST_FAILED);
    cr_expect_eq(head_of(&s, "KRW-A").reason, HOGA_RE_NO_SNAPSHOT);
    expect_counters(&s, "no_snapshot=2 directory_full=1");

    slot = feed_book_find(s.feed, "KRW-A")->slot;
    WANT(&s, "KRW-B", "KRW-C");
    cr_assert_eq(reader_directory(&s.map, slot, &entry), 0);
    cr_expect_str_eq(entry.symbol, "KRW-C", "the book that found no room has it now");
    cr_expect_eq(head_of(&s, "KRW-C").state, HOGA_ST_LIVE);
    cr_expect_eq(head_of(&s, "KRW-C").bid_price, 100);
    scene_end(&s);
}

#define DIFF(first, last, bid)                                                                                         \
    "{\"e\":\"depthUpdate\",\"E\":1672515782136,\"s\":\"BNBBTC\",\"U\":" first ",\"u\":" last ",\"b\":[" bid           \
    "],\"a\":[]}"
#define DEPTH(last) "{\"lastUpdateId\":" last ",\"bids\":[[\"7\",\"1\"]],\"asks\":[[\"9\",\"1\"]]}"

/* What is verified is shown with its levels, whatever else the same bytes let happen. */
Test(pipeline, a_fetched_snapshot_is_shown_though_all_that_waited_was_older)
{
    static const char url[] = "http://rest/api/v3/depth?symbol=BNBBTC&limit=1000";
    struct hoga_abi_book_head head;
    struct scene s;

    scene_begin_as(&s, "binance", 4);
    WANT(&s, "BNBBTC");
    happen(&s, FEED_INPUT_OPEN, NULL);
    happen(&s, FEED_INPUT_TX, NULL);
    happen(&s, FEED_INPUT_RX, DIFF("5", "6", "[\"3\",\"1\"]"));
    happen_at(&s, FEED_INPUT_HTTP, url, DEPTH("2"));
    head = head_of(&s, "BNBBTC");
    cr_expect_eq(head.reason, HOGA_RE_SNAPSHOT_TOO_OLD, "4 is missing between them");
    cr_expect_eq(head.n_bids, 0);
    happen_at(&s, FEED_INPUT_HTTP, url, DEPTH("6"));
    head = head_of(&s, "BNBBTC");
    cr_expect_eq(head.state, HOGA_ST_LIVE);
    cr_expect_eq(head.bid_price, 7);
    cr_expect_eq(head.recv_ns, s.now_ns - SECOND);
    happen(&s, FEED_INPUT_RX, DIFF("7", "7", "[\"8\",\"1\"]"));
    cr_expect_eq(head_of(&s, "BNBBTC").bid_price, 8);
    scene_end(&s);
}
