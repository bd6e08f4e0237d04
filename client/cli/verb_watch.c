/* SPDX-License-Identifier: MIT
 * hoga watch: a line whenever one of the books, or its verdict, differs from the line before. Sleeps in between. People
 * get a line when what the line shows is another; programs (--json) one for every publication they can keep up with. */
#include "doc.h"
#include "live.h"
#include "names.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS INT64_C(250000000) /* how often to look for books that came or went */

struct watch {
    int n_patterns;
    char **patterns;
    struct view *view;
    size_t n, room;
    struct hoga_info *infos; /* one a book, the same index in the arrays below, which hoga_wait_any wants apart */
    hoga_id *ids;
    uint64_t *updates;
    uint8_t *states;
    int16_t *reasons;          /* of the last look under this id; -1: none yet */
    struct hoga_book *printed; /* the last line of the same name, for people; publish_ns -1: none yet */
    size_t name_width;
    uint64_t n_lines;
};

static void watch_done(struct watch *w)
{
    w->view = view_free(w->view);
    free(w->infos);
    free(w->ids);
    free(w->updates);
    free(w->states);
    free(w->reasons);
    free(w->printed);
}

static int watch_room(struct watch *w, size_t n)
{
    size_t room = w->room ? w->room : 64;

    while (room < n)
        room *= 2;
    if (room == w->room)
        return 0;
    void *infos = reallocarray(w->infos, room, sizeof *w->infos);
    w->infos = infos ? infos : w->infos;
    void *ids = reallocarray(w->ids, room, sizeof *w->ids);
    w->ids = ids ? ids : w->ids;
    void *updates = reallocarray(w->updates, room, sizeof *w->updates);
    w->updates = updates ? updates : w->updates;
    void *states = reallocarray(w->states, room, sizeof *w->states);
    w->states = states ? states : w->states;
    void *reasons = reallocarray(w->reasons, room, sizeof *w->reasons);
    w->reasons = reasons ? reasons : w->reasons;
    void *printed = reallocarray(w->printed, room, sizeof *w->printed);
    w->printed = printed ? printed : w->printed;
    if (!infos || !ids || !updates || !states || !reasons || !printed)
        return -ENOMEM;
    w->room = room;
    return 0;
}

/* Returns 0 go on, 1 enough lines or nobody reads, -1 failed. */
static int line_end(const struct cli *c, struct watch *w)
{
    int r = cli_flush();

    return r ? r : ++w->n_lines == c->count;
}

static void print_best(const struct cli *c, const struct hoga_book *book)
{
    static const char *const empty = "-";
    char plain[HOGA_DECIMAL_SIZE], texts[4][TEXT_NUMBER_SIZE];
    const struct hoga_level *sides[] = { &book->bid, &book->ask };

    for (int i = 0; i < 2; i++) {
        (void)snprintf(texts[2 * i], TEXT_NUMBER_SIZE, "%s", empty);
        (void)snprintf(texts[2 * i + 1], TEXT_NUMBER_SIZE, "%s", empty);
        if (sides[i]->size == 0)
            continue;
        if (hoga_format(sides[i]->size, book->size_decimals, plain) > 0)
            text_number(plain, 0, texts[2 * i]);
        if (hoga_format_fixed(sides[i]->price, book->price_decimals, plain) > 0)
            text_number(plain, 0, texts[2 * i + 1]);
    }
    text_print_cell(texts[0], 12, true);
    printf(" %s", cli_paint(c, PAINT_BID));
    text_print_cell(texts[1], 11, true);
    printf("%s |%s ", cli_paint(c, PAINT_OFF), cli_paint(c, PAINT_ASK));
    text_print_cell(texts[3], 11, false);
    printf("%s %s", cli_paint(c, PAINT_OFF), texts[2]);
}

static bool is_same_level(const struct hoga_level *a, const struct hoga_level *b)
{
    return a->price == b->price && a->size == b->size;
}

/* All that print_line shows but the time. */
static bool is_same_line(const struct hoga_book *a, const struct hoga_book *b)
{
    return a->publish_ns >= 0 && is_same_level(&a->bid, &b->bid) && is_same_level(&a->ask, &b->ask) &&
           a->price_decimals == b->price_decimals && a->size_decimals == b->size_decimals && a->state == b->state &&
           a->reason == b->reason && a->source == b->source;
}

