/* SPDX-License-Identifier: MIT
 * From a book view to the segment: what is said of a book, and what a change of verdict leaves as it was. */
#include "publish/counter.h"
#include "publish/publish.h"
#include "shm/reader.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scene {
    char folder[32], path[64];
    struct writer *writer;
    struct segment_map map;
    uint32_t slot;
};

static void scene_begin(struct scene *s)
{
    struct writer_options options = { .path = s->path,
                                      .layout = { .books_max = 2,
                                                  .depth = 2,
                                                  .connections_max = 4,
                                                  .counters_max = COUNTER_COUNT,
                                                  .histograms_max = 1,
                                                  .trades = 16,
                                                  .has_day = 1 },
                                      .daemon_version = "test",
                                      .mode = 0600,
                                      .counter_names = counter_names,
                                      .counter_units = counter_units };
    struct segment_problem problem = { 0 };
    int fd;

    (void)snprintf(s->folder, sizeof(s->folder), "/tmp/hoga-publish-XXXXXX");
    cr_assert_not_null(mkdtemp(s->folder));
    (void)snprintf(s->path, sizeof(s->path), "%s/books", s->folder);
    cr_assert_eq(writer_open(&options, &s->writer, &problem), 0, "%s", problem.why);
    writer_ready(s->writer, 1);
    cr_assert_eq(writer_slot_get(s->writer, "toy", "A", 1, &s->slot), 0);
    fd = open(s->path, O_RDONLY | O_CLOEXEC);
    cr_assert_eq(segment_map_reader(fd, &s->map, &problem), 0, "%s", problem.why);
    (void)close(fd);
}

static void scene_end(struct scene *s)
{
    char name[80];

    segment_unmap(&s->map);
    s->writer = writer_close(s->writer);
    (void)unlink(s->path);
    (void)snprintf(name, sizeof(name), "%s.wake", s->path);
    (void)unlink(name);
    (void)snprintf(name, sizeof(name), "%s.lock", s->path);
    (void)unlink(name);
    cr_expect_eq(rmdir(s->folder), 0, "%s is left behind", s->folder);
}

Test(publish, levels_travel_whole_and_a_verdict_leaves_them)
{
    static const struct md_level bids[] = { { 9, 1 }, { 8, 2 }, { 7, 3 } }, asks[] = { { 10, 4 } };
    struct book_view view = { .bids = bids,
                              .asks = asks,
                              .n_bids = 3,
                              .n_asks = 1,
                              .price_decimals = 3,
                              .size_decimals = 8,
                              .n_applied = 5,
                              .venue_ns = 6,
                              .recv_ns = 7,
                              .changed_boot_ns = 8,
                              .verdict = { STATE_LIVE, REASON_NONE, 9 } };
    struct publish_meta meta = { SOURCE_EXCHANGE, PROOF_CHECKSUM, 3, 11, 12 };
    struct hoga_abi_level got_bids[2], got_asks[2];
    struct hoga_abi_book_head head;
    struct scene s;

    scene_begin(&s);
    publish_book(s.writer, s.slot, &view, &meta);
    cr_assert_eq(reader_book(&s.map, s.slot, &head, got_bids, got_asks, 2), 0);
    cr_expect_eq(head.n_bids, 2);
    cr_expect_eq(head.n_asks, 1);
    cr_expect_eq(memcmp(got_bids, bids, sizeof(got_bids)), 0);
    cr_expect_eq(got_asks[0].size, 4);
    cr_expect_eq(head.proof, HOGA_PR_CHECKSUM);
    cr_expect_eq(head.source, HOGA_SO_EXCHANGE);
    cr_expect_eq(head.price_decimals, 3);
    cr_expect_eq(head.size_decimals, 8);
    cr_expect_eq(head.connection, 3);
    cr_expect_eq(head.connection_update, 11);
    cr_expect_eq(head.publish_ns, 12);
    cr_expect_eq(head.since_ns, 9);
    cr_expect_eq(head.n_applied, 5);

    view = (struct book_view){ .verdict = { STATE_FAILED, REASON_NUMBER_RANGE, 20 } };
    meta.now_ns = 21;
    publish_verdict(s.writer, s.slot, &view, &meta);
    cr_assert_eq(reader_book(&s.map, s.slot, &head, got_bids, got_asks, 2), 0);
    cr_expect_eq(head.state, HOGA_ST_FAILED);
    cr_expect_eq(head.since_ns, 20);
    cr_expect_eq(head.publish_ns, 21);
    cr_expect_eq(head.n_bids, 2);
    cr_expect_eq(head.bid_price, 9);
    cr_expect_eq(head.recv_ns, 7);
    scene_end(&s);
}

Test(publish, counters_have_a_name_and_a_unit_that_fit_the_segment)
{
    for (int i = 0; i < COUNTER_COUNT; i++) {
        cr_expect_lt(strlen(counter_names[i]), sizeof(((struct hoga_abi_counter *)NULL)->name));
        cr_expect_lt(strlen(counter_units[i]), sizeof(((struct hoga_abi_counter *)NULL)->unit));
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(counter_names[i], counter_names[k]);
    }
}
