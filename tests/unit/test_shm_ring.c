/* SPDX-License-Identifier: MIT
 * Writer and reader on one segment: books, verdicts, slots, rows, counters, the ring's edges. */
#include "shm/reader.h"
#include "shm/seqlock.h"
#include "shm/writer.h"

#include "tests/stress/books.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[64], path[SEGMENT_PATH_SIZE];
static struct writer *writer;
static struct segment_map map;

/* books.h without books.c: this program links one layer. */
static int map_open(void)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r = segment_map_reader(fd, &map, NULL);

    (void)close(fd);
    return r;
}

static void set_up(void)
{
    struct writer_options options;

    books_folder_init(folder, path);
    options = books_options(path, 4);
    cr_assert_eq(writer_open(&options, &writer, NULL), 0);
    writer_ready(writer, 1000);
    cr_assert_eq(map_open(), 0);
}

static void tear_down(void)
{
    static const char *const suffixes[] = { "", ".lock", ".wake", ".new" };

    writer = writer_close(writer);
    segment_unmap(&map);
    for (size_t i = 0; i < 4; i++) {
        char name[SEGMENT_PATH_SIZE + 8];

        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    (void)rmdir(folder);
}

TestSuite(shm_ring, .init = set_up, .fini = tear_down);

Test(shm_ring, what_is_published_is_what_is_read)
{
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    uint32_t slot;

    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 5, &slot), 0);
    for (uint64_t number = 1; number <= 100; number++) {
        books_publish(writer, slot, number);

        cr_assert_eq(reader_book(&map, slot, &head, bids, asks, BOOKS_DEPTH), 0);
        cr_assert_eq(head.n_applied, number);
        cr_assert_eq(head.seq, 2 * (number + 1), "the empty copy was the first");
        cr_assert_eq(reader_book_newest(&map, slot), number + 1);
        cr_assert(books_is_whole(&head, bids, asks));
        cr_assert_eq(reader_book_head(&map, slot, &head), 0);
        cr_assert_eq(head.bid_price, 1000000);
        cr_assert_eq(head.epoch, 1);
    }
    memset(bids, 0x55, sizeof bids);
    books_publish(writer, slot, 7);
    cr_assert_eq(reader_book(&map, slot, &head, bids, asks, 1), 0);
    cr_assert_eq(bids[0].price, 1000000);
    cr_assert_eq(bids[1].price, 0x5555555555555555, "no more than was asked for is touched");
}

Test(shm_ring, a_daemon_without_the_second_index_is_read_by_its_rings)
{
    struct segment_map older = map;
    struct hoga_abi_book_head head, older_head;
    uint32_t slot;

    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 5, &slot), 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-ETH", 5, &slot), 0);
    for (int n = 0; n < 3; n++) {
        older.region[HOGA_REGION_NEWEST] = map.region[HOGA_REGION_NEWEST];
        older.region[HOGA_REGION_NEWEST].count = (uint64_t)n; /* also one too short for all books */
        books_publish(writer, slot, (uint64_t)n + 1);

        cr_assert_eq(reader_book_newest(&older, slot), (uint64_t)n + 2);
        cr_assert_eq(reader_book_newest(&map, slot), (uint64_t)n + 2);
        cr_assert_eq(reader_book_head(&older, slot, &older_head), 0);
        cr_assert_eq(reader_book_head(&map, slot, &head), 0);
        cr_assert_eq(memcmp(&head, &older_head, sizeof head), 0);
    }
}

