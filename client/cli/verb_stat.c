/* SPDX-License-Identifier: MIT
 * hoga stat: the daemon's heartbeat, its connections, latencies and counters, read from the segment alone. */
#include "doc.h"
#include "rows.h"
#include "table.h"
#include "text.h"

#include <string.h>

static void print_daemon(const struct cli *c)
{
    struct hoga_daemon daemon;
    char age[TEXT_AGE_SIZE];

    cli_print_silence(c);
    if (c->filter || hoga_daemon(c->h, &daemon) < 0)
        return;
    text_clean(daemon.version);
    text_clean(daemon.path);
    text_age(daemon.heartbeat_age_ns, age);
    printf(_("hogad %s, pid %llu, source %s, segment %s (ABI %u.%u)\n"), daemon.version, (unsigned long long)daemon.pid,
           hoga_source_word(daemon.source), daemon.path, daemon.abi_major, daemon.abi_minor);
    printf(_("heartbeat %s ago, epoch %llu, %u of %u books, %u levels a side, blind for at most %llu ms\n"), age,
           (unsigned long long)daemon.epoch, daemon.n_books, daemon.books_max, daemon.depth,
           (unsigned long long)daemon.blind_ms_max);
}

static void add_heads(struct table *t, const char *const *heads, size_t n)
{
    for (size_t i = 0; i < n; i++)
        table_add(t, PAINT_BOLD, _(heads[i]));
}

static void add_count(struct table *t, uint64_t value)
{
    char text[TEXT_NUMBER_SIZE];

    text_count(value, text);
    table_add(t, PAINT_OFF, text);
}

static void add_latency(struct table *t, uint64_t value_ns, bool is_known)
{
    char text[TEXT_AGE_SIZE] = "-";

    if (is_known)
        text_latency(value_ns, text);
    table_add(t, PAINT_OFF, text);
}

static void print_connections(const struct cli *c)
{
    static const char *const heads[] = { N_("CONNECTION"), N_("STATE"), N_("REASON"),     N_("BOOKS"),
                                         N_("RECONNECTS"), N_("HEARD"), N_("ROUND TRIP"), N_("SINCE") };
    struct table *t = table_new("lllrrrrl");
    struct hoga_connection connection;
    uint32_t index = 0, n = 0;

    add_heads(t, heads, sizeof heads / sizeof heads[0]);
    for (; rows_next_connection(c, &index, &connection); n++) {
        char heard[TEXT_AGE_SIZE], since[TEXT_TIME_SIZE];

        text_age(connection.heard_age_ns, heard);
        text_time(connection.since_ns, c->is_utc, since);
        table_add(t, PAINT_OFF, connection.venue);
        table_add(t, cli_paint_state(connection.state), hoga_state_word(connection.state));
        table_add(t, PAINT_OFF, hoga_reason_word(connection.reason));
        add_count(t, connection.n_books);
        add_count(t, connection.n_connects ? connection.n_connects - 1 : 0);
        table_add(t, PAINT_OFF, heard);
        add_latency(t, (uint64_t)connection.round_trip_ns, connection.round_trip_ns > 0);
        table_add(t, PAINT_OFF, since);
    }
    if (n) {
        putchar('\n');
        table_print(c, t, 1, c->count, 0);
    }
    t = table_free(t);
}

static void print_latencies(const struct cli *c)
{
    static const char *const heads[] = { N_("LATENCY"), "", N_("COUNT"), "p50", "p90", "p99", "p99.9", N_("MAX") };
    struct table *t = table_new("llrrrrrr");
    struct hoga_latency latency;
    uint32_t index = 0, n = 0;

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        table_add(t, PAINT_BOLD, heads[i][0] ? _(heads[i]) : ""); /* gettext("") is the catalogue's own head */
    for (; rows_next_latency(c, &index, &latency); n++) {
        table_add(t, PAINT_OFF, latency.venue);
        table_add(t, PAINT_OFF, latency.name);
        add_count(t, latency.count);
        add_latency(t, latency.p50_ns, latency.count);
        add_latency(t, latency.p90_ns, latency.count);
        add_latency(t, latency.p99_ns, latency.count);
        add_latency(t, latency.p999_ns, latency.count);
        add_latency(t, latency.max_ns, latency.count);
    }
    if (n) {
        putchar('\n');
        table_print(c, t, 1, c->count, 0);
    }
    t = table_free(t);
}

static void print_counters(const struct cli *c)
{
    static const char *const heads[] = { N_("COUNTER"), N_("VALUE"), N_("MEANING") };
    struct table *t = table_new("lrl");
    struct hoga_counter counter;
    uint32_t index = 0, n = 0;

    add_heads(t, heads, sizeof heads / sizeof heads[0]);
    for (; rows_next_counter(c, &index, &counter); n++) {
        const char *sentence = hoga_counter_sentence(counter.name);

        table_add(t, PAINT_OFF, counter.name);
        add_count(t, counter.value);
        table_add(t, PAINT_DIM, sentence[0] ? gettext(sentence) : counter.unit);
    }
    if (n) {
        putchar('\n');
        table_print(c, t, 1, c->count, 0);
    }
    t = table_free(t);
}

static void add_latency_json(cJSON *array, const struct hoga_latency *latency)
{
    cJSON *row = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(row, "venue", latency->venue);
    (void)cJSON_AddStringToObject(row, "name", latency->name);
    doc_add_count(row, "count", latency->count);
    doc_add_count(row, "sum_ns", latency->sum_ns);
    doc_add_count(row, "max_ns", latency->max_ns);
    doc_add_count(row, "p50_ns", latency->p50_ns);
    doc_add_count(row, "p90_ns", latency->p90_ns);
    doc_add_count(row, "p99_ns", latency->p99_ns);
    doc_add_count(row, "p999_ns", latency->p999_ns);
    (void)cJSON_AddItemToArray(array, row);
}

static int print_document(const struct cli *c)
{
    cJSON *document = doc_new(c), *rows = cJSON_AddArrayToObject(document, "connections");
    struct hoga_connection connection;
    struct hoga_latency latency;
    struct hoga_counter counter;

    for (uint32_t index = 0; rows_next_connection(c, &index, &connection);)
        (void)cJSON_AddItemToArray(rows, doc_connection(&connection));
    rows = cJSON_AddArrayToObject(document, "latencies");
    for (uint32_t index = 0; rows_next_latency(c, &index, &latency);)
        add_latency_json(rows, &latency);
    rows = cJSON_AddArrayToObject(document, "counters");
    for (uint32_t index = 0; rows_next_counter(c, &index, &counter);) {
        cJSON *row = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(row, "name", counter.name);
        (void)cJSON_AddStringToObject(row, "unit", counter.unit);
        doc_add_count(row, "value", counter.value);
        (void)cJSON_AddItemToArray(rows, row);
    }
    return doc_print(document) < 0 ? CLI_PROBLEM : CLI_FINE;
}

int verb_stat(struct cli *c, int n_arguments, char **arguments)
{
    int code = cli_open(c);

    (void)n_arguments;
    (void)arguments;
    if (code != CLI_FINE)
        return code;
    if (c->is_json)
        return print_document(c);
    print_daemon(c);
    print_connections(c);
    print_latencies(c);
    print_counters(c);
    return CLI_FINE;
}
