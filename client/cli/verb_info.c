/* SPDX-License-Identifier: MIT
 * hoga info: all that is known of one instrument, with the connection it comes over; also of one not subscribed. */
#include "catalogue.h"
#include "day.h"
#include "doc.h"
#include "names.h"
#include "table.h"
#include "text.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static void add(struct table *t, const char *label, enum paint paint, const char *text)
{
    table_add(t, PAINT_DIM, label);
    table_add(t, paint, text && text[0] ? text : "-");
}

static void add_count(struct table *t, const char *label, uint64_t value)
{
    char text[TEXT_NUMBER_SIZE];

    text_count(value, text);
    add(t, label, PAINT_OFF, text);
}

static void add_time(const struct cli *c, struct table *t, const char *label, int64_t wall_ns)
{
    char text[TEXT_TIME_SIZE];

    text_time(wall_ns, c->is_utc, text);
    add(t, label, PAINT_OFF, text);
}

static void add_age(struct table *t, const char *label, int64_t age_ns)
{
    char age[TEXT_AGE_SIZE], text[TEXT_AGE_SIZE + 32];

    text_age(age_ns, age);
    (void)snprintf(text, sizeof text, age_ns < 0 ? "-" : _("%s ago"), age);
    add(t, label, PAINT_OFF, text);
}

static void add_reason(struct table *t, unsigned reason)
{
    char text[256];

    if (!hoga_reason_word(reason)[0]) {
        add(t, _("reason"), PAINT_OFF, "");
        return;
    }
    (void)snprintf(text, sizeof text, "%s: %s", hoga_reason_word(reason), cli_reason_sentence(reason));
    add(t, _("reason"), PAINT_OFF, text);
}

static void add_connection(const struct cli *c, struct table *t, uint32_t index)
{
    struct hoga_connection connection;
    char text[TEXT_AGE_SIZE];

    if (index == UINT16_MAX || hoga_connection(c->h, index, &connection) < 0)
        return;
    add(t, _("connection"), cli_paint_state(connection.state), hoga_state_word(connection.state));
    add_reason(t, connection.reason);
    add_time(c, t, _("since"), connection.since_ns);
    if (connection.round_trip_ns > 0)
        text_latency((uint64_t)connection.round_trip_ns, text);
    else
        text[0] = '\0';
    add(t, _("round trip"), PAINT_OFF, text);
    text_latency(connection.blind_ms_max * UINT64_C(1000000), text);
    add(t, _("blind for at most"), PAINT_OFF, text);
    add_count(t, _("connects"), connection.n_connects);
    if (connection.next_dial_ns)
        add_time(c, t, _("next attempt"), connection.next_dial_ns);
}

static void fill(const struct cli *c, struct table *t, const struct view *v, const struct hoga_instrument *in)
{
    const struct hoga_book *book = &v->book;
    char id[24];

    add(t, _("name"), PAINT_BOLD, v->info.name);
    add(t, _("venue"), PAINT_OFF, v->info.venue);
    add(t, _("symbol"), PAINT_OFF, v->info.symbol);
    (void)snprintf(id, sizeof id, "%016llx", (unsigned long long)v->info.id);
    add(t, _("id"), PAINT_OFF, id);
    add_time(c, t, _("carried since"), v->info.since_ns);
    add(t, _("state"), cli_paint_state(book->state), hoga_state_word(book->state));
    add_reason(t, book->reason);
    add_time(c, t, _("since"), book->since_ns);
    add(t, _("proof"), PAINT_OFF, hoga_proof_word(book->proof));
    add(t, _("source"), cli_is_pretend(book->source) ? PAINT_PRETEND : PAINT_OFF, hoga_source_word(book->source));
    add_count(t, _("levels a side"), v->info.depth);
    add_count(t, _("price decimals"), book->price_decimals);
    add_count(t, _("size decimals"), book->size_decimals);
    add_count(t, _("update"), book->update);
    add_count(t, _("applied"), book->applied);
    add_count(t, _("epoch"), book->epoch);
    add_time(c, t, _("venue's time"), book->venue_ns);
    add_time(c, t, _("received"), book->recv_ns);
    add_time(c, t, _("published"), book->publish_ns);
    add_age(t, _("changed"), book->changed_age_ns);
    add_age(t, _("heard"), book->heard_age_ns);
    day_fill(c, t, &v->day);
    add_connection(c, t, book->connection);
    if (in)
        catalogue_fill(c, t, in);
}

