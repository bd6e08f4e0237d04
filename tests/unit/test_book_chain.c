/* SPDX-License-Identifier: MIT
 * The continuity rules of venues that send updates: what follows, what waits, what joins, and the verdict. Rules:
 * venue.h, md_event.h; ../shared/captures/README.md, "Rules the goldens follow". */
#include "book/sync.h"

#include "book/book_private.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static uint32_t checksum_of_best_bid(const struct venue_book_side *bids, const struct venue_book_side *asks)
{
    (void)asks;
    return bids->n > 0 ? (uint32_t)bids->levels[0].price * 100 + MD_DIGITS_PRICE(bids->digits[0]) : 0;
}

static const struct venue chain = { .builder = VENUE_BUILD_CHAIN, .proof = PROOF_SEQUENCE };
static const struct venue unproven = { .builder = VENUE_BUILD_CHAIN, .proof = PROOF_NONE };
static const struct venue summed = {
    .builder = VENUE_BUILD_CHAIN, .proof = PROOF_CHECKSUM, .has_digits = 1, .checksum = checksum_of_best_bid
};
static const struct venue join_next = { .builder = VENUE_BUILD_REST, .join = VENUE_JOIN_NEXT, .proof = PROOF_SEQUENCE };
static const struct venue join_cover = { .builder = VENUE_BUILD_REST,
                                         .join = VENUE_JOIN_COVER,
                                         .proof = PROOF_SEQUENCE };
static const struct venue join_previous = { .builder = VENUE_BUILD_CHAIN,
                                            .join = VENUE_JOIN_PREVIOUS,
                                            .proof = PROOF_SEQUENCE };

struct scene {
    const struct venue *venue;
    struct book *book;
    struct md_frame *frame;
    struct md_event event;
    struct feed_input in;
};

static void scene_begin(struct scene *s, const struct venue *venue, uint32_t buffer_size, int goes_on)
{
    struct book_options options = {
        .levels_max = 8, .buffer_size = buffer_size, .has_digits = venue->has_digits, .goes_on = (uint8_t)goes_on
    };

    *s = (struct scene){ .venue = venue, .in = { .kind = FEED_INPUT_RX } };
    cr_assert_eq(book_new(&options, &s->book), 0);
    cr_assert_eq(md_frame_new(&s->frame), 0);
}

static void scene_end(struct scene *s)
{
    s->book = book_free(s->book);
    s->frame = md_frame_free(s->frame);
}

static enum book_step take(struct scene *s)
{
    s->event.kind = MD_BOOK;
    s->event.n_bids = 1;
    s->in.recv_ns++;
    s->in.now_boot_ns++;
    return sync_apply(s->venue, s->book, &s->event, s->frame, &s->in);
}

/* A book of one bid. */
static enum book_step snapshot(struct scene *s, enum feed_input_kind from, uint64_t sequence, int64_t bid)
{
    s->in.kind = from;
    s->event = (struct md_event){ .is_snapshot = 1, .sequence_last = sequence };
    s->frame->bids[0] = (struct md_level){ bid, 1 };
    return take(s);
}

static enum book_step update(struct scene *s, enum md_follows follows, uint64_t first, uint64_t last, uint64_t previous,
                             int64_t bid)
{
    s->in.kind = FEED_INPUT_RX;
    s->event = (struct md_event){
        .follows = (uint8_t)follows, .sequence_first = first, .sequence_last = last, .sequence_previous = previous
    };
    s->frame->bids[0] = (struct md_level){ bid, 1 };
    return take(s);
}

/* "state/reason/proof", and the best bid. */
static const char *word(struct scene *s)
{
    static const char *const proofs[] = { "none", "snapshot-only", "checksum", "sequence" };
    static char text[96];
    struct book_view view;

    book_view(s->book, &view);
    (void)snprintf(text, sizeof(text), "%s/%s/%s %lld", verdict_state_word(view.verdict.state),
                   verdict_reason_word(view.verdict.reason), proofs[view.proof],
                   view.n_bids > 0 ? (long long)view.bids[0].price : 0);
    return text;
}

