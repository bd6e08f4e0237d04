/* SPDX-License-Identifier: MIT
 * poll.c - a book that hogad is asked to carry, waited for in poll(2) as any event loop would: poll NAME [LINES] */
#include <hoga/hoga.h>

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECOND_NS 1000000000ll

static void line_print(struct hoga *h, const char *name)
{
    struct hoga_book book;
    char bid[HOGA_DECIMAL_SIZE], ask[HOGA_DECIMAL_SIZE];
    hoga_id id;
    if (hoga_find(h, name, &id) < 0 || hoga_read_top(h, id, 0, &book) < 0)
        return; /* not there, or moving: the next event comes */
    hoga_format(book.bid.price, book.price_decimals, bid);
    hoga_format(book.ask.price, book.price_decimals, ask);
    printf("%s %s %s %s\n", name, hoga_state_word(book.state), bid, ask);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "upbit:KRW-BTC";
    long n_lines = argc > 2 ? atol(argv[2]) : -1;
    struct hoga_problem problem;
    struct hoga *h;
    int lease = -1, event = -1;
    int r = hoga_open_wait(&h, NULL, -1, &problem);
    while (r == 0 && n_lines != 0) {
        /* At first, and whenever hogad has gone: the same calls. */
        if (event < 0) {
            r = hoga_subscribe(h, &name, 1, SECOND_NS, &lease, &problem);
            if (r == 0)
                r = hoga_eventfd(h, &name, 1, SECOND_NS, &lease, &event, &problem);
        }
        if (r < 0 && lease >= 0) { /* it was there, and is away for now: a look every second */
            poll(NULL, 0, 1000);
            r = 0;
            continue;
        }
        if (r < 0)
            break;
        struct pollfd fds[2] = { { event, POLLIN, 0 }, { lease, 0, 0 } };
        uint64_t n;
        if (poll(fds, 2, -1) < 0)
            break;
        if (fds[0].revents & POLLIN && read(event, &n, sizeof(n)) == sizeof(n)) {
            line_print(h, name);
            n_lines -= n_lines > 0;
        }
        if (fds[1].revents & POLLHUP) {
            close(event);
            event = -1;
        }
    }
    if (r < 0)
        fprintf(stderr, "poll: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
    if (event >= 0)
        close(event);
    if (lease >= 0)
        close(lease); /* and hogad knows that the book is no longer needed */
    hoga_close(h);
    return r < 0 ? 1 : 0;
}