static int print_line(struct cli *c, struct watch *w, size_t index)
{
    const struct hoga_book *book = &w->view->book;
    const char *reason = hoga_reason_word(book->reason);
    char when[TEXT_TIME_SIZE];
    bool is_published = book->update != w->updates[index] && book->publish_ns;

    text_time_of_day(is_published ? book->publish_ns : text_now_wall_ns(), c->is_utc, when);
    printf("%s%s%s  ", cli_paint(c, PAINT_DIM), when, cli_paint(c, PAINT_OFF));
    text_print_cell(w->infos[index].name, w->name_width, false);
    printf("  %s", cli_paint(c, cli_paint_state(book->state)));
    text_print_cell(hoga_state_word(book->state), 7, false);
    printf("%s ", cli_paint(c, PAINT_OFF));
    print_best(c, book);
    if (reason[0])
        printf("  %s%s%s", cli_paint(c, cli_paint_state(book->state)), reason, cli_paint(c, PAINT_OFF));
    if (cli_is_pretend(book->source))
        printf("  %s%s%s", cli_paint(c, PAINT_PRETEND), hoga_source_word(book->source), cli_paint(c, PAINT_OFF));
    putchar('\n');
    return line_end(c, w);
}

static int print_json(struct cli *c, struct watch *w)
{
    cJSON *line = cJSON_CreateObject(), *book = doc_book(w->view);
    int r;

    doc_add_count(line, "schema", 1);
    while (book && book->child) { /* "schema" first, then the book's own fields, as one flat line */
        cJSON *item = cJSON_DetachItemViaPointer(book, book->child);

        (void)cJSON_AddItemToObject(line, item->string, item);
    }
    cJSON_Delete(book);
    r = doc_print(line);
    return r ? r : ++w->n_lines == c->count;
}

/* A book that is carried no longer says so once, in the words it would have had. */
static int print_gone(struct cli *c, struct watch *w, size_t index)
{
    const struct hoga_info *info = &w->infos[index];
    cJSON *line;
    int r;

    if (!c->is_json) {
        printf("%s: %s\n", info->name, _("no longer carried"));
        return line_end(c, w);
    }
    line = cJSON_CreateObject();
    doc_add_count(line, "schema", 1);
    (void)cJSON_AddStringToObject(line, "name", info->name);
    (void)cJSON_AddStringToObject(line, "venue", info->venue);
    (void)cJSON_AddStringToObject(line, "symbol", info->symbol);
    (void)cJSON_AddStringToObject(line, "state", "empty");
    (void)cJSON_AddStringToObject(line, "reason", "dropped");
    (void)cJSON_AddArrayToObject(line, "bids");
    (void)cJSON_AddArrayToObject(line, "asks");
    r = doc_print(line);
    return r ? r : ++w->n_lines == c->count;
}

/* One line for book `index` if it differs from its last line. */
static int show_change(struct cli *c, struct watch *w, size_t index, int64_t now_boot_ns)
{
    struct hoga_book top;
    uint32_t depth = c->depth ? c->depth : CLI_DEPTH_MAX;
    int r = view_read_book(c, w->ids[index], now_boot_ns, &top);

    if (r < 0)
        return 0; /* gone or too busy: the next look tells */
    if (top.reason == w->reasons[index] && top.update == w->updates[index] && top.state == w->states[index])
        return 0;
    if (view_read(c, w->ids[index], c->is_json ? depth : 1, NULL, w->view) < 0)
        return 0;
    if (c->is_json)
        r = print_json(c, w);
    else
        r = is_same_line(&w->printed[index], &w->view->book) ? 0 : print_line(c, w, index);
    w->printed[index] = w->view->book;
    w->reasons[index] = w->view->book.reason;
    w->updates[index] = w->view->book.update;
    w->states[index] = w->view->book.state;
    return r;
}

static size_t watch_find(const struct watch *w, const char *name, size_t n)
{
    size_t i = 0;

    while (i < n && strcmp(w->infos[i].name, name) != 0)
        i++;
    return i;
}