Test(shm_ring, absent_levels_are_zero_in_the_file)
{
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    struct hoga_abi_book_head head = { .n_bids = BOOKS_DEPTH, .n_asks = BOOKS_DEPTH };
    const struct hoga_abi_region *region = &map.region[HOGA_REGION_BOOK];
    uint32_t slot;

    for (uint32_t i = 0; i < BOOKS_DEPTH; i++)
        bids[i] = asks[i] = (struct hoga_abi_level){ i + 1, i + 1 };
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 5, &slot), 0);
    for (int i = 0; i < 20; i++)
        writer_book_publish(writer, slot, &head, bids, asks);
    head.n_bids = 2;
    head.n_asks = 0;
    for (uint32_t i = 0; i < HOGA_COPIES; i++)
        writer_book_publish(writer, slot, &head, bids, asks);

    for (uint32_t copy = 0; copy < HOGA_COPIES; copy++) {
        const int64_t *word =
            (const int64_t *)(const void *)(map.base + region->offset + slot * region->stride +
                                            seqlock_copy_offset(copy, HOGA_COPIES, region->item_size) + sizeof head);

        for (uint32_t i = 0; i < 4 * BOOKS_DEPTH; i++)
            cr_assert_eq(word[i], i < 4 ? i / 2 + 1 : 0, "copy %u word %u: %ld", copy, i, (long)word[i]);
    }
}

Test(shm_ring, verdict_keeps_the_levels)
{
    const struct hoga_abi_book_head verdict = {
        .state = HOGA_ST_GAP,
        .reason = HOGA_RE_SEQUENCE_GAP,
        .proof = 1,
        .source = 2,
        .connection = 3,
        .since_ns = 4,
        .publish_ns = 5,
        .connection_update = 6,
        .n_bids = 9,
    };
    struct hoga_abi_book_head head;
    struct hoga_abi_level bids[BOOKS_DEPTH], asks[BOOKS_DEPTH];
    uint32_t slot;

    writer_verdict_publish(writer, 3, &verdict); /* a slot that never had a copy */
    cr_assert_eq(reader_book_head(&map, 3, &head), 0);
    cr_assert_eq(head.n_bids, 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 5, &slot), 0);
    books_publish(writer, slot, 77);
    writer_verdict_publish(writer, slot, &verdict);

    cr_assert_eq(reader_book(&map, slot, &head, bids, asks, BOOKS_DEPTH), 0);
    cr_assert(books_is_whole(&head, bids, asks));
    cr_assert_eq(head.state, HOGA_ST_GAP);
    cr_assert_eq(head.reason, HOGA_RE_SEQUENCE_GAP);
    cr_assert_eq(head.proof, 1);
    cr_assert_eq(head.source, 2);
    cr_assert_eq(head.connection, 3);
    cr_assert_eq(head.since_ns, 4);
    cr_assert_eq(head.publish_ns, 5);
    cr_assert_eq(head.connection_update, 6);
    cr_assert_eq(head.n_applied, 77);
}

Test(shm_ring, a_slot_given_away_moves_its_generation_and_is_empty_first)
{
    struct hoga_abi_directory_entry first, second;
    struct hoga_abi_book_head head;
    char venue[HOGA_VENUE_SIZE], symbol[HOGA_SYMBOL_SIZE];
    char long_name[HOGA_SYMBOL_SIZE + 1];
    struct reader_live before, after;
    uint32_t slot, same;

    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    reader_live(&map, &before);
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 5, &slot), 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-BTC", 6, &same), 0);
    cr_assert_eq(slot, same);
    cr_assert_eq(reader_directory(&map, slot, &first), 0);
    cr_assert_eq(first.used, 1);
    cr_assert_str_eq(first.venue, "upbit");
    cr_assert_eq(first.since_ns, 5);
    cr_assert_neq(first.generation, 0);
    books_publish(writer, slot, 9);
    writer_slot_free(writer, slot, 7);
    writer_slot_free(writer, slot, 7);
    cr_assert_eq(writer_slot_name(writer, slot, venue, symbol), 0);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.reason, HOGA_RE_DROPPED);
    cr_assert_eq(head.n_bids, 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "KRW-ETH", 8, &same), 0);
    cr_assert_eq(slot, same);
    cr_assert_eq(reader_directory(&map, slot, &second), 0);
    cr_assert_eq(second.generation, first.generation + 1);
    cr_assert_eq(reader_book_head(&map, slot, &head), 0);
    cr_assert_eq(head.generation, second.generation);
    cr_assert_eq(head.state, HOGA_ST_EMPTY);
    cr_assert_eq(writer_slot_name(writer, slot, venue, symbol), 1);
    cr_assert_str_eq(symbol, "KRW-ETH");
    reader_live(&map, &after);
    cr_assert_eq(after.directory_version, before.directory_version + 3);

    cr_assert_eq(writer_slot_get(writer, "upbit", "B", 8, &same), 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "C", 8, &same), 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "D", 8, &same), 0);
    cr_assert_eq(writer_slot_get(writer, "upbit", "E", 8, &same), -ENOSPC);
    cr_assert_eq(writer_slot_get(writer, "upbit", long_name, 8, &same), -ENAMETOOLONG);
    cr_assert_eq(writer_slot_get(writer, "a venue with a long name", "E", 8, &same), -ENAMETOOLONG);
    cr_assert_eq(writer_slot_get(writer, "", "E", 8, &same), -EINVAL);
    cr_assert_eq(writer_slot_get(writer, "upbit", "", 8, &same), -EINVAL);
    cr_assert_eq(writer_books_max(writer), 4);
    cr_assert_eq(writer_depth(writer), BOOKS_DEPTH);
}

