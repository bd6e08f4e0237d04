/* SPDX-License-Identifier: MIT
 * hoga stat: the daemon's heartbeat, its connections, latencies and counters, read from the segment alone; once, or
 * again and again with what was added in between. */
#include "doc.h"
#include "live.h"
#include "rows.h"
#include "snapshot.h"
#include "table.h"
#include "text.h"

#define INTERVAL_MS 1000

struct report {
    const struct cli *c;
    const struct snapshot *now;
    const struct snapshot *before; /* NULL: this is the first */
    int64_t elapsed_ns;            /* since the report before */
};

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

/* "12.3" a second. */
static void add_rate(struct table *t, const struct report *report, const struct hoga_counter *counter)
{
    char number[TEXT_NUMBER_SIZE], text[TEXT_NUMBER_SIZE + 4] = "-";
    uint64_t added;

    if (snapshot_counter_added(report->before, counter, &added)) {
        uint64_t tenths = (uint64_t)((unsigned __int128)added * 10000000000u / (uint64_t)report->elapsed_ns);

        text_count(tenths / 10, number);
        (void)snprintf(text, sizeof text, "%s.%d", number, (int)(tenths % 10));
    }
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
        table_print(c, t, 1, 0, 0);
    }
    t = table_free(t);
}

static void print_latencies(const struct report *report)
{
    const struct cli *c = report->c;
    static const char *const heads[] = { N_("LATENCY"), "", N_("COUNT"), "p50", "p90", "p99", "p99.9", N_("MAX") };
    struct table *t = table_new("llrrrrrr");

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        table_add(t, PAINT_BOLD, heads[i][0] ? _(heads[i]) : ""); /* gettext("") is the catalogue's own head */
    for (size_t i = 0; i < report->now->n_latencies; i++) {
        struct hoga_latency latency = report->now->latencies[i].latency;

        if (report->before && !snapshot_latency_added(report->before, &report->now->latencies[i], &latency))
            latency.count = 0;
        table_add(t, PAINT_OFF, latency.venue);
        table_add(t, PAINT_OFF, latency.name);
        add_count(t, latency.count);
        add_latency(t, latency.p50_ns, latency.count);
        add_latency(t, latency.p90_ns, latency.count);
        add_latency(t, latency.p99_ns, latency.count);
        add_latency(t, latency.p999_ns, latency.count);
        add_latency(t, latency.max_ns, latency.count);
    }
    if (report->now->n_latencies > 0) {
        putchar('\n');
        table_print(c, t, 1, 0, 0);
    }
    t = table_free(t);
}

static void print_counters(const struct report *report)
{
    static const char *const heads[] = { N_("COUNTER"), N_("VALUE"), N_("MEANING") };
    static const char *const heads_again[] = { N_("COUNTER"), N_("VALUE"), N_("PER SECOND"), N_("MEANING") };
    const struct cli *c = report->c;
    struct table *t = table_new(report->before ? "lrrl" : "lrl");

    if (report->before)
        add_heads(t, heads_again, sizeof heads_again / sizeof heads_again[0]);
    else
        add_heads(t, heads, sizeof heads / sizeof heads[0]);
    for (size_t i = 0; i < report->now->n_counters; i++) {
        const struct hoga_counter *counter = &report->now->counters[i];
        const char *sentence = hoga_counter_sentence(counter->name);

        table_add(t, PAINT_OFF, counter->name);
        add_count(t, counter->value);
        if (report->before)
            add_rate(t, report, counter);
        table_add(t, PAINT_DIM, sentence[0] ? gettext(sentence) : counter->unit);
    }
    if (report->now->n_counters > 0) {
        putchar('\n');
        table_print(c, t, 1, 0, 0);
    }
    t = table_free(t);
}

static void add_latency_json(cJSON *row, const struct hoga_latency *latency)
{
    doc_add_count(row, "count", latency->count);
    doc_add_count(row, "sum_ns", latency->sum_ns);
    doc_add_count(row, "max_ns", latency->max_ns);
    doc_add_count(row, "p50_ns", latency->p50_ns);
    doc_add_count(row, "p90_ns", latency->p90_ns);
    doc_add_count(row, "p99_ns", latency->p99_ns);
    doc_add_count(row, "p999_ns", latency->p999_ns);
}

