/* SPDX-License-Identifier: MIT */
#include "spell.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MARKET_LEVELS_DEEP 64

int spell_profile(const struct spell_market *rows, size_t n, const char *letters, const char *symbol,
                  struct market_profile *ret)
{
    uint64_t name = 0;

    if (*symbol == '\0' || strlen(symbol) >= MARKET_SYMBOL_SIZE || symbol[strspn(symbol, letters)] != '\0')
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].symbol, symbol) == 0) {
            *ret = rows[i].profile;
            return 0;
        }
    }
    for (const char *at = symbol; *at != '\0'; at++)
        name = splitmix64(name ^ (uint64_t)(unsigned char)*at);
    *ret = (struct market_profile){ .base = 20000 + (int64_t)(name % 90000),
                                    .tick = 1,
                                    .size_typical = 3000000000,
                                    .price_decimals = 4,
                                    .levels = MARKET_LEVELS_DEEP };
    return 0;
}

void spell_u64(struct pen *p, const char *key, uint64_t value)
{
    pen_string(p, key);
    pen_u64(p, value);
}

void spell_quoted(struct pen *p, struct number n, uint8_t decimals)
{
    pen_string(p, "\"");
    pen_padded(p, n, decimals);
    pen_string(p, "\"");
}

void spell_rows(struct pen *p, const char *key, const struct delta_level *levels, unsigned n, uint8_t decimals,
                const char *tail)
{
    pen_string(p, key);
    pen_string(p, "[");
    for (unsigned i = 0; i < n; i++) {
        pen_string(p, i > 0 ? ",[" : "[");
        spell_quoted(p, levels[i].price, decimals);
        pen_string(p, ",");
        spell_quoted(p, levels[i].size, decimals);
        pen_string(p, tail);
        pen_string(p, "]");
    }
    pen_string(p, "]");
}

void spell_time(struct pen *p, int64_t timestamp_ms)
{
    time_t seconds = (time_t)(timestamp_ms / 1000);
    char text[64];
    struct tm utc;
    size_t n;

    (void)gmtime_r(&seconds, &utc);
    n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(text + n, sizeof(text) - n, ".%03d000Z", (int)(timestamp_ms % 1000));
    pen_string(p, text);
}

const char *spell_text(const struct cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) ? item->valuestring : "";
}

void spell_echo(struct pen *p, const struct cJSON *object, const char *name, const char *otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    char *text = item == NULL ? NULL : cJSON_PrintUnformatted(item);

    pen_string(p, text != NULL ? text : otherwise);
    cJSON_free(text);
}

void spell_query(const char *target, const char *name, char *ret, size_t size)
{
    const char *at = strchr(target, '?');
    size_t n = strlen(name);

    ret[0] = '\0';
    while (at != NULL && (strncmp(at + 1, name, n) != 0 || at[1 + n] != '='))
        at = strchr(at + 1, '&');
    if (at == NULL)
        return;
    at += n + 2;
    n = strcspn(at, "&");
    n = n < size ? n : size - 1;
    memcpy(ret, at, n);
    ret[n] = '\0';
}
