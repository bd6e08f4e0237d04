/* SPDX-License-Identifier: MIT
 * OpenMetrics 1.0: families in one piece, TYPE before UNIT before HELP, counters end in _total, durations are seconds,
 * the last line is # EOF. Numbers come from integers and are exact. */
#include "metrics.h"

#include "names.h"
#include "rows.h"
#include "text.h"
#include "view.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE    96
#define BUCKETS_MAX  512u
#define EDGE_NS_MIN  UINT64_C(1024)      /* about a microsecond ... */
#define EDGE_NS_MAX  (UINT64_C(1) << 34) /* ... to 17 seconds, each twice the one before */
#define N_STATES     10u
#define TOTAL        "_total"
#define SECONDS_SIZE HOGA_DECIMAL_SIZE

enum metric {
#define METRIC_ROW(id, name, type, unit, help) METRIC_##id,
#include "metrics.def"
#undef METRIC_ROW
};

static const struct metric_row {
    const char *name, *type, *unit, *help;
} metric_rows[] = {
#define METRIC_ROW(id, name, type, unit, help) { name, type, unit, help },
#include "metrics.def"
#undef METRIC_ROW
};

/* --- lines ---------------------------------------------------------------------------------------------------------
 */

/* Backslash, newline and (in labels) quote have a meaning there. */
static void print_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n') {
            fputs("\\n", out);
            continue;
        }
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        fputc(*text, out);
    }
}

/* OpenMetrics names a counter's family without _total, the older format with it. */
static void head(const struct metrics *m, const struct metric_row *row)
{
    size_t n = strlen(row->name), n_total = sizeof TOTAL - 1;
    int width = (int)n;

    if (!m->is_classic && n > n_total && strcmp(row->name + n - n_total, TOTAL) == 0)
        width -= (int)n_total;
    fprintf(m->out, "# TYPE %.*s %s\n", width, row->name, row->type);
    if (!m->is_classic && row->unit[0])
        fprintf(m->out, "# UNIT %.*s %s\n", width, row->name, row->unit);
    fprintf(m->out, "# HELP %.*s ", width, row->name);
    print_escaped(m->out, row->help);
    fputc('\n', m->out);
}

static void family(const struct metrics *m, enum metric which)
{
    head(m, &metric_rows[which]);
}

/* name{key="value",...} without the value; keys and values in turns, ended by NULL. */
static void __attribute__((sentinel)) labels(const struct metrics *m, const char *name, const char *suffix, ...)
{
    va_list arguments;
    const char *key;
    char sign = '{';

    fprintf(m->out, "%s%s", name, suffix);
    va_start(arguments, suffix);
    while ((key = va_arg(arguments, const char *))) {
        fprintf(m->out, "%c%s=\"", sign, key);
        print_escaped(m->out, va_arg(arguments, const char *));
        fputc('"', m->out);
        sign = ',';
    }
    va_end(arguments);
    fputs(sign == ',' ? "} " : " ", m->out);
}

static void count(const struct metrics *m, uint64_t value)
{
    fprintf(m->out, "%" PRIu64 "\n", value);
}

/* Whole seconds and what is behind the point, as they are. */
static const char *seconds_text(uint64_t value_ns, char ret[SECONDS_SIZE])
{
    if (value_ns > INT64_MAX || hoga_format((int64_t)value_ns, 9, ret) < 0)
        (void)snprintf(ret, SECONDS_SIZE, "NaN");
    return ret;
}

static void seconds(const struct metrics *m, uint64_t value_ns)
{
    char text[SECONDS_SIZE];

    fprintf(m->out, "%s\n", seconds_text(value_ns, text));
}

/* --- the daemon ----------------------------------------------------------------------------------------------------
 */

static void print_daemon(const struct metrics *m)
{
    struct hoga_daemon daemon;
    char abi[32];

    (void)hoga_daemon(m->c->h, &daemon);
    text_clean(daemon.version);
    family(m, METRIC_UP);
    labels(m, "hoga_up", "", NULL);
    count(m, daemon.is_alive);
    (void)snprintf(abi, sizeof abi, "%u.%u", daemon.abi_major, daemon.abi_minor);
    family(m, METRIC_BUILD);
    labels(m, "hoga_build_info", "", "version", daemon.version, "abi", abi, "source", hoga_source_word(daemon.source),
           NULL);
    count(m, 1);
    if (daemon.heartbeat_age_ns >= 0) {
        family(m, METRIC_HEARTBEAT);
        labels(m, "hoga_heartbeat_age_seconds", "", NULL);
        seconds(m, (uint64_t)daemon.heartbeat_age_ns);
    }
    family(m, METRIC_EPOCH);
    labels(m, "hoga_epoch", "", NULL);
    count(m, daemon.epoch);
    family(m, METRIC_BLIND);
    labels(m, "hoga_blind_max_seconds", "", NULL);
    seconds(m, daemon.blind_ms_max < INT64_MAX / 1000000 ? daemon.blind_ms_max * 1000000 : UINT64_MAX);
    family(m, METRIC_BOOKS_MAX);
    labels(m, "hoga_books_max", "", NULL);
    count(m, daemon.books_max);
}

