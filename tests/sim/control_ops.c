/* SPDX-License-Identifier: MIT */
#include "control.h"

#include "conn.h"
#include "control_tape.h"
#include "fault.h"
#include "feed.h"
#include "replay.h"
#include "struck.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CONTROL_STEPS_MAX 1000000
#define NUMBER_TEXT_SIZE  48

const char *control_text(const cJSON *request, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, name);

    return cJSON_IsString(item) ? item->valuestring : NULL;
}

int64_t control_number(const cJSON *request, const char *name, int64_t otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(request, name);

    return cJSON_IsNumber(item) && item->valuedouble > -1e15 && item->valuedouble < 1e15 ? (int64_t)item->valuedouble
                                                                                         : otherwise;
}

static void control_add_side(cJSON *reply, const char *name, const struct level *side, unsigned n, const struct book *b)
{
    cJSON *array = cJSON_AddArrayToObject(reply, name);

    for (unsigned i = 0; i < n; i++) {
        char price[NUMBER_TEXT_SIZE], size[NUMBER_TEXT_SIZE];
        struct pen text;
        cJSON *pair;
        if (side[i].price == 0 || side[i].size == 0)
            continue;
        pen_init(&text, price, sizeof(price) - 1);
        pen_plain(&text, (struct number){ side[i].price, b->price_decimals });
        price[text.used] = '\0';
        pen_init(&text, size, sizeof(size) - 1);
        pen_plain(&text, (struct number){ side[i].size, b->size_decimals });
        size[text.used] = '\0';
        pair = cJSON_CreateArray();
        (void)cJSON_AddItemToArray(pair, cJSON_CreateString(price));
        (void)cJSON_AddItemToArray(pair, cJSON_CreateString(size));
        (void)cJSON_AddItemToArray(array, pair);
    }
}

static const char *control_book(const struct market *m, const struct book *book, unsigned depth, cJSON *reply)
{
    if (book == NULL)
        return "no book of that timestamp is kept";
    (void)cJSON_AddStringToObject(reply, "symbol", m->symbol);
    (void)cJSON_AddNumberToObject(reply, "timestamp", (double)book->timestamp_ms);
    control_add_side(reply, "bids", book->bids, book->n_bids < depth ? book->n_bids : depth, book);
    control_add_side(reply, "asks", book->asks, book->n_asks < depth ? book->n_asks : depth, book);
    return NULL;
}

struct market *control_market(struct sim *s, const cJSON *request)
{
    const char *symbol = control_text(request, "symbol");

    for (size_t i = 0; symbol != NULL && i < s->markets.n; i++) {
        if (strcmp(s->markets.at[i].symbol, symbol) == 0)
            return &s->markets.at[i];
    }
    return NULL;
}

/* Each op returns NULL, or in words why not. */
static const char *op_truth(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);

    if (m == NULL)
        return "no such symbol";
    return control_book(m, market_find(m, control_number(request, "timestamp", -1)), MARKET_LEVELS_MAX, reply);
}

static const char *op_last(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);

    if (m == NULL)
        return "no such symbol";
    (void)cJSON_AddNumberToObject(reply, "seq", (double)m->seq);
    return control_book(m, market_newest(m), MARKET_LEVELS_MAX, reply);
}

/* As it was cut then. */
static const char *op_fetched(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);

    if (m == NULL)
        return "no such symbol";
    return control_book(m, m->fetched > 0 ? market_numbered(m, m->fetched) : NULL, m->fetched_depth, reply);
}

static int64_t control_ping_idle_us(const struct sim *s)
{
    int64_t most = s->stats.ping_idle_us_max, now_us = sim_now_us();

    for (const struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c->state == CONN_OPEN && now_us - c->pinged_us > most)
            most = now_us - c->pinged_us;
    }
    return most;
}

static void control_add_replay(const struct sim *s, cJSON *reply)
{
    uint64_t sent = 0, all = 0;
    bool is_done = false;
    cJSON *object;

    if (s->replay == NULL)
        return;
    replay_progress(s, &sent, &all, &is_done);
    object = cJSON_AddObjectToObject(reply, "replay");
    (void)cJSON_AddNumberToObject(object, "sent", (double)sent);
    (void)cJSON_AddNumberToObject(object, "lines", (double)all);
    (void)cJSON_AddBoolToObject(object, "done", is_done);
}

