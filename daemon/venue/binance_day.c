/* SPDX-License-Identifier: MIT */
#include "venue/binance_day.h"

#include "venue/field.h"

#include <errno.h>
#include <string.h>

struct binance_day {
    char symbol[MD_SYMBOL_SIZE];
    int64_t event_ns;
    struct scan_number change, last, open, high, low, volume, value;
};
#define KEY(key, kind, member) FIELD(key, kind, struct binance_day, member)
static const struct field keys[] = {
    KEY("E", FIELD_TIME_MS_US, event_ns), KEY("s", FIELD_SYMBOL, symbol), KEY("p", FIELD_NUMBER, change),
    KEY("c", FIELD_NUMBER, last),         KEY("o", FIELD_NUMBER, open),   KEY("h", FIELD_NUMBER, high),
    KEY("l", FIELD_NUMBER, low),          KEY("v", FIELD_NUMBER, volume), KEY("q", FIELD_NUMBER, value),
};
enum { SAW_SYMBOL = 1 << 1, SAW_VOLUME = 1 << 7, SAW_VALUE = 1 << 8 };
static const struct field_day_row rows[] = {
    { 1 << 2, offsetof(struct binance_day, change), MD_FACT_CHANGE },
    { 1 << 3, offsetof(struct binance_day, last), MD_FACT_LAST },
    { 1 << 4, offsetof(struct binance_day, open), MD_FACT_OPEN },
    { 1 << 5, offsetof(struct binance_day, high), MD_FACT_HIGH },
    { 1 << 6, offsetof(struct binance_day, low), MD_FACT_LOW },
    { 1 << 7, offsetof(struct binance_day, volume), MD_FACT_VOLUME },
    { 1 << 8, offsetof(struct binance_day, value), MD_FACT_VALUE },
};
#define N_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* BTCUSD_PERP, BTCUSD_260925: COIN-M's, all in contracts of USD. */
static int is_coin_margined(const char *symbol)
{
    const char *end = strchr(symbol, '_');

    return end && end - symbol > 3 && memcmp(end - 3, "USD", 3) == 0;
}

/* `x` is the last price before those 24 hours and no day's close: not taken. `v` is in base and `q` in quote on spot
 * and USD-M; on COIN-M `v` counts contracts and `q` is in base: 1,967,607 contracts of 100 USD over 21,221 BTC are the
 * mean price `w` of a recorded frame. */
int binance_day_add(struct scan payload, struct md_frame *frame)
{
    struct binance_day d = { .event_ns = 0 };
    struct md_day *day;
    uint32_t seen;
    int r = fields_read(&payload, keys, N_OF(keys), &d, NULL, &seen);

    if (r < 0)
        return r;
    if (!(seen & SAW_SYMBOL))
        return field_plain(frame, MD_OTHER);
    if (is_coin_margined(d.symbol)) {
        d.volume = d.value;
        seen = (seen & ~(uint32_t)(SAW_VOLUME | SAW_VALUE)) | (seen & SAW_VALUE ? SAW_VOLUME : 0);
    }
    day = field_day_event(frame, d.symbol, MD_PERIOD_24_HOURS, d.event_ns);
    if (!day)
        return -E2BIG;
    field_facts(day, rows, N_OF(rows), &d, seen);
    return 0;
}
