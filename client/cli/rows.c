/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include "text.h"

#include <errno.h>
#include <fnmatch.h>

static bool is_wanted(const struct cli *c, const char *name)
{
    return !c->filter || fnmatch(c->filter, name, FNM_CASEFOLD) == 0;
}

/* Rows are numbered without an end that is known; a segment that claims more than this is not read on. */
#define ROWS_MAX 65536u

bool rows_next_connection(const struct cli *c, uint32_t *io_index, struct hoga_connection *ret)
{
    while (*io_index < ROWS_MAX) {
        int r = hoga_connection(c->h, (*io_index)++, ret);

        if (r == -ERANGE)
            return false;
        if (r < 0)
            continue;
        text_clean(ret->venue);
        if (ret->venue[0] && is_wanted(c, ret->venue))
            return true;
    }
    return false;
}

bool rows_next_latency(const struct cli *c, uint32_t *io_index, struct hoga_latency *ret)
{
    while (*io_index < ROWS_MAX) {
        int r = hoga_latency(c->h, (*io_index)++, ret);

        if (r == -ERANGE)
            return false;
        if (r < 0)
            continue;
        text_clean(ret->venue);
        text_clean(ret->name);
        if (ret->name[0] && (is_wanted(c, ret->name) || is_wanted(c, ret->venue)))
            return true;
    }
    return false;
}

bool rows_next_counter(const struct cli *c, uint32_t *io_index, struct hoga_counter *ret)
{
    while (*io_index < ROWS_MAX) {
        int r = hoga_counter(c->h, (*io_index)++, ret);

        if (r == -ERANGE)
            return false;
        if (r < 0)
            continue;
        text_clean(ret->name);
        text_clean(ret->unit);
        if (ret->name[0] && is_wanted(c, ret->name))
            return true;
    }
    return false;
}
