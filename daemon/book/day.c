/* SPDX-License-Identifier: MIT */
#include "book/day.h"

#include "core/decimal.h"

#define BIT(fact) (1u << (fact))
#define TOTALS    (BIT(MD_FACT_BID_TOTAL) | BIT(MD_FACT_ASK_TOTAL))

static int has(const struct day *d, uint32_t bits)
{
    return (d->known & bits) == bits;
}

/* Returns 1 if it is another fact than before. */
static int fact_set(struct day *d, enum md_fact fact, int64_t mantissa, uint8_t decimals)
{
    int changed = !has(d, BIT(fact)) || d->fact[fact] != mantissa || d->decimals[fact] != decimals;

    d->known |= BIT(fact);
    d->fact[fact] = mantissa;
    d->decimals[fact] = decimals;
    return changed;
}

static int last_set(struct day *d, int64_t mantissa, uint8_t decimals, int64_t last_ns)
{
    int changed;

    if (last_ns > 0 && last_ns < d->last_ns)
        return 0;
    changed = fact_set(d, MD_FACT_LAST, mantissa, decimals);
    if (last_ns > 0) {
        changed |= last_ns != d->last_ns;
        d->last_ns = last_ns;
    } else if (changed) {
        d->last_ns = 0; /* the time was another price's */
    }
    return changed;
}

/* Exactly last less previous close; not known where no int64 holds it. */
static int change_settle(struct day *d)
{
    uint8_t close_decimals = d->decimals[MD_FACT_PREVIOUS_CLOSE], decimals = d->decimals[MD_FACT_LAST];
    int64_t last, close, change;

    if (!has(d, BIT(MD_FACT_LAST) | BIT(MD_FACT_PREVIOUS_CLOSE)) || d->period == MD_PERIOD_24_HOURS)
        return 0;
    decimals = decimals > close_decimals ? decimals : close_decimals;
    if (decimal_rescale(d->fact[MD_FACT_LAST], d->decimals[MD_FACT_LAST], decimals, &last) < 0 ||
        decimal_rescale(d->fact[MD_FACT_PREVIOUS_CLOSE], close_decimals, decimals, &close) < 0 ||
        __builtin_sub_overflow(last, close, &change)) {
        int was_known = has(d, BIT(MD_FACT_CHANGE));

        d->known &= ~BIT(MD_FACT_CHANGE);
        return was_known;
    }
    return fact_set(d, MD_FACT_CHANGE, change, decimals);
}

int day_take(struct day *d, const struct md_day *from, int64_t recv_ns)
{
    int changed = 0;

    if (from->period != MD_PERIOD_UNKNOWN) {
        changed |= d->period != from->period;
        d->period = from->period;
    }
    for (int fact = 0; fact < MD_FACT_COUNT; fact++) {
        if ((from->known & BIT(fact)) == 0)
            continue;
        if (fact == MD_FACT_LAST)
            changed |= last_set(d, from->fact[fact], from->decimals[fact], from->last_ns);
        else
            changed |= fact_set(d, (enum md_fact)fact, from->fact[fact], from->decimals[fact]);
    }
    changed |= change_settle(d);
    if (from->venue_ns > 0)
        d->venue_ns = from->venue_ns;
    d->recv_ns = recv_ns;
    return changed;
}

int day_trade(struct day *d, const struct md_trade *trade)
{
    int changed = last_set(d, trade->price, trade->price_decimals, trade->venue_ns);

    return changed | change_settle(d);
}

int day_totals(struct day *d, const struct md_event *event, uint64_t update)
{
    uint32_t known = (event->totals_known & 1u ? BIT(MD_FACT_BID_TOTAL) : 0) |
                     (event->totals_known & 2u ? BIT(MD_FACT_ASK_TOTAL) : 0);
    int changed = (d->known & TOTALS) != known;

    d->known &= ~TOTALS | known;
    if (known & BIT(MD_FACT_BID_TOTAL))
        changed |= fact_set(d, MD_FACT_BID_TOTAL, event->bid_total, event->bid_total_decimals);
    if (known & BIT(MD_FACT_ASK_TOTAL))
        changed |= fact_set(d, MD_FACT_ASK_TOTAL, event->ask_total, event->ask_total_decimals);
    if (known != 0)
        d->totals_update = update;
    return changed;
}