static enum book_step next(struct scene *s)
{
    enum book_step step = BOOK_CHECKSUM;

    return sync_next(s->venue, s->book, &s->in, &step) ? step : (enum book_step) - 1;
}
#define NOTHING ((enum book_step) - 1)

Test(chain, previous_must_be_the_last)
{
    struct scene s;

    scene_begin(&s, &chain, 0, 0);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 5, 4, 10), BOOK_IGNORED, "nothing before a snapshot");
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 7, 10), BOOK_SNAPSHOT);
    cr_expect_str_eq(word(&s), "live//snapshot-only 10");
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 9, 7, 11), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//sequence 11");
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 9, 9, 11), BOOK_UPDATE, "a keep-alive");
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 3, 9, 12), BOOK_UPDATE, "a reset after maintenance");
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, UINT64_MAX, 3, 13), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 8, 7, 14), BOOK_GAP);
    cr_expect_str_eq(word(&s), "gap/sequence-gap/sequence 13", "the last verified levels stay");
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 9, 8, 14), BOOK_IGNORED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 9, 20), BOOK_SNAPSHOT);
    cr_expect_str_eq(word(&s), "live//snapshot-only 20");
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 4, 21), BOOK_SNAPSHOT, "a new snapshot replaces at any time");
    sync_forget(s.book);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 5, 4, 22), BOOK_IGNORED);
    cr_expect_str_eq(word(&s), "live//snapshot-only 21", "what became of the connection is said elsewhere");
    scene_end(&s);
}

Test(chain, first_must_be_the_one_after_the_last)
{
    struct scene s;

    scene_begin(&s, &chain, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, UINT64_MAX - 4, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, UINT64_MAX - 3, UINT64_MAX - 1, 0, 11), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, UINT64_MAX - 3, UINT64_MAX - 1, 0, 5), BOOK_IGNORED, "old");
    cr_expect_str_eq(word(&s), "live//sequence 11");
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, UINT64_MAX, UINT64_MAX, 0, 12), BOOK_UPDATE);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 10, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 12, 13, 0, 11), BOOK_GAP);
    scene_end(&s);
}

Test(chain, last_must_be_the_next_and_a_replay_shows_a_jump)
{
    struct scene s;

    scene_begin(&s, &chain, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 10, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_LAST, 0, 11, 0, 11), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_LAST, 0, 11, 0, 5), BOOK_IGNORED);
    cr_expect_eq(update(&s, MD_FOLLOWS_LAST, 0, 13, 0, 5), BOOK_GAP);
    scene_end(&s);
    scene_begin(&s, &chain, 0, 1);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 10, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_LAST, 0, 15, 0, 12), BOOK_UPDATE);
    scene_end(&s);
}

Test(chain, without_any_number_nothing_is_proven)
{
    struct scene s;

    scene_begin(&s, &unproven, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 0, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_UNPROVEN, 0, 0, 0, 11), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//none 11");
    scene_end(&s);
    /* Where something usually does, a live book does not take what lacks it; a replay does. */
    scene_begin(&s, &chain, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 10, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_NOTHING, 0, 11, 0, 11), BOOK_GAP);
    scene_end(&s);
    scene_begin(&s, &chain, 0, 1);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 10, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_NOTHING, 0, 11, 0, 11), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//none 11");
    scene_end(&s);
}

static enum book_step summed_update(struct scene *s, int64_t bid, uint8_t digits, uint32_t checksum)
{
    s->event = (struct md_event){ .has_checksum = 1, .checksum = checksum };
    s->frame->bids[0] = (struct md_level){ bid, 1 };
    s->frame->bid_digits[0] = MD_DIGITS(digits, 0);
    return take(s);
}