/* --- connections ---------------------------------------------------------------------------------------------------
 */

static void connection_labels(const struct metrics *m, enum metric which, uint32_t index,
                              const struct hoga_connection *connection)
{
    char number[16];

    (void)snprintf(number, sizeof number, "%u", index);
    labels(m, metric_rows[which].name, "", "venue", connection->venue, "connection", number, NULL);
}

static void print_connection(const struct metrics *m, enum metric which, uint32_t index,
                             const struct hoga_connection *connection)
{
    char number[16];

    if (which == METRIC_CONNECTION_STATE) {
        (void)snprintf(number, sizeof number, "%u", index);
        for (unsigned state = 0; state < N_STATES; state++) {
            labels(m, metric_rows[which].name, "", "venue", connection->venue, "connection", number, "state",
                   hoga_state_word(state), NULL);
            count(m, connection->state == state);
        }
        return;
    }
    if ((which == METRIC_CONNECTION_HEARD && connection->heard_age_ns < 0) ||
        (which == METRIC_CONNECTION_TRIP && connection->round_trip_ns <= 0))
        return; /* not known */
    connection_labels(m, which, index, connection);
    if (which == METRIC_CONNECTION_UP)
        count(m, connection->state == HOGA_LIVE);
    else if (which == METRIC_CONNECTION_BOOKS)
        count(m, connection->n_books);
    else if (which == METRIC_CONNECTION_RECONNECTS)
        count(m, connection->n_connects ? connection->n_connects - 1 : 0);
    else
        seconds(m, (uint64_t)(which == METRIC_CONNECTION_HEARD ? connection->heard_age_ns : connection->round_trip_ns));
}

static void print_connections(const struct metrics *m)
{
    for (int which = METRIC_CONNECTION_UP; which <= METRIC_CONNECTION_RECONNECTS; which++) {
        struct hoga_connection connection;

        family(m, (enum metric)which);
        for (uint32_t index = 0; rows_next_connection(m->c, &index, &connection);)
            print_connection(m, (enum metric)which, index - 1, &connection);
    }
}

/* --- latencies and counters ----------------------------------------------------------------------------------------
 */

/* Cumulative, at every edge that is a power of two of nanoseconds; the count is the buckets' own sum, since the daemon
 * counts on while they are read. */
static void print_histogram(const struct metrics *m, uint32_t index, const struct hoga_latency *latency)
{
    const char *name = metric_rows[METRIC_LATENCY].name;
    uint64_t counts[BUCKETS_MAX], sum = 0;
    int n = hoga_latency_buckets(m->c->h, index, counts, BUCKETS_MAX);
    char edge[SECONDS_SIZE];

    for (int i = 0; i < n && i < (int)BUCKETS_MAX; i++) {
        uint64_t next_ns = hoga_latency_edge_ns((uint32_t)i) + 1;

        sum += counts[i];
        if (next_ns < EDGE_NS_MIN || next_ns > EDGE_NS_MAX || (next_ns & (next_ns - 1)))
            continue;
        labels(m, name, "_bucket", "venue", latency->venue, "stage", latency->name, "le",
               seconds_text(next_ns - 1, edge), NULL);
        count(m, sum);
    }
    labels(m, name, "_bucket", "venue", latency->venue, "stage", latency->name, "le", "+Inf", NULL);
    count(m, sum);
    labels(m, name, "_sum", "venue", latency->venue, "stage", latency->name, NULL);
    seconds(m, latency->sum_ns);
    labels(m, name, "_count", "venue", latency->venue, "stage", latency->name, NULL);
    count(m, sum);
}

static void print_latencies(const struct metrics *m)
{
    struct hoga_latency latency;

    family(m, METRIC_LATENCY);
    for (uint32_t index = 0; rows_next_latency(m->c, &index, &latency);)
        print_histogram(m, index - 1, &latency);
    family(m, METRIC_LATENCY_MAX);
    for (uint32_t index = 0; rows_next_latency(m->c, &index, &latency);) {
        labels(m, metric_rows[METRIC_LATENCY_MAX].name, "", "venue", latency.venue, "stage", latency.name, NULL);
        seconds(m, latency.max_ns);
    }
}

static void print_counters(const struct metrics *m)
{
    struct hoga_counter counter;

    for (uint32_t index = 0; rows_next_counter(m->c, &index, &counter);) {
        const char *sentence = hoga_counter_sentence(counter.name);
        bool is_bytes = strlen(counter.name) > 6 && strcmp(counter.name + strlen(counter.name) - 6, "_bytes") == 0;
        char name[NAME_SIZE];
        struct metric_row row = { name, "counter", is_bytes ? "bytes" : "", sentence };

        for (char *at = counter.name; *at; at++)
            *at = (char)(isascii((unsigned char)*at) && isalnum((unsigned char)*at) ? *at : '_');
        (void)snprintf(name, sizeof name, "hoga_%s" TOTAL, counter.name);
        if (!sentence[0])
            row.help = "a counter that this hoga does not know; its hogad is newer";
        head(m, &row);
        labels(m, name, "", NULL);
        count(m, counter.value);
    }
}

