/* SPDX-License-Identifier: MIT
 * spell.h - what several dialects read and write alike: profiles by name, quoted numbers, rows of levels, arguments of
 * requests. Pure, any thread. */
#ifndef SIM_SPELL_H
#define SIM_SPELL_H

#include "dialect.h"

struct cJSON;

/* A market that has a profile of its own. */
struct spell_market {
    const char *symbol;
    struct market_profile profile;
};

/* By its row, else one of these prices by its name. Symbols hold only `letters`. Returns: 0, -EINVAL. */
int spell_profile(const struct spell_market *rows, size_t n, const char *letters, const char *symbol,
                  struct market_profile *ret);

/* key, then the number: pen_string and pen_u64. */
void spell_u64(struct pen *p, const char *key, uint64_t value);
/* "12.50" with its quotes, with zeros up to so many decimals. */
void spell_quoted(struct pen *p, struct number n, uint8_t decimals);
/* key, then [["price","size"],...]; `tail` stands behind the size of each row ("" or ,"0","1"). */
void spell_rows(struct pen *p, const char *key, const struct delta_level *levels, unsigned n, uint8_t decimals,
                const char *tail);
/* 2026-11-23T08:05:03.000123Z */
void spell_time(struct pen *p, int64_t timestamp_ms);
/* The text of `name` in a JSON object, or "". */
const char *spell_text(const struct cJSON *object, const char *name);
/* The JSON value of `name` as it was sent, or `otherwise`. */
void spell_echo(struct pen *p, const struct cJSON *object, const char *name, const char *otherwise);
/* The value of `name` in a URL's query, cut to fit; "" if absent. */
void spell_query(const char *target, const char *name, char *ret, size_t size);

#endif