Test(shm_ring, indices_beyond_the_map_are_refused)
{
    struct hoga_abi_directory_entry entry;
    struct hoga_abi_book_head head;
    struct hoga_abi_connection_entry row;
    struct hoga_abi_connection_live live;
    struct hoga_abi_counter counter;
    struct hoga_abi_histogram histogram;

    cr_assert_eq(reader_directory(&map, 4, &entry), -ERANGE);
    cr_assert_eq(reader_directory(&map, 0, &entry), -ENODATA);
    cr_assert_eq(reader_book_head(&map, 4, &head), -ERANGE);
    cr_assert_eq(reader_book_head(&map, 0, &head), -ENODATA);
    cr_assert_eq(reader_book(&map, 4, &head, NULL, NULL, 0), -ERANGE);
    cr_assert_eq(reader_book(&map, 0, &head, NULL, NULL, 0), -ENODATA);
    cr_assert_eq(reader_book_newest(&map, 4), 0);
    cr_assert_eq(reader_connection(&map, 2, &row), -ERANGE);
    cr_assert_eq(reader_connection(&map, 0, &row), -ENODATA);
    cr_assert_eq(reader_connection_live(&map, 2, &live), -ERANGE);
    cr_assert_eq(reader_counter(&map, 2, &counter), -ERANGE);
    cr_assert_eq(reader_histogram(&map, 2, &histogram), -ERANGE);
}

Test(shm_ring, rows_counters_and_live_words_arrive)
{
    struct hoga_abi_connection_entry row = { .venue = "upbit", .used = 1, .state = HOGA_ST_LIVE, .n_connects = 3 }, got;
    struct hoga_abi_connection_live words;
    struct hoga_abi_counter counter;
    struct reader_live live;
    char version[READER_VERSION_SIZE];

    writer_connection_publish(writer, 1, &row);
    writer_connection_valid_from(writer, 1, 11);
    writer_connection_heard(writer, 1, 12);
    writer_counter_add(writer, 1, 5);
    writer_counter_add(writer, 1, 5);
    writer_counter_set(writer, 0, 99);
    writer_blind_ms_set(writer, 1500);
    writer_heartbeat(writer, 2000);

    cr_assert_eq(reader_connection(&map, 1, &got), 0);
    cr_assert_eq(got.seq, 2);
    cr_assert_eq(got.n_connects, 3);
    cr_assert_str_eq(got.venue, "upbit");
    cr_assert_eq(reader_connection_live(&map, 1, &words), 0);
    cr_assert_eq(words.valid_from, 11);
    cr_assert_eq(words.heard_boot_ns, 12);
    cr_assert_eq(reader_counter(&map, 1, &counter), 0);
    cr_assert_eq(counter.value, 10);
    cr_assert_eq(writer_counter_value(writer, 0), 99);
    cr_assert_str_eq(counter.name, "books");
    cr_assert_str_eq(counter.unit, "copies");
    reader_live(&map, &live);
    cr_assert_eq(live.blind_ms_max, 1500);
    cr_assert_eq(live.heartbeat_boot_ns, 2000);
    cr_assert_eq(live.state, HOGA_SEGMENT_READY);
    cr_assert_eq(live.daemon_state, HOGA_DAEMON_RUNNING);
    cr_assert_eq(live.epoch, 1);
    cr_assert_eq(live.source, HOGA_SO_SIMULATOR);
    cr_assert_eq(live.pid, (uint64_t)getpid());
    reader_daemon_version(&map, version);
    cr_assert_str_eq(version, "stress");
}

