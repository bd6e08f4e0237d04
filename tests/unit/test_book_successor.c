/* SPDX-License-Identifier: MIT
 * A book that another connection takes over: what that one brings waits, until it reaches back to where the book
 * stands. Each row is a story of both connections in one line; the rules are book/sync.h's. */
#include "book/sync.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct venue first = { .builder = VENUE_BUILD_REST, .join = VENUE_JOIN_NEXT, .proof = PROOF_SEQUENCE };
static const struct venue previous = { .builder = VENUE_BUILD_REST, .join = VENUE_JOIN_COVER, .proof = PROOF_SEQUENCE };

struct scene {
    const struct venue *venue;
    struct book *book;
    struct md_frame *frame;
    struct feed_input in;
    char said[256];
};

static struct md_event event_make(const struct scene *s, uint64_t from, uint64_t to)
{
    return (struct md_event){ .kind = MD_BOOK,
                              .follows = s->venue == &first ? MD_FOLLOWS_FIRST : MD_FOLLOWS_PREVIOUS,
                              .sequence_first = from,
                              .sequence_previous = from - 1,
                              .sequence_last = to,
                              .n_bids = 1 };
}

static void note(struct scene *s, const char *word)
{
    strncat(s->said, word, sizeof(s->said) - strlen(s->said) - 1);
    strncat(s->said, " ", sizeof(s->said) - strlen(s->said) - 1);
}

static void drain(struct scene *s)
{
    enum book_step step;

    while (sync_next(s->venue, s->book, &s->in, &step))
        note(s, book_step_word(step));
}

/* Every message puts a level at its last number, so the levels tell which were applied. */
static void message(struct scene *s, int is_successor, uint64_t from, uint64_t to)
{
    struct md_event event = event_make(s, from, to);

    s->in.kind = FEED_INPUT_RX;
    s->in.recv_ns++;
    s->frame->bids[0] = (struct md_level){ (int64_t)to, 1 };
    if (is_successor) {
        sync_successor_take(s->book, &event, s->frame, s->in.recv_ns);
        return;
    }
    note(s, book_step_word(sync_apply(s->venue, s->book, &event, s->frame, &s->in)));
    drain(s);
}

static void fetch(struct scene *s, uint64_t sequence)
{
    struct md_event event = { .kind = MD_BOOK, .is_snapshot = 1, .sequence_last = sequence, .n_bids = 1 };

    s->in.kind = FEED_INPUT_HTTP;
    s->frame->bids[0] = (struct md_level){ (int64_t)sequence, 1 };
    note(s, book_step_word(sync_apply(s->venue, s->book, &event, s->frame, &s->in)));
    drain(s);
}

/* "o11-12": an update of the connection in charge; "n": of the new one; "s20": a snapshot is fetched; "?": is it ready;
 * "!": it takes over, and what waits is taken. */
static void play(struct scene *s, const char *story)
{
    for (const char *at = story; *at; at += strspn(at, " ")) {
        uint64_t from, to;
        char what = *at++, *end;

        if (what == '?') {
            note(s, sync_successor_is_ready(s->book) ? "ready" : "wait");
        } else if (what == '!') {
            sync_succeed(s->book, s->in.now_boot_ns);
            drain(s);
        } else {
            from = to = strtoull(at, &end, 10);
            if (*end == '-')
                to = strtoull(end + 1, &end, 10);
            if (what == 's')
                fetch(s, to);
            else
                message(s, what == 'n', from, to);
            at = end;
        }
    }
}

static const struct {
    const char *what, *story, *said;
    uint64_t lost, last;
} rows[] = {
    { "ahead: waits for the old one", "s10 o11 n13-14 ? o12 ? !", "snapshot update wait update ready update ", 0, 14 },
    { "behind: old until it passes", "s10 o11-15 n12-13 ? n14-15 ? ! o16", "snapshot update wait ready update ", 0,
      16 },
    { "behind when it takes over", "s10 o11 n11 ? o12-13 o14 ! o12-13 o14 o15",
      "snapshot update ready update update ignored ignored update ", 0, 15 },
    { "other borders", "s10 o11-13 n12-16 ? ! o17", "snapshot update ready update update ", 0, 17 },
    { "the old one goes on meanwhile", "s10 o11 n12 n13 n14 ? o12-13 ? ! o15",
      "snapshot update ready update ready update update ", 0, 15 },
    { "what waits is not the old one's", "s10 o11 n13 n14 o12 o13 ?", "snapshot update update update ready ", 0, 13 },
    { "its own gap: begun again", "s10 o11 n12 n15-16 ? o12-14 ? !", "snapshot update wait update ready update ", 0,
      16 },
    { "repeats", "s10 o11 n12 n12 ? !", "snapshot update ready update ", 0, 12 },
    { "numbers that begin anew prove nothing", "s10 o11 n2-3 n4 ?", "snapshot update wait ", 0, 11 },
    { "the book has lost its place", "s10 o11 n12 o15 ? n16 ?", "snapshot update gap wait wait ", 0, 11 },
    { "fetched anew meanwhile", "s10 o11 n12 s20 n21 ? !", "snapshot update snapshot ready update ", 0, 21 },
    { "a fetched book that nothing has joined", "s10 n9-11 n12 ? !", "snapshot ready update update ", 0, 12 },
    { "quiet: the first joins", "s10 o11 ! o12-13 o14", "snapshot update update update ", 0, 14 },
    { "quiet: the first leaves a gap", "s10 o11 ! o14-15", "snapshot update gap ", 0, 11 },
    { "not ready, and its stream begins behind", "s10 o11 n14-15 ! o16", "snapshot update gap buffered ", 2, 11 },
    { "a gap at the join", "s10 o11 n11 ! o14", "snapshot update gap ", 2, 11 },
};

