/* SPDX-License-Identifier: MIT
 * handover_oracle.c - a reader that follows books until SIGTERM and says at the end, as one JSON line, whether any was
 * ever not live, and whether its count of messages or the venue's time ever went back. It sleeps while nothing comes.
 * That hogad gave no sign of life, as where a busy machine has no processor for it, is counted by itself: silent.
 * usage: handover_oracle SEGMENT NAME... */
#include <hoga/hoga.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOKS_MAX 512
#define LOOK_NS   2000000 /* a verdict can change without a publication */

static sig_atomic_t is_over;

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

struct followed {
    hoga_id id;
    uint64_t applied;
    int64_t venue_ns;
    uint16_t connection;
};

static uint64_t reads, not_live, silent, backwards, time_backwards, moves;
static char word[64] = "";

static void look(struct hoga *h, struct followed *f)
{
    struct hoga_book book;

    if (hoga_read_top(h, f->id, 0, &book) < 0)
        return;
    reads++;
    if (strcmp(hoga_reason_word(book.reason), "daemon-silent") == 0) {
        silent++;
    } else if (book.state != HOGA_LIVE) {
        not_live++;
        (void)snprintf(word, sizeof word, "%s/%s", hoga_state_word(book.state), hoga_reason_word(book.reason));
    }
    backwards += book.applied < f->applied;
    time_backwards += book.venue_ns > 0 && book.venue_ns < f->venue_ns;
    moves += f->applied > 0 && book.connection != f->connection;
    f->applied = book.applied;
    f->venue_ns = book.venue_ns;
    f->connection = book.connection;
}

int main(int argc, char **argv)
{
    static struct followed books[BOOKS_MAX];
    struct sigaction action = { .sa_handler = on_signal };
    struct hoga_problem problem;
    struct hoga *h;
    int n = argc - 2;

    if (argc < 3 || n > BOOKS_MAX) {
        fprintf(stderr, "usage: handover_oracle SEGMENT NAME...\n");
        return 2;
    }
    (void)sigaction(SIGTERM, &action, NULL);
    if (hoga_open(&h, argv[1], &problem) < 0) {
        fprintf(stderr, "handover_oracle: %s: %s\n", problem.what, problem.why);
        return 1;
    }
    for (int i = 0; i < n; i++) {
        if (hoga_find(h, argv[2 + i], &books[i].id) < 0) {
            fprintf(stderr, "handover_oracle: %s: not there\n", argv[2 + i]);
            return 1;
        }
    }
    printf("ready\n");
    (void)fflush(stdout);
    for (int is_last = 0; !is_last; (void)hoga_wait_any(h, NULL, 0, NULL, NULL, is_last ? 0 : LOOK_NS)) {
        is_last = is_over; /* asked before the look: what was there when the signal came is seen */
        for (int i = 0; i < n; i++)
            look(h, &books[i]);
    }
    printf("{\"reads\":%" PRIu64 ",\"not_live\":%" PRIu64 ",\"silent\":%" PRIu64
           ",\"word\":\"%s\",\"backwards\":%" PRIu64 ",\"time_backwards\":%" PRIu64 ",\"moves\":%" PRIu64 "}\n",
           reads, not_live, silent, word, backwards, time_backwards, moves);
    h = hoga_close(h);
    return 0;
}
