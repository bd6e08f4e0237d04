/* SPDX-License-Identifier: MIT
 * Rings of trades and rows of the day: read as they were written, lapped and counted, emptied with their slot, whole
 * after a writer's death, taken over by the next daemon, hostile bytes, a segment without them. */
#include "shm/trade.h"

#include "shm_rig.h"

#include <stdlib.h>
#include <string.h>

#define KEPT 16u /* books_options */

static struct writer *writer;
static struct segment_map map;
static uint32_t slot, generation;

static void slot_take(const char *symbol)
{
    struct hoga_abi_directory_entry entry;

    cr_assert_eq(writer_slot_get(writer, "upbit", symbol, 1, &slot), 0);
    cr_assert_eq(reader_directory(&map, slot, &entry), 0);
    generation = entry.generation;
}

static void begin(void)
{
    set_up();
    writer = writer_new(4);
    writer_ready(writer, 1000);
    cr_assert_eq(map_open(&map), 0);
    slot_take("KRW-BTC");
}

static void end(void)
{
    segment_unmap(&map);
    writer = writer_close(writer);
    tear_down();
}

TestSuite(shm_trade, .init = begin, .fini = end);

/* A trade whose every word follows from its id, so that one made of two shows. */
static struct hoga_abi_trade trade_of(uint64_t id)
{
    return (struct hoga_abi_trade){ .id = id,
                                    .price = (int64_t)(id * 3),
                                    .size = (int64_t)(id * 5),
                                    .venue_ns = (int64_t)(id * 7),
                                    .recv_ns = (int64_t)(id * 11),
                                    .price_decimals = (uint8_t)(id % 19),
                                    .size_decimals = 8,
                                    .side = HOGA_SI_SELL,
                                    .flags = HOGA_TRADE_AFTER_GAP };
}

static void publish(uint64_t first_id, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        struct hoga_abi_trade trade = trade_of(first_id + i);

        writer_trade_publish(writer, slot, &trade);
    }
}

static int read_some(uint64_t *io_next, struct hoga_abi_trade *ret, uint32_t n_max, uint64_t *ret_missed)
{
    return reader_trades(&map, slot, generation, io_next, ret, n_max, ret_missed);
}

Test(shm_trade, trades_come_back_as_they_were_written_oldest_first)
{
    struct hoga_abi_trade trades[KEPT], want;
    uint64_t next = TRADE_FROM_OLDEST, missed = 99;

    cr_assert_eq(map.trades, KEPT);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 0, "none yet");
    cr_assert_eq(next, 1);
    cr_assert_eq(missed, 0);
    books_publish(writer, slot, 5);
    books_publish(writer, slot, 6);
    publish(UINT64_C(18446744073709551615), 1); /* an id above 2^63 */
    publish(40, 4);

    cr_assert_eq(reader_trade_newest(&map, slot), 5);
    cr_assert_eq(read_some(&next, trades, 3, &missed), 3);
    cr_assert_eq(next, 4);
    cr_assert_eq(missed, 0);
    cr_assert_eq(trades[0].id, UINT64_MAX);
    cr_assert_eq(trades[0].seq, 2);
    cr_assert_eq(trades[0].update, 3, "it follows the newest copy of its book: one empty, two published");
    want = trade_of(41);
    want.seq = 6;
    want.update = 3;
    want.generation = generation;
    cr_assert_eq(memcmp(&trades[2], &want, sizeof want), 0);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 2);
    cr_assert_eq(trades[1].id, 43);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 0);
    next = TRADE_FROM_LAST;
    cr_assert_eq(read_some(&next, trades, 2, &missed), 2);
    cr_assert_eq(trades[0].id, 42);
    next = TRADE_FROM_LAST;
    cr_assert_eq(read_some(&next, NULL, 0, NULL), 0);
    cr_assert_eq(next, 6, "from now on");
}

Test(shm_trade, who_is_lapped_knows_by_how_many)
{
    struct hoga_abi_trade trades[2 * KEPT];
    uint64_t next = TRADE_FROM_OLDEST, missed;

    publish(1, 3);
    cr_assert_eq(read_some(&next, trades, 2 * KEPT, &missed), 3);
    publish(4, KEPT + 7);
    cr_assert_eq(read_some(&next, trades, 2 * KEPT, &missed), (int)KEPT);
    cr_assert_eq(missed, 7);
    cr_assert_eq(trades[0].id, 11);
    cr_assert_eq(trades[KEPT - 1].id, KEPT + 10);
    publish(100, 1000);
    cr_assert_eq(read_some(&next, trades, 1, &missed), 1);
    cr_assert_eq(missed, 1000 - KEPT);
    next = TRADE_FROM_OLDEST;
    cr_assert_eq(read_some(&next, trades, 2 * KEPT, &missed), (int)KEPT);
    cr_assert_eq(missed, 0, "who begins has missed nothing");
}