Test(book_successor, stories)
{
    const struct venue *const venues[] = { &first, &previous };

    for (size_t k = 0; k < 2 * (sizeof(rows) / sizeof(rows[0])); k++) {
        struct book_options options = { .levels_max = 64, .buffer_size = 4096 };
        struct scene s = { .venue = venues[k % 2] };
        size_t i = k / 2;

        cr_assert_eq(book_new(&options, &s.book), 0);
        cr_assert_eq(md_frame_new(&s.frame), 0);
        play(&s, rows[i].story);
        cr_expect_str_eq(s.said, rows[i].said, "%s (%zu): %s", rows[i].what, k % 2, s.said);
        cr_expect_eq(sync_lost(s.book), rows[i].lost, "%s: lost %lu", rows[i].what, (unsigned long)sync_lost(s.book));
        cr_expect_eq(sync_last(s.book), rows[i].last, "%s: last %lu", rows[i].what, (unsigned long)sync_last(s.book));
        s.book = book_free(s.book);
        s.frame = md_frame_free(s.frame);
    }
}

/* A book that is known from the moment of an answer on was not received before it, and an update that waited for an
 * answer may have come after that did. Rows of one story each: its inputs at those moments, and when the book was
 * received and since when it is live. */
Test(book_successor, a_book_was_received_when_the_last_of_it_was)
{
    static const struct {
        const char *what;
        struct {
            const char *input;
            int64_t recv_ns, boot_ns;
        } input[6];
        int64_t recv_ns, since_ns;
    } received[] = {
        { "it waited here", { { "o11", 50, 1 }, { "s10", 100, 2 } }, 100, 100 },
        { "it came while the answer was read", { { "o11", 120, 1 }, { "s10", 100, 2 } }, 120, 100 },
        { "it waited in the kernel", { { "s10", 100, 1 }, { "o11", 90, 2 } }, 100, 100 },
        { "and one more", { { "s10", 100, 1 }, { "o11", 90, 2 }, { "o12", 95, 3 } }, 100, 100 },
        { "and then none", { { "s10", 100, 1 }, { "o11", 90, 2 }, { "o12", 101, 3 } }, 101, 100 },
        { "the clock is set back", { { "s10", 100, 1 }, { "o11", 101, 2 }, { "o12", 7, 3 } }, 7, 100 },
        { "before the first update", { { "s10", 100, 1 }, { "o11", 7, 20000000000 } }, 7, 100 },
        { "another connection",
          { { "s10", 100, 1 }, { "o11", 110, 2 }, { "n12", 108, 3 }, { "!", 200, 4 }, { "o13", 109, 5 } },
          110,
          100 },
        { "and its next", { { "s10", 100, 1 }, { "n11", 108, 3 }, { "!", 200, 4 }, { "o12", 109, 5 } }, 109, 100 },
    };

    for (size_t i = 0; i < sizeof(received) / sizeof(received[0]); i++) {
        struct book_options options = { .levels_max = 64, .buffer_size = 4096 };
        struct scene s = { .venue = &first };
        struct book_view view;

        cr_assert_eq(book_new(&options, &s.book), 0);
        cr_assert_eq(md_frame_new(&s.frame), 0);
        for (size_t at = 0; at < 6 && received[i].input[at].input; at++) {
            s.in.recv_ns = received[i].input[at].recv_ns - 1; /* play adds one for a message */
            s.in.recv_ns += received[i].input[at].input[0] == 's';
            s.in.now_boot_ns = received[i].input[at].boot_ns;
            play(&s, received[i].input[at].input);
        }
        book_view(s.book, &view);
        cr_expect_eq(view.recv_ns, received[i].recv_ns, "%s: %ld", received[i].what, (long)view.recv_ns);
        cr_expect_eq(view.verdict.since_ns, received[i].since_ns, "%s: %ld", received[i].what,
                     (long)view.verdict.since_ns);
        s.book = book_free(s.book);
        s.frame = md_frame_free(s.frame);
    }
}

Test(book_successor, a_full_buffer_begins_behind_what_went)
{
    struct book_options options = { .levels_max = 64, .buffer_size = 1024 };
    struct scene s = { .venue = &first };

    cr_assert_eq(book_new(&options, &s.book), 0);
    cr_assert_eq(md_frame_new(&s.frame), 0);
    play(&s, "s10 o11");
    for (uint64_t n = 12; n < 60; n++)
        message(&s, 1, n, n);
    cr_expect_not(sync_successor_is_ready(s.book), "the oldest have gone");
    for (uint64_t n = 12; n < 60; n++)
        message(&s, 0, n, n);
    cr_expect(sync_successor_is_ready(s.book));
    s.book = book_free(s.book);
    s.frame = md_frame_free(s.frame);
}