Test(shm_ring, histogram_buckets_are_where_the_header_says)
{
    struct hoga_abi_histogram h;
    uint64_t n = 0;

    writer_histogram_name(writer, 1, "upbit", "recv_to_publish");
    for (uint32_t b = 0; b < HOGA_HISTOGRAM_BUCKETS; b++) {
        uint64_t from = b < 8 ? b : ((uint64_t)(8 + b % 8) << (b / 8 + 2)) / 8;

        writer_histogram_record(writer, 1, from);
        if (b > 0)
            writer_histogram_record(writer, 1, from - 1); /* the last of the bucket before */
        n += b > 0 ? 2 : 1;
    }
    writer_histogram_record(writer, 1, UINT64_MAX / 2);

    cr_assert_eq(reader_histogram(&map, 1, &h), 0);
    for (uint32_t b = 0; b < HOGA_HISTOGRAM_BUCKETS; b++)
        cr_assert_eq(h.bucket[b], 2, "bucket %u: %lu", b, (unsigned long)h.bucket[b]);
    cr_assert_eq(h.count, n + 1);
    cr_assert_eq(h.max_ns, UINT64_MAX / 2);
    cr_assert_str_eq(h.name, "recv_to_publish");
    writer_histogram_name(writer, 1, "upbit", "recv_to_publish");
    cr_assert_eq(reader_histogram(&map, 1, &h), 0);
    cr_assert_eq(h.count, n + 1, "the same name goes on counting");
    writer_histogram_name(writer, 1, "upbit", "other");
    cr_assert_eq(reader_histogram(&map, 1, &h), 0);
    cr_assert_eq(h.count, 0);
}

/* What a writer that laps the reader at every try would leave: the index says a number that its copy does not have. */
Test(shm_ring, a_copy_that_moves_at_every_try_is_eagain)
{
    struct hoga_abi_region *region = &map.region[HOGA_REGION_BOOK];
    static uint64_t image[(sizeof(struct hoga_abi_ring) + HOGA_COPIES * 1088) / 8];
    struct hoga_abi_book_head head = { .n_applied = 42 };
    struct hoga_abi_level levels[BOOKS_DEPTH];
    const uint8_t *base = map.base;

    map.base = (const uint8_t *)image;
    map.region[HOGA_REGION_NEWEST].count = 0; /* the ring's own word */
    region->offset = 0;
    image[0] = 3;
    cr_assert_eq(reader_book(&map, 0, &head, levels, levels, 1), -EAGAIN);
    cr_assert_eq(reader_book_head(&map, 0, &head), -EAGAIN);
    cr_assert_eq(head.n_applied, 42, "a failed read changes nothing");
    image[8 + 3 * 1088 / 8] = 7; /* odd */
    cr_assert_eq(reader_book(&map, 0, &head, levels, levels, 1), -EAGAIN);
    image[8 + 3 * 1088 / 8] = 6;
    image[8 + 3 * 1088 / 8 + 2] = UINT64_MAX; /* counts beyond the depth are clamped */
    cr_assert_eq(reader_book(&map, 0, &head, levels, levels, BOOKS_DEPTH), 0);
    cr_assert_eq(head.n_bids, BOOKS_DEPTH);
    cr_assert_eq(head.n_asks, BOOKS_DEPTH);
    map.base = base;
}

