/* SPDX-License-Identifier: MIT */
#include "dialect.h"

#include <cjson/cJSON.h>
#include <string.h>

extern const struct dialect dialect_upbit;
extern const struct dialect dialect_binance;
extern const struct dialect dialect_binance_usdm;
extern const struct dialect dialect_binance_coinm;
extern const struct dialect dialect_okx;
extern const struct dialect dialect_bybit;
extern const struct dialect dialect_bybit_linear;
extern const struct dialect dialect_bitget;
extern const struct dialect dialect_gateio;
extern const struct dialect dialect_kraken;
extern const struct dialect dialect_coinbase;
extern const struct dialect dialect_coinbase_adv;
extern const struct dialect dialect_bithumb;
extern const struct dialect dialect_coinone;
extern const struct dialect dialect_korbit;
extern const struct dialect dialect_recorded;

static const struct dialect *const dialects[] = {
    &dialect_upbit,   &dialect_binance, &dialect_binance_usdm, &dialect_binance_coinm,
    &dialect_okx,     &dialect_bybit,   &dialect_bybit_linear, &dialect_bitget,
    &dialect_gateio,  &dialect_kraken,  &dialect_coinbase,     &dialect_coinbase_adv,
    &dialect_bithumb, &dialect_coinone, &dialect_korbit,       &dialect_recorded,
};

const struct dialect *dialect_at(size_t i)
{
    return i < sizeof(dialects) / sizeof(dialects[0]) ? dialects[i] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++) {
        if (strcmp(dialects[i]->name, name) == 0)
            return dialects[i];
    }
    return NULL;
}

struct subscription *session_at(const struct session *s, const struct market_set *markets, const struct market *m,
                                enum dialect_channel channel)
{
    return &s->subscriptions[(size_t)channel * markets->n + (size_t)(m - markets->at)];
}

void session_want(struct subscription *io, bool is_wanted, uint16_t depth, uint32_t kind, bool is_whole)
{
    *io = (struct subscription){ .is_wanted = is_wanted,
                                 .is_new = is_wanted,
                                 .wants_snapshot = is_wanted,
                                 .wants_realtime = is_wanted,
                                 .is_whole = is_whole,
                                 .depth = depth,
                                 .kind = kind };
}

void pen_padding(struct pen *p, size_t padding)
{
    if (padding == 0)
        return;
    pen_string(p, ",\"padding\":\"");
    while (padding-- > 0 && !p->cut)
        pen_bytes(p, "x", 1);
    pen_string(p, "\"");
}

void reply_next(struct reply *io)
{
    pen_string(&io->text, REPLY_PARTING);
}

cJSON *dialect_parse(const char *bytes, size_t n)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(bytes, n, &end, false);

    while (value != NULL && end < bytes + n) {
        if (strchr(" \t\r\n", *end++) == NULL) {
            cJSON_Delete(value);
            return NULL;
        }
    }
    return value;
}
