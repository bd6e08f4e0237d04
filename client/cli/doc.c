/* SPDX-License-Identifier: MIT */
#include "doc.h"

#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_raw(cJSON *object, const char *name, const char *text)
{
    (void)cJSON_AddRawToObject(object, name, text);
}

void doc_add_count(cJSON *object, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    add_raw(object, name, text);
}

void doc_add_age(cJSON *object, const char *name, int64_t age_ns)
{
    if (age_ns < 0)
        (void)cJSON_AddNullToObject(object, name);
    else
        doc_add_count(object, name, (uint64_t)age_ns);
}

void doc_add_number_text(cJSON *object, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    (void)cJSON_AddStringToObject(object, name, text);
}

void doc_add_wall(cJSON *object, const char *name, int64_t wall_ns)
{
    if (wall_ns == 0)
        (void)cJSON_AddNullToObject(object, name);
    else
        doc_add_number_text(object, name, (uint64_t)wall_ns);
}

void doc_add_decimal(cJSON *object, const char *name, bool is_there, int64_t mantissa, unsigned decimals)
{
    char text[HOGA_DECIMAL_SIZE];

    if (is_there && hoga_format(mantissa, decimals, text) > 0)
        (void)cJSON_AddStringToObject(object, name, text);
    else
        (void)cJSON_AddNullToObject(object, name);
}

static void add_daemon(cJSON *document, const struct cli *c)
{
    cJSON *object = cJSON_AddObjectToObject(document, "daemon");
    struct hoga_daemon daemon;

    if (hoga_daemon(c->h, &daemon) < 0)
        return;
    text_clean(daemon.version);
    text_clean(daemon.path);
    (void)cJSON_AddBoolToObject(object, "alive", daemon.is_alive);
    (void)cJSON_AddBoolToObject(object, "stopped", daemon.is_stopped);
    (void)cJSON_AddStringToObject(object, "source", hoga_source_word(daemon.source));
    doc_add_age(object, "heartbeat_age_ns", daemon.heartbeat_age_ns);
    doc_add_count(object, "epoch", daemon.epoch);
    doc_add_number_text(object, "pid", daemon.pid);
    (void)cJSON_AddStringToObject(object, "version", daemon.version);
    (void)cJSON_AddStringToObject(object, "segment", daemon.path);
    doc_add_count(object, "abi_major", daemon.abi_major);
    doc_add_count(object, "abi_minor", daemon.abi_minor);
    doc_add_count(object, "books_max", daemon.books_max);
    doc_add_count(object, "n_books", daemon.n_books);
    doc_add_count(object, "depth", daemon.depth);
    doc_add_count(object, "blind_ms_max", daemon.blind_ms_max);
}

/* cJSON leaves out what it has no memory for, and a document that lacks a line is wrong without saying so. */
static void *json_memory(size_t size)
{
    return cli_memory(malloc(size));
}

void doc_begin(void)
{
    cJSON_Hooks hooks = { json_memory, free };

    cJSON_InitHooks(&hooks);
}

cJSON *doc_new(const struct cli *c)
{
    cJSON *document = cJSON_CreateObject();

    doc_add_count(document, "schema", 1);
    if (c->h)
        add_daemon(document, c);
    return document;
}

static void add_side(cJSON *book, const char *name, const struct view *v, const struct rung *rungs, uint32_t n)
{
    cJSON *side = cJSON_AddArrayToObject(book, name);

    for (uint32_t i = 0; i < n; i++) {
        char price[HOGA_DECIMAL_SIZE], size[HOGA_SUM_SIZE];
        const char *texts[] = { price, size };

        if (hoga_format(rungs[i].price, v->price_decimals, price) < 0 ||
            hoga_format_wide(rungs[i].size, v->book.size_decimals, size) < 0)
            return;
        (void)cJSON_AddItemToArray(side, cJSON_CreateStringArray(texts, 2));
    }
}

static void add_spread(cJSON *object, const struct hoga_book *book)
{
    int64_t mid = 0, spread = 0;
    bool has_mid = hoga_mid(book, &mid) == 0, has_spread = hoga_spread(book, &spread) == 0;

    doc_add_decimal(object, "mid", has_mid, mid, book->price_decimals + 1u);
    doc_add_decimal(object, "spread", has_spread, spread, book->price_decimals);
}