static int print_document(struct cli *c, const struct view *v, const struct hoga_instrument *in)
{
    cJSON *document = doc_new(c), *books = cJSON_AddArrayToObject(document, "books"), *book = doc_book(v);
    struct hoga_connection connection;

    doc_add_count(book, "depth", v->info.depth);
    doc_add_wall(book, "carried_since_ns", v->info.since_ns);
    (void)cJSON_AddStringToObject(book, "reason_sentence", hoga_reason_sentence(v->book.reason));
    (void)cJSON_AddItemToObject(book, "day", day_doc(&v->day));
    if (v->book.connection != UINT16_MAX && hoga_connection(c->h, v->book.connection, &connection) == 0)
        (void)cJSON_AddItemToObject(book, "connection_row", doc_connection(&connection));
    if (in)
        (void)cJSON_AddItemToObject(book, "instrument", doc_instrument(in, true));
    (void)cJSON_AddItemToArray(books, book);
    return doc_print(document) < 0 ? CLI_PROBLEM : CLI_FINE;
}

/* Listed and not carried: what its venue says of it. */
static int info_listed(struct cli *c, const struct hoga_instrument *in)
{
    struct table *t;

    if (c->is_json) {
        cJSON *document = doc_new(c);

        (void)cJSON_AddItemToArray(cJSON_AddArrayToObject(document, "instruments"), doc_instrument(in, false));
        return doc_print(document) < 0 ? CLI_PROBLEM : CLI_FINE;
    }
    t = table_new("ll");
    cli_print_silence(c);
    add(t, _("name"), PAINT_BOLD, in->name);
    add(t, _("venue"), PAINT_OFF, in->venue);
    add(t, _("symbol"), PAINT_OFF, in->symbol);
    add(t, _("state"), PAINT_OFF, _("not subscribed"));
    catalogue_fill(c, t, in);
    table_print(c, t, 0, c->count, 0);
    t = table_free(t);
    return CLI_FINE;
}

static int info_carried(struct cli *c, const char *name, hoga_id id)
{
    struct view *v = view_new();
    struct hoga_instrument instrument, *in = NULL;
    struct table *t;
    int code = CLI_FINE, r = view_read(c, id, c->depth ? c->depth : 1, NULL, v);

    if (r == 0 && catalogue_find(c, v->info.name, &instrument) == 0)
        in = &instrument;
    if (r < 0) {
        code = r == -ESTALE ? names_fail(c, name, "") : cli_fail(name, strerror(-r), NULL);
    } else if (c->is_json) {
        code = print_document(c, v, in);
    } else {
        t = table_new("ll");
        cli_print_silence(c);
        fill(c, t, v, in);
        table_print(c, t, 0, c->count, 0);
        t = table_free(t);
    }
    v = view_free(v);
    return code;
}

int verb_info(struct cli *c, int n_arguments, char **arguments)
{
    struct hoga_instrument instrument;
    struct names names;
    int code = cli_open(c);
    bool is_carried = false;
    hoga_id id;

    (void)n_arguments;
    if (code != CLI_FINE)
        return code;
    if (names_load(c, &names) < 0)
        return cli_fail(NULL, _("no memory"), NULL);
    for (size_t i = 0; i < names.n; i++)
        is_carried |=
            strcasecmp(arguments[0], strchr(arguments[0], ':') ? names.infos[i].name : names.infos[i].symbol) == 0;
    names_done(&names);
    if (!is_carried && catalogue_find(c, arguments[0], &instrument) == 0)
        return info_listed(c, &instrument);
    code = names_resolve(c, arguments[0], &id);
    return code == CLI_FINE ? info_carried(c, arguments[0], id) : code;
}
