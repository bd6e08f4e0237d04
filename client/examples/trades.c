/* SPDX-License-Identifier: MIT
 * trades.c - each trade of an instrument as it happens.
 *     cc trades.c $(pkg-config --cflags --libs hoga) && ./a.out upbit:KRW-BTC */
#include <hoga/hoga.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void show(const struct hoga_trade *trade)
{
    char price[HOGA_DECIMAL_SIZE], size[HOGA_DECIMAL_SIZE];
    hoga_format(trade->price, trade->price_decimals, price);
    hoga_format(trade->size, trade->size_decimals, size);
    printf("%" PRIu64 " %s %s %s%s\n", trade->id, hoga_side_word(trade->side), price, size,
           trade->is_after_gap ? "  (others may be missing before it)" : "");
}

int main(int argc, char **argv)
{
    struct hoga_problem problem;
    struct hoga *h;
    if (hoga_open(&h, NULL, &problem) < 0) {
        fprintf(stderr, "trades: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
        return 1;
    }
    const char *name = argc > 1 ? argv[1] : "upbit:KRW-BTC";
    uint64_t next = HOGA_TRADES_LAST, missed;
    struct hoga_trade trades[64];
    hoga_id id;
    int r = hoga_find(h, name, &id);
    while (r >= 0) {
        r = hoga_trades(h, id, &next, trades, 64, &missed);
        if (missed > 0)
            printf("missed %" PRIu64 "\n", missed);
        for (int i = 0; i < r; i++)
            show(&trades[i]);
        fflush(stdout);
        if (r == 0)
            r = hoga_wait_trades(h, id, next, -1);
    }
    fprintf(stderr, "trades: %s: %s\n", name, strerror(-r));
    hoga_close(h);
    return 1;
}
