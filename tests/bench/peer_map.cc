// SPDX-License-Identifier: MIT
// See peer_delta.h.
#include "peer_delta.h"

#include <functional>
#include <map>

struct peer_map {
    std::map<int64_t, int64_t, std::greater<int64_t>> bids;
    std::map<int64_t, int64_t> asks;
};

namespace
{

template <class Side> void side_set(Side &side, int64_t price, int64_t size)
{
    if (size == 0)
        side.erase(price);
    else
        side[price] = size;
}

template <class Side> size_t side_top(const Side &side, int64_t (*ret)[2], size_t depth)
{
    size_t n = 0;

    for (auto level = side.begin(); level != side.end() && n < depth; ++level, n++) {
        ret[n][0] = level->first;
        ret[n][1] = level->second;
    }
    return n;
}

} // namespace

struct peer_map *peer_map_new(void)
{
    return new peer_map;
}

void peer_map_free(struct peer_map *map)
{
    delete map;
}

void peer_map_clear(struct peer_map *map)
{
    map->bids.clear();
    map->asks.clear();
}

void peer_map_set(struct peer_map *map, int is_ask, int64_t price, int64_t size)
{
    if (is_ask)
        side_set(map->asks, price, size);
    else
        side_set(map->bids, price, size);
}

size_t peer_map_top(const struct peer_map *map, int is_ask, int64_t (*ret)[2], size_t depth)
{
    return is_ask ? side_top(map->asks, ret, depth) : side_top(map->bids, ret, depth);
}
