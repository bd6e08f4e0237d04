/* SPDX-License-Identifier: MIT
 * The continuity rule of venues whose every message is a whole book, and the verdicts it gives. */
#include "book/sync.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct venue whole_books = { .name = "test", .builder = VENUE_BUILD_REPLACE, .proof = PROOF_NONE };

Test(sync, each_message_gives_its_step_and_verdict)
{
    static const struct {
        struct md_level bid, ask;
        uint8_t number_range;
        enum book_step step;
        enum state state;
        enum reason reason;
        int64_t since_ns; /* rows are 1 ns apart, from 1 */
        int64_t best_bid;
    } rows[] = {
        { { 9, 1 }, { 10, 1 }, 0, BOOK_SNAPSHOT, STATE_LIVE, REASON_NONE, 1, 9 },
        { { 8, 1 }, { 10, 1 }, 0, BOOK_SNAPSHOT, STATE_LIVE, REASON_NONE, 1, 8 },
        { { 10, 1 }, { 10, 1 }, 0, BOOK_CROSSED, STATE_CROSSED, REASON_CROSSED_BOOK, 3, 10 },
        { { 11, 1 }, { 10, 1 }, 0, BOOK_CROSSED, STATE_CROSSED, REASON_CROSSED_BOOK, 3, 11 },
        { { 11, 1 }, { 0, 0 }, 0, BOOK_SNAPSHOT, STATE_LIVE, REASON_NONE, 5, 11 },
        { { 5, 1 }, { 6, 1 }, 1, BOOK_REFUSED, STATE_FAILED, REASON_NUMBER_RANGE, 6, 11 },
        { { 5, 1 }, { 6, 1 }, 1, BOOK_REFUSED, STATE_FAILED, REASON_NUMBER_RANGE, 6, 11 },
        { { 0, 0 }, { 6, 1 }, 0, BOOK_SNAPSHOT, STATE_LIVE, REASON_NONE, 8, 0 },
    };
    struct feed_input in = { .kind = FEED_INPUT_RX };
    struct md_frame *frame;
    struct book *book;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 8 }, &book), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct md_event event = { .kind = MD_BOOK, .n_bids = 1, .n_asks = 1, .number_range = rows[i].number_range };
        struct book_view view;

        frame->bids[0] = rows[i].bid;
        frame->asks[0] = rows[i].ask;
        in.recv_ns = (int64_t)i + 1;
        cr_expect_eq(sync_apply(&whole_books, book, &event, frame, &in), rows[i].step, "row %zu", i);
        book_view(book, &view);
        cr_expect_eq(view.verdict.state, rows[i].state, "row %zu", i);
        cr_expect_eq(view.verdict.reason, rows[i].reason, "row %zu", i);
        cr_expect_eq(view.verdict.since_ns, rows[i].since_ns, "row %zu", i);
        cr_expect_eq(view.n_bids > 0 ? view.bids[0].price : 0, rows[i].best_bid, "row %zu", i);
    }
    book = book_free(book);
    frame = md_frame_free(frame);
}

Test(sync, steps_have_the_words_of_the_trace)
{
    static const char *const words[] = { "snapshot", "update",  "crossed",  "checksum",
                                         "gap",      "refused", "buffered", "ignored" };

    for (int step = BOOK_SNAPSHOT; step <= BOOK_IGNORED; step++)
        cr_expect_str_eq(book_step_word((enum book_step)step), words[step]);
}

Test(sync, a_verdict_changes_its_date_only_with_its_words)
{
    struct book_view view;
    struct book *book;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 1 }, &book), 0);
    cr_expect_eq(book_verdict_set(book, STATE_SYNCING, REASON_QUEUED, 5), 1);
    cr_expect_eq(book_verdict_set(book, STATE_SYNCING, REASON_QUEUED, 6), 0);
    book_view(book, &view);
    cr_expect_eq(view.verdict.since_ns, 5);
    cr_expect_eq(book_verdict_set(book, STATE_SYNCING, REASON_AWAITING_SNAPSHOT, 7), 1);
    book_view(book, &view);
    cr_expect_eq(view.verdict.since_ns, 7);
    book = book_free(book);
}

Test(sync, books_that_are_numbered_anew_are_taken_after_a_while)
{
    static const struct {
        uint64_t number;
        int64_t recv_ms;
        enum book_step step;
    } rows[] = {
        { 500, 1, BOOK_SNAPSHOT },    { 500, 2, BOOK_IGNORED },   { 499, 900, BOOK_IGNORED },
        { 501, 1500, BOOK_SNAPSHOT }, { 7, 2000, BOOK_IGNORED },  { 8, 3000, BOOK_IGNORED },
        { 9, 3001, BOOK_SNAPSHOT },   { 9, 3002, BOOK_IGNORED },  { 8, 3500, BOOK_IGNORED },
        { 10, 9000, BOOK_SNAPSHOT },  { 5, 9500, BOOK_IGNORED },  { 5, 4000, BOOK_IGNORED },
        { 5, 4900, BOOK_IGNORED },    { 5, 5001, BOOK_SNAPSHOT },
    };
    struct md_frame *frame;
    struct book *book;

    cr_assert_eq(book_new(&(struct book_options){ .levels_max = 8 }, &book), 0);
    cr_assert_eq(md_frame_new(&frame), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct md_event event = { .kind = MD_BOOK, .sequence_last = rows[i].number, .n_bids = 1 };
        struct feed_input in = { .kind = FEED_INPUT_RX, .recv_ns = rows[i].recv_ms * 1000000 };

        frame->bids[0] = (struct md_level){ 1, 1 };
        cr_expect_eq(sync_apply(&whole_books, book, &event, frame, &in), rows[i].step, "row %zu", i);
    }
    book = book_free(book);
    frame = md_frame_free(frame);
}
