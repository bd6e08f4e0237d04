/* SPDX-License-Identifier: MIT
 * top.c - best bid and ask of a book, once.     cc top.c $(pkg-config --cflags --libs hoga) && ./a.out upbit:KRW-BTC */
#include <hoga/hoga.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct hoga_problem problem;
    struct hoga *h;
    if (hoga_open(&h, NULL, &problem) < 0) {
        fprintf(stderr, "top: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
        return 1;
    }
    const char *name = argc > 1 ? argv[1] : "upbit:KRW-BTC";
    hoga_id id;
    struct hoga_book book;
    int r = hoga_find(h, name, &id);
    if (r == 0)
        r = hoga_read_top(h, id, 0, &book);
    if (r == 0) {
        char bid[HOGA_DECIMAL_SIZE], ask[HOGA_DECIMAL_SIZE];
        hoga_format(book.bid.price, book.price_decimals, bid);
        hoga_format(book.ask.price, book.price_decimals, ask);
        printf("%s %s %s %s\n", name, hoga_state_word(book.state), bid, ask); /* the verdict goes with the prices */
    } else {
        fprintf(stderr, "top: %s: %s\n", name, strerror(-r));
    }
    hoga_close(h);
    return r == 0 ? 0 : 1;
}
