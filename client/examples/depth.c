/* SPDX-License-Identifier: MIT
 * depth.c - what buying SIZE would cost on average, in exact integers: depth NAME SIZE */
#include <hoga/hoga.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LEVELS_MAX 1000 /* the deepest segment */

static struct hoga_level bids[LEVELS_MAX], asks[LEVELS_MAX];

static int fill(struct hoga *h, const char *name, const char *size_text)
{
    hoga_id id;
    struct hoga_book book;
    int64_t size, filled, average;
    int r = hoga_find(h, name, &id);
    if (r == 0)
        r = hoga_read(h, id, 0, &book, bids, asks, LEVELS_MAX);
    if (r == 0)
        r = hoga_parse(size_text, book.size_decimals, &size);
    if (r < 0)
        return r;
    unsigned decimals = book.price_decimals + 2u <= 18 ? book.price_decimals + 2u : 18;
    r = hoga_fill(&book, asks, book.n_asks, 1, size, decimals, &filled, NULL, &average);
    if (r < 0 && r != -ENOSPC) /* -ENOSPC: the levels hold only a part of it */
        return r;
    char average_text[HOGA_DECIMAL_SIZE], filled_text[HOGA_DECIMAL_SIZE];
    hoga_format(average, decimals, average_text);
    hoga_format(filled, book.size_decimals, filled_text);
    printf("%s %s buy %s at %s\n", name, hoga_state_word(book.state), filled_text, average_text);
    return 0;
}

int main(int argc, char **argv)
{
    struct hoga_problem problem;
    struct hoga *h;
    if (argc != 3) {
        fprintf(stderr, "usage: depth NAME SIZE\n");
        return 2;
    }
    if (hoga_open(&h, NULL, &problem) < 0) {
        fprintf(stderr, "depth: %s: %s: %s\n", problem.what, problem.why, problem.remedy);
        return 1;
    }
    int r = fill(h, argv[1], argv[2]);
    if (r < 0)
        fprintf(stderr, "depth: %s %s: %s\n", argv[1], argv[2], strerror(-r));
    hoga_close(h);
    return r == 0 ? 0 : 1;
}