Test(chain, a_checksum_proves_or_ends_the_book)
{
    struct scene s;

    scene_begin(&s, &summed, 0, 0);
    s.frame->bid_digits[0] = MD_DIGITS(0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 0, 10), BOOK_SNAPSHOT);
    cr_expect_eq(summed_update(&s, 12, 3, 1203), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//checksum 12");
    cr_expect_eq(summed_update(&s, 13, 3, 1203), BOOK_CHECKSUM);
    cr_expect_str_eq(word(&s), "gap/checksum/checksum 13");
    cr_expect_eq(summed_update(&s, 14, 3, 1403), BOOK_IGNORED, "unsynced until a snapshot");
    scene_end(&s);
    scene_begin(&s, &summed, 0, 1);
    s.frame->bid_digits[0] = MD_DIGITS(0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 0, 10), BOOK_SNAPSHOT);
    cr_expect_eq(summed_update(&s, 13, 3, 1203), BOOK_CHECKSUM);
    cr_expect_eq(summed_update(&s, 14, 3, 1403), BOOK_UPDATE, "a replay goes on");
    scene_end(&s);
}

Test(chain, a_refused_update_needs_a_snapshot)
{
    struct scene s;

    scene_begin(&s, &chain, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 1, 10), BOOK_SNAPSHOT);
    s.event = (struct md_event){ .follows = MD_FOLLOWS_LAST, .sequence_last = 2, .number_range = 1 };
    cr_expect_eq(take(&s), BOOK_REFUSED);
    cr_expect_str_eq(word(&s), "failed/number-range/snapshot-only 10");
    cr_expect_eq(update(&s, MD_FOLLOWS_LAST, 0, 3, 0, 11), BOOK_IGNORED);
    s.event = (struct md_event){ .is_snapshot = 1, .number_range = 1 };
    cr_expect_eq(take(&s), BOOK_REFUSED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 9, 12), BOOK_SNAPSHOT);
    scene_end(&s);
}

Test(chain, waiting_updates_join_a_fetched_snapshot)
{
    struct scene s;

    scene_begin(&s, &join_next, 4096, 0);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 5, 6, 0, 11), BOOK_BUFFERED);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 7, 8, 0, 12), BOOK_BUFFERED);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 9, 9, 0, 13), BOOK_BUFFERED);
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 3, 10), BOOK_IGNORED, "4 is missing");
    cr_expect_str_eq(word(&s), "syncing/snapshot-too-old/none 0");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 7, 10), BOOK_SNAPSHOT);
    cr_expect_str_eq(word(&s), "live//snapshot-only 10");
    cr_expect_eq(next(&s), BOOK_IGNORED, "5 and 6 are in the snapshot");
    cr_expect_eq(next(&s), BOOK_UPDATE, "7 and 8 hold the one after it");
    cr_expect_str_eq(word(&s), "live//sequence 12");
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 10, 10, 0, 14), BOOK_UPDATE);
    /* A refresh that is older than the book is of no use; one that is newer replaces it. */
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 9, 30), BOOK_IGNORED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 12, 31), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 11, 12, 0, 14), BOOK_IGNORED);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 13, 14, 0, 32), BOOK_UPDATE);
    scene_end(&s);
}

/* A book that is well is refreshed by a snapshot that took longer than the updates: those since are put on top. */
Test(chain, a_refresh_older_than_the_book_is_followed_by_what_was_kept)
{
    struct scene s;

    scene_begin(&s, &join_next, 4096, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 3, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 4, 4, 0, 11), BOOK_UPDATE);
    sync_keep(s.book, 1);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 5, 6, 0, 12), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 7, 8, 0, 13), BOOK_UPDATE);
    cr_expect_eq(next(&s), NOTHING, "they are applied already");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 3, 20), BOOK_IGNORED, "4 was not kept");
    cr_expect_str_eq(word(&s), "live//sequence 13");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 6, 20), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_IGNORED);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_str_eq(word(&s), "live//sequence 20");
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 9, 9, 0, 21), BOOK_UPDATE);
    /* The fetch was given up: nothing is kept, and nothing comes twice. */
    sync_keep(s.book, 1);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 10, 10, 0, 22), BOOK_UPDATE);
    sync_keep(s.book, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 9, 30), BOOK_IGNORED);
    /* A gap on the way: what was kept before it is of no use. */
    sync_keep(s.book, 1);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 11, 11, 0, 23), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 13, 13, 0, 24), BOOK_GAP);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 11, 40), BOOK_IGNORED, "12 is missing");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 12, 41), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//sequence 41");
    scene_end(&s);
}