static void add_latencies_json(cJSON *document, const struct report *report)
{
    cJSON *rows = cJSON_AddArrayToObject(document, "latencies");
    struct hoga_latency since;

    for (size_t i = 0; i < report->now->n_latencies; i++) {
        const struct snapshot_latency *now = &report->now->latencies[i];
        cJSON *row = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(row, "venue", now->latency.venue);
        (void)cJSON_AddStringToObject(row, "name", now->latency.name);
        add_latency_json(row, &now->latency);
        if (snapshot_latency_added(report->before, now, &since))
            add_latency_json(cJSON_AddObjectToObject(row, "since"), &since);
        (void)cJSON_AddItemToArray(rows, row);
    }
}

static int print_document(const struct report *report)
{
    const struct cli *c = report->c;
    cJSON *document = doc_new(c), *rows;
    struct hoga_connection connection;
    uint64_t added;

    if (report->before)
        doc_add_count(document, "since_elapsed_ns", (uint64_t)report->elapsed_ns);
    rows = cJSON_AddArrayToObject(document, "connections");
    for (uint32_t index = 0; rows_next_connection(c, &index, &connection);)
        (void)cJSON_AddItemToArray(rows, doc_connection(&connection));
    add_latencies_json(document, report);
    rows = cJSON_AddArrayToObject(document, "counters");
    for (size_t i = 0; i < report->now->n_counters; i++) {
        const struct hoga_counter *counter = &report->now->counters[i];
        cJSON *row = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(row, "name", counter->name);
        (void)cJSON_AddStringToObject(row, "unit", counter->unit);
        doc_add_count(row, "value", counter->value);
        if (snapshot_counter_added(report->before, counter, &added))
            doc_add_count(row, "since", added);
        (void)cJSON_AddItemToArray(rows, row);
    }
    return doc_print(document);
}

static int print_people(const struct report *report)
{
    char when[TEXT_TIME_SIZE];

    if (report->before) {
        text_time(text_now_wall_ns(), report->c->is_utc, when);
        printf("\n%s%s%s\n", cli_paint(report->c, PAINT_BOLD), when, cli_paint(report->c, PAINT_OFF));
    }
    print_daemon(report->c);
    print_connections(report->c);
    print_latencies(report);
    print_counters(report);
    return cli_flush();
}

static int print(const struct report *report)
{
    return report->c->is_json ? print_document(report) : print_people(report);
}

/* Signals are held back while a report is printed, so that none is cut in half. */
static int repeat(const struct cli *c)
{
    int64_t interval_ns = (c->interval_ms ? c->interval_ms : INTERVAL_MS) * INT64_C(1000000);
    struct report report = { .c = c };
    struct snapshot *before = NULL, *now;
    int r = 0;

    live_begin(false);
    for (uint64_t n = 1; r == 0; n++) {
        now = snapshot_take(c);
        if (!now)
            return cli_fail(NULL, _("no memory"), NULL);
        report.now = now;
        report.before = before;
        report.elapsed_ns = before ? now->taken_boot_ns - before->taken_boot_ns : 0;
        r = print(&report);
        before = snapshot_free(before);
        before = now;
        if (n == c->count)
            break;
        live_pause_until(now->taken_boot_ns + interval_ns);
    }
    before = snapshot_free(before);
    return r < 0 ? CLI_PROBLEM : CLI_FINE; /* above 0: nobody reads any more */
}

static int once(const struct cli *c)
{
    struct snapshot *now = snapshot_take(c);
    struct report report = { .c = c, .now = now };
    int r;

    if (!now)
        return cli_fail(NULL, _("no memory"), NULL);
    r = print(&report);
    now = snapshot_free(now);
    return r < 0 ? CLI_PROBLEM : CLI_FINE;
}

int verb_stat(struct cli *c, int n_arguments, char **arguments)
{
    int code = cli_open(c);

    (void)n_arguments;
    (void)arguments;
    if (code != CLI_FINE)
        return code;
    return c->interval_ms || c->count > 1 ? repeat(c) : once(c);
}