static const char *op_stats(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct sim_stats *t = &s->stats;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        { "connections", t->connections },
        { "open", s->n_conns },
        { "upgrades", t->upgrades },
        { "refused", t->refused },
        { "messages", t->messages },
        { "requests", t->requests },
        { "violations", t->connect_violations + t->connection_violations + t->request_violations +
                            t->origin_violations + t->rest_violations },
        { "connect_violations", t->connect_violations },
        { "connection_violations", t->connection_violations },
        { "request_violations", t->request_violations },
        { "origin_violations", t->origin_violations },
        { "origin_headers", t->origin_headers },
        { "rest_requests", t->rest_requests },
        { "rest_violations", t->rest_violations },
        { "rest_weight_max", t->rest_weight_max },
        { "frames", t->frames },
        { "frames_skipped", t->frames_skipped },
        { "bytes", t->bytes },
        { "pings", t->pings },
        { "pongs", t->pongs },
        { "status_pings", t->status_pings },
        { "ping_idle_ms_max", (uint64_t)control_ping_idle_us(s) / 1000 },
        { "faults", t->faults },
    };

    (void)request;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        (void)cJSON_AddNumberToObject(reply, rows[i].name, (double)rows[i].value);
    control_add_replay(s, reply);
    return NULL;
}

static const char *op_fault(struct sim *s, const cJSON *request, cJSON *reply)
{
    static char error[FAULT_ERROR_SIZE];
    const char *script = control_text(request, "script");

    (void)reply;
    if (script == NULL)
        return "script is missing";
    return fault_add(s, script, error) < 0 ? error : NULL;
}

static const char *op_pause(struct sim *s, const cJSON *request, cJSON *reply)
{
    (void)request, (void)reply;
    s->is_paused = true;
    return NULL;
}

static const char *op_resume(struct sim *s, const cJSON *request, cJSON *reply)
{
    (void)request, (void)reply;
    s->is_paused = false;
    for (struct conn *c = s->conns; c != NULL; c = c->next)
        conn_wake(c);
    return NULL;
}

static const char *op_step(struct sim *s, const cJSON *request, cJSON *reply)
{
    struct market *only = control_market(s, request);
    int64_t n = control_number(request, "n", 1);

    if (only == NULL && cJSON_HasObjectItem(request, "symbol"))
        return "no such symbol";
    if (n < 1 || n > CONTROL_STEPS_MAX)
        return "n is not between 1 and 1000000";
    s->is_exact = true;
    for (int64_t k = 0; k < n; k++) {
        for (size_t i = 0; i < s->markets.n; i++) {
            if (only == NULL || only == &s->markets.at[i])
                feed_step(s, &s->markets.at[i]);
        }
    }
    s->is_exact = false;
    (void)cJSON_AddNumberToObject(reply, "timestamp",
                                  (double)market_newest(only != NULL ? only : s->markets.at)->timestamp_ms);
    return NULL;
}

/* [["price","size"],...] into numbers; `*io_decimals` becomes the most that any price or size needs. */
static const char *control_read_side(const cJSON *side, struct number ret[MARKET_LEVELS_MAX][2], uint8_t io_decimals[2],
                                     uint8_t *ret_n)
{
    const cJSON *pair;
    uint8_t n = 0;

    cJSON_ArrayForEach(pair, side)
    {
        if (n == MARKET_LEVELS_MAX)
            return "more than 64 levels a side";
        for (int i = 0; i < 2; i++) {
            const cJSON *item = cJSON_GetArrayItem(pair, i);
            if (!cJSON_IsString(item) || number_parse(item->valuestring, &ret[n][i]) < 0)
                return "a level is not [\"price\",\"size\"] in plain decimals of at most 18 places";
            if (ret[n][i].decimals > io_decimals[i])
                io_decimals[i] = ret[n][i].decimals;
        }
        n++;
    }
    *ret_n = n;
    return NULL;
}

static int control_fill_side(struct level *ret, struct number from[MARKET_LEVELS_MAX][2], uint8_t n,
                             const uint8_t decimals[2])
{
    for (uint8_t i = 0; i < n; i++) {
        if (number_at(from[i][0], decimals[0], &ret[i].price) < 0 ||
            number_at(from[i][1], decimals[1], &ret[i].size) < 0)
            return -ERANGE;
    }
    return 0;
}

static const char *op_set(struct sim *s, const cJSON *request, cJSON *reply)
{
    struct market *m = control_market(s, request);
    struct number bids[MARKET_LEVELS_MAX][2], asks[MARKET_LEVELS_MAX][2];
    struct book book = { 0 };
    uint8_t decimals[2] = { 0 };
    const char *error;

    if (m == NULL)
        return "no such symbol";
    error = control_read_side(cJSON_GetObjectItemCaseSensitive(request, "bids"), bids, decimals, &book.n_bids);
    if (error == NULL)
        error = control_read_side(cJSON_GetObjectItemCaseSensitive(request, "asks"), asks, decimals, &book.n_asks);
    if (error != NULL)
        return error;
    book.price_decimals = decimals[0];
    book.size_decimals = decimals[1];
    if (control_fill_side(book.bids, bids, book.n_bids, decimals) < 0 ||
        control_fill_side(book.asks, asks, book.n_asks, decimals) < 0)
        return "these levels do not share one exponent";
    s->is_exact = true;
    feed_publish(s, m, market_set(m, &book, sim_wall_ms() + s->faults.skew_ms));
    s->is_exact = false;
    return control_book(m, market_newest(m), MARKET_LEVELS_MAX, reply);
}