Test(chain, the_update_that_shows_a_gap_waits_for_the_next_snapshot)
{
    struct scene s;

    scene_begin(&s, &join_next, 4096, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 3, 10), BOOK_SNAPSHOT);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 4, 4, 0, 11), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 6, 6, 0, 12), BOOK_GAP);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 7, 7, 0, 13), BOOK_BUFFERED);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 9, 9, 0, 14), BOOK_BUFFERED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 5, 20), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_eq(next(&s), BOOK_GAP, "8 is missing among those that waited");
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_str_eq(word(&s), "gap/sequence-gap/sequence 20");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 8, 21), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_UPDATE, "the one that showed it is still there");
    scene_end(&s);
}

Test(chain, futures_join_by_what_covers_the_snapshot)
{
    struct scene s;

    scene_begin(&s, &join_cover, 4096, 0);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 10, 20, 5, 11), BOOK_BUFFERED);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 25, 30, 20, 12), BOOK_BUFFERED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 9, 10), BOOK_IGNORED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 22, 10), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_IGNORED);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 33, 35, 30, 13), BOOK_UPDATE);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 36, 38, 36, 14), BOOK_GAP);
    scene_end(&s);
}

Test(chain, a_pushed_or_a_fetched_snapshot_begins_the_chain)
{
    struct scene s;

    scene_begin(&s, &join_previous, 4096, 0);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 20, 10, 11), BOOK_BUFFERED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 30, 10), BOOK_SNAPSHOT, "what waited is in a pushed one");
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 40, 30, 12), BOOK_UPDATE);
    sync_forget(s.book);
    cr_expect_eq(update(&s, MD_FOLLOWS_PREVIOUS, 0, 60, 50, 13), BOOK_BUFFERED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 49, 10), BOOK_IGNORED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 55, 10), BOOK_SNAPSHOT);
    cr_expect_eq(next(&s), BOOK_UPDATE);
    cr_expect_str_eq(word(&s), "live//sequence 13");
    scene_end(&s);
}

Test(chain, a_full_buffer_loses_the_oldest_whole)
{
    struct scene s;

    scene_begin(&s, &join_next, 1024, 0);
    for (uint64_t i = 1; i <= 100; i++)
        cr_assert_eq(update(&s, MD_FOLLOWS_FIRST, i, i, 0, (int64_t)(10 + i)), BOOK_BUFFERED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 1, 10), BOOK_IGNORED, "the first that is left lies far behind it");
    cr_expect_eq(snapshot(&s, FEED_INPUT_HTTP, 98, 10), BOOK_SNAPSHOT);
    for (int applied = 0; applied < 2;)
        applied += next(&s) == BOOK_UPDATE;
    cr_expect_eq(next(&s), NOTHING);
    cr_expect_str_eq(word(&s), "live//sequence 110");
    scene_end(&s);
    scene_begin(&s, &join_next, 64, 0);
    cr_expect_eq(update(&s, MD_FOLLOWS_FIRST, 1, 1, 0, 11), BOOK_IGNORED, "no room for a single one");
    scene_end(&s);
}

Test(chain, a_numbered_whole_book_must_be_newer)
{
    static const struct venue whole = { .builder = VENUE_BUILD_REPLACE };
    struct scene s;

    scene_begin(&s, &whole, 0, 0);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 7, 10), BOOK_SNAPSHOT);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 7, 11), BOOK_IGNORED);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 6, 12), BOOK_IGNORED);
    cr_expect_str_eq(word(&s), "live//snapshot-only 10");
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 8, 13), BOOK_SNAPSHOT);
    sync_forget(s.book);
    cr_expect_eq(snapshot(&s, FEED_INPUT_RX, 2, 14), BOOK_SNAPSHOT, "another connection may count anew");
    scene_end(&s);
}
