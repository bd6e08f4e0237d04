/* SPDX-License-Identifier: MIT
 * hoga top: books, connections, latencies and counters on one screen, drawn anew every interval, at every key, and
 * within half a second when hogad stops. */
#include "top.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERVAL_NS     INT64_C(1000000000)
#define INTERVAL_NS_MIN INT64_C(100000000)
#define INTERVAL_NS_MAX INT64_C(60000000000)
#define LOOK_NS         INT64_C(250000000) /* how often the heartbeat is looked at between two drawings */

static const struct screen_key_help keys[] = {
    { "Up, Down", N_("move") },
    { "PgUp, PgDn", N_("move by a page; Home and End: to either end") },
    { "Tab", N_("next pane; Shift+Tab the one before") },
    { "s", N_("order: directory, name, state, rate, change") },
    { "r", N_("turn the order round") },
    { "v", N_("rows that are 0 too, or not") },
    { "d", N_("counters: totals, or a second") },
    { "/", N_("filter: part of a name, or a glob; Esc drops") },
    { "+, -", N_("draw more often, less often") },
    { "h", N_("this help") },
    { "q", N_("leave") },
};

const struct screen_key_help *const top_keys = keys;
const size_t top_n_keys = sizeof keys / sizeof keys[0];

/* 0.1, 0.2, 0.5, 1, 2, 5 ... seconds */
static int64_t interval_step(int64_t interval_ns, bool is_faster)
{
    static const int64_t steps_ms[] = { 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 30000, 60000 };
    int64_t best_ns = is_faster ? INTERVAL_NS_MIN : INTERVAL_NS_MAX;

    for (size_t i = 0; i < sizeof steps_ms / sizeof steps_ms[0]; i++) {
        int64_t step_ns = steps_ms[i] * 1000000;

        if (is_faster && step_ns < interval_ns)
            best_ns = step_ns;
        if (!is_faster && step_ns > interval_ns)
            return step_ns;
    }
    return best_ns;
}

static void move(struct top *t, long by)
{
    struct top_list *list = &t->lists[t->active];
    long place = (long)list->picked + by;

    if (place >= (long)list->n)
        place = (long)list->n - 1;
    list->picked = place < 0 ? 0 : (size_t)place;
}

/* The filter being typed. */
static void on_typed(struct top *t, int key)
{
    size_t n = strlen(t->typed);

    if (key == SCREEN_ENTER) {
        memcpy(t->filter, t->typed, sizeof t->filter);
        t->is_asking = false;
    } else if (key == SCREEN_ESCAPE) {
        t->filter[0] = '\0';
        t->is_asking = false;
    } else if (key == SCREEN_BACKSPACE) {
        while (n > 0 && ((unsigned char)t->typed[--n] & 0xc0) == 0x80)
            continue; /* the rest of a character of several bytes */
        t->typed[n] = '\0';
    } else if (key >= ' ' && key < 0x80 && n + 1 < sizeof t->typed) {
        t->typed[n] = (char)key;
        t->typed[n + 1] = '\0';
    } else if (key >= 0xa0 && key < 0x10000 && n + 3 < sizeof t->typed) { /* Hangul too: Korean names can be sought */
        size_t at = n;

        if (key >= 0x800)
            t->typed[at++] = (char)(0xe0 | key >> 12);
        t->typed[at++] = (char)(key >= 0x800 ? 0x80 | (key >> 6 & 0x3f) : 0xc0 | key >> 6);
        t->typed[at++] = (char)(0x80 | (key & 0x3f));
        t->typed[at] = '\0';
    }
}

static void on_move(struct top *t, int key)
{
    long page = t->lists[t->active].height > 1 ? t->lists[t->active].height - 1 : 1;

    switch (key) {
    case SCREEN_UP:
    case 'k':
        move(t, -1);
        break;
    case SCREEN_DOWN:
    case 'j':
        move(t, 1);
        break;
    case SCREEN_PAGE_UP:
        move(t, -page);
        break;
    case SCREEN_PAGE_DOWN:
    case ' ':
        move(t, page);
        break;
    case SCREEN_HOME:
    case 'g':
        move(t, -(long)t->lists[t->active].n);
        break;
    case SCREEN_LAST:
    case 'G':
        move(t, (long)t->lists[t->active].n);
        break;
    case SCREEN_TAB:
        t->active = (enum top_pane)((t->active + 1) % TOP_PANES);
        break;
    case SCREEN_BACK_TAB:
        t->active = (enum top_pane)((t->active + TOP_PANES - 1) % TOP_PANES);
        break;
    }
}