static bool control_same_side(const struct level *side, unsigned n, uint8_t decimals[2],
                              struct number want[MARKET_LEVELS_MAX][2], uint8_t n_want)
{
    if (n < n_want)
        return false;
    for (uint8_t i = 0; i < n_want; i++) {
        int64_t price, size;
        if (number_at(want[i][0], decimals[0], &price) < 0 || number_at(want[i][1], decimals[1], &size) < 0 ||
            price != side[i].price || size != side[i].size)
            return false;
    }
    return true;
}

/* Was there a kept book whose best levels are these? For books that carry no time. */
static const char *op_holds(struct sim *s, const cJSON *request, cJSON *reply)
{
    const struct market *m = control_market(s, request);
    struct number bids[MARKET_LEVELS_MAX][2], asks[MARKET_LEVELS_MAX][2];
    uint8_t unused[2] = { 0 }, n_bids = 0, n_asks = 0;
    const char *error;

    if (m == NULL)
        return "no such symbol";
    error = control_read_side(cJSON_GetObjectItemCaseSensitive(request, "bids"), bids, unused, &n_bids);
    if (error == NULL)
        error = control_read_side(cJSON_GetObjectItemCaseSensitive(request, "asks"), asks, unused, &n_asks);
    for (uint64_t k = m->n_books; error == NULL && market_numbered(m, k) != NULL; k--) {
        const struct book *b = market_numbered(m, k);
        uint8_t decimals[2] = { b->price_decimals, b->size_decimals };
        if (control_same_side(b->bids, b->n_bids, decimals, bids, n_bids) &&
            control_same_side(b->asks, b->n_asks, decimals, asks, n_asks)) {
            (void)cJSON_AddNumberToObject(reply, "timestamp", (double)b->timestamp_ms);
            return NULL;
        }
    }
    return error != NULL ? error : "no kept book holds these levels";
}

static const char *op_raw(struct sim *s, const cJSON *request, cJSON *reply)
{
    const char *text = control_text(request, "text"), *b64 = control_text(request, "b64");
    bool is_wire = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "wire"));
    size_t n = text != NULL ? strlen(text) : b64 != NULL ? strlen(b64) : 0;
    char *bytes = malloc(n + 1);

    (void)reply;
    if (bytes == NULL)
        return "out of memory";
    if (text != NULL)
        memcpy(bytes, text, n);
    else if (b64 == NULL || (int)(n = (size_t)lws_b64_decode_string_len(b64, (int)n, bytes, (int)n + 1)) < 0) {
        free(bytes);
        return "neither text nor b64";
    }
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (c->state == CONN_OPEN)
            (void)(is_wire ? conn_send_raw(c, bytes, n) : conn_send_data(c, bytes, n));
    }
    free(bytes);
    return NULL;
}

static const char *op_quit(struct sim *s, const cJSON *request, cJSON *reply)
{
    (void)request, (void)reply;
    sim_end(s);
    return NULL;
}

static const struct {
    const char *name;
    const char *(*act)(struct sim *s, const cJSON *request, cJSON *reply);
} control_ops[] = {
    { "truth", op_truth }, { "last", op_last },     { "stats", op_stats },   { "fault", op_fault },
    { "pause", op_pause }, { "resume", op_resume }, { "step", op_step },     { "set", op_set },
    { "raw", op_raw },     { "holds", op_holds },   { "quit", op_quit },     { "trades", op_trades },
    { "trade", op_trade }, { "day", op_day },       { "struck", op_struck }, { "fetched", op_fetched },
};

char *control_answer(struct sim *s, const char *line)
{
    cJSON *request = cJSON_Parse(line), *reply = cJSON_CreateObject();
    const char *op = control_text(request, "op"), *error = op == NULL ? "no op" : "unknown op";
    char *text;

    (void)cJSON_AddBoolToObject(reply, "ok", true);
    for (size_t i = 0; op != NULL && i < sizeof(control_ops) / sizeof(control_ops[0]); i++) {
        if (strcmp(control_ops[i].name, op) == 0)
            error = control_ops[i].act(s, request, reply);
    }
    if (error != NULL) {
        cJSON_Delete(reply);
        reply = cJSON_CreateObject();
        (void)cJSON_AddBoolToObject(reply, "ok", false);
        (void)cJSON_AddStringToObject(reply, "error", error);
    }
    text = cJSON_PrintUnformatted(reply);
    cJSON_Delete(reply);
    cJSON_Delete(request);
    return text;
}