/* Every form that this machine has against the words one by one; nothing beside the destination may change. */
static void copies_are_the_same(enum seqlock_form form)
{
    static uint64_t from[300], to[300], portable[300];

    for (size_t i = 0; i < 300; i++)
        from[i] = books_mix(i + 1);
    for (size_t size = 0; size <= 2048; size += 16) {
        for (size_t shift = 0; shift < 9; shift++) {
            memset(to, 0xaa, sizeof to);
            memset(portable, 0xaa, sizeof portable);
            seqlock_put(form, to + shift, from + 8 - shift, size);
            seqlock_put_portable(portable + shift, from + 8 - shift, size);
            cr_assert_eq(memcmp(to, portable, sizeof to), 0, "form %d put %zu", (int)form, size);
            memset(to, 0xaa, sizeof to);
            seqlock_get(form, to + shift, from + 8 - shift, size);
            cr_assert_eq(memcmp(to, portable, sizeof to), 0, "form %d get %zu", (int)form, size);
            memset(to, 0xaa, sizeof to);
            seqlock_get_whole(form, to + shift, from + 8 - shift, size);
            cr_assert_eq(memcmp(to, portable, sizeof to), 0, "form %d whole %zu", (int)form, size);
        }
    }
}

/* The second look: the whole head and not a byte more where seq is as before, else nothing at all. */
static void last_is_all_or_nothing(enum seqlock_form form)
{
    static uint64_t from[24], to[40], was[40];

    for (size_t i = 0; i < 24; i++)
        from[i] = books_mix(i + 1);
    for (size_t shift = 0; shift < 8; shift++) {
        memset(to, 0xaa, sizeof to);
        memset(was, 0xaa, sizeof was);
        cr_assert_eq(seqlock_get_last(form, to + 8 + shift, from + shift, from[shift] ^ 1), 0);
        cr_assert_eq(memcmp(to, was, sizeof to), 0, "form %d", (int)form);
        memcpy(was + 8 + shift, from + shift, 128);
        cr_assert_eq(seqlock_get_last(form, to + 8 + shift, from + shift, from[shift]), 1);
        cr_assert_eq(memcmp(to, was, sizeof to), 0, "form %d", (int)form);
    }
}

Test(shm_ring, all_forms_of_copying_move_the_same_bytes)
{
    /* Builds for the portable form (-O0, sanitizers) have only that; release builds all that the machine has. */
    for (int form = SEQLOCK_WORDS; form <= (int)seqlock_form(); form++) {
        copies_are_the_same((enum seqlock_form)form);
        last_is_all_or_nothing((enum seqlock_form)form);
    }
}

/* --- sleeping ------------------------------------------------------------------------------------------------------
 */

static int64_t now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

Test(shm_ring, a_sleeper_announces_the_bits_it_sleeps_on)
{
    struct hoga_abi_wake wake = { 0 };
    uint32_t word = reader_wake_word(&map);
    int64_t before_ns = now_ns();

    cr_assert_eq(writer_wake(writer), 0, "nobody sleeps");
    cr_assert_neq(reader_wake_word(&map), word);
    cr_assert_eq(reader_sleep(&map, &wake, word, 1, 1000000000), 0, "moved already");
    cr_assert_eq(writer_wake(writer), 0, "nothing was published since");
    word = reader_wake_word(&map);
    cr_assert_eq(reader_sleep(&map, &wake, word, 1, 0), -ETIMEDOUT);
    cr_assert_eq(wake.sleepers, 0);
    cr_assert_eq(reader_sleep(&map, &wake, word, reader_slot_bit(33), 2000000), -ETIMEDOUT);
    cr_assert_geq(now_ns() - before_ns, 2000000);
    cr_assert_eq(wake.sleepers, 1u << 1);
    cr_assert_eq(reader_sleep(&map, &wake, word, reader_slot_bit(31) | reader_slot_bit(0), 1000), -ETIMEDOUT);
    cr_assert_eq(wake.sleepers, 1u << 31 | 1u << 1 | 1u);
    cr_assert_eq(reader_sleep(&map, &wake, word, 0, 1000), -ETIMEDOUT);
    cr_assert_eq(wake.sleepers, UINT32_MAX, "who sleeps on anything is woken by anything");
}
