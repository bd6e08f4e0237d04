/* SPDX-License-Identifier: MIT
 * top.h - what the parts of `hoga top` share: what was read (top_data.c), how it is shown (top_draw.c), what the keys
 * change (top.c). One thread. */
#ifndef HOGA_TUI_TOP_H
#define HOGA_TUI_TOP_H

#include "../cli/text.h"
#include "screen.h"
#include "tui.h"

#include <hoga/hoga.h>

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text

#define TOP_CONNECTIONS_MAX 256
#define TOP_COUNTERS_MAX    256
#define TOP_LATENCIES_MAX   256
#define TOP_CELL_SIZE       256
#define TOP_FILTER_SIZE     48
#define TOP_COLUMNS_MAX     10

enum top_pane { TOP_BOOKS, TOP_CONNECTIONS, TOP_LATENCIES, TOP_COUNTERS, TOP_PANES };

enum top_sort { TOP_SORT_DIRECTORY, TOP_SORT_NAME, TOP_SORT_STATE, TOP_SORT_RATE, TOP_SORT_CHANGED, TOP_SORTS };

struct top_book {
    struct hoga_info info;
    struct hoga_book book;
    char korean[64];      /* as the venue lists it, may be empty */
    uint64_t rate_tenths; /* updates in ten seconds, over the last interval */
};

struct top_counter {
    struct hoga_counter counter;
    uint64_t rate_tenths;
};

struct top_data {
    struct hoga_daemon daemon;
    struct top_book *books; /* in directory order; heap */
    size_t n_books;
    uint64_t n_live;
    uint64_t catalogue_version;
    struct hoga_connection connections[TOP_CONNECTIONS_MAX];
    uint16_t connection_indices[TOP_CONNECTIONS_MAX];
    size_t n_connections;
    struct hoga_latency latencies[TOP_LATENCIES_MAX];
    size_t n_latencies;
    struct top_counter counters[TOP_COUNTERS_MAX];
    size_t n_counters;
    int64_t read_boot_ns; /* 0: never */
};

struct top_list { /* a pane: which of its rows are shown, and where the eye is */
    uint32_t *rows;
    size_t n, room;
    size_t picked, first;
    int height; /* rows that the last drawing had for it */
};

struct top {
    const struct tui_options *options;
    struct top_data data;
    struct top_list lists[TOP_PANES];
    enum top_pane active;
    enum top_sort sort;
    bool is_reversed;
    bool has_zeros; /* counters and latencies that are 0 too */
    bool is_raw;    /* totals in place of rates */
    bool has_help;
    bool is_asking; /* the filter is being typed */
    char filter[TOP_FILTER_SIZE], typed[TOP_FILTER_SIZE];
    int64_t interval_ns;
};

/* Everything anew. Returns: 0, -ENOMEM. */
int top_data_read(struct hoga *h, const struct tui_options *options, struct top_data *io);
void top_data_done(struct top_data *data);
/* Which rows are shown, in which order. Returns: 0, -ENOMEM. */
int top_arrange(struct top *t);
const char *top_sort_word(enum top_sort sort);

/* The text of one cell and its ink. */
enum screen_ink top_cell(const struct top *t, enum top_pane pane, size_t row, size_t column, char ret[TOP_CELL_SIZE]);
bool top_is_pretend(unsigned source);

void top_draw(struct top *t);
extern const struct screen_key_help *const top_keys;
extern const size_t top_n_keys;

#endif
