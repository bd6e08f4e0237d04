/* SPDX-License-Identifier: MIT */
#include "control_tape.h"

#include "feed_tape.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_TEXT_SIZE 48
#define BURST_MAX        100000

static void add_number(cJSON *object, const char *name, struct number n)
{
    char text[NUMBER_TEXT_SIZE];
    struct pen pen;

    pen_init(&pen, text, sizeof(text) - 1);
    pen_plain(&pen, n);
    text[pen.used] = '\0';
    (void)cJSON_AddStringToObject(object, name, text);
}

static void add_trade(cJSON *array, const struct trade *trade)
{
    cJSON *object = cJSON_CreateObject();
    char id[24];

    (void)snprintf(id, sizeof(id), "%" PRIu64, trade->id);
    (void)cJSON_AddStringToObject(object, "id", id);
    add_number(object, "price", (struct number){ trade->price, trade->price_decimals });
    add_number(object, "size", (struct number){ trade->size, trade->size_decimals });
    (void)cJSON_AddStringToObject(object, "side", trade->is_sell ? "sell" : "buy");
    (void)cJSON_AddNumberToObject(object, "timestamp", (double)trade->timestamp_ms);
    (void)cJSON_AddItemToArray(array, object);
}

/* The last n, oldest first, and how many there ever were. */
const char *op_trades(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);
    uint64_t n = (uint64_t)control_number(request, "n", TAPE_KEPT);
    cJSON *array;

    if (m == NULL)
        return "no such symbol";
    n = n < m->tape.n ? n : m->tape.n;
    n = n < TAPE_KEPT ? n : TAPE_KEPT;
    (void)cJSON_AddNumberToObject(reply, "made", (double)m->tape.n);
    array = cJSON_AddArrayToObject(reply, "trades");
    while (n-- > 0)
        add_trade(array, tape_last(&m->tape, n));
    return NULL;
}

/* One trade, or with n so many of them at once, the first with this id if one is given. */
const char *op_trade(struct sim *s, const cJSON *request, cJSON *reply)
{
    struct market *m = control_market(s, request);
    const char *price_text = control_text(request, "price"), *size_text = control_text(request, "size");
    const char *side = control_text(request, "side"), *id = control_text(request, "id");
    struct trade trade = { .timestamp_ms = sim_wall_ms() + s->faults.skew_ms };
    struct number price, size;
    int64_t n = control_number(request, "n", 1);
    int r = 0;

    if (m == NULL)
        return "no such symbol";
    if (price_text == NULL || size_text == NULL || number_parse(price_text, &price) < 0 ||
        number_parse(size_text, &size) < 0 || price.mantissa < 0 || size.mantissa < 0)
        return "price and size are not plain decimals of at most 18 places";
    if (n < 1 || n > BURST_MAX)
        return "n is not between 1 and 100000";
    trade.price = price.mantissa;
    trade.price_decimals = price.decimals;
    trade.size = size.mantissa;
    trade.size_decimals = size.decimals;
    trade.is_sell = side != NULL && strcmp(side, "sell") == 0;
    trade.id = id != NULL ? strtoull(id, NULL, 10) : 0;
    s->is_exact = true;
    for (int64_t i = 0; i < n && r == 0; i++) {
        r = tape_publish(s, m, &trade);
        trade.id = 0;
    }
    s->is_exact = false;
    (void)cJSON_AddNumberToObject(reply, "made", (double)m->tape.n);
    return r < 0 ? "the id is not above the last one's" : NULL;
}

const char *op_day(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);
    const struct trade *last;
    struct number change;

    if (m == NULL)
        return "no such symbol";
    last = tape_last(&m->tape, 0);
    add_number(reply, "previous_close", m->tape.previous_close);
    if (last == NULL)
        return NULL;
    add_number(reply, "last", (struct number){ last->price, last->price_decimals });
    if (tape_change(&m->tape, &change))
        add_number(reply, "change", change);
    add_number(reply, "open", m->tape.open);
    add_number(reply, "high", m->tape.high);
    add_number(reply, "low", m->tape.low);
    add_number(reply, "volume", m->tape.volume);
    add_number(reply, "value", m->tape.value);
    return NULL;
}
