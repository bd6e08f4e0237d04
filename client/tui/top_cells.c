/* SPDX-License-Identifier: MIT */
#include "top.h"

#include <stdio.h>
#include <string.h>

static enum screen_ink state_ink(unsigned state)
{
    switch (state) {
    case HOGA_LIVE:
        return INK_GOOD;
    case HOGA_EMPTY:
    case HOGA_SYNCING:
    case HOGA_STALE:
    case HOGA_LAGGING:
    case HOGA_HALTED:
        return INK_WAIT;
    }
    return INK_BAD;
}

bool top_is_pretend(unsigned source)
{
    const char *word = hoga_source_word(source);

    return strcmp(word, "exchange") != 0 && strcmp(word, "unknown") != 0;
}

/* --- cells ---------------------------------------------------------------------------------------------------------
 */

static void price_text(const struct hoga_level *best, unsigned decimals, char ret[TOP_CELL_SIZE])
{
    char plain[HOGA_DECIMAL_SIZE], number[TEXT_NUMBER_SIZE];

    if (best->size <= 0 || hoga_format_fixed(best->price, decimals, plain) <= 0)
        return;
    text_number(plain, 0, number);
    (void)snprintf(ret, TOP_CELL_SIZE, "%s", number);
}

/* "12.3", "1,234" */
static void rate_text(uint64_t tenths, char ret[TOP_CELL_SIZE])
{
    char number[TEXT_NUMBER_SIZE];

    text_count(tenths / 10, number);
    if (tenths < 1000)
        (void)snprintf(ret, TOP_CELL_SIZE, "%s.%d", number, (int)(tenths % 10));
    else
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", number);
}

static void age_text(int64_t age_ns, char ret[TOP_CELL_SIZE])
{
    char age[TEXT_AGE_SIZE];

    text_age(age_ns, age);
    (void)snprintf(ret, TOP_CELL_SIZE, "%s", age);
}

static void latency_text(uint64_t value_ns, bool is_known, char ret[TOP_CELL_SIZE])
{
    char text[TEXT_AGE_SIZE] = "-";

    if (is_known)
        text_latency(value_ns, text);
    (void)snprintf(ret, TOP_CELL_SIZE, "%s", text);
}

static enum screen_ink book_cell(const struct top_book *row, size_t column, char ret[TOP_CELL_SIZE])
{
    const struct hoga_book *book = &row->book;

    switch (column) {
    case 0:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", row->info.name);
        return top_is_pretend(book->source) ? INK_WAIT : INK_PLAIN;
    case 1:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", hoga_state_word(book->state));
        return state_ink(book->state);
    case 2:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", hoga_reason_word(book->reason));
        return INK_PLAIN;
    case 3:
        price_text(&book->bid, book->price_decimals, ret);
        return INK_BID;
    case 4:
        price_text(&book->ask, book->price_decimals, ret);
        return INK_ASK;
    case 5:
        rate_text(row->rate_tenths, ret);
        return INK_PLAIN;
    case 6:
        age_text(book->changed_age_ns, ret);
        return INK_DIM;
    case 7:
        age_text(book->heard_age_ns, ret);
        return INK_DIM;
    }
    (void)snprintf(ret, TOP_CELL_SIZE, "%s", row->korean);
    return INK_DIM;
}

static enum screen_ink connection_cell(const struct top *t, size_t i, size_t column, char ret[TOP_CELL_SIZE])
{
    const struct hoga_connection *row = &t->data.connections[i];
    char since[TEXT_TIME_SIZE];

    switch (column) {
    case 0:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s/%u", row->venue, t->data.connection_indices[i]);
        return INK_PLAIN;
    case 1:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", hoga_state_word(row->state));
        return state_ink(row->state);
    case 2:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", hoga_reason_word(row->reason));
        return INK_PLAIN;
    case 3:
        (void)snprintf(ret, TOP_CELL_SIZE, "%u", row->n_books);
        return INK_PLAIN;
    case 4:
        age_text(row->heard_age_ns, ret);
        return INK_DIM;
    case 5:
        latency_text((uint64_t)row->round_trip_ns, row->round_trip_ns > 0, ret);
        return INK_PLAIN;
    case 6:
        (void)snprintf(ret, TOP_CELL_SIZE, "%llu", (unsigned long long)(row->n_connects ? row->n_connects - 1 : 0));
        return INK_PLAIN;
    case 7:
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", hoga_source_word(row->source));
        return top_is_pretend(row->source) ? INK_WAIT : INK_PLAIN;
    }
    text_time(row->since_ns, t->options->is_utc, since);
    (void)snprintf(ret, TOP_CELL_SIZE, "%.19s", since);
    return INK_DIM;
}

static enum screen_ink latency_cell(const struct hoga_latency *row, size_t column, char ret[TOP_CELL_SIZE])
{
    const uint64_t values_ns[] = { row->p50_ns, row->p90_ns, row->p99_ns, row->max_ns };
    char number[TEXT_NUMBER_SIZE];

    if (column < 2) {
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", column == 0 ? row->venue : row->name);
    } else if (column < 6) {
        latency_text(values_ns[column - 2], row->count > 0, ret);
    } else {
        text_count(row->count, number);
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", number);
    }
    return INK_PLAIN;
}

static enum screen_ink counter_cell(const struct top *t, const struct top_counter *row, size_t column,
                                    char ret[TOP_CELL_SIZE])
{
    const char *sentence = hoga_counter_sentence(row->counter.name);
    char number[TEXT_NUMBER_SIZE];

    if (column == 0) {
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", row->counter.name);
    } else if (column == 1 && t->is_raw) {
        text_count(row->counter.value, number);
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", number);
    } else if (column == 1) {
        rate_text(row->rate_tenths, ret);
        (void)strncat(ret, "/s", TOP_CELL_SIZE - strlen(ret) - 1);
    } else {
        (void)snprintf(ret, TOP_CELL_SIZE, "%s", sentence[0] ? _(sentence) : row->counter.unit);
        return INK_DIM;
    }
    return INK_PLAIN;
}

enum screen_ink top_cell(const struct top *t, enum top_pane pane, size_t row, size_t column, char ret[TOP_CELL_SIZE])
{
    ret[0] = '\0';
    switch (pane) {
    case TOP_BOOKS:
        return book_cell(&t->data.books[row], column, ret);
    case TOP_CONNECTIONS:
        return connection_cell(t, row, column, ret);
    case TOP_LATENCIES:
        return latency_cell(&t->data.latencies[row], column, ret);
    case TOP_COUNTERS:
        return counter_cell(t, &t->data.counters[row], column, ret);
    case TOP_PANES:
        break;
    }
    return INK_PLAIN;
}
