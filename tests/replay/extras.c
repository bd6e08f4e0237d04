/* SPDX-License-Identifier: MIT
 * Trades and the day down the whole road in one process: Upbit's own decoder, a real segment, a reader; what is shown
 * twice, what a reconnect hides, and that no book is the worse for any of it. */
#include "replay_rig.h"

#include "core/log.h"
#include "shm/trade.h"

#include <criterion/criterion.h>
#include <string.h>

#define SECOND 1000000000ll
#define KEPT   16u

struct scene {
    struct replay_place place;
    struct writer *writer;
    struct segment_map map;
    struct feed *feed;
    struct pipeline *pipeline;
    int64_t now_ns;
    uint64_t next; /* of the reader */
};

static void input(struct scene *s, enum feed_input_kind kind, const char *text)
{
    struct feed_input in = { .kind = kind, .recv_ns = s->now_ns, .now_boot_ns = s->now_ns, .bytes = text };

    if (kind == FEED_INPUT_CLOSE)
        in.state = STATE_DOWN, in.reason = REASON_CLOSED_BY_VENUE;
    in.bytes_size = text ? strlen(text) : 0;
    pipeline_feed(s->pipeline, &in);
}

/* A daemon's life on the segment that may be there already. */
static void life_begin(struct scene *s, uint8_t channels)
{
    static const char *const symbols[] = { "KRW-BTC" };
    struct feed_options options = { .venue = venue_find("upbit"),
                                    .books_max = 2,
                                    .levels_max = 60,
                                    .channels = channels,
                                    .port = { .send = replay_send } };
    struct pipeline_options pipeline = { 0 };

    cr_assert_eq(replay_writer_open(&s->place, 2, 2, KEPT, &s->writer), 0);
    writer_ready(s->writer, 1);
    pipeline.writer = s->writer;
    cr_assert_eq(feed_new(&options, &s->feed), 0);
    cr_assert_eq(pipeline_new(&pipeline, &s->pipeline), 0);
    cr_assert_eq(pipeline_feed_add(s->pipeline, s->feed, options.venue, SOURCE_SIMULATOR, 0, 4), 0);
    cr_assert_eq(feed_symbols_set(s->feed, symbols, 1, s->now_ns), 0);
    pipeline_settle(s->pipeline, s->now_ns);
    input(s, FEED_INPUT_OPEN, NULL);
}

static void life_end(struct scene *s)
{
    s->pipeline = pipeline_free(s->pipeline);
    s->feed = feed_free(s->feed);
    s->writer = writer_close(s->writer);
}

static void scene_begin(struct scene *s, uint8_t channels)
{
    log_set_level((enum log_level)(LOG_LEVEL_ERR - 1));
    *s = (struct scene){ .now_ns = 1000 * SECOND, .next = TRADE_FROM_OLDEST };
    cr_assert_eq(replay_place_make(&s->place), 0);
    life_begin(s, channels);
    cr_assert_eq(replay_map(&s->place, &s->map), 0);
}

static void scene_end(struct scene *s)
{
    segment_unmap(&s->map);
    life_end(s);
    cr_expect_eq(replay_place_remove(&s->place), 0, "%s is left behind", s->place.folder);
}

static void trade(struct scene *s, uint64_t id, const char *price, int64_t ms, const char *stream)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "{\"ty\":\"trade\",\"cd\":\"KRW-BTC\",\"tms\":1,\"ttms\":%lld,\"tp\":%s,\"tv\":1E-8,\"ab\":\"BID\","
                   "\"pcp\":90,\"sid\":%llu,\"st\":\"%s\"}",
                   (long long)ms, price, (unsigned long long)id, stream);
    input(s, FEED_INPUT_RX, text);
}

/* "id" or "id!" (others may be missing before it) of what is new to the reader. */
static const char *shown(struct scene *s, uint64_t missed_expected)
{
    static char text[1024];
    struct hoga_abi_trade trades[KEPT];
    struct hoga_abi_directory_entry entry;
    uint64_t missed = 0;
    int n;

    cr_assert_eq(reader_directory(&s->map, 0, &entry), 0);
    n = reader_trades(&s->map, 0, entry.generation, &s->next, trades, KEPT, &missed);
    text[0] = '\0';
    for (int i = 0; i < n; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%llu%s", i ? " " : "",
                       (unsigned long long)trades[i].id, trades[i].flags & HOGA_TRADE_AFTER_GAP ? "!" : "");
    cr_expect_eq(missed, missed_expected);
    return text;
}

static uint64_t counted(const struct scene *s, enum counter counter)
{
    return writer_counter_value(s->writer, counter);
}