Test(shm_trade, a_slot_given_away_takes_no_trade_along)
{
    struct hoga_abi_trade trades[KEPT];
    struct hoga_abi_day day = { .known = 1u << HOGA_FACT_LAST, .fact = { 7 } };
    uint32_t old_generation = generation, old_slot = slot;
    uint64_t next = TRADE_FROM_OLDEST, missed;

    publish(1, 5);
    writer_day_publish(writer, slot, &day);
    writer_slot_free(writer, slot, 2);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), -ESTALE, "dropped");
    cr_assert_eq(next, TRADE_FROM_OLDEST, "a failure changes nothing");
    cr_assert_eq(reader_day(&map, slot, &day), 0);
    cr_assert_eq(day.generation, 0);
    slot_take("KRW-ETH");
    cr_assert_eq(slot, old_slot);
    cr_assert_eq(reader_trades(&map, slot, old_generation, &next, trades, KEPT, &missed), -ESTALE);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 0, "the new one has none of the old one's");
    cr_assert_eq(next, 6);
    cr_assert_eq(reader_day(&map, slot, &day), 0);
    cr_assert_eq(day.generation, generation);
    cr_assert_eq(day.known, 0);
    cr_assert_eq(writer_trade_has(writer, slot, 5), 0);
    publish(90, 2);
    next = TRADE_FROM_OLDEST;
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 2);
    cr_assert_eq(trades[0].id, 90);
    cr_assert_eq(missed, 0);
}

Test(shm_trade, the_next_daemon_goes_on_and_knows_what_was_shown)
{
    struct hoga_abi_trade trades[KEPT];
    uint64_t next = TRADE_FROM_OLDEST, last, missed;
    int64_t last_ns;

    publish(1, KEPT + 4);
    cr_assert_eq(read_some(&next, trades, 2, &missed), 2);
    writer = writer_close(writer);
    writer = writer_new(4);
    cr_assert(writer_was_adopted(writer));
    writer_ready(writer, 2000);

    slot_take("KRW-BTC");
    cr_assert_eq(writer_trade_last(writer, slot, &last, &last_ns), 1);
    cr_assert_eq(last, KEPT + 4);
    cr_assert_eq(last_ns, 7 * (KEPT + 4));
    cr_assert_eq(writer_trade_has(writer, slot, 5), 1);
    cr_assert_eq(writer_trade_has(writer, slot, 4), 0, "overwritten before");
    publish(500, 1);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), (int)KEPT - 1);
    cr_assert_eq(trades[KEPT - 2].id, 500);
    cr_assert_eq(trades[KEPT - 2].seq, 2 * (KEPT + 5), "numbers count on");
}

/* As a daemon leaves it that is killed in the middle of the trade after the newest: the oldest one's place. */
Test(shm_trade, a_trade_left_half_written_costs_the_one_that_was_there)
{
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_TRADE];
    struct hoga_abi_trade trades[KEPT];
    uint64_t next = TRADE_FROM_OLDEST, missed, odd = 2 * 1 | 1, price = 666;
    off_t at = (off_t)(region->offset + slot * region->stride + sizeof(struct hoga_abi_ring) + 1 * region->item_size);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    publish(1, KEPT);
    cr_assert_eq(pwrite(fd, &odd, 8, at), 8);
    cr_assert_eq(pwrite(fd, &price, 8, at + 16), 8);
    (void)close(fd);

    cr_assert_eq(read_some(&next, trades, KEPT, &missed), (int)KEPT - 1);
    cr_assert_eq(trades[0].id, 2);
    next = 1;
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), (int)KEPT - 1);
    cr_assert_eq(missed, 1);
    writer = writer_close(writer);
    writer = writer_new(4);
    cr_assert(writer_was_adopted(writer));
    next = TRADE_FROM_OLDEST;
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), (int)KEPT - 1);
    cr_assert_eq(trades[KEPT - 2].id, KEPT);
}

/* As a daemon leaves it that is killed while it gives a slot up, before the name is gone. */
Test(shm_trade, a_slot_given_up_by_half_is_its_names_again)
{
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_TRADE];
    struct hoga_abi_trade trades[KEPT];
    struct hoga_abi_day day;
    uint64_t next = TRADE_FROM_OLDEST, missed, nobody = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    publish(1, 3);
    writer = writer_close(writer);
    cr_assert_eq(pwrite(fd, &nobody, 8, (off_t)(region->offset + slot * region->stride + 8)), 8);
    (void)close(fd);
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), -ESTALE);
    writer = writer_new(4);
    cr_assert(writer_was_adopted(writer));
    cr_assert_eq(read_some(&next, trades, KEPT, &missed), 3);
    cr_assert_eq(reader_day(&map, slot, &day), 0);
    cr_assert_eq(day.generation, generation);
}

