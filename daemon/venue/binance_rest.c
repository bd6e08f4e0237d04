/* SPDX-License-Identifier: MIT */
#include "venue/binance_rest.h"

#include <errno.h>
#include <string.h>

/* Sheet, "REST snapshots": how many levels can be asked for, and what such a request weighs. The least that holds what
 * is wanted; 1000 where nothing is said. Best bid and ask are no book of REST. */
struct depth_limit {
    uint32_t levels, weight;
};
static const struct depth_limit spot_limits[] = { { 100, 5 }, { 500, 25 }, { 1000, 50 }, { 5000, 250 } };
static const struct depth_limit futures_limits[] = { { 50, 2 }, { 100, 5 }, { 500, 10 }, { 1000, 20 } };
#define N_LIMITS (sizeof(spot_limits) / sizeof(spot_limits[0]))

static const struct depth_limit *limit_of(const struct depth_limit *limits, uint32_t depth)
{
    unsigned i = 0;

    for (depth = depth ? depth : 1000; i + 1 < N_LIMITS && limits[i].levels < depth;)
        i++;
    return &limits[i];
}

static int path_add(struct text *text, const char *path, const char *symbol, const struct depth_limit *limit)
{
    if (strchr(symbol, '@'))
        return -ENOENT;
    text_addf(text, "%s/depth?symbol=%s&limit=%u", path, symbol, limit->levels);
    return text->cut ? -ENOBUFS : 0;
}

int binance_spot_path(struct text *text, const char *symbol, uint32_t depth)
{
    return path_add(text, "/api/v3", symbol, limit_of(spot_limits, depth));
}

int binance_usdm_path(struct text *text, const char *symbol, uint32_t depth)
{
    return path_add(text, "/fapi/v1", symbol, limit_of(futures_limits, depth));
}

int binance_coinm_path(struct text *text, const char *symbol, uint32_t depth)
{
    return path_add(text, "/dapi/v1", symbol, limit_of(futures_limits, depth));
}

uint32_t binance_spot_weight(uint32_t depth)
{
    return limit_of(spot_limits, depth)->weight;
}

uint32_t binance_futures_weight(uint32_t depth)
{
    return limit_of(futures_limits, depth)->weight;
}