cJSON *doc_book(const struct view *v)
{
    const struct hoga_book *book = &v->book;
    cJSON *object = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(object, "name", v->info.name);
    (void)cJSON_AddStringToObject(object, "venue", v->info.venue);
    (void)cJSON_AddStringToObject(object, "symbol", v->info.symbol);
    doc_add_number_text(object, "id", book->id);
    (void)cJSON_AddStringToObject(object, "state", hoga_state_word(book->state));
    (void)cJSON_AddStringToObject(object, "reason", hoga_reason_word(book->reason));
    doc_add_wall(object, "since_ns", book->since_ns);
    (void)cJSON_AddStringToObject(object, "source", hoga_source_word(book->source));
    (void)cJSON_AddStringToObject(object, "proof", hoga_proof_word(book->proof));
    doc_add_count(object, "epoch", book->epoch);
    doc_add_number_text(object, "update", book->update);
    doc_add_count(object, "applied", book->applied);
    doc_add_wall(object, "venue_ns", book->venue_ns);
    doc_add_wall(object, "recv_ns", book->recv_ns);
    doc_add_wall(object, "publish_ns", book->publish_ns);
    doc_add_age(object, "changed_age_ns", book->changed_age_ns);
    doc_add_age(object, "heard_age_ns", book->heard_age_ns);
    doc_add_count(object, "price_decimals", book->price_decimals);
    doc_add_count(object, "size_decimals", book->size_decimals);
    doc_add_age(object, "connection", book->connection == UINT16_MAX ? -1 : (int64_t)book->connection);
    add_spread(object, book);
    doc_add_count(object, "n_bids", book->n_bids);
    doc_add_count(object, "n_asks", book->n_asks);
    add_side(object, "bids", v, v->bids, v->n_bids);
    add_side(object, "asks", v, v->asks, v->n_asks);
    return object;
}

cJSON *doc_connection(struct hoga_connection *connection)
{
    cJSON *object = cJSON_CreateObject();

    text_clean(connection->venue);
    (void)cJSON_AddStringToObject(object, "venue", connection->venue);
    (void)cJSON_AddStringToObject(object, "state", hoga_state_word(connection->state));
    (void)cJSON_AddStringToObject(object, "reason", hoga_reason_word(connection->reason));
    doc_add_wall(object, "since_ns", connection->since_ns);
    (void)cJSON_AddStringToObject(object, "source", hoga_source_word(connection->source));
    doc_add_count(object, "n_books", connection->n_books);
    doc_add_count(object, "n_connects", connection->n_connects);
    doc_add_age(object, "heard_age_ns", connection->heard_age_ns);
    doc_add_age(object, "round_trip_ns", connection->round_trip_ns > 0 ? connection->round_trip_ns : -1);
    doc_add_count(object, "blind_ms_max", connection->blind_ms_max);
    doc_add_age(object, "http_status", connection->http_status ? (int64_t)connection->http_status : -1);
    doc_add_wall(object, "next_dial_ns", connection->next_dial_ns);
    return object;
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text[0])
        (void)cJSON_AddStringToObject(object, name, text);
    else
        (void)cJSON_AddNullToObject(object, name);
}

static void add_warnings(cJSON *object, const struct hoga_instrument *in)
{
    cJSON *list;

    add_text(object, "cautions", in->cautions);
    if (!in->has_warnings) {
        (void)cJSON_AddNullToObject(object, "warnings");
        return;
    }
    list = cJSON_AddArrayToObject(object, "warnings");
    if (in->warnings & HOGA_WARN_INVESTMENT)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString("investment-caution"));
    if (in->warnings & HOGA_WARN_CAUTION)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString("caution"));
}

static void add_ticks(cJSON *object, const struct hoga_instrument *in)
{
    cJSON *ticks = cJSON_AddArrayToObject(object, "ticks"), *groups = cJSON_AddArrayToObject(object, "groups");

    (void)cJSON_AddBoolToObject(object, "tick_is_of_price_now", in->is_tick_now);
    for (uint32_t i = 0; i < in->n_ticks; i++) {
        cJSON *row = cJSON_CreateObject();

        doc_add_decimal(row, "from", !in->is_tick_now, in->ticks[i].from, in->tick_decimals);
        doc_add_decimal(row, "tick", true, in->ticks[i].tick, in->tick_decimals);
        (void)cJSON_AddItemToArray(ticks, row);
    }
    for (uint32_t i = 0; i < in->n_groups; i++) {
        char text[HOGA_DECIMAL_SIZE];

        if (hoga_format(in->groups[i], in->group_decimals, text) > 0)
            (void)cJSON_AddItemToArray(groups, cJSON_CreateString(text));
    }
}

cJSON *doc_instrument(const struct hoga_instrument *in, bool is_subscribed)
{
    cJSON *object = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(object, "name", in->name);
    (void)cJSON_AddStringToObject(object, "venue", in->venue);
    (void)cJSON_AddStringToObject(object, "symbol", in->symbol);
    (void)cJSON_AddBoolToObject(object, "subscribed", is_subscribed);
    (void)cJSON_AddStringToObject(object, "listed", hoga_listed_word(in->listed));
    add_text(object, "status", in->status);
    add_text(object, "base", in->base);
    add_text(object, "quote", in->quote);
    add_text(object, "name_korean", in->name_korean);
    add_text(object, "name_english", in->name_english);
    add_warnings(object, in);
    add_ticks(object, in);
    doc_add_decimal(object, "lot", in->has_lot, in->lot, in->lot_decimals);
    doc_add_decimal(object, "size_min", in->has_size_min, in->size_min, in->size_min_decimals);
    doc_add_decimal(object, "value_min", in->has_value_min, in->value_min, in->value_min_decimals);
    doc_add_wall(object, "fetched_ns", in->fetched_ns);
    return object;
}

int doc_print(cJSON *document)
{
    char *text = cJSON_PrintUnformatted(document);

    cJSON_Delete(document);
    puts(text);
    free(text);
    return cli_flush();
}