Test(shm_trade, the_day_is_one_whole_row)
{
    struct hoga_abi_day day = { .known = 1u << HOGA_FACT_CHANGE | 1u << HOGA_FACT_LOW,
                                .period = HOGA_PE_DAY,
                                .last_ns = 3 },
                        got;

    day.fact[HOGA_FACT_CHANGE] = -5;
    day.decimals[HOGA_FACT_CHANGE] = 2;
    day.decimals[HOGA_FACT_LOW] = 19; /* no decimals that can be */
    for (uint64_t i = 0; i < 10; i++)
        writer_day_publish(writer, slot, &day);
    cr_assert_eq(reader_day(&map, slot, &got), 0);
    cr_assert_eq(got.known, 1u << HOGA_FACT_CHANGE);
    cr_assert_eq(got.fact[HOGA_FACT_CHANGE], -5);
    cr_assert_eq(got.last_ns, 3);
    cr_assert_eq(got.seq, 2 * reader_day_newest(&map, slot));
    cr_assert_eq(reader_day(&map, 99, &got), -ERANGE);
}

Test(shm_trade, hostile_bytes_lead_nowhere)
{
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_TRADE];
    struct hoga_abi_trade trades[KEPT];
    uint8_t *image = aligned_alloc(HOGA_PAGE_SIZE, map.size);
    struct segment_map copy = map;

    cr_assert_not_null(image);
    publish(1, KEPT + 3);
    for (uint64_t newest = UINT64_MAX - 40; newest != 40; newest++) {
        static const uint64_t begins[] = { TRADE_FROM_OLDEST, TRADE_FROM_LAST, 1, UINT64_MAX - 1 };

        memcpy(image, map.base, map.size);
        memcpy(image + region->offset + slot * region->stride, &newest, sizeof newest);
        copy.base = image;
        for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
            uint64_t next = begins[i], missed;
            int r = reader_trades(&copy, slot, generation, &next, trades, KEPT, &missed);

            cr_assert(r <= (int)KEPT && (r >= 0 || r == -EAGAIN), "%d", r);
        }
    }
    free(image);
}

/* A number of trades that is no power of two, or beyond the limits, is a damaged file. */
Test(shm_trade, a_ring_of_an_impossible_size_is_refused)
{
    struct segment_layout layout = { .books_max = 2, .depth = 1, .connections_max = 1, .trades = KEPT, .has_day = 1 };
    struct hoga_abi_region regions[SEGMENT_KIND_LAST];
    struct hoga_abi_header header;
    struct segment_map got;
    uint8_t *image;

    cr_assert_eq(segment_layout_fill(&layout, &header, regions), 0);
    header.state = HOGA_SEGMENT_READY;
    image = aligned_alloc(HOGA_PAGE_SIZE, header.size);
    cr_assert_not_null(image);
    for (uint64_t n = 0; n <= 2 * KEPT; n++) {
        memset(image, 0, header.size);
        for (uint32_t i = 0; i < header.region_count; i++) {
            if (regions[i].kind == HOGA_REGION_TRADE) {
                regions[i].stride = sizeof(struct hoga_abi_ring) + n * regions[i].item_size;
                regions[i].count = 1;
            }
        }
        memcpy(image, &header, sizeof header);
        memcpy(image + header.region_offset, regions, sizeof regions);
        cr_assert_eq(segment_check(image, header.size, &got, &problem),
                     n == KEPT       ? 0
                     : n == 2 * KEPT ? 0
                                     : -EBADMSG,
                     "%llu", (unsigned long long)n);
    }
    free(image);
    for (uint32_t n = 0; n < 3; n++) {
        static const uint32_t bad[] = { 8, 48, 8192 };

        layout.trades = bad[n];
        cr_assert_eq(segment_layout_fill(&layout, &header, regions), -EINVAL);
    }
}

Test(shm_trade, without_the_regions_there_is_nothing)
{
    struct segment_map without = map;
    struct hoga_abi_trade trade;
    struct hoga_abi_day day;
    uint64_t next = 0;

    without.region[HOGA_REGION_TRADE] = (struct hoga_abi_region){ 0 };
    without.region[HOGA_REGION_DAY] = (struct hoga_abi_region){ 0 };
    without.trades = 0;
    cr_assert_eq(reader_trades(&without, slot, generation, &next, &trade, 1, NULL), -ERANGE);
    cr_assert_eq(reader_trade_newest(&without, slot), 0);
    cr_assert_eq(reader_day(&without, slot, &day), -ERANGE);
    cr_assert_eq(reader_day_newest(&without, slot), 0);
}
