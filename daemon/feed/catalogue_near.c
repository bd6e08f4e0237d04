/* SPDX-License-Identifier: MIT
 * Is a symbol one of the venue's, and if not, which one was meant? Asked by front ends, a few times a second. */
#include "core/text.h"
#include "feed/catalogue_private.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define SLIPS_MAX 2 /* letters wrong, missing or too many */

/* NAME@... is a book of the venue's own making of NAME: it is listed where NAME is. */
static const char *base_split(const char *symbol, char ret[MD_SYMBOL_SIZE])
{
    size_t n = strcspn(symbol, "@");

    if (n >= MD_SYMBOL_SIZE)
        n = MD_SYMBOL_SIZE - 1;
    memcpy(ret, symbol, n);
    ret[n] = '\0';
    return symbol + strcspn(symbol, "@");
}

static const struct feed_catalogue *complete_list(const struct feed *f)
{
    const struct feed_catalogue *c = f->catalogue;

    return c && c->is_there && f->options.venue->catalogue->is_complete ? c : NULL;
}

static const char *spelled(const struct feed_catalogue *c, const char *base)
{
    const struct feed_instrument *row = catalogue_list_find(&c->now, base);

    for (uint32_t i = 0; !row && i < c->now.n; i++) {
        if (strcasecmp(c->now.sorted[i]->instrument.symbol, base) == 0)
            row = c->now.sorted[i];
    }
    return row && row->instrument.listing != MD_LISTING_DELISTED ? row->instrument.symbol : NULL;
}

int feed_catalogue_spell(const struct feed *f, const char *symbol, char ret[MD_SYMBOL_SIZE])
{
    const struct feed_catalogue *c = complete_list(f);
    char base[MD_SYMBOL_SIZE], found[MD_SYMBOL_SIZE];
    const char *tail = base_split(symbol, base), *listed;
    struct text t;

    if (!c)
        return -EAGAIN;
    listed = spelled(c, base);
    if (!listed)
        return -ENOENT;
    text_init(&t, found, sizeof(found));
    text_add_string(&t, listed);
    text_add_string(&t, tail);
    if (t.cut)
        return -ENOENT;
    return text_copy(ret, MD_SYMBOL_SIZE, found);
}

/* How many slips make the one of the other, if not more than SLIPS_MAX; most pairs are given up after a few letters. */
static unsigned slips(const char *a, const char *b)
{
    unsigned row[MD_SYMBOL_SIZE + 1], n_a = (unsigned)strlen(a), n_b = (unsigned)strlen(b);

    if (n_a > n_b + SLIPS_MAX || n_b > n_a + SLIPS_MAX || n_b > MD_SYMBOL_SIZE)
        return SLIPS_MAX + 1;
    for (unsigned j = 0; j <= n_b; j++)
        row[j] = j;
    for (unsigned i = 1; i <= n_a; i++) {
        unsigned diagonal = row[0], least;

        row[0] = least = i;
        for (unsigned j = 1; j <= n_b; j++) {
            unsigned kept = row[j];
            unsigned best = diagonal + (toupper((unsigned char)a[i - 1]) != toupper((unsigned char)b[j - 1]));

            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = kept;
            least = best < least ? best : least;
        }
        if (least > SLIPS_MAX)
            return SLIPS_MAX + 1;
    }
    return row[n_b];
}

int feed_catalogue_near(const struct feed *f, const char *symbol, char ret[MD_SYMBOL_SIZE])
{
    const struct feed_catalogue *c = complete_list(f);
    unsigned best = SLIPS_MAX + 1;
    char base[MD_SYMBOL_SIZE];

    (void)base_split(symbol, base);
    for (uint32_t i = 0; c && i < c->now.n; i++) {
        const struct md_instrument *instrument = &c->now.sorted[i]->instrument;
        unsigned n = instrument->listing == MD_LISTING_DELISTED ? best : slips(base, instrument->symbol);

        if (n >= best)
            continue;
        best = n;
        (void)text_copy(ret, MD_SYMBOL_SIZE, instrument->symbol);
    }
    return best <= SLIPS_MAX ? 0 : -ENOENT;
}