Test(extras, a_trade_is_shown_once_and_a_reconnect_says_what_may_be_missing)
{
    struct scene s;

    scene_begin(&s, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    trade(&s, 7, "100", 1, "SNAPSHOT");
    trade(&s, 9, "101", 2, "REALTIME");
    trade(&s, 8, "102", 2, "REALTIME"); /* ids need not rise */
    trade(&s, 9, "101", 2, "REALTIME");
    cr_expect_str_eq(shown(&s, 0), "7! 9 8");
    cr_expect_eq(counted(&s, COUNTER_TRADES), 3);
    cr_expect_eq(counted(&s, COUNTER_TRADES_REPEATED), 1);
    /* Back before anything was traded: nothing is missing. */
    input(&s, FEED_INPUT_CLOSE, NULL);
    input(&s, FEED_INPUT_OPEN, NULL);
    trade(&s, 8, "102", 2, "SNAPSHOT");
    trade(&s, 10, "103", 3, "REALTIME");
    cr_expect_str_eq(shown(&s, 0), "10");
    /* Back after more was: the last of them came as the snapshot. */
    input(&s, FEED_INPUT_CLOSE, NULL);
    input(&s, FEED_INPUT_OPEN, NULL);
    trade(&s, 20, "104", 4, "SNAPSHOT");
    trade(&s, 21, "105", 5, "REALTIME");
    cr_expect_str_eq(shown(&s, 0), "20! 21");
    for (uint64_t id = 100; id < 100 + KEPT + 5; id++)
        trade(&s, id, "106", 6, "REALTIME");
    cr_expect_str_eq(shown(&s, 5), "105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120");
    /* The next daemon on the same file. */
    life_end(&s);
    life_begin(&s, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    trade(&s, 120, "106", 6, "SNAPSHOT");
    trade(&s, 121, "107", 7, "REALTIME");
    cr_expect_str_eq(shown(&s, 0), "121");
    scene_end(&s);
}

Test(extras, the_day_is_put_together_from_all_that_say_something_of_it)
{
    struct scene s;
    struct hoga_abi_day day;

    scene_begin(&s, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    input(&s, FEED_INPUT_RX,
          "{\"ty\":\"ticker\",\"cd\":\"KRW-BTC\",\"tp\":100,\"pcp\":90,\"hp\":110,\"ttms\":5,\"tms\":6,\"scp\":10}");
    input(
        &s, FEED_INPUT_RX,
        "{\"ty\":\"orderbook\",\"cd\":\"KRW-BTC\",\"tms\":1,\"tas\":3.5,\"tbs\":4,\"obu\":[{\"ap\":2,\"bp\":1,\"as\":1,"
        "\"bs\":1}],\"st\":\"SNAPSHOT\",\"lv\":0}");
    trade(&s, 1, "88.5", 6, "REALTIME");
    cr_assert_eq(reader_day(&s.map, 0, &day), 0);
    cr_expect_eq(day.known, 1u << HOGA_FACT_LAST | 1u << HOGA_FACT_PREVIOUS_CLOSE | 1u << HOGA_FACT_CHANGE |
                                1u << HOGA_FACT_HIGH | 1u << HOGA_FACT_BID_TOTAL | 1u << HOGA_FACT_ASK_TOTAL);
    cr_expect_eq(day.fact[HOGA_FACT_LAST], 885);
    cr_expect_eq(day.fact[HOGA_FACT_CHANGE], -15);
    cr_expect_eq(day.decimals[HOGA_FACT_CHANGE], 1);
    cr_expect_eq(day.fact[HOGA_FACT_ASK_TOTAL], 35);
    cr_expect_eq(day.totals_update, reader_book_newest(&s.map, 0));
    cr_expect_eq(day.last_ns, 6000000);
    cr_expect_eq(day.venue_ns, 6000000);
    /* A snapshot of before is a trade, and no news of the day. */
    trade(&s, 2, "1", 3, "SNAPSHOT");
    cr_assert_eq(reader_day(&s.map, 0, &day), 0);
    cr_expect_eq(day.fact[HOGA_FACT_LAST], 885);
    scene_end(&s);
}

Test(extras, what_was_not_asked_for_is_not_shown)
{
    struct scene s;
    struct hoga_abi_day day;

    scene_begin(&s, 0);
    trade(&s, 1, "88.5", 6, "REALTIME");
    input(&s, FEED_INPUT_RX, "{\"ty\":\"ticker\",\"cd\":\"KRW-BTC\",\"tp\":100}");
    input(&s, FEED_INPUT_RX, "{\"ty\":\"ticker\",\"cd\":\"KRW-ETH\",\"tp\":100}");
    cr_expect_str_eq(shown(&s, 0), "");
    cr_assert_eq(reader_day(&s.map, 0, &day), 0);
    cr_expect_eq(day.known, 0);
    scene_end(&s);
}

Test(extras, no_book_is_better_or_worse_for_a_trade)
{
    struct scene s;
    struct hoga_abi_book_head head;
    uint64_t update;

    scene_begin(&s, MD_CHANNEL_TRADES | MD_CHANNEL_DAY);
    update = reader_book_newest(&s.map, 0);
    trade(&s, 1, "88.5", 6, "REALTIME");
    trade(&s, 2, "1e40", 6, "REALTIME");
    input(&s, FEED_INPUT_RX, "{\"ty\":\"ticker\",\"cd\":\"KRW-BTC\",\"tp\":100}");
    cr_expect_eq(counted(&s, COUNTER_TRADES_LEFT_OUT), 1);
    cr_expect_eq(reader_book_newest(&s.map, 0), update);
    cr_assert_eq(reader_book_head(&s.map, 0, &head), 0);
    cr_expect_eq(head.state, HOGA_ST_SYNCING);
    cr_expect_eq(head.n_applied, 0);
    scene_end(&s);
}
