/* SPDX-License-Identifier: MIT
 * watch.c - a line whenever the book or its verdict changes, sleeping in between: watch NAME [LINES] */
#include <hoga/hoga.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "upbit:KRW-BTC";
    long n_lines = argc > 2 ? atol(argv[2]) : -1;
    struct hoga_problem problem;
    struct hoga *h;
    if (hoga_open_wait(&h, NULL, -1, &problem) < 0) {
        fprintf(stderr, "watch: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
        return 1;
    }
    hoga_id id;
    int r = hoga_find(h, name, &id);
    while (r == 0 && n_lines != 0) {
        struct hoga_book book;
        char bid[HOGA_DECIMAL_SIZE], ask[HOGA_DECIMAL_SIZE];
        r = hoga_read_top(h, id, 0, &book);
        if (r == 0) {
            hoga_format(book.bid.price, book.price_decimals, bid);
            hoga_format(book.ask.price, book.price_decimals, ask);
            printf("%s %s %s %s %s\n", name, hoga_state_word(book.state), hoga_reason_word(book.reason), bid, ask);
            fflush(stdout);
            if (n_lines < 0 || --n_lines > 0)
                r = hoga_wait(h, id, book.update, book.state, -1);
        }
        if (r == -ESTALE) /* hogad has a new file, or gave the slot away: look it up again */
            r = hoga_find(h, name, &id);
        else if (r == -EAGAIN)
            r = 0;
    }
    hoga_close(h);
    return r == 0 ? 0 : 1;
}