/* Takes in what matches now. A book that got a new id (hogad began a new file) goes on under it. */
static int look(struct cli *c, struct watch *w)
{
    struct names names;
    size_t n_kept = w->n;
    int r = names_load(c, &names);

    for (size_t i = 0; r == 0 && i < names.n; i++) {
        const struct hoga_info *info = &names.infos[i];
        size_t at;

        if (!names_match_any(w->n_patterns, w->patterns, info))
            continue;
        at = watch_find(w, info->name, n_kept);
        if (at < n_kept && w->ids[at] == info->id)
            continue;
        if (at == n_kept) {
            r = watch_room(w, w->n + 1);
            if (r < 0)
                break;
            at = w->n++;
            w->printed[at].publish_ns = -1;
        }
        w->infos[at] = *info;
        w->ids[at] = info->id;
        w->updates[at] = 0;
        w->states[at] = 0;
        w->reasons[at] = -1;
        if (text_width(info->name) > w->name_width)
            w->name_width = text_width(info->name);
    }
    if (r == 0)
        names_done(&names);
    return r;
}

static void drop(struct watch *w, size_t index)
{
    size_t last = --w->n;

    w->infos[index] = w->infos[last];
    w->ids[index] = w->ids[last];
    w->updates[index] = w->updates[last];
    w->states[index] = w->states[last];
    w->reasons[index] = w->reasons[last];
    w->printed[index] = w->printed[last];
}

/* After look(): what has the id of a slot that was given away is no longer carried. */
static int drop_gone(struct cli *c, struct watch *w)
{
    for (size_t i = 0; i < w->n;) {
        struct hoga_info info;
        int r;

        if (hoga_info(c->h, w->ids[i], &info) != -ESTALE) {
            i++;
            continue;
        }
        r = print_gone(c, w, i);
        drop(w, i);
        if (r)
            return r;
    }
    return 0;
}

/* Returns as print_line; -1 failed, reported. */
static int watch_turn(struct cli *c, struct watch *w, int64_t *io_look_boot_ns)
{
    int64_t now_boot_ns = text_now_boot_ns();
    int r = 0;

    if (now_boot_ns >= *io_look_boot_ns) {
        *io_look_boot_ns = now_boot_ns + LOOK_NS;
        if (look(c, w) < 0)
            return -cli_fail(NULL, _("no memory"), NULL);
        r = drop_gone(c, w);
    }
    for (size_t i = 0; i < w->n && r == 0; i++)
        r = show_change(c, w, i, now_boot_ns);
    if (r)
        return r;
    live_rest_begin();
    if (hoga_wait_any(c->h, w->ids, w->n, w->updates, w->states, LOOK_NS) == -ESTALE)
        *io_look_boot_ns = 0; /* at once, or the stale one would keep us from sleeping */
    live_rest_end();
    return 0;
}

/* A slip must not wait for ever in silence; a book that comes later is still welcome. */
static void warn_unlisted(struct cli *c, const struct watch *w)
{
    for (int i = 0; i < w->n_patterns; i++) {
        bool is_there = false;

        for (size_t j = 0; j < w->n && !is_there; j++)
            is_there = names_match(w->patterns[i], &w->infos[j]);
        if (!is_there)
            (void)names_fail(c, w->patterns[i], _(" yet, waiting for it"));
    }
}

int verb_watch(struct cli *c, int n_arguments, char **arguments)
{
    struct watch w = { .n_patterns = n_arguments, .patterns = arguments };
    int64_t look_boot_ns = 0;
    int code = cli_open(c), r;

    if (code != CLI_FINE)
        return code;
    live_begin(false);
    w.view = view_new();
    r = watch_room(&w, 1);
    if (r == 0)
        r = look(c, &w);
    if (r < 0) {
        code = cli_fail(NULL, _("no memory"), NULL);
    } else {
        warn_unlisted(c, &w);
        while (r == 0)
            r = watch_turn(c, &w, &look_boot_ns);
        code = r < 0 ? CLI_PROBLEM : CLI_FINE;
    }
    watch_done(&w);
    return code;
}
