/* SPDX-License-Identifier: MIT
 * peer_delta.h - the same book messages read by simdjson's on-demand parser, and the same changes kept in two
 * std::map: what a reasonable user of those would write, in floating point as they do. For bench_delta, bench_korean
 * and bench_book only. */
#ifndef PEER_DELTA_H
#define PEER_DELTA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PEER_DELTA_LEVELS_MAX 4096
#define PEER_DELTA_PADDING    64 /* readable bytes behind a frame */

/* Where a venue's message has its book. */
enum peer_shape {
    PEER_BINANCE,      /* {"stream","data":{"E","s","U","u","b":[[p,s]],"a"}}, or the inner object alone */
    PEER_OKX,          /* {"arg":{"instId"},"data":[{"asks":[[p,s,..]],"bids","ts"}]}; Bitget the same */
    PEER_BYBIT,        /* {"topic","ts","data":{"s","b","a","u"}} */
    PEER_GATEIO,       /* {"result":{"t","s","U","u","b","a"}} */
    PEER_KRAKEN,       /* {"data":[{"symbol","bids":[{"price","qty"}],"asks","checksum","timestamp"}]} */
    PEER_COINBASE,     /* {"product_id","changes":[[side,p,s]],"time"} */
    PEER_COINBASE_ADV, /* {"sequence_num","events":[{"product_id","updates":[{"side","price_level","new_quantity"}]}]}
                        */
    PEER_BITHUMB, /* {"code","total_ask_size","total_bid_size","orderbook_units":[{"ask_price",...}],"timestamp"} */
    PEER_COINONE, /* {"data":{"quote_currency","target_currency","timestamp","id","asks":[{"price","qty"}],"bids"}} */
    PEER_KORBIT,  /* {"symbol","data":{"timestamp","asks":[{"price","qty"}],"bids"}} */
    PEER_SHAPES
};

struct peer_delta {
    char symbol[48];
    long long time, sequence;
    int has_previous;
    size_t n;
    double level[PEER_DELTA_LEVELS_MAX][2];
};

/* `has_previous`: the venue's messages name the number before theirs, too. Returns 0, -1 not such a message. */
int peer_simdjson_delta(enum peer_shape shape, const char *bytes, size_t size, int has_previous,
                        struct peer_delta *ret);

/* Two sides in std::map, best first. */
struct peer_map;
struct peer_map *peer_map_new(void);
void peer_map_free(struct peer_map *map);
void peer_map_clear(struct peer_map *map);
/* Size 0 takes the level away. */
void peer_map_set(struct peer_map *map, int is_ask, int64_t price, int64_t size);
/* The best `depth` of a side into price, size pairs; how many. */
size_t peer_map_top(const struct peer_map *map, int is_ask, int64_t (*ret)[2], size_t depth);

#ifdef __cplusplus
}
#endif

#endif