/* --- books ---------------------------------------------------------------------------------------------------------
 */

struct books {
    struct names names;
    struct hoga_book *books;
    bool *is_there;
};

static int books_load(const struct metrics *m, struct books *ret)
{
    int64_t now_boot_ns = text_now_boot_ns();
    int r = names_load(m->c, &ret->names);

    if (r < 0)
        return r;
    ret->books = calloc(ret->names.n + 1, sizeof *ret->books);
    ret->is_there = calloc(ret->names.n + 1, sizeof *ret->is_there);
    if (!ret->books || !ret->is_there)
        return -ENOMEM;
    for (size_t i = 0; i < ret->names.n; i++)
        ret->is_there[i] = view_read_book(m->c, ret->names.infos[i].id, now_boot_ns, &ret->books[i]) == 0;
    return 0;
}

static void books_done(struct books *b)
{
    names_done(&b->names);
    free(b->books);
    free(b->is_there);
}

/* Every state of every venue, also where it is 0: a rule that waits for what is not there never fires. */
static void print_books_by_state(const struct metrics *m, const struct books *b)
{
    family(m, METRIC_BOOKS);
    for (size_t first = 0; first < b->names.n; first++) {
        const char *venue = b->names.infos[first].venue;
        uint64_t counts[N_STATES] = { 0 };
        bool is_said = false;

        for (size_t i = 0; i < b->names.n; i++) {
            if (strcmp(b->names.infos[i].venue, venue) != 0)
                continue;
            is_said = is_said || i < first;
            if (b->is_there[i] && b->books[i].state < N_STATES)
                counts[b->books[i].state]++;
        }
        for (unsigned state = 0; !is_said && state < N_STATES; state++) {
            labels(m, metric_rows[METRIC_BOOKS].name, "", "venue", venue, "state", hoga_state_word(state), NULL);
            count(m, counts[state]);
        }
    }
}

static void print_book(const struct metrics *m, enum metric which, const struct hoga_info *info,
                       const struct hoga_book *book)
{
    int64_t age_ns = which == METRIC_BOOK_CHANGED ? book->changed_age_ns : book->heard_age_ns;
    bool is_age = which == METRIC_BOOK_CHANGED || which == METRIC_BOOK_HEARD;

    if (is_age && age_ns < 0)
        return;
    if (which == METRIC_BOOK_STATE)
        labels(m, metric_rows[which].name, "", "venue", info->venue, "symbol", info->symbol, "state",
               hoga_state_word(book->state), "reason", hoga_reason_word(book->reason), NULL);
    else
        labels(m, metric_rows[which].name, "", "venue", info->venue, "symbol", info->symbol, NULL);
    if (is_age)
        seconds(m, (uint64_t)age_ns);
    else
        count(m, which == METRIC_BOOK_UPDATES ? book->update : which == METRIC_BOOK_STATE || book->state == HOGA_LIVE);
}

/* Series for each book only where they were asked for by name, and not for more than the limit. */
static void print_books(const struct metrics *m, const struct books *b)
{
    uint64_t n_max = m->c->count ? m->c->count : METRICS_BOOKS_MAX, n = 0;

    for (int which = METRIC_BOOK_LIVE; which <= METRIC_BOOK_UPDATES; which++) {
        family(m, (enum metric)which);
        n = 0;
        for (size_t i = 0; i < b->names.n; i++) {
            if (!b->is_there[i] || !names_match_any(m->n_patterns, m->patterns, &b->names.infos[i]))
                continue;
            if (n++ < n_max)
                print_book(m, (enum metric)which, &b->names.infos[i], &b->books[i]);
        }
    }
    family(m, METRIC_BOOKS_LEFT_OUT);
    labels(m, metric_rows[METRIC_BOOKS_LEFT_OUT].name, "", NULL);
    count(m, n > n_max ? n - n_max : 0);
}

static int print_segment(const struct metrics *m)
{
    struct books books = { 0 };
    int r = books_load(m, &books);

    if (r == 0) {
        print_daemon(m);
        print_books_by_state(m, &books);
        print_connections(m);
        print_latencies(m);
        print_counters(m);
        if (m->n_patterns > 0)
            print_books(m, &books);
    }
    books_done(&books);
    return r;
}

int metrics_print(const struct metrics *m)
{
    if (m->c->h) {
        int r = print_segment(m);

        if (r < 0)
            return r;
    } else {
        family(m, METRIC_UP);
        labels(m, "hoga_up", "", NULL);
        count(m, 0);
    }
    if (!m->is_classic)
        fputs("# EOF\n", m->out);
    return 0;
}