static void on_word(struct top *t, int key)
{
    switch (key) {
    case 's':
        t->sort = (enum top_sort)((t->sort + 1) % TOP_SORTS);
        break;
    case 'r':
        t->is_reversed = !t->is_reversed;
        break;
    case 'v':
        t->has_zeros = !t->has_zeros;
        break;
    case 'd':
        t->is_raw = !t->is_raw;
        break;
    case '/':
        t->is_asking = true;
        memcpy(t->typed, t->filter, sizeof t->typed);
        break;
    case '+':
    case '=':
        t->interval_ns = interval_step(t->interval_ns, true);
        break;
    case '-':
        t->interval_ns = interval_step(t->interval_ns, false);
        break;
    case 'h':
    case '?':
        t->has_help = true;
        break;
    default:
        on_move(t, key);
    }
}

/* Returns false to leave. */
static bool on_key(struct top *t, int key)
{
    if (key == SCREEN_END)
        return false;
    if (key == SCREEN_NONE || key == SCREEN_RESIZE || key == SCREEN_CHANGED)
        return true;
    if (t->is_asking) {
        on_typed(t, key);
        return true;
    }
    if (t->has_help) {
        t->has_help = false;
        return true;
    }
    if (key == 'q' || key == 'Q')
        return false;
    on_word(t, key);
    return true;
}

/* Waits for a key or the next drawing; a heartbeat that stops or comes back does not wait for it. */
static int wait(struct top *t, int64_t drawn_boot_ns)
{
    int64_t due_boot_ns = drawn_boot_ns + t->interval_ns;

    for (;;) {
        int64_t now_boot_ns = screen_now_boot_ns(), look_boot_ns = now_boot_ns + LOOK_NS;
        struct hoga_daemon daemon;
        int key = screen_read(look_boot_ns < due_boot_ns ? look_boot_ns : due_boot_ns, NULL, NULL);

        if (key != SCREEN_NONE || screen_now_boot_ns() >= due_boot_ns)
            return key;
        if (hoga_daemon(t->options->h, &daemon) == 0 && daemon.is_alive != t->data.daemon.is_alive)
            return SCREEN_CHANGED;
    }
}

static int run(struct top *t)
{
    int64_t read_boot_ns = 0, drawn_boot_ns;
    uint64_t n_drawn = 0;
    int key = SCREEN_CHANGED, r;

    do {
        drawn_boot_ns = screen_now_boot_ns();
        /* A key shows the same numbers in another way; rates over the time between two keys would only jump. */
        if (key == SCREEN_CHANGED || drawn_boot_ns - read_boot_ns >= t->interval_ns) {
            r = top_data_read(t->options->h, t->options, &t->data);
            if (r < 0)
                return r;
            read_boot_ns = drawn_boot_ns;
            n_drawn++;
        }
        r = top_arrange(t);
        if (r < 0)
            return r;
        top_draw(t);
        if (t->options->count && n_drawn >= t->options->count)
            return 0;
        key = wait(t, read_boot_ns);
    } while (on_key(t, key));
    return 0;
}

int tui_top(const struct tui_options *options, char ret_why[TUI_WHY_SIZE])
{
    struct top t = { .options = options,
                     .sort = TOP_SORT_STATE,
                     .interval_ns = options->interval_ns ? options->interval_ns : INTERVAL_NS };
    int r = screen_open(options->has_colour, ret_why);

    if (r < 0)
        return r;
    r = run(&t);
    screen_close();
    top_data_done(&t.data);
    for (int pane = 0; pane < TOP_PANES; pane++)
        free(t.lists[pane].rows);
    return r;
}
