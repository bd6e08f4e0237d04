/* SPDX-License-Identifier: MIT
 * fuzz_config.c - a configuration file of any bytes: refused in words, or taken, within its limits; and what is printed
 * of it loads to the same. */
#include "input_file.h"
#include "loop/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const venues[] = { "upbit", "kraken", "binance-usdm" };

static int load(const void *bytes, size_t size, struct config **ret)
{
    struct config_problem problem = { "" };
    struct config_search search = { .file = input_file(bytes, size),
                                    .venues = venues,
                                    .n_venues = sizeof venues / sizeof venues[0] };
    int r = config_load(&search, ret, &problem);

    FUZZ_CHECK(memchr(problem.text, '\0', sizeof problem.text) != NULL);
    FUZZ_CHECK(r == 0 || r == -ENOMEM || problem.text[0] != '\0');
    return r;
}

static void is_sound(const struct config *c)
{
    uint32_t n = 0;

    FUZZ_CHECK(c->n_venues > 0 && c->n_venues <= sizeof venues / sizeof venues[0]);
    FUZZ_CHECK((c->segment_mode & 0600) == 0600 && (c->segment_mode & ~0644u) == 0);
    FUZZ_CHECK(c->depth >= 1 && c->depth <= 1000 && c->books_max >= 1);
    for (uint32_t i = 0; i < c->n_venues; i++) {
        const struct config_venue *v = &c->venues[i];

        FUZZ_CHECK(config_venue_find(c, v->name) == v && v->n_symbols > 0 && v->levels_max >= 1);
        for (uint32_t k = 0; k < v->n_symbols; k++)
            FUZZ_CHECK(v->symbols[k][0] != '\0' && memchr(v->symbols[k], '\0', CONFIG_SYMBOL_SIZE) != NULL);
        n += v->n_symbols;
    }
    FUZZ_CHECK(n <= c->books_max);
}

static char *printed(const struct config *c, size_t *ret_size)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, ret_size);

    FUZZ_CHECK(to);
    config_print(c, to);
    FUZZ_CHECK(fclose(to) == 0 && text);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *first, *second;
    char *text, *again;
    size_t n, n_again;

    if (load(data, size, &first) < 0)
        return 0;
    is_sound(first);
    text = printed(first, &n);
    FUZZ_CHECK(load(text, n, &second) == 0);
    is_sound(second);
    again = printed(second, &n_again);
    FUZZ_CHECK(n == n_again && memcmp(text, again, n) == 0);
    free(text);
    free(again);
    first = config_free(first);
    second = config_free(second);
    return 0;
}
