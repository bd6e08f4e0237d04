/* SPDX-License-Identifier: MIT */
#include "day.h"

#include "doc.h"
#include "text.h"

#include <errno.h>
#include <string.h>

#define PERCENT_SIZE 40

void day_read(struct cli *c, hoga_id id, struct hoga_day *ret)
{
    int r = -EAGAIN;

    *ret = (struct hoga_day){ .id = id };
    for (unsigned i = 0; i < CLI_TRIES_MAX && r == -EAGAIN; i++)
        r = hoga_day(c->h, id, ret);
}

/* With separators; "" where it is not known. */
static void fact_text(const struct hoga_fact *fact, bool has_sign, char ret[TEXT_NUMBER_SIZE])
{
    char plain[HOGA_DECIMAL_SIZE], number[TEXT_NUMBER_SIZE];
    size_t n_sign = has_sign && fact->mantissa > 0;

    ret[0] = '\0';
    if (!fact->is_known || hoga_format(fact->mantissa, fact->decimals, plain) < 0)
        return;
    text_number(plain, 0, number); /* far shorter than its size: 18 decimals and their separators */
    (void)snprintf(ret, TEXT_NUMBER_SIZE, "%s%.*s", n_sign ? "+" : "", (int)(TEXT_NUMBER_SIZE - 1 - n_sign), number);
}

/* Change over what it is a change from, in hundredths of a percent, rounded as in the ladder: " (+0.01 %)", or "". */
static void percent_text(const struct hoga_day *day, char ret[PERCENT_SIZE])
{
    __int128 change = day->change.mantissa, from = day->last.mantissa;
    char plain[HOGA_DECIMAL_SIZE];

    ret[0] = '\0';
    if (!day->change.is_known || !day->last.is_known)
        return;
    for (unsigned i = day->change.decimals; i < day->last.decimals; i++)
        change *= 10;
    for (unsigned i = day->last.decimals; i < day->change.decimals; i++)
        from *= 10;
    from -= change;
    if (from <= 0 || change > INT64_MAX || change < -INT64_MAX)
        return;
    change = (change * 20000 / from + (change < 0 ? -1 : 1)) / 2;
    if (change > INT64_MAX || change < -INT64_MAX || hoga_format_fixed((int64_t)change, 2, plain) < 0)
        return;
    (void)snprintf(ret, PERCENT_SIZE, " (%s%s %%)", change > 0 ? "+" : "", plain);
}

static void append(char *io, size_t size, size_t room, const char *more)
{
    if (text_width(io) + text_width(more) <= room)
        (void)strncat(io, more, size - strlen(io) - 1);
}

void day_text(const struct hoga_day *day, size_t room, char *ret, size_t size)
{
    char number[TEXT_NUMBER_SIZE], percent[PERCENT_SIZE], more[TEXT_NUMBER_SIZE + PERCENT_SIZE + 64];
    bool is_of_day = day->period != HOGA_PERIOD_24_HOURS;

    ret[0] = '\0';
    fact_text(&day->last, false, number);
    if (!number[0])
        return;
    (void)snprintf(ret, size, _("last %s"), number);
    fact_text(&day->change, true, number);
    percent_text(day, percent);
    (void)snprintf(more, sizeof more, "  %s%s%s%s", number, percent, is_of_day ? "" : " ",
                   is_of_day ? "" : hoga_period_word(day->period));
    if (number[0])
        append(ret, size, room, more);
    fact_text(&day->previous_close, false, number);
    (void)snprintf(more, sizeof more, _("  previous close %s"), number);
    if (number[0])
        append(ret, size, room, more);
}

void day_totals_text(const struct hoga_day *day, char *ret, size_t size)
{
    char bid[TEXT_NUMBER_SIZE], ask[TEXT_NUMBER_SIZE];

    fact_text(&day->bid_total, false, bid);
    fact_text(&day->ask_total, false, ask);
    ret[0] = '\0';
    if (bid[0] && ask[0])
        (void)snprintf(ret, size, _("venue's totals: ask %s, bid %s"), ask, bid);
}

static void fill_fact(struct table *t, const char *label, const struct hoga_fact *fact, bool has_sign, const char *more)
{
    char number[TEXT_NUMBER_SIZE], text[TEXT_NUMBER_SIZE + PERCENT_SIZE + 64];

    fact_text(fact, has_sign, number);
    if (!number[0])
        return;
    (void)snprintf(text, sizeof text, "%s%s", number, more);
    table_add(t, PAINT_DIM, label);
    table_add(t, PAINT_OFF, text);
}

void day_fill(const struct cli *c, struct table *t, const struct hoga_day *day)
{
    char percent[PERCENT_SIZE], when[TEXT_TIME_SIZE];

    percent_text(day, percent);
    fill_fact(t, _("last price"), &day->last, false, "");
    fill_fact(t, _("previous close"), &day->previous_close, false, "");
    fill_fact(t, _("change"), &day->change, true, percent);
    fill_fact(t, _("open"), &day->open, false, "");
    fill_fact(t, _("high"), &day->high, false, "");
    fill_fact(t, _("low"), &day->low, false, "");
    fill_fact(t, _("volume"), &day->volume, false, "");
    fill_fact(t, _("value"), &day->value, false, "");
    if (day->period != HOGA_PERIOD_UNKNOWN) {
        table_add(t, PAINT_DIM, _("counted over"));
        table_add(t, PAINT_OFF,
                  day->period == HOGA_PERIOD_DAY        ? _("the venue's day")
                  : day->period == HOGA_PERIOD_24_HOURS ? _("24 hours")
                                                        : "-");
    }
    fill_fact(t, _("asks in all"), &day->ask_total, false, "");
    fill_fact(t, _("bids in all"), &day->bid_total, false, "");
    if (day->last_ns > 0) {
        text_time(day->last_ns, c->is_utc, when);
        table_add(t, PAINT_DIM, _("last trade"));
        table_add(t, PAINT_OFF, when);
    }
}

cJSON *day_doc(const struct hoga_day *day)
{
    const struct {
        const char *name;
        const struct hoga_fact *fact;
    } rows[] = { { "last", &day->last },           { "previous_close", &day->previous_close },
                 { "change", &day->change },       { "open", &day->open },
                 { "high", &day->high },           { "low", &day->low },
                 { "volume", &day->volume },       { "value", &day->value },
                 { "bid_total", &day->bid_total }, { "ask_total", &day->ask_total } };
    cJSON *object = cJSON_CreateObject();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        doc_add_decimal(object, rows[i].name, rows[i].fact->is_known, rows[i].fact->mantissa, rows[i].fact->decimals);
    (void)cJSON_AddStringToObject(object, "period", hoga_period_word(day->period));
    doc_add_number_text(object, "update", day->update);
    doc_add_number_text(object, "totals_update", day->totals_update);
    doc_add_wall(object, "last_ns", day->last_ns);
    doc_add_wall(object, "venue_ns", day->venue_ns);
    doc_add_wall(object, "recv_ns", day->recv_ns);
    return object;
}
