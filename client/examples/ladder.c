/* SPDX-License-Identifier: MIT
 * ladder.c - a front end in thirty lines: an order-book window for a terminal of any kind. */
#include <hoga/ladder.h>
#include <stdio.h>
#include <time.h>

int main(int argc, char **argv)
{
    struct hoga_problem problem;
    struct hoga_ladder *ladder;
    struct hoga *h;
    char price[HOGA_DECIMAL_SIZE], size[HOGA_SUM_SIZE];

    if (hoga_open_wait(&h, NULL, -1, &problem) < 0 || hoga_ladder_new(h, &ladder) < 0)
        return fprintf(stderr, "%s: %s: %s\n", problem.what, problem.why, problem.remedy), 1;
    hoga_ladder_name_set(ladder, argc > 1 ? argv[1] : "upbit:KRW-BTC");
    hoga_ladder_rows_set(ladder, 10);
    for (int n = 0; argc < 3 || n < 3; nanosleep(&(struct timespec){ .tv_nsec = 33000000 }, NULL)) {
        const struct hoga_ladder_view *v = hoga_ladder_view(ladder);
        if (hoga_ladder_update(ladder, 0) == 0) /* nothing that is shown has changed */
            continue;
        printf("\n%s %s %s\n", v->name, v->is_found ? hoga_state_word(v->state) : "not carried", /* first the verdict */
               hoga_reason_sentence(v->reason));
        for (uint32_t i = 0; i < v->n_rows && v->is_found; i++) {
            const struct hoga_ladder_row *row = &v->rows[i];
            hoga_format(row->price, v->price_decimals, price);
            hoga_format_wide(row->size, v->size_decimals, size);
            if (row->side != HOGA_LADDER_NONE)
                printf("%s %16s %20s\n", row->side == HOGA_LADDER_ASK ? "ask" : "bid", price, size);
        }
        n++;
    }
}
